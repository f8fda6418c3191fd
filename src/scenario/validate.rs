//! Turns the form of a scenario file into a plan, or reports an error in it.

use super::expect::{ClientFigure, ExpectedFigure, FigureUnit, ServerFigure};
use super::file::{ExpectTable, File};
use super::plan::{Expectation, FigureBounds, Plan, TimedSignal};
use crate::load::{Group, check};
use crate::modes::Mode;
use crate::net::{Errors, OptionFault, ServerOptions};
use crate::text::diagnostic::TomlFault as Fault;
use crate::units::{
    Size, WrittenQuantity as Written, nanoseconds, parse_size, parse_time,
    show_size_exactly,
};
use itertools::Itertools as _;
use std::time::Duration;
use strum::IntoEnumIterator as _;

/// The name in reports of all groups together.
const TOTAL: &str = "total";

/// The plan that a file with this text describes.
pub(super) fn plan(name: &str, text: &str, file: File) -> Result<Plan, Fault> {
    let title = sentence(&file.title).map_err(|it| it.at("title"))?;
    let time_limit = file.time_limit.map_or(Plan::TIME_LIMIT, |it| it.0);
    if time_limit.is_zero() {
        return Err(zero("1 ns").at("time-limit"));
    }
    let server = server(&file)?;
    let errors = some_of(file.errors.as_deref(), &Errors::ALL, "errors")?;
    let errors =
        if file.errors.is_some() { errors } else { vec![server.errors()] };
    if !errors.contains(&server.errors()) {
        let problem = "a fate of errors that the scenario leaves out";
        return Err(Fault::new(problem)
            .help("add it to the scenario's own `errors`, or remove it")
            .at("errors")
            .at("server"));
    }
    let modes = plan_modes(&file, &errors)?;
    groups(&file.clients, time_limit)?;
    let expectations = file.expect.iter().enumerate().map(|(place, table)| {
        expectation(table, &modes, &errors, &file.clients)
            .map_err(|it| it.at(place).at("expect"))
    });
    let expectations = expectations.collect::<Result<_, _>>()?;
    let too_late = |it: &TimedSignal| it.at.0 >= time_limit;
    if let Some(place) = file.signals.iter().position(too_late) {
        return Err(Fault::new("a signal after the time limit")
            .help("send it earlier, or raise `time-limit`")
            .at("at")
            .at(place)
            .at("signals"));
    }
    let watch =
        file.watch.iter().enumerate().map(|(place, it)| {
            sentence(it).map_err(|it| it.at(place).at("watch"))
        });
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    Ok(Plan {
        name: name.to_owned(),
        text: text.to_owned(),
        crc32: crc.sum(),
        title,
        watch: watch.collect::<Result<_, _>>()?,
        time_limit,
        modes,
        errors,
        server,
        groups: file.clients,
        signals: file.signals,
        expectations,
    })
}

/// The values written under `key` without duplicates, or all of `known` if the
/// key is absent. A value that is not in `known` is an error.
fn some_of<T: Copy + Eq + std::hash::Hash>(
    written: Option<&[T]>,
    known: &[T],
    key: &'static str,
) -> Result<Vec<T>, Fault> {
    let (thing, all) = match key {
        "modes" => ("mode", " for all"),
        _ => ("fate of errors", ""),
    };
    let written = match written {
        None => return Ok(known.to_vec()),
        Some([]) => {
            let help = format!("name at least one, or leave `{key}` out{all}");
            let problem = format!("no {thing} at all");
            return Err(Fault::new(problem).help(help).at(key));
        }
        Some(written) => written,
    };
    if let Some(place) = written.iter().position(|it| !known.contains(it)) {
        let problem = format!("a {thing} that the scenario leaves out");
        let help =
            format!("add it to the scenario's own `{key}`, or remove it");
        return Err(Fault::new(problem).help(help).at(place).at(key));
    }
    Ok(written.iter().copied().unique().collect())
}

/// The modes of a scenario; if it names none, all in which it can be run.
fn plan_modes(file: &File, errors: &[Errors]) -> Result<Vec<Mode>, Fault> {
    let allowed = |mode: &Mode| errors.iter().any(|it| mode.allows(*it));
    let mut all = some_of(file.modes.as_deref(), &Mode::ALL, "modes")?;
    let mut written = file.modes.iter().flatten();
    if let Some(place) = written.position(|it| !allowed(it)) {
        return Err(Fault::new("a mode without handles")
            .label("here one loop handles every client's errors itself")
            .help("add \"handled\" to `errors`, or remove the mode")
            .at(place)
            .at("modes"));
    }
    all.retain(allowed);
    Ok(all)
}

fn groups(groups: &[Group], time_limit: Duration) -> Result<(), Fault> {
    if groups.is_empty() {
        return Err(Fault::new("a scenario without clients")
            .help("add a group of them under [[clients]]")
            .at("title"));
    }
    let mut clients = 0;
    for (place, it) in groups.iter().enumerate() {
        let inside = |fault: Fault| fault.at(place).at("clients");
        group(it, time_limit).map_err(inside)?;
        if groups[..place].iter().any(|other| other.name == it.name) {
            return Err(inside(
                Fault::new("a name that is taken")
                    .help("each group of clients has a name of its own")
                    .at("name"),
            ));
        }
        clients += it.count;
        if clients > Plan::CLIENTS {
            let help =
                format!("at most {} in all groups together", Plan::CLIENTS);
            return Err(inside(Fault::new("too many clients").help(help)));
        }
    }
    Ok(())
}

fn group(group: &Group, time_limit: Duration) -> Result<(), Fault> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name = &group.name;
    if !(1..=32).contains(&name.len()) || !name.chars().all(plain) {
        return Err(Fault::new("not a name")
            .help(
                "a name is up to 32 letters, digits, `-` and `_`, such as \
                 \"talker\"",
            )
            .at("name"));
    }
    if name == TOTAL {
        return Err(Fault::new("the name of the sum")
            .help("reports call all groups together so: choose another")
            .at("name"));
    }
    let most = Plan::CLIENTS as u64;
    let count = group.count as u64;
    within(count, most, |it| it.to_string()).map_err(|it| it.at("count"))?;
    let buffers =
        [("sndbuf", group.send_buffer), ("rcvbuf", group.receive_buffer)];
    for (key, buffer) in buffers {
        let Size(bytes) = buffer.unwrap_or(Size(1));
        within(bytes, ServerOptions::LARGEST_BUFFER, show_size_exactly)
            .map_err(|it| it.at(key))?;
    }
    check(group).map_err(|it| {
        let fault = Fault::new(it.problem).help(it.help);
        match it.place[..] {
            [] => fault,
            [step, inner, ..] => {
                fault.at(inner).at("steps").at("repeat").at(step)
            }
            [step] => fault.at(step),
        }
        .at("steps")
    })?;
    let others = u32::try_from(group.count - 1).unwrap_or(u32::MAX);
    let stagger = group.stagger.0.saturating_mul(others);
    if group.start.0.saturating_add(stagger) >= time_limit {
        return Err(Fault::new("clients that never start")
            .label("the last of them would start after the time limit")
            .help("start them earlier, or raise `time-limit`")
            .at("name"));
    }
    Ok(())
}

/// The server's options. If they do not say how errors are handled, the first
/// way in the scenario's `errors` applies.
fn server(file: &File) -> Result<ServerOptions, Fault> {
    let named = file.errors.as_ref().and_then(|all| all.first());
    let errors = file.server.errors.or(named.copied());
    let options = ServerOptions { errors, ..file.server };
    let Err(OptionFault { option, beside, problem, help }) = options.check()
    else {
        return Ok(options);
    };
    let fault = Fault::new(problem).help(help).at(option);
    let fault = match beside {
        Some(key) => fault.beside(key, "set here"),
        None => fault,
    };
    Err(fault.at("server"))
}

/// An expectation. It is an error if no run of the scenario checks it.
fn expectation(
    table: &ExpectTable,
    known_modes: &[Mode],
    known_errors: &[Errors],
    groups: &[Group],
) -> Result<Expectation, Fault> {
    let figure = figure(table, groups)?;
    let modes = some_of(table.modes.as_deref(), known_modes, "modes")?;
    let errors = some_of(table.errors.as_deref(), known_errors, "errors")?;
    let is_run = |mode: &Mode| errors.iter().any(|it| mode.allows(*it));
    if table.errors.is_some() && !modes.iter().any(is_run) {
        return Err(Fault::new("an expectation that no run can meet")
            .label("none of its modes has handles")
            .help("name `serial` or a mode with handles in `modes`")
            .at("errors"));
    }
    Ok(Expectation {
        says: sentence(&table.says).map_err(|it| it.at("says"))?,
        modes,
        errors,
        bounds: bounds(table, figure.kind())?,
        figure,
    })
}

fn figure(
    table: &ExpectTable,
    groups: &[Group],
) -> Result<ExpectedFigure, Fault> {
    let name = &*table.figure;
    let server = name.parse::<ServerFigure>();
    let clients = name.parse::<ClientFigure>();
    let Some(group) = &table.clients else {
        let fault = Fault::new(format!("the server has no figure `{name}`"));
        return match (server, clients) {
            (Ok(figure), _) => Ok(ExpectedFigure::Server(figure)),
            (Err(_), Ok(_)) => Err(fault.help(
                "it is a figure of clients: add `clients = ...` with the \
                 name of a group",
            )),
            _ => Err(fault.one_of(name, ServerFigure::iter().map_into())),
        }
        .map_err(|it| it.at("figure"));
    };
    let groups = groups.iter().map(|it| it.name.as_str());
    if !groups.clone().contains(group.as_str()) {
        let problem = format!("no clients are named `{group}`");
        return Err(Fault::new(problem).one_of(group, groups).at("clients"));
    }
    let fault = Fault::new(format!("clients have no figure `{name}`"));
    let fault = match (clients, server) {
        (Ok(figure), _) => {
            return Ok(ExpectedFigure::Clients {
                group: group.clone(),
                figure,
            });
        }
        (Err(_), Ok(_)) => fault
            .help("it is a figure of the server: leave `clients` out")
            .at("figure")
            .beside("clients", "so it would be a figure of clients"),
        _ => fault.one_of(name, ClientFigure::iter().map_into()).at("figure"),
    };
    Err(fault)
}

fn bounds(
    table: &ExpectTable,
    kind: FigureUnit,
) -> Result<FigureBounds, Fault> {
    let bound = |written: &Option<Written>, key: &'static str| {
        let amount = written.as_ref().map(|it| amount(it, kind));
        amount.transpose().map_err(|it| it.at(key))
    };
    let at_least = bound(&table.at_least, "at-least")?;
    let at_most = bound(&table.at_most, "at-most")?;
    let equals = bound(&table.equals, "equals")?;
    if at_least.or(at_most).is_some() == equals.is_some() {
        let (problem, key) = match equals {
            Some(_) => ("a bound beside `equals`", "equals"),
            None => ("a figure without a bound", "figure"),
        };
        return Err(Fault::new(problem)
            .help("write `at-least`, `at-most` or both, or `equals` alone")
            .at(key));
    }
    if at_most.is_some() && at_least > at_most {
        return Err(Fault::new("at least more than at most")
            .help("no figure can be both")
            .at("at-least"));
    }
    let (at_least, at_most) = (at_least.or(equals), at_most.or(equals));
    Ok(FigureBounds { at_least, at_most })
}

fn amount(written: &Written, kind: FigureUnit) -> Result<u64, Fault> {
    let wrong = |wanted, help| {
        Err(Fault::new(format!("the figure is {wanted}")).help(help))
    };
    match (kind, written) {
        (FigureUnit::Count | FigureUnit::Size, Written::Number(number)) => {
            Ok(*number)
        }
        (FigureUnit::Count, Written::Text(_)) => {
            wrong("a count", "write a whole number, such as 5")
        }
        (FigureUnit::Time, Written::Number(_)) => {
            wrong("a time", "write it with its unit: \"200 ms\"")
        }
        (FigureUnit::Size, Written::Text(text)) => {
            parse_size(text).map_err(|it| Fault::in_two_parts(&it.to_string()))
        }
        (FigureUnit::Time, Written::Text(text)) => parse_time(text)
            .map(nanoseconds)
            .map_err(|it| Fault::in_two_parts(&it.to_string())),
    }
}

/// Checks that a number is from 1 to `most`.
fn within(
    value: u64,
    most: u64,
    show: impl Fn(u64) -> String,
) -> Result<(), Fault> {
    match value {
        0 => Err(zero(&show(1))),
        value if value > most => {
            Err(Fault::new(format!("{} is too much", show(value)))
                .help(format!("write at most {}", show(most))))
        }
        _ => Ok(()),
    }
}

fn zero(least: &str) -> Fault {
    Fault::new("this cannot be zero").help(format!("write at least {least}"))
}

/// A text that is shown on a terminal: not empty, no control characters.
fn sentence(text: &str) -> Result<String, Fault> {
    let text = text.trim();
    if text.is_empty() {
        Err(Fault::new("an empty sentence").help("say what is to be seen"))
    } else if text.contains(char::is_control) {
        Err(Fault::new("a sentence with control characters")
            .help("write it in one line"))
    } else {
        Ok(text.to_owned())
    }
}
