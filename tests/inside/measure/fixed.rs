//! Measurements whose every number is known: benches of servers as they might
//! be, with a noise that is the same on every run, and sweeps.

use sockscope::load::EchoTime;
use sockscope::load::steady::SteadyResult;
use sockscope::measure::{
    CountedCalls, Rhythm, SCHEMA_VERSION, Sample, Subject, SubjectResult,
    SweepAxis, SweepConditions, SweepPoint, SweepResult, Workload,
};
use sockscope::modes::Mode;
use sockscope::probe::Class;
use sockscope::system::group::ProcessUsage;

pub(crate) fn conditions() -> SweepConditions {
    serde_json::from_str(include_str!("conditions.json")).unwrap()
}

/// What came out of a bench, or of a sweep over an axis.
fn measured(
    axis: Option<SweepAxis>,
    workload: Workload,
    rounds: u32,
    points: Vec<SweepPoint>,
) -> SweepResult {
    SweepResult {
        schema_version: SCHEMA_VERSION,
        conditions: conditions(),
        workload,
        axis,
        rounds,
        interrupted: false,
        points,
    }
}

/// A bench of these servers.
pub(crate) fn bench_of(
    workload: Workload,
    rounds: u32,
    subjects: Vec<SubjectResult>,
) -> SweepResult {
    let point = SweepPoint { value: None, workload, subjects };
    measured(None, point.workload.clone(), rounds, vec![point])
}

/// A round of this many echoes in a window; their times are the shortest, the
/// mean, p50, p90, p99, p99.9 and the longest.
fn sample_of(
    round: u32,
    window_ns: u64,
    echoes: u64,
    times: [f64; 7],
    server: ProcessUsage,
) -> Sample {
    let [min_ns, mean_ns, p50_ns, p90_ns, p99_ns, p99_9_ns, max_ns] =
        times.map(whole);
    let echo_time = EchoTime {
        count: echoes,
        min_ns,
        mean_ns,
        p50_ns,
        p90_ns,
        p99_ns,
        p99_9_ns,
        max_ns,
    };
    Sample {
        round,
        load: SteadyResult {
            window_ns,
            echoes,
            sent: echoes,
            clients_served: 100,
            cpu_ns: Some(600_000_000),
            echo_time: Some(echo_time),
            ..SteadyResult::default()
        },
        memory_before_bytes: Some(4_000_000),
        server: Some(server),
    }
}

fn subject_of(name: &str, samples: Vec<Sample>) -> SubjectResult {
    let mode = Mode::ALL.into_iter().find(|it| it.name() == name);
    SubjectResult {
        name: name.into(),
        kind: Subject::Mode(mode.unwrap_or(Mode::Serial)),
        samples,
        echo_times: Vec::new(),
        failure: None,
        calls: None,
    }
}

// ---- Benches -----------------------------------------------------------

pub(crate) const WINDOW_NS: u64 = 2_000_000_000;

/// What a round differs from the others by, in the whole of it and beside
/// the other servers; from -1 to 1.
const NOISE: [f64; 10] = [0.0, 0.6, -0.4, 1.0, -0.9, 0.3, -0.2, 0.8, -0.7, 0.1];

/// A server in round figures.
#[derive(Clone, Copy)]
pub(crate) struct Like {
    pub(crate) name: &'static str,
    pub(crate) echoes_per_s: f64,
    pub(crate) user_ns: f64,
    pub(crate) system_ns: f64,
    pub(crate) p50_ns: f64,
    pub(crate) p99_ns: f64,
    pub(crate) switches: f64,
    pub(crate) threads: u64,
    pub(crate) served: u32,
    /// How far rounds differ from each other, as a part.
    pub(crate) noise: f64,
}

/// Echoes a second, user and system time, p50, p99 and context switches.
const fn like(
    name: &'static str,
    figures: [f64; 6],
    (threads, served, noise): (u64, u32, f64),
) -> Like {
    let [echoes_per_s, user_ns, system_ns, p50_ns, p99_ns, switches] = figures;
    Like {
        name,
        echoes_per_s,
        user_ns,
        system_ns,
        p50_ns,
        p99_ns,
        switches,
        threads,
        served,
        noise,
    }
}

pub(crate) const SELECTOR: Like = like(
    "selector",
    [128_400.0, 1_410.0, 6_230.0, 76_400.0, 131_000.0, 0.104],
    (1, 10, 0.006),
);

pub(crate) const MODES: [Like; 5] = [
    like(
        "serial",
        [38_700.0, 310.0, 9_870.0, 25_100.0, 41_300.0, 1.0],
        (1, 1, 0.006),
    ),
    like(
        "blocking",
        [97_300.0, 420.0, 9_710.0, 98_600.0, 243_000.0, 0.873],
        (11, 10, 0.011),
    ),
    like(
        "nonblocking",
        [129_100.0, 1_690.0, 6_060.0, 75_900.0, 118_000.0, 0.0],
        (1, 10, 0.006),
    ),
    SELECTOR,
    like(
        "tasks",
        [117_200.0, 2_180.0, 6_330.0, 83_700.0, 142_000.0, 0.104],
        (1, 10, 0.006),
    ),
];

/// One round of such a server.
pub(crate) fn sample(like: &Like, round: u32, own: f64) -> Sample {
    let at = round as usize - 1;
    let common = NOISE[at % NOISE.len()] * 0.01;
    let own = NOISE[(at * 3 + like.name.len()) % NOISE.len()] * own;
    let slower = (1.0 + common) * (1.0 + own);
    let echoes = like.echoes_per_s * 2.0 / slower;
    let all = |each: f64| whole(each * slower * echoes);
    let (p50, p99) = (like.p50_ns, like.p99_ns * (1.0 + 2.0 * own));
    let longest = p99 * 17.0 * (1.0 + 40.0 * own.abs());
    let times =
        [p50 * 0.4, p50 * 1.04, p50, p50 * 1.21, p99, p99 * 2.3, longest];
    let times = times.map(|ns| ns * slower);
    let server = ProcessUsage {
        cpu_ns: None,
        user_ns: all(like.user_ns),
        system_ns: all(like.system_ns),
        voluntary_switches: Some(all(like.switches)),
        involuntary_switches: Some(whole(31.0 * slower)),
        threads: Some(like.threads),
        peak_memory_bytes: Some(4_600_000 + like.threads * 40_960),
        memory_bytes: Some(4_500_000 + like.threads * 40_960),
    };
    let mut sample = sample_of(round, WINDOW_NS, whole(echoes), times, server);
    sample.load.clients_served = like.served;
    sample.load.cpu_ns = Some(whole(4_900.0 * echoes * slower));
    sample.memory_before_bytes = Some(4_100_000);
    sample
}

pub(crate) fn server(like: &Like, rounds: u32) -> SubjectResult {
    let round = |round| sample(like, round, like.noise);
    SubjectResult {
        echo_times: vec![
            (31_007, 12),
            (70_015, 4_000),
            (76_415, 9_000),
            (90_047, 6_100),
            (131_071, 870),
            (262_143, 17),
            (2_228_223, 1),
        ],
        calls: Some(counted(
            42_100,
            40,
            (like.name == "selector").then_some(2_080),
        )),
        ..subject_of(like.name, (1..=rounds).map(round).collect())
    }
}

fn counted(
    calls: u64,
    would_blocks: u64,
    wake_ups: Option<u64>,
) -> CountedCalls {
    let bytes = calls - would_blocks - wake_ups.unwrap_or(0);
    let known = [(Class::Bytes, bytes), (Class::WouldBlock, would_blocks)];
    let ready = wake_ups.map(|it| (Class::Ready, it));
    let outcomes = known.into_iter().chain(ready).collect();
    CountedCalls { echoes: 20_000, outcomes }
}

/// A server that ran already.
pub(crate) fn foreign(rounds: u32) -> SubjectResult {
    let like = Like { name: "10.0.0.7:7007", ..SELECTOR };
    let mut foreign = server(&like, rounds);
    foreign.kind = Subject::Address(like.name.parse().unwrap());
    foreign.calls = None;
    for sample in &mut foreign.samples {
        sample.server = None;
    }
    foreign
}

/// A bench of such servers.
pub(crate) fn result(servers: &[Like], rounds: u32) -> SweepResult {
    let workload = Workload {
        clients: 10,
        warm_up_ns: 500_000_000,
        time_ns: WINDOW_NS,
        ..workload()
    };
    let servers = servers.iter().map(|it| server(it, rounds));
    bench_of(workload, rounds, servers.collect())
}

/// All five modes.
pub(crate) fn fixed() -> SweepResult {
    let mut fixed = result(&MODES, 10);
    let calls = [
        (40_000, 0, None),
        (40_000, 0, None),
        (117_300, 77_300, None),
        (42_080, 0, Some(2_080)),
        (62_340, 20_260, Some(2_110)),
    ];
    for (subject, it) in fixed.points[0].subjects.iter_mut().zip(calls) {
        let (calls, would_blocks, wake_ups) = it;
        subject.calls = Some(counted(calls, would_blocks, wake_ups));
    }
    fixed
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
    for subject in &mut point.subjects {
        for sample in &mut subject.samples {
            sample.load.clients_served = 100;
            sample.load.due = 40_000;
            sample.load.sent = 38_000;
            sample.load.late_p50_ns = 2_100;
            sample.load.late_p99_ns = 48_000;
        }
    }
    let failed = &mut point.subjects[0];
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

pub(crate) fn workload() -> Workload {
    Workload {
        clients: 100,
        idle: 0,
        size_bytes: 128,
        pipeline: 1,
        pacing: Rhythm::Closed,
        warm_up_ns: 200_000_000,
        time_ns: 1_000_000_000,
    }
}

fn sample_at(round: usize, does: Does) -> Sample {
    let off = 1.0 + (ROUNDS[round % ROUNDS.len()] - 1.0) * does.noise;
    let echoes = whole(does.echoes_per_s / off);
    #[expect(clippy::cast_precision_loss, reason = "a fixture's count")]
    let cpu = does.cpu_ns * off * echoes as f64;
    let parts = [0.1, 0.35, 0.3, 0.6, 1.0, 1.6, 4.0];
    let times = parts.map(|part| does.p99_ns * off * part);
    let server = ProcessUsage {
        cpu_ns: None,
        user_ns: whole(cpu * 0.3),
        system_ns: whole(cpu * 0.7),
        voluntary_switches: Some(echoes / 10),
        involuntary_switches: Some(7),
        threads: Some(1),
        peak_memory_bytes: Some(whole(does.memory)),
        memory_bytes: Some(whole(does.memory)),
    };
    let number = u32::try_from(round).unwrap() + 1;
    let mut sample = sample_of(number, 1_000_000_000, echoes, times, server);
    sample.load.sent = echoes + 100;
    sample
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
    let samples = (0..rounds).map(|round| sample_at(round, does)).collect();
    SubjectResult { echo_times: buckets(does), ..subject_of(name, samples) }
}

pub(crate) fn failed(name: &str, why: &str) -> SubjectResult {
    let failure = Some(why.into());
    SubjectResult { failure, ..subject_of(name, Vec::new()) }
}

/// A sweep over some values; `subjects` are those of a value.
pub(crate) fn sweep(
    axis: SweepAxis,
    values: &[u32],
    subjects: impl Fn(u32) -> Vec<SubjectResult>,
) -> SweepResult {
    let mut base = workload();
    if axis == SweepAxis::Idle {
        base.clients = 10;
    }
    let point = |value: &u32| SweepPoint {
        value: Some(*value),
        workload: axis.at(*value, &base),
        subjects: subjects(*value),
    };
    let points = values.iter().map(point).collect();
    measured(Some(axis), base, 6, points)
}

pub(crate) const CLIENTS: [u32; 9] =
    [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000];

/// Every mode from one client to 10,000, as it might be.
pub(crate) fn clients() -> SweepResult {
    sweep(SweepAxis::Clients, &CLIENTS, |value| {
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
        vec![
            subject("nonblocking", 6, does(busy, 9e8 / busy, 10.0, 5e6)),
            subject(
                "selector",
                6,
                Does {
                    noise: if value % 100 == 0 { 1.0 } else { 0.7 },
                    ..does(9_000.0, 1e5, 10.0, 5e6)
                },
            ),
        ]
    })
}

/// One point with every mode, and a server of another make.
pub(crate) fn bench() -> SweepResult {
    let mut subjects = clients().points[4].subjects.clone();
    let mut other = subject("other", 6, does(11_000.0, 7e4, 120.0, 8e6));
    other.kind = Subject::Address("127.0.0.1:7007".parse().unwrap());
    other.samples.iter_mut().for_each(|it| it.server = None);
    subjects.push(other);
    bench_of(workload(), 6, subjects)
}
