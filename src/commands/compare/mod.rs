//! `compare`: several modes on the same scenario, side by side; recordings of
//! such runs may be among them.

mod circumstances;
mod course;
mod entry;
mod launch;
mod lineup;
mod recorded;
mod relay;
mod result;
mod screen;
mod session;
mod start;
mod summary;
mod tape;
mod told;

use super::output;
use super::setup::suited_ui;
use crate::cli::{CompareArgs, Ui};
use crate::error::Error;
use course::Course;
use lineup::Lineup;
use session::Session;
use std::io::{self, Write as _};
use std::time::{Duration, SystemTime};
use tape::BlankTape;

/// Runs those that are to be run to their end and prints the comparison.
pub(super) fn run(args: &CompareArgs) -> Result<u8, Error> {
    let started_at = SystemTime::now();
    output::check(&args.output)?;
    let mut lineup = Lineup::of(args)?;
    let ui = ui(args, &lineup);
    if lineup.is_recorded() {
        let report = summary::of_recordings(&lineup, started_at);
        output::deliver_comparison(&report, &args.output, "")?;
        return Ok(0);
    }
    let (course, modes) = Course::new(args, ui, &lineup)?;
    lineup.fill(&modes);
    let tapes = BlankTape::for_each(args, &modes)?;
    let mut session = Session::new(course, &modes, tapes)?;
    let shown = match session.course.ui {
        Ui::Screen => screen::show(&mut session),
        Ui::Log | Ui::None => unseen(&mut session),
    };
    if shown.is_err() {
        session.give_up();
    }
    session.tell_of_recordings();
    shown?;
    let report = summary::report(&session, &lineup, started_at);
    output::deliver_comparison(&report, &args.output, "\n")?;
    Ok(session.exit_status())
}

/// What to show: recordings are no part of the screen.
fn ui(args: &CompareArgs, lineup: &Lineup) -> Ui {
    let ui = args.ui.unwrap_or_else(suited_ui);
    let has_recordings = lineup.recordings().next().is_some();
    if ui != Ui::Screen || !has_recordings {
        return ui;
    }
    if args.ui.is_some() || !lineup.is_recorded() {
        // That nobody reads it is no reason to fail.
        let _ = writeln!(
            io::stderr(),
            "sockscope: the screen shows modes that run: recordings are \
             compared in the table"
        );
    }
    Ui::Log
}

/// Without anything to see before the end of all runs.
fn unseen(session: &mut Session) -> Result<(), Error> {
    const LONG: Duration = Duration::from_secs(3600);
    session.start()?;
    while !session.is_over() {
        session.attend(LONG)?;
    }
    Ok(())
}
