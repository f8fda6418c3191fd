//! Every entry of the key table, and what is no key of ours.

use super::stage::Stage;
use insta::assert_snapshot;
use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent,
    MouseEventKind,
};
use sockscope::modes::Mode;
use sockscope::probe::ThreadId;
use sockscope::tui::keys::{self, Binding, KEYS, Message, Move};
use sockscope::tui::terminal::message;
use sockscope::tui::{
    App, Dialog, Effect, HandId, HandState, Pane, Purpose, Source,
};
use sockscope::view::SocketId;
use std::fmt::Write as _;

fn stage() -> Stage {
    stage_of(Mode::Selector)
}

fn stage_of(mode: Mode) -> Stage {
    let mut stage = Stage::of(mode, 80, 24).with_clients();
    stage.app.sockets.selected = Some(SocketId(1));
    stage
}

fn pressed(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

pub(crate) fn press(binding: &Binding, code: KeyCode) -> KeyEvent {
    let modifiers = match (binding.control, code) {
        (true, _) => KeyModifiers::CONTROL,
        (_, KeyCode::Char(c)) if c.is_uppercase() => KeyModifiers::SHIFT,
        _ => KeyModifiers::NONE,
    };
    KeyEvent::new(code, modifiers)
}

fn dialog(app: &App) -> String {
    match &app.dialog {
        Dialog::Prompt(prompt) => match prompt.purpose {
            Purpose::Say { client, newline } => {
                format!("say to {client:?}, end: {newline}")
            }
            other => format!("{other:?}"),
        },
        other => format!("{other:?}"),
    }
}

/// What of the screen's memory is not as it was.
pub(crate) fn changes(before: &App, after: &App) -> Vec<String> {
    let mut changes = Vec::new();
    let mut note = |name: &str, before: String, after: String| {
        if before != after {
            changes.push(format!("{name}: {after}"));
        }
    };
    let debug = |it: &dyn std::fmt::Debug| format!("{it:?}");
    note("focus", debug(&before.focus), debug(&after.focus));
    note("panes", debug(&before.arrangement), debug(&after.arrangement));
    note("theme", debug(&before.look.theme), debug(&after.look.theme));
    note("dialog", dialog(before), dialog(after));
    note("sockets", debug(&before.sockets), debug(&after.sockets));
    note("scroll", debug(&before.scroll), debug(&after.scroll));
    note("source", debug(&before.source), debug(&after.source));
    let frozen = |app: &App| app.frozen.is_some().to_string();
    note("frozen", frozen(before), frozen(after));
    changes
}

#[test]
fn every_key_does_what_it_says() {
    let mut told = String::new();
    for binding in KEYS {
        for code in binding.codes {
            let mode =
                if binding.of_loop { Mode::Tasks } else { Mode::Selector };
            let mut stage = stage_of(mode);
            if matches!(binding.message, Message::Move(_)) {
                stage.app.scroll.code = Some(9);
            }
            let before = stage.app.clone();
            let event = Event::Key(press(binding, *code));
            let message = message(&event, &stage.app).unwrap();
            assert_eq!(message, binding.message, "{}", binding.shown);
            let effects = stage.tell(message);
            let changed = changes(&before, &stage.app);
            let _ = writeln!(told, "{code}: {effects:?} {changed:?}");
        }
    }
    assert_snapshot!("keys", told);
}

#[test]
fn no_key_stands_for_two_things() {
    let all = KEYS
        .iter()
        .flat_map(|it| it.codes.iter().map(move |code| (*code, it.control)));
    let all: Vec<_> = all.collect();
    for (at, key) in all.iter().enumerate() {
        assert!(!all[at + 1..].contains(key), "{key:?}");
    }
}

#[test]
fn releases_and_other_keys_are_nothing() {
    let mut release = pressed(KeyCode::Char('q'));
    release.kind = KeyEventKind::Release;
    assert_eq!(keys::message(release), None);
    assert_eq!(keys::typed(release), None);
    assert_eq!(keys::message(pressed(KeyCode::Char('ß'))), None);
    let control = KeyEvent::new(KeyCode::Char('q'), KeyModifiers::CONTROL);
    assert_eq!(keys::message(control), None);
}

/// Types keys as a terminal brings them and gives the last effects.
fn typed(stage: &mut Stage, keys: &[KeyCode]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys {
        let message = message(&Event::Key(pressed(*key)), &stage.app);
        effects = stage.tell(message.unwrap());
    }
    effects
}

#[test]
fn a_line_is_typed_edited_and_said() {
    use KeyCode::{Backspace, Char, Enter, Home};
    let mut stage = stage();
    let keys = [Char('i'), Char('q'), Char('b'), Backspace, Home, Char('é')];
    assert_eq!(typed(&mut stage, &keys), []);
    let effects = typed(&mut stage, &[Enter]);
    let (client, text, newline) = (HandId(1), "éq".to_owned(), true);
    assert_eq!(effects, [Effect::Say { client, text, newline }]);
}

#[test]
fn half_a_line_has_no_end_and_escape_says_nothing() {
    use KeyCode::{Char, Enter, Esc};
    let mut stage = stage();
    let effects = typed(&mut stage, &[Char('I'), Char('q'), Enter]);
    let (client, text, newline) = (HandId(1), "q".to_owned(), false);
    assert_eq!(effects, [Effect::Say { client, text, newline }]);
    assert_eq!(typed(&mut stage, &[Char('I'), Char('q'), Esc]), []);
    assert_eq!(typed(&mut stage, &[Char('I'), Enter]), []);
}

#[test]
fn a_line_has_a_longest_length() {
    let mut stage = stage();
    typed(&mut stage, &[KeyCode::Char('i')]);
    typed(&mut stage, &[KeyCode::Char('x'); 2_000]);
    let effects = typed(&mut stage, &[KeyCode::Enter]);
    let Effect::Say { text, .. } = &effects[0] else { panic!("{effects:?}") };
    assert_eq!(text.len(), 1_024);
}

#[test]
fn a_paused_program_goes_on_with_the_same_key() {
    let mut stage = stage();
    assert_eq!(stage.tell(Message::PauseOrResume), [Effect::Pause]);
    stage.control.paused = true;
    assert_eq!(stage.tell(Message::PauseOrResume), [Effect::Resume]);
}

#[test]
fn the_client_meant_is_the_one_behind_the_socket_or_the_chosen_one() {
    let mut stage = stage();
    assert_eq!(stage.tell(Message::Close), [Effect::Close(HandId(1))]);
    stage.app.sockets.selected = None;
    assert_eq!(stage.tell(Message::Close), [Effect::Close(HandId(3))]);
    stage.app.focus = Pane::Hand;
    stage.tell(Message::Move(Move::Up));
    let reads = Message::StopOrStartReading;
    assert_eq!(stage.tell(reads), [Effect::StartReading(HandId(2))]);
    stage.hand.clear();
    assert_eq!(stage.tell(Message::Close), []);
    assert_eq!(stage.tell(Message::Type { newline: true }), []);
}

/// The last line but one: what there is to tell.
fn notice(stage: &Stage) -> String {
    let text = stage.text();
    let line = text.lines().rev().nth(1);
    line.unwrap_or_default().trim().to_owned()
}

#[test]
fn a_step_of_a_sleeping_thread_says_who_must_act() {
    for (mode, call) in [(Mode::Serial, "read"), (Mode::Selector, "wait")] {
        let mut stage = Stage::of(mode, 80, 24);
        stage.control.paused = true;
        for message in [Message::StepCall, Message::StepIteration] {
            stage.tell(message);
            let says = format!("the thread is asleep in {call}: a client");
            assert!(notice(&stage).starts_with(&says), "{}", notice(&stage));
        }
        stage.tell(Message::NextPane);
        assert!(notice(&stage).starts_with("program paused"));
        stage.control.held = [ThreadId(0)].into();
        stage.tell(Message::StepCall);
        assert!(notice(&stage).starts_with("program paused"));
    }
}

#[test]
fn keys_that_do_nothing_say_why() {
    let mut stage = stage();
    stage.hand[0].state = HandState::Closed;
    let says = |stage: &mut Stage, message| {
        let effects = stage.tell(message);
        (effects, notice(stage))
    };
    let over = "client 1 by hand is over: c connects another";
    for message in [Message::Close, Message::Type { newline: true }] {
        assert_eq!(says(&mut stage, message), (vec![], over.into()));
    }
    stage.hand[0].state = HandState::HalfClosed;
    let ended = "client 1 by hand is half-closed: it can send no more";
    assert_eq!(says(&mut stage, Message::Boom).1, ended);
    let type_half = Message::Type { newline: false };
    assert_eq!(says(&mut stage, type_half), (vec![], ended.into()));
    let full = (vec![Effect::Faster], "it runs at full speed already".into());
    assert_eq!(says(&mut stage, Message::Faster), full);
    let steps = "steps are for a paused program: space first";
    assert_eq!(says(&mut stage, Message::StepCall).1, steps);
    stage.control.paused = true;
    let later = "the new speed counts when it goes on: space";
    assert_eq!(says(&mut stage, Message::Slower).1, later);
    stage.hand.clear();
    let none = "there is no client by hand: c connects one";
    assert_eq!(says(&mut stage, Message::Reset), (vec![], none.into()));
}

#[test]
fn the_tabulator_goes_around_in_both_directions() {
    let mut stage = stage_of(Mode::Tasks);
    let all = Pane::ALL.len();
    let mut way = Vec::new();
    for _ in 0..all {
        stage.tell(Message::NextPane);
        way.push(stage.app.focus);
    }
    assert_eq!(way[all - 1], Pane::Code);
    assert_eq!(way[..all - 1], Pane::ALL[1..]);
    for pane in way[..all - 1].iter().rev() {
        stage.tell(Message::PreviousPane);
        assert_eq!(stage.app.focus, *pane);
    }
}

#[test]
fn a_mode_without_tasks_has_no_pane_for_them() {
    for message in [Message::NextPane, Message::PreviousPane] {
        let mut stage = stage();
        for _ in Pane::ALL {
            stage.tell(message);
            assert_ne!(stage.app.focus, Pane::Tasks);
        }
    }
}

#[test]
fn keys_of_the_event_loop_say_so_in_other_modes() {
    let keys = KEYS.iter().filter(|it| it.of_loop);
    for binding in keys {
        let mut stage = stage();
        assert_eq!(stage.tell(binding.message), []);
        let words = "this key is for the mode tasks";
        assert!(stage.text().contains(words), "{}", binding.shown);
        assert_eq!(stage.app.source, Source::Mode);
        stage.tell(Message::Back);
        assert!(!stage.text().contains(words), "until the next key");
        let footer = stage.text().lines().last().unwrap().to_owned();
        assert!(!footer.contains("step, task"), "{footer}");
    }
}

#[test]
fn the_wheel_scrolls_the_pane_it_is_over() {
    let mut stage = stage();
    let mut turn = |row, kind| {
        let (column, modifiers) = (3, KeyModifiers::NONE);
        let mouse = MouseEvent { kind, column, row, modifiers };
        let message = message(&Event::Mouse(mouse), &stage.app);
        stage.tell(message.unwrap());
        (stage.app.focus, stage.app.sockets.selected)
    };
    let over_sockets = turn(13, MouseEventKind::ScrollDown);
    assert_eq!(over_sockets, (Pane::Sockets, Some(SocketId(3))));
    let (focus, _) = turn(3, MouseEventKind::ScrollUp);
    assert_eq!(focus, Pane::Code);
}

#[test]
fn scrolling_stops_at_both_ends() {
    let mut stage = stage();
    for pane in Pane::ALL {
        stage.app.focus = pane;
        for by in [Move::Up, Move::Home, Move::PageDown, Move::End] {
            stage.tell(Message::Move(by));
            stage.tell(Message::Move(Move::Down));
            let _ = stage.buffer();
        }
    }
    assert!(stage.app.scroll.events < stage.view.events.len());
}
