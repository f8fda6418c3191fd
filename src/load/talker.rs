//! One client: its conversation and its socket.

use super::conversation::{Command, Conversation};
use super::exchange::Exchange;
use super::live::LiveLoad;
use super::result::{ClientEnd, GroupTally, LoadTally};
use super::script::Group;
use super::trouble::ClientTrouble;
use crate::net::{Client, ClientSetup, Interest, Selector};
use crate::probe::{Clock, NoProbe, SocketId};
use crate::units::Size;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What the clients share, lent to one of them for its turn.
pub(super) struct LoadState {
    pub(super) clock: Clock,
    /// When the clients started; their times count from here.
    pub(super) start: Instant,
    pub(super) target: SocketAddr,
    pub(super) selector: Selector<NoProbe>,
    pub(super) tally: LoadTally,
    /// Where live displays read the clients' names, if there are any.
    pub(super) live: Option<LiveLoad>,
    /// The buffer of every read; its content is not kept.
    pub(super) scratch: Box<[u8]>,
    /// The times of the echoes that one read completed.
    pub(super) echo_times: Vec<Duration>,
}

impl LoadState {
    pub(super) fn now(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.start)
    }
}

/// One client of a group.
pub(super) struct Talker<'s> {
    id: SocketId,
    group: &'s Group,
    /// The index of that group.
    group_index: usize,
    /// Its number in the group, from 1.
    number: u32,
    conversation: Conversation<'s>,
    socket: Option<Client>,
    connecting_since: Duration,
    was_connected: bool,
    /// The earliest of its timers; later ones find nothing to do.
    pub(super) timer: Option<Duration>,
}

impl<'s> Talker<'s> {
    pub(super) fn new(
        id: SocketId,
        (group_index, group): (usize, &'s Group),
        number: u32,
    ) -> Self {
        let after = group.stagger.0.saturating_mul(number - 1);
        let start = group.start.0.saturating_add(after);
        Self {
            id,
            group,
            group_index,
            number,
            conversation: Conversation::new(group, start),
            socket: None,
            connecting_since: start,
            was_connected: false,
            timer: Some(start),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.conversation.end.is_some()
    }

    /// When it wants its turn even if its socket is not ready.
    pub(super) fn deadline(&self, now: Duration) -> Option<Duration> {
        self.conversation.deadline(now)
    }

    /// Handles a ready socket, with at most one read and one write.
    pub(super) fn on_ready(&mut self, shared: &mut LoadState) {
        let done = self.take_news(shared, shared.now());
        self.fail_on_error(done, shared);
        self.go_on(shared);
    }

    fn take_news(
        &mut self,
        shared: &mut LoadState,
        now: Duration,
    ) -> io::Result<()> {
        let Some(socket) = &mut self.socket else { return Ok(()) };
        if self.conversation.is_connecting() {
            socket.finish_connecting()?;
            let time = now.saturating_sub(self.connecting_since);
            self.count(shared, |tally| tally.connected(time));
            self.was_connected = true;
            self.conversation.connected();
        } else if self.conversation.interest(now) == Interest::default() {
            socket.check_hang_up()?;
            self.conversation.hung_up();
        } else {
            let size = self.conversation.read_size(now);
            let most = size.min(shared.scratch.len());
            if most > 0
                && let Some(count) = socket.read(&mut shared.scratch[..most])?
            {
                self.received(count, shared);
            }
        }
        Ok(())
    }

    /// Goes on with the script, writes once, and has the socket watched for
    /// what it needs next; or counts the client as over.
    pub(super) fn go_on(&mut self, shared: &mut LoadState) {
        let now = shared.now();
        self.obey(shared, now);
        if self.write(shared) {
            self.obey(shared, now);
        }
        if !self.is_over()
            && let Some(socket) = &mut self.socket
        {
            let interest = self.conversation.interest(now);
            let watched = socket.watch_for(interest, &mut shared.selector);
            self.fail_on_error(watched, shared);
        }
        self.finish_if_over(shared);
    }

    /// Ends the client, because the run is over.
    pub(super) fn cut_off(&mut self, shared: &mut LoadState) {
        self.conversation.end_by(ClientEnd::CutOff);
        self.finish_if_over(shared);
    }

    /// Counts something in the client's group and in the total.
    fn count(&self, shared: &mut LoadState, count: impl Fn(&mut GroupTally)) {
        shared.tally.of(self.group_index).into_iter().for_each(count);
    }

    fn fail_on_error(&mut self, done: io::Result<()>, shared: &mut LoadState) {
        let Err(error) = done else { return };
        let is_ours = self.count_error(&error, shared);
        let connecting = self.conversation.is_connecting();
        self.conversation.end_by(match (is_ours, connecting) {
            (true, _) => ClientEnd::Troubled,
            (false, true) => ClientEnd::Refused,
            (false, false) => ClientEnd::Reset,
        });
    }

    /// Counts an error, and returns whether it is one of the clients' side.
    fn count_error(&self, error: &io::Error, shared: &mut LoadState) -> bool {
        let trouble = ClientTrouble::of_error(error, shared.target);
        self.count(shared, |tally| tally.error(error, trouble));
        trouble.is_some()
    }

    /// Handles `count` bytes that were read; 0: the server has ended its side.
    fn received(&mut self, count: usize, shared: &mut LoadState) {
        if count == 0 {
            self.conversation.input_ended();
            return;
        }
        let now = shared.now();
        let mut times = std::mem::take(&mut shared.echo_times);
        let bytes = &shared.scratch[..count];
        let result = self.conversation.received(bytes, now, &mut times);
        let id = self.id.0;
        let mismatch = result.err().map(|it| format!("client {id}: {it}"));
        self.count(shared, |tally| {
            tally.counts.bytes_in += count as u64;
            tally.echoed(now, &times);
            if let Some(words) = &mismatch {
                tally.counts.mismatches += 1;
                let first = &mut tally.counts.first_mismatch;
                first.get_or_insert_with(|| words.clone());
            }
        });
        shared.tally.time_client(self.id, &times, || {
            self.socket.as_ref()?.local_addr().ok()
        });
        times.clear();
        shared.echo_times = times;
    }

    /// Writes once, if there is something to write; returns whether it did.
    fn write(&mut self, shared: &mut LoadState) -> bool {
        let output = self.conversation.output();
        let Some(socket) = self.socket.as_ref().filter(|_| !output.is_empty())
        else {
            return false;
        };
        let written = socket.write(output).map(Option::unwrap_or_default);
        let count = self.sending(written, shared);
        self.count(shared, |tally| tally.counts.bytes_out += count as u64);
        self.conversation.exchange.sent(count);
        count > 0
    }

    /// The result of sending, zero if that has failed: what has arrived
    /// before can still be read.
    fn sending<T: Default>(
        &mut self,
        sent: io::Result<T>,
        shared: &mut LoadState,
    ) -> T {
        sent.unwrap_or_else(|error| {
            self.count_error(&error, shared);
            self.conversation.output_failed();
            T::default()
        })
    }

    /// Does what the script asks for, as far as it can go on.
    fn obey(&mut self, shared: &mut LoadState, now: Duration) {
        while let Some(command) = self.conversation.advance(now) {
            match command {
                Command::Connect => {
                    let connected = self.connect(shared, now);
                    self.fail_on_error(connected, shared);
                }
                Command::HalfClose => {
                    let socket = self.socket.as_ref();
                    let closed = socket.map_or(Ok(()), Client::half_close);
                    self.sending(closed, shared);
                }
                Command::Close => self.socket = None,
                Command::Reset => {
                    // An error means that the connection is gone already.
                    let _ = self.socket.take().map(Client::reset);
                }
            }
        }
    }

    /// Begins to connect, and publishes the client's name under its address
    /// for live displays.
    fn connect(
        &mut self,
        shared: &mut LoadState,
        now: Duration,
    ) -> io::Result<()> {
        self.connecting_since = now;
        let group = self.group;
        let setup = ClientSetup {
            send_buffer: group.send_buffer.map(Size::bytes),
            receive_buffer: group.receive_buffer.map(Size::bytes),
            ..ClientSetup::default()
        };
        let socket = Client::connect(self.id, shared.target, &setup)?;
        if let Some(live) = &shared.live
            && let Ok(address) = socket.local_addr()
        {
            let name = match group.count {
                1 => group.name.clone(),
                _ => format!("{} {}", group.name, self.number),
            };
            live.name(address, name);
        }
        self.socket = Some(socket);
        Ok(())
    }

    fn finish_if_over(&mut self, shared: &mut LoadState) {
        let Some(end) = self.conversation.end else { return };
        let now = shared.now();
        self.socket = None;
        self.count(shared, |tally| {
            self.conversation.count_rest(now, tally);
            tally.ended(end, now, self.was_connected);
        });
        // Frees its memory while other clients go on.
        self.conversation.exchange = Exchange::default();
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
