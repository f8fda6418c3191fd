//! Goal: a scenario file either becomes the plan that it describes or is
//! refused.
//! Method: the built-in files, one file with everything in it, and random
//! text. `scenario_mistakes.rs` has what is refused.

use std::time::Duration;

use proptest::prelude::*;
use sockscope::load::{Group, Pacing, Payload, Reading, Step, Until};
use sockscope::modes::Mode;
use sockscope::net::{Errors, Framing, ServerOptions, Shutdown, Yield};
use sockscope::scenario::{
    self, ClientFigure, ExpectedFigure, FigureBounds, Plan, ScenarioError,
    ServerFigure, TimedSignal,
};
use sockscope::system::signals::Signal;
use sockscope::units::{Size, Time};

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
        for mode in &plan.modes {
            let expects =
                plan.expectations.iter().any(|it| it.modes.contains(mode));
            assert!(expects, "{} in {}", plan.name, mode.name());
        }
    }
}

#[test]
fn every_builtin_scenario_is_for_every_mode_or_says_which() {
    let of_tasks = ["starvation", "one-by-one"];
    for builtin in scenario::builtin() {
        let plan = plan_of(builtin.source);
        let but_one = Mode::ALL.map(|it| it != Mode::Serial);
        let wanted = match builtin.name {
            "big-crowd" => but_one,
            name if of_tasks.contains(&name) => {
                Mode::ALL.map(|it| it == Mode::Tasks)
            }
            _ => [true; 5],
        };
        let found = Mode::ALL.map(|mode| plan.modes.contains(&mode));
        assert_eq!(found, wanted, "{}", builtin.name);
    }
}

#[test]
fn the_files_are_the_builtin_scenarios() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned()))
        .collect();
    files.sort();
    let mut builtin: Vec<&str> =
        scenario::builtin().iter().map(|it| it.name).collect();
    builtin.sort_unstable();
    assert_eq!(files, builtin);
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
    assert_eq!(plan.title, "Everything that can be written");
    assert_eq!(plan.watch, ["This.", "That."]);
    assert_eq!(plan.time_limit, Duration::from_secs(5));
    assert_eq!(plan.modes, [Mode::Selector, Mode::Serial]);
    assert_eq!(plan.errors, [Errors::Handled, Errors::Kept]);
    assert_eq!(plan.server, everything_told());
    assert_eq!(plan.groups, [everything_done(), nothing_done()]);
    let (signal, at) = (Signal::Interrupt, Duration::from_secs(1));
    assert_eq!(plan.signals, [TimedSignal { signal, at }]);
}

fn everything_told() -> ServerOptions {
    ServerOptions {
        listen: None,
        framing: Some(Framing::Lines),
        boom: Some(true),
        errors: Some(Errors::Kept),
        recv_size: Some(Size(2)),
        backlog: Some(0),
        max_connections: Some(10),
        buffer_limit: Some(Size(64 << 10)),
        sndbuf: Some(Size(4 << 10)),
        rcvbuf: Some(Size(8 << 10)),
        idle_timeout: Some(Time(Duration::from_secs(1))),
        yield_after: Some(Yield::Never),
        shutdown: Some(Shutdown::Sequential),
        grace: Some(Time(Duration::ZERO)),
        descriptors: Some(64),
    }
}

fn everything_done() -> Group {
    Group {
        name: "all-steps".to_owned(),
        count: 3,
        start: Duration::from_millis(100),
        stagger: Duration::from_millis(10),
        steps: every_step(),
        send_buffer: Some(1 << 10),
        receive_buffer: Some(2 << 10),
    }
}

fn nothing_done() -> Group {
    Group {
        name: "defaults".to_owned(),
        count: 1,
        start: Duration::ZERO,
        stagger: Duration::ZERO,
        steps: vec![Step::Connect, Step::Close],
        send_buffer: None,
        receive_buffer: None,
    }
}

fn every_step() -> Vec<Step> {
    let say = |text: &str| Step::Say(Payload::Text(text.into()));
    let millis = Duration::from_millis;
    vec![
        Step::Connect,
        say("hello\n"),
        Step::AwaitEcho,
        Step::Pause(millis(1_500)),
        Step::Say(Payload::Pattern(1 << 20)),
        Step::SayInPieces {
            pieces: vec![b"tes".into(), b"ting\n".into()],
            gap: millis(100),
        },
        Step::Repeat {
            until: Until::Times(5),
            pacing: Pacing::Closed,
            steps: vec![say("tick\n"), Step::AwaitEcho],
        },
        Step::Repeat {
            until: Until::Elapsed(millis(2_000)),
            pacing: Pacing::Open { every: millis(10) },
            steps: vec![say("tick\n")],
        },
        Step::Reading(Reading::Stopped),
        Step::Reading(Reading::Slow { bytes: 1 << 10, every: millis(10) }),
        Step::Reading(Reading::Eager),
        Step::HalfClose,
        Step::AwaitEnd,
    ]
}

#[test]
fn an_expectation_has_the_kind_of_its_figure() {
    let bounds_of = |lines: &str| {
        let plan = plan_of(&with_expectation(lines));
        plan.expectations[0].bounds
    };
    let exactly = |it| FigureBounds { at_least: Some(it), at_most: Some(it) };
    assert_eq!(bounds_of("figure = 'reads'\nequals = 5"), exactly(5));
    let size = "figure = 'bytes-in'\nequals = '1 KiB'";
    assert_eq!(bounds_of(size), exactly(1024));
    let time = "figure = 'echo-time-max'\nclients = 'a'\nequals = '1 ms'";
    assert_eq!(bounds_of(time), exactly(1_000_000));
    let between = "figure = 'reads'\nat-least = 1\nat-most = 2";
    let expected = FigureBounds { at_least: Some(1), at_most: Some(2) };
    assert_eq!(bounds_of(between), expected);
}

#[test]
fn an_expectation_is_about_all_modes_of_the_scenario_unless_told() {
    let source = "figure = 'reads'\nequals = 5";
    let source = format!("modes = ['serial']\n{}", with_expectation(source));
    let expectation = &plan_of(&source).expectations[0];
    assert_eq!(expectation.modes, [Mode::Serial]);
    assert_eq!(expectation.figure, ExpectedFigure::Server(ServerFigure::Reads));
}

#[test]
fn without_a_word_errors_are_handled() {
    let plan = plan_of(&with_expectation("figure = 'reads'\nequals = 5"));
    assert_eq!(plan.errors, [Errors::Handled]);
    assert_eq!(plan.server.errors, None);
    assert_eq!(plan.expectations[0].errors, [Errors::Handled]);
    let all = Mode::ALL.map(|mode| (mode, Errors::Handled));
    assert_eq!(plan.ways().collect::<Vec<_>>(), all);
}

#[test]
fn a_scenario_is_run_with_each_fate_of_errors_where_there_are_handles() {
    let source = with_expectation("figure = 'reads'\nequals = 5");
    let modes = "modes = ['serial', 'blocking', 'selector']";
    let errors = "errors = ['kept', 'handled']";
    let source = format!("{modes}\n{errors}\n{source}");
    let plan = plan_of(&source);
    assert_eq!(plan.server.errors, Some(Errors::Kept), "the first");
    let expected = [
        (Mode::Serial, Errors::Kept),
        (Mode::Serial, Errors::Handled),
        (Mode::Blocking, Errors::Kept),
        (Mode::Blocking, Errors::Handled),
        (Mode::Selector, Errors::Handled),
    ];
    assert_eq!(plan.ways().collect::<Vec<_>>(), expected);
}

#[test]
fn a_scenario_without_handled_errors_is_about_modes_with_handles() {
    let server = "[server]\nerrors = 'dropped'\n";
    let source = with_expectation("figure = 'reads'\nequals = 5");
    let plan = plan_of(&source.replacen("[[", &format!("{server}[["), 1));
    assert_eq!(plan.errors, [Errors::Dropped]);
    let allowed = |mode: &Mode| mode.allows(Errors::Dropped);
    let modes = Mode::ALL.into_iter().filter(allowed);
    assert_eq!(plan.modes, modes.collect::<Vec<_>>());
    assert!(!plan.modes.contains(&Mode::Selector));
    assert_eq!(plan.expectations[0].modes, plan.modes);
}

#[test]
fn a_server_is_expected_to_fail_only_where_it_is_said() {
    let source = with_expectation(
        "figure = 'server-failed'\nequals = 1\nmodes = ['serial']\n\
         errors = ['kept']",
    );
    let plan = plan_of(&format!("errors = ['handled', 'kept']\n{source}"));
    assert!(plan.expects_failure(Mode::Serial, Errors::Kept));
    assert!(!plan.expects_failure(Mode::Serial, Errors::Handled));
    assert!(!plan.expects_failure(Mode::Blocking, Errors::Kept));
}

#[test]
fn an_unknown_scenario_gets_the_nearest_name() {
    insta::assert_snapshot!(
        scenario::load("two-cleints").unwrap_err(),
        @"no scenario is named `two-cleints`; did you mean `two-clients`?"
    );
    insta::assert_snapshot!(
        scenario::load("nothing like it").unwrap_err(),
        @"no scenario is named `nothing like it`; `sockscope scenario list` names them"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = scenario::load("./no-such-file.toml").unwrap_err();
    assert!(matches!(error, ScenarioError::Unreadable { .. }));
    insta::assert_snapshot!(
        error,
        @"cannot read scenario ./no-such-file.toml: no such file or directory"
    );
}

#[test]
fn a_file_is_loaded_by_its_path_and_named_after_it() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/boom.toml");
    let plan = scenario::load(path).unwrap();
    assert_eq!(plan, scenario::load("boom").unwrap());
}

#[test]
fn the_schema_beside_the_scenarios_is_current() {
    let written = include_str!("../../scenarios/schema.json");
    assert!(
        written == scenario::schema(),
        "write `sockscope scenario schema` to scenarios/schema.json"
    );
}

#[test]
fn the_schema_mentions_each_step_and_figure() {
    let schema = scenario::schema();
    let steps = [
        "connect",
        "say",
        "send",
        "say-in-pieces",
        "await-echo",
        "await-end",
        "pause",
        "repeat",
        "reading",
        "half-close",
        "close",
        "reset",
    ];
    let server = ServerFigure::ALL.iter().map(|it| it.name());
    let clients = ClientFigure::ALL.iter().map(|it| it.name());
    for word in server.chain(clients).chain(steps) {
        assert!(schema.contains(&format!("\"{word}\"")), "{word}");
    }
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
