//! What the command line asks for, and whether it can be.

use crate::cli::{FigureArg, SweepArgs};
use crate::commands::bench::plan::{against, check, command_line, modes};
use crate::error::Error;
use crate::measure::sweep::{Axis, Range, SweepPlan};
use crate::measure::{CorePlan, Figure, Pacing, Workload};
use crate::report::SWEEP_FIGURES;
use crate::units::nanoseconds;

/// Clients that talk if nobody says how many.
const CLIENTS: u32 = 100;

/// The same where idle ones are swept.
const CLIENTS_AMONG_IDLE: u32 = 10;

/// The length of a message if nobody says.
const SIZE: u32 = 128;

/// What is swept if nothing is asked for.
const USUAL: Range = Range::Between { from: 1, to: 1_000 };

/// The plan, which nothing known beforehand stands against.
pub(super) fn of(args: &SweepArgs) -> Result<SweepPlan, Error> {
    let (axis, range) = swept(args)?;
    if args.points.is_some() && !matches!(range, Range::Between { .. }) {
        return Err(Error::Usage(
            "--points needs a range such as 1..10000; a list has the points \
             that it names"
                .to_owned(),
        ));
    }
    let values = range.points(axis, args.points);
    let workload = workload(args, axis);
    for value in &values {
        check(&axis.at(*value, &workload))?;
    }
    let what = "find this program";
    let program = std::env::current_exe()
        .map_err(|source| Error::System { what, source })?;
    let mut subjects = modes(&args.modes, CLIENTS);
    subjects.extend(against(&args.how));
    let cores =
        if args.how.no_pin { CorePlan::default() } else { CorePlan::apart() };
    let rounds = args.how.rounds;
    Ok(SweepPlan {
        program,
        subjects,
        workload,
        axis,
        values,
        rounds,
        histograms: args.histograms,
        cores,
        command_line: command_line(),
    })
}

/// The one option that has several values.
fn swept(args: &SweepArgs) -> Result<(Axis, Range), Error> {
    let several = |range: &Option<Range>| range.clone().filter(Range::is_swept);
    let all = [
        (Axis::Clients, &args.clients),
        (Axis::Size, &args.size),
        (Axis::Idle, &args.idle),
    ];
    let mut swept: Vec<_> = all
        .into_iter()
        .filter_map(|(axis, range)| Some((axis, several(range)?)))
        .collect();
    match (swept.pop(), swept.pop()) {
        (Some(one), None) => Ok(one),
        (Some((second, _)), Some((first, _))) => Err(Error::Usage(format!(
            "only one of --{} and --{} can have several values at once",
            first.name(),
            second.name()
        ))),
        (None, _) if args.clients.is_none() => Ok((Axis::Clients, USUAL)),
        (None, _) => Err(Error::Usage(
            "nothing is swept: give one of --clients, --size and --idle \
             several values, such as --clients 1..10000, or use `bench`"
                .to_owned(),
        )),
    }
}

fn workload(args: &SweepArgs, axis: Axis) -> Workload {
    let one = |range: &Option<Range>, usual: u32| match range {
        Some(Range::One(value)) => *value,
        _ => usual,
    };
    let among = if axis == Axis::Idle { CLIENTS_AMONG_IDLE } else { CLIENTS };
    let open = |rate_per_s| Pacing::Open { rate_per_s };
    let how = &args.how;
    Workload {
        clients: one(&args.clients, among),
        idle: one(&args.idle, 0),
        size_bytes: one(&args.size, SIZE),
        pipeline: how.pipeline,
        pacing: how.rate.map_or(Pacing::Closed, open),
        warm_up_ns: nanoseconds(how.warm_up),
        time_ns: nanoseconds(how.time),
    }
}

/// The figures that are told.
pub(super) fn figures(named: &[FigureArg]) -> Vec<Figure> {
    let named = named_figures(named);
    if named.is_empty() { SWEEP_FIGURES.to_vec() } else { named }
}

/// The figures that were asked for, each once.
pub(super) fn named_figures(named: &[FigureArg]) -> Vec<Figure> {
    let mut figures: Vec<Figure> = Vec::new();
    for figure in named.iter().map(|it| figure(*it)) {
        if !figures.contains(&figure) {
            figures.push(figure);
        }
    }
    figures
}

const fn figure(named: FigureArg) -> Figure {
    match named {
        FigureArg::Cpu => Figure::ServerCpu,
        FigureArg::User => Figure::ServerUser,
        FigureArg::System => Figure::ServerSystem,
        FigureArg::Echoes => Figure::EchoesPerS,
        FigureArg::Bytes => Figure::BytesPerS,
        FigureArg::Mean => Figure::MeanNs,
        FigureArg::P50 => Figure::P50Ns,
        FigureArg::P90 => Figure::P90Ns,
        FigureArg::P99 => Figure::P99Ns,
        FigureArg::P999 => Figure::P999Ns,
        FigureArg::Max => Figure::MaxNs,
        FigureArg::Switches => Figure::Switches,
        FigureArg::Threads => Figure::Threads,
        FigureArg::Memory => Figure::PeakMemory,
        FigureArg::ConnectionMemory => Figure::ConnectionMemory,
    }
}
