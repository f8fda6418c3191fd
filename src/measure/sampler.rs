//! One sample: a server, its clients, and what both say.

use super::cores::{CorePlan, tell};
use super::process::{Failed, PATIENCE, Process};
use super::reading::Reading;
use super::result::CountedCalls;
use super::sample::{Buckets, LoadUsage, Sample, ServerUsage};
use super::server::Server;
use super::subject::Subject;
use super::workload::{Pacing, Workload};
use crate::load::{Cancel, EchoTime};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// How long all clients may take to connect.
const CONNECTING: Duration = Duration::from_secs(60);

/// What the clients say, and what it means.
const CONNECTED: (&str, &str) = ("connected", "all are connected");
const BEGIN: (&str, &str) = ("begin", "the window begins");
const END: (&str, &str) = ("end", "the window is over");

/// A run whose calls are counted is at most so long.
const COUNTED: Duration = Duration::from_millis(300);

/// What takes samples, and counts calls.
pub trait Sampler {
    /// One server under one load for one window of time.
    ///
    /// # Errors
    /// Why there is no sample.
    fn sample(
        &mut self,
        subject: &Subject,
        workload: &Workload,
        round: u32,
    ) -> Result<(Sample, Buckets), Failed>;

    /// The calls of a server in a run of its own; `None` of one that does not
    /// count them.
    ///
    /// # Errors
    /// Why there is no count.
    fn count(
        &mut self,
        subject: &Subject,
        workload: &Workload,
    ) -> Result<Option<CountedCalls>, Failed>;
}

/// Takes samples with processes: a server and its clients anew for each.
pub struct Processes {
    /// The program that has the clients and our modes: this one.
    pub program: PathBuf,
    /// The cores of both sides.
    pub cores: CorePlan,
    /// Ends what is under way.
    pub cancel: Cancel,
}

impl Processes {
    /// The program, as one of its hidden commands.
    pub(super) fn program(&self, command: &str) -> Command {
        let mut program = Command::new(&self.program);
        program.arg(command);
        program
    }

    pub(super) fn on_server_cores(&self, mut command: Command) -> Command {
        tell(&mut command, self.cores.servers.as_deref());
        command
    }

    fn load(&self, target: SocketAddr, workload: &Workload) -> Command {
        let mut command = self.program("measured-load");
        command.arg(target.to_string());
        let number =
            |name: &str, number: u64| [name.into(), number.to_string()];
        command.args(number("--clients", workload.clients.into()));
        command.args(number("--idle", workload.idle.into()));
        command.args(number("--size", workload.size_bytes.into()));
        command.args(number("--pipeline", workload.pipeline.into()));
        command.args(number("--warm-up", workload.warm_up_ns));
        command.args(number("--time", workload.time_ns));
        if let Pacing::Open { rate_per_s } = workload.pacing {
            command.args(["--rate", &rate_per_s.to_string()]);
        }
        tell(&mut command, self.cores.clients.as_deref());
        command
    }

    /// Has clients talk to a server; what is asked at the beginning and at
    /// the end of the window comes with what they say.
    fn under_load<T>(
        &self,
        server: &mut Server,
        workload: &Workload,
        mut ask: impl FnMut(&mut Server) -> Result<T, Failed>,
    ) -> Result<(LoadReport, T, T), Failed> {
        let command = self.load(server.address, workload);
        let mut load = Process::start("the clients", command, &self.cancel)?;
        load.expect(CONNECTED, CONNECTING)?;
        load.say("go")?;
        let warm_up = Duration::from_nanos(workload.warm_up_ns);
        load.expect(BEGIN, PATIENCE + warm_up)?;
        let begin = ask(server)?;
        let time = Duration::from_nanos(workload.time_ns);
        load.expect(END, PATIENCE + time)?;
        let end = ask(server)?;
        let line = load.line("result", PATIENCE)?;
        let report = serde_json::from_str(&line)
            .map_err(|_| load.confused("their result", &line))?;
        Ok((report, begin, end))
    }
}

impl Sampler for Processes {
    fn sample(
        &mut self,
        subject: &Subject,
        workload: &Workload,
        round: u32,
    ) -> Result<(Sample, Buckets), Failed> {
        let mut server = Server::start(subject, self)?;
        let before = server.reading()?;
        let (report, begin, end) =
            self.under_load(&mut server, workload, Server::reading)?;
        report.check(workload)?;
        let used = begin.zip(end).and_then(|(begin, end)| {
            Reading::between(before.as_ref(), &begin, &end)
        });
        Ok(report.into_sample(round, used))
    }

    fn count(
        &mut self,
        subject: &Subject,
        workload: &Workload,
    ) -> Result<Option<CountedCalls>, Failed> {
        let Subject::Mode(mode) = subject else { return Ok(None) };
        let mut server = Server::counting(*mode, self)?;
        let most = crate::units::nanoseconds(COUNTED);
        let short = Workload {
            warm_up_ns: workload.warm_up_ns.min(most),
            time_ns: workload.time_ns.min(most),
            ..workload.clone()
        };
        let (_, begin, end) =
            self.under_load(&mut server, &short, Server::counts)?;
        Ok(Some(end.since(&begin, workload.size_bytes)))
    }
}

/// What the clients' process says in its last line.
#[derive(Deserialize)]
struct LoadReport {
    window_ns: u64,
    echoes: u64,
    sent: u64,
    due: u64,
    unanswered: u64,
    clients_served: u32,
    connections_lost: u32,
    mismatches: u64,
    echo_time: Option<EchoTime>,
    buckets: Buckets,
    late_p50_ns: u64,
    late_p99_ns: u64,
    cpu_ns: Option<u64>,
}

impl LoadReport {
    /// Whether it says anything about an echo server.
    fn check(&self, workload: &Workload) -> Result<(), Failed> {
        if self.mismatches > 0 {
            let bytes = self.mismatches;
            return Err(Failed::because(format!(
                "it is no echo server: {bytes} bytes came back that had not \
                 been sent"
            )));
        }
        let lost = self.connections_lost;
        if self.echoes == 0 && lost >= workload.connections() {
            return Err(Failed::because(format!(
                "it ended all {lost} connections"
            )));
        }
        Ok(())
    }

    fn into_sample(
        self,
        round: u32,
        server: Option<ServerUsage>,
    ) -> (Sample, Buckets) {
        let load = LoadUsage {
            cpu_ns: self.cpu_ns,
            sent: self.sent,
            due: self.due,
            unanswered: self.unanswered,
            late_p50_ns: self.late_p50_ns,
            late_p99_ns: self.late_p99_ns,
            connections_lost: self.connections_lost,
            mismatches: self.mismatches,
        };
        let sample = Sample {
            round,
            window_ns: self.window_ns,
            echoes: self.echoes,
            clients_served: self.clients_served,
            echo_time: self.echo_time,
            server,
            load,
        };
        (sample, self.buckets)
    }
}
