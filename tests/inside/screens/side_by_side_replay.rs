//! Recorded runs side by side, and beside one that runs.

use super::columns::Stages;
use insta::assert_snapshot;
use ratatui::layout::Position;
use sockscope::tui::compare::{ColumnState, CompareApp, Target};
use sockscope::tui::keys::{COMPARE_REPLAY, Travel};
use sockscope::tui::{App, Effect, Message, Playback, Seek};
use sockscope::view::{Direction, Stride};
use std::time::Duration;

fn playback() -> Playback {
    Playback {
        name: "3 recordings".into(),
        at: Duration::from_millis(3_214),
        length: Duration::from_millis(12_900),
        event: 1_234,
        events: 5_678,
        speed: 1.0,
        shape: (0..64).map(|it| it % 9).collect(),
        marks: vec![Duration::from_secs(2), Duration::from_secs(7)],
        read: Duration::from_secs(9),
        ..Playback::default()
    }
}

fn recorded(width: u16, height: u16) -> Stages {
    let mut stages = Stages::three(width, height);
    let (look, size) = (stages.app.look, stages.app.size);
    stages.app = CompareApp::of_recordings(look, size, 3);
    stages.states = vec![ColumnState::Recorded; 3];
    for stage in &mut stages.each {
        stage.app = App::of_recording(look, size);
        stage.playback = Some(playback());
    }
    stages.playback = Some(playback());
    stages.comparison.names[0] = "before".into();
    stages
}

#[test]
fn recordings_have_a_bar_below_their_columns() {
    for (width, height) in [(80, 24), (120, 40), (200, 60), (60, 15)] {
        let text = recorded(width, height).text();
        assert_snapshot!(format!("recorded-{width}x{height}"), text);
    }
}

#[test]
fn a_recording_beside_one_that_runs() {
    let mut stages = Stages::two(80, 24);
    stages.states[0] = ColumnState::Recorded;
    stages.each[0].playback = Some(playback());
    let text = stages.text();
    assert!(text.contains("a recording and 1 live"), "{text}");
    assert!(!text.contains("event 1,234"), "no bar: {text}");
    stages.states[1] = ColumnState::Over;
    let text = stages.text();
    assert!(text.contains("what ran is over; recordings play on"), "{text}");
    assert!(stages.tell(Message::StepCall).len() < 2);
}

#[test]
fn the_keys_of_all_recordings() {
    let mut stages = recorded(200, 60);
    stages.tell(Message::Help);
    assert_snapshot!("recorded-help", stages.text());
}

#[test]
fn every_key_is_known_once_and_asks_all_or_one() {
    let mut codes: Vec<_> = COMPARE_REPLAY
        .iter()
        .flat_map(|it| it.codes.iter().map(|code| (*code, it.control)))
        .collect();
    let all = codes.len();
    codes.sort_by_key(|it| format!("{it:?}"));
    codes.dedup();
    assert_eq!(codes.len(), all);
    let mut stages = recorded(120, 40);
    let asked = stages.tell(Message::Travel(Travel::PlayOrPause));
    assert_eq!(asked, [(Target::All, Effect::Seek(Seek::PlayOrPause))]);
    let step = Seek::Step(Stride::Call, Direction::Backwards);
    let travel = Travel::Step(Stride::Call, Direction::Backwards);
    let asked = stages.tell(Message::Travel(travel));
    assert_eq!(asked, [(Target::All, Effect::Seek(step.clone()))]);
    stages.tell(Message::Column(1));
    stages.tell(Message::Enter);
    assert!(stages.text().contains("esc: all columns"));
    let asked = stages.tell(Message::Travel(travel));
    assert_eq!(asked, [(Target::Column(1), Effect::Seek(step))]);
    let asked = stages.tell(Message::Travel(Travel::Faster));
    assert_eq!(asked, [(Target::All, Effect::Seek(Seek::Faster))]);
}

#[test]
fn a_step_of_a_loop_needs_a_loop() {
    let mut stages = recorded(120, 40);
    let travel = Travel::Step(Stride::LoopStep, Direction::Forwards);
    assert!(stages.tell(Message::Travel(travel)).is_empty());
    assert!(stages.text().contains("none has an event loop"));
}

#[test]
fn one_goes_to_a_place_by_words_or_by_a_click() {
    let mut stages = recorded(80, 24);
    stages.tell(Message::Travel(Travel::GoTo));
    let typed = |stages: &mut Stages, text: &str| {
        for letter in text.chars() {
            let request = tui_input::InputRequest::InsertChar(letter);
            stages.tell(Message::Edit(request));
        }
        stages.tell(Message::Enter)
    };
    assert!(typed(&mut stages, "99").is_empty());
    assert!(stages.text().contains("it ends at 12.900 s"));
    stages.tell(Message::Back);
    stages.tell(Message::Travel(Travel::GoTo));
    let to = Seek::To(Duration::from_secs(9));
    assert_eq!(typed(&mut stages, "9"), [(Target::All, Effect::Seek(to))]);
    let start = Position { x: 0, y: 20 };
    let asked = stages.tell(Message::Click(start));
    let to = Effect::Seek(Seek::ToPart(0.0));
    assert_eq!(asked, [(Target::All, to)]);
}
