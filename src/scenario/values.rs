//! Single values: whether they can be what they are meant to be.

use std::time::Duration;

use super::diagnostic::ScenarioFault;
use super::quantity::{Count, Located};
use crate::units::{Size, Time, show_size_exactly};

/// A count from 1 to `most`.
pub(super) fn count<T: TryFrom<u64>>(
    written: &Located<Count>,
    most: u64,
) -> Result<T, ScenarioFault> {
    number(written, written.value.0, most, |value| value.to_string())
}

/// A size from 1 byte to `most`.
pub(super) fn size<T: TryFrom<u64>>(
    written: &Located<Size>,
    most: u64,
) -> Result<T, ScenarioFault> {
    number(written, written.value.0, most, show_size_exactly)
}

fn number<T: TryFrom<u64>, V>(
    written: &Located<V>,
    value: u64,
    most: u64,
    show: impl Fn(u64) -> String,
) -> Result<T, ScenarioFault> {
    let above = || {
        ScenarioFault::at(written, format!("{} is too much", show(value)))
            .help(format!("write at most {}", show(most)))
    };
    match value {
        0 => Err(zero(written, &show(1))),
        _ if value > most => Err(above()),
        _ => T::try_from(value).map_err(|_| above()),
    }
}

/// A time that is not zero.
pub(super) fn positive_time(
    written: &Located<Time>,
) -> Result<Duration, ScenarioFault> {
    match written.value.0 {
        Duration::ZERO => Err(zero(written, "1 ns")),
        time => Ok(time),
    }
}

fn zero<V>(written: &Located<V>, least: &str) -> ScenarioFault {
    ScenarioFault::at(written, "this cannot be zero")
        .help(format!("write at least {least}"))
}

/// A text that is shown on a terminal: not empty, no control characters.
pub(super) fn sentence(
    written: &Located<String>,
) -> Result<String, ScenarioFault> {
    let text = written.value.trim();
    if text.is_empty() {
        return Err(ScenarioFault::at(written, "an empty sentence")
            .help("say what is to be seen"));
    }
    if text.contains(char::is_control) {
        return Err(ScenarioFault::at(
            written,
            "a sentence with control characters",
        )
        .help("write it in one line"));
    }
    Ok(text.to_owned())
}

/// A name that needs no quoting anywhere.
pub(super) fn name(written: &Located<String>) -> Result<String, ScenarioFault> {
    let text = &written.value;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.is_empty() || text.len() > 32 || !text.chars().all(plain) {
        return Err(ScenarioFault::at(written, "not a name").help(
            "a name is up to 32 letters, digits, `-` and `_`, such as \
             \"talker\"",
        ));
    }
    Ok(text.clone())
}
