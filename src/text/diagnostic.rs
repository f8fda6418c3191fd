//! Errors in TOML files, shown with the lines that they are about.

use super::foreign::{clean, steers};
use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Level, Renderer, Snippet, normalize_untrusted_str,
};

use itertools::Itertools as _;
use toml::de::{DeTable, DeValue};

/// An error in a TOML file, and where it is.
#[derive(Debug)]
pub(crate) struct TomlFault {
    place: FaultPlace,
    problem: String,
    label: &'static str,
    /// A key of the same table that is to be marked too, and its label.
    beside: Option<(&'static str, &'static str)>,
    help: Option<String>,
}

/// A place in a TOML file.
#[derive(Debug)]
enum FaultPlace {
    /// A range of bytes.
    Span(Range<usize>),
    /// The keys and indexes that lead to a value, the innermost first.
    Path(Vec<PathPart>),
}

/// A step of the path to a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PathPart {
    /// A key of a table.
    Key(&'static str),
    /// An index of a list.
    Place(usize),
}

impl From<&'static str> for PathPart {
    fn from(key: &'static str) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for PathPart {
    fn from(place: usize) -> Self {
        Self::Place(place)
    }
}

impl TomlFault {
    /// An error in the value that is being checked; callers add the path to
    /// that value with [`at`](Self::at).
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        let (problem, place) = (problem.into(), FaultPlace::Path(Vec::new()));
        Self { place, problem, label: "", beside: None, help: None }
    }

    /// Splits a message of the form "problem; help" at its last semicolon.
    pub(crate) fn in_two_parts(message: &str) -> Self {
        match message.rsplit_once("; ") {
            Some((problem, help)) => Self::new(problem).help(help),
            None => Self::new(message),
        }
    }

    /// Adds the key or the index of the value in its table or list to the path.
    pub(crate) fn at(mut self, part: impl Into<PathPart>) -> Self {
        if let FaultPlace::Path(path) = &mut self.place {
            path.push(part.into());
        }
        self
    }

    /// Sets the text beside the caret.
    pub(crate) fn label(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }

    /// Marks another key of the same table too, with this label.
    pub(crate) fn beside(
        mut self,
        key: &'static str,
        label: &'static str,
    ) -> Self {
        self.beside = Some((key, label));
        self
    }

    /// Sets the help, which says what would be right.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests the word most similar to `word`, or all of them if none is.
    pub(crate) fn one_of<'a>(
        self,
        word: &str,
        right: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let near = nearest(word, right.clone());
        self.help(near.map_or_else(
            || {
                format!(
                    "write one of {}",
                    right.format_with(", ", |it, f| f(&format_args!("`{it}`")))
                )
            },
            |near| format!("did you mean `{near}`?"),
        ))
    }

    /// The whole message, with the lines of the file that it is about. What
    /// steers a terminal is replaced by a single character, so that the carets
    /// stay below the text: the renderer itself leaves some of it.
    pub(crate) fn render(&self, file: &str, source: &str) -> String {
        let (span, context) = match &self.place {
            FaultPlace::Span(span) => (span.clone(), None),
            FaultPlace::Path(path) => {
                let beside = self.beside.map(|(key, label)| {
                    let mut path = path.clone();
                    path[0] = key.into();
                    let span = within(&span_of(&path, source), source);
                    AnnotationKind::Context.span(span).label(label)
                });
                (span_of(path, source), beside)
            }
        };
        let span = within(&span, source);
        let mark = AnnotationKind::Primary.span(span).label(self.label);
        let snippet = Snippet::source(source)
            .path(clean(file))
            .annotation(mark)
            .annotations(context);
        let title = Level::ERROR.no_name().primary_title(clean(&self.problem));
        let help = self
            .help
            .iter()
            .map(|help| Level::HELP.message(normalize_untrusted_str(help)));
        let report = title.element(snippet).elements(help);
        let raw = |c: char| steers(c) && c != '\n';
        let rendered = Renderer::plain().render(&[report]);
        rendered.replace(raw, &char::REPLACEMENT_CHARACTER.to_string())
    }
}

/// The bytes of the value that this path leads to, or of the innermost value on
/// the path that exists.
fn span_of(path: &[PathPart], source: &str) -> Range<usize> {
    let Ok(file) = DeTable::parse(source) else { return 0..0 };
    let mut parts = path.iter().rev();
    let Some(PathPart::Key(first)) = parts.next() else { return 0..0 };
    let Some(mut value) = file.get_ref().get(*first) else {
        return file.span();
    };
    for part in parts {
        let next = match (value.get_ref(), part) {
            (DeValue::Table(table), PathPart::Key(key)) => table.get(*key),
            (DeValue::Array(list), PathPart::Place(place)) => list.get(*place),
            _ => None,
        };
        let Some(next) = next else { break };
        value = next;
    }
    value.span()
}

/// Rewords the parser's errors like our own. Messages of our own types that the
/// parser passes on have the form "problem; help".
impl From<toml::de::Error> for TomlFault {
    fn from(error: toml::de::Error) -> Self {
        let message = error.message();
        let fault = unknown_word(message)
            .or_else(|| wrong_type(message))
            .or_else(|| missing_key(message))
            .or_else(|| wrong_step(message))
            .unwrap_or_else(|| Self::in_two_parts(message));
        let place = FaultPlace::Span(error.span().unwrap_or_default());
        Self { place, ..fault }
    }
}

fn unknown_word(message: &str) -> Option<TomlFault> {
    let (what, rest) = message.strip_prefix("unknown ")?.split_once(" `")?;
    let (word, expected) = rest.rsplit_once("`, expected ")?;
    let what = match what {
        "field" => "key",
        "variant" => "word",
        other => other,
    };
    let fault = TomlFault::new(format!("unknown {what} `{word}`"));
    let right = expected.split('`').skip(1).step_by(2);
    Some(fault.one_of(word, right))
}

fn wrong_type(message: &str) -> Option<TomlFault> {
    let rest = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))?;
    let (found, expected) = rest.rsplit_once(", expected ")?;
    let right = match expected {
        "a sequence" => "a list in square brackets",
        "a string" => "a text in quotes",
        "a boolean" => "true or false",
        "u32" | "u64" | "usize" => "a whole number, such as 5",
        "newtype variant" | "struct variant" => {
            let fault = TomlFault::new("a step that needs a value");
            return Some(fault.help("such as `{ say = \"hello\\n\" }`"));
        }
        other => other,
    };
    let fault = TomlFault::new(format!("{found} cannot stand here"));
    Some(fault.help(format!("write {right}")))
}

/// Rewords the parser's errors about a step that is neither a word nor a table
/// with a single key.
fn wrong_step(message: &str) -> Option<TomlFault> {
    let (problem, help) = match message {
        "wanted string or table" => (
            "this cannot stand here",
            "write a word in quotes, or a table in curly brackets",
        ),
        _ if message.starts_with("wanted exactly 1 element") => (
            "a table with exactly one key is wanted",
            "write each step as a table of its own",
        ),
        _ if message.starts_with("expected table, found ") => {
            ("a word that takes no value", "write it alone, such as \"close\"")
        }
        _ => return None,
    };
    Some(TomlFault::new(problem).help(help))
}

fn missing_key(message: &str) -> Option<TomlFault> {
    let key = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    let fault = TomlFault::new(format!("the key `{key}` is missing"));
    Some(fault.help(format!("add `{key} = ...` here")))
}

/// The word of `right` most similar to `word`; `None` if none is similar.
pub(crate) fn nearest<'a>(
    word: &str,
    right: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = word.chars().take(65).count().max(1);
    let allowed = if length > 64 { 0 } else { (length / 3).max(1) };
    right
        .map(|candidate| {
            (strsim::damerau_levenshtein(word, candidate), candidate)
        })
        .filter(|(distance, _)| *distance <= allowed.min(length - 1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The span, cut to the length of the text and to whole characters.
fn within(span: &Range<usize>, source: &str) -> Range<usize> {
    let boundary = |place: usize| {
        let whole = |at: &usize| source.is_char_boundary(*at);
        (0..=place.min(source.len())).rev().find(whole).unwrap_or(0)
    };
    let start = boundary(span.start);
    start..boundary(span.end).max(start)
}
