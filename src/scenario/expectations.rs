//! The expectations of a file: whether they can be told at all.

use super::diagnostic::Fault;
use super::expect::{ClientFigure, Figure, Kind, ServerFigure};
use super::file::ExpectTable;
use super::plan::{Bounds, Expectation};
use super::quantity::{Amount, At};
use super::validate::{errors, modes};
use super::values::sentence;
use crate::load::Group;
use crate::modes::Mode;
use crate::net::Errors;
use crate::units::{parse_size, parse_time};

pub(super) fn expectations(
    tables: &[At<ExpectTable>],
    (modes, errors): (&[Mode], &[Errors]),
    groups: &[Group],
) -> Result<Vec<Expectation>, Fault> {
    let expectation = |table: &At<ExpectTable>| {
        let figure = figure(&table.value, groups)?;
        let (modes, errors) = about(&table.value, modes, errors)?;
        Ok(Expectation {
            says: sentence(&table.value.says)?,
            modes,
            errors,
            bounds: bounds(&table.value, figure.kind())?,
            figure,
        })
    };
    tables.iter().map(expectation).collect()
}

/// The modes and the fates of errors that it is about, some run of which
/// there must be.
fn about(
    table: &ExpectTable,
    known_modes: &[Mode],
    known_errors: &[Errors],
) -> Result<(Vec<Mode>, Vec<Errors>), Fault> {
    let modes = modes(table.modes.as_ref(), known_modes)?;
    let errors = errors(table.errors.as_ref(), known_errors)?;
    let is_run = |mode: &Mode| errors.iter().any(|it| mode.allows(*it));
    match &table.errors {
        Some(place) if !modes.iter().any(is_run) => {
            Err(Fault::at(place, "an expectation that no run can meet")
                .label("none of its modes has handles")
                .help("name `serial` or a mode with handles in `modes`"))
        }
        _ => Ok((modes, errors)),
    }
}

fn figure(table: &ExpectTable, groups: &[Group]) -> Result<Figure, Fault> {
    match &table.clients {
        Some(group) => clients_figure(table, group, groups),
        None => server_figure(table),
    }
}

fn clients_figure(
    table: &ExpectTable,
    group: &At<String>,
    groups: &[Group],
) -> Result<Figure, Fault> {
    let names = groups.iter().map(|it| it.name.as_str());
    if !names.clone().any(|name| name == group.value) {
        let problem = format!("no clients are named `{}`", group.value);
        return Err(Fault::at(group, problem).one_of(&group.value, names));
    }
    let name = &table.figure.value;
    if let Some(figure) = ClientFigure::named(name) {
        return Ok(Figure::Clients { group: group.value.clone(), figure });
    }
    let problem = format!("clients have no figure `{name}`");
    let fault = Fault::at(&table.figure, problem);
    Err(match ServerFigure::named(name) {
        Some(_) => fault
            .context(group, "so it would be a figure of clients")
            .help("it is a figure of the server: leave `clients` out"),
        None => {
            fault.one_of(name, ClientFigure::ALL.iter().map(|it| it.name()))
        }
    })
}

fn server_figure(table: &ExpectTable) -> Result<Figure, Fault> {
    let name = &table.figure.value;
    if let Some(figure) = ServerFigure::named(name) {
        return Ok(Figure::Server(figure));
    }
    let problem = format!("the server has no figure `{name}`");
    let fault = Fault::at(&table.figure, problem);
    Err(match ClientFigure::named(name) {
        Some(_) => fault.help(
            "it is a figure of clients: add `clients = ...` with the \
                   name of a group",
        ),
        None => {
            fault.one_of(name, ServerFigure::ALL.iter().map(|it| it.name()))
        }
    })
}

fn bounds(table: &ExpectTable, kind: Kind) -> Result<Bounds, Fault> {
    let bound = |written: &Option<At<Amount>>| {
        written.as_ref().map(|it| amount(it, kind)).transpose()
    };
    let (at_least, at_most) = (bound(&table.at_least)?, bound(&table.at_most)?);
    let equals = bound(&table.equals)?;
    let advice = "write `at-least`, `at-most` or both, or `equals` alone";
    if at_least.or(at_most).is_some() == equals.is_some() {
        return Err(match &table.equals {
            Some(equals) => Fault::at(equals, "a bound beside `equals`"),
            None => Fault::at(&table.figure, "a figure without a bound"),
        }
        .help(advice));
    }
    match &table.at_least {
        Some(place) if at_most.is_some_and(|most| at_least > Some(most)) => {
            Err(Fault::at(place, "at least more than at most")
                .help("no figure can be both"))
        }
        _ => Ok(Bounds {
            at_least: at_least.or(equals),
            at_most: at_most.or(equals),
        }),
    }
}

fn amount(written: &At<Amount>, kind: Kind) -> Result<u64, Fault> {
    let wrong =
        |wanted: &str| Fault::at(written, format!("the figure is {wanted}"));
    match (kind, &written.value) {
        (Kind::Count | Kind::Size, Amount::Number(number)) => Ok(*number),
        (Kind::Count, Amount::Text(_)) => {
            Err(wrong("a count").help("write a whole number, such as 5"))
        }
        (Kind::Time, Amount::Number(_)) => {
            Err(wrong("a time").help("write it with its unit: \"200 ms\""))
        }
        (Kind::Size, Amount::Text(text)) => {
            parse_size(text).map_err(|error| Fault::of_unit(written, &error))
        }
        (Kind::Time, Amount::Text(text)) => parse_time(text)
            .map(|time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
            .map_err(|error| Fault::of_unit(written, &error)),
    }
}
