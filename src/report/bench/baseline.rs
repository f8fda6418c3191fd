//! What changed since an earlier result.

use super::Section;
use super::grid::{self, digits};
use crate::measure::{
    Baseline, Better, Change, Condition, Figure, SMALL, Shift, Verdict,
};
use crate::report::document::{Medium, Table};
use crate::units::{show_interval, show_percent};

/// The changes, a row a server and figure.
pub(super) fn section(baseline: &Baseline, medium: Medium) -> Section {
    let headings = ["", "figure", ">then", ">now", ">ratio", "interval", ""];
    let mut table = Table::new(&headings);
    let mut last = "";
    for change in &baseline.changes {
        let again = last == change.subject && medium == Medium::Terminal;
        let name = if again { "" } else { &change.subject };
        let name = grid::name(name, medium);
        last = &change.subject;
        table.row([name].into_iter().chain(cells(change)));
    }
    let title = format!("Against the baseline of {}", baseline.started_at);
    Section { title, table, note: note(baseline) }
}

fn cells(change: &Change) -> [String; 6] {
    let figure = change.figure;
    let (then, now) = (change.before.median, change.now.median);
    let scale = figure.scale([then, now]);
    let unit = match figure {
        Figure::EchoesPerS => "",
        _ => scale.unit,
    };
    let shown = |value| {
        format!("{} {unit}", digits(figure, scale, value)).trim().to_owned()
    };
    let Shift { ratio, low, high, .. } = change.ratio;
    let [ratio, low, high] = apart_from_one(ratio, low, high);
    [
        short(figure).into(),
        shown(then),
        shown(now),
        ratio,
        format!("[{low}..{high}]"),
        words(change).into(),
    ]
}

/// An end of an interval that is not 1 does not look like 1.
fn apart_from_one(ratio: f64, low: f64, high: f64) -> [String; 3] {
    let looks = |it: &String| it.trim_end_matches('0') == "1.";
    let shown = show_interval(ratio, low, high);
    let excluded = low > 1.0 || high < 1.0;
    if excluded && shown[1..].iter().any(looks) {
        return [ratio, low, high].map(|it| format!("{it:.4}"));
    }
    shown
}

fn short(figure: Figure) -> &'static str {
    match figure {
        Figure::EchoesPerS => "echoes/s",
        Figure::ServerCpu => "CPU/echo",
        Figure::P50Ns => "p50",
        Figure::P99Ns => "p99",
        Figure::PeakMemory => "memory",
        other => other.title(),
    }
}

/// What became of a figure.
pub(super) fn words(change: &Change) -> &'static str {
    let more = change.ratio.ratio > 1.0;
    match (change.verdict, change.figure.better()) {
        (Verdict::TooFewRounds, _) => "too few rounds",
        (Verdict::WithinTheNoise | Verdict::TooWide, _) => "noise",
        (Verdict::Beyond, _) if change.is_small() => "small",
        (Verdict::Beyond, Better::More) if more => "better",
        (Verdict::Beyond, Better::Less) if !more => "better",
        (Verdict::Beyond, Better::Neither) => "changed",
        (Verdict::Beyond, _) => "worse",
    }
}

fn note(baseline: &Baseline) -> String {
    let all = baseline.changes.len();
    let beyond = |it: &&Change| it.verdict == Verdict::Beyond && !it.is_small();
    let beyond = baseline.changes.iter().filter(beyond).count();
    let mut note = format!(
        "{beyond} of {all} figures changed by {} or more and beyond the noise \
         (their 95\u{a0}% interval leaves 1 out); small: beyond the noise, and \
         less than that. What changed \
         about the machine since then cannot be told from what changed about \
         the servers.",
        show_percent(SMALL)
    );
    if !baseline.conditions.is_empty() {
        let told = baseline.conditions.iter().map(Condition::words);
        let told = told.collect::<Vec<_>>().join(", ");
        note.insert_str(0, &format!("Not measured alike: {told}. "));
    }
    for (names, when) in
        [(&baseline.only_before, "then"), (&baseline.only_now, "now")]
    {
        if !names.is_empty() {
            let names = names.join(", ");
            note.extend([" Measured ", when, " only: ", &names, "."]);
        }
    }
    note
}
