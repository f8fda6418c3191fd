//! Pausing, stepping and slow motion of the program under study.

use super::pictures::elapsed;
use super::session::{LARGE, Session, USUAL};

const HELD: &str = "(held before ";

/// What the gutter says: a line's number and its hits.
fn hits(screen: &str) -> Vec<(u32, u64)> {
    let rows = screen.lines().skip_while(|row| !row.starts_with("─ code"));
    let code = rows.skip(1).take_while(|row| !row.starts_with('─'));
    let gutter = |row: &str| {
        let part = |from, length| -> String {
            row.chars().skip(from).take(length).collect()
        };
        let hits = part(0, 5).trim().parse().ok()?;
        Some((part(5, 4).trim().parse().ok()?, hits))
    };
    code.filter_map(gutter).collect()
}

fn calls(screen: &str) -> u64 {
    hits(screen).into_iter().map(|(_, hits)| hits).sum()
}

/// The hits of the line of a mode's source with these words.
fn hits_of(screen: &str, mode: &str, words: &str) -> u64 {
    let path = format!("{}/src/modes/{mode}.rs", env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(path).unwrap();
    let at = source.lines().position(|line| line.contains(words)).unwrap();
    let found = hits(screen).into_iter().find(|it| it.0 as usize == at + 1);
    found.map_or(0, |(_, hits)| hits)
}

/// Lets one call happen: the same that every further look shows.
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
    for ((mode, call), size) in first.into_iter().zip([USUAL, LARGE].repeat(2))
    {
        let args = format!("{mode} --scenario none --speed step");
        let session = Session::with(size, &args, &[]);
        let screen = session.wait_for(HELD);
        let marked: Vec<_> =
            screen.lines().filter(|it| it.contains('▷')).collect();
        let [marked] = marked[..] else { panic!("{screen}") };
        assert!(marked.contains(call), "{marked}");
        assert!(marked.contains("before"), "{marked}");
        assert_eq!(calls(&screen), 0, "{screen}");
        session.quit();
    }
}

/// From the first call to the echo of a line, one by one.
#[test]
fn a_step_is_exactly_one_call() {
    let mut session = Session::start("selector --scenario none --speed step");
    session.wait_for(HELD);
    session.press_for("c", "1  open");
    session.press_for("iwhat if\r", "8 B out");
    let mut steps = 0;
    while hits_of(&session.redraw(), "selector", "try_read") == 0 {
        step(&mut session);
        steps += 1;
        assert!(steps < 10, "nothing is read");
    }
    let screen = session.redraw();
    assert_eq!(hits_of(&screen, "selector", "try_read"), 1, "{screen}");
    assert_eq!(hits_of(&screen, "selector", "try_write"), 0, "{screen}");
    assert!(screen.contains("8 B out, 0 B in"), "{screen}");
    let screen = step(&mut session);
    assert_eq!(hits_of(&screen, "selector", "try_write"), 1, "{screen}");
    session.wait_for("8 B out, 8 B in");
    session.press(" ");
    session.wait_without("PAUSED");
    session.leave("qq").expect_success("the user quit");
}

/// The clock stands while the program is paused: a pause takes no time.
#[test]
fn a_pause_leaves_no_gap_in_the_timeline() {
    let mut session = Session::start("nonblocking --scenario none");
    let row = |screen: &str| -> String {
        let row = screen.lines().find_map(|row| row.strip_prefix("loop "));
        row.unwrap_or_default().trim_end().to_owned()
    };
    let spins = |screen: &str| row(screen).ends_with(['░', '▒', '▓']);
    session.wait("it spins", spins);
    session.press_for(" ", HELD);
    let stands = session.redraw();
    let clock = |screen: &str| screen.lines().next().map(str::to_owned);
    // Long enough to be seen afterwards.
    std::thread::sleep(std::time::Duration::from_millis(1_500));
    let still = session.redraw();
    assert_eq!(clock(&still), clock(&stands), "clocks stand still");
    assert_eq!(row(&still), row(&stands), "and so do timelines");
    session.press(" ");
    let screen = session.wait("it spins again for a second", |screen| {
        elapsed(screen) >= elapsed(&stands).map(|it| it + 1.0) && spins(screen)
    });
    let row = row(&screen);
    let lane = &row[row.find(['░', '▒', '▓']).unwrap()..];
    assert!(!lane.contains("   "), "there is a gap: {lane}");
    session.quit();
}
