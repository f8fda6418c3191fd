//! Colours: what each stands for, in each theme.
//!
//! Every role also has attributes, which remain without colours: the screen
//! is readable by them alone.

use ratatui::style::{Color, Modifier, Style};

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None: attributes alone (`NO_COLOR`).
    None,
    /// The sixteen that every terminal has.
    Sixteen,
    /// All.
    True,
}

/// A choice of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Light text on a dark ground.
    Dark,
    /// Dark text on a light ground, for a bright room.
    Light,
    /// Pure colours on black, for a weak projector.
    HighContrast,
    /// Colours that differ for everybody (after Okabe and Ito).
    ColourBlind,
}

/// What a colour stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// What may be overlooked.
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
    /// A thread asleep.
    Asleep,
    /// Useful work.
    Working,
    /// Calls that would have blocked.
    Spinning,
    /// A socket that is ready.
    Ready,
    /// Bytes that came in.
    Read,
    /// Bytes that went out.
    Written,
    /// Bytes that came in and went out.
    Echoed,
    /// What went wrong, was lost, or is at its limit.
    Bad,
}

/// One colour, exact and as one of sixteen.
struct ThemeColour(u32, Color);

/// The colours of a theme.
struct Tones {
    ground: ThemeColour,
    text: ThemeColour,
    dim: ThemeColour,
    here: ThemeColour,
    accent: ThemeColour,
    keyword: ThemeColour,
    comment: ThemeColour,
    quote: ThemeColour,
    asleep: ThemeColour,
    working: ThemeColour,
    spinning: ThemeColour,
    ready: ThemeColour,
    read: ThemeColour,
    written: ThemeColour,
    bad: ThemeColour,
}

const DARK: Tones = Tones {
    ground: ThemeColour(0x12_151C, Color::Black),
    text: ThemeColour(0xE2_E6EE, Color::Gray),
    dim: ThemeColour(0x8A_93A5, Color::DarkGray),
    here: ThemeColour(0x1F_2C44, Color::Black),
    accent: ThemeColour(0x6C_C7FF, Color::LightCyan),
    keyword: ThemeColour(0xC7_9BF2, Color::LightMagenta),
    comment: ThemeColour(0x8F_B98A, Color::Green),
    quote: ThemeColour(0xE0_B878, Color::Yellow),
    asleep: ThemeColour(0x7D_9BFF, Color::LightBlue),
    working: ThemeColour(0x6F_D98A, Color::LightGreen),
    spinning: ThemeColour(0xFF_9E4A, Color::Yellow),
    ready: ThemeColour(0xF7_E463, Color::LightYellow),
    read: ThemeColour(0x57_D3E0, Color::Cyan),
    written: ThemeColour(0xE9_8BD0, Color::LightMagenta),
    bad: ThemeColour(0xFF_6B6B, Color::LightRed),
};

const LIGHT: Tones = Tones {
    ground: ThemeColour(0xFC_FCFA, Color::White),
    text: ThemeColour(0x1C_2128, Color::Black),
    dim: ThemeColour(0x50_5864, Color::DarkGray),
    here: ThemeColour(0xD6_E4FA, Color::White),
    accent: ThemeColour(0x00_5FB8, Color::Blue),
    keyword: ThemeColour(0x7A_2FB5, Color::Magenta),
    comment: ThemeColour(0x3A_7033, Color::Green),
    quote: ThemeColour(0x8A_5200, Color::Red),
    asleep: ThemeColour(0x29_4FD0, Color::Blue),
    working: ThemeColour(0x1B_7A35, Color::Green),
    spinning: ThemeColour(0xA0_4000, Color::Red),
    ready: ThemeColour(0x85_6A00, Color::Magenta),
    read: ThemeColour(0x00_6E80, Color::Cyan),
    written: ThemeColour(0xA0_1F80, Color::Magenta),
    bad: ThemeColour(0xC0_1818, Color::Red),
};

const HIGH_CONTRAST: Tones = Tones {
    ground: ThemeColour(0x00_0000, Color::Black),
    text: ThemeColour(0xFF_FFFF, Color::White),
    dim: ThemeColour(0xC8_C8C8, Color::Gray),
    here: ThemeColour(0x00_1C60, Color::Blue),
    accent: ThemeColour(0x00_FFFF, Color::LightCyan),
    keyword: ThemeColour(0xFF_A0FF, Color::LightMagenta),
    comment: ThemeColour(0x90_FF90, Color::LightGreen),
    quote: ThemeColour(0xFF_FF00, Color::LightYellow),
    asleep: ThemeColour(0x90_B0FF, Color::LightBlue),
    working: ThemeColour(0x00_FF40, Color::LightGreen),
    spinning: ThemeColour(0xFF_A500, Color::LightYellow),
    ready: ThemeColour(0xFF_FF00, Color::LightYellow),
    read: ThemeColour(0x00_FFFF, Color::LightCyan),
    written: ThemeColour(0xFF_80FF, Color::LightMagenta),
    bad: ThemeColour(0xFF_5050, Color::LightRed),
};

const COLOUR_BLIND: Tones = Tones {
    ground: ThemeColour(0x10_1216, Color::Black),
    text: ThemeColour(0xEC_ECEC, Color::Gray),
    dim: ThemeColour(0x98_9DA6, Color::DarkGray),
    here: ThemeColour(0x0E_2F4C, Color::Black),
    accent: ThemeColour(0x56_B4E9, Color::LightCyan),
    keyword: ThemeColour(0xCC_79A7, Color::LightMagenta),
    comment: ThemeColour(0xA8_B4C0, Color::Gray),
    quote: ThemeColour(0xE6_9F00, Color::Yellow),
    asleep: ThemeColour(0x56_B4E9, Color::LightBlue),
    working: ThemeColour(0x00_C08A, Color::LightCyan),
    spinning: ThemeColour(0xE6_9F00, Color::Yellow),
    ready: ThemeColour(0xF0_E442, Color::LightYellow),
    read: ThemeColour(0x56_B4E9, Color::LightCyan),
    written: ThemeColour(0xCC_79A7, Color::LightMagenta),
    bad: ThemeColour(0xFF_7F2A, Color::LightRed),
};

impl Theme {
    /// Every theme, in the order in which one key goes through them.
    pub const ALL: [Self; 4] =
        [Self::Dark, Self::Light, Self::HighContrast, Self::ColourBlind];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high contrast",
            Self::ColourBlind => "colour-blind safe",
        }
    }

    /// The next one.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::HighContrast,
            Self::HighContrast => Self::ColourBlind,
            Self::ColourBlind => Self::Dark,
        }
    }

    const fn tones(self) -> &'static Tones {
        match self {
            Self::Dark => &DARK,
            Self::Light => &LIGHT,
            Self::HighContrast => &HIGH_CONTRAST,
            Self::ColourBlind => &COLOUR_BLIND,
        }
    }

    /// What everything stands on.
    #[must_use]
    pub fn ground(self, depth: Depth) -> Style {
        let tones = self.tones();
        painted(Style::new(), depth, &tones.text, Some(&tones.ground))
    }

    /// How the role looks.
    #[must_use]
    pub fn style(self, role: Role, depth: Depth) -> Style {
        let tones = self.tones();
        let ground = (role == Role::Here).then_some(&tones.here);
        let style = Style::new().add_modifier(role.modifier(depth));
        painted(style, depth, role.tone(tones), ground)
    }
}

impl Role {
    const fn tone(self, tones: &'static Tones) -> &'static ThemeColour {
        match self {
            Self::Text | Self::Here | Self::Selected => &tones.text,
            Self::Dim | Self::Title => &tones.dim,
            Self::Focus | Self::Key => &tones.accent,
            Self::Keyword => &tones.keyword,
            Self::Comment => &tones.comment,
            Self::Quote => &tones.quote,
            Self::Asleep => &tones.asleep,
            Self::Working | Self::Echoed => &tones.working,
            Self::Spinning => &tones.spinning,
            Self::Ready | Self::Badge => &tones.ready,
            Self::Read => &tones.read,
            Self::Written => &tones.written,
            Self::Bad => &tones.bad,
        }
    }

    /// What remains without colours.
    const fn modifier(self, depth: Depth) -> Modifier {
        let colours = !matches!(depth, Depth::None);
        match self {
            Self::Badge | Self::Selected => {
                Modifier::REVERSED.union(Modifier::BOLD)
            }
            Self::Focus if !colours => {
                Modifier::BOLD.union(Modifier::UNDERLINED)
            }
            Self::Here if !colours => Modifier::BOLD,
            Self::Spinning | Self::Bad if !colours => Modifier::REVERSED,
            Self::Dim | Self::Comment if !colours => Modifier::DIM,
            Self::Focus
            | Self::Here
            | Self::Key
            | Self::Bad
            | Self::Ready
            | Self::Working => Modifier::BOLD,
            _ => Modifier::empty(),
        }
    }
}

fn painted(
    style: Style,
    depth: Depth,
    tone: &ThemeColour,
    ground: Option<&ThemeColour>,
) -> Style {
    let colour = |tone: &ThemeColour| match depth {
        Depth::True => Color::from_u32(tone.0),
        _ => tone.1,
    };
    match depth {
        Depth::None => style,
        _ => match ground {
            Some(ground) => style.fg(colour(tone)).bg(colour(ground)),
            None => style.fg(colour(tone)),
        },
    }
}
