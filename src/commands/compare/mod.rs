//! `compare`: several modes on the same scenario, side by side.

mod course;
mod entry;
mod launch;
mod relay;
mod result;
mod screen;
mod session;
mod start;
mod summary;
mod tape;

use super::output;
use crate::cli::{CompareArgs, Ui};
use crate::error::Error;
use course::Course;
use session::Session;
use std::time::{Duration, SystemTime};
use tape::BlankTape;

/// Runs them to their end and prints the comparison.
pub(super) fn run(args: &CompareArgs) -> Result<u8, Error> {
    let started_at = SystemTime::now();
    output::check(&args.output)?;
    let (course, modes) = Course::new(args)?;
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
    let report = summary::report(&session, started_at);
    output::deliver_comparison(&report, &args.output, "\n")?;
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
