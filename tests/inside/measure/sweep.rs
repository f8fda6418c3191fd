//! Every format of fixed sweeps.

use super::fixed::{CLIENTS, clients, failed, idle, sweep};
use super::{report, sweep_markdown, sweep_text};
use sockscope::measure::{Figure, SweepAxis, SweepResult};
use sockscope::report::{Canvas, Marks, SWEEP_FIGURES, Style};

#[test]
fn a_sweep_of_clients_reads_so() {
    insta::assert_snapshot!(sweep_text(&clients(), &[]));
}

#[test]
fn a_sweep_of_idle_clients_reads_so() {
    insta::assert_snapshot!(sweep_text(&idle(), &[]));
}

#[test]
fn without_utf_8_everything_is_ascii() {
    let ascii = Canvas { marks: Marks::Ascii, ..Canvas::PLAIN };
    let text = report(&clients(), &[]).to_text(ascii);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_sweep_in_markdown_reads_so() {
    insta::assert_snapshot!(sweep_markdown(&clients(), &[]));
}

#[test]
fn colours_add_nothing_but_colours() {
    let coloured = Canvas { style: Style::Colour, ..Canvas::PLAIN };
    let text = report(&clients(), &[]).to_text(coloured);
    assert!(text.contains("\x1b[94m"), "{text}");
    let lines = anstream::adapter::strip_str(&text).to_string();
    let lines: Vec<_> = lines.lines().map(str::trim_end).collect();
    let plain = sweep_text(&clients(), &[]);
    assert_eq!(lines, plain.lines().collect::<Vec<_>>());
    insta::assert_snapshot!(text.replace('\x1b', "ESC"));
}

#[test]
fn no_chart_is_wider_than_the_terminal() {
    for width in [60, 80, 120] {
        let canvas = Canvas { width, ..Canvas::PLAIN };
        let text = report(&clients(), &[]).to_text(canvas);
        let lines = text.lines().take_while(|it| !it.starts_with("Medians"));
        let widest = lines.map(|it| it.chars().count()).max().unwrap();
        assert!(widest <= width.into(), "{widest} of {width}");
    }
}

#[test]
fn a_sweep_without_a_single_sample_has_words_for_it() {
    let result = sweep(SweepAxis::Size, &[16, 64], |_| {
        vec![failed("selector", "it ended")]
    });
    let text = sweep_text(&result, &[]);
    assert!(text.contains("not known of any server"), "{text}");
    assert!(text.contains("selector failed from 16 B on: it ended."), "{text}");
    let nothing = SweepResult { points: Vec::new(), ..result };
    assert!(sweep_text(&nothing, &[]).contains("not known"));
}

#[test]
fn what_makes_a_sweep_less_sure_is_told() {
    let mut result = clients();
    result.interrupted = true;
    result.conditions.optimized = false;
    let subjects = result.points.iter_mut().flat_map(|it| &mut it.subjects);
    subjects.for_each(|it| it.samples.truncate(3));
    let text = sweep_text(&result, &[]);
    assert!(text.contains("ended before all rounds were over"), "{text}");
    assert!(text.contains("without optimisations"), "{text}");
    assert!(text.contains("3 rounds say little about the noise"), "{text}");
    assert!(text.contains("too few rounds to be sure"), "{text}");
}

/// What is missing is said before any figure.
#[test]
fn what_is_missing_comes_first_in_every_form() {
    let mut result = sweep(SweepAxis::Size, &[16, 64], |_| {
        vec![failed("selector", "it | ended")]
    });
    result.interrupted = true;
    let text = sweep_text(&result, &[]);
    let lines: Vec<_> = text.lines().take(4).collect();
    assert_eq!(lines[0], "Echo servers, messages of 16 B to 64 B");
    assert!(lines[1].starts_with("Interrupted: the sweep was ended"));
    assert_eq!(lines[3], "selector failed from 16 B on: it | ended.");
    let markdown = sweep_markdown(&result, &[]);
    let (first, _) = markdown.split_once("\n## ").unwrap();
    assert!(first.contains("\n**Interrupted: "), "{markdown}");
    assert!(
        first.contains("\n**selector failed from 16 B on: it \\| ended.**")
    );
    let csv = report(&result, &[]).to_csv().unwrap();
    let rows: Vec<_> = csv.lines().skip(1).collect();
    assert_eq!(rows[0], "size,,,,interrupted,,");
    assert_eq!(rows[1], "size,16,selector,,failed,,it | ended");
    assert_eq!(rows[2], "size,64,selector,,failed,,it | ended");
}

#[test]
fn a_median_of_a_server_that_failed_later_is_marked_and_the_mark_explained() {
    let mut result = clients();
    let note = "! of the rounds before it failed\n";
    assert!(!sweep_text(&result, &[]).contains(note));
    result.points[2].subjects[1].failure = Some("it ended".into());
    let text = sweep_text(&result, &[]);
    assert_eq!(text.matches(note).count(), SWEEP_FIGURES.len(), "{text}");
    assert_eq!(text.matches("!  ").count(), SWEEP_FIGURES.len(), "{text}");
    assert!(sweep_markdown(&result, &[]).contains(note));
}

/// Whoever has them already is not asked for a hundred connections.
#[test]
fn the_price_of_a_wait_is_told_with_where_to_look_instead() {
    let flat = |result: &SweepResult| {
        let text = sweep_text(result, &[]);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let text = flat(&clients());
    let words = "readiness is: see the figures from 100 clients on, too.";
    assert!(text.contains(words), "{text}");
    let mut few = clients();
    few.points.truncate(3);
    let words = "readiness is: compare at 100 connections too.";
    assert!(flat(&few).contains(words), "{}", flat(&few));
    let words = "see the figures from 100 idle clients on, too.";
    assert!(flat(&idle()).contains(words), "{}", flat(&idle()));
}

#[test]
fn names_of_others_stay_text() {
    let mut result = idle();
    let names = result.points.iter_mut().flat_map(|it| &mut it.subjects);
    names.for_each(|it| it.name = format!("{}\x1b[31m|", it.name));
    let text = sweep_text(&result, &[]);
    assert!(!text.contains('\x1b'), "{text}");
    let markdown = sweep_markdown(&result, &[]);
    assert!(!markdown.contains('\x1b') && markdown.contains("m\\|"));
}

// ---- CSV and JSON ------------------------------------------------------

#[test]
fn the_csv_has_every_value_once() {
    let text = report(&clients(), &[]).to_csv().unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let wanted =
        ["axis", "axis_value", "subject", "round", "figure", "unit", "value"];
    assert_eq!(headings, wanted.to_vec());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let samples = CLIENTS.len() * 4 * 6 + 6;
    // `serial` fails from the second point on.
    let failed = CLIENTS.len() - 1;
    assert_eq!(rows.len(), samples * Figure::all().count() + failed);
    let found = rows.iter().find(|row| {
        let row: Vec<_> = row.iter().take(5).collect();
        row == ["clients", "300", "selector", "2", "echoes_per_s"]
    });
    let value: f64 = found.unwrap()[6].parse().unwrap();
    let sample = &clients().points[5].subjects[3].samples[1];
    let echoes = u32::try_from(sample.load.echoes).unwrap();
    assert!((value - f64::from(echoes)).abs() < 1e-6, "{value}");
}
