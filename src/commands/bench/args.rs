//! The command lines of `bench` and `sweep`, and of the processes that they
//! start.

use crate::commands::args::parse_some_time;
use crate::load::steady::{LONGEST_WINDOW, Workload};
use crate::measure::{Figure, MOST_POINTS, Range, Subject, SweepAxis};
use crate::modes::Mode;
use crate::net::parse_address;
use crate::units::parse_time;
use clap::{Args, ValueEnum, value_parser};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// The most messages of a client that are under way at once.
const DEEPEST_PIPELINE: i64 = 1000;

/// The most rounds.
const MOST_ROUNDS: i64 = 1000;

/// The shortest window that says anything.
const SHORTEST_WINDOW: Duration = Duration::from_millis(10);

/// The rates of an open loop, messages a second.
const RATES: RangeInclusive<f64> = 0.001..=1e7;

/// The options of `bench`.
#[derive(Args, Clone, Debug)]
pub struct BenchArgs {
    /// The modes to measure: serial, blocking, nonblocking, selector, tasks
    /// [default: all but `serial`; with one client that, too]
    #[arg(value_enum, value_name = "MODES", hide_possible_values = true)]
    pub modes: Vec<Mode>,
    /// How many clients talk, from 1 to 20,000.
    #[arg(long, value_name = "N", default_value = "100",
          value_parser = |text: &str| one(SweepAxis::Clients, text))]
    pub clients: u32,
    /// How many clients are connected beside those and send nothing.
    #[arg(long, value_name = "N", default_value = "0",
          value_parser = |text: &str| one(SweepAxis::Idle, text))]
    pub idle: u32,
    /// The length of a message, such as 128 or 16KiB; at most 16 MiB.
    #[arg(long, value_name = "SIZE", default_value = "128",
          value_parser = |text: &str| one(SweepAxis::Size, text))]
    pub size: u32,
    #[command(flatten)]
    pub how: MeasureArgs,
    /// Compare with an earlier result, written with `-o FILE.json`, and say
    /// which changes are beyond the noise.
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
    /// How many clients talk: a number, a list such as 1,10,100 or a range
    /// such as 1..10000; up to 20,000 [default: 1..1000 if nothing else has
    /// several values, 10 with `--idle`, else 100]
    #[arg(long, value_name = "RANGE",
          value_parser = |text: &str| Range::parse(SweepAxis::Clients, text))]
    pub clients: Option<Range>,
    /// The length of a message, such as 128, 128,4KiB or 16..64KiB; at most
    /// 16 MiB [default: 128]
    #[arg(long, value_name = "RANGE",
          value_parser = |text: &str| Range::parse(SweepAxis::Size, text))]
    pub size: Option<Range>,
    /// How many clients are connected beside those that talk and send
    /// nothing, such as 0..10000 [default: 0]
    #[arg(long, value_name = "RANGE",
          value_parser = |text: &str| Range::parse(SweepAxis::Idle, text))]
    pub idle: Option<Range>,
    /// How many points a range has, from 2 to 50.
    #[arg(long, value_name = "N", value_parser = points)]
    pub points: Option<usize>,
    /// What is shown and drawn; several with commas or given several times
    /// [default: cpu,echoes]
    #[arg(long, value_enum, value_name = "NAME", value_delimiter = ',')]
    pub figure: Vec<Figure>,
    #[command(flatten)]
    pub how: MeasureArgs,
    /// Keep the histogram of the echo times of each server at each point in
    /// the JSON; they make it many times as long.
    #[arg(long)]
    pub histograms: bool,
}

/// How servers are measured: the options that both commands share.
#[derive(Args, Clone, Debug)]
pub struct MeasureArgs {
    /// Measure this server, too; may be given several times. ADDR is one
    /// that runs already. CMD is started by a shell for each sample, has to
    /// stay in the foreground, and listens on port `{port}` of 127.0.0.1
    /// (also `{addr}`, `$PORT`, `$ADDR`).
    #[arg(long, value_name = "ADDR|CMD", value_parser = against)]
    pub against: Vec<Subject>,
    /// How many messages of a client are under way at once, up to 1,000.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = value_parser!(u32).range(1..=DEEPEST_PIPELINE))]
    pub pipeline: u32,
    /// Open loop: this many messages a second, of all clients together, are
    /// due at a steady rate, and echo times count from when a message was
    /// due. Without it, a closed loop: a client sends its next message when
    /// an echo is back.
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<f64>,
    /// How often each server is measured; their rounds are interleaved.
    #[arg(long, value_name = "N", default_value_t = 6,
          value_parser = value_parser!(u32).range(1..=MOST_ROUNDS))]
    pub rounds: u32,
    /// How long is measured, a round and server; from 10 ms to 1 h.
    #[arg(long, value_name = "TIME", default_value = "1s",
          value_parser = window)]
    pub time: Duration,
    /// How long the clients talk before that; at most 1 h.
    #[arg(long, value_name = "TIME", default_value = "0.3s",
          value_parser = warm_up)]
    pub warm_up: Duration,
    /// Do not bind the clients to one core and the servers to the others.
    #[arg(long)]
    pub no_pin: bool,
    /// No progress on standard error.
    #[arg(short, long)]
    pub quiet: bool,
    /// The form of the report; `hgrm` is for `bench`.
    #[arg(long, value_enum, default_value_t)]
    pub report: MeasureForm,
    /// Write the report to this file, too; may be given several times. Its
    /// form is that of its name's end: .txt, .json, .md, .csv, .svg or, in
    /// `bench`, .hgrm (an HDR histogram for each server, as in
    /// `times.selector.hgrm`), else that of `--report`.
    #[arg(short, long, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Print the JSON Schema of the result, and measure nothing.
    #[arg(long)]
    pub schema: bool,
}

/// The form of a report of `bench` or `sweep`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MeasureForm {
    /// For people.
    #[default]
    Text,
    /// For programs; its schema has a version.
    Json,
    /// For documents.
    #[value(alias = "md")]
    Markdown,
    /// For spreadsheets: a row a value.
    Csv,
    /// The echo times as HDR histograms, for those who plot them.
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
    #[arg(value_parser = workload)]
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
    match Range::parse(axis, text) {
        Ok(Range::One(value)) => Ok(value),
        Ok(_) => Err("wanted one value; `sweep` takes several".to_owned()),
        Err(error) => Err(error),
    }
}

fn points(text: &str) -> Result<usize, String> {
    let number = text.parse().ok();
    number
        .filter(|it| (2..=MOST_POINTS).contains(it))
        .ok_or_else(|| format!("wanted a whole number from 2 to {MOST_POINTS}"))
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

fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse().ok();
    rate.filter(|rate| RATES.contains(rate)).ok_or_else(|| {
        "wanted messages a second, from 0.001 to 10000000".to_owned()
    })
}

fn window(text: &str) -> Result<Duration, String> {
    let time = parse_some_time(text)?;
    if (SHORTEST_WINDOW..=LONGEST_WINDOW).contains(&time) {
        return Ok(time);
    }
    Err("wanted from 10 ms to 1 h".to_owned())
}

fn warm_up(text: &str) -> Result<Duration, String> {
    match parse_time(text) {
        Ok(time) if time <= LONGEST_WINDOW => Ok(time),
        Ok(_) => Err("wanted at most 1 h".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn workload(text: &str) -> Result<Workload, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}
