//! The form of a scenario file: what may be written where, and nothing about
//! what makes sense. See `validate.rs` for that.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};
use strum::{EnumMessage, IntoEnumIterator};

use super::expect::{ClientFigure, ServerFigure};
use super::plan::TimedSignal;
use crate::load::Group;
use crate::modes::Mode;
use crate::net::{Errors, ServerOptions};
use crate::units::{Time, WrittenQuantity};

/// A scenario: what clients do, the server's options, what to watch, and
/// what must come out in each mode.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Scenario")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct File {
    /// One sentence that says what is to be seen.
    pub(super) title: String,
    /// What to look at while it runs: sentences.
    #[serde(default)]
    pub(super) watch: Vec<String>,
    /// Clients that are still busy then are cut off, and reported as such.
    /// [default: "30 s"]
    pub(super) time_limit: Option<Time>,
    /// The modes that the scenario makes sense in [default: all]
    pub(super) modes: Option<Vec<Mode>>,
    /// How errors in a connection's handler may be handled: a run for each,
    /// in each mode that has handles [default: the server's option alone]
    pub(super) errors: Option<Vec<Errors>>,
    /// The server's options. The command line wins over them.
    #[serde(default)]
    pub(super) server: ServerOptions,
    /// The clients, in groups that behave alike.
    #[serde(default)]
    pub(super) clients: Vec<Group>,
    /// Signals to the server.
    #[serde(default)]
    pub(super) signals: Vec<TimedSignal>,
    /// What must come out.
    #[serde(default)]
    pub(super) expect: Vec<ExpectTable>,
}

/// What must come out: a figure and its bounds.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Expectation")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct ExpectTable {
    /// What it means, as a sentence.
    pub(super) says: String,
    /// The modes that it is about [default: all]
    pub(super) modes: Option<Vec<Mode>>,
    /// How errors are handled in the runs that it is about [default: in any
    /// way]
    pub(super) errors: Option<Vec<Errors>>,
    /// The group whose figure it is [default: it is the server's]
    pub(super) clients: Option<String>,
    /// The figure.
    #[schemars(schema_with = "figure_schema")]
    pub(super) figure: String,
    /// The least it may be.
    pub(super) at_least: Option<WrittenQuantity>,
    /// The most it may be.
    pub(super) at_most: Option<WrittenQuantity>,
    /// What it must be exactly.
    pub(super) equals: Option<WrittenQuantity>,
}

/// Every figure with what it means, so that an editor can tell.
fn figure_schema(_: &mut SchemaGenerator) -> Schema {
    fn figures<F>(whose: &str) -> impl Iterator<Item = Schema>
    where
        F: IntoEnumIterator + EnumMessage + Into<&'static str>,
    {
        F::iter().map(move |figure| {
            let lines = figure.get_documentation().unwrap_or_default();
            let words: Vec<_> = lines.split_whitespace().collect();
            let meaning = format!("Of {whose}: {}", words.join(" "));
            let name: &str = figure.into();
            json_schema!({ "const": name, "description": meaning })
        })
    }
    let of_server = figures::<ServerFigure>("the server");
    let of_clients = figures::<ClientFigure>("clients");
    let all: Vec<Schema> = of_server.chain(of_clients).collect();
    json_schema!({
        "description": "A figure of the server or, with `clients`, of a \
                        group of clients.",
        "anyOf": all,
    })
}

/// The JSON Schema of scenario files (draft 7, which editors know).
pub fn schema() -> String {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<File>();
    RecursiveTransform(leave_out_null).transform(&mut schema);
    format!("{:#}\n", schema.as_value())
}

/// TOML has no null: a key that may be absent is just not required.
fn leave_out_null(schema: &mut Schema) {
    if schema.get("default").is_some_and(Value::is_object) {
        schema.remove("default");
    }
    let null = json!({ "type": "null" });
    for key in ["anyOf", "type"] {
        if let Some(Value::Array(all)) = schema.get_mut(key) {
            all.retain(|it| *it != null && it != "null");
        }
    }
}
