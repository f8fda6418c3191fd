//! Every entry of the key table, in every situation, and the mouse.

use super::stage::Stage;
use insta::assert_snapshot;
use itertools::Itertools as _;
use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton,
    MouseEvent, MouseEventKind,
};
use sockscope::load::HandState;
use sockscope::modes::Mode;
use sockscope::tui::keys::{self, ACTIONS, KEYS, Message, message};
use sockscope::tui::{
    Dialog, Effect, KeyMap, Pane, Purpose, Screen, Target, TrackPhase,
};
use sockscope::view::{Seek, SocketId};
use std::fmt::{Debug, Write as _};
use strum::VariantArray as _;

const CLICK: MouseEventKind = MouseEventKind::Down(MouseButton::Left);

fn live_of(mode: Mode) -> Stage {
    let mut stage = Stage::of(mode, 80, 24).with_clients();
    stage.track().sockets.selected = Some(SocketId(1));
    stage
}

fn live() -> Stage {
    live_of(Mode::Selector)
}

fn recorded_of(mode: Mode) -> Stage {
    live_of(mode).recorded().with(|it| {
        it.hand.clear();
        it.screen.searched = "reset".into();
    })
}

fn recorded() -> Stage {
    recorded_of(Mode::Selector)
}

fn three() -> Stage {
    Stage::three(120, 40).with_clients()
}

fn dialog(screen: &Screen) -> String {
    match &screen.dialog {
        Dialog::Prompt(Purpose::Say { client, newline }, _) => {
            format!("say to {client:?}, end: {newline}")
        }
        Dialog::Prompt(purpose, _) => format!("{purpose:?}"),
        other => format!("{other:?}"),
    }
}

/// Notes what a step asks of the programs and what it changes on the screen.
fn note(
    seen: &mut String,
    stage: &mut Stage,
    keys: &str,
    step: impl FnOnce(&mut Stage) -> Vec<(Target, Effect)>,
) {
    let (screen, notice) = (stage.screen.clone(), stage.row(1));
    let _ = write!(seen, "{keys}: {:?}", step(stage));
    let mut note = |name: &str, before: &dyn Debug, after: &dyn Debug| {
        let (before, after) = (format!("{before:?}"), format!("{after:?}"));
        if before != after {
            let _ = write!(seen, "; {name}: {after}");
        }
    };
    note("notice", &notice.trim(), &stage.row(1).trim());
    let after = &stage.screen;
    note("chosen", &screen.chosen, &after.chosen);
    note("open", &screen.open, &after.open);
    note("presents", &screen.presents, &after.presents);
    note("theme", &screen.look.theme, &after.look.theme);
    note("first socket", &screen.first_socket, &after.first_socket);
    note("frozen", &screen.frozen.is_some(), &after.frozen.is_some());
    note("dialog", &dialog(&screen), &dialog(after));
    for (before, after) in screen.tracks.iter().zip(&after.tracks) {
        note("focus", &before.focus, &after.focus);
        note("sockets", &before.sockets, &after.sockets);
        note("scroll", &before.scroll, &after.scroll);
        note("loop", &before.shows_loop, &after.shows_loop);
    }
    seen.push('\n');
}

/// Each key in each situation: what is asked, what changes on the screen, and
/// why it does nothing.
#[test]
fn every_key_does_what_it_says() {
    let modes = [Mode::Serial, Mode::Tasks];
    let several = || Stage::several(&modes, 120, 40);
    let situations: [(&str, &dyn Fn() -> Stage); 4] = [
        ("live", &|| live_of(Mode::Tasks).pause()),
        ("recorded", &|| recorded_of(Mode::Tasks)),
        ("several live", &|| several().with_clients().pause()),
        ("several recorded", &|| several().recorded()),
    ];
    let mut seen = String::new();
    for (name, make) in situations {
        let _ = writeln!(seen, "-- {name} --");
        let mut known = Vec::new();
        for (code, asked) in KEYS.iter().flat_map(|it| it.keys) {
            let mut stage = make();
            if matches!(asked, Message::Move(_)) {
                stage.track().scroll.code = Some(9);
            }
            let modifiers = match code {
                KeyCode::Char(c) if c.is_uppercase() => KeyModifiers::SHIFT,
                _ => KeyModifiers::NONE,
            };
            let event = Event::Key(KeyEvent::new(*code, modifiers));
            // It means the same in every row that has it.
            assert_eq!(message(&event, &stage.screen), Some(*asked), "{code}");
            if known.contains(code) {
                continue;
            }
            known.push(*code);
            let key = code.to_string().escape_debug().to_string();
            note(&mut seen, &mut stage, &key, |it| it.event(&event));
        }
    }
    assert_snapshot!("keys", seen);
}

/// A situation, what makes it, and the keys of each step in it.
type KeySession = (&'static str, fn() -> Stage, &'static [&'static str]);

/// What is done with keys, step by step. In each step several may be typed.
#[rustfmt::skip]
const SESSIONS: &[KeySession] = &[
    ("a line is typed, edited and sent", live,
        &["iqb⌫", "⇱é⏎", "Iq⏎", "Iq⎋", "I⏎"]),
    ("clients: behind the socket, the last one, the chosen one", live,
        &["x", "⎋x", "⇤↑", "r"]),
    ("a client is over", || live().with(|it| it.hand[0].state = HandState::Closed),
        &["x", "i"]),
    ("a client has half-closed", || live().with(|it| it.hand[0].state = HandState::HalfClosed),
        &["b", "I", "x"]),
    ("there is no client", || live().with(|it| it.hand.clear()),
        &["X", "i"]),
    ("a client is chosen by its number", live,
        &["1x", "2B", "2", "7"]),
    ("a client floods", || live().with(|it| it.hand[0].unsent = 9 << 10),
        &["1B", "2B"]),
    ("the run is over", || live().with(|it| it.phases[0] = TrackPhase::Over),
        &[" ", "c", "⇥", "?⎋", "G⎋", "q"]),
    ("the program runs", live,
        &[".", "+", "⎋", "-"]),
    ("the program is paused", || live().pause(),
        &["-", ".", "n", "⇥"]),
    ("its thread is asleep in a call", || live_of(Mode::Serial).pause(),
        &[".", "n", "⇥"]),
    ("its thread is held", || live().pause().with(|it| { it.hold(None); it.control.stands = true; }),
        &["."]),
    ("the tabulator goes around", || live_of(Mode::Tasks),
        &["⇥", "⇥", "⇥", "⇥", "⇥", "⇥", "⇥", "⇤", "⇤", "⇤", "⇤", "⇤", "⇤", "⇤"]),
    ("the tabulator without tasks", live,
        &["⇥", "⇥", "⇥", "⇤", "⇤", "⇤"]),
    ("the tabulator in presenter mode", || live_of(Mode::Tasks),
        &["m⇥", "⇥"]),
    ("keys of the event loop without one", live,
        &["S", "T", "l", "⎋"]),
    ("one run stays open", live,
        &["⎋⎋⎋⎋"]),
    ("nothing was chosen or searched for", || Stage::of(Mode::Selector, 80, 24).recorded(),
        &["e", "A", "/⏎"]),
    ("a place is typed", recorded,
        &["g1.25s⏎", "g1.25 s⏎", "g250ms⏎", "g12.5⏎", "g0⏎", "g0:05.1⏎", "g0.1min⏎", "g50%⏎", "g100 %⏎", "gevent 1,234⏎", "gevent99⏎", "g⏎"]),
    ("words that are no place", recorded,
        &["g.⏎⎋", "g1,5s⏎⎋", "g-1s⏎⎋", "g1:2:3⏎⎋", "gx:1⏎⎋", "g101%⏎⎋", "g-1%⏎⎋", "gNaN%⏎⎋", "gevent⏎⎋", "gevent -1⏎⎋"]),
    ("a place that is none is corrected", || Stage::of(Mode::Selector, 60, 15).recorded(),
        &["gsoon⏎", "⌫", "⎋", "g99s⏎", "⌫", "⎋gevent 2000000⏎", "⎋"]),
    ("a search is typed and goes on", recorded,
        &["/would x⏎", "a", "A", "/⏎"]),
    ("a search is given up before anything else", || recorded().with(|it| it.playback().busy = Some("looking for x".into())),
        &["⎋", "g⎋", "⎋"]),
    ("nothing is searched for", recorded,
        &["⎋"]),
    ("a jump brings the last events in sight", || recorded().with(|it| it.track().scroll.events = 3),
        &["<"]),
    ("so does one in the detail", || recorded().with(|it| it.screen.dialog = Dialog::Detail(SocketId(1), 2)),
        &["e"]),
    ("columns are chosen", three,
        &["⇥", "→", "→", "←", "⇤", "3", "5"]),
    ("a client of each mode sends a line", three,
        &["ihi q⏎", "⏎i2⏎"]),
    ("runs without a client are left out", || three().with(|it| { it.runs[1].hand.clear(); it.runs[2].hand[1].state = HandState::Closed; }),
        &["x"]),
    ("none has a client", || three().with(|it| it.runs.iter_mut().for_each(|run| run.hand.clear())),
        &["x"]),
    ("runs that are over are left out", || three().with(|it| it.phases[0] = TrackPhase::Over),
        &["h"]),
    ("a column opens and its keys are its own", three,
        &["2⏎⇥", "c", " ", "t1", "?⎋", "⎋"]),
    ("recordings are led together or one by one", || Stage::three(80, 24).recorded(),
        &[" ", ",", "g99⏎", "⎋g9⏎", "S", "2⏎", ",", "+"]),
];

#[test]
fn keys_in_a_row_ask_and_change_what_is_written() {
    let mut seen = String::new();
    for (name, make, steps) in SESSIONS {
        let _ = writeln!(seen, "-- {name} --");
        let mut stage = make();
        for keys in *steps {
            note(&mut seen, &mut stage, keys, |it| it.typed(keys));
        }
    }
    assert_snapshot!("sessions", seen);
}

#[test]
fn a_full_line_takes_no_more() {
    let longest = "x".repeat(1_024);
    let effects = live().typed(&format!("ix{longest}⏎"));
    let says = format!("Say({:?})", longest + "\n");
    assert!(format!("{effects:?}").contains(&says), "{effects:?}");
}

/// Each action has a name, by which the file of settings can give it other
/// keys; digits and Ctrl-C keep theirs.
#[test]
fn every_action_has_one_name() {
    for (_, asked) in KEYS.iter().flat_map(|it| it.keys) {
        let names = ACTIONS.iter().filter(|(_, it)| it == asked).count();
        let is_fixed = matches!(
            asked,
            Message::Number(_) | Message::Interrupt | Message::Suspend
        );
        assert_eq!(names, usize::from(!is_fixed), "{asked:?}");
    }
    assert!(ACTIONS.iter().map(|(name, _)| name).all_unique());
}

/// Those that are not are other names of keys that are, or their pairs.
#[test]
fn every_key_is_in_the_help() {
    let others = KEYS.iter().filter(|it| it.help.is_empty());
    let others: Vec<_> = others.map(|it| it.shown).collect();
    let expected =
        ["space", "space", "] k", "S T", "q", "shift-tab", "=", "→ ←"];
    assert_eq!(others, expected);
}

#[test]
fn all_keys_of_the_help_are_in_sight_and_no_words_are_cut() {
    for binding in KEYS {
        assert!(binding.shown.chars().count() <= 10, "{}", binding.shown);
        let help = KeyMap::default().words(binding.help);
        assert!(help.chars().count() <= 29, "{help}");
    }
    for mut stage in [live(), recorded(), Stage::five(80, 24)] {
        stage.typed("?");
        let top = stage.text();
        for last in ["t          the next theme", "first; last: follow"] {
            assert!(top.contains(last), "the keys come first: {top}");
        }
        stage.typed("⇲");
        assert!(stage.shows("G explains the others"), "{}", stage.text());
    }
}

#[test]
fn releases_and_other_keys_are_nothing() {
    let screen = live().screen;
    let message = |code, modifiers| {
        message(&Event::Key(KeyEvent::new(code, modifiers)), &screen)
    };
    let [q, c] = ['q', 'c'].map(KeyCode::Char);
    let mut release = KeyEvent::new(q, KeyModifiers::NONE);
    release.kind = KeyEventKind::Release;
    assert_eq!(keys::message(&Event::Key(release), &screen), None);
    assert_eq!(message(q, KeyModifiers::CONTROL), None);
    assert_eq!(message(KeyCode::Char('ß'), KeyModifiers::NONE), None);
    let interrupt = message(c, KeyModifiers::CONTROL);
    assert_eq!(interrupt, Some(Message::Interrupt));
}

fn mouse(
    stage: &mut Stage,
    kind: MouseEventKind,
    [column, row]: [u16; 2],
) -> Vec<Effect> {
    let modifiers = KeyModifiers::NONE;
    let event = Event::Mouse(MouseEvent { kind, column, row, modifiers });
    stage.event(&event).into_iter().map(|(_, effect)| effect).collect()
}

#[test]
fn scrolling_stops_at_both_ends() {
    let mut stage = live();
    for pane in Pane::VARIANTS {
        stage.track().focus = *pane;
        for keys in ["↑↓", "⇱↓", "⇟↓", "⇲↓"] {
            stage.typed(keys);
            let _ = stage.buffer();
        }
    }
    assert!(stage.track().scroll.events < stage.view.events.len());
}

#[test]
fn a_click_on_the_bar_goes_there_and_the_marker_follows() {
    for (width, height, y) in [(80, 24, 20), (120, 40, 36), (60, 15, 11)] {
        for cut in [false, true] {
            let mut stage = Stage::of(Mode::Selector, width, height).recorded();
            stage.playback().ends = cut.then(|| "cut".into());
            for x in [9, 20, 25, 30] {
                let went = mouse(&mut stage, CLICK, [x, y]);
                let [Effect::Seek(Seek::ToPart(part))] = went[..] else {
                    panic!("{went:?}")
                };
                let playback = stage.playback();
                playback.at = playback.length.mul_f32(part);
                let buffer = stage.buffer();
                let is_marker = |x: &u16| buffer[(*x, y)].symbol() == "║";
                let marker = (1..width).rfind(is_marker);
                assert_eq!(marker, Some(x), "{width}x{height} {part}");
            }
        }
    }
    let mut stage = recorded();
    let to = |part| vec![Effect::Seek(Seek::ToPart(part))];
    let by = |part| vec![Effect::Seek(Seek::By(part))];
    for (kind, place, effects) in [
        (CLICK, [0, 20], to(0.0)),
        (CLICK, [79, 20], to(1.0)),
        // The words, and a pane.
        (CLICK, [30, 21], vec![]),
        (CLICK, [30, 19], vec![]),
        (MouseEventKind::ScrollDown, [30, 20], by(0.01)),
        (MouseEventKind::ScrollUp, [30, 20], by(-0.01)),
        (MouseEventKind::ScrollUp, [30, 5], vec![]),
    ] {
        assert_eq!(mouse(&mut stage, kind, place), effects, "{place:?}");
    }
    stage.typed("?");
    assert_eq!(mouse(&mut stage, CLICK, [30, 20]), [], "the help");
    let mut stages = Stage::three(80, 24).recorded();
    assert_eq!(mouse(&mut stages, CLICK, [0, 20]), to(0.0));
    let mut columns = three();
    for (place, chosen) in [([90, 10], 1), ([5, 6], 2), ([90, 3], 0)] {
        mouse(&mut columns, CLICK, place);
        assert_eq!(columns.screen.chosen, chosen, "{place:?}");
    }
}

#[test]
fn a_frozen_picture_stands_in_every_column() {
    let mut stages = three().after("z");
    let before = stages.text();
    assert!(before.contains("FROZEN"), "{before}");
    for stage in &mut stages.runs {
        stage.view.sockets.clear();
    }
    stages.comparison.figures.clear();
    assert_eq!(stages.text(), before);
    stages.typed("z");
    assert_ne!(stages.text(), before);
}
