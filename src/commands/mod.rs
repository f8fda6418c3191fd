//! One file per command: each wires the parts together.

mod bench;
mod compare;
mod completions;
mod examples;
mod export;
mod files;
mod help;
mod live;
mod load;
mod manual;
mod output;
mod record;
mod replay;
mod scenario;
mod schema;
mod screen;
mod serve;

use crate::error::Error;
use crate::load::steady::Workload;
use crate::measure;
use crate::modes::Mode;
use crate::net::parse_address;
use crate::system::outlet;
use crate::text::{clean, clean_lines, steers};
use crate::tui::{ScreenSettings, usual_settings};
use anstyle_query::{clicolor_force, term_supports_color};
use bench::{BenchArgs, SweepArgs};
use clap::builder::Resettable;
use clap::error::{ContextKind, ContextValue};
use clap::{
    Arg, ColorChoice, CommandFactory as _, FromArgMatches as _, Parser,
    Subcommand, ValueHint,
};
use clap_complete::Shell;
use compare::CompareArgs;
use export::ExportArgs;
use files::{CommandFiles, ReplaceArgs};
use load::LoadArgs;
use ratatui::crossterm::style::force_color_output;
use replay::ReplayArgs;
use scenario::ScenarioCommand;
use schema::SchemaArgs;
use serve::RunArgs;
use std::error::Error as _;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::exit;
use strum::VariantNames;

/// An oscilloscope for sockets: see what a server does while its clients wait
///
/// It runs one TCP echo server in five modes, which are alike but for how they
/// wait, and shows every call that each of them makes. A mode runs with clients
/// of a scenario or with your own, live on a screen, as a log, or recorded.
#[derive(Debug, Parser)]
#[command(
    name = "sockscope",
    version,
    max_term_width = 80,
    disable_help_subcommand = true,
    after_help = "Begin with `sockscope compare`. `sockscope COMMAND --help` \
                  explains a command,\n`sockscope help TOPIC` a topic.",
    after_long_help = manual::end_of_help(),
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<CliCommand>,
    #[command(flatten)]
    pub settings: ScreenSettings,
    /// Read settings from this file
    ///
    /// Otherwise they come from `sockscope/config.toml` in the folder of your
    /// settings, if it is there: see `sockscope help settings`.
    #[arg(long, global = true, value_name = "FILE", env = "SOCKSCOPE_CONFIG")]
    #[arg(hide_env = true, hide_short_help = true)]
    #[arg(help_heading = "What is shown", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum CliCommand {
    /// One blocking thread, one client at a time
    #[command(after_long_help = examples::help("serial"))]
    Serial(RunArgs),
    /// One blocking thread per connection
    #[command(after_long_help = examples::help("blocking"))]
    Blocking(RunArgs),
    /// One thread, non-blocking sockets, busy polling
    #[command(after_long_help = examples::help("nonblocking"))]
    Nonblocking(RunArgs),
    /// One thread asleep in a selector (epoll, kqueue, IOCP)
    #[command(after_long_help = examples::help("selector"))]
    Selector(RunArgs),
    /// Coroutines on an event loop built on that selector
    #[command(after_long_help = examples::help("tasks"))]
    Tasks(RunArgs),
    /// Several modes side by side, on the same scenario
    ///
    /// All runs are instrumented, and modes that run at once share the machine:
    /// the comparison shows how they behave. For figures to quote use
    /// `sockscope bench`.
    #[command(after_long_help = examples::help("compare"))]
    Compare(CompareArgs),
    /// Measure modes and other echo servers
    ///
    /// They are measured alone, repeatedly, and without instruments. Servers
    /// and clients run in processes of their own, on different cores where
    /// possible. Ctrl-C ends the measurement and reports what was measured so
    /// far; a second Ctrl-C ends it at once.
    #[command(after_long_help = examples::help("bench"))]
    Bench(Box<BenchArgs>),
    /// Measure how servers scale
    ///
    /// As `bench`, for a range of numbers of clients, message sizes or numbers
    /// of idle clients. A range such as 1..10000 is measured at round numbers:
    /// 1, 3, 10, 30 and so on, or at as many points as `--points` gives. Ctrl-C
    /// ends the measurement and reports what was measured so far; each whole
    /// round has every point.
    #[command(after_long_help = examples::help("sweep"))]
    Sweep(Box<SweepArgs>),
    /// Run only the clients, against any echo server
    #[command(after_long_help = examples::help("load"))]
    Load(LoadArgs),
    /// Show a recorded run again, forwards and backwards
    #[command(after_long_help = examples::help("replay"))]
    Replay(ReplayArgs),
    /// Convert a recorded run to a trace, a page, a table or a film
    #[command(after_long_help = examples::help("export"))]
    Export(ExportArgs),
    /// List, show and check scenarios: what clients do
    #[command(subcommand, after_long_help = examples::help("scenario"))]
    Scenario(ScenarioCommand),
    /// Print the JSON Schema of a report, of scenarios or of events
    #[command(after_long_help = examples::help("schema"))]
    Schema(SchemaArgs),
    /// Explain a topic or a command, or list them
    #[command(after_long_help = examples::help("help"))]
    Help {
        /// A topic, such as `screen`, or a command
        #[arg(
            value_name = "TOPIC|COMMAND",
            value_parser = help::HelpNames,
            hide_possible_values = true
        )]
        name: Option<String>,
        /// A command below that one
        ///
        /// Such as `list` below `scenario`.
        #[arg(value_name = "SUBCOMMAND")]
        below: Vec<String>,
    },
    /// Print a completion script for a shell
    #[command(after_long_help = examples::help("completions"))]
    Completions {
        /// Shell that the script is for
        shell: Shell,
    },
    /// Print the manual page, in roff
    #[command(after_long_help = examples::help("man"))]
    Man {
        /// Write a page for each command into this folder
        #[arg(long, value_name = "DIR", help_heading = "Output")]
        dir: Option<PathBuf>,
        #[command(flatten)]
        replace: ReplaceArgs,
    },
    /// Run a mode, for the process that checks a scenario.
    #[command(hide = true)]
    CheckedRun {
        /// The mode to run.
        mode: Mode,
        /// How to run it.
        #[command(flatten)]
        args: Box<RunArgs>,
    },
    /// Run the clients of a scenario, for the process that runs the server.
    #[command(hide = true)]
    MeasuredScenario(LoadArgs),
    /// Run a server that is measured.
    #[command(hide = true)]
    MeasuredServer {
        /// The mode to run.
        mode: Mode,
        /// The cores to run on.
        #[arg(long, value_delimiter = ',')]
        cores: Vec<u32>,
        /// Count calls, not for measuring; the value is the size of a message.
        #[arg(long)]
        count: Option<u32>,
    },
    /// Run a command that is measured, and end it with standard input.
    #[command(hide = true)]
    MeasuredGuard {
        /// The cores to run on.
        #[arg(long, value_delimiter = ',')]
        cores: Vec<u32>,
        /// The program and its arguments.
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
    /// The clients of a measurement, for the process that measures.
    #[command(hide = true)]
    MeasuredLoad {
        /// The address of an echo server.
        #[arg(value_parser = parse_address)]
        target: SocketAddr,
        /// What the clients do, in JSON.
        #[arg(value_parser = |it: &str| serde_json::from_str::<Workload>(it))]
        workload: Workload,
        /// The cores to run on.
        #[arg(long, value_delimiter = ',')]
        cores: Vec<u32>,
    },
}

/// Reads the command line of this process. Variables of the environment that
/// are empty count as not set.
pub fn parse() -> Cli {
    let is_empty = |it: &Arg| {
        let value = it.get_env().and_then(std::env::var_os);
        value.is_some_and(|it| it.is_empty())
    };
    let command = Cli::command().mut_args(|it| {
        if is_empty(&it) { it.env(Resettable::Reset) } else { it }
    });
    let matches = command.try_get_matches();
    let parsed = matches.and_then(|it| Cli::from_arg_matches(&it));
    parsed.unwrap_or_else(|error| {
        let variable = variable_of(&error);
        let status = error.exit_code();
        print_wrong(error);
        if let Some(variable) = variable {
            output::note(format_args!(
                "the value is that of the variable {variable}"
            ));
        }
        exit(status)
    })
}

/// Prints why a command line cannot be read, or the help that it asks for. Text
/// repeated from the command line may contain terminal controls; it is escaped
/// then and printed without colours.
fn print_wrong(mut error: clap::Error) {
    let steers = |words: &str| words.contains(steers);
    let typed = error.context().filter_map(|(kind, value)| match value {
        ContextValue::String(it) if steers(it) => {
            Some((kind, ContextValue::String(clean(it))))
        }
        ContextValue::Strings(all) if all.iter().any(|it| steers(it)) => {
            let all = all.iter().map(|it| clean(it)).collect();
            Some((kind, ContextValue::Strings(all)))
        }
        _ => None,
    });
    let typed: Vec<_> = typed.collect();
    let cause = error.source().map(ToString::to_string);
    if typed.is_empty() && !cause.is_some_and(|it| steers(&it)) {
        let _ = error.print();
        return;
    }
    for (kind, value) in typed {
        error.insert(kind, value);
    }
    outlet::note(&clean_lines(&error.render().to_string()));
    outlet::finish();
}

/// The variable of the environment that a wrong value comes from.
fn variable_of(error: &clap::Error) -> Option<String> {
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text.as_str()),
        _ => None,
    };
    let argument = text(ContextKind::InvalidArg)?;
    let value = text(ContextKind::InvalidValue)?;
    let mut command = Cli::command();
    command.build();
    let mut all = command.get_arguments();
    let argument = all.find(|it| it.to_string() == argument)?;
    let option = format!("--{}", argument.get_long()?);
    let is_given = std::env::args()
        .any(|it| it.split('=').next() == Some(option.as_str()));
    let variable = argument.get_env()?;
    let is_its = std::env::var_os(variable).is_some_and(|it| it == value);
    (is_its && !is_given).then(|| variable.to_string_lossy().into())
}

/// Has all output, that of the screen included, use colours or not.
fn choose_colours(choice: ColorChoice) {
    match choice {
        // Otherwise `anstream` uses them on every terminal if `CI` is set.
        ColorChoice::Auto if !term_supports_color() && !clicolor_force() => {
            anstream::ColorChoice::Never.write_global();
        }
        ColorChoice::Auto => {}
        ColorChoice::Always => {
            anstream::ColorChoice::Always.write_global();
            force_color_output(true);
        }
        ColorChoice::Never => {
            anstream::ColorChoice::Never.write_global();
            force_color_output(false);
        }
    }
}

/// Carries out a command line and returns the exit status.
///
/// # Errors
/// What the command could not do.
pub fn run(cli: Cli) -> Result<u8, Error> {
    let Some(command) = cli.command else {
        output::print(examples::BEGINNING)?;
        return Ok(0);
    };
    let settings = match command {
        // What prints about the program itself must work whatever the file.
        CliCommand::Help { .. }
        | CliCommand::Completions { .. }
        | CliCommand::Man { .. }
        | CliCommand::Schema(_)
        | CliCommand::CheckedRun { .. }
        | CliCommand::MeasuredScenario(_)
        | CliCommand::MeasuredServer { .. }
        | CliCommand::MeasuredGuard { .. }
        | CliCommand::MeasuredLoad { .. } => cli.settings,
        _ => cli.settings.or_file(cli.config.as_deref())?,
    };
    let config = cli.config.or_else(usual_settings);
    let files = CommandFiles::with_settings(config.as_deref());
    choose_colours(settings.color.unwrap_or_default());
    let screen = &settings;
    match command {
        CliCommand::Serial(args) => {
            return serve::run(Mode::Serial, &args, screen, files);
        }
        CliCommand::Blocking(args) => {
            return serve::run(Mode::Blocking, &args, screen, files);
        }
        CliCommand::Nonblocking(args) => {
            return serve::run(Mode::Nonblocking, &args, screen, files);
        }
        CliCommand::Selector(args) => {
            return serve::run(Mode::Selector, &args, screen, files);
        }
        CliCommand::Tasks(args) => {
            return serve::run(Mode::Tasks, &args, screen, files);
        }
        CliCommand::CheckedRun { mode, args } => {
            return scenario::run_checked(mode, &args, screen, files);
        }
        CliCommand::Compare(args) => return compare::run(&args, screen, files),
        CliCommand::Bench(args) => bench::bench(&args, screen, files),
        CliCommand::Sweep(args) => bench::sweep(&args, screen, files),
        CliCommand::Load(args) => load::run(&args, files),
        CliCommand::MeasuredScenario(args) => load::run_apart(&args),
        CliCommand::Replay(args) => replay::run(&args, screen),
        CliCommand::Export(args) => export::run(&args, files),
        CliCommand::Scenario(command) => scenario::run(command),
        CliCommand::Schema(args) => schema::run(&args),
        CliCommand::Help { name, below } => help::run(name.as_deref(), &below),
        CliCommand::Completions { shell } => {
            completions::print_script(&Cli::command(), shell)
        }
        CliCommand::Man { dir, replace } => {
            manual::page(&Cli::command(), dir.as_deref(), replace)
        }
        CliCommand::MeasuredServer { mode, cores, count } => {
            measure::serve(mode, count, &cores)
        }
        CliCommand::MeasuredGuard { cores, command } => {
            return measure::guard(&command, &cores);
        }
        CliCommand::MeasuredLoad { target, workload, cores } => {
            load::run_measured(target, &workload, &cores)
        }
    }?;
    Ok(0)
}
