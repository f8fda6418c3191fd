//! `scenario list | show | check`.
//!
//! `check` makes each run in a process of its own, with its own signals and
//! descriptors, and says which expectations held.

use super::examples;
use super::files::CommandFiles;
use super::output::{print, print_result};
use super::serve::{self, RunArgs};
use crate::error::Error;
use crate::modes::Mode;
use crate::net::Errors;
use crate::report::WIDTH;
use crate::run::report::RunReport;
use crate::scenario::{self, ExpectationCheck, Plan, builtin};
use crate::system::signals;
use crate::text::{clean, clean_lines, foreign, wrap};
use crate::tui::ScreenSettings;
use crate::units::show_time;
use clap::builder::RangedU64ValueParser;
use clap::{Args, Subcommand};
use std::fmt::Write as _;
use std::io::{self, Read as _, Seek as _};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

#[derive(Debug, Subcommand)]
pub enum ScenarioCommand {
    /// List the built-in scenarios
    #[command(after_long_help = examples::help("scenario list"))]
    List,
    /// Print a scenario's text
    #[command(after_long_help = examples::help("scenario show"))]
    Show {
        /// A built-in scenario or a file
        #[arg(value_name = "NAME|FILE")]
        scenario: String,
    },
    /// Run scenarios and say which expectations held
    #[command(after_long_help = examples::help("scenario check"))]
    Check(CheckArgs),
}

/// The options of `scenario check`.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Built-in scenarios or files
    ///
    /// [default: all built-in ones but `big-crowd`]
    #[arg(value_name = "NAME|FILE")]
    pub scenarios: Vec<String>,
    /// Only in these modes, separated by commas
    ///
    /// [default: all that the scenario names]
    #[arg(
        long,
        value_name = "MODE",
        value_delimiter = ',',
        help_heading = "What runs"
    )]
    pub modes: Vec<Mode>,
    /// Number of times that each is run
    #[arg(long, value_name = "N", default_value_t = 1,
          help_heading = "What runs",
          value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub rounds: usize,
    /// Runs at once, each in its own process
    #[arg(long, value_name = "N", default_value_t = 4,
          help_heading = "What runs",
          value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub jobs: usize,
}

/// How far the titles are indented in the list.
const INDENT: usize = 21;

/// Left out unless named: it takes ten thousand clients and some seconds.
const ONLY_IF_NAMED: &str = "big-crowd";

/// How long after its time limit a run is asked to end, and how long after
/// that and its grace period it is killed.
const MARGIN: Duration = Duration::from_secs(10);

/// How often it is checked whether a process has ended.
const LOOK: Duration = Duration::from_millis(5);

pub(super) fn run(command: ScenarioCommand) -> Result<(), Error> {
    match command {
        ScenarioCommand::List => print(&list()),
        ScenarioCommand::Show { scenario } => {
            print(&foreign::toml(&scenario::load(&scenario)?.text))
        }
        ScenarioCommand::Check(args) => check(&args),
    }
}

fn list() -> String {
    let entries = builtin().iter().map(|builtin| {
        let title = scenario::load(builtin.name)
            .map_or_else(|error| error.to_string(), |plan| plan.title);
        let indented = format!("\n{:INDENT$}", "");
        let title = wrap(&title, WIDTH - INDENT).join(&indented);
        format!("{:<INDENT$}{title}\n", builtin.name)
    });
    entries.collect()
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
fn check(args: &CheckArgs) -> Result<(), Error> {
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
            print_result(&text)
        })
    })?;
    print_result(&format!("{} passed, {failed} failed\n", runs - failed))?;
    if failed > 0 { Err(Error::Unmet { failed, runs }) } else { Ok(()) }
}

fn jobs(args: &CheckArgs) -> Result<Vec<Job>, Error> {
    let mut scenarios = args.scenarios.clone();
    if scenarios.is_empty() {
        let all = builtin().iter().map(|it| it.name.to_owned());
        scenarios = all.filter(|name| name != ONLY_IF_NAMED).collect();
    }
    let mut jobs = Vec::new();
    for scenario in scenarios {
        let plan = scenario::load(&scenario)?;
        for (mode, errors) in plan.ways() {
            if args.modes.is_empty() || args.modes.contains(&mode) {
                jobs.extend((1..=args.rounds).map(|round| {
                    let (scenario, plan) = (scenario.clone(), plan.clone());
                    Job { scenario, plan, mode, errors, round }
                }));
            }
        }
    }
    // Sorted by round: a failure in every round shows early.
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
    let subject = format!("{:<20} {way:<12}", clean(&job.scenario));
    let checks = match checks_of(job) {
        Ok(checks) => checks,
        Err(why) => {
            return (
                false,
                format!(
                    "✗ {subject} did not run to its end: {}\n",
                    clean_lines(&why)
                ),
            );
        }
    };
    // No user intervenes in these runs: one that took too long has failed.
    let has_failed = |check: &ExpectationCheck| {
        check.held == Some(false) || check.not_judged.is_some()
    };
    let is_met = !checks.iter().any(has_failed);
    let mark = if is_met { "✓" } else { "✗" };
    let held = checks.iter().filter(|it| it.held == Some(true)).count();
    let mut text =
        format!("{mark} {subject} {held} of {} held\n", checks.len());
    for check in checks.iter().filter(|it| it.held != Some(true)) {
        let ExpectationCheck { says, wanted, found, not_judged, .. } = check;
        let verb = if has_failed(check) { "failed" } else { "cannot tell" };
        let why = not_judged.as_ref().map(|why| format!("; {why}"));
        let why = why.unwrap_or_default();
        let _ = writeln!(
            text,
            "    {verb}: {} (wanted {wanted}, found {found}{why})",
            clean(says)
        );
    }
    (is_met, text)
}

/// Runs a mode for the process that checks a scenario, which it receives on
/// standard input, and ends with it: at the end of standard input.
pub(super) fn run_checked(
    mode: Mode,
    args: &RunArgs,
    screen: &ScreenSettings,
    files: CommandFiles,
) -> Result<u8, Error> {
    let plan = Some(scenario::receive(io::stdin().lock())?);
    signals::spawn("leader", || {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(1);
    })
    .map_err(Error::system("start a thread"))?;
    serve::run(mode, &RunArgs { plan, ..args.clone() }, screen, files)
}

/// Runs it in a process of its own and reads the expectations from its
/// report.
fn checks_of(job: &Job) -> Result<Vec<ExpectationCheck>, String> {
    let program = std::env::current_exe().map_err(|it| it.to_string())?;
    let most = job.plan.time_limit + MARGIN;
    let mut command = Command::new(program);
    command
        .args(["checked-run", job.mode.name(), "--scenario", &job.scenario])
        .args(["--errors", job.errors.name()])
        .args(["--ui", "none", "--report", "json", "--duration"])
        .arg(format!("{}ms", most.as_millis()));
    let limit = most + job.plan.server.grace() + MARGIN;
    let output = output_within(command, &job.plan, limit);
    let output = output.map_err(|it| it.to_string())?;
    // A plan may cut its own run short, by a second signal, and may expect
    // that its server fails.
    let mut signals = job.plan.signals.iter().skip(1);
    let as_planned = output.status.code().is_some_and(|code| {
        code == 0
            || code == 1 && job.plan.expects_failure(job.mode, job.errors)
            || signals.any(|it| code == i32::from(it.signal.exit_status()))
    });
    if !as_planned {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {}", output.status, errors.trim_end()));
    }
    let report: Result<RunReport, _> = serde_json::from_slice(&output.stdout);
    report.map(|report| report.checks).map_err(|error| error.to_string())
}

/// Hands the plan to it, runs it to its end and takes what it prints, or kills
/// it after the limit.
fn output_within(
    mut command: Command,
    plan: &Plan,
    limit: Duration,
) -> io::Result<Output> {
    // Into files: a full pipe would hold it up.
    let [mut out, mut err] = [tempfile::tempfile()?, tempfile::tempfile()?];
    // Its end is the end of the process, so that no server outlives this one.
    command.stdin(Stdio::piped());
    command.stdout(out.try_clone()?).stderr(err.try_clone()?);
    let mut child = command.spawn()?;
    if let Some(stdin) = &mut child.stdin {
        // If it has ended already, its own words say why.
        let _ = scenario::hand_over(plan, stdin);
    }
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() >= limit {
            // It may have ended by now.
            let _ = child.kill();
            child.wait()?;
            let words = format!("ended after {}", show_time(limit));
            return Err(io::Error::other(words));
        }
        thread::sleep(LOOK);
    };
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    for (file, bytes) in [(&mut out, &mut stdout), (&mut err, &mut stderr)] {
        file.rewind()?;
        file.read_to_end(bytes)?;
    }
    Ok(Output { status, stdout, stderr })
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_to_its_end_or_killed_at_the_limit() {
        let plan = scenario::load("two-clients").unwrap();
        let run = |script: &str, limit| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            output_within(command, &plan, limit)
        };
        let limit = Duration::from_millis(50);
        let words = run("exec sleep 60", limit).unwrap_err().to_string();
        assert!(words.starts_with("ended after 50"), "{words}");
        let script = "head -c 300000 /dev/zero; echo no >&2; exit 3";
        let output = run(script, Duration::from_secs(60)).unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(output.stdout.len(), 300_000);
        assert_eq!(output.stderr, b"no\n");
    }
}
