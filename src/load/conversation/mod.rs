//! One client's script, step by step. This is pure: the caller passes the
//! time and what happened on the socket, and gets back the next command.

use super::exchange::{EchoMessage, Exchange};
use super::pacing::{Next, Script};
use super::result::{ClientEnd, GroupTally};
use super::script::{Group, Reading, Step};
use crate::net::Interest;
use std::mem;
use std::slice::from_ref;
use std::time::Duration;

/// How many steps a client takes before the others have their turn.
const STEPS_AT_ONCE: usize = 64;

/// A message whose echo has not come for this time when its client is cut off is
/// lost, as far as can be told; one that was sent later is under way.
const LOST_AFTER: Duration = Duration::from_secs(1);

/// What is to be done with the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Connect,
    HalfClose,
    Close,
    Reset,
}

/// What has to happen before the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClientWait {
    /// Nothing, unless too many messages are outstanding.
    Nothing,
    Connection,
    Until(Duration),
    /// Until the next piece is due.
    Piece {
        at: Duration,
        gap: Duration,
    },
    /// Until the echo of every message is back.
    Echo,
    /// Until every message is sent; then this command is executed.
    Sent(Command),
    /// Until the server ends the connection.
    End,
}

/// The progress of one client in its script.
#[derive(Debug)]
pub(super) struct Conversation<'s> {
    script: Script<'s>,
    wait: ClientWait,
    pub(super) exchange: Exchange<'s>,
    reading: Reading,
    /// Slow reading: the next read is not before this time.
    read_at: Duration,
    half_closed: bool,
    /// Sending has failed; what has arrived is still read.
    broken: bool,
    /// Both sides have ended, but the client has not read that far.
    hung_up: bool,
    /// How it ended; `None` while it goes on.
    pub(super) end: Option<ClientEnd>,
}

impl<'s> Conversation<'s> {
    /// A client of the group that starts at this time.
    pub(super) fn new(group: &'s Group, start: Duration) -> Self {
        Self {
            script: Script::new(&group.steps),
            wait: ClientWait::Until(start),
            exchange: Exchange::default(),
            reading: Reading::Eager,
            read_at: Duration::ZERO,
            half_closed: false,
            broken: false,
            hung_up: false,
            end: None,
        }
    }

    pub(super) fn is_connecting(&self) -> bool {
        self.wait == ClientWait::Connection
    }

    /// Runs the script as far as it can go now, or until it has a command for
    /// the socket. The caller executes that command and calls this again.
    pub(super) fn advance(&mut self, now: Duration) -> Option<Command> {
        for _ in 0..STEPS_AT_ONCE {
            if self.end.is_some() || self.broken || !self.may_go_on(now) {
                return None;
            }
            let command =
                match mem::replace(&mut self.wait, ClientWait::Nothing) {
                    ClientWait::Sent(command) => Some(command),
                    ClientWait::Piece { at, gap } => {
                        self.script.delay(gap);
                        let due = self.script.intended().unwrap_or(at);
                        if self.exchange.release(due) {
                            let at = now.saturating_add(gap);
                            self.wait = ClientWait::Piece { at, gap };
                        }
                        None
                    }
                    _ => self.next_step(now),
                };
            match command {
                None => continue,
                Some(Command::Connect) => self.wait = ClientWait::Connection,
                Some(Command::HalfClose) => self.half_closed = true,
                Some(Command::Close | Command::Reset) => {
                    self.end = Some(ClientEnd::Closed);
                }
            }
            return command;
        }
        if self.wait == ClientWait::Nothing && self.exchange.has_room() {
            self.wait = ClientWait::Until(now);
        }
        None
    }

    fn may_go_on(&self, now: Duration) -> bool {
        match self.wait {
            ClientWait::Nothing => self.exchange.has_room(),
            ClientWait::Until(at) | ClientWait::Piece { at, .. } => now >= at,
            ClientWait::Echo => self.exchange.is_complete(),
            ClientWait::Sent(_) => self.exchange.is_sent(),
            ClientWait::Connection | ClientWait::End => false,
        }
    }

    fn next_step(&mut self, now: Duration) -> Option<Command> {
        let step = match self.script.next(now) {
            Next::Step(step) => step,
            Next::At(time) => {
                self.wait = ClientWait::Until(time);
                return None;
            }
            Next::Over if self.half_closed => &Step::AwaitEnd,
            Next::Over => &Step::Close,
        };
        let intended = self.script.intended();
        let due = intended.unwrap_or(now);
        match step {
            Step::Connect => return Some(Command::Connect),
            Step::Reset => return Some(Command::Reset),
            Step::Say(text) => {
                let message = EchoMessage::in_pieces(from_ref(text), due);
                self.exchange.say(message);
            }
            Step::Send(size) => {
                self.exchange.say(EchoMessage::pattern(size.0, due));
            }
            Step::SayInPieces { pieces, gap } => {
                self.exchange.say(EchoMessage::in_pieces(pieces, due));
                if pieces.len() > 1 {
                    let at = now.saturating_add(gap.0);
                    self.wait = ClientWait::Piece { at, gap: gap.0 };
                }
            }
            Step::AwaitEcho if intended.is_some() => {}
            Step::AwaitEcho => self.wait = ClientWait::Echo,
            Step::AwaitEnd => self.wait_for_end(),
            Step::Pause(time) => {
                self.script.delay(time.0);
                self.wait = ClientWait::Until(now.saturating_add(time.0));
            }
            Step::Reading(reading) => {
                self.reading = *reading;
                self.read_at = now;
            }
            Step::HalfClose => self.wait = ClientWait::Sent(Command::HalfClose),
            Step::Close => self.wait = ClientWait::Sent(Command::Close),
            Step::Repeat(_) => {
                unreachable!("the script gives the steps of a repetition")
            }
        }
        None
    }

    fn wait_for_end(&mut self) {
        self.wait = ClientWait::End;
        if self.hung_up && self.reading == Reading::Stopped {
            self.end_by(ClientEnd::InputEnded);
        }
    }

    /// When to call it again even if nothing happens on the socket.
    pub(super) fn deadline(&self, now: Duration) -> Option<Duration> {
        if self.broken {
            return None;
        }
        let step = match self.wait {
            ClientWait::Until(at) | ClientWait::Piece { at, .. } => Some(at),
            _ => None,
        };
        let slow = matches!(self.reading, Reading::Slow { .. });
        let read = Some(self.read_at).filter(|at| slow && *at > now);
        step.into_iter().chain(read).min()
    }

    /// What the selector is to report of its socket.
    pub(super) fn interest(&self, now: Duration) -> Interest {
        if self.is_connecting() {
            return Interest { readable: false, writable: true };
        }
        Interest {
            readable: self.read_size(now) > 0,
            writable: !self.output().is_empty(),
        }
    }

    /// How many bytes may be read now; 0: the client does not read.
    pub(super) fn read_size(&self, now: Duration) -> usize {
        match self.reading {
            Reading::Eager => usize::MAX,
            Reading::Slow { bytes, .. } if now >= self.read_at => bytes.bytes(),
            Reading::Stopped | Reading::Slow { .. } => 0,
        }
    }

    /// The bytes to send next, or some of them; empty if there are none.
    pub(super) fn output(&self) -> &'s [u8] {
        let over = self.broken || self.end.is_some();
        if over { &[] } else { self.exchange.output() }
    }

    /// Goes on with the script, as the connection is established.
    pub(super) fn connected(&mut self) {
        self.wait = ClientWait::Nothing;
    }

    /// Handles bytes that were read, and adds the times of the echoes that they
    /// complete.
    ///
    /// # Errors
    /// The first wrong byte, which ends the client.
    pub(super) fn received(
        &mut self,
        bytes: &[u8],
        now: Duration,
        echo_times: &mut Vec<Duration>,
    ) -> Result<(), String> {
        if let Reading::Slow { every, .. } = self.reading {
            self.read_at = now.saturating_add(every.0);
        }
        let result = self.exchange.received(bytes, now, echo_times);
        result.inspect_err(|_| self.end_by(ClientEnd::Mismatch))
    }

    /// Ends the conversation, as the server has ended its side.
    pub(super) fn input_ended(&mut self) {
        let end =
            if self.broken { ClientEnd::Reset } else { ClientEnd::InputEnded };
        self.end_by(end);
    }

    /// Handles a failure to send. Echoes that had arrived before can still be
    /// read, so a client that reads eagerly goes on with that.
    pub(super) fn output_failed(&mut self) {
        self.broken = true;
        if self.reading != Reading::Eager {
            self.end_by(ClientEnd::Reset);
        }
    }

    /// Records that both sides have ended while the client does not read.
    pub(super) fn hung_up(&mut self) {
        self.hung_up = true;
        if self.wait == ClientWait::End {
            self.wait_for_end();
        }
    }

    /// Ends the conversation; the first reason counts.
    pub(super) fn end_by(&mut self, end: ClientEnd) {
        self.end.get_or_insert(end);
    }

    /// Counts what never came back, was not sent or did not begin.
    pub(super) fn count_rest(&self, now: Duration, tally: &mut GroupTally) {
        tally.counts.missing += self.exchange.missing();
        tally.counts.unsent += self.exchange.unsent();
        tally.counts.overdue_turns += self.script.overdue(now);
        let (is_cut_short, lost) = match self.end {
            Some(ClientEnd::InputEnded) => {
                (self.wait != ClientWait::End, self.exchange.outstanding())
            }
            Some(ClientEnd::Reset) => (true, self.exchange.outstanding()),
            Some(ClientEnd::CutOff) => {
                let late = now.saturating_sub(LOST_AFTER);
                (false, self.exchange.due_before(late))
            }
            _ => (false, 0),
        };
        tally.counts.cut_short += u64::from(is_cut_short);
        tally.counts.lost += lost;
    }
}

#[cfg(test)]
mod tests;
