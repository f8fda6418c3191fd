//! Keeps the time of a run and decides when it is to end.

use super::engine::{
    CutBy, Ended, Happening, Mailbox, Run, RunOutcome, StopRequest,
};
use crate::error::Error;
use crate::load::{Cancel, LoadResult};
use crate::net::Stop;
use crate::probe::{Clock, Note, Phase, Probe};
use crate::scenario::TimedSignal;
use crate::system::signals::Signal;
use crate::system::usage::{self, Usage};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

/// How long after the server's end its clients may take to notice it.
const CLIENTS_NOTICE: Duration = Duration::from_millis(500);

/// How often to look at a clock that a gate can advance.
const LOOK: Duration = Duration::from_millis(20);

/// Keeps the time of one run and stops it when it is to end.
pub(super) struct Conductor<'a, P: Probe> {
    run: &'a Run<'a, P>,
    stop: &'a Arc<Stop>,
    cancel: &'a Cancel,
    clock: Clock,
    start: Instant,
    signals_due: Vec<(Instant, Signal)>,
    deadline: Option<Instant>,
    ended: Option<Ended>,
    ended_at: Option<Instant>,
    clients_left: bool,
    cut_short: Option<CutBy>,
    failure: Option<io::Error>,
    server_ended: Option<Instant>,
    notice: Option<Instant>,
    load: Option<LoadResult>,
}

impl<'a, P: Probe> Conductor<'a, P> {
    pub(super) fn new(
        run: &'a Run<'a, P>,
        stop: &'a Arc<Stop>,
        cancel: &'a Cancel,
    ) -> Self {
        let clock = run.clock();
        let start = clock.now();
        let planned = run.plan.map_or(&[][..], |plan| &plan.signals);
        let due = |it: &TimedSignal| (start + it.at, it.signal);
        Self {
            run,
            stop,
            cancel,
            clock,
            start,
            signals_due: planned.iter().map(due).collect(),
            deadline: run.duration.map(|duration| start + duration),
            ended: None,
            ended_at: None,
            clients_left: false,
            cut_short: None,
            failure: None,
            server_ended: None,
            notice: None,
            load: None,
        }
    }

    pub(super) fn conduct(&mut self, mailbox: &Mailbox) -> Result<(), Error> {
        while !self.is_over() {
            self.keep_time();
            match mailbox.receiver.recv_timeout(self.patience()) {
                Ok(happening) => self.take(happening)?,
                Err(RecvTimeoutError::Timeout) => {}
                // The mailbox itself holds a sender.
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let waits_for_clients = self.run.plan.is_some();
        self.server_ended.is_some()
            && (self.load.is_some() || !waits_for_clients)
    }

    /// How long nothing is to be done.
    fn patience(&self) -> Duration {
        const LONG: Duration = Duration::from_secs(3600);
        let due = self.signals_due.iter().map(|(at, _)| *at);
        let next = due.chain(self.deadline).chain(self.notice).min();
        let until_next = next.map_or(LONG, |at| self.clock.sleep_for(at));
        // A gate can advance the clock.
        let look = self.run.gate.as_ref().map(|_| LOOK);
        look.map_or(until_next, |look| look.min(until_next))
    }

    /// Does what is due.
    fn keep_time(&mut self) {
        let now = self.clock.now();
        let is_due = |(at, _): &mut (Instant, _)| *at <= now;
        let due: Vec<_> = self.signals_due.extract_if(.., is_due).collect();
        for (_, signal) in due {
            // A stop that the scenario plans can be stepped.
            self.signal(signal);
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            match self.ended {
                // Only clients that are not ours get the grace period.
                None => {
                    self.cancel.cancel();
                    self.end_unless_ending(Ended::DurationOver);
                }
                Some(_) => self.cut(),
            }
        }
        if self.notice.is_some_and(|notice| notice <= now) {
            self.notice = None;
            self.cancel.cancel();
        }
    }

    fn take(&mut self, happening: Happening) -> Result<(), Error> {
        match happening {
            Happening::Signal(signal) => {
                self.signal(signal);
                self.run.open_gate();
            }
            Happening::Wish(wish) => self.grant(wish),
            Happening::ServerEnded(result) => {
                let now = self.clock.now();
                self.stop.ended_after(|| self.note(Phase::Ended));
                self.server_ended = Some(now);
                if let Err(error) = result {
                    self.ended = Some(Ended::ServerFailed);
                    self.failure = Some(error);
                }
                // No thread is left that could wait there.
                self.run.open_gate();
                self.notice = Some(now + CLIENTS_NOTICE);
            }
            Happening::ClientsEnded(result) => {
                self.load = Some((*result)?);
                if !self.run.stay {
                    self.end_unless_ending(Ended::ClientsDone);
                }
            }
        }
        Ok(())
    }

    /// The first asks the server to stop, a second one cuts it short.
    fn signal(&mut self, signal: Signal) {
        if self.ended.is_none() {
            self.begin_to_end(Ended::Signal(signal));
        } else {
            self.cut_short(CutBy::Signal(signal));
        }
    }

    fn grant(&mut self, wish: StopRequest) {
        match wish {
            StopRequest::Stop => self.end_unless_ending(Ended::Quit),
            StopRequest::Close => self.end_unless_ending(Ended::ClientsDone),
            StopRequest::Cut => {
                self.end_unless_ending(Ended::Quit);
                self.cut_short(CutBy::User);
            }
        }
    }

    fn end_unless_ending(&mut self, ended: Ended) {
        if self.ended.is_none() {
            self.begin_to_end(ended);
        }
        // Only now, so that a thread that was held finds out at once.
        self.run.open_gate();
    }

    /// The listener closes, clients may finish within the grace period.
    fn begin_to_end(&mut self, ended: Ended) {
        let now = self.clock.now();
        self.ended = Some(ended);
        self.ended_at = Some(now);
        self.clients_left = self.run.plan.is_some() && self.load.is_none();
        let note = || self.note(Phase::Refusing);
        let deadline = || self.clock.now() + self.run.grace;
        self.stop.request_until(deadline, note);
        let keeps_grace = self.run.mode.keeps_grace();
        self.deadline = self.stop.deadline().filter(|_| !keeps_grace);
    }

    fn cut_short(&mut self, by: CutBy) {
        self.cut_short.get_or_insert(by);
        self.cut();
    }

    /// The grace period is over, if the server has not ended before.
    pub(super) fn cut(&self) {
        self.stop.cut_after(|| self.note(Phase::Cancelling));
    }

    fn note(&self, phase: Phase) {
        if P::ENABLED {
            self.run.probe.note(&Note::Phase(phase));
        }
    }

    pub(super) fn outcome(
        self,
        address: SocketAddr,
        usage: Option<Usage>,
    ) -> RunOutcome {
        let run_time = self
            .server_ended
            .unwrap_or_else(|| self.clock.now())
            .saturating_duration_since(self.start);
        let since_start =
            |at: Instant| at.saturating_duration_since(self.start);
        let ended_at = self.ended_at.map(since_start);
        RunOutcome {
            address,
            ended: self.ended.unwrap_or(Ended::ClientsDone),
            ended_at: ended_at.unwrap_or(run_time),
            clients_left: self.clients_left,
            cut_short: self.cut_short,
            failure: self.failure,
            run_time,
            load: self.load,
            usage,
            peak_memory: usage::peak_memory(),
        }
    }
}
