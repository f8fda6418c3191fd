//! Every format of fixed sweeps.

use super::fixed::{clients, idle};
use sockscope::report::{
    Marks, SWEEP_FIGURES, Style, SweepView, sweep_markdown, sweep_text,
};

const PLAIN: SweepView = SweepView {
    style: Style::Plain,
    marks: Marks::Unicode,
    width: 80,
    figures: &SWEEP_FIGURES,
};

#[test]
fn a_sweep_of_clients_reads_so() {
    insta::assert_snapshot!(sweep_text(&clients(), &PLAIN));
}

#[test]
fn a_sweep_of_idle_clients_reads_so() {
    insta::assert_snapshot!(sweep_text(&idle(), &PLAIN));
}

#[test]
fn without_utf_8_everything_is_ascii() {
    let ascii = SweepView { marks: Marks::Ascii, ..PLAIN };
    let text = sweep_text(&clients(), &ascii);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn a_sweep_in_markdown_reads_so() {
    insta::assert_snapshot!(sweep_markdown(&clients(), &SWEEP_FIGURES));
}

#[test]
fn write_pictures() {
    std::fs::write("/tmp/x/s1.svg", sockscope::report::sweep_svg(&clients()))
        .unwrap();
    std::fs::write("/tmp/x/s2.svg", sockscope::report::sweep_svg(&idle()))
        .unwrap();
    std::fs::write(
        "/tmp/x/b.svg",
        sockscope::report::bench_svg(&super::fixed::bench()),
    )
    .unwrap();
}
