//! What a size and a time look like: one list of units each, from which both
//! the reader and the regular expression for JSON Schemas are made.

use super::LONGEST_TIME;
use itertools::Itertools as _;

/// Quantities of one kind: a number and a unit, with spaces around them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grammar {
    /// The units and their sizes in base units.
    pub(super) units: &'static [(&'static str, u64)],
    /// Whether `kib` means `KiB`.
    pub(super) ignores_case: bool,
    /// The largest number that may stand before a unit of this size.
    pub(super) most: fn(u64) -> u64,
}

/// Sizes, in bytes; they are shown in the first [`BINARY`](super::BINARY) of
/// these units.
pub(super) const SIZES: Grammar = Grammar {
    units: &[
        ("B", 1),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("TB", 1_000_000_000_000),
        ("", 1),
    ],
    ignores_case: true,
    most: |unit| match unit {
        1 => u64::MAX,
        // A power of ten, so that the expression counts digits alone.
        _ => 10_u64.pow((u64::MAX / unit).ilog10()),
    },
};

/// Times, in nanoseconds.
pub(super) const TIMES: Grammar = Grammar {
    units: &[
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("min", 60_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
        // Zero needs no unit.
        ("", LONGEST_TIME.as_secs() * 1_000_000_000 + 1),
    ],
    ignores_case: false,
    most: |unit| LONGEST_TIME.as_secs() * 1_000_000_000 / unit,
};

/// The most digits behind a decimal point, and expressions for them and for
/// zeros in their place.
const MOST_PLACES: usize = 9;
const PLACES: &str = "(\\.[0-9]{1,9})?";
const ZEROS: &str = "(\\.0{1,9})?";

/// Why a text is not a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misread {
    NotOne,
    TooLarge,
}

/// A number and its unit.
struct Part<'a> {
    whole: u128,
    /// The digits behind the decimal point; empty without one.
    places: &'a str,
    unit: u64,
}

impl Grammar {
    /// The quantity in base units, rounded to a whole one. A number of hours or
    /// minutes may be followed by one of minutes or seconds: `3 min 05 s`.
    pub(super) fn read(self, text: &str) -> Result<u64, Misread> {
        let (first, rest) = self.part(text.trim_matches(' '))?;
        let Part { whole, places, unit } = first;
        let most = u128::from((self.most)(unit));
        let mut zeros = places.bytes().all(|digit| digit == b'0');
        let mut sum = whole.saturating_mul(unit.into());
        if !rest.is_empty() {
            let (second, rest) = self.part(rest)?;
            let is_sixtieth = second.unit.checked_mul(60) == Some(unit);
            let are_whole = places.is_empty() && second.places.is_empty();
            let is_part = is_sixtieth && are_whole && second.whole < 60;
            if !is_part || !rest.is_empty() {
                return Err(Misread::NotOne);
            }
            zeros = false;
            sum = sum.saturating_add(second.whole * u128::from(second.unit));
        } else if !places.is_empty() {
            let scale = 10_u128.pow(u32::try_from(places.len()).unwrap_or(0));
            let places: u128 = places.parse().unwrap_or(0);
            let parts = (places * u128::from(unit) + scale / 2) / scale;
            sum = sum.saturating_add(parts);
        }
        match u64::try_from(sum) {
            Ok(sum) if whole < most || whole == most && zeros => Ok(sum),
            _ if most == 0 => Err(Misread::NotOne),
            _ => Err(Misread::TooLarge),
        }
    }

    /// The first part of a text, and the rest of the text.
    fn part(self, text: &str) -> Result<(Part<'_>, &str), Misread> {
        let cut = |text: &'_ str, is_end: fn(char) -> bool| {
            text.find(is_end).unwrap_or(text.len())
        };
        let end = cut(text, |it| !it.is_ascii_digit() && it != '.');
        let (number, rest) = text.split_at(end);
        let rest = rest.trim_start_matches(' ');
        let end = cut(rest, |it| it.is_ascii_digit() || it == ' ');
        let (name, rest) = rest.split_at(end);
        let is_meant = |it: &&(&str, u64)| {
            it.0 == name || self.ignores_case && it.0.eq_ignore_ascii_case(name)
        };
        let unit = self.units.iter().find(is_meant);
        let &(name, unit) = unit.ok_or(Misread::NotOne)?;
        let (whole, places) = number.split_once('.').unwrap_or((number, ""));
        let has_places = number.contains('.');
        // A base unit has no parts.
        let may_have_places = unit != 1 && !name.is_empty();
        if whole.is_empty()
            || has_places && (places.is_empty() || !may_have_places)
            || places.len() > MOST_PLACES
            || places.contains('.')
        {
            return Err(Misread::NotOne);
        }
        // Digits that are no number are more than fit; `read` says so.
        let whole = whole.parse().unwrap_or(u128::MAX);
        Ok((Part { whole, places, unit }, rest.trim_start_matches(' ')))
    }

    /// A regular expression for the same texts, in the dialect of JSON Schema.
    pub(super) fn pattern(self) -> String {
        let groups = self.units.iter().into_group_map_by(|(name, unit)| {
            ((self.most)(*unit), *unit == 1 || name.is_empty())
        });
        let groups = groups.into_iter().sorted_by_key(|(key, _)| *key).rev();
        let groups = groups.map(|((most, is_whole), units)| {
            let places = if is_whole { "" } else { PLACES };
            let zeros = if is_whole { "" } else { ZEROS };
            let below = below(most).map(|it| format!("({it}){places}|"));
            let below = below.unwrap_or_default();
            let names = self.names_pattern(|it| units.contains(&it));
            format!("({below}{most}{zeros}) *({names})")
        });
        let sixties = self.units.iter().unique_by(|it| it.1);
        let sixties = sixties.filter_map(|&(_, unit)| {
            let sixtieth =
                |it: &(&str, u64)| it.1.checked_mul(60) == Some(unit);
            let second = self.names_pattern(sixtieth);
            let first = self.names_pattern(|it| it.1 == unit);
            let (most, sixty) = (below((self.most)(unit))?, below(60)?);
            let is_one = self.units.iter().any(sixtieth);
            is_one.then(|| {
                format!("({most}) *({first}) *0*({sixty}) *({second})")
            })
        });
        let all = groups.chain(sixties).collect_vec();
        format!("^ *0*({}) *$", all.join("|"))
    }

    fn names_pattern(self, is_meant: impl Fn(&(&str, u64)) -> bool) -> String {
        let names = self.units.iter().filter(|it| is_meant(it));
        names.map(|(name, _)| self.name_pattern(name)).join("|")
    }

    fn name_pattern(self, name: &str) -> String {
        if !self.ignores_case {
            return name.to_owned();
        }
        let letters = name.chars().map(|it| {
            format!("[{}{}]", it.to_ascii_uppercase(), it.to_ascii_lowercase())
        });
        letters.collect()
    }
}

/// A regular expression for the whole numbers below this one, of which zeros
/// may always lead; `None` if there is none.
fn below(end: u64) -> Option<String> {
    let digits = end.to_string();
    let shorter = match digits.len() - 1 {
        0 => None,
        1 => Some("[0-9]".to_owned()),
        most => Some(format!("[0-9]{{1,{most}}}")),
    };
    let same_start = digits.char_indices().filter_map(|(place, digit)| {
        let least = if place == 0 && digits.len() > 1 { '1' } else { '0' };
        let most = char::from_digit(digit.to_digit(10)?.checked_sub(1)?, 10)?;
        let start = &digits[..place];
        let own = match least {
            _ if least > most => return None,
            _ if least == most => least.to_string(),
            _ => format!("[{least}-{most}]"),
        };
        let rest = match digits.len() - 1 - place {
            0 => String::new(),
            1 => "[0-9]".to_owned(),
            count => format!("[0-9]{{{count}}}"),
        };
        Some(format!("{start}{own}{rest}"))
    });
    let all = shorter.into_iter().chain(same_start).join("|");
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Size, Time};
    use proptest::prelude::*;
    use schemars::{JsonSchema, schema_for};
    use serde_json::json;

    fn validator<T: JsonSchema>() -> jsonschema::Validator {
        let schema = serde_json::to_value(schema_for!(T)).expect("JSON");
        jsonschema::validator_for(&schema).expect("a schema")
    }

    /// Texts that are quantities or nearly so: numbers around every limit, all
    /// units in any case, and too much or too little of everything.
    fn written(grammar: Grammar) -> impl Strategy<Value = String> {
        let units = grammar.units.iter().map(|it| it.0.to_owned());
        let units: Vec<_> = units.chain(["K".into(), "x".into()]).collect();
        let limits = grammar.units.iter().flat_map(|(_, unit)| {
            let most = (grammar.most)(*unit);
            [most.saturating_sub(1), most, most.saturating_add(1)]
        });
        let limits: Vec<_> = limits.map(|it| it.to_string()).collect();
        let number = prop_oneof![
            "0{0,3}",
            "[0-9]{1,22}",
            prop::sample::select(limits),
            "-?[0-9]{1,3}",
        ];
        let places = prop_oneof!["", "(\\.[0-9]{0,11})?", "\\.0{1,9}"];
        let case = prop_oneof![Just(0), Just(0), Just(1), Just(2)];
        let more = prop_oneof!["", "", " ?[0-9]{1,2} ?(s|min|B|ms)"];
        let parts = (" {0,2}0?", number, places, "[ \t]{0,2}", more);
        (parts, prop::sample::select(units), case, " {0,2}").prop_map(
            |((lead, number, places, space, more), unit, case, end)| {
                let unit = match case {
                    0 => unit,
                    1 => unit.to_uppercase(),
                    _ => unit.to_lowercase(),
                };
                [lead, number, places, space, unit, more, end].concat()
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_schema_accepts_a_size_exactly_if_it_is_read(
            text in prop_oneof![written(SIZES), any::<String>()],
        ) {
            thread_local!(static SIZE: jsonschema::Validator = validator::<Size>());
            let accepted = SIZE.with(|it| it.is_valid(&json!(text)));
            prop_assert_eq!(accepted, text.parse::<Size>().is_ok(), "{}", text);
        }

        #[test]
        fn the_schema_accepts_a_time_exactly_if_it_is_read(
            text in prop_oneof![written(TIMES), any::<String>()],
        ) {
            thread_local!(static TIME: jsonschema::Validator = validator::<Time>());
            let accepted = TIME.with(|it| it.is_valid(&json!(text)));
            prop_assert_eq!(accepted, text.parse::<Time>().is_ok(), "{}", text);
        }
    }

    #[test]
    fn numbers_below_a_limit_are_counted_by_their_digits() {
        assert_eq!(below(24).as_deref(), Some("[0-9]|1[0-9]|2[0-3]"));
        assert_eq!(below(1_000).as_deref(), Some("[0-9]{1,3}"));
        assert_eq!(below(0), None);
    }
}
