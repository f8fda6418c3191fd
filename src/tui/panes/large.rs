//! The narration in presenter mode: large letters in the colour of the moment
//! or, where there is no room for them, a band in that colour.

use super::moment::MomentWords;
use super::narration;
use crate::text::{clean, wrap};
use crate::tui::context::Track;
use crate::tui::glyphs::Glyphs;
use crate::tui::look::Look;
use crate::tui::paint::put;
use font8x8::legacy::BASIC_LEGACY;
use ratatui::prelude::{Buffer, Constraint, Layout, Line, Modifier, Rect};

/// Rows of a line of large letters: two pixels in each.
const LETTER: u16 = 4;

/// Rows of two lines of large letters, and a row around each.
const LARGE: u16 = 2 * (LETTER + 1) + 1;

/// Rows of the sentences below them.
const SENTENCES: u16 = 3;

/// From this size on there are large letters.
const ROOMY: (u16, u16) = (100, 32);

/// Cells beside the words.
const EDGE: u16 = 3;

/// Width of a blank between two words, in pixels.
const BLANK: usize = 4;

/// The blocks that fill some of the four quarters of a cell: the upper ones
/// are 1 and 2, the lower ones 4 and 8.
const QUARTERS: [char; 16] = [
    ' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛', '▗', '▚', '▐', '▜', '▄', '▙', '▟',
    '█',
];

/// The height of the narration on a screen of this size.
pub(crate) fn height(look: &Look, (width, height): (u16, u16)) -> u16 {
    let draws_blocks = look.glyphs == &Glyphs::UNICODE;
    match height {
        _ if draws_blocks && width >= ROOMY.0 && height >= ROOMY.1 => {
            LARGE + SENTENCES
        }
        20.. => 5,
        _ => 3,
    }
}

/// Draws the moment in large letters, and the sentences below; or those alone,
/// on a band.
pub(crate) fn draw(
    run: &Track,
    area: Rect,
    introduces: bool,
    buffer: &mut Buffer,
) {
    let words = MomentWords::new(run);
    let style = run.look.filled(words.role);
    let is_large = area.height > LARGE;
    let band = if is_large { LARGE } else { area.height };
    let parts = [Constraint::Length(band), Constraint::Fill(1)];
    let [band, below] = Layout::vertical(parts).areas(area);
    let left = EDGE.min(band.width);
    // Letters of blocks are clearer on the ground than on a bright band.
    let coloured = Rect { width: left - 1, ..band };
    buffer.set_style(if is_large { coloured } else { band }, style);
    let inner = Rect { x: band.x + left, ..band };
    let inner = Rect { width: band.width.saturating_sub(2 * left), ..inner };
    if !is_large {
        let lines = sentences(run, inner);
        return put(buffer, inner, lines);
    }
    let bright = run.look.style(words.role).add_modifier(Modifier::BOLD);
    let waits = words.waits.unwrap_or_default();
    for (at, words) in (0..).zip([words.now, waits]) {
        let y = inner.y + 1 + at * (LETTER + 1);
        let place = Rect { y, height: LETTER, ..inner };
        let lines = letters(&words, inner.width.into());
        let lines = lines.into_iter().map(|it| Line::styled(it, bright));
        put(buffer, place, lines.collect::<Vec<_>>());
    }
    let size = (below.width.into(), below.height.into());
    put(buffer, below, narration::lines(run, size, introduces));
}

/// The sentences that fit into an area, what goes on first; with a free row
/// above each if there is room.
fn sentences(run: &Track, area: Rect) -> Vec<Line<'static>> {
    let it = run.scene.narrate(run.view);
    let all = [Some(it.now), it.waits, it.next].into_iter().flatten();
    let all = all.map(|it| {
        let plain = clean(&it).replace('`', "");
        wrap(&plain, area.width.into())
    });
    let all: Vec<_> = all.collect();
    let lines: usize = all.iter().map(Vec::len).sum();
    let free = usize::from(area.height).saturating_sub(lines);
    let rows = all.into_iter().enumerate().flat_map(|(at, sentence)| {
        let above = (at < free).then(String::new);
        above.into_iter().chain(sentence)
    });
    rows.take(area.height.into()).map(Line::from).collect()
}

/// The words in large letters, as many as fit into `width` cells.
fn letters(words: &str, width: usize) -> Vec<String> {
    let mut pixels: Vec<[bool; 8]> = Vec::new();
    let mut end = 0;
    for word in words.split(' ').filter(|it| !it.is_empty()) {
        let before = pixels.len();
        if before > 0 {
            pixels.extend([[false; 8]; BLANK]);
        }
        word.chars().for_each(|it| pixels.extend(columns(it)));
        if pixels.len().div_ceil(2) > width {
            break;
        }
        end = pixels.len();
    }
    // A word that is too long by itself is cut.
    pixels.truncate(if end > 0 { end } else { 2 * width });
    let cell = |pair: &[[bool; 8]], row: usize| {
        let quarter = |column: usize, half: usize| {
            let is_set = pair.get(column).is_some_and(|it| it[2 * row + half]);
            usize::from(is_set) << (2 * half + column)
        };
        let quarters = [(0, 0), (1, 0), (0, 1), (1, 1)];
        let sum = quarters.map(|(column, half)| quarter(column, half));
        QUARTERS[sum.iter().sum::<usize>()]
    };
    let row = |row| pixels.chunks(2).map(|pair| cell(pair, row)).collect();
    (0..usize::from(LETTER)).map(row).collect()
}

/// The columns of pixels of a letter without the empty ones beside it, and one
/// that separates it from the next; `?` for a letter that the font lacks.
fn columns(letter: char) -> impl Iterator<Item = [bool; 8]> {
    let known = BASIC_LEGACY.get(letter as usize).filter(|_| letter.is_ascii());
    let rows = known.unwrap_or(&BASIC_LEGACY['?' as usize]);
    let is_set = rows.iter().fold(0, |all, row| all | row);
    let from = is_set.trailing_zeros().min(7);
    let to = 8 - is_set.leading_zeros().min(7);
    let column = |at: u32| rows.map(|row| row >> at & 1 == 1);
    let columns: Vec<_> = (from..to).map(column).collect();
    columns.into_iter().chain([[false; 8]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_drawn_with_quarters_of_cells() {
        assert_eq!(letters("Il", 80), ["▜▛▝█ ", "▐▌ █ ", "▐▌ █ ", "▀▀▝▀▘"]);
    }

    #[test]
    fn only_whole_words_are_shown_unless_the_first_is_too_long() {
        let width = |words, room| letters(words, room)[0].chars().count();
        assert_eq!(width("asleep in read", 20), width("asleep", 20));
        assert_eq!(width("calculate_timeout", 20), 20);
        assert_eq!(width("", 20), 0);
    }
}
