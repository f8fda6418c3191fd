//! Sweeps and benches whose every number is known.

use sockscope::load::EchoTime;
use sockscope::measure::sweep::{
    Axis, SWEEP_SCHEMA_VERSION, SweepPoint, SweepResult,
};
use sockscope::measure::{
    BenchConditions, BenchResult, Buckets, LoadUsage, Pacing, SCHEMA_VERSION,
    Sample, ServerUsage, SubjectKind, SubjectResult, Workload,
};

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

pub(crate) fn workload() -> Workload {
    Workload {
        clients: 100,
        idle: 0,
        size_bytes: 128,
        pipeline: 1,
        pacing: Pacing::Closed,
        warm_up_ns: 200_000_000,
        time_ns: 1_000_000_000,
    }
}

pub(crate) fn conditions() -> BenchConditions {
    BenchConditions {
        version: "0.1.0".into(),
        started_at: "2026-11-23T20:00:00Z".into(),
        system: "linux".into(),
        kernel: Some("6.18.0".into()),
        cores: Some(4),
        server_cores: Some(vec![0, 1]),
        load_cores: Some(vec![2, 3]),
        mechanism: "epoll".into(),
        optimized: true,
        load_average: Some(0.2),
        command_line: vec!["sweep".into()],
    }
}

fn sample(round: usize, does: Does) -> Sample {
    let off = 1.0 + (ROUNDS[round % ROUNDS.len()] - 1.0) * does.noise;
    let echoes = whole(does.echoes_per_s / off);
    #[expect(clippy::cast_precision_loss, reason = "a fixture's count")]
    let cpu = does.cpu_ns * off * echoes as f64;
    let time = |part: f64| whole(does.p99_ns * off * part);
    Sample {
        round: u32::try_from(round).unwrap() + 1,
        window_ns: 1_000_000_000,
        echoes,
        clients_served: 100,
        echo_time: Some(EchoTime {
            count: echoes,
            min_ns: time(0.1),
            mean_ns: time(0.35),
            p50_ns: time(0.3),
            p90_ns: time(0.6),
            p99_ns: time(1.0),
            p99_9_ns: time(1.6),
            max_ns: time(4.0),
        }),
        server: Some(ServerUsage {
            user_ns: whole(cpu * 0.3),
            system_ns: whole(cpu * 0.7),
            voluntary_switches: Some(echoes / 10),
            involuntary_switches: Some(7),
            threads: Some(1),
            peak_memory_bytes: Some(whole(does.memory)),
            memory_before_bytes: Some(4_000_000),
            memory_bytes: Some(whole(does.memory)),
        }),
        load: LoadUsage {
            cpu_ns: Some(600_000_000),
            sent: echoes + 100,
            ..LoadUsage::default()
        },
    }
}

/// Echo times whose percentiles rise evenly towards the longest.
fn buckets(does: Does) -> Buckets {
    let bucket = |step: u32| {
        let part = 0.3 * 1.35_f64.powi(i32::try_from(step).unwrap());
        let count = 300_000.0 * 0.42_f64.powi(i32::try_from(step).unwrap());
        (whole(does.p99_ns * part), whole(count).max(1))
    };
    Buckets((0..14).map(bucket).collect())
}

pub(crate) fn subject(name: &str, rounds: usize, does: Does) -> SubjectResult {
    SubjectResult {
        name: name.into(),
        kind: SubjectKind::Mode,
        samples: (0..rounds).map(|round| sample(round, does)).collect(),
        echo_times: buckets(does),
        failure: None,
        calls: None,
    }
}

pub(crate) fn failed(name: &str, why: &str) -> SubjectResult {
    let failure = Some(why.into());
    SubjectResult {
        failure,
        echo_times: Buckets::default(),
        ..subject(name, 0, USUAL)
    }
}

/// A sweep over some values; `subjects` are those of a value.
pub(crate) fn sweep(
    axis: Axis,
    values: &[u32],
    subjects: impl Fn(u32) -> Vec<SubjectResult>,
) -> SweepResult {
    let mut base = workload();
    if axis == Axis::Idle {
        base.clients = 10;
    }
    let point = |value: &u32| SweepPoint {
        value: *value,
        workload: axis.at(*value, &base),
        subjects: subjects(*value),
    };
    SweepResult {
        schema_version: SWEEP_SCHEMA_VERSION,
        conditions: conditions(),
        axis,
        rounds: 6,
        interrupted: false,
        points: values.iter().map(point).collect(),
        workload: base,
    }
}

pub(crate) const CLIENTS: [u32; 9] =
    [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000];

/// Every mode from one client to 10,000, as it might be.
pub(crate) fn clients() -> SweepResult {
    sweep(Axis::Clients, &CLIENTS, |value| {
        let n = f64::from(value);
        let serial = match value {
            1 => subject("serial", 6, does(9_500.0, 55_000.0, n, 4.2e6)),
            _ => failed("serial", "clients were not served"),
        };
        let thread = 9_600.0 + 900.0 * n.powf(0.28);
        let busy = 4_500.0 + 0.9 * n.powf(1.05) + 5_000.0 / n;
        let ready = 14_000.0 / (1.0 + n * 0.05).min(2.2) + 40.0 * n.ln();
        vec![
            serial,
            subject(
                "blocking",
                6,
                does(thread, 9e8 / thread, n, 5e6 + n * 14e3),
            ),
            subject(
                "nonblocking",
                6,
                does(busy, 8e8 / busy, n, 4.3e6 + n * 450.0),
            ),
            subject(
                "selector",
                6,
                does(ready, 9e8 / ready, n, 4.3e6 + n * 460.0),
            ),
            subject(
                "tasks",
                6,
                does(ready * 1.12, 8e8 / ready, n, 4.4e6 + n * 900.0),
            ),
        ]
    })
}

fn does(cpu_ns: f64, echoes_per_s: f64, clients: f64, memory: f64) -> Does {
    let p99_ns = 1.7e9 * clients / echoes_per_s + 30_000.0;
    Does { cpu_ns, echoes_per_s, p99_ns, memory, noise: 1.0 }
}

/// Ten clients among more and more that say nothing.
pub(crate) fn idle() -> SweepResult {
    let values = [0, 10, 100, 1_000, 10_000];
    sweep(Axis::Idle, &values, |value| {
        let n = f64::from(value);
        let busy = 5_000.0 * (1.0 + n * 0.0639);
        vec![
            subject("nonblocking", 6, does(busy, 9e8 / busy, 10.0, 5e6)),
            Does { noise: 1.0, ..does(9_000.0, 1e5, 10.0, 5e6) }
                .named("selector", if value % 100 == 0 { 1.0 } else { 0.7 }),
        ]
    })
}

impl Does {
    fn named(self, name: &str, noise: f64) -> SubjectResult {
        let noise = self.noise * noise;
        subject(name, 6, Self { noise, ..self })
    }
}

/// One point with every mode, and a server of another make.
pub(crate) fn bench() -> BenchResult {
    let mut subjects = clients().points[4].subjects.clone();
    let mut other = subject("other", 6, does(11_000.0, 7e4, 120.0, 8e6));
    other.kind = SubjectKind::Address("127.0.0.1:7007".into());
    other.samples.iter_mut().for_each(|it| it.server = None);
    subjects.push(other);
    BenchResult {
        schema_version: SCHEMA_VERSION,
        conditions: conditions(),
        workload: workload(),
        rounds: 6,
        interrupted: false,
        subjects,
    }
}
