//! Programs that answer as the servers of a measurement do, and some that do
//! not: what the peers of the benchmarks are.

use sockscope::load::Cancel;
use sockscope::measure::{
    CorePlan, NoSample, Processes, Rhythm, Sample, Sampler as _, Subject,
    Workload,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sockscope");

const SOON: Workload = Workload {
    clients: 3,
    idle: 2,
    size_bytes: 100,
    pipeline: 2,
    pacing: Rhythm::Closed,
    warm_up_ns: 20_000_000,
    time_ns: 500_000_000,
};

fn sample(command: &[&str], cores: CorePlan) -> Result<Sample, NoSample> {
    let command = command.iter().map(|it| (*it).to_owned()).collect();
    let peer = Subject::Peer { name: "peer".into(), command };
    let program = PROGRAM.into();
    let mut with = Processes { program, cores, cancel: Cancel::new() };
    with.sample(&peer, &SOON, 1)
}

#[test]
fn a_peer_is_measured_as_a_mode_is() {
    for cores in [CorePlan::default(), CorePlan::apart()] {
        let sample = sample(&[PROGRAM, "measured-server", "selector"], cores);
        let sample = sample.unwrap();
        assert!(sample.load.echoes > 0, "{sample:?}");
        assert_eq!(sample.load.clients_served, 3, "{sample:?}");
        #[cfg(target_os = "linux")]
        assert_eq!(sample.server.unwrap().threads, Some(1), "{sample:?}");
    }
}

#[test]
fn who_does_not_answer_so_is_no_peer() {
    let mistakes: [(&[&str], &str); 5] = [
        (&["sh", "-c", "echo hello"], "wanted an address, not `hello`"),
        (&["sh", "-c", "echo no >&2; exit 3"], "ended (exit status: 3): no"),
        (&["/not/there"], "cannot start the server"),
        (&[], "there is no command"),
        (&["sleep", "60"], "the server: no address within 10.0 s"),
    ];
    for (command, words) in mistakes {
        match sample(command, CorePlan::default()) {
            Err(NoSample::Because(why)) => {
                assert!(why.contains(words), "{why}");
            }
            other => panic!("{command:?}: {other:?}"),
        }
    }
}
