//! Text from outside, made safe to show.

/// Text from outside with its control characters escaped, so that it cannot
/// steer a terminal; the marks that turn the direction of text included.
#[must_use]
pub fn clean(text: &str) -> String {
    if !text.chars().any(steers) {
        return text.into();
    }
    text.chars().fold(String::with_capacity(text.len()), |mut clean, c| {
        if steers(c) {
            clean.extend(c.escape_default());
        } else {
            clean.push(c);
        }
        clean
    })
}

/// Whether a terminal might take it for more than a character.
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control() || turns_text(c)
}

const fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_escaped() {
        let said = clean("a\x1b[2J\u{9b}\u{202e}é");
        assert_eq!(said, "a\\u{1b}[2J\\u{9b}\\u{202e}é");
    }
}
