//! The modes and their peers, measured and reported as `bench` does it.

use super::SERVE;
use sockscope::load::Cancel;
use sockscope::measure::{
    self, CorePlan, Processes, Rhythm, Subject, SweepPlan, Workload,
};
use sockscope::modes::Mode;
use sockscope::report::{Canvas, MeasureReport};
use std::io::Result;
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sockscope");

/// How many connections there are, all of them busy.
const CONNECTIONS: [u32; 5] = [1, 10, 100, 1_000, 10_000];

/// How long a message is.
const SIZES: [u32; 2] = [128, 16 * 1024];

/// Servers of other makes, and those of our modes that serve many clients.
pub(super) const SERVERS: [&str; 8] = [
    "polling",
    "mio",
    "tokio",
    "threads",
    "selector",
    "tasks",
    "blocking",
    "nonblocking",
];

/// Measures all of them under every load.
pub(super) fn all(quick: bool) -> Result<()> {
    let (rounds, time) = if quick { (2, 60) } else { (6, 500) };
    for size in SIZES {
        for clients in CONNECTIONS {
            if quick && (clients > 100 || size > 128) {
                continue;
            }
            let plan = SweepPlan {
                program: PROGRAM.into(),
                subjects: SERVERS
                    .map(subject)
                    .into_iter()
                    .collect::<Result<_>>()?,
                workload: workload(clients, size, Duration::from_millis(time)),
                swept: None,
                rounds,
                histograms: false,
                count_calls: false,
                cores: CorePlan::apart(),
                command_line: Vec::new(),
            };
            let result = measure::run(&plan, &Cancel::new(), &mut ());
            let report =
                MeasureReport { result, baseline: None, figures: Vec::new() };
            println!("{}", report.to_text(Canvas::PLAIN));
        }
    }
    Ok(())
}

/// Servers and clients, each in a process of its own.
pub(super) fn processes() -> Processes {
    Processes {
        program: PROGRAM.into(),
        cores: CorePlan::apart(),
        cancel: Cancel::new(),
    }
}

/// This many clients in a closed loop, for a time.
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
        Some(_) => [PROGRAM, "measured-server", name],
        None => [&own, SERVE, name],
    };
    Ok(words.map(str::to_owned).to_vec())
}

fn subject(name: &str) -> Result<Subject> {
    if let Some(mode) = mode(name) {
        return Ok(Subject::Mode(mode));
    }
    let command = measured_server(name)?;
    Ok(Subject::Peer { name: name.to_owned(), command })
}
