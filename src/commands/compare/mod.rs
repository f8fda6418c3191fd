//! `compare`: several modes on the same scenario, side by side; recordings of
//! such runs may be among them.

mod args;
mod circumstances;
mod course;
mod entry;
mod launch;
mod lineup;
mod recorded;
mod relay;
mod replayed;
mod result;
mod screen;
mod session;
mod start;
mod summary;
mod tape;
mod told;

use super::output;
use super::setup::suited_ui;
use crate::commands::args::Ui;
use crate::error::Error;
pub(crate) use args::{CompareArgs, ContenderArg};
use course::Course;
use lineup::Lineup;
use session::Session;
use std::time::{Duration, SystemTime};
use tape::BlankTape;

/// Runs those that are to be run to their end and prints the comparison.
pub(super) fn run(args: &CompareArgs) -> Result<u8, Error> {
    let started_at = SystemTime::now();
    output::check(&args.output)?;
    let mut lineup = Lineup::of(args)?;
    let ui = args.ui.unwrap_or_else(suited_ui);
    if lineup.is_recorded() {
        if ui == Ui::Screen {
            replayed::show(&lineup)?;
        }
        let report = summary::of_recordings(&lineup, started_at);
        output::deliver(&report, &args.output, "")?;
        return Ok(0);
    }
    let (course, modes) = Course::new(args, ui, &lineup)?;
    lineup.fill(&modes);
    let tapes = BlankTape::for_each(args, &modes)?;
    let mut session = Session::new(course, &modes, tapes)?;
    let shown = match session.course.ui {
        Ui::Screen => screen::show(&mut session, &lineup),
        Ui::Log | Ui::None => unseen(&mut session),
    };
    if shown.is_err() {
        session.give_up();
    }
    session.tell_of_recordings();
    shown?;
    let report = summary::report(&session, &lineup, started_at);
    output::deliver(&report, &args.output, "\n")?;
    Ok(session.exit_status())
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
