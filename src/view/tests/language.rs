//! Events as text, one a line or between semicolons, with times in
//! milliseconds; and a run of them with what a tally would have counted.
//!
//! | line | event |
//! | --- | --- |
//! | `3 enter read 1` | enters a read of #1 |
//! | `3-9 read 1 5` | enters it, and returns at 9 ms with 5 bytes |
//! | `3..9 read 1 eof` | returns at 9 ms; the entry is another line |
//! | `9 read 1 5` | a call that cannot sleep |
//! | `9 echo 1` | reads two bytes and writes them |
//! | `3-9 idle 100 2` | 100 passes in vain over the listener and 2 clients |
//! | `2 interest 1 RW` | a note; also `ready`, `open`, `close`, `fail`, `phase` |
//! | `t1 ...` | the same on another thread than the first |

use crate::net::ServerOptions;
use crate::probe::{Before, ThreadAtGate};
use crate::probe::{
    Concerned, Counters, Event, LISTENER, Note, PhaseMark, ThreadId, ThreadNow,
};
use crate::units::{Nanos, Size};
use crate::view::{
    Class, End, Kind, LineCount, Outcome, Phase, Site, SocketCount, SocketId,
};
use crate::view::{Scope, ScopeSettings, SocketView, View};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const LIMIT: usize = 1_000;

pub(crate) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The line of a call: one a kind.
pub(crate) fn site(kind: Kind) -> Site {
    let line = Kind::ALL.iter().position(|it| *it == kind).unwrap_or(9);
    Site { file: "src/modes/some.rs", line: 10 + line as u32 }
}

pub(crate) fn events(text: &str) -> Vec<Event> {
    let lines = text.split([';', '\n']).map(str::trim);
    lines.filter(|line| !line.is_empty()).flat_map(event).collect()
}

fn event(line: &str) -> Vec<Event> {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let thread =
        words[0].strip_prefix('t').map(|it| it.parse::<u16>().unwrap());
    let thread = ThreadId(thread.unwrap_or_default());
    if thread.0 > 0 {
        words.remove(0);
    }
    let times = words[0];
    let [entered, at] = moments(times);
    let word = |place: usize| words.get(place).copied().unwrap_or_default();
    let number = |place| word(place).parse::<u32>().unwrap_or(0);
    let socket = SocketId(number(2));
    let (readable, writable) = (word(3).contains('R'), word(3).contains('W'));
    let enter = |kind, socket| Event::Enter {
        at: entered,
        thread,
        kind,
        socket,
        site: site(kind),
    };
    let exit = |kind, outcome| Event::Exit {
        entered,
        at,
        thread,
        kind,
        socket,
        site: site(kind),
        outcome,
        pending: 0,
        unframed: 0,
        echoed: 0,
    };
    let note = match word(1) {
        "enter" => return vec![enter(kind(word(2)), SocketId(number(3)))],
        "echo" => {
            let two = |kind| exit(kind, Outcome::Bytes(2));
            return vec![two(Kind::Read), two(Kind::Write)];
        }
        "idle" => {
            let passes = u64::from(number(2));
            let calls = passes * (1 + u64::from(number(3)));
            let since = entered;
            return vec![Event::Idle { since, at, thread, calls, passes }];
        }
        "open" => {
            let peer = (number(3) > 0)
                .then(|| ([127, 0, 0, 1], number(3) as u16).into());
            Note::Opened { socket, peer }
        }
        "close" => Note::Closed { socket, end: end(word(3)), unsent: 0 },
        "fail" => Note::Failed { socket, end: end(word(3)) },
        "interest" => Note::Interest { socket, readable, writable },
        "ready" => Note::Ready { socket, readable, writable },
        "phase" => {
            let mut phases = Phase::ALL.into_iter();
            Note::Phase(phases.find(|it| it.name() == word(2)).unwrap())
        }
        name => {
            let kind = kind(name);
            let outcome = outcome(kind, word(3));
            let enter = times.contains('-').then(|| enter(kind, socket));
            return enter.into_iter().chain([exit(kind, outcome)]).collect();
        }
    };
    vec![Event::Note { at, thread, note }]
}

/// When a call or a run began, and when it was over.
fn moments(times: &str) -> [Nanos; 2] {
    let (since, at) = times
        .split_once('-')
        .or_else(|| times.split_once(".."))
        .unwrap_or((times, times));
    [since, at].map(|it| {
        Duration::from_secs_f64(it.parse::<f64>().unwrap() / 1e3).into()
    })
}

fn kind(name: &str) -> Kind {
    Kind::ALL.into_iter().find(|it| it.name() == name).unwrap()
}

fn end(name: &str) -> End {
    match name {
        "eof" => End::EndOfFile,
        "reset" => End::Reset,
        "boom" => End::Boom,
        _ => panic!("no connection ends with {name}"),
    }
}

fn outcome(kind: Kind, word: &str) -> Outcome {
    let number = || word.parse().unwrap();
    match (kind, word) {
        (_, "eof") => Outcome::EndOfFile,
        (_, "closed") => Outcome::Closed,
        (Kind::Accept, _) => Outcome::Accepted(SocketId(number())),
        (Kind::Wait, _) => Outcome::Ready(number()),
        (Kind::Watch, _) => Outcome::Done,
        _ => Outcome::Bytes(number()),
    }
}

pub(super) struct Run {
    pub(super) scope: Scope,
    pub(super) counted: Counters,
    pub(super) lost: u64,
}

impl Run {
    /// A mode whose threads sleep in each call.
    pub(super) fn sleeping() -> Self {
        Self::of(Kind::Accept, false, 100)
    }

    pub(super) fn polling() -> Self {
        Self::of(Kind::Accept, true, 100)
    }

    pub(super) fn selecting() -> Self {
        Self::of(Kind::Wait, false, 100)
    }

    /// The listener is open; connections beyond `rows_kept` have no row.
    pub(super) fn of(loop_call: Kind, polls: bool, rows_kept: usize) -> Self {
        let settings = ScopeSettings {
            loop_call,
            polls,
            options: ServerOptions {
                buffer_limit: Some(Size(LIMIT as u64)),
                recv_size: Some(Size(16)),
                ..ServerOptions::default()
            },
            unhandled: None,
            rows_kept,
        };
        let mut run = Self {
            scope: Scope::new(settings),
            counted: Counters::default(),
            lost: 0,
        };
        run.play("0 open 0");
        run
    }

    /// Folds and counts these events.
    pub(super) fn play(&mut self, text: &str) -> &mut Self {
        for mut event in events(text) {
            self.tally(&mut event);
            self.scope.take(&event);
        }
        self
    }

    fn tally(&mut self, event: &mut Event) {
        match event {
            Event::Enter { thread, kind, socket, .. } => {
                self.register(*thread, *kind, *socket, true);
            }
            Event::Exit { thread, kind, socket, outcome, pending, .. } => {
                let is_in = |it: &ThreadNow| it.thread == *thread && it.in_call;
                if !self.counted.threads.iter().any(is_in) {
                    self.register(*thread, *kind, *socket, true);
                }
                self.register(*thread, *kind, *socket, false);
                self.count(*kind, socket.0, *outcome, 1);
                *pending = self.row(socket.0).pending_bytes;
            }
            Event::Idle { thread, calls, passes, .. } => {
                self.count(Kind::Accept, 0, Outcome::WouldBlock, *passes);
                for id in 1..(*calls / *passes) as u32 {
                    self.register(*thread, Kind::Read, SocketId(id), true);
                    self.count(Kind::Read, id, Outcome::WouldBlock, *passes);
                }
            }
            Event::Note { at, note, .. } => match *note {
                Note::Opened { socket, .. } => self.count_opened(socket.0),
                Note::Closed { socket, end, .. } => {
                    let row = self.row(socket.0);
                    (row.end, row.pending_bytes) = (Some(end), 0);
                }
                Note::Phase(phase) => {
                    let mark = PhaseMark { phase, at: *at, left: 0 };
                    self.counted.phases.push(mark);
                }
                _ => {}
            },
        }
    }

    pub(super) fn count_opened(&mut self, id: u32) {
        self.counted.sockets.push(row(id));
        self.counted.connections += u64::from(id > 0);
    }

    /// The thread is held at a write to #1.
    pub(super) fn held(&mut self, since: u64) {
        let (kind, socket) = (Kind::Write, SocketId(1));
        let hold = ThreadAtGate {
            thread: ThreadId(0),
            before: Before::Call { kind, socket, site: site(kind) },
            since: ms(since).into(),
        };
        self.scope.hold(&[hold]);
    }

    pub(super) fn row(&mut self, id: u32) -> &mut SocketCount {
        let rows = &mut self.counted.sockets;
        rows.iter_mut().find(|it| it.id.0 == id).unwrap()
    }

    fn register(
        &mut self,
        thread: ThreadId,
        kind: Kind,
        socket: SocketId,
        in_call: bool,
    ) {
        let threads = &mut self.counted.threads;
        let old = threads.iter().position(|it| it.thread == thread);
        let calls = old.map_or(0, |old| threads.remove(old).calls);
        let (site, calls) = (site(kind), calls + u64::from(in_call));
        let now = ThreadNow { thread, site, kind, socket, in_call, calls };
        threads.push(now);
        threads.sort_by_key(|it| it.thread);
    }

    pub(super) fn count(
        &mut self,
        kind: Kind,
        id: u32,
        outcome: Outcome,
        times: u64,
    ) {
        let lines = &mut self.counted.lines;
        let place = lines.iter().position(|line| line.kind == kind);
        let place = place.unwrap_or_else(|| {
            lines.push(LineCount::new(site(kind), kind));
            lines.len() - 1
        });
        lines[place].counts[Class::from(outcome) as usize] += times;
        lines.sort_by_key(|line| line.site);
        let row = self.row(id);
        row.calls_by_kind[kind as usize] += times;
        match (kind, outcome) {
            (_, Outcome::WouldBlock) => row.would_blocks += times,
            (Kind::Read, Outcome::Bytes(bytes)) => {
                row.bytes_in += u64::from(bytes);
                row.pending_bytes += bytes;
            }
            (Kind::Write, Outcome::Bytes(bytes)) => {
                row.bytes_out += u64::from(bytes);
                row.pending_bytes = row.pending_bytes.saturating_sub(bytes);
                row.echoes += u64::from(row.pending_bytes == 0);
            }
            _ => {}
        }
    }

    pub(super) fn view(&mut self, at: u64) -> View {
        add_sums(&mut self.counted);
        self.scope.view(&self.counted, ms(at), self.lost)
    }

    pub(super) fn socket(&mut self, at: u64, id: u32) -> SocketView {
        let rows = self.view(at).sockets;
        rows.into_iter().find(|row| row.count.id.0 == id).unwrap()
    }

    /// What is found, in words.
    pub(super) fn found(&mut self, at: u64) -> Vec<String> {
        let found = self.view(at).findings;
        assert!(found.iter().all(|it| !it.advice.is_empty()));
        found.into_iter().map(|it| it.observation).collect()
    }
}

/// As a tally would have them: over all rows.
fn add_sums(counters: &mut Counters) {
    (counters.echoes, counters.pending_peak_bytes) = (0, 0);
    (counters.unsent_bytes, counters.ends) = (0, BTreeMap::new());
    for socket in &counters.sockets {
        counters.echoes += socket.echoes;
        let peak = counters.pending_peak_bytes.max(socket.pending_peak_bytes);
        counters.pending_peak_bytes = peak;
        counters.unsent_bytes += socket.unsent_bytes;
        if let Some(end) = socket.end {
            let first = socket.id;
            let none = Concerned { connections: 0, first };
            counters.ends.entry(end).or_insert(none).connections += 1;
        }
    }
}

pub(super) fn row(id: u32) -> SocketCount {
    let peer = (id > LISTENER.0).then(|| ([127, 0, 0, 1], 40_001).into());
    SocketCount::new(SocketId(id), peer)
}
