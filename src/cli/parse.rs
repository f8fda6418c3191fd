//! Words of the command line as values.

use super::SpeedArg;
use crate::probe::Speed;
use crate::units::{parse_size, parse_time};
use std::time::Duration;

/// As much of each transfer as a recording keeps, at most.
const LARGEST_PAYLOAD: usize = 16 * 1024;

pub(super) fn payload(text: &str) -> Result<usize, String> {
    match parse_size(text) {
        Ok(size) if size > LARGEST_PAYLOAD => {
            Err("wanted at most 16 KiB".to_owned())
        }
        Ok(size) => Ok(size),
        Err(error) => Err(error.to_string()),
    }
}

pub(super) fn columns_and_rows(text: &str) -> Result<(u16, u16), String> {
    let both = text.split_once('x');
    let both = both.and_then(|(columns, rows)| {
        Some((columns.parse().ok()?, rows.parse().ok()?))
    });
    both.ok_or_else(|| "wanted COLSxROWS, such as 120x40".to_owned())
}

pub(super) fn some_time(text: &str) -> Result<Duration, String> {
    match parse_time(text) {
        Ok(Duration::ZERO) => Err("wanted more than no time".to_owned()),
        Ok(time) => Ok(time),
        Err(error) => Err(error.to_string()),
    }
}

pub(super) fn speed(text: &str) -> Result<SpeedArg, String> {
    if text == "step" {
        return Ok(SpeedArg::Step);
    }
    let speed = text.parse().ok().and_then(Speed::of_factor);
    speed.map(SpeedArg::At).ok_or_else(|| {
        format!(
            "wanted a number from {} (one call in 2 s) to 1 (full speed), or \
             `step`",
            Speed::SMALLEST_FACTOR
        )
    })
}

pub(super) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("wanted a whole number from 1".to_owned()),
        Ok(number) => Ok(number),
    }
}
