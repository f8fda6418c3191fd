//! What is sent to a terminal, as bytes.

/// A control sequence: `ESC [`, parameters, and what it does.
pub(crate) struct Sequence {
    pub(crate) parameters: String,
    pub(crate) last: char,
}

/// Takes a stream apart. Whatever else would control a terminal fails: an
/// escape that begins no such sequence, C0 and C1 characters but for the ends
/// of lines.
#[track_caller]
pub(crate) fn sequences(raw: &[u8]) -> Vec<Sequence> {
    let text = std::str::from_utf8(raw).unwrap();
    let mut found = Vec::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c == '\x1b' {
            assert_eq!(characters.next(), Some('['), "not a sequence");
            found.push(sequence(&mut characters));
        } else {
            let ends_line = matches!(c, '\r' | '\n');
            assert!(ends_line || !c.is_control(), "{c:?} was sent");
        }
    }
    found
}

fn sequence(characters: &mut std::str::Chars) -> Sequence {
    let mut parameters = String::new();
    for c in characters {
        match c {
            '0'..='?' => parameters.push(c),
            '@'..='~' => return Sequence { parameters, last: c },
            _ => panic!("{c:?} in a sequence"),
        }
    }
    panic!("a sequence without an end");
}

impl Sequence {
    /// Whether it is one that the screen has use for: the place of the
    /// cursor, styles, modes of the terminal, erasing.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(self.last, 'H' | 'm' | 'h' | 'l' | 'J')
    }

    /// Whether it chooses a colour. (39, 49 and 59 choose none.)
    pub(crate) fn colours(&self) -> bool {
        let number = |word: &str| word.parse().unwrap_or(0);
        let colour = |n| matches!(n, 30..=38 | 40..=48 | 58 | 90..=107);
        self.last == 'm' && self.parameters.split(';').map(number).any(colour)
    }
}
