//! From what is written to what can be run.

use std::time::Duration;

use super::diagnostic::ScenarioFault;
use super::expectations::expectations;
use super::file::{ClientsTable, File, Located, SignalTable};
use super::plan::{Plan, TimedSignal};
use super::steps::steps;
use crate::load::Group;
use crate::modes::Mode;
use crate::net::{Errors, OptionFault, ServerOptions};
use crate::units::{Size, Time, show_size_exactly};

/// What reports call all groups together.
const TOTAL: &str = "total";

/// The plan that a file with this text describes, if it makes sense.
pub(super) fn plan(
    name: &str,
    text: &str,
    file: &File,
) -> Result<Plan, ScenarioFault> {
    let title = sentence(&file.title)?;
    let watch = file.watch.iter().map(sentence);
    let watch = watch.collect::<Result<_, _>>()?;
    let limit = file.time_limit.as_ref().map(positive_time).transpose()?;
    let time_limit = limit.unwrap_or(Plan::TIME_LIMIT);
    let errors = error_handling(file)?;
    let modes = plan_modes(file, &errors)?;
    let groups = groups(file, time_limit)?;
    let expectations = expectations(&file.expect, (&modes, &errors), &groups)?;
    let signal = |it| signal(it, time_limit);
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    Ok(Plan {
        name: name.to_owned(),
        text: text.to_owned(),
        crc32: crc.sum(),
        title,
        watch,
        time_limit,
        modes,
        errors,
        server: server(file)?,
        groups,
        signals: file.signals.iter().map(signal).collect::<Result<_, _>>()?,
        expectations,
    })
}

/// The modes that are written, all of them from `known`; without any, all
/// that are known.
pub(super) fn modes(
    written: Option<&Located<Vec<Located<Mode>>>>,
    known: &[Mode],
) -> Result<Vec<Mode>, ScenarioFault> {
    some_of(written, known, ["mode", "modes", " for all"])
}

/// What may become of errors: as it is written, all of it from `known`;
/// without any, all that is known.
pub(super) fn errors(
    written: Option<&Located<Vec<Located<Errors>>>>,
    known: &[Errors],
) -> Result<Vec<Errors>, ScenarioFault> {
    some_of(written, known, ["fate of errors", "errors", ""])
}

/// What is written, all of it from `known`, which is the default.
fn some_of<T: Copy + PartialEq>(
    written: Option<&Located<Vec<Located<T>>>>,
    known: &[T],
    [thing, key, all]: [&str; 3],
) -> Result<Vec<T>, ScenarioFault> {
    let Some(written) = written else {
        return Ok(known.to_vec());
    };
    if written.is_empty() {
        return Err(ScenarioFault::at(written, format!("no {thing} at all"))
            .help(format!("name at least one, or leave `{key}` out{all}")));
    }
    let mut some = Vec::new();
    for name in written.iter() {
        let it = **name;
        if !known.contains(&it) {
            let problem = format!("a {thing} that the scenario leaves out");
            let help =
                format!("add it to the scenario's own `{key}`, or remove it");
            return Err(ScenarioFault::at(name, problem).help(help));
        }
        if !some.contains(&it) {
            some.push(it);
        }
    }
    Ok(some)
}

/// How errors are handled in the whole scenario: what it names, else the
/// server's option.
fn error_handling(file: &File) -> Result<Vec<Errors>, ScenarioFault> {
    if file.errors.is_none() {
        return Ok(vec![file.server.errors()]);
    }
    let all = errors(file.errors.as_ref(), &Errors::ALL)?;
    match file.server.errors {
        Some(given) if !all.contains(&given) => {
            let problem = "a fate of errors that the scenario leaves out";
            Err(ScenarioFault::at_key(&["server", "errors"], problem)
                .help("add it to the scenario's own `errors`, or remove it"))
        }
        _ => Ok(all),
    }
}

/// The server's option: if it has none, the first that the scenario names.
fn server_errors(file: &File) -> Option<Errors> {
    let named = file.errors.as_ref().and_then(|all| all.first());
    file.server.errors.or(named.map(|it| **it))
}

/// The modes of a scenario: without any, all in which it can be run.
fn plan_modes(
    file: &File,
    errors: &[Errors],
) -> Result<Vec<Mode>, ScenarioFault> {
    let allowed = |mode: &Mode| errors.iter().any(|it| mode.allows(*it));
    let mut all = modes(file.modes.as_ref(), &Mode::ALL)?;
    if let Some(written) = &file.modes {
        let refused = written.iter().find(|it| !allowed(it));
        if let Some(mode) = refused {
            return Err(ScenarioFault::at(mode, "a mode without handles")
                .label("here one loop handles every client's errors itself")
                .help("add \"handled\" to `errors`, or remove the mode"));
        }
    }
    all.retain(allowed);
    Ok(all)
}

fn groups(
    file: &File,
    time_limit: Duration,
) -> Result<Vec<Group>, ScenarioFault> {
    if file.clients.is_empty() {
        return Err(ScenarioFault::at(
            &file.title,
            "a scenario without clients",
        )
        .help("add a group of them under [[clients]]"));
    }
    let mut groups: Vec<Group> = Vec::new();
    for table in &file.clients {
        let group = group(table, time_limit)?;
        if group.name == TOTAL {
            return Err(ScenarioFault::at(&table.name, "the name of the sum")
                .help("reports call all groups together so: choose another"));
        }
        if groups.iter().any(|it| it.name == group.name) {
            return Err(ScenarioFault::at(&table.name, "a name that is taken")
                .help("each group of clients has a name of its own"));
        }
        groups.push(group);
        if groups.iter().map(|it| it.count).sum::<usize>() > Plan::CLIENTS {
            return Err(ScenarioFault::at(table, "too many clients").help(
                format!("at most {} in all groups together", Plan::CLIENTS),
            ));
        }
    }
    Ok(groups)
}

fn group(
    table: &ClientsTable,
    time_limit: Duration,
) -> Result<Group, ScenarioFault> {
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
        return Err(ScenarioFault::at(&table.name, "clients that never start")
            .label("the last of them would start after the time limit")
            .help("start them earlier, or raise `time-limit`"));
    }
    Ok(group)
}

fn signal(
    table: &SignalTable,
    time_limit: Duration,
) -> Result<TimedSignal, ScenarioFault> {
    if (*table.at).0 >= time_limit {
        return Err(ScenarioFault::at(
            &table.at,
            "a signal after the time limit",
        )
        .help("send it earlier, or raise `time-limit`"));
    }
    Ok(TimedSignal { signal: table.signal, at: (*table.at).0 })
}

fn server(file: &File) -> Result<ServerOptions, ScenarioFault> {
    let options = ServerOptions { errors: server_errors(file), ..file.server };
    match options.check() {
        Ok(()) => Ok(options),
        Err(OptionFault { option, beside, problem, help }) => {
            let fault =
                ScenarioFault::at_key(&["server", option], problem).help(help);
            Err(match beside {
                Some(key) => fault.context_key(&["server", key], "set here"),
                None => fault,
            })
        }
    }
}

fn time(written: Option<&Located<Time>>) -> Duration {
    written.map_or(Duration::ZERO, |it| (**it).0)
}

fn buffer(
    written: Option<&Located<Size>>,
) -> Result<Option<usize>, ScenarioFault> {
    written.map(|it| size(it, ServerOptions::LARGEST_BUFFER)).transpose()
}

/// A count from 1 to `most`.
pub(super) fn count<T: TryFrom<u64>>(
    written: &Located<u64>,
    most: u64,
) -> Result<T, ScenarioFault> {
    number(written, **written, most, |value| value.to_string())
}

/// A size from 1 byte to `most`.
pub(super) fn size<T: TryFrom<u64>>(
    written: &Located<Size>,
    most: u64,
) -> Result<T, ScenarioFault> {
    number(written, (**written).0, most, show_size_exactly)
}

fn number<T: TryFrom<u64>, V>(
    written: &Located<V>,
    value: u64,
    most: u64,
    show: impl Fn(u64) -> String,
) -> Result<T, ScenarioFault> {
    if value == 0 {
        return Err(zero(written, &show(1)));
    }
    let fitting = T::try_from(value).ok().filter(|_| value <= most);
    fitting.ok_or_else(|| {
        ScenarioFault::at(written, format!("{} is too much", show(value)))
            .help(format!("write at most {}", show(most)))
    })
}

/// A time that is not zero.
pub(super) fn positive_time(
    written: &Located<Time>,
) -> Result<Duration, ScenarioFault> {
    match (**written).0 {
        Duration::ZERO => Err(zero(written, "1 ns")),
        time => Ok(time),
    }
}

fn zero<V>(written: &Located<V>, least: &str) -> ScenarioFault {
    ScenarioFault::at(written, "this cannot be zero")
        .help(format!("write at least {least}"))
}

/// A text that is shown on a terminal: not empty, no control characters.
pub(super) fn sentence(
    written: &Located<String>,
) -> Result<String, ScenarioFault> {
    let text = written.trim();
    if text.is_empty() {
        return Err(ScenarioFault::at(written, "an empty sentence")
            .help("say what is to be seen"));
    }
    if text.contains(char::is_control) {
        return Err(ScenarioFault::at(
            written,
            "a sentence with control characters",
        )
        .help("write it in one line"));
    }
    Ok(text.to_owned())
}

/// A name that needs no quoting anywhere.
pub(super) fn name(written: &Located<String>) -> Result<String, ScenarioFault> {
    let text = &**written;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.is_empty() || text.len() > 32 || !text.chars().all(plain) {
        return Err(ScenarioFault::at(written, "not a name").help(
            "a name is up to 32 letters, digits, `-` and `_`, such as \
             \"talker\"",
        ));
    }
    Ok(text.clone())
}
