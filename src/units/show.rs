//! Numbers, sizes and times for people.

use super::grammar::SIZES;
use super::{BINARY, nanoseconds, show_brief};
use std::time::Duration;

/// A count with commas between the thousands: `1,204`.
pub fn show_count(n: u64) -> String {
    grouped(&n.to_string())
}

/// Separates digits into groups of three by commas.
pub(super) fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count of things: `1 call`, `1,204 calls`.
pub fn plural(n: u64, thing: &str) -> String {
    let ending = match n {
        1 => "",
        _ if thing.ends_with("echo") => "es",
        _ => "s",
    };
    format!("{} {thing}{ending}", show_count(n))
}

/// A count in three significant digits and a letter: `412`, `41.2k`, `1.24M`.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub fn show_short(n: u64) -> String {
    if n < 1_000 { n.to_string() } else { show_brief(n as f64) }
}

/// A size in powers of 1,024, rounded where it must be: `128 B`, `64 KiB`,
/// `1.25 MiB`.
pub fn show_size(bytes: u64) -> String {
    let (unit, scale) = largest_unit(|scale| bytes >= scale);
    if bytes.is_multiple_of(scale) {
        return format!("{} {unit}", bytes / scale);
    }
    format!("{} {unit}", three_digits(bytes, scale))
}

/// A size to the byte, in the largest unit that shows it whole: `64 KiB`,
/// `65537 B`. [`parse_size`](super::parse_size) reads it back.
pub fn show_size_exactly(bytes: u64) -> String {
    let (unit, scale) = largest_unit(|scale| {
        let is_read = bytes / scale <= (SIZES.most)(scale);
        bytes >= scale && bytes.is_multiple_of(scale) && is_read
    });
    format!("{} {unit}", bytes / scale)
}

/// A time in the unit that suits it, rounded to three digits: `45.0 µs`,
/// `0.40 ms`, `2.25 s`, `3 min 05 s`.
pub fn show_time(time: Duration) -> String {
    show_time_ns(nanoseconds(time))
}

/// Like [`show_time`], for a number of nanoseconds.
pub fn show_time_ns(ns: u64) -> String {
    match ns {
        0..1_000 => format!("{ns} ns"),
        1_000..99_950 => format!("{} µs", three_digits(ns, 1_000)),
        99_950..999_500_000 => format!("{} ms", three_digits(ns, 1_000_000)),
        999_500_000..59_950_000_000 => {
            format!("{} s", three_digits(ns, 1_000_000_000))
        }
        _ => {
            let seconds = ns.saturating_add(500_000_000) / 1_000_000_000;
            format!("{} min {:02} s", seconds / 60, seconds % 60)
        }
    }
}

/// A time as a clock shows it, with a tenth of a second: `12.3 s`, `3:05.1`.
pub fn show_clock(time: Duration) -> String {
    let tenths = time.subsec_millis() / 100;
    match time.as_secs() {
        secs @ 0..60 => format!("{secs}.{tenths} s"),
        secs => format!("{}:{:02}.{tenths}", secs / 60, secs % 60),
    }
}

/// A time below 100 ms to three digits, a longer one as by [`show_clock`].
pub fn show_elapsed(time: Duration) -> String {
    if time < Duration::from_millis(100) {
        show_time(time)
    } else {
        show_clock(time)
    }
}

/// A share in per cent: `0.4 %`, `42 %`. A share below 1 is never shown as
/// `100 %`, and one above 0 never as `0 %`.
pub fn show_percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        ..=0.0 => "0 %".into(),
        ..0.05 => "<0.1 %".into(),
        ..9.95 | 99.0..99.9 => format!("{percent:.1} %"),
        99.9..100.0 => ">99.9 %".into(),
        _ => format!("{percent:.0} %"),
    }
}

/// The binary unit with the most bytes for which `fits` holds, else `B`.
fn largest_unit(fits: impl Fn(u64) -> bool) -> (&'static str, u64) {
    let largest = SIZES.units[..BINARY].iter().rfind(|it| fits(it.1));
    *largest.unwrap_or(&SIZES.units[0])
}

/// The quotient with three significant digits, two places at most.
#[expect(
    clippy::cast_precision_loss,
    reason = "three digits are shown, 53 bits are kept"
)]
fn three_digits(n: u64, step: u64) -> String {
    let value = n as f64 / step as f64;
    let digits = match value {
        ..9.995 => 2,
        ..99.95 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::super::{LONGEST_TIME, parse_size, parse_time};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        let counts = [0, 999, 1_204, 1_000_000].map(show_count);
        assert_eq!(counts, ["0", "999", "1,204", "1,000,000"]);
    }

    #[test]
    fn short_counts_keep_three_digits() {
        let counts = [999, 1_204, 41_249, 412_000, 1_240_000].map(show_short);
        assert_eq!(counts, ["999", "1.20k", "41.2k", "412k", "1.24M"]);
    }

    #[test]
    fn sizes_are_in_powers_of_1024() {
        let sizes = [0, 128, 65_536, 1_310_720, 1_000_000].map(show_size);
        let said = ["0 B", "128 B", "64 KiB", "1.25 MiB", "977 KiB"];
        assert_eq!(sizes, said);
        assert_eq!(show_size_exactly(65_537), "65537 B");
    }

    #[test]
    fn times_are_in_the_unit_that_suits_them() {
        let shown = [
            (0, "0 ns"),
            (999, "999 ns"),
            (45_000, "45.0 µs"),
            (99_960, "0.10 ms"),
            (400_000, "0.40 ms"),
            (13_370_000, "13.4 ms"),
            (200_000_000, "200 ms"),
            (999_600_000, "1.00 s"),
            (2_250_000_000, "2.25 s"),
            (59_940_000_000, "59.9 s"),
            (59_960_000_000, "1 min 00 s"),
            (185_400_000_000, "3 min 05 s"),
        ];
        for (ns, text) in shown {
            assert_eq!(show_time_ns(ns), text);
        }
    }

    #[test]
    fn shares_have_a_place_where_it_matters() {
        let shares = [0.0, 0.0001, 0.004, 0.42, 0.987, 1.0, 1.5];
        let said = ["0 %", "<0.1 %", "0.4 %", "42 %", "99 %", "100 %", "150 %"];
        assert_eq!(shares.map(show_percent), said);
    }

    #[test]
    fn almost_all_is_not_all() {
        let shares = [0.994, 0.99999].map(show_percent);
        assert_eq!(shares, ["99.4 %", ">99.9 %"]);
    }

    proptest! {
        #[test]
        fn an_exact_size_is_read_back(bytes: u64) {
            let back = parse_size(&show_size_exactly(bytes));
            prop_assert_eq!(back, Ok(bytes));
        }

        #[test]
        fn a_shown_time_is_read_back_to_a_tenth(
            nanos in 0..LONGEST_TIME.as_nanos() - 1_000_000_000,
        ) {
            let nanos = u64::try_from(nanos).expect("a day fits");
            let time = Duration::from_nanos(nanos);
            let back = parse_time(&show_time(time)).expect("reads back");
            prop_assert!(back.abs_diff(time) <= time / 10);
        }
    }
}
