//! Lanes, as text: a letter a cell of 50 ms.

use super::language::Run;
use crate::view::{Cell, Lane};

/// Client #1 connects after 100 ms, says something after 150 ms more, then
/// nothing; the only thread serves it.
const ONE_CLIENT: &str = "0-100 accept 0 1; 100 open 1; 101-250 read 1 2; \
                          250-250 write 1 2";

/// The lanes of the loop and of the sockets at this time, as text.
fn lanes(mut run: Run, events: &str, at: u64) -> Vec<String> {
    let view = run.play(events).view(at);
    let rows = view.sockets.iter().map(|row| &row.lane);
    [&view.turns.lane].into_iter().chain(rows).map(Lane::drawn).collect()
}

#[test]
fn lanes_show_who_slept_asked_and_moved_bytes() {
    let still_asleep = format!("{ONE_CLIENT}; 251 enter read 1");
    let found = lanes(Run::sleeping(), &still_asleep, 420);
    assert_eq!(found, ["zzkzzkzzz", "zza......", "azzezzz"], "up to now");
    let ended = format!(
        "{ONE_CLIENT}; 251-300 read 1 eof; 301 close 1 eof; 302 enter accept 0"
    );
    assert_eq!(lanes(Run::sleeping(), &ended, 420)[2], "azzex  ");
    // A sleep is shown before anything else is known of it.
    let found = lanes(Run::sleeping(), "20 enter accept 0", 120);
    assert_eq!(found[1], "zzz");
    let polls = "0-100 idle 1000; 100 accept 0 1; 100 open 1; \
                 100-230 idle 1300 1; 230 echo 1; 230-340 idle 1100 1";
    let found = lanes(Run::polling(), polls, 340);
    assert_eq!(found, ["~~k~k~~", "~~a~~~~", "a~e~~"]);
    let selects = "10 open 1; 10 open 2; 20-210 wait 0 1; 210 ready 2 R; \
                   211 echo 2; 212-310 wait 0 1; 310 ready 1 R; \
                   311 enter wait 0";
    let found = lanes(Run::selecting(), selects, 460);
    assert_eq!(found[0], "zzzz!z!zzz");
    assert_eq!(found[2..], ["......!...", "....e....."]);
    let stops = "120 phase finishing; 170 phase cancelling";
    assert_eq!(lanes(Run::selecting(), stops, 220)[1], "..x  ");
}

#[test]
fn density_is_how_often_each_was_asked() {
    let mut run = Run::polling();
    run.play("0 open 1; 0-200 idle 4000 1");
    let cells = run.socket(190, 1).lane.cells;
    assert_eq!(cells, [Cell::WouldBlock(1_000); 4]);
    let cells = run.view(190).turns.lane.cells;
    assert_eq!(cells, [Cell::WouldBlock(2_000); 4]);
}

#[test]
fn all_lanes_end_at_the_same_moment() {
    let mut run = Run::sleeping();
    let view = run.play(ONE_CLIENT).view(9_000);
    let lanes = view.sockets.iter().map(|row| &row.lane);
    let mut ends = lanes.chain([&view.turns.lane]).map(|it| it.last_bucket);
    assert!(ends.all(|end| end == 180));
}
