//! What is said in one place of a screen, and what is not.

use super::stage::{Stage, connect};
use super::states::stage;
use ratatui::layout::Size;
use sockscope::load::HandState;
use sockscope::modes::Mode;
use sockscope::probe::Site;
use sockscope::tui::{Glyphs, Message};
use sockscope::view::Shares;
use sockscope::view::SocketId;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn what_is_cut_of_a_line_shows() {
    let code = |stage: &Stage| {
        let text = stage.text();
        let rows = text.lines().skip(2).take_while(|it| !it.starts_with('─'));
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut stage = Stage::of(Mode::Nonblocking, 120, 40);
    let rows = code(&stage);
    let comment = rows.iter().find(|it| it.contains("Never asleep")).unwrap();
    assert!(comment.contains("then ag… │"), "{comment}");
    stage.tell(Message::Resize(Size { width: 60, height: 15 }));
    let rows = code(&stage);
    assert!(rows.iter().any(|it| it.ends_with("try_accept()?…")), "{rows:?}");
}

/// Rather than the end of the line itself.
#[test]
fn who_is_in_a_line_is_told_however_narrow_it_is() {
    let mut stage = Stage::of(Mode::Nonblocking, 60, 15);
    stage.control.paused = true;
    stage.hold(None);
    let accept = Site { file: "src/modes/nonblocking.rs", line: 13 };
    stage.view.threads[0].site = accept;
    stage.view.threads[0].in_call = false;
    let text = stage.text();
    let row = text.lines().find(|it| it.contains("13⋮▶")).unwrap();
    assert!(row.contains("= listener.try") && row.contains('…'), "{row}");
    assert!(row.ends_with(" 1 held"), "{row}");
}

#[test]
fn every_state_of_a_client_by_hand_fits() {
    let states = [
        (HandState::Connecting, "1  connecting "),
        (HandState::Open, "1  open "),
        (HandState::HalfClosed, "1  half-closed "),
        (HandState::EndedByServer, "1  ended by the s"),
        (HandState::Closed, "1  closed "),
        (HandState::Reset, "1  reset "),
        (
            HandState::Failed(ErrorKind::ConnectionRefused),
            "connection refused ",
        ),
    ];
    for (state, words) in states {
        let mut stage = Stage::of(Mode::Selector, 120, 40).with_clients();
        stage.hand[0].state = state;
        assert!(stage.shows(words), "{words}: {}", stage.text());
    }
}

#[test]
fn clients_of_a_scenario_are_known_by_their_names() {
    let mut stage = Stage::of(Mode::Selector, 120, 40);
    let peer = stage.view.sockets[2].peer.unwrap();
    stage.names = Arc::new([(peer, "silent".into())].into());
    assert!(stage.shows("#2    silent   "));
    assert!(!stage.shows(&peer.to_string()));
    stage.track().sockets.selected = Some(SocketId(2));
    stage.tell(Message::Enter);
    assert!(stage.shows(&format!("{peer}, silent")));
}

#[test]
fn whoever_waits_in_the_backlog_is_counted_whosever_it_is() {
    let mut stage = Stage::of(Mode::Serial, 80, 24);
    assert!(!stage.shows("listening, "));
    stage.measured.waiting = Some(2);
    assert!(stage.shows("listening, 2 wait"));
    stage.measured.waiting = Some(0);
    connect(&mut stage, 9);
    assert!(!stage.shows("listening, "), "the system knows better");
}

#[test]
fn what_was_ready_is_not_what_is() {
    let mut stage = Stage::of(Mode::Selector, 120, 40);
    let row = |stage: &Stage| {
        let text = stage.text();
        let mut rows = text.lines().filter(|row| row.starts_with("#1 "));
        rows.next().unwrap().to_owned()
    };
    assert!(row(&stage).contains(" r- "), "{}", row(&stage));
    let socket = &mut stage.view.sockets[1];
    (socket.ready, socket.was_ready) = (socket.was_ready, None);
    let ready = row(&stage);
    assert_eq!(ready.matches(" R- ").count(), 2, "{ready}");
}

#[test]
fn cpu_that_cannot_be_known_yet_is_no_failure() {
    let mut stage = Stage::of(Mode::Selector, 120, 40);
    stage.measured.cpu = None;
    assert!(stage.shows("not known"));
    stage.view.at = Duration::from_millis(400);
    assert!(!stage.shows("not known"));
}

#[test]
fn work_and_echoes_have_signs_of_their_own() {
    for glyphs in [&Glyphs::UNICODE, &Glyphs::ASCII] {
        let lane = &glyphs.lane;
        let all = [
            lane.open,
            lane.asleep,
            lane.ready,
            lane.read,
            lane.written,
            lane.echoed,
            lane.accepted,
            lane.working,
            lane.ended,
        ];
        let mut signs = all.to_vec();
        signs.sort_unstable();
        signs.dedup();
        assert_eq!(signs.len(), all.len(), "{all:?}");
        let [asleep, _, working, spinning] = glyphs.shares;
        assert_eq!([asleep, working], [lane.asleep, lane.working]);
        assert!(lane.would_block.contains(&spinning));
    }
}

#[test]
fn brief_calls_are_explained_where_they_weigh() {
    let words = "brief: under 0.10 ms, asleep or not";
    let mut stage = Stage::of(Mode::Serial, 120, 40);
    assert!(!stage.shows(words));
    stage.view.turns.shares =
        Shares { brief: 0.9, working: 0.1, ..Shares::default() };
    assert!(stage.shows("│ brief calls 90 %  working 10 %"));
    assert!(stage.shows(words), "{}", stage.text());
    assert!(stage.shows("loop  brief calls 90 %"));
    stage.view.turns.shares = Shares {
        asleep: 0.82,
        brief: 0.17,
        working: 0.01,
        ..Shares::default()
    };
    assert!(stage.shows("│ asleep 82 %  brief calls 17 %\n"), "no half word");
    stage.view.turns.shares = Shares::default();
    assert!(stage.shows("loop                "), "nothing is known yet");
}

#[test]
fn clocks_that_stand_still_say_since_when() {
    let mut stage = stage(Mode::Selector);
    stage.control.paused = true;
    stage.hold(None);
    assert!(stage.shows("a step lasts (1 thread held)"));
    stage.control.stands = true;
    assert!(stage.shows("paused at 5.0 s (1 thread held)"));
}
