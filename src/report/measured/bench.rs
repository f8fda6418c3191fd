//! A bench for people: who does best, the figures, comparisons, what weakens
//! them, and the conditions.

use super::grid::CellValue::{Interval, Largest, Median};
use super::grid::{
    AT_LEAST, FOREIGN, GridColumn, LEFT_OUT, digits, grid, name,
};
use super::words::alerts;
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
use crate::text::{NO_BREAK, listed};
use crate::units::plural;
use crate::units::{
    show_brief, show_count, show_digits, show_interval, show_percent,
    show_size, show_time_ns,
};

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
    page.paragraph(Tone::Lead, &headline(point));
    page.paragraph(Tone::Body, &workload(result, point));
    add_figures(&mut page, result, point, medium);
    add_rankings(&mut page, point, medium);
    if let Some(before) = before {
        let title = format!("Against the baseline of {}", before.started_at);
        let (table, note) = (changes(before, medium), baseline_note(before));
        page.section(&title, table, &note);
    }
    page.listing("Findings", findings(result, point));
    let (calls, waits) = calls(point, medium);
    page.section(CALLS, calls, if waits { A_WAIT } else { "" });
    let conditions = conditions(result, point).without_headings();
    page.section("Conditions", conditions, "");
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
    let mut clauses: Vec<(String, Vec<String>)> = Vec::new();
    for ranking in &rankings {
        let leaders = ranking.leaders();
        let who = match &leaders[..] {
            [one] => (*one).to_owned(),
            [others @ .., last] => {
                let others = others.join(", ");
                format!("{others} and {last}, which are too close to call,")
            }
            [] => continue,
        };
        match clauses.last_mut() {
            Some((same, deeds)) if *same == who => {
                deeds.push(ranking.deed().into());
            }
            _ => clauses.push((who, vec![ranking.deed().into()])),
        }
    }
    let clauses =
        clauses.iter().map(|(who, deeds)| format!("{who} {}", listed(deeds)));
    format!("{}.", clauses.collect::<Vec<_>>().join("; "))
}

/// A single server has nothing to be compared with.
fn alone(point: &SweepPoint) -> String {
    let measured = point.subjects.iter().filter(|it| !it.samples.is_empty());
    let [subject] = measured.collect::<Vec<_>>()[..] else {
        return match &point.subjects[..] {
            [one] => format!("{}: not measured.", one.name),
            _ => "There is nothing to compare.".into(),
        };
    };
    let shown = |figure: Figure, words: &str| {
        let median = subject.spread(figure, &point.workload)?.median;
        let is_bound = subject.is_at_least(figure, &point.workload);
        let mark = if is_bound { AT_LEAST } else { "" };
        let median = match figure {
            Figure::Echoes => show_brief(median),
            _ => figure.scale([median]).show(median),
        };
        Some(format!("{mark}{median}{words}"))
    };
    let all = [
        shown(Figure::Echoes, " echoes/s"),
        shown(Figure::P99, " p99 echo time"),
        shown(Figure::Cpu, " of server CPU time an echo"),
    ];
    let all: Vec<_> = all.into_iter().flatten().collect();
    format!("{}: {}.", subject.name, all.join(", "))
}

/// What the clients did, in a sentence.
fn workload(result: &SweepResult, point: &SweepPoint) -> String {
    let did = &point.workload;
    let idle = match did.idle {
        0 => String::new(),
        idle => format!(" beside {}", plural(idle.into(), "idle one")),
    };
    let pacing = match did.pacing {
        Rhythm::Closed => "closed loop".into(),
        Rhythm::Open { rate_per_s } => {
            format!("open loop at {} messages/s", show_digits(rate_per_s))
        }
    };
    let planned = plural(result.rounds.into(), "round");
    let rounds = if result.interrupted {
        format!("{} of {planned}", point.rounds_done())
    } else {
        planned
    };
    let whole = |quantity: String| quantity.replace(' ', NO_BREAK);
    format!(
        "{}{idle}, messages of {}, {} under way each, {pacing}; {rounds} of {} \
         each after {} of warm-up, the servers in turn in every round.",
        plural(did.clients.into(), "client"),
        whole(show_size(did.size_bytes.into())),
        did.pipeline,
        whole(show_time_ns(did.time_ns)),
        whole(show_time_ns(did.warm_up_ns)),
    )
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
    let subjects = || point.subjects.iter();
    let is_closed = point.workload.pacing == Rhythm::Closed;
    let is_bound =
        subjects().any(|it| it.is_at_least(Figure::Max, &point.workload));
    let has_command =
        subjects().any(|it| matches!(it.kind, Subject::Command(_)));
    let kind = if is_closed {
        "service time (closed loop)"
    } else {
        "response time, from when due (open loop)"
    };
    let only = |applies, note| if applies { note } else { "" };
    let mut add = |title: &str, columns: &[GridColumn], notes: &[&str]| {
        let is_first = columns == THROUGHPUT;
        let rounds = is_first.then_some(result.rounds);
        let (table, own) = grid(point, columns, rounds, medium);
        let notes = notes.iter().copied().chain([own.trim()]);
        let notes: Vec<_> = notes.filter(|it| !it.is_empty()).collect();
        page.section(title, table.without_zeros(), &notes.join(" "));
        if is_first {
            page.paragraph(Tone::Note, &interval_words(point));
            page.paragraph(Tone::Note, &left_out_words(point));
        }
    };
    add(
        &format!("Throughput and CPU time of the server ({})", medians(point)),
        &THROUGHPUT,
        &[only(!is_closed, COUNTED), SPLIT],
    );
    add(
        &format!("Echo time: {kind}; max of all rounds"),
        &ECHO_TIMES,
        &[only(is_closed, SERVICE_TIME), only(is_bound, BOUND)],
    );
    add(
        "Payload; context switches, threads and memory of the server",
        &RESOURCES,
        &[only(has_command, PROCESSES)],
    );
    if !is_closed {
        add("How the clients kept the rate", &LATENESS, &[]);
    }
}

/// `medians of 10 rounds`: what the numbers of all tables are.
fn medians(point: &SweepPoint) -> String {
    let done = point.rounds_done();
    let mut had = point.subjects.iter().map(|it| it.samples.len());
    let differ = had.any(|it| it != 0 && it != done);
    match (done, differ) {
        (0, _) => "medians of the rounds".into(),
        (1, false) => "1 round".into(),
        (done, false) => format!("medians of {done} rounds"),
        (done, true) => {
            format!("medians of {}, or as said", plural(done as u64, "round"))
        }
    }
}

/// What `±` means, if it stands in a table.
fn interval_words(point: &SweepPoint) -> String {
    let counts = point.subjects.iter().map(|it| it.samples.len());
    let counts: Vec<_> = counts.filter(|rounds| *rounds > 1).collect();
    let enough = counts.iter().filter(|rounds| **rounds >= ENOUGH).count();
    match enough {
        _ if counts.is_empty() => String::new(),
        0 => RANGE.to_owned(),
        enough if enough == counts.len() => INTERVAL.to_owned(),
        _ => format!("{INTERVAL} {FEWER}"),
    }
}

/// What the marks behind a name mean.
fn left_out_words(point: &SweepPoint) -> String {
    let all = left_out(point).into_iter();
    let all: Vec<_> =
        all.map(|it| format!("{} ({})", it.subject, it.why)).collect();
    let mut words = match &all[..] {
        [] => String::new(),
        all => format!("{LEFT_OUT} not compared: {}. ", all.join(", ")),
    };
    if point.subjects.iter().any(SubjectResult::is_foreign) {
        words.extend([
            FOREIGN,
            " ran already: not started by sockscope, and not bound to a core \
             by it.",
        ]);
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
    page.heading("Compared");
    for ranking in &rankings {
        page.subheading(&format!("{} {}", ranking.best, ranking.deed()));
        let mut table = Table::new(&[">ratio", "interval", ""]);
        for against in &ranking.against {
            table.row(ratio_row(ranking.figure, against, medium));
        }
        page.table(table.without_headings());
    }
    let interval = if rankings.iter().all(Ranking::is_enough) {
        "their 95\u{a0}% interval each"
    } else {
        "the least and the most of all rounds: there are too few for an \
         interval"
    };
    let mut note = format!(
        "Ratios are medians of the quotients of the same rounds, with \
         {interval}."
    );
    let left: Vec<_> =
        left_out(point).into_iter().map(|it| it.subject).collect();
    if !left.is_empty() {
        note.extend([" Without ", &left.join(", "), "."]);
    }
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
fn changes(baseline: &Baseline, medium: Medium) -> Table {
    let headings = ["", "figure", ">then", ">now", ">ratio", "interval", ""];
    let mut table = Table::new(&headings);
    let mut last = "";
    for change in &baseline.changes {
        let again = last == change.subject && medium == Medium::Terminal;
        let subject = if again { "" } else { &change.subject };
        last = &change.subject;
        let figure = change.figure;
        let (then, now) = (change.before.median, change.now.median);
        let scale = figure.scale([then, now]);
        let shown = |value| {
            let digits = digits(figure, scale, value);
            format!("{digits} {}", scale.unit).trim_end().to_owned()
        };
        let [ratio, low, high] = apart_from_one(change.ratio);
        table.row([
            name(subject, medium),
            short_title(figure).into(),
            shown(then),
            shown(now),
            ratio,
            format!("[{low}..{high}]"),
            change_words(change).into(),
        ]);
    }
    table
}

/// A ratio and its interval, whose ends do not look like 1 unless they are.
fn apart_from_one(Shift { ratio, low, high, .. }: Shift) -> [String; 3] {
    let looks = |it: &String| it.trim_end_matches('0') == "1.";
    let shown = show_interval(ratio, low, high);
    let excluded = low > 1.0 || high < 1.0;
    if excluded && shown[1..].iter().any(looks) {
        return [ratio, low, high].map(|it| format!("{it:.4}"));
    }
    shown
}

fn short_title(figure: Figure) -> &'static str {
    match figure {
        Figure::Echoes => "echoes/s",
        Figure::Cpu => "CPU/echo",
        Figure::P50 => "p50",
        Figure::P99 => "p99",
        Figure::Memory => "memory",
        other => other.title(),
    }
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
    let is_beyond = |it: &&BaselineChange| {
        it.verdict == RatioVerdict::Beyond && !it.is_small()
    };
    let beyond = baseline.changes.iter().filter(is_beyond).count();
    let mut note = format!(
        "{beyond} of {all} figures changed by {} or more and beyond the noise \
         (their 95\u{a0}% interval leaves 1 out); small: beyond the noise, and \
         less than that. A change of the machine since then looks the same as \
         a change of the servers.",
        show_percent(SMALL)
    );
    if !baseline.conditions.is_empty() {
        let all = baseline.conditions.iter().map(Condition::words);
        let all = all.collect::<Vec<_>>().join(", ");
        note.insert_str(0, &format!("Not measured alike: {all}. "));
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

fn findings(result: &SweepResult, point: &SweepPoint) -> Vec<ListItem> {
    let found = cautions(result, point);
    let mut found = found.iter().peekable();
    let mut items = Vec::new();
    while let Some(caution) = found.next() {
        let item = ListItem::new(Bullet::Finding, &caution.observation);
        let advice = &caution.advice;
        // Advice that holds for several servers stands once, below the last.
        let is_last = found.peek().is_none_or(|it| it.advice != *advice);
        items.push(if is_last { item.details(advice) } else { item });
    }
    items
}

/// What each of our servers calls for an echo, and whether any waits.
fn calls(point: &SweepPoint, medium: Medium) -> (Table, bool) {
    let mut table = Table::new(&[
        "",
        ">echoes",
        ">calls\n/echo",
        ">would block\n/echo",
        ">wake-ups\n/echo",
    ]);
    let mut waits = false;
    for subject in &point.subjects {
        let Some(counted) = &subject.calls else { continue };
        let wake_ups = counted.outcomes.get(&Class::Ready).copied();
        let would_blocks = counted.outcomes.get(&Class::WouldBlock);
        waits |= wake_ups.is_some();
        table.row([
            name(&subject.name, medium),
            show_count(counted.echoes),
            per(Some(counted.calls()), counted.echoes),
            per(would_blocks.copied().or(Some(0)), counted.echoes),
            per(wake_ups, counted.echoes),
        ]);
    }
    (table.without_zeros(), waits)
}

#[expect(clippy::cast_precision_loss, reason = "a ratio in three digits")]
fn per(count: Option<u64>, echoes: u64) -> String {
    match count {
        Some(count) if echoes > 0 => show_digits(count as f64 / echoes as f64),
        _ => NOTHING.into(),
    }
}

/// The conditions, a row each, the commands and addresses of servers that are
/// not ours among them.
fn conditions(result: &SweepResult, point: &SweepPoint) -> Table {
    let (met, machine) = (&result.conditions, &result.conditions.machine);
    let mut table = Table::new(&["condition", "value"]);
    let mut row = |name: &str, value: String| table.row([name.into(), value]);
    let build = if met.optimized { "" } else { ", not optimised" };
    let unknown = || "not available on this system".into();
    row("sockscope", format!("{}{build}", machine.sockscope_version));
    let kernel = machine.kernel.clone().unwrap_or_default();
    row("system", format!("{} {kernel}", machine.os).trim().to_owned());
    row("cores", machine.cores.map_or_else(unknown, show_count));
    row("servers bound to", cores(met.bound.server_cores.as_deref()));
    row("clients bound to", cores(met.bound.load_cores.as_deref()));
    let load = met.load_average.map(|it| format!("{it:.2}"));
    row("load average before", load.unwrap_or_else(unknown));
    row("selector built on", machine.mechanism.clone());
    for subject in &point.subjects {
        let what = match &subject.kind {
            Subject::Mode(_) => continue,
            Subject::Peer { command, .. } => {
                format!("the command {}", command.join(" "))
            }
            Subject::Command(command) => format!("the command {command}"),
            Subject::Address(address) => {
                format!("the server at {address}, started by others, not bound")
            }
        };
        row(&subject.name, what);
    }
    row("command line", met.command_line.join(" "));
    row("started at", met.started_at.clone());
    table
}

fn cores(cores: Option<&[u32]>) -> String {
    match cores {
        None => "no core".into(),
        Some([one]) => format!("core {one}"),
        Some(cores) => {
            let all = cores.iter().map(u32::to_string);
            format!("cores {}", all.collect::<Vec<_>>().join(", "))
        }
    }
}
