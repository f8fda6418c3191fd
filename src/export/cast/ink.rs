//! The escape sequences that turn one picture on a terminal into another.

use anstyle::{Effects, RgbColor, Style};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write as _;

/// How a terminal names what a cell has beside its colours.
const EFFECTS: [(Modifier, Effects); 5] = [
    (Modifier::BOLD, Effects::BOLD),
    (Modifier::DIM, Effects::DIMMED),
    (Modifier::ITALIC, Effects::ITALIC),
    (Modifier::UNDERLINED, Effects::UNDERLINE),
    (Modifier::REVERSED, Effects::INVERT),
];

/// What turns one picture into the next of the same size; `None` if they are
/// the same. Whatever the environment is: a film is made for others.
pub(super) fn changes(before: &Buffer, now: &Buffer) -> Option<String> {
    let mut text = String::new();
    let (mut place, mut style) = (None, None);
    for (x, y, cell) in before.diff_iter(now) {
        if place != Some((x, y)) {
            let (row, column) = (y + 1, x + 1);
            let _ = write!(text, "\x1b[{row};{column}H");
        }
        let own = style_of(cell);
        if style != Some(own) {
            let _ = write!(text, "\x1b[0m{}", own.render());
        }
        text += cell.symbol();
        // The second cell of a wide character is no change, so no cell
        // continues directly after one.
        (place, style) = (Some((x + 1, y)), Some(own));
    }
    (!text.is_empty()).then_some(text)
}

fn style_of(cell: &Cell) -> Style {
    let effects =
        EFFECTS.into_iter().filter(|(own, _)| cell.modifier.contains(*own));
    let effects = effects.fold(Effects::new(), |all, (_, it)| all | it);
    let colour = |colour| match colour {
        Color::Rgb(r, g, b) => Some(RgbColor(r, g, b).into()),
        // A theme with all colours has no others.
        _ => None,
    };
    Style::new()
        .effects(effects)
        .fg_color(colour(cell.fg))
        .bg_color(colour(cell.bg))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style as Own;

    #[test]
    fn only_what_is_new_is_written() {
        let before = Buffer::with_lines(["one two", "three"]);
        let mut now = Buffer::with_lines(["one too", "throw"]);
        assert_eq!(changes(&before, &before), None);
        let changed = changes(&before, &now).unwrap_or_default();
        let expected = "\x1b[1;6H\x1b[0mo\x1b[2;4How";
        assert_eq!(changed, expected);
        let bold = Own::new().fg(Color::Rgb(1, 2, 3)).bold();
        now.set_string(0, 0, "o", bold.bg(Color::Rgb(4, 5, 6)));
        let changed = changes(&before, &now).unwrap_or_default();
        let start = "\x1b[1;1H\x1b[0m\x1b[1m\x1b[38;2;1;2;3m\x1b[48;2;4;5;6mo";
        assert!(changed.starts_with(start), "{changed:?}");
        assert!(changed[start.len()..].starts_with("\x1b[1;6H\x1b[0mo"));
    }

    #[test]
    fn wide_letters_take_two_cells() {
        let before = Buffer::with_lines(["......"]);
        let now = Buffer::with_lines(["語ab.."]);
        let changed = changes(&before, &now).unwrap_or_default();
        assert_eq!(changed, "\x1b[1;1H\x1b[0m語\x1b[1;3Hab");
    }
}
