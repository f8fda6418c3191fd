//! What the command line asks for, and whether it can be.

use crate::cli::{Against, BenchArgs, MeasureArgs};
use crate::error::Error;
use crate::load::steady::MAX_UNDER_WAY;
use crate::measure::{CorePlan, Pacing, Plan, Subject, Workload};
use crate::modes::Mode;
use crate::system::descriptors;
use crate::units::{nanoseconds, show_count};

/// Those that serve many clients at once.
const CONCURRENT: [Mode; 4] =
    [Mode::Blocking, Mode::Nonblocking, Mode::Selector, Mode::Tasks];

/// How many descriptors a process needs beside those of its connections.
const OWN_DESCRIPTORS: u64 = 64;

/// At most so many bytes are under way at once: the clients hold them all.
const MOST_UNDER_WAY: u64 = 1 << 30;

/// The plan, which nothing known beforehand stands against.
pub(super) fn of(args: &BenchArgs) -> Result<Plan, Error> {
    let workload = workload(args);
    check(&workload)?;
    let what = "find this program";
    let program = std::env::current_exe()
        .map_err(|source| Error::System { what, source })?;
    let mut subjects = modes(&args.modes, args.clients);
    subjects.extend(against(&args.how));
    let cores =
        if args.how.no_pin { CorePlan::default() } else { CorePlan::apart() };
    Ok(Plan {
        program,
        subjects,
        workload,
        rounds: args.how.rounds,
        cores,
        count_calls: true,
        command_line: command_line(),
    })
}

fn workload(args: &BenchArgs) -> Workload {
    let how = &args.how;
    let open = |rate_per_s| Pacing::Open { rate_per_s };
    Workload {
        clients: args.clients,
        idle: args.idle,
        size_bytes: args.size,
        pipeline: how.pipeline,
        pacing: how.rate.map_or(Pacing::Closed, open),
        warm_up_ns: nanoseconds(how.warm_up),
        time_ns: nanoseconds(how.time),
    }
}

/// Those that are named, each once.
pub(in crate::commands) fn modes(named: &[Mode], clients: u32) -> Vec<Subject> {
    let mut modes: Vec<Mode> = Vec::new();
    for mode in named {
        if !modes.contains(mode) {
            modes.push(*mode);
        }
    }
    if modes.is_empty() {
        modes.extend((clients == 1).then_some(Mode::Serial));
        modes.extend(CONCURRENT);
    }
    modes.into_iter().map(Subject::Mode).collect()
}

pub(in crate::commands) fn against(
    how: &MeasureArgs,
) -> impl Iterator<Item = Subject> {
    how.against.iter().map(|it| match it {
        Against::Address(address) => Subject::Address(*address),
        Against::Command(command) => Subject::Command(command.clone()),
    })
}

/// What would fail in the first sample is said before it.
pub(in crate::commands) fn check(workload: &Workload) -> Result<(), Error> {
    let connections = u64::from(workload.clients) + u64::from(workload.idle);
    let needed = connections + OWN_DESCRIPTORS;
    if let Some(limit) = descriptors::raise_limit()
        && limit < needed
    {
        return Err(Error::Usage(format!(
            "{} connections need {} descriptors on either side, and a process \
             may have {}: raise the limit (`ulimit -n`), or have fewer clients",
            show_count(connections),
            show_count(needed),
            show_count(limit)
        )));
    }
    let messages = u64::from(workload.clients) * u64::from(workload.pipeline);
    let bytes = messages * u64::from(workload.size_bytes);
    if messages > MAX_UNDER_WAY {
        let most = show_count(MAX_UNDER_WAY);
        return Err(Error::Usage(format!(
            "clients × pipeline is more than {most} messages under way at once"
        )));
    }
    if bytes > MOST_UNDER_WAY {
        return Err(Error::Usage(
            "clients × pipeline × size is more than 1 GiB under way at once"
                .to_owned(),
        ));
    }
    Ok(())
}

/// The words after the program, for the result.
pub(in crate::commands) fn command_line() -> Vec<String> {
    let words = std::env::args_os().skip(1);
    words.map(|it| it.to_string_lossy().into_owned()).collect()
}
