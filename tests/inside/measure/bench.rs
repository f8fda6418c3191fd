//! Every format of fixed results of `bench`.

use super::fixed::{
    MODES, SELECTOR, clients, fixed, foreign, idle, result, troubled,
};
use crate::support::schema;
use sockscope::measure::{
    Baseline, Figure, Rhythm, Subject, SweepResult, parse_baseline,
};
use sockscope::report::{Canvas, MeasureReport, Medium, Style, measure_schema};

fn report(result: &SweepResult, before: Option<&Baseline>) -> MeasureReport {
    let (result, baseline) = (result.clone(), before.cloned());
    MeasureReport { result, baseline, figures: Vec::new() }
}

fn text(result: &SweepResult) -> String {
    report(result, None).to_text(Canvas::PLAIN)
}

/// The words without line ends.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn markdown(result: &SweepResult, before: Option<&Baseline>) -> String {
    let report = report(result, before);
    report.document(Medium::Markdown, Canvas::PLAIN).to_markdown()
}

/// The same modes on a machine that was a tenth slower.
fn before() -> SweepResult {
    let slower = MODES.map(|mut mode| {
        mode.echoes_per_s /= 1.1;
        mode.user_ns *= 1.1;
        mode.system_ns *= 1.1;
        mode.p50_ns *= 1.1;
        mode
    });
    let mut before = result(&slower, 10);
    before.conditions.started_at = "2026-11-20T09:12:00Z".into();
    before.workload.size_bytes = 64;
    before
}

fn against() -> Baseline {
    Baseline::new(&fixed(), &before())
}

// ---- Text --------------------------------------------------------------

#[test]
fn the_text_reads_so() {
    insta::assert_snapshot!(text(&fixed()));
}

#[test]
fn trouble_reads_so() {
    insta::assert_snapshot!(text(&troubled()));
}

#[test]
fn a_baseline_reads_so() {
    let text = report(&fixed(), Some(&against())).to_text(Canvas::PLAIN);
    let (_, from) = text.split_once("Against the baseline").unwrap();
    let (section, _) = from.split_once("\n\n").unwrap();
    insta::assert_snapshot!(section);
}

#[test]
fn text_of_a_bench_fits_a_terminal() {
    let mut long = fixed();
    long.points[0].subjects[1].name = "a server with so long a name".into();
    let mut slow = troubled();
    for subject in &mut slow.points[0].subjects {
        for sample in &mut subject.samples {
            let times = sample.load.echo_time.as_mut().unwrap();
            times.max_ns = 59_999_999_999;
            times.p99_9_ns = 58_888_888_888;
        }
    }
    for result in [long, slow] {
        let before = Baseline::new(&result, &before());
        let text = report(&result, Some(&before)).to_text(Canvas::PLAIN);
        let widest = crate::reports::widest(&text);
        assert!(widest.chars().count() <= 80, "{widest}");
    }
}

#[test]
fn colours_of_a_bench_add_nothing_but_colours() {
    let coloured = report(&fixed(), None)
        .to_text(Canvas { style: Style::Colour, ..Canvas::PLAIN });
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_ne!(coloured, stripped);
    assert_eq!(stripped, text(&fixed()));
}

/// Their run was instrumented: no figure of it may stand beside a time.
#[test]
fn counted_calls_stand_apart() {
    let mut without = fixed();
    for subject in &mut without.points[0].subjects {
        subject.calls = None;
    }
    let (with, without) = (text(&fixed()), text(&without));
    let (before, from) = with.split_once("Calls, counted").unwrap();
    let (_, after) = from.split_once("\n\n").unwrap();
    assert_eq!(format!("{before}{after}"), without);
}

#[test]
fn a_figure_that_nobody_knows_is_a_dash_with_a_reason() {
    let mut result = result(&[SELECTOR], 6);
    result.points[0].subjects.push(foreign(6));
    let text = text(&result);
    assert!(text.contains("10.0.0.7:7007†   "), "{text}");
    let reason = "—: 10.0.0.7:7007 (a server that ran already).";
    assert_eq!(flat(&text).matches(reason).count(), 2, "{text}");
    let csv = report(&result, None).to_csv().unwrap();
    let empty = ",,10.0.0.7:7007,1,server_cpu_ns_per_echo,ns,\n";
    assert!(csv.contains(empty), "{csv}");
}

#[test]
fn one_server_alone_is_told_in_a_sentence() {
    let text = text(&result(&[SELECTOR], 10));
    let first = text.lines().next().unwrap();
    let expected = "selector: 128k echoes/s, 131 µs p99 echo time, 7.64 µs \
                    of server CPU time an";
    assert_eq!(first, expected);
    assert!(!text.contains("Compared"), "{text}");
}

/// Waiting so far is no echo time.
#[test]
fn echo_times_of_an_overloaded_server_are_lower_bounds() {
    let mut result = result(&[SELECTOR], 6);
    result.points[0].workload.pacing = Rhythm::Open { rate_per_s: 4_000.0 };
    for sample in &mut result.points[0].subjects[0].samples {
        sample.load.due = 8_000;
        sample.load.sent = 0;
        sample.load.unanswered = 8_000;
        let times = sample.load.echo_time.as_mut().unwrap();
        times.p50_ns = 200_000_000;
        times.p99_ns = 396_000_000;
    }
    let page = text(&result);
    assert!(page.contains("≥200"), "{page}");
    assert!(page.contains("≥396"), "{page}");
    assert!(page.contains("100 % of the messages that were due"), "{page}");
    assert!(page.contains("whenever they were due"), "{page}");
    let (_, times) = page.split_once("Echo time").unwrap();
    let (times, _) = times.split_once("Payload").unwrap();
    assert!(!times.contains(" %"), "{times}");
}

#[test]
fn all_say_the_same_number_of_rounds() {
    let mut result = result(&MODES[2..], 7);
    result.interrupted = true;
    result.rounds = 10;
    result.points[0].subjects[1].samples.truncate(6);
    let page = text(&result);
    assert!(page.starts_with("Interrupted after 6 of 10 rounds."), "{page}");
    assert!(page.contains("service time · 6 of 10 rounds"), "{page}");
    assert!(page.contains("(medians of 6 rounds, or as said)"), "{page}");
    assert!(page.contains("  tasks 7 of 10 "), "{page}");
    assert!(!page.contains("selector 6 of"), "{page}");
}

#[test]
fn without_an_interval_nothing_explains_one() {
    assert!(!text(&result(&MODES, 1)).contains('±'));
}

#[test]
fn what_varies_by_more_than_half_is_told_from_where_to_where() {
    let mut result = result(&MODES, 10);
    let samples = result.points[0].subjects[4].samples.iter_mut();
    for (at, sample) in samples.enumerate() {
        sample.load.echoes /= at as u64 % 4 + 1;
    }
    let page = text(&result);
    assert!(flat(&page).contains("wide: echoes a second of tasks 29.2k.."));
    let widest = crate::reports::widest(&page);
    assert!(widest.chars().count() <= 80, "{widest}");
}

/// What is missing is said before any figure.
#[test]
fn what_is_missing_comes_first_in_every_form_of_a_bench() {
    let mut result = result(&[SELECTOR], 3);
    result.interrupted = true;
    result.rounds = 10;
    result.points[0].subjects.push(foreign(1));
    result.points[0].subjects[1].failure = Some("it ended".into());
    let interrupted = "Interrupted after 3 of 10 rounds.";
    let failed = "10.0.0.7:7007 failed after 1 round: it ended.";
    let page = text(&result);
    assert_eq!(page.lines().take(2).collect::<Vec<_>>(), [interrupted, failed]);
    let markdown = markdown(&result, None);
    let first =
        format!("# sockscope: bench\n\n**{interrupted}**\n\n**{failed}**\n");
    assert!(markdown.starts_with(&first), "{markdown}");
    let csv = report(&result, None).to_csv().unwrap();
    let rows: Vec<_> = csv.lines().skip(1).take(2).collect();
    let wanted = [",,,,interrupted,,", ",,10.0.0.7:7007,,failed,,it ended"];
    assert_eq!(rows, wanted);
    let hgrm = report(&result, None).to_hgrm(0);
    let first =
        format!("#[sockscope: {interrupted}]\n#[sockscope: {failed}]\n");
    assert!(hgrm.starts_with(&first), "{hgrm}");
}

#[test]
fn one_that_was_measured_beside_failures_is_told_in_a_sentence() {
    let mut result = result(&[SELECTOR], 10);
    result.points[0].subjects.push(foreign(0));
    result.points[0].subjects[1].failure = Some("it ended".into());
    let text = text(&result);
    let second = text.lines().nth(1).unwrap();
    assert!(second.starts_with("selector: 128k echoes/s, "), "{text}");
}

#[test]
fn nothing_measured_is_told_without_a_figure() {
    let mut nothing = result(&MODES, 0);
    nothing.interrupted = true;
    let text = text(&nothing);
    assert!(text.contains("interrupted after 0 of 0 rounds"), "{text}");
    assert!(!text.contains("NaN"), "{text}");
    assert!(!text.contains("inf"), "{text}");
}

#[test]
fn what_others_named_cannot_steer_a_terminal() {
    let mut result = fixed();
    let subject = &mut result.points[0].subjects[0];
    subject.name = "evil\x1b[2J|`x`".into();
    subject.kind = Subject::Command("x\x1b[2J".into());
    subject.failure = Some("y\x1b[2J".into());
    let before = Baseline::new(&result, &result);
    let texts = [
        report(&result, Some(&before)).to_text(Canvas::PLAIN),
        markdown(&result, Some(&before)),
        report(&result, None).to_csv().unwrap(),
        report(&result, Some(&before)).to_json().unwrap(),
        report(&result, None).to_hgrm(0),
    ];
    for text in texts {
        let raw = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(raw), "{text}");
        assert!(text.contains("evil"), "{text}");
    }
}

// ---- Markdown ----------------------------------------------------------

#[test]
fn the_markdown_of_a_bench_reads_so() {
    let markdown = markdown(&fixed(), Some(&against()));
    insta::assert_snapshot!(markdown);
}

// ---- JSON --------------------------------------------------------------

#[test]
fn the_json_of_a_bench_reads_so() {
    let short = result(&MODES[3..], 2);
    insta::assert_snapshot!(report(&short, None).to_json().unwrap());
}

#[test]
fn the_json_of_a_measurement_is_as_its_schema_says_and_is_read_back() {
    let current = measure_schema().unwrap();
    let written = include_str!("measure.schema.json");
    schema::expect_current("measure", written, &current);
    let schema = serde_json::from_str(&current).unwrap();
    let before = against();
    for result in [fixed(), troubled(), result(&[], 0), clients(), idle()] {
        for before in [None, Some(&before)] {
            let json = report(&result, before).to_json().unwrap();
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

// ---- CSV ---------------------------------------------------------------

#[test]
fn the_csv_of_a_bench_reads_so() {
    let short = result(&MODES[3..4], 2);
    insta::assert_snapshot!(report(&short, None).to_csv().unwrap());
}

#[test]
fn the_csv_of_a_bench_has_a_row_a_server_round_and_figure() {
    let csv = report(&fixed(), None).to_csv().unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let headings = reader.headers().unwrap().clone();
    assert_eq!(
        headings,
        vec![
            "axis",
            "axis_value",
            "subject",
            "round",
            "figure",
            "unit",
            "value"
        ]
    );
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 5 * 10 * Figure::all().count());
}
