//! What is measured, and how it is told.

use super::SERVE;
use sockscope::load::Cancel;
use sockscope::measure::{
    CorePlan, NoSample, Processes, Rhythm, Sample, Sampler, Spread, Subject,
    Workload,
};
use sockscope::modes::Mode;
use std::io::Result;
use std::time::Duration;

/// How many connections there are, all of them busy.
const CONNECTIONS: [u32; 5] = [1, 10, 100, 1_000, 10_000];

/// How long a message is.
const SIZES: [u32; 2] = [128, 16 * 1024];

/// The servers, and which of them each is compared with: place in this list.
pub(super) const SERVERS: [(&str, &[usize]); 8] = [
    ("polling", &[]),
    ("mio", &[]),
    ("tokio", &[]),
    ("threads", &[]),
    ("selector", &[0, 1, 2]),
    ("tasks", &[4, 2]),
    ("blocking", &[3]),
    ("nonblocking", &[4]),
];

/// Measures all of them under every load.
pub(super) fn all(quick: bool) -> Result<()> {
    let (rounds, time) = if quick { (2, 60) } else { (6, 500) };
    for size in SIZES {
        for clients in CONNECTIONS {
            if quick && (clients > 100 || size > 128) {
                continue;
            }
            let workload = workload(clients, size, Duration::from_millis(time));
            measure(&mut processes(), &subjects()?, &workload, rounds);
        }
    }
    Ok(())
}

/// Servers and clients, each in a process of its own.
pub(super) fn processes() -> Processes {
    Processes {
        program: env!("CARGO_BIN_EXE_sockscope").into(),
        cores: CorePlan::apart(),
        cancel: Cancel::new(),
    }
}

/// So many clients in a closed loop, for a time.
pub(super) fn workload(clients: u32, size: u32, time: Duration) -> Workload {
    let time_ns = sockscope::units::nanoseconds(time);
    Workload {
        clients,
        idle: 0,
        size_bytes: size,
        pipeline: 1,
        pacing: Rhythm::Closed,
        warm_up_ns: time_ns / 4,
        time_ns,
    }
}

fn mode(name: &str) -> Option<Mode> {
    Mode::ALL.into_iter().find(|mode| mode.name() == name)
}

/// The program and the arguments that are a server.
pub(super) fn measured_server(name: &str) -> Result<Vec<String>> {
    let own = std::env::current_exe()?.to_string_lossy().into_owned();
    let words = match mode(name) {
        Some(_) => [env!("CARGO_BIN_EXE_sockscope"), "measured-server", name],
        None => [&own, SERVE, name],
    };
    Ok(words.map(str::to_owned).to_vec())
}

fn subjects() -> Result<Vec<Subject>> {
    let subject = |(name, _): &(&str, _)| {
        let peer = |command| {
            let name = (*name).to_owned();
            Subject::Peer { name, command }
        };
        match mode(name) {
            Some(mode) => Ok(Subject::Mode(mode)),
            None => measured_server(name).map(peer),
        }
    };
    SERVERS.iter().map(subject).collect()
}

/// One load, in interleaved rounds.
fn measure(
    sampler: &mut Processes,
    subjects: &[Subject],
    workload: &Workload,
    rounds: u32,
) {
    let mut taken = vec![Vec::new(); subjects.len()];
    for round in 1..=rounds {
        for turn in 0..subjects.len() {
            let at = (turn + round as usize) % subjects.len();
            match sampler.sample(&subjects[at], workload, round) {
                Ok(sample) => taken[at].push(sample),
                Err(NoSample::Because(why)) => {
                    println!("  {}: {why}", SERVERS[at].0);
                }
                Err(NoSample::Cancelled) => return,
            }
        }
    }
    let Workload { clients, size_bytes, .. } = workload;
    println!("{clients} connections of {size_bytes} B, {rounds} rounds");
    println!(
        "  {:<12} {:>9} {:>7} {:>11} {:>9}  CPU an echo to that of",
        "", "CPU/echo", "user", "echoes/s", "client"
    );
    for (at, (name, others)) in SERVERS.iter().enumerate() {
        tell(
            name,
            &taken[at],
            others.iter().map(|it| (SERVERS[*it].0, &taken[*it][..])),
        );
    }
}

fn tell<'a>(
    name: &str,
    own: &[Sample],
    others: impl Iterator<Item = (&'a str, &'a [Sample])>,
) {
    if own.is_empty() {
        return;
    }
    let median = |of: fn(&Sample) -> f64| {
        Spread::of(own.iter().map(of)).map_or(0.0, |it| it.median)
    };
    print!(
        "  {name:<12} {:>6.2} us {:>7.2} {:>11.0} {:>6.2} us ",
        median(cpu_us),
        median(user_us),
        median(rate),
        median(client_us)
    );
    for (other, taken) in others {
        let ratio = Spread::of_quotients(&by_round(own), &by_round(taken));
        if let Some(Spread { median, low, high, .. }) = ratio {
            print!(" {other} {median:.3} [{low:.3}..{high:.3}]");
        }
    }
    println!();
}

fn by_round(samples: &[Sample]) -> Vec<(u32, f64)> {
    samples.iter().map(|it| (it.round, cpu_us(it))).collect()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn an_echo(sample: &Sample, ns: u64) -> f64 {
    ns as f64 / 1_000.0 / sample.load.echoes as f64
}

fn cpu_us(sample: &Sample) -> f64 {
    let ns = sample.server.map_or(0, |it| it.user_ns + it.system_ns);
    an_echo(sample, ns)
}

fn user_us(sample: &Sample) -> f64 {
    an_echo(sample, sample.server.map_or(0, |it| it.user_ns))
}

fn client_us(sample: &Sample) -> f64 {
    an_echo(sample, sample.load.cpu_ns.unwrap_or(0))
}

fn rate(sample: &Sample) -> f64 {
    1e6 / an_echo(sample, sample.load.window_ns)
}
