//! Every key of a recorded run, and the mouse on its bar.

use super::keys::{changes, press};
use super::replay::row;
use super::stage::Stage;
use insta::assert_snapshot;
use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind,
};
use ratatui::layout::Size;
use sockscope::modes::Mode;
use sockscope::tui::keys::{Binding, KEYS, Message, Move, REPLAY, Travel};
use sockscope::tui::terminal::message;
use sockscope::tui::{Dialog, Effect, Seek};
use sockscope::view::{Direction, SocketId};
use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

fn stage() -> Stage {
    stage_of(Mode::Selector)
}

fn stage_of(mode: Mode) -> Stage {
    let mut stage = Stage::of(mode, 80, 24).recorded();
    stage.app.sockets.selected = Some(SocketId(1));
    stage.app.searched = "reset".into();
    stage
}

/// Types keys as a terminal brings them and gives the last effects.
fn typed(stage: &mut Stage, keys: &[KeyCode]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys {
        let key = KeyEvent::new(*key, KeyModifiers::NONE);
        let message = message(&Event::Key(key), &stage.app);
        effects = stage.tell(message.unwrap());
    }
    effects
}

fn text(stage: &mut Stage, text: &str) {
    let keys: Vec<_> = text.chars().map(KeyCode::Char).collect();
    typed(stage, &keys);
}

#[test]
fn every_key_does_what_it_says() {
    let mut told = String::new();
    for binding in REPLAY {
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
            let said = stage.app.said.unwrap_or_default();
            let _ = writeln!(told, "{code}: {effects:?} {changed:?} {said}");
        }
    }
    assert_snapshot!("replay-keys", told);
}

#[test]
fn no_key_stands_for_two_things() {
    let keys = REPLAY
        .iter()
        .flat_map(|it| it.codes.iter().map(move |code| (*code, it.control)));
    let mut seen = HashSet::new();
    for key in keys {
        assert!(seen.insert(key), "{key:?}");
    }
}

/// A key without words is the other one of a pair, or says why not.
#[test]
fn every_key_is_in_the_help_or_says_why_not() {
    let named = |binding: &&Binding| !binding.help.is_empty();
    let named: Vec<_> = REPLAY.iter().filter(named).collect();
    for binding in REPLAY.iter().filter(|it| it.help.is_empty()) {
        if binding.shown.is_empty() {
            let mut stage = stage_of(Mode::Tasks);
            assert_eq!(stage.tell(binding.message), []);
            let said = stage.app.said.clone().unwrap();
            assert!(said.contains("a recording"), "{said}");
            assert_eq!(row(&stage, 1).trim(), said);
            continue;
        }
        let pair = match binding.shown {
            "shift-tab" => "tab",
            "↓" => "↑ ↓",
            "pgdn" => "pgup pgdn",
            "end" => "home end",
            shown => shown,
        };
        let said = named.iter().filter(|it| {
            it.shown == pair || it.shown.ends_with(&format!(" {pair}"))
        });
        assert_eq!(said.count(), 1, "{}", binding.shown);
    }
}

/// Whoever knows the live screen's keys gets no silence.
#[test]
fn every_key_of_the_live_screen_is_known() {
    for binding in KEYS.iter().filter(|it| !it.control) {
        for code in binding.codes {
            let mut replay = REPLAY.iter();
            assert!(replay.any(|it| it.codes.contains(code)), "{code}");
        }
    }
}

#[test]
fn all_of_the_help_finds_room_and_no_words_are_cut() {
    for binding in REPLAY {
        assert!(binding.shown.chars().count() <= 10, "{}", binding.shown);
        assert!(binding.help.chars().count() <= 29, "{}", binding.help);
    }
    let mut stage = stage();
    stage.tell(Message::Help);
    let top = stage.text();
    stage.tell(Message::Move(Move::End));
    assert_eq!(stage.text(), top, "all of it is in sight");
    for binding in REPLAY {
        assert!(top.contains(binding.help), "{}", binding.help);
    }
}

#[test]
fn keys_of_the_loop_are_for_tasks() {
    for binding in REPLAY.iter().filter(|it| it.of_loop) {
        let mut stage = stage();
        assert_eq!(stage.tell(binding.message), []);
        let says = "this key is for the mode tasks: selector has no";
        assert!(row(&stage, 1).trim().starts_with(says));
        let footer = binding.footer.unwrap_or("no word");
        assert!(!row(&stage, 0).contains(&format!(" {footer} ")), "{footer}");
    }
}

#[test]
fn what_lacks_something_says_what() {
    let mut stage = Stage::of(Mode::Selector, 80, 24).recorded();
    for (travel, says) in [
        (Travel::OfSocket(Direction::Forwards), "no socket is chosen: tab"),
        (Travel::SearchOn(Direction::Backwards), "nothing was searched for"),
    ] {
        assert_eq!(stage.tell(Message::Travel(travel)), []);
        assert!(row(&stage, 1).trim().starts_with(says));
    }
}

/// A reason is given once, and the size is still heard.
#[test]
fn a_refused_key_does_not_outlast_the_next_message() {
    let mut stage = stage();
    stage.tell(Message::Connect);
    let size = Size { width: 120, height: 40 };
    stage.tell(Message::Resize(size));
    assert_eq!(stage.app.size, size);
    let play = stage.tell(Message::Travel(Travel::PlayOrPause));
    assert_eq!(play, [Effect::Seek(Seek::PlayOrPause)]);
    assert_eq!(stage.app.said, None);
}

#[test]
fn a_place_is_typed() {
    let mut stage = stage();
    for (place, seek) in [
        ("1.25s", Seek::To(Duration::from_millis(1_250))),
        ("50%", Seek::ToPart(0.5)),
        ("event 1,234", Seek::ToEvent(1_234)),
    ] {
        typed(&mut stage, &[KeyCode::Char('g')]);
        text(&mut stage, place);
        let effects = typed(&mut stage, &[KeyCode::Enter]);
        assert_eq!(effects, [Effect::Seek(seek)], "{place}");
        assert!(matches!(stage.app.dialog, Dialog::None));
    }
    let nothing = [KeyCode::Char('g'), KeyCode::Enter];
    assert_eq!(typed(&mut stage, &nothing), []);
}

#[test]
fn a_place_that_is_none_stays_to_be_corrected() {
    for (place, says) in [
        ("soon", "no place: 1.25s, 250ms, 50% or event 1234"),
        ("99s", "it ends at 12.900 s"),
        ("event 2000000", "it has 1,234,567 events"),
    ] {
        let mut stage = stage();
        stage.tell(Message::Resize(Size { width: 60, height: 15 }));
        typed(&mut stage, &[KeyCode::Char('g')]);
        text(&mut stage, place);
        assert_eq!(typed(&mut stage, &[KeyCode::Enter]), []);
        let told = row(&stage, 1);
        assert_eq!(told.trim(), format!("go to: {place}   {says}"));
        typed(&mut stage, &[KeyCode::Backspace]);
        let less = &place[..place.len() - 1];
        assert_eq!(row(&stage, 1).trim(), format!("go to: {less}"));
        assert_eq!(typed(&mut stage, &[KeyCode::Esc]), []);
    }
}

#[test]
fn a_search_is_typed_and_goes_on() {
    let mut stage = Stage::of(Mode::Selector, 80, 24).recorded();
    let nothing = [KeyCode::Char('/'), KeyCode::Enter];
    assert_eq!(typed(&mut stage, &nothing), []);
    typed(&mut stage, &[KeyCode::Char('/')]);
    text(&mut stage, "would x");
    let effects = typed(&mut stage, &[KeyCode::Enter]);
    assert_eq!(effects, [Effect::Seek(Seek::Search("would x".into()))]);
    let on = |direction| vec![Effect::Seek(Seek::SearchOn(direction))];
    let next = typed(&mut stage, &[KeyCode::Char('x')]);
    assert_eq!(next, on(Direction::Forwards));
    let before = typed(&mut stage, &[KeyCode::Char('X')]);
    assert_eq!(before, on(Direction::Backwards));
    assert_eq!(typed(&mut stage, &nothing), on(Direction::Forwards));
}

#[test]
fn escape_gives_a_search_up_before_anything_else() {
    let mut stage = stage();
    stage.playback().busy = Some("looking for \"x\": 1 %".into());
    let escape = [KeyCode::Esc];
    let given_up = vec![Effect::Seek(Seek::GiveUp)];
    assert_eq!(typed(&mut stage, &escape), given_up);
    assert!(stage.app.sockets.selected.is_some());
    typed(&mut stage, &[KeyCode::Char('g')]);
    assert_eq!(typed(&mut stage, &escape), [], "it leaves the line");
    assert_eq!(typed(&mut stage, &escape), given_up);
    stage.playback().busy = None;
    assert_eq!(typed(&mut stage, &escape), []);
    assert_eq!(stage.app.sockets.selected, None);
}

fn mouse(stage: &mut Stage, kind: MouseEventKind, x: u16, y: u16) -> Vec<Seek> {
    let modifiers = KeyModifiers::NONE;
    let event = MouseEvent { kind, column: x, row: y, modifiers };
    let message = message(&Event::Mouse(event), &stage.app).unwrap();
    let effects = stage.tell(message).into_iter();
    let seek = effects.map(|it| match it {
        Effect::Seek(seek) => seek,
        other => panic!("{other:?}"),
    });
    seek.collect()
}

/// The column of the bar's row in which its marker is.
fn marker(stage: &Stage, y: u16) -> u16 {
    let buffer = stage.buffer();
    let width = buffer.area.width;
    let is_marker = |x: &u16| buffer[(*x, y)].symbol() == "║";
    (1..width).rfind(is_marker).unwrap()
}

#[test]
fn a_click_on_the_bar_goes_there_and_the_marker_follows() {
    let click =
        MouseEventKind::Down(ratatui::crossterm::event::MouseButton::Left);
    for (width, height, y) in [(80, 24, 20), (120, 40, 36), (60, 15, 12)] {
        for cut in [false, true] {
            let mut stage = Stage::of(Mode::Selector, width, height).recorded();
            stage.playback().ends = cut.then(|| "cut".into());
            for x in [9, 20, 25, 30] {
                let seek = mouse(&mut stage, click, x, y);
                let [Seek::ToPart(part)] = seek[..] else { panic!("{seek:?}") };
                let playback = stage.playback();
                playback.at = playback.length.mul_f32(part);
                assert_eq!(marker(&stage, y), x, "{width}x{height} {part}");
            }
        }
    }
    let mut stage = stage();
    assert_eq!(mouse(&mut stage, click, 0, 20), [Seek::ToPart(0.0)]);
    assert_eq!(mouse(&mut stage, click, 79, 20), [Seek::ToPart(1.0)]);
    assert_eq!(mouse(&mut stage, click, 30, 21), [], "the words");
    assert_eq!(mouse(&mut stage, click, 30, 19), [], "a pane");
    stage.tell(Message::Help);
    assert_eq!(mouse(&mut stage, click, 30, 20), [], "the help");
}

#[test]
fn the_wheel_on_the_bar_goes_a_hundredth() {
    let mut stage = stage();
    let down = mouse(&mut stage, MouseEventKind::ScrollDown, 30, 20);
    assert_eq!(down, [Seek::By(0.01)]);
    let up = mouse(&mut stage, MouseEventKind::ScrollUp, 30, 20);
    assert_eq!(up, [Seek::By(-0.01)]);
    assert_eq!(mouse(&mut stage, MouseEventKind::ScrollUp, 30, 5), []);
}

/// What was looked for is among the last events.
#[test]
fn whoever_travels_sees_the_last_events() {
    let mut stage = stage();
    stage.app.scroll.events = 3;
    stage.tell(Message::Travel(Travel::Start));
    assert_eq!(stage.app.scroll.events, 0);
    stage.app.dialog = Dialog::Detail(SocketId(1), 2);
    stage.tell(Message::Travel(Travel::OfSocket(Direction::Forwards)));
    assert!(matches!(stage.app.dialog, Dialog::Detail(_, 0)));
}
