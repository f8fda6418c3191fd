//! Measurements whose every number is known: a bench of servers as they might
//! be, in a file, and sweeps made of a few figures each.

use sockscope::load::EchoTime;
use sockscope::load::steady::SteadyResult;
use sockscope::measure::{
    Rhythm, Sample, Subject, SubjectResult, SweepAxis, SweepPoint, SweepResult,
    Workload,
};
use sockscope::modes::Mode;
use sockscope::system::group::ProcessUsage;

/// Ten rounds of each mode and of a server that ran already.
pub(crate) fn whole_bench() -> SweepResult {
    serde_json::from_str(include_str!("bench.json")).unwrap()
}

pub(crate) const MODES: [&str; 5] =
    ["serial", "blocking", "nonblocking", "selector", "tasks"];

/// A bench of these servers.
pub(crate) fn result(servers: &[&str], rounds: u32) -> SweepResult {
    let mut result = whole_bench();
    result.rounds = rounds;
    let subjects = &mut result.points[0].subjects;
    subjects.retain(|it| servers.contains(&it.name.as_str()));
    for subject in subjects {
        subject.samples.truncate(rounds as usize);
    }
    result
}

pub(crate) fn server(name: &str, rounds: u32) -> SubjectResult {
    result(&[name], rounds).points.remove(0).subjects.remove(0)
}

/// The servers at all points.
pub(crate) fn subjects(
    result: &mut SweepResult,
) -> impl Iterator<Item = &mut SubjectResult> {
    result.points.iter_mut().flat_map(|it| &mut it.subjects)
}

/// The result after a change of every server at every point.
pub(crate) fn each(
    mut result: SweepResult,
    change: impl Fn(&mut SubjectResult),
) -> SweepResult {
    subjects(&mut result).for_each(change);
    result
}

/// All samples of all servers.
pub(crate) fn samples(
    result: &mut SweepResult,
) -> impl Iterator<Item = &mut Sample> {
    subjects(result).flat_map(|it| &mut it.samples)
}

/// A server that ran already.
pub(crate) fn foreign(rounds: u32) -> SubjectResult {
    server("10.0.0.7:7007", rounds)
}

/// All five modes.
pub(crate) fn fixed() -> SweepResult {
    result(&MODES, 10)
}

/// Has a server do this many times less, with as much more work an echo.
pub(crate) fn slow_down(sample: &mut Sample, times: f64) {
    let load = &mut sample.load;
    load.echoes = scaled(load.echoes, 1.0 / times);
    load.sent = load.echoes;
    load.echo_time.as_mut().unwrap().count = load.echoes;
}

/// Open loop, many clients, idle ones; a server that failed, one that is not
/// ours, too few rounds.
pub(crate) fn troubled() -> SweepResult {
    let mut result = result(&MODES[1..4], 4);
    result.interrupted = true;
    result.rounds = 10;
    let point = &mut result.points[0];
    point.workload.clients = 100;
    point.workload.idle = 1_000;
    point.workload.pacing = Rhythm::Open { rate_per_s: 20_000.0 };
    result.workload = point.workload.clone();
    point.subjects.push(foreign(4));
    for Sample { load, .. } in samples(&mut result) {
        (load.clients_served, load.due, load.sent) = (100, 40_000, 38_000);
        (load.late_p50_ns, load.late_p99_ns) = (2_100, 48_000);
    }
    let failed = &mut result.points[0].subjects[0];
    failed.samples.truncate(1);
    failed.failure = Some("it ended with signal 9".into());
    result
}

// ---- Sweeps ------------------------------------------------------------

/// How much slower or faster a round is than the others.
const ROUNDS: [f64; 6] = [1.0, 1.03, 0.98, 1.01, 1.06, 0.99];

/// What a server does at a point, in the middle of its rounds.
#[derive(Clone, Copy)]
pub(crate) struct Does {
    pub(crate) cpu_ns: f64,
    pub(crate) echoes_per_s: f64,
    pub(crate) p99_ns: f64,
    pub(crate) memory: f64,
    /// How its rounds differ from each other.
    pub(crate) noise: f64,
}

pub(crate) const USUAL: Does = Does {
    cpu_ns: 10_000.0,
    echoes_per_s: 50_000.0,
    p99_ns: 2e6,
    memory: 6e6,
    noise: 1.0,
};

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures of a fixture"
)]
pub(crate) fn whole(value: f64) -> u64 {
    value.round() as u64
}

#[expect(clippy::cast_precision_loss, reason = "a fixture's count")]
fn scaled(value: u64, times: f64) -> u64 {
    whole(value as f64 * times)
}

fn sample_at(round: usize, does: Does) -> Sample {
    let off = 1.0 + (ROUNDS[round % ROUNDS.len()] - 1.0) * does.noise;
    let echoes = whole(does.echoes_per_s / off);
    let time = |part: f64| whole(does.p99_ns * off * part);
    let cpu = |part: f64| scaled(echoes, does.cpu_ns * off * part);
    let echo_time = EchoTime {
        count: echoes,
        min_ns: time(0.1),
        mean_ns: time(0.35),
        p50_ns: time(0.3),
        p90_ns: time(0.6),
        p99_ns: time(1.0),
        p99_9_ns: time(1.6),
        max_ns: time(4.0),
    };
    Sample {
        round: u32::try_from(round).unwrap() + 1,
        load: SteadyResult {
            window_ns: 1_000_000_000,
            echoes,
            sent: echoes + 100,
            clients_served: 100,
            cpu_ns: Some(600_000_000),
            echo_time: Some(echo_time),
            ..SteadyResult::default()
        },
        memory_before_bytes: Some(4_000_000),
        server: Some(ProcessUsage {
            user_ns: cpu(0.3),
            system_ns: cpu(0.7),
            voluntary_switches: Some(echoes / 10),
            involuntary_switches: Some(7),
            threads: Some(1),
            peak_memory_bytes: Some(whole(does.memory)),
            memory_bytes: Some(whole(does.memory)),
            ..ProcessUsage::default()
        }),
    }
}

/// Echo times whose percentiles rise evenly towards the longest.
fn buckets(does: Does) -> Vec<(u64, u64)> {
    let bucket = |step: u32| {
        let part = 0.3 * 1.35_f64.powi(i32::try_from(step).unwrap());
        let count = 300_000.0 * 0.42_f64.powi(i32::try_from(step).unwrap());
        (whole(does.p99_ns * part), whole(count).max(1))
    };
    (0..14).map(bucket).collect()
}

pub(crate) fn subject(name: &str, rounds: usize, does: Does) -> SubjectResult {
    let mode = Mode::ALL.into_iter().find(|it| it.name() == name);
    SubjectResult {
        name: name.into(),
        kind: Subject::Mode(mode.unwrap_or(Mode::Serial)),
        samples: (0..rounds).map(|round| sample_at(round, does)).collect(),
        troubles: Vec::new(),
        echo_times: buckets(does),
        failure: None,
        calls: None,
    }
}

pub(crate) fn failed(name: &str, why: &str) -> SubjectResult {
    let failure = Some(why.into());
    let echo_times = Vec::new();
    SubjectResult { failure, echo_times, ..subject(name, 0, USUAL) }
}

/// A sweep over some values; `subjects` are those of a value.
pub(crate) fn sweep(
    axis: SweepAxis,
    values: &[u32],
    subjects: impl Fn(u32) -> Vec<SubjectResult>,
) -> SweepResult {
    let bench = whole_bench();
    let base = Workload {
        clients: if axis == SweepAxis::Idle { 10 } else { 100 },
        warm_up_ns: 200_000_000,
        time_ns: 1_000_000_000,
        ..bench.workload
    };
    let point = |value: &u32| SweepPoint {
        value: Some(*value),
        workload: axis.at(*value, &base),
        subjects: subjects(*value),
    };
    SweepResult {
        axis: Some(axis),
        rounds: 6,
        points: values.iter().map(point).collect(),
        workload: base,
        ..bench
    }
}

/// Every mode from one client to 10,000, as it might be.
pub(crate) fn clients() -> SweepResult {
    let values = [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000];
    sweep(SweepAxis::Clients, &values, |value| {
        let n = f64::from(value);
        let serial = match value {
            1 => subject("serial", 6, does(9_500.0, 55_000.0, n, 4.2e6)),
            _ => failed("serial", "clients were not served"),
        };
        let thread = 9_600.0 + 900.0 * n.powf(0.28);
        let busy = 4_500.0 + 0.9 * n.powf(1.05) + 5_000.0 / n;
        let ready = 14_000.0 / (1.0 + n * 0.05).min(2.2) + 40.0 * n.ln();
        let others = [
            ("blocking", thread, 9e8 / thread, 5e6 + n * 14e3),
            ("nonblocking", busy, 8e8 / busy, 4.3e6 + n * 450.0),
            ("selector", ready, 9e8 / ready, 4.3e6 + n * 460.0),
            ("tasks", ready * 1.12, 8e8 / ready, 4.4e6 + n * 900.0),
        ];
        let others = others.into_iter().map(|(name, cpu, echoes, memory)| {
            subject(name, 6, does(cpu, echoes, n, memory))
        });
        [serial].into_iter().chain(others).collect()
    })
}

fn does(cpu_ns: f64, echoes_per_s: f64, clients: f64, memory: f64) -> Does {
    let p99_ns = 1.7e9 * clients / echoes_per_s + 30_000.0;
    Does { cpu_ns, echoes_per_s, p99_ns, memory, noise: 1.0 }
}

/// Ten clients among more and more that say nothing.
pub(crate) fn idle() -> SweepResult {
    let values = [0, 10, 100, 1_000, 10_000];
    sweep(SweepAxis::Idle, &values, |value| {
        let n = f64::from(value);
        let busy = 5_000.0 * (1.0 + n * 0.0639);
        let noise = if value % 100 == 0 { 1.0 } else { 0.7 };
        let ready = Does { noise, ..does(9_000.0, 1e5, 10.0, 5e6) };
        vec![
            subject("nonblocking", 6, does(busy, 9e8 / busy, 10.0, 5e6)),
            subject("selector", 6, ready),
        ]
    })
}
