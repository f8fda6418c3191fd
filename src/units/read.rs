//! Sizes and times as people write them.

use super::grammar::{Misread, SIZES, TIMES};
use std::time::Duration;
use thiserror::Error;

/// The longest time that may be written: a day. It keeps every sum of times
/// far from overflow.
pub const LONGEST_TIME: Duration = Duration::from_secs(24 * 60 * 60);

const SIZE_ADVICE: &str = "write a number and B, kB, MB, GB, KiB, MiB or \
                           GiB, such as `64 KiB`";
const TIME_ADVICE: &str = "write a number and ns, us, ms, s, min or h, such \
                           as `200 ms` or `1.5 s`";

/// Why a text is not a size or not a time. It is displayed as what is wrong, a
/// semicolon, and what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum UnitError {
    /// The text is not a size.
    #[error("this is not a size; {SIZE_ADVICE}")]
    NotASize,
    /// The size does not fit the integer type that it is read into.
    #[error("this is too large a size; {SIZE_ADVICE}")]
    SizeTooLarge,
    /// The text is not a time.
    #[error("this is not a time; {TIME_ADVICE}")]
    NotATime,
    /// The time is above [`LONGEST_TIME`].
    #[error("this is too long; the longest time is a day, `24 h`")]
    TimeTooLong,
}

/// Reads a size in bytes: `512`, `512 B`, `64 KiB`, `1.5 MiB`, `64 MB`. Parts of
/// a byte are rounded.
///
/// # Errors
/// When the text is not a size, or too large for `T`.
pub fn parse_size<T: TryFrom<u64>>(text: &str) -> Result<T, UnitError> {
    let bytes = SIZES.read(text).map_err(|why| match why {
        Misread::NotOne => UnitError::NotASize,
        Misread::TooLarge => UnitError::SizeTooLarge,
    })?;
    T::try_from(bytes).map_err(|_| UnitError::SizeTooLarge)
}

/// Reads a time: `200 ms`, `1.5 s`, `2min`, `3 min 05 s`.
///
/// # Errors
/// When the text is not a time or is longer than [`LONGEST_TIME`].
pub fn parse_time(text: &str) -> Result<Duration, UnitError> {
    let time = TIMES.read(text).map_err(|why| match why {
        Misread::NotOne => UnitError::NotATime,
        Misread::TooLarge => UnitError::TimeTooLong,
    })?;
    Ok(Duration::from_nanos(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn size(text: &str) -> Result<u64, UnitError> {
        parse_size(text)
    }

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let written = [
            ("512", 512),
            ("512 B", 512),
            ("256 KiB", 262_144),
            ("256KiB", 262_144),
            ("1 mib", 1_048_576),
            ("64 MB", 64_000_000),
            ("1.5 KiB", 1_536),
            ("0 B", 0),
        ];
        for (text, bytes) in written {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_size_is_named() {
        for text in ["", "KiB", "-1 B", "1 K", "1..5 B", ".5 kB", "5. kB"] {
            assert_eq!(size(text), Err(UnitError::NotASize), "{text}");
        }
        assert_eq!(
            UnitError::NotASize.to_string(),
            "this is not a size; write a number and B, kB, MB, GB, KiB, \
             MiB or GiB, such as `64 KiB`"
        );
    }

    #[test]
    fn a_size_is_rounded_to_a_byte_and_must_fit() {
        assert_eq!(size("0.3 KiB"), Ok(307));
        assert!(size("0.3 B").is_err());
        assert_eq!(size("99999999999 GiB"), Err(UnitError::SizeTooLarge));
        assert!(parse_size::<u8>("256 B").is_err());
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let written = [
            ("200 ms", Duration::from_millis(200)),
            ("1.5 s", Duration::from_millis(1_500)),
            ("2min", Duration::from_secs(120)),
            ("12 µs", Duration::from_micros(12)),
            ("0 s", Duration::ZERO),
            ("0", Duration::ZERO),
            ("24 h", LONGEST_TIME),
        ];
        for (text, time) in written {
            assert_eq!(parse_time(text), Ok(time), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_time_is_named() {
        for text in ["", "5", "ms", "-1 s", "5 lightyears", "1 s!"] {
            assert_eq!(parse_time(text), Err(UnitError::NotATime), "{text}");
        }
        for text in ["25 h", "99999999999999999999 s"] {
            let error = UnitError::TimeTooLong;
            assert_eq!(parse_time(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = size(&text);
            let _ = parse_time(&text);
        }
    }
}
