//! `compare`: several modes on the same scenario, or several recordings, side
//! by side.

mod args;
mod modes;
mod recordings;
mod replayed;
pub(super) mod summary;

use super::output;
use super::setup::suited_ui;
use crate::commands::args::Ui;
use crate::error::Error;
pub(crate) use args::{CompareArgs, ContenderArg};
use recordings::Recordings;
use std::path::PathBuf;
use std::time::SystemTime;

/// More columns than this are too narrow to read on a screen.
const MOST: usize = 5;

/// Runs the modes to their end, or reads the recordings, and prints the
/// comparison.
pub(super) fn run(args: &CompareArgs) -> Result<u8, Error> {
    let started_at = SystemTime::now();
    output::check(&args.output)?;
    let named = &args.contenders;
    if named.len() > MOST {
        let words =
            format!("at most {MOST} can be compared, not {}", named.len());
        return Err(Error::Usage(words));
    }
    let ui = args.ui.unwrap_or_else(suited_ui);
    let (mut modes, mut files) = (Vec::new(), Vec::new());
    for it in named {
        match it {
            ContenderArg::Mode(named) => modes.push(*named),
            ContenderArg::Recording(file) => files.push(file.clone()),
        }
    }
    match (&modes[..], &files[..]) {
        (_, []) => modes::run(args, &modes, ui, started_at),
        ([], _) => compare_recordings(args, &files, ui, started_at),
        _ => Err(Error::Usage(
            "modes are compared with modes, recordings with recordings: \
             record the modes first, with `--record`"
                .to_owned(),
        )),
    }
}

fn compare_recordings(
    args: &CompareArgs,
    files: &[PathBuf],
    ui: Ui,
    started_at: SystemTime,
) -> Result<u8, Error> {
    let recordings = Recordings::open(args, files)?;
    if ui == Ui::Screen {
        replayed::show(&recordings)?;
    }
    let report = summary::of_recordings(&recordings, started_at);
    output::deliver(&report, &args.output, "")?;
    Ok(0)
}
