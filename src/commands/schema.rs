//! `schema`: the JSON Schemas of what the program reads and writes.

use super::output::{print, unwritable};
use crate::error::Error;
use crate::export::jsonl_schema;
use crate::report::{CompareReport, measure_schema, schema_of};
use crate::run::report::RunReport;
use crate::scenario;
use clap::{Args, ValueEnum};

#[derive(Args, Clone, Debug)]
pub struct SchemaArgs {
    /// The schema to print [default: list their names]
    #[arg(value_enum, value_name = "NAME")]
    pub name: Option<SchemaName>,
}

/// What a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// The report of a mode's command or of `load`, as JSON
    Report,
    /// The report of `compare`, as JSON
    Compare,
    /// The report of `bench`, as JSON
    Bench,
    /// The report of `sweep`, as JSON: the same schema as for `bench`
    Sweep,
    /// A scenario file, for editors that check TOML
    Scenario,
    /// A line of `export --to jsonl`
    Events,
}

/// Prints a schema, or the names of all of them.
pub(super) fn run(args: &SchemaArgs) -> Result<(), Error> {
    let schema = match args.name {
        None => Ok(list()),
        Some(SchemaName::Report) => schema_of::<RunReport>(),
        Some(SchemaName::Compare) => schema_of::<CompareReport>(),
        Some(SchemaName::Bench | SchemaName::Sweep) => measure_schema(),
        Some(SchemaName::Scenario) => Ok(scenario::schema()),
        Some(SchemaName::Events) => jsonl_schema(),
    };
    print(&schema.map_err(unwritable)?)
}

fn list() -> String {
    let names = SchemaName::value_variants().iter();
    let values = names.filter_map(SchemaName::to_possible_value);
    let lines = values.map(|it| {
        let help = it.get_help().map(ToString::to_string).unwrap_or_default();
        format!("{:<10}{help}\n", it.get_name())
    });
    lines.collect()
}
