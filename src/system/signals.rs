//! SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP and SIGCONT, received in a
//! separate thread.
//!
//! Under Unix the signals are blocked in every thread, and one thread waits for
//! them with sigwait(3): there is no signal handler, no call of the studied
//! threads is interrupted, and no descriptor is used. Windows has no signals:
//! Ctrl-C is passed on as SIGINT.
//!
//! A first signal is a request, and the program ends in order. A second one
//! [ends the process](insist) from this thread, whatever the others wait for.

use super::lock;
#[cfg(unix)]
use super::stops;
use schemars::JsonSchema;
use serde::Deserialize;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A signal that requests a stop, with its number under Unix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Signal {
    /// SIGINT, as Ctrl-C sends it.
    #[serde(rename = "INT")]
    Interrupt = 2,
    /// SIGTERM, as `kill` sends it.
    #[serde(rename = "TERM")]
    Terminate = 15,
    /// SIGHUP, as sent when the terminal is closed.
    #[serde(skip)]
    Hangup = 1,
}

impl Signal {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
            Self::Hangup => "SIGHUP",
        }
    }

    /// The exit status of a process that it cut short: 128 + its number.
    pub const fn exit_status(self) -> u8 {
        128 + self as u8
    }
}

/// Calls `deliver` for every signal from now on. It must be called once, before
/// any other thread is started, so that all threads inherit the blocked
/// signals.
///
/// # Errors
/// The errors of sigprocmask(2) and of starting a thread.
#[cfg(unix)]
pub fn receive(deliver: impl Fn(Signal) + Send + 'static) -> io::Result<()> {
    use nix::sys::signal::Signal as Number;

    blocked().thread_block()?;
    let wait = move || {
        let requests = requests();
        let mut is_awaited = false;
        while let Ok(number) = requests.wait() {
            deliver(match number {
                Number::SIGINT => Signal::Interrupt,
                Number::SIGHUP => Signal::Hangup,
                Number::SIGTSTP => {
                    is_awaited = suspend();
                    continue;
                }
                Number::SIGCONT => {
                    stops::continue_received();
                    // After a stop that could not be received, what was to be
                    // done before it is done now.
                    if !std::mem::take(&mut is_awaited) {
                        around(|| {});
                    }
                    continue;
                }
                Number::SIGQUIT => quit(),
                _ => Signal::Terminate,
            });
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(wait)?;
    Ok(())
}

/// Calls `deliver` for every Ctrl-C from now on. It must be called once.
/// Ctrl-Break and the closing of the console reach the same handler, which
/// cannot distinguish them: all are delivered as [`Signal::Interrupt`].
///
/// # Errors
/// The errors of `SetConsoleCtrlHandler`.
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

    /// The function that [`receive`](super::receive) was given.
    pub(super) fn receiver() -> MutexGuard<'static, Option<Receiver>> {
        lock(&RECEIVER)
    }
}

/// Whether the end of the program has been requested.
static STOP_REQUESTED: AtomicBool = AtomicBool::new(false);

/// How many times [`insist`] looks away, for [`LOOK`] each, before it ends a
/// process that does not end by itself. Together with [`CLEANING`] this is less
/// than 0.2 s.
const LOOKS: u32 = 13;
const LOOK: Duration = Duration::from_millis(10);

/// How long all calls of [`before_exit`] may take together after a second
/// signal.
const CLEANING: Duration = Duration::from_millis(40);

/// How long they may take after a first signal, on a machine that is busy.
const ORDERLY_CLEANING: Duration = Duration::from_secs(1);

/// From now on [`is_stop_requested`].
pub fn request_stop() {
    STOP_REQUESTED.store(true, SeqCst);
}

/// Whether a signal or the user has requested the end of the program: from then
/// on it waits only briefly for readers of its output.
pub fn is_stop_requested() -> bool {
    STOP_REQUESTED.load(SeqCst)
}

/// A function for [`receive`] that passes each signal on to `deliver`, and ends
/// the process within 0.2 s after the second one. A program that is not held up
/// by anything ends in order within that time.
pub fn insist(deliver: impl Fn(Signal)) -> impl Fn(Signal) {
    move |signal| {
        let is_second = STOP_REQUESTED.swap(true, SeqCst);
        deliver(signal);
        if is_second {
            // Counted in looks, not by the clock: on a machine where this
            // thread has to wait for a core, the others have to wait, too.
            (0..LOOKS).for_each(|_| thread::sleep(LOOK));
            exit_within(CLEANING, signal);
        }
    }
}

type BeforeExit = Box<dyn FnOnce() + Send>;

static BEFORE_EXIT: Mutex<Vec<BeforeExit>> = Mutex::new(Vec::new());

/// Has `call` called before a signal ends this process without order: it
/// removes a temporary file, ends a child, or hands back the terminal. It must
/// not wait for anything that may take long. What was added last is called
/// first.
pub fn before_exit(call: impl FnOnce() + Send + 'static) {
    lock(&BEFORE_EXIT).push(Box::new(call));
}

/// Ends the process as a signal does, after what [`before_exit`] was given.
pub fn exit(signal: Signal) -> ! {
    exit_within(ORDERLY_CLEANING, signal)
}

fn exit_within(cleaning: Duration, signal: Signal) -> ! {
    clean_up(cleaning);
    std::process::exit(signal.exit_status().into())
}

/// Calls what [`before_exit`] was given, and waits for it for this time: in a
/// thread, as each of them may have to wait for a lock.
fn clean_up(most: Duration) {
    let calls = std::mem::take(&mut *lock(&BEFORE_EXIT));
    let (done, is_done) = channel();
    let clean = move || {
        calls.into_iter().rev().for_each(|call| call());
        let _ = done.send(());
    };
    if thread::Builder::new().spawn(clean).is_ok() {
        let _ = is_done.recv_timeout(most);
    }
}

/// Ends the process as SIGQUIT does, with a core file where these are wanted,
/// after what [`before_exit`] was given.
#[cfg(unix)]
fn quit() -> ! {
    use nix::sys::signal::{SigSet, Signal as Number, raise};

    clean_up(ORDERLY_CLEANING);
    // It is pending for this thread alone, and is delivered when unblocked.
    let _ = raise(Number::SIGQUIT);
    let _ = SigSet::from(Number::SIGQUIT).thread_unblock();
    std::process::exit(128 + Number::SIGQUIT as i32)
}

/// Starts a thread in which the signals that [`receive`] waits for are blocked,
/// even if it is started before that.
///
/// # Errors
/// If the thread cannot be started.
pub fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let builder = thread::Builder::new().name(name.into());
    #[cfg(unix)]
    {
        use nix::sys::signal::SigmaskHow::SIG_BLOCK;

        // A new thread inherits the mask of the one that starts it.
        let before = blocked().thread_swap_mask(SIG_BLOCK)?;
        let started = builder.spawn(work);
        before.thread_set_mask()?;
        started
    }
    #[cfg(not(unix))]
    builder.spawn(work)
}

type AroundStop = Box<dyn FnMut(bool) + Send>;

static AROUND_STOPS: Mutex<Vec<AroundStop>> = Mutex::new(Vec::new());

/// From now on calls `call` with `true` before this process stops as SIGTSTP
/// requests (Ctrl-Z), and with `false` when it goes on; both after a stop by
/// SIGSTOP, which cannot be received. What was added last is called first
/// before a stop, and last after it. On systems without signals it is never
/// called.
pub fn around_stops(call: impl FnMut(bool) + Send + 'static) {
    lock(&AROUND_STOPS).push(Box::new(call));
}

/// Stops this process until SIGCONT. The system decides, as usual, whether it
/// may be stopped: a process that no shell could continue goes on. Returns
/// whether it was stopped.
#[cfg(unix)]
fn suspend() -> bool {
    use nix::sys::signal::{SigSet, Signal as Number, raise};

    around(|| {
        stops::during(|| {
            let stop = SigSet::from(Number::SIGTSTP);
            // It is pending for this thread alone, and is delivered when
            // unblocked.
            let _ = raise(Number::SIGTSTP);
            let _ = stop.thread_unblock();
            let _ = stop.thread_block();
        })
    })
}

/// Makes the calls that [`around_stops`] was given, before and after `stop`.
#[cfg(unix)]
fn around<T>(stop: impl FnOnce() -> T) -> T {
    let mut calls = std::mem::take(&mut *lock(&AROUND_STOPS));
    for call in calls.iter_mut().rev() {
        call(true);
    }
    let result = stop();
    for call in &mut calls {
        call(false);
    }
    lock(&AROUND_STOPS).splice(0..0, calls);
    result
}

/// The signals to wait for: without SIGHUP, SIGQUIT and SIGTSTP where they are
/// ignored, as under nohup(1), because only Linux delivers ignored signals to
/// sigwait(3).
#[cfg(unix)]
fn requests() -> nix::sys::signal::SigSet {
    use nix::sys::signal::Signal as Number;

    let status = super::usage::own_status().unwrap_or_default();
    let ignored = super::usage::status_field(&status, "SigIgn:");
    let ignored = ignored.and_then(|it| u64::from_str_radix(it, 16).ok());
    let ignored = ignored.unwrap_or(0);
    let is_heeded = |it: &Number| ignored >> (*it as i32 - 1) & 1 == 0;
    let other = [Number::SIGHUP, Number::SIGQUIT, Number::SIGTSTP];
    let other = other.into_iter().filter(is_heeded);
    let always = [Number::SIGINT, Number::SIGTERM, Number::SIGCONT];
    always.into_iter().chain(other).collect()
}

/// The signals to block in all threads. SIGXFSZ is one of them, so that
/// write(2) fails at the file size limit instead of ending the process.
#[cfg(unix)]
fn blocked() -> nix::sys::signal::SigSet {
    let mut signals = requests();
    signals.add(nix::sys::signal::Signal::SIGXFSZ);
    signals
}

/// Unblocks the signals that [`receive`] blocks, in the calling thread and in
/// what it starts: execve(2) keeps the signal mask.
///
/// # Errors
/// The errors of sigprocmask(2).
#[cfg(unix)]
pub fn unblock() -> io::Result<()> {
    Ok(blocked().thread_unblock()?)
}

/// Does nothing: there are no signal masks.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn unblock() -> io::Result<()> {
    Ok(())
}

/// Waits up to this long for keys and returns the time that the caller has left
/// to wait. `None` if the terminal is gone: key readers would get end of file
/// again and again. On systems other than Linux it does not wait at all.
pub fn wait_for_keys(wait: Duration) -> Option<Duration> {
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
        // A signal, such as SIGWINCH at a resize, ends the wait early.
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
/// The errors of kill(2).
#[cfg(unix)]
pub fn raise(signal: Signal) -> io::Result<()> {
    use nix::sys::signal::{Signal as Number, kill};

    let number = Number::try_from(signal as i32)?;
    Ok(kill(nix::unistd::Pid::this(), number)?)
}

/// Requests a stop of this process, as Ctrl-Z does in a terminal that is not
/// in raw mode.
///
/// # Errors
/// The errors of kill(2).
#[cfg(unix)]
pub fn raise_stop() -> io::Result<()> {
    use nix::sys::signal::{Signal as Number, kill};

    // As in a shell, all processes of the pipeline stop.
    Ok(kill(nix::unistd::Pid::from_raw(0), Number::SIGTSTP)?)
}

/// Does nothing: there are no stops.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn raise_stop() -> io::Result<()> {
    Ok(())
}

/// Passes the signal to the function that [`receive`] was given: there is no
/// kill(2), and the console sends Ctrl-C to all of its processes.
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
