//! Contenders that had not the same course, machine or options.

use super::*;

/// Two of the selector, the second of which took much longer.
fn before_and_after() -> [Contender; 2] {
    let named = |name: &str, longest| Contender {
        name: name.into(),
        ..contender("selector", longest)
    };
    let mut two = [named("before", ms(2)), named("after", ms(1_800))];
    (two[0].cpu, two[1].cpu) = (Some(ms(30)), Some(ms(300)));
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
    two[1].course = 1;
    let said = verdict(&two);
    assert!(said[1].starts_with("after: 300 ms of CPU"), "{}", said[1]);
    for words in ["same", "before", "took"] {
        assert!(!said[1].contains(words), "{}", said[1]);
    }
    two[1].interventions = vec!["q".into()];
    assert_eq!(verdict(&two)[1], "after: not judged: q");
    two[1].groups[0].name = "somebody".into();
    assert!(!verdict(&two)[1].contains("same"), "no client is the same");
}

#[test]
fn of_other_machines_only_answers_are_compared() {
    let mut two = before_and_after();
    two[1].machine = 1;
    assert_eq!(verdict(&two)[1], "after: same answers as before");
}

#[test]
fn options_that_differ_may_be_a_cause() {
    let mut two = before_and_after();
    two[1].options = 1;
    let said = &verdict(&two)[1];
    let words = "perhaps the options that differ, or the machine was busy";
    assert!(said.contains(words), "{said}");
}
