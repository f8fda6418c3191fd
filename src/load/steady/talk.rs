//! The loop: reads echoes, sends messages, and begins and ends the window of
//! time.

use super::crowd::Crowd;
use super::line::{ClientLine, Gone, PIECE, Pattern};
use super::pace::DueTurns;
use super::workload::{Rhythm, SteadyResult, Workload};
use crate::load::ClientTrouble;
use crate::load::latency::EchoHistogram;
use crate::system::usage;
use crate::units::nanoseconds;
use std::io;
use std::mem::take;
use std::time::{Duration, Instant};

/// Open loop: the clients fell behind if on average they came to a message
/// later than this part of the window after it was due.
const BEHIND: u64 = 8;

/// They did not fall behind if it is less than this, which a busy machine costs
/// now and then.
const LEAST_BEHIND: Duration = Duration::from_millis(100);

/// What a run announces while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadMoment {
    /// All connections are established, as far as the system knows: they may
    /// still be in the server's backlog. The clients begin to send when the
    /// callback returns.
    Connected,
    /// The warm-up is over, the window begins.
    Begun,
    /// The window is over; the clients send nothing more.
    Ended,
}

/// Called at each moment of a run.
pub(super) type On<'a> = &'a mut dyn FnMut(LoadMoment) -> io::Result<()>;

/// A run: its clients, its progress and its result.
pub(super) struct Talk {
    crowd: Crowd,
    /// By the client's number; those of idle clients come last.
    lines: Vec<ClientLine>,
    workload: Workload,
    pattern: Pattern,
    /// The buffer of every read; its content is not kept.
    buffer: Vec<u8>,
    /// `None` in a closed loop.
    turns: Option<DueTurns>,
    result: SteadyResult,
    echo_times: EchoHistogram,
    /// How late messages of an open loop were sent.
    lateness: EchoHistogram,
    /// All times are counted from here.
    start: Instant,
    /// The last moment that was reached.
    moment: LoadMoment,
    /// When the next moment comes.
    boundary_ns: u64,
    /// When the window began, and the thread's CPU time then.
    begun: (u64, Option<Duration>),
}

impl Talk {
    pub(super) fn new(workload: &Workload, crowd: Crowd) -> Self {
        let pattern = Pattern::new(workload.size_bytes as usize);
        let line = |number| ClientLine::new(number, &pattern);
        Self {
            lines: (0..crowd.clients.len()).map(line).collect(),
            crowd,
            workload: workload.clone(),
            pattern,
            buffer: vec![0; PIECE],
            turns: match workload.pacing {
                Rhythm::Closed => None,
                Rhythm::Open { rate_per_s } => {
                    Some(DueTurns::new(workload, rate_per_s))
                }
            },
            result: SteadyResult::default(),
            echo_times: EchoHistogram::new(3),
            lateness: EchoHistogram::new(3),
            start: Instant::now(),
            moment: LoadMoment::Connected,
            boundary_ns: workload.warm_up_ns,
            begun: (0, None),
        }
    }

    /// Sends and measures until the window is over.
    pub(super) fn run(mut self, on: On) -> io::Result<(SteadyResult, Crowd)> {
        self.start = Instant::now();
        for id in take(&mut self.crowd.ended) {
            self.attend(id as usize, true, on)?;
        }
        if self.turns.is_none() {
            let pipeline = self.workload.pipeline as usize;
            for client in 0..self.workload.clients as usize {
                self.say(client, pipeline, self.now_ns());
            }
        }
        while !self.is_over() {
            self.wait(on)?;
            for at in 0..self.crowd.poller.count() {
                if self.is_over() {
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

    fn is_over(&self) -> bool {
        self.moment == LoadMoment::Ended
    }

    /// Waits for events, until the next moment at the latest. In an open loop,
    /// first sends what is due, and waits only until the next message is due.
    /// In a closed loop, the clock is not read here.
    fn wait(&mut self, on: On) -> io::Result<()> {
        let mut wake_ns = self.boundary_ns;
        if self.turns.is_some() {
            let now_ns = self.now_ns();
            self.pass(now_ns, on)?;
            self.say_what_is_due(now_ns);
            let due_ns = self.turns.as_ref().map(DueTurns::next_due_ns);
            wake_ns = due_ns.into_iter().fold(self.boundary_ns, u64::min);
            if wake_ns <= now_ns || self.is_over() {
                return self.crowd.poller.look();
            }
        }
        let wake = self.start + Duration::from_nanos(wake_ns);
        self.crowd.poller.wait_until(wake)
    }

    /// Handles an event of a client: answers what has come, sends what there
    /// was no room for, and counts an end.
    fn attend(&mut self, client: usize, ended: bool, on: On) -> io::Result<()> {
        let Some(socket) = &self.crowd.clients[client] else { return Ok(()) };
        let (line, buffer) = (&mut self.lines[client], &mut self.buffer);
        let mut echoes = 0;
        let gone = loop {
            match socket.read(buffer) {
                Err(_) | Ok(Some(0)) => break Some(Gone::Lost),
                Ok(None) => break None,
                Ok(Some(count)) => {
                    match line.hear(&buffer[..count], &self.pattern) {
                        Ok(whole) => echoes += whole,
                        Err(gone) => break Some(gone),
                    }
                    // What comes later is reported again, unless the connection
                    // has ended.
                    let all = count < buffer.len() || !line.awaits();
                    if all && !ended {
                        break None;
                    }
                }
            }
        };
        if echoes > 0 {
            self.answer(client, echoes, on)?;
        } else if self.lines[client].has_unsent() {
            self.send(client);
        }
        if let Some(gone) = gone {
            self.lose(client, gone);
        }
        Ok(())
    }

    /// Records that `echoes` messages of a client are back, and has the client
    /// send others.
    fn answer(
        &mut self,
        client: usize,
        echoes: usize,
        on: On,
    ) -> io::Result<()> {
        let now_ns = self.now_ns();
        self.pass(now_ns, on)?;
        if self.moment == LoadMoment::Begun {
            self.result.echoes += echoes as u64;
            self.lines[client].served = true;
        }
        for _ in 0..echoes {
            if let Some(from_ns) = self.lines[client].under_way.pop_front()
                && self.is_measured(from_ns)
            {
                self.echo_times.record_ns(now_ns.saturating_sub(from_ns));
            }
        }
        if self.is_over() {
            return Ok(());
        }
        let mut messages = echoes;
        if self.turns.is_some() {
            let held = &mut self.lines[client].held;
            messages = echoes.min(*held);
            *held -= messages;
        }
        self.say(client, messages, now_ns);
        self.say_what_is_due(now_ns);
        Ok(())
    }

    /// Whether a message is measured that is timed from then: in an open loop
    /// if it was due in the window, in a closed loop if the window lasts.
    #[inline]
    fn is_measured(&self, from_ns: u64) -> bool {
        match &self.turns {
            Some(turns) => turns.window_ns.contains(&from_ns),
            None => self.moment == LoadMoment::Begun,
        }
    }

    /// Open loop: sends what is due, unless its client is held up. Ends with the
    /// window, even if more is due than can be sent.
    fn say_what_is_due(&mut self, until_ns: u64) {
        let mut now_ns = until_ns;
        while let Some(turns) = &mut self.turns
            && turns.next_due_ns() <= until_ns
            && now_ns < self.boundary_ns
            && self.moment != LoadMoment::Ended
        {
            let client = turns.take_turn(now_ns);
            let under_way = self.lines[client].under_way.len();
            if under_way < self.workload.pipeline as usize {
                self.say(client, 1, now_ns);
                now_ns = self.now_ns();
            } else {
                self.lines[client].held += 1;
            }
        }
    }

    /// Has a client send `messages` messages, unless its connection is lost.
    fn say(&mut self, client: usize, messages: usize, now_ns: u64) {
        if messages == 0 || self.crowd.clients[client].is_none() {
            return;
        }
        for _ in 0..messages {
            let said = self.lines[client].said;
            let due_ns = self.turns.as_ref().map(|it| it.due_ns(client, said));
            let from_ns = due_ns.unwrap_or(now_ns);
            if self.is_measured(from_ns) {
                self.result.sent += 1;
                if due_ns.is_some() {
                    self.lateness.record_ns(now_ns.saturating_sub(from_ns));
                }
            }
            self.lines[client].say(&self.pattern, from_ns);
        }
        self.send(client);
    }

    /// Sends what there is room for.
    fn send(&mut self, client: usize) {
        let Some(socket) = &mut self.crowd.clients[client] else { return };
        let line = &mut self.lines[client];
        let sent = line
            .send(socket, &self.pattern)
            .and_then(|()| self.crowd.poller.follow(socket, line.has_unsent()));
        if sent.is_err() {
            self.lose(client, Gone::Lost);
        }
    }

    #[cold]
    fn lose(&mut self, client: usize, gone: Gone) {
        if self.crowd.clients[client].take().is_none() {
            return;
        }
        match gone {
            Gone::Lost => self.result.connections_lost += 1,
            Gone::WrongBytes(bytes) => self.result.mismatches += bytes,
        }
    }

    /// Goes on to the next moment, if its time has come.
    #[inline]
    fn pass(&mut self, now_ns: u64, on: On) -> io::Result<()> {
        if now_ns < self.boundary_ns || self.is_over() {
            return Ok(());
        }
        self.go_on(now_ns, on)
    }

    #[cold]
    fn go_on(&mut self, now_ns: u64, on: On) -> io::Result<()> {
        let cpu = usage::of_thread().map(|it| it.user + it.system);
        if self.moment == LoadMoment::Connected {
            self.begun = (now_ns, cpu);
            self.boundary_ns = match &self.turns {
                None => now_ns + self.workload.time_ns,
                Some(turns) => turns.window_ns.end,
            };
            self.moment = LoadMoment::Begun;
        } else {
            let (begun_ns, before) = self.begun;
            self.result.window_ns = now_ns - begun_ns;
            let used = cpu.zip(before);
            let used = used.map(|(now, before)| now.saturating_sub(before));
            self.result.cpu_ns = used.map(nanoseconds);
            self.moment = LoadMoment::Ended;
        }
        on(self.moment)
    }

    fn finish(mut self) -> (SteadyResult, Crowd) {
        let served = self.lines.iter().filter(|line| line.served).count();
        let mut fell_behind = false;
        if let Some(turns) = self.turns.take() {
            let mean_ns = turns.mean_lateness_ns();
            let part_ns = self.workload.time_ns / BEHIND;
            fell_behind = mean_ns > part_ns.max(nanoseconds(LEAST_BEHIND));
            self.result.due = turns.due();
            self.count_unanswered(&turns);
        } else {
            let under_way = self.lines.iter().map(|it| it.under_way.len());
            self.result.unanswered = under_way.sum::<usize>() as u64;
        }
        let late = self.lateness.summary().unwrap_or_default();
        let result = SteadyResult {
            clients_served: u32::try_from(served).unwrap_or(u32::MAX),
            echo_time: self.echo_times.summary(),
            buckets: self.echo_times.buckets(),
            late_p50_ns: late.p50_ns,
            late_p99_ns: late.p99_ns,
            trouble: fell_behind.then_some(ClientTrouble::Late),
            ..self.result
        };
        (result, self.crowd)
    }

    /// Open loop: records each message that was due and has not come back with
    /// the time that it has waited.
    fn count_unanswered(&mut self, turns: &DueTurns) {
        let window = &turns.window_ns;
        let talking = self.workload.clients as usize;
        for (client, line) in self.lines[..talking].iter().enumerate() {
            let echoed = line.said - line.under_way.len() as u64;
            for number in echoed.. {
                let due_ns = turns.due_ns(client, number);
                if due_ns >= window.end {
                    break;
                }
                if due_ns >= window.start {
                    let waited_ns = window.end - due_ns;
                    self.result.unanswered += 1;
                    self.echo_times.record_ns(waited_ns);
                    if number >= line.said {
                        self.lateness.record_ns(waited_ns);
                    }
                }
            }
        }
    }
}
