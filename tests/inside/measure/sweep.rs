//! Every format of fixed sweeps.

use super::fixed::{clients, fixed, idle, subjects};
use super::{expect_words, markdown, report, text};
use sockscope::report::{Canvas, Marks, Style};

#[test]
fn every_form_of_a_sweep_can_be_read() {
    let plain = text(&clients(), &[]);
    insta::assert_snapshot!("a_sweep_of_clients_reads_so", plain);
    let idle = text(&idle(), &[]);
    insta::assert_snapshot!("a_sweep_of_idle_clients_reads_so", idle);
    let page = markdown(&report(&clients(), &[]));
    insta::assert_snapshot!("a_sweep_in_markdown_reads_so", page);
    let mut two = clients();
    two.points.truncate(2);
    subjects(&mut two).for_each(|it| it.samples.truncate(1));
    let csv = report(&two, &[]).to_csv().unwrap();
    insta::assert_snapshot!("the_csv_of_a_sweep_reads_so", csv);
    let ascii = Canvas { marks: Marks::Ascii, ..Canvas::PLAIN };
    let ascii = report(&clients(), &[]).to_text(ascii);
    assert!(ascii.is_ascii(), "{ascii}");
    insta::assert_snapshot!("without_utf_8_everything_is_ascii", ascii);
    let canvas = Canvas { style: Style::Colour, ..Canvas::PLAIN };
    for result in [fixed(), clients()] {
        let coloured = report(&result, &[]).to_text(canvas);
        let lines = anstream::adapter::strip_str(&coloured).to_string();
        let lines: Vec<_> = lines.lines().map(str::trim_end).collect();
        assert_eq!(lines.join("\n"), text(&result, &[]).trim_end());
        assert!(coloured.contains('\x1b'), "{coloured}");
    }
    let coloured = report(&clients(), &[]).to_text(canvas);
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
    expect_words(&text(&result, &[]), &words, &[]);
}
