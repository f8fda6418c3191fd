//! What is shown before a run: what its scenario is about.

use crate::modes::Mode;
use crate::report::WIDTH;
use crate::scenario::Plan;
use crate::text::wrap;

/// What a scenario is about, before it starts.
pub(super) fn introduction(plan: &Plan, mode: Mode) -> String {
    let title = format!("{}: {}", plan.name, plan.title);
    let other = |it: &&String| {
        Mode::ALL.iter().any(|other| {
            *other != mode && it.contains(&format!("In `{}`", other.name()))
        })
    };
    let mut text = String::from("\n");
    add_wrapped(&mut text, ["", "  "], &title);
    for sentence in plan.watch.iter().filter(|it| !other(it)) {
        add_wrapped(&mut text, ["  ", "    "], sentence);
    }
    text.push('\n');
    text
}

/// Adds a paragraph, whose first line and whose other lines begin so.
fn add_wrapped(text: &mut String, indents: [&str; 2], paragraph: &str) {
    let room = WIDTH - indents[1].len();
    for (index, line) in wrap(paragraph, room).iter().enumerate() {
        text.extend([indents[index.min(1)], line, "\n"]);
    }
}
