//! The command line of `sweep`.

use super::bench_args::MeasureArgs;
use crate::measure::sweep::{Axis, MOST_POINTS, Range, RangeError};
use crate::modes::Mode;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The options of `sweep`.
#[derive(Args, Clone, Debug)]
pub struct SweepArgs {
    /// The modes to measure [default: blocking, nonblocking, selector and
    /// tasks]
    #[arg(value_name = "MODES", hide_possible_values = true)]
    pub modes: Vec<Mode>,
    /// How many clients talk: a number, a list such as 1,10,100 or a range
    /// such as 1..10000; up to 20,000 [default: 1..1000 if nothing else has
    /// several values, 10 with `--idle`, else 100]
    #[arg(long, value_name = "RANGE", value_parser = clients)]
    pub clients: Option<Range>,
    /// The length of a message, such as 128, 128,4KiB or 16..64KiB; at most
    /// 16 MiB [default: 128]
    #[arg(long, value_name = "RANGE", value_parser = size)]
    pub size: Option<Range>,
    /// How many clients are connected beside those that talk and say
    /// nothing, such as 0..10000 [default: 0]
    #[arg(long, value_name = "RANGE", value_parser = idle)]
    pub idle: Option<Range>,
    /// How many points a range has, from 2 to 50.
    #[arg(long, value_name = "N", value_parser = points)]
    pub points: Option<usize>,
    /// What is told and drawn; several with commas or given several times
    /// [default: cpu,echoes]
    #[arg(long, value_enum, value_name = "NAME", value_delimiter = ',')]
    pub figure: Vec<FigureArg>,
    /// How each of them is measured.
    #[command(flatten)]
    pub how: MeasureArgs,
    /// The form of the report.
    #[arg(long, value_enum, default_value_t)]
    pub report: SweepForm,
    /// Write the report to this file, too; may be given several times. Its
    /// form is that of its name's end: .txt, .json, .md, .csv or .svg, else
    /// that of `--report`.
    #[arg(short, long, value_name = "FILE")]
    pub output: Vec<PathBuf>,
    /// Keep the histogram of the echo times of each server at each point in
    /// the JSON; they make it many times as long.
    #[arg(long)]
    pub histograms: bool,
    /// Print the JSON Schema of the result, and measure nothing.
    #[arg(long)]
    pub schema: bool,
}

/// The form of a report of `sweep`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SweepForm {
    /// For people: charts, medians, and what they show.
    #[default]
    Text,
    /// For programs; its schema has a version.
    Json,
    /// For documents.
    Markdown,
    /// For spreadsheets: a row a value.
    Csv,
    /// A picture.
    Svg,
}

/// A figure of a server under a load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FigureArg {
    /// Server CPU time an echo.
    Cpu,
    /// That part of it that was spent in the program.
    User,
    /// That part of it that was spent in the kernel.
    System,
    /// Echoes a second.
    Echoes,
    /// Payload a second.
    Bytes,
    /// The mean echo time.
    Mean,
    /// Half of the echoes took at most this.
    P50,
    /// 90 % of the echoes took at most this.
    P90,
    /// 99 % of the echoes took at most this.
    P99,
    /// 99.9 % of the echoes took at most this.
    #[value(name = "p99.9")]
    P999,
    /// The longest echo.
    Max,
    /// Context switches an echo.
    Switches,
    /// Threads of the server.
    Threads,
    /// Peak memory of the server.
    Memory,
    /// Memory a connection.
    ConnectionMemory,
}

fn clients(text: &str) -> Result<Range, RangeError> {
    Range::parse(Axis::Clients, text)
}

fn size(text: &str) -> Result<Range, RangeError> {
    Range::parse(Axis::Size, text)
}

fn idle(text: &str) -> Result<Range, RangeError> {
    Range::parse(Axis::Idle, text)
}

fn points(text: &str) -> Result<usize, String> {
    let number = text.parse().ok();
    number
        .filter(|it| (2..=MOST_POINTS).contains(it))
        .ok_or_else(|| format!("wanted a whole number from 2 to {MOST_POINTS}"))
}
