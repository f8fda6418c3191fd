//! Takes one sample: starts a server and its clients, and asks both.

use super::process::{LISTENING, NoSample, PATIENCE, Process};
use super::result::{CorePlan, CountedCalls, Sample, Subject};
use super::serving::{ENDED, STOPPED};
use crate::load::steady::{self, SteadyResult, Workload};
use crate::load::{Cancel, ClientTrouble};
use crate::system::group::{self, ProcessUsage, SHELL};
use crate::system::stops;
use crate::units::{nanoseconds, show_time};
use itertools::Itertools as _;
use serde::de::DeserializeOwned;
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long all clients may take to connect.
const CONNECTING: Duration = Duration::from_secs(60);

/// How long one attempt to connect to a starting server may take.
const CONNECT: Duration = Duration::from_secs(1);

/// The pause after an attempt to connect that failed.
const BETWEEN_CONNECTS: Duration = Duration::from_millis(5);

/// How long to wait for the standard error of a failed command.
const SOON: Duration = Duration::from_millis(100);

/// The longest warm-up, and the longest window, if calls are counted.
const COUNTED: Duration = Duration::from_millis(300);

/// Takes samples and counts calls.
pub trait Sampler {
    /// Measures one server under one load for one window of time.
    ///
    /// # Errors
    /// Why there is no sample.
    fn sample(
        &mut self,
        subject: &Subject,
        workload: &Workload,
        round: u32,
    ) -> Result<Sample, NoSample>;

    /// Counts the calls of a server in a separate run; `None` for a server that
    /// cannot count them.
    ///
    /// # Errors
    /// Why there is no count.
    fn count(
        &mut self,
        subject: &Subject,
        workload: &Workload,
    ) -> Result<Option<CountedCalls>, NoSample>;
}

/// Takes samples with new processes for each server and its clients.
pub struct Processes {
    /// The program that contains the clients and our modes: this one.
    pub program: PathBuf,
    /// The cores of servers and clients.
    pub cores: CorePlan,
    /// Cancels the measurement, even during a sample.
    pub cancel: Cancel,
}

impl Processes {
    /// A command that runs a program on the servers' cores.
    fn server(
        &self,
        program: impl AsRef<OsStr>,
        arguments: &[impl AsRef<OsStr>],
    ) -> Command {
        let mut command = Command::new(program);
        command.args(arguments);
        on_cores(command, self.cores.server_cores.as_ref())
    }

    /// Puts a server under load; `ask` is called at the beginning and at the
    /// end of the window.
    fn under_load<T>(
        &self,
        server: &mut ServerProcess,
        workload: &Workload,
        ask: impl FnMut(&mut ServerProcess) -> Result<T, NoSample>,
    ) -> Result<(SteadyResult, T, T), NoSample> {
        let wanted = serde_json::to_string(workload)
            .map_err(|error| error.to_string())?;
        let mut command = Command::new(&self.program);
        command.args(["measured-load", &server.address.to_string(), &wanted]);
        let command = on_cores(command, self.cores.load_cores.as_ref());
        let mut load = Process::start("the clients", command, &self.cancel)?;
        let result = lead(&mut load, server, workload, ask);
        let has_failed = matches!(result, Err(NoSample::Because(_)));
        // What was measured while something stood still is worth nothing.
        let trouble = if matches!(result, Err(NoSample::Cancelled)) {
            return result;
        } else if load.was_stopped() {
            ClientTrouble::Stopped
        } else if server.was_stopped() {
            ClientTrouble::ServerStopped
        } else if has_failed && load.was_killed() {
            ClientTrouble::Killed
        } else {
            return result;
        };
        Err(NoSample::Clients(trouble))
    }
}

/// What `measure` returns, unless this process was stopped meanwhile: then the
/// limits of its waits may have passed, and what it has measured is worth
/// nothing.
fn without_stop<T>(
    measure: impl FnOnce() -> Result<T, NoSample>,
) -> Result<T, NoSample> {
    let before = stops::interruptions();
    match measure() {
        Err(NoSample::Cancelled) => Err(NoSample::Cancelled),
        _ if stops::interruptions() != before => {
            Err(NoSample::Clients(ClientTrouble::LeaderStopped))
        }
        result => result,
    }
}

/// Leads the clients through a window, at the beginning and at the end of which
/// it calls `ask`.
fn lead<T>(
    load: &mut Process,
    server: &mut ServerProcess,
    workload: &Workload,
    mut ask: impl FnMut(&mut ServerProcess) -> Result<T, NoSample>,
) -> Result<(SteadyResult, T, T), NoSample> {
    load.expect(("connected", "all are connected"), CONNECTING)
        .map_err(|why| server.explain_refusal(why))?;
    load.say("go")?;
    let warm_up = Duration::from_nanos(workload.warm_up_ns);
    load.expect(("begin", "the window begins"), PATIENCE + warm_up)?;
    let begin = ask(server)?;
    let time = Duration::from_nanos(workload.time_ns);
    load.expect(("end", "the window is over"), PATIENCE + time)?;
    let end = ask(server)?;
    let line = load.line("result", PATIENCE)?;
    let result = serde_json::from_str(&line)
        .map_err(|_| load.confused("their result", &line))?;
    Ok((result, begin, end))
}

/// Appends `--cores LIST` to a command.
fn on_cores(mut command: Command, cores: Option<&Vec<u32>>) -> Command {
    if let Some(cores) = cores {
        command.args(["--cores", &cores.iter().join(",")]);
    }
    command
}

impl Processes {
    fn take_sample(
        &self,
        subject: &Subject,
        workload: &Workload,
        round: u32,
    ) -> Result<Sample, NoSample> {
        let mut server = ServerProcess::start(subject, self)?;
        let before = server.usage()?;
        let (load, begin, end) =
            self.under_load(&mut server, workload, ServerProcess::usage)?;
        // These results are not those of an echo server.
        let (lost, wrong) = (load.connections_lost, load.mismatches);
        if wrong > 0 {
            return Err(NoSample::Because(format!(
                "it is no echo server: {wrong} bytes came back that had not \
                 been sent"
            )));
        }
        if load.echoes == 0 && lost >= workload.connections() {
            return Err(format!("it ended all {lost} connections").into());
        }
        Ok(Sample {
            round,
            load,
            server: begin.zip(end).map(|(begin, end)| end.since(&begin)),
            memory_before_bytes: before.and_then(|it| it.memory_bytes),
        })
    }

    fn take_count(
        &self,
        subject: &Subject,
        workload: &Workload,
    ) -> Result<Option<CountedCalls>, NoSample> {
        let Subject::Mode(mode) = subject else { return Ok(None) };
        let size = workload.size_bytes.to_string();
        let arguments = ["measured-server", mode.name(), "--count", &size];
        let command = self.server(&self.program, &arguments);
        let mut server = ServerProcess::answering(command, self)?;
        let most = nanoseconds(COUNTED);
        let short = Workload {
            warm_up_ns: workload.warm_up_ns.min(most),
            time_ns: workload.time_ns.min(most),
            ..workload.clone()
        };
        let counts = |server: &mut ServerProcess| match &mut server.meter {
            Meter::Answers(process) => ask(process, "counts"),
            _ => Err("it does not count its calls".to_owned().into()),
        };
        let (_, begin, end): (_, CountedCalls, _) =
            self.under_load(&mut server, &short, counts)?;
        Ok(Some(end.since(&begin)))
    }
}

impl Sampler for Processes {
    fn sample(
        &mut self,
        subject: &Subject,
        workload: &Workload,
        round: u32,
    ) -> Result<Sample, NoSample> {
        if steady::is_nothing_due(workload) {
            return Err(NoSample::Clients(ClientTrouble::NothingDue));
        }
        without_stop(|| self.take_sample(subject, workload, round))
    }

    fn count(
        &mut self,
        subject: &Subject,
        workload: &Workload,
    ) -> Result<Option<CountedCalls>, NoSample> {
        without_stop(|| self.take_count(subject, workload))
    }
}

/// A server that listens, and its process if we started it.
struct ServerProcess {
    address: SocketAddr,
    meter: Meter,
}

/// How the usage of a server is found out.
enum Meter {
    /// The server answers questions about itself.
    Answers(Process),
    /// The usage of the group that this guard leads is read.
    Guarded(Process),
    /// The server was not started here: its usage is not known.
    None,
}

impl ServerProcess {
    /// Starts the server and waits until it listens.
    fn start(subject: &Subject, with: &Processes) -> Result<Self, NoSample> {
        let command = match subject {
            Subject::Mode(mode) => {
                with.server(&with.program, &["measured-server", mode.name()])
            }
            Subject::Peer { command, .. } => match &command[..] {
                [program, arguments @ ..] => with.server(program, arguments),
                [] => return Err("there is no command".to_owned().into()),
            },
            Subject::Command(script) => return Self::guarded(script, with),
            Subject::Address(address) => {
                return Ok(Self { address: *address, meter: Meter::None });
            }
        };
        Self::answering(command, with)
    }

    fn answering(command: Command, with: &Processes) -> Result<Self, NoSample> {
        let mut process = Process::start("the server", command, &with.cancel)?;
        let line = process.line("address", PATIENCE)?;
        let address = line.strip_prefix(LISTENING);
        let address = address.and_then(|it| it.parse().ok());
        let address =
            address.ok_or_else(|| process.confused("an address", &line))?;
        Ok(Self { address, meter: Meter::Answers(process) })
    }

    fn guarded(script: &str, with: &Processes) -> Result<Self, NoSample> {
        // Another process could take this port before the server does.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|it| it.local_addr())
            .map_err(|error| match error.kind() {
                // Without a port number in the call, all are in use.
                ErrorKind::AddrInUse => {
                    NoSample::Clients(ClientTrouble::NoPorts)
                }
                _ => format!("there is no free port: {error}").into(),
            })?;
        let (port, all) = (address.port().to_string(), address.to_string());
        let script = script.replace("{port}", &port).replace("{addr}", &all);
        let mut command = with.server(&with.program, &["measured-guard"]);
        command.env("PORT", port).env("ADDR", all);
        command.arg("--").args(SHELL).arg(script);
        let mut guard = Process::start("the command", command, &with.cancel)?;
        guard.is_guard = true;
        let start = Instant::now();
        while let Err(error) = TcpStream::connect_timeout(&address, CONNECT) {
            if let Some(trouble) = ClientTrouble::of_error(&error, address) {
                return Err(NoSample::Clients(trouble));
            }
            check_running(&mut guard, BETWEEN_CONNECTS)?;
            if start.elapsed() > PATIENCE {
                let limit = show_time(PATIENCE);
                let words = format!(
                    "the command does not listen on {address} after {limit}"
                );
                return Err(guard.failed(words, SOON));
            }
        }
        Ok(Self { address, meter: Meter::Guarded(guard) })
    }

    /// Why clients could not connect: no server runs at an address, or a command
    /// has accepted the connection that checks whether it listens, and no other.
    fn explain_refusal(&mut self, why: NoSample) -> NoSample {
        let NoSample::Because(_) = &why else { return why };
        let again = TcpStream::connect_timeout(&self.address, CONNECT);
        let refused =
            |error: &io::Error| error.kind() == ErrorKind::ConnectionRefused;
        if !again.as_ref().is_err_and(refused) {
            return why;
        }
        let guard = match &mut self.meter {
            Meter::Guarded(guard) => guard,
            Meter::Answers(_) => return why,
            Meter::None => {
                let address = self.address;
                return format!("no server listens on {address}").into();
            }
        };
        match guard.line_within(SOON) {
            Err(cancelled) => cancelled,
            Ok(Some(line)) if !line.ends_with(": 0") => {
                has_ended(guard, &line, " after the probe's connection")
            }
            Ok(_) => NoSample::Clients(ClientTrouble::OneConnectionOnly),
        }
    }

    /// Whether it was stopped by a signal since the last call, as far as this
    /// is known.
    fn was_stopped(&self) -> bool {
        match &self.meter {
            Meter::Answers(process) | Meter::Guarded(process) => {
                process.was_stopped()
            }
            Meter::None => false,
        }
    }

    /// What the server has used so far; `None` if that is not known.
    fn usage(&mut self) -> Result<Option<ProcessUsage>, NoSample> {
        match &mut self.meter {
            Meter::Answers(process) => ask(process, "usage"),
            Meter::Guarded(guard) => {
                check_running(guard, Duration::ZERO)?;
                Ok(group::usage(guard.group()))
            }
            Meter::None => Ok(None),
        }
    }
}

fn ask<T: DeserializeOwned>(
    process: &mut Process,
    question: &str,
) -> Result<T, NoSample> {
    process.say(question)?;
    let line = process.line(&format!("answer to `{question}`"), PATIENCE)?;
    serde_json::from_str(&line)
        .map_err(|_| process.confused(&format!("its {question}"), &line))
}

/// Fails if the guard reports within `time` that the command has ended.
fn check_running(guard: &mut Process, time: Duration) -> Result<(), NoSample> {
    match guard.line_within(time)? {
        Some(line) => Err(has_ended(guard, &line, "")),
        None => Ok(()),
    }
}

/// The error for the end of a command or its stop, with what its guard prints
/// then.
fn has_ended(guard: &Process, line: &str, when: &str) -> NoSample {
    if line == STOPPED {
        return NoSample::Clients(ClientTrouble::ServerStopped);
    }
    let how = line.strip_prefix(ENDED).unwrap_or(line);
    guard.failed(format!("the command has ended{when} ({how})"), SOON)
}
