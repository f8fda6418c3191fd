//! Under what circumstances contenders ran, and what follows from it where
//! they were not the same.

use crate::net::ServerOptions;
use crate::recording::ScenarioText;
use crate::report::Conditions;
use crate::report::compare::{ConditionRow, SCENARIO};
use crate::units::{Size, nanoseconds, show_size, show_time_ns};

/// How one of them ran.
#[derive(Clone)]
pub(super) struct Circumstances {
    /// Missing if they cannot be read.
    pub(super) conditions: Option<Conditions>,
    pub(super) scenario: Option<ScenarioText>,
    pub(super) duration_ns: Option<u64>,
    pub(super) settings: ServerOptions,
    pub(super) clients_apart: bool,
    /// How many ran at the same time in the same process; one ran alone.
    pub(super) at_once: usize,
}

impl Circumstances {
    /// Whether it can be shown that clients had the same to do.
    fn has_course_of(&self, other: &Self) -> bool {
        let same = match (&self.scenario, &other.scenario) {
            (Some(one), Some(two)) => one.text.is_some() && one == two,
            // Who came by is known of nobody.
            _ => false,
        };
        same && self.duration_ns == other.duration_ns
    }

    /// Whether it ran on a machine like that.
    fn has_machine_of(&self, other: &Self) -> bool {
        let [one, two] = [self, other].map(|it| {
            let it = it.conditions.as_ref()?;
            Some((&it.os, &it.architecture, it.cores))
        });
        one.is_some() && one == two
    }

    fn condition(&self, of: impl Fn(&Conditions) -> String) -> String {
        self.conditions.as_ref().map_or("not known".into(), of)
    }

    fn scenario_name(&self) -> &str {
        self.scenario.as_ref().map_or("none", |it| &it.name)
    }
}

/// The place of the first one that each is like.
fn groups(
    all: &[&Circumstances],
    is_like: impl Fn(&Circumstances, &Circumstances) -> bool,
) -> Vec<usize> {
    let of = |(place, it): (usize, &&Circumstances)| {
        let mut before = all[..place].iter();
        before.position(|other| is_like(it, other)).unwrap_or(place)
    };
    all.iter().enumerate().map(of).collect()
}

/// Who had the same course.
pub(super) fn courses(all: &[&Circumstances]) -> Vec<usize> {
    groups(all, Circumstances::has_course_of)
}

/// Who ran on the same kind of machine.
pub(super) fn machines(all: &[&Circumstances]) -> Vec<usize> {
    groups(all, Circumstances::has_machine_of)
}

/// Whose server had the same options.
pub(super) fn options(all: &[&Circumstances]) -> Vec<usize> {
    groups(all, |it, other| it.settings == other.settings)
}

/// Why some cannot be held against each other.
pub(super) fn warnings(
    names: &[String],
    all: &[&Circumstances],
) -> Vec<String> {
    let mut warnings = Vec::new();
    let aside = "are not held against each other";
    if is_divided(&courses(all)) {
        let of = |it: &Circumstances| match it.duration_ns {
            Some(ns) => {
                format!("{} for {}", it.scenario_name(), show_time_ns(ns))
            }
            None => it.scenario_name().to_owned(),
        };
        let each = each(names, all, of);
        warnings.push(format!(
            "Not all clients had the same to do ({each}), as far as can be \
             shown: figures of those who had not stand side by side and \
             {aside}."
        ));
    }
    if is_divided(&machines(all)) {
        let of = |it: &Circumstances| it.condition(machine);
        let each = each(names, all, of);
        warnings.push(format!(
            "Not all ran on the same kind of machine ({each}): their times \
             and their CPU time {aside}."
        ));
    }
    warnings
}

fn is_divided(groups: &[usize]) -> bool {
    groups.iter().any(|it| *it != groups[0])
}

fn each(
    names: &[String],
    all: &[&Circumstances],
    of: impl Fn(&Circumstances) -> String,
) -> String {
    let each = names.iter().zip(all);
    let words = each.map(|(name, it)| format!("{name}: {}", of(it)));
    words.collect::<Vec<_>>().join("; ")
}

fn machine(it: &Conditions) -> String {
    let cores = match it.cores {
        Some(1) => "1 core".to_owned(),
        Some(cores) => format!("{cores} cores"),
        None => "cores not known".into(),
    };
    format!("{} {}, {cores}", it.os, it.architecture)
}

type Condition = (&'static str, fn(&Circumstances) -> String);

/// What may differ. Options have the names that they have on the command
/// line.
const CONDITIONS: [Condition; 21] = [
    ("sockscope", |it| it.condition(|it| it.sockscope_version.clone())),
    ("system", |it| it.condition(|it| it.os.clone())),
    ("kernel", |it| it.condition(|it| known(it.kernel.as_ref()))),
    ("architecture", |it| it.condition(|it| it.architecture.clone())),
    ("cores", |it| it.condition(|it| known(it.cores.as_ref()))),
    ("at once", |it| match it.at_once {
        0 | 1 => "alone".into(),
        modes => format!("{modes} modes"),
    }),
    ("clients", |it| {
        let whose = if it.clients_apart { "another" } else { "the same" };
        format!("in {whose} process")
    }),
    ("--duration", |it| time(it.duration_ns)),
    ("--framing", |it| it.settings.framing().name().into()),
    ("--boom", |it| if it.settings.boom() { "yes" } else { "no" }.into()),
    ("--errors", |it| it.settings.errors().name().into()),
    ("--recv-size", |it| show_size(it.settings.recv_size() as u64)),
    ("--backlog", |it| it.settings.backlog().to_string()),
    ("--max-connections", |it| {
        let limit = it.settings.max_connections;
        limit.map_or("none".into(), |limit| limit.to_string())
    }),
    ("--buffer-limit", |it| show_size(it.settings.buffer_limit() as u64)),
    ("--sndbuf", |it| size(it.settings.sndbuf)),
    ("--rcvbuf", |it| size(it.settings.rcvbuf)),
    ("--idle-timeout", |it| time(it.settings.idle_timeout().map(nanoseconds))),
    ("--yield", |it| {
        let calls = it.settings.calls_before_yield();
        calls.map_or("never".into(), |calls| calls.to_string())
    }),
    ("--shutdown", |it| it.settings.shutdown().name().into()),
    ("--grace", |it| time(Some(nanoseconds(it.settings.grace())))),
];

fn known(value: Option<&impl ToString>) -> String {
    value.map_or("not known".into(), ToString::to_string)
}

fn time(ns: Option<u64>) -> String {
    ns.map_or("none".into(), show_time_ns)
}

fn size(size: Option<Size>) -> String {
    size.map_or("the system's".into(), |it| show_size(it.0))
}

/// The conditions that are not the same for all.
pub(super) fn differences(all: &[&Circumstances]) -> Vec<ConditionRow> {
    let row = |(name, of): &Condition| ConditionRow {
        name: (*name).into(),
        values: all.iter().map(|it| of(it)).collect(),
    };
    let scenario =
        ConditionRow { name: SCENARIO.into(), values: scenarios(all) };
    let rows = [scenario].into_iter().chain(CONDITIONS.iter().map(row));
    let differs =
        |row: &ConditionRow| row.values.iter().any(|it| *it != row.values[0]);
    rows.filter(differs).collect()
}

/// Their names; those of one name whose text is not that of the first one
/// with it are marked.
fn scenarios(all: &[&Circumstances]) -> Vec<String> {
    let marked = |it: &&Circumstances| {
        let name = it.scenario_name();
        let first = all.iter().find(|first| first.scenario_name() == name);
        let same = first.is_some_and(|first| first.scenario == it.scenario);
        let mark = if same { "" } else { ", another text" };
        format!("{name}{mark}")
    };
    all.iter().map(marked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: Option<&str>) -> Circumstances {
        let (name, title) = (name.into(), String::new());
        let text = text.map(str::to_owned);
        Circumstances {
            conditions: None,
            scenario: Some(ScenarioText { name, title, text }),
            duration_ns: None,
            settings: ServerOptions::default(),
            clients_apart: false,
            at_once: 1,
        }
    }

    #[test]
    fn a_course_is_the_same_if_that_can_be_shown() {
        let all = [
            of("a", Some("x")),
            of("a", Some("x")),
            of("a", Some("y")),
            of("a", None),
            Circumstances { duration_ns: Some(1), ..of("a", Some("x")) },
            Circumstances { scenario: None, ..of("a", None) },
            Circumstances { scenario: None, ..of("a", None) },
        ];
        let all: Vec<_> = all.iter().collect();
        assert_eq!(courses(&all), [0, 0, 2, 3, 4, 5, 6]);
        let names: Vec<_> = (0..7).map(|it| it.to_string()).collect();
        let warning = &warnings(&names, &all)[0];
        assert!(warning.contains("4: a for 1 ns"), "{warning}");
        let rows = differences(&all);
        assert_eq!(rows[0].values[..3], ["a", "a", "a, another text"]);
        assert_eq!(rows[0].values[5], "none");
        assert_eq!(rows[1].name, "--duration");
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn what_is_not_known_of_a_machine_is_not_the_same() {
        let all = [of("a", Some("x")), of("a", Some("x"))];
        let all: Vec<_> = all.iter().collect();
        assert_eq!(machines(&all), [0, 1]);
    }
}
