//! A fixed result of `bench`: servers as they might be, with a noise that is
//! the same on every run.

use sockscope::load::EchoTime;
use sockscope::measure::{
    BenchConditions, BenchResult, Buckets, CountedCalls, LoadUsage, Pacing,
    SCHEMA_VERSION, Sample, ServerUsage, SubjectKind, SubjectResult, Workload,
};

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

pub(crate) const SELECTOR: Like = Like {
    name: "selector",
    echoes_per_s: 128_400.0,
    user_ns: 1_410.0,
    system_ns: 6_230.0,
    p50_ns: 76_400.0,
    p99_ns: 131_000.0,
    switches: 0.104,
    threads: 1,
    served: 10,
    noise: 0.006,
};

pub(crate) const MODES: [Like; 5] = [
    Like {
        name: "serial",
        echoes_per_s: 38_700.0,
        user_ns: 310.0,
        system_ns: 9_870.0,
        p50_ns: 25_100.0,
        p99_ns: 41_300.0,
        switches: 1.0,
        served: 1,
        ..SELECTOR
    },
    Like {
        name: "blocking",
        echoes_per_s: 97_300.0,
        user_ns: 420.0,
        system_ns: 9_710.0,
        p50_ns: 98_600.0,
        p99_ns: 243_000.0,
        switches: 0.873,
        threads: 11,
        noise: 0.011,
        ..SELECTOR
    },
    Like {
        name: "nonblocking",
        echoes_per_s: 129_100.0,
        user_ns: 1_690.0,
        system_ns: 6_060.0,
        p50_ns: 75_900.0,
        p99_ns: 118_000.0,
        switches: 0.0,
        ..SELECTOR
    },
    SELECTOR,
    Like {
        name: "tasks",
        echoes_per_s: 117_200.0,
        user_ns: 2_180.0,
        system_ns: 6_330.0,
        p50_ns: 83_700.0,
        p99_ns: 142_000.0,
        ..SELECTOR
    },
];

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures of a made-up server are small and above zero"
)]
fn whole(value: f64) -> u64 {
    value.round() as u64
}

/// One round of such a server.
pub(crate) fn sample(like: &Like, round: u32, own: f64) -> Sample {
    let at = round as usize - 1;
    let common = NOISE[at % NOISE.len()] * 0.01;
    let own = NOISE[(at * 3 + like.name.len()) % NOISE.len()] * own;
    let slower = (1.0 + common) * (1.0 + own);
    let echoes = like.echoes_per_s * 2.0 / slower;
    let all = |each: f64| whole(each * slower * echoes);
    let time = |ns: f64| whole(ns * slower);
    let (p50, p99) = (like.p50_ns, like.p99_ns * (1.0 + 2.0 * own));
    Sample {
        round,
        window_ns: WINDOW_NS,
        echoes: whole(echoes),
        clients_served: like.served,
        echo_time: Some(EchoTime {
            count: whole(echoes),
            min_ns: time(p50 * 0.4),
            mean_ns: time(p50 * 1.04),
            p50_ns: time(p50),
            p90_ns: time(p50 * 1.21),
            p99_ns: time(p99),
            p99_9_ns: time(p99 * 2.3),
            max_ns: time(p99 * 17.0 * (1.0 + 40.0 * own.abs())),
        }),
        server: Some(ServerUsage {
            user_ns: all(like.user_ns),
            system_ns: all(like.system_ns),
            voluntary_switches: Some(all(like.switches)),
            involuntary_switches: Some(whole(31.0 * slower)),
            threads: Some(like.threads),
            peak_memory_bytes: Some(4_600_000 + like.threads * 40_960),
            memory_before_bytes: Some(4_100_000),
            memory_bytes: Some(4_500_000 + like.threads * 40_960),
        }),
        load: LoadUsage {
            cpu_ns: Some(whole(4_900.0 * echoes * slower)),
            sent: whole(echoes),
            ..LoadUsage::default()
        },
    }
}

pub(crate) fn subject(like: &Like, rounds: u32) -> SubjectResult {
    let round = |round| sample(like, round, like.noise);
    SubjectResult {
        name: like.name.into(),
        kind: SubjectKind::Mode,
        samples: (1..=rounds).map(round).collect(),
        echo_times: Buckets(vec![
            (31_007, 12),
            (70_015, 4_000),
            (76_415, 9_000),
            (90_047, 6_100),
            (131_071, 870),
            (262_143, 17),
            (2_228_223, 1),
        ]),
        failure: None,
        calls: Some(CountedCalls {
            echoes: 20_000,
            calls: 42_100,
            would_blocks: 40,
            wake_ups: (like.name == "selector").then_some(2_080),
        }),
    }
}

/// A server that somebody else has started.
pub(crate) fn foreign(rounds: u32) -> SubjectResult {
    let like = Like { name: "10.0.0.7:7007", ..SELECTOR };
    let mut foreign = subject(&like, rounds);
    foreign.kind = SubjectKind::Address(like.name.into());
    foreign.calls = None;
    for sample in &mut foreign.samples {
        sample.server = None;
    }
    foreign
}

pub(crate) fn conditions() -> BenchConditions {
    BenchConditions {
        version: "0.1.0".into(),
        started_at: "2026-11-23T14:50:00Z".into(),
        system: "linux".into(),
        kernel: Some("6.18.0".into()),
        cores: Some(4),
        server_cores: Some(vec![2]),
        load_cores: Some(vec![3]),
        mechanism: "epoll".into(),
        optimized: true,
        load_average: Some(0.31),
        command_line: ["bench", "--clients", "10", "--rounds", "10"]
            .map(String::from)
            .into(),
    }
}

/// A result of such servers.
pub(crate) fn result(servers: &[Like], rounds: u32) -> BenchResult {
    BenchResult {
        schema_version: SCHEMA_VERSION,
        conditions: conditions(),
        workload: Workload {
            clients: 10,
            idle: 0,
            size_bytes: 128,
            pipeline: 1,
            pacing: Pacing::Closed,
            warm_up_ns: 500_000_000,
            time_ns: WINDOW_NS,
        },
        rounds,
        interrupted: false,
        subjects: servers.iter().map(|it| subject(it, rounds)).collect(),
    }
}

/// All five modes.
pub(crate) fn fixed() -> BenchResult {
    let mut fixed = result(&MODES, 10);
    let counted = [
        (40_000, 0, None),
        (40_000, 0, None),
        (117_300, 77_300, None),
        (42_080, 0, Some(2_080)),
        (62_340, 20_260, Some(2_110)),
    ];
    for (subject, it) in fixed.subjects.iter_mut().zip(counted) {
        let (calls, would_blocks, wake_ups) = it;
        let echoes = 20_000;
        let counted = CountedCalls { echoes, calls, would_blocks, wake_ups };
        subject.calls = Some(counted);
    }
    fixed
}

/// Open loop, many clients, idle ones; a server that failed, one that is not
/// ours, too few rounds.
pub(crate) fn troubled() -> BenchResult {
    let mut result = result(&MODES[1..4], 4);
    result.interrupted = true;
    result.rounds = 10;
    result.workload = Workload {
        clients: 100,
        idle: 1_000,
        pacing: Pacing::Open { rate_per_s: 20_000.0 },
        ..result.workload
    };
    result.subjects.push(foreign(4));
    for subject in &mut result.subjects {
        for sample in &mut subject.samples {
            sample.clients_served = 100;
            sample.load.due = 40_000;
            sample.load.sent = 38_000;
            sample.load.late_p50_ns = 2_100;
            sample.load.late_p99_ns = 48_000;
        }
    }
    let failed = &mut result.subjects[0];
    failed.samples.truncate(1);
    failed.failure = Some("it ended with signal 9".into());
    result
}
