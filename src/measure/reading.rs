//! What a server's process has used so far, asked for twice in a sample.

use super::sample::ServerUsage;
use crate::system::group::GroupUsage;
use crate::system::usage;
use crate::units::nanoseconds;
use serde::{Deserialize, Serialize};
use std::io::{self, BufRead as _, Write as _};
use std::net::SocketAddr;

/// What a process has used so far, as it says itself: a line of JSON. What
/// the system does not tell is missing.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize,
)]
pub struct Reading {
    /// CPU time in the program.
    pub user_ns: Option<u64>,
    /// CPU time in the kernel on its behalf.
    pub system_ns: Option<u64>,
    /// The sum of both, where that is known more finely than its parts.
    #[serde(default)]
    pub cpu_ns: Option<u64>,
    /// Context switches because a thread went to sleep.
    pub voluntary_switches: Option<u64>,
    /// Context switches because a thread's time was up.
    pub involuntary_switches: Option<u64>,
    /// Threads, the one that answers aside.
    pub threads: Option<u64>,
    /// Memory resident.
    pub resident_bytes: Option<u64>,
    /// The most memory it has had resident.
    pub peak_memory_bytes: Option<u64>,
}

impl Reading {
    /// That of the calling process, of which one thread only answers.
    #[must_use]
    pub fn own() -> Self {
        let used = usage::of_process();
        Self {
            user_ns: used.map(|it| nanoseconds(it.user)),
            system_ns: used.map(|it| nanoseconds(it.system)),
            cpu_ns: None,
            voluntary_switches: used.map(|it| it.voluntary),
            involuntary_switches: used.map(|it| it.involuntary),
            threads: usage::threads().map(|it| it.saturating_sub(1)),
            resident_bytes: usage::resident_memory(),
            peak_memory_bytes: usage::peak_memory(),
        }
    }

    /// That of a group of processes.
    pub(super) fn of_group(used: &GroupUsage) -> Self {
        Self {
            user_ns: Some(nanoseconds(used.user)),
            system_ns: Some(nanoseconds(used.system)),
            cpu_ns: Some(nanoseconds(used.cpu)),
            voluntary_switches: Some(used.voluntary),
            involuntary_switches: Some(used.involuntary),
            threads: Some(used.threads),
            resident_bytes: Some(used.resident),
            peak_memory_bytes: Some(used.peak),
        }
    }

    /// What was used from one reading to another, and what there was before
    /// both; `None` where CPU time is not told.
    pub(super) fn between(
        before: Option<&Self>,
        begin: &Self,
        end: &Self,
    ) -> Option<ServerUsage> {
        let (user_ns, system_ns) = cpu_between(begin, end)?;
        Some(ServerUsage {
            user_ns,
            system_ns,
            voluntary_switches: difference(
                begin.voluntary_switches,
                end.voluntary_switches,
            ),
            involuntary_switches: difference(
                begin.involuntary_switches,
                end.involuntary_switches,
            ),
            threads: end.threads,
            peak_memory_bytes: end.peak_memory_bytes,
            memory_before_bytes: before.and_then(|it| it.resident_bytes),
            memory_bytes: end.resident_bytes,
        })
    }
}

fn difference(begin: Option<u64>, end: Option<u64>) -> Option<u64> {
    Some(end?.saturating_sub(begin?))
}

/// In the program and in the kernel. A finer sum is split as the coarse parts
/// are, those since the beginning if none has grown.
fn cpu_between(begin: &Reading, end: &Reading) -> Option<(u64, u64)> {
    let user = difference(begin.user_ns, end.user_ns)?;
    let system = difference(begin.system_ns, end.system_ns)?;
    let Some(sum) = difference(begin.cpu_ns, end.cpu_ns) else {
        return Some((user, system));
    };
    let (part, whole) = match user.saturating_add(system) {
        0 => (end.user_ns?, end.user_ns?.saturating_add(end.system_ns?)),
        whole => (user, whole),
    };
    let share = u128::from(sum) * u128::from(part) / u128::from(whole.max(1));
    let user = u64::try_from(share).unwrap_or(u64::MAX).min(sum);
    Some((user, sum - user))
}

/// Says that a server listens at this address, and answers each line `usage`
/// on standard input with a [`Reading`] of this process, until that ends:
/// what the runner expects of a server that it has started. The calling
/// thread does nothing else; whoever returns from here ends the process.
///
/// # Errors
/// If nobody reads the answers any more.
pub fn answer(address: SocketAddr) -> io::Result<()> {
    answer_with(address, |_| None)
}

/// As [`answer`], with answers to other questions.
pub(super) fn answer_with(
    address: SocketAddr,
    other: impl Fn(&str) -> Option<String>,
) -> io::Result<()> {
    say(&format!("{}{address}", super::process::LISTENING))?;
    for question in io::stdin().lock().lines() {
        let question = question?;
        match question.as_str() {
            "usage" => say(&serde_json::to_string(&Reading::own())?)?,
            question => {
                say(&other(question).unwrap_or_else(|| "null".into()))?;
            }
        }
    }
    Ok(())
}

fn say(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(user: u64, system: u64, cpu: Option<u64>) -> Reading {
        Reading {
            user_ns: Some(user),
            system_ns: Some(system),
            cpu_ns: cpu,
            ..Reading::default()
        }
    }

    fn cpu(begin: Reading, end: Reading) -> Option<(u64, u64)> {
        let used = Reading::between(None, &begin, &end)?;
        Some((used.user_ns, used.system_ns))
    }

    #[test]
    fn what_was_used_is_a_difference() {
        let used = cpu(reading(10, 20, None), reading(15, 40, None));
        assert_eq!(used, Some((5, 20)));
    }

    #[test]
    fn a_finer_sum_is_split_as_its_coarse_parts_are() {
        let begin = reading(10, 20, Some(33));
        let used = cpu(begin, reading(20, 50, Some(33 + 44)));
        assert_eq!(used, Some((11, 33)));
        let used = cpu(begin, reading(10, 20, Some(36)));
        assert_eq!(used, Some((1, 2)), "no tick since");
        let nothing = reading(0, 0, Some(0));
        assert_eq!(cpu(nothing, reading(0, 0, Some(7))), Some((0, 7)));
    }

    #[test]
    fn without_cpu_time_there_is_no_usage() {
        assert_eq!(cpu(Reading::default(), Reading::default()), None);
    }

    #[test]
    fn memory_is_that_before_and_that_at_the_end() {
        let memory = |bytes| Reading {
            resident_bytes: Some(bytes),
            ..reading(0, 0, None)
        };
        let (before, begin, end) = (memory(1), memory(2), memory(3));
        let used = Reading::between(Some(&before), &begin, &end);
        assert_eq!(used.and_then(|it| it.memory_before_bytes), Some(1));
        assert_eq!(used.and_then(|it| it.memory_bytes), Some(3));
    }
}
