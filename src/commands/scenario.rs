//! `scenario list | show | check | schema`.
//!
//! `check` makes each run in a process of its own, with its own signals and
//! descriptors, and says which expectations held.

use super::args::{load_plan, parse_at_least_one};
use super::output::print;
use crate::error::Error;
use crate::modes::Mode;
use crate::net::Errors;
use crate::report::WIDTH;
use crate::run::report::RunReport;
use crate::scenario::{self, ExpectationCheck, Plan, builtin};
use crate::system::signals::Signal;
use crate::text::wrap;
use crate::units::show_time;
use clap::{Args, Subcommand};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;
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

/// Left out unless named: it takes ten thousand clients and some seconds.
const ONLY_IF_NAMED: &str = "big-crowd";

/// How long after its time limit a run is asked to end, and how long after
/// that and its grace period it is killed.
const MARGIN: Duration = Duration::from_secs(10);

/// How often a process is asked whether it has ended.
const LOOK: Duration = Duration::from_millis(5);

/// Carries out one of them.
pub(super) fn run(command: ScenarioCommand) -> Result<u8, Error> {
    match command {
        ScenarioCommand::List => print(&list())?,
        ScenarioCommand::Show { scenario } => {
            print(&load_plan(&scenario)?.text)?;
        }
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

/// One scenario in one mode with one way to handle errors.
struct Job {
    scenario: String,
    plan: Plan,
    mode: Mode,
    errors: Errors,
    round: usize,
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
            threads.spawn(move || {
                let next = || queue.lock().ok()?.next();
                while let Some(job) = next() {
                    if sender.send(verdict(&job)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        verdicts.into_iter().try_for_each(|(is_met, text)| {
            failed += usize::from(!is_met);
            print(&text)
        })
    })?;
    print(&format!("{} passed, {failed} failed\n", runs - failed))?;
    if failed > 0 { Err(Error::Unmet { failed, runs }) } else { Ok(0) }
}

fn jobs(args: &CheckArgs) -> Result<Vec<Job>, Error> {
    let mut scenarios = args.scenarios.clone();
    if scenarios.is_empty() {
        let all = builtin().iter().map(|it| it.name.to_owned());
        scenarios = all.filter(|name| name != ONLY_IF_NAMED).collect();
    }
    let mut jobs = Vec::new();
    for scenario in scenarios {
        let plan = load_plan(&scenario)?;
        for (mode, errors) in plan.ways() {
            if args.modes.is_empty() || args.modes.contains(&mode) {
                jobs.extend((1..=args.rounds).map(|round| {
                    let (scenario, plan) = (scenario.clone(), plan.clone());
                    Job { scenario, plan, mode, errors, round }
                }));
            }
        }
    }
    // Rounds last: a failure that comes in every round is seen early.
    jobs.sort_by_key(|job| job.round);
    Ok(jobs)
}

/// Runs it, and returns whether all expectations were met, and a line, with
/// one more for each expectation that did not hold.
fn verdict(job: &Job) -> (bool, String) {
    let mut way = job.mode.name().to_owned();
    if job.plan.errors.len() > 1 {
        way = format!("{way}, errors {}", job.errors.name());
    }
    let subject = format!("{:<20} {way:<12}", job.scenario);
    let checks = match checks_of(job) {
        Ok(checks) => checks,
        Err(error) => {
            let text = format!("✗ {subject} did not run to its end: {error}\n");
            return (false, text);
        }
    };
    // Nothing intervenes in these runs: one that took too long failed.
    let has_failed = |check: &ExpectationCheck| {
        check.held == Some(false) || check.not_judged.is_some()
    };
    let is_met = !checks.iter().any(has_failed);
    let mark = if is_met { "✓" } else { "✗" };
    let (held, others): (Vec<_>, Vec<_>) =
        checks.iter().partition(|it| it.held == Some(true));
    let mut text =
        format!("{mark} {subject} {} of {} held\n", held.len(), checks.len());
    for check in others {
        let ExpectationCheck { says, wanted, found, not_judged, .. } = check;
        let verb = if has_failed(check) { "failed" } else { "cannot tell" };
        let why = not_judged.as_ref().map(|why| format!("; {why}"));
        let why = why.unwrap_or_default();
        let _ = writeln!(
            text,
            "    {verb}: {says} (wanted {wanted}, found {found}{why})"
        );
    }
    (is_met, text)
}

/// Runs it in a process of its own and reads the expectations from its
/// report.
fn checks_of(job: &Job) -> Result<Vec<ExpectationCheck>, String> {
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
    let report: Result<RunReport, _> = serde_json::from_slice(&output.stdout);
    report.map(|report| report.checks).map_err(|error| error.to_string())
}

/// A plan may cut its own run short, by a second signal, and may expect that
/// its server fails.
fn is_as_planned(status: ExitStatus, job: &Job) -> bool {
    let may_cut = job.plan.signals.len() > 1;
    let may_fail = job.plan.expects_failure(job.mode, job.errors);
    status.success()
        || may_fail && status.code() == Some(1)
        || [Signal::Interrupt, Signal::Terminate].iter().any(|signal| {
            may_cut && status.code() == Some(signal.exit_status().into())
        })
}

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
    let output = thread::scope(|threads| {
        // Read at once: a full pipe would hold it up.
        let stdout = threads.spawn(move || all_bytes(stdout));
        let stderr = threads.spawn(move || all_bytes(stderr));
        let start = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(None) if start.elapsed() < limit => thread::sleep(LOOK),
                ended => break ended,
            }
        };
        if !matches!(status, Ok(Some(_))) {
            // It may have ended by now.
            let _ = child.kill();
            let _ = child.wait();
        }
        let stdout = stdout.join().unwrap_or_else(|_| Ok(Vec::new()))?;
        let stderr = stderr.join().unwrap_or_else(|_| Ok(Vec::new()))?;
        let output = |status| Output { status, stdout, stderr };
        status.map(|status| status.map(output))
    });
    let output = output.map_err(|error| error.to_string())?;
    output.ok_or_else(|| format!("ended after {}", show_time(limit)))
}

fn all_bytes(stream: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        stream.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
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
