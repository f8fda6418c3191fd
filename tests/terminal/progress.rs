//! Progress on a terminal: one line, rewritten in place, gone at the end.

use super::session::{Session, USUAL};

#[test]
fn the_progress_of_a_bench_is_one_line_that_goes_away() {
    let args = "bench selector --clients 2 --rounds 3 --time 100ms \
                --warm-up 10ms";
    let left = Session::with(USUAL, args, &[]).finish();
    assert_eq!(left.code, 0, "{}", left.contents);
    let raw = left.raw;
    for round in 1..=3 {
        let line = format!("\r\x1b[2Kround {round} of 3, selector · about 0:0");
        assert!(raw.contains(&line), "{raw:?}");
    }
    let counting = "\r\x1b[2Kround 1 of 3, selector, counting its calls · ";
    assert!(raw.contains(counting), "{raw:?}");
    assert!(!left.contents.contains("round 3 of 3"), "{}", left.contents);
    // The report begins where the line was.
    let (_, after) = raw.rsplit_once("\r\x1b[2K").unwrap();
    assert!(after.contains("echoes/s"), "{after:?}");
    assert!(!after.contains("round 3 of 3"), "{after:?}");
}
