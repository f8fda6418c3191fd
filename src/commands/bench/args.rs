//! The command lines of `bench` and `sweep`, and the plans that are made from
//! them.

use crate::commands::files::ReplaceArgs;
use crate::commands::serve::OWN_DESCRIPTORS;
use crate::error::Error;
use crate::load::steady::{self, Rhythm, Workload};
use crate::measure::{
    CorePlan, Figure, MOST_POINTS, Range, Subject, SweepAxis, SweepPlan,
};
use crate::modes::Mode;
use crate::net::parse_address;
use crate::system::descriptors;
use crate::units::{nanoseconds, parse_time, show_count};
use clap::builder::{PossibleValue, RangedU64ValueParser};
use clap::{Args, ValueEnum, value_parser};
use itertools::Itertools as _;
use std::path::PathBuf;
use std::time::Duration;

/// The shortest window that can be asked for.
const SHORTEST_WINDOW: Duration = Duration::from_millis(10);

/// The most bytes under way at once: the clients hold them all.
const MOST_UNDER_WAY: u64 = 1 << 30;

/// Clients that talk in a sweep; fewer where idle ones are swept.
const CLIENTS: u32 = 100;
const CLIENTS_AMONG_IDLE: u32 = 10;

/// The length of a message in a sweep.
const SIZE: u32 = 128;

/// The numbers of clients that are swept if nothing else is.
const USUAL: Range = Range::Between { from: 1, to: 1_000 };

/// The most messages of a client that are under way at once.
const DEEPEST_PIPELINE: i64 = 1000;

const MOST_ROUNDS: i64 = 1000;

#[derive(Args, Clone, Debug)]
pub struct BenchArgs {
    /// Modes to measure
    ///
    /// [default: all except `serial`; with one client also `serial`]
    #[arg(value_enum, value_name = "MODES")]
    pub modes: Vec<Mode>,
    #[command(flatten)]
    pub how: MeasureArgs,
    /// Clients that send messages, up to 20,000
    #[arg(long, value_name = "N", default_value = "100",
          display_order = 0, help_heading = "Clients",
          value_parser = |text: &str| one(SweepAxis::Clients, text))]
    pub clients: u32,
    /// Further clients, which send nothing
    #[arg(long, value_name = "N", default_value = "0",
          display_order = 0, help_heading = "Clients",
          value_parser = |text: &str| one(SweepAxis::Idle, text))]
    pub idle: u32,
    /// Size of a message, such as 16KiB
    ///
    /// At most 16 MiB.
    #[arg(long, value_name = "SIZE", default_value = "128",
          display_order = 0, help_heading = "Clients",
          value_parser = |text: &str| one(SweepAxis::Size, text))]
    pub size: u32,
    /// Compare with an earlier result, a JSON file
    ///
    /// It was written with `-o FILE.json`; the report says which changes are
    /// larger than the noise.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub baseline: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub struct SweepArgs {
    /// Modes to measure
    ///
    /// [default: blocking, nonblocking, selector and tasks]
    #[arg(value_enum, value_name = "MODES")]
    pub modes: Vec<Mode>,
    #[command(flatten)]
    pub how: MeasureArgs,
    /// Clients that send, such as 1,10,100 or 1..10000
    ///
    /// A number, a list or a range; up to 20,000. [default: 1..1000 if no
    /// other option has several values, 10 with `--idle`, else 100]
    #[arg(long, value_name = "RANGE", display_order = 0, help_heading = "Clients",
          value_parser = |text: &str| Range::parse(SweepAxis::Clients, text))]
    pub clients: Option<Range>,
    /// Further clients, which send nothing [default: 0]
    ///
    /// A number, a list or a range, such as 0..10000.
    #[arg(long, value_name = "RANGE", display_order = 0, help_heading = "Clients",
          value_parser = |text: &str| Range::parse(SweepAxis::Idle, text))]
    pub idle: Option<Range>,
    /// Size of a message [default: 128]
    ///
    /// A number, a list or a range, such as 128,4KiB or 16..64KiB; at most 16
    /// MiB.
    #[arg(long, value_name = "RANGE", display_order = 0, help_heading = "Clients",
          value_parser = |text: &str| Range::parse(SweepAxis::Size, text))]
    pub size: Option<Range>,
    /// Number of points in a range, from 2 to 50
    #[arg(long, value_name = "N", display_order = 0, help_heading = "Clients",
          value_parser = RangedU64ValueParser::<usize>
          ::new().range(2..=MOST_POINTS as u64))]
    pub points: Option<usize>,
    /// Figures to show and draw [default: cpu,echoes]
    // All names would fill a screen of short help.
    #[arg(long, value_enum, value_name = "NAME", value_delimiter = ',',
          help_heading = "Output", hide_possible_values = true,
          long_help = figures())]
    pub figure: Vec<Figure>,
    /// Keep echo-time histograms in the JSON
    ///
    /// One of each server at each point, which makes it many times larger.
    #[arg(long, help_heading = "Output", hide_short_help = true)]
    pub histograms: bool,
}

/// The help of `--figure`, with all names.
fn figures() -> String {
    let figures = Figure::value_variants().iter();
    let values = figures.filter_map(Figure::to_possible_value);
    let line = |value: PossibleValue| {
        let help = value.get_help().map(ToString::to_string);
        format!("\n- {}: {}", value.get_name(), help.unwrap_or_default())
    };
    format!(
        "Figures to show and draw [default: cpu,echoes]\n\nSeparated by \
         commas; may be repeated.\n\nPossible values:{}",
        values.map(line).join("")
    )
}

/// How servers are measured: the options that both commands share.
#[derive(Args, Clone, Debug)]
pub struct MeasureArgs {
    /// Also measure this server; may be repeated
    ///
    /// ADDR is the address of a server that is already running. CMD is started
    /// by a shell for each sample; it must stay in the foreground and listen on
    /// port `{port}` of 127.0.0.1 (also given as `{addr}`, `$PORT` and
    /// `$ADDR`).
    #[arg(long, value_name = "ADDR|CMD", value_parser = against,
          help_heading = "What runs")]
    pub against: Vec<Subject>,
    /// Times that each server is measured
    ///
    /// The servers take turns in every round.
    #[arg(long, value_name = "N", default_value_t = 6,
          help_heading = "What runs",
          value_parser = value_parser!(u32).range(1..=MOST_ROUNDS))]
    pub rounds: u32,
    /// Length of each measurement
    ///
    /// From 10 ms to 1 h.
    #[arg(long, value_name = "TIME", default_value = "1s",
          help_heading = "What runs", value_parser = parse_time)]
    pub time: Duration,
    /// Time of sending before each one
    ///
    /// At most 1 h.
    #[arg(long, value_name = "TIME", default_value = "0.3s",
          help_heading = "What runs", value_parser = parse_time)]
    pub warm_up: Duration,
    /// Do not bind clients and servers to cores
    ///
    /// Otherwise the clients have one core and the servers the others.
    #[arg(long, help_heading = "What runs", hide_short_help = true)]
    pub no_pin: bool,
    /// Messages in flight a client, up to 1,000
    #[arg(long, value_name = "N", default_value_t = 1,
          help_heading = "Clients",
          value_parser = value_parser!(u32).range(1..=DEEPEST_PIPELINE))]
    pub pipeline: u32,
    /// Open loop: RATE messages a second in all
    ///
    /// All clients together send them, evenly spaced, and an echo time counts
    /// from when its message was due. Without it, a closed loop: a client sends
    /// its next message when an echo has come back.
    #[arg(
        long,
        value_name = "RATE",
        allow_negative_numbers = true,
        help_heading = "Clients"
    )]
    pub rate: Option<f64>,
    /// Show no progress on standard error
    #[arg(short, long, help_heading = "What is shown")]
    pub quiet: bool,
    /// Form of the report
    ///
    /// `hgrm` is available in `bench` only.
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub report: MeasureForm,
    /// Also write the report to this file
    ///
    /// May be repeated. The form follows from the extension: .txt, .json, .md,
    /// .csv, .svg or, in `bench`, .hgrm (one HDR histogram for each server,
    /// such as `times.selector.hgrm`); otherwise it is the one that `--report`
    /// names.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output: Vec<PathBuf>,
    #[command(flatten)]
    pub replace: ReplaceArgs,
}

/// The format of a report of `bench` or `sweep`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MeasureForm {
    /// Text for a terminal.
    #[default]
    Text,
    /// JSON for programs, with a versioned schema.
    Json,
    /// Markdown for documents.
    #[value(alias = "md")]
    Markdown,
    /// CSV for spreadsheets, one value in each row.
    Csv,
    /// The echo times as HDR histograms, for plotting tools.
    Hgrm,
    /// An SVG image.
    Svg,
}

fn one(axis: SweepAxis, text: &str) -> Result<u32, String> {
    match Range::parse(axis, text)? {
        Range::One(value) => Ok(value),
        _ => Err("expected one value; `sweep` takes several".to_owned()),
    }
}

fn against(text: &str) -> Result<Subject, String> {
    match parse_address(text) {
        Ok(address) => Ok(Subject::Address(address)),
        Err(_) if text.trim().is_empty() => {
            Err("expected an address or a command".to_owned())
        }
        Err(_) => Ok(Subject::Command(text.to_owned())),
    }
}

/// The plan of `bench`.
pub(super) fn of_bench(args: &BenchArgs) -> Result<SweepPlan, Error> {
    let sizes = [args.clients, args.idle, args.size];
    let plan = plan(&args.how, &args.modes, sizes, None)?;
    Ok(SweepPlan { count_calls: true, histograms: true, ..plan })
}

/// The plan of `sweep`: one option has several values.
pub(super) fn of_sweep(args: &SweepArgs) -> Result<SweepPlan, Error> {
    let all = [
        (SweepAxis::Clients, &args.clients),
        (SweepAxis::Size, &args.size),
        (SweepAxis::Idle, &args.idle),
    ];
    let is_swept = |range: &&Range| range.is_swept();
    let several = all.iter().filter_map(|(axis, range)| {
        Some((*axis, range.as_ref().filter(is_swept)?))
    });
    let (axis, range) = match several.collect_vec()[..] {
        [one] => one,
        [(first, _), (second, _), ..] => {
            return Err(Error::usage(format!(
                "only one of --{} and --{} can have several values at once",
                first.name(),
                second.name()
            )));
        }
        [] if args.clients.is_none() => (SweepAxis::Clients, &USUAL),
        [] => {
            return Err(Error::usage(
                "nothing is swept: give one of --clients, --size and --idle \
                 several values, such as --clients 1..10000, or use `bench`",
            ));
        }
    };
    if args.points.is_some() && !matches!(range, Range::Between { .. }) {
        return Err(Error::usage(
            "--points needs a range such as 1..10000; a list has the points \
             that it names",
        ));
    }
    let one = |range: &Option<Range>, usual| match range {
        Some(Range::One(value)) => *value,
        _ => usual,
    };
    let is_idle = axis == SweepAxis::Idle;
    let among = if is_idle { CLIENTS_AMONG_IDLE } else { CLIENTS };
    let sizes =
        [one(&args.clients, among), one(&args.idle, 0), one(&args.size, SIZE)];
    let points = Some((axis, range.points(axis, args.points)));
    let plan = plan(&args.how, &args.modes, sizes, points)?;
    Ok(SweepPlan { histograms: args.histograms, ..plan })
}

/// The modes are the named ones, each once; without one all, but `serial`
/// only in a bench with one client: it serves one after the other.
fn plan(
    how: &MeasureArgs,
    modes: &[Mode],
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
        let words = "`--time` is too short: measure for at least 10 ms";
        return Err(Error::usage(words));
    }
    match &swept {
        None => check(&workload)?,
        Some((axis, values)) => values
            .iter()
            .try_for_each(|value| check(&axis.at(*value, &workload)))?,
    }
    let with_serial = swept.is_none() && clients == 1;
    let usual = if with_serial { &Mode::ALL[..] } else { &Mode::ALL[1..] };
    let modes = if modes.is_empty() { usual } else { modes };
    let modes = modes.iter().copied().unique().map(Subject::Mode);
    let program =
        std::env::current_exe().map_err(Error::system("find this program"))?;
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
        let [connections, needed, limit] =
            [connections, needed, limit].map(show_count);
        return Err(Error::usage(format!(
            "{connections} connections need {needed} descriptors on either \
             side, and a process may have {limit}: raise the limit (`ulimit \
             -n`), or have fewer clients"
        )));
    }
    let messages = u64::from(workload.clients) * u64::from(workload.pipeline);
    if messages * u64::from(workload.size_bytes) > MOST_UNDER_WAY {
        return Err(Error::usage(
            "clients × pipeline × size is more than 1 GiB under way at once",
        ));
    }
    Ok(())
}
