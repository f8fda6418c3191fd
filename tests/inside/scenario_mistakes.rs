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
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(name, messages.collect::<String>());
    });
}

#[test]
fn each_mistake_gets_its_message() {
    for file in std::fs::read_dir("tests/inside/mistakes").unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert_catalogue(name, &std::fs::read_to_string(&path).unwrap());
    }
}
