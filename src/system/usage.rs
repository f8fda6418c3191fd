//! CPU time, context switches and memory; see getrusage(2).

use std::ops::Add;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a thread or a process has used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time in user space.
    pub user: Duration,
    /// CPU time in the kernel on its behalf.
    pub system: Duration,
    /// Context switches because a thread had to wait.
    pub voluntary: u64,
    /// Context switches because a thread was preempted.
    pub involuntary: u64,
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            user: self.user + other.user,
            system: self.system + other.system,
            voluntary: self.voluntary + other.voluntary,
            involuntary: self.involuntary + other.involuntary,
        }
    }
}

#[cfg(unix)]
mod unix {
    use super::Usage;
    use nix::sys::resource::{Usage as Raw, UsageWho, getrusage};
    use nix::sys::time::TimeVal;
    use std::time::Duration;

    pub(super) fn of(who: UsageWho) -> Option<(Usage, u64)> {
        let raw: Raw = getrusage(who).ok()?;
        let usage = Usage {
            user: duration(raw.user_time())?,
            system: duration(raw.system_time())?,
            voluntary: raw.voluntary_context_switches().try_into().ok()?,
            involuntary: raw.involuntary_context_switches().try_into().ok()?,
        };
        Some((usage, raw.max_rss().try_into().ok()?))
    }

    fn duration(time: TimeVal) -> Option<Duration> {
        let micros = u64::try_from(time.tv_usec()).ok()?;
        let whole = Duration::from_secs(time.tv_sec().try_into().ok()?);
        Some(whole + Duration::from_micros(micros))
    }
}

/// Reads the CPU time of one thread from any other one: `schedstat` in
/// `/proc/PID/task/TID`; see proc(5).
#[derive(Debug)]
pub struct ThreadClock(Option<PathBuf>);

impl ThreadClock {
    /// The clock of the calling thread.
    pub fn of_this_thread() -> Self {
        // Only Linux has this link; elsewhere the time is not known.
        let thread = std::fs::read_link("/proc/thread-self").ok();
        Self(thread.map(|it| Path::new("/proc").join(it).join("schedstat")))
    }

    /// The CPU time so far; `None` if it is not known or the thread has ended.
    pub fn read(&self) -> Option<Duration> {
        let text = std::fs::read_to_string(self.0.as_ref()?).ok()?;
        let ns = text.split_ascii_whitespace().next()?.parse().ok()?;
        Some(Duration::from_nanos(ns))
    }
}

/// What this process, with all its threads, has used so far; `None` where the
/// system does not report it.
pub fn of_process() -> Option<Usage> {
    #[cfg(unix)]
    return Some(unix::of(nix::sys::resource::UsageWho::RUSAGE_SELF)?.0);
    #[cfg(not(unix))]
    None
}

/// What the calling thread has used so far; `None` where the system does not
/// report it.
pub fn of_thread() -> Option<Usage> {
    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "freebsd"
    ))]
    return Some(unix::of(nix::sys::resource::UsageWho::RUSAGE_THREAD)?.0);
    #[cfg(not(any(
        target_os = "linux",
        target_os = "android",
        target_os = "freebsd"
    )))]
    None
}

/// The peak resident memory of this process, in bytes. On Linux it is `VmHWM`
/// in `/proc/self/status`, see proc(5): the figure of getrusage(2) is kept by
/// execve(2), so that it may be that of the program that started this one.
pub fn peak_memory() -> Option<u64> {
    #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
    {
        let (_, peak) = unix::of(nix::sys::resource::UsageWho::RUSAGE_SELF)?;
        // `ru_maxrss` is in bytes under macOS, else in kilobytes.
        return Some(
            peak * if cfg!(target_vendor = "apple") { 1 } else { 1024 },
        );
    }
    #[cfg(any(not(unix), target_os = "linux", target_os = "android"))]
    kibibytes(&own_status()?, "VmHWM:")
}

/// The resident memory of this process, in bytes; `None` on systems other than
/// Linux.
pub fn resident_memory() -> Option<u64> {
    kibibytes(&own_status()?, "VmRSS:")
}

/// How many threads this process has; `None` on systems other than Linux.
pub fn threads() -> Option<u64> {
    status_field(&own_status()?, "Threads:")?.parse().ok()
}

/// The text of `/proc/self/status`. The system is checked because under Wine a
/// Windows program sees the `/proc` of the host.
pub(super) fn own_status() -> Option<String> {
    if !cfg!(any(target_os = "linux", target_os = "android")) {
        return None;
    }
    std::fs::read_to_string("/proc/self/status").ok()
}

/// The figure after `name` in a text such as `/proc/PID/status`, in bytes.
pub(super) fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let words = status_field(status, name)?.strip_suffix("kB")?;
    Some(words.trim_end().parse::<u64>().ok()? * 1024)
}

/// The rest of the line that begins with `name`, in `/proc/PID/status`.
pub(super) fn status_field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    let line = status.lines().find_map(|it| it.strip_prefix(name));
    line.map(str::trim)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn a_thread_uses_no_more_than_its_process() {
        let thread = of_thread().map(|usage| usage.user);
        assert!(thread <= of_process().map(|usage| usage.user));
        assert!(peak_memory() > Some(100_000));
        assert!(resident_memory() <= peak_memory());
        assert!(resident_memory() > Some(100_000));
        assert!(threads() >= Some(1));
    }

    #[test]
    fn a_thread_s_clock_is_read_by_others_until_it_is_over() {
        let (shown, clock) = std::sync::mpsc::channel();
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            let worked = || of_thread().map(|it| it.user + it.system);
            let begun = worked();
            while worked() < begun.map(|it| it + Duration::from_millis(20)) {}
            let _ = shown.send(ThreadClock::of_this_thread());
            let _ = wait.recv();
        });
        let clock = clock.recv().expect("it works");
        assert!(clock.read() >= Some(Duration::from_millis(10)));
        drop(go_on);
        assert!(thread.join().is_ok());
        assert_eq!(clock.read(), None, "over");
    }
}
