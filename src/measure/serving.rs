//! The other side of the runner's processes: what its hidden commands do.

use super::reading::answer_with;
use super::result::CountedCalls;
use super::server::ENDED;
use crate::error::Error;
use crate::modes::Mode;
use crate::net::{Listener, ServerOptions, Stop};
use crate::probe::{Kind, NoProbe, Probe, Tally};
use crate::system::{commands, cores, descriptors, group, signals};
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

/// What a counted server has counted so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    calls: u64,
    would_blocks: u64,
    wake_ups: Option<u64>,
    /// Sent back.
    bytes: u64,
}

impl Counts {
    fn of(tally: &Tally, mode: Mode) -> Self {
        let now = tally.totals();
        let waits = mode.loop_call() == Kind::Wait;
        Self {
            calls: now.all_calls(),
            would_blocks: now.would_blocks(),
            wake_ups: waits.then(|| now.calls(Kind::Wait)),
            bytes: now.bytes_out(),
        }
    }

    /// What was counted since, with messages of this size. Echoes are told by
    /// what was sent back: the clients' count begins and ends a moment before
    /// that of the calls.
    pub(super) fn since(self, begin: &Self, size: u32) -> CountedCalls {
        let wake_ups = self.wake_ups.zip(begin.wake_ups);
        let bytes = self.bytes.saturating_sub(begin.bytes);
        CountedCalls {
            echoes: bytes / u64::from(size.max(1)),
            calls: self.calls.saturating_sub(begin.calls),
            would_blocks: self.would_blocks.saturating_sub(begin.would_blocks),
            wake_ups: wake_ups.map(|(end, begin)| end.saturating_sub(begin)),
        }
    }
}

/// Serves in a mode, with nothing that observes it, and answers on standard
/// input until that ends. With `count` its calls are counted instead, and it
/// answers the line `counts`, too.
///
/// # Errors
/// What the system refuses, and a failure of the server.
pub fn serve(mode: Mode, count: bool, on: &[u32]) -> Result<(), Error> {
    bind_to(on)?;
    // Too few are noticed by the clients.
    let _ = descriptors::raise_limit();
    if !count {
        let address = start(mode, NoProbe)?;
        return answer_with(address, |_| None).map_err(Error::Output);
    }
    let tally = Arc::new(Tally::default());
    let address = start(mode, tally.clone())?;
    let counts = |question: &str| {
        let asked = question == "counts";
        let counts = asked.then(|| Counts::of(&tally, mode))?;
        serde_json::to_string(&counts).ok()
    };
    answer_with(address, counts).map_err(Error::Output)
}

/// Serves in a thread of its own. Without the server the process is of no
/// use.
fn start<P: Probe>(mode: Mode, probe: P) -> Result<SocketAddr, Error> {
    let settings = ServerOptions::default();
    let address = settings.listen();
    let refused = |source| Error::Bind { address, source };
    let stop = Stop::new();
    let listener = Listener::bind(&settings, &stop, probe).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let serve = move || {
        // Nobody asks it to stop, but it may fail.
        let _stop = stop;
        let words = match mode.serve(listener) {
            Ok(()) => "the server has stopped".to_owned(),
            Err(cause) => Error::Serve(cause).chain(),
        };
        let _ = writeln!(io::stderr(), "{words}");
        std::process::exit(1);
    };
    let what = "start a thread";
    let started = thread::Builder::new().name("server".into()).spawn(serve);
    started.map_err(|source| Error::System { what, source })?;
    Ok(address)
}

fn bind_to(on: &[u32]) -> Result<(), Error> {
    if on.is_empty() {
        return Ok(());
    }
    let what = "bind to cores";
    cores::bind_to_cores(on).map_err(|source| Error::System { what, source })
}

fn prepare(words: &[OsString], on: &[u32]) -> Result<Command, Error> {
    bind_to(on)?;
    let what = "unblock signals";
    signals::unblock().map_err(|source| Error::System { what, source })?;
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| Error::Usage("there is no command to run".to_owned()))?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// Becomes another program, bound to these cores; where that is impossible,
/// runs it to its end.
///
/// # Errors
/// If it cannot.
pub fn exec(words: &[OsString], on: &[u32]) -> Result<u8, Error> {
    let what = "run the command";
    let status = commands::become_program(prepare(words, on)?);
    status.map_err(|source| Error::System { what, source })
}

/// Runs a command, says how it ended if it does, and ends it, itself and all
/// others in its group when standard input ends: nobody outlives who started
/// it, however that ends. It must lead a group.
///
/// # Errors
/// If the command cannot be run.
pub fn guard(words: &[OsString], on: &[u32]) -> Result<u8, Error> {
    let mut command = prepare(words, on)?;
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let what = "run the command";
    let child = command.spawn();
    let mut child = child.map_err(|source| Error::System { what, source })?;
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        group::kill_own();
        std::process::exit(0);
    });
    if let Ok(status) = child.wait() {
        // Nobody listens any more: the end is near.
        let _ = writeln!(io::stdout(), "{ENDED}{status}");
    }
    loop {
        thread::park();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_those_between_two_counts() {
        let begin =
            Counts { calls: 10, would_blocks: 1, wake_ups: Some(5), bytes: 64 };
        let end = Counts {
            calls: 30,
            would_blocks: 2,
            wake_ups: Some(9),
            bytes: 64 + 1280,
        };
        let counted = CountedCalls {
            echoes: 10,
            calls: 20,
            would_blocks: 1,
            wake_ups: Some(4),
        };
        assert_eq!(end.since(&begin, 128), counted);
    }
}
