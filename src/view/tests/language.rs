//! Events as text, one a line or between semicolons, with times in
//! milliseconds; and a run of them with what is counted of it.
//!
//! | line | event |
//! | --- | --- |
//! | `3 enter read 1` | enters a read of #1 |
//! | `3-9 read 1 5` | enters it, and returns at 9 ms with 5 bytes |
//! | `3..9 read 1 eof` | returns at 9 ms; the entry is another line |
//! | `9 read 1 5` | a call that cannot sleep |
//! | `9 echo 1` | reads two bytes and writes them |
//! | `3-9 idle 100 2` | 100 passes in vain over the listener and 2 clients |
//! | `2 interest 1 RW` | a note, see [`note`] |
//! | `t1 ...` | the same on another thread than the first |

use crate::net::ServerOptions;
use crate::probe::{
    Before, Counters, End, Event, Exit, Kind, Limit, Note, Outcome, Phase,
    Site, SocketId, Step, TaskId, TaskNow, ThreadAtGate, ThreadId,
};
use crate::system::queues::{KernelQueue, KernelQueues};
use crate::units::{Nanos, Size};
use crate::view::follower;
use crate::view::{
    Control, Facts, LineView, Narration, Readiness, Scene, Scope,
    ScopeSettings, Shares, SocketView, SourceText, View,
};
use itertools::Itertools as _;
use std::sync::Arc;
use std::time::Duration;

pub(super) const LIMIT: usize = 1_000;

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The line of a call: one a kind.
pub(super) fn site(kind: Kind) -> Site {
    Site { file: "src/modes/some.rs", line: 10 + kind as u32 }
}

pub(super) fn events(text: &str) -> Vec<Event> {
    let lines =
        text.lines().flat_map(|line| match line.strip_prefix("every") {
            Some(line) => every(line),
            None => line.split(';').map(str::to_owned).collect(),
        });
    let lines: Vec<_> = lines.filter(|it| !it.trim().is_empty()).collect();
    lines.iter().flat_map(|it| event(it)).collect()
}

/// `10 from 0 to 100: wait 0 1; ready 1 W`: these events each 10 ms.
fn every(line: &str) -> Vec<String> {
    let (times, events) = line.split_once(": ").unwrap();
    let times = times.split_whitespace().filter_map(|it| it.parse().ok());
    let times: Vec<u64> = times.collect();
    let times = (times[1]..times[2]).step_by(times[0] as usize);
    let events = |at| events.split(';').map(move |it| format!("{at} {it}"));
    times.flat_map(events).collect()
}

fn event(line: &str) -> Vec<Event> {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let thread = words[0].strip_prefix('t').map(|it| it.parse().unwrap());
    words.drain(..usize::from(thread.is_some()));
    let thread = ThreadId(thread.unwrap_or_default());
    let times = words[0];
    let (since, at) = times.split_once('-').unwrap_or((times, times));
    let (since, at) = times.split_once("..").unwrap_or((since, at));
    let [entered, at] = [since, at].map(|it| {
        Nanos::from(Duration::from_secs_f64(it.parse::<f64>().unwrap() / 1e3))
    });
    let word = |place: usize| words.get(place).copied().unwrap_or_default();
    let number = |place| word(place).parse::<u32>().unwrap_or(0);
    let enter = |kind, socket| {
        let (socket, site) = (SocketId(socket), site(kind));
        Event::Enter { at: entered, thread, kind, socket, site }
    };
    let exit = |kind, outcome| {
        let call = (kind, SocketId(number(2)), site(kind));
        Event::exit([entered, at], thread, call, Exit::new(outcome))
    };
    let kinds = Kind::OF_MODES.into_iter();
    let kind_of = |name| kinds.clone().find(|it| it.name() == name);
    match (word(1), kind_of(word(1))) {
        ("enter", _) => vec![enter(kind_of(word(2)).unwrap(), number(3))],
        ("echo", _) => [Kind::Read, Kind::Write]
            .map(|kind| exit(kind, Outcome::Bytes(2)))
            .to_vec(),
        ("idle", _) => {
            let (since, passes) = (entered, u64::from(number(2)));
            let calls = passes * (1 + u64::from(number(3)));
            vec![Event::Idle { since, at, thread, calls, passes }]
        }
        (_, Some(kind)) => {
            let outcome = match (kind, word(3)) {
                (_, "eof") => Outcome::EndOfFile,
                (_, "closed") => Outcome::Closed,
                (_, "vain") => Outcome::WouldBlock,
                (Kind::Accept, _) => Outcome::Accepted(SocketId(number(3))),
                (Kind::Wait, _) => Outcome::Ready(number(3)),
                (Kind::Watch, _) => Outcome::Done,
                _ => Outcome::Bytes(number(3)),
            };
            let enter = times.contains('-').then(|| enter(kind, number(2)));
            enter.into_iter().chain([exit(kind, outcome)]).collect()
        }
        _ => vec![Event::Note { at, thread, note: note(&words[1..]) }],
    }
}

fn note(words: &[&str]) -> Note {
    let word = |place: usize| words.get(place).copied().unwrap_or_default();
    let number = |place| word(place).parse::<u32>().unwrap_or(0);
    let socket = SocketId(number(1));
    let (readable, writable) = (word(2).contains('R'), word(2).contains('W'));
    let end = || match word(2) {
        "eof" => End::EndOfFile,
        "reset" => End::Reset,
        "boom" => End::Boom,
        "idle" => End::Idle,
        "long" => End::TooLong,
        _ => End::Stopped,
    };
    let task = TaskId(3);
    match words[0] {
        "open" => {
            let port = u16::try_from(number(2)).unwrap();
            let peer = (port > 0).then(|| ([127, 0, 0, 1], port).into());
            Note::Opened { socket, peer }
        }
        "close" => Note::Closed { socket, end: end(), unsent: number(3) },
        "fail" => Note::Failed { socket, end: end() },
        "handled" => Note::Handled { socket, end: end() },
        "interest" => Note::Interest { socket, readable, writable },
        "ready" => Note::Ready { socket, readable, writable },
        "phase" => {
            let mut phases = Phase::ALL.into_iter();
            Note::Phase(phases.find(|it| it.name() == word(1)).unwrap())
        }
        "limit" => Note::Paused(Limit::Connections),
        "leaves" => Note::LeftWaiting { clients: number(1) },
        "descriptors" => Note::Paused(Limit::Descriptors),
        "step" => Note::Step(Step::ALL[number(1) as usize]),
        "timers" => Note::Timers { set: number(1), wait: None },
        "runs" | "wakes" => {
            let runs = words[0] == "runs";
            let now = if runs { TaskNow::Running } else { TaskNow::Ready };
            Note::Task { task: TaskId(number(1)), now }
        }
        "ran" => Note::LongRun { task, time: ms(number(1).into()).into() },
        "pauses" => {
            let (kind, site) = (Kind::Read, site(Kind::Read));
            Note::Task { task, now: TaskNow::Paused { kind, socket, site } }
        }
        other => panic!("no event is called {other}"),
    }
}

/// What is counted of events, in the order in which they are given.
pub(super) fn count(counted: &mut Counters, event: &mut Event) {
    let idle = *event;
    if let Event::Exit { kind, socket, outcome, pending, echoed, .. } = event
        && let Some(row) = counted.socket(*socket)
    {
        *pending = match (*kind, *outcome) {
            (Kind::Read, Outcome::Bytes(it)) => row.pending_bytes + it,
            (_, Outcome::Bytes(it)) => row.pending_bytes.saturating_sub(it),
            _ => row.pending_bytes,
        };
        *echoed = u32::from(*kind == Kind::Write && *pending == 0);
    }
    counted.apply(event);
    if let Event::Idle { calls, passes, .. } = idle {
        // A tally counts these for their sockets, too.
        let asked = counted.sockets.iter_mut();
        for row in asked.take((calls / passes) as usize) {
            let kind = if row.id.0 == 0 { Kind::Accept } else { Kind::Read };
            row.calls_by_kind[kind as usize] += passes;
            row.would_blocks += passes;
        }
    }
}

pub(super) struct Run {
    pub(super) scope: Scope,
    pub(super) counted: Counters,
    pub(super) lost: u64,
    /// What the thread is held before, as the screen knows it.
    control: Control,
    /// The kernel's queues: clients 1 and 2 are silent and the talker.
    queues: KernelQueues,
}

impl Run {
    pub(super) fn polling() -> Self {
        Self::of(Kind::Accept, true)
    }

    pub(super) fn selecting() -> Self {
        Self::of(Kind::Wait, false)
    }

    /// The listener is open.
    pub(super) fn of(loop_call: Kind, polls: bool) -> Self {
        let options = ServerOptions {
            buffer_limit: Some(Size(LIMIT as u64)),
            recv_size: Some(Size(16)),
            ..ServerOptions::default()
        };
        let unhandled = None;
        let settings = ScopeSettings { loop_call, polls, options, unhandled };
        let (scope, counted) = (Scope::new(settings), Counters::default());
        let (control, queues) = Default::default();
        let mut run = Self { scope, counted, lost: 0, control, queues };
        run.play("0 open 0");
        run
    }

    /// Folds and counts these events.
    pub(super) fn play(&mut self, text: &str) -> &mut Self {
        for mut event in events(text) {
            count(&mut self.counted, &mut event);
            self.scope.take(&event);
        }
        self
    }

    /// Counts these events, which are lost.
    pub(super) fn lose(&mut self, text: &str) -> &mut Self {
        for mut event in events(text) {
            count(&mut self.counted, &mut event);
            self.lost += 1;
        }
        self
    }

    /// The thread is held at a write to #1, or before a step.
    pub(super) fn held(&mut self, since: u64, step: Option<Step>) {
        let (kind, socket) = (Kind::Write, SocketId(1));
        let call = Before::Call { kind, socket, site: site(kind) };
        let before = step.map_or(call, Before::Step);
        self.hold(since, before);
    }

    fn hold(&mut self, since: u64, before: Before) {
        let (thread, since) = (ThreadId(0), ms(since).into());
        self.control.held = vec![ThreadAtGate { thread, before, since }];
        self.scope.hold(&self.control.held);
    }

    /// The narration of a view: what happens, who waits, what comes next, and
    /// the same in short.
    fn narration(&mut self, at: u64) -> String {
        let mut view = self.view(at);
        follower::put_queues(&mut view, &self.queues, ms(at).into());
        // A loop that never sleeps tries its calls.
        let line =
            if view.calls_sleep { "\n" } else { "try_accept try_read\n" };
        let text = line.repeat(20);
        let mut scene = Scene::new(Facts {
            mode: "some".into(),
            source: SourceText { path: site(Kind::Read).file.into(), text },
            loop_source: None,
            mechanism: "epoll".into(),
            address: ([127, 0, 0, 1], 9).into(),
            scenario: None,
            clients_apart: false,
        });
        scene.control = self.control.clone();
        view.in_backlog = Some(self.scope.waiting);
        let names = [(1, "silent"), (2, "talker")];
        let names = names.map(|(port, name)| {
            (([127, 0, 0, 1], port).into(), name.to_owned())
        });
        scene.names = Arc::new(names.into());
        let said = scene.narrate(&view);
        let Narration { now, now_short, waits, waits_short, next, tone } = said;
        let all = [Some(now), waits, next, Some(now_short), waits_short];
        let all = all.into_iter().flatten();
        format!("{tone:?}: {}", all.format(" | "))
    }

    pub(super) fn view(&mut self, at: u64) -> View {
        self.scope.view(&Arc::new(self.counted.clone()), ms(at), self.lost)
    }

    /// `2 6`: this many bytes of this client have arrived and were not read;
    /// with `new`, the client is not accepted yet.
    fn arrived(&mut self, words: &str) {
        let mut words = words.split_whitespace();
        let mut number = || words.next().unwrap().parse::<u16>().unwrap();
        let (client, received_bytes) = (number(), number());
        let is_accepted = words.next() != Some("new");
        let peer = ([127, 0, 0, 1], client).into();
        let queue = KernelQueue {
            received_bytes: received_bytes.into(),
            unsent_bytes: 0,
            is_accepted,
        };
        self.queues.insert(peer, queue);
    }

    /// What a view shows of this, in words.
    fn shows(&mut self, at: u64, what: &str) -> String {
        let view = self.view(at);
        let rows = view.sockets.iter();
        match what {
            "says" => self.narration(at),
            "found" => {
                assert!(view.findings.iter().all(|it| !it.advice.is_empty()));
                let found = view.findings.iter().map(|it| &it.observation);
                found.format(" | ").to_string()
            }
            "seen" => self.scope.seen().len().to_string(),
            "lost" => {
                format!("{} {:?}", view.events_lost, view.sockets[1].count.peer)
            }
            "wants" => rows.map(|it| format!("{:?}", it.interest)).join(" "),
            "states" => rows.map(|it| format!("{:?}", it.state)).join(" "),
            "lanes" => {
                let lanes = rows.map(|it| &it.lane);
                let lanes = [&view.turns.lane].into_iter().chain(lanes);
                lanes.map(|it| it.drawn(ms(at)) + "|").collect()
            }
            "shares" => {
                let Shares { asleep, brief, working, spinning } =
                    view.turns.shares;
                [asleep, brief, working, spinning].map(percent).join(" ")
            }
            "ready" => {
                let row = &view.sockets[1];
                let letter = |it: Option<Readiness>| match it {
                    Some(it) if it.writable => "W",
                    Some(_) => "R",
                    None => "-",
                };
                format!("{} {:?}", letter(row.ready), row.state)
            }
            "words" => rows.map(|it| it.readiness(0).full).join(" | "),
            "phase" => {
                let ((phase, at), deadline) = (view.phase, view.deadline);
                format!("{} {} {deadline:?}", phase.name(), at.as_millis())
            }
            "row" => {
                let SocketView { count, pending_limit, last, .. } =
                    &view.sockets[1];
                let (read, sent) = (count.bytes_in, count.bytes_out);
                let pending = count.pending_bytes;
                format!(
                    "{last:?} in {read} out {sent} pending {pending} of \
                     {pending_limit}"
                )
            }
            "threads" => {
                let threads = view.threads.iter().map(|it| {
                    let place = if it.in_call { "in" } else { "past" };
                    format!("{place} {} for {:?}", it.kind.name(), it.since)
                });
                threads.format(" | ").to_string()
            }
            "lines" => view.lines.iter().map(line_words).join(" | "),
            "turns" => {
                format!("{} {}/s", view.iterations, view.rates.iterations)
            }
            "echoes" => format!("{:?}", view.turns.echoes_per_s),
            "history" => {
                let history = self.scope.entries.history(SocketId(2));
                let entries = history
                    .iter()
                    .map(|it| it.to_string().split_whitespace().join(" "));
                entries.format(" | ").to_string()
            }
            what => panic!("nothing is called {what}"),
        }
    }
}

/// `read 1` or `select`: a call or a step that a thread is held before.
fn before(words: &str) -> Before {
    let (word, number) = words.split_once(' ').unwrap_or((words, "0"));
    let call = |kind| {
        let (socket, site) = (SocketId(number.parse().unwrap()), site(kind));
        Before::Call { kind, socket, site }
    };
    let kind = Kind::OF_MODES.into_iter().find(|it| it.name() == word);
    let step = || Step::ALL.into_iter().find(|it| it.name() == word);
    kind.map_or_else(|| Before::Step(step().unwrap()), call)
}

fn line_words(line: &LineView) -> String {
    let LineView { kind, hits, hits_per_s, last, .. } = line;
    format!("{} {hits}, {hits_per_s}/s, {last:?}", kind.name())
}

fn percent(share: f32) -> String {
    format!("{:.0}", share * 100.0)
}

/// Plays a script, a line a step: the name of a mode begins a run, `@9 found`
/// and what follows is what a view at 9 ms shows, and other lines are events.
pub(super) fn play_script(script: &str) {
    let (mut run, mut differences) = (Run::selecting(), Vec::new());
    for line in script.lines().map(str::trim) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let number = || rest.parse().unwrap();
        match word {
            "" | "#" => {}
            "sleeping" => run = Run::of(Kind::Accept, false),
            "polling" => run = Run::of(Kind::Accept, true),
            "selecting" => run = Run::of(Kind::Wait, false),
            "waiting" => run.scope.waiting = number(),
            "arrived" => run.arrived(rest),
            "held" => run.held(number(), None),
            // After whatever the thread has done before.
            "before" => run.hold(3_600_000, before(rest)),
            "free" => {
                run.control.held.clear();
                run.scope.hold(&[]);
            }
            "lose" => {
                run.lose(rest);
            }
            _ => match word.strip_prefix('@') {
                Some(at) => {
                    let (what, shown) =
                        rest.split_once(' ').unwrap_or((rest, ""));
                    let found = run.shows(at.parse().unwrap(), what);
                    if found.trim_end() != shown {
                        differences.push(format!("{line}\n  but {found}"));
                    }
                }
                None => {
                    run.play(line);
                }
            },
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
