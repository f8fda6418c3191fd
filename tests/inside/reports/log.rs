//! The log of fixed events.

use sockscope::probe::{Event, Phase, PhaseMark};
use sockscope::view::{LogBook, LogLine, Rates};
use std::time::Duration;

/// In milliseconds: a server that is asked to stop at 3,100.
const PHASES: [(Phase, u64, u64); 7] = [
    (Phase::Running, 3_100, 0),
    (Phase::Refusing, 3_100, 1_000),
    (Phase::Finishing, 3_101, 1_000),
    (Phase::Finishing, 3_101, 0),
    (Phase::Cancelling, 5_101, 3),
    (Phase::Cancelling, 5_101, 0),
    (Phase::Ended, 5_102, 0),
];

#[test]
fn the_log_reads_so() {
    let mut events: Vec<Event> =
        serde_json::from_str(include_str!("events.json")).unwrap();
    for site in events.iter_mut().filter_map(Event::site_mut) {
        site.file = "src/modes/selector.rs";
    }
    let entries = LogBook::entries(&events).into_iter();
    let mut lines: Vec<_> = entries.map(LogLine::Entry).collect();
    let rates = Rates {
        iterations: 412_000,
        calls: 1_240_000,
        would_blocks: 1_239_990,
        bytes_in: 12_288,
        bytes_out: 1_310_720,
        open: 2,
        threads: 1,
    };
    let at = Duration::from_secs(3);
    lines.push(LogLine::Rates { at, rates, lost: 0 });
    let rates = Rates::default();
    lines.push(LogLine::Rates { at, rates, lost: 1_204 });
    let deadline = Some(Duration::from_millis(5_100));
    lines.extend(PHASES.map(|(phase, at, left)| {
        let at = Duration::from_millis(at).into();
        LogLine::Phase { mark: PhaseMark { phase, at, left }, deadline }
    }));
    let lines: Vec<_> = lines.iter().map(LogLine::to_string).collect();
    let text = lines.join("\n");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}
