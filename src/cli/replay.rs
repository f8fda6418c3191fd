//! The options of `replay` and `export`: what is done with a recorded run.

use super::Ui;
use super::parse::columns_and_rows;
use crate::units::parse_time;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// The options of `replay`.
#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// A recording, as `--record` made it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// `screen`: the live screen, forwards and backwards; `log`: what the
    /// live log printed; `none`: the summary alone
    /// [default: `screen` on a terminal, else `log`]
    #[arg(long, value_enum)]
    pub ui: Option<Ui>,
    /// Begin at this moment of the run.
    #[arg(long, value_name = "TIME", value_parser = parse_time,
          default_value = "0s")]
    pub from: Duration,
}

/// The options of `export`.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// A recording, as `--record` made it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Into what
    #[arg(long, value_enum, value_name = "FORM")]
    pub to: ExportForm,
    /// Write it to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Leave out what was over before this moment of the run
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub from: Option<Duration>,
    /// Leave out what began after this moment of the run
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub until: Option<Duration>,
    /// With `--to cast`: how large its screen is, from 60x15 to 500x200
    /// [default: 120x40]
    #[arg(long, value_name = "COLSxROWS", value_parser = columns_and_rows)]
    pub size: Option<(u16, u16)>,
}

/// What a recording can be made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// A trace for Perfetto: a track a thread and a socket, sleeping as
    /// slices, readiness as instants, counters (Chrome trace-event JSON).
    Perfetto,
    /// A row an event, for spreadsheets.
    Csv,
    /// A JSON object an event, for programs.
    Jsonl,
    /// A page that needs nothing else: a timeline to zoom and to hover, code
    /// with heat, counters, findings, response times.
    Html,
    /// The timeline, for slides.
    Svg,
    /// The screen, as a film for asciinema.
    Cast,
    /// A summary, for documents.
    Md,
}
