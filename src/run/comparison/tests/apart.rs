//! Runs that had not the same course, machine or options.

use super::*;
use crate::net::ServerOptions;
use crate::run::report::RecordingOrigin;

/// Two recorded runs of the selector, the second of which took much longer.
fn before_and_after() -> [RunReport; 2] {
    let named = |name: &str, longest| {
        let mut run = contender("selector", longest);
        run.name = name.into();
        run.conditions.scenario = Some("two-clients".into());
        run.conditions.scenario_crc32 = Some(7);
        run.conditions.server = Some(ServerOptions::default());
        let file = format!("{name}.rec");
        run.recording = Some(RecordingOrigin { file, ended_early: None });
        run
    };
    let mut two = [named("before", ms(2)), named("after", ms(1_800))];
    server(&mut two[0]).cpu = Some(cpu(ms(30)));
    server(&mut two[1]).cpu = Some(cpu(ms(300)));
    two
}

#[test]
fn two_of_one_mode_are_told_apart_by_name() {
    let two = before_and_after();
    assert_eq!(compare(&two).names, ["before", "after"]);
    let said = verdict(&two);
    assert!(said[0].starts_with("before: 30.0 ms of CPU"), "{}", said[0]);
    let after = "after: an echo of talker took 1.80 s (in before at most \
                 2.00 ms), for no reason seen in this mode: perhaps the \
                 machine was busy; same answers as before for 10 times the \
                 CPU (300 ms, in before 30.0 ms)";
    assert_eq!(said[1], after);
}

#[test]
fn of_other_courses_nothing_is_concluded() {
    let mut two = before_and_after();
    two[1].conditions.scenario_crc32 = Some(8);
    let said = verdict(&two);
    assert!(said[1].starts_with("after: 300 ms of CPU"), "{}", said[1]);
    for words in ["same", "before", "took"] {
        assert!(!said[1].contains(words), "{}", said[1]);
    }
    two[1].interventions = vec!["q".into()];
    assert_eq!(verdict(&two)[1], "after: not judged: q");
    group(&mut two[1]).result.name = "other".into();
    assert!(!verdict(&two)[1].contains("same"), "no client is the same");
}

#[test]
fn of_other_machines_only_answers_are_compared() {
    let mut two = before_and_after();
    two[1].conditions.cores = Some(3);
    assert_eq!(verdict(&two)[1], "after: same answers as before");
}

#[test]
fn options_that_differ_may_be_a_cause() {
    let mut two = before_and_after();
    two[1].conditions.server.as_mut().unwrap().backlog = Some(1);
    let said = &verdict(&two)[1];
    let words = "perhaps the options that differ, or the machine was busy";
    assert!(said.contains(words), "{said}");
}

#[test]
fn the_same_scenario_is_recognised_by_its_text_and_its_duration() {
    let mut two = before_and_after();
    assert_eq!(compare(&two).warnings, [""; 0]);
    two[1].conditions.scenario_crc32 = Some(8);
    let comparison = compare(&two);
    assert_eq!(comparison.warnings.len(), 1);
    let row = &comparison.differences[0];
    assert_eq!(row.values, ["two-clients", "two-clients, another text"]);
    let mut two = before_and_after();
    two[1].conditions.duration_ns = Some(ms(1_500));
    let warning = &compare(&two).warnings[0];
    assert!(warning.contains("after: two-clients for 1.50 s"), "{warning}");
    for it in &mut two {
        it.conditions.scenario_crc32 = None;
        it.conditions.duration_ns = None;
    }
    assert_eq!(compare(&two).warnings.len(), 1, "clients are not known");
}

#[test]
fn options_that_differ_have_their_names_on_the_command_line() {
    let mut two = before_and_after();
    let options = two[1].conditions.server.as_mut().unwrap();
    options.max_connections = Some(7);
    let differences = compare(&two).differences;
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!(differences[0].name, "--max-connections");
    assert_eq!(differences[0].values, ["none", "7"]);
}
