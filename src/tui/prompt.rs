//! A line that is being typed.

use tui_input::{Input, InputRequest};

/// The longest line that can be typed, in characters.
const LONGEST: usize = 1_024;

/// A line that is being typed.
#[derive(Clone, Debug)]
pub struct Prompt {
    input: Input,
    /// What it is for.
    pub purpose: Purpose,
}

/// What a line that is being typed is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A client driven by hand will say it.
    Say {
        /// Which one; `None` for one of each run.
        client: Option<u32>,
        /// Whether the end of the line is sent, too.
        newline: bool,
    },
    /// A place in a recorded run.
    GoTo,
    /// A text to look for in a recorded run.
    Search,
}

impl Purpose {
    /// What stands before it.
    pub(super) fn label(self) -> String {
        match self {
            Self::Say { client, newline } => {
                let says = if newline { "says" } else { "says, no end" };
                match client {
                    Some(client) => format!(" by hand {} {says}: ", client),
                    None => format!(" the client of each mode {says}: "),
                }
            }
            Self::GoTo => " go to: ".into(),
            Self::Search => " search for: ".into(),
        }
    }

    /// What can be typed, while nothing is.
    pub(super) const fn hint(self) -> &'static str {
        match self {
            Self::Say { .. } => "",
            Self::GoTo => "1.25s, 250ms, 50% or event 1234",
            Self::Search => "a text of the log's lines, such as reset",
        }
    }

    /// What the enter key does with it.
    pub(super) const fn verb(self) -> &'static str {
        match self {
            Self::Say { .. } => "send",
            Self::GoTo => "go",
            Self::Search => "search",
        }
    }
}

impl Prompt {
    /// An empty line.
    #[must_use]
    pub fn new(purpose: Purpose) -> Self {
        Self { input: Input::default(), purpose }
    }

    /// What has been typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// The place of the cursor, in characters.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.input.cursor()
    }

    /// Edits it; a full line takes no more.
    pub fn edit(&mut self, request: InputRequest) {
        let inserts = matches!(request, InputRequest::InsertChar(_));
        if !inserts || self.text().chars().count() < LONGEST {
            self.input.handle(request);
        }
    }
}
