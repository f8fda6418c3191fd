//! Several modes side by side, for real.

use super::session::{LARGE, Session};
use crate::support::process::Folder;

const SERIAL_AND_SELECTOR: [&str; 5] =
    ["compare", "serial", "selector", "--scenario", "none"];

/// Two modes, a client by hand in each.
fn two(more: &[&str]) -> Session {
    let args = [&SERIAL_AND_SELECTOR, more].concat();
    let mut session = Session::with(LARGE, &args, &[]);
    session.wait_for(" enter open");
    session.press("c");
    session.wait("a client is in both", |screen| {
        row(screen, "#1").is_some_and(|row| {
            row.contains("asleep R") && row.contains("wants R")
        })
    });
    session
}

fn row<'a>(screen: &'a str, name: &str) -> Option<&'a str> {
    screen.lines().find(|row| row.starts_with(name))
}

/// What stands in a row that has a name, in either column.
fn cells(screen: &str, name: &str) -> Option<(String, String)> {
    let row = row(screen, name)?.strip_prefix(name)?;
    let (one, other) = row.split_once('│')?;
    Some((one.trim().to_owned(), other.trim().to_owned()))
}

/// Waits until a row that has a name is so in both columns.
#[track_caller]
fn wait(session: &Session, name: &str, so: impl Fn(&str, &str) -> bool) {
    session.wait(name, |screen| {
        cells(screen, name).is_some_and(|(one, other)| so(&one, &other))
    });
}

fn leave(mut session: Session) {
    session.press("qq");
    let left = session.finish();
    assert_eq!(left.code, 0, "{}", left.contents);
    assert!(!left.contents.contains("─ source"), "{}", left.contents);
}

#[test]
fn it_is_seen_who_is_asleep_where_and_who_waits() {
    let mut session = two(&["--grace", "100ms"]);
    wait(&session, "right now", |serial, selector| {
        serial.contains("asleep in read of #1")
            && selector.contains("asleep in wait")
    });
    session.press("c");
    wait(&session, "who waits", |serial, selector| {
        serial.contains("1 waits behind #1") && selector == "nobody"
    });
    leave(session);
}

#[test]
fn all_are_paused_and_stepped_at_once() {
    let mut session = two(&["--grace", "100ms"]);
    session.press_for(" ", "PAUSED");
    session.press("ihello\r");
    wait(&session, "right now", |serial, selector| {
        serial.contains("held before") && selector.contains("held before")
    });
    // One at a time: what is asked for while a step is made is lost.
    session.press_until("n", "both go on by iterations", |screen| {
        cells(screen, "right now")
            .is_some_and(|(_, selector)| selector.contains("asleep in wait"))
    });
    session.press(" ");
    session.wait_without("PAUSED");
    leave(session);
}

#[test]
fn it_stays_when_all_are_over_and_leaves_by_a_key() {
    let args = ["compare", "serial", "selector"];
    let mut session = Session::with(LARGE, &args, &[]);
    session.wait_for("all are over: it ends in");
    session.press_for("t", "all are over: q leaves");
    session.press("q");
    let left = session.finish();
    assert_eq!(left.code, 0, "{}", left.contents);
}

/// Two clients that connect at once.
const AT_ONCE: &str = r#"
title = "A silent client and a talker come at once"
[[clients]]
name = "silent"
steps = ["connect", { pause = "1 s" }]
[[clients]]
name = "talker"
steps = ["connect", { say = "hello\n" }, "await-echo"]
"#;

/// Paused until the client by hand is in the queue behind the two of the
/// scenario, so that nobody waits for it but whoever looks.
#[test]
fn clients_by_hand_keep_the_servers_up_until_they_leave() {
    // The clock stands until then, so both clients must come at its start.
    let folder = Folder::new("at-once");
    let file = folder.write("at-once.toml", AT_ONCE);
    let modes = ["compare", "serial", "selector", "--speed", "step"];
    let args = [&modes[..], &["--scenario", &file]].concat();
    let mut session = Session::with((200, 60), &args, &[]);
    let in_both = |clients: &'static str| {
        move |serial: &str, selector: &str| {
            serial.contains(clients) && selector.contains(clients)
        }
    };
    wait(&session, "#0 listener", in_both("2 wait"));
    session.press("c");
    wait(&session, "#0 listener", in_both("3 wait"));
    session.press(" ");
    session.wait_for("the clients are done, yours are not");
    session.press("iagain\r");
    wait(&session, "echoes", |serial, selector| {
        serial.starts_with('2') && selector.starts_with('2')
    });
    session.press("x");
    let screen = session.wait_for("all are over: q leaves");
    assert!(screen.contains("clients by hand took part"), "{screen}");
    assert!(screen.contains("the same answers as in selector"), "{screen}");
    session.press_for("c", "all are over: q leaves, enter opens");
    session.press("q");
    assert_eq!(session.finish().code, 0);
}

#[test]
fn in_turn_the_finished_ones_stay() {
    let args = ["compare", "blocking", "selector", "--in-turn"];
    let mut session = Session::with(LARGE, &args, &[]);
    session.wait_for("waits for its turn");
    wait(&session, "right now", |blocking, selector| {
        blocking.contains("over after") && selector.contains("asleep")
    });
    session.wait_for("all over");
    session.press("q");
    let left = session.finish();
    let raw = String::from_utf8_lossy(&left.raw);
    assert_eq!(raw.matches("listening on").count(), 1, "{raw}");
}

/// A client by hand in each; `q` in the middle of it.
#[test]
fn what_was_on_the_screen_is_recorded_whole() {
    let folder = Folder::new("compared");
    let path = folder.path("run.rec");
    let session = two(&["--grace", "100ms", "--record", &path]);
    leave(session);
    for mode in ["serial", "selector"] {
        let path = folder.path(&format!("run.{mode}.rec"));
        let recording =
            sockscope::recording::Recording::open(path.as_ref()).unwrap();
        let closing = recording.closing().expect("it is whole");
        let report = closing.report.as_ref().unwrap();
        assert_eq!(report["server"]["connections"], 1, "{mode}");
        assert_eq!(report["outcome"], "the user quit, cut short by the user");
    }
}
