//! Pausing, stepping and slow motion of the program under study.

use super::session::{LARGE, Session, USUAL};

const HELD: &str = "(1 thread held)";

/// What the gutter says: a line's number and its hits.
fn hits(screen: &str) -> Vec<(u32, u64)> {
    let rows = screen.lines().skip_while(|row| !row.starts_with("─ code"));
    let code = rows.skip(1).take_while(|row| !row.starts_with('─'));
    code.filter_map(gutter).collect()
}

fn gutter(row: &str) -> Option<(u32, u64)> {
    let part = |from, length| -> String {
        row.chars().skip(from).take(length).collect()
    };
    let hits = part(0, 5).trim().parse().ok()?;
    Some((part(6, 4).trim().parse().ok()?, hits))
}

fn calls(screen: &str) -> u64 {
    hits(screen).into_iter().map(|(_, hits)| hits).sum()
}

fn hits_of(screen: &str, line: u32) -> u64 {
    let found = hits(screen).into_iter().find(|(number, _)| *number == line);
    found.map_or(0, |(_, hits)| hits)
}

/// The line of the mode's source with these words.
fn line_of(mode: &str, words: &str) -> u32 {
    let path = format!("{}/src/modes/{mode}.rs", env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(path).unwrap();
    let at = source.lines().position(|line| line.contains(words)).unwrap();
    u32::try_from(at).unwrap() + 1
}

/// Lets one call happen: no more of them, however often one looks.
#[track_caller]
fn step(session: &mut Session) -> String {
    let before = calls(&session.redraw());
    session.press(".");
    session.wait("one call more, and held", |screen| {
        calls(screen) > before && screen.contains(HELD)
    });
    let after = session.redraw();
    assert_eq!(calls(&after), before + 1, "{after}");
    assert!(after.contains("PAUSED") && after.contains(HELD), "{after}");
    after
}

/// Before anything has been counted, in every mode, where it is narrow too.
#[test]
fn the_first_call_is_marked_before_it_is_made() {
    let first = [
        ("serial", "accept()"),
        ("blocking", "accept()"),
        ("nonblocking", "try_accept()"),
        ("selector", "watch(&mut listener)"),
    ];
    for (mode, call) in first {
        for size in [USUAL, LARGE] {
            let args = [mode, "--scenario", "none", "--speed", "step"];
            let session = Session::with(size, &args, &[]);
            let screen = session.wait_for(HELD);
            let marked: Vec<_> =
                screen.lines().filter(|it| it.contains('▶')).collect();
            let [marked] = marked[..] else { panic!("{screen}") };
            assert!(marked.contains(call), "{marked}");
            assert!(marked.contains("1 held"), "{marked}");
            assert_eq!(calls(&screen), 0, "{screen}");
            session.quit();
        }
    }
}

/// From the first call to the echo of a line, one by one.
#[test]
fn a_step_is_exactly_one_call() {
    let args = ["selector", "--scenario", "none", "--speed", "step"];
    let mut session = Session::with(LARGE, &args, &[]);
    session.wait_for(HELD);
    session.press_for("c", "1  open");
    session.press_for("iwhat if\r", "8 B out");
    let read = line_of("selector", "try_read");
    let write = line_of("selector", "try_write");
    let mut steps = 0;
    while hits_of(&session.redraw(), read) == 0 {
        step(&mut session);
        steps += 1;
        assert!(steps < 10, "nothing is read");
    }
    let screen = session.redraw();
    assert_eq!(hits_of(&screen, read), 1, "{screen}");
    assert_eq!(hits_of(&screen, write), 0, "{screen}");
    assert!(screen.contains("8 B out, 0 B in"), "{screen}");
    let screen = step(&mut session);
    assert_eq!(hits_of(&screen, write), 1, "{screen}");
    session.wait_for("8 B out, 8 B in");
    println!("{} calls, one by one", steps + 1);
    session.press(" ");
    session.wait_without("PAUSED");
    session.press("qq");
    session.finish().expect_success("the user quit");
}

/// The clock stands while the program is paused: a pause takes no time.
#[test]
fn a_pause_leaves_no_gap_in_the_timeline() {
    let args = ["nonblocking", "--scenario", "none"];
    let mut session = Session::with(LARGE, &args, &[]);
    let row = |screen: &str| -> String {
        let mut rows = screen.lines().filter(|row| row.starts_with("loop "));
        rows.next().unwrap_or_default().to_owned()
    };
    session.wait("it spins", |screen| row(screen).contains(['▒', '▓']));
    session.press(" ");
    session.wait_for(HELD);
    let stands = session.redraw();
    let clock = |screen: &str| -> String {
        screen.lines().next().unwrap_or_default().to_owned()
    };
    // Long enough to be seen afterwards.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let still = session.redraw();
    assert_eq!(clock(&still), clock(&stands), "clocks stand still");
    assert_eq!(row(&still), row(&stands), "and so do timelines");
    session.press(" ");
    session.wait("it spins again after its pause", |screen| {
        let row = row(screen);
        row.trim_end().ends_with(['░', '▒', '▓']) && !row.contains('┆')
    });
    session.quit();
}
