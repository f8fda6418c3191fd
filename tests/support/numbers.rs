//! Whether a text has a number for what was not measured.

/// Neither `NaN` nor an infinity nor a negative zero stands in the text.
#[track_caller]
pub(crate) fn expect_no_empty_number(text: &str) {
    let is_separator =
        |it: char| !it.is_ascii_alphanumeric() && it != '.' && it != '-';
    for word in text.split(is_separator) {
        let amount = word.trim_start_matches('-').to_ascii_lowercase();
        let is_zero = amount.parse().is_ok_and(|it: f64| it == 0.0);
        let is_none = ["nan", "inf", "infinity"].contains(&&*amount);
        let is_minus_zero = is_zero && word.starts_with('-');
        assert!(!is_minus_zero && !is_none, "{word}: {text}");
    }
}
