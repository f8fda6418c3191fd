//! Ranges as people write them.

use sockscope::measure::SweepAxis::{Clients, Idle, Size};
use sockscope::measure::{MOST_POINTS, Range, SweepAxis};

fn points(axis: SweepAxis, text: &str, wanted: Option<usize>) -> Vec<u32> {
    Range::parse(axis, text).unwrap().points(axis, wanted)
}

#[test]
fn ranges_and_lists_have_points_at_round_numbers() {
    let cases: [(SweepAxis, &str, Option<usize>, &[u32]); 17] = [
        (
            Clients,
            "1..10000",
            None,
            &[1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000],
        ),
        (Clients, "1..1000", None, &[1, 3, 10, 30, 100, 300, 1_000]),
        (Clients, "10..100", None, &[10, 20, 50, 100]),
        (Clients, "7..2000", None, &[7, 10, 30, 100, 300, 1_000, 2_000]),
        (Clients, "1 .. 3", None, &[1, 2, 3]),
        // A range from 0 has its first step at ten.
        (Idle, "0..10000", None, &[0, 10, 30, 100, 300, 1_000, 3_000, 10_000]),
        (Idle, "0..10000", Some(5), &[0, 10, 100, 1_000, 10_000]),
        // Sizes go by powers of two.
        (Size, "16..64KiB", None, &[16, 64, 256, 1_024, 4_096, 16_384, 65_536]),
        (Size, "128..1KiB", None, &[128, 256, 512, 1_024]),
        (Size, "16..64KiB", Some(3), &[16, 1_024, 65_536]),
        (Size, "100, 4 KiB", None, &[100, 4_096]),
        (Clients, "100,1,10,10", None, &[1, 10, 100]),
        (Clients, "7,7", None, &[7]),
        (Clients, "1..10000", Some(2), &[1, 10_000]),
        (Clients, "1..10000", Some(5), &[1, 10, 100, 1_000, 10_000]),
        (Clients, "1..10000", Some(4), &[1, 22, 460, 10_000]),
        // There are no more different ones.
        (Clients, "1..3", Some(50), &[1, 2, 3]),
    ];
    for (axis, text, wanted, all) in cases {
        assert_eq!(points(axis, text, wanted), all, "{text} {wanted:?}");
    }
}

#[test]
fn points_rise_and_end_where_the_range_does() {
    for (from, to) in [(1, 2), (1, 7), (9, 11), (99, 20_000), (3, 200)] {
        let range = format!("{from}..{to}");
        for wanted in [None, Some(2), Some(3), Some(5), Some(17), Some(50)] {
            let points = points(Clients, &range, wanted);
            assert!(points.is_sorted_by(|a, b| a < b), "{points:?}");
            assert_eq!([points[0], points[points.len() - 1]], [from, to]);
            assert!(points.len() <= wanted.unwrap_or(MOST_POINTS));
        }
    }
}

#[test]
fn what_is_no_range_is_refused_with_a_reason() {
    let limits = "expected a number of clients from 1 to 20,000";
    let many = (1..=51).map(|it: u32| it.to_string()).collect::<Vec<_>>();
    let cases = [
        (
            Clients,
            "many",
            "expected a number of clients, such as `100`, `1,10,100` or \
             `1..10000`",
        ),
        (Clients, "", "expected a number of clients"),
        (Clients, "1..", "expected a number"),
        (Clients, "100..10", "the smaller end of a range comes first: 10..100"),
        (Clients, "0", limits),
        (Clients, "0..10", limits),
        (Clients, "20001", limits),
        (Clients, "1..99999999999", limits),
        (Size, "16..1GiB", "expected a size from 1 B to 16 MiB"),
        (Clients, &many.join(","), "51 points are too many"),
    ];
    for (axis, text, words) in cases {
        let error = Range::parse(axis, text).unwrap_err();
        assert!(error.contains(words), "{text}: {error}");
    }
}
