//! What a screen would show of real servers with real clients.

use crate::support::patience::wait_for;
use crate::support::{Client, Server};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::{Clock, Kind, Tap, TapReceiver};
use sockscope::view::{
    Cell, Scope, ScopeSettings, SocketState, SocketView, View,
};

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

#[test]
fn idle_clients_are_shown_as_each_mode_waits_for_them() {
    use SocketState::{AsleepInRead, Listening, Polled, WaitingForReadable};
    for (mode, state, threads) in [
        (
            Mode::Blocking,
            AsleepInRead,
            &[Kind::Accept, Kind::Read, Kind::Read][..],
        ),
        (Mode::Selector, WaitingForReadable, &[Kind::Wait]),
        (Mode::Tasks, WaitingForReadable, &[Kind::Wait]),
        // Its one thread may be in any call.
        (Mode::Nonblocking, Polled, &[]),
    ] {
        let view = Watched::two_clients(mode, [Listening, state, state]);
        let mut kinds: Vec<_> = view.threads.iter().map(|it| it.kind).collect();
        kinds.sort();
        let shares = view.turns.shares;
        let spins = mode == Mode::Nonblocking;
        assert!(spins && kinds.len() == 1 || kinds == threads, "{mode:?}");
        let none = if spins { shares.asleep } else { shares.spinning };
        assert!(none.abs() < 1e-6, "{mode:?}: {shares:?}");
    }
}
