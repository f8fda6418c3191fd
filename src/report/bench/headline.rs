//! Who does best and under what load, before any figure.

use super::grid::AT_LEAST;
use crate::measure::{
    BenchResult, Figure, Finding, Pacing, Ranking, not_whole, rankings,
    rounds_done,
};
use crate::text::{NO_BREAK, capital, clean};
use crate::units::plural;
use crate::units::{show_brief, show_digits, show_size, show_time_ns};

/// Who does best, and what was done.
pub(super) fn headline(result: &BenchResult) -> [String; 2] {
    [clean(&best(result)), clean(&workload(result))]
}

/// What is missing, a sentence each: it stands before all else, in every
/// format.
pub(in crate::report) fn alerts(result: &BenchResult) -> Vec<String> {
    let sentence = |finding: Finding| {
        let words = clean(&finding.observation());
        let words = words.trim_end_matches('.');
        match finding {
            // A server's name stays as it is.
            Finding::Failed { .. } => format!("{words}."),
            _ => capital(&format!("{words}.")),
        }
    };
    not_whole(result).into_iter().map(sentence).collect()
}

fn best(result: &BenchResult) -> String {
    let rankings = rankings(result);
    if rankings.is_empty() {
        return alone(result);
    }
    if !rankings.iter().any(Ranking::is_enough) {
        return "Too few rounds to tell who does best.".into();
    }
    let said: Vec<_> = merged(&rankings);
    format!("{}.", said.join("; "))
}

/// `selector echoed the most a second and used the least CPU time an echo`:
/// what the same servers did best is one clause.
fn merged(rankings: &[Ranking]) -> Vec<String> {
    let mut clauses: Vec<(String, Vec<&str>)> = Vec::new();
    for ranking in rankings {
        let who = leaders(ranking);
        match clauses.last_mut() {
            Some((same, deeds)) if *same == who => deeds.push(ranking.deed()),
            _ => clauses.push((who, vec![ranking.deed()])),
        }
    }
    let clause = |(who, deeds): (String, Vec<&str>)| {
        let deeds = match &deeds[..] {
            [others @ .., last] if !others.is_empty() => {
                format!("{} and {last}", others.join(", "))
            }
            all => all.concat(),
        };
        format!("{who} {deeds}")
    };
    clauses.into_iter().map(clause).collect()
}

fn leaders(ranking: &Ranking) -> String {
    match &ranking.leaders()[..] {
        [others @ .., last] if !others.is_empty() => {
            let others = others.join(", ");
            format!("{others} and {last}, not to be told apart,")
        }
        all => all.concat(),
    }
}

/// One server is compared with none.
fn alone(result: &BenchResult) -> String {
    let measured = result.subjects.iter().filter(|it| !it.samples.is_empty());
    let [subject] = measured.collect::<Vec<_>>()[..] else {
        return match &result.subjects[..] {
            [one] => format!("{}: not measured.", one.name),
            _ => "There is nothing to compare.".into(),
        };
    };
    let median = |figure| {
        let spread = subject.spread(figure, &result.workload);
        spread.map(|it| it.median)
    };
    let echoes = median(Figure::EchoesPerS).map_or_else(
        || "not measured".into(),
        |it| format!("{} echoes/s", show_brief(it)),
    );
    let shown = |figure: Figure, words: &str| {
        let median = median(figure)?;
        let least = subject.is_at_least(figure, &result.workload);
        let mark = if least { AT_LEAST } else { "" };
        let median = figure.scale([median]).show(median);
        Some(format!(", {mark}{median} {words}"))
    };
    let p99 = shown(Figure::P99Ns, "p99 echo time").unwrap_or_default();
    let cpu = shown(Figure::ServerCpu, "of server CPU time an echo");
    let cpu = cpu.unwrap_or_default();
    format!("{}: {echoes}{p99}{cpu}.", subject.name)
}

/// A quantity that no line end parts from its unit.
fn whole(quantity: &str) -> String {
    quantity.replace(' ', NO_BREAK)
}

/// `10 rounds`, `4 of 10 rounds`.
fn rounds(result: &BenchResult) -> String {
    let asked = plural(result.rounds.into(), "round");
    if result.interrupted {
        return format!("{} of {asked}", rounds_done(result));
    }
    asked
}

fn workload(result: &BenchResult) -> String {
    let did = &result.workload;
    let idle = match did.idle {
        0 => String::new(),
        idle => format!(" beside {}", plural(idle.into(), "idle one")),
    };
    let pacing = match did.pacing {
        Pacing::Closed => "closed loop".into(),
        Pacing::Open { rate_per_s } => {
            format!("open loop at {} messages/s", show_digits(rate_per_s))
        }
    };
    format!(
        "{}{idle}, messages of {}, {} under way each, {pacing}; {} of {} each \
         after {} of warm-up, the servers in turn in every round.",
        plural(did.clients.into(), "client"),
        whole(&show_size(did.size_bytes.into())),
        did.pipeline,
        rounds(result),
        whole(&show_time_ns(did.time_ns)),
        whole(&show_time_ns(did.warm_up_ns)),
    )
}
