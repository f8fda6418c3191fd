//! Ranges as people write them.

use sockscope::measure::{MOST_POINTS, Range, SweepAxis};

fn points(axis: SweepAxis, text: &str, wanted: Option<usize>) -> Vec<u32> {
    Range::parse(axis, text).unwrap().points(axis, wanted)
}

fn clients(text: &str) -> Vec<u32> {
    points(SweepAxis::Clients, text, None)
}

fn refused(axis: SweepAxis, text: &str) -> String {
    Range::parse(axis, text).unwrap_err()
}

#[test]
fn a_range_has_points_at_round_numbers() {
    let all = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000];
    assert_eq!(clients("1..10000"), all);
    assert_eq!(clients("1..1000"), all[..7]);
    assert_eq!(clients("10..100"), [10, 20, 50, 100]);
    assert_eq!(clients("7..2000"), [7, 10, 30, 100, 300, 1_000, 2_000]);
    assert_eq!(clients("1 .. 3"), [1, 2, 3]);
}

#[test]
fn a_range_from_nobody_has_its_first_step_at_ten() {
    let idle = points(SweepAxis::Idle, "0..10000", None);
    assert_eq!(idle, [0, 10, 30, 100, 300, 1_000, 3_000, 10_000]);
    let few = points(SweepAxis::Idle, "0..10000", Some(5));
    assert_eq!(few, [0, 10, 100, 1_000, 10_000]);
}

#[test]
fn sizes_go_by_powers_of_two() {
    let size = |text| points(SweepAxis::Size, text, None);
    let by_four = [16, 64, 256, 1_024, 4_096, 16_384, 65_536];
    assert_eq!(size("16..64KiB"), by_four);
    assert_eq!(size("128..1KiB"), [128, 256, 512, 1_024]);
    assert_eq!(size("100, 4 KiB"), [100, 4_096]);
}

#[test]
fn a_list_has_the_points_that_it_names() {
    assert_eq!(clients("100,1,10,10"), [1, 10, 100]);
    assert_eq!(Range::parse(SweepAxis::Clients, "7,7"), Ok(Range::One(7)));
    assert!(!Range::One(7).is_swept());
}

#[test]
fn the_number_of_points_can_be_chosen() {
    let chosen = |n| points(SweepAxis::Clients, "1..10000", Some(n));
    assert_eq!(chosen(2), [1, 10_000]);
    assert_eq!(chosen(5), [1, 10, 100, 1_000, 10_000]);
    assert_eq!(chosen(4), [1, 22, 460, 10_000]);
    assert_eq!(
        points(SweepAxis::Size, "16..64KiB", Some(3)),
        [16, 1_024, 65_536]
    );
    // There are not so many different ones.
    assert_eq!(points(SweepAxis::Clients, "1..3", Some(50)), [1, 2, 3]);
}

#[test]
fn points_rise_and_end_where_the_range_does() {
    let ranges = ["1..2", "1..7", "9..11", "99..20000", "3..200"];
    for range in ranges {
        let wanted = [2, 3, 5, 17, MOST_POINTS].map(Some);
        for wanted in wanted.into_iter().chain([None]) {
            let points = points(SweepAxis::Clients, range, wanted);
            assert!(points.is_sorted_by(|a, b| a < b), "{points:?}");
            let (from, to) = range.split_once("..").unwrap();
            let ends = [from, to].map(|it| it.parse::<u32>().unwrap());
            assert_eq!([points[0], points[points.len() - 1]], ends);
            assert!(points.len() <= wanted.unwrap_or(MOST_POINTS));
        }
    }
}

#[test]
fn what_is_no_range_is_told_why() {
    let said = refused(SweepAxis::Clients, "many");
    let wanted = "`many` is not a number of clients; write `100`, `1,10,100` \
                  or `1..10000`";
    assert_eq!(said, wanted);
    assert!(
        refused(SweepAxis::Clients, "").contains("not a number of clients")
    );
    assert!(refused(SweepAxis::Clients, "1..").contains("`` is not a number"));
    let falls = refused(SweepAxis::Clients, "100..10");
    assert!(falls.contains("`100..10` does not rise"), "{falls}");
    let limits = "wanted a number of clients from 1 to 20,000";
    for beyond in ["0", "0..10", "20001", "1..99999999999"] {
        assert_eq!(refused(SweepAxis::Clients, beyond), limits);
    }
    let size = refused(SweepAxis::Size, "16..1GiB");
    assert_eq!(size, "wanted a size from 1 B to 16 MiB");
    let many: Vec<_> = (1..=51).map(|it: u32| it.to_string()).collect();
    let many = refused(SweepAxis::Clients, &many.join(","));
    assert!(many.contains("51 points are too many"), "{many}");
}
