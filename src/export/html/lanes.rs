//! The lanes of a timeline as JSON: columns of numbers, as short as they
//! can be.

use crate::export::timeline::{Owner, Timeline, TimelineLane, TimelineMark};
use serde::Serialize;
use serde::ser::Serializer;
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

pub(super) type Names = HashMap<SocketAddr, String>;

#[derive(Serialize)]
pub(super) struct Lanes {
    /// Marks that begin in the same step of a lane are one; 0 if none are.
    step_ns: u64,
    events: u64,
    marks: usize,
    threads_without: usize,
    sockets_without: usize,
    words: Vec<String>,
    sites: Vec<SiteOf>,
    all: Vec<LaneOf>,
}

#[derive(Serialize)]
struct SiteOf {
    file: String,
    line: u32,
    asleep_ns: u64,
}

#[derive(Serialize)]
struct LaneOf {
    kind: &'static str,
    number: u32,
    peer: String,
    /// What the client is called.
    name: Option<String>,
    marks: BTreeMap<&'static str, Columns>,
}

/// A row a mark, by columns. `start` is the step from the start of the mark
/// before, `length` that to the mark's own end, `taken` and `longest` are 0
/// if they are equal to that, else one more than they are. For the others
/// see [`TimelineMark`].
#[derive(Serialize)]
struct Columns {
    rows: usize,
    start: Column,
    length: Column,
    count: Column,
    taken: Column,
    longest: Column,
    figure: Column,
    echoes: Column,
    call: Column,
    word: Column,
    site: Column,
    other: Column,
}

/// One number if all are the same.
struct Column(Vec<i64>);

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.split_first() {
            Some((first, rest)) if rest.iter().all(|it| it == first) => {
                first.serialize(to)
            }
            _ => self.0.serialize(to),
        }
    }
}

/// The names are those of clients, by their addresses.
pub(super) fn lanes(timeline: &Timeline, names: &Names) -> Lanes {
    let (threads_without, sockets_without) = timeline.without_lanes();
    let asleep = timeline.asleep.iter().chain(std::iter::repeat(&0));
    let sites = timeline.sites.iter().zip(asleep);
    let site = |(site, asleep): (&crate::view::Site, &u64)| SiteOf {
        file: super::data::clipped(site.name()),
        line: site.line,
        asleep_ns: *asleep,
    };
    let all = timeline.threads.iter().chain(&timeline.sockets);
    Lanes {
        step_ns: timeline.step,
        events: timeline.events,
        marks: timeline.marks(),
        threads_without,
        sockets_without,
        words: timeline.words.clone(),
        sites: sites.map(site).collect(),
        all: all.map(|lane| lane_of(lane, timeline.from, names)).collect(),
    }
}

fn lane_of(lane: &TimelineLane, from: u64, names: &Names) -> LaneOf {
    let marks = lane.marks();
    let address = lane.peer.parse().ok();
    let name = address.and_then(|it: SocketAddr| names.get(&it));
    LaneOf {
        kind: match lane.owner {
            Owner::Thread(_) => "thread",
            Owner::Socket(_) => "socket",
        },
        number: lane.owner.number(),
        peer: lane.peer.clone(),
        name: name.map(|it| super::data::clipped(it)),
        marks: marks
            .map(|(what, marks)| (what.name(), columns(marks, from)))
            .collect(),
    }
}

fn columns(marks: &[TimelineMark], from: u64) -> Columns {
    let column = |of: &dyn Fn(&TimelineMark) -> u64| {
        Column(marks.iter().map(|mark| signed(of(mark))).collect())
    };
    let length = |mark: &TimelineMark| mark.end - mark.start;
    let other_than_length = |mark: &TimelineMark, time| {
        if time == length(mark) { 0 } else { time + 1 }
    };
    let mut before = signed(from);
    let starts = marks.iter().map(|mark| {
        let step = signed(mark.start) - before;
        before += step;
        step
    });
    Columns {
        rows: marks.len(),
        start: Column(starts.collect()),
        length: column(&length),
        count: column(&|mark| mark.count),
        taken: column(&|mark| other_than_length(mark, mark.taken)),
        longest: column(&|mark| other_than_length(mark, mark.longest)),
        figure: column(&|mark| mark.figure),
        echoes: column(&|mark| mark.echoes),
        call: column(&|mark| mark.call.into()),
        word: column(&|mark| mark.word.into()),
        site: column(&|mark| mark.site.into()),
        other: column(&|mark| mark.other.into()),
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
