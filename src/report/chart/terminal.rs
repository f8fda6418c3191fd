//! A chart for a terminal: lines of Braille dots, or of ASCII characters.

use super::{Canvas as ReportCanvas, Marks};
use super::{Chart, ChartLine, spread_out};
use crate::report::document::Style;
use anstyle::AnsiColor;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style as CellStyle};
use ratatui::symbols::Marker;
use ratatui::text::Span;
use ratatui::widgets::Widget as _;
use ratatui::widgets::canvas::{Canvas, Context, Line as Stroke};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// How many rows the lines have.
const ROWS: u16 = 15;

/// Under them: the axis, its values, its title.
const BELOW: u16 = 3;

/// The fewest columns of the lines.
const LEAST: u16 = 20;

/// Colours and markers of lines, in this order.
const LOOKS: [(Color, &str, &str); 8] = [
    (Color::Blue, "●", "o"),
    (Color::Yellow, "▲", "^"),
    (Color::Red, "■", "#"),
    (Color::Green, "◆", "*"),
    (Color::Magenta, "✚", "+"),
    (Color::Cyan, "○", "@"),
    (Color::Gray, "△", "%"),
    (Color::DarkGray, "□", "="),
];

/// What a chart is drawn with besides lines.
struct Strokes {
    axis: &'static str,
    corner: &'static str,
    ground: &'static str,
    tick: &'static str,
    below: &'static str,
}

const UNICODE: Strokes =
    Strokes {
        axis: "│", corner: "└", ground: "─", tick: "┤", below: "┴"
    };
const ASCII: Strokes =
    Strokes { axis: "|", corner: "+", ground: "-", tick: "+", below: "+" };

/// The parts of a drawing.
struct Frame {
    /// Where the lines are.
    plot: Rect,
    marks: Marks,
    strokes: &'static Strokes,
}

/// The chart as text, at most as wide as the canvas, each line ended.
pub(in crate::report) fn draw(chart: &Chart, on: ReportCanvas) -> String {
    let ReportCanvas { style, marks, width } = on;
    let left = widest(chart.y_ticks.iter().map(|it| it.1.as_str())) + 1;
    let right = widest(chart.lines.iter().map(|it| it.name.as_str())) + 4;
    let plot_width = width.saturating_sub(left + 1 + right).max(LEAST);
    let plot = Rect::new(left + 1, 1, plot_width, ROWS);
    let area = Rect::new(0, 0, plot.right() + right, 1 + ROWS + BELOW);
    let strokes = match marks {
        Marks::Unicode => &UNICODE,
        Marks::Ascii => &ASCII,
    };
    let frame = Frame { plot, marks, strokes };
    let mut buffer = Buffer::empty(area);
    let bold = CellStyle::new().bold();
    buffer.set_string(0, 0, frame.words(&chart.title), bold);
    frame.y_axis(chart, &mut buffer);
    frame.x_axis(chart, &mut buffer);
    frame.lines(chart, &mut buffer);
    frame.names(chart, &mut buffer);
    text(&buffer, style)
}

impl Frame {
    /// Words as the terminal can show them.
    fn words(&self, words: &str) -> String {
        match self.marks {
            Marks::Unicode => words.to_owned(),
            Marks::Ascii => words.replace('µ', "u"),
        }
    }

    /// The row of a place; a cell has several dots.
    fn row(&self, place: f64) -> u16 {
        let dots = match self.marks {
            Marks::Unicode => 4,
            Marks::Ascii => 1,
        };
        let most = self.plot.height * dots - 1;
        self.plot.top() + scaled(1.0 - place, most) / dots
    }

    fn column(&self, place: f64) -> u16 {
        let dots = match self.marks {
            Marks::Unicode => 2,
            Marks::Ascii => 1,
        };
        self.plot.x + scaled(place, self.plot.width * dots - 1) / dots
    }

    fn y_axis(&self, chart: &Chart, buffer: &mut Buffer) {
        let axis = self.plot.x - 1;
        let dim = CellStyle::new().dim();
        for row in self.plot.top()..self.plot.bottom() {
            buffer.set_string(axis, row, self.strokes.axis, dim);
        }
        for (value, words) in &chart.y_ticks {
            let row = self.row(chart.y.place(*value));
            let words = self.words(words);
            let wide = widest([words.as_str()].into_iter());
            let from = (axis - 1).saturating_sub(wide);
            buffer.set_string(from, row, &words, CellStyle::new());
            buffer.set_string(axis, row, self.strokes.tick, dim);
        }
    }

    fn x_axis(&self, chart: &Chart, buffer: &mut Buffer) {
        let (row, dim) = (self.plot.bottom(), CellStyle::new().dim());
        let ground = self.strokes.ground.repeat(self.plot.width.into());
        buffer.set_string(self.plot.x, row, ground, dim);
        buffer.set_string(self.plot.x - 1, row, self.strokes.corner, dim);
        let mut taken: Vec<(u16, u16)> = Vec::new();
        for (value, words) in chart.ticks_by_weight() {
            let column = self.column(chart.x.place(*value));
            let wide = widest([words.as_str()].into_iter());
            let from = column.saturating_sub(wide / 2);
            let to = from + wide + 1;
            buffer.set_string(column, row, self.strokes.below, dim);
            if taken.iter().all(|it| to <= it.0 || it.1 <= from)
                && to <= buffer.area.right()
            {
                buffer.set_string(from, row + 1, words, CellStyle::new());
                taken.push((from, to));
            }
        }
        let title = self.words(&chart.x_title);
        let wide = widest([title.as_str()].into_iter());
        let from = self.plot.x + self.plot.width.saturating_sub(wide) / 2;
        buffer.set_string(from, row + 2, title, dim);
    }

    fn lines(&self, chart: &Chart, buffer: &mut Buffer) {
        let marker = match self.marks {
            Marks::Unicode => Marker::Braille,
            Marks::Ascii => Marker::Custom('.'),
        };
        let paint = |context: &mut Context| {
            chart.lines.iter().for_each(|it| stroke(chart, it, context));
        };
        let canvas = Canvas::default().marker(marker).paint(paint);
        let canvas = canvas.x_bounds([0.0, 1.0]).y_bounds([0.0, 1.0]);
        canvas.render(self.plot, buffer);
        for line in &chart.lines {
            for dot in &line.dots {
                let (x, y) = chart.place(dot.x, dot.y);
                let (column, row) = (self.column(x), self.row(y));
                let mark = self.mark(line);
                buffer.set_span(column, row, &mark, 1);
            }
        }
    }

    fn mark(&self, line: &ChartLine) -> Span<'static> {
        let (colour, unicode, ascii) = LOOKS[line.look % LOOKS.len()];
        let mark = match self.marks {
            Marks::Unicode => unicode,
            Marks::Ascii => ascii,
        };
        Span::styled(mark, CellStyle::new().fg(colour))
    }

    /// The names of the lines, right of their ends.
    fn names(&self, chart: &Chart, buffer: &mut Buffer) {
        let lines = chart.lines.iter();
        let ends = lines.filter_map(|it| Some((it, it.dots.last()?)));
        let ends: Vec<_> = ends.collect();
        let rows = |(_, dot): &(&ChartLine, &super::Dot)| {
            f64::from(self.row(chart.y.place(dot.y)))
        };
        let rows: Vec<_> = ends.iter().map(rows).collect();
        let (top, bottom) = (self.plot.top(), self.plot.bottom() - 1);
        let bounds = (f64::from(top), f64::from(bottom));
        let rows = spread_out(&rows, 1.0, bounds);
        for ((line, _), row) in ends.into_iter().zip(rows) {
            let row = top + scaled(row - bounds.0, 1);
            let mark = self.mark(line);
            let column = self.plot.right() + 1;
            let name = format!("{} {}", mark.content, line.name);
            buffer.set_string(column, row, name, mark.style);
        }
    }
}

fn stroke(chart: &Chart, line: &ChartLine, context: &mut Context) {
    let (color, ..) = LOOKS[line.look % LOOKS.len()];
    for two in line.runs().flat_map(|run| run.windows(2)) {
        let (x1, y1) = chart.place(two[0].x, two[0].y);
        let (x2, y2) = chart.place(two[1].x, two[1].y);
        context.draw(&Stroke { x1, y1, x2, y2, color });
    }
}

fn widest<'t>(words: impl Iterator<Item = &'t str>) -> u16 {
    let widths = words.map(UnicodeWidthStr::width);
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

/// The cells as lines of text, with the colours that differ.
fn text(buffer: &Buffer, style: Style) -> String {
    let mut text = String::new();
    for row in buffer.area.rows() {
        let mut line = String::new();
        let mut run = (anstyle::Style::new(), String::new());
        for column in row.columns() {
            let cell = &buffer[(column.x, column.y)];
            let looks = looks(cell.style());
            if looks != run.0 {
                finish(&mut line, &run, style);
                run = (looks, String::new());
            }
            run.1.push_str(cell.symbol());
        }
        finish(&mut line, &run, style);
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn finish(line: &mut String, run: &(anstyle::Style, String), style: Style) {
    let (looks, words) = run;
    let bare = words.trim().is_empty() || looks.is_plain();
    if bare || style == Style::Plain {
        line.push_str(words);
    } else {
        let _ = write!(line, "{looks}{words}{looks:#}");
    }
}

fn looks(style: CellStyle) -> anstyle::Style {
    use ratatui::style::Modifier;
    let mut looks = anstyle::Style::new();
    if style.add_modifier.contains(Modifier::BOLD) {
        looks = looks.bold();
    }
    if style.add_modifier.contains(Modifier::DIM) {
        looks = looks.dimmed();
    }
    let colour = match style.fg {
        Some(Color::Blue) => AnsiColor::BrightBlue,
        Some(Color::Yellow) => AnsiColor::Yellow,
        Some(Color::Red) => AnsiColor::BrightRed,
        Some(Color::Green) => AnsiColor::Green,
        Some(Color::Magenta) => AnsiColor::Magenta,
        Some(Color::Cyan) => AnsiColor::Cyan,
        Some(Color::DarkGray) => AnsiColor::BrightBlack,
        _ => return looks,
    };
    looks.fg_color(Some(colour.into()))
}
