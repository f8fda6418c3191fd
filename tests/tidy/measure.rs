//! Simple measures of Rust source: good enough to keep rules, not a parser.

/// The source with the content of comments, strings and characters blanked;
/// every other byte stays where it is.
pub(crate) fn code(source: &str) -> String {
    let mut bytes = source.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = at + token(&source.as_bytes()[at..]);
        let quoted = end > at + 1 || bytes[at] == b'"';
        if quoted {
            blank(&mut bytes[at..end]);
        }
        at = end;
    }
    String::from_utf8(bytes).unwrap_or_default()
}

fn blank(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte != b'\n').for_each(|b| *b = b' ');
}

/// How many bytes the comment, string or character at the front has; 1 if
/// there is none.
fn token(rest: &[u8]) -> usize {
    let raw = |prefix: usize| {
        let marks = rest[prefix..].iter().take_while(|b| **b == b'#').count();
        let open = rest.get(prefix + marks) == Some(&b'"');
        open.then(|| raw_string(rest, prefix + marks, marks))
    };
    match rest {
        [b'/', b'/', ..] => find(rest, b"\n"),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => string(rest, 0),
        [b'b', b'"', ..] => string(rest, 1),
        [b'r', b'"' | b'#', ..] => raw(1).unwrap_or(1),
        [b'b', b'r', b'"' | b'#', ..] => raw(2).unwrap_or(1),
        [b'\'', b'\\', ..] => 2 + find(&rest[2..], b"'").max(1) + 1,
        [b'\'', ..] => character(rest),
        _ => 1,
    }
}

fn find(rest: &[u8], what: &[u8]) -> usize {
    rest.windows(what.len())
        .position(|window| window == what)
        .unwrap_or(rest.len())
}

fn raw_string(rest: &[u8], open: usize, marks: usize) -> usize {
    let end = [&b"\""[..], &b"#".repeat(marks)].concat();
    let from = open + 1;
    (from + find(&rest[from..], &end) + end.len()).min(rest.len())
}

fn string(rest: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while at < rest.len() && rest[at] != b'"' {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut at, mut depth) = (2, 1);
    while at < rest.len() && depth > 0 {
        match rest[at..] {
            [b'/', b'*', ..] => (at, depth) = (at + 2, depth + 1),
            [b'*', b'/', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    at
}

/// A character, unless it is a lifetime.
fn character(rest: &[u8]) -> usize {
    let text = String::from_utf8_lossy(&rest[1..rest.len().min(6)]);
    let first = text.chars().next().map_or(0, char::len_utf8);
    if rest.get(1 + first) == Some(&b'\'') { 2 + first } else { 1 }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// One function, from its `fn` to its last brace.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) lines: usize,
    /// How deep blocks are nested in its body.
    pub(crate) nesting: usize,
}

/// Every function that has a body, also those within others.
pub(crate) fn functions(source: &str) -> Vec<Function> {
    let code = code(source);
    let starts = words(&code).filter(|(_, word)| *word == "fn");
    starts.filter_map(|(at, _)| function(source, &code, at)).collect()
}

fn function(source: &str, code: &str, at: usize) -> Option<Function> {
    let (_, name) = words(&code[at..]).nth(1)?;
    let body = at + body(&code[at..])?;
    let (mut depth, mut deepest) = (0_usize, 0);
    for (offset, byte) in code[body..].bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
        if depth == 0 {
            let text = source[at..=body + offset].to_string();
            let (lines, nesting) = (text.lines().count(), deepest - 1);
            return Some(Function { name: name.into(), text, lines, nesting });
        }
    }
    None
}

/// Where a function's body opens; a declaration or a type has none.
fn body(code: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, byte) in code.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(at),
            b';' | b',' | b'=' if depth <= 0 && at > 2 => return None,
            _ => {}
        }
        if depth < 0 {
            return None;
        }
    }
    None
}

/// Every word of the code, with its place.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = code.as_bytes();
        at += bytes[at..].iter().take_while(|b| !is_word(**b)).count();
        let length = bytes[at..].iter().take_while(|b| is_word(**b)).count();
        let word = (length > 0).then(|| (at, &code[at..at + length]));
        at += length;
        word
    })
}

/// What each `cfg(...)`, `cfg!(...)` and `cfg_attr(...)` of the code asks for.
pub(crate) fn conditions(source: &str) -> Vec<String> {
    let code = code(source);
    let asks = words(&code).filter(|(_, word)| word.starts_with("cfg"));
    let condition = |(at, word): (usize, &str)| {
        let rest = code[at + word.len()..].strip_prefix('!');
        let rest = rest.unwrap_or(&code[at + word.len()..]);
        let within = rest.strip_prefix('(')?;
        let mut depth = 1;
        let end = within.find(|letter| {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            depth == 0
        })?;
        Some(within[..end].to_owned())
    };
    asks.filter_map(condition).collect()
}

/// The modules of this crate that the code names: `crate::net::Stream`,
/// `use crate::{net, probe}`.
pub(crate) fn modules_used(source: &str) -> Vec<String> {
    let code = code(source);
    let mut used = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => used.extend(group_heads(group)),
            None => used.extend(words(rest).next().map(|w| w.1.into())),
        }
    }
    used
}

/// The first words of a group's entries.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let (mut depth, mut entry) = (1, 0);
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && byte == b',') {
            let head = words(&group[entry..at]).next();
            heads.extend(head.map(|(_, word)| word.to_string()));
            entry = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    heads
}
