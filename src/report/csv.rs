//! A report as one rectangular table: a figure a row.

use super::{Error, Report};
use crate::text::clean;
use serde_json::{Map, Value};

pub(super) const HEADINGS: [&str; 5] =
    ["section", "item", "figure", "unit", "value"];

/// The parts of a report in the order in which they are told.
const SECTIONS: [&str; 15] = [
    "schema_version",
    "conditions",
    "outcome",
    "interventions",
    "run_time_ns",
    "phases",
    "deadline_at_ns",
    "server",
    "sockets",
    "sockets_not_listed",
    "lines",
    "clients",
    "checks",
    "findings",
    "events_lost",
];

/// The fields by which a row of a list is known.
const NAMES: [&str; 4] = ["id", "name", "says", "phase"];

/// The report as CSV with the columns `section,item,figure,unit,value`. A
/// figure that the system cannot tell has an empty value.
///
/// # Errors
/// What serialization reports; plain values give it no cause.
pub fn csv(report: &Report) -> Result<String, Error> {
    let mut sheet = Sheet { csv: ::csv::Writer::from_writer(Vec::new()) };
    sheet.csv.write_record(HEADINGS)?;
    let report = serde_json::to_value(report)?;
    for section in SECTIONS {
        match &report[section] {
            value @ (Value::Object(_) | Value::Array(_)) => {
                sheet.add(&Place::section(section), value)?;
            }
            value => {
                sheet.add(&Place::section("run").figure(section), value)?;
            }
        }
    }
    sheet.text()
}

/// Where a value belongs.
#[derive(Clone, Default)]
struct Place {
    section: String,
    item: String,
    figure: String,
}

impl Place {
    fn section(section: &str) -> Self {
        Self { section: section.into(), ..Self::default() }
    }

    /// A figure of this one: `echo_time.p50_ns`.
    fn figure(&self, name: &str) -> Self {
        let dot = if self.figure.is_empty() { "" } else { "." };
        let figure = format!("{}{dot}{name}", self.figure);
        Self { figure, ..self.clone() }
    }

    /// A row of a list; what it is called takes the place of its list.
    fn item(&self, item: String, is_row: bool) -> Self {
        let figure = if is_row { "" } else { &self.figure };
        Self { section: self.section.clone(), item, figure: figure.into() }
    }
}

struct Sheet {
    csv: ::csv::Writer<Vec<u8>>,
}

impl Sheet {
    fn add(&mut self, place: &Place, value: &Value) -> Result<(), Error> {
        match value {
            Value::Object(fields) => self.add_fields(place, fields),
            Value::Array(rows) => self.add_rows(place, rows),
            value => self.add_figure(place, value),
        }
    }

    fn add_fields(
        &mut self,
        place: &Place,
        fields: &Map<String, Value>,
    ) -> Result<(), Error> {
        fields
            .iter()
            .try_for_each(|(name, value)| self.add(&place.figure(name), value))
    }

    fn add_rows(&mut self, place: &Place, rows: &[Value]) -> Result<(), Error> {
        for (number, row) in rows.iter().enumerate() {
            let name = name_of(row, number + 1);
            self.add(&place.item(name, row.is_object()), row)?;
        }
        Ok(())
    }

    fn add_figure(
        &mut self,
        place: &Place,
        value: &Value,
    ) -> Result<(), Error> {
        let (figure, unit) = unit_of(&place.figure, value);
        let value = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let record = [&place.section, &place.item, figure, unit, &value];
        self.csv.write_record(record.map(clean))?;
        Ok(())
    }

    fn text(self) -> Result<String, Error> {
        text(self.csv)
    }
}

/// The text of a sheet that is complete.
pub(super) fn text(sheet: ::csv::Writer<Vec<u8>>) -> Result<String, Error> {
    let bytes = sheet.into_inner().map_err(|error| {
        ::csv::Error::from(std::io::Error::from(error.error().kind()))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a row is called: by its name, else by its line, else by its number.
fn name_of(row: &Value, number: usize) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    if let Some(name) = NAMES.iter().find_map(|name| row.get(name)) {
        return text(name);
    }
    let call = row.get("call").map(text);
    match (row.get("file"), row.get("line"), call) {
        (Some(file), Some(line), Some(call)) => {
            format!("{}:{line} {call}", text(file))
        }
        (_, _, Some(call)) => call,
        _ => number.to_string(),
    }
}

/// A field's name without its unit, and the unit.
pub(super) fn unit_of<'a>(
    field: &'a str,
    value: &Value,
) -> (&'a str, &'static str) {
    if let Some(name) = field.strip_suffix("_ns") {
        return (name, "ns");
    }
    if let Some(name) = field.strip_suffix("_bytes") {
        return (name, "bytes");
    }
    let last = field.rsplit('.').next().unwrap_or(field);
    let unit = match (last, value) {
        ("bytes" | "bytes_in" | "bytes_out" | "mismatches", _) => "bytes",
        ("id" | "line" | "schema_version", _) => "",
        (_, Value::Number(_)) => "count",
        _ => "",
    };
    (field, unit)
}
