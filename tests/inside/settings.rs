//! Goal: a mistake in the settings gets a message like one in a scenario, and
//! the guide on settings is right. Method: a catalogue of mistakes and of their
//! messages; the guide's example is read, and its list names every action.

use sockscope::guide::Topic;
use sockscope::tui::keys::ACTIONS;
use sockscope::tui::{ScreenSettings, Theme};

#[test]
fn the_example_of_the_guide_is_valid() {
    let text = Topic::named("settings").unwrap().text;
    let (_, example) = text.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let read = ScreenSettings::parse("example", example).unwrap();
    assert_eq!(read.theme, Some(Theme::Light));
    assert_eq!(read.keys.words("{pause} {up} {task}"), "p ↑ T");
}

#[test]
fn the_guide_names_every_action() {
    let text = Topic::named("settings").unwrap().text;
    let (_, list) = text.split_once("These are the actions:").unwrap();
    for (name, _) in ACTIONS {
        assert!(list.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn each_wrong_setting_gets_its_message() {
    let mistakes = format!("\n{}", include_str!("wrong_settings.txt"));
    let messages = mistakes.split("\n## ").skip(1).map(|it| {
        let (mistake, text) = it.split_once('\n').unwrap();
        let message = ScreenSettings::parse("config.toml", text);
        format!("## {mistake}\n{}\n\n", message.unwrap_err())
    });
    insta::with_settings!({ omit_expression => true }, {
        let messages: String = messages.collect();
        insta::assert_snapshot!("wrong_settings", messages);
    });
}
