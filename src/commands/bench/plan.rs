//! What the command line asks for, and whether it can be done.

use super::args::{BenchArgs, MeasureArgs, SweepArgs};
use crate::commands::serve::OWN_DESCRIPTORS;
use crate::error::Error;
use crate::load::steady::{self, Rhythm, Workload};
use crate::measure::{CorePlan, Range, Subject, SweepAxis, SweepPlan};
use crate::modes::Mode;
use crate::system::descriptors;
use crate::units::{nanoseconds, show_count};
use itertools::Itertools as _;
use std::time::Duration;

/// The shortest window that says anything.
const SHORTEST_WINDOW: Duration = Duration::from_millis(10);

/// The most bytes under way at once: the clients hold them all.
const MOST_UNDER_WAY: u64 = 1 << 30;

/// Clients that talk in a sweep.
const CLIENTS: u32 = 100;

/// The same where idle ones are swept.
const CLIENTS_AMONG_IDLE: u32 = 10;

/// The length of a message in a sweep.
const SIZE: u32 = 128;

/// What is swept unless something else is.
const USUAL: Range = Range::Between { from: 1, to: 1_000 };

/// The plan of `bench`.
pub(super) fn of_bench(args: &BenchArgs) -> Result<SweepPlan, Error> {
    let sizes = [args.clients, args.idle, args.size];
    let modes = modes(&args.modes, args.clients);
    let plan = plan(&args.how, modes, sizes, None)?;
    Ok(SweepPlan { count_calls: true, histograms: true, ..plan })
}

/// The plan of `sweep`.
pub(super) fn of_sweep(args: &SweepArgs) -> Result<SweepPlan, Error> {
    let (axis, range) = swept(args)?;
    if args.points.is_some() && !matches!(range, Range::Between { .. }) {
        return Err(Error::Usage(
            "--points needs a range such as 1..10000; a list has the points \
             that it names"
                .to_owned(),
        ));
    }
    let one = |range: &Option<Range>, usual: u32| match range {
        Some(Range::One(value)) => *value,
        _ => usual,
    };
    let among =
        if axis == SweepAxis::Idle { CLIENTS_AMONG_IDLE } else { CLIENTS };
    let sizes =
        [one(&args.clients, among), one(&args.idle, 0), one(&args.size, SIZE)];
    let swept = Some((axis, range.points(axis, args.points)));
    let plan = plan(&args.how, modes(&args.modes, CLIENTS), sizes, swept)?;
    Ok(SweepPlan { histograms: args.histograms, ..plan })
}

/// The one option that has several values.
fn swept(args: &SweepArgs) -> Result<(SweepAxis, Range), Error> {
    let all = [
        (SweepAxis::Clients, &args.clients),
        (SweepAxis::Size, &args.size),
        (SweepAxis::Idle, &args.idle),
    ];
    let several = all.into_iter().filter_map(|(axis, range)| {
        Some((axis, range.clone().filter(Range::is_swept)?))
    });
    match &several.collect::<Vec<_>>()[..] {
        [one] => Ok(one.clone()),
        [(first, _), (second, _), ..] => Err(Error::Usage(format!(
            "only one of --{} and --{} can have several values at once",
            first.name(),
            second.name()
        ))),
        [] if args.clients.is_none() => Ok((SweepAxis::Clients, USUAL)),
        [] => Err(Error::Usage(
            "nothing is swept: give one of --clients, --size and --idle \
             several values, such as --clients 1..10000, or use `bench`"
                .to_owned(),
        )),
    }
}

/// The named modes, each once; without one all, but `serial` only where there
/// is one client: it serves one after the other.
fn modes(named: &[Mode], clients: u32) -> Vec<Mode> {
    if !named.is_empty() {
        return named.iter().copied().unique().collect();
    }
    let is_usual = |mode: &Mode| *mode != Mode::Serial || clients == 1;
    Mode::ALL.into_iter().filter(is_usual).collect()
}

fn plan(
    how: &MeasureArgs,
    modes: Vec<Mode>,
    [clients, idle, size_bytes]: [u32; 3],
    swept: Option<(SweepAxis, Vec<u32>)>,
) -> Result<SweepPlan, Error> {
    let open = |rate_per_s| Rhythm::Open { rate_per_s };
    let workload = Workload {
        clients,
        idle,
        size_bytes,
        pipeline: how.pipeline,
        pacing: how.rate.map_or(Rhythm::Closed, open),
        warm_up_ns: nanoseconds(how.warm_up),
        time_ns: nanoseconds(how.time),
    };
    if how.time < SHORTEST_WINDOW {
        let words = "wanted at least 10 ms to measure (--time)";
        return Err(Error::Usage(words.to_owned()));
    }
    match &swept {
        None => check(&workload)?,
        Some((axis, values)) => values
            .iter()
            .try_for_each(|value| check(&axis.at(*value, &workload)))?,
    }
    let program =
        std::env::current_exe().map_err(Error::system("find this program"))?;
    let modes = modes.into_iter().map(Subject::Mode);
    let words = std::env::args_os().skip(1);
    Ok(SweepPlan {
        program,
        subjects: modes.chain(how.against.iter().cloned()).collect(),
        workload,
        swept,
        rounds: how.rounds,
        histograms: false,
        count_calls: false,
        cores: if how.no_pin { CorePlan::default() } else { CorePlan::apart() },
        command_line: words
            .map(|it| it.to_string_lossy().into_owned())
            .collect(),
    })
}

/// Reports before the first sample what would fail in it.
fn check(workload: &Workload) -> Result<(), Error> {
    steady::check(workload).map_err(Error::Usage)?;
    let connections = u64::from(workload.connections());
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
    if messages * u64::from(workload.size_bytes) > MOST_UNDER_WAY {
        return Err(Error::Usage(
            "clients × pipeline × size is more than 1 GiB under way at once"
                .to_owned(),
        ));
    }
    Ok(())
}
