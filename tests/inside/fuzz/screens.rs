//! Keys, mouse, pastes and sizes, each followed by a frame: on the screen of
//! live runs, and on one of recordings that are really played.

use super::recordings::Records;
use super::{Random, fuzz};
use crate::screens::stage::Stage;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};
use ratatui::layout::Size;
use sockscope::modes::Mode;
use sockscope::recording::Recording;
use sockscope::tui::keys::message;
use sockscope::tui::{
    Depth, Glyphs, Look, Players, Screen, Stage as _, Theme, draw_into, update,
};
use std::time::Instant;

/// After so many events the screen begins anew.
const SEQUENCE: usize = 40;

const CODES: [KeyCode; 14] = {
    use KeyCode::{BackTab, Backspace, Delete, Down, End, Enter, Esc, Home};
    use KeyCode::{Left, PageDown, PageUp, Right, Tab, Up};
    [
        Enter, Tab, BackTab, Esc, Backspace, Delete, Up, Down, Left, Right,
        Home, End, PageDown, PageUp,
    ]
};

/// A side of a terminal: often usual, sometimes hardly there.
fn side(random: &mut Random) -> u16 {
    let most = [3, 30, 90, 150][random.below(4)];
    u16::try_from(1 + random.below(most)).unwrap()
}

fn event(random: &mut Random) -> Event {
    match random.below(16) {
        0 => Event::Resize(side(random), side(random)),
        1 => {
            let kind = [
                MouseEventKind::ScrollUp,
                MouseEventKind::ScrollDown,
                MouseEventKind::Down(MouseButton::Left),
            ][random.below(3)];
            let (column, row) = (side(random), side(random));
            let modifiers = KeyModifiers::NONE;
            Event::Mouse(MouseEvent { kind, column, row, modifiers })
        }
        2 => Event::Paste("pasted \u{1b}[2J".into()),
        3..6 => key(CODES[random.below(CODES.len())], random),
        // What is typed into a prompt may be anything.
        6 => {
            let any = u32::try_from(random.below(0x2_0000)).unwrap();
            let letter = char::from_u32(any).unwrap_or('\u{feff}');
            key(KeyCode::Char(letter), random)
        }
        _ => {
            let ascii = u8::try_from(32 + random.below(95)).unwrap();
            key(KeyCode::Char(ascii.into()), random)
        }
    }
}

fn key(code: KeyCode, random: &mut Random) -> Event {
    let modifiers = match random.below(12) {
        0 => KeyModifiers::CONTROL,
        1 => KeyModifiers::ALT,
        _ => KeyModifiers::NONE,
    };
    Event::Key(KeyEvent::new(code, modifiers))
}

/// One of the stages that have snapshots, at any moment of theirs.
fn live(random: &mut Random) -> Stage {
    let (width, height) = (side(random), side(random));
    let stage = match random.below(8) {
        0 => Stage::five(width, height),
        1 => Stage::three(width, height).in_turn(),
        2 => Stage::two(width, height).with_clients(),
        3 => Stage::two(width, height).recorded(),
        4 => Stage::five(width, height).over(),
        5 => Stage::of(Mode::Serial, width, height).recorded(),
        6 => Stage::of(Mode::Tasks, width, height).held(None),
        _ => Stage::of(Mode::Selector, width, height).with_clients(),
    };
    if random.one_in(2) { stage.pause() } else { stage }
}

#[test]
fn keys_on_live_runs() {
    fuzz("keys and sizes, live", 20, |random, input| {
        // A short sequence, so that its seed gives the whole of it.
        let mut stage = live(random);
        for _ in 0..=random.below(6) {
            let event = event(random);
            input.extend([format!("{event:?}\n")]);
            stage.event(&event);
        }
        let _ = stage.buffer();
    });
}

/// A player of one recording or two.
fn players(records: &Records, random: &mut Random) -> Option<Players> {
    let header = include_str!("../../../src/recording/tests/header.json");
    let mut open = || {
        let bytes = records.recording(random, header)?;
        Some((Recording::of_bytes(bytes).ok()?, "fuzz.rec".to_owned()))
    };
    let (one, other) = (open()?, open()?);
    let both = [(&one.0, one.1), (&other.0, other.1)];
    let count = 1 + random.below(2);
    Players::new(&both[..count]).ok()
}

#[test]
fn keys_on_recordings() {
    let records = Records::new();
    let look = Look {
        theme: Theme::Dark,
        depth: Depth::True,
        glyphs: &Glyphs::UNICODE,
    };
    let mut state: Option<(Players, Screen, usize)> = None;
    let mut typed = String::new();
    fuzz("keys and sizes, recordings", 10, |random, input| {
        if state.as_ref().is_none_or(|it| it.2 >= SEQUENCE) {
            typed.clear();
            let players = players(&records, random).unwrap();
            let size = Size::new(side(random), side(random));
            let runs = players.picture().tracks.len();
            state = Some((players, Screen::new(look, size, runs), 0));
        }
        let (players, screen, count) = state.as_mut().unwrap();
        *count += 1;
        let event = event(random);
        typed.extend([format!("{event:?}\n")]);
        input.clone_from(&typed);
        if let Some(message) = message(&event, screen) {
            let mut changed = screen.clone();
            let effects = update(&mut changed, message, &players.picture());
            *screen = changed;
            for (target, effect) in effects {
                players.carry_out(target, effect);
            }
        }
        players.advance(Instant::now(), screen.frozen.is_some());
        players.show(screen.detail());
        let mut buffer = Buffer::empty(screen.size.into());
        draw_into(screen, &players.picture(), &mut buffer);
    });
}
