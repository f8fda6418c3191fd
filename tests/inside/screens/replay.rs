//! A recorded run: the bar, and what is told of it.

use super::stage::Stage;
use insta::assert_snapshot;
use ratatui::layout::Size;
use sockscope::modes::Mode;
use sockscope::probe::Speed;
use sockscope::tui::Message;
use sockscope::view::Direction;
use std::time::Duration;

pub(crate) fn stage(width: u16, height: u16) -> Stage {
    Stage::of(Mode::Selector, width, height).recorded()
}

#[test]
fn presenter() {
    let mut stage = stage(80, 24);
    stage.tell(Message::Presenter);
    assert_snapshot!("replay-presenter", stage.text());
    stage.tell(Message::Resize(Size { width: 120, height: 40 }));
    stage.playback().plays = Some(Direction::Backwards);
    stage.playback().speed = 2.0;
    assert_snapshot!("replay-presenter-large", stage.text());
}

#[test]
fn a_cut_off_recording_says_so_and_at_its_end_why() {
    let mut stage = stage(80, 24).cut_off();
    assert_snapshot!("replay-cut-off", stage.text());
    assert!(!stage.shows("byte 4711"));
    let playback = stage.playback();
    playback.read = playback.length;
    playback.at = playback.length;
    playback.event = playback.events;
    assert_snapshot!("replay-cut-off-end", stage.text());
    assert!(stage.shows("it ends here, at 12.9 s: the file is cut off"));
}

#[test]
fn what_is_looked_for_is_told_and_can_be_given_up() {
    let mut stage = stage(80, 24);
    stage.playback().busy = Some("looking for \"reset\": 34 %".into());
    assert_snapshot!("replay-busy", stage.text());
    assert_eq!(stage.row(0).trim(), "esc give up");
    stage.playback().busy = None;
    stage.playback().said = Some("\"reset\" is not in the rest".into());
    assert_eq!(stage.row(1).trim(), "\"reset\" is not in the rest");
}

#[test]
fn what_is_typed_has_its_own_words() {
    let mut stage = stage(80, 24);
    stage.tell(Message::GoTo);
    let hint = "go to:  1.25s, 250ms, 50% or event 1234";
    assert_eq!(stage.row(1).trim(), hint);
    assert_eq!(stage.row(0).trim(), "enter go  esc leave");
    for (width, height) in [(60, 15), (80, 24)] {
        stage.tell(Message::Resize(Size { width, height }));
        stage.tell(Message::Search);
        for c in "reset".chars() {
            let request = tui_input::InputRequest::InsertChar(c);
            stage.tell(Message::Edit(request));
        }
        let name = format!("replay-search-{width}x{height}");
        assert_snapshot!(name, stage.text());
    }
}

/// The gate was used while it was recorded: that is not the replay's pause.
#[test]
fn a_program_that_was_paused_is_told_from_a_replay_that_stands() {
    let mut stage = stage(80, 24);
    stage.control.paused = true;
    stage.hold(None);
    stage.playback().plays = Some(Direction::Forwards);
    assert_snapshot!("replay-was-paused", stage.text());
    assert!(!stage.shows("PAUSED"));
    assert!(stage.shows("▶ 1x plays"));
    stage.control.paused = false;
    stage.control.speed = Speed::of_factor(0.0005).unwrap();
    assert!(stage.shows("was slow  REPLAY"));
}

#[test]
fn speeds_are_whole_numbers() {
    let mut stage = stage(80, 24);
    let speeds = [(0.25, "1/4x"), (0.5, "1/2x"), (1.0, "1x"), (128.0, "128x")];
    for (speed, words) in speeds {
        stage.playback().speed = speed;
        let told = stage.row(2);
        assert!(told.starts_with(&format!(" ║ {words} stands")), "{told}");
    }
}

/// Whatever the numbers are, no word is cut.
#[test]
fn what_finds_no_room_is_left_out_whole() {
    for width in [60, 70, 80, 90, 100] {
        let mut stage = stage(width, 24).cut_off();
        let playback = stage.playback();
        playback.events = 123_456_789;
        playback.event = 23_456_789;
        playback.length = Duration::from_secs(4_000);
        playback.at = Duration::from_secs(3_999);
        let told = stage.row(2);
        let words = " ║ 1x";
        assert!(told.starts_with(words), "{told}");
        assert!(told.contains("66:39.000000 of 66:40.000"), "{told}");
        assert!(told.contains("1,234 lost"), "{told}");
        let ends = ["lost", "early", "456,789"];
        assert!(ends.iter().any(|it| told.ends_with(it)), "{told}");
    }
}

#[test]
fn an_empty_recording_has_a_bar_too() {
    let mut stage = stage(80, 24);
    let playback = stage.playback();
    *playback = sockscope::view::Playback {
        name: "empty.rec".into(),
        speed: 1.0,
        ..Default::default()
    };
    assert!(stage.row(2).contains("at the end  0.000000 of 0.000 s"));
    assert!(stage.row(3).starts_with("║──"));
}
