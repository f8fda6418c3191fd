//! Numbers, sizes, times and foreign text as people read them.

use std::time::Duration;

/// A count with its thousands apart: `1,204`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count in at most four digits and a letter: `412`, `41.2k`, `1.24M`.
#[must_use]
pub fn short(n: u64) -> String {
    const STEPS: [(u64, &str); 4] = [
        (1_000_000_000_000, "T"),
        (1_000_000_000, "G"),
        (1_000_000, "M"),
        (1_000, "k"),
    ];
    match STEPS.into_iter().find(|(step, _)| n >= *step) {
        Some((step, letter)) => three_digits(n, step) + letter,
        None => n.to_string(),
    }
}

/// A size in powers of 1,024: `128 B`, `64 KiB`, `1.25 MiB`.
#[must_use]
pub fn bytes(n: u64) -> String {
    const STEPS: [(u64, &str); 4] = [
        (1 << 40, "TiB"),
        (1 << 30, "GiB"),
        (1 << 20, "MiB"),
        (1 << 10, "KiB"),
    ];
    match STEPS.into_iter().find(|(step, _)| n >= *step) {
        Some((step, unit)) if n.is_multiple_of(step) => {
            format!("{} {unit}", n / step)
        }
        Some((step, unit)) => format!("{} {unit}", three_digits(n, step)),
        None => format!("{n} B"),
    }
}

/// A time in the unit that suits it: `45.0 µs`, `0.40 ms`, `2.25 s`.
#[must_use]
pub fn time(time: Duration) -> String {
    nanoseconds(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}

/// As [`time`], of a count of nanoseconds.
#[must_use]
pub fn nanoseconds(ns: u64) -> String {
    match ns {
        0..1_000 => format!("{ns} ns"),
        1_000..100_000 => format!("{} µs", three_digits(ns, 1_000)),
        100_000..1_000_000_000 => {
            format!("{} ms", three_digits(ns, 1_000_000))
        }
        _ => format!("{} s", three_digits(ns, 1_000_000_000)),
    }
}

/// A share in per cent: `0.4 %`, `42 %`. What is not all is never `100 %`,
/// and what is not nothing never `0 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        ..=0.0 => "0 %".into(),
        ..0.05 => "<0.1 %".into(),
        ..9.95 | 99.0..99.9 => format!("{percent:.1} %"),
        99.9..100.0 => ">99.9 %".into(),
        _ => format!("{percent:.0} %"),
    }
}

/// Text from outside with its control characters escaped, so that it cannot
/// steer a terminal; the marks that turn the direction of text included.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut clean, c| {
        if c.is_control() || turns_text(c) {
            clean.extend(c.escape_default());
        } else {
            clean.push(c);
        }
        clean
    })
}

const fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
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
    use super::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        let counts = [0, 999, 1_204, 1_000_000].map(count);
        assert_eq!(counts, ["0", "999", "1,204", "1,000,000"]);
    }

    #[test]
    fn short_counts_keep_three_digits() {
        let counts = [999, 1_204, 41_249, 412_000, 1_240_000].map(short);
        assert_eq!(counts, ["999", "1.20k", "41.2k", "412k", "1.24M"]);
    }

    #[test]
    fn sizes_are_in_powers_of_1024() {
        let sizes = [0, 128, 65_536, 1_310_720, 1_000_000].map(bytes);
        let said = ["0 B", "128 B", "64 KiB", "1.25 MiB", "977 KiB"];
        assert_eq!(sizes, said);
    }

    #[test]
    fn times_are_in_the_unit_that_suits_them() {
        let times = [12, 45_000, 400_000, 13_370_000, 2_250_000_000];
        let said = ["12 ns", "45.0 µs", "0.40 ms", "13.4 ms", "2.25 s"];
        assert_eq!(times.map(nanoseconds), said);
    }

    #[test]
    fn shares_have_a_place_where_it_matters() {
        let shares = [0.0, 0.0001, 0.004, 0.42, 0.987, 1.0, 1.5].map(percent);
        let said = ["0 %", "<0.1 %", "0.4 %", "42 %", "99 %", "100 %", "150 %"];
        assert_eq!(shares, said);
    }

    #[test]
    fn almost_all_is_not_all() {
        assert_eq!([0.994, 0.99999].map(percent), ["99.4 %", ">99.9 %"]);
    }

    #[test]
    fn what_could_steer_a_terminal_is_escaped() {
        let said = clean("a\x1b[2J\u{9b}\u{202e}é");
        assert_eq!(said, "a\\u{1b}[2J\\u{9b}\\u{202e}é");
    }
}
