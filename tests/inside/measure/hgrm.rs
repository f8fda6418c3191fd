//! Percentile distributions, with the quantiles of `iter_quantiles`.

use super::fixed::{result, server};
use sockscope::report::MeasureReport;

#[test]
fn the_percentiles_read_so_and_without_an_echo_there_are_none() {
    let mut result = result(&[], 1);
    result.points[0].subjects.push(server("selector", 1));
    let hgrm = |result| {
        let (baseline, figures) = (None, Vec::new());
        MeasureReport { result, baseline, figures }.to_hgrm(0)
    };
    let text = hgrm(result.clone());
    insta::assert_snapshot!("the_percentiles_read_so", text);
    result.points[0].subjects[0].echo_times.clear();
    let text = hgrm(result);
    let rows = text.lines().filter(|it| it.starts_with(' ')).count();
    assert_eq!(rows, 1, "nothing but the heads: {text}");
    assert!(!text.contains("NaN"), "{text}");
    assert!(text.contains("Total count    =            0]"), "{text}");
}
