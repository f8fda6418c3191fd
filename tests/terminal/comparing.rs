//! Several modes side by side, for real.

use super::session::Session;
use crate::support::process::Folder;

/// Two modes, a client by hand in each.
fn two(more: &str) -> Session {
    let args = format!("compare serial selector --scenario none {more}");
    let mut session = Session::start(&args);
    session.wait_for(" enter open");
    session.press("c");
    wait(&session, "#1", |serial, selector| {
        serial.contains("asleep in read") && selector.contains("┣")
    });
    session
}

/// What stands in a row that has a name, in either column.
fn cells<'a>(screen: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let row = screen.lines().find_map(|row| row.strip_prefix(name))?;
    let (one, other) = row.split_once('│')?;
    Some((one.trim(), other.trim()))
}

/// What stands in the rows of the first and of the second run: what it does.
fn rows(screen: &str) -> Option<(&str, &str)> {
    let row = |number| screen.lines().find(|row| row.starts_with(number));
    Some((row(" 1 ")?, row(" 2 ")?))
}

/// Waits until the rows of both runs are so.
#[track_caller]
fn wait_rows(session: &Session, so: impl Fn(&str, &str) -> bool) {
    session.wait("both rows", |screen| {
        rows(screen).is_some_and(|(one, other)| so(one, other))
    });
}

/// Waits until a row that has a name is so in both columns.
#[track_caller]
fn wait(session: &Session, name: &str, so: impl Fn(&str, &str) -> bool) {
    session.wait(name, |screen| {
        cells(screen, name).is_some_and(|(one, other)| so(one, other))
    });
}

#[test]
fn all_are_paused_and_stepped_at_once() {
    let mut session = two("--grace 100ms");
    session.press_for(" ", "PAUSED");
    session.press("ihello\r");
    wait_rows(&session, |serial, selector| {
        serial.contains("held before") && selector.contains("held before")
    });
    // One at a time: what is asked for while a step is made is lost.
    session.press_until("n", "both go on by iterations", |screen| {
        rows(screen).is_some_and(|(_, selector)| {
            selector.contains("asleep on 2 sockets")
        })
    });
    session.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(session.finish().code, 0);
}

/// Without an event loop a program would not stop again.
#[test]
fn only_programs_with_an_event_loop_step_through_it() {
    let with = "--scenario none --speed step --grace 100ms";
    let mut session = Session::start(&format!("compare serial tasks {with}"));
    let held = |it: &str| it.contains("held before");
    wait_rows(&session, |serial, tasks| held(serial) && held(tasks));
    let before = session.contents();
    let (serial, tasks) = rows(&before).unwrap();
    session.press("S");
    wait_rows(&session, |it, other| it == serial && other != tasks);
    session.leave("qq");
}

#[test]
fn it_stays_when_all_are_over_and_leaves_by_a_key() {
    let session = Session::start("compare serial selector");
    session.wait_for("all are over: q leaves, ? help");
    let left = session.leave("q");
    assert!(left.contents.contains("serial and selector: on two-clients"));
    assert!(left.contents.contains("\nVerdict"), "{}", left.contents);
}

/// Two clients that connect at once: the clock stands until both are there.
const AT_ONCE: &str = include_str!("at_once.toml");

/// Paused until the client by hand is in the queue behind the two of the
/// scenario, so that no other client waits for it.
#[test]
fn clients_by_hand_keep_the_servers_up_until_they_leave() {
    let folder = Folder::new("at-once");
    let file = folder.write("at-once.toml", AT_ONCE);
    let modes = "compare serial selector --speed step";
    let args = format!("{modes} --scenario {file}");
    let mut session = Session::with((200, 60), &args, &[]);
    let wait_in_both = |session: &Session, words: &str| {
        wait(session, "#0 listener", |serial, selector| {
            serial.contains(words) && selector.contains(words)
        });
    };
    wait_in_both(&session, "2 clients wait");
    session.press("c");
    wait_in_both(&session, "3 clients wait");
    session.press_for(" ", "the clients are done, yours are not");
    session.press("iagain\r");
    wait(&session, "#3", |serial, selector| {
        serial.contains('█') && selector.contains('█')
    });
    let screen = session.press_for("x", "all are over: q leaves");
    assert!(screen.contains("clients by hand took part"), "{screen}");
    assert!(screen.contains("the same answers as in selector"), "{screen}");
    session.press_for("c", "all are over: q leaves, enter opens");
    session.leave("q");
}

#[test]
fn in_turn_the_finished_ones_stay() {
    let session = Session::start("compare blocking selector --in-turn");
    session.wait_for("waits for its turn");
    wait_rows(&session, |blocking, selector| {
        blocking.contains("over after") && selector.contains("asleep")
    });
    session.wait_for("all over");
    let raw = session.leave("q").raw;
    assert_eq!(raw.matches("listening on").count(), 1, "{raw}");
}

/// A client by hand in each; `q` in the middle of it.
#[test]
fn what_was_on_the_screen_is_recorded_whole() {
    let folder = Folder::new("compared");
    let path = folder.path("run.rec");
    two(&format!("--grace 100ms --record {path}")).leave("qq");
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
