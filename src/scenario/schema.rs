//! The form of a scenario file as a JSON Schema.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Value, json};

use super::file::File;

/// The JSON Schema of scenario files (draft 7, which editors know).
#[must_use]
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
