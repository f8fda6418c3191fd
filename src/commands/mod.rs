//! One file per command: each wires the parts together.

mod bench;
mod compare;
mod export;
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
use crate::tui::ScreenSettings;
use bench::{BenchArgs, SweepArgs};
use clap::{ColorChoice, CommandFactory as _, Parser, Subcommand, ValueHint};
use clap_complete::Shell;
use compare::CompareArgs;
use export::ExportArgs;
use load::LoadArgs;
use ratatui::crossterm::style::force_color_output;
use replay::ReplayArgs;
use scenario::ScenarioCommand;
use schema::SchemaArgs;
use serve::RunArgs;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use strum::VariantNames;

/// An oscilloscope for sockets: one TCP echo workload, several ways of
/// waiting, every call visible.
#[derive(Debug, Parser)]
#[command(
    name = "sockscope",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    after_help = "Begin with `sockscope compare`, then look at one mode: \
                  `sockscope selector`.\n\
                  Exit status: 0 ended as asked, 1 failure, 2 wrong usage, \
                  129/130/143 cut short by a second SIGHUP/SIGINT/SIGTERM."
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: CliCommand,
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
    /// One blocking thread, one client at a time.
    Serial(RunArgs),
    /// One blocking thread per connection.
    Blocking(RunArgs),
    /// One thread, non-blocking sockets, busy polling.
    Nonblocking(RunArgs),
    /// One thread asleep in a selector (epoll, kqueue, IOCP).
    Selector(RunArgs),
    /// Coroutines on an event loop built on that selector.
    Tasks(RunArgs),
    /// Several modes side by side, on the same scenario.
    Compare(CompareArgs),
    /// Measure modes and other echo servers: isolated, repeated,
    /// uninstrumented.
    #[command(after_help = "Servers and clients run in processes of their \
        own, on different cores where possible. Ctrl-C ends the measurement \
        and reports what was measured so far; a second Ctrl-C ends it at \
        once.")]
    Bench(Box<BenchArgs>),
    /// Measure how servers scale: as `bench`, for a range of numbers of
    /// clients, message sizes or numbers of idle clients.
    #[command(after_help = "A range such as 1..10000 is measured at round \
        numbers: 1, 3, 10, 30 and so on, or at as many points as --points \
        gives. Ctrl-C ends the measurement and reports what was measured so \
        far; each whole round has every point.")]
    Sweep(Box<SweepArgs>),
    /// Run only the clients, against any echo server.
    Load(LoadArgs),
    /// Show a recorded run again, on the screen forwards and backwards.
    Replay(ReplayArgs),
    /// Convert a recorded run: to a trace, a page, a table or a film.
    Export(ExportArgs),
    /// Work with scenarios: what clients do and what is expected.
    #[command(subcommand)]
    Scenario(ScenarioCommand),
    /// Print the JSON Schema of a report, of scenario files or of events.
    Schema(SchemaArgs),
    /// Explain a topic, or a command; without a name, list them all.
    Help {
        /// A topic, such as `screen`, or a command.
        #[arg(
            value_name = "TOPIC|COMMAND",
            value_parser = help::HelpNames,
            hide_possible_values = true
        )]
        name: Option<String>,
        /// A command below that one, such as `list` below `scenario`.
        #[arg(value_name = "SUBCOMMAND")]
        below: Vec<String>,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell that the script is for.
        shell: Shell,
    },
    /// Print the manual page, in roff.
    Man {
        /// Write a page for each command into this directory instead.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
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

/// Carries out a command line and returns the exit status.
///
/// # Errors
/// What the command could not do.
pub fn run(cli: Cli) -> Result<u8, Error> {
    let settings = match cli.command {
        // What prints about the program itself must work whatever the file.
        CliCommand::Help { .. }
        | CliCommand::Completions { .. }
        | CliCommand::Man { .. }
        | CliCommand::Schema(_)
        | CliCommand::MeasuredServer { .. }
        | CliCommand::MeasuredGuard { .. }
        | CliCommand::MeasuredLoad { .. } => cli.settings,
        _ => cli.settings.or_file(cli.config.as_deref())?,
    };
    match settings.color.unwrap_or_default() {
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
    let look = &settings;
    match cli.command {
        CliCommand::Serial(args) => {
            return serve::run(Mode::Serial, &args, look);
        }
        CliCommand::Blocking(args) => {
            return serve::run(Mode::Blocking, &args, look);
        }
        CliCommand::Nonblocking(args) => {
            return serve::run(Mode::Nonblocking, &args, look);
        }
        CliCommand::Selector(args) => {
            return serve::run(Mode::Selector, &args, look);
        }
        CliCommand::Tasks(args) => return serve::run(Mode::Tasks, &args, look),
        CliCommand::Compare(args) => return compare::run(&args, look),
        CliCommand::Bench(args) => bench::bench(&args, look),
        CliCommand::Sweep(args) => bench::sweep(&args, look),
        CliCommand::Load(args) => load::run(&args),
        CliCommand::Replay(args) => replay::run(&args, look),
        CliCommand::Export(args) => export::run(&args),
        CliCommand::Scenario(command) => scenario::run(command),
        CliCommand::Schema(args) => schema::run(&args),
        CliCommand::Help { name, below } => help::run(name.as_deref(), &below),
        CliCommand::Completions { shell } => {
            manual::completions(&Cli::command(), shell)
        }
        CliCommand::Man { dir } => {
            manual::page(&Cli::command(), dir.as_deref())
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
