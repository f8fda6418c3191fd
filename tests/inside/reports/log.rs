//! The log of fixed events.

use sockscope::probe::{
    End, Event, Kind, LISTENER, Note, Outcome, Phase, Site, SocketId, ThreadId,
};
use sockscope::view::log;
use sockscope::view::{LogBook, LogEntry, PhaseMark, Rates};
use std::time::Duration;

const THREAD: ThreadId = ThreadId(0);

fn event_log() -> Vec<Event> {
    let ms = Duration::from_millis;
    let note =
        |at, note| Event::Note { at: ms(at).into(), thread: THREAD, note };
    let site = |line| Site { file: "src/modes/selector.rs", line };
    let exit = |entered, at, kind, id, line, outcome| Event::Exit {
        entered: ms(entered).into(),
        at: ms(at).into(),
        thread: THREAD,
        kind,
        socket: SocketId(id),
        site: site(line),
        outcome,
        pending: 0,
        unframed: 0,
        echoed: 0,
    };
    let ready = |id, writable| Note::Ready {
        socket: SocketId(id),
        readable: true,
        writable,
    };
    let one = SocketId(1);
    let peer = Some(([127, 0, 0, 1], 50_312).into());
    let mut events = vec![
        note(0, Note::Opened { socket: LISTENER, peer: None }),
        exit(201, 201, Kind::Accept, 0, 21, Outcome::Accepted(one)),
        note(201, Note::Opened { socket: one, peer }),
        exit(201, 201, Kind::Watch, 1, 22, Outcome::Done),
        note(
            201,
            Note::Interest { socket: one, readable: true, writable: false },
        ),
        exit(201, 201, Kind::Read, 1, 40, Outcome::Bytes(128)),
        exit(202, 202, Kind::Write, 1, 44, Outcome::Bytes(128)),
        Event::Enter {
            at: ms(1_250).into(),
            thread: THREAD,
            kind: Kind::Wait,
            socket: LISTENER,
            site: site(18),
        },
        exit(1_250, 2_250, Kind::Wait, 0, 18, Outcome::Ready(2)),
        note(2_250, ready(0, false)),
        note(2_250, ready(3, true)),
        Event::Idle {
            since: ms(2_251).into(),
            at: ms(2_300).into(),
            thread: THREAD,
            calls: 3_612,
            passes: 1_204,
        },
        exit(2_300, 2_300, Kind::Write, 3, 44, Outcome::Bytes(2)),
        Event::Idle {
            since: ms(2_300).into(),
            at: ms(2_300).into(),
            thread: THREAD,
            calls: 1,
            passes: 1,
        },
    ];
    let short = (2_300..2_320)
        .map(|at| exit(at, at, Kind::Read, 3, 40, Outcome::Bytes(2)));
    events.extend(short);
    let closed = Note::Closed { socket: one, end: End::EndOfFile, unsent: 3 };
    events.extend([
        exit(2_321, 2_321, Kind::Read, 1, 40, Outcome::EndOfFile),
        note(2_321, closed),
        note(2_400, Note::Phase(Phase::Finishing)),
    ]);
    events
}

fn log() -> Vec<LogEntry> {
    let mut book = LogBook::default();
    let events = event_log();
    let mut entries: Vec<_> =
        events.iter().flat_map(|event| book.push(event)).collect();
    entries.extend(book.finish());
    entries
}

#[test]
fn the_log_reads_so() {
    let mut lines: Vec<_> = log().iter().map(log::line).collect();
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
    lines.push(log::counter_line(at, &rates, 0));
    lines.push(log::counter_line(at, &Rates::default(), 1_204));
    let asked = Duration::from_millis(3_100);
    for (phase, after, left) in [
        (Phase::Running, 0, 0),
        (Phase::Refusing, 0, 1_000),
        (Phase::Finishing, 1, 1_000),
        (Phase::Finishing, 1, 0),
        (Phase::Cancelling, 2_001, 3),
        (Phase::Cancelling, 2_001, 0),
        (Phase::Ended, 2_002, 0),
    ] {
        let at = (asked + Duration::from_millis(after)).into();
        let mark = PhaseMark { phase, at, left };
        let deadline = Some(asked + Duration::from_secs(2));
        lines.push(log::phase_line(&mark, deadline));
    }
    let text = lines.join("\n");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}
