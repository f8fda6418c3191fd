//! Who takes part: modes that are run and recordings, a column each.

use super::circumstances::{self, Circumstances};
use super::course::Course;
use super::recorded::Recorded;
use crate::cli::{CompareArgs, ContenderArg};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::ServerOptions;
use crate::report::compare::{ConditionRow, ModeResult};
use crate::run::comparison::Contender;
use std::path::Path;

/// So many can be told apart on a screen.
const MOST: usize = 5;

/// A name of a recording may be so long, as may be the name of a mode.
const LONGEST_NAME: usize = 12;

/// Who takes part, in the order of the columns.
pub(super) struct Lineup(Vec<Slot>);

/// One of them.
enum Slot {
    Mode(Mode),
    Recording(Box<Recorded>),
}

/// Who is in a column: one of those that run, or of the recordings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Live(usize),
    Recorded(usize),
}

/// How those who take part stand to each other, a value a column.
pub(super) struct Standing {
    pub(super) columns: Vec<Column>,
    names: Vec<String>,
    courses: Vec<usize>,
    machines: Vec<usize>,
    options: Vec<usize>,
}

impl Standing {
    /// Puts those that run and the recordings in their order, each with its
    /// name and whom it can be held against.
    pub(super) fn put(
        &self,
        live: Vec<Contender>,
        recorded: Vec<Contender>,
    ) -> Vec<Contender> {
        let (mut live, mut recorded) = (live.into_iter(), recorded.into_iter());
        let columns = self.columns.iter().enumerate();
        let contender = |(place, column): (usize, &Column)| {
            let it = match column {
                Column::Live(_) => live.next(),
                Column::Recorded(_) => recorded.next(),
            }?;
            Some(Contender {
                name: self.names[place].clone(),
                course: self.courses[place],
                machine: self.machines[place],
                options: self.options[place],
                ..it
            })
        };
        columns.filter_map(contender).collect()
    }
}

impl Slot {
    fn mode(&self) -> &str {
        match self {
            Self::Mode(mode) => mode.name(),
            Self::Recording(recorded) => recorded.mode(),
        }
    }

    /// The file of a recording without its folder and its extension.
    fn file(&self) -> Option<String> {
        let Self::Recording(recorded) = self else { return None };
        let name = recorded.file.file_stem()?.to_string_lossy();
        let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
        fits.then(|| name.into_owned())
    }
}

impl Lineup {
    /// Those that are named; nobody if nobody is.
    ///
    /// # Errors
    /// If there are too few or too many of them, if one is named twice, or a
    /// recording cannot be read.
    pub(super) fn of(args: &CompareArgs) -> Result<Self, Error> {
        let named = &args.contenders;
        check_number(named)?;
        check_twice(named)?;
        check_files(args)?;
        let slot = |it: &ContenderArg| {
            Ok(match it {
                ContenderArg::Mode(named) => Slot::Mode(*named),
                ContenderArg::Recording(file) => {
                    Slot::Recording(Box::new(Recorded::open(file)?))
                }
            })
        };
        let slots: Result<Vec<_>, Error> = named.iter().map(slot).collect();
        let lineup = Self(slots?);
        if lineup.is_recorded() {
            check_nothing_is_run(args)?;
        }
        Ok(lineup)
    }

    /// The modes that are run.
    pub(super) fn modes(&self) -> Vec<Mode> {
        let mode = |slot: &Slot| match slot {
            Slot::Mode(mode) => Some(*mode),
            Slot::Recording(_) => None,
        };
        self.0.iter().filter_map(mode).collect()
    }

    /// Those modes, where none was named.
    pub(super) fn fill(&mut self, modes: &[Mode]) {
        if self.0.is_empty() {
            self.0 = modes.iter().copied().map(Slot::Mode).collect();
        }
    }

    /// The recordings.
    pub(super) fn recordings(&self) -> impl Iterator<Item = &Recorded> {
        self.0.iter().filter_map(|slot| match slot {
            Slot::Mode(_) => None,
            Slot::Recording(recorded) => Some(&**recorded),
        })
    }

    /// Whether nothing is to be run.
    pub(super) fn is_recorded(&self) -> bool {
        !self.0.is_empty() && self.modes().is_empty()
    }

    /// What each is called: its mode where no other is of that mode, else the
    /// file of a recording, or a number in addition.
    pub(super) fn names(&self) -> Vec<String> {
        let slots = self.0.iter().enumerate();
        let is_only = |name: &str, of: &dyn Fn(&Slot) -> Option<String>| {
            let same = self.0.iter().filter_map(of);
            same.filter(|other| other == name).count() == 1
        };
        let of_mode = |slot: &Slot| Some(slot.mode().to_owned());
        let is_mode = |name: &str| self.0.iter().any(|it| it.mode() == name);
        let name = |(place, slot): (usize, &Slot)| {
            let mode = slot.mode();
            if is_only(mode, &of_mode) {
                return mode.to_owned();
            }
            let file = slot.file().filter(|name| !is_mode(name));
            let file = file.filter(|name| is_only(name, &Slot::file));
            let live = matches!(slot, Slot::Mode(_));
            let alone = live.then(|| mode.to_owned());
            alone.or(file).unwrap_or_else(|| format!("{mode} {}", place + 1))
        };
        slots.map(name).collect()
    }

    /// Who is in which column.
    pub(super) fn columns(&self) -> Vec<Column> {
        let (mut live, mut recorded) = (0.., 0..);
        let column = |slot: &Slot| match slot {
            Slot::Mode(_) => live.next().map(Column::Live),
            Slot::Recording(_) => recorded.next().map(Column::Recorded),
        };
        self.0.iter().filter_map(column).collect()
    }

    /// What there is to compare: those that run, and the recordings.
    pub(super) fn contenders(
        &self,
        live: Vec<Contender>,
        course: Option<&Course>,
    ) -> Vec<Contender> {
        let recorded = self.recordings().map(Recorded::contender);
        self.standing(course).put(live, recorded.collect())
    }

    /// How they stand to each other.
    pub(super) fn standing(&self, course: Option<&Course>) -> Standing {
        let all = self.circumstances(course);
        let all: Vec<_> = all.iter().collect();
        Standing {
            columns: self.columns(),
            names: self.names(),
            courses: circumstances::courses(&all),
            machines: circumstances::machines(&all),
            options: circumstances::options(&all),
        }
    }

    /// What the report says of each.
    pub(super) fn results(&self, live: Vec<ModeResult>) -> Vec<ModeResult> {
        let mut live = live.into_iter();
        let next = |slot: &Slot| match slot {
            Slot::Mode(_) => live.next(),
            Slot::Recording(recorded) => Some(recorded.result()),
        };
        let results: Vec<_> = self.0.iter().filter_map(next).collect();
        let named = results.into_iter().zip(self.names());
        named.map(|(it, name)| ModeResult { name, ..it }).collect()
    }

    /// Why some cannot be held against each other, and the conditions that
    /// are not the same for all; nothing if all were run here.
    pub(super) fn differences(
        &self,
        course: Option<&Course>,
    ) -> (Vec<String>, Vec<ConditionRow>) {
        if self.recordings().next().is_none() {
            return Default::default();
        }
        let all = self.circumstances(course);
        let all: Vec<_> = all.iter().collect();
        let warnings = circumstances::warnings(&self.names(), &all);
        (warnings, circumstances::differences(&all))
    }

    /// The scenario of all: its name and its title; `None` without one, or if
    /// it was not the same.
    pub(super) fn scenario(
        &self,
        course: Option<&Course>,
    ) -> Option<(String, String)> {
        let all = self.circumstances(course);
        let first = all.first()?.scenario.as_ref()?;
        let same = all.iter().all(|it| it.scenario.as_ref() == Some(first));
        same.then(|| (first.name.clone(), first.title.clone()))
    }

    fn circumstances(&self, course: Option<&Course>) -> Vec<Circumstances> {
        let here = course.map(|it| it.circumstances(self.modes().len()));
        let of = |slot: &Slot| match slot {
            Slot::Mode(_) => here.clone(),
            Slot::Recording(recorded) => Some(recorded.circumstances.clone()),
        };
        self.0.iter().filter_map(of).collect()
    }
}

fn check_number(named: &[ContenderArg]) -> Result<(), Error> {
    let words = match named {
        [ContenderArg::Mode(only)] => format!(
            "nothing to compare {0} with: name a second mode, or run \
             `sockscope {0}`",
            only.name()
        ),
        [ContenderArg::Recording(only)] => format!(
            "nothing to compare {0} with: name a second recording or a \
             mode, or look at it with `sockscope replay {0}`",
            only.display()
        ),
        _ if named.len() > MOST => {
            format!("at most {MOST} can be compared, not {}", named.len())
        }
        _ => return Ok(()),
    };
    Err(Error::Usage(words))
}

fn check_twice(named: &[ContenderArg]) -> Result<(), Error> {
    for (place, it) in named.iter().enumerate() {
        if named[..place].iter().any(|before| is_same(before, it)) {
            let name = match it {
                ContenderArg::Mode(named) => named.name().to_owned(),
                ContenderArg::Recording(file) => file.display().to_string(),
            };
            return Err(Error::Usage(format!("`{name}` is named twice")));
        }
    }
    Ok(())
}

fn is_same(one: &ContenderArg, other: &ContenderArg) -> bool {
    match (one, other) {
        (ContenderArg::Recording(one), ContenderArg::Recording(other)) => {
            are_one_file(one, other)
        }
        _ => one == other,
    }
}

/// Whether two paths lead to the same file, which is there.
pub(super) fn are_one_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    one == other || real(one).is_some_and(|it| Some(it) == real(other))
}

/// What is compared is not written over.
fn check_files(args: &CompareArgs) -> Result<(), Error> {
    let output = args.output.output.as_deref();
    for it in &args.contenders {
        let ContenderArg::Recording(file) = it else { continue };
        if output.is_some_and(|output| are_one_file(output, file)) {
            return Err(Error::Usage(format!(
                "the comparison would be written over {}",
                file.display()
            )));
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
