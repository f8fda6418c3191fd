//! Foreign text as data: a function for each kind of output, which escapes what
//! would act there instead of being shown.
//!
//! Names of clients and files, what clients send, and every text in a recording,
//! a scenario, a settings file or on the command line may come from a stranger.
//! The code that writes a form of output calls the function of that form, so
//! that the code that collects the text need not think of it.

use std::fmt::Write as _;

/// For a terminal: escapes what [steers](steers) it, line ends included.
pub fn clean(text: &str) -> String {
    escaped(text, steers, |out, c| out.extend(c.escape_default()))
}

/// As [`clean`], for text of several lines, which stay lines.
pub fn clean_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(clean).collect();
    lines.join("\n")
}

/// Bytes for a terminal: as [`clean`], and invalid UTF-8 is escaped.
pub fn show_bytes(bytes: &[u8]) -> String {
    bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(&clean(chunk.valid()));
        text.extend(chunk.invalid().iter().map(|b| format!("\\x{b:02x}")));
        text
    })
}

/// Whether a terminal may act on the character instead of showing it, or shows
/// nothing at all: controls, marks that change the direction of text, and
/// invisible characters. Those that join letters in some scripts are shown, and
/// so are the marks of [`EMPHASIS`](super::EMPHASIS), which are our own.
pub fn steers(c: char) -> bool {
    let is_invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}' | '\u{2063}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    c.is_control() || is_invisible
}

/// For a cell of CSV, whose quotes its writer adds: as [`clean`], with an
/// apostrophe before what a spreadsheet would take for a formula.
pub fn csv(text: &str) -> String {
    let text = clean(text);
    let computes = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let is_formula = text.trim_start().starts_with(computes);
    if is_formula { format!("'{text}") } else { text }
}

/// For text within a line of Markdown, such as a table cell: as [`clean`], and
/// the characters that have a meaning in Markdown or HTML are escaped.
pub fn markdown(text: &str) -> String {
    let inside = |c| r"\|<&*_`[]~".contains(c);
    escaped(&clean(text), inside, |out, c| out.extend(['\\', c]))
}

/// For a paragraph or an item of Markdown: as [`markdown`], and its beginning
/// cannot become a heading, a list, a rule, a quotation or a block of code.
pub fn markdown_block(text: &str) -> String {
    let mut text = markdown(text.trim_start());
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = rest.len() < text.len();
    let first = rest.chars().next().unwrap_or_default();
    let after = rest.trim_start_matches(first);
    let is_apart = after.is_empty() || after.starts_with(' ');
    let begins_a_block = match first {
        '>' => !is_numbered,
        '#' | '+' | '-' | '=' => is_apart && !is_numbered,
        '.' | ')' => is_apart && is_numbered,
        _ => false,
    };
    if begins_a_block {
        text.insert(text.len() - rest.len(), '\\');
    }
    text
}

/// A block of code in Markdown, with a fence that the text does not contain.
/// The lines stay as they are.
pub fn markdown_code(text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat((runs.max().unwrap_or(0) + 1).max(3));
    format!("{fence}\n{text}{fence}\n")
}

/// For text and attributes of XML and HTML: as [`clean`], with the characters of
/// markup escaped.
pub fn xml(text: &str) -> String {
    let special = |c| "&<>\"\u{fffe}\u{ffff}".contains(c);
    escaped(&clean(text), special, |out, c| {
        out.push_str(match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            // XML 1.0 does not allow the others, not even as references.
            _ => "\u{fffd}",
        });
    })
}

/// For JSON that may be printed on a terminal: escapes in its strings what
/// [steers](steers) one. Serialisation itself escapes no more than the controls
/// below the space; of these, only the line ends between values are left.
pub fn json(json: &str) -> String {
    let is_raw = |c| c >= '\u{7f}' && steers(c);
    escaped(json, is_raw, |out, c| {
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
    })
}

/// For JSON within HTML, whose strings a page shows as text: nothing in it can
/// end a script, begin a comment or be an entity, and what [steers](steers) is
/// shown as its escape. In JSON, these characters can only be in strings.
pub fn json_in_html(json: &str) -> String {
    let is_raw = |c| c >= '\u{7f}' && steers(c) || "<>&".contains(c);
    escaped(json, is_raw, |out, c| {
        let code = u32::from(c);
        let _ = match c {
            '<' | '>' | '&' => write!(out, "\\u{code:04x}"),
            _ => write!(out, "\\\\u{{{code:x}}}"),
        };
    })
}

/// For the text of a TOML file, printed as it is: its line ends and tabs stay,
/// and the escapes mean the same within a basic string.
pub fn toml(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let is_raw = |c| !matches!(c, '\n' | '\t') && steers(c);
    escaped(&text, is_raw, |out, c| {
        let _ = write!(out, "\\U{:08x}", u32::from(c));
    })
}

/// The text with the characters of a kind replaced.
fn escaped(
    text: &str,
    is_special: impl Fn(char) -> bool,
    escape: impl Fn(&mut String, char),
) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_special(c) {
            escape(&mut out, c);
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_lines_when_they_are_cleaned() {
        assert_eq!(clean_lines("a\n\x1bb\n"), "a\n\\u{1b}b\n");
    }

    #[test]
    fn what_could_steer_a_terminal_is_escaped() {
        let said = clean("a\x1b[2J\u{9b}\u{202e}\u{feff}é");
        assert_eq!(said, "a\\u{1b}[2J\\u{9b}\\u{202e}\\u{feff}é");
    }

    #[test]
    fn no_text_is_a_formula_and_no_formula_is_lost() {
        for formula in ["=1+1", " @SUM(1)", "+1", "-1", "＝1"] {
            assert_eq!(csv(formula), format!("'{formula}"));
        }
        assert_eq!(csv("a=1\r\n"), "a=1\\r\\n");
    }

    #[test]
    fn markdown_cannot_be_begun_or_ended() {
        assert_eq!(markdown("a|`&amp;`\n<b>"), "a\\|\\`\\&amp;\\`\\\\n\\<b>");
        for (text, shown) in [
            ("# a", "\\# a"),
            ("12. a", "12\\. a"),
            ("12.5 ms", "12.5 ms"),
            ("    -", "\\-"),
            ("--max", "--max"),
        ] {
            assert_eq!(markdown_block(text), shown);
        }
        let code = markdown_code("````\n");
        assert_eq!(code, "`````\n````\n`````\n");
    }

    #[test]
    fn xml_has_no_markup_and_no_character_that_it_forbids() {
        let text = xml("<script>\"&\u{1b}[31m\u{ffff}");
        let shown = "&lt;script&gt;&quot;&amp;\\u{1b}[31m\u{fffd}";
        assert_eq!(text, shown);
    }

    #[test]
    fn json_means_the_same_when_it_is_escaped() {
        let text = "</script>\u{9b}\u{7f}\u{202e}\u{e0001}\n\\";
        let plain = serde_json::json!({ "a": text }).to_string();
        let safe = json(&plain);
        assert!(!safe.contains(steers), "{safe}");
        let read: serde_json::Value = serde_json::from_str(&safe).unwrap();
        assert_eq!(read["a"], text);
        let inside = json_in_html(&plain);
        assert!(!inside.contains(['<', '>', '&', '\u{9b}']), "{inside}");
        let read: serde_json::Value = serde_json::from_str(&inside).unwrap();
        let shown = "</script>\\u{9b}\\u{7f}\\u{202e}\\u{e0001}\n\\";
        assert_eq!(read["a"], shown);
    }

    #[test]
    fn toml_means_the_same_when_it_is_escaped() {
        let file = "a = \"\u{202e}\t\"\r\n";
        let safe = toml(file);
        assert_eq!(safe, "a = \"\\U0000202e\t\"\n");
        let [one, other] =
            [file, &safe].map(|it| toml::from_str::<toml::Table>(it).unwrap());
        assert_eq!(one, other);
    }
}
