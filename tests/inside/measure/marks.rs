//! What a chart shows of what is missing, and what it has room for.

use super::fixed::{USUAL, clients, failed, idle, subject, sweep};
use super::{picture, report, sweep_text};
use sockscope::measure::Figure;
use sockscope::measure::{SweepAxis, SweepResult};
use sockscope::report::SWEEP_FIGURES;

fn titles(svg: &str) -> Vec<&str> {
    let heads = svg.lines().filter(|it| it.starts_with("<text class=\"head\""));
    let inner = heads.map(|it| it.trim_end_matches("</text>"));
    inner.map(|it| it.rsplit_once('>').unwrap().1).collect()
}

#[test]
fn the_picture_has_the_figures_that_were_asked_for() {
    let svg = picture(&clients(), &[Figure::P50, Figure::Switches]);
    assert_eq!(titles(&svg), ["P50 echo time", "Context switches an echo"]);
    assert!(!svg.contains("uses less CPU"), "{svg}");
    let usual = picture(&clients(), &[]);
    let wanted = [
        "Server CPU time an echo",
        "Echoes a second",
        "P99 echo time",
        "Peak memory",
    ];
    assert_eq!(titles(&usual), wanted);
    // In a closed loop nothing is due.
    let none = picture(&clients(), &[Figure::Sent]);
    let words = "Not known of any server: messages sent, of those due.";
    assert!(none.contains(words), "{none}");
}

/// Two servers, one of which fails in a later round at the second point, in
/// the first one at the third.
fn with_failures() -> SweepResult {
    sweep(SweepAxis::Clients, &[1, 10, 100], |value| {
        let mut selector = match value {
            100 => failed("selector", "it ended"),
            _ => subject("selector", 6, USUAL),
        };
        if value == 10 {
            selector.samples.truncate(2);
            selector.failure = Some("it stalled".into());
        }
        vec![subject("blocking", 6, USUAL), selector]
    })
}

#[test]
fn what_is_missing_is_marked_in_the_picture() {
    let svg = picture(&with_failures(), &[Figure::Echoes]);
    let hollow = svg.lines().filter(|it| it.contains("\"hollow\""));
    let hollow: Vec<_> = hollow.collect();
    assert_eq!(hollow.len(), 1);
    assert!(hollow[0].contains("selector, to 10: 2 rounds only"), "{svg}");
    assert_eq!(svg.matches("\"failed s1\"").count(), 2, "one cross");
    assert!(svg.contains("Hollow marks: fewer rounds than elsewhere."));
    assert!(svg.contains("Crosses at the axis: the server failed there."));
    let whole = picture(&idle(), &[]);
    assert!(!whole.contains("Hollow") && !whole.contains("Crosses"));
}

#[test]
fn the_marks_of_a_table_are_explained() {
    let text = sweep_text(&with_failures(), &[Figure::Echoes]);
    assert!(text.contains("! (2)"), "{text}");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = "(2) of 2 rounds only, not of 6; such a value is not \
                 compared with one of other rounds ! of the rounds before it \
                 failed";
    assert!(flat.contains(words), "{text}");
    let whole = sweep_text(&idle(), &SWEEP_FIGURES);
    assert!(!whole.contains("rounds only"), "{whole}");
}

#[test]
fn who_failed_where_is_told_in_words() {
    let words = "selector failed from 10 clients on: it stalled";
    assert_eq!(report(&with_failures(), &[]).failures(), [words]);
    assert_eq!(report(&idle(), &[]).failures(), [""; 0]);
}

/// A text chart has no bands: one round far off leaves its scale as it is,
/// that of a picture makes room.
#[test]
fn a_scale_has_room_for_what_is_drawn() {
    let mut result = idle();
    for point in &mut result.points {
        point.subjects.remove(0);
        point.subjects[0].samples.truncate(3);
        point.subjects[0].samples[1].load.echoes *= 1_000;
    }
    let text = sweep_text(&result, &[Figure::Echoes]);
    let (chart, _) = text.split_once("\nMedians").unwrap();
    assert!(chart.contains("100k ┤") && !chart.contains("M ┤"), "{chart}");
    let svg = picture(&result, &[Figure::Echoes]);
    assert!(svg.contains(">100M</text>"), "{svg}");
}

#[test]
fn an_interrupted_sweep_says_how_many_rounds_it_had() {
    let mut result = idle();
    assert!(sweep_text(&result, &[]).contains("  • 6 rounds of 1.00 s"));
    result.interrupted = true;
    let all = result.points.iter_mut().flat_map(|it| &mut it.subjects);
    all.for_each(|it| it.samples.truncate(2));
    let words = "2 of 6 rounds of 1.00 s";
    assert!(sweep_text(&result, &[]).contains(words));
    assert!(picture(&result, &[]).contains(words));
    result.points[4].subjects[1].samples.truncate(1);
    assert!(sweep_text(&result, &[]).contains("1 to 2 of 6 rounds of 1.00 s"));
}

/// Payload from 50 kB to 52 GB a second.
#[test]
fn sizes_at_an_axis_are_in_the_unit_that_suits_them() {
    let result = sweep(SweepAxis::Size, &[1, 1_024, 1 << 20], |_| {
        vec![subject("selector", 6, USUAL)]
    });
    let text = sweep_text(&result, &[Figure::Bytes]);
    let (chart, _) = text.split_once("\nMedians").unwrap();
    assert!(chart.contains("4 GiB/s ┤"), "{chart}");
    assert!(
        chart.contains("16 MiB/s ┤") && chart.contains("64 KiB/s ┤"),
        "{chart}"
    );
    assert!(!chart.contains(" 0."), "{chart}");
}
