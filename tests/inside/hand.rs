//! Clients by hand: they do what the user says, and show what came of it.

use crate::support::patience::wait_for;
use crate::support::peers::nobody;
use crate::support::{Server, lines, pattern};
use sockscope::load::ClientOrder::{Close, Flood, HalfClose, Read, Reset, Say};
use sockscope::load::{
    FLOOD, Hand, HandClient, HandRefusal, HandState, MAX_HAND_CLIENTS,
    MAX_LAST_RECEIVED, MAX_UNSENT,
};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::End;
use sockscope::units::Size;
use std::io::ErrorKind;

/// A server and a hand that leads clients of it.
struct Class {
    server: Server,
    hand: Hand,
}

impl Class {
    fn new(settings: &ServerOptions) -> Self {
        let server = Server::start(Mode::Selector, settings);
        let hand = Hand::start(server.address).unwrap();
        Self { server, hand }
    }

    /// One more client, connected and accepted.
    fn client(&self) -> u32 {
        let number = self.hand.connect().unwrap();
        self.server.wait_for_clients(number.into());
        self.wait_for_state(number, HandState::Open);
        number
    }

    fn say(&self, number: u32, text: &str) -> Result<(), HandRefusal> {
        self.hand.direct(number, &Say(text.into()))
    }

    fn find(&self, number: u32) -> Option<HandClient> {
        let clients = self.hand.snapshot();
        clients.into_iter().find(|it| it.number == number)
    }

    #[track_caller]
    fn wait_until(
        &self,
        number: u32,
        what: &str,
        is_so: impl Fn(&HandClient) -> bool,
    ) -> HandClient {
        wait_for(what, || is_so(&self.find(number).unwrap()));
        self.find(number).unwrap()
    }

    #[track_caller]
    fn wait_for_state(&self, number: u32, state: HandState) {
        self.wait_until(number, &state.words(), |it| it.state == state);
    }

    /// All that this client has received, as far as it is kept.
    #[track_caller]
    fn wait_for_received(&self, number: u32, count: usize) -> Vec<u8> {
        let count = count as u64;
        let client =
            self.wait_until(number, "bytes come", |it| it.received == count);
        client.last_received
    }
}

/// This many letters in which every stretch looks different.
fn letters(count: usize) -> String {
    let letter = |byte: u8| char::from(b'a' + byte % 26);
    pattern(count).into_iter().map(letter).collect()
}

#[test]
fn what_is_said_comes_back_and_its_last_bytes_are_kept() {
    let class = Class::new(&ServerOptions::default());
    let number = class.client();
    let client = class.find(number).unwrap();
    assert!(client.local_addr.is_some());
    assert_eq!(client.local_addr, class.server.socket(1).peer);
    assert_eq!((client.sent, client.received), (0, 0));
    class.say(number, "hello\x1b").unwrap();
    assert_eq!(class.wait_for_received(number, 6), b"hello\x1b");
    let client = class.find(number).unwrap();
    assert_eq!((client.sent, client.unsent), (6, 0));
    let words = letters(MAX_UNSENT);
    class.say(number, &words).unwrap();
    let kept = class.wait_for_received(number, 6 + words.len());
    let last = &words[words.len() - MAX_LAST_RECEIVED..];
    assert_eq!(kept, last.as_bytes());
}

#[test]
fn half_a_line_is_echoed_when_it_is_whole_and_boom_fails_one_client() {
    let class = Class::new(&ServerOptions { boom: Some(true), ..lines() });
    let (one, other) = (class.client(), class.client());
    class.say(one, "half a ").unwrap();
    wait_for("the half is read", || class.server.socket(1).bytes_in == 7);
    assert_eq!(class.find(one).unwrap().received, 0);
    class.say(one, "line\n").unwrap();
    assert_eq!(class.wait_for_received(one, 12), b"half a line\n");
    class.say(one, "boom\n").unwrap();
    assert_eq!(class.server.wait_for_end(1), End::Boom);
    class.wait_for_state(one, HandState::EndedByServer);
    class.say(other, "still here\n").unwrap();
    class.wait_for_received(other, 11);
}

#[test]
fn a_client_that_does_not_read_has_too_much_to_say_in_the_end() {
    let class = Class::new(&ServerOptions {
        buffer_limit: Some(Size(8192)),
        ..ServerOptions::default()
    });
    let number = class.client();
    class.hand.direct(number, &Read(false)).unwrap();
    class.say(number, "later").unwrap();
    wait_for("the echo is sent", || class.server.socket(1).bytes_out == 5);
    let client = class.find(number).unwrap();
    assert_eq!((client.received, client.reading), (0, false));
    let words = letters(MAX_UNSENT / 2);
    let refused = HandRefusal::TooMuchToSay;
    wait_for("it is refused", || {
        let full = class.server.is_stalled(1, 8192);
        class.say(number, &words) == Err(refused) && full
    });
    assert!(class.find(number).unwrap().unsent <= MAX_UNSENT);
    // All that was taken comes back in the end.
    class.hand.direct(number, &Read(true)).unwrap();
    class.wait_until(number, "the echo comes", |it| {
        it.unsent == 0 && it.received == it.sent
    });
}

#[test]
fn a_flood_fills_the_servers_buffer_up_to_its_limit() {
    let class = Class::new(&ServerOptions {
        buffer_limit: Some(Size(8192)),
        ..ServerOptions::default()
    });
    let number = class.client();
    class.hand.direct(number, &Flood).unwrap();
    wait_for("the server reads no more", || class.server.is_stalled(1, 8192));
    let client = class.find(number).unwrap();
    assert!(!client.reading && client.received == 0 && client.unsent > 0);
    let refused = Err(HandRefusal::TooMuchToSay);
    assert_eq!(class.hand.direct(number, &Flood), refused);
    assert_eq!(class.say(number, "?"), refused);
    class.hand.direct(number, &Read(true)).unwrap();
    class.wait_until(number, "all of the echo comes", |it| {
        it.received == FLOOD as u64
    });
}

#[test]
fn a_half_close_comes_after_what_was_said_before() {
    let class = Class::new(&lines());
    let number = class.client();
    class.hand.direct(number, &Read(false)).unwrap();
    class.say(number, "the end").unwrap();
    class.hand.direct(number, &HalfClose).unwrap();
    let refused = Err(HandRefusal::HalfClosed);
    assert_eq!(class.say(number, "more"), refused);
    class.wait_for_state(number, HandState::HalfClosed);
    assert_eq!(class.server.wait_for_end(1), End::EndOfFile);
    class.hand.direct(number, &Read(true)).unwrap();
    class.wait_for_state(number, HandState::Closed);
    assert_eq!(class.find(number).unwrap().last_received, b"the end");
}

#[test]
fn a_close_and_a_reset_reach_the_server() {
    let class = Class::new(&ServerOptions::default());
    let (one, other) = (class.client(), class.client());
    class.hand.direct(one, &Close).unwrap();
    class.wait_for_state(one, HandState::Closed);
    assert_eq!(class.server.wait_for_end(1), End::EndOfFile);
    class.hand.direct(other, &Reset).unwrap();
    class.wait_for_state(other, HandState::Reset);
    assert_eq!(class.server.wait_for_end(2), End::Reset);
    for number in [one, other, 9] {
        let over = Err(HandRefusal::Over);
        assert_eq!(class.say(number, "more"), over);
        assert_eq!(class.hand.direct(number, &Close), over);
    }
    class.client();
    let Class { server, hand } = class;
    drop(hand);
    assert_eq!(server.wait_for_end(3), End::EndOfFile, "the hand is gone");
}

#[test]
fn a_client_sees_that_the_server_has_ended() {
    let mut class = Class::new(&ServerOptions::default());
    let (reader, other) = (class.client(), class.client());
    class.hand.direct(other, &Read(false)).unwrap();
    class.wait_until(other, "it stops to read", |it| !it.reading);
    class.server.end();
    class.wait_for_state(reader, HandState::EndedByServer);
    // It does not look: it still believes that all is well.
    assert_eq!(class.find(other).unwrap().state, HandState::Open);
    class.hand.direct(reader, &HalfClose).unwrap();
    class.wait_for_state(reader, HandState::Closed);
    class.hand.direct(other, &Read(true)).unwrap();
    class.wait_for_state(other, HandState::EndedByServer);
}

#[test]
fn a_client_that_is_refused_says_so() {
    let (_held, address) = nobody();
    let hand = Hand::start(address).unwrap();
    let number = hand.connect().unwrap();
    let state = || hand.snapshot()[0].state;
    wait_for("it is refused", || state().is_over());
    assert_eq!(state(), HandState::Failed(ErrorKind::ConnectionRefused));
    assert_eq!(state().words(), "connection refused");
    assert_eq!(hand.direct(number, &Say("?".into())), Err(HandRefusal::Over));
}

#[test]
fn in_serial_a_client_is_open_before_it_is_accepted() {
    let server = Server::start(Mode::Serial, &ServerOptions::default());
    let hand = Hand::start(server.address).unwrap();
    let first = hand.connect().unwrap();
    server.wait_for_clients(1);
    let second = hand.connect().unwrap();
    hand.direct(second, &Say("hello".into())).unwrap();
    let client = |number: u32| hand.snapshot()[number as usize - 1].clone();
    wait_for("it is said", || client(second).sent == 5);
    assert_eq!(client(second).state, HandState::Open);
    assert_eq!(server.tally.snapshot().connections, 1);
    hand.direct(first, &Close).unwrap();
    wait_for("it is heard", || client(second).received == 5);
}

#[test]
fn the_oldest_that_is_over_makes_room() {
    let class = Class::new(&ServerOptions::default());
    let all: Vec<_> = (0..MAX_HAND_CLIENTS).map(|_| class.client()).collect();
    assert_eq!(class.hand.connect(), Err(HandRefusal::TooManyClients));
    class.hand.direct(all[7], &Close).unwrap();
    class.wait_for_state(all[7], HandState::Closed);
    assert_eq!(class.client(), all[all.len() - 1] + 1);
    assert_eq!(class.find(all[7]), None);
    assert_eq!(class.hand.snapshot().len(), MAX_HAND_CLIENTS);
}
