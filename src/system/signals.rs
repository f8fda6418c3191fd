//! SIGINT, SIGTERM and SIGHUP, received in a thread of their own.
//!
//! Under Unix the signals are blocked in every thread, and one thread waits
//! for them with sigwait(3): no handler runs anywhere, no call of the studied
//! threads is interrupted, and no descriptor is spent. Windows has no
//! signals: Ctrl-C comes through the same channel.

use schemars::JsonSchema;
use serde::Deserialize;
use std::io;

/// A request to stop, with its number, which is the same on all systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Signal {
    /// SIGINT, as Ctrl-C sends it.
    #[serde(rename = "INT")]
    Interrupt = 2,
    /// SIGTERM, as `kill` sends it.
    #[serde(rename = "TERM")]
    Terminate = 15,
    /// SIGHUP, as a terminal sends it that is closed.
    #[serde(skip)]
    Hangup = 1,
}

impl Signal {
    /// Its name, `SIGINT`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
        }
    }

    /// The exit status of a process that it has cut short: 128 + its number.
    pub const fn exit_status(self) -> u8 {
        128 + self as u8
    }
}

/// Has `deliver` called for every signal from now on. To be called once,
/// before any other thread is started, which then inherits that the signals
/// are blocked.
///
/// # Errors
/// What sigprocmask(2) or the start of a thread refuses.
#[cfg(unix)]
pub fn receive(deliver: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    use nix::sys::signal::Signal as Number;

    blocked().thread_block()?;
    let wait = move || {
        let requests = requests();
        while let Ok(number) = requests.wait() {
            deliver(match number {
                Number::SIGINT => Signal::Interrupt,
                Number::SIGHUP => Signal::Hangup,
                _ => Signal::Terminate,
            });
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(wait)?;
    Ok(())
}

/// Has `deliver` called for every Ctrl-C from now on. To be called once.
/// Ctrl-Break and the end of the console come through the same handler, which
/// does not learn which of them it was: all are taken for Ctrl-C.
///
/// # Errors
/// What `SetConsoleCtrlHandler` refuses.
#[cfg(windows)]
pub fn receive(deliver: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    *windows::receiver() = Some(Box::new(deliver));
    let on_ctrl_c = || {
        let _ = raise(Signal::Interrupt);
    };
    ctrlc::set_handler(on_ctrl_c).map_err(io::Error::other)
}

#[cfg(windows)]
mod windows {
    use super::Signal;
    use crate::system::lock;
    use std::sync::{Mutex, MutexGuard};

    type Receiver = Box<dyn Fn(Signal) + Send>;

    static RECEIVER: Mutex<Option<Receiver>> = Mutex::new(None);

    /// The function that receives signals.
    pub(super) fn receiver() -> MutexGuard<'static, Option<Receiver>> {
        lock(&RECEIVER)
    }
}

/// The signals that are waited for; SIGHUP unless it is ignored, as under
/// nohup(1). Linux alone keeps a signal that is ignored for sigwait(3).
#[cfg(unix)]
fn requests() -> nix::sys::signal::SigSet {
    use nix::sys::signal::Signal as Number;

    let status = super::usage::own_status().unwrap_or_default();
    let ignored = super::usage::status_field(&status, "SigIgn:");
    let ignored = ignored.and_then(|it| u64::from_str_radix(it, 16).ok());
    let hangup = ignored.unwrap_or(0) & 1 == 0;
    let hangup = hangup.then_some(Number::SIGHUP);
    [Number::SIGINT, Number::SIGTERM].into_iter().chain(hangup).collect()
}

/// Those that no thread is to be interrupted by: where a file may not grow
/// any more, write(2) is to fail, and not the process.
#[cfg(unix)]
fn blocked() -> nix::sys::signal::SigSet {
    let mut signals = requests();
    signals.add(nix::sys::signal::Signal::SIGXFSZ);
    signals
}

/// Lets the signals that [`receive`] blocks through again in the calling
/// thread, and in what is started from it: a mask outlives execve(2).
///
/// # Errors
/// What sigprocmask(2) refuses.
#[cfg(unix)]
pub fn unblock() -> io::Result<()> {
    Ok(blocked().thread_unblock()?)
}

/// There are no masks.
///
/// # Errors
/// None.
#[cfg(not(unix))]
pub fn unblock() -> io::Result<()> {
    Ok(())
}

/// Waits up to this long for keys, and returns how long is left for others
/// to wait; `None` if the terminal has gone, from which a key reader gets the
/// end of file again and again. Other systems than Linux leave all of it.
pub fn wait_for_keys(wait: std::time::Duration) -> Option<std::time::Duration> {
    #[cfg(target_os = "linux")]
    {
        use rustix::event::{PollFd, PollFlags, poll};
        use std::io::{IsTerminal as _, stdin, stdout};

        let (input, output) = (stdin(), stdout());
        let mut both = vec![PollFd::new(&output, PollFlags::empty())];
        if input.is_terminal() {
            both.push(PollFd::new(&input, PollFlags::IN));
        }
        let limit = wait.try_into().ok();
        // A signal, such as that of a resize, ends it early.
        let _ = poll(&mut both, limit.as_ref());
        let has_gone = both[0].revents().contains(PollFlags::HUP);
        (!has_gone).then_some(std::time::Duration::ZERO)
    }
    #[cfg(not(target_os = "linux"))]
    Some(wait)
}

/// Sends the signal to this process, as kill(1) would.
///
/// # Errors
/// What kill(2) refuses; `Unsupported` where there are no signals.
#[cfg(unix)]
pub fn raise(signal: Signal) -> io::Result<()> {
    use nix::sys::signal::{Signal as Number, kill};

    let number = Number::try_from(signal as i32)?;
    Ok(kill(nix::unistd::Pid::this(), number)?)
}

/// Delivers the signal to the function that receives signals: there is no
/// kill(2), and the console would send a Ctrl-C to all of its processes.
///
/// # Errors
/// `NotConnected` before [`receive`] was called.
#[cfg(windows)]
pub fn raise(signal: Signal) -> io::Result<()> {
    let receiver = windows::receiver();
    let deliver = receiver.as_ref().ok_or(io::ErrorKind::NotConnected)?;
    deliver(signal);
    Ok(())
}
