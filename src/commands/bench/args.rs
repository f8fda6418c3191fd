//! The command lines of `bench` and `sweep`, and of the processes that they
//! start.

use crate::load::steady::Workload;
use crate::measure::{Figure, MOST_POINTS, Range, Subject, SweepAxis};
use crate::modes::Mode;
use crate::net::parse_address;
use crate::units::parse_time;
use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum, value_parser};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// The most messages of a client that are under way at once.
const DEEPEST_PIPELINE: i64 = 1000;

/// The most rounds.
const MOST_ROUNDS: i64 = 1000;

/// The options of `bench`.
#[derive(Args, Clone, Debug)]
pub struct BenchArgs {
    /// The modes to measure: serial, blocking, nonblocking, selector, tasks
    /// [default: all except `serial`; with one client also `serial`]
    #[arg(value_enum, value_name = "MODES", hide_possible_values = true)]
    pub modes: Vec<Mode>,
    /// Number of clients that send messages, from 1 to 20,000.
    #[arg(long, value_name = "N", default_value = "100",
          value_parser = |text: &str| one(SweepAxis::Clients, text))]
    pub clients: u32,
    /// Number of further clients that are connected and send nothing.
    #[arg(long, value_name = "N", default_value = "0",
          value_parser = |text: &str| one(SweepAxis::Idle, text))]
    pub idle: u32,
    /// Size of a message, such as 128 or 16KiB; at most 16 MiB.
    #[arg(long, value_name = "SIZE", default_value = "128",
          value_parser = |text: &str| one(SweepAxis::Size, text))]
    pub size: u32,
    #[command(flatten)]
    pub how: MeasureArgs,
    /// Compare with an earlier result, written with `-o FILE.json`, and report
    /// which changes are larger than the noise.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
}

/// The options of `sweep`.
#[derive(Args, Clone, Debug)]
pub struct SweepArgs {
    /// The modes to measure [default: blocking, nonblocking, selector and
    /// tasks]
    #[arg(value_enum, value_name = "MODES", hide_possible_values = true)]
    pub modes: Vec<Mode>,
    /// Number of clients that send messages: a number, a list such as 1,10,100
    /// or a range such as 1..10000; up to 20,000 [default: 1..1000 if no other
    /// option has several values, 10 with `--idle`, else 100]
    #[arg(long, value_name = "RANGE",
          value_parser = |text: &str| Range::parse(SweepAxis::Clients, text))]
    pub clients: Option<Range>,
    /// Size of a message, such as 128, 128,4KiB or 16..64KiB; at most 16 MiB
    /// [default: 128]
    #[arg(long, value_name = "RANGE",
          value_parser = |text: &str| Range::parse(SweepAxis::Size, text))]
    pub size: Option<Range>,
    /// Number of further clients that are connected and send nothing, such as
    /// 0..10000 [default: 0]
    #[arg(long, value_name = "RANGE",
          value_parser = |text: &str| Range::parse(SweepAxis::Idle, text))]
    pub idle: Option<Range>,
    /// Number of points in a range, from 2 to 50.
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>
          ::new().range(2..=MOST_POINTS as u64))]
    pub points: Option<usize>,
    /// Figures to show and draw, separated by commas; may be repeated
    /// [default: cpu,echoes]
    #[arg(long, value_enum, value_name = "NAME", value_delimiter = ',')]
    pub figure: Vec<Figure>,
    #[command(flatten)]
    pub how: MeasureArgs,
    /// Keep the echo-time histogram of each server at each point in the JSON,
    /// which makes it many times larger.
    #[arg(long)]
    pub histograms: bool,
}

/// How servers are measured: the options that both commands share.
#[derive(Args, Clone, Debug)]
pub struct MeasureArgs {
    /// Also measure this server; may be repeated. ADDR is the address of a
    /// server that is already running. CMD is started by a shell for each
    /// sample; it must stay in the foreground and listen on port `{port}` of
    /// 127.0.0.1 (also given as `{addr}`, `$PORT` and `$ADDR`).
    #[arg(long, value_name = "ADDR|CMD", value_parser = against)]
    pub against: Vec<Subject>,
    /// Number of messages that each client has in flight, up to 1,000.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = value_parser!(u32).range(1..=DEEPEST_PIPELINE))]
    pub pipeline: u32,
    /// Open loop: all clients together send RATE messages a second, evenly
    /// spaced, and an echo time counts from when its message was due. Without
    /// it, a closed loop: a client sends its next message when an echo has
    /// come back.
    #[arg(long, value_name = "RATE")]
    pub rate: Option<f64>,
    /// Number of times that each server is measured; the servers take turns in
    /// every round.
    #[arg(long, value_name = "N", default_value_t = 6,
          value_parser = value_parser!(u32).range(1..=MOST_ROUNDS))]
    pub rounds: u32,
    /// Length of each measurement, from 10 ms to 1 h.
    #[arg(long, value_name = "TIME", default_value = "1s",
          value_parser = parse_time)]
    pub time: Duration,
    /// Time for which the clients send before each measurement; at most 1 h.
    #[arg(long, value_name = "TIME", default_value = "0.3s",
          value_parser = parse_time)]
    pub warm_up: Duration,
    /// Do not bind the clients to one core and the servers to the others.
    #[arg(long)]
    pub no_pin: bool,
    /// Show no progress on standard error.
    #[arg(short, long)]
    pub quiet: bool,
    /// Format of the report; `hgrm` is available in `bench` only.
    #[arg(long, value_enum, default_value_t)]
    pub report: MeasureForm,
    /// Also write the report to this file; may be repeated. The format follows
    /// from the extension: .txt, .json, .md, .csv, .svg or, in `bench`, .hgrm
    /// (one HDR histogram for each server, such as `times.selector.hgrm`);
    /// otherwise it is that of `--report`.
    #[arg(short, long, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Print the JSON Schema of the result without measuring.
    #[arg(long)]
    pub schema: bool,
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
    /// A picture.
    Svg,
}

/// The clients of a measurement, as a process.
#[derive(Args, Clone, Debug)]
pub struct MeasuredLoadArgs {
    /// The address of an echo server.
    #[arg(value_name = "ADDR", value_parser = parse_address)]
    pub target: SocketAddr,
    /// What the clients do, in JSON.
    #[arg(value_parser = |text: &str| serde_json::from_str::<Workload>(text))]
    pub workload: Workload,
    /// The cores to run on.
    #[arg(long, value_delimiter = ',')]
    pub cores: Vec<u32>,
}

/// A server under measurement, as a process.
#[derive(Args, Clone, Debug)]
pub struct MeasuredServerArgs {
    /// The mode.
    #[arg(value_enum)]
    pub mode: Mode,
    /// The cores to run on.
    #[arg(long, value_delimiter = ',')]
    pub cores: Vec<u32>,
    /// Count calls, not for measuring; the value is the size of a message.
    #[arg(long)]
    pub count: Option<u32>,
}

/// A program of another make that is measured.
#[derive(Args, Clone, Debug)]
pub struct MeasuredCommandArgs {
    /// The cores to run on.
    #[arg(long, value_delimiter = ',')]
    pub cores: Vec<u32>,
    /// The program and its arguments.
    #[arg(last = true, required = true)]
    pub command: Vec<OsString>,
}

fn one(axis: SweepAxis, text: &str) -> Result<u32, String> {
    match Range::parse(axis, text)? {
        Range::One(value) => Ok(value),
        _ => Err("wanted one value; `sweep` takes several".to_owned()),
    }
}

fn against(text: &str) -> Result<Subject, String> {
    match parse_address(text) {
        Ok(address) => Ok(Subject::Address(address)),
        Err(_) if text.trim().is_empty() => {
            Err("wanted an address or a command".to_owned())
        }
        Err(_) => Ok(Subject::Command(text.to_owned())),
    }
}
