//! What recording costs: echoes a second of an instrumented server with 100
//! busy clients, with and without a recording beside its screen, and how
//! many bytes an event takes: `cargo bench --bench record [-- --quick]`.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail as it stands")]

#[expect(dead_code, reason = "another benchmark has idle clients, too")]
mod clients;
mod harness;

use clients::{Counters, Run};
use harness::{Effort, Observers, Variant, compare};
use sockscope::modes::Mode;
use sockscope::probe::{Clock, Payloads, Probe, Tap};
use sockscope::recording::{ROOM, Recorded, Recorder, Sources};
use std::cell::RefCell;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const CLIENTS: usize = 100;

const MODES: [Mode; 4] =
    [Mode::Blocking, Mode::Nonblocking, Mode::Selector, Mode::Tasks];

fn main() {
    let effort = Effort::asked_for(15, Duration::from_millis(300));
    let _ = sockscope::system::descriptors::raise_limit();
    for mode in MODES {
        let title = format!("{}, {CLIENTS} busy clients", mode.name());
        let sum = compare_with(&title, "echoes/s", &effort, |payload, sum| {
            run(mode, payload, &effort, sum).echoes_per_second
        });
        let Recorded { events, bytes, lost, .. } = sum;
        let hundredths = bytes * 100 / events.max(1);
        println!(
            "  {events} events at {}.{:02} bytes, {lost} lost",
            hundredths / 100,
            hundredths % 100
        );
    }
    // Steadier on a busy machine: what all threads together need, those of
    // the clients and of the recording included. A busy loop needs all there
    // is.
    for mode in [Mode::Blocking, Mode::Selector, Mode::Tasks] {
        let title =
            format!("{}, {CLIENTS} busy clients, CPU time", mode.name());
        compare_with(&title, "us/echo", &effort, |payload, sum| {
            run(mode, payload, &effort, sum).cpu_us_per_echo.unwrap()
        });
    }
}

/// Compares runs that are not recorded, that are, and that are with the first
/// bytes of each transfer. Tells what the second recorded.
fn compare_with(
    title: &str,
    unit: &str,
    effort: &Effort,
    run: impl Fn(Option<usize>, &RefCell<Recorded>) -> f64,
) -> Recorded {
    let (sum, other) = (RefCell::default(), RefCell::default());
    let variants = vec![
        Variant::new("not recorded", || run(None, &other)),
        Variant::new("recorded", || run(Some(0), &sum)),
        Variant::new("with 64 bytes each", || run(Some(64), &other)),
    ];
    compare(title, unit, effort.rounds, variants, |_| 0);
    sum.into_inner()
}

/// One run; with a recording, what it has is added.
fn run(
    mode: Mode,
    payload: Option<usize>,
    effort: &Effort,
    sum: &RefCell<Recorded>,
) -> Counters {
    let observers = Observers::new();
    let probe = observers.probe.clone();
    let Some(payload) = payload else {
        let none = None::<(Arc<Tap>, Arc<Payloads>)>;
        return measured(mode, (probe, none), effort);
    };
    let clock = Clock::wall();
    let (tap, receiver) = Tap::new(ROOM, clock.clone(), true);
    let payloads = Arc::new(Payloads::new(payload, clock.clone()));
    let sources = Sources {
        tap: receiver,
        payloads: payloads.clone(),
        tally: probe.0.clone(),
        gate: None,
        clock,
    };
    let header = serde_json::from_str(include_str!("header.json")).unwrap();
    let path = path();
    let file = File::create(&path).unwrap();
    let recorder =
        Recorder::start(file, u64::MAX, header, sources, || Ok(())).unwrap();
    let figures = measured(mode, (probe, Some((tap, payloads))), effort);
    recorder.stop();
    let went = recorder.close(None, None);
    std::fs::remove_file(path).unwrap();
    let mut sum = sum.borrow_mut();
    sum.bytes += went.bytes_of_records;
    sum.events += went.events;
    sum.lost += went.lost;
    figures
}

fn measured<P: Probe>(mode: Mode, probe: P, effort: &Effort) -> Counters {
    let run = Run::new(mode, probe, CLIENTS);
    let (before, start) = (process_cpu(), Instant::now());
    let echoes_per_second = run.measure(effort.sample).echoes_per_second;
    let cpu = process_cpu().saturating_sub(before);
    let echoes = echoes_per_second * start.elapsed().as_secs_f64();
    let cpu_us_per_echo = Some(cpu.as_secs_f64() * 1e6 / echoes);
    Counters { echoes_per_second, cpu_us_per_echo }
}

/// The CPU time, user and system, of all threads.
fn process_cpu() -> Duration {
    let usage = sockscope::system::usage::of_process().unwrap_or_default();
    usage.user + usage.system
}

fn path() -> PathBuf {
    let name = format!("sockscope-bench-{}.rec", std::process::id());
    std::env::temp_dir().join(name)
}
