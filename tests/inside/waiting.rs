//! The modes differ in how they wait: what each of them does while there is
//! nothing to do.

use crate::support::passes::Passes;
use crate::support::patience::{holds, holds_undisturbed, wait_for};
use crate::support::{Client, Server};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::probe::{Class, Counters, Kind};
use sockscope::units::Size;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The modes that sleep when there is nothing to do.
const SLEEPING: [Mode; 4] =
    [Mode::Serial, Mode::Blocking, Mode::Selector, Mode::Tasks];

/// How many turns a mode may make in a while in which nothing happens.
fn idle_turns(mode: Mode) -> u64 {
    if mode.loop_call() == Kind::Wait { 2 } else { 0 }
}

/// Turns of the loop within a window in which nothing is done to it. The
/// window is what is measured here, not a wait for something.
fn turns_in(server: &Server, window: Duration) -> u64 {
    let before = server.iterations();
    thread::sleep(window);
    server.iterations() - before
}

/// What the counters say of the turns between two moments.
struct Window {
    turns: u64,
    would_blocks: u64,
    calls: u64,
}

fn between(before: &Counters, after: &Counters) -> Window {
    let sum = |pick: fn(&Counters, Kind) -> u64| {
        let total =
            |of| Kind::ALL.iter().map(|kind| pick(of, *kind)).sum::<u64>();
        total(after) - total(before)
    };
    let turns = |of: &Counters| of.hits(Kind::Accept);
    Window {
        turns: turns(after) - turns(before),
        would_blocks: sum(|of, kind| of.count(kind, Class::WouldBlock)),
        calls: sum(Counters::calls),
    }
}

#[test]
fn a_busy_loop_asks_every_socket_in_every_turn() {
    for clients in [0, 1, 2, 5] {
        let slot = Arc::new(Mutex::new(None));
        let kept = slot.clone();
        let server = Server::observed(
            Mode::Nonblocking,
            &ServerOptions::default(),
            move |tally| {
                let passes = Passes::of(tally);
                *kept.lock().unwrap() = Some(passes.clone());
                passes
            },
        );
        let passes = slot.lock().unwrap().take().unwrap();
        let mut all: Vec<_> =
            (0..clients).map(|_| Client::connect(&server)).collect();
        for client in &mut all {
            client.echo("here");
        }
        let before = passes.snapshot();
        wait_for("ten thousand turns", || {
            server.iterations() > before.hits(Kind::Accept) + 10_000
        });
        let window = between(&before, &passes.snapshot());
        assert!(window.turns > 10_000);
        assert_eq!(window.would_blocks, window.turns * (clients + 1));
        assert_eq!(window.calls, window.would_blocks);
    }
}

#[cfg(target_os = "linux")]
mod ten_thousand {
    use crate::support::patience::LIMIT;
    use crate::support::{Client, Server};
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike as _;
    use sockscope::modes::Mode;
    use sockscope::net::ServerOptions;
    use sockscope::probe::{Call, Exit, Kind, Note, Probe};
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    use std::sync::mpsc::{SyncSender, sync_channel};
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    /// Tells the processor time that ten thousand turns take the thread that
    /// makes them, whoever else has the processor meanwhile.
    #[derive(Clone)]
    struct TenThousand {
        turns: Arc<AtomicU64>,
        begun: Arc<Mutex<Duration>>,
        took: SyncSender<Duration>,
    }

    impl Probe for TenThousand {
        const ENABLED: bool = true;
        type Mark = ();

        fn enter(&self, call: &Call) {
            if call.kind != Kind::Accept {
                return;
            }
            match self.turns.fetch_add(1, SeqCst) {
                0 => *self.begun.lock().unwrap() = thread_time(),
                10_000 => {
                    let begun = *self.begun.lock().unwrap();
                    let took = thread_time().saturating_sub(begun);
                    self.took.send(took).unwrap();
                }
                _ => {}
            }
        }

        fn exit(&self, _: &Call, (): (), _: Exit) {}
        fn note(&self, _: &Note) {}
    }

    /// The processor time of this thread; see getrusage(2).
    fn thread_time() -> Duration {
        let usage = getrusage(UsageWho::RUSAGE_THREAD).unwrap();
        let time = usage.user_time() + usage.system_time();
        Duration::from_micros(time.num_microseconds().unsigned_abs())
    }

    #[test]
    fn a_busy_loop_turns_ten_thousand_times_in_an_idle_second() {
        let (took, answer) = sync_channel(1);
        let (turns, begun) = (Arc::default(), Arc::default());
        let probe = TenThousand { turns, begun, took };
        let settings = ServerOptions::default();
        let (server, begin) =
            Server::held(Mode::Nonblocking, &settings, |_| probe);
        let _both = [Client::connect(&server), Client::connect(&server)];
        begin.send(()).unwrap();
        let took = answer.recv_timeout(LIMIT).expect("it turns");
        assert!(took < Duration::from_secs(1), "{took:?}");
        assert_eq!(server.tally.snapshot().connections, 2);
    }
}

/// The ways to leave; after each of them the server is as idle as before.
const DEPARTURES: [fn(Client); 4] = [
    |client| drop(client),
    |mut client| {
        client.half_close();
        client.expect_eof();
    },
    |client| client.reset(),
    |mut client| {
        client.say("never read");
        client.reset();
    },
];

#[test]
fn a_busy_loop_forgets_whoever_leaves() {
    let server = Server::start(Mode::Nonblocking, &ServerOptions::default());
    for (leave, id) in DEPARTURES.into_iter().zip(1..) {
        let mut client = Client::connect(&server);
        client.echo("hello");
        leave(client);
        server.wait_for_end(id);
        let calls = server.socket(id).calls();
        let turns = server.iterations();
        wait_for("some turns", || server.iterations() > turns + 1000);
        assert_eq!(server.socket(id).calls(), calls);
    }
}

#[test]
fn a_half_closed_client_that_does_not_read_makes_nobody_spin() {
    for mode in SLEEPING {
        let settings = ServerOptions {
            sndbuf: Some(Size(4096)),
            buffer_limit: Some(Size(65_536)),
            ..ServerOptions::default()
        };
        let server = Server::start(mode, &settings);
        let mut client = Client::connect_small(&server, 4096);
        client.flood_until(|| server.is_stalled(1, 65_536));
        client.half_close();
        // The system may still move what its buffers hold.
        holds_undisturbed("nothing spins", || {
            let turns = turns_in(&server, Duration::from_millis(300));
            let words = format!("{}: {turns} turns", mode.name());
            holds(turns <= idle_turns(mode), words)
        });
    }
}
