//! Numbers, sizes and times as people write and read them.

mod digits;
mod nanos;
mod quantity;
mod read;
mod show;

pub use digits::{Scale, show_brief, show_digits, show_interval};
pub use nanos::Nanos;
pub use quantity::{Size, Time, WrittenQuantity};
pub use read::{LONGEST_TIME, UnitError, parse_size, parse_time};
pub use show::{
    plural, show_clock, show_count, show_percent, show_short, show_size,
    show_size_exactly, show_time, show_time_ns,
};

use std::time::Duration;

/// The units of a size and their bytes, the ones people mean first; the
/// first [`BINARY`] are those in which sizes are shown.
const SIZE_UNITS: [(&str, u64); 10] = [
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
];

/// How many of the units are powers of 1,024.
const BINARY: usize = 5;

/// A time as whole nanoseconds; 584 years at most.
pub fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// How many times as large as another number one is, exact to 53 bits: people
/// read a few digits of it.
#[expect(clippy::cast_precision_loss, reason = "a few digits are shown")]
pub const fn ratio(n: u64, of: u64) -> f64 {
    n as f64 / of as f64
}
