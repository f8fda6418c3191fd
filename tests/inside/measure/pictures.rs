//! Pictures and charts: well-formed, the same for the same result, no more in
//! them than shapes and text, and what they show of what is missing.

use super::fixed::{
    USUAL, clients, each, failed, idle, subject, sweep, whole_bench,
};
use super::{expect_words, flat, markdown, report, text};
use crate::support::svg::check;
use sockscope::measure::{Figure, SweepAxis, SweepResult};
use sockscope::report::SWEEP_FIGURES;

fn picture(result: &SweepResult, figures: &[Figure]) -> String {
    report(result, figures).to_svg()
}

fn interrupted(result: SweepResult) -> SweepResult {
    SweepResult { interrupted: true, ..result }
}

#[test]
fn pictures_are_well_formed() {
    let mut hostile =
        each(idle(), |it| it.name = format!("<{}>&\"\x1b[0m", it.name));
    hostile.conditions.machine.kernel = Some("<b>&\u{7}".into());
    let failures =
        sweep(SweepAxis::Size, &[16], |_| vec![failed("x", "ended")]);
    let nothing = sweep(SweepAxis::Size, &[], |_| Vec::new());
    let mut empty = whole_bench();
    empty.points[0].subjects.clear();
    let cut_short = interrupted(whole_bench());
    let others = [nothing, whole_bench(), empty, cut_short];
    for result in [clients(), idle(), hostile, failures].iter().chain(&others) {
        let svg = picture(result, &[]);
        check(&svg);
        let words = text(result, &[]) + &markdown(&report(result, &[]));
        assert!(!words.contains('\x1b'), "{words}");
        assert_eq!(picture(result, &[]), svg);
    }
    let sweep = picture(&clients(), &[]);
    insta::assert_snapshot!("the_sweep_of_clients_is_drawn_so", sweep);
    let bench = picture(&whole_bench(), &[]);
    insta::assert_snapshot!("a_bench_is_drawn_so", bench);
}

/// Two servers at four points; one fails at the third.
fn with_a_gap() -> SweepResult {
    sweep(SweepAxis::Clients, &[1, 10, 100, 1_000], |value| {
        let second = match value {
            100 => failed("selector", "it ended"),
            _ => subject("selector", 6, USUAL),
        };
        vec![subject("blocking", 6, USUAL), second]
    })
}

/// The first three of them; it fails at the second point too, in a later
/// round.
fn with_failures() -> SweepResult {
    let mut result = with_a_gap();
    result.points.truncate(3);
    let selector = &mut result.points[1].subjects[1];
    selector.samples.truncate(2);
    selector.failure = Some("it stalled".into());
    result
}

/// One server, and a round of it far off the others.
fn far_off() -> SweepResult {
    let mut result = idle();
    for point in &mut result.points {
        point.subjects.remove(0);
        point.subjects[0].samples.truncate(3);
        point.subjects[0].samples[1].load.echoes *= 1_000;
    }
    result
}

/// A result, figures, what stands in the picture, and what does not.
type PictureCase<'a> =
    (SweepResult, &'a [Figure], &'a [&'a str], &'a [&'a str]);

/// The same for a chart of text, of one figure.
type ChartCase<'a> = (SweepResult, Figure, &'a [&'a str], &'a [&'a str]);

#[test]
fn a_picture_shows_what_there_is_and_says_what_is_missing() {
    let few = each(clients(), |it| it.samples.truncate(3));
    let two = interrupted(each(idle(), |it| it.samples.truncate(2)));
    let chosen = [Figure::P50, Figure::Switches];
    let echoes = [Figure::Echoes];
    let cases: [PictureCase; 7] = [
        (few, &[], &[], &["class=\"cross\""]),
        (
            interrupted(whole_bench()),
            &[],
            &["class=\"alert\"", ">Interrupted after 10 of 10 rounds.</text>"],
            &[],
        ),
        (
            interrupted(with_a_gap()),
            &[],
            &[
                ">selector failed at 100 clients: it ended.</text>",
                ">Interrupted: the sweep was ended",
            ],
            &[],
        ),
        (
            clients(),
            &chosen,
            &[">P50 echo time<", ">Context switches an echo<"],
            &["uses less CPU", ">Peak memory<"],
        ),
        // In a closed loop nothing is due.
        (
            clients(),
            &[Figure::Sent],
            &["Not known of any server: messages sent, of those due."],
            &[],
        ),
        // A picture has room for intervals, which a text chart has not.
        (far_off(), &echoes, &[">100M</text>"], &[]),
        (two, &[], &["2 of 6 rounds of 1.00 s"], &[]),
    ];
    for (result, figures, has, has_not) in cases {
        expect_words(&picture(&result, figures), has, has_not);
    }
}

#[test]
fn what_is_missing_is_marked_in_the_picture() {
    let svg = picture(&with_failures(), &[Figure::Echoes]);
    let hollow = svg.lines().filter(|it| it.contains("\"hollow\""));
    let hollow: Vec<_> = hollow.collect();
    assert_eq!(hollow.len(), 1);
    assert!(hollow[0].contains("selector, to 10: 2 rounds only"), "{svg}");
    assert_eq!(svg.matches("\"failed s1\"").count(), 2, "one cross");
    let whole = picture(&idle(), &[]);
    assert!(!whole.contains("\"hollow\"") && !whole.contains("\"failed "));
}

#[test]
fn no_line_is_drawn_across_a_point_where_a_server_failed() {
    let svg = picture(&with_a_gap(), &[]);
    let lines = |look: &str| {
        let class = format!("<path class=\"line {look}\" d=\"");
        let paths = svg.lines().filter_map(|it| it.strip_prefix(&class));
        paths.map(|it| it.matches('L').count()).collect::<Vec<_>>()
    };
    let (whole, broken) = (lines("s0"), lines("s1"));
    assert!(!whole.is_empty() && whole.iter().all(|it| *it == 3), "{whole:?}");
    // From 1 to 10; at 1,000 there is a mark alone.
    assert_eq!(broken.len(), whole.len());
    assert!(broken.iter().all(|it| *it == 1), "{broken:?}");
}

#[test]
fn the_text_says_what_its_marks_mean_and_how_many_rounds_there_were() {
    let sizes = sweep(SweepAxis::Size, &[1, 1_024, 1 << 20], |_| {
        vec![subject("selector", 6, USUAL)]
    });
    let two = interrupted(each(idle(), |it| it.samples.truncate(2)));
    let mut unequal = two.clone();
    unequal.points[4].subjects[1].samples.truncate(1);
    let marks = "such a value is not compared with one of other rounds ! of \
                 the rounds before it failed";
    let page = markdown(&report(&with_failures(), &[]));
    let note = "! of the rounds before it failed\n";
    assert_eq!(page.matches(note).count(), SWEEP_FIGURES.len(), "{page}");
    let cases: [ChartCase; 6] = [
        (with_failures(), Figure::Echoes, &["! (2)", marks], &[]),
        (idle(), Figure::Echoes, &["• 6 rounds of 1.00 s"], &[]),
        (two, Figure::Echoes, &["2 of 6 rounds of 1.00 s"], &[]),
        (unequal, Figure::Echoes, &["1 to 2 of 6 rounds of 1.00 s"], &[]),
        // A text chart has no bands: one round far off leaves its scale.
        (far_off(), Figure::Echoes, &["100k ┤"], &["M ┤"]),
        // Payload from 50 kB to 52 GB a second.
        (
            sizes,
            Figure::Bytes,
            &["4 GiB/s ┤", "16 MiB/s ┤", "64 KiB/s ┤"],
            &["0."],
        ),
    ];
    for (result, figure, has, has_not) in cases {
        let text = flat(&text(&result, &[figure]));
        expect_words(&text, has, &[]);
        expect_words(text.split_once("Medians").unwrap().0, &[], has_not);
    }
}
