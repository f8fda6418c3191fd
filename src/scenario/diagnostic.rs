//! What is wrong with a scenario file, shown where it is wrong.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{
    AnnotationKind, Level, Renderer, Snippet, normalize_untrusted_str,
};

use super::file::Located;
use crate::units::UnitError;
use toml::de::DeTable;

/// Something wrong at some place of a file.
#[derive(Debug)]
pub(super) struct ScenarioFault {
    place: FaultPlace,
    problem: String,
    label: &'static str,
    /// Boxed, so that results with a fault stay small.
    context: Option<Box<(FaultPlace, &'static str)>>,
    help: Option<String>,
}

/// Where in a file something stands.
#[derive(Debug)]
enum FaultPlace {
    /// Its bytes.
    Span(Range<usize>),
    /// The keys that lead to it, the outermost first.
    Keys(Vec<&'static str>),
}

impl FaultPlace {
    /// The bytes of the value, or of the innermost table that is there.
    fn span(&self, source: &str) -> Range<usize> {
        let keys = match self {
            Self::Span(span) => return within(span, source),
            Self::Keys(keys) => keys,
        };
        let Ok(file) = DeTable::parse(source) else { return 0..0 };
        let (mut span, mut table) = (file.span(), Some(file.get_ref()));
        for key in keys {
            let Some(value) = table.and_then(|it| it.get(*key)) else { break };
            (span, table) = (value.span(), value.get_ref().as_table());
        }
        within(&span, source)
    }
}

impl ScenarioFault {
    /// Something wrong with the value that these keys lead to.
    pub(super) fn at_key(
        keys: &[&'static str],
        problem: impl Into<String>,
    ) -> Self {
        Self::new(FaultPlace::Keys(keys.to_vec()), problem)
    }

    /// Something wrong with a value.
    pub(super) fn at<T>(
        place: &Located<T>,
        problem: impl Into<String>,
    ) -> Self {
        Self::in_span(place.0.span(), problem)
    }

    /// A text that is no size or no time.
    pub(super) fn of_unit<T>(place: &Located<T>, error: &UnitError) -> Self {
        in_two_parts(place.0.span(), &error.to_string())
    }

    fn in_span(span: Range<usize>, problem: impl Into<String>) -> Self {
        Self::new(FaultPlace::Span(span), problem)
    }

    fn new(place: FaultPlace, problem: impl Into<String>) -> Self {
        let problem = problem.into();
        Self { place, problem, label: "", context: None, help: None }
    }

    /// Words beside the caret.
    pub(super) fn label(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }

    /// Another place that has to do with it.
    pub(super) fn context<T>(
        mut self,
        place: &Located<T>,
        label: &'static str,
    ) -> Self {
        self.context =
            Some(Box::new((FaultPlace::Span(place.0.span()), label)));
        self
    }

    /// Another key that has to do with it.
    pub(super) fn context_key(
        mut self,
        keys: &[&'static str],
        label: &'static str,
    ) -> Self {
        self.context = Some(Box::new((FaultPlace::Keys(keys.to_vec()), label)));
        self
    }

    /// What would be right.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The nearest right word if there is one, else all of them.
    pub(super) fn one_of<'a>(
        self,
        word: &str,
        right: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let help = match nearest(word, right.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", listed(right)),
        };
        self.help(help)
    }

    /// The whole message, with the lines of the file that it is about. A
    /// file is anybody's text, so nothing in it may steer the terminal: the
    /// renderer shows most control characters, but lets U+0080 to U+009F by.
    pub(super) fn render(&self, file: &str, source: &str) -> String {
        let span = self.place.span(source);
        let mark = AnnotationKind::Primary.span(span).label(self.label);
        let context = self.context.as_deref().map(|(place, label)| {
            let span = place.span(source);
            AnnotationKind::Context.span(span).label(*label)
        });
        let snippet = Snippet::source(source)
            .path(file)
            .annotation(mark)
            .annotations(context);
        let title = Level::ERROR.no_name().primary_title(&self.problem);
        let help = self
            .help
            .iter()
            .map(|help| Level::HELP.message(normalize_untrusted_str(help)));
        let report = title.element(snippet).elements(help);
        let raw = |c: char| c.is_control() && c != '\n';
        let rendered = Renderer::plain().render(&[report]);
        rendered.replace(raw, &char::REPLACEMENT_CHARACTER.to_string())
    }
}

/// The parser's errors, in the same words as ours. A message of ours that
/// came through the parser is "what is wrong; what would be right".
impl From<toml::de::Error> for ScenarioFault {
    fn from(error: toml::de::Error) -> Self {
        let span = error.span().unwrap_or_default();
        let message = error.message();
        unknown_word(span.clone(), message)
            .or_else(|| wrong_type(span.clone(), message))
            .or_else(|| missing_key(span.clone(), message))
            .or_else(|| wrong_step(span.clone(), message))
            .unwrap_or_else(|| in_two_parts(span, message))
    }
}

fn unknown_word(span: Range<usize>, message: &str) -> Option<ScenarioFault> {
    let (what, rest) = message.strip_prefix("unknown ")?.split_once(" `")?;
    let (word, expected) = rest.rsplit_once("`, expected ")?;
    let what = match what {
        "field" => "key",
        "variant" => "word",
        other => other,
    };
    let fault =
        ScenarioFault::in_span(span, format!("unknown {what} `{word}`"));
    let right = expected.split('`').skip(1).step_by(2);
    Some(fault.one_of(word, right))
}

fn wrong_type(span: Range<usize>, message: &str) -> Option<ScenarioFault> {
    let rest = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))?;
    let (found, expected) = rest.rsplit_once(", expected ")?;
    let right = match expected {
        "a sequence" => "a list in square brackets",
        "a string" => "a text in quotes",
        "a boolean" => "true or false",
        "u32" | "u64" | "usize" => "a whole number, such as 5",
        "newtype variant" => {
            let fault =
                ScenarioFault::in_span(span, "a step that needs a value");
            return Some(fault.help("such as `{ say = \"hello\\n\" }`"));
        }
        other => other,
    };
    let fault =
        ScenarioFault::in_span(span, format!("{found} cannot stand here"));
    Some(fault.help(format!("write {right}")))
}

/// What the parser says of a step that is neither a word nor a table with a
/// single key.
fn wrong_step(span: Range<usize>, message: &str) -> Option<ScenarioFault> {
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
    Some(ScenarioFault::in_span(span, problem).help(help))
}

fn missing_key(span: Range<usize>, message: &str) -> Option<ScenarioFault> {
    let key = message.strip_prefix("missing field `")?.strip_suffix('`')?;
    let fault =
        ScenarioFault::in_span(span, format!("the key `{key}` is missing"));
    Some(fault.help(format!("add `{key} = ...` here")))
}

fn in_two_parts(span: Range<usize>, message: &str) -> ScenarioFault {
    match message.rsplit_once("; ") {
        Some((problem, help)) => {
            ScenarioFault::in_span(span, problem).help(help)
        }
        None => ScenarioFault::in_span(span, message),
    }
}

/// The word of `right` that was most likely meant.
pub(super) fn nearest<'a>(
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

/// Words, each in backticks, with commas between them.
pub(super) fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.map(|it| format!("`{it}`")).collect();
    quoted.join(", ")
}

/// The span, cut to what is there and to whole characters.
fn within(span: &Range<usize>, source: &str) -> Range<usize> {
    let boundary = |place: usize| {
        let whole = |at: &usize| source.is_char_boundary(*at);
        (0..=place.min(source.len())).rev().find(whole).unwrap_or(0)
    };
    let start = boundary(span.start);
    start..boundary(span.end).max(start)
}

/// A file that was refused, and why.
#[derive(Debug)]
pub struct ScenarioRefusal {
    file: String,
    source: String,
    fault: ScenarioFault,
}

impl ScenarioRefusal {
    pub(super) const fn new(
        file: String,
        source: String,
        fault: ScenarioFault,
    ) -> Self {
        Self { file, source, fault }
    }
}

impl fmt::Display for ScenarioRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fault.render(&self.file, &self.source))
    }
}
