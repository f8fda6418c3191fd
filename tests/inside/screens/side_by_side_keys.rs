//! What the keys do where several modes are side by side.

use super::columns::Stages;
use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind,
};
use sockscope::modes::Mode;
use sockscope::tui::compare::{ColumnState, CompareDialog, Target};
use sockscope::tui::keys::{Binding, COMPARE, Message};
use sockscope::tui::terminal::message_of_columns;
use sockscope::tui::{Arrangement, Effect, HandId, HandState, Pane, Theme};

use insta::assert_snapshot;
use std::fmt::Write as _;

fn three() -> Stages {
    Stages::three(120, 40).with_clients()
}

fn press(stages: &mut Stages, code: KeyCode) -> Vec<(Target, Effect)> {
    let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    let message = message_of_columns(&event, &stages.app);
    message.map(|it| stages.tell(it)).unwrap_or_default()
}

fn typed(stages: &mut Stages, text: &str) {
    for letter in text.chars() {
        press(stages, KeyCode::Char(letter));
    }
}

/// A key as a terminal brings it.
fn brought(binding: &Binding, code: KeyCode) -> Event {
    let modifiers = if binding.control {
        KeyModifiers::CONTROL
    } else {
        KeyModifiers::NONE
    };
    Event::Key(KeyEvent::new(code, modifiers))
}

#[test]
fn every_key_does_what_it_says() {
    let mut told = String::new();
    for binding in COMPARE {
        for code in binding.codes {
            let modes = [Mode::Serial, Mode::Selector, Mode::Tasks];
            let mut stages = Stages::of(&modes, 120, 40).with_clients();
            let message =
                message_of_columns(&brought(binding, *code), &stages.app);
            assert_eq!(message, Some(binding.message), "{}", binding.shown);
            let effects = stages.tell(binding.message);
            let app = &stages.app;
            let _ = writeln!(
                told,
                "{code}: {effects:?} column {}, opened {}, frozen {}, \
                 {:?}, theme {:?}, dialog {}, from {}, {:?}",
                app.chosen,
                app.opened,
                app.frozen.is_some(),
                app.arrangement,
                app.look.theme,
                match app.dialog {
                    CompareDialog::None => "none",
                    CompareDialog::Help(_) => "help",
                    CompareDialog::Prompt(_) => "prompt",
                },
                app.first_socket,
                app.said,
            );
        }
    }
    assert_snapshot!("compare-keys", told);
}

#[test]
fn no_key_stands_for_two_things() {
    let all = COMPARE
        .iter()
        .flat_map(|it| it.codes.iter().map(move |code| (*code, it.control)));
    let all: Vec<_> = all.collect();
    for (at, key) in all.iter().enumerate() {
        assert!(!all[at + 1..].contains(key), "{key:?}");
    }
}

#[test]
fn pause_and_speed_are_everybodys() {
    let mut stages = three();
    let all = |effect| vec![(Target::All, effect)];
    assert_eq!(press(&mut stages, KeyCode::Char(' ')), all(Effect::Pause));
    assert_eq!(press(&mut stages, KeyCode::Char('-')), all(Effect::Slower));
    let mut stages = three().pause();
    assert_eq!(press(&mut stages, KeyCode::Char(' ')), all(Effect::Resume));
    assert_eq!(press(&mut stages, KeyCode::Char('.')), all(Effect::StepCall));
    let turn = all(Effect::StepIteration);
    assert_eq!(press(&mut stages, KeyCode::Char('n')), turn);
}

#[test]
fn columns_are_chosen_by_digits_tab_and_arrows() {
    let mut stages = three();
    let mut after = |code| {
        press(&mut stages, code);
        stages.app.chosen
    };
    assert_eq!(after(KeyCode::Tab), 1);
    assert_eq!(after(KeyCode::Right), 2);
    assert_eq!(after(KeyCode::Right), 0, "around the end");
    assert_eq!(after(KeyCode::Left), 2);
    assert_eq!(after(KeyCode::BackTab), 1);
    assert_eq!(after(KeyCode::Char('3')), 2);
    assert_eq!(after(KeyCode::Char('5')), 2, "there is no fifth");
}

#[test]
fn a_click_chooses_a_column() {
    let mut stages = three();
    let click = MouseEvent {
        kind: MouseEventKind::Down(
            ratatui::crossterm::event::MouseButton::Left,
        ),
        column: 60,
        row: 10,
        modifiers: KeyModifiers::NONE,
    };
    let message = message_of_columns(&Event::Mouse(click), &stages.app);
    stages.tell(message.unwrap());
    assert_eq!(stages.app.chosen, 1);
}

#[test]
fn a_line_is_said_by_the_client_of_every_mode() {
    let mut stages = three();
    assert_eq!(press(&mut stages, KeyCode::Char('i')), []);
    typed(&mut stages, "hi q");
    let said = press(&mut stages, KeyCode::Enter);
    let say = |column| {
        let (client, text) = (HandId(2), "hi q".to_owned());
        (Target::Column(column), Effect::Say { client, text, newline: true })
    };
    assert_eq!(said, [say(0), say(1), say(2)]);
    assert!(matches!(stages.app.dialog, CompareDialog::None));
}

#[test]
fn who_has_no_client_is_left_out_and_nobody_is_told_so() {
    let mut stages = three();
    stages.each[1].hand.clear();
    stages.each[2].hand[1].state = HandState::Closed;
    let closed = press(&mut stages, KeyCode::Char('x'));
    let close = Effect::Close(HandId(2));
    assert_eq!(closed, [(Target::Column(0), close)]);
    stages.each[0].hand.clear();
    assert_eq!(press(&mut stages, KeyCode::Char('x')), []);
    assert!(stages.app.said.is_some());
}

#[test]
fn only_those_that_run_are_asked() {
    let mut stages = three();
    stages.states[0] = ColumnState::Over;
    let closed = press(&mut stages, KeyCode::Char('h'));
    let asked: Vec<_> = closed.iter().map(|(target, _)| *target).collect();
    assert_eq!(asked, [Target::Column(1), Target::Column(2)]);
}

#[test]
fn steps_of_a_loop_are_for_modes_that_have_one() {
    let mut stages = Stages::five(120, 40).pause();
    let step = press(&mut stages, KeyCode::Char('S'));
    let tasks = Mode::ALL.iter().position(|it| *it == Mode::Tasks).unwrap();
    assert_eq!(step, [(Target::Column(tasks), Effect::StepLoop)]);
    let mut stages = Stages::three(120, 40).pause();
    assert_eq!(press(&mut stages, KeyCode::Char('T')), []);
    let said = stages.app.said.unwrap();
    assert!(said.starts_with("this key is for the mode tasks"), "{said}");
}

#[test]
fn a_column_opens_and_its_keys_are_its_own() {
    let mut stages = three();
    press(&mut stages, KeyCode::Char('2'));
    press(&mut stages, KeyCode::Enter);
    assert!(stages.app.opened);
    assert_eq!(press(&mut stages, KeyCode::Tab), []);
    assert_eq!(stages.app.apps[1].focus, Pane::Sockets);
    assert_eq!(stages.app.apps[0].focus, Pane::Code);
    let connect = press(&mut stages, KeyCode::Char('c'));
    assert_eq!(connect, [(Target::Column(1), Effect::Connect)]);
    let pause = press(&mut stages, KeyCode::Char(' '));
    assert_eq!(pause, [(Target::All, Effect::Pause)]);
    press(&mut stages, KeyCode::Char('t'));
    assert_eq!(stages.app.look.theme, Theme::Light);
    assert_eq!(stages.app.apps[2].look.theme, Theme::Light);
    press(&mut stages, KeyCode::Char('1'));
    assert_eq!((stages.app.chosen, stages.app.opened), (0, true));
}

#[test]
fn escape_leaves_what_is_open_in_a_column_first() {
    let mut stages = three();
    press(&mut stages, KeyCode::Enter);
    press(&mut stages, KeyCode::Char('?'));
    press(&mut stages, KeyCode::Esc);
    assert!(stages.app.opened, "the help was open");
    press(&mut stages, KeyCode::Esc);
    assert!(!stages.app.opened);
}

#[test]
fn digits_are_text_while_a_line_is_typed_in_a_column() {
    let mut stages = three();
    press(&mut stages, KeyCode::Enter);
    press(&mut stages, KeyCode::Char('i'));
    typed(&mut stages, "2");
    assert_eq!(stages.app.chosen, 0);
    let said = press(&mut stages, KeyCode::Enter);
    let (client, text) = (HandId(2), "2".to_owned());
    let say = Effect::Say { client, text, newline: true };
    assert_eq!(said, [(Target::Column(0), say)]);
}

#[test]
fn a_frozen_picture_stands_in_every_column() {
    let mut stages = three();
    press(&mut stages, KeyCode::Char('f'));
    let before = stages.text();
    assert!(before.contains("FROZEN"), "{before}");
    for stage in &mut stages.each {
        stage.view.sockets.clear();
    }
    stages.comparison.rows.clear();
    assert_eq!(stages.text(), before);
    press(&mut stages, KeyCode::Char('f'));
    assert_ne!(stages.text(), before);
}

#[test]
fn the_presenter_has_fewer_parts() {
    let mut stages = three();
    assert!(stages.text().contains("─ counters"));
    press(&mut stages, KeyCode::Char('m'));
    assert_eq!(stages.app.arrangement, Arrangement::Presenter);
    assert!(!stages.text().contains("─ counters"));
}

#[test]
fn sockets_that_find_no_room_are_scrolled_to() {
    let mut stages = Stages::three(60, 15);
    let last = stages.each[2].view.sockets.len() - 1;
    stages.tell(Message::Column(2));
    let row = format!("\n#{last} ");
    assert!(!stages.text().contains(&row), "{}", stages.text());
    press(&mut stages, KeyCode::End);
    assert!(stages.text().contains(&row), "{}", stages.text());
    press(&mut stages, KeyCode::Esc);
    assert!(stages.text().contains("#0 listener"));
}
