//! Goal: every mistake in a scenario file gets a message that names the file,
//! the line and the words in question, and says what would be right.
//! Method: catalogues of mistakes in `tests/inside/mistakes`, each under a
//! heading, and of their messages, in `tests/inside/snapshots`.

use sockscope::scenario;

/// Mistakes that a schema cannot see, by the name of their catalogue and their
/// heading.
const UNSEEN: &[(&str, &[&str])] = &[
    // The value of a quantity in words is no number to a schema.
    ("wrong_forms", &["a size above all buffers"]),
    ("impossible_values", &["hardly any"]),
    // One key forbids what another one says.
    (
        "impossible_values",
        &[
            "reads above the limit",
            "a limit below the reads",
            "boom in bytes",
            "a fate that the scenario leaves out",
            "a mode without handles",
            "a start too late",
            "a name twice",
            "a signal too late",
        ],
    ),
    (
        "impossible_expectations",
        &[
            "no such clients",
            "a figure of the server",
            "a figure of clients",
            "a count for a time",
            "a time for a count",
            "a time for a size",
            "bounds that exclude all",
            "another mode",
            "another fate of errors",
            "a run that there is not",
        ],
    ),
    // What a step may be depends on those before it.
    (
        "impossible_steps",
        &[
            "talking before connecting",
            "never connecting",
            "connecting twice",
            "talking after the end",
            "talking half closed",
            "waiting without reading",
            "a closed loop that never waits",
            "a closed loop that does nothing",
            "half-closing twice",
            "closing after the end",
        ],
    ),
];

/// Whether the schema accepts a scenario; `None` if the text is not TOML.
fn accepts(schema: &jsonschema::Validator, source: &str) -> Option<bool> {
    let value: serde_json::Value = toml::from_str(source).ok()?;
    Some(schema.is_valid(&value))
}

/// An editor that checks a file by its schema sees every mistake but those
/// that need more than the value itself.
#[test]
fn the_schema_refuses_each_mistake_that_a_schema_can_see() {
    let schema = serde_json::from_str(&scenario::schema()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for (name, mistakes) in catalogues() {
        for (heading, source) in each(&mistakes) {
            let is_unseen = UNSEEN.iter().any(|(catalogue, headings)| {
                *catalogue == name && headings.contains(&heading)
            });
            if let Some(accepted) = accepts(&schema, source) {
                assert_eq!(accepted, is_unseen, "{name}: {heading}");
            }
        }
    }
    let own = [include_str!("everything.toml")];
    for source in scenario::builtin().iter().map(|it| it.source).chain(own) {
        let value: serde_json::Value = toml::from_str(source).unwrap();
        let errors: Vec<_> = schema.iter_errors(&value).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

/// The catalogues by their names.
fn catalogues() -> Vec<(String, String)> {
    let files = std::fs::read_dir("tests/inside/mistakes").unwrap();
    let read = files.map(|file| {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mistakes = std::fs::read_to_string(&path).unwrap();
        // A file cannot hold a control character that a reader would see.
        (name, format!("\n{mistakes}").replace("\\u{9b}", "\u{9b}"))
    });
    read.collect()
}

/// Each mistake of a catalogue: its heading and the text of the file.
fn each(mistakes: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = mistakes.split("\n## ").skip(1);
    parts.map(|it| it.split_once('\n').unwrap())
}

#[test]
fn each_mistake_gets_its_message() {
    for (name, mistakes) in catalogues() {
        let messages = each(&mistakes).map(|(heading, source)| {
            let message = scenario::parse("test", "test.toml", source);
            format!("## {heading}\n{}\n\n", message.unwrap_err())
        });
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(name, messages.collect::<String>());
        });
    }
}
