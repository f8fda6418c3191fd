//! `compare`: several modes on the same scenario, or several recordings, side
//! by side.

mod recordings;

use super::args::{RunArgs, Ui};
use super::output;
use super::serve::run_modes;
use crate::error::Error;
use crate::modes::Mode;
use crate::report::CompareReport;
use crate::run::conditions::Conditions;
use crate::run::report::RunReport;
use crate::system::machine;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// More columns than this are too narrow to read on a screen.
const MOST: usize = 5;

/// The options of `compare`.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "All runs are instrumented, and modes that run at once share \
                  the machine: the comparison shows how they behave. For \
                  figures to quote use `sockscope bench`.",
    mut_arg("scenario", |arg| arg.help(
        "What each mode's own clients do: a built-in scenario, a file, or \
         `none` (no clients of ours; serve every client that connects) \
         [default: two-clients]",
    )),
    mut_arg("ui", |arg| arg.help(
        "What to show while they run: `log` and `none` give the table alone, \
         at the end [default: `screen` on a terminal, else `log`]",
    )),
    mut_arg("record", |arg| arg.help(
        "Record every run, each into a file of its own with the mode's name \
         before its extension: `run.rec` becomes `run.serial.rec`, \
         `run.blocking.rec` and so on",
    )),
)]
pub struct CompareArgs {
    /// What is compared, in the order of the columns: modes, which are run,
    /// or recordings, as `--record` made them: files whose name ends in
    /// `.rec`, or with their folder, as in `./run`; at most five [default:
    /// all modes that the scenario is meant for and the options allow]
    #[arg(value_parser = ContenderParser, value_name = "MODE|FILE")]
    pub contenders: Vec<ContenderArg>,
    /// One mode after the other instead of all at once: none takes
    /// processor time from another, and `--listen` may name a port.
    #[arg(long)]
    pub in_turn: bool,
    /// How every mode is run.
    #[command(flatten)]
    pub run: RunArgs,
}

/// What takes part in a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContenderArg {
    /// A mode, which is run.
    Mode(Mode),
    /// A run that was recorded into this file.
    Recording(PathBuf),
}

/// Distinguishes modes from files.
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
        let path = Path::new(value);
        match EnumValueParser::<Mode>::new().parse_ref(command, arg, value) {
            Ok(mode) => Ok(ContenderArg::Mode(mode)),
            // This is the name of a file, although there may be none.
            Err(_)
                if path.extension().is_some_and(|it| it == "rec")
                    || path.components().count() > 1
                    || path.is_file() =>
            {
                Ok(ContenderArg::Recording(path.into()))
            }
            Err(error) => Err(error),
        }
    }

    fn possible_values(
        &self,
    ) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let modes = EnumValueParser::<Mode>::new();
        let values: Vec<_> = modes.possible_values()?.collect();
        Some(Box::new(values.into_iter()))
    }
}

/// Runs the modes to their end, or reads the recordings, and prints the
/// comparison.
pub(super) fn run(args: &CompareArgs) -> Result<u8, Error> {
    let started_at = SystemTime::now();
    let named = &args.contenders;
    if named.len() > MOST {
        let words =
            format!("at most {MOST} can be compared, not {}", named.len());
        return Err(Error::Usage(words));
    }
    let (mut modes, mut files) = (Vec::new(), Vec::new());
    for it in named {
        match it {
            ContenderArg::Mode(named) => modes.push(*named),
            ContenderArg::Recording(file) => files.push(file.clone()),
        }
    }
    let deliver = |reports: Vec<RunReport>, note: String, lead: &str| {
        let conditions = Conditions::here("compare", started_at, None);
        let is_in_turn = args.in_turn;
        let report =
            CompareReport::new(conditions, is_in_turn, reports, vec![note]);
        output::deliver(&report, &args.run.output, lead)
    };
    match (&modes[..], &files[..]) {
        (_, []) => {
            check_named(&modes)?;
            let runs = run_modes("compare", &modes, &args.run, args.in_turn)?;
            let note = note_of_runs(args.in_turn, runs.tracks.len());
            deliver(runs.reports(), note, "\n")?;
            Ok(runs.session.exit_status())
        }
        ([], _) => {
            output::check(&args.run.output)?;
            let recordings = recordings::open(args, &files)?;
            if args.run.ui.unwrap_or_else(Ui::suited) == Ui::Screen {
                recordings::show(&recordings)?;
            }
            let note = format!(
                "All is {INSTRUMENTED}. A recording does not say on which \
                 machine it was made, nor what else ran there."
            );
            let reports = recordings.into_iter().map(|it| it.report);
            deliver(reports.collect(), note, "")?;
            Ok(0)
        }
        _ => Err(Error::Usage(
            "modes are compared with modes, recordings with recordings: \
             record the modes first, with `--record`"
                .to_owned(),
        )),
    }
}

fn check_named(named: &[Mode]) -> Result<(), Error> {
    if let [only] = named {
        return Err(Error::Usage(format!(
            "nothing to compare {0} with: name a second mode, or run \
             `sockscope {0}`",
            only.name()
        )));
    }
    for (place, mode) in named.iter().enumerate() {
        if named[..place].contains(mode) {
            let words = format!("`{}` is named twice", mode.name());
            return Err(Error::Usage(words));
        }
    }
    Ok(())
}

/// What figures are not for.
const INSTRUMENTED: &str =
    "instrumented: for figures to quote use `sockscope bench`";

/// What to bear in mind of runs.
fn note_of_runs(in_turn: bool, runs: usize) -> String {
    if in_turn || runs < 2 {
        return format!("All is {INSTRUMENTED}.");
    }
    let cores = match machine::cores() {
        Some(1) => "one core".into(),
        Some(cores) => format!("{cores} cores"),
        None => "processor".to_owned(),
    };
    format!(
        "All modes and their clients shared this machine's {cores}: \
         differences of some milliseconds prove nothing (`--in-turn`: one \
         mode at a time), and all is {INSTRUMENTED}."
    )
}
