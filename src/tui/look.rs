//! The look of the screen: its symbols, its colours and what they mean.
//!
//! Roles that matter differ in text attributes, too: the screen is readable
//! without colours.

use super::glyphs::Glyphs;
use crate::text::{clean, steers};
use Color::{
    Black, Blue, Cyan, Gray, Green, LightBlue, LightCyan, LightGreen,
    LightMagenta, LightRed, LightYellow, Magenta, Red, White, Yellow,
};
use Role::{
    Asleep, Bad, Badge, Comment, Dim, Echoed, Focus, Here, Key, Keyword, Quote,
    Read, Ready, Selected, Spinning, Title, Working, Written,
};
use anstyle::RgbColor;
use anstyle_lossy::rgb_to_xterm;
use clap::ValueEnum;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use std::borrow::Cow;
use strum::Display;

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// No colours, only attributes such as bold (`NO_COLOR`).
    None,
    /// The sixteen ANSI colours.
    Sixteen,
    /// The fixed colours of the 256: all but the first sixteen.
    Indexed,
    /// 24-bit colours.
    True,
}

/// A set of colours for all roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Display, ValueEnum)]
#[strum(serialize_all = "lowercase")]
pub enum Theme {
    /// Light or dark, as the terminal's background.
    #[default]
    Auto,
    /// Light text on a dark background.
    Dark,
    /// Dark text on a light background, for a bright room.
    Light,
    /// Pure colours on black, for a weak projector.
    #[strum(serialize = "high contrast")]
    #[value(alias = "high-contrast")]
    Contrast,
    /// Colours that colour-blind people can tell apart (after Okabe and Ito).
    #[strum(serialize = "colour-blind safe")]
    #[value(alias = "color-blind")]
    ColourBlind,
}

/// The meaning of a piece of text, which determines its style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    #[default]
    Text,
    /// Less important text.
    Dim,
    /// A pane's title and its rule.
    Title,
    /// The title of the pane that has the focus.
    Focus,
    /// The line that a thread is in.
    Here,
    /// A key, in the footer and the help.
    Key,
    /// A state that must not be overlooked: paused, frozen.
    Badge,
    /// The selected row.
    Selected,
    /// A keyword of the source.
    Keyword,
    /// A comment of the source.
    Comment,
    /// A string of the source.
    Quote,
    /// A thread asleep in a call, or a paused task.
    Asleep,
    /// Useful work.
    Working,
    /// Calls that would have blocked.
    Spinning,
    /// A socket that is ready.
    Ready,
    /// Bytes that were read.
    Read,
    /// Bytes that were written.
    Written,
    /// Bytes that were read and written: an echo.
    Echoed,
    /// An error, a loss, or a limit that was reached.
    Bad,
}

/// A colour in each theme, in the order of [`Theme::ALL`]: 24-bit, and ANSI.
/// Bright black is none of them: some terminals show it as the background.
type ThemeColours = ([u32; 4], [Color; 4]);

const GROUND: ThemeColours = (
    [0x12_151C, 0xFC_FCFA, 0x00_0000, 0x10_1216],
    [Black, White, Black, Black],
);

/// The background of the line that a thread is in.
const HERE: ThemeColours =
    ([0x1F_2C44, 0xD6_E4FA, 0x00_1C60, 0x0E_2F4C], [Black, White, Blue, Black]);

impl Role {
    #[rustfmt::skip]
    const fn tone(self) -> ThemeColours {
        match self {
            Self::Text | Here | Selected => (
                [0xE2_E6EE, 0x1C_2128, 0xFF_FFFF, 0xEC_ECEC],
                [Gray, Black, White, Gray]),
            Dim | Title => ([0x8A_93A5, 0x50_5864, 0xC8_C8C8, 0x98_9DA6],
                [Gray, Black, Gray, Gray]),
            Focus | Key => ([0x6C_C7FF, 0x00_5FB8, 0x00_FFFF, 0x56_B4E9],
                [LightCyan, Blue, LightCyan, LightCyan]),
            Keyword => ([0xC7_9BF2, 0x7A_2FB5, 0xFF_A0FF, 0xCC_79A7],
                [LightMagenta, Magenta, LightMagenta, LightMagenta]),
            Comment => ([0x8F_B98A, 0x3A_7033, 0x90_FF90, 0xA8_B4C0],
                [Green, Green, LightGreen, Gray]),
            Quote => ([0xE0_B878, 0x8A_5200, 0xFF_FF00, 0xE6_9F00],
                [Yellow, Red, LightYellow, Yellow]),
            Asleep => ([0x7D_9BFF, 0x29_4FD0, 0x90_B0FF, 0x56_B4E9],
                [LightBlue, Blue, LightBlue, LightBlue]),
            Working | Echoed => ([0x6F_D98A, 0x1B_7A35, 0x00_FF40, 0x00_C08A],
                [LightGreen, Green, LightGreen, LightCyan]),
            Spinning => ([0xFF_9E4A, 0xA0_4000, 0xFF_A500, 0xE6_9F00],
                [Yellow, Magenta, LightYellow, Yellow]),
            Ready | Badge => ([0xF7_E463, 0x85_6A00, 0xFF_FF00, 0xF0_E442],
                [LightYellow, Magenta, LightYellow, LightYellow]),
            Read => ([0x57_D3E0, 0x00_6E80, 0x00_FFFF, 0x56_B4E9],
                [Cyan, Cyan, LightCyan, LightCyan]),
            Written => ([0xE9_8BD0, 0xA0_1F80, 0xFF_80FF, 0xCC_79A7],
                [LightMagenta, Magenta, LightMagenta, LightMagenta]),
            Bad => ([0xFF_6B6B, 0xC0_1818, 0xFF_5050, 0xFF_7F2A],
                [LightRed, Red, LightRed, LightRed]),
        }
    }

    /// The text attributes; without colours, more roles have some.
    fn modifier(self, depth: Depth) -> Modifier {
        let bold = Modifier::BOLD;
        let is_plain = depth == Depth::None;
        match self {
            Badge | Selected => bold | Modifier::REVERSED,
            Focus if is_plain => bold | Modifier::UNDERLINED,
            Spinning | Bad if is_plain => Modifier::REVERSED,
            Dim | Comment if is_plain => Modifier::DIM,
            Dim | Title if depth == Depth::Sixteen => Modifier::DIM,
            Here | Focus | Key | Bad | Ready | Working => bold,
            _ => Modifier::empty(),
        }
    }
}

impl Theme {
    /// All sets of colours, in the order in which a key goes through them.
    pub const ALL: [Self; 4] =
        [Self::Dark, Self::Light, Self::Contrast, Self::ColourBlind];

    /// Its index in [`ALL`](Self::ALL). Without an answer of the terminal
    /// `Auto` is dark.
    const fn index(self) -> usize {
        match self {
            Self::Auto | Self::Dark => 0,
            Self::Light => 1,
            Self::Contrast => 2,
            Self::ColourBlind => 3,
        }
    }

    /// The theme after this one; after the last, the first.
    pub const fn next(self) -> Self {
        Self::ALL[(self.index() + 1) % Self::ALL.len()]
    }
}

/// Parts of the names of terminals that have 24-bit colours, although they name
/// no number of colours, and ssh(1) hands their names on.
const TRUE_COLOUR: [&str; 6] =
    ["alacritty", "-direct", "foot", "ghostty", "kitty", "wezterm"];

impl Depth {
    /// How many colours the terminal has, by what `set` says of `COLORTERM`,
    /// which ssh(1) does not hand on, of `TERM`, and of `WT_SESSION`, which
    /// the terminal of Windows sets.
    pub fn of_terminal(set: impl Fn(&str) -> Option<String>) -> Self {
        let term = set("TERM").unwrap_or_default();
        let is_rich = |it: String| it == "truecolor" || it == "24bit";
        if term == "dumb" {
            Self::None
        } else if set("COLORTERM").is_some_and(is_rich)
            || set("WT_SESSION").is_some()
            || TRUE_COLOUR.iter().any(|it| term.contains(it))
        {
            Self::True
        } else if term.contains("256") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }
}

/// The colours and symbols of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub theme: Theme,
    pub depth: Depth,
    pub glyphs: &'static Glyphs,
}

impl Look {
    /// Whether the terminal has to be asked for its background.
    pub(super) fn asks(&self) -> bool {
        self.theme == Theme::Auto && self.depth != Depth::None
    }

    fn colour(&self, tone: ThemeColours) -> Option<Color> {
        let theme = self.theme.index();
        let [_, red, green, blue] = tone.0[theme].to_be_bytes();
        match self.depth {
            Depth::None => None,
            Depth::Sixteen => Some(tone.1[theme]),
            Depth::Indexed => {
                let nearest = rgb_to_xterm(RgbColor(red, green, blue));
                Some(Color::Indexed(nearest.0))
            }
            Depth::True => Some(Color::Rgb(red, green, blue)),
        }
    }

    /// The default style: the theme's text colour on its background.
    pub fn ground(&self) -> Style {
        let (fg, bg) = (self.colour(Role::Text.tone()), self.colour(GROUND));
        Style { fg, bg, ..Style::new() }
    }

    /// The style of a role.
    pub fn style(&self, role: Role) -> Style {
        let ground = (role == Role::Here).then_some(HERE);
        let bg = ground.and_then(|it| self.colour(it));
        let style = Style { fg: self.colour(role.tone()), bg, ..Style::new() };
        let modifier = role.modifier(self.depth);
        // A title stands on its rule, which may be dim.
        let not_dim = Modifier::DIM - modifier;
        style.add_modifier(modifier).remove_modifier(not_dim)
    }

    /// The style of an area that is filled with the colour of a role.
    pub(super) fn filled(&self, role: Role) -> Style {
        let style = self.style(role);
        let is_plain = self.depth == Depth::None || role == Role::Badge;
        let style = if is_plain { style } else { style.reversed() };
        style.add_modifier(Modifier::BOLD)
    }

    /// A span in the style of a role. All text of the screen becomes a span
    /// here, so it is escaped here. Text that is cut or wrapped must be escaped
    /// before, because that changes its width.
    pub(super) fn say<'t>(
        &self,
        role: Role,
        text: impl Into<Cow<'t, str>>,
    ) -> Span<'t> {
        let text = text.into();
        let text =
            if text.contains(steers) { clean(&text).into() } else { text };
        Span::styled(text, self.style(role))
    }

    /// A line in the style of a role.
    pub(super) fn line<'t>(
        &self,
        role: Role,
        text: impl Into<Cow<'t, str>>,
    ) -> Line<'t> {
        self.say(role, text).into()
    }
}
