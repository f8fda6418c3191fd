//! Draws a chart on a terminal with Braille dots or ASCII characters.

use super::{Chart, ChartTick, Marks};
use anstyle::AnsiColor;
use itertools::Itertools as _;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::Marker;
use ratatui::widgets::Widget as _;
use ratatui::widgets::canvas::{Canvas, Line};
use unicode_width::UnicodeWidthStr;

/// The rows of the plot area.
const ROWS: u16 = 15;

/// The rows below the plot area: the axis, its labels, its title.
const BELOW: u16 = 3;

/// The fewest columns of the plot area.
const LEAST: u16 = 20;

/// Colours of lines (`None`: that of text) and their markers. A cell stores
/// the index of its line as its colour, which [`ansi_style`] replaces.
const LOOKS: [(Option<AnsiColor>, [&str; 2]); 8] = [
    (Some(AnsiColor::BrightBlue), ["●", "o"]),
    (Some(AnsiColor::Yellow), ["▲", "^"]),
    (Some(AnsiColor::BrightRed), ["■", "#"]),
    (Some(AnsiColor::Green), ["◆", "*"]),
    (Some(AnsiColor::Magenta), ["✚", "+"]),
    (Some(AnsiColor::Cyan), ["○", "@"]),
    (None, ["△", "%"]),
    (Some(AnsiColor::BrightBlack), ["□", "="]),
];

const DIM: Style = Style::new().add_modifier(Modifier::DIM);
const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);

/// The chart as lines of text with colours, wider than `width` if it must be.
pub(in crate::report) fn draw(
    chart: &Chart,
    marks: Marks,
    width: u16,
) -> String {
    let left = widest(chart.y_ticks.iter().map(|it| &*it.1)) + 1;
    let right = widest(chart.lines.iter().map(|it| &*it.name)) + 4;
    let plot_width = width.saturating_sub(left + 1 + right).max(LEAST);
    let plot = Rect::new(left + 1, 1, plot_width, ROWS);
    let area = Rect::new(0, 0, plot.right() + right, 1 + ROWS + BELOW);
    let mut buffer = Buffer::empty(area);
    let frame = TerminalChart { chart, plot, marks };
    buffer.set_string(0, 0, &chart.title, BOLD);
    frame.axes(&mut buffer);
    frame.lines(&mut buffer);
    // The names of the lines, to the right of their ends.
    let (_, dots) = frame.dots();
    let room = f64::from(dots) / f64::from(plot.height * dots - 1);
    for (line, _, down) in chart.names(room) {
        let (mark, style) = frame.mark(line.look);
        let name = format!("{mark} {}", line.name);
        let (_, row) = frame.cell(1.0, 1.0 - down);
        buffer.set_string(plot.right() + 1, row, name, style);
    }
    to_ansi(&buffer)
}

struct TerminalChart<'a> {
    chart: &'a Chart,
    /// The plot area, in the cells of the buffer.
    plot: Rect,
    marks: Marks,
}

impl TerminalChart<'_> {
    /// How many dots a cell has across and down: 2 by 4 in Braille.
    const fn dots(&self) -> (u16, u16) {
        match self.marks {
            Marks::Unicode => (2, 4),
            Marks::Ascii => (1, 1),
        }
    }

    /// The column and the row of a point with coordinates from 0 to 1.
    fn cell(&self, x: f64, y: f64) -> (u16, u16) {
        let (wide, high) = self.dots();
        let column = scaled(x, self.plot.width * wide - 1) / wide;
        let row = scaled(1.0 - y, self.plot.height * high - 1) / high;
        (self.plot.x + column, self.plot.y + row)
    }

    fn axes(&self, buffer: &mut Buffer) {
        let [axis, corner, ground, left, below] = match self.marks {
            Marks::Unicode => ["│", "└", "─", "┤", "┴"],
            Marks::Ascii => ["|", "+", "-", "+", "+"],
        };
        let (plot, x, y) = (self.plot, self.plot.x - 1, self.plot.bottom());
        for row in plot.top()..plot.bottom() {
            buffer.set_string(x, row, axis, DIM);
        }
        for (place, words) in &self.chart.y_ticks {
            let (_, row) = self.cell(0.0, *place);
            let from = (x - 1).saturating_sub(widest([&**words]));
            buffer.set_string(from, row, words, Style::new());
            buffer.set_string(x, row, left, DIM);
        }
        let ground = ground.repeat(plot.width.into());
        buffer.set_string(x, y, corner.to_owned() + &ground, DIM);
        for (place, _) in &self.chart.x_ticks {
            buffer.set_string(self.cell(*place, 0.0).0, y, below, DIM);
        }
        let most = buffer.area.right();
        let span = |(place, words): &ChartTick| {
            let (column, wide) = (self.cell(*place, 0.0).0, widest([&**words]));
            let from = column.saturating_sub(wide / 2).min(most - wide);
            (from, from + wide + 1)
        };
        for (from, (_, words)) in self.chart.x_labels(span) {
            buffer.set_string(from, y + 1, words, Style::new());
        }
        let title = &self.chart.x_title;
        let from = plot.x + plot.width.saturating_sub(widest([&**title])) / 2;
        buffer.set_string(from, y + 2, title, DIM);
    }

    fn lines(&self, buffer: &mut Buffer) {
        let marker = match self.marks {
            Marks::Unicode => Marker::Braille,
            Marks::Ascii => Marker::Custom('.'),
        };
        let canvas = Canvas::default().marker(marker).paint(|context| {
            for line in &self.chart.lines {
                let color = colour(line.look);
                for (a, b) in
                    line.runs().flat_map(|it| it.iter().tuple_windows())
                {
                    context.draw(&Line::new(a.x, a.y, b.x, b.y, color));
                }
            }
        });
        let canvas = canvas.x_bounds([0.0, 1.0]).y_bounds([0.0, 1.0]);
        canvas.render(self.plot, buffer);
        for line in &self.chart.lines {
            let (mark, style) = self.mark(line.look);
            for dot in &line.dots {
                let (column, row) = self.cell(dot.x, dot.y);
                buffer.set_string(column, row, mark, style);
            }
        }
    }

    fn mark(&self, look: usize) -> (&'static str, Style) {
        let (_, [unicode, ascii]) = LOOKS[look % LOOKS.len()];
        let mark = match self.marks {
            Marks::Unicode => unicode,
            Marks::Ascii => ascii,
        };
        (mark, Style::new().fg(colour(look)))
    }
}

fn colour(look: usize) -> Color {
    Color::Indexed(u8::try_from(look % LOOKS.len()).unwrap_or(0))
}

fn widest<'t>(words: impl IntoIterator<Item = &'t str>) -> u16 {
    let widths = words.into_iter().map(UnicodeWidthStr::width);
    u16::try_from(widths.max().unwrap_or(0)).unwrap_or(u16::MAX / 4)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a part of a terminal's rows or columns"
)]
fn scaled(place: f64, most: u16) -> u16 {
    (place.max(0.0) * f64::from(most)).round() as u16
}

/// The cells as lines of text, with escapes where the style changes.
fn to_ansi(buffer: &Buffer) -> String {
    let rows = buffer.content.chunks(buffer.area.width.into());
    let lines = rows.map(|row| {
        let runs = row.chunk_by(|a, b| a.style() == b.style()).map(|run| {
            let words: String = run.iter().map(Cell::symbol).collect();
            let style = ansi_style(run[0].style());
            if words.trim().is_empty() {
                return words;
            }
            format!("{style}{words}{style:#}")
        });
        format!("{}\n", runs.collect::<String>().trim_end())
    });
    lines.collect()
}

fn ansi_style(style: Style) -> anstyle::Style {
    let colour = match style.fg {
        Some(Color::Indexed(look)) => LOOKS[usize::from(look)].0,
        _ => None,
    };
    let colour = colour.map(anstyle::Color::Ansi);
    let plain = anstyle::Style::new().fg_color(colour);
    match style.add_modifier {
        Modifier::BOLD => plain.bold(),
        Modifier::DIM => plain.dimmed(),
        _ => plain,
    }
}
