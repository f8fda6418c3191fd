//! Single values: whether they can be what they are meant to be.

use std::time::Duration;

use super::diagnostic::Fault;
use super::quantity::{At, Count};
use crate::units::{Size, Time, show_size_exactly};

/// A count from 1 to `most`.
pub(super) fn count<T: TryFrom<u64>>(
    written: &At<Count>,
    most: u64,
) -> Result<T, Fault> {
    number(written, written.value.0, most, |value| value.to_string())
}

/// A size from 1 byte to `most`.
pub(super) fn size<T: TryFrom<u64>>(
    written: &At<Size>,
    most: u64,
) -> Result<T, Fault> {
    number(written, written.value.0, most, show_size_exactly)
}

fn number<T: TryFrom<u64>, V>(
    written: &At<V>,
    value: u64,
    most: u64,
    show: impl Fn(u64) -> String,
) -> Result<T, Fault> {
    let above = || {
        Fault::at(written, format!("{} is too much", show(value)))
            .help(format!("write at most {}", show(most)))
    };
    match value {
        0 => Err(zero(written, &show(1))),
        _ if value > most => Err(above()),
        _ => T::try_from(value).map_err(|_| above()),
    }
}

/// A time that is not zero.
pub(super) fn positive_time(written: &At<Time>) -> Result<Duration, Fault> {
    match written.value.0 {
        Duration::ZERO => Err(zero(written, "1 ns")),
        time => Ok(time),
    }
}

fn zero<V>(written: &At<V>, least: &str) -> Fault {
    Fault::at(written, "this cannot be zero")
        .help(format!("write at least {least}"))
}

/// A text that is shown on a terminal: not empty, no control characters.
pub(super) fn sentence(written: &At<String>) -> Result<String, Fault> {
    let text = written.value.trim();
    if text.is_empty() {
        return Err(Fault::at(written, "an empty sentence")
            .help("say what is to be seen"));
    }
    if text.contains(char::is_control) {
        return Err(Fault::at(written, "a sentence with control characters")
            .help("write it in one line"));
    }
    Ok(text.to_owned())
}

/// A name that needs no quoting anywhere.
pub(super) fn name(written: &At<String>) -> Result<String, Fault> {
    let text = &written.value;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.is_empty() || text.len() > 32 || !text.chars().all(plain) {
        return Err(Fault::at(written, "not a name").help(
            "a name is up to 32 letters, digits, `-` and `_`, such as \
             \"talker\"",
        ));
    }
    Ok(text.clone())
}
