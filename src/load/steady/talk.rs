//! The loop: what came is read, what is to be said is sent, and the window
//! of time passes.

use super::crowd::Crowd;
use super::line::{ClientLine, WrongBytes};
use super::pace::SteadyPace;
use super::pattern::{PIECE, Pattern};
use super::record::{SteadyRecord, SteadyResult};
use super::workload::Workload;
use crate::net::Client;
use crate::system::usage;
use crate::units::nanoseconds;
use std::io;
use std::mem::take;
use std::time::{Duration, Instant};

/// What a run announces while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadMoment {
    /// All connections are there, as far as the system knows: they may
    /// still be in the server's backlog. The clients talk when the callback
    /// returns.
    Connected,
    /// The warm-up is over, the window begins.
    Begun,
    /// The window is over; the clients say nothing more.
    Ended,
}

/// Called at each moment of a run.
pub(super) type On<'a> = &'a mut dyn FnMut(LoadMoment) -> io::Result<()>;

/// Which part of a run it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TalkPart {
    WarmUp,
    Window,
    Over,
}

/// What became of a connection.
enum Gone {
    /// It failed, or the server closed it.
    Lost,
    /// It is of no use.
    WrongBytes(WrongBytes),
}

impl From<io::Error> for Gone {
    fn from(_: io::Error) -> Self {
        Self::Lost
    }
}

impl From<WrongBytes> for Gone {
    fn from(mismatch: WrongBytes) -> Self {
        Self::WrongBytes(mismatch)
    }
}

/// What the clients say, and room for what they hear.
struct Words {
    size: usize,
    pattern: Pattern,
    buffer: Vec<u8>,
}

/// Clients that talk.
pub(super) struct Talk {
    crowd: Crowd,
    /// By number; those of idle clients come last.
    lines: Vec<ClientLine>,
    words: Words,
    /// How many messages of a client are under way at once.
    pipeline: u32,
    pace: SteadyPace,
    record: SteadyRecord,
    /// All times are counted from here.
    start: Instant,
    part: TalkPart,
    /// When the next part begins.
    boundary_ns: u64,
    window: Duration,
    /// When the window began, and the thread's CPU time then.
    begun: (u64, Option<Duration>),
}

impl Talk {
    pub(super) fn new(workload: &Workload, crowd: Crowd) -> Self {
        let size = workload.size_bytes as usize;
        let pattern = Pattern::new(size);
        let line = |number| ClientLine::new(pattern.beginning(number), size);
        Self {
            lines: (0..crowd.clients.len()).map(line).collect(),
            crowd,
            words: Words { size, pattern, buffer: vec![0; PIECE] },
            pipeline: workload.pipeline,
            pace: SteadyPace::new(workload),
            record: SteadyRecord::new(),
            start: Instant::now(),
            part: TalkPart::WarmUp,
            boundary_ns: workload.warm_up_ns,
            window: Duration::from_nanos(workload.time_ns),
            begun: (0, None),
        }
    }

    /// Talks until the window is over.
    pub(super) fn run(
        mut self,
        clients: u32,
        on: On,
    ) -> io::Result<(SteadyResult, Crowd)> {
        self.start = Instant::now();
        for id in take(&mut self.crowd.ended) {
            self.attend(id as usize, true, on)?;
        }
        if matches!(self.pace, SteadyPace::Closed(_)) {
            for client in 0..clients as usize {
                let now_ns = self.now_ns();
                self.say(client, self.pipeline, now_ns);
            }
        }
        while self.part != TalkPart::Over {
            self.wait(on)?;
            for at in 0..self.crowd.poller.len() {
                if self.part == TalkPart::Over {
                    break;
                }
                match self.crowd.poller.news(at) {
                    Some(it) => self.attend(it.id.0 as usize, it.ended, on)?,
                    None => self.pass(self.now_ns(), on)?,
                }
            }
        }
        Ok(self.finish())
    }

    fn now_ns(&self) -> u64 {
        nanoseconds(self.start.elapsed())
    }

    /// Waits for news; in an open loop, says before what is due, and does not
    /// wait longer than until the next message is.
    fn wait(&mut self, on: On) -> io::Result<()> {
        let mut wake_ns = self.boundary_ns;
        if matches!(self.pace, SteadyPace::Open(_)) {
            let now_ns = self.now_ns();
            self.pass(now_ns, on)?;
            self.say_what_is_due(now_ns);
            wake_ns = self.boundary_ns.min(self.next_due_ns());
            if wake_ns <= now_ns || self.part == TalkPart::Over {
                return self.crowd.poller.look();
            }
        }
        let wake = self.start + Duration::from_nanos(wake_ns);
        self.crowd.poller.wait_until(wake)
    }

    /// There is something new with a client.
    fn attend(&mut self, client: usize, ended: bool, on: On) -> io::Result<()> {
        let Some(socket) = &self.crowd.clients[client] else {
            return Ok(());
        };
        let line = &mut self.lines[client];
        let mut echoes = 0;
        let heard = hear(socket, line, &mut self.words, ended, &mut echoes);
        if echoes > 0 {
            self.answer(client, echoes, on)?;
        } else if line.has_unsent() {
            self.send(client);
        }
        if let Err(gone) = heard {
            self.lose(client, &gone);
        }
        Ok(())
    }

    /// Records that `echoes` messages of a client are back, and has the client
    /// send others.
    fn answer(&mut self, client: usize, echoes: u32, on: On) -> io::Result<()> {
        let now_ns = self.now_ns();
        self.pass(now_ns, on)?;
        self.record(client, echoes, now_ns);
        if self.part == TalkPart::Over {
            return Ok(());
        }
        let messages = match &mut self.pace {
            SteadyPace::Closed(_) => echoes,
            SteadyPace::Open(turns) => turns.release(client, echoes),
        };
        self.say(client, messages, now_ns);
        self.say_what_is_due(now_ns);
        Ok(())
    }

    fn record(&mut self, client: usize, echoes: u32, now_ns: u64) {
        let in_window = self.part == TalkPart::Window;
        let line = &mut self.lines[client];
        if in_window {
            self.record.result.echoes += u64::from(echoes);
            line.served = true;
        }
        let times = &mut self.record.times;
        match &mut self.pace {
            SteadyPace::Closed(stamps) => {
                for _ in 0..echoes {
                    let said_ns = stamps.hear(client);
                    if in_window {
                        times.record_ns(now_ns - said_ns);
                    }
                }
            }
            SteadyPace::Open(turns) => {
                for number in line.echoed - u64::from(echoes)..line.echoed {
                    let due_ns = turns.due_ns(client, number);
                    if turns.counts(due_ns) {
                        times.record_ns(now_ns.saturating_sub(due_ns));
                    }
                }
            }
        }
    }

    /// Open loop: says what is due, unless its client is held up.
    fn say_what_is_due(&mut self, until_ns: u64) {
        let mut now_ns = until_ns;
        while let SteadyPace::Open(turns) = &mut self.pace
            && turns.next_due_ns() <= until_ns
            && self.part != TalkPart::Over
        {
            let client = turns.take_turn();
            if self.lines[client].under_way < self.pipeline {
                self.say(client, 1, now_ns);
                now_ns = self.now_ns();
            } else {
                turns.hold(client);
            }
        }
    }

    fn next_due_ns(&self) -> u64 {
        match &self.pace {
            SteadyPace::Closed(_) => u64::MAX,
            SteadyPace::Open(turns) => turns.next_due_ns(),
        }
    }

    /// Has a client send `messages` messages, unless its connection is lost.
    fn say(&mut self, client: usize, messages: u32, now_ns: u64) {
        if messages == 0 || self.crowd.clients[client].is_none() {
            return;
        }
        let line = &mut self.lines[client];
        match &mut self.pace {
            SteadyPace::Closed(stamps) => {
                stamps.say(client, line.under_way, messages, now_ns);
                if self.part == TalkPart::Window {
                    self.record.result.sent += u64::from(messages);
                }
            }
            SteadyPace::Open(turns) => {
                let said = line.said();
                for number in said..said + u64::from(messages) {
                    let due_ns = turns.due_ns(client, number);
                    if turns.counts(due_ns) {
                        let late_ns = now_ns.saturating_sub(due_ns);
                        self.record.lateness.record_ns(late_ns);
                        self.record.result.sent += 1;
                    }
                }
            }
        }
        line.say(messages, self.words.size);
        self.send(client);
    }

    /// Sends what there is room for.
    fn send(&mut self, client: usize) {
        let Some(socket) = &mut self.crowd.clients[client] else { return };
        let line = &mut self.lines[client];
        let sent = line
            .send(socket, &self.words.pattern)
            .and_then(|()| self.crowd.poller.follow(socket, line.has_unsent()));
        if sent.is_err() {
            self.lose(client, &Gone::Lost);
        }
    }

    #[cold]
    fn lose(&mut self, client: usize, gone: &Gone) {
        if self.crowd.clients[client].take().is_none() {
            return;
        }
        match gone {
            Gone::Lost => self.record.result.connections_lost += 1,
            Gone::WrongBytes(it) => self.record.result.mismatches += it.bytes,
        }
    }

    /// Goes on to the next part, if it is time.
    #[inline]
    fn pass(&mut self, now_ns: u64, on: On) -> io::Result<()> {
        if now_ns < self.boundary_ns {
            return Ok(());
        }
        self.go_on(now_ns, on)
    }

    #[cold]
    fn go_on(&mut self, now_ns: u64, on: On) -> io::Result<()> {
        let cpu = usage::of_thread().map(|it| it.user + it.system);
        match self.part {
            TalkPart::WarmUp => {
                self.part = TalkPart::Window;
                self.begun = (now_ns, cpu);
                self.boundary_ns = match &self.pace {
                    SteadyPace::Closed(_) => now_ns + nanoseconds(self.window),
                    SteadyPace::Open(turns) => turns.end_ns(),
                };
                on(LoadMoment::Begun)
            }
            TalkPart::Window => {
                self.part = TalkPart::Over;
                let (begun_ns, cpu_then) = self.begun;
                let result = &mut self.record.result;
                result.window_ns = now_ns - begun_ns;
                let used = cpu
                    .zip(cpu_then)
                    .map(|(cpu, then)| cpu.saturating_sub(then));
                result.cpu_ns = used.map(nanoseconds);
                on(LoadMoment::Ended)
            }
            TalkPart::Over => Ok(()),
        }
    }

    fn finish(mut self) -> (SteadyResult, Crowd) {
        let served = self.lines.iter().filter(|line| line.served).count();
        let result = &mut self.record.result;
        result.clients_served = u32::try_from(served).unwrap_or(u32::MAX);
        match &self.pace {
            SteadyPace::Closed(_) => {
                let under_way = |line: &ClientLine| u64::from(line.under_way);
                result.unanswered = self.lines.iter().map(under_way).sum();
            }
            SteadyPace::Open(turns) => {
                result.due = turns.due();
                self.record.count_unanswered(turns, &self.lines);
            }
        }
        (self.record.finish(), self.crowd)
    }
}

/// Reads all that has come, and counts the messages that are back.
fn hear(
    socket: &Client,
    line: &mut ClientLine,
    words: &mut Words,
    ended: bool,
    echoes: &mut u32,
) -> Result<(), Gone> {
    let Words { size, pattern, buffer } = words;
    while let Some(count) = socket.read(buffer)? {
        if count == 0 {
            return Err(Gone::Lost);
        }
        *echoes += line.hear(&buffer[..count], pattern, *size)?;
        // What comes after this is news; but of an end there are no more.
        let all = count < buffer.len() || !line.awaits();
        if all && !ended {
            break;
        }
    }
    Ok(())
}
