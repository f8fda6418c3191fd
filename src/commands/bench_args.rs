//! The command line of `bench`, in parts that others which measure share.

use super::args::parse_some_time;
use crate::modes::Mode;
use crate::net::parse_address;
use crate::units::{parse_size, parse_time};
use clap::{Args, ValueEnum, value_parser};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

/// At most so many clients that talk, and as many that are idle: what one
/// process has descriptors and loopback has ports for.
pub(super) const MOST_CLIENTS: u32 = 20_000;

/// The longest message: 16 MiB.
pub(super) const LONGEST_MESSAGE: u32 = 16 << 20;

/// At most so many messages of a client are under way at once.
pub(super) const DEEPEST_PIPELINE: u32 = 1000;

/// At most so many rounds.
pub(super) const MOST_ROUNDS: u32 = 1000;

/// The shortest window that says anything.
pub(super) const SHORTEST_WINDOW: Duration = Duration::from_millis(10);

/// The longest window, and the longest warm-up.
pub(super) const LONGEST_WINDOW: Duration = Duration::from_secs(3600);

/// The rates of an open loop, messages a second.
pub(super) const RATES: RangeInclusive<f64> = 0.001..=1e7;

/// The options of `bench`.
#[derive(Args, Clone, Debug)]
pub struct BenchArgs {
    /// The modes to measure: serial, blocking, nonblocking, selector, tasks
    /// [default: all but `serial`; with one client that, too]
    #[arg(value_name = "MODES", hide_possible_values = true)]
    pub modes: Vec<Mode>,
    /// How many clients talk, from 1 to 20,000.
    #[arg(long, value_name = "N", default_value_t = 100,
          value_parser = value_parser!(u32).range(1..=MOST_CLIENTS.into()))]
    pub clients: u32,
    /// How many clients are connected beside those and say nothing.
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = value_parser!(u32).range(..=i64::from(MOST_CLIENTS)))]
    pub idle: u32,
    /// The length of a message, such as 128 or 16KiB; at most 16 MiB.
    #[arg(long, value_name = "SIZE", default_value = "128",
          value_parser = message_size)]
    pub size: u32,
    /// How each of them is measured.
    #[command(flatten)]
    pub how: MeasureArgs,
    /// Compare with an earlier result, written with `-o FILE.json`, and say
    /// which changes are beyond the noise.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t)]
    pub report: BenchForm,
    /// Write the report to this file, too; may be given several times. Its
    /// form is that of its name's end: .txt, .json, .md, .csv, .svg or
    /// .hgrm (an HDR histogram for each server, as in
    /// `times.selector.hgrm`), else that of `--report`.
    #[arg(short, long, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Print the JSON Schema of the result, and measure nothing.
    #[arg(long)]
    pub schema: bool,
}

/// How servers are measured: shared by all commands that do.
#[derive(Args, Clone, Debug)]
pub struct MeasureArgs {
    /// Measure this server, too; may be given several times. ADDR is one
    /// that runs already. CMD is started by a shell for each sample, has to
    /// stay in the foreground, and listens on port `{port}` of 127.0.0.1
    /// (also `{addr}`, `$PORT`, `$ADDR`).
    #[arg(long, value_name = "ADDR|CMD", value_parser = against)]
    pub against: Vec<Against>,
    /// How many messages of a client are under way at once, up to 1,000.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = value_parser!(u32).range(1..=DEEPEST_PIPELINE.into()))]
    pub pipeline: u32,
    /// Open loop: so many messages a second, of all clients together, are
    /// due at a steady rate, and echo times count from when a message was
    /// due. Without it, a closed loop: a client sends its next message when
    /// an echo is back.
    #[arg(long, value_name = "RATE", value_parser = rate)]
    pub rate: Option<f64>,
    /// How often each server is measured; their rounds are interleaved.
    #[arg(long, value_name = "N", default_value_t = 6,
          value_parser = value_parser!(u32).range(1..=MOST_ROUNDS.into()))]
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
}

/// A server that is not ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against {
    /// It runs already.
    Address(SocketAddr),
    /// It is started by a shell.
    Command(String),
}

/// The form of a report of `bench`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum BenchForm {
    /// For people.
    #[default]
    Text,
    /// For programs; its schema has a version.
    Json,
    /// For documents.
    Markdown,
    /// For spreadsheets: a row a sample.
    Csv,
    /// The echo times as HDR histograms, for those who plot them.
    Hgrm,
    /// A picture.
    Svg,
}

fn against(text: &str) -> Result<Against, String> {
    match parse_address(text) {
        Ok(address) => Ok(Against::Address(address)),
        Err(_) if text.trim().is_empty() => {
            Err("wanted an address or a command".to_owned())
        }
        Err(_) => Ok(Against::Command(text.to_owned())),
    }
}

pub(super) fn message_size(text: &str) -> Result<u32, String> {
    match parse_size(text) {
        Ok(0) => Err("wanted at least 1 B".to_owned()),
        Ok(size) if size > LONGEST_MESSAGE => {
            Err("wanted at most 16 MiB".to_owned())
        }
        Ok(size) => Ok(size),
        Err(error) => Err(error.to_string()),
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
