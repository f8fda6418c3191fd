//! The measured processes' side: the hidden commands that the runner starts.

use super::process::LISTENING;
use super::result::CountedCalls;
use crate::error::Error;
use crate::modes::Mode;
use crate::net::{Listener, ServerOptions, Stop};
use crate::probe::{Class, NoProbe, Probe, Tally};
use crate::system::group::{self, ProcessUsage};
use crate::system::{cores, descriptors, signals};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

/// What a guard prints before the exit status of its command.
pub(super) const ENDED: &str = "ended: ";

/// What a guard prints when a signal has stopped its command.
pub(super) const STOPPED: &str = "stopped";

/// Serves in a mode without instrumentation, and answers questions on standard
/// input until it ends. With `count`, the size of a message in bytes, it counts
/// its calls and also answers the question `counts`.
///
/// # Errors
/// What the system refuses, or a failure of the server.
pub fn serve(mode: Mode, count: Option<u32>, on: &[u32]) -> Result<(), Error> {
    bind_to(on)?;
    // If there are too few descriptors, the clients notice.
    let _ = descriptors::raise_limit();
    let Some(size) = count else {
        let address = start(mode, NoProbe)?;
        return answer(address).map_err(Error::Output);
    };
    let tally = Arc::new(Tally::default());
    let address = start(mode, tally.clone())?;
    let counts = |question: &str| {
        let asked = question == "counts";
        let counts = asked.then(|| counted(&tally, size))?;
        serde_json::to_string(&counts).ok()
    };
    answer_with(address, counts).map_err(Error::Output)
}

/// The calls so far. Echoes are derived from the bytes sent back, because the
/// clients' count begins and ends slightly before the count of calls.
fn counted(tally: &Tally, size: u32) -> CountedCalls {
    let now = tally.totals();
    let mut outcomes = BTreeMap::new();
    for class in Class::ALL.into_iter().filter(|it| *it != Class::Paused) {
        let calls = now.lines.iter().map(|it| it.of(class)).sum();
        if calls > 0 {
            outcomes.insert(class, calls);
        }
    }
    let echoes = now.bytes_out() / u64::from(size.max(1));
    CountedCalls { echoes, outcomes }
}

/// Announces that a server listens at this address. Then answers each line
/// `usage` on standard input with the [`ProcessUsage`] of this process, until
/// standard input ends; [`Processes`](super::Processes) expects this of a
/// server that it starts. The calling thread must do nothing else, and the
/// process must end when this returns.
///
/// # Errors
/// If an answer cannot be written or standard input cannot be read.
pub fn answer(address: SocketAddr) -> io::Result<()> {
    answer_with(address, |_| None)
}

fn answer_with(
    address: SocketAddr,
    other: impl Fn(&str) -> Option<String>,
) -> io::Result<()> {
    let say = |line: &str| {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{line}")?;
        stdout.flush()
    };
    say(&format!("{LISTENING}{address}"))?;
    for question in io::stdin().lock().lines() {
        let question = question?;
        let answer = match question.as_str() {
            "usage" => {
                serde_json::to_string(&ProcessUsage::of_this_process()).ok()
            }
            question => other(question),
        };
        say(answer.as_deref().unwrap_or("null"))?;
    }
    Ok(())
}

/// Serves in a new thread. If the server ends, so does the process, which is of
/// no use without it.
fn start<P: Probe>(mode: Mode, probe: P) -> Result<SocketAddr, Error> {
    let settings = ServerOptions::default();
    let address = settings.listen();
    let refused = |source| Error::Bind { address, source };
    let stop = Stop::new();
    let listener = Listener::bind(&settings, &stop, probe).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let serve = move || {
        // It is never asked to stop, but it may fail.
        let _stop = stop;
        let words = match mode.serve(listener) {
            Ok(()) => "the server has stopped".to_owned(),
            Err(cause) => Error::Serve(cause).chain(),
        };
        let _ = writeln!(io::stderr(), "{words}");
        std::process::exit(1);
    };
    let started = thread::Builder::new().name("server".into()).spawn(serve);
    started.map_err(Error::system("start a thread"))?;
    Ok(address)
}

/// Binds this thread, and those that it starts, to these cores; does nothing if
/// there are none.
///
/// # Errors
/// If the system refuses.
pub fn bind_to(on: &[u32]) -> Result<(), Error> {
    if on.is_empty() {
        return Ok(());
    }
    cores::bind_to_cores(on).map_err(Error::system("bind to cores"))
}

/// Runs a command, prints a line when a signal stops it, and its exit status
/// when it ends. At the end of
/// standard input it kills the command and all that this has started, itself
/// and the rest of its group, so that no process outlives the measuring one,
/// however that ends: under Linux not even one that has left the group. This
/// process must lead its group.
///
/// # Errors
/// If the command cannot be run.
pub fn guard(words: &[OsString], on: &[u32]) -> Result<u8, Error> {
    bind_to(on)?;
    signals::unblock().map_err(Error::system("unblock signals"))?;
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| Error::Usage("there is no command to run".to_owned()))?;
    group::adopt_orphans();
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    let mut child =
        command.spawn().map_err(Error::system("run the command"))?;
    thread::spawn(move || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        group::end_descendants();
        group::kill_own();
        std::process::exit(0);
    });
    while group::wait_for_stop(&child) {
        let _ = writeln!(io::stdout(), "{STOPPED}");
    }
    if let Ok(status) = child.wait() {
        // If the reader is gone, standard input ends soon, too.
        let _ = writeln!(io::stdout(), "{ENDED}{status}");
    }
    loop {
        thread::park();
    }
}
