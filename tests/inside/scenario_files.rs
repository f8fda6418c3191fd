//! Goal: a scenario file either becomes the plan that it describes or is
//! refused.
//! Method: the built-in files, one file with everything in it, and random
//! text. `scenario_mistakes.rs` has what is refused.

use proptest::prelude::*;
use sockscope::modes::Mode;
use sockscope::net::Errors;
use sockscope::scenario::{self, ExpectedFigure, Plan, ServerFigure};
use std::collections::BTreeSet;

fn plan_of(source: &str) -> Plan {
    scenario::parse("test", "test.toml", source)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn with_expectation(lines: &str) -> String {
    format!(
        "title = \"T\"\n[[clients]]\nname = \"a\"\nsteps = [\"connect\"]\n\
         [[expect]]\nsays = \"S\"\n{lines}\n"
    )
}

#[test]
fn every_builtin_scenario_makes_sense() {
    for builtin in scenario::builtin() {
        let plan = scenario::load(builtin.name)
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(plan.name, builtin.name);
        assert!(!plan.watch.is_empty(), "{}: what to watch?", plan.name);
        let modes = match &*plan.name {
            "big-crowd" => 4,
            "starvation" | "one-by-one" => 1,
            _ => 5,
        };
        assert_eq!(plan.modes.len(), modes, "{}", plan.name);
        for mode in &plan.modes {
            let expects =
                plan.expectations.iter().any(|it| it.modes.contains(mode));
            assert!(expects, "{} in {}", plan.name, mode.name());
        }
    }
}

#[test]
fn the_files_are_the_builtin_scenarios() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let files = std::fs::read_dir(folder).unwrap();
    let names = files.filter_map(|it| {
        let name = it.unwrap().file_name().into_string().unwrap();
        Some(name.strip_suffix(".toml")?.to_owned())
    });
    let builtin = scenario::builtin().iter().map(|it| it.name.to_owned());
    assert_eq!(names.collect::<BTreeSet<_>>(), builtin.collect());
}

#[test]
fn the_example_of_the_documentation_makes_sense() {
    let module = include_str!("../../src/scenario/mod.rs");
    let doc: String = module
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .fold(String::new(), |doc, line| doc + line.trim_start() + "\n");
    let (_, from_example) = doc.split_once("```toml\n").unwrap();
    let (example, _) = from_example.split_once("```").unwrap();
    assert_eq!(plan_of(example).groups.len(), 2);
}

#[test]
fn every_key_arrives_in_the_plan() {
    let plan = plan_of(include_str!("everything.toml"));
    let plan = Plan { text: String::new(), crc32: 0, ..plan };
    insta::assert_debug_snapshot!(plan);
}

/// What a scenario says of modes and errors, and in which ways it is run.
#[test]
fn a_scenario_is_run_in_every_mode_with_each_way_to_handle_errors() {
    use Errors::{Dropped, Handled, Kept};
    use Mode::{Blocking, Nonblocking, Selector, Serial, Tasks};
    let all = Mode::ALL.map(|mode| (mode, Handled));
    let both = "modes = ['serial', 'blocking', 'selector']\n\
                errors = ['kept', 'handled']\n";
    let kept_or_handled = [
        (Serial, Kept),
        (Serial, Handled),
        (Blocking, Kept),
        (Blocking, Handled),
        (Selector, Handled),
    ];
    let dropped = [(Serial, Dropped), (Blocking, Dropped), (Tasks, Dropped)];
    let cases: [(&str, &[(Mode, Errors)], _); 4] = [
        ("", &all, None),
        ("modes = ['serial']\n", &[(Serial, Handled)], None),
        (both, &kept_or_handled, Some(Kept)),
        ("[server]\nerrors = 'dropped'\n", &dropped, Some(Dropped)),
    ];
    for (start, ways, errors) in cases {
        let source = with_expectation("figure = 'reads'\nequals = 5");
        let (title, rest) = source.split_once('\n').unwrap();
        let plan = plan_of(&format!("{title}\n{start}{rest}"));
        assert_eq!(plan.ways().collect::<Vec<_>>(), ways, "{start}");
        assert_eq!(plan.server.errors, errors, "{start}");
        let expectation = &plan.expectations[0];
        assert_eq!(expectation.modes, plan.modes, "{start}");
        assert_eq!(expectation.errors, plan.errors, "{start}");
        let figure = ExpectedFigure::Server(ServerFigure::Reads);
        assert_eq!(expectation.figure, figure);
    }
    assert!(!Nonblocking.allows(Kept) && !Selector.allows(Dropped));
    let fails = "figure = 'server-failed'\nequals = 1\nmodes = ['serial']";
    let plan = plan_of(&with_expectation(fails));
    assert!(plan.expects_failure(Serial, Handled));
    assert!(!plan.expects_failure(Blocking, Handled));
}

#[test]
fn a_file_is_loaded_by_its_path_and_named_after_it() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/boom.toml");
    let plan = scenario::load(path).unwrap();
    assert_eq!(plan, scenario::load("boom").unwrap());
}

/// Parses a text; whatever is wrong with it is said without a panic and
/// without control characters.
fn reads_or_refuses(text: &str) -> Result<(), TestCaseError> {
    if let Err(error) = scenario::parse("test", "test.toml", text) {
        let message = error.to_string();
        let raw = |c: char| c.is_control() && c != '\n';
        prop_assert!(!message.contains(raw), "{message:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text: String) {
        reads_or_refuses(&text)?;
    }

    #[test]
    fn any_damage_to_a_scenario_is_read_or_refused(
        which in 0..scenario::builtin().len(),
        place: prop::sample::Index,
        removed in 0..20_usize,
        put in "(?s).{0,4}",
    ) {
        let source: Vec<char> =
            scenario::builtin()[which].source.chars().collect();
        let start = place.index(source.len());
        let end = (start + removed).min(source.len());
        let mut damaged: String = source[..start].iter().collect();
        damaged.push_str(&put);
        damaged.extend(&source[end..]);
        reads_or_refuses(&damaged)?;
    }

    #[test]
    fn any_words_in_the_right_places_are_read_or_refused(
        name: String, unit: String, step: String, figure: String,
    ) {
        let text = |text: &str| format!("{text:?}");
        let source = format!(
            "title = \"T\"\n[server]\ngrace = {}\n[[clients]]\nname = {}\n\
             steps = [\"connect\", {}]\n[[expect]]\nsays = \"S\"\n\
             figure = {}\nequals = 1\n",
            text(&unit), text(&name), text(&step), text(&figure),
        );
        reads_or_refuses(&source)?;
    }
}
