//! Whether a JSON value is as its schema says.

use serde_json::{Value, json};

/// Checks a value; a field that the schema does not name is an error too.
pub(crate) fn check(value: &Value, schema: &Value) -> Result<(), String> {
    let mut schema = schema.clone();
    allow_known_fields_only(&mut schema);
    let validator =
        jsonschema::validator_for(&schema).map_err(|it| it.to_string())?;
    let errors = validator.iter_errors(value);
    let errors = errors.map(|it| format!("{}: {it}", it.instance_path()));
    let errors: Vec<_> = errors.collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

fn allow_known_fields_only(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("type") == Some(&json!("object"))
                && !fields.contains_key("additionalProperties")
            {
                fields.insert("unevaluatedProperties".into(), json!(false));
            }
            fields.values_mut().for_each(allow_known_fields_only);
        }
        Value::Array(all) => all.iter_mut().for_each(allow_known_fields_only),
        _ => {}
    }
}
