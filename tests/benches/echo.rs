//! Echoes a second of a whole server: the modes against each other, and what
//! probes cost each of them: `cargo bench --bench echo [-- --quick]`. One
//! thread keeps all clients busy in a closed loop.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail as it stands")]

mod clients;
mod harness;

use clients::{Counters, Run, thread_cpu};
use harness::{Effort, Observers, Variant, compare};
use sockscope::modes::Mode;
use sockscope::probe::{NoProbe, Tally};
use std::sync::Arc;
use std::time::Duration;

/// How many clients are busy at once, where a mode serves many.
const CLIENTS: usize = 100;

fn main() {
    let effort = Effort::asked_for(15, Duration::from_millis(150));
    let _ = sockscope::system::descriptors::raise_limit();
    compare_modes(&effort, 1, &Mode::ALL);
    let mut concurrent = Mode::ALL.to_vec();
    concurrent.retain(|mode| *mode != Mode::Serial);
    compare_modes(&effort, CLIENTS, &concurrent);
    compare_crowds(&effort);
    for mode in Mode::ALL {
        let clients = if mode == Mode::Serial { 1 } else { CLIENTS };
        let title = format!("{}, {clients} busy clients", mode.name());
        compare_probes(&title, "echoes/s", effort.rounds, |probe| {
            probe.run(mode, clients, effort.sample).echoes_per_second
        });
    }
    // Steadier on a busy machine: what the server's thread itself needs.
    // (A busy loop needs all there is, other threads have clocks of theirs.)
    if thread_cpu().is_some() {
        let title = format!("selector, {CLIENTS} busy clients, its CPU time");
        compare_probes(&title, "us/echo", effort.rounds, |probe| {
            let run = probe.run(Mode::Selector, CLIENTS, effort.sample);
            run.cpu_us_per_echo.unwrap()
        });
    }
}

/// Every mode's echoes a second as a ratio to the selector's, which is the
/// first; rounds of the modes are interleaved.
fn compare_modes(effort: &Effort, clients: usize, modes: &[Mode]) {
    let others = modes.iter().filter(|mode| **mode != Mode::Selector);
    let modes = std::iter::once(&Mode::Selector).chain(others);
    let variants = modes.map(|mode| {
        Variant::new(mode.name(), || {
            let run = Probes::None.run(*mode, clients, effort.sample);
            run.echoes_per_second
        })
    });
    let title = format!("modes, {clients} busy clients, no probe");
    compare(&title, "echoes/s", effort.rounds, variants.collect(), |_| 0);
}

/// What a crowd of idle clients costs ten busy ones: in `tasks` the time of a
/// turn depends on what is ready, not on what is paused.
fn compare_crowds(effort: &Effort) {
    for mode in [Mode::Tasks, Mode::Selector, Mode::Nonblocking] {
        let crowds =
            [(0, "none idle"), (1_000, "1,000 idle"), (4_000, "4,000 idle")];
        let variants = crowds.map(|(idle, name)| {
            Variant::new(name, move || {
                let mut run = Run::new(mode, NoProbe, 10 + idle);
                run.idle = run.clients.split_off(10);
                run.measure(effort.sample).echoes_per_second
            })
        });
        let title = format!("{}, 10 busy clients among idle ones", mode.name());
        compare(&title, "echoes/s", effort.rounds, variants.into(), |_| 0);
    }
}

/// Which probes a server has.
#[derive(Clone, Copy)]
enum Probes {
    None,
    Tally,
    TallyAndTap,
}

impl Probes {
    fn run(self, mode: Mode, clients: usize, time: Duration) -> Counters {
        match self {
            Self::None => Run::new(mode, NoProbe, clients).measure(time),
            Self::Tally => {
                let tally = Arc::new(Tally::default());
                Run::new(mode, tally, clients).measure(time)
            }
            Self::TallyAndTap => {
                let observers = Observers::new();
                let probe = observers.probe.clone();
                Run::new(mode, probe, clients).measure(time)
            }
        }
    }
}

fn compare_probes(
    title: &str,
    unit: &str,
    rounds: usize,
    run: impl Fn(Probes) -> f64,
) {
    let variants = vec![
        Variant::new("NoProbe", || run(Probes::None)),
        Variant::new("Tally", || run(Probes::Tally)),
        Variant::new("Tally and Tap", || run(Probes::TallyAndTap)),
    ];
    compare(title, unit, rounds, variants, |_| 0);
}
