//! The form of a scenario file: its keys and their types. `validate.rs` checks
//! whether their values make sense.

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
use crate::units::{Time, WrittenQuantity, above_zero};

/// A text that is more than spaces and has no control characters within.
const SENTENCE: &str = r"^\s*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*\s*$";

/// A scenario: what clients do, the server's options, what to watch, and the
/// results that are expected in each mode.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Scenario", extend("required" = ["title", "clients"]))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct File {
    /// One sentence that says what is to be seen.
    #[schemars(regex(pattern = SENTENCE))]
    pub(super) title: String,
    /// Sentences that say what to watch while it runs.
    #[serde(default)]
    #[schemars(inner(regex(pattern = SENTENCE)))]
    pub(super) watch: Vec<String>,
    /// Clients that are still busy after this time are cut off, and reported as
    /// such. [default: "30 s"]
    #[schemars(transform = above_zero)]
    pub(super) time_limit: Option<Time>,
    /// The modes that the scenario makes sense in [default: all]
    #[schemars(length(min = 1))]
    pub(super) modes: Option<Vec<Mode>>,
    /// How errors in a connection's handler may be handled: a run for each,
    /// in each mode that has handles [default: the server's option alone]
    #[schemars(length(min = 1))]
    pub(super) errors: Option<Vec<Errors>>,
    /// The server's options, which the command line overrides.
    #[serde(default)]
    pub(super) server: ServerOptions,
    /// The clients, in groups that behave alike.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub(super) clients: Vec<Group>,
    /// Signals that are sent to the server during the run.
    #[serde(default)]
    pub(super) signals: Vec<TimedSignal>,
    /// The results that are expected of a run.
    #[serde(default)]
    pub(super) expect: Vec<ExpectTable>,
}

/// A figure of the run and the bounds that it must be within.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Expectation", extend("oneOf" = [
    { "required": ["equals"] },
    { "anyOf": [{ "required": ["at-least"] }, { "required": ["at-most"] }] },
]))]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct ExpectTable {
    /// A sentence that says what the expectation means.
    #[schemars(regex(pattern = SENTENCE))]
    pub(super) says: String,
    /// The modes in which it is checked [default: all]
    #[schemars(length(min = 1))]
    pub(super) modes: Option<Vec<Mode>>,
    /// The ways of handling errors with which it is checked [default: all]
    #[schemars(length(min = 1))]
    pub(super) errors: Option<Vec<Errors>>,
    /// The group of clients whose figure it is [default: the server's]
    pub(super) clients: Option<String>,
    /// A figure of the server or, with `clients`, of a group of clients.
    #[schemars(schema_with = "figure_schema")]
    pub(super) figure: String,
    /// The least value that meets the expectation.
    pub(super) at_least: Option<WrittenQuantity>,
    /// The largest value that meets the expectation.
    pub(super) at_most: Option<WrittenQuantity>,
    /// The only value that meets the expectation.
    pub(super) equals: Option<WrittenQuantity>,
}

/// Every figure with its meaning, which an editor can show.
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
