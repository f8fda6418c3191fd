//! A group of processes, that of a command and all it has started: their
//! end, and what they use.

use std::process::{Child, Command};
use std::time::Duration;

/// What the processes of a group have used so far, without its leader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupUsage {
    /// CPU time in user space, in steps of 10 ms a process.
    pub user: Duration,
    /// CPU time in the kernel on their behalf, in steps of 10 ms a process.
    pub system: Duration,
    /// The sum of both, to the nanosecond for threads that live.
    pub cpu: Duration,
    /// Context switches because a thread had to wait.
    pub voluntary: u64,
    /// Context switches because a thread's turn was over.
    pub involuntary: u64,
    /// Threads.
    pub threads: u64,
    /// Memory resident, in bytes; what processes share counts for each.
    pub resident: u64,
    /// The most memory each has had resident, in bytes, summed.
    pub peak: u64,
}

/// Has the command lead a group of its own.
#[cfg(unix)]
pub fn lead(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;

    command.process_group(0);
}

/// There are no groups.
#[cfg(not(unix))]
pub fn lead(_: &mut Command) {}

/// Ends a child and everybody in the group that it leads. The child must not
/// have been waited for: its number may belong to another process then.
#[cfg(unix)]
pub fn kill(leader: &mut Child) {
    use rustix::process::{Pid, Signal, kill_process_group};

    let pid = i32::try_from(leader.id()).ok().and_then(Pid::from_raw);
    if let Some(group) = pid {
        // They may all have ended by now.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = leader.kill();
}

/// Ends the child; there are no groups.
#[cfg(not(unix))]
pub fn kill(leader: &mut Child) {
    let _ = leader.kill();
}

/// Ends the calling process and everybody in its group, which it leads.
#[cfg(unix)]
pub fn kill_own() {
    use rustix::process::{Signal, kill_current_process_group};

    let _ = kill_current_process_group(Signal::KILL);
}

/// There are no groups.
#[cfg(not(unix))]
pub fn kill_own() {}

/// What the processes of a group have used so far, without its leader;
/// `None` if there is no other, or where the system does not tell.
#[must_use]
#[cfg(target_os = "linux")]
pub fn usage(group: u32) -> Option<GroupUsage> {
    linux::usage(group)
}

/// This system does not tell.
#[must_use]
#[cfg(not(target_os = "linux"))]
pub fn usage(_: u32) -> Option<GroupUsage> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use super::super::usage::{kibibytes, status_field};
    use super::GroupUsage;
    use std::fs;
    use std::path::Path;
    use std::time::Duration;

    /// One tick of `/proc/PID/stat`: `USER_HZ` is 100.
    const TICK: Duration = Duration::from_millis(10);

    pub(super) fn usage(group: u32) -> Option<GroupUsage> {
        let all = fs::read_dir("/proc").ok()?.flatten();
        let others = all.filter(|it| {
            let pid = it.file_name().to_str().and_then(|it| it.parse().ok());
            pid.is_some_and(|pid: u32| pid != group)
        });
        let of = |it: fs::DirEntry| of_process(&it.path(), group);
        others.filter_map(of).reduce(sum)
    }

    const fn sum(one: GroupUsage, other: GroupUsage) -> GroupUsage {
        GroupUsage {
            user: one.user.saturating_add(other.user),
            system: one.system.saturating_add(other.system),
            cpu: one.cpu.saturating_add(other.cpu),
            voluntary: one.voluntary + other.voluntary,
            involuntary: one.involuntary + other.involuntary,
            threads: one.threads + other.threads,
            resident: one.resident + other.resident,
            peak: one.peak + other.peak,
        }
    }

    /// The CPU time of threads that have ended is in the ticks alone, that of
    /// processes that were waited for in those of who did.
    fn of_process(path: &Path, group: u32) -> Option<GroupUsage> {
        let stat = fs::read_to_string(path.join("stat")).ok()?;
        let ticks = ticks_in(&stat, group)?;
        let status = fs::read_to_string(path.join("status")).ok()?;
        let own = of_threads(path);
        Some(GroupUsage {
            user: TICK * (ticks[0] + ticks[2]),
            system: TICK * (ticks[1] + ticks[3]),
            cpu: own.cpu.max(TICK * (ticks[0] + ticks[1]))
                + TICK * (ticks[2] + ticks[3]),
            resident: kibibytes(&status, "VmRSS:").unwrap_or(0),
            peak: kibibytes(&status, "VmHWM:").unwrap_or(0),
            ..own
        })
    }

    /// `utime`, `stime`, `cutime` and `cstime` of a process of the group.
    fn ticks_in(stat: &str, group: u32) -> Option<[u32; 4]> {
        // The name in parentheses may hold anything.
        let (_, rest) = stat.rsplit_once(')')?;
        let words: Vec<_> = rest.split_ascii_whitespace().collect();
        let number = |at: usize| words.get(at)?.parse::<u32>().ok();
        let ticks = [number(11)?, number(12)?, number(13)?, number(14)?];
        (number(2)? == group).then_some(ticks)
    }

    fn of_threads(path: &Path) -> GroupUsage {
        let threads = fs::read_dir(path.join("task")).into_iter().flatten();
        let of = |it: fs::DirEntry| of_thread(&it.path());
        threads.flatten().filter_map(of).fold(GroupUsage::default(), sum)
    }

    fn of_thread(path: &Path) -> Option<GroupUsage> {
        let clock = fs::read_to_string(path.join("schedstat")).ok()?;
        let status = fs::read_to_string(path.join("status")).ok()?;
        let count = |name| status_field(&status, name)?.parse().ok();
        Some(GroupUsage {
            cpu: Duration::from_nanos(
                clock.split_ascii_whitespace().next()?.parse().ok()?,
            ),
            voluntary: count("voluntary_ctxt_switches:")?,
            involuntary: count("nonvoluntary_ctxt_switches:")?,
            threads: 1,
            ..GroupUsage::default()
        })
    }

    #[cfg(test)]
    mod tests {
        use super::super::{GroupUsage, kill, lead, usage};
        use super::ticks_in;
        use std::process::{Child, Command, Stdio};
        use std::time::{Duration, Instant};

        #[test]
        fn a_name_may_hold_anything() {
            let stat = "7 (a) b (c)) S 1 42 1 0 -1 0 0 0 0 0 3 4 5 6 20 0";
            assert_eq!(ticks_in(stat, 42), Some([3, 4, 5, 6]));
            assert_eq!(ticks_in(stat, 1), None, "of another group");
            assert_eq!(ticks_in("7 (cut", 42), None);
        }

        fn shell(script: &str) -> Option<Child> {
            let mut command = Command::new("sh");
            command.args(["-c", script]).stdout(Stdio::null());
            lead(&mut command);
            command.spawn().ok()
        }

        fn until(group: u32, so: impl Fn(Option<GroupUsage>) -> bool) {
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
                    let enough = it.cpu > Duration::from_millis(30);
                    it.threads == 2 && enough && it.resident > 100_000
                })
            });
            kill(&mut leader);
            assert!(leader.wait().is_ok());
            // The process that adopts them may not wait for them.
            until(group, |it| it.is_none_or(|it| it.resident == 0));
        }
    }
}
