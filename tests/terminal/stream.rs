//! What is sent to a terminal, as bytes.

/// A control sequence: `ESC [`, parameters, and what it does.
pub(crate) struct Sequence {
    pub(crate) parameters: String,
    pub(crate) last: char,
}

/// Takes a stream apart. Anything else that would control a terminal fails:
/// an escape that begins no such sequence, C0 and C1 characters but for the
/// ends of lines.
#[track_caller]
pub(crate) fn sequences(raw: &str) -> Vec<Sequence> {
    let mut found = Vec::new();
    let mut rest = raw;
    while let Some(at) = rest.find(|c: char| {
        c.is_control() && !matches!(c, '\r' | '\n') || c == '\u{fffd}'
    }) {
        let tail = &rest[at..];
        let sequence = tail.strip_prefix("\x1b[");
        let sequence = sequence.unwrap_or_else(|| panic!("sent: {tail:?}"));
        let end = sequence.find(|c| !matches!(c, '0'..='?')).unwrap();
        let last = sequence[end..].chars().next().unwrap();
        assert!(matches!(last, '@'..='~'), "{last:?} in a sequence");
        found.push(Sequence { parameters: sequence[..end].into(), last });
        rest = &sequence[end + 1..];
    }
    found
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
