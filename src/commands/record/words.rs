//! How a recording went, in words.

use crate::error::cause_in_words;
use crate::recording::Recorded;
use crate::units::{show_count, show_size, show_time};

/// `recorded run.rec: 1.20 MiB, 123,456 events, 6.1 bytes each, none lost`
pub(super) fn in_words(path: &str, went: &Recorded) -> String {
    let start = match &went.failure {
        None => format!("recorded {path}:"),
        Some((at, error)) => format!(
            "the recording {path} ends {} after the start: {}; it has",
            show_time(*at),
            cause_in_words(error)
        ),
    };
    let (size, events) = (show_size(went.bytes), show_count(went.events));
    let each = match went.events {
        0 => String::new(),
        events => {
            format!(", {} bytes each", tenths(went.bytes_of_records, events))
        }
    };
    let lost = match went.lost {
        0 if went.failure.is_some() => "nothing of what came later".to_owned(),
        0 => "none lost".to_owned(),
        lost => format!("{} lost for want of room", show_count(lost)),
    };
    let payloads = match went.payloads_lost {
        0 => String::new(),
        lost => format!(", {} payloads lost", show_count(lost)),
    };
    format!("{start} {size}, {events} events{each}, {lost}{payloads}")
}

/// A ratio with one digit behind the point.
fn tenths(part: u64, whole: u64) -> String {
    let tenths = part.saturating_mul(10) / whole;
    format!("{}.{}", tenths / 10, tenths % 10)
}
