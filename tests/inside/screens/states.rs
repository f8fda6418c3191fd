//! What else a screen can show: dialogs, states, many sockets, foreign text.

use super::stage::{Stage, connect, findings};
use insta::assert_snapshot;
use ratatui::layout::Size;
use sockscope::modes::Mode;
use sockscope::probe::{Site, Speed};
use sockscope::tui::keys::Move;
use sockscope::tui::{Glyphs, Message, Pane};
use sockscope::view::Measured;
use sockscope::view::SocketView;
use sockscope::view::{Phase, SocketId};
use std::time::Duration;

pub(crate) const MS: Duration = Duration::from_millis(1);

pub(crate) fn stage(mode: Mode) -> Stage {
    Stage::of(mode, 80, 24).with_clients()
}

#[test]
fn presenter() {
    for mode in [Mode::Serial, Mode::Nonblocking, Mode::Selector] {
        let mut stage = stage(mode);
        stage.tell(Message::Presenter);
        assert_snapshot!(format!("presenter-{}", mode.name()), stage.text());
        stage.tell(Message::Resize(Size { width: 120, height: 40 }));
        let name = format!("presenter-{}-large", mode.name());
        assert_snapshot!(name, stage.text());
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
fn a_held_thread_stands_at_the_call_it_will_make() {
    let mut stage = Stage::of(Mode::Serial, 120, 40);
    stage.control.paused = true;
    stage.hold(None);
    let write = Site { file: "src/modes/serial.rs", line: 27 };
    stage.view.threads[0].site = write;
    stage.view.threads[0].in_call = false;
    let text = stage.text();
    let line = text.lines().find(|it| it.contains("client.write()")).unwrap();
    assert!(line.contains("27 ▶"), "{line}");
    assert!(line.contains(" 1 held "), "{line}");
}

#[test]
fn who_waits_in_the_backlog_is_told_at_the_listener() {
    let mut stage = Stage::of(Mode::Serial, 80, 24);
    let accepted = stage.view.figures.connections;
    connect(&mut stage, accepted);
    assert!(!stage.shows("listening,"));
    connect(&mut stage, accepted + 1);
    assert!(stage.shows("#0    listening, 1 waits"));
    connect(&mut stage, accepted + 12);
    assert!(stage.shows("#0    listening, 12 wait"));
}

#[test]
fn when_the_clients_are_done_the_header_says_so_beside_all_else() {
    let mut stage = stage(Mode::Nonblocking);
    stage.measured.clients_done = true;
    let header = stage.text().lines().next().unwrap().to_owned();
    for words in ["127.0.0.1:40123", "two-clients", "clients done"] {
        assert!(header.contains(words), "{header}");
    }
    assert!(!stage.shows("any key stays"));
    stage.ends_in_s = Some(9);
    assert!(stage.shows("the run ends in 9 s; any key stays"));
}

#[test]
fn what_is_not_known_is_not_shown_as_a_figure() {
    let mut stage = Stage::of(Mode::Selector, 120, 40);
    stage.measured = Measured::default();
    assert!(stage.shows("cpu            not known"));
    assert!(stage.shows("echo p50, p99  -"));
    stage.facts.clients_apart = true;
    assert!(stage.shows("echo p50, p99  clients apart, later"));
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
    stage.view.figures.connections = 0;
    headers.extend([stage.text().lines().next().unwrap(), "\n"]);
    assert_snapshot!(headers);
}

#[test]
fn slow_motion_says_whether_clients_wait_too() {
    let mut stage = stage(Mode::Serial);
    stage.control.speed = Speed::of_factor(0.0005).unwrap();
    assert!(stage.shows("SLOW"));
    let words = "slow motion, 1 call in 2 s: clients wait, too";
    assert!(stage.shows(words));
    stage.facts.clients_apart = true;
    assert!(stage.shows("clients apart go on"));
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

#[test]
fn three_threads_asleep_in_one_line() {
    let mut stage = stage(Mode::Serial);
    stage.view.lines[1].threads = 3;
    assert!(stage.shows("3 zZ 2.1 s"));
}

/// A view with this many clients.
fn crowd(clients: u32) -> Stage {
    let mut stage = Stage::of(Mode::Selector, 120, 40);
    let one = stage.view.sockets[1].clone();
    stage.view.sockets.truncate(1);
    let client = |n: u32| SocketView {
        id: SocketId(n),
        bytes_in: n.into(),
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
fn pending_output_at_its_limit() {
    let mut stage = Stage::of(Mode::Selector, 120, 40);
    stage.view.sockets[3].pending = stage.view.sockets[3].pending_limit;
    assert!(stage.shows("███████████"));
}

#[test]
fn events_that_were_not_kept_are_counted() {
    let mut stage = stage(Mode::Nonblocking);
    stage.view.events_lost = 1_234;
    assert!(stage.shows("1,234 not kept"));
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
