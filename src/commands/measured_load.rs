//! `measured-load`: the clients of a measurement, led by the process that
//! measures.
//!
//! Line by line: it prints `connected`, waits for a line on its standard
//! input, talks, prints `begin` and `end` around the window, then the result
//! as a line of JSON. Its connections stay open until its standard input
//! ends; should that be early, it ends at once. A Ctrl-C reaches all
//! processes of a terminal; the process that measures decides what it means.

use super::bench::MeasuredLoadArgs;
use super::load::receive_signals;
use super::output::{print, try_print};
use crate::error::Error;
use crate::load::steady::{self, LoadMoment};
use crate::measure::bind_to;
use crate::system::signals::Signal;
use std::io::{self, BufRead as _, BufReader};
use std::process::exit;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

pub(super) fn run(args: &MeasuredLoadArgs) -> Result<u8, Error> {
    steady::check(&args.workload)
        .map_err(|fault| Error::Usage(format!("measured-load: {fault}")))?;
    bind_to(&args.cores)?;
    receive_signals(|signal| match signal {
        Signal::Interrupt => {}
        Signal::Terminate => exit(signal.exit_status().into()),
    })?;
    let go = listen_to_the_leader()?;
    let mut on = |moment| tell(moment, &go);
    let (result, _connections) =
        steady::run(args.target, &args.workload, &mut on)
            .map_err(Error::Load)?;
    let text = serde_json::to_string(&result).map_err(Error::HandOver)?;
    print(&(text + "\n"))?;
    // Until standard input ends, and the process with it.
    loop {
        thread::park();
    }
}

/// Announces the moment; the clients talk when the leader sends a line.
fn tell(moment: LoadMoment, go: &Receiver<()>) -> io::Result<()> {
    match moment {
        LoadMoment::Connected => {
            try_print("connected\n")?;
            // The thread at the other end does not end before the process.
            go.recv().map_err(io::Error::other)
        }
        LoadMoment::Begun => try_print("begin\n"),
        LoadMoment::Ended => try_print("end\n"),
    }
}

/// Waits in a thread for a line on standard input, which it passes on, and
/// then for its end, which is the end of the process: whatever is open is
/// reset by that.
fn listen_to_the_leader() -> Result<Receiver<()>, Error> {
    let (sender, go) = channel();
    let listen = move || {
        let mut input = BufReader::new(io::stdin());
        if input.read_line(&mut String::new()).is_ok_and(|bytes| bytes > 0) {
            let _ = sender.send(());
            let _ = io::copy(&mut input, &mut io::sink());
        }
        exit(0);
    };
    let thread = thread::Builder::new().name("leader".into()).spawn(listen);
    thread.map_err(Error::system("read from the leading process"))?;
    Ok(go)
}
