//! One client's script, step by step. This is pure: the caller passes the
//! time and what happened on the socket, and gets back the next command.

use super::counts::{ClientEnd, GroupCounts};
use super::exchange::{Exchange, Mismatch};
use super::message::{EchoMessage, Time};
use super::pacing::{Next, Script};
use super::script::{Group, Payload, Reading, Step};
use crate::net::Interest;
use std::mem;
use std::time::Duration;

/// How many steps a client takes before the others have their turn.
const STEPS_AT_ONCE: usize = 64;

/// What is to be done with the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Connect,
    HalfClose,
    Close,
    Reset,
}

/// What the next step waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClientWait {
    Nothing,
    Connection,
    Until(Time),
    /// Until the next piece is due.
    Piece {
        at: Time,
        gap: Duration,
    },
    /// Until everything said is back.
    Echo,
    /// Until fewer messages are outstanding.
    Room,
    /// Until everything said is sent; then this is to be done.
    Sent(Command),
    /// Until the server ends the connection.
    End,
}

/// One client's state.
#[derive(Debug)]
pub(super) struct Conversation<'s> {
    script: Script<'s>,
    wait: ClientWait,
    exchange: Exchange<'s>,
    reading: Reading,
    /// Slow reading: the next read is not before this time.
    read_at: Time,
    half_closed: bool,
    /// Sending has failed; what has arrived is still read.
    broken: bool,
    /// Both sides have ended, but the client has not read that far.
    hung_up: bool,
    end: Option<ClientEnd>,
}

impl<'s> Conversation<'s> {
    /// A client of the group that starts at this time.
    pub(super) fn new(group: &'s Group, start: Time) -> Self {
        Self {
            script: Script::new(&group.steps),
            wait: ClientWait::Until(start),
            exchange: Exchange::default(),
            reading: Reading::Eager,
            read_at: Time::ZERO,
            half_closed: false,
            broken: false,
            hung_up: false,
            end: None,
        }
    }

    /// How it ended, once it has.
    pub(super) fn end(&self) -> Option<ClientEnd> {
        self.end
    }

    pub(super) fn is_connecting(&self) -> bool {
        self.wait == ClientWait::Connection
    }

    /// Runs the script as far as it can go now, or until it has a command for
    /// the socket. The caller executes that command and calls this again.
    pub(super) fn advance(&mut self, now: Time) -> Option<Command> {
        for _ in 0..STEPS_AT_ONCE {
            if self.end.is_some() || self.broken || !self.may_go_on(now) {
                return None;
            }
            let command =
                match mem::replace(&mut self.wait, ClientWait::Nothing) {
                    ClientWait::Sent(command) => Some(command),
                    ClientWait::Piece { at, gap } => {
                        self.release_piece(at, gap, now);
                        None
                    }
                    _ => self.next_step(now),
                };
            if let Some(command) = command {
                self.note(command);
                return Some(command);
            }
        }
        if self.wait == ClientWait::Nothing {
            self.wait = ClientWait::Until(now);
        }
        None
    }

    fn may_go_on(&self, now: Time) -> bool {
        match self.wait {
            ClientWait::Nothing => true,
            ClientWait::Until(at) | ClientWait::Piece { at, .. } => now >= at,
            ClientWait::Echo => self.exchange.is_complete(),
            ClientWait::Room => self.exchange.has_room(),
            ClientWait::Sent(_) => self.exchange.is_sent(),
            ClientWait::Connection | ClientWait::End => false,
        }
    }

    fn note(&mut self, command: Command) {
        match command {
            Command::Connect => self.wait = ClientWait::Connection,
            Command::HalfClose => self.half_closed = true,
            Command::Close | Command::Reset => {
                self.end = Some(ClientEnd::Closed);
            }
        }
    }

    fn next_step(&mut self, now: Time) -> Option<Command> {
        match self.script.next(now) {
            Next::Step(Step::Connect) => return Some(Command::Connect),
            Next::Step(Step::Reset) => return Some(Command::Reset),
            Next::Step(step) => self.begin(step, now),
            Next::At(time) => self.wait = ClientWait::Until(time),
            Next::Over if self.half_closed => self.wait_for_end(),
            Next::Over => self.wait = ClientWait::Sent(Command::Close),
        }
        None
    }

    fn begin(&mut self, step: &'s Step, now: Time) {
        match step {
            Step::Say(payload) => self.say(payload, now),
            Step::SayInPieces { pieces, gap } => {
                self.say_pieces(pieces, *gap, now);
            }
            Step::AwaitEcho if self.script.intended().is_some() => {}
            Step::AwaitEcho => self.wait = ClientWait::Echo,
            Step::AwaitEnd => self.wait_for_end(),
            Step::Pause(time) => {
                self.script.delay(*time);
                self.wait = ClientWait::Until(now.saturating_add(*time));
            }
            Step::Reading(reading) => {
                self.reading = *reading;
                self.read_at = now;
            }
            Step::HalfClose => self.wait = ClientWait::Sent(Command::HalfClose),
            Step::Close => self.wait = ClientWait::Sent(Command::Close),
            // Made commands, or unrolled, by the one caller and the script.
            Step::Connect | Step::Reset | Step::Repeat { .. } => {}
        }
    }

    fn say(&mut self, payload: &'s Payload, now: Time) {
        let due = self.script.intended().unwrap_or(now);
        self.exchange.say(EchoMessage::new(payload, due));
        self.wait_for_room();
    }

    fn say_pieces(&mut self, pieces: &'s [Vec<u8>], gap: Duration, now: Time) {
        let due = self.script.intended().unwrap_or(now);
        self.exchange.say(EchoMessage::in_pieces(pieces, due));
        if pieces.len() > 1 {
            self.wait = ClientWait::Piece { at: now.saturating_add(gap), gap };
        } else {
            self.wait_for_room();
        }
    }

    fn release_piece(&mut self, at: Time, gap: Duration, now: Time) {
        self.script.delay(gap);
        let due = self.script.intended().unwrap_or(at);
        if self.exchange.release(due) {
            self.wait = ClientWait::Piece { at: now.saturating_add(gap), gap };
        } else {
            self.wait_for_room();
        }
    }

    fn wait_for_end(&mut self) {
        self.wait = ClientWait::End;
        if self.hung_up && self.reading == Reading::Stopped {
            self.end_by(ClientEnd::InputEnded);
        }
    }

    fn wait_for_room(&mut self) {
        if !self.exchange.has_room() {
            self.wait = ClientWait::Room;
        }
    }

    /// When it wants to be called again even if nothing happens.
    pub(super) fn deadline(&self, now: Time) -> Option<Time> {
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

    /// What its socket is to be watched for.
    pub(super) fn interest(&self, now: Time) -> Interest {
        if self.is_connecting() {
            return Interest { readable: false, writable: true };
        }
        Interest {
            readable: self.read_size(now) > 0,
            writable: !self.output().is_empty(),
        }
    }

    /// How much may be read now.
    pub(super) fn read_size(&self, now: Time) -> usize {
        match self.reading {
            Reading::Eager => usize::MAX,
            Reading::Slow { bytes, .. } if now >= self.read_at => bytes,
            Reading::Stopped | Reading::Slow { .. } => 0,
        }
    }

    /// What is to be sent next, or some of it.
    pub(super) fn output(&self) -> &'s [u8] {
        let over = self.broken || self.end.is_some();
        if over { &[] } else { self.exchange.output() }
    }

    /// The connection is established.
    pub(super) fn connected(&mut self) {
        self.wait = ClientWait::Nothing;
    }

    /// So much of the output was sent.
    pub(super) fn sent(&mut self, count: usize) {
        self.exchange.sent(count);
    }

    /// These bytes were read; the first wrong one ends the client.
    pub(super) fn received(
        &mut self,
        bytes: &[u8],
        now: Time,
        counts: &mut GroupCounts,
    ) -> Result<(), Mismatch> {
        if let Reading::Slow { every, .. } = self.reading {
            self.read_at = now.saturating_add(every);
        }
        let result = self.exchange.received(bytes, now, counts);
        result.inspect_err(|_| self.end_by(ClientEnd::Mismatch))
    }

    /// The server has ended its side.
    pub(super) fn input_ended(&mut self) {
        let end =
            if self.broken { ClientEnd::Reset } else { ClientEnd::InputEnded };
        self.end_by(end);
    }

    /// Sending has failed. Echoes that had arrived before can still be read,
    /// so that a client that reads goes on with that.
    pub(super) fn output_failed(&mut self) {
        self.broken = true;
        if self.reading != Reading::Eager {
            self.end_by(ClientEnd::Reset);
        }
    }

    /// Both sides have ended, and the client does not read now.
    pub(super) fn hung_up(&mut self) {
        self.hung_up = true;
        if self.wait == ClientWait::End {
            self.wait_for_end();
        }
    }

    /// It is over; the first reason counts.
    pub(super) fn end_by(&mut self, end: ClientEnd) {
        self.end.get_or_insert(end);
    }

    /// Counts what is left when it is over, and forgets it.
    pub(super) fn account(&mut self, now: Time, counts: &mut GroupCounts) {
        let exchange = mem::take(&mut self.exchange);
        counts.missing += exchange.missing();
        counts.unsent += exchange.unsent();
        counts.overdue_turns += self.script.overdue(now);
    }
}

#[cfg(test)]
mod tests;
