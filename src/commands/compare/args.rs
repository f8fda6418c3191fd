//! The options of `compare`.

use crate::commands::args::{
    OutputArgs, SpeedArg, Ui, parse_payload, parse_speed,
};
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::units::parse_time;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The options of `compare`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "All is instrumented, and modes that run at once share \
                        the machine: it shows how they behave. For figures \
                        to quote use `sockscope bench`."
)]
pub struct CompareArgs {
    /// What is compared, in the order of the columns: modes, which are run,
    /// or recordings, as `--record` made them: files whose name ends in
    /// `.rec`, or with their folder, as in `./run`; at most five [default:
    /// all modes that the scenario is meant for and the options allow]
    #[arg(value_parser = ContenderParser, value_name = "MODE|FILE")]
    pub contenders: Vec<ContenderArg>,
    /// What each mode's own clients do: a built-in scenario, a file, or
    /// `none` (no clients of ours; serve every client that connects) [default:
    /// two-clients]
    #[arg(long, value_name = "NAME|FILE|none")]
    pub scenario: Option<String>,
    /// One mode after the other instead of all at once: none takes
    /// processor time from another, and `--listen` may name a port.
    #[arg(long)]
    pub in_turn: bool,
    /// End each run after this time. Without it, it ends when its clients
    /// have, and with `none` at a signal.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub duration: Option<Duration>,
    /// What to show: `log` and `none` give the table alone, at the end.
    /// [default: `screen` on a terminal, else `log`]
    #[arg(long, value_enum)]
    pub ui: Option<Ui>,
    /// Slow motion: each thread of each server makes at most FACTOR × 1000
    /// calls a second; see `sockscope selector --help`. `step`: begin
    /// paused.
    #[arg(long, value_name = "FACTOR|step", value_parser = parse_speed)]
    pub speed: Option<SpeedArg>,
    /// Where and in which form the comparison is written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Record every run, each into a file of its own with the mode's name
    /// before its extension: `run.rec` becomes `run.serial.rec`,
    /// `run.blocking.rec` and so on
    #[arg(long, value_name = "FILE", help_heading = "Recording")]
    pub record: Option<PathBuf>,
    /// Record the first N bytes of each read and each write, too, at most
    /// 16 KiB; 0 stores nothing that a client said
    #[arg(long, value_name = "N", value_parser = parse_payload, requires = "record",
          default_value = "0", help_heading = "Recording")]
    pub payload: usize,
    /// How every server treats what it receives, and its limits.
    #[command(flatten)]
    pub server: ServerOptions,
}

/// Who takes part in a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContenderArg {
    /// A mode, which is run.
    Mode(Mode),
    /// A run that was recorded into this file.
    Recording(PathBuf),
}

/// Tells modes from files.
#[derive(Clone)]
struct ContenderParser;

impl TypedValueParser for ContenderParser {
    type Value = ContenderArg;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<ContenderArg, clap::Error> {
        let mode = EnumValueParser::<Mode>::new();
        match mode.parse_ref(command, arg, value) {
            Ok(mode) => Ok(ContenderArg::Mode(mode)),
            Err(_) if is_file(Path::new(value)) => {
                Ok(ContenderArg::Recording(value.into()))
            }
            Err(error) => Err(error),
        }
    }

    fn possible_values(
        &self,
    ) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let values: Vec<_> =
            EnumValueParser::<Mode>::new().possible_values()?.collect();
        Some(Box::new(values.into_iter()))
    }
}

/// Whether this is the name of a file, although there may be none.
fn is_file(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "rec")
        || path.components().count() > 1
        || path.is_file()
}
