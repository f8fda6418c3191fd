//! What a screen would show of real servers with real clients.

use crate::support::patience::wait_for;
use crate::support::{Client, Server};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::{Clock, Kind, Tap, TapReceiver};
use sockscope::view::{
    Cell, Scope, ScopeSettings, SocketState, SocketView, View,
};
use std::time::Duration;

/// A server, and a fold that looks on.
struct Watched {
    server: Server,
    scope: Scope,
    receiver: TapReceiver,
    clock: Clock,
}

impl Watched {
    fn start(mode: Mode) -> Self {
        let settings = ServerOptions::default();
        let clock = Clock::wall();
        let (tap, receiver) = Tap::new(65_536, clock.clone());
        let server = Server::observed(mode, &settings, |_| tap);
        let scope = Scope::new(ScopeSettings {
            loop_call: mode.loop_call(),
            polls: mode == Mode::Nonblocking,
            options: settings,
            unhandled: None,
            rows_kept: 100,
        });
        Self { server, scope, receiver, clock }
    }

    fn view(&mut self) -> View {
        for event in self.receiver.drain() {
            self.scope.take(&event);
        }
        let (snapshot, now) =
            (self.server.tally.snapshot(), self.clock.elapsed());
        self.scope.view(&snapshot, now, self.receiver.lost())
    }

    /// Looks on until the view is so, and hands it out.
    #[track_caller]
    fn until(&mut self, what: &str, so: impl Fn(&View) -> bool) -> View {
        let mut view = self.view();
        wait_for(what, || {
            view = self.view();
            so(&view)
        });
        view
    }

    /// Two clients have their echoes, and their sockets' states are these.
    fn two_clients(mode: Mode, states: [SocketState; 3]) -> View {
        let mut watched = Self::start(mode);
        let mut clients = [0, 1].map(|_| Client::connect(&watched.server));
        for client in &mut clients {
            client.echo("hello");
        }
        let name = mode.name();
        let view = watched.until(&format!("{name} is at rest"), |view| {
            view.sockets.iter().map(|row| row.state).eq(states)
        });
        drop(clients);
        let over = watched.until("both have gone", |view| {
            view.sockets[1..].iter().all(is_over)
        });
        assert_eq!(over.figures.open(), 0);
        view
    }
}

fn is_over(row: &SocketView) -> bool {
    let ended = row.lane.cells.contains(&Cell::Ended);
    matches!(row.state, SocketState::Closed | SocketState::Reset) && ended
}

/// The kinds of call that threads are in.
fn calls(view: &View) -> Vec<Kind> {
    let mut kinds: Vec<_> = view.threads.iter().map(|it| it.kind).collect();
    kinds.sort();
    kinds
}

#[test]
fn blocking_has_a_thread_asleep_in_a_read_of_each() {
    use SocketState::{AsleepInRead, Listening};
    let states = [Listening, AsleepInRead, AsleepInRead];
    let view = Watched::two_clients(Mode::Blocking, states);
    assert_eq!(calls(&view), [Kind::Accept, Kind::Read, Kind::Read]);
    let reads = view.lines.iter().find(|line| line.kind == Kind::Read);
    assert_eq!(reads.unwrap().threads, 2);
}

#[test]
fn nonblocking_polls_them_both() {
    use SocketState::{Listening, Polled};
    let states = [Listening, Polled, Polled];
    let view = Watched::two_clients(Mode::Nonblocking, states);
    assert_eq!(view.threads.len(), 1);
    assert!(view.turns.shares.asleep.abs() < 1e-6, "{:?}", view.turns.shares);
}

#[test]
fn selector_watches_them_both_for_input() {
    use SocketState::{Listening, WaitingForReadable};
    let states = [Listening, WaitingForReadable, WaitingForReadable];
    let view = Watched::two_clients(Mode::Selector, states);
    for row in &view.sockets {
        let interest = row.interest.unwrap();
        assert!(interest.readable && !interest.writable, "{row:?}");
    }
    let echoed = |row: &SocketView| {
        row.lane.cells.iter().any(|it| {
            matches!(it, Cell::Echoed | Cell::Written | Cell::Accepted)
        })
    };
    assert!(view.sockets[1..].iter().all(echoed), "{view:?}");
    assert_eq!(view.turns.shares.spinning.to_bits(), 0.0_f32.to_bits());
}

#[test]
fn serial_is_asleep_in_a_read_of_the_first_and_knows_of_no_second() {
    let mut watched = Watched::start(Mode::Serial);
    let mut first = Client::connect(&watched.server);
    first.echo("hello");
    let _second = Client::connect(&watched.server);
    let view = watched.until("the thread has slept for a second", |view| {
        !view.findings.is_empty()
    });
    let words = view.findings[0].to_string();
    let start =
        "whoever connects now has to wait: the only thread has slept in a";
    let call = "read of #1 for";
    assert!(words.starts_with(start) && words.contains(call), "{words}");
    let states: Vec<_> = view.sockets.iter().map(|row| row.state).collect();
    let expected = [SocketState::Listening, SocketState::AsleepInRead];
    assert_eq!(states, expected);
    assert!(view.turns.shares.asleep > 0.9, "{:?}", view.turns.shares);
}

#[test]
fn a_client_that_does_not_read_lets_its_thread_sleep_in_a_write() {
    let mut watched = Watched::start(Mode::Blocking);
    let mut client = Client::connect_small(&watched.server, 4_096);
    let asleep = |view: &View| {
        view.threads.iter().any(|it| {
            let write = it.in_call && it.kind == Kind::Write;
            write && it.since > Duration::from_millis(200)
        })
    };
    let mut view = None;
    client.flood_until(|| asleep(view.insert(watched.view())));
    let state = view.unwrap().sockets[1].state;
    assert_eq!(state, SocketState::AsleepInWrite);
}

#[test]
fn a_client_that_does_not_read_has_its_output_pending() {
    for mode in [Mode::Nonblocking, Mode::Selector] {
        let mut watched = Watched::start(mode);
        let mut client = Client::connect_small(&watched.server, 4_096);
        let words = "output for #1 is at its limit: it is not reading";
        let is_found = |view: &View| {
            view.findings.iter().any(|it| it.to_string() == words)
        };
        let mut view = None;
        client.flood_until(|| is_found(view.insert(watched.view())));
        let row = &view.unwrap().sockets[1];
        assert_eq!(row.state, SocketState::OutputPending);
        assert!(row.pending >= row.pending_limit, "{row:?}");
    }
}
