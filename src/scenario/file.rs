//! The form of a scenario file: what may be written where, and nothing about
//! what makes sense. See `validate.rs` for that.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Value, json};
use strum::{EnumMessage, IntoEnumIterator};

use super::expect::{ClientFigure, ServerFigure};
use crate::modes::Mode;
use crate::net::{Errors, ServerOptions};
use crate::system::signals::Signal;
use crate::units::{Size, Time};

/// A scenario: what clients do, the server's options, what to watch, and
/// what must come out in each mode.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Scenario")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct File {
    /// One sentence that says what is to be seen.
    pub(super) title: Located<String>,
    /// What to look at while it runs: sentences.
    #[serde(default)]
    pub(super) watch: Vec<Located<String>>,
    /// Clients that are still busy then are cut off, and reported as such.
    /// [default: "30 s"]
    pub(super) time_limit: Option<Located<Time>>,
    /// The modes that the scenario makes sense in [default: all]
    pub(super) modes: Option<Located<Vec<Located<Mode>>>>,
    /// How errors in a connection's handler may be handled: a run for each,
    /// in each mode that has handles [default: the server's option alone]
    pub(super) errors: Option<Located<Vec<Located<Errors>>>>,
    /// The server's options. The command line wins over them.
    #[serde(default)]
    pub(super) server: ServerOptions,
    /// The clients, in groups that behave alike.
    #[serde(default)]
    pub(super) clients: Vec<Located<ClientsTable>>,
    /// Signals to the server.
    #[serde(default)]
    pub(super) signals: Vec<SignalTable>,
    /// What must come out.
    #[serde(default)]
    pub(super) expect: Vec<Located<ExpectTable>>,
}

/// A number of clients that behave alike.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Clients")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct ClientsTable {
    /// What the group is called in reports and expectations.
    pub(super) name: Located<String>,
    /// How many clients there are [default: 1]
    pub(super) count: Option<Located<u64>>,
    /// When the first of them starts [default: at once]
    pub(super) start: Option<Located<Time>>,
    /// How long after one client the next one starts [default: at once]
    pub(super) stagger: Option<Located<Time>>,
    /// The send buffer (`SO_SNDBUF`) of each of them.
    pub(super) sndbuf: Option<Located<Size>>,
    /// The receive buffer (`SO_RCVBUF`) of each of them.
    pub(super) rcvbuf: Option<Located<Size>>,
    /// What each of them does, in order; "connect" is the first. A client
    /// that has done everything closes.
    pub(super) steps: Located<Vec<Located<StepEntry>>>,
}

/// One step of a client.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Step")]
#[serde(rename_all = "kebab-case")]
pub(super) enum StepEntry {
    /// Connects, and waits until the connection is established.
    Connect,
    /// Queues this text as one message and goes on.
    Say(Located<String>),
    /// Queues this many bytes of a fixed pattern as one message and goes on.
    Send(Located<Size>),
    /// Sends one message in pieces, with a pause between two of them.
    SayInPieces(PiecesEntry),
    /// Waits until everything said has come back.
    AwaitEcho,
    /// Waits until the server ends the connection.
    AwaitEnd,
    /// Does nothing for this time; what arrives is still read and compared.
    Pause(Located<Time>),
    /// Does some steps again and again.
    Repeat(RepeatEntry),
    /// How the client reads from here on: "eager" (whatever arrives, at
    /// once), "stopped" (not at all), or slowly.
    Reading(Located<ReadingEntry>),
    /// Shuts down the sending side once everything queued is sent.
    HalfClose,
    /// Closes once everything queued is sent.
    Close,
    /// Closes with a reset, at once.
    Reset,
}

/// A message in pieces.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Pieces")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct PiecesEntry {
    /// The pieces, in order.
    pub(super) pieces: Located<Vec<Located<String>>>,
    /// The pause between two of them.
    pub(super) gap: Located<Time>,
}

/// Steps to be repeated, either `times` or `for` a time.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Repeat")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct RepeatEntry {
    /// How often.
    pub(super) times: Option<Located<u64>>,
    /// How long.
    #[serde(rename = "for")]
    pub(super) lasting: Option<Located<Time>>,
    /// Open loop: a turn is due at this interval, however late the server
    /// is. Without it (closed loop) a turn begins when the one before is
    /// done.
    pub(super) every: Option<Located<Time>>,
    /// What one turn does; no `connect`, no `repeat`, nothing that ends the
    /// connection.
    pub(super) steps: Located<Vec<Located<StepEntry>>>,
}

/// How a client reads.
#[derive(Debug)]
pub(super) enum ReadingEntry {
    Eager,
    Stopped,
    Slow(SlowEntry),
}

/// Slow reading.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "SlowReading")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct SlowEntry {
    /// How much one read takes, at most.
    pub(super) bytes: Located<Size>,
    /// The time between two reads.
    pub(super) every: Located<Time>,
}

/// A signal to the server.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "TimedSignal")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct SignalTable {
    /// Which.
    pub(super) signal: Signal,
    /// When, from the start of the run.
    pub(super) at: Located<Time>,
}

/// What must come out: a figure and its bounds.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(rename = "Expectation")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub(super) struct ExpectTable {
    /// What it means, as a sentence.
    pub(super) says: Located<String>,
    /// The modes that it is about [default: all]
    pub(super) modes: Option<Located<Vec<Located<Mode>>>>,
    /// How errors are handled in the runs that it is about [default: in any
    /// way]
    pub(super) errors: Option<Located<Vec<Located<Errors>>>>,
    /// The group whose figure it is [default: it is the server's]
    pub(super) clients: Option<Located<String>>,
    /// The figure.
    #[schemars(schema_with = "figure_schema")]
    pub(super) figure: Located<String>,
    /// The least it may be.
    pub(super) at_least: Option<Located<Amount>>,
    /// The most it may be.
    pub(super) at_most: Option<Located<Amount>>,
    /// What it must be exactly.
    pub(super) equals: Option<Located<Amount>>,
}

/// A count (5), a size ("64 KiB") or a time ("200 ms"), as the figure wants
/// it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "this cannot stand here; write a count, a size or a time, \
                 such as 5, \"64 KiB\" or \"200 ms\""
)]
pub(super) enum Amount {
    Number(u64),
    Text(String),
}

/// A value and where it stands in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Located<T>(pub(super) toml::Spanned<T>);

/// In a schema a place is invisible.
impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T> Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.get_ref()
    }
}

impl<'de> Deserialize<'de> for ReadingEntry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ReadingVisitor)
    }
}

struct ReadingVisitor;

impl<'de> Visitor<'de> for ReadingVisitor {
    type Value = ReadingEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"eager\", \"stopped\" or { bytes = ..., every = ... }")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<ReadingEntry, E> {
        match word {
            "eager" => Ok(ReadingEntry::Eager),
            "stopped" => Ok(ReadingEntry::Stopped),
            _ => Err(E::unknown_variant(word, &["eager", "stopped"])),
        }
    }

    fn visit_map<A: MapAccess<'de>>(
        self,
        map: A,
    ) -> Result<ReadingEntry, A::Error> {
        SlowEntry::deserialize(MapAccessDeserializer::new(map))
            .map(ReadingEntry::Slow)
    }
}

impl JsonSchema for ReadingEntry {
    fn schema_name() -> Cow<'static, str> {
        "Reading".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let slow = generator.subschema_for::<SlowEntry>();
        json_schema!({
            "description": "How a client reads.",
            "anyOf": [{ "type": "string", "enum": ["eager", "stopped"] }, slow],
        })
    }
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
