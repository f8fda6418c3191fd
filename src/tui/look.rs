//! How the screen looks: theme, colours, marks.

use super::glyphs::Glyphs;
use super::theme::{Depth, Role, Theme};
use ratatui::style::Style;
use ratatui::text::Span;
use std::borrow::Cow;

/// How the screen looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The choice of colours.
    pub theme: Theme,
    /// How many there are.
    pub depth: Depth,
    /// The marks.
    pub glyphs: &'static Glyphs,
}

impl Look {
    /// What suits a terminal, from its environment: `NO_COLOR`, `COLORTERM`,
    /// `TERM` and the locale, looked up by `var`.
    #[must_use]
    pub fn suited(var: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| var(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let rich = set("COLORTERM")
            .is_some_and(|it| it == "truecolor" || it == "24bit");
        let depth = match (set("NO_COLOR"), term.as_str()) {
            (Some(_), _) | (_, "dumb") => Depth::None,
            _ if rich || term.ends_with("-direct") => Depth::True,
            _ => Depth::Sixteen,
        };
        let locale =
            set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let glyphs = match locale.map(|it| it.to_ascii_lowercase()) {
            _ if term == "linux" => &Glyphs::ASCII,
            Some(it) if it.contains("utf-8") || it.contains("utf8") => {
                &Glyphs::UNICODE
            }
            _ if cfg!(windows) => &Glyphs::UNICODE,
            _ => &Glyphs::ASCII,
        };
        Self { theme: Theme::Dark, depth, glyphs }
    }

    /// How the role looks.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role, self.depth)
    }

    /// Text in a role.
    pub(super) fn say<'t>(
        &self,
        role: Role,
        text: impl Into<Cow<'t, str>>,
    ) -> Span<'t> {
        Span::styled(text, self.style(role))
    }
}
