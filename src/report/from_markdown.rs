//! Reads Markdown as a [`Document`], to show the guide on a terminal.

use super::document::{Document, ListItem, Style, Table, Tone};
use crate::text::EMPHASIS;
use itertools::Itertools as _;
use pulldown_cmark::{
    Alignment, Event, HeadingLevel, Options, Parser, Tag, TagEnd,
};

/// How far code is indented.
const INDENT: &str = "  ";

impl Document {
    /// The document that this Markdown describes. With colours, code and
    /// strong text are emphasised; without, code keeps its back-ticks. The
    /// addresses of links, comments and HTML are left out.
    pub fn from_markdown(source: &str, style: Style) -> Self {
        let mut reader = MarkdownReader {
            style,
            document: Self::new(""),
            text: String::new(),
            is_strong: false,
            list: None,
            headings: Vec::new(),
            rows: Vec::new(),
        };
        let parser = Parser::new_ext(source, Options::ENABLE_TABLES);
        parser.for_each(|event| reader.read(event));
        reader.document
    }
}

/// What was read of the Markdown so far.
struct MarkdownReader {
    style: Style,
    document: Document,
    /// The text of the block that is being read.
    text: String,
    is_strong: bool,
    /// The items of the list that is being read.
    list: Option<Vec<ListItem>>,
    /// The table that is being read: for each column its heading, after a `>`
    /// if it is aligned to the right; and the rows.
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl MarkdownReader {
    fn read(&mut self, event: Event) {
        match event {
            Event::Text(text) if self.is_strong => self.emphasise(&text),
            Event::Text(text) => self.text.push_str(&text),
            Event::Code(code) if self.style == Style::Plain => {
                self.text.extend(["`", &*code, "`"]);
            }
            Event::Code(code) => self.emphasise(&code),
            Event::SoftBreak | Event::HardBreak => self.text.push(' '),
            Event::Start(Tag::Strong) => self.is_strong = true,
            Event::Start(Tag::List(_)) => self.list = Some(Vec::new()),
            Event::Start(Tag::Table(sides)) => {
                let mark = |side| match side {
                    Alignment::Right => ">".to_owned(),
                    _ => String::new(),
                };
                self.headings = sides.into_iter().map(mark).collect();
                self.rows.clear();
            }
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                self.rows.push(Vec::new());
            }
            Event::End(tag) => self.end(tag),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.is_strong = false,
            TagEnd::Heading(level) => {
                let text = self.take_text();
                let is_title = level == HeadingLevel::H1;
                let tone = if is_title { Tone::Lead } else { Tone::Heading };
                self.document.paragraph(tone, &text);
            }
            TagEnd::Paragraph if self.list.is_none() => {
                let text = self.take_text();
                self.document.paragraph(Tone::Prose, &text);
            }
            TagEnd::Item => {
                let item = ListItem::plain(self.take_text());
                self.list.get_or_insert_default().push(item);
            }
            TagEnd::List(_) => {
                let items = self.list.take().unwrap_or_default();
                self.document.listing("", items);
            }
            TagEnd::CodeBlock => {
                let code = self.take_text();
                let lines = code.lines().map(|it| format!("{INDENT}{it}\n"));
                self.document.chart(lines.collect());
            }
            TagEnd::TableCell => {
                let cell = self.take_text();
                if let Some(row) = self.rows.last_mut() {
                    row.push(cell);
                }
            }
            TagEnd::Table => self.end_table(),
            _ => {}
        }
    }

    fn end_table(&mut self) {
        let mut rows = self.rows.drain(..);
        let names = rows.next().unwrap_or_default();
        let headings = self.headings.iter().zip(&names);
        let table = Table::new(headings.map(|(side, it)| side.clone() + it));
        let table = if names.iter().all(String::is_empty) {
            table.without_headings()
        } else {
            table
        };
        self.document.section("", table.with_rows(rows), "");
    }

    fn take_text(&mut self) -> String {
        std::mem::take(&mut self.text).trim_end().into()
    }

    /// Adds words that stand out where there are colours. Each is marked
    /// alone, as a line may end between two of them.
    fn emphasise(&mut self, words: &str) {
        let [on, off] = EMPHASIS;
        let words = words.split(' ').map(|it| match self.style {
            Style::Colour if !it.is_empty() => format!("{on}{it}{off}"),
            _ => it.to_owned(),
        });
        self.text.push_str(&words.collect_vec().join(" "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
# Title
Some `code` and
**strong words**.

<!-- Not shown. -->
| sign | |
| --- | ---: |
| `a b` | 10 |
| [link](address) | 2 |

## Section
* one
* two

```sh
run it
```
";

    #[test]
    fn blocks_are_set_apart_and_code_is_indented() {
        let document = Document::from_markdown(SOURCE, Style::Plain);
        let text = document.to_text(Style::Plain);
        let right = "\
Title

Some `code` and strong words.

  sign
  `a b`  10
  link    2

Section
  • one
  • two

  run it
";
        assert_eq!(text, right);
    }

    #[test]
    fn with_colours_code_and_strong_words_are_bold() {
        let document = Document::from_markdown(SOURCE, Style::Colour);
        let text = document.to_text(Style::Colour);
        let bold = "Some \x1b[1mcode\x1b[0m and \x1b[1mstrong\x1b[0m";
        assert!(text.contains(bold), "{text}");
        assert!(text.contains("  \x1b[1ma\x1b[0m \x1b[1mb\x1b[0m   10"));
        assert!(!text.contains(EMPHASIS[0]) && !text.contains('`'));
    }
}
