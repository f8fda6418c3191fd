//! A server under measurement, whoever made it.

use super::cores::tell;
use super::process::{Failed, LISTENING, PATIENCE, Process};
use super::reading::Reading;
use super::sampler::Processes;
use super::serving::Counts;
use super::subject::Subject;
use crate::system::commands::SHELL;
use crate::system::group;
use crate::units::show_time;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a connect to a server that starts may take.
const CONNECT: Duration = Duration::from_secs(1);

/// How long is waited after a connect that was refused.
const BETWEEN_CONNECTS: Duration = Duration::from_millis(5);

/// What its guard says when a command has ended.
pub(super) const ENDED: &str = "ended: ";

/// A server that listens.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    meter: Meter,
}

/// How it is found out what it uses.
enum Meter {
    /// It says so itself.
    Answers(Process),
    /// It is looked up, in the group that this guard leads.
    Guarded(Process),
    /// It is not known.
    None,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(super) fn start(
        subject: &Subject,
        with: &Processes,
    ) -> Result<Self, Failed> {
        match subject {
            Subject::Mode(mode) => {
                let mut command = with.program("measured-server");
                command.arg(mode.name());
                Self::answering(with.on_server_cores(command), with)
            }
            Subject::Peer { command, .. } => {
                Self::answering(bound(command, with)?, with)
            }
            Subject::Command(script) => Self::guarded(script, with),
            Subject::Address(address) => {
                Ok(Self { address: *address, meter: Meter::None })
            }
        }
    }

    /// One of our modes, whose calls are counted.
    pub(super) fn counting(
        mode: crate::modes::Mode,
        with: &Processes,
    ) -> Result<Self, Failed> {
        let mut command = with.program("measured-server");
        command.args([mode.name(), "--count"]);
        Self::answering(with.on_server_cores(command), with)
    }

    fn answering(command: Command, with: &Processes) -> Result<Self, Failed> {
        let mut process = Process::start("the server", command, &with.cancel)?;
        let line = process.line("address", PATIENCE)?;
        let address = line.strip_prefix(LISTENING);
        match address.and_then(|it| it.parse().ok()) {
            Some(address) => {
                Ok(Self { address, meter: Meter::Answers(process) })
            }
            None => Err(process.confused("an address", &line)),
        }
    }

    fn guarded(script: &str, with: &Processes) -> Result<Self, Failed> {
        let address = free_address().map_err(|error| {
            Failed::because(format!("there is no free port: {error}"))
        })?;
        let mut guard = Process::start(
            "the command",
            guard_of(script, address, with),
            &with.cancel,
        )?;
        wait_until_it_accepts(&mut guard, address)?;
        Ok(Self { address, meter: Meter::Guarded(guard) })
    }

    /// What it has used so far; `None` if that is not known.
    pub(super) fn reading(&mut self) -> Result<Option<Reading>, Failed> {
        match &mut self.meter {
            Meter::Answers(process) => asked(process, "usage").map(Some),
            Meter::Guarded(guard) => {
                check(guard)?;
                let used = group::usage(guard.group());
                Ok(used.as_ref().map(Reading::of_group))
            }
            Meter::None => Ok(None),
        }
    }

    /// The calls that it has counted so far.
    pub(super) fn counts(&mut self) -> Result<Counts, Failed> {
        match &mut self.meter {
            Meter::Answers(process) => asked(process, "counts"),
            _ => Err(Failed::because("it does not count its calls")),
        }
    }
}

fn asked<T: serde::de::DeserializeOwned>(
    process: &mut Process,
    question: &str,
) -> Result<T, Failed> {
    process.say(question)?;
    let line = process.line(&format!("answer to `{question}`"), PATIENCE)?;
    serde_json::from_str(&line)
        .map_err(|_| process.confused(&format!("its {question}"), &line))
}

/// The command, bound to the cores of the servers by ourselves.
fn bound(words: &[String], with: &Processes) -> Result<Command, Failed> {
    let Some((program, arguments)) = words.split_first() else {
        return Err(Failed::because("there is no command"));
    };
    if with.cores.servers.is_none() {
        let mut command = Command::new(program);
        command.args(arguments);
        return Ok(command);
    }
    let mut command = with.on_server_cores(with.program("measured-exec"));
    command.arg("--").args(words);
    Ok(command)
}

fn guard_of(script: &str, address: SocketAddr, with: &Processes) -> Command {
    let port = address.port().to_string();
    let script =
        script.replace("{port}", &port).replace("{addr}", &address.to_string());
    let mut command = with.program("measured-guard");
    command.env("PORT", port).env("ADDR", address.to_string());
    tell(&mut command, with.cores.servers.as_deref());
    command.arg("--").args(SHELL).arg(script);
    command
}

/// A port that was free a moment ago.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn wait_until_it_accepts(
    guard: &mut Process,
    address: SocketAddr,
) -> Result<(), Failed> {
    let start = Instant::now();
    while TcpStream::connect_timeout(&address, CONNECT).is_err() {
        if let Some(line) = guard.line_within(BETWEEN_CONNECTS)? {
            return Err(command_ended(guard, &line));
        }
        if start.elapsed() > PATIENCE {
            let limit = show_time(PATIENCE);
            return Err(guard.failed(format!(
                "the command does not listen on {address} after {limit}"
            )));
        }
    }
    Ok(())
}

/// Whether the command has not ended.
fn check(guard: &mut Process) -> Result<(), Failed> {
    match guard.line_within(Duration::ZERO)? {
        None => Ok(()),
        Some(line) => Err(command_ended(guard, &line)),
    }
}

fn command_ended(guard: &Process, line: &str) -> Failed {
    let how = line.strip_prefix(ENDED).unwrap_or(line);
    guard.failed(format!("the command has ended ({how})"))
}
