//! Goal: every mistake in a scenario file gets a message that names the file,
//! the line and the words in question, and says what would be right.
//! Method: catalogues of mistakes and their messages, in `tests/snapshots`.

use std::fmt::Write;

use sockscope::scenario;

fn error_of(source: &str) -> String {
    scenario::parse("test", "test.toml", source).unwrap_err().to_string()
}

/// A scenario with one client that does `steps`, and `more` at the end.
fn with(steps: &str, more: &str) -> String {
    format!("title = \"T\"\n[[clients]]\nname = \"a\"\nsteps = {steps}\n{more}")
}

fn with_steps(steps: &str) -> String {
    with(&format!("[\"connect\", {steps}]"), "")
}

fn with_server(line: &str) -> String {
    with("[\"connect\"]", &format!("[server]\n{line}\n"))
}

fn with_expectation(lines: &str) -> String {
    with("[\"connect\"]", &format!("[[expect]]\nsays = \"S\"\n{lines}\n"))
}

fn with_clients(line: &str) -> String {
    format!(
        "title = \"T\"\ntime-limit = \"10 s\"\n[[clients]]\n{line}\n\
         steps = [\"connect\"]\n"
    )
}

/// Compares each mistake and the message that it gets with the catalogue of
/// that name in `tests/snapshots`.
fn assert_catalogue<'a>(
    name: &str,
    mistakes: impl IntoIterator<Item = (&'a str, String)>,
) {
    let mut catalogue = String::new();
    for (mistake, source) in mistakes {
        let message = error_of(&source);
        write!(catalogue, "## {mistake}\n{message}\n\n").unwrap();
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, catalogue));
}

#[test]
fn a_file_that_is_no_toml_is_refused() {
    assert_catalogue(
        "no_toml",
        [
            ("an open text", "title = \"T\n".to_owned()),
            ("an open table", with("[\"connect\"]", "[server\n")),
            ("a key that steers the terminal", with_server("re\u{9b}cv = 5")),
            ("a key twice", with_server("boom = true\nboom = false")),
        ],
    );
}

#[test]
fn a_name_that_is_not_known_is_refused() {
    let framing = "framing = \"line\"";
    let signal = "[[signals]]\nsignal = \"KILL\"\nat = \"1 s\"\n";
    assert_catalogue(
        "unknown_names",
        [
            ("a key", with_server("recv-sise = \"2 B\"")),
            ("a key like no other", with_server("colour = \"blue\"")),
            (
                "a key that would colour the terminal",
                with_server("\"re\\u001b[31mcv\" = 5"),
            ),
            ("a framing", with_server(framing)),
            ("a signal", with("[\"connect\"]", signal)),
            ("a mode", format!("modes = [\"serail\"]\n{}", with("[]", ""))),
            ("a fate of errors", with_server("errors = \"hadnled\"")),
            ("a step", with_steps("\"await-ecko\"")),
            ("a step with a value", with_steps("{ sya = \"x\" }")),
            ("a way to read", with_steps("{ reading = \"eagre\" }")),
        ],
    );
}

#[test]
fn a_value_of_the_wrong_form_is_refused() {
    assert_catalogue(
        "wrong_forms",
        [
            ("a missing key", with("[\"connect\"]", "").replace("name", "#")),
            ("a unit of sizes", with_server("recv-size = \"2 bites\"")),
            ("a unit of times", with_server("grace = \"5 lightyears\"")),
            ("a time without a unit", with_server("grace = 5")),
            ("a time beyond a day", with_server("grace = \"25 h\"")),
            ("a size above all buffers", with_server("sndbuf = \"2 GiB\"")),
            ("a count in quotes", with_server("backlog = \"5\"")),
            ("a count below zero", with_server("backlog = -5")),
            ("a broken count", with_server("backlog = 5.5")),
            ("a word for a switch", with_server("boom = \"yes\"")),
            ("a number for a table", "server = 5\ntitle = \"T\"".to_owned()),
            ("a word for a list", with("\"connect\"", "")),
            ("a number for a step", with_steps("5")),
            ("a step without its value", with_steps("\"say\"")),
            ("a word with a value", with_steps("{ close = \"now\" }")),
            ("two steps in one", with_steps("{ say = \"x\", send = \"1 B\" }")),
            (
                "half a way to read",
                with_steps("{ reading = { bytes = \"1 B\" } }"),
            ),
        ],
    );
}

#[test]
fn a_value_that_cannot_be_is_refused() {
    assert_catalogue(
        "impossible_values",
        [
            ("reads of nothing", with_server("recv-size = 0")),
            ("no idle time", with_server("idle-timeout = \"0 s\"")),
            ("hardly any", with_server("idle-timeout = \"999 us\"")),
            (
                "reads above the limit",
                with_server(
                    "recv-size = \"64 KiB\"\nbuffer-limit = \"16 KiB\"",
                ),
            ),
            (
                "a limit below the reads",
                with_server("buffer-limit = \"8 KiB\""),
            ),
            ("boom in bytes", with_server("framing = \"bytes\"\nboom = true")),
            ("no mode", format!("modes = []\n{}", with("[]", ""))),
            ("no fate of errors", format!("errors = []\n{}", with("[]", ""))),
            (
                "a fate that the scenario leaves out",
                format!(
                    "errors = [\"kept\"]\n{}",
                    with_server("errors = \"dropped\"")
                ),
            ),
            (
                "a mode without handles",
                format!(
                    "modes = [\"serial\", \"selector\"]\n{}",
                    with_server("errors = \"kept\"")
                ),
            ),
            ("no clients", "title = \"T\"\n".to_owned()),
            ("an empty title", with("[]", "").replace('T', " ")),
            (
                "a title that colours",
                with("[\"connect\"]", "").replace('T', "\\u001b[31m"),
            ),
            ("a name with spaces", with_clients("name = \"a b\"")),
            ("no client", with_clients("name = \"a\"\ncount = 0")),
            ("too many clients", with_clients("name = \"a\"\ncount = 100_001")),
            (
                "a start too late",
                with_clients("name = \"a\"\ncount = 11\nstagger = \"1 s\""),
            ),
            (
                "a name twice",
                with(
                    "[\"connect\"]",
                    "[[clients]]\nname = \"a\"\nsteps = [\"connect\"]\n",
                ),
            ),
            (
                "a signal too late",
                with(
                    "[\"connect\"]",
                    "[[signals]]\nsignal = \"INT\"\nat = \"30 s\"\n",
                ),
            ),
        ],
    );
}

#[test]
fn steps_that_cannot_be_done_are_refused() {
    let repeat = |what: &str| with_steps(&format!("{{ repeat = {what} }}"));
    assert_catalogue(
        "impossible_steps",
        [
            ("no step", with("[]", "")),
            ("talking before connecting", with("[{ say = \"x\" }]", "")),
            ("never connecting", with("[{ pause = \"1 s\" }]", "")),
            ("connecting twice", with_steps("\"connect\"")),
            ("talking after the end", with_steps("\"close\", { say = \"x\" }")),
            (
                "talking half closed",
                with_steps("\"half-close\", { send = \"1 B\" }"),
            ),
            (
                "waiting without reading",
                with_steps("{ reading = \"stopped\" }, \"await-echo\""),
            ),
            ("saying nothing", with_steps("{ say = \"\" }")),
            (
                "no pieces",
                with_steps(
                    "{ say-in-pieces = { pieces = [], gap = \"1 s\" } }",
                ),
            ),
            (
                "repeating a repetition",
                repeat(
                    "{ times = 2, steps = [{ repeat = { times = 2, steps = [] } }] }",
                ),
            ),
            ("repeating an end", repeat("{ times = 2, steps = [\"close\"] }")),
            ("repeating nothing", repeat("{ times = 2, steps = [] }")),
            (
                "repeating no times",
                repeat("{ times = 0, steps = [\"await-echo\"] }"),
            ),
            (
                "repeating without an end",
                repeat("{ steps = [\"await-echo\"] }"),
            ),
            (
                "repeating with two ends",
                repeat(
                    "{ times = 1, for = \"1 s\", steps = [\"await-echo\"] }",
                ),
            ),
            (
                "a closed loop that never waits",
                repeat("{ for = \"1 s\", steps = [{ say = \"x\" }] }"),
            ),
            (
                "a closed loop that does nothing",
                repeat("{ times = 2, steps = [\"await-echo\"] }"),
            ),
        ],
    );
}

#[test]
fn an_expectation_that_cannot_be_told_is_refused() {
    let reads =
        |line: &str| with_expectation(&format!("figure = \"reads\"\n{line}"));
    let of_clients = |figure: &str, clients: &str| {
        with_expectation(&format!(
            "figure = \"{figure}\"\nclients = \"{clients}\"\nequals = 1"
        ))
    };
    let other_mode = reads("equals = 1\nmodes = [\"selector\"]");
    assert_catalogue(
        "impossible_expectations",
        [
            (
                "no such figure",
                with_expectation("figure = \"echos\"\nequals = 1"),
            ),
            ("no such clients", of_clients("echoes", "crowd")),
            ("a figure of the server", of_clients("reads", "a")),
            (
                "a figure of clients",
                with_expectation(
                    "figure = \"echo-time-max\"\nequals = \"1 s\"",
                ),
            ),
            ("a count for a time", of_clients("echo-time-max", "a")),
            ("a time for a count", reads("equals = \"1 s\"")),
            (
                "a time for a size",
                with_expectation("figure = \"bytes-in\"\nequals = \"1 s\""),
            ),
            ("no bound", reads("")),
            ("two kinds of bounds", reads("equals = 1\nat-most = 2")),
            ("bounds that exclude all", reads("at-least = 2\nat-most = 1")),
            ("another mode", format!("modes = [\"serial\"]\n{other_mode}")),
            (
                "another fate of errors",
                reads("equals = 1\nerrors = [\"kept\"]"),
            ),
            (
                "a run that there is not",
                format!(
                    "errors = [\"handled\", \"kept\"]\n{}",
                    reads(
                        "equals = 1\nmodes = [\"selector\"]\n\
                         errors = [\"kept\"]"
                    )
                ),
            ),
        ],
    );
}
