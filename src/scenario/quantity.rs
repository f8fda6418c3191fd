//! The values of a scenario file: counts, sizes and times, and where each
//! stands.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::units::UnitError;

/// A value and the bytes of the file that it was read from.
#[derive(Clone, Debug)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let spanned = toml::Spanned::<T>::deserialize(from)?;
        let span = spanned.span();
        Ok(Self { value: spanned.into_inner(), span })
    }
}

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

/// A number of things.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count(pub(super) u64);

/// A count, a size or a time, as written: which of them it must be depends
/// on what it is compared with.
#[derive(Clone, Debug)]
pub(super) enum Amount {
    Number(u64),
    Text(String),
}

/// What can be read from a number or from a text.
trait Quantity: Sized {
    /// What is expected, as in "expected a time".
    const WHAT: &str;

    /// The value of a plain number, if it has one.
    fn from_number(number: u64) -> Option<Self>;

    /// The value of a text, if texts have one at all.
    fn from_text(text: &str) -> Option<Result<Self, UnitError>>;
}

impl Quantity for Count {
    const WHAT: &str = "a whole number, such as 5";

    fn from_number(number: u64) -> Option<Self> {
        Some(Self(number))
    }

    fn from_text(_: &str) -> Option<Result<Self, UnitError>> {
        None
    }
}

impl Quantity for Amount {
    const WHAT: &str = "a count, a size or a time, such as 5, \"64 KiB\" or \
                        \"200 ms\"";

    fn from_number(number: u64) -> Option<Self> {
        Some(Self::Number(number))
    }

    fn from_text(text: &str) -> Option<Result<Self, UnitError>> {
        Some(Ok(Self::Text(text.to_owned())))
    }
}

struct QuantityVisitor<T>(PhantomData<T>);

impl<T: Quantity> Visitor<'_> for QuantityVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        let wrong = || wrong_value(&format!("`{number}`"), T::WHAT);
        u64::try_from(number).ok().and_then(T::from_number).ok_or_else(wrong)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::from_text(text)
            .ok_or_else(|| wrong_value(&format!("{text:?}"), T::WHAT))?
            .map_err(E::custom)
    }
}

/// The one form of "this, but that was expected", see `diagnostic.rs`.
fn wrong_value<E: Error>(found: &str, wanted: &str) -> E {
    E::custom(format_args!("{found} cannot stand here; write {wanted}"))
}

macro_rules! deserialize_quantity {
    ($($quantity:ident),*) => {$(
        impl<'de> Deserialize<'de> for $quantity {
            fn deserialize<D: Deserializer<'de>>(
                from: D,
            ) -> Result<Self, D::Error> {
                from.deserialize_any(QuantityVisitor(PhantomData))
            }
        }
    )*};
}

deserialize_quantity!(Count, Amount);

macro_rules! quantity_schema {
    ($($quantity:ident: $schema:tt),*) => {$(
        impl JsonSchema for $quantity {
            fn schema_name() -> Cow<'static, str> {
                stringify!($quantity).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    )*};
}

quantity_schema! {
    Count: {
        "description": "A whole number.",
        "type": "integer",
        "minimum": 0
    },
    Amount: {
        "description": "A count (5), a size (\"64 KiB\") or a time \
                        (\"200 ms\"), as the figure wants it.",
        "type": ["string", "integer"],
        "minimum": 0,
        "pattern": "^ *[0-9]+(\\.[0-9]+)? *[a-zA-Zµ]*.*$"
    }
}
