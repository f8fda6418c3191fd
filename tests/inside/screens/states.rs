//! What else a screen can show: dialogs, states, many sockets, foreign text.

use super::stage::{Stage, connect, findings};
use insta::assert_snapshot;
use ratatui::layout::Size;
use sockscope::load::HandState;
use sockscope::modes::Mode;
use sockscope::probe::SocketCount;
use sockscope::probe::{Site, Speed};
use sockscope::tui::keys::Move;
use sockscope::tui::{Glyphs, Message, Pane};
use sockscope::view::Measured;
use sockscope::view::{Phase, Shares, SocketId, SocketView};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

pub(crate) const MS: Duration = Duration::from_millis(1);

pub(crate) fn stage(mode: Mode) -> Stage {
    Stage::of(mode, 80, 24).with_clients()
}

/// A situation, what the screen shows in it, and what it does not.
type Case = (Stage, fn(&mut Stage), &'static [&'static str], &'static str);

/// A thread that is held before its next call, in this line.
fn held_in(stage: &mut Stage, file: &'static str, line: u32) {
    stage.control.paused = true;
    stage.hold(None);
    let thread = &mut stage.view.threads[0];
    (thread.site, thread.in_call) = (Site { file, line }, false);
}

fn name_silent(stage: &mut Stage) {
    let peer = stage.view.sockets[2].count.peer.unwrap();
    stage.names = Arc::new([(peer, "silent".into())].into());
}

fn shares(asleep: f32, brief: f32, working: f32) -> Shares {
    Shares { asleep, brief, working, ..Shares::default() }
}

#[test]
fn each_situation_has_its_words() {
    let of = |mode| Stage::of(mode, 120, 40);
    let small = |mode| Stage::of(mode, 80, 24);
    let slow = Speed::of_factor(0.0005).unwrap();
    #[rustfmt::skip]
    let cases: &mut [Case] = &mut [
        (small(Mode::Serial), |it| connect(it, 1), &[], "listening,"),
        (small(Mode::Serial), |it| connect(it, 2),
            &["#0    listening, 1 waits"], "-"),
        (small(Mode::Serial), |it| it.measured.waiting = Some(12),
            &["#0    listening, 12 wait"], "-"),
        // The system knows better.
        (small(Mode::Serial),
            |it| { it.measured.waiting = Some(0); connect(it, 9); },
            &[], "listening,"),
        (stage(Mode::Nonblocking), |it| it.measured.clients_done = true,
            &["127.0.0.1:40123", "two-clients", "clients done"], "any key"),
        (stage(Mode::Nonblocking), |it| it.ends_in_s = Some(9),
            &["the run ends in 9 s; any key stays"], "-"),
        (of(Mode::Selector), |it| it.measured = Measured::default(),
            &["cpu            not known", "echo p50, p99  -"], "-"),
        (of(Mode::Selector), |it| {
            (it.measured, it.view.at) = (Measured::default(), 400 * MS);
            it.facts.clients_apart = true;
        }, &["echo p50, p99  clients apart, later"], "not known"),
        (stage(Mode::Serial).at_speed(slow), |_| {},
            &["SLOW", "slow motion, 1 call in 2 s: clients wait, too"], "-"),
        (stage(Mode::Serial).at_speed(slow),
            |it| it.facts.clients_apart = true, &["clients apart go on"], "-"),
        (stage(Mode::Serial), |it| it.view.lines[1].threads = 3,
            &["3 zZ 2.1 s"], "-"),
        (of(Mode::Selector), |it| it.view.sockets[3].count.pending_bytes = u32::MAX,
            &["███████████"], "-"),
        (stage(Mode::Nonblocking), |it| it.view.events_lost = 1_234,
            &["1,234 not kept"], "-"),
        (stage(Mode::Selector).pause(), |it| it.hold(None),
            &["a step lasts (1 thread held)"], "-"),
        (stage(Mode::Selector).pause(),
            |it| { it.hold(None); it.control.stands = true; },
            &["paused at 5.0 s (1 thread held)"], "-"),
        (of(Mode::Serial), |it| held_in(it, "src/modes/serial.rs", 27),
            &[" 27 ▶ ", " 1 held "], "-"),
    ];
    have_words(cases);
}

#[test]
fn each_state_of_the_panes_has_its_words() {
    let of = |mode| Stage::of(mode, 120, 40);
    #[rustfmt::skip]
    let cases: &mut [Case] = &mut [
        // Rather than the end of the line itself.
        (Stage::of(Mode::Nonblocking, 60, 15),
            |it| held_in(it, "src/modes/nonblocking.rs", 13),
            &["13⋮▶", "= listener.try", "…  1 held\n"], "-"),
        (of(Mode::Selector), name_silent, &["#2    silent   "], "-"),
        (of(Mode::Selector), |it| {
            name_silent(it);
            it.track().sockets.selected = Some(SocketId(2));
            it.tell(Message::Enter);
        }, &[", silent"], "-"),
        // What was ready is not what is.
        (of(Mode::Selector), |_| {}, &[" r-  "], "-"),
        (of(Mode::Selector), |it| {
            let socket = &mut it.view.sockets[1];
            (socket.ready, socket.was_ready) = (socket.was_ready, None);
        }, &[], " r-  "),
        (of(Mode::Serial), |_| {}, &[], "asleep or not"),
        (of(Mode::Serial),
            |it| it.view.turns.shares = shares(0.0, 0.9, 0.1),
            &["│ brief calls 90 %  working 10 %", "loop  brief calls 90 %",
                "brief: under 0.10 ms, asleep or not"], "-"),
        // No half word.
        (of(Mode::Serial),
            |it| it.view.turns.shares = shares(0.82, 0.17, 0.01),
            &["│ asleep 82 %  brief calls 17 %\n"], "-"),
        // Nothing is known yet.
        (of(Mode::Serial), |it| it.view.turns.shares = Shares::default(),
            &["loop                "], "-"),
    ];
    have_words(cases);
}

/// Each situation shows its words, and not the others.
fn have_words(cases: &mut [Case]) {
    for (at, (stage, change, shown, hidden)) in cases.iter_mut().enumerate() {
        change(stage);
        let text = stage.text();
        for words in *shown {
            assert!(text.contains(words), "{at}, {words}: {text}");
        }
        assert!(*hidden == "-" || !text.contains(*hidden), "{at}: {text}");
    }
}

#[test]
fn every_state_of_a_client_by_hand_fits() {
    for (state, words) in [
        (HandState::Connecting, "1  connecting "),
        (HandState::Open, "1  open "),
        (HandState::HalfClosed, "1  half-closed "),
        (HandState::EndedByServer, "1  ended by the server "),
        (HandState::Closed, "1  closed "),
        (HandState::Reset, "1  reset "),
        (
            HandState::Failed(ErrorKind::ConnectionRefused),
            "connection refused ",
        ),
    ] {
        let mut stage = Stage::of(Mode::Selector, 120, 40).with_clients();
        stage.hand[0].state = state;
        assert!(stage.shows(words), "{words}: {}", stage.text());
    }
}

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
fn detail() {
    let mut stage = stage(Mode::Selector);
    stage.preview = b"hi\x1b[2J\x00\xff \xe2\x80\xae line\r\n".to_vec();
    stage.track().sockets.selected = Some(SocketId(3));
    stage.tell(Message::Enter);
    assert_eq!(stage.screen.detail(), Some((0, SocketId(3))));
    assert_snapshot!("detail", stage.text());
    assert!(!stage.shows("\u{202e}"));
}

#[test]
fn what_is_typed_is_shown_escaped() {
    let mut stage = stage(Mode::Selector);
    stage.tell(Message::Type { newline: true });
    for c in "say \u{7}this\u{202e}".chars() {
        stage.tell(Message::Edit(tui_input::InputRequest::InsertChar(c)));
    }
    assert!(stage.shows("by hand 3 says: say \\u{7}this\\u{202e}"));
    let last = stage.text().lines().last().unwrap().to_owned();
    assert_eq!(last.trim(), "enter send  esc leave");
}

#[test]
fn paused_says_that_clients_wait_too() {
    let mut stage = stage(Mode::Selector);
    stage.control.paused = true;
    stage.control.stands = true;
    stage.hold(None);
    assert_snapshot!("paused", stage.text());
}

#[test]
fn the_grace_period_is_shown_as_it_happens() {
    let mut stage = stage(Mode::Nonblocking);
    let asked = stage.view.at;
    stage.view.deadline = Some(asked + 2_000 * MS);
    let mut headers = String::new();
    for (phase, after) in [
        (Phase::Running, 0),
        (Phase::Refusing, 0),
        (Phase::Finishing, 1),
        (Phase::Finishing, 610),
        (Phase::Finishing, 2_010),
        (Phase::Cancelling, 2_020),
        (Phase::Ended, 2_030),
    ] {
        stage.view.at = asked + after * MS;
        stage.view.phase = (phase, stage.view.at);
        headers.extend([stage.text().lines().next().unwrap(), "\n"]);
    }
    Arc::make_mut(&mut stage.view.figures).connections = 0;
    headers.extend([stage.text().lines().next().unwrap(), "\n"]);
    assert_snapshot!(headers);
}

#[test]
fn panes_that_share_a_place() {
    for pane in [Pane::Findings, Pane::Hand, Pane::Events] {
        let mut stage = stage(Mode::Nonblocking);
        stage.view.findings = findings();
        stage.track().focus = pane;
        assert_snapshot!(format!("focus-{pane:?}"), stage.text());
    }
}

/// A view with this many clients.
fn crowd(clients: u32) -> Stage {
    let mut stage = Stage::of(Mode::Selector, 120, 40);
    let one = stage.view.sockets[1].clone();
    stage.view.sockets.truncate(1);
    let client = |n: u32| SocketView {
        count: SocketCount {
            id: SocketId(n),
            bytes_in: n.into(),
            ..one.count.clone()
        },
        active_at: n * MS,
        ..one.clone()
    };
    stage.view.sockets.extend((1..=clients).map(client));
    stage
}

#[test]
fn hundreds_of_sockets() {
    let mut stage = crowd(500);
    stage.view.sockets_not_shown = 1_500;
    stage.track().focus = Pane::Sockets;
    stage.tell(Message::Sort);
    for _ in 0..3 {
        stage.tell(Message::Move(Move::Down));
    }
    assert_eq!(stage.track().sockets.selected, Some(SocketId(499)));
    stage.tell(Message::Move(Move::PageDown));
    assert_snapshot!("hundreds", stage.text());
    stage.tell(Message::Move(Move::End));
    assert_eq!(stage.track().sockets.selected, Some(SocketId(1)));
}

#[test]
fn only_the_chosen_sockets_events() {
    let mut stage = stage(Mode::Selector);
    stage.track().sockets.selected = Some(SocketId(2));
    stage.tell(Message::Filter);
    assert!(stage.shows("only #2"));
    assert!(stage.shows("nothing so far"));
    stage.tell(Message::Back);
    assert!(!stage.shows("nothing so far"));
}

#[test]
fn scrolled_code_is_all_of_it() {
    let mut stage = stage(Mode::Selector);
    stage.tell(Message::Move(Move::Home));
    assert!(stage.shows("//! Selector: one thread, asleep on all"));
    stage.tell(Message::Move(Move::End));
    assert!(!stage.shows("//! Selector"));
}

#[test]
fn a_terminal_without_unicode_gets_ascii_alone() {
    for focus in [Pane::Code, Pane::Events] {
        let mut stage = stage(Mode::Selector);
        stage.screen.look.glyphs = &Glyphs::ASCII;
        stage.track().focus = focus;
        assert!(stage.text().is_ascii());
        assert_snapshot!(format!("ascii-{focus:?}"), stage.text());
        stage.tell(Message::Help);
        assert!(stage.text().is_ascii());
    }
}
