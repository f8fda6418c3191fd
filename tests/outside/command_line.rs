//! The command line as a contract: exit statuses, messages, forms of output.

use super::MODES;
use super::process::{Finished, Folder, Server, quiet, run, sockscope};
use super::talk::Client;
use std::net::{Ipv6Addr, TcpListener};
use std::process::Stdio;

const DURATION: [&str; 2] = ["--duration", "50ms"];

/// A scenario that is over at once.
const BRIEF: &str = r#"
title = "One client says one word"
[[clients]]
name = "one"
steps = ["connect", { say = "word\n" }, "await-echo"]
[[expect]]
says = "the word comes back"
clients = "one"
figure = "echoes"
equals = 1
"#;

#[track_caller]
fn expect_refusal(finished: &Finished, code: i32, message: &str) {
    assert_eq!(finished.code(), Some(code), "{finished:?}");
    assert_eq!(finished.stdout, "", "nothing runs");
    assert_eq!(finished.stderr, format!("sockscope: {message}\n"));
}

#[test]
fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for mode in MODES {
        let finished = run(&[mode, "--listen", &address]);
        let words = format!("cannot bind {address}: address in use");
        expect_refusal(&finished, 1, &words);
    }
}

/// 192.0.2.1 is for documentation and nobody's; see RFC 5737.
#[test]
fn an_address_that_is_not_ours_is_named() {
    let finished = run(&["selector", "--listen", "192.0.2.1:0"]);
    let words = "cannot bind 192.0.2.1:0: address not available";
    expect_refusal(&finished, 1, words);
}

#[test]
fn who_listens_beyond_loopback_is_told_the_limits() {
    let line = [&["--listen", "0.0.0.0:0"][..], &DURATION].concat();
    let finished = run_quiet("selector", &line);
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    let limits = "sockscope: listening beyond loopback: at most 1024 \
                  connections, 256 KiB of pending output each, idle \
                  time-out 1 min 00 s\n";
    assert_eq!(finished.stderr, limits);
}

#[test]
fn a_malformed_address_is_wrong_usage() {
    for address in ["7007", "localhost", "127.0.0.1:70000", "[::1]", "a b:1"] {
        let finished = run(&["selector", "--listen", address]);
        assert_eq!(finished.code(), Some(2), "{finished:?}");
        assert_eq!(finished.stdout, "");
        assert!(finished.stderr.contains(&format!("'{address}'")));
        assert!(finished.stderr.contains("wanted IP:PORT"), "{finished:?}");
    }
}

#[test]
fn wrong_usage_has_status_2() {
    let lines: [&[&str]; 12] = [
        &[],
        &["selectr"],
        &["selector", "--nonsense"],
        &["selector", "--duration", "5 parsecs"],
        &["selector", "--grace", "-1s"],
        &["selector", "--recv-size", "0"],
        &["selector", "--recv-size", "2 GiB", "--buffer-limit", "2 GiB"],
        &["selector", "--sndbuf", "3 GiB"],
        &["scenario", "check", "--rounds", "0"],
        &["selector", "--max-connections", "0"],
        &["selector", "--backlog", "-1"],
        &["selector", "--boom", "--framing", "bytes"],
    ];
    for line in lines {
        let finished = run(line);
        assert_eq!(finished.code(), Some(2), "{line:?}: {finished:?}");
        assert_eq!(finished.stdout, "", "{line:?}");
        assert_ne!(finished.stderr, "", "{line:?}");
    }
}

#[test]
fn a_scenario_with_a_mistake_is_shown_and_nothing_runs() {
    let folder = Folder::new("mistake");
    let path = folder.write("wrong.toml", BRIEF.replace("steps", "stpes"));
    let lines: [&[&str]; 4] = [
        &["selector", "--scenario", &path],
        &["load", "127.0.0.1:9", "--scenario", &path],
        &["scenario", "check", &path],
        &["scenario", "show", &path],
    ];
    for line in lines {
        let finished = run(line);
        assert_eq!(finished.code(), Some(2), "{line:?}: {finished:?}");
        assert_eq!(finished.stdout, "", "{line:?}");
        let words = finished.stderr;
        assert!(words.contains("`stpes`"), "{words}");
        assert!(words.contains("wrong.toml:5:1"), "{words}");
        assert!(words.contains("^^^^^"), "{words}");
        assert!(words.contains("did you mean `steps`?"), "{words}");
    }
}

#[test]
fn an_unknown_scenario_is_told_the_nearest() {
    let finished = run(&["selector", "--scenario", "two-cleints"]);
    assert_eq!(finished.code(), Some(2), "{finished:?}");
    assert_eq!(finished.stdout, "");
    assert!(finished.stderr.contains("`two-clients`"), "{finished:?}");
}

#[test]
fn a_scenario_that_is_no_text_is_refused() {
    let folder = Folder::new("no-text");
    let path = folder.write("binary.toml", [0xff, 0xfe, 0, 1]);
    let folder_path = folder.path("");
    for path in [path, folder_path] {
        let finished = run(&["selector", "--scenario", &path]);
        assert_eq!(finished.code(), Some(2), "{finished:?}");
        assert_eq!(finished.stdout, "");
    }
}

#[test]
fn a_scenario_that_cannot_be_read_is_named_with_the_cause() {
    let finished = run(&["selector", "--scenario", "not/there.toml"]);
    let words =
        "cannot read scenario not/there.toml: no such file or directory";
    expect_refusal(&finished, 2, words);
}

#[test]
fn a_duration_ends_it() {
    for mode in MODES {
        let finished = run_quiet(mode, &DURATION);
        let report = finished.expect_success().report();
        assert_eq!(report.text("/outcome"), "its time was over");
    }
}

fn run_quiet(mode: &str, args: &[&str]) -> Finished {
    super::process::Program::spawn(quiet(mode, args)).finish()
}

#[test]
fn it_listens_on_ipv6() {
    for mode in MODES {
        let server = Server::start(mode, &["--listen", "[::1]:0"]);
        assert_eq!(server.address.ip(), Ipv6Addr::LOCALHOST);
        Client::connect(server.address).echo("six\n");
        let report = server.report();
        let peer = report.text("/sockets/1/peer");
        assert!(peer.starts_with("[::1]:"), "{peer}");
    }
}

#[test]
fn our_own_clients_speak_ipv6() {
    let mut command = sockscope(&["selector", "--listen", "[::1]:0"]);
    command.args(["--scenario", "split-line", "--report", "json"]);
    command.args(["--ui", "none"]);
    let server = Server::spawn(command);
    let finished = server.program.finish();
    let report = finished.expect_success().report();
    assert_eq!(report.text("/outcome"), "all clients were done");
}

#[test]
fn load_speaks_to_any_server() {
    for listen in ["127.0.0.1:0", "[::1]:0"] {
        let server = Server::start("selector", &["--listen", listen]);
        let address = server.address.to_string();
        let finished = run(&["load", &address, "--scenario", "split-line"]);
        finished.expect_success();
        assert!(server.report().number("/server/echoes") > 0);
    }
}

/// The options of a report, in each form, are those of every mode.
#[test]
fn load_reports_in_every_form() {
    let server = Server::start("selector", &[]);
    let address = server.address.to_string();
    let load = |form: &str| {
        let scenario = ["--scenario", "split-line", "--report", form];
        let finished = run(&[&["load", &address][..], &scenario].concat());
        finished.expect_success();
        finished.stdout
    };
    let json: Result<serde_json::Value, _> =
        serde_json::from_str(&load("json"));
    assert!(json.is_ok(), "no JSON");
    expect_csv(&load("csv"));
    expect_markdown(&load("markdown"));
    assert!(!load("text").contains("GroupRow"), "words for people");
}

#[test]
fn every_form_of_a_report_is_well_formed() {
    for mode in MODES {
        let report = |form| {
            let line = [mode, "--ui", "none", "--report", form];
            let finished = run(&[&line[..], &DURATION].concat());
            finished.expect_success();
            finished.after_first_line().to_owned()
        };
        expect_csv(&report("csv"));
        expect_markdown(&report("markdown"));
        let text = report("text");
        assert!(text.contains("\nServer\n"), "{text}");
        let json: serde_json::Value =
            serde_json::from_str(&report("json")).unwrap();
        assert_eq!(json["conditions"]["mode"], mode);
    }
}

#[track_caller]
fn expect_csv(text: &str) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    assert!(reader.headers().unwrap().len() > 1, "{text}");
    let rows = reader.records().map(|row| row.expect("as wide as the rest"));
    assert!(rows.count() > 10, "{text}");
}

/// Every row of a table has as many cells as the row above it.
#[track_caller]
fn expect_markdown(text: &str) {
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let lines: Vec<_> = text.lines().collect();
    for pair in lines.windows(2) {
        if let [above, below] = pair
            && above.starts_with('|')
            && below.starts_with('|')
        {
            assert_eq!(cells(above), cells(below), "{above}\n{below}");
        }
    }
    assert!(
        lines.iter().any(|line| line.starts_with("|-")
            || line.starts_with("| -")
            || line.starts_with("| :")
            || line.starts_with("|:")),
        "{text}"
    );
}

#[test]
fn the_options_of_a_report_are_those_given() {
    let mut line = vec!["--color", "never", "selector", "--report", "json"];
    line.extend(["--ui", "none", "--scenario", "none"]);
    line.extend(DURATION);
    let report = run(&line).expect_success().report();
    let options = report.0["conditions"]["options"].to_string();
    assert!(!options.contains("selector"), "the mode: {options}");
    assert!(options.contains("--duration"), "{options}");
}

#[test]
fn a_report_goes_into_a_file() {
    let folder = Folder::new("file");
    let path = folder.path("report.json");
    let mut line = vec!["selector", "--ui", "none", "--report", "json"];
    line.extend(DURATION);
    line.extend(["-o", &path, "--color", "always"]);
    let finished = run(&line);
    finished.expect_success();
    assert_eq!(finished.stdout.lines().count(), 1, "only the address");
    let text = std::fs::read_to_string(path).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["conditions"]["mode"], "selector");
}

#[test]
fn a_text_report_in_a_file_has_no_colours() {
    let folder = Folder::new("plain");
    let path = folder.path("report.txt");
    let mut line = vec!["selector", "--color", "always", "-o", &path];
    line.extend(DURATION);
    run(&line).expect_success();
    let text = std::fs::read_to_string(path).unwrap();
    assert!(!text.contains('\x1b') && text.contains("Server"), "{text}");
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let folder = Folder::new("unwritable");
    let path = folder.path("not/there");
    let mut line = vec!["selector", "--ui", "none", "-o", &path];
    line.extend(DURATION);
    let finished = run(&line);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words =
        format!("sockscope: cannot write {path}: no such file or directory\n");
    assert_eq!(finished.stderr, words);
}

#[test]
fn colours_are_as_wanted() {
    let colours = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = sockscope(&["selector", "--ui", "none"]);
        command.args(DURATION).args(args).envs(env.iter().copied());
        let program = super::process::Program::spawn(command);
        program.finish().expect_success().stdout.contains('\x1b')
    };
    assert!(!colours(&[], &[]), "no terminal");
    assert!(colours(&["--color", "always"], &[]));
    assert!(colours(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(colours(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colours(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!colours(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

/// Standard output whose reader is gone before the first byte.
fn run_into_closed_pipe(line: &[&str]) -> Finished {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = sockscope(line);
    let child = command
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(command);
    let output = child.wait_with_output().unwrap();
    Finished {
        status: output.status,
        stdout: String::new(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let lines: [&[&str]; 12] = [
        &["--help"],
        &["--version"],
        &["selector", "--help"],
        &["man"],
        &["completions", "bash"],
        &["completions", "fish"],
        &["scenario", "list"],
        &["scenario", "schema"],
        &["scenario", "show", "two-clients"],
        &["scenario", "check", "split-line"],
        &["selector"],
        &["selector", "--ui", "none", "--report", "json"],
    ];
    for line in lines {
        run_into_closed_pipe(line).expect_success();
    }
}

/// As with `2>&1 | head -0`: the status is all that is left to tell.
#[test]
fn an_error_that_nobody_reads_is_no_panic() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = sockscope(&["selector", "--scenario", "nonsense"]);
    let status = command.stderr(writer).stdout(Stdio::null()).status();
    assert_eq!(status.unwrap().code(), Some(2));
}

#[test]
fn a_name_that_is_no_text_is_no_panic() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = Folder::new("no-text-name");
    let path = [folder.path("").as_bytes(), b"report-\xff"].concat();
    let path = OsStr::from_bytes(&path);
    let mut command = quiet("selector", &DURATION);
    command.arg("-o").arg(path);
    super::process::Program::spawn(command).finish().expect_success();
    assert!(std::path::Path::new(path).exists());
}

/// As with `| head -1`: the run does not go on for nobody.
#[test]
fn a_log_that_nobody_reads_any_more_ends_it() {
    use std::io::{BufRead as _, BufReader};

    for mode in MODES {
        let mut child = sockscope(&[mode, "--scenario", "none", "--ui", "log"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        assert!(line.starts_with("listening on "));
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{mode}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{mode}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    for line in [&["scenario", "list"][..], &["man"], &["selector"]] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let output = sockscope(line).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let words = String::from_utf8_lossy(&output.stderr);
        let message = "sockscope: cannot write to standard output: \
                       no storage space\n";
        assert_eq!(words, message);
    }
}

/// Every option that `--help` of the modes names.
fn options() -> Vec<String> {
    let help = run(&["selector", "--help"]).stdout;
    let word = |word: &str| {
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
    let contract = [
        "--listen",
        "--scenario",
        "--duration",
        "--ui",
        "--report",
        "--output",
        "--framing",
        "--recv-size",
        "--boom",
        "--backlog",
        "--max-connections",
        "--buffer-limit",
        "--sndbuf",
        "--rcvbuf",
        "--idle-timeout",
        "--grace",
        "--color",
    ];
    let options = options();
    for option in contract {
        assert!(options.iter().any(|it| it == option), "help: {option}");
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
    for line in list.lines() {
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
fn the_schema_is_the_one_in_the_repository() {
    let schema = run(&["scenario", "schema"]).expect_success().stdout.clone();
    let kept = std::fs::read_to_string("scenarios/schema.json").unwrap();
    assert_eq!(schema.trim(), kept.trim());
}

#[test]
fn an_expectation_that_fails_is_status_1() {
    let folder = Folder::new("expectation");
    let good = folder.write("good.toml", BRIEF);
    let bad = BRIEF.replace("equals = 1", "equals = 2");
    let bad = folder.write("bad.toml", bad);
    let finished = run(&["scenario", "check", &good]);
    finished.expect_success();
    assert!(finished.stdout.ends_with("4 passed, 0 failed\n"));
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

/// Whatever started it was larger: a shell, cargo, this test.
#[cfg(target_os = "linux")]
#[test]
fn peak_memory_is_its_own() {
    let ballast = vec![1_u8; 128 << 20];
    let finished = run_quiet("selector", &DURATION);
    let report = finished.expect_success().report();
    assert!(ballast.iter().all(|byte| *byte == 1));
    let peak = report.number("/server/peak_memory_bytes");
    assert!((1 << 20..64 << 20).contains(&peak), "{peak}");
}
