//! `compare`: several modes in one process.

use crate::support::Client;
use crate::support::patience::wait_for;
use crate::support::process::{
    BRIEF, Finished, Folder, MODES, Program, run, sockscope,
};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// What it writes into a file as JSON, and how it ended.
fn compared(args: &[&str]) -> (Finished, Value) {
    let folder = Folder::new("compare");
    let path = folder.path("compared.json");
    let line = ["compare", "--ui", "log", "--report", "json", "-o", &path];
    let finished = run(&[&line[..], args].concat());
    let text = std::fs::read_to_string(&path).unwrap();
    (finished, serde_json::from_str(&text).expect("JSON"))
}

fn number(value: &Value, place: &str) -> u64 {
    let number = value.pointer(place).and_then(Value::as_u64);
    number.unwrap_or_else(|| panic!("no number at {place}"))
}

fn verdict(json: &Value) -> Vec<&str> {
    let sentences = json["verdict"].as_array().unwrap().iter();
    sentences.map(|it| it.as_str().unwrap()).collect()
}

/// Where the server of the first line listens.
fn first_address(program: &Program) -> SocketAddr {
    let line = program.listening_line();
    let (_, address) = line.split_once(" listening on ").unwrap();
    address.parse().unwrap()
}

#[test]
fn two_modes_are_compared_in_a_table_and_a_verdict_alone() {
    let finished = run(&["compare", "serial", "selector", "--ui", "log"]);
    finished.expect_success();
    let listening = &finished.listening;
    assert!(listening[0].starts_with("serial listening on 127.0.0.1:"));
    assert!(listening[1].starts_with("selector listening on 127.0.0.1:"));
    let lines: Vec<_> = finished.stdout.lines().collect();
    assert!(lines[0].is_empty(), "no event has a line");
    assert!(lines[1].starts_with("serial and selector: on two-clients"));
    let waited = lines.iter().find(|it| it.contains("• serial: talker"));
    let waited = waited.expect("a verdict");
    assert!(waited.contains("waited 1."), "{waited}");
    assert!(waited.contains(" s behind silent"), "{waited}");
}

#[test]
fn all_modes_run_unless_some_are_named() {
    let (finished, json) = compared(&["--scenario", "half-close"]);
    finished.expect_success();
    let modes = json["modes"].as_array().unwrap();
    for (mode, result) in MODES.iter().zip(modes) {
        assert_eq!(result["name"], *mode);
        assert_eq!(result["failure"], Value::Null);
        assert_eq!(result["conditions"]["mode"], *mode);
        assert_eq!(number(result, "/server/bytes_out"), 1_048_579);
        assert_eq!(result["outcome"], "all clients were done");
        let memory = &result["server"]["peak_memory_bytes"];
        assert_eq!(*memory, Value::Null, "it belongs to five servers");
    }
    assert_eq!((modes.len(), verdict(&json).len()), (5, 5));
    let options = &json["conditions"]["options"];
    assert_eq!(options[0], "--ui", "the command is no option");
}

/// Whatever else spins in the process, and whichever server has ended before.
#[cfg(target_os = "linux")]
#[test]
fn each_servers_cpu_time_is_its_own() {
    let (_, json) = compared(&["serial", "blocking", "nonblocking"]);
    let cpu = |mode: usize, part: &str| {
        number(&json, &format!("/modes/{mode}/server/cpu/{part}_ns"))
    };
    let [serial, blocking, spinning] =
        [0, 1, 2].map(|mode| cpu(mode, "user") + cpu(mode, "system"));
    assert!(serial > 0 && blocking > 0, "{serial} {blocking}");
    assert!(10 * blocking < spinning, "{blocking} {spinning}");
    assert!(10 * serial < spinning, "{serial} {spinning}");
    assert_eq!(number(&json, "/modes/1/server/threads"), 3);
}

#[test]
fn in_turn_one_follows_the_other_on_one_port() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = port.local_addr().unwrap().to_string();
    let folder = Folder::new("compare-in-turn");
    let brief = folder.write("brief.toml", BRIEF);
    let line = ["--in-turn", "--listen", &address, "--scenario", &brief];
    let (finished, json) = compared(&line);
    assert_eq!(finished.code(), Some(1));
    let failure = format!("cannot bind {address}: address in use");
    for mode in 0..5 {
        assert_eq!(json["modes"][mode]["failure"], failure);
        assert_eq!(json["modes"][mode]["server"], Value::Null);
    }
    assert_eq!(verdict(&json)[4], format!("tasks: failed: {failure}"));
    drop(port);
    let (finished, json) = compared(&line);
    finished.expect_success();
    let lines = finished.listening.iter();
    let modes: Vec<_> = lines.filter_map(|it| it.split(' ').next()).collect();
    assert_eq!(modes, MODES);
    assert_eq!(finished.listening.concat().matches(&address).count(), 5);
    assert_eq!(json["in_turn"], true);
    for mode in 0..5 {
        let place = format!("/modes/{mode}/clients/total/echoes");
        assert_eq!(number(&json, &place), 1);
    }
}

#[test]
fn a_mode_that_fails_is_reported_and_the_others_complete() {
    let (finished, json) =
        compared(&["--scenario", "boom", "--errors", "dropped"]);
    assert_eq!(finished.code(), Some(1));
    let said = verdict(&json);
    assert!(said[0].starts_with("serial: failed: the server failed"));
    assert_eq!(json["modes"][0]["name"], "serial");
    let failure = json["modes"][0]["failure"].as_str().unwrap();
    assert!(failure.contains("boom"), "{failure}");
    for mode in [1, 2] {
        assert_eq!(json["modes"][mode]["failure"], Value::Null);
        let outcome = &json["modes"][mode]["outcome"];
        assert_eq!(outcome, "all clients were done");
    }
}

#[track_caller]
fn expect_refusal(line: &str, words: &str) {
    let args: Vec<_> = line.split_whitespace().collect();
    let finished = run(&[&["compare"][..], &args].concat());
    assert_eq!(finished.code(), Some(2), "{finished:?}");
    assert!(finished.stderr.contains(words), "{}", finished.stderr);
    assert_eq!(finished.stdout, "");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    expect_refusal("tasks serial tasks", "`tasks` is named twice");
    expect_refusal("serial", "name a second mode");
    expect_refusal("serial threads", "invalid value 'threads'");
    expect_refusal("--listen 127.0.0.1:7007", "`--in-turn`");
    expect_refusal("--scenario starvation", "meant for tasks alone");
    expect_refusal("--scenario nonsense", "nonsense");
    let yields = "`--yield` is for `tasks`";
    expect_refusal("selector serial --yield never", yields);
    let kept = "selector has no handles";
    expect_refusal("selector tasks --errors kept", kept);
    expect_refusal("--speed step --ui log", "begins paused");
}

/// A limit of descriptors is one of the process, not of a server.
#[test]
fn few_descriptors_are_had_in_turn_alone() {
    let folder = Folder::new("compare-descriptors");
    let text = format!("{BRIEF}[server]\ndescriptors = 64\n");
    let few = folder.write("few.toml", text);
    expect_refusal(&format!("--scenario {few}"), "`--in-turn`");
    let line = ["serial", "tasks", "--in-turn", "--scenario", &few];
    let (finished, json) = compared(&line);
    finished.expect_success();
    let own = json.pointer("/modes/1/clients/own_process");
    assert_eq!(own, Some(&Value::Bool(true)));
}

/// Each server is asked to stop by its own scenario, once: a signal from
/// another one's would cut its grace period short.
#[test]
fn a_planned_signal_reaches_its_own_run_once() {
    let (finished, json) = compared(&["--scenario", "goodbye"]);
    finished.expect_success();
    for result in json["modes"].as_array().unwrap() {
        assert_eq!(result["outcome"], "SIGTERM", "{}", result["name"]);
        assert_eq!(result["interventions"], json!([]), "it was planned");
    }
    assert_eq!(verdict(&json).len(), 5);
}

#[test]
fn signals_end_and_cut_all_of_them() {
    let line = ["compare", "--scenario", "none", "--ui", "log"];
    let program = Program::spawn(sockscope(&line));
    let address = first_address(&program);
    program.signal(Signal::SIGINT);
    let finished = program.finish();
    finished.expect_success();
    assert!(TcpStream::connect(address).is_err(), "it listens");
    assert_eq!(finished.listening.len(), 5);
    let line = ["compare", "blocking", "tasks", "--scenario", "none"];
    let line = [&line[..], &["--grace", "1h", "--ui", "log"]].concat();
    let program = Program::spawn(sockscope(&line));
    let address = first_address(&program);
    let mut client = Client::connect(address);
    client.echo("hello\n");
    program.signal(Signal::SIGTERM);
    wait_for("connects are refused", || TcpStream::connect(address).is_err());
    program.signal(Signal::SIGTERM);
    assert_eq!(program.finish().code(), Some(143));
}

/// What is cut off in the middle, or slowed down, has no verdict on times.
#[test]
fn in_turn_a_signal_ends_the_series() {
    let line = ["compare", "tasks", "selector", "--in-turn", "--ui", "log"];
    let program = Program::spawn(sockscope(&line));
    let _ = first_address(&program);
    program.signal(Signal::SIGINT);
    let finished = program.finish();
    finished.expect_success();
    let text = finished.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "tasks: not judged: the run was ended by SIGINT",
        "selector: not judged: it was not run, as all was ended",
    ] {
        assert!(text.contains(words), "{text}");
    }
    let folder = Folder::new("compare-slow");
    let brief = folder.write("brief.toml", BRIEF);
    let (finished, json) = compared(&["--speed", "0.5", "--scenario", &brief]);
    finished.expect_success();
    for sentence in verdict(&json) {
        let slow = "not judged: the server ran in slow motion";
        assert!(sentence.contains(slow), "{sentence}");
        assert!(!sentence.contains("waited"), "{sentence}");
    }
}
