//! Watches the time of a run and decides when it is to end.

use super::engine::{CutBy, Ended, Run, RunMessage, RunOutcome, StopRequest};
use crate::error::Error;
use crate::load::Cancel;
use crate::net::Stop;
use crate::probe::{Clock, Note, Phase, Probe};
use crate::scenario::TimedSignal;
use crate::system::signals::Signal;
use crate::system::usage::{self, Usage};
use std::io;
use std::mem;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long clients may take to notice that their server has ended.
const CLIENTS_NOTICE: Duration = Duration::from_millis(500);

/// How often to check the clock if a gate can advance it.
const LOOK: Duration = Duration::from_millis(20);

/// Watches the time of one run, and stops the run when it is to end.
pub(super) struct Conductor<'a, P: Probe> {
    run: &'a Run<'a, P>,
    stop: &'a Arc<Stop>,
    cancel: &'a Cancel,
    clock: Clock,
    start: Instant,
    signals_due: Vec<(Instant, Signal)>,
    deadline: Option<Instant>,
    /// Whether the end of the run was requested.
    is_ending: bool,
    server_ended: Option<Instant>,
    /// When clients that have not noticed the server's end are cancelled.
    notice: Option<Instant>,
    outcome: RunOutcome,
}

impl<'a, P: Probe> Conductor<'a, P> {
    pub(super) fn new(
        run: &'a Run<'a, P>,
        stop: &'a Arc<Stop>,
        cancel: &'a Cancel,
    ) -> Self {
        let clock = run.clock.clone();
        let start = clock.now();
        let plan = run.setup.plan.as_ref();
        let planned = plan.map_or(&[][..], |plan| &plan.signals);
        let due = |it: &TimedSignal| (start + it.at.0, it.signal);
        Self {
            run,
            stop,
            cancel,
            clock,
            start,
            signals_due: planned.iter().map(due).collect(),
            deadline: run.setup.duration.map(|duration| start + duration),
            is_ending: false,
            server_ended: None,
            notice: None,
            outcome: RunOutcome::default(),
        }
    }

    pub(super) fn conduct(
        &mut self,
        messages: &Receiver<RunMessage>,
    ) -> Result<(), Error> {
        let has_clients = self.run.setup.plan.is_some();
        while self.server_ended.is_none()
            || has_clients && self.outcome.load.is_none()
        {
            self.keep_time();
            match messages.recv_timeout(self.patience()) {
                Ok(message) => self.take(message)?,
                Err(RecvTimeoutError::Timeout) => {}
                // The mailbox holds a sender, so that this does not happen.
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Ok(())
    }

    /// How long to wait for a message until something is due.
    fn patience(&self) -> Duration {
        const LONG: Duration = Duration::from_secs(3600);
        let due = self.signals_due.iter().map(|(at, _)| *at);
        let next = due.chain(self.deadline).chain(self.notice).min();
        let until_next = next.map_or(LONG, |at| self.clock.sleep_for(at));
        // A gate can advance the clock during the wait.
        let look = if self.run.gate.is_some() { LOOK } else { LONG };
        until_next.min(look)
    }

    /// Handles planned signals and time limits that are due.
    fn keep_time(&mut self) {
        let now = self.clock.now();
        let is_due = |(at, _): &mut (Instant, _)| *at <= now;
        let due: Vec<_> = self.signals_due.extract_if(.., is_due).collect();
        for (_, signal) in due {
            // The gate stays closed: a planned stop can be stepped through.
            self.signal(signal);
        }
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            self.deadline = None;
            if self.is_ending {
                self.cut();
            } else {
                // Only clients that are not ours get the grace period.
                self.cancel.cancel();
                self.end_unless_ending(Ended::DurationOver);
            }
        }
        if self.notice.is_some_and(|notice| notice <= now) {
            self.notice = None;
            self.cancel.cancel();
        }
    }

    fn take(&mut self, message: RunMessage) -> Result<(), Error> {
        match message {
            RunMessage::Signal(signal) => {
                self.signal(signal);
                self.run.open_gate();
            }
            RunMessage::Stopped(time) => {
                self.run.probe.note(&Note::Stopped { time: time.into() });
            }
            RunMessage::Wish(StopRequest::Stop) => {
                self.end_unless_ending(Ended::Quit);
            }
            RunMessage::Wish(StopRequest::Close) => {
                self.end_unless_ending(Ended::ClientsDone);
            }
            RunMessage::Wish(StopRequest::Cut) => {
                self.end_unless_ending(Ended::Quit);
                self.cut_short(CutBy::User);
            }
            RunMessage::ServerEnded(result) => {
                let now = self.clock.now();
                self.stop.enter(Phase::Ended, &self.run.probe);
                self.server_ended = Some(now);
                let outage = self.stop.outage().map(io::Error::other);
                let result = result.and(outage.map_or(Ok(()), Err));
                if let Err(error) = result {
                    self.set_ended(Ended::ServerFailed);
                    self.outcome.failure = Some(error);
                }
                // The server's threads have ended: none can wait at the gate.
                self.run.open_gate();
                self.notice = Some(now + CLIENTS_NOTICE);
            }
            RunMessage::ClientsEnded(result) => {
                self.outcome.load = Some((*result)?);
                if !self.run.setup.stay {
                    self.end_unless_ending(Ended::ClientsDone);
                }
            }
        }
        Ok(())
    }

    /// The first signal requests a stop, a second one cuts it short.
    fn signal(&mut self, signal: Signal) {
        if self.is_ending {
            self.cut_short(CutBy::Signal(signal));
        } else {
            self.begin_to_end(Ended::Signal(signal));
        }
    }

    fn end_unless_ending(&mut self, ended: Ended) {
        if !self.is_ending {
            self.begin_to_end(ended);
        }
        // The gate opens after the request, so that held threads see it.
        self.run.open_gate();
    }

    /// Requests the stop, which begins the grace period.
    fn begin_to_end(&mut self, ended: Ended) {
        self.set_ended(ended);
        self.outcome.clients_left =
            self.run.setup.plan.is_some() && self.outcome.load.is_none();
        let grace = self.run.setup.settings.grace();
        let deadline = || self.clock.now() + grace;
        self.stop.request_until(deadline, &self.run.probe);
        let keeps_grace = self.run.mode.keeps_grace();
        self.deadline = self.stop.deadline().filter(|_| !keeps_grace);
    }

    /// Sets the reason, and once the time at which the run began to end.
    fn set_ended(&mut self, ended: Ended) {
        let at = self.clock.now().saturating_duration_since(self.start);
        self.outcome.ended = ended;
        if !mem::replace(&mut self.is_ending, true) {
            self.outcome.ended_at = at;
        }
    }

    fn cut_short(&mut self, by: CutBy) {
        self.outcome.cut_short.get_or_insert(by);
        self.cut();
    }

    /// Ends the grace period, unless the server has ended.
    pub(super) fn cut(&self) {
        self.stop.enter(Phase::Cancelling, &self.run.probe);
    }

    pub(super) fn outcome(mut self, usage: Option<Usage>) -> RunOutcome {
        if !self.is_ending {
            self.set_ended(Ended::ClientsDone);
        }
        let end = self.server_ended.unwrap_or_else(|| self.clock.now());
        let run_time = end.saturating_duration_since(self.start);
        RunOutcome {
            run_time,
            usage,
            peak_memory: usage::peak_memory(),
            left_waiting: self.stop.left_waiting(),
            ..self.outcome
        }
    }
}
