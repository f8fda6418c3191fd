//! One client: its conversation and its socket.

use super::conversation::{Command, Conversation};
use super::counts::{ClientEnd, GroupCounts};
use super::each::Each;
use super::live::LiveLoad;
use super::message::Time;
use super::script::Group;
use crate::net::{Client, Interest, Selector};
use crate::probe::{Clock, NoProbe, SocketId};
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

/// What the clients share, lent to one of them for its turn.
pub(super) struct ClientTurn<'t> {
    pub(super) timer: &'t Timer,
    pub(super) target: SocketAddr,
    pub(super) selector: &'t mut Selector<NoProbe>,
    pub(super) counts: &'t mut GroupCounts,
    pub(super) each: &'t mut Each,
    /// Where live displays read the clients' names, if there are any.
    pub(super) live: Option<&'t LiveLoad>,
    /// Where every read goes, and nothing stays.
    pub(super) scratch: &'t mut [u8],
}

/// The time since the clients' start.
#[derive(Clone, Debug)]
pub(super) struct Timer {
    pub(super) clock: Clock,
    pub(super) start: Instant,
}

impl Timer {
    pub(super) fn now(&self) -> Time {
        self.clock.now().saturating_duration_since(self.start)
    }
}

/// One client of a group.
pub(super) struct Talker<'s> {
    id: SocketId,
    group: &'s Group,
    /// In its group, from 1.
    number: u32,
    conversation: Conversation<'s>,
    socket: Option<Client>,
    connecting_since: Time,
    was_connected: bool,
}

impl<'s> Talker<'s> {
    pub(super) fn new(
        id: SocketId,
        (group, number): (&'s Group, u32),
        start: Time,
    ) -> Self {
        Self {
            id,
            group,
            number,
            conversation: Conversation::new(group, start),
            socket: None,
            connecting_since: start,
            was_connected: false,
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.conversation.end().is_some()
    }

    /// When it wants its turn even if its socket is not ready.
    pub(super) fn deadline(&self, now: Time) -> Option<Time> {
        self.conversation.deadline(now)
    }

    /// Its socket was reported: at most one read, at most one write.
    pub(super) fn on_ready(&mut self, turn: &mut ClientTurn<'_>) {
        let now = turn.timer.now();
        if self.conversation.is_connecting() {
            self.check_connect(turn, now);
        } else if self.conversation.interest(now) == Interest::default() {
            self.check_hang_up(turn);
        } else {
            self.read(turn, now);
        }
        self.go_on(turn);
    }

    /// Goes on with the script, writes once, and has the socket watched for
    /// what it needs next; or counts the client as over.
    pub(super) fn go_on(&mut self, turn: &mut ClientTurn<'_>) {
        let now = turn.timer.now();
        self.obey(turn, now);
        if self.write(turn) {
            self.obey(turn, now);
        }
        self.watch(turn, now);
        self.finish_if_over(turn);
    }

    /// The run is over before the client is.
    pub(super) fn cut_off(&mut self, turn: &mut ClientTurn<'_>) {
        if !self.is_over() {
            self.conversation.end_by(ClientEnd::CutOff);
            self.finish_if_over(turn);
        }
    }

    fn check_connect(&mut self, turn: &mut ClientTurn<'_>, now: Time) {
        let socket = self.socket.as_ref();
        match socket.map_or(Ok(false), Client::connected) {
            Ok(true) => {
                let time = now.saturating_sub(self.connecting_since);
                turn.counts.connected(time);
                self.was_connected = true;
                self.conversation.connected();
            }
            Ok(false) => {}
            Err(error) => self.fail(ClientEnd::Refused, &error, turn),
        }
    }

    /// Watched for nothing, and reported all the same: a reset, or both
    /// sides have ended. The latter is reported for ever, so that the socket
    /// is taken out of the selector until the client reads again.
    fn check_hang_up(&mut self, turn: &mut ClientTurn<'_>) {
        let Some(socket) = &mut self.socket else { return };
        if let Some(error) = socket.failure() {
            self.fail(ClientEnd::Reset, &error, turn);
        } else {
            socket.unwatch();
            self.conversation.hung_up();
        }
    }

    fn read(&mut self, turn: &mut ClientTurn<'_>, now: Time) {
        let Some(socket) = &self.socket else { return };
        let most = self.conversation.read_size(now).min(turn.scratch.len());
        if most == 0 {
            return;
        }
        match socket.read(&mut turn.scratch[..most]) {
            Ok(None) => {}
            Ok(Some(0)) => self.conversation.input_ended(),
            Ok(Some(count)) => self.compare(count, turn),
            Err(error) => self.fail(ClientEnd::Reset, &error, turn),
        }
    }

    fn compare(&mut self, count: usize, turn: &mut ClientTurn<'_>) {
        let now = turn.timer.now();
        turn.counts.bytes_in += count as u64;
        let bytes = &turn.scratch[..count];
        let result = self.conversation.received(bytes, now, turn.counts);
        turn.each.record(self.id, turn.counts.fresh_times(), || {
            self.socket.as_ref()?.local_addr().ok()
        });
        if let Err(mismatch) = result {
            let id = self.id.0;
            turn.counts.mismatches += 1;
            turn.counts
                .first_mismatch
                .get_or_insert_with(|| format!("client {id}: {mismatch}"));
        }
    }

    /// Writes once, if there is something to write; tells whether it did.
    fn write(&mut self, turn: &mut ClientTurn<'_>) -> bool {
        let output = self.conversation.output();
        let Some(socket) = self.socket.as_ref().filter(|_| !output.is_empty())
        else {
            return false;
        };
        match socket.write(output) {
            Ok(count) => {
                let count = count.unwrap_or(0);
                turn.counts.bytes_out += count as u64;
                self.conversation.sent(count);
                count > 0
            }
            Err(error) => {
                turn.counts.error(&error);
                self.conversation.output_failed();
                false
            }
        }
    }

    /// Does what the script asks for, as far as it can go on.
    fn obey(&mut self, turn: &mut ClientTurn<'_>, now: Time) {
        while let Some(command) = self.conversation.advance(now) {
            match command {
                Command::Connect => self.connect(turn, now),
                Command::HalfClose => self.half_close(turn),
                Command::Close => self.socket = None,
                Command::Reset => {
                    // An error means that the connection is gone already.
                    let _ = self.socket.take().map(Client::reset);
                }
            }
        }
    }

    fn connect(&mut self, turn: &mut ClientTurn<'_>, now: Time) {
        self.connecting_since = now;
        let Group { send_buffer, receive_buffer, .. } = *self.group;
        let target = turn.target;
        match Client::connect(self.id, target, send_buffer, receive_buffer) {
            Ok(socket) => {
                self.tell_name(&socket, turn);
                self.socket = Some(socket);
            }
            Err(error) => self.fail(ClientEnd::Refused, &error, turn),
        }
    }

    /// Publishes the client's name under its address for live displays.
    fn tell_name(&self, socket: &Client, turn: &ClientTurn<'_>) {
        let Some(live) = turn.live else { return };
        let Ok(address) = socket.local_addr() else { return };
        let name = match self.group.count {
            1 => self.group.name.clone(),
            _ => format!("{} {}", self.group.name, self.number),
        };
        live.name(address, name);
    }

    fn half_close(&mut self, turn: &mut ClientTurn<'_>) {
        let result = self.socket.as_ref().map_or(Ok(()), Client::half_close);
        if let Err(error) = result {
            turn.counts.error(&error);
            self.conversation.output_failed();
        }
    }

    fn watch(&mut self, turn: &mut ClientTurn<'_>, now: Time) {
        if self.is_over() {
            return;
        }
        let Some(socket) = &mut self.socket else { return };
        let interest = self.conversation.interest(now);
        if interest == Interest::default() && !socket.is_watched() {
            return;
        }
        socket.set_interest(interest);
        if let Err(error) = turn.selector.watch(socket) {
            self.fail(ClientEnd::Reset, &error, turn);
        }
    }

    fn fail(
        &mut self,
        end: ClientEnd,
        error: &io::Error,
        turn: &mut ClientTurn<'_>,
    ) {
        turn.counts.error(error);
        self.conversation.end_by(end);
    }

    fn finish_if_over(&mut self, turn: &mut ClientTurn<'_>) {
        let Some(end) = self.conversation.end() else { return };
        let now = turn.timer.now();
        self.socket = None;
        self.conversation.account(now, turn.counts);
        turn.counts.ended(end, now, self.was_connected);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_takes_little_room() {
        assert!(size_of::<Talker<'_>>() <= 400, "{}", size_of::<Talker>());
    }
}
