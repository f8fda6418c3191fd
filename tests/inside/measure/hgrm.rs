//! Percentile distributions, against the histogram that they stand for.

use super::fixed::{result, server};
use hdrhistogram::Histogram;
use sockscope::measure::SubjectResult;
use sockscope::report::MeasureReport;

/// Of a closed loop of which nothing is missing.
fn hgrm(subject: &SubjectResult) -> String {
    let mut result = result(&[], 1);
    result.points[0].subjects.push(subject.clone());
    MeasureReport { result, baseline: None, figures: Vec::new() }.to_hgrm(0)
}

/// The rows as plotters read them: lines of four numbers.
fn rows(text: &str) -> Vec<[f64; 4]> {
    let plotted = text.lines().filter(|line| !line.starts_with('#'));
    let numbers = plotted.filter_map(|line| {
        let words: Vec<f64> =
            line.split_whitespace().map_while(|it| it.parse().ok()).collect();
        words.try_into().ok()
    });
    numbers.collect()
}

/// `iter_quantiles` goes the way of `outputPercentileDistribution`.
#[test]
fn the_rows_are_those_of_the_histogram() {
    let mut histogram = Histogram::<u64>::new(3).unwrap();
    for n in 1_u64..=4_987 {
        histogram.record(20_000 + n * n % 90_001 + n * 7).unwrap();
    }
    let mut subject = server("selector", 1);
    let recorded = histogram.iter_recorded();
    let bucket = recorded
        .map(|it| (it.value_iterated_to(), it.count_since_last_iteration()));
    subject.echo_times = bucket.collect();
    let text = hgrm(&subject);
    let rows = rows(&text);
    let expected: Vec<_> = histogram
        .iter_quantiles(5)
        .filter(|it| it.quantile_iterated_to() < 1.0)
        .collect();
    assert_eq!(rows.len(), expected.len());
    let mut count = 0;
    for (row, expected) in rows.iter().zip(expected) {
        count += expected.count_since_last_iteration();
        let value =
            f64::from(u32::try_from(expected.value_iterated_to()).unwrap());
        assert!((row[0] - value / 1_000.0).abs() < 1e-3, "{row:?}");
        let percentile = expected.quantile_iterated_to();
        assert!((row[1] - percentile).abs() < 1e-9, "{row:?}");
        let counted = f64::from(u32::try_from(count).unwrap());
        assert!((row[2] - counted).abs() < 0.5, "{row:?}");
        let rest = 1.0 / (1.0 - percentile);
        assert!((row[3] - rest).abs() < 0.005 * rest, "{row:?}");
    }
    assert!(text.contains("Total count    =         4987]"), "{text}");
}

#[test]
fn the_percentiles_read_so_and_without_an_echo_there_are_none() {
    let mut subject = server("selector", 1);
    insta::assert_snapshot!("the_percentiles_read_so", hgrm(&subject));
    subject.echo_times = Vec::new();
    let text = hgrm(&subject);
    assert_eq!(rows(&text), Vec::<[f64; 4]>::new());
    assert!(!text.contains("NaN"), "{text}");
    assert!(text.contains("Total count    =            0]"), "{text}");
}
