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
use sockscope::tui::keys::{self, Binding, KEYS, Message, Move, Need};
use sockscope::tui::terminal::message;
use sockscope::tui::{
    Arrangement, CodeSource, Dialog, Effect, Pane, Purpose, Screen, Target,
    Theme, TrackPhase,
};
use sockscope::view::{Direction, Seek, SocketId, Stride};
use std::collections::HashMap;
use std::fmt::{Debug, Write as _};
use std::time::Duration;

const CALL: Message = Message::Step(Stride::Call, Direction::Forwards);
const ITERATION: Message =
    Message::Step(Stride::Iteration, Direction::Forwards);

fn stage() -> Stage {
    stage_of(Mode::Selector)
}

fn stage_of(mode: Mode) -> Stage {
    let mut stage = Stage::of(mode, 80, 24).with_clients();
    stage.track().sockets.selected = Some(SocketId(1));
    stage
}

fn recorded() -> Stage {
    recorded_of(Mode::Selector)
}

fn recorded_of(mode: Mode) -> Stage {
    let mut stage = Stage::of(mode, 80, 24).recorded();
    stage.track().sockets.selected = Some(SocketId(1));
    stage.screen.searched = "reset".into();
    stage
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

fn pressed(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

fn press(stage: &mut Stage, code: KeyCode) -> Vec<(Target, Effect)> {
    let message = message(&Event::Key(pressed(code)), &stage.screen);
    message.map(|it| stage.ask(it)).unwrap_or_default()
}

/// Types keys as a terminal brings them and gives the last effects.
fn typed(stage: &mut Stage, keys: &[KeyCode]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys {
        let message = message(&Event::Key(pressed(*key)), &stage.screen);
        effects = stage.tell(message.unwrap());
    }
    effects
}

fn text(stage: &mut Stage, text: &str) {
    let keys: Vec<_> = text.chars().map(KeyCode::Char).collect();
    typed(stage, &keys);
}

/// A key of the table as a terminal brings it.
fn brought(binding: &Binding, code: KeyCode) -> Event {
    let modifiers = match (binding.control, code) {
        (true, _) => KeyModifiers::CONTROL,
        (_, KeyCode::Char(c)) if c.is_uppercase() => KeyModifiers::SHIFT,
        _ => KeyModifiers::NONE,
    };
    Event::Key(KeyEvent::new(code, modifiers))
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
    note("panes", &before.arrangement, &after.arrangement);
    note("theme", &before.look.theme, &after.look.theme);
    note("first socket", &before.first_socket, &after.first_socket);
    note("frozen", &before.frozen.is_some(), &after.frozen.is_some());
    note("dialog", &dialog(before), &dialog(after));
    for (before, after) in before.tracks.iter().zip(&after.tracks) {
        note("focus", &before.focus, &after.focus);
        note("sockets", &before.sockets, &after.sockets);
        note("scroll", &before.scroll, &after.scroll);
        note("source", &before.source, &after.source);
    }
    changes
}

fn dialog(screen: &Screen) -> String {
    match &screen.dialog {
        Dialog::Prompt(prompt) => match prompt.purpose {
            Purpose::Say { client, newline } => {
                format!("say to {client:?}, end: {newline}")
            }
            other => format!("{other:?}"),
        },
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
    let mut told = String::new();
    for (name, make) in situations {
        let _ = writeln!(told, "-- {name} --");
        let mut seen = Vec::new();
        for binding in KEYS {
            for code in binding.codes {
                if seen.contains(&(*code, binding.control)) {
                    continue;
                }
                seen.push((*code, binding.control));
                let mut stage = make(&modes);
                if matches!(binding.message, Message::Move(_)) {
                    stage.track().scroll.code = Some(9);
                }
                let before = stage.screen.clone();
                let event = brought(binding, *code);
                let message = message(&event, &stage.screen).unwrap();
                assert_eq!(message, binding.message, "{}", binding.shown);
                let effects = stage.ask(message);
                let changed = changes(&before, &stage.screen);
                let said = stage.screen.said.unwrap_or_default();
                let _ =
                    writeln!(told, "{code}: {effects:?} {changed:?} {said}");
            }
        }
    }
    assert_snapshot!("keys", told);
}

#[test]
fn a_key_means_the_same_in_every_row() {
    let mut known = HashMap::new();
    for binding in KEYS {
        for code in binding.codes {
            let key = (*code, binding.control);
            let before = known.insert(key, binding.message);
            assert!(before.is_none_or(|it| it == binding.message), "{key:?}");
        }
    }
}

/// A key without words is the other one of a pair.
#[test]
fn every_key_is_in_the_help() {
    for binding in KEYS.iter().filter(|it| it.help.is_empty()) {
        let pair = match binding.shown {
            "shift-tab" => "tab",
            "↓" => "↑ ↓",
            "pgdn" => "pgup pgdn",
            "end" => "home end",
            "2" | "3" | "4" | "5" | "→" | "←" => "1 … 5",
            shown => shown,
        };
        let mut named = KEYS.iter().filter(|it| !it.help.is_empty());
        let same = |it: &Binding| {
            let shown = it.shown.split(' ').any(|part| part == pair);
            (shown || it.shown == pair) && it.needs == binding.needs
        };
        let loose = |it: &Binding| it.shown == pair;
        assert!(named.any(|it| same(it) || loose(it)), "{}", binding.shown);
    }
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
fn what_needs_a_recording_or_a_live_run_says_so() {
    let needs = |need| KEYS.iter().filter(move |it| it.needs.contains(&need));
    let mut live = stage_of(Mode::Tasks).pause();
    let mut replay = recorded_of(Mode::Tasks);
    for (binding, live_only) in needs(Need::Recorded)
        .map(|it| (it, false))
        .chain(needs(Need::Live).map(|it| (it, true)))
    {
        let mut rows = KEYS.iter().filter(|it| it.message == binding.message);
        let other = if live_only { Need::Live } else { Need::Recorded };
        if !rows.all(|it| it.needs.contains(&other)) {
            continue;
        }
        let stage = if live_only { &mut replay } else { &mut live };
        assert_eq!(stage.tell(binding.message), [], "{}", binding.shown);
        let said = stage.screen.said.clone().unwrap();
        assert!(said.contains("recording"), "{said}");
        assert_eq!(stage.row(1).trim(), said);
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

#[test]
fn a_line_is_typed_edited_and_said() {
    use KeyCode::{Backspace, Char, Enter, Home};
    let mut stage = stage();
    let keys = [Char('i'), Char('q'), Char('b'), Backspace, Home, Char('é')];
    assert_eq!(typed(&mut stage, &keys), []);
    let effects = typed(&mut stage, &[Enter]);
    assert_eq!(effects, [says(1, "éq\n")]);
}

#[test]
fn half_a_line_has_no_end_and_escape_says_nothing() {
    use KeyCode::{Char, Enter, Esc};
    let mut stage = stage();
    let effects = typed(&mut stage, &[Char('I'), Char('q'), Enter]);
    assert_eq!(effects, [says(1, "q")]);
    assert_eq!(typed(&mut stage, &[Char('I'), Char('q'), Esc]), []);
    assert_eq!(typed(&mut stage, &[Char('I'), Enter]), []);
}

#[test]
fn a_line_has_a_longest_length() {
    let mut stage = stage();
    typed(&mut stage, &[KeyCode::Char('i')]);
    typed(&mut stage, &[KeyCode::Char('x'); 2_000]);
    let effects = typed(&mut stage, &[KeyCode::Enter]);
    let text = "x".repeat(1_024) + "\n";
    assert_eq!(effects, [says(1, &text)]);
}

#[test]
fn a_paused_program_goes_on_with_the_same_key() {
    let mut stage = stage();
    assert_eq!(stage.tell(Message::PauseOrPlay), [Effect::Pause]);
    stage.control.paused = true;
    assert_eq!(stage.tell(Message::PauseOrPlay), [Effect::Resume]);
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
        for message in [CALL, ITERATION] {
            stage.tell(message);
            let says = format!("the thread is asleep in {call}: the step");
            assert!(notice(&stage).starts_with(&says), "{}", notice(&stage));
        }
        stage.tell(Message::NextPane);
        assert!(notice(&stage).starts_with("a step lasts"));
        stage.hold(None);
        stage.control.stands = true;
        stage.tell(CALL);
        assert!(notice(&stage).starts_with("paused at "));
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
    assert_eq!(says(&mut stage, CALL).1, steps);
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
        way.push(stage.track().focus);
    }
    assert_eq!(way[all - 1], Pane::Code);
    assert_eq!(way[..all - 1], Pane::ALL[1..]);
    for pane in way[..all - 1].iter().rev() {
        stage.tell(Message::PreviousPane);
        assert_eq!(stage.track().focus, *pane);
    }
}

#[test]
fn a_mode_without_tasks_has_no_pane_for_them() {
    for message in [Message::NextPane, Message::PreviousPane] {
        let mut stage = stage();
        for _ in Pane::ALL {
            stage.tell(message);
            assert_ne!(stage.track().focus, Pane::Tasks);
        }
    }
}

#[test]
fn keys_of_the_event_loop_say_so_in_other_modes() {
    let keys = KEYS.iter().filter(|it| {
        it.needs.contains(&Need::Tasks) && !it.needs.contains(&Need::Recorded)
    });
    for binding in keys {
        let mut stage = stage();
        assert_eq!(stage.tell(binding.message), []);
        let words = "this key is for the mode tasks";
        assert!(stage.text().contains(words), "{}", binding.shown);
        assert_eq!(stage.track().source, CodeSource::Mode);
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
        let message = message(&Event::Mouse(mouse), &stage.screen);
        stage.tell(message.unwrap());
        (stage.track().focus, stage.track().sockets.selected)
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
        stage.track().focus = pane;
        for by in [Move::Up, Move::Home, Move::PageDown, Move::End] {
            stage.tell(Message::Move(by));
            stage.tell(Message::Move(Move::Down));
            let _ = stage.buffer();
        }
    }
    assert!(stage.track().scroll.events < stage.view.events.len());
}

#[test]
fn what_lacks_something_says_what() {
    let mut stage = Stage::of(Mode::Selector, 80, 24).recorded();
    for (jump, says) in [
        (Message::OfSocket(Direction::Forwards), "no socket is chosen: tab"),
        (
            Message::Seek(Seek::SearchOn(Direction::Backwards)),
            "nothing was searched for",
        ),
    ] {
        assert_eq!(stage.tell(jump), []);
        assert!(stage.row(1).trim().starts_with(says));
    }
}

#[test]
fn a_place_is_typed() {
    let mut stage = recorded();
    for (place, seek) in [
        ("1.25s", Seek::To(Duration::from_millis(1_250))),
        ("50%", Seek::ToPart(0.5)),
        ("event 1,234", Seek::ToEvent(1_234)),
    ] {
        typed(&mut stage, &[KeyCode::Char('g')]);
        text(&mut stage, place);
        let effects = typed(&mut stage, &[KeyCode::Enter]);
        assert_eq!(effects, [Effect::Seek(seek)], "{place}");
        assert!(matches!(stage.screen.dialog, Dialog::None));
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
        let mut stage = recorded();
        stage.tell(Message::Resize(Size { width: 60, height: 15 }));
        typed(&mut stage, &[KeyCode::Char('g')]);
        text(&mut stage, place);
        assert_eq!(typed(&mut stage, &[KeyCode::Enter]), []);
        let told = stage.row(1);
        assert_eq!(told.trim(), format!("go to: {place}   {says}"));
        typed(&mut stage, &[KeyCode::Backspace]);
        let less = &place[..place.len() - 1];
        assert_eq!(stage.row(1).trim(), format!("go to: {less}"));
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
    assert_eq!(effects, [Effect::Search("would x".into())]);
    let on = |direction| vec![Effect::Seek(Seek::SearchOn(direction))];
    let next = typed(&mut stage, &[KeyCode::Char('a')]);
    assert_eq!(next, on(Direction::Forwards));
    let before = typed(&mut stage, &[KeyCode::Char('A')]);
    assert_eq!(before, on(Direction::Backwards));
    assert_eq!(typed(&mut stage, &nothing), on(Direction::Forwards));
}

#[test]
fn escape_gives_a_search_up_before_anything_else() {
    let mut stage = recorded();
    stage.playback().busy = Some("looking for \"x\": 1 %".into());
    let escape = [KeyCode::Esc];
    let given_up = vec![Effect::Seek(Seek::GiveUp)];
    assert_eq!(typed(&mut stage, &escape), given_up);
    assert!(stage.track().sockets.selected.is_some());
    typed(&mut stage, &[KeyCode::Char('g')]);
    assert_eq!(typed(&mut stage, &escape), [], "it leaves the line");
    assert_eq!(typed(&mut stage, &escape), given_up);
    stage.playback().busy = None;
    assert_eq!(typed(&mut stage, &escape), []);
    assert_eq!(stage.track().sockets.selected, None);
}

fn mouse(stage: &mut Stage, kind: MouseEventKind, x: u16, y: u16) -> Vec<Seek> {
    let modifiers = KeyModifiers::NONE;
    let event = MouseEvent { kind, column: x, row: y, modifiers };
    let message = message(&Event::Mouse(event), &stage.screen).unwrap();
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
    let click = MouseEventKind::Down(MouseButton::Left);
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
    let mut stage = recorded();
    assert_eq!(mouse(&mut stage, click, 0, 20), [Seek::ToPart(0.0)]);
    assert_eq!(mouse(&mut stage, click, 79, 20), [Seek::ToPart(1.0)]);
    assert_eq!(mouse(&mut stage, click, 30, 21), [], "the words");
    assert_eq!(mouse(&mut stage, click, 30, 19), [], "a pane");
    stage.tell(Message::Help);
    assert_eq!(mouse(&mut stage, click, 30, 20), [], "the help");
}

#[test]
fn the_wheel_on_the_bar_goes_a_hundredth() {
    let mut stage = recorded();
    let down = mouse(&mut stage, MouseEventKind::ScrollDown, 30, 20);
    assert_eq!(down, [Seek::By(0.01)]);
    let up = mouse(&mut stage, MouseEventKind::ScrollUp, 30, 20);
    assert_eq!(up, [Seek::By(-0.01)]);
    assert_eq!(mouse(&mut stage, MouseEventKind::ScrollUp, 30, 5), []);
}

/// What was looked for is among the last events.
#[test]
fn the_last_events_are_in_sight_after_a_jump() {
    let mut stage = recorded();
    stage.track().scroll.events = 3;
    stage.tell(Message::Seek(Seek::Start));
    assert_eq!(stage.track().scroll.events, 0);
    stage.screen.dialog = Dialog::Detail(SocketId(1), 2);
    stage.tell(Message::OfSocket(Direction::Forwards));
    assert!(matches!(stage.screen.dialog, Dialog::Detail(_, 0)));
}

#[test]
fn pause_and_speed_are_for_all_runs() {
    let mut stages = three();
    let all = |effect| vec![(Target::All, effect)];
    assert_eq!(press(&mut stages, KeyCode::Char(' ')), all(Effect::Pause));
    assert_eq!(press(&mut stages, KeyCode::Char('-')), all(Effect::Slower));
    let mut stages = three().pause();
    assert_eq!(press(&mut stages, KeyCode::Char(' ')), all(Effect::Resume));
    assert_eq!(
        press(&mut stages, KeyCode::Char('.')),
        all(Effect::Step(Stride::Call))
    );
    let turn = all(Effect::Step(Stride::Iteration));
    assert_eq!(press(&mut stages, KeyCode::Char('n')), turn);
}

#[test]
fn columns_are_chosen_by_digits_tab_and_arrows() {
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
    let message = message(&Event::Mouse(click), &stages.screen);
    stages.ask(message.unwrap());
    assert_eq!(stages.screen.chosen, 1);
}

#[test]
fn a_line_is_said_by_the_client_of_every_mode() {
    let mut stages = three();
    assert_eq!(press(&mut stages, KeyCode::Char('i')), []);
    text(&mut stages, "hi q");
    let said = press(&mut stages, KeyCode::Enter);
    let say = |column| (Target::Track(column), says(2, "hi q\n"));
    assert_eq!(said, [say(0), say(1), say(2)]);
    assert!(matches!(stages.screen.dialog, Dialog::None));
}

#[test]
fn runs_without_a_client_are_left_out() {
    let mut stages = three();
    stages.runs[1].hand.clear();
    stages.runs[2].hand[1].state = HandState::Closed;
    let closed = press(&mut stages, KeyCode::Char('x'));
    assert_eq!(closed, [(Target::Track(0), order(2, ClientOrder::Close))]);
    stages.runs[0].hand.clear();
    assert_eq!(press(&mut stages, KeyCode::Char('x')), []);
    assert!(stages.screen.said.is_some());
}

#[test]
fn only_those_that_run_are_asked() {
    let mut stages = three();
    stages.phases[0] = TrackPhase::Over;
    let closed = press(&mut stages, KeyCode::Char('h'));
    let asked: Vec<_> = closed.iter().map(|(target, _)| *target).collect();
    assert_eq!(asked, [Target::Track(1), Target::Track(2)]);
}

#[test]
fn steps_of_a_loop_are_for_modes_that_have_one() {
    let mut stages = Stage::five(120, 40).pause();
    let step = press(&mut stages, KeyCode::Char('S'));
    let tasks = Mode::ALL.iter().position(|it| *it == Mode::Tasks).unwrap();
    assert_eq!(step, [(Target::Track(tasks), Effect::Step(Stride::LoopStep))]);
    let mut stages = Stage::three(120, 40).pause();
    assert_eq!(press(&mut stages, KeyCode::Char('T')), []);
    let said = stages.screen.said.unwrap();
    assert!(said.starts_with("this key is for the mode tasks"), "{said}");
}

#[test]
fn a_column_opens_and_its_keys_are_its_own() {
    let mut stages = three();
    press(&mut stages, KeyCode::Char('2'));
    press(&mut stages, KeyCode::Enter);
    assert!(stages.screen.open.is_some());
    assert_eq!(press(&mut stages, KeyCode::Tab), []);
    assert_eq!(stages.screen.tracks[1].focus, Pane::Sockets);
    assert_eq!(stages.screen.tracks[0].focus, Pane::Code);
    let connect = press(&mut stages, KeyCode::Char('c'));
    assert_eq!(connect, [(Target::Track(1), Effect::Connect)]);
    let pause = press(&mut stages, KeyCode::Char(' '));
    assert_eq!(pause, [(Target::All, Effect::Pause)]);
    press(&mut stages, KeyCode::Char('t'));
    assert_eq!(stages.screen.look.theme, Theme::Light);
    press(&mut stages, KeyCode::Char('1'));
    assert_eq!((stages.screen.chosen, stages.screen.open), (0, Some(0)));
}

#[test]
fn escape_leaves_what_is_open_in_a_column_first() {
    let mut stages = three();
    press(&mut stages, KeyCode::Enter);
    press(&mut stages, KeyCode::Char('?'));
    press(&mut stages, KeyCode::Esc);
    assert!(stages.screen.open.is_some(), "the help was open");
    press(&mut stages, KeyCode::Esc);
    assert!(stages.screen.open.is_none());
}

#[test]
fn digits_are_text_while_a_line_is_typed_in_a_column() {
    let mut stages = three();
    press(&mut stages, KeyCode::Enter);
    press(&mut stages, KeyCode::Char('i'));
    text(&mut stages, "2");
    assert_eq!(stages.screen.chosen, 0);
    let said = press(&mut stages, KeyCode::Enter);
    assert_eq!(said, [(Target::Track(0), says(2, "2\n"))]);
}

#[test]
fn a_frozen_picture_stands_in_every_column() {
    let mut stages = three();
    press(&mut stages, KeyCode::Char('z'));
    let before = stages.text();
    assert!(before.contains("FROZEN"), "{before}");
    for stage in &mut stages.runs {
        stage.view.sockets.clear();
    }
    stages.comparison.figures.clear();
    assert_eq!(stages.text(), before);
    press(&mut stages, KeyCode::Char('z'));
    assert_ne!(stages.text(), before);
}

#[test]
fn the_presenter_has_fewer_parts() {
    let mut stages = three();
    assert!(stages.text().contains("─ counters"));
    press(&mut stages, KeyCode::Char('m'));
    assert_eq!(stages.screen.arrangement, Arrangement::Presenter);
    assert!(!stages.text().contains("─ counters"));
}

#[test]
fn sockets_that_find_no_room_are_scrolled_to() {
    let mut stages = Stage::three(60, 15);
    let last = stages.runs[2].view.sockets.len() - 1;
    stages.ask(Message::Track(2));
    let row = format!("\n#{last} ");
    assert!(!stages.text().contains(&row), "{}", stages.text());
    press(&mut stages, KeyCode::End);
    assert!(stages.text().contains(&row), "{}", stages.text());
    press(&mut stages, KeyCode::Esc);
    assert!(stages.text().contains("#0 listener"));
}

#[test]
fn recordings_are_led_together_or_one_by_one() {
    let back = Message::Step(Stride::Call, Direction::Backwards);
    let mut stages = Stage::three(120, 40).recorded();
    let play = stages.ask(Message::PauseOrPlay);
    let all = |seek| [(Target::All, Effect::Seek(seek))];
    assert_eq!(play, all(Seek::PlayOrPause));
    let step = Seek::Step(Stride::Call, Direction::Backwards);
    assert_eq!(stages.ask(back), all(step));
    stages.ask(Message::Track(1));
    stages.ask(Message::Enter);
    assert!(stages.shows("esc: all columns"));
    assert_eq!(stages.ask(back), [(Target::Track(1), Effect::Seek(step))]);
    assert_eq!(stages.ask(Message::Faster), all(Seek::Faster));
}

#[test]
fn several_recordings_go_to_a_place_by_words_or_by_a_click() {
    let mut stages = Stage::three(80, 24).recorded();
    press(&mut stages, KeyCode::Char('g'));
    text(&mut stages, "99");
    assert_eq!(press(&mut stages, KeyCode::Enter), []);
    assert!(stages.shows("it ends at 12.900 s"));
    press(&mut stages, KeyCode::Esc);
    press(&mut stages, KeyCode::Char('g'));
    text(&mut stages, "9");
    let to = Seek::To(Duration::from_secs(9));
    let went = press(&mut stages, KeyCode::Enter);
    assert_eq!(went, [(Target::All, Effect::Seek(to))]);
    let click = MouseEventKind::Down(MouseButton::Left);
    assert_eq!(mouse(&mut stages, click, 0, 20), [Seek::ToPart(0.0)]);
}

#[test]
fn a_single_run_is_open_and_stays_so() {
    let mut stage = stage();
    for _ in 0..4 {
        press(&mut stage, KeyCode::Esc);
    }
    assert_eq!(stage.screen.open, Some(0));
    assert!(!stage.shows("esc: all columns"));
}
