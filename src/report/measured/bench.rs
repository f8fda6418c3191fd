//! The report of a bench for people: which server does best, the figures,
//! comparisons, cautions and the conditions.

use super::MeasureReport;
use super::words::{alerts, findings, fine_print};
use crate::load::steady::Rhythm;
use crate::measure::{
    Against, Baseline, BaselineChange, Better, Condition, CountedCalls, ENOUGH,
    Figure, Ranking, RatioVerdict, SMALL, Shift, Spread, Subject,
    SubjectResult, SweepPoint, cautions, left_out, rankings,
};
use crate::probe::Class;
use crate::report::document::{Document, ListItem, NOTHING, Table, Tone};
use crate::text::{NO_BREAK, listed};
use crate::units::{
    Scale, plural, ratio, show_brief, show_count, show_digits, show_interval,
    show_percent,
};
use clap::ValueEnum as _;
use itertools::Itertools as _;
use std::collections::BTreeMap;
use std::iter::once;

/// Follows the name of a server that is left out of comparisons.
const LEFT_OUT: &str = "*";

/// From this part of the median on, an interval is shown in a note by its two
/// ends, instead of as a part of the median.
const MOST_UNCERTAIN: f64 = 0.5;

/// Precedes a value that is only a lower bound.
pub(super) const AT_LEAST: &str = "≥";

pub(super) fn document(report: &MeasureReport) -> Document {
    let mut page = Document::new("sockscope: bench");
    let (result, Some(point)) = (&report.result, report.bench()) else {
        return page;
    };
    for alert in alerts(result) {
        page.paragraph(Tone::Warning, &alert);
    }
    let [clients, measuring, machine] = fine_print(result);
    page.paragraph(Tone::Lead, &headline(point));
    page.paragraph(
        Tone::Body,
        &format!("{clients} · {measuring} · servers in turn in every round"),
    );
    let bench = Bench { point, rounds: result.rounds };
    // Without a sample, tables would have names alone.
    if point.subjects.iter().any(|it| !it.samples.is_empty()) {
        bench.add_figures(&mut page);
        bench.add_rankings(&mut page);
    }
    if let Some(before) = &report.baseline {
        add_changes(&mut page, before);
    }
    page.listing("Findings", findings(&cautions(result, point)));
    add_calls(&mut page, point);
    let others = point.subjects.iter().filter_map(|subject| {
        let what = match &subject.kind {
            Subject::Mode(_) => return None,
            Subject::Peer { command, .. } => {
                format!("the command {}", command.join(" "))
            }
            Subject::Command(command) => format!("the command {command}"),
            Subject::Address(address) => {
                format!("the server at {address}, started by others, not bound")
            }
        };
        Some(format!("{}: {what}", subject.name))
    });
    let words = result.conditions.command_line.join(" ");
    let conditions = once(machine).chain(others);
    let conditions = conditions.chain([format!("command line: {words}")]);
    page.listing("Conditions", conditions.map(ListItem::plain));
    page
}

/// Which server does best, in a sentence.
fn headline(point: &SweepPoint) -> String {
    let rankings = rankings(point);
    if rankings.is_empty() {
        return alone(point);
    }
    if !rankings.iter().any(Ranking::is_enough) {
        return "Too few rounds to tell who does best.".into();
    }
    // Figures with the same leaders share a clause: `selector echoed the most a
    // second and used the least CPU time an echo`.
    let alike = rankings.chunk_by(|one, next| one.leaders() == next.leaders());
    let mut clauses = alike.map(|alike| {
        let leaders = alike[0].leaders();
        let are_close = leaders.len() > 1;
        let close = ", which are too close to call,";
        let close = if are_close { close } else { "" };
        let deeds = listed(&alike.iter().map(Ranking::deed).collect_vec());
        format!("{}{close} {deeds}", listed(&leaders))
    });
    format!("{}.", clauses.join("; "))
}

/// The headline without comparisons: the figures of a single server.
fn alone(point: &SweepPoint) -> String {
    let measured = point.subjects.iter().filter(|it| !it.samples.is_empty());
    let Ok(SubjectResult { name, .. }) = measured.exactly_one() else {
        return match &point.subjects[..] {
            [one] => format!("{}: not measured.", one.name),
            _ => "There is nothing to compare.".into(),
        };
    };
    let shown = [
        (Figure::Echoes, "echoes/s"),
        (Figure::P99, "p99 echo time"),
        (Figure::Cpu, "of server CPU time an echo"),
    ];
    let mut shown = shown.into_iter().filter_map(|(figure, words)| {
        let median = point.spread(name, figure)?.median;
        let value = with_unit(figure, figure.scale([median]), median);
        Some(format!("{}{value} {words}", bound(point, name, figure)))
    });
    format!("{name}: {}.", shown.join(", "))
}

/// [`AT_LEAST`] if a server's value is only a lower bound, or else nothing.
pub(super) fn bound(
    point: &SweepPoint,
    name: &str,
    figure: Figure,
) -> &'static str {
    if point.is_at_least(name, figure) { AT_LEAST } else { "" }
}

/// A column: the figure, its heading, in which `{}` is the unit, and whether
/// the interval follows the median.
type GridColumn = (Figure, &'static str, bool);

const THROUGHPUT: [GridColumn; 5] = [
    (Figure::Echoes, "echoes\n/s", true),
    (Figure::Cpu, "CPU\n{}/echo", true),
    (Figure::User, "user\n{}/echo", false),
    (Figure::System, "system\n{}/echo", false),
    (Figure::ClientsCpu, "clients\nof core", false),
];

const ECHO_TIMES: [GridColumn; 6] = [
    (Figure::Mean, "mean\n{}", false),
    (Figure::P50, "p50\n{}", true),
    (Figure::P90, "p90\n{}", false),
    (Figure::P99, "p99\n{}", true),
    (Figure::P999, "p99.9\n{}", false),
    (Figure::Max, "max\n{}", false),
];

const RESOURCES: [GridColumn; 6] = [
    (Figure::Bytes, "payload\n{}/s", false),
    (Figure::VoluntarySwitches, "to sleep\n/echo", false),
    (Figure::InvoluntarySwitches, "preempted\n/echo", false),
    (Figure::Threads, "threads", false),
    (Figure::Memory, "peak memory\n{}", false),
    (Figure::ConnectionMemory, "memory\n{}/conn", false),
];

const LATENESS: [GridColumn; 4] = [
    (Figure::Sent, "sent\nof due", false),
    (Figure::Unanswered, "no echo\nof due", false),
    (Figure::LateP50, "late p50\n{}", false),
    (Figure::LateP99, "late p99\n{}", false),
];

/// Adds the tables of a bench to a document.
struct Bench<'a> {
    point: &'a SweepPoint,
    /// How many rounds were planned.
    rounds: u32,
}

impl Bench<'_> {
    fn add_figures(&self, page: &mut Document) {
        let point = self.point;
        let rounds = plural(point.rounds_done() as u64, "round");
        let title = "Throughput and CPU time of the server";
        let title = format!("{title} (medians of {rounds})");
        let (kind, counted, service) = match point.workload.pacing {
            Rhythm::Closed => (
                "service time (closed loop)",
                "",
                "A closed loop sends less to a stalled server, so that a \
                 stall hardly shows: measure response time with --rate.",
            ),
            Rhythm::Open { .. } => (
                "response time, from when due (open loop)",
                "Echoes are those that came back in the window, whenever \
                 they were due. ",
                "",
            ),
        };
        let split = "User and system are those of all rounds together, as a \
                     rule the kernel's estimate from timer ticks; CPU is \
                     exact.";
        self.add_grid(page, &title, &THROUGHPUT, &(counted.to_owned() + split));
        if point.subjects.iter().any(|it| it.samples.len() > 1) {
            let note = format!(
                "± is the farther end of the 95\u{a0}% interval of the \
                 median, as a part of the median; with fewer than {ENOUGH} \
                 rounds it is the farthest of them."
            );
            page.paragraph(Tone::Note, &note);
        }
        let left = left_out(point);
        let left = left.iter().map(|it| format!("{} ({})", it.subject, it.why));
        if let all @ [_, ..] = &left.collect_vec()[..] {
            let note = format!("{LEFT_OUT} not compared: {}.", all.join(", "));
            page.paragraph(Tone::Note, &note);
        }
        let title = format!("Echo time: {kind}; max of all rounds");
        self.add_grid(page, &title, &ECHO_TIMES, service);
        let title =
            "Payload; context switches, threads and memory of the server";
        self.add_grid(page, title, &RESOURCES, "");
        if !counted.is_empty() {
            let title = "How the clients kept the rate";
            self.add_grid(page, title, &LATENESS, "");
        }
    }

    /// Adds a table with one row per server, and a note that explains it.
    fn add_grid(
        &self,
        page: &mut Document,
        title: &str,
        columns: &[GridColumn],
        note: &str,
    ) {
        let (point, subjects) = (self.point, &self.point.subjects);
        // The first table says how many rounds a server had.
        let with_rounds = columns == THROUGHPUT;
        let names = subjects.iter().map(|it| self.row_name(it, with_rounds));
        let mut rows = names.map(|name| vec![name]).collect_vec();
        let mut headings = vec![String::new()];
        let mut wide = Vec::new();
        for (figure, heading, has_interval) in columns.iter().copied() {
            let scale = self.scale(columns, figure);
            headings.push(format!(">{}", heading.replace("{}", scale.unit)));
            headings.extend(has_interval.then(|| ">±".into()));
            for (row, SubjectResult { name, .. }) in
                rows.iter_mut().zip(subjects)
            {
                let spread = point.spread(name, figure);
                let mark = bound(point, name, figure);
                row.push(spread.map_or(NOTHING.into(), |it| {
                    let digits = digits(figure, scale, shown(figure, &it));
                    format!("{mark}{digits}")
                }));
                if !has_interval {
                    continue;
                }
                let spread = spread.filter(|_| mark.is_empty());
                let part = spread.and_then(|it| it.uncertainty());
                if let (Some(spread), Some(MOST_UNCERTAIN..)) = (spread, part) {
                    let [low, high] = [spread.low, spread.high]
                        .map(|it| digits(figure, scale, it));
                    let (title, unit) = (figure.title(), scale.unit);
                    let words =
                        format!("{title} of {name} {low}..{high} {unit}");
                    wide.push(words.trim_end().to_owned());
                    row.push("wide".into());
                } else {
                    row.push(part.map(show_percent).unwrap_or_default());
                }
            }
        }
        let missing = self.unknown(columns);
        let both_ends = match wide.join("; ") {
            empty if empty.is_empty() => empty,
            wide => format!("wide: {wide}."),
        };
        let table = Table::new(headings).narrow().with_rows(rows);
        let table = table.without_zeros();
        let mut parts = [note, &both_ends, &missing].to_vec();
        parts.retain(|it| !it.is_empty());
        page.section(title, table, &parts.join(" "));
    }

    /// The name of a server with its mark, and how many rounds it had if those
    /// that did not fail had another number.
    fn row_name(&self, subject: &SubjectResult, with_rounds: bool) -> String {
        let (name, had) = (&subject.name, subject.samples.len());
        let left = left_out(self.point);
        let is_left = left.iter().any(|it| it.subject == *name);
        let mark = if is_left { LEFT_OUT } else { "" };
        let differs = with_rounds && had != self.point.rounds_done() && had > 0;
        let rounds =
            format!(" {had} of {}", self.rounds).replace(' ', NO_BREAK);
        format!("{name}{mark}{}", if differs { &rounds } else { "" })
    }

    /// The unit of a figure; times in one table have the same one.
    fn scale(&self, columns: &[GridColumn], of: Figure) -> Scale {
        let point = self.point;
        let alike = columns
            .iter()
            .map(|it| it.0)
            .filter(|it| *it == of || (it.unit() == "ns" && of.unit() == "ns"));
        let cells = alike.cartesian_product(&point.subjects);
        of.scale(cells.filter_map(|(figure, subject)| {
            Some(shown(figure, &point.spread(&subject.name, figure)?))
        }))
    }

    /// Why figures are not known, and of which servers: a sentence per reason.
    fn unknown(&self, columns: &[GridColumn]) -> String {
        let point = self.point;
        let mut reasons: BTreeMap<&str, Vec<(Figure, &str)>> = BTreeMap::new();
        let cells = columns.iter().map(|it| it.0);
        for (figure, subject) in cells.cartesian_product(&point.subjects) {
            let why = match point.unknown(&subject.name, figure) {
                _ if subject.samples.is_empty() => "it has not been measured",
                Some(why) => why,
                None => continue,
            };
            reasons.entry(why).or_default().push((figure, &subject.name));
        }
        let mut sentences = reasons.iter().map(|(why, cells)| {
            let names =
                cells.iter().map(|(_, name)| name).unique().collect_vec();
            if names.len() < point.subjects.len() {
                return format!("—: {} ({why}).", names.iter().join(", "));
            }
            let mut figures = cells.iter().map(|(it, _)| it.title()).unique();
            format!("Not shown: {} ({why}).", figures.join(", "))
        });
        sentences.join(" ")
    }

    /// Adds the ratios of the best server to each other one, in tables without
    /// headings.
    fn add_rankings(&self, page: &mut Document) {
        let rankings = rankings(self.point);
        if rankings.is_empty() {
            return;
        }
        page.paragraph(Tone::Heading, "Compared");
        for ranking in &rankings {
            let best = format!("{} {}", ranking.best, ranking.deed());
            page.paragraph(Tone::Subheading, &best);
            let rows = ranking.against.iter();
            let rows = rows.map(|it| ratio_row(ranking.figure, it));
            let table =
                Table::new([">ratio", "interval", ""]).without_headings();
            page.section("", table.with_rows(rows), "");
        }
        let left = left_out(self.point);
        let without = match left.iter().map(|it| &it.subject).join(", ") {
            none if none.is_empty() => none,
            names => format!(" Without {names}."),
        };
        let note = format!(
            "Ratios are medians of the quotients of the same rounds, with their \
             95\u{a0}% interval each, or with fewer than {ENOUGH} rounds all of \
             them.{without}"
        );
        page.paragraph(Tone::Note, &note);
    }
}

fn ratio_row(figure: Figure, against: &Against) -> [String; 3] {
    let Spread { median, low, high, .. } = against.ratio;
    let name = &against.subject;
    if median < 1.0 {
        let words = format!("too close to {name} to call");
        return [NOTHING.into(), String::new(), words];
    }
    let words = match figure {
        Figure::Echoes => "times as many as",
        Figure::Cpu => "times as much in",
        _ => "times as long in",
    };
    let verdict = match against.verdict.words() {
        "" => String::new(),
        verdict => format!(": {verdict}"),
    };
    let [median, low, high] = show_interval(median, low, high);
    [median, format!("[{low}..{high}]"), format!("{words} {name}{verdict}")]
}

/// Adds what changed since an earlier bench, a row per server and figure.
fn add_changes(page: &mut Document, baseline: &Baseline) {
    let mut last = "";
    let rows = baseline.changes.iter().map(|change| {
        let is_same = last == change.subject;
        last = &change.subject;
        let name = if is_same { "" } else { last };
        let figure = change.figure;
        let values = [change.before.median, change.now.median];
        let scale = figure.scale(values);
        let [then, now] = values.map(|it| with_unit(figure, scale, it));
        // The name of the figure as an argument of `--figure`.
        let figure = figure.to_possible_value();
        let figure = figure.map_or(String::new(), |it| it.get_name().into());
        let Shift { ratio, low, high, .. } = change.ratio;
        let [ratio, low, high] = show_interval(ratio, low, high);
        let interval = format!("[{low}..{high}]");
        let words = change_words(change).into();
        [name.into(), figure, then, now, ratio, interval, words]
    });
    let headings = ["", "figure", ">then", ">now", ">ratio", "interval", ""];
    let table = Table::new(headings).narrow().with_rows(rows);
    let title = format!("Against the baseline of {}", baseline.started_at);
    page.section(&title, table, &baseline_note(baseline));
}

/// Adds the calls per echo of each server whose calls were counted.
fn add_calls(page: &mut Document, point: &SweepPoint) {
    let counted = point.subjects.iter();
    let counted = counted.filter_map(|it| Some((&it.name, it.calls.as_ref()?)));
    let counted = counted.filter(|(_, it)| it.echoes > 0);
    let of = |it: &CountedCalls, class| it.outcomes.get(&class).copied();
    let rows = counted.map(|(name, it)| {
        let would_block = of(it, Class::WouldBlock).unwrap_or(0);
        let counts =
            [Some(it.calls()), Some(would_block), of(it, Class::Ready)];
        let counts = counts.map(|count| {
            let an_echo =
                count.map(|count| show_digits(ratio(count, it.echoes)));
            an_echo.unwrap_or_else(|| NOTHING.into())
        });
        [name.clone(), show_count(it.echoes)].into_iter().chain(counts)
    });
    let headings = "|>echoes|>calls\n/echo|>would block\n/echo|\
                    >wake-ups\n/echo"
        .split('|');
    let table = Table::new(headings).narrow().with_rows(rows).without_zeros();
    let note = "One wait of the selector counts as one call here; through the \
                polling crate it is several system calls.";
    let title = "Calls, counted in a run of their own (instrumented; no time \
                 is taken from it)";
    page.section(title, table, note);
}

/// The value that a table shows: the median of the rounds, or the maximum of
/// all rounds for the longest echo.
fn shown(figure: Figure, spread: &Spread) -> f64 {
    if figure == Figure::Max { spread.max } else { spread.median }
}

/// A value in the unit of its column; rates and shares have their own.
fn digits(figure: Figure, scale: Scale, value: f64) -> String {
    match figure.unit() {
        "1/s" => show_brief(value),
        "share" => show_percent(value),
        _ if figure == Figure::Threads => value.to_string(),
        _ => scale.digits(value),
    }
}

fn with_unit(figure: Figure, scale: Scale, value: f64) -> String {
    let digits = digits(figure, scale, value);
    format!("{digits} {}", scale.unit).trim_end().into()
}

fn change_words(change: &BaselineChange) -> &'static str {
    let is_more = change.ratio.ratio > 1.0;
    match (change.verdict, change.figure.better()) {
        (RatioVerdict::TooFewRounds, _) => "too few rounds",
        (RatioVerdict::WithinTheNoise | RatioVerdict::TooWide, _) => "noise",
        (RatioVerdict::Beyond, _) if change.is_small() => "small",
        (RatioVerdict::Beyond, Better::More) if is_more => "better",
        (RatioVerdict::Beyond, Better::Less) if !is_more => "better",
        (RatioVerdict::Beyond, Better::Neither) => "changed",
        (RatioVerdict::Beyond, _) => "worse",
    }
}

fn baseline_note(baseline: &Baseline) -> String {
    let Baseline { changes, conditions, only_before, only_now, .. } = baseline;
    let beyond = changes
        .iter()
        .filter(|it| it.verdict == RatioVerdict::Beyond && !it.is_small());
    let conditions = match &conditions[..] {
        [] => String::new(),
        all => {
            let all = all.iter().map(Condition::words).join(", ");
            format!("Not measured alike: {all}. ")
        }
    };
    let only = |names: &[String], when| match names {
        [] => String::new(),
        names => format!(" Measured {when} only: {}.", names.join(", ")),
    };
    format!(
        "{conditions}{} of {} figures changed by {} or more and beyond the \
         noise (their 95\u{a0}% interval leaves 1 out); small: beyond the \
         noise, and less than that. A change of the machine since then looks \
         the same as a change of the servers.{}{}",
        beyond.count(),
        changes.len(),
        show_percent(SMALL),
        only(only_before, "then"),
        only(only_now, "now")
    )
}
