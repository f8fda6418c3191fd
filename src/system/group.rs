//! Other programs: the shell that runs a command line, and the group of a
//! command and all processes that it started: their end and their usage.

use super::usage;
use crate::units::nanoseconds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::process::{Child, Command};

/// What a process, or all processes of a group together, have used: so far,
/// or between two readings. What the system does not report is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[derive(Serialize, Deserialize, JsonSchema)]
pub struct ProcessUsage {
    /// CPU time in user space; of a group in steps of 10 ms a process.
    pub user_ns: u64,
    /// CPU time in the kernel, as precise as that.
    pub system_ns: u64,
    /// User and system time, if their sum is known more precisely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_ns: Option<u64>,
    /// Context switches because a thread had to wait.
    pub voluntary_switches: Option<u64>,
    /// Context switches because a thread was preempted.
    pub involuntary_switches: Option<u64>,
    /// How many threads there were at the last reading.
    pub threads: Option<u64>,
    /// Memory resident at the last reading; shared pages count for each.
    pub memory_bytes: Option<u64>,
    /// The peak resident memory of each process so far, summed.
    pub peak_memory_bytes: Option<u64>,
}

impl ProcessUsage {
    /// The usage of this process, without the calling thread in the number of
    /// threads; `None` where the system does not report CPU time.
    pub fn of_this_process() -> Option<Self> {
        let used = usage::of_process()?;
        Some(Self {
            user_ns: nanoseconds(used.user),
            system_ns: nanoseconds(used.system),
            cpu_ns: None,
            voluntary_switches: Some(used.voluntary),
            involuntary_switches: Some(used.involuntary),
            threads: usage::threads().map(|it| it.saturating_sub(1)),
            memory_bytes: usage::resident_memory(),
            peak_memory_bytes: usage::peak_memory(),
        })
    }

    /// Combines each pair of figures that are both known.
    fn with(&self, other: &Self, combine: fn(u64, u64) -> u64) -> Self {
        let both =
            |one: Option<u64>, other: Option<u64>| Some(combine(one?, other?));
        Self {
            user_ns: combine(self.user_ns, other.user_ns),
            system_ns: combine(self.system_ns, other.system_ns),
            cpu_ns: both(self.cpu_ns, other.cpu_ns),
            voluntary_switches: both(
                self.voluntary_switches,
                other.voluntary_switches,
            ),
            involuntary_switches: both(
                self.involuntary_switches,
                other.involuntary_switches,
            ),
            threads: both(self.threads, other.threads),
            memory_bytes: both(self.memory_bytes, other.memory_bytes),
            peak_memory_bytes: both(
                self.peak_memory_bytes,
                other.peak_memory_bytes,
            ),
        }
    }

    /// What was used since an earlier reading. Precise CPU time is split as
    /// user and system time have grown; if neither has, as their totals.
    pub fn since(&self, begin: &Self) -> Self {
        let mut used = Self {
            threads: self.threads,
            memory_bytes: self.memory_bytes,
            peak_memory_bytes: self.peak_memory_bytes,
            ..self.with(begin, u64::saturating_sub)
        };
        if let Some(sum) = used.cpu_ns.take() {
            let (part, whole) = match used.user_ns + used.system_ns {
                0 => (self.user_ns, self.user_ns + self.system_ns),
                grown => (used.user_ns, grown),
            };
            let part =
                u128::from(sum) * u128::from(part) / u128::from(whole.max(1));
            used.user_ns = u64::try_from(part).unwrap_or(u64::MAX).min(sum);
            used.system_ns = sum - used.user_ns;
        }
        used
    }
}

/// The shell and the option that precedes a command line.
pub const SHELL: [&str; 2] =
    if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };

/// Starts the command as the leader of a new group, where groups exist.
pub fn lead(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Whether a signal has stopped this child, or let it go on after that, since
/// the last call. Where stops cannot be learned of: no.
pub fn was_stopped(child: &Child) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::WaitIdOptions as Of;

        change_of(child, Of::STOPPED | Of::CONTINUED | Of::NOHANG).is_some()
    }
    #[cfg(not(unix))]
    {
        let _ = child;
        false
    }
}

/// Waits until a signal stops this child, and returns `true`, or until it has
/// ended.
pub fn wait_for_stop(child: &Child) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::WaitIdOptions as Of;

        // The end of the child is left to be waited for.
        let any = Of::STOPPED | Of::CONTINUED | Of::EXITED | Of::NOWAIT;
        change_of(child, any).is_some() && was_stopped(child)
    }
    #[cfg(not(unix))]
    {
        let _ = child;
        false
    }
}

#[cfg(unix)]
fn change_of(
    child: &Child,
    of: rustix::process::WaitIdOptions,
) -> Option<rustix::process::WaitIdStatus> {
    use rustix::process::{Pid, WaitId, waitid};

    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw)?;
    waitid(WaitId::Pid(pid), of).ok().flatten()
}

/// Kills a child and the group that it leads. The child must not have been
/// waited for: its process ID could have been reused.
pub fn kill(leader: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};

        let pid = i32::try_from(leader.id()).ok().and_then(Pid::from_raw);
        if let Some(group) = pid {
            // All processes of the group may have ended already.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
    let _ = leader.kill();
}

/// Kills the calling process and the group that it leads; returns where there
/// are no groups.
pub fn kill_own() {
    #[cfg(unix)]
    let _ = rustix::process::kill_current_process_group(
        rustix::process::Signal::KILL,
    );
}

/// Has every process whose parent ends, and that descends from this one, become
/// a child of this one: [`end_descendants`] then finds it even if it has left
/// its group. Does nothing on systems other than Linux, or if it is refused.
pub fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    let _ =
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Kills all processes that descend from this one, those that they start
/// meanwhile included, as far as the system says which these are.
pub fn end_descendants() {
    #[cfg(target_os = "linux")]
    linux::end_descendants();
}

/// What the processes of a group and all descendants of its leader have used so
/// far, without the leader; `None` if there are no others, or the system does
/// not report it.
pub fn usage(leader: u32) -> Option<ProcessUsage> {
    #[cfg(target_os = "linux")]
    return linux::usage(leader);
    #[cfg(not(target_os = "linux"))]
    Some(leader).and(None)
}

#[cfg(target_os = "linux")]
mod linux {
    use super::super::usage::{kibibytes, status_field};
    use super::ProcessUsage;
    use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};
    use std::thread;
    use std::time::{Duration, Instant};

    /// One tick of `/proc/PID/stat`: `USER_HZ` is 100.
    const TICK_NS: u64 = 10_000_000;

    /// How long the end of all descendants may take.
    const ENDING: Duration = Duration::from_secs(1);

    /// The interval between two looks for descendants.
    const LOOK: Duration = Duration::from_millis(1);

    pub(super) fn end_descendants() {
        let start = Instant::now();
        while start.elapsed() < ENDING {
            let all = with_descendants(std::process::id(), None);
            let alive = all.iter().filter(|(_, stat)| !stat.is_dead);
            let alive: Vec<_> = alive.collect();
            if alive.is_empty() {
                return;
            }
            for (pid, _) in alive {
                let pid = i32::try_from(*pid).ok().and_then(Pid::from_raw);
                // It may have ended by now.
                let _ = pid.map(|it| kill_process(it, Signal::KILL));
            }
            while matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {}
            thread::sleep(LOOK);
        }
    }

    pub(super) fn usage(leader: u32) -> Option<ProcessUsage> {
        let all = with_descendants(leader, Some(leader));
        let of = |(pid, stat): (u32, Stat)| of_process(&folder(pid), &stat);
        all.into_iter().filter_map(of).reduce(sum)
    }

    fn folder(pid: u32) -> PathBuf {
        Path::new("/proc").join(pid.to_string())
    }

    /// The descendants of a process, and those of the processes in a group,
    /// with these; without the process itself.
    fn with_descendants(of: u32, group: Option<u32>) -> BTreeMap<u32, Stat> {
        let mut found = BTreeMap::new();
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut others: Vec<_> = entries
            .filter_map(|it| {
                let pid: u32 = it.file_name().to_str()?.parse().ok()?;
                let stat = fs::read_to_string(it.path().join("stat")).ok()?;
                (pid != of).then_some((pid, Stat::read(&stat)?))
            })
            .collect();
        loop {
            let belongs = |(_, stat): &mut (u32, Stat)| {
                stat.parent == of
                    || group == Some(stat.group)
                    || found.contains_key(&stat.parent)
            };
            let more: Vec<_> = others.extract_if(.., belongs).collect();
            if more.is_empty() {
                return found;
            }
            found.extend(more);
        }
    }

    /// What `/proc/PID/stat` says of a process.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Stat {
        is_dead: bool,
        parent: u32,
        group: u32,
        /// `utime`, `stime`, `cutime` and `cstime`.
        ticks: [u32; 4],
    }

    impl Stat {
        fn read(stat: &str) -> Option<Self> {
            // The name in parentheses may contain any characters.
            let (_, rest) = stat.rsplit_once(')')?;
            let words: Vec<_> = rest.split_ascii_whitespace().collect();
            let number = |at: usize| words.get(at)?.parse::<u32>().ok();
            Some(Self {
                is_dead: ["Z", "X"].contains(words.first()?),
                parent: number(1)?,
                group: number(2)?,
                ticks: [number(11)?, number(12)?, number(13)?, number(14)?],
            })
        }
    }

    fn sum(one: ProcessUsage, other: ProcessUsage) -> ProcessUsage {
        one.with(&other, |one, other| one + other)
    }

    /// Only ticks include threads that have ended and, as `cutime` and
    /// `cstime`, children that were waited for.
    fn of_process(path: &Path, stat: &Stat) -> Option<ProcessUsage> {
        let [user, system, waited_user, waited_system] =
            stat.ticks.map(|it| u64::from(it) * TICK_NS);
        let status = fs::read_to_string(path.join("status")).ok()?;
        let mut sums = [0; 4];
        let threads = fs::read_dir(path.join("task")).into_iter().flatten();
        for thread in threads.flatten() {
            let counts = of_thread(&thread.path()).unwrap_or_default();
            sums.iter_mut().zip(counts).for_each(|(sum, it)| *sum += it);
        }
        let [cpu, voluntary, involuntary, threads] = sums;
        let cpu = cpu.max(user + system) + waited_user + waited_system;
        Some(ProcessUsage {
            user_ns: user + waited_user,
            system_ns: system + waited_system,
            cpu_ns: Some(cpu),
            voluntary_switches: Some(voluntary),
            involuntary_switches: Some(involuntary),
            threads: Some(threads),
            memory_bytes: kibibytes(&status, "VmRSS:").or(Some(0)),
            peak_memory_bytes: kibibytes(&status, "VmHWM:").or(Some(0)),
        })
    }

    /// CPU time in nanoseconds, voluntary and involuntary switches, and 1.
    fn of_thread(path: &Path) -> Option<[u64; 4]> {
        let clock = fs::read_to_string(path.join("schedstat")).ok()?;
        let status = fs::read_to_string(path.join("status")).ok()?;
        let count = |name| status_field(&status, name)?.parse().ok();
        let cpu = clock.split_ascii_whitespace().next()?.parse().ok()?;
        let voluntary = count("voluntary_ctxt_switches:")?;
        Some([cpu, voluntary, count("nonvoluntary_ctxt_switches:")?, 1])
    }

    #[cfg(test)]
    mod tests {
        use super::super::{ProcessUsage, kill, lead, usage};
        use super::Stat;
        use std::process::{Child, Command, Stdio};
        use std::time::{Duration, Instant};

        #[test]
        fn a_name_may_hold_anything() {
            let stat = "7 (a) b (c)) S 1 42 1 0 -1 0 0 0 0 0 3 4 5 6 20 0";
            let (parent, group, ticks) = (1, 42, [3, 4, 5, 6]);
            let is_dead = false;
            let read = Stat { is_dead, parent, group, ticks };
            assert_eq!(Stat::read(stat), Some(read));
            assert_eq!(Stat::read("7 (cut"), None);
        }

        fn shell(script: &str) -> Option<Child> {
            let mut command = Command::new("sh");
            command.args(["-c", script]).stdout(Stdio::null());
            lead(&mut command);
            command.spawn().ok()
        }

        fn until(group: u32, so: impl Fn(Option<ProcessUsage>) -> bool) {
            let start = Instant::now();
            while !so(usage(group)) {
                assert!(start.elapsed() < Duration::from_secs(60));
                std::thread::sleep(Duration::from_millis(5));
            }
        }

        #[test]
        fn a_group_is_summed_without_its_leader_and_ended_with_it() {
            let busy = "while :; do :; done & while :; do :; done & wait";
            let Some(mut leader) = shell(busy) else { return };
            let group = leader.id();
            until(group, |it| {
                it.is_some_and(|it| {
                    let enough = it.cpu_ns > Some(30_000_000);
                    let memory = it.memory_bytes > Some(100_000);
                    it.threads == Some(2) && enough && memory
                })
            });
            kill(&mut leader);
            assert!(leader.wait().is_ok());
            // The process that adopts them may leave them as zombies.
            until(group, |it| it.is_none_or(|it| it.memory_bytes == Some(0)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProcessUsage;

    fn since(begin: (u64, u64, u64), end: (u64, u64, u64)) -> (u64, u64) {
        let [begin, end] = [begin, end].map(|(user_ns, system_ns, cpu)| {
            let cpu_ns = (cpu > 0).then_some(cpu);
            ProcessUsage { user_ns, system_ns, cpu_ns, ..<_>::default() }
        });
        let used = end.since(&begin);
        (used.user_ns, used.system_ns)
    }

    #[test]
    fn cpu_time_between_readings_is_their_difference() {
        assert_eq!(since((10, 20, 0), (15, 40, 0)), (5, 20));
    }

    #[test]
    fn a_precise_sum_is_split_as_its_coarse_parts_are() {
        assert_eq!(since((10, 20, 33), (20, 50, 77)), (11, 33));
        assert_eq!(since((10, 20, 33), (10, 20, 36)), (1, 2), "no tick since");
        assert_eq!(since((0, 0, 1), (0, 0, 8)), (0, 7));
    }
}
