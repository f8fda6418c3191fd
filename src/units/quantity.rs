//! Sizes and times, which are spelled alike in scenario files, on the command
//! line, in recordings and in JSON.

use super::grammar::{SIZES, TIMES};
use super::{
    UnitError, nanoseconds, parse_size, parse_time, show_size_exactly,
};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A count (5), a size ("64 KiB") or a time ("200 ms").
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(transform = of_a_unit)]
#[serde(
    untagged,
    expecting = "this cannot stand here; write a count, a size or a time, \
                 such as 5, \"64 KiB\" or \"200 ms\""
)]
pub enum WrittenQuantity {
    /// A number without a unit.
    Number(u64),
    /// A number with a unit.
    Text(String),
}

/// A number of bytes: "64 KiB", "1 MiB", "64 MB", "512 B" or a plain number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Deserialize, JsonSchema)]
#[serde(try_from = "WrittenQuantity")]
#[schemars(with = "String", extend(
    "type" = ["string", "integer"],
    "minimum" = 0,
    "pattern" = SIZES.pattern(),
))]
pub struct Size(pub u64);

/// A time with its unit: "200 ms", "1.5 s", "2 min". At most a day. Zero needs
/// no unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[derive(Deserialize, JsonSchema)]
#[serde(try_from = "WrittenQuantity")]
#[schemars(with = "String", extend(
    "type" = ["string", "integer"],
    "minimum" = 0,
    "maximum" = 0,
    "pattern" = TIMES.pattern(),
))]
pub struct Time(pub Duration);

/// Makes the schema of a written quantity refuse texts that are neither a size
/// nor a time.
fn of_a_unit(schema: &mut Schema) {
    let text = |pattern| json!({ "type": "string", "pattern": pattern });
    let number = json!({ "type": "integer", "minimum": 0 });
    let units = [text(SIZES.pattern()), text(TIMES.pattern())];
    schema.insert("anyOf".to_owned(), json!([number, units[0], units[1]]));
}

/// Makes the schema of a size or a time refuse zero.
pub fn above_zero(schema: &mut Schema) {
    schema.insert("minimum".to_owned(), json!(1));
    let zero = json!({ "type": "string", "pattern": "^[^1-9]*$" });
    schema.insert("not".to_owned(), zero);
}

impl Size {
    /// The size as a length in memory; `usize::MAX` if it does not fit.
    pub fn bytes(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// Shows it in the largest binary unit in which it is whole: `64 KiB`.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&show_size_exactly(self.0))
    }
}

/// Shows it in the largest unit in which it is whole: `1500 ms`.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(&str, u64); 3] =
            [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)];
        let ns = nanoseconds(self.0);
        let whole = |(_, size): &&(&str, u64)| ns.is_multiple_of(*size);
        let (unit, size) = UNITS.iter().find(whole).unwrap_or(&("ns", 1));
        write!(f, "{} {unit}", ns / size)
    }
}

impl FromStr for Size {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse_size(text).map(Self)
    }
}

impl FromStr for Time {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse_time(text).map(Self)
    }
}

impl Serialize for Size {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl TryFrom<WrittenQuantity> for Size {
    type Error = UnitError;

    fn try_from(written: WrittenQuantity) -> Result<Self, UnitError> {
        match written {
            WrittenQuantity::Number(bytes) => Ok(Self(bytes)),
            WrittenQuantity::Text(text) => text.parse(),
        }
    }
}

impl TryFrom<WrittenQuantity> for Time {
    type Error = UnitError;

    fn try_from(written: WrittenQuantity) -> Result<Self, UnitError> {
        match written {
            WrittenQuantity::Number(it) => it.to_string().parse(),
            WrittenQuantity::Text(text) => text.parse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_read_again() {
        let times = [
            (0, "0 s"),
            (2_000_000_000, "2 s"),
            (1_500_000_000, "1500 ms"),
            (7, "7 ns"),
        ];
        for (ns, text) in times {
            let time = Time(Duration::from_nanos(ns));
            assert_eq!(time.to_string(), text);
            assert_eq!(text.parse(), Ok(time));
        }
    }
}
