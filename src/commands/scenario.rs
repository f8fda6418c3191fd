//! `scenario list | show | check | schema`.

use super::check;
use super::output::print;
use crate::cli::ScenarioCommand;
use crate::error::Error;
use crate::report::WIDTH;
use crate::scenario::{self, builtin};
use crate::text::wrap;
use std::fmt::Write as _;
use std::fs;

/// How far the titles are indented in the list.
const INDENT: usize = 21;

/// Carries out one of them.
pub(super) fn run(command: ScenarioCommand) -> Result<u8, Error> {
    match command {
        ScenarioCommand::List => print(&list())?,
        ScenarioCommand::Show { scenario } => print(&text_of(&scenario)?)?,
        ScenarioCommand::Check(args) => return check::run(&args),
        ScenarioCommand::Schema => print(&scenario::schema())?,
    }
    Ok(0)
}

fn list() -> String {
    let mut text = String::new();
    for builtin in builtin() {
        let title = scenario::load(builtin.name)
            .map_or_else(|error| error.to_string(), |plan| plan.title);
        let lines = wrap(&title, WIDTH - INDENT);
        for (index, line) in lines.iter().enumerate() {
            let name = if index == 0 { builtin.name } else { "" };
            let _ = writeln!(text, "{name:<INDENT$}{line}");
        }
    }
    text
}

/// A scenario's own text, as it was written.
fn text_of(name_or_path: &str) -> Result<String, Error> {
    let refuse =
        |error: scenario::ScenarioError| Error::Scenario(error.to_string());
    if let Some(source) = scenario::source(name_or_path) {
        return Ok(source.to_owned());
    }
    scenario::load(name_or_path).map_err(refuse)?;
    let what = "read the scenario";
    fs::read_to_string(name_or_path)
        .map_err(|source| Error::System { what, source })
}
