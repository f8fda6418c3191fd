//! Every theme, and terminals with few colours or none.

use super::stage::Stage;
use insta::assert_snapshot;
use ratatui::style::Color;
use sockscope::modes::Mode;
use sockscope::tui::{Depth, Glyphs, Look, Message, Theme};
use strum::VariantArray as _;

fn stage() -> Stage {
    let mut stage = Stage::of(Mode::Nonblocking, 80, 24);
    stage.control.paused = true;
    stage
}

/// Of a single run, of runs side by side, and of a recording.
#[test]
fn every_theme_and_every_number_of_colours() {
    for (screen, mut stage) in [
        ("styles", stage()),
        ("columns", Stage::three(120, 40)),
        ("replay-styles", Stage::of(Mode::Selector, 80, 24).cut_off()),
    ] {
        for theme in Theme::VARIANTS {
            assert_eq!(stage.screen.look.theme, *theme);
            let name = theme.to_string().replace(' ', "-");
            assert_snapshot!(format!("{screen}-{name}"), stage.styles());
            stage.tell(Message::Theme);
        }
        assert_eq!(stage.screen.look.theme, Theme::Dark);
        stage.screen.look.depth = Depth::Sixteen;
        assert_snapshot!(format!("{screen}-sixteen"), stage.styles());
        stage.screen.look.depth = Depth::None;
        assert_snapshot!(format!("{screen}-none"), stage.styles());
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
        let least = if *theme == Theme::HighContrast { 7.0 } else { 4.5 };
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
    let look = |set: &'static [(&str, &str)]| {
        Look::suited(|name| {
            let found = set.iter().find(|(it, _)| *it == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    };
    let rich = look(&[("COLORTERM", "truecolor"), ("LANG", "en_GB.UTF-8")]);
    assert_eq!((rich.depth, rich.glyphs), (Depth::True, &Glyphs::UNICODE));
    let plain = look(&[("TERM", "xterm"), ("NO_COLOR", "1"), ("LANG", "C")]);
    assert_eq!((plain.depth, plain.glyphs), (Depth::None, &Glyphs::ASCII));
    let old = look(&[("TERM", "linux"), ("LANG", "en_GB.UTF-8")]);
    assert_eq!((old.depth, old.glyphs), (Depth::Sixteen, &Glyphs::ASCII));
}
