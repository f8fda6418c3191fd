//! A bench for people: who does best, the figures, comparisons, what weakens
//! them, and the conditions.

use super::grid::CellValue::{Interval, Largest, Median};
use super::grid::{
    AT_LEAST, FOREIGN, GridColumn, LEFT_OUT, digits, grid, name,
};
use super::words::{alerts, fine_print};
use crate::load::steady::Rhythm;
use crate::measure::{
    Against, Baseline, BaselineChange, Better, Condition, ENOUGH, Figure,
    Ranking, RatioVerdict, SMALL, Shift, Spread, Subject, SubjectResult,
    SweepPoint, SweepResult, cautions, left_out, rankings,
};
use crate::probe::Class;
use crate::report::document::{
    Bullet, Document, ListItem, Medium, NOTHING, Table, Tone,
};
use crate::report::ratio;
use crate::text::listed;
use crate::units::{
    plural, show_brief, show_count, show_digits, show_interval, show_percent,
};
use itertools::Itertools as _;

/// What `±` means, where rounds are enough for it.
const INTERVAL: &str = "± is the farther end of the 95\u{a0}% interval of the \
                        median, as a part of the median.";

/// What `±` means with few rounds.
const RANGE: &str = "± is the farthest of all rounds from the median: there \
                     are too few for an interval.";

/// What `±` means with few rounds of some servers.
const FEWER: &str = "With fewer than 6 rounds it is the farthest of them.";

/// Whose memory and threads those of a command are.
const PROCESSES: &str = "Of a command: the threads of all its processes, and \
                         the sum of their memory, shared pages counted in \
                         each.";

/// What a closed loop does not show.
const SERVICE_TIME: &str = "A closed loop sends less to a stalled server, so \
                            that a stall hardly shows: measure response time \
                            with --rate.";

/// What a rate of echoes counts in an open loop.
const COUNTED: &str = "Echoes are those that came back in the window, whenever \
                       they were due.";

/// How far the split of CPU time is to be believed.
const SPLIT: &str = "User and system are those of all rounds together, as a \
                     rule the kernel's estimate from timer ticks; CPU is \
                     exact.";

/// What `≥` means.
const BOUND: &str = "≥: at least this long; too many messages that were due \
                     had no echo at the end.";

const CALLS: &str = "Calls, counted in a run of their own (instrumented; no \
                     time is taken from it)";

const A_WAIT: &str = "One wait of the selector counts as one call here; \
                      through the polling crate it is several system calls.";

pub(super) fn document(
    result: &SweepResult,
    point: &SweepPoint,
    before: Option<&Baseline>,
    medium: Medium,
) -> Document {
    let mut page = Document::new("sockscope: bench");
    for alert in alerts(result) {
        page.paragraph(Tone::Warning, &alert);
    }
    let [clients, measuring, machine] = fine_print(result);
    page.paragraph(Tone::Lead, &headline(point));
    page.paragraph(
        Tone::Body,
        &format!("{clients} · {measuring} · servers in turn in every round"),
    );
    add_figures(&mut page, result, point, medium);
    add_rankings(&mut page, point, medium);
    if let Some(before) = before {
        add_changes(&mut page, before, medium);
    }
    // Advice that holds for several servers stands once, below the last.
    let found = cautions(result, point);
    let alike = found.chunk_by(|one, next| one.advice == next.advice);
    let items = alike.flat_map(|alike| {
        alike.iter().enumerate().map(|(at, it)| {
            let item = ListItem::new(Bullet::Finding, &it.observation);
            let is_last = at + 1 == alike.len();
            if is_last { item.details(&it.advice) } else { item }
        })
    });
    page.listing("Findings", items);
    add_calls(&mut page, point, medium);
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
    let line = result.conditions.command_line.join(" ");
    let conditions = [machine].into_iter().chain(others);
    let conditions = conditions.chain([format!("command line: {line}")]);
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
    // What the same servers did best is one clause: `selector echoed the most
    // a second and used the least CPU time an echo`.
    let alike = rankings.chunk_by(|one, next| one.leaders() == next.leaders());
    let mut clauses = alike.map(|alike| {
        let deeds = alike.iter().map(Ranking::deed).collect_vec();
        let deeds = listed(&deeds);
        match &alike[0].leaders()[..] {
            [one] => format!("{one} {deeds}"),
            all => {
                let all = listed(all);
                format!("{all}, which are too close to call, {deeds}")
            }
        }
    });
    format!("{}.", clauses.join("; "))
}

/// A single server has nothing to be compared with.
fn alone(point: &SweepPoint) -> String {
    let measured = point.subjects.iter().filter(|it| !it.samples.is_empty());
    let Ok(subject) = measured.exactly_one() else {
        return match &point.subjects[..] {
            [one] => format!("{}: not measured.", one.name),
            _ => "There is nothing to compare.".into(),
        };
    };
    let shown = [
        (Figure::Echoes, " echoes/s"),
        (Figure::P99, " p99 echo time"),
        (Figure::Cpu, " of server CPU time an echo"),
    ];
    let mut shown = shown.into_iter().filter_map(|(figure, words)| {
        let median = point.spread(&subject.name, figure)?.median;
        let is_bound = point.is_at_least(&subject.name, figure);
        let mark = if is_bound { AT_LEAST } else { "" };
        let median = match figure {
            Figure::Echoes => show_brief(median),
            _ => figure.scale([median]).show(median),
        };
        Some(format!("{mark}{median}{words}"))
    });
    format!("{}: {}.", subject.name, shown.join(", "))
}

const THROUGHPUT: [GridColumn; 5] = [
    (Figure::Echoes, "echoes\n/s", Interval),
    (Figure::Cpu, "CPU\n{}/echo", Interval),
    (Figure::User, "user\n{}/echo", Median),
    (Figure::System, "system\n{}/echo", Median),
    (Figure::ClientsCpu, "clients\nof core", Median),
];

const ECHO_TIMES: [GridColumn; 6] = [
    (Figure::Mean, "mean\n{}", Median),
    (Figure::P50, "p50\n{}", Interval),
    (Figure::P90, "p90\n{}", Median),
    (Figure::P99, "p99\n{}", Interval),
    (Figure::P999, "p99.9\n{}", Median),
    (Figure::Max, "max\n{}", Largest),
];

const RESOURCES: [GridColumn; 6] = [
    (Figure::Bytes, "payload\n{}/s", Median),
    (Figure::VoluntarySwitches, "to sleep\n/echo", Median),
    (Figure::InvoluntarySwitches, "preempted\n/echo", Median),
    (Figure::Threads, "threads", Median),
    (Figure::Memory, "peak memory\n{}", Median),
    (Figure::ConnectionMemory, "memory\n{}/conn", Median),
];

const LATENESS: [GridColumn; 4] = [
    (Figure::Sent, "sent\nof due", Median),
    (Figure::Unanswered, "no echo\nof due", Median),
    (Figure::LateP50, "late p50\n{}", Median),
    (Figure::LateP99, "late p99\n{}", Median),
];

fn add_figures(
    page: &mut Document,
    result: &SweepResult,
    point: &SweepPoint,
    medium: Medium,
) {
    let any = |is: fn(&SubjectResult, &SweepPoint) -> bool| {
        point.subjects.iter().any(|it| is(it, point))
    };
    let is_closed = point.workload.pacing == Rhythm::Closed;
    let is_bound = any(|it, at| at.is_at_least(&it.name, Figure::Max));
    let has_command = any(|it, _| matches!(it.kind, Subject::Command(_)));
    let only = |applies, note| if applies { note } else { "" };
    let kind = if is_closed {
        "service time (closed loop)"
    } else {
        "response time, from when due (open loop)"
    };
    let tables: [(String, &[GridColumn], [&str; 2]); 4] = [
        (
            format!(
                "Throughput and CPU time of the server ({})",
                medians(point)
            ),
            &THROUGHPUT,
            [only(!is_closed, COUNTED), SPLIT],
        ),
        (
            format!("Echo time: {kind}; max of all rounds"),
            &ECHO_TIMES,
            [only(is_closed, SERVICE_TIME), only(is_bound, BOUND)],
        ),
        (
            "Payload; context switches, threads and memory of the server"
                .into(),
            &RESOURCES,
            [only(has_command, PROCESSES), ""],
        ),
        ("How the clients kept the rate".into(), &LATENESS, ["", ""]),
    ];
    let shown = if is_closed { 3 } else { 4 };
    for (at, (title, columns, notes)) in
        tables.into_iter().take(shown).enumerate()
    {
        let rounds = (at == 0).then_some(result.rounds);
        let (table, own) = grid(point, columns, rounds, medium);
        let notes = notes.into_iter().chain([own.trim()]);
        let note = notes.filter(|it| !it.is_empty()).join(" ");
        page.section(&title, table, &note);
        if at == 0 {
            page.paragraph(Tone::Note, &interval_words(point));
            page.paragraph(Tone::Note, &left_out_words(point));
        }
    }
}

/// `medians of 10 rounds`: what the numbers of all tables are.
fn medians(point: &SweepPoint) -> String {
    let done = point.rounds_done();
    let mut had = point.subjects.iter().map(|it| it.samples.len());
    let differ = had.any(|it| it != 0 && it != done);
    let rounds = plural(done as u64, "round");
    match (done, differ) {
        (1, false) => rounds,
        (_, false) => format!("medians of {rounds}"),
        (_, true) => format!("medians of {rounds}, or as said"),
    }
}

/// What `±` means, if it stands in a table.
fn interval_words(point: &SweepPoint) -> String {
    let counts = point.subjects.iter().map(|it| it.samples.len());
    let counts = counts.filter(|rounds| *rounds > 1);
    match counts.map(|rounds| rounds >= ENOUGH).minmax().into_option() {
        None => String::new(),
        Some((false, false)) => RANGE.into(),
        Some((true, _)) => INTERVAL.into(),
        Some((false, true)) => format!("{INTERVAL} {FEWER}"),
    }
}

/// What the marks behind a name mean.
fn left_out_words(point: &SweepPoint) -> String {
    let left = left_out(point);
    let all = left.iter().map(|it| format!("{} ({})", it.subject, it.why));
    let mut words = match &all.collect_vec()[..] {
        [] => String::new(),
        all => format!("{LEFT_OUT} not compared: {}. ", all.join(", ")),
    };
    if point.subjects.iter().any(SubjectResult::is_foreign) {
        words += FOREIGN;
        words += " ran already: not started by sockscope, and not bound to a \
                  core by it.";
    }
    words
}

/// Tables with the ratios of the best server to each other one; their columns
/// need no names.
fn add_rankings(page: &mut Document, point: &SweepPoint, medium: Medium) {
    let rankings = rankings(point);
    if rankings.is_empty() {
        return;
    }
    page.paragraph(Tone::Heading, "Compared");
    for ranking in &rankings {
        let best = format!("{} {}", ranking.best, ranking.deed());
        page.paragraph(Tone::Subheading, &best);
        let rows = ranking.against.iter();
        let rows = rows.map(|it| ratio_row(ranking.figure, it, medium));
        let table = Table::new([">ratio", "interval", ""]).without_headings();
        page.table(table.with_rows(rows));
    }
    let interval = if rankings.iter().all(Ranking::is_enough) {
        "their 95\u{a0}% interval each"
    } else {
        "the least and the most of all rounds: there are too few for an \
         interval"
    };
    let without = match left_out(point).iter().map(|it| &it.subject).join(", ")
    {
        none if none.is_empty() => none,
        names => format!(" Without {names}."),
    };
    let note = format!(
        "Ratios are medians of the quotients of the same rounds, with \
         {interval}.{without}"
    );
    page.paragraph(Tone::Note, &note);
}

fn ratio_row(figure: Figure, against: &Against, medium: Medium) -> [String; 3] {
    let Spread { median, low, high, .. } = against.ratio;
    let name = name(&against.subject, medium);
    if median < 1.0 {
        let words = format!("too close to {name} to call");
        return [NOTHING.into(), String::new(), words];
    }
    let [median, low, high] = show_interval(median, low, high);
    let words = match figure {
        Figure::Echoes => format!("times as many as {name}"),
        Figure::Cpu => format!("times as much in {name}"),
        _ => format!("times as long in {name}"),
    };
    let words = match against.verdict.words() {
        "" => words,
        verdict => format!("{words}: {verdict}"),
    };
    [median, format!("[{low}..{high}]"), words]
}

/// What changed since an earlier bench, a row a server and figure.
fn add_changes(page: &mut Document, baseline: &Baseline, medium: Medium) {
    let mut last = "";
    let rows = baseline.changes.iter().map(|change| {
        let again = last == change.subject && medium == Medium::Terminal;
        let subject = if again { "" } else { &change.subject };
        last = &change.subject;
        let figure = change.figure;
        let (then, now) = (change.before.median, change.now.median);
        let scale = figure.scale([then, now]);
        let [then, now] = [then, now].map(|value| {
            let digits = digits(figure, scale, value);
            format!("{digits} {}", scale.unit).trim_end().to_owned()
        });
        let figure = match figure {
            Figure::Echoes => "echoes/s",
            Figure::Cpu => "CPU/echo",
            Figure::P50 => "p50",
            Figure::P99 => "p99",
            Figure::Memory => "memory",
            other => other.title(),
        };
        let [ratio, low, high] = apart_from_one(change.ratio);
        let interval = format!("[{low}..{high}]");
        let (name, words) = (name(subject, medium), change_words(change));
        [name, figure.into(), then, now, ratio, interval, words.into()]
    });
    let headings = ["", "figure", ">then", ">now", ">ratio", "interval", ""];
    let table = Table::new(headings).with_rows(rows);
    let title = format!("Against the baseline of {}", baseline.started_at);
    page.section(&title, table, &baseline_note(baseline));
}

/// A ratio and its interval, whose ends do not look like 1 unless they are.
fn apart_from_one(Shift { ratio, low, high, .. }: Shift) -> [String; 3] {
    let shown = show_interval(ratio, low, high);
    let looks = shown.iter().skip(1).any(|it| it.trim_end_matches('0') == "1.");
    if looks && (low > 1.0 || high < 1.0) {
        return [ratio, low, high].map(|it| format!("{it:.4}"));
    }
    shown
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
    let all = baseline.changes.len();
    let beyond = baseline
        .changes
        .iter()
        .filter(|it| it.verdict == RatioVerdict::Beyond && !it.is_small());
    let conditions = match &baseline.conditions[..] {
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
        "{conditions}{} of {all} figures changed by {} or more and beyond the \
         noise (their 95\u{a0}% interval leaves 1 out); small: beyond the \
         noise, and less than that. A change of the machine since then looks \
         the same as a change of the servers.{}{}",
        beyond.count(),
        show_percent(SMALL),
        only(&baseline.only_before, "then"),
        only(&baseline.only_now, "now")
    )
}

/// What each of our servers calls for an echo.
fn add_calls(page: &mut Document, point: &SweepPoint, medium: Medium) {
    let counted = point.subjects.iter();
    let counted = counted
        .filter_map(|it| Some((name(&it.name, medium), it.calls.as_ref()?)));
    let table = Table::of(
        counted.clone(),
        &[
            ("", |(name, _)| name.clone()),
            (">echoes", |(_, it)| show_count(it.echoes)),
            (">calls\n/echo", |(_, it)| per(Some(it.calls()), it.echoes)),
            (">would block\n/echo", |(_, it)| {
                let times = it.outcomes.get(&Class::WouldBlock);
                per(Some(times.copied().unwrap_or(0)), it.echoes)
            }),
            (">wake-ups\n/echo", |(_, it)| {
                per(it.outcomes.get(&Class::Ready).copied(), it.echoes)
            }),
        ],
    )
    .without_zeros();
    let mut waits = counted.map(|(_, it)| it.outcomes.get(&Class::Ready));
    let note = if waits.any(|times| times.is_some()) { A_WAIT } else { "" };
    page.section(CALLS, table, note);
}

fn per(count: Option<u64>, echoes: u64) -> String {
    match count {
        Some(count) if echoes > 0 => show_digits(ratio(count, echoes)),
        _ => NOTHING.into(),
    }
}
