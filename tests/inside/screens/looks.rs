//! Every theme, and terminals with few colours or none.

use super::stage::Stage;
use insta::assert_snapshot;
use ratatui::style::Color;
use sockscope::modes::Mode;
use sockscope::tui::{Depth, Dialog, Glyphs, ScreenSettings, Theme};

fn stage() -> Stage {
    Stage::of(Mode::Nonblocking, 80, 24).pause()
}

#[test]
fn every_theme_and_every_number_of_colours() {
    let mut single = stage();
    for theme in &Theme::ALL {
        assert_eq!(single.screen.look.theme, *theme);
        let name = theme.to_string().replace(' ', "-");
        assert_snapshot!(format!("styles-{name}"), single.styles());
        single.typed("t");
    }
    assert_eq!(single.screen.look.theme, Theme::Dark);
    for (screen, mut stage) in [
        ("styles", single),
        ("columns", Stage::three(120, 40)),
        ("replay-styles", Stage::of(Mode::Selector, 80, 24).cut_off()),
    ] {
        for (name, depth) in [
            ("dark", Depth::True),
            ("sixteen", Depth::Sixteen),
            ("none", Depth::None),
        ] {
            stage.screen.look.depth = depth;
            assert_snapshot!(format!("{screen}-{name}"), stage.styles());
        }
        let plain = |cell: &ratatui::buffer::Cell| {
            (cell.fg, cell.bg) == (Color::Reset, Color::Reset)
        };
        assert!(stage.buffer().content.iter().all(plain));
    }
}

/// Relative luminance, as WCAG defines it.
fn luminance(colour: Color) -> f64 {
    let Color::Rgb(r, g, b) = colour else { panic!("{colour}") };
    let linear = |part: u8| match f64::from(part) / 255.0 {
        part @ ..=0.040_45 => part / 12.92,
        part => ((part + 0.055) / 1.055).powf(2.4),
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

#[test]
fn every_text_stands_out_from_its_ground() {
    let mut stage = stage();
    let mut faint = Vec::new();
    for theme in &Theme::ALL {
        stage.screen.look.theme = *theme;
        let least = if *theme == Theme::Contrast { 7.0 } else { 4.5 };
        for cell in &stage.buffer().content {
            let (fg, bg) = (luminance(cell.fg), luminance(cell.bg));
            let contrast = (fg.max(bg) + 0.05) / (fg.min(bg) + 0.05);
            if contrast < least {
                let (fg, bg) = (cell.fg, cell.bg);
                faint.push(format!("{theme}: {fg} on {bg}: {contrast:.1}"));
            }
        }
    }
    faint.dedup();
    assert!(faint.is_empty(), "{faint:#?}");
}

/// Some terminals show bright black as their background.
#[test]
fn no_text_is_bright_black() {
    for mut stage in [stage(), Stage::three(120, 40), stage().recorded()] {
        stage.screen.look.depth = Depth::Sixteen;
        for theme in Theme::ALL {
            stage.screen.look.theme = theme;
            for dialog in [Dialog::None, Dialog::Help(0)] {
                stage.screen.dialog = dialog;
                for cell in &stage.buffer().content {
                    let colours = [cell.fg, cell.bg];
                    assert!(!colours.contains(&Color::DarkGray), "{cell:?}");
                }
            }
        }
    }
}

/// What each of the sixteen first colours looks like is the terminal's choice.
#[test]
fn of_256_colours_only_fixed_ones_are_used() {
    let mut stage = stage();
    stage.screen.look.depth = Depth::Indexed;
    for theme in Theme::ALL {
        stage.screen.look.theme = theme;
        for cell in &stage.buffer().content {
            for colour in [cell.fg, cell.bg] {
                let is_fixed = matches!(colour, Color::Indexed(16..));
                assert!(is_fixed, "{theme}: {colour:?}");
            }
        }
    }
}

#[test]
fn the_look_suits_the_terminal() {
    let utf8 = ("LANG", "en_GB.UTF-8");
    let linux = ("TERM", "linux");
    let xterm = ("TERM", "xterm-256color");
    let rich = ("COLORTERM", "truecolor");
    let plain = ("NO_COLOR", "1");
    let (unicode, ascii) = (&Glyphs::UNICODE, &Glyphs::ASCII);
    for (set, options, depth, glyphs) in [
        (&[rich, utf8][..], "", Depth::True, unicode),
        (&[("TERM", "xterm-kitty"), utf8], "", Depth::True, unicode),
        (&[xterm, utf8], "", Depth::Indexed, unicode),
        (&[("TERM", "xterm"), utf8], "", Depth::Sixteen, unicode),
        (&[linux, utf8], "", Depth::Sixteen, ascii),
        (&[linux], "ascii = false", Depth::Sixteen, unicode),
        (&[xterm, utf8], "ascii = true", Depth::Indexed, ascii),
        (&[xterm, plain, ("LANG", "C")], "", Depth::None, ascii),
        (&[xterm, plain], "color = 'always'", Depth::Indexed, ascii),
        (&[xterm, rich], "color = 'never'", Depth::None, ascii),
    ] {
        let settings = ScreenSettings::parse("", options).unwrap();
        let look = settings.look(|name| {
            let found = set.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        assert_eq!((look.depth, look.glyphs), (depth, glyphs), "{set:?}");
    }
}
