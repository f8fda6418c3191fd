//! `scenario list | show | check | schema`.
//!
//! `check` makes each run in a process of its own, with its own signals and
//! descriptors, and says which expectations held.

use super::args::parse_at_least_one;
use super::output::print;
use crate::error::Error;
use crate::modes::Mode;
use crate::net::Errors;
use crate::report::WIDTH;
use crate::scenario::{self, Plan, builtin};
use crate::system::signals::Signal;
use crate::text::wrap;
use crate::units::show_time;
use clap::{Args, Subcommand};
use serde::Deserialize;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// What to do with scenarios.
#[derive(Debug, Subcommand)]
pub enum ScenarioCommand {
    /// List the built-in scenarios.
    List,
    /// Print a scenario's text.
    Show {
        /// A built-in scenario or a file.
        #[arg(value_name = "NAME|FILE")]
        scenario: String,
    },
    /// Run scenarios in every mode and say which expectations held.
    Check(CheckArgs),
    /// Print the JSON Schema of scenario files, for editors.
    Schema,
}

/// The options of `scenario check`.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Built-in scenarios or files [default: all built-in ones but
    /// `big-crowd`]
    #[arg(value_name = "NAME|FILE")]
    pub(super) scenarios: Vec<String>,
    /// Only in these modes [default: all that the scenario names]
    #[arg(long, value_name = "MODE", value_delimiter = ',')]
    pub(super) modes: Vec<Mode>,
    /// How often each is run.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = parse_at_least_one)]
    pub(super) rounds: usize,
    /// How many runs go on at once, each in a process of its own.
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = parse_at_least_one)]
    pub(super) jobs: usize,
}

/// How far the titles are indented in the list.
const INDENT: usize = 21;

/// Carries out one of them.
pub(super) fn run(command: ScenarioCommand) -> Result<u8, Error> {
    match command {
        ScenarioCommand::List => print(&list())?,
        ScenarioCommand::Show { scenario } => print(&text_of(&scenario)?)?,
        ScenarioCommand::Check(args) => return check(&args),
        ScenarioCommand::Schema => print(&scenario::schema())?,
    }
    Ok(0)
}

fn list() -> String {
    let mut text = String::new();
    for builtin in builtin() {
        let title = scenario::load(builtin.name)
            .map_or_else(|error| error.to_string(), |plan| plan.title);
        let lines = wrap(&title, WIDTH - INDENT);
        for (index, line) in lines.iter().enumerate() {
            let name = if index == 0 { builtin.name } else { "" };
            let _ = writeln!(text, "{name:<INDENT$}{line}");
        }
    }
    text
}

/// A scenario's own text, as it was written.
fn text_of(name_or_path: &str) -> Result<String, Error> {
    let refuse =
        |error: scenario::ScenarioError| Error::Scenario(error.to_string());
    if let Some(source) = scenario::source(name_or_path) {
        return Ok(source.to_owned());
    }
    scenario::load(name_or_path).map_err(refuse)?;
    let what = "read the scenario";
    fs::read_to_string(name_or_path)
        .map_err(|source| Error::System { what, source })
}

/// Left out unless named: it takes ten thousand clients and some seconds.
const ONLY_IF_NAMED: &str = "big-crowd";

/// How long after its time limit a run is asked to end, and how long after
/// that and its grace period it is killed.
const MARGIN: Duration = Duration::from_secs(10);

/// One scenario in one mode with one fate of errors.
#[derive(Clone)]
struct Job {
    scenario: String,
    plan: Plan,
    mode: Mode,
    errors: Errors,
    round: usize,
}

/// What became of a job: the expectations, or why there are none.
struct RunVerdict {
    job: Job,
    checks: Result<Vec<ReportedCheck>, String>,
}

/// An expectation as the run's own report has it.
#[derive(Deserialize)]
struct ReportedCheck {
    says: String,
    held: Option<bool>,
    /// Why it was not judged, as of a run that took too long.
    not_judged: Option<String>,
    wanted: String,
    found: String,
}

impl ReportedCheck {
    /// Nothing intervenes in these runs: one that took too long failed.
    const fn failed(&self) -> bool {
        matches!(self.held, Some(false)) || self.not_judged.is_some()
    }
}

/// The part of a run's report that is needed here.
#[derive(Deserialize)]
struct ReportedChecks {
    checks: Vec<ReportedCheck>,
}

/// Runs them all and prints a line for each run.
fn check(args: &CheckArgs) -> Result<u8, Error> {
    let jobs = jobs(args)?;
    let runs = jobs.len();
    let mut failed = 0;
    let queue = Mutex::new(jobs.into_iter());
    let (sender, verdicts) = channel();
    thread::scope(|threads| {
        for _ in 0..args.jobs {
            let (queue, sender) = (&queue, sender.clone());
            threads.spawn(move || work(queue, &sender));
        }
        drop(sender);
        verdicts.into_iter().try_for_each(|verdict| {
            failed += usize::from(!verdict.is_met());
            print(&verdict.words())
        })
    })?;
    print(&format!("{} passed, {failed} failed\n", runs - failed))?;
    if failed > 0 { Err(Error::Unmet { failed, runs }) } else { Ok(0) }
}

fn jobs(args: &CheckArgs) -> Result<Vec<Job>, Error> {
    let mut jobs = Vec::new();
    for scenario in names(args) {
        let plan = scenario::load(&scenario)
            .map_err(|error| Error::Scenario(error.to_string()))?;
        for (mode, errors) in ways(args, &plan) {
            for round in 1..=args.rounds {
                let (scenario, plan) = (scenario.clone(), plan.clone());
                jobs.push(Job { scenario, plan, mode, errors, round });
            }
        }
    }
    // Rounds last: a failure that comes in every round is seen early.
    jobs.sort_by_key(|job| job.round);
    Ok(jobs)
}

fn names(args: &CheckArgs) -> Vec<String> {
    if !args.scenarios.is_empty() {
        return args.scenarios.clone();
    }
    let all = builtin().iter().map(|it| it.name);
    all.filter(|name| *name != ONLY_IF_NAMED).map(str::to_owned).collect()
}

fn ways(args: &CheckArgs, plan: &Plan) -> Vec<(Mode, Errors)> {
    let named = |it: &Mode| args.modes.is_empty() || args.modes.contains(it);
    plan.ways().filter(|(mode, _)| named(mode)).collect()
}

fn work(
    queue: &Mutex<impl Iterator<Item = Job>>,
    verdicts: &Sender<RunVerdict>,
) {
    let next = || queue.lock().ok().and_then(|mut queue| queue.next());
    while let Some(job) = next() {
        let checks = checks_of(&job);
        if verdicts.send(RunVerdict { job, checks }).is_err() {
            return;
        }
    }
}

/// Runs it and reads the expectations from its report.
fn checks_of(job: &Job) -> Result<Vec<ReportedCheck>, String> {
    let program = std::env::current_exe().map_err(|it| it.to_string())?;
    let most = job.plan.time_limit + MARGIN;
    let mut command = Command::new(program);
    command
        .args([job.mode.name(), "--scenario", &job.scenario])
        .args(["--errors", job.errors.name()])
        .args(["--ui", "none", "--report", "json", "--duration"])
        .arg(format!("{}ms", most.as_millis()));
    let grace = job.plan.server.grace();
    let output = output_within(command, most + grace + MARGIN)?;
    if !is_as_planned(output.status, job) {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}", output.status, errors.trim_end()));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Result<ReportedChecks, _> = serde_json::from_str(&text);
    report.map(|report| report.checks).map_err(|error| error.to_string())
}

/// A plan may cut its own run short, by a second signal, and may expect that
/// its server fails.
fn is_as_planned(status: ExitStatus, job: &Job) -> bool {
    let may_cut = job.plan.signals.len() > 1;
    let may_fail = job.plan.expects_failure(job.mode, job.errors);
    let cut_short = |signal: Signal| {
        may_cut && status.code() == Some(signal.exit_status().into())
    };
    status.success()
        || may_fail && status.code() == Some(1)
        || cut_short(Signal::Interrupt)
        || cut_short(Signal::Terminate)
}

impl Job {
    /// The mode and, where the scenario has several, the fate of errors.
    fn way(&self) -> String {
        let mode = self.mode.name();
        match self.plan.errors.len() {
            1 => mode.to_owned(),
            _ => format!("{mode}, errors {}", self.errors.name()),
        }
    }
}

impl RunVerdict {
    fn is_met(&self) -> bool {
        let checks = self.checks.as_ref();
        checks.is_ok_and(|checks| !checks.iter().any(ReportedCheck::failed))
    }

    /// A line, and one for each expectation that did not hold.
    fn words(&self) -> String {
        let mark = if self.is_met() { "✓" } else { "✗" };
        let (name, way) = (&self.job.scenario, self.job.way());
        let mut text = format!("{mark} {name:<20} {way:<12}");
        match &self.checks {
            Ok(checks) => add_checks(&mut text, checks),
            Err(error) => {
                let _ = writeln!(text, " did not run to its end: {error}");
            }
        }
        text
    }
}

fn add_checks(text: &mut String, checks: &[ReportedCheck]) {
    let held = checks.iter().filter(|it| it.held == Some(true)).count();
    let _ = writeln!(text, " {held} of {} held", checks.len());
    for check in checks.iter().filter(|it| it.held != Some(true)) {
        let ReportedCheck { says, wanted, found, not_judged, .. } = check;
        let verb = if check.failed() { "failed" } else { "cannot tell" };
        let why = not_judged.as_ref().map(|why| format!("; {why}"));
        let why = why.unwrap_or_default();
        let _ = writeln!(
            text,
            "    {verb}: {says} (wanted {wanted}, found {found}{why})"
        );
    }
}

/// How often a process is asked whether it has ended.
const ASKED: Duration = Duration::from_millis(5);

/// Runs it to its end and takes what it prints, or kills it after the limit;
/// an error says why there is no output.
fn output_within(
    mut command: Command,
    limit: Duration,
) -> Result<Output, String> {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|threads| {
        // Read at once: a full pipe would hold it up.
        let stdout = threads.spawn(move || bytes(stdout));
        let stderr = threads.spawn(move || bytes(stderr));
        let status = end_within(&mut child, limit)?;
        let (stdout, stderr) = (joined(stdout)?, joined(stderr)?);
        match status {
            Some(status) => Ok(Output { status, stdout, stderr }),
            None => Err(format!("ended after {}", show_time(limit))),
        }
    })
}

/// Its status, or `None` if it had to be killed.
fn end_within(
    child: &mut Child,
    limit: Duration,
) -> Result<Option<ExitStatus>, String> {
    let start = Instant::now();
    let ended = loop {
        match child.try_wait() {
            Ok(None) if start.elapsed() < limit => thread::sleep(ASKED),
            ended => break ended,
        }
    };
    if !matches!(ended, Ok(Some(_))) {
        // It may have ended by now.
        let _ = child.kill();
        let _ = child.wait();
    }
    ended.map_err(|error| error.to_string())
}

fn bytes(stream: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        stream.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn joined(
    reading: ScopedJoinHandle<'_, io::Result<Vec<u8>>>,
) -> Result<Vec<u8>, String> {
    let bytes = reading.join().unwrap_or_else(|_| Ok(Vec::new()));
    bytes.map_err(|error| error.to_string())
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_hangs_is_ended() {
        let start = Instant::now();
        let limit = Duration::from_millis(50);
        let words = output_within(shell("exec sleep 60"), limit).unwrap_err();
        assert!(words.starts_with("ended after 50"), "{words}");
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn what_ends_is_read_to_its_end() {
        let limit = Duration::from_secs(60);
        let script = "head -c 300000 /dev/zero; echo no >&2; exit 3";
        let output = output_within(shell(script), limit).unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(output.stdout.len(), 300_000);
        assert_eq!(output.stderr, b"no\n");
    }
}
