//! Every format of fixed results of `bench`.

use super::fixed::{
    MODES, clients, failed, fixed, foreign, idle, result, samples, slow_down,
    subjects, sweep, troubled,
};
use super::{compared, expect_words, flat, forms, markdown, report, text};
use crate::reports::widest;
use crate::support::schema;
use sockscope::measure::{
    Baseline, Rhythm, Subject, SweepAxis, SweepResult, parse_baseline,
};
use sockscope::report::{Canvas, measure_schema};

/// Against nearly the same modes on a machine that was a tenth slower.
fn against() -> Baseline {
    let mut before = result(&MODES[..4], 10);
    for sample in samples(&mut before) {
        slow_down(sample, 1.1);
        let time = sample.load.echo_time.as_mut().unwrap();
        time.p50_ns = time.p50_ns * 11 / 10;
    }
    before.conditions.started_at = "2026-11-20T09:12:00Z".into();
    before.conditions.machine.kernel = Some("6.17.0".into());
    before.workload.size_bytes = 64;
    Baseline::new(&result(&MODES[1..], 10), &before)
}

#[test]
fn every_form_of_a_bench_can_be_read() {
    insta::assert_snapshot!("the_text_reads_so", text(&fixed(), &[]));
    insta::assert_snapshot!("trouble_reads_so", text(&troubled(), &[]));
    let compared = compared(&fixed(), &against());
    let page = compared.to_text(Canvas::PLAIN);
    let (_, from) = page.split_once("Against the baseline").unwrap();
    let (section, _) = from.split_once("\n\n").unwrap();
    insta::assert_snapshot!("a_baseline_reads_so", section);
    let page = markdown(&compared);
    insta::assert_snapshot!("the_markdown_of_a_bench_reads_so", page);
    let json = report(&result(&MODES[3..], 2), &[]).to_json().unwrap();
    insta::assert_snapshot!("the_json_of_a_bench_reads_so", json);
    // What is not known of a server that ran already has rows without values.
    let mut known = result(&["selector"], 1);
    known.points[0].subjects.push(foreign(1));
    let csv = report(&known, &[]).to_csv().unwrap();
    insta::assert_snapshot!("the_csv_of_a_bench_reads_so", csv);
    let times = report(&result(&["selector"], 1), &[]).to_hgrm(0);
    insta::assert_snapshot!("the_percentiles_read_so", times);
    known.points[0].subjects[0].echo_times.clear();
    known.points[0].subjects.truncate(1);
    let times = report(&known, &[]).to_hgrm(0);
    let words = ["#[sockscope: no echo time was measured]"];
    expect_words(&times, &words, &["Mean", "NaN"]);
}

#[test]
fn a_bench_fits_a_terminal() {
    let mut long = fixed();
    long.points[0].subjects[1].name = "a server with so long a name".into();
    let mut slow = troubled();
    for sample in samples(&mut slow) {
        let times = sample.load.echo_time.as_mut().unwrap();
        (times.p99_9_ns, times.max_ns) = (58_888_888_888, 59_999_999_999);
    }
    for result in [long, slow] {
        let text = compared(&result, &against()).to_text(Canvas::PLAIN);
        let widest = widest(&text);
        assert!(widest.chars().count() <= 80, "{widest}");
    }
}

type Change = fn(&mut SweepResult);

/// A change of ten rounds of the last three modes, what the text says then,
/// and what it does not.
const PAGES: [(Change, &[&str], &[&str]); 8] = [
    // A figure that is not known is a dash with a reason.
    (
        |it| it.points[0].subjects.push(foreign(10)),
        &["—: 10.0.0.7:7007 (a server that ran already)."],
        &[],
    ),
    // A single server is described in a sentence.
    (
        |it| it.points[0].subjects.retain(|it| it.name == "selector"),
        &["selector: 128k echoes/s, 131 µs p99 echo time, 7.64 µs of server \
           CPU time an echo."],
        &["Compared"],
    ),
    // So is one that was measured beside failures.
    (
        |it| {
            it.points[0].subjects.retain(|it| it.name == "selector");
            it.points[0].subjects.push(foreign(0));
            it.points[0].subjects[1].failure = Some("it ended".into());
        },
        &["failed after 0 rounds: it ended. selector: 128k echoes/s, "],
        &["Compared"],
    ),
    // Waiting so far is no echo time: those of an overloaded server are lower
    // bounds.
    (
        |it| {
            it.points[0].subjects.retain(|it| it.name == "selector");
            it.points[0].workload.pacing = Rhythm::Open { rate_per_s: 4e3 };
            for sample in &mut it.points[0].subjects[0].samples {
                (sample.load.due, sample.load.sent) = (8_000, 0);
                sample.load.unanswered = 8_000;
                let times = sample.load.echo_time.as_mut().unwrap();
                (times.p50_ns, times.p99_ns) = (200_000_000, 396_000_000);
            }
        },
        &[
            "≥200 ≥",
            "≥396 ≥",
            "100 % of the messages that were due",
            "in the window, whenever they were due",
        ],
        &[],
    ),
    // All say the same number of rounds.
    (
        |it| {
            (it.interrupted, it.rounds) = (true, 12);
            it.points[0].subjects[1].samples.truncate(9);
        },
        &[
            "Interrupted after 9 of 12 rounds.",
            "service time · 9 of 12 rounds",
            "(medians of 9 rounds)",
            " tasks 10 of 12 ",
        ],
        &["selector 9 of"],
    ),
    // Without an interval nothing explains one.
    (
        |it| subjects(it).for_each(|it| it.samples.truncate(1)),
        &["Too few rounds to tell who does best."],
        &["±"],
    ),
    // What varies by more than half has both ends.
    (
        |it| {
            let samples = it.points[0].subjects[2].samples.iter_mut();
            for (at, sample) in samples.enumerate() {
                sample.load.echoes /= at as u64 % 4 + 1;
            }
        },
        &["wide: echoes a second of tasks 29.2k.."],
        &[],
    ),
    // Nothing measured has no figure.
    (
        |it| {
            (it.interrupted, it.rounds) = (true, 0);
            subjects(it).for_each(|it| it.samples.clear());
        },
        &["interrupted after 0 of 0 rounds"],
        &["NaN", "inf "],
    ),
];

#[test]
fn what_is_special_about_a_bench_is_said() {
    for (change, said, not_said) in PAGES {
        let mut result = result(&MODES[2..], 10);
        change(&mut result);
        let page = text(&result, &[]);
        expect_words(&flat(&page), said, not_said);
        assert!(widest(&page).chars().count() <= 80, "{page}");
    }
}

/// What is missing is said before any figure.
#[test]
fn what_is_missing_comes_first_in_every_form() {
    let mut bench = result(&["selector"], 3);
    (bench.interrupted, bench.rounds) = (true, 10);
    bench.points[0].subjects.push(foreign(1));
    bench.points[0].subjects[1].failure = Some("it ended".into());
    let mut sizes = sweep(SweepAxis::Size, &[16, 64], |_| {
        vec![failed("selector", "it | ended")]
    });
    sizes.interrupted = true;
    let mut begins = String::new();
    for page in [&bench, &sizes].map(|it| forms(&report(it, &[]))) {
        for form in &page[..4] {
            begins.extend(form.split_inclusive('\n').take(8));
            begins.push_str("====\n");
        }
    }
    insta::assert_snapshot!(begins);
    let nothing = SweepResult { points: Vec::new(), ..sizes.clone() };
    for result in [sizes, nothing] {
        expect_words(&text(&result, &[]), &["not known of any server"], &[]);
    }
}

#[test]
fn foreign_text_cannot_steer_a_terminal() {
    let mut result = fixed();
    let subject = &mut result.points[0].subjects[0];
    subject.name = "evil\x1b[2J|`x`".into();
    subject.kind = Subject::Command("x\x1b[2J".into());
    subject.failure = Some("y\x1b[2J".into());
    let before = Baseline::new(&result, &result);
    for text in forms(&compared(&result, &before)) {
        let raw = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(raw), "{text}");
        assert!(text.contains("evil"), "{text}");
    }
}

#[test]
fn the_json_of_a_measurement_is_as_its_schema_says_and_is_read_back() {
    let current = measure_schema().unwrap();
    let schema = serde_json::from_str(&current).unwrap();
    for result in [fixed(), troubled(), result(&[], 0), clients(), idle()] {
        for report in [report(&result, &[]), compared(&result, &against())] {
            let json = report.to_json().unwrap();
            let value = serde_json::from_str(&json).unwrap();
            assert_eq!(schema::check(&value, &schema), Ok(()));
            let back: SweepResult = serde_json::from_value(value).unwrap();
            assert_eq!(back, result);
            match result.axis {
                None => assert_eq!(parse_baseline(&json).unwrap(), result),
                Some(_) => assert!(parse_baseline(&json).is_err()),
            }
        }
    }
}
