//! What is said of every kind of failure: once, with its cause, and with what
//! to do where the cause does not say it.

use crate::support::process::{BRIEF, Folder, Program, record, sockscope};
use std::fs;
use std::net::TcpListener;

/// A command line, its status, and standard error without `sockscope: `. Files
/// are in the folder of the test; `{taken}` is an address in use.
const MESSAGES: &[(&str, i32, &str)] = &[
    // Recordings.
    ("replay none.rec", 1, "cannot read none.rec: no such file or directory"),
    (
        "replay folder",
        1,
        "cannot read folder: it is a directory, not a recording",
    ),
    ("replay text/none.rec", 1, "cannot read text/none.rec: not a directory"),
    (
        "replay text",
        1,
        "cannot read text: it is no recording of sockscope; `--record FILE` \
         makes one",
    ),
    (
        "replay empty",
        1,
        "cannot read empty: it is no recording of sockscope; `--record FILE` \
         makes one",
    ),
    (
        "replay cut.rec --ui log",
        1,
        "cannot read cut.rec: it is damaged at byte 16: it ends within a block",
    ),
    (
        "replay run.rec --ui screen",
        2,
        "`--ui screen` needs a terminal as standard output: use `--ui log`",
    ),
    (
        "export none.rec --to csv",
        1,
        "cannot read none.rec: no such file or directory",
    ),
    (
        "export run.rec --to csv --from 2s --until 1s",
        2,
        "`--from` is later than `--until`: exchange the two",
    ),
    (
        "export run.rec --to csv --size 80x24",
        2,
        "`--size` is for `--to cast` alone: leave it out",
    ),
    // Files that cannot or must not be written.
    (
        "export run.rec --to csv -o folder",
        1,
        "cannot write folder: is a directory; name a file in it",
    ),
    (
        "export run.rec --to csv -o none/run.csv",
        1,
        "cannot write none/run.csv: no such file or directory; its folder \
         does not exist",
    ),
    (
        "export run.rec --to csv -o other.rec",
        2,
        "other.rec is a recording and would be lost: name another file, or replace \
         it with `--force`",
    ),
    (
        "bench selector -o other.rec",
        2,
        "other.rec is a recording and would be lost: name another file, or replace \
         it with `--force`",
    ),
    (
        "selector --record text",
        2,
        "text is not a recording and would be lost: name another file, or replace \
         it with `--force`",
    ),
    (
        "selector --record text/run.rec",
        1,
        "cannot write text/run.rec: not a directory",
    ),
    (
        "selector --record a.rec -o a.rec",
        2,
        "the recording a.rec and the result a.rec are the same file: name another \
         for the recording",
    ),
    // Addresses.
    (
        "selector --listen {taken}",
        1,
        "cannot bind {taken}: address in use; choose another port, or 0 for \
         any free one",
    ),
    (
        "selector --listen 192.0.2.1:0",
        1,
        "cannot bind 192.0.2.1:0: address not available; name an address of \
         this machine",
    ),
    // Names and values.
    (
        "selector --scenario two-cleints",
        2,
        "no scenario is named `two-cleints`; did you mean `two-clients`?",
    ),
    (
        "selector --scenario folder",
        2,
        "cannot read scenario folder: is a directory",
    ),
    (
        "selector --scenario run.rec",
        2,
        "cannot read scenario run.rec: it is not a text file",
    ),
    (
        "selector --ui screen",
        2,
        "`--ui screen` needs a terminal as standard output: use `--ui log`",
    ),
    (
        "selector --errors kept",
        2,
        "`--errors kept`: selector has no handles; its one loop handles every \
         client's errors itself: use `serial`, `blocking` or `tasks`",
    ),
    (
        "selector --yield 5",
        2,
        "`--yield` is for `tasks` and means nothing in `selector`: leave it out",
    ),
    (
        "selector --recv-size 0",
        2,
        "`--recv-size`: this cannot be zero; write at least 1 B",
    ),
    (
        "compare serial",
        2,
        "nothing to compare serial with: name a second mode, or run `sockscope \
         serial`",
    ),
    // Measurements.
    (
        "bench --baseline none.json",
        2,
        "cannot use none.json as a baseline: no such file or directory",
    ),
    (
        "bench --baseline run.rec",
        2,
        "cannot use run.rec as a baseline: it is not a text file",
    ),
    (
        "bench --time 1ms",
        2,
        "`--time` is too short: measure for at least 10 ms",
    ),
    ("bench --time 2h", 2, "warm up and measure for at most 60 min 00 s each"),
    (
        "bench --rate -5",
        2,
        "a rate of -5 messages a second is not possible: choose one from 0.001 \
         to 10000000",
    ),
    (
        "bench selector --against 127.0.0.1:1 --rounds 1 --time 50ms -q \
         --clients 1",
        1,
        "not measured to the end: 127.0.0.1:1: no server listens on 127.0.0.1:1",
    ),
];

#[test]
fn a_message_is_said_once_with_a_cause_and_a_way_out() {
    let folder = Folder::new("messages");
    let brief = folder.write("brief.toml", BRIEF);
    let whole = fs::read(record(&folder, "tasks", &brief, &[])).unwrap();
    folder.write("run.rec", &whole);
    folder.write("other.rec", &whole);
    folder.write("cut.rec", &whole[..300]);
    folder.write("text", "hello\n");
    folder.write("empty", "");
    fs::create_dir(folder.path("folder")).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (line, status, message) in MESSAGES {
        let line = line.replace("{taken}", &taken);
        let words: Vec<_> = line.split_whitespace().collect();
        let mut command = sockscope(&words);
        command.current_dir(folder.path(""));
        let finished = Program::spawn(command).finish();
        let message = message.replace("{taken}", &taken);
        assert_eq!(
            finished.stderr,
            format!("sockscope: {message}\n"),
            "{line}"
        );
        assert_eq!(finished.code(), Some(*status), "{line}");
    }
    assert_eq!(fs::read(folder.path("other.rec")).unwrap(), whole);
    assert_eq!(fs::read(folder.path("text")).unwrap(), b"hello\n");
}

/// A value is named once, and what would be right.
#[test]
fn a_wrong_value_is_named_once() {
    for (line, value, advice) in [
        (
            "selector --duration 5parsecs",
            "5parsecs",
            "this is not a time; write",
        ),
        ("selector --duration 25h", "25h", "the longest time is a day"),
        ("selector --recv-size 1K", "1K", "this is not a size; write"),
        ("selector --listen 7007", "'7007'", "expected IP:PORT, such as"),
        ("selector --speed 7", "'7'", "expected a number from 0.0005"),
        ("bench --clients many", "many", "expected a number of clients, such"),
        ("sweep --clients 9..1", "9..1", "smaller end of a range comes first"),
        ("schema reprot", "reprot", "'report'"),
    ] {
        let words: Vec<_> = line.split_whitespace().collect();
        let finished = Program::spawn(sockscope(&words)).finish();
        assert_eq!(finished.code(), Some(2), "{line}");
        let said = &finished.stderr;
        assert_eq!(said.matches(value).count(), 1, "{said}");
        assert!(said.contains(advice), "{said}");
    }
}
