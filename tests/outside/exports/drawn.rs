//! Recordings to be drawn: of real runs, long ones, and such as somebody
//! made up to do harm.

use super::language::recorded;
use crate::support::process::Folder;
use serde_json::Value;
use sockscope::probe::{
    End, Event, Kind, Note, Outcome, Phase, Site, SocketId, Tally, ThreadId,
};
use sockscope::recording::{Closing, Header, Recording, Writer};
use sockscope::view::{CountersUpdate, Observation, ScenarioText};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How many bytes the head of a block has.
pub(crate) const HEAD: u64 = 52;

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

/// The data of a page.
pub(crate) fn data(page: &str) -> Value {
    let start = "<script type=\"application/json\" id=\"data\">";
    let (_, rest) = page.split_once(start).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

/// What harms a page that takes it for more than text.
pub(crate) const HOSTILE: &str = "</script><script>alert(1)</script>\
     <img src=x onerror=alert(1)>\"'&\u{2028}]]>{{}}/*page.js*/";

/// A header with something harmful wherever text may be.
pub(crate) fn hostile_header() -> Header {
    let (_folder, file) = recorded("selector", "two-clients", &[]);
    let mut header =
        Recording::open(Path::new(&file)).unwrap().header().clone();
    header.facts.scenario = Some(ScenarioText {
        name: HOSTILE.into(),
        title: HOSTILE.into(),
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

/// A recording in memory that ends well.
pub(crate) fn written(
    header: &Header,
    events: impl Iterator<Item = Event>,
) -> Vec<u8> {
    written_of(header, events.map(Observation::Event), HOSTILE)
}

/// The same of anything that is observed, of a run that failed so.
pub(crate) fn written_of(
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
    let closing = Closing {
        at_ns: 0,
        events: 0,
        lost: 0,
        payloads_lost: 0,
        report: None,
        failure: Some(failure.into()),
    };
    writer.close(closing).unwrap().0
}

/// A recording with harmful text, in a file.
pub(crate) fn hostile() -> (Folder, String) {
    let folder = Folder::new("hostile");
    // A name of a file has no slash.
    let name = "<<img src=x onerror=alert(1)>.rec";
    let file = folder.write(name, written(&hostile_header(), busy(200, 3)));
    (folder, file)
}

/// A long recording with harmful text, in a file.
pub(crate) fn long(events: u32, sockets: u32) -> (Folder, String) {
    let folder = Folder::new("long");
    let bytes = written(&hostile_header(), busy(events, sockets));
    let file = folder.write("long.rec", bytes);
    (folder, file)
}

/// A thread that serves so many sockets in turn, so many events in all.
pub(crate) fn busy(events: u32, sockets: u32) -> impl Iterator<Item = Event> {
    let note = |at, note| {
        let at = Duration::from_micros(u64::from(at));
        Event::Note { at: at.into(), thread: ThreadId(1), note }
    };
    let begin = note(0, Note::Phase(Phase::Running));
    let opened = (1..=sockets).map(move |number| {
        note(1, Note::Opened { socket: SocketId(number), peer: None })
    });
    let served = (0..events / 4).flat_map(move |turn| {
        let at = 2 + turn * 20;
        let socket = SocketId(1 + turn % sockets);
        served(at, socket)
    });
    let closed = (1..=sockets).map(move |number| {
        let (socket, end) = (SocketId(number), End::Reset);
        note(events * 5 + 9, Note::Closed { socket, end, unsent: 3 })
    });
    std::iter::once(begin).chain(opened).chain(served).chain(closed)
}

/// A wait, what it says, a read and a write.
fn served(at: u32, socket: SocketId) -> [Event; 4] {
    let time = |later: u32| u64::from(at + later) * 1_000;
    let call = |[entered, at]: [u32; 2], kind, socket, line| {
        let site = Site { file: "src/modes/selector.rs", line };
        returned([time(entered), time(at)], kind, socket, site)
    };
    let ready = Note::Ready { socket, readable: true, writable: false };
    [
        call([0, 9], Kind::Wait, SocketId(0), 17),
        Event::Note {
            at: Duration::from_nanos(time(10)).into(),
            thread: ThreadId(1),
            note: ready,
        },
        call([12, 12], Kind::Read, socket, 41),
        call([15, 15], Kind::Write, socket, 46),
    ]
}

/// A call that did something, entered and over at these nanoseconds.
pub(crate) fn returned(
    times: [u64; 2],
    kind: Kind,
    socket: SocketId,
    site: Site,
) -> Event {
    let [entered, at] = times.map(|it| Duration::from_nanos(it).into());
    let outcome = match kind {
        Kind::Wait => Outcome::Ready(1),
        _ => Outcome::Bytes(5),
    };
    Event::Exit {
        entered,
        at,
        thread: ThreadId(1),
        kind,
        socket,
        site,
        outcome,
        pending: 0,
        unframed: 0,
        echoed: u32::from(kind == Kind::Write),
    }
}
