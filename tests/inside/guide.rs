//! The guide agrees with the tables from which the screen is drawn.

use sockscope::guide::Topic;
use sockscope::tui::Glyphs;
use sockscope::tui::keys::KEYS;

fn text(topic: &str) -> &'static str {
    Topic::named(topic).unwrap().text
}

#[test]
fn the_guide_explains_every_sign_in_unicode_and_in_ascii() {
    let groups = Glyphs::UNICODE.legend().into_iter();
    for ((_, unicode), (_, ascii)) in groups.zip(Glyphs::ASCII.legend()) {
        for (sign, plain) in unicode.iter().zip(&ascii) {
            let row = format!("\n| `{}` | `{}` |", sign.symbols, plain.symbols);
            assert!(text("screen").contains(&row), "{row}");
        }
    }
}

#[test]
fn the_guide_names_every_key_of_the_help() {
    let guide = [text("screen"), text("recordings")].concat();
    for binding in KEYS.iter().filter(|it| !it.help.is_empty()) {
        let named = guide.contains(&format!("`{}`", binding.shown));
        assert!(named, "{}: {}", binding.shown, binding.help);
    }
}
