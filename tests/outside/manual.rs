//! Help, completions, the manual, and the commands about scenarios.

use crate::support::process::{BRIEF, Folder, have, run};
use std::process::{Command, Stdio};

/// A command and all commands below it that `--help` lists, in the words that
/// run them.
fn commands(above: &[String]) -> Vec<Vec<String>> {
    let line: Vec<_> = above.iter().map(String::as_str).collect();
    let help = run(&[&line[..], &["-h"]].concat()).stdout;
    let mut all = vec![above.to_vec()];
    let Some((_, listed)) = help.split_once("\nCommands:\n") else {
        return all;
    };
    let listed = listed.lines().take_while(|line| line.starts_with("  "));
    let names = listed.filter_map(|line| line.split_whitespace().next());
    for name in names {
        all.extend(commands(&[above, &[name.to_owned()]].concat()));
    }
    all
}

/// The help of a command, short or long.
fn help(command: &[String], option: &str) -> String {
    let line: Vec<_> = command.iter().map(String::as_str).collect();
    let finished = run(&[&line[..], &[option]].concat());
    finished.expect_success().stdout.clone()
}

/// Every option that a help names.
fn options(help: &str) -> Vec<String> {
    let word = |word: &str| {
        // `--presenter[=<BOOL>]` is named without its value.
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
fn without_a_command_it_prints_what_it_is_and_where_to_begin() {
    let finished = run(&[]);
    let text = finished.expect_success().stdout.clone();
    assert_eq!(finished.stderr, "");
    assert!(text.starts_with("An oscilloscope for sockets: "), "{text}");
    for line in ["compare", "serial", "selector"] {
        assert!(text.contains(&format!("\n  sockscope {line} ")), "{text}");
    }
    let first: Vec<_> = text.lines().take(3).collect();
    assert!(first[2].starts_with("  sockscope compare "), "head -3: {text}");
}

#[test]
fn short_help_fits_a_screen_and_every_group_has_a_known_name() {
    let groups = "Usage Commands Arguments Options|What runs|Clients|Server|\
                  What is shown|Output|Examples|Exit status";
    let groups: Vec<_> = groups.split(['|', ' ']).collect();
    for command in commands(&[]) {
        let (short, long) = (help(&command, "-h"), help(&command, "--help"));
        let lines = short.lines().count();
        assert!(lines <= 40, "{command:?} has {lines} lines\n{short}");
        for line in short.lines().chain(long.lines()) {
            let width = line.chars().count();
            assert!(width <= 80, "{command:?}: {width} columns: {line}");
            let is_heading = !line.starts_with(' ') && line.ends_with(':');
            let name = line.trim_end_matches(':');
            let known = name.split(' ').all(|word| groups.contains(&word));
            assert!(!is_heading || known, "{command:?}: {line}");
        }
        for line in short.lines().filter(|it| it.trim().starts_with('-')) {
            let has_help = line.trim().contains("  ");
            assert!(has_help, "{command:?}: its help is below {line}");
        }
        for option in options(&short) {
            assert!(long.contains(&option), "{command:?}: {option}");
        }
    }
}

#[test]
fn help_completions_and_manual_name_every_option() {
    let contract = "listen scenario duration ui report output framing recv-size \
                    boom errors backlog max-connections buffer-limit sndbuf \
                    rcvbuf idle-timeout grace color";
    let options = options(&help(&["selector".into()], "--help"));
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
        let script = &finished.expect_success().stdout;
        for option in &options {
            let name = option.trim_start_matches("--");
            assert!(script.contains(name), "{shell}: {option}");
        }
        for hidden in ["measured-", "hand-over"] {
            assert!(!script.contains(hidden), "{shell}: {hidden}");
        }
    }
}

/// The pages of `man --dir`, and the one page.
fn pages(folder: &Folder) -> Vec<String> {
    run(&["man", "--dir", &folder.path("pages")]).expect_success();
    let one = run(&["man"]).expect_success().stdout.clone();
    let mut pages = vec![folder.write("sockscope.1", one)];
    for entry in std::fs::read_dir(folder.path("pages")).unwrap() {
        pages.push(entry.unwrap().path().to_str().unwrap().to_owned());
    }
    pages
}

#[test]
fn every_command_has_a_page_with_the_usual_sections() {
    let folder = Folder::new("pages");
    let pages = pages(&folder);
    let commands = commands(&[]);
    assert_eq!(pages.len(), 1 + commands.len());
    for command in &commands {
        let name = [&["sockscope".to_owned()][..], command].concat().join("-");
        let page = folder.path(&format!("pages/{name}.1"));
        assert!(pages.contains(&page), "{page}");
    }
    for path in &pages {
        let page = std::fs::read_to_string(path).unwrap();
        for section in
            ["NAME", "SYNOPSIS", "EXIT STATUS", "ENVIRONMENT", "FILES"]
        {
            let heading = format!("\n.SH {section}\n");
            let quoted = format!("\n.SH \"{section}\"\n");
            let has = page.contains(&heading) || page.contains(&quoted);
            assert!(has, "{path}: {section}");
        }
        assert!(page.contains(".SH EXAMPLES\n.TP\n\\fBsockscope"), "{path}");
        for hidden in ["measured\\-", "MEASURED"] {
            assert!(!page.contains(hidden), "{path}: {hidden}");
        }
        let page = page.replace("\\-", "-").replace("\\fR", "");
        for (before, _) in page.match_indices("(1)") {
            let start = page[..before]
                .rfind(|it: char| !(it.is_alphanumeric() || it == '-'));
            let name = &page[start.map_or(0, |it| it + 1)..before];
            let name = name.trim_start_matches("fB");
            let other = folder.path(&format!("pages/{name}.1"));
            let is_there = std::path::Path::new(&other).exists();
            assert!(is_there && *path != pages[0], "{path}: {name}(1)");
        }
    }
}

#[test]
fn the_manual_has_no_faults_that_man_and_mandoc_know() {
    let folder = Folder::new("lint");
    let pages = pages(&folder);
    let lint: [&[&str]; 2] = [
        &["man", "--warnings", "-l", "-Tutf8", "-Z"],
        &["mandoc", "-T", "lint", "-W", "warning"],
    ];
    for line in lint.into_iter().filter(|line| have(line[0])) {
        for page in &pages {
            let output = Command::new(line[0])
                .args(&line[1..])
                .arg(page)
                .env("MANROFFSEQ", "")
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            let found = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "{line:?}: {said}{found}");
            assert_eq!(said, "", "{line:?} {page}");
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
