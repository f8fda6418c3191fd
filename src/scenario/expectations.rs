//! The expectations of a file: whether they make sense.

use super::diagnostic::ScenarioFault;
use super::expect::{ClientFigure, ExpectedFigure, FigureUnit, ServerFigure};
use super::file::{Amount, ExpectTable, Located};
use super::plan::{Expectation, FigureBounds};
use super::validate::{errors, modes, sentence};
use crate::load::Group;
use crate::modes::Mode;
use crate::net::Errors;
use crate::units::{nanoseconds, parse_size, parse_time};
use strum::IntoEnumIterator as _;

pub(super) fn expectations(
    tables: &[Located<ExpectTable>],
    (modes, errors): (&[Mode], &[Errors]),
    groups: &[Group],
) -> Result<Vec<Expectation>, ScenarioFault> {
    let expectation = |table: &Located<ExpectTable>| {
        let figure = figure(table, groups)?;
        let (modes, errors) = about(table, modes, errors)?;
        Ok(Expectation {
            says: sentence(&table.says)?,
            modes,
            errors,
            bounds: bounds(table, figure.kind())?,
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
) -> Result<(Vec<Mode>, Vec<Errors>), ScenarioFault> {
    let modes = modes(table.modes.as_ref(), known_modes)?;
    let errors = errors(table.errors.as_ref(), known_errors)?;
    let is_run = |mode: &Mode| errors.iter().any(|it| mode.allows(*it));
    match &table.errors {
        Some(place) if !modes.iter().any(is_run) => {
            Err(ScenarioFault::at(place, "an expectation that no run can meet")
                .label("none of its modes has handles")
                .help("name `serial` or a mode with handles in `modes`"))
        }
        _ => Ok((modes, errors)),
    }
}

fn figure(
    table: &ExpectTable,
    groups: &[Group],
) -> Result<ExpectedFigure, ScenarioFault> {
    let name = &**table.figure;
    let fault = |subject: &str| {
        let problem = format!("{subject} no figure `{name}`");
        ScenarioFault::at(&table.figure, problem)
    };
    let (server, clients) =
        (name.parse::<ServerFigure>().ok(), name.parse::<ClientFigure>().ok());
    let Some(group) = &table.clients else {
        let names = ServerFigure::iter().map(<&str>::from);
        return match (server, clients) {
            (Some(figure), _) => Ok(ExpectedFigure::Server(figure)),
            (None, Some(_)) => Err(fault("the server has").help(
                "it is a figure of clients: add `clients = ...` with the \
                 name of a group",
            )),
            (None, None) => Err(fault("the server has").one_of(name, names)),
        };
    };
    let groups = groups.iter().map(|it| it.name.as_str());
    if !groups.clone().any(|name| name == **group) {
        let problem = format!("no clients are named `{}`", **group);
        return Err(ScenarioFault::at(group, problem).one_of(group, groups));
    }
    let names = ClientFigure::iter().map(<&str>::from);
    match (clients, server) {
        (Some(figure), _) => {
            Ok(ExpectedFigure::Clients { group: group.to_string(), figure })
        }
        (None, Some(_)) => Err(fault("clients have")
            .context(group, "so it would be a figure of clients")
            .help("it is a figure of the server: leave `clients` out")),
        (None, None) => Err(fault("clients have").one_of(name, names)),
    }
}

fn bounds(
    table: &ExpectTable,
    kind: FigureUnit,
) -> Result<FigureBounds, ScenarioFault> {
    let bound = |written: &Option<Located<Amount>>| {
        written.as_ref().map(|it| amount(it, kind)).transpose()
    };
    let (at_least, at_most) = (bound(&table.at_least)?, bound(&table.at_most)?);
    let equals = bound(&table.equals)?;
    let advice = "write `at-least`, `at-most` or both, or `equals` alone";
    if at_least.or(at_most).is_some() == equals.is_some() {
        return Err(match &table.equals {
            Some(equals) => {
                ScenarioFault::at(equals, "a bound beside `equals`")
            }
            None => {
                ScenarioFault::at(&table.figure, "a figure without a bound")
            }
        }
        .help(advice));
    }
    match &table.at_least {
        Some(place) if at_most.is_some_and(|most| at_least > Some(most)) => {
            Err(ScenarioFault::at(place, "at least more than at most")
                .help("no figure can be both"))
        }
        _ => Ok(FigureBounds {
            at_least: at_least.or(equals),
            at_most: at_most.or(equals),
        }),
    }
}

fn amount(
    written: &Located<Amount>,
    kind: FigureUnit,
) -> Result<u64, ScenarioFault> {
    let wrong = |wanted: &str| {
        ScenarioFault::at(written, format!("the figure is {wanted}"))
    };
    match (kind, &**written) {
        (FigureUnit::Count | FigureUnit::Size, Amount::Number(number)) => {
            Ok(*number)
        }
        (FigureUnit::Count, Amount::Text(_)) => {
            Err(wrong("a count").help("write a whole number, such as 5"))
        }
        (FigureUnit::Time, Amount::Number(_)) => {
            Err(wrong("a time").help("write it with its unit: \"200 ms\""))
        }
        (FigureUnit::Size, Amount::Text(text)) => parse_size(text)
            .map_err(|error| ScenarioFault::of_unit(written, &error)),
        (FigureUnit::Time, Amount::Text(text)) => parse_time(text)
            .map(nanoseconds)
            .map_err(|error| ScenarioFault::of_unit(written, &error)),
    }
}
