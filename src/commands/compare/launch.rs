//! A run in a thread of its own.

use super::course::Course;
use super::relay::Relay;
use crate::commands::record::Tape;
use crate::commands::single_run::SingleRun;
use crate::error::Error;
use crate::modes::Mode;
use crate::probe::{Gate, Probe};
use crate::run::engine::{Mailbox, Outcome};
use crate::run::meters::Meters;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

/// All that a run takes with it into its thread.
pub(super) struct Launch {
    pub(super) mode: Mode,
    pub(super) course: Course,
    pub(super) gate: Option<Arc<Gate>>,
    pub(super) meters: Meters,
    pub(super) mailbox: Mailbox,
    pub(super) relay: Relay,
    /// Its recording, if there is to be one.
    pub(super) tape: Option<Tape>,
}

/// What comes of a run, whatever happens.
pub(super) struct Landed {
    pub(super) result: Result<Outcome, Error>,
    /// Its recording, to be ended.
    pub(super) tape: Option<Tape>,
}

impl Launch {
    /// Runs it in a thread of its own, and has `end` called there with what
    /// comes of it.
    pub(super) fn start<P: Probe>(
        self,
        probe: P,
        end: impl FnOnce(Landed) + Send + 'static,
    ) -> Result<(), Error> {
        let body = move || end(self.run(probe));
        let started = thread::Builder::new().name("run".into()).spawn(body);
        let what = "start a thread";
        started.map_err(|source| Error::System { what, source })?;
        Ok(())
    }

    fn run<P: Probe>(self, probe: P) -> Landed {
        let Self { mode, course, gate, meters, mailbox, mut relay, tape } =
            self;
        let mut single = SingleRun {
            mode,
            settings: &course.settings,
            grace: course.grace,
            duration: course.duration,
            plan: course.plan.as_deref(),
            place: course.place.clone(),
            mailbox: &mailbox,
            gate,
            // The relay ends it, unless somebody's own clients stay.
            stay: course.is_shown,
            meters: Some(meters),
            tape,
        };
        let run = AssertUnwindSafe(|| single.run(probe, &mut relay));
        let result = catch_unwind(run).unwrap_or_else(|_| {
            Err(Error::Serve(io::Error::other("its thread panicked")))
        });
        let mut tape = single.tape.take();
        tape.iter_mut().for_each(Tape::stop);
        Landed { result, tape }
    }
}
