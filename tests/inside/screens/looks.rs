//! Every theme, and terminals with few colours or none.

use super::stage::Stage;
use insta::assert_snapshot;
use ratatui::style::Color;
use sockscope::modes::Mode;
use sockscope::tui::{Depth, Glyphs, Look, Theme};
use strum::VariantArray as _;

fn stage() -> Stage {
    Stage::of(Mode::Nonblocking, 80, 24).pause()
}

#[test]
fn every_theme_and_every_number_of_colours() {
    let mut single = stage();
    for theme in Theme::VARIANTS {
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
    for theme in Theme::VARIANTS {
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

#[test]
fn the_look_suits_the_terminal() {
    let rich = [("COLORTERM", "truecolor"), ("LANG", "en_GB.UTF-8")];
    let plain = [("TERM", "xterm"), ("NO_COLOR", "1"), ("LANG", "C")];
    let old = [("TERM", "linux"), ("LANG", "en_GB.UTF-8")];
    for (set, depth, glyphs) in [
        (&rich[..], Depth::True, &Glyphs::UNICODE),
        (&plain, Depth::None, &Glyphs::ASCII),
        (&old, Depth::Sixteen, &Glyphs::ASCII),
    ] {
        let look = Look::suited(|name| {
            let found = set.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        assert_eq!((look.depth, look.glyphs), (depth, glyphs));
    }
}
