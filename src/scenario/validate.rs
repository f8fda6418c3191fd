//! From what is written to what can be run.

use std::time::Duration;

use super::diagnostic::Fault;
use super::expectations::expectations;
use super::file::{
    ClientsTable, ErrorsName, File, FramingName, ModeName, ServerTable,
    ShutdownName, SignalName, SignalTable, YieldEntry,
};
use super::plan::{
    Overrides, Plan, SettingsConflict, TimedSignal, check_settings,
};
use super::quantity::{At, Count, Size, Time};
use super::steps::steps;
use super::values::{count, name, positive_time, sentence, size};
use crate::load::Group;
use crate::modes::Mode;
use crate::net::{Errors, Framing, Settings, Shutdown};
use crate::system::signals::Signal;

/// What reports call all groups together.
const TOTAL: &str = "total";

/// The plan that a file describes, if it makes sense.
pub(super) fn plan(name: &str, file: &File) -> Result<Plan, Fault> {
    let title = sentence(&file.title)?;
    let watch = file.watch.iter().map(sentence);
    let watch = watch.collect::<Result<_, _>>()?;
    let limit = file.time_limit.as_ref().map(positive_time).transpose()?;
    let time_limit = limit.unwrap_or(Plan::TIME_LIMIT);
    let errors = fates(file)?;
    let modes = plan_modes(file, &errors)?;
    let groups = groups(file, time_limit)?;
    let expectations = expectations(&file.expect, (&modes, &errors), &groups)?;
    let signal = |it| signal(it, time_limit);
    Ok(Plan {
        name: name.to_owned(),
        title,
        watch,
        time_limit,
        modes,
        errors,
        server: Overrides {
            errors: told_errors(file),
            ..server(&file.server)?
        },
        groups,
        signals: file.signals.iter().map(signal).collect::<Result<_, _>>()?,
        expectations,
    })
}

/// The modes that are written, all of them from `known`; without any, all
/// that are known.
pub(super) fn modes(
    written: Option<&At<Vec<At<ModeName>>>>,
    known: &[Mode],
) -> Result<Vec<Mode>, Fault> {
    some_of(written, known, |name| name.0, ["mode", "modes", " for all"])
}

/// What may become of errors: as it is written, all of it from `known`;
/// without any, all that is known.
pub(super) fn errors(
    written: Option<&At<Vec<At<ErrorsName>>>>,
    known: &[Errors],
) -> Result<Vec<Errors>, Fault> {
    some_of(written, known, fate, ["fate of errors", "errors", ""])
}

/// What is written, all of it from `known`, which is the default.
fn some_of<N: Copy, T: Copy + PartialEq>(
    written: Option<&At<Vec<At<N>>>>,
    known: &[T],
    of: fn(N) -> T,
    [thing, key, all]: [&str; 3],
) -> Result<Vec<T>, Fault> {
    let Some(written) = written else {
        return Ok(known.to_vec());
    };
    if written.value.is_empty() {
        return Err(Fault::at(written, format!("no {thing} at all"))
            .help(format!("name at least one, or leave `{key}` out{all}")));
    }
    let mut some = Vec::new();
    for name in &written.value {
        let it = of(name.value);
        if !known.contains(&it) {
            let problem = format!("a {thing} that the scenario leaves out");
            let help =
                format!("add it to the scenario's own `{key}`, or remove it");
            return Err(Fault::at(name, problem).help(help));
        }
        if !some.contains(&it) {
            some.push(it);
        }
    }
    Ok(some)
}

/// What may become of errors in the whole scenario: what it names, else what
/// the server is told.
fn fates(file: &File) -> Result<Vec<Errors>, Fault> {
    let told = file.server.errors.as_ref();
    if file.errors.is_none() {
        return Ok(vec![told.map_or(Errors::Handled, |it| fate(it.value))]);
    }
    let all = errors(file.errors.as_ref(), &Errors::ALL)?;
    match told.filter(|it| !all.contains(&fate(it.value))) {
        None => Ok(all),
        Some(told) => {
            let problem = "a fate of errors that the scenario leaves out";
            Err(Fault::at(told, problem)
                .help("add it to the scenario's own `errors`, or remove it"))
        }
    }
}

/// What the server is told: without a word the first that is named.
fn told_errors(file: &File) -> Option<Errors> {
    let named = file.errors.as_ref().and_then(|all| all.value.first());
    file.server.errors.as_ref().or(named).map(|it| fate(it.value))
}

const fn fate(name: ErrorsName) -> Errors {
    match name {
        ErrorsName::Handled => Errors::Handled,
        ErrorsName::Dropped => Errors::Dropped,
        ErrorsName::Kept => Errors::Kept,
    }
}

/// The modes of a scenario: without any, all in which it can be run.
fn plan_modes(file: &File, errors: &[Errors]) -> Result<Vec<Mode>, Fault> {
    let allowed = |mode: &Mode| errors.iter().any(|it| mode.allows(*it));
    let mut all = modes(file.modes.as_ref(), &Mode::ALL)?;
    if let Some(written) = &file.modes {
        let refused = written.value.iter().find(|it| !allowed(&it.value.0));
        if let Some(mode) = refused {
            return Err(Fault::at(mode, "a mode without handles")
                .label("here one loop handles every client's errors itself")
                .help("add \"handled\" to `errors`, or remove the mode"));
        }
    }
    all.retain(allowed);
    Ok(all)
}

fn groups(file: &File, time_limit: Duration) -> Result<Vec<Group>, Fault> {
    if file.clients.is_empty() {
        return Err(Fault::at(&file.title, "a scenario without clients")
            .help("add a group of them under [[clients]]"));
    }
    let mut groups: Vec<Group> = Vec::new();
    for table in &file.clients {
        let group = group(&table.value, time_limit)?;
        if group.name == TOTAL {
            return Err(Fault::at(&table.value.name, "the name of the sum")
                .help("reports call all groups together so: choose another"));
        }
        if groups.iter().any(|it| it.name == group.name) {
            return Err(Fault::at(&table.value.name, "a name that is taken")
                .help("each group of clients has a name of its own"));
        }
        groups.push(group);
        if groups.iter().map(|it| it.count).sum::<usize>() > Plan::CLIENTS {
            return Err(Fault::at(table, "too many clients").help(format!(
                "at most {} in all groups together",
                Plan::CLIENTS
            )));
        }
    }
    Ok(groups)
}

fn group(table: &ClientsTable, time_limit: Duration) -> Result<Group, Fault> {
    let most = Plan::CLIENTS as u64;
    let clients = table.count.as_ref().map(|it| count(it, most));
    let group = Group {
        name: name(&table.name)?,
        count: clients.transpose()?.unwrap_or(1),
        start: time(table.start.as_ref()),
        stagger: time(table.stagger.as_ref()),
        steps: steps(&table.steps)?,
        send_buffer: buffer(table.sndbuf.as_ref())?,
        receive_buffer: buffer(table.rcvbuf.as_ref())?,
    };
    let others = u32::try_from(group.count - 1).unwrap_or(u32::MAX);
    let last = group.start.saturating_add(group.stagger.saturating_mul(others));
    if last >= time_limit {
        return Err(Fault::at(&table.name, "clients that never start")
            .label("the last of them would start after the time limit")
            .help("start them earlier, or raise `time-limit`"));
    }
    Ok(group)
}

fn signal(
    table: &SignalTable,
    time_limit: Duration,
) -> Result<TimedSignal, Fault> {
    if table.at.value.0 >= time_limit {
        return Err(Fault::at(&table.at, "a signal after the time limit")
            .help("send it earlier, or raise `time-limit`"));
    }
    let signal = match table.signal {
        SignalName::Int => Signal::Interrupt,
        SignalName::Term => Signal::Terminate,
    };
    Ok(TimedSignal { signal, at: table.at.value.0 })
}

fn server(table: &ServerTable) -> Result<Overrides, Fault> {
    check_boom(table)?;
    let overrides = Overrides {
        listen: None,
        framing: table.framing.as_ref().map(|it| framing(it.value)),
        boom: table.boom.as_ref().map(|it| it.value),
        errors: None,
        recv_size: buffer(table.recv_size.as_ref())?,
        backlog: table.backlog.as_ref().map(backlog).transpose()?,
        max_connections: limit(table.max_connections.as_ref())?,
        buffer_limit: buffer(table.buffer_limit.as_ref())?,
        send_buffer: buffer(table.sndbuf.as_ref())?,
        receive_buffer: buffer(table.rcvbuf.as_ref())?,
        idle_timeout: idle_time(table.idle_timeout.as_ref())?,
        grace: table.grace.as_ref().map(|it| it.value.0),
        calls_before_yield: table.yield_after.as_ref().map(|it| {
            match it.value {
                YieldEntry::After(calls) => Some(calls.get()),
                YieldEntry::Never(_) => None,
            }
        }),
        shutdown: table.shutdown.as_ref().map(|it| match it.value {
            ShutdownName::Shared => Shutdown::Shared,
            ShutdownName::Sequential => Shutdown::Sequential,
        }),
        descriptors: limit(table.descriptors.as_ref())?,
    };
    check_sizes(table, &overrides)?;
    Ok(overrides)
}

const fn framing(name: FramingName) -> Framing {
    match name {
        FramingName::Bytes => Framing::Bytes,
        FramingName::Lines => Framing::Lines,
    }
}

fn check_boom(table: &ServerTable) -> Result<(), Fault> {
    match (&table.boom, &table.framing) {
        (Some(boom), Some(framing))
            if boom.value && framing.value == FramingName::Bytes =>
        {
            Err(Fault::at(framing, "`boom` needs lines")
                .context(boom, "a line that is exactly `boom`")
                .help("write `framing = \"lines\"`, or leave it out"))
        }
        _ => Ok(()),
    }
}

fn check_sizes(table: &ServerTable, told: &Overrides) -> Result<(), Fault> {
    let mut settings = Settings::default();
    told.apply(&mut settings);
    let Err(conflict @ SettingsConflict::ReadAboveLimit { .. }) =
        check_settings(&settings)
    else {
        return Ok(());
    };
    let Some(place) = table.recv_size.as_ref().or(table.buffer_limit.as_ref())
    else {
        return Ok(());
    };
    Err(Fault::at(place, conflict.to_string())
        .help("`recv-size` is at most `buffer-limit`: set both so"))
}

fn time(written: Option<&At<Time>>) -> Duration {
    written.map_or(Duration::ZERO, |it| it.value.0)
}

fn idle_time(written: Option<&At<Time>>) -> Result<Option<Duration>, Fault> {
    let Some(written) = written else { return Ok(None) };
    let time = written.value.0;
    if time < Settings::SHORTEST_IDLE {
        let conflict = SettingsConflict::IdleTooShort;
        return Err(Fault::at(written, conflict.to_string())
            .help("write at least 1 ms"));
    }
    Ok(Some(time))
}

fn buffer(written: Option<&At<Size>>) -> Result<Option<usize>, Fault> {
    written.map(|it| size(it, Plan::LARGEST_BUFFER)).transpose()
}

fn limit<T: TryFrom<u64>>(
    written: Option<&At<Count>>,
) -> Result<Option<T>, Fault> {
    written.map(|it| count(it, u64::MAX)).transpose()
}

/// A backlog of 0 makes sense: one connection may wait all the same.
fn backlog(written: &At<Count>) -> Result<u32, Fault> {
    match written.value.0 {
        0 => Ok(0),
        _ => count(written, u64::from(i32::MAX.unsigned_abs())),
    }
}
