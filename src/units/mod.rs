//! Numbers, sizes and times as people write and read them.

mod digits;
mod grammar;
mod nanos;
mod quantity;
mod read;
mod show;

pub use digits::{Scale, show_brief, show_digits, show_interval};
pub use nanos::Nanos;
pub use quantity::{Size, Time, WrittenQuantity, above_zero};
pub use read::{LONGEST_TIME, UnitError, parse_size, parse_time};
pub use show::{
    plural, show_clock, show_count, show_elapsed, show_percent, show_short,
    show_size, show_size_exactly, show_time, show_time_ns,
};

use std::time::Duration;

/// How many of the units of sizes, from the first, are powers of 1,024.
const BINARY: usize = 5;

/// A time as whole nanoseconds; it saturates at 584 years.
pub fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// The quotient of two numbers, exact to 53 bits, of which a few digits are
/// shown.
#[expect(clippy::cast_precision_loss, reason = "a few digits are shown")]
pub const fn ratio(n: u64, of: u64) -> f64 {
    n as f64 / of as f64
}
