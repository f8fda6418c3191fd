//! The recordings that are compared.

use super::args::CompareArgs;
use super::circumstances::{self, Circumstances};
use super::recorded::Recorded;
use crate::error::Error;
use crate::net::ServerOptions;
use crate::report::compare::{ConditionRow, ModeResult};
use crate::run::comparison::Contender;
use crate::system::files::are_one;
use std::path::PathBuf;

/// A name of a recording may be this long, as may be the name of a mode.
const LONGEST_NAME: usize = 12;

/// The recordings that are compared, in the order of their columns.
pub(super) struct Recordings {
    pub(super) all: Vec<Recorded>,
    names: Vec<String>,
    courses: Vec<usize>,
    machines: Vec<usize>,
    options: Vec<usize>,
}

impl Recordings {
    /// Opens them.
    ///
    /// # Errors
    /// If there is one alone or one is named twice, if a recording cannot be
    /// read, or if options are given that are for modes.
    pub(super) fn open(
        args: &CompareArgs,
        files: &[PathBuf],
    ) -> Result<Self, Error> {
        check_files(args, files)?;
        check_nothing_is_run(args)?;
        let all = files.iter().map(|file| Recorded::open(file));
        let all = all.collect::<Result<Vec<_>, _>>()?;
        let names = names(&all);
        let each: Vec<_> = all.iter().map(|it| &it.circumstances).collect();
        let courses = circumstances::courses(&each);
        let machines = circumstances::machines(&each);
        let options = circumstances::options(&each);
        Ok(Self { all, names, courses, machines, options })
    }

    /// What there is to compare: at the end of each, or in these states.
    pub(super) fn contenders(
        &self,
        states: impl IntoIterator<Item = Contender>,
    ) -> Vec<Contender> {
        let states = states.into_iter().enumerate();
        let contender = |(place, it): (usize, Contender)| Contender {
            name: self.names[place].clone(),
            course: self.courses[place],
            machine: self.machines[place],
            options: self.options[place],
            ..it
        };
        states.map(contender).collect()
    }

    /// What the report says of each.
    pub(super) fn results(&self) -> Vec<ModeResult> {
        let named = self.all.iter().zip(&self.names);
        let result = |(it, name): (&Recorded, &String)| ModeResult {
            name: name.clone(),
            ..it.result()
        };
        named.map(result).collect()
    }

    /// Why some cannot be compared with each other, and the conditions that
    /// are not the same for all.
    pub(super) fn differences(&self) -> (Vec<String>, Vec<ConditionRow>) {
        let all = self.circumstances();
        let warnings = circumstances::warnings(&self.names, &all);
        (warnings, circumstances::differences(&all))
    }

    /// The scenario of all: its name and its title; `None` without one, or if
    /// it was not the same.
    pub(super) fn scenario(&self) -> Option<(String, String)> {
        let all = self.circumstances();
        let first = all.first()?.scenario.as_ref()?;
        let same = all.iter().all(|it| it.scenario.as_ref() == Some(first));
        same.then(|| (first.name.clone(), first.title.clone()))
    }

    fn circumstances(&self) -> Vec<&Circumstances> {
        self.all.iter().map(|it| &it.circumstances).collect()
    }
}

/// What each is called: its mode where no other is of that mode, else its
/// file, or its mode with a number.
fn names(all: &[Recorded]) -> Vec<String> {
    let modes: Vec<_> = all.iter().map(|it| it.mode().to_owned()).collect();
    let files: Vec<_> = all.iter().map(file_name).collect();
    let once = |names: &[String], name: &str| {
        names.iter().filter(|other| *other == name).count() == 1
    };
    let name = |place: usize| {
        let (mode, file) = (&modes[place], &files[place]);
        if once(&modes, mode) {
            return mode.clone();
        }
        let length = file.chars().count();
        let fits = (1..=LONGEST_NAME).contains(&length);
        if fits && !modes.contains(file) && once(&files, file) {
            return file.clone();
        }
        format!("{mode} {}", place + 1)
    };
    (0..all.len()).map(name).collect()
}

/// The file of a recording without its folder and its extension.
fn file_name(recorded: &Recorded) -> String {
    let stem = recorded.file.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn check_files(args: &CompareArgs, files: &[PathBuf]) -> Result<(), Error> {
    if let [only] = files {
        let only = only.display();
        return Err(Error::Usage(format!(
            "nothing to compare {only} with: name a second recording, or \
             look at it with `sockscope replay {only}`"
        )));
    }
    let output = args.output.output.as_deref();
    for (place, file) in files.iter().enumerate() {
        let shown = file.display();
        let is_same = |it: &PathBuf| it == file || are_one(it, file);
        if files[..place].iter().any(is_same) {
            return Err(Error::Usage(format!("`{shown}` is named twice")));
        }
        if output.is_some_and(|it| it == file || are_one(it, file)) {
            let words = format!("the comparison would be written over {shown}");
            return Err(Error::Usage(words));
        }
    }
    Ok(())
}

/// Options of runs are for modes.
fn check_nothing_is_run(args: &CompareArgs) -> Result<(), Error> {
    let given = [
        (args.scenario.is_some(), "`--scenario` is"),
        (args.duration.is_some(), "`--duration` is"),
        (args.speed.is_some(), "`--speed` is"),
        (args.in_turn, "`--in-turn` is"),
        (args.record.is_some(), "`--record` is"),
        (args.server != ServerOptions::default(), "options of a server are"),
    ];
    let given = given.iter().find(|(is_given, _)| *is_given);
    match given {
        None => Ok(()),
        Some((_, option)) => Err(Error::Usage(format!(
            "{option} for modes that are run: only recordings are compared"
        ))),
    }
}
