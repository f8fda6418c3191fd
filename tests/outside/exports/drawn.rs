//! Recordings that were made up: long ones, and such as do harm.

use super::language::Recorded;
use serde_json::json;
use sockscope::probe::{
    End, Event, Exit, Kind, Note, Outcome, Phase, Site, SocketId, Tally,
    ThreadId,
};
use sockscope::recording::{Header, Recording, Writer};
use sockscope::units::Nanos;
use sockscope::view::{CountersUpdate, Observation, ScenarioText};
use std::fs;
use std::time::Duration;

/// How many bytes the head of a block has.
const HEAD: u64 = 52;

/// Takes the closing from a recording; gives it as it was, and where it
/// ends now.
pub(crate) fn cut_short(file: &str) -> (Recording, u64) {
    let bytes = fs::read(file).unwrap();
    let whole = Recording::of_bytes(bytes.clone()).unwrap();
    let last = whole.blocks().last().unwrap();
    let cut = last.offset + HEAD + u64::from(last.stored);
    fs::write(file, &bytes[..usize::try_from(cut).unwrap()]).unwrap();
    (whole, cut)
}

/// What harms a page that takes it for more than text.
pub(crate) const HOSTILE: &str = "</script><script>alert(1)</script>\
     <img src=x onerror=alert(1)>\"'&\u{2028}]]>{{}}/*page.js*/";

/// A header with something harmful wherever text may be.
pub(crate) fn hostile_header() -> Header {
    let run = Recorded::new("selector", "half-close", &[]);
    let mut header = run.open().header().clone();
    header.facts.scenario = Some(ScenarioText {
        name: HOSTILE.into(),
        title: HOSTILE.into(),
        watch: vec![HOSTILE.into()],
        text: Some(HOSTILE.into()),
    });
    for text in [
        &mut header.sockscope,
        &mut header.started_at,
        &mut header.facts.mode,
        &mut header.facts.mechanism,
        &mut header.facts.source.path,
        &mut header.facts.source.text,
        &mut header.introduction,
    ] {
        HOSTILE.clone_into(text);
    }
    header.options = vec![HOSTILE.into(); 9];
    header.conditions["os"] = HOSTILE.into();
    header
}

/// A recording in memory that ends well, of a run that failed so.
pub(crate) fn written(
    header: &Header,
    observed: impl Iterator<Item = Observation>,
    failure: &str,
) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), header).unwrap();
    let tally = Tally::default().snapshot();
    let nothing = CountersUpdate::whole(Duration::ZERO, tally, 0);
    for it in observed {
        if writer.wants_key() {
            writer.begin_anew(&nothing);
        }
        writer.add(it);
        if writer.is_full() {
            writer.flush(0).unwrap();
        }
    }
    let closing = serde_json::from_value(json!({
        "at_ns": 0, "events": 0, "events_lost": 0, "payloads_lost": 0,
        "report": null, "failure": failure,
    }));
    writer.close(&mut closing.unwrap()).unwrap().0
}

/// A recording of this many events with harmful text.
pub(crate) fn long(events: u32, sockets: u32) -> Recorded {
    let bytes = written(&hostile_header(), busy(events, sockets), HOSTILE);
    // A name of a file has no slash.
    Recorded::of_bytes("<<img src=x onerror=alert(1)>.rec", &bytes)
}

/// A thread that serves this many sockets in turn.
pub(crate) fn busy(
    events: u32,
    sockets: u32,
) -> impl Iterator<Item = Observation> {
    let note = |at: u32, note| {
        let at = Nanos(u64::from(at) * 1_000);
        Event::Note { at, thread: ThreadId(1), note }
    };
    let begin = note(0, Note::Phase(Phase::Running));
    let opened = (1..=sockets).map(move |number| {
        note(1, Note::Opened { socket: SocketId(number), peer: None })
    });
    // A wait, what it reports, a read and a write.
    let served = (0..events / 4).flat_map(move |turn| {
        let (at, socket) = (2 + turn * 20, SocketId(1 + turn % sockets));
        let call = |[entered, returned]: [u32; 2], kind, socket, line| {
            let site = Site { file: "src/modes/selector.rs", line };
            let time = |later: u32| u64::from(at + later) * 1_000;
            exit([time(entered), time(returned)], kind, socket, site)
        };
        let ready = Note::Ready { socket, readable: true, writable: false };
        [
            call([0, 9], Kind::Wait, SocketId(0), 17),
            note(at + 10, ready),
            call([12, 12], Kind::Read, socket, 41),
            call([15, 15], Kind::Write, socket, 46),
        ]
    });
    let closed = (1..=sockets).map(move |number| {
        let (socket, end) = (SocketId(number), End::Reset);
        note(events * 5 + 9, Note::Closed { socket, end, unsent: 3 })
    });
    let all = std::iter::once(begin).chain(opened).chain(served).chain(closed);
    all.map(Observation::Event)
}

/// A call that did something, entered and over at these nanoseconds.
pub(crate) fn exit(
    times: [u64; 2],
    kind: Kind,
    socket: SocketId,
    site: Site,
) -> Event {
    let outcome = match kind {
        Kind::Wait => Outcome::Ready(1),
        _ => Outcome::Bytes(5),
    };
    let echoed = u32::from(kind == Kind::Write);
    let exit = Exit { echoed, ..Exit::new(outcome) };
    Event::exit(times.map(Nanos), ThreadId(1), (kind, socket, site), exit)
}
