//! Comparisons of fixed contenders.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod apart;

use super::*;
use crate::probe::{
    Class, Kind, LISTENER, LineCount, Site, SocketId, ThreadId, ThreadNow,
};
use crate::view::Unhandled;

const MODES: [&str; 5] =
    ["serial", "blocking", "nonblocking", "selector", "tasks"];

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn answers() -> Answers {
    Answers {
        connected: 1,
        echoes: 4,
        bytes_out: 24,
        bytes_in: 24,
        ends: [("closed".into(), 1)].into(),
        ..Answers::default()
    }
}

fn threads(count: u16) -> Vec<ThreadNow> {
    let thread = |number| ThreadNow {
        thread: ThreadId(number),
        site: Site::default(),
        kind: Kind::Read,
        socket: LISTENER,
        in_call: false,
        calls: 1,
    };
    (0..count).map(thread).collect()
}

/// A line that a thread passed so often, with something ready.
fn hit(kind: Kind, times: u64) -> LineCount {
    let mut line = LineCount::new(Site::default(), kind);
    line.counts[Class::Ready as usize] = times;
    line
}

/// A talker with four echoes of which the longest took so long.
fn contender(mode: &'static str, longest: Duration) -> Contender {
    let figures = Counters { threads: threads(1), ..Counters::default() };
    let max = longest;
    Contender {
        name: mode.into(),
        mode: mode.into(),
        course: 0,
        machine: 0,
        options: 0,
        run_time: ms(2_000),
        over: true,
        failure: None,
        interventions: Vec::new(),
        loop_call: Kind::Accept,
        figures,
        cpu: Some(ms(2)),
        context_switches: Some(9),
        echo: Some(ContenderEchoes { count: 4, p50: ms(1), p99: max, max }),
        groups: vec![ContenderGroup {
            name: "talker".into(),
            answers: answers(),
            for_a_time: false,
            first_echo: Some(ms(200) + longest),
            longest_echo: Some(longest),
            behind: None,
        }],
        findings: Vec::new(),
    }
}

/// Selector, and serial in which the talker waited behind somebody.
fn two() -> [Contender; 2] {
    let mut serial = contender("serial", ms(1_800));
    let only = Some("silent".into());
    serial.groups[0].behind = Some(Behind { clients: 1, only });
    [serial, contender("selector", ms(2))]
}

fn verdict(contenders: &[Contender]) -> Vec<String> {
    compare(contenders).verdict
}

fn names(contenders: &[Contender]) -> Vec<&'static str> {
    compare(contenders).rows.iter().map(|row| row.name).collect()
}

fn words(contenders: &[Contender], name: &str) -> Vec<String> {
    let comparison = compare(contenders);
    let row = comparison.rows.iter().find(|row| row.name == name).unwrap();
    row.cells.iter().map(|cell| cell.words.clone()).collect()
}

// ---- Rows ----------------------------------------------------------------

#[test]
fn only_figures_that_differ_have_rows() {
    let rows = names(&two());
    assert_eq!(rows, ["longest_echo_ns", "first_echo_at_ns"]);
    assert_eq!(words(&two(), "longest_echo_ns"), ["1.80 s", "2.00 ms"]);
    let alike = MODES.map(|mode| contender(mode, ms(2)));
    assert_eq!(names(&alike), [""; 0], "five of a kind");
}

#[test]
fn measured_figures_less_than_twice_apart_do_not_differ() {
    let rows = |cpu| {
        let mut two = [contender("tasks", ms(2)), contender("selector", ms(2))];
        two[0].cpu = Some(cpu);
        two[1].cpu = Some(ms(200));
        names(&two)
    };
    assert_eq!(rows(ms(399)), [""; 0]);
    assert_eq!(rows(ms(400)), ["cpu_time_ns", "core_share"]);
}

/// So little is the machine's doing, however many times apart.
#[test]
fn measured_figures_that_are_small_do_not_differ() {
    let mut two = [contender("tasks", ms(2)), contender("selector", ms(49))];
    two[0].cpu = Some(Duration::from_micros(40));
    two[1].cpu = Some(ms(19));
    two[0].context_switches = Some(1);
    assert_eq!(names(&two), ["first_echo_at_ns"; 0]);
}

#[test]
fn exact_figures_differ_by_one() {
    let mut two = two();
    two[1].figures.lines = vec![hit(Kind::Accept, 1)];
    assert_eq!(words(&two, "iterations"), ["0", "1"]);
}

#[test]
fn what_is_not_known_has_a_dash_and_no_bar() {
    let mut two = two();
    two[0].echo = None;
    two[1].figures.lines = vec![hit(Kind::Wait, 7)];
    let comparison = compare(&two);
    assert!(comparison.rows.iter().all(|it| it.name != "longest_echo_ns"));
    assert_eq!(words(&two, "wake_ups"), ["—", "7"]);
    let row = comparison.rows.iter().find(|it| it.name == "wake_ups").unwrap();
    assert_eq!((row.cells[0].value, row.cells[0].share), (None, None));
    assert_eq!(row.cells[1].value, Some(7.0));
}

#[test]
fn a_mode_that_never_ran_has_dashes_and_makes_no_difference() {
    let mut all = MODES.map(|mode| contender(mode, ms(2)));
    all[0].run_time = Duration::ZERO;
    all[0].failure = Some("cannot bind".into());
    assert_eq!(names(&all), [""; 0]);
    all[1].figures.threads = threads(3);
    assert_eq!(words(&all, "threads"), ["—", "3", "1", "1", "1"]);
}

#[test]
fn bars_are_parts_of_the_largest() {
    let mut all = MODES.map(|mode| contender(mode, ms(2)));
    for (it, count) in all.iter_mut().zip([1, 4, 2, 1, 0]) {
        it.figures.threads = threads(count);
    }
    let row = &compare(&all).rows[0];
    let shares: Vec<_> = row.cells.iter().filter_map(|it| it.share).collect();
    assert_eq!(shares, [0.25, 1.0, 0.5, 0.25, 0.0]);
}

#[test]
fn ties_and_nothing_at_all_have_no_rows() {
    let mut two = two().map(|it| Contender { echo: None, ..it });
    for it in &mut two {
        it.groups.clear();
        it.cpu = Some(Duration::ZERO);
    }
    assert_eq!(names(&two), [""; 0]);
    assert_eq!(compare(&[]).verdict, [""; 0]);
}

// ---- Verdicts ------------------------------------------------------------

#[test]
fn who_waited_is_told_with_whom_for() {
    let [serial, selector] = &verdict(&two())[..] else { panic!() };
    assert!(
        serial.starts_with(
            "serial: talker waited 1.80 s behind silent (in selector at most \
             2.00 ms); same answers as selector"
        ),
        "{serial}"
    );
    assert_eq!(
        selector,
        "selector: 2.00 ms of CPU in 2.00 s; nobody waited: no echo took \
         longer than 2.00 ms"
    );
}

#[test]
fn a_queue_is_counted() {
    let mut two = two();
    two[0].groups[0].answers.connected = 20;
    two[1].groups[0].answers.connected = 20;
    two[0].groups[0].behind = Some(Behind { clients: 19, only: None });
    let said = &verdict(&two)[0];
    let queue = "a client of talker waited 1.80 s behind 19 clients accepted";
    assert!(said.contains(queue), "{said}");
}

/// A client that is slow itself is slow in every mode.
#[test]
fn who_waits_everywhere_does_not_wait_on_account_of_the_mode() {
    let two =
        [contender("serial", ms(1_500)), contender("selector", ms(1_400))];
    for sentence in verdict(&two) {
        assert!(!sentence.contains("waited"), "{sentence}");
    }
}

#[test]
fn the_same_answers_have_a_price() {
    let mut two =
        [contender("nonblocking", ms(2)), contender("selector", ms(2))];
    let said = |two: &[Contender]| verdict(two)[0].clone();
    assert!(
        said(&two)
            .contains("same answers as selector and hardly any CPU (2.00 ms)")
    );
    two[0].cpu = Some(ms(1_800));
    assert!(said(&two).contains(
        "same answers as selector for 900 times the CPU (1.80 s, in selector \
         2.00 ms)"
    ));
    two[1].cpu = Some(ms(1_000));
    assert!(said(&two).contains("for about as much CPU (1.80 s,"));
    two[0].cpu = Some(ms(400));
    assert!(said(&two).contains("same answers as selector, which took 2.5 t"));
    two[0].cpu = None;
    assert!(said(&two).starts_with("nonblocking: same answers as selector;"));
}

#[test]
fn no_more_digits_are_told_than_were_measured() {
    let mut two =
        [contender("nonblocking", ms(2)), contender("selector", ms(2))];
    two[0].cpu = Some(ms(2_491));
    let said = &verdict(&two)[0];
    assert!(said.contains("for 1,200 times the CPU (2.49 s"), "{said}");
}

/// A queue is a reason; that an echo took long is none.
#[test]
fn a_wait_without_a_cause_is_not_laid_at_the_modes_door() {
    let two = [contender("tasks", ms(142)), contender("selector", ms(2))];
    let said = &verdict(&two)[0];
    assert!(!said.contains("waited"), "{said}");
    assert!(
        said.starts_with(
            "tasks: an echo of talker took 142 ms (in selector at most 2.00 \
             ms), for no reason seen in this mode"
        ),
        "{said}"
    );
    let mut two = two;
    let (group, time) = ("talker".into(), ms(142));
    two[0].findings = vec![Finding::Starved { group, time }];
    let said = &verdict(&two)[0];
    assert!(said.contains("talker waited 142 ms for an echo"), "{said}");
}

/// How many echoes fit into a time is measured.
#[test]
fn clients_that_go_on_for_a_time_get_about_as_much() {
    let mut two = [contender("tasks", ms(2)), contender("selector", ms(2))];
    for it in &mut two {
        it.groups[0].for_a_time = true;
    }
    two[0].groups[0].answers.echoes = 7;
    let said = &verdict(&two)[0];
    let about = "about as many echoes as selector and hardly any CPU";
    assert!(said.contains(about), "{said}");
    two[0].groups[0].answers.echoes = 8;
    let said = &verdict(&two)[0];
    let apart = "talker: 8 echoes (in selector 4 echoes in the same time)";
    assert!(said.contains(apart), "{said}");
    two[0].groups[0].answers.echoes = 7;
    two[0].groups[0].answers.missing = 1;
    let said = &verdict(&two)[0];
    assert!(said.contains("1 missing echo"), "no byte may be lost: {said}");
}

type Change = fn(&mut Answers);

#[test]
fn answers_are_the_same_only_if_all_of_them_are() {
    let changes: [(Change, &str); 7] = [
        (|it| it.echoes = 3, "talker: 3 echoes (in selector 4 echoes)"),
        (|it| it.missing = 1, "1 missing echo (in selector none)"),
        (|it| it.bytes_in = 1, "1 byte back (in selector 24 bytes back)"),
        (|it| it.bytes_out = 9, "9 bytes sent (in selector 24 bytes sent)"),
        (|it| it.mismatches = 1, "1 wrong byte (in selector none)"),
        (|it| it.connected = 0, "no connections (in selector 1 connection)"),
        (
            |it| it.ends = [("reset".into(), 1)].into(),
            "talker: 1 was reset (in selector 1 closed)",
        ),
    ];
    for (change, words) in changes {
        let mut two = [contender("tasks", ms(2)), contender("selector", ms(2))];
        change(&mut two[0].groups[0].answers);
        let said = &verdict(&two)[0];
        assert!(said.contains(words), "{said}");
        assert!(!said.contains("same answers"), "{said}");
    }
}

#[test]
fn who_got_no_echo_did_wait() {
    let mut two = two();
    two[1].groups[0].answers.missing = 1;
    let said = &verdict(&two)[1];
    assert!(!said.contains("nobody waited"), "{said}");
    assert!(said.contains("no echo took longer than 2.00 ms"), "{said}");
}

#[test]
fn without_clients_of_ours_nothing_is_said_of_them() {
    let two = two().map(|mut it| {
        it.groups.clear();
        it.echo = None;
        it
    });
    let said = verdict(&two);
    assert_eq!(said[0], "serial: 2.00 ms of CPU in 2.00 s");
    assert_eq!(said[1], "selector: 2.00 ms of CPU in 2.00 s");
}

#[test]
fn findings_are_told_of_the_modes_that_have_them_alone() {
    let mut two = two();
    let [everywhere, spinning] = [
        Finding::Reset { first: SocketId(1), connections: 3 },
        Finding::Spinning { asked: 5_000, answered: 12 },
    ];
    two[0].findings = vec![spinning, everywhere.clone()];
    two[1].findings = vec![everywhere];
    let said = verdict(&two);
    assert!(said[0].ends_with("asked 5,000 times, answered 12: spinning"));
    assert!(!said[1].contains("reset"), "{}", said[1]);
}

#[test]
fn one_error_can_have_two_fates() {
    let mut two = two();
    for (it, fate) in
        two.iter_mut().zip([Unhandled::Dropped, Unhandled::Reported])
    {
        let (first, connections) = (SocketId(2), 1);
        it.findings =
            vec![Finding::ErrorUnhandled { first, connections, fate }];
    }
    let said = verdict(&two);
    assert!(said[0].ends_with("failed and nobody was told"), "{}", said[0]);
    assert!(said[1].ends_with("was never retrieved"), "{}", said[1]);
}

#[test]
fn a_mode_that_failed_says_so_and_is_no_yardstick() {
    let mut all = MODES.map(|mode| contender(mode, ms(2)));
    all[3].failure = Some("cannot bind 127.0.0.1:7: address in use".into());
    let said = verdict(&all);
    assert_eq!(
        said[3],
        "selector: failed: cannot bind 127.0.0.1:7: address in use"
    );
    assert!(said[0].contains("same answers as tasks"), "{}", said[0]);
    assert!(said[4].starts_with("tasks: 2.00 ms of CPU"), "{}", said[4]);
}

#[test]
fn meddled_times_are_not_judged() {
    let mut two = two();
    let paused = "the server was paused for 3.00 s".to_owned();
    two[0].interventions = vec![paused];
    let said = verdict(&two);
    assert_eq!(
        said[0],
        "serial: not judged: the server was paused for 3.00 s; the scenario's \
         clients got the same answers as in selector"
    );
    assert!(said[1].starts_with("selector: 2.00 ms of CPU"), "{}", said[1]);
}

#[test]
fn there_is_no_verdict_before_all_are_over() {
    let mut two = two();
    two[1].over = false;
    assert_eq!(verdict(&two), [""; 0]);
    assert_eq!(names(&two).len(), 2, "but there are figures");
}
