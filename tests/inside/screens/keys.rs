//! Every entry of the key table, in every situation, and the mouse.

use super::stage::Stage;
use insta::assert_snapshot;
use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton,
    MouseEvent, MouseEventKind,
};
use ratatui::layout::Size;
use sockscope::load::{ClientOrder, HandState};
use sockscope::modes::Mode;
use sockscope::tui::keys::{KEYS, Message, Move, Need, message};
use sockscope::tui::{
    Dialog, Effect, Pane, Purpose, Screen, Target, Theme, TrackPhase,
};
use sockscope::view::{Direction, Seek, SocketId, Stride};
use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::time::Duration;
use strum::VariantArray as _;

const CALL: Message =
    Message::Seek(Seek::Step(Stride::Call, Direction::Forwards));
const CLICK: MouseEventKind = MouseEventKind::Down(MouseButton::Left);

fn stage() -> Stage {
    stage_of(Mode::Selector)
}

fn stage_of(mode: Mode) -> Stage {
    let mut stage = Stage::of(mode, 80, 24).with_clients();
    stage.track().sockets.selected = Some(SocketId(1));
    stage
}

fn recorded_of(mode: Mode) -> Stage {
    let mut stage = Stage::of(mode, 80, 24).recorded();
    stage.track().sockets.selected = Some(SocketId(1));
    stage.screen.searched = "reset".into();
    stage
}

fn recorded() -> Stage {
    recorded_of(Mode::Selector)
}

fn three() -> Stage {
    Stage::three(120, 40).with_clients()
}

fn order(client: u32, order: ClientOrder) -> Effect {
    Effect::Client(client, order)
}

fn says(client: u32, text: &str) -> Effect {
    order(client, ClientOrder::Say(text.into()))
}

/// What is asked of the run at this place.
fn of_track(place: usize, effect: Effect) -> (Target, Effect) {
    (Some(place), effect)
}

fn press(stage: &mut Stage, code: KeyCode) -> Vec<(Target, Effect)> {
    let event = KeyEvent::new(code, KeyModifiers::NONE);
    let message = message(&Event::Key(event), &stage.screen);
    message.map(|it| stage.ask(it)).unwrap_or_default()
}

/// Types keys as a terminal brings them and gives what the last one asks for.
fn typed(stage: &mut Stage, keys: &str) -> Vec<(Target, Effect)> {
    let press = |key| {
        press(
            stage,
            match key {
                '\n' => KeyCode::Enter,
                '\t' => KeyCode::Tab,
                '\x1b' => KeyCode::Esc,
                '\x08' => KeyCode::Backspace,
                key => KeyCode::Char(key),
            },
        )
    };
    keys.chars().map(press).last().unwrap()
}

fn effects(stage: &mut Stage, keys: &str) -> Vec<Effect> {
    typed(stage, keys).into_iter().map(|(_, effect)| effect).collect()
}

/// What of the screen's memory is not as it was.
fn changes(before: &Screen, after: &Screen) -> Vec<String> {
    let mut changes = Vec::new();
    let mut note = |name: &str, before: &dyn Debug, after: &dyn Debug| {
        let (before, after) = (format!("{before:?}"), format!("{after:?}"));
        if before != after {
            changes.push(format!("{name}: {after}"));
        }
    };
    note("chosen", &before.chosen, &after.chosen);
    note("open", &before.open, &after.open);
    note("presents", &before.presents, &after.presents);
    note("theme", &before.look.theme, &after.look.theme);
    note("first socket", &before.first_socket, &after.first_socket);
    note("frozen", &before.frozen.is_some(), &after.frozen.is_some());
    note("dialog", &dialog(before), &dialog(after));
    for (before, after) in before.tracks.iter().zip(&after.tracks) {
        note("focus", &before.focus, &after.focus);
        note("sockets", &before.sockets, &after.sockets);
        note("scroll", &before.scroll, &after.scroll);
        note("loop", &before.shows_loop, &after.shows_loop);
    }
    changes
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

type Situation = (&'static str, fn(&[Mode]) -> Stage);

/// Each key in each situation: what is asked, what changes on the screen, and
/// why it does nothing.
#[test]
fn every_key_does_what_it_says() {
    let modes = [Mode::Serial, Mode::Tasks];
    let situations: [Situation; 4] = [
        ("live", |_| stage_of(Mode::Tasks).pause()),
        ("recorded", |_| recorded_of(Mode::Tasks)),
        ("several live", |modes| {
            Stage::several(modes, 120, 40).with_clients().pause()
        }),
        ("several recorded", |modes| Stage::several(modes, 120, 40).recorded()),
    ];
    let mut seen = String::new();
    for (name, make) in situations {
        let _ = writeln!(seen, "-- {name} --");
        let mut known = Vec::new();
        for (code, asked) in KEYS.iter().flat_map(|it| it.keys) {
            if known.contains(code) {
                continue;
            }
            known.push(*code);
            let mut stage = make(&modes);
            if matches!(asked, Message::Move(_)) {
                stage.track().scroll.code = Some(9);
            }
            let before = stage.screen.clone();
            let modifiers = match code {
                KeyCode::Char(c) if c.is_uppercase() => KeyModifiers::SHIFT,
                _ => KeyModifiers::NONE,
            };
            let event = Event::Key(KeyEvent::new(*code, modifiers));
            let message = message(&event, &stage.screen).unwrap();
            assert_eq!(message, *asked, "{code}");
            let effects = stage.ask(message);
            let changed = changes(&before, &stage.screen);
            let said = stage.screen.said.unwrap_or_default();
            let code = code.to_string();
            let code = code.escape_debug();
            let _ = writeln!(seen, "{code}: {effects:?} {changed:?} {said}");
        }
    }
    assert_snapshot!("keys", seen);
}

#[test]
fn a_key_means_the_same_in_every_row() {
    let mut known = HashMap::new();
    for (code, message) in KEYS.iter().flat_map(|it| it.keys) {
        let before = known.insert(*code, *message);
        assert!(before.is_none_or(|it| it == *message), "{code}");
    }
}

/// Those that are not are other names of keys that are, or their pairs.
#[test]
fn every_key_is_in_the_help() {
    let others = KEYS.iter().filter(|it| it.help.is_empty());
    let others: Vec<_> = others.map(|it| it.shown).collect();
    assert_eq!(others, ["] k", "S T", "shift-tab", "=", "3 4 5", "→ ←"]);
}

#[test]
fn all_of_the_help_finds_room_and_no_words_are_cut() {
    for binding in KEYS {
        assert!(binding.shown.chars().count() <= 10, "{}", binding.shown);
        assert!(binding.help.chars().count() <= 29, "{}", binding.help);
    }
    for mut stage in [stage(), recorded(), Stage::five(80, 24)] {
        stage.tell(Message::Help);
        let top = stage.text();
        stage.tell(Message::Move(Move::End));
        assert_eq!(stage.text(), top, "all of it is in sight");
    }
}

#[test]
fn releases_and_other_keys_are_nothing() {
    let stage = stage();
    let q = KeyCode::Char('q');
    let mut release = KeyEvent::new(q, KeyModifiers::NONE);
    release.kind = KeyEventKind::Release;
    let control = KeyEvent::new(q, KeyModifiers::CONTROL);
    let unknown = KeyEvent::new(KeyCode::Char('ß'), KeyModifiers::NONE);
    for event in [release, control, unknown] {
        assert_eq!(message(&Event::Key(event), &stage.screen), None);
    }
    let c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    let interrupt = Some(Message::Interrupt);
    assert_eq!(message(&Event::Key(c), &stage.screen), interrupt);
}

#[test]
fn a_line_is_typed_edited_and_said() {
    let mut stage = stage();
    assert_eq!(effects(&mut stage, "iqb\x08"), []);
    press(&mut stage, KeyCode::Home);
    assert_eq!(effects(&mut stage, "é\n"), [says(1, "éq\n")]);
    assert_eq!(effects(&mut stage, "Iq\n"), [says(1, "q")]);
    assert_eq!(effects(&mut stage, "Iq\x1b"), []);
    assert_eq!(effects(&mut stage, "I\n"), []);
    let longest = "x".repeat(1_024) + "\n";
    let longer = format!("ix{longest}");
    assert_eq!(effects(&mut stage, &longer), [says(1, &longest)]);
}

#[test]
fn the_client_meant_is_the_one_behind_the_socket_or_the_chosen_one() {
    let mut stage = stage();
    assert_eq!(stage.tell(Message::Close), [order(1, ClientOrder::Close)]);
    stage.track().sockets.selected = None;
    assert_eq!(stage.tell(Message::Close), [order(3, ClientOrder::Close)]);
    stage.track().focus = Pane::Hand;
    stage.tell(Message::Move(Move::Up));
    let reads = Message::StopOrStartReading;
    assert_eq!(stage.tell(reads), [order(2, ClientOrder::Read(true))]);
}

#[test]
fn a_step_of_a_sleeping_thread_says_who_must_act() {
    for (mode, call) in [(Mode::Serial, "read"), (Mode::Selector, "wait")] {
        let mut stage = Stage::of(mode, 80, 24).pause();
        for key in [".", "n"] {
            typed(&mut stage, key);
            let says = format!("the thread is asleep in {call}: the step");
            assert!(stage.row(1).trim().starts_with(&says), "{}", stage.row(1));
        }
        stage.tell(Message::NextPane(Direction::Forwards));
        assert!(stage.row(1).starts_with(" a step lasts"));
        stage.hold(None);
        stage.control.stands = true;
        stage.tell(CALL);
        assert!(stage.row(1).starts_with(" paused at "));
    }
}

#[test]
fn keys_that_do_nothing_say_why() {
    let mut stage = stage();
    let says = |stage: &mut Stage, key: &str, words: &str| {
        let effects = effects(stage, key);
        assert_eq!(stage.row(1).trim(), words, "{key}");
        effects
    };
    let steps = "steps are for a paused program: space first";
    says(&mut stage, ".", steps);
    let full = says(&mut stage, "+", "it runs at full speed already");
    assert_eq!(full, [Effect::Seek(Seek::Faster)]);
    stage.hand[0].state = HandState::Closed;
    let over = "client 1 by hand is over: c connects another";
    assert_eq!(says(&mut stage, "x", over), []);
    assert_eq!(says(&mut stage, "i", over), []);
    stage.hand[0].state = HandState::HalfClosed;
    let ended = "client 1 by hand is half-closed: it can send no more";
    assert_eq!(says(&mut stage, "b", ended), []);
    assert_eq!(says(&mut stage, "I", ended), []);
    stage.control.paused = true;
    says(&mut stage, "-", "the new speed counts when it goes on: space");
    stage.hand.clear();
    let none = "there is no client by hand: c connects one";
    assert_eq!(says(&mut stage, "X", none), []);
    assert_eq!(says(&mut stage, "i", none), []);
    let mut stage = Stage::of(Mode::Selector, 80, 24).recorded();
    let none = "no socket is chosen: tab to the sockets, then the arrows";
    assert_eq!(says(&mut stage, "e", none), []);
    let none = "nothing was searched for yet: / searches";
    assert_eq!(says(&mut stage, "A", none), []);
}

#[test]
fn the_tabulator_goes_around_in_both_directions() {
    let mut stage = stage_of(Mode::Tasks);
    let all = Pane::VARIANTS.len();
    let mut way = Vec::new();
    for _ in 0..all {
        stage.tell(Message::NextPane(Direction::Forwards));
        way.push(stage.track().focus);
    }
    assert_eq!(way[all - 1], Pane::Code);
    assert_eq!(way[..all - 1], Pane::VARIANTS[1..]);
    for pane in way[..all - 1].iter().rev() {
        stage.tell(Message::NextPane(Direction::Backwards));
        assert_eq!(stage.track().focus, *pane);
    }
    for direction in [Direction::Forwards, Direction::Backwards] {
        let mut stage = self::stage();
        for _ in Pane::VARIANTS {
            stage.tell(Message::NextPane(direction));
            assert_ne!(stage.track().focus, Pane::Tasks, "it has no tasks");
        }
    }
}

#[test]
fn keys_of_the_event_loop_say_so_in_other_modes() {
    let keys = KEYS.iter().filter(|it| {
        it.needs.contains(&Need::Tasks) && !it.needs.contains(&Need::Recorded)
    });
    for (binding, key) in
        keys.flat_map(|it| it.keys.iter().map(move |key| (it, key)))
    {
        let mut stage = stage();
        assert_eq!(stage.tell(key.1), []);
        let words = "this key is for the mode tasks";
        assert!(stage.shows(words), "{}", binding.shown);
        assert!(!stage.track().shows_loop);
        stage.tell(Message::Back);
        assert!(!stage.shows(words), "until the next key");
        assert!(!stage.row(0).contains("step, task"), "{}", stage.row(0));
    }
}

fn mouse(
    stage: &mut Stage,
    kind: MouseEventKind,
    column: u16,
    row: u16,
) -> Vec<Effect> {
    let modifiers = KeyModifiers::NONE;
    let event = MouseEvent { kind, column, row, modifiers };
    let message = message(&Event::Mouse(event), &stage.screen).unwrap();
    stage.tell(message)
}

#[test]
fn the_wheel_scrolls_the_pane_it_is_over() {
    let mut stage = stage();
    mouse(&mut stage, MouseEventKind::ScrollDown, 3, 13);
    assert_eq!(stage.track().focus, Pane::Sockets);
    assert_eq!(stage.track().sockets.selected, Some(SocketId(3)));
    mouse(&mut stage, MouseEventKind::ScrollUp, 3, 3);
    assert_eq!(stage.track().focus, Pane::Code);
}

#[test]
fn scrolling_stops_at_both_ends() {
    let mut stage = stage();
    for pane in Pane::VARIANTS {
        stage.track().focus = *pane;
        for by in [Move::Up, Move::Home, Move::PageDown, Move::End] {
            stage.tell(Message::Move(by));
            stage.tell(Message::Move(Move::Down));
            let _ = stage.buffer();
        }
    }
    assert!(stage.track().scroll.events < stage.view.events.len());
}

#[test]
fn a_place_is_typed() {
    let mut stage = recorded();
    for (place, seek) in [
        ("1.25s", Seek::To(Duration::from_millis(1_250))),
        ("50%", Seek::ToPart(0.5)),
        ("event 1,234", Seek::ToEvent(1_234)),
    ] {
        let effects = effects(&mut stage, &format!("g{place}\n"));
        assert_eq!(effects, [Effect::Seek(seek)], "{place}");
        assert!(matches!(stage.screen.dialog, Dialog::None));
    }
    assert_eq!(typed(&mut stage, "g\n"), []);
}

#[test]
fn a_place_that_is_none_stays_to_be_corrected() {
    for (place, says) in [
        ("soon", "no place: 1.25s, 250ms, 50% or event 1234"),
        ("99s", "it ends at 12.900 s"),
        ("event 2000000", "it has 1,234,567 events"),
    ] {
        let mut stage = recorded();
        stage.tell(Message::Resize(Size { width: 60, height: 15 }));
        assert_eq!(typed(&mut stage, &format!("g{place}\n")), []);
        let notice = stage.row(1);
        assert_eq!(notice.trim(), format!("go to: {place}   {says}"));
        typed(&mut stage, "\x08");
        let less = &place[..place.len() - 1];
        assert_eq!(stage.row(1).trim(), format!("go to: {less}"));
        assert_eq!(typed(&mut stage, "\x1b"), []);
    }
}

#[test]
fn a_search_is_typed_and_goes_on() {
    let mut stage = Stage::of(Mode::Selector, 80, 24).recorded();
    assert_eq!(typed(&mut stage, "/\n"), []);
    let search = |way| Effect::Search("would x".into(), way);
    let on = Direction::Forwards;
    assert_eq!(effects(&mut stage, "/would x\n"), [search(on)]);
    for (keys, direction) in
        [("a", on), ("A", Direction::Backwards), ("/\n", on)]
    {
        assert_eq!(effects(&mut stage, keys), [search(direction)]);
    }
}

#[test]
fn escape_gives_a_search_up_before_anything_else() {
    let mut stage = recorded();
    stage.playback().busy = Some("looking for \"x\": 1 %".into());
    let given_up = [Effect::Seek(Seek::GiveUp)];
    assert_eq!(effects(&mut stage, "\x1b"), given_up);
    assert!(stage.track().sockets.selected.is_some());
    assert_eq!(effects(&mut stage, "g\x1b"), [], "it leaves the line");
    assert_eq!(effects(&mut stage, "\x1b"), given_up);
    stage.playback().busy = None;
    assert_eq!(effects(&mut stage, "\x1b"), []);
    assert_eq!(stage.track().sockets.selected, None);
}

#[test]
fn a_click_on_the_bar_goes_there_and_the_marker_follows() {
    for (width, height, y) in [(80, 24, 20), (120, 40, 36), (60, 15, 12)] {
        for cut in [false, true] {
            let mut stage = Stage::of(Mode::Selector, width, height).recorded();
            stage.playback().ends = cut.then(|| "cut".into());
            for x in [9, 20, 25, 30] {
                let went = mouse(&mut stage, CLICK, x, y);
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
    let to = |part| [Effect::Seek(Seek::ToPart(part))];
    assert_eq!(mouse(&mut stage, CLICK, 0, 20), to(0.0));
    assert_eq!(mouse(&mut stage, CLICK, 79, 20), to(1.0));
    assert_eq!(mouse(&mut stage, CLICK, 30, 21), [], "the words");
    assert_eq!(mouse(&mut stage, CLICK, 30, 19), [], "a pane");
    let mut wheel = |kind, y| mouse(&mut stage, kind, 30, y);
    let by = |part| [Effect::Seek(Seek::By(part))];
    assert_eq!(wheel(MouseEventKind::ScrollDown, 20), by(0.01));
    assert_eq!(wheel(MouseEventKind::ScrollUp, 20), by(-0.01));
    assert_eq!(wheel(MouseEventKind::ScrollUp, 5), []);
    stage.tell(Message::Help);
    assert_eq!(mouse(&mut stage, CLICK, 30, 20), [], "the help");
}

/// What was looked for is among the last events.
#[test]
fn the_last_events_are_in_sight_after_a_jump() {
    let mut stage = recorded();
    stage.track().scroll.events = 3;
    typed(&mut stage, "<");
    assert_eq!(stage.track().scroll.events, 0);
    stage.screen.dialog = Dialog::Detail(SocketId(1), 2);
    typed(&mut stage, "e");
    assert!(matches!(stage.screen.dialog, Dialog::Detail(_, 0)));
}

#[test]
fn columns_are_chosen_by_digits_tab_arrows_and_clicks() {
    let mut stages = three();
    let mut after = |code| {
        press(&mut stages, code);
        stages.screen.chosen
    };
    assert_eq!(after(KeyCode::Tab), 1);
    assert_eq!(after(KeyCode::Right), 2);
    assert_eq!(after(KeyCode::Right), 0, "around the end");
    assert_eq!(after(KeyCode::Left), 2);
    assert_eq!(after(KeyCode::BackTab), 1);
    assert_eq!(after(KeyCode::Char('3')), 2);
    assert_eq!(after(KeyCode::Char('5')), 2, "there is no fifth");
    mouse(&mut stages, CLICK, 60, 10);
    assert_eq!(stages.screen.chosen, 1);
}

#[test]
fn a_line_is_said_by_the_client_of_every_mode() {
    let mut stages = three();
    let said = typed(&mut stages, "ihi q\n");
    assert_eq!(said, [0, 1, 2].map(|at| of_track(at, says(2, "hi q\n"))));
    assert!(matches!(stages.screen.dialog, Dialog::None));
    let said = typed(&mut stages, "\ni2\n");
    assert_eq!(said, [of_track(0, says(2, "2\n"))], "digits are text");
    assert_eq!(stages.screen.chosen, 0);
}

#[test]
fn runs_without_a_client_or_that_are_over_are_left_out() {
    let mut stages = three();
    stages.runs[1].hand.clear();
    stages.runs[2].hand[1].state = HandState::Closed;
    let close = of_track(0, order(2, ClientOrder::Close));
    assert_eq!(typed(&mut stages, "x"), [close]);
    stages.runs[0].hand.clear();
    assert_eq!(typed(&mut stages, "x"), []);
    assert!(stages.screen.said.is_some());
    let mut stages = three();
    stages.phases[0] = TrackPhase::Over;
    let ends = order(2, ClientOrder::HalfClose);
    assert_eq!(
        typed(&mut stages, "h"),
        [1, 2].map(|at| of_track(at, ends.clone()))
    );
}

#[test]
fn a_column_opens_and_its_keys_are_its_own() {
    let mut stages = three();
    assert_eq!(typed(&mut stages, "2\n\t"), []);
    assert_eq!(stages.screen.tracks[1].focus, Pane::Sockets);
    assert_eq!(stages.screen.tracks[0].focus, Pane::Code);
    assert_eq!(typed(&mut stages, "c"), [of_track(1, Effect::Connect)]);
    assert_eq!(
        typed(&mut stages, " "),
        [(None, Effect::Seek(Seek::PlayOrPause))]
    );
    typed(&mut stages, "t1");
    assert_eq!(stages.screen.look.theme, Theme::Light);
    assert_eq!((stages.screen.chosen, stages.screen.open), (0, Some(0)));
    typed(&mut stages, "?\x1b");
    assert!(stages.screen.open.is_some(), "the help was open");
    typed(&mut stages, "\x1b");
    assert!(stages.screen.open.is_none());
}

#[test]
fn a_frozen_picture_stands_in_every_column() {
    let mut stages = three();
    typed(&mut stages, "z");
    let before = stages.text();
    assert!(before.contains("FROZEN"), "{before}");
    for stage in &mut stages.runs {
        stage.view.sockets.clear();
    }
    stages.comparison.figures.clear();
    assert_eq!(stages.text(), before);
    typed(&mut stages, "z");
    assert_ne!(stages.text(), before);
}

#[test]
fn sockets_that_find_no_room_are_scrolled_to() {
    let mut stages = Stage::three(60, 15);
    let last = stages.runs[2].view.sockets.len() - 1;
    typed(&mut stages, "3");
    let row = format!("\n#{last} ");
    assert!(!stages.shows(&row), "{}", stages.text());
    press(&mut stages, KeyCode::End);
    assert!(stages.shows(&row), "{}", stages.text());
    typed(&mut stages, "\x1b");
    assert!(stages.shows("#0 listener"));
}

#[test]
fn recordings_are_led_together_or_one_by_one() {
    let mut stages = Stage::three(80, 24).recorded();
    let all = |seek| [(None, Effect::Seek(seek))];
    assert_eq!(typed(&mut stages, " "), all(Seek::PlayOrPause));
    let step = Seek::Step(Stride::Call, Direction::Backwards);
    assert_eq!(typed(&mut stages, ","), all(step));
    assert_eq!(typed(&mut stages, "g99\n"), []);
    assert!(stages.shows("it ends at 12.900 s"));
    let to = Seek::To(Duration::from_secs(9));
    assert_eq!(typed(&mut stages, "\x1bg9\n"), all(to));
    let start = mouse(&mut stages, CLICK, 0, 20);
    assert_eq!(start, [Effect::Seek(Seek::ToPart(0.0))]);
    typed(&mut stages, "2\n");
    assert!(stages.shows("esc: all columns"));
    assert_eq!(typed(&mut stages, ","), [of_track(1, Effect::Seek(step))]);
    assert_eq!(typed(&mut stages, "+"), all(Seek::Faster));
}

#[test]
fn a_single_run_is_open_and_stays_so() {
    let mut stage = stage();
    typed(&mut stage, "\x1b\x1b\x1b\x1b");
    assert_eq!(stage.screen.open, Some(0));
    assert!(!stage.shows("esc: all columns"));
}
