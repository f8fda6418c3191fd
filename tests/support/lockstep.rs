//! Conversations held in lockstep: before anybody does the next thing, the
//! server has done all it can and waits again in its own way.

use super::patience::wait_for;
use super::{Client, GRACE, Server};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::{
    Clock, Event, Kind, LISTENER, Phase, Step, Tap, TapReceiver,
};
use std::collections::HashMap;

pub(crate) struct Lockstep {
    server: Server,
    events: TapReceiver,
    clients: HashMap<&'static str, (u32, Client)>,
    accepted: u64,
}

impl Lockstep {
    pub(crate) fn start(mode: Mode, settings: &ServerOptions) -> Self {
        let (tap, events) = Tap::new(10_000, Clock::wall(), false);
        let server = Server::observed(mode, settings, |_| tap);
        let clients = HashMap::new();
        let talk = Self { server, events, clients, accepted: 0 };
        talk.settle();
        talk
    }

    /// Stops the server, and says all that has happened.
    pub(crate) fn finish(mut self) -> Vec<Event> {
        self.server.end();
        self.events.finish();
        assert_eq!(self.events.lost(), 0);
        self.events.drain().collect()
    }

    /// In serial mode only the first one is accepted as long as it is there.
    pub(crate) fn connect(&mut self, name: &'static str) {
        let id = u32::try_from(self.clients.len() + 1).unwrap();
        let client = Client::connect(&self.server);
        self.clients.insert(name, (id, client));
        if self.server.mode != Mode::Serial || id == 1 {
            self.accepted = id.into();
        }
        self.server.wait_for_clients(self.accepted);
        self.settle();
    }

    /// Says it, and has the server read it if it has accepted this client.
    pub(crate) fn say(&mut self, name: &str, words: &str) {
        let (id, client) = self.clients.get_mut(name).unwrap();
        let (id, length) = (*id, words.len() as u64);
        let accepted = u64::from(id) <= self.accepted;
        let read = || self.server.socket(id).bytes_in;
        let goal = if accepted { read() + length } else { 0 };
        client.say(words);
        if accepted {
            wait_for("the server reads", || read() >= goal);
        }
        self.settle();
    }

    pub(crate) fn expect(&mut self, name: &str, words: &str) {
        self.client(name).expect(words);
        self.settle();
    }

    pub(crate) fn echo(&mut self, name: &str, words: &str) {
        self.client(name).echo(words);
        self.settle();
    }

    /// Ends its side, and so much comes before the server ends the other.
    pub(crate) fn half_close(&mut self, name: &'static str, rest: &str) {
        self.client(name).half_close();
        self.client(name).expect(rest);
        self.expect_end(name);
    }

    pub(crate) fn reset(&mut self, name: &str) {
        let (id, client) = self.clients.remove(name).unwrap();
        client.reset();
        self.server.wait_for_end(id);
        self.settle();
    }

    pub(crate) fn expect_end(&mut self, name: &'static str) {
        let (id, mut client) = self.clients.remove(name).unwrap();
        client.expect_end();
        self.server.wait_for_end(id);
        self.settle();
    }

    /// In serial mode the server notices when its one client has gone.
    pub(crate) fn request_stop(&mut self) {
        let turns = self.server.iterations();
        self.server.stop.request(GRACE);
        wait_for("the server notices", || {
            self.server.mode == Mode::Serial || self.server.iterations() > turns
        });
        self.settle();
    }

    pub(crate) fn cut(&mut self) {
        self.server.stop.cut();
    }

    fn client(&mut self, name: &str) -> &mut Client {
        &mut self.clients.get_mut(name).unwrap().1
    }

    /// The server waits: its loop has come round, or its threads sleep.
    fn settle(&self) {
        if self.server.has_returned() {
            return;
        }
        let turns = self.server.iterations();
        wait_for("the server waits", || match self.server.mode {
            Mode::Nonblocking => {
                self.server.iterations() > turns + 1
                    || self.server.has_returned()
            }
            _ => self.is_asleep() || self.server.has_returned(),
        });
    }

    fn is_asleep(&self) -> bool {
        let now = self.server.tally.snapshot();
        let asleep = |kinds: &[Kind], socket| {
            now.threads.iter().any(|thread| {
                thread.in_call
                    && thread.socket == socket
                    && kinds.contains(&thread.kind)
            })
        };
        let open = now.sockets.iter().filter(|s| s.end.is_none());
        let mut ids = open.map(|count| count.id);
        match self.server.mode {
            Mode::Serial => {
                // On the one client, or for want of one on the listener.
                let last = ids.next_back().unwrap();
                asleep(&[Kind::Accept, Kind::Read], last)
            }
            Mode::Blocking => ids.all(|id| {
                let phase = self.server.stop.phase();
                let gone = id == LISTENER && phase != Phase::Running;
                gone || asleep(&[Kind::Accept, Kind::Read], id)
            }),
            // Its waits are no sleep while a task is ready.
            Mode::Tasks => {
                let turn = now.turns;
                let selects = turn.now == Some(Step::Select);
                let idle = selects && turn.ready == 0;
                idle && asleep(&[Kind::Wait], LISTENER)
            }
            _ => asleep(&[Kind::Wait], LISTENER),
        }
    }
}
