//! Help, completions, the manual, and the commands about scenarios.

use crate::support::process::{BRIEF, Folder, run};

/// Every option that `--help` of the modes names.
fn options() -> Vec<String> {
    let help = run(&["selector", "--help"]).stdout;
    let word = |word: &str| {
        // `--presenter[=<true|false>]` is named without its value.
        let word = word.split(['[', '=']).next().unwrap_or_default();
        let word = word.trim_end_matches([',', ';', '.', '`']);
        word.starts_with("--").then(|| word.to_owned())
    };
    let mut options: Vec<_> =
        help.split_whitespace().filter_map(word).collect();
    options.sort();
    options.dedup();
    options
}

#[test]
fn help_completions_and_manual_name_every_option() {
    let contract = "listen scenario duration ui report output framing recv-size \
                    boom errors backlog max-connections buffer-limit sndbuf \
                    rcvbuf idle-timeout grace color";
    let options = options();
    for option in contract.split(' ') {
        let named = options.iter().any(|it| it[2..] == *option);
        assert!(named, "help: {option}");
    }
    let manual = run(&["man"]).stdout.replace("\\-", "-");
    for option in &options {
        assert!(manual.contains(option.as_str()), "manual: {option}");
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let finished = run(&["completions", shell]);
        finished.expect_success();
        for option in &options {
            let name = option.trim_start_matches("--");
            assert!(finished.stdout.contains(name), "{shell}: {option}");
        }
    }
}

#[test]
fn scenarios_are_listed_and_shown() {
    let list = run(&["scenario", "list"]).expect_success().stdout.clone();
    // A long title goes on in the next line.
    for line in list.lines().filter(|line| !line.starts_with(' ')) {
        let (name, title) = line.split_once(' ').unwrap();
        assert!(!title.trim().is_empty(), "{name}");
        let shown = run(&["scenario", "show", name]);
        shown.expect_success();
        let path = format!("scenarios/{name}.toml");
        assert_eq!(shown.stdout, std::fs::read_to_string(path).unwrap());
    }
    assert!(list.starts_with("two-clients"), "the default comes first");
}

#[test]
fn an_expectation_that_fails_is_status_1() {
    let folder = Folder::new("expectation");
    let good = folder.write("good.toml", BRIEF);
    let bad = BRIEF.replace("equals = 1", "equals = 2");
    let bad = folder.write("bad.toml", bad);
    let finished = run(&["scenario", "check", &good]);
    finished.expect_success();
    assert!(finished.stdout.ends_with("5 passed, 0 failed\n"));
    let line = ["scenario", "check", &good, &bad, "--modes", "selector"];
    let finished = run(&line);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "failed: the word comes back (wanted 2, found 1)";
    assert!(finished.stdout.contains(words), "{finished:?}");
    assert!(finished.stdout.ends_with("1 passed, 1 failed\n"));
    let words = "sockscope: 1 of 2 runs did not meet their expectations\n";
    assert_eq!(finished.stderr, words);
}

/// A single run shows the failure, but the run itself went as asked.
#[test]
fn a_run_tells_which_expectations_failed() {
    let folder = Folder::new("failing-run");
    let bad = BRIEF.replace("equals = 1", "equals = 2");
    let bad = folder.write("bad.toml", bad);
    let finished = run(&["selector", "--ui", "none", "--scenario", &bad]);
    finished.expect_success();
    assert!(finished.stdout.contains("the word comes back"), "{finished:?}");
}

/// The end that a scenario asks for by itself is no failure.
#[test]
fn a_scenario_may_cut_itself_short() {
    let folder = Folder::new("two-signals");
    let signals = r#"signals = [{ at = "1 s", signal = "TERM" },
                      { at = "2 s", signal = "INT" }]"#;
    let pause = r#"{ pause = "30 s" }, { say"#;
    let brief =
        BRIEF.replace("{ say", pause).replace("equals = 1", "equals = 0");
    let path = folder.write("signals.toml", format!("{signals}\n{brief}"));
    let finished = run(&["scenario", "check", &path]);
    assert!(finished.stdout.ends_with("5 passed, 0 failed\n"), "{finished:?}");
    finished.expect_success();
    let line = ["blocking", "--scenario", &path, "--ui", "none"];
    assert_eq!(run(&line).code(), Some(130));
}
