//! Whether a JSON value is as its schema says: so much of JSON Schema as
//! derived schemas use, and an error for whatever else they might.

use serde_json::Value;

/// Checks a value.
pub(crate) fn check(value: &Value, schema: &Value) -> Result<(), String> {
    at("", value, schema, schema)
}

/// What is understood; what only describes is among it.
const KEYWORDS: [&str; 18] = [
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "default",
    "format",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "anyOf",
    "oneOf",
    "const",
];

const MORE: [&str; 4] = ["enum", "minimum", "maximum", "pattern"];

type Checked = Result<(), String>;

fn at(path: &str, value: &Value, schema: &Value, root: &Value) -> Checked {
    let Value::Object(rules) = schema else {
        return match schema {
            Value::Bool(true) => Ok(()),
            _ => Err(format!("{path}: nothing is allowed here")),
        };
    };
    rules.iter().try_for_each(|(keyword, rule)| {
        let known = KEYWORDS.iter().chain(&MORE).any(|it| it == keyword);
        if !known {
            return Err(format!("{path}: {keyword} is not understood"));
        }
        keep(path, value, (keyword, rule), root)
    })?;
    fields(path, value, schema, root)
}

fn keep(
    path: &str,
    value: &Value,
    (keyword, rule): (&str, &Value),
    root: &Value,
) -> Checked {
    let holds = match keyword {
        "$ref" => {
            let pointer = rule.as_str().unwrap().trim_start_matches('#');
            return at(path, value, root.pointer(pointer).unwrap(), root);
        }
        "type" => is_of_type(value, rule),
        "anyOf" | "oneOf" => {
            let mut options = rule.as_array().unwrap().iter();
            options.any(|it| at(path, value, it, root).is_ok())
        }
        "const" => value == rule,
        "enum" => rule.as_array().unwrap().contains(value),
        "minimum" => !value.is_number() || value.as_f64() >= rule.as_f64(),
        "maximum" => value.as_f64() <= rule.as_f64(),
        "minItems" => value.as_array().map(Vec::len) >= length(rule),
        "maxItems" => value.as_array().map(Vec::len) <= length(rule),
        _ => true,
    };
    if holds {
        Ok(())
    } else {
        Err(format!("{path}: {keyword} {rule}: {value}"))
    }
}

fn length(rule: &Value) -> Option<usize> {
    rule.as_u64().and_then(|it| usize::try_from(it).ok())
}

fn is_of_type(value: &Value, rule: &Value) -> bool {
    if let Some(either) = rule.as_array() {
        return either.iter().any(|it| is_of_type(value, it));
    }
    match rule.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}

/// The fields of an object and the entries of an array.
fn fields(path: &str, value: &Value, schema: &Value, root: &Value) -> Checked {
    match value {
        Value::Object(fields) if schema["type"] == "object" => {
            for name in schema["required"].as_array().into_iter().flatten() {
                if !fields.contains_key(name.as_str().unwrap()) {
                    return Err(format!("{path}: {name} is missing"));
                }
            }
            fields.iter().try_for_each(|(name, value)| {
                let path = format!("{path}/{name}");
                let others = schema.get("additionalProperties");
                let others = others.filter(|rule| rule.is_object());
                match schema["properties"].get(name).or(others) {
                    Some(rule) => at(&path, value, rule, root),
                    None => Err(format!("{path} is not in the schema")),
                }
            })
        }
        Value::Array(rows) => {
            let fixed = schema["prefixItems"].as_array();
            rows.iter().enumerate().try_for_each(|(index, value)| {
                let path = format!("{path}/{index}");
                let own = fixed.and_then(|rules| rules.get(index));
                match own.or(schema.get("items")) {
                    Some(rule) => at(&path, value, rule, root),
                    None => Ok(()),
                }
            })
        }
        _ => Ok(()),
    }
}

#[test]
fn what_differs_from_a_schema_is_found() {
    let schema = serde_json::json!({
        "type": "object",
        "properties": {
            "n": { "type": ["integer", "null"], "minimum": 0 },
            "pairs": {
                "type": "array",
                "items": {
                    "type": "array", "minItems": 2, "maxItems": 2,
                    "prefixItems": [{ "const": "a" }, { "enum": [1, 2] }],
                },
            },
        },
        "required": ["n"],
    });
    let fits = |value: Value| check(&value, &schema).is_ok();
    assert!(fits(serde_json::json!({ "n": 3, "pairs": [["a", 2]] })));
    assert!(fits(serde_json::json!({ "n": null })));
    let wrong = [
        serde_json::json!({}),
        serde_json::json!({ "n": -1 }),
        serde_json::json!({ "n": "3" }),
        serde_json::json!({ "n": 3, "m": 3 }),
        serde_json::json!({ "n": 3, "pairs": [["b", 2]] }),
        serde_json::json!({ "n": 3, "pairs": [["a", 3]] }),
        serde_json::json!({ "n": 3, "pairs": [["a"]] }),
    ];
    for value in wrong {
        assert!(!fits(value.clone()), "{value}");
    }
}
