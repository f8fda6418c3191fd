//! Several modes in one process, on the same course.
//!
//! Each has a server, clients, counters and a thread of its own, which is all
//! that [`engine::run`](crate::run::engine::run) needs. The main thread
//! hears of signals and of runs that are over, and tells all runs of the
//! former; what a scenario sends to the server reaches that server alone.

use super::course::Course;
use super::entry::Entry;
use super::launch::Landed;
use super::start::Start;
use super::tape::BlankTape;
use crate::commands::output::try_print;
use crate::commands::record;
use crate::error::Error;
use crate::modes::Mode;
use crate::run::comparison::Contender;
use crate::run::engine::{CutBy, Wish};
use crate::system::signals::{self, Signal};
use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

/// How long runs may take to end when nobody can be told of them any more.
const ENDING: Duration = Duration::from_secs(5);

/// Why a mode has nothing to show whose turn never came.
const NO_TURN: &str = "it was not run, as all was ended before";

/// The modes that are compared, from before they start to their end.
pub(in crate::commands) struct Session {
    /// A column each.
    pub(in crate::commands) entries: Vec<Entry>,
    pub(in crate::commands) course: Course,
    events: (Sender<Event>, Receiver<Event>),
    /// Whether no further run is to begin.
    is_ending: bool,
}

/// What the main thread hears of.
pub(super) enum Event {
    Signal(Signal),
    Over(usize, Box<Landed>),
}

/// What those have in common that start together.
pub(super) struct Together {
    pub(super) started_at: SystemTime,
    pub(super) start: Arc<Start>,
    /// Their modes; none if it is only one.
    pub(super) beside: Vec<String>,
}

impl Session {
    /// A session in which nothing runs yet. Signals are received from now
    /// on: no other thread may have been started.
    pub(super) fn new(
        course: Course,
        modes: &[Mode],
        tapes: Vec<BlankTape>,
    ) -> Result<Self, Error> {
        let events = channel();
        let sender = events.0.clone();
        let what = "wait for signals";
        let deliver = move |signal| {
            let _ = sender.send(Event::Signal(signal));
        };
        signals::receive(deliver)
            .map_err(|source| Error::System { what, source })?;
        let tapes = tapes.into_iter().map(Some);
        let tapes = tapes.chain(std::iter::repeat_with(|| None));
        let entries = modes.iter().zip(tapes);
        Ok(Self {
            entries: entries.map(|(it, tape)| Entry::new(*it, tape)).collect(),
            course,
            events,
            is_ending: false,
        })
    }

    /// Starts all of them together, or the first one if they run in turn:
    /// returns when they listen and have been let go.
    ///
    /// # Errors
    /// If a thread cannot be started, or nobody can be told where they
    /// listen; then no run is left.
    pub(in crate::commands) fn start(&mut self) -> Result<(), Error> {
        let runs = if self.course.in_turn { 1 } else { self.entries.len() };
        self.launch(0, runs)
    }

    /// Waits so long for something to happen and deals with all that has: a
    /// signal, a run that is over, whose turn comes next.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub(in crate::commands) fn attend(
        &mut self,
        patience: Duration,
    ) -> Result<(), Error> {
        let mut next = self.events.1.recv_timeout(patience).ok();
        while let Some(event) = next {
            self.take(event);
            next = self.events.1.try_recv().ok();
        }
        self.call_next()
    }

    /// Whether somebody wants all of it to end.
    pub(super) const fn is_ending(&self) -> bool {
        self.is_ending
    }

    /// Whether all runs are over, and no other will begin.
    pub(in crate::commands) fn is_over(&self) -> bool {
        let left = |it: &Entry| {
            if it.has_begun() { !it.is_over() } else { !self.is_ending }
        };
        !self.entries.iter().any(left)
    }

    /// Something is wished of all runs. Unless it is that they go on, or that
    /// one whose clients are done ends, no further one begins.
    pub(in crate::commands) fn wish(&mut self, wish: Wish) {
        self.is_ending |= matches!(wish, Wish::Stop | Wish::Cut);
        self.entries.iter().for_each(|it| it.wish(wish));
    }

    /// What there is to compare: a mode each.
    pub(in crate::commands) fn contenders(&self) -> Vec<Contender> {
        let contender = |entry: &Entry| {
            let contender = entry.contender();
            if entry.has_begun() || !self.is_ending {
                return contender;
            }
            let interventions = vec![NO_TURN.to_owned()];
            Contender { over: true, interventions, ..contender }
        };
        self.entries.iter().map(contender).collect()
    }

    /// The exit status, if it is not that of a failure: whoever cut a run
    /// short decides.
    pub(super) fn exit_status(&self) -> u8 {
        let cut = self.entries.iter().filter_map(Entry::cut_short);
        let failed = self.entries.iter().any(|it| it.failure().is_some());
        let status = cut.map(CutBy::exit_status).max().unwrap_or(0);
        if status == 0 { failed.into() } else { status }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Signal(signal) => {
                self.is_ending = true;
                self.entries.iter().for_each(|it| it.signal(signal));
            }
            Event::Over(number, landed) => {
                if let Some(entry) = self.entries.get_mut(number) {
                    entry.end(&self.course, *landed);
                }
            }
        }
    }

    /// In turn: the next one, if the one before is over.
    fn call_next(&mut self) -> Result<(), Error> {
        let busy =
            self.entries.iter().any(|it| it.has_begun() && !it.is_over());
        let next = self.entries.iter().position(|it| !it.has_begun());
        match next {
            Some(next) if !busy && !self.is_ending => self.launch(next, 1),
            _ => Ok(()),
        }
    }

    /// Has so many runs start together, from this one on.
    fn launch(&mut self, first: usize, runs: usize) -> Result<(), Error> {
        let together = self.together(first, runs);
        let mut launched = Ok(());
        for number in first..first + runs {
            let end = (number, self.events.0.clone());
            let entry = &mut self.entries[number];
            launched = entry.launch(&self.course, &together, end);
            if launched.is_err() {
                break;
            }
        }
        let told = launched.and_then(|()| {
            together.start.wait_for(runs);
            self.listening(first, runs).map_err(Error::Output)
        });
        together.start.let_go(told.is_ok());
        if told.is_err() {
            self.give_up();
        }
        told
    }

    fn together(&self, first: usize, runs: usize) -> Together {
        let beside = self.entries[first..first + runs].iter();
        let beside = beside.map(|it| it.mode.name().to_owned());
        Together {
            started_at: SystemTime::now(),
            start: Arc::default(),
            beside: beside.filter(|_| runs > 1).collect(),
        }
    }

    /// Tells how each recording went.
    pub(super) fn tell_of_recordings(&self) {
        let lines = self.entries.iter().filter_map(Entry::recorded);
        lines.for_each(|line| record::tell(&line));
    }

    /// Tells where they listen.
    fn listening(&mut self, first: usize, runs: usize) -> io::Result<()> {
        let mut lines = String::new();
        for entry in &mut self.entries[first..first + runs] {
            let Some(address) = entry.address() else { continue };
            let mode = entry.mode.name();
            let _ = writeln!(lines, "{mode} listening on {address}");
            if let Some(follower) = entry.follower() {
                follower.listening(address)?;
            }
        }
        // Later ones are on the screen by now.
        let seen = first == 0 || !self.course.is_shown;
        if seen { try_print(&lines) } else { Ok(()) }
    }

    /// Ends all runs, and waits for that for some time.
    pub(super) fn give_up(&mut self) {
        self.wish(Wish::Cut);
        self.entries.iter().for_each(|it| {
            it.signal(Signal::Terminate);
            it.signal(Signal::Terminate);
        });
        let until = Instant::now() + ENDING;
        while !self.is_over() {
            let left = until.saturating_duration_since(Instant::now());
            match self.events.1.recv_timeout(left) {
                Ok(event) => self.take(event),
                Err(_) => return,
            }
        }
    }
}
