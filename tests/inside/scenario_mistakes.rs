//! Goal: every mistake in a scenario file gets a message that names the file,
//! the line and the words in question, and says what would be right.
//! Method: catalogues of mistakes in `tests/inside/mistakes`, each under a
//! heading, and of their messages, in `tests/inside/snapshots`.

use sockscope::scenario;

/// Compares the message that each mistake gets with the catalogue of that
/// name. A file cannot hold a control character that a reader would see.
fn assert_catalogue(name: &str, mistakes: &str) {
    let mistakes = format!("\n{}", mistakes.replace("\\u{9b}", "\u{9b}"));
    let messages = mistakes.split("\n## ").skip(1).map(|it| {
        let (mistake, source) = it.split_once('\n').unwrap();
        let message = scenario::parse("test", "test.toml", source);
        format!("## {mistake}\n{}\n\n", message.unwrap_err())
    });
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::assert_snapshot!(name, messages.collect::<String>());
    });
}

#[test]
fn a_file_that_is_no_toml_is_refused() {
    assert_catalogue("no_toml", include_str!("mistakes/no_toml.txt"));
}

#[test]
fn a_name_that_is_not_known_is_refused() {
    let mistakes = include_str!("mistakes/unknown_names.txt");
    assert_catalogue("unknown_names", mistakes);
}

#[test]
fn a_value_of_the_wrong_form_is_refused() {
    assert_catalogue("wrong_forms", include_str!("mistakes/wrong_forms.txt"));
}

#[test]
fn a_value_that_cannot_be_is_refused() {
    let mistakes = include_str!("mistakes/impossible_values.txt");
    assert_catalogue("impossible_values", mistakes);
}

#[test]
fn steps_that_cannot_be_done_are_refused() {
    let mistakes = include_str!("mistakes/impossible_steps.txt");
    assert_catalogue("impossible_steps", mistakes);
}

#[test]
fn an_expectation_that_cannot_be_met_is_refused() {
    let mistakes = include_str!("mistakes/impossible_expectations.txt");
    assert_catalogue("impossible_expectations", mistakes);
}
