//! What `sockscope help TOPIC` prints: one Markdown file a topic.
//!
//! The same files are the documentation of the modules below, so that a
//! browser shows them too, and README refers to them. They hold headings,
//! paragraphs, lists, tables and blocks of code: what
//! `report::Document::from_markdown` can show on a terminal.

/// A text of the guide.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// What follows `sockscope help`.
    pub name: &'static str,
    /// The Markdown.
    pub text: &'static str,
}

impl Topic {
    /// The topic of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TOPICS.iter().find(|it| it.name == name)
    }

    /// The heading of the whole text.
    pub fn title(&self) -> &'static str {
        let heading = self.text.lines().next().unwrap_or_default();
        heading.trim_start_matches(['#', ' '])
    }
}

macro_rules! topics {
    ($($name:ident)*) => {
        $(
            #[doc = include_str!(concat!(stringify!($name), ".md"))]
            pub mod $name {}
        )*

        /// All topics, in the order in which `sockscope help` lists them.
        pub const TOPICS: &[Topic] = &[$(Topic {
            name: stringify!($name),
            text: include_str!(concat!(stringify!($name), ".md")),
        }),*];
    };
}

topics! {
    screen compare figures recordings bench server stopping lessons systems
    settings glossary contributing changelog
}
