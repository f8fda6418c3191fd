//! Every format of fixed sweeps.

use super::fixed::{CLIENTS, clients, failed, idle, subjects, sweep};
use super::{expect_words, report, sweep_markdown, sweep_text};
use sockscope::measure::{Figure, SweepAxis, SweepResult};
use sockscope::report::{Canvas, Marks, SWEEP_FIGURES, Style};

#[test]
fn every_form_of_a_sweep_can_be_read() {
    let plain = sweep_text(&clients(), &[]);
    insta::assert_snapshot!("a_sweep_of_clients_reads_so", plain);
    let idle = sweep_text(&idle(), &[]);
    insta::assert_snapshot!("a_sweep_of_idle_clients_reads_so", idle);
    let markdown = sweep_markdown(&clients(), &[]);
    insta::assert_snapshot!("a_sweep_in_markdown_reads_so", markdown);
    let ascii = Canvas { marks: Marks::Ascii, ..Canvas::PLAIN };
    let ascii = report(&clients(), &[]).to_text(ascii);
    assert!(ascii.is_ascii(), "{ascii}");
    insta::assert_snapshot!("without_utf_8_everything_is_ascii", ascii);
    let coloured = Canvas { style: Style::Colour, ..Canvas::PLAIN };
    let coloured = report(&clients(), &[]).to_text(coloured);
    let lines = anstream::adapter::strip_str(&coloured).to_string();
    let lines: Vec<_> = lines.lines().map(str::trim_end).collect();
    assert_eq!(lines, plain.lines().collect::<Vec<_>>());
    let coloured = coloured.replace('\x1b', "ESC");
    insta::assert_snapshot!("colours_add_nothing_but_colours", coloured);
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
fn what_makes_a_sweep_less_sure_is_said() {
    let mut result = clients();
    result.interrupted = true;
    result.conditions.optimized = false;
    subjects(&mut result).for_each(|it| it.samples.truncate(3));
    let words = [
        "ended before all rounds were over",
        "without optimisations",
        "too few rounds to tell differences: 3 rounds",
        "too few rounds to be sure",
    ];
    expect_words(&sweep_text(&result, &[]), &words, &[]);
}

/// What is missing is said before any figure.
#[test]
fn what_is_missing_comes_first_in_every_form() {
    let mut result = sweep(SweepAxis::Size, &[16, 64], |_| {
        vec![failed("selector", "it | ended")]
    });
    result.interrupted = true;
    let text = sweep_text(&result, &[]);
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[1].starts_with("Interrupted: the sweep was ended"));
    assert_eq!(lines[3], "selector failed from 16 B on: it | ended.");
    assert!(text.contains("not known of any server"), "{text}");
    let markdown = sweep_markdown(&result, &[]);
    let (first, _) = markdown.split_once("\n## ").unwrap();
    assert!(first.contains("\n**Interrupted: "), "{markdown}");
    let failed = "\n**selector failed from 16 B on: it \\| ended.**";
    assert!(first.contains(failed), "{markdown}");
    let csv = report(&result, &[]).to_csv().unwrap();
    let rows: Vec<_> = csv.lines().skip(1).collect();
    assert_eq!(rows[0], "size,,,,interrupted,,");
    assert_eq!(rows[1], "size,16,selector,,failed,,it | ended");
    assert_eq!(rows[2], "size,64,selector,,failed,,it | ended");
    let nothing = SweepResult { points: Vec::new(), ..result };
    assert!(sweep_text(&nothing, &[]).contains("not known"));
}

#[test]
fn a_median_of_a_server_that_failed_later_is_marked() {
    let mut result = clients();
    let note = "! of the rounds before it failed\n";
    assert!(!sweep_text(&result, &[]).contains(note));
    result.points[2].subjects[1].failure = Some("it ended".into());
    let text = sweep_text(&result, &[]);
    assert_eq!(text.matches(note).count(), SWEEP_FIGURES.len(), "{text}");
    assert_eq!(text.matches("!  ").count(), SWEEP_FIGURES.len(), "{text}");
    assert!(sweep_markdown(&result, &[]).contains(note));
}

#[test]
fn the_csv_has_every_value_once() {
    let csv = report(&clients(), &[]).to_csv().unwrap();
    // `serial` fails from the second point on.
    let samples = CLIENTS.len() * 4 * 6 + 6;
    let failed = CLIENTS.len() - 1;
    let rows = 1 + samples * Figure::all().count() + failed;
    assert_eq!(csv.lines().count(), rows);
    let head = "clients,300,selector,2,echoes_per_s,1/s,";
    let mut found = csv.lines().filter_map(|it| it.strip_prefix(head));
    let value: f64 = found.next().unwrap().parse().unwrap();
    let sample = &clients().points[5].subjects[3].samples[1];
    let echoes = u32::try_from(sample.load.echoes).unwrap();
    assert!((value - f64::from(echoes)).abs() < 1e-6, "{value}");
    assert_eq!(found.next(), None);
}
