//! JSON whose texts cannot steer a terminal.

use crate::text::steers;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Writes JSON in one line; what could steer a terminal is escaped, also
/// where JSON does not ask for it.
pub(super) struct Letters;

impl Formatter for Letters {
    fn write_string_fragment<W: Write + ?Sized>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        let mut plain = 0;
        for (at, c) in text.char_indices().filter(|(_, c)| steers(*c)) {
            out.write_all(&text.as_bytes()[plain..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            plain = at + c.len_utf8();
        }
        out.write_all(&text.as_bytes()[plain..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize as _;

    #[test]
    fn texts_read_back_and_have_no_control_characters() {
        let said = "é\u{9b}2J\u{7f}\n\"\\\u{202e}x\u{1f600}";
        let mut bytes = Vec::new();
        let mut json =
            serde_json::Serializer::with_formatter(&mut bytes, Letters);
        assert!(said.serialize(&mut json).is_ok());
        let json = String::from_utf8_lossy(&bytes);
        assert!(!json.contains(steers), "{json}");
        let back: Result<String, _> = serde_json::from_str(&json);
        assert_eq!(back.ok().as_deref(), Some(said));
    }
}
