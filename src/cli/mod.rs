//! The command line: arguments only, no behaviour.

mod bench;
mod compare;
mod measured;
mod measured_server;
mod parse;
mod record;
mod replay;
mod sweep;

pub use compare::{CompareArgs, ContenderArg};

use crate::probe::Speed;
use crate::units::parse_time;
pub use bench::{Against, BenchArgs, BenchForm, MeasureArgs};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
pub use measured::MeasuredLoadArgs;
pub use measured_server::{MeasuredCommandArgs, MeasuredServerArgs};
use parse::{address, at_least_one, calls, size, some_time, speed};
pub use record::RecordArgs;
pub use replay::{ExportArgs, ExportForm, ReplayArgs};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
pub use sweep::{FigureArg, SweepArgs, SweepForm};

/// An oscilloscope for sockets: one TCP echo workload, several ways of
/// waiting, every call visible.
#[derive(Debug, Parser)]
#[command(
    name = "sockscope",
    version,
    max_term_width = 100,
    after_help = "Begin with `sockscope compare`, then look at one mode: \
                  `sockscope selector`.\n\
                  Exit status: 0 ended as asked, 1 failure, 2 wrong usage, \
                  130/143 cut short by a second SIGINT/SIGTERM."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// When to use colours; `NO_COLOR` is honoured.
    #[arg(long, global = true, value_enum, default_value_t)]
    pub color: Color,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
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
    /// Measure modes, and any other echo server: isolated, repeated,
    /// uninstrumented.
    #[command(after_help = "Servers and clients are processes of their own, \
        on different cores where there are any. Ctrl-C ends it with what was \
        measured so far; a second one at once.")]
    Bench(Box<BenchArgs>),
    /// Measure growth: the same as `bench` at many numbers of clients, sizes
    /// of messages or numbers of idle clients.
    #[command(after_help = "A range such as 1..10000 has points at round \
        numbers, 1, 3, 10, 30 and so on, or as many as --points says. Ctrl-C \
        ends it with what was measured so far: every point in each whole \
        round.")]
    Sweep(Box<SweepArgs>),
    /// The clients alone, against any echo server.
    Load(LoadArgs),
    /// A recorded run, with the whole screen, forwards and backwards.
    Replay(ReplayArgs),
    /// A recorded run as something else: a trace, a page, a table, a film.
    Export(ExportArgs),
    /// The scenarios: what clients do and what must come out.
    #[command(subcommand)]
    Scenario(ScenarioCommand),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Print the manual page, in roff.
    Man,
    /// A server under measurement.
    #[command(hide = true)]
    MeasuredServer(MeasuredServerArgs),
    /// Become a program that is measured.
    #[command(hide = true)]
    MeasuredExec(MeasuredCommandArgs),
    /// Run a command that is measured, and see to its end.
    #[command(hide = true)]
    MeasuredGuard(MeasuredCommandArgs),
    /// The clients of a measurement, for the process that measures.
    #[command(hide = true)]
    MeasuredLoad(MeasuredLoadArgs),
}

/// The options of every mode.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Where to listen; port 0 lets the system choose. The bound address is
    /// printed on standard error.
    #[arg(long, value_name = "ADDR", value_parser = address,
          default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// What the clients do: a built-in scenario, a file, or `none` (no
    /// clients of ours; serve whoever connects).
    #[arg(long, value_name = "NAME|FILE|none", default_value = "two-clients")]
    pub scenario: String,
    /// End the run after this time: our clients are cut off, others have
    /// the grace period. Without it, a scenario ends when its clients have,
    /// and `none` runs until a signal.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub duration: Option<Duration>,
    /// What to show while it runs.
    /// [default: `screen` on a terminal, else `log`]
    #[arg(long, value_enum)]
    pub ui: Option<Ui>,
    /// Slow motion: each thread of the server makes at most FACTOR × 1000
    /// calls a second, as it waits 1 ms / FACTOR before each; 1 is full
    /// speed, 0.0005 one call in 2 s. `step`: begin paused. Clients and
    /// time-outs are not slowed down; the grace period is at full speed.
    #[arg(long, value_name = "FACTOR|step", value_parser = speed)]
    pub speed: Option<SpeedArg>,
    /// Where and in which form the summary is written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Whether the run is recorded.
    #[command(flatten)]
    pub recording: RecordArgs,
    /// How the server treats what it receives, and its limits.
    #[command(flatten)]
    pub server: ServerArgs,
}

/// The server's settings; what is not given is as the scenario says.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Server")]
pub struct ServerArgs {
    /// `bytes`: what comes in goes out unchanged (RFC 862); `lines`: bytes
    /// are kept until `\n`, whole lines are echoed [default: bytes]
    #[arg(long, value_enum)]
    pub framing: Option<FramingArg>,
    /// How much one read asks for; 2 shows why buffering is needed
    /// [default: 16 KiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub recv_size: Option<usize>,
    /// A line that is exactly `boom` fails its handler; implies
    /// `--framing lines`
    #[arg(long)]
    pub boom: bool,
    /// What becomes of an error in a client's handler: a line `boom`, a
    /// reset, the idle time-out, a line that is too long. `nonblocking` and
    /// `selector` know `handled` alone [default: handled]
    #[arg(long, value_enum)]
    pub errors: Option<ErrorsArg>,
    /// In `tasks`: so many calls a task may make without a pause, then it is
    /// the turn of the others; `never` shows how one client can starve all
    /// others [default: 16]
    #[arg(long = "yield", value_name = "CALLS|never", value_parser = calls)]
    pub yield_after: Option<YieldArg>,
    /// In `tasks`: how those who are not done at a stop are ended
    /// [default: shared]
    #[arg(long, value_enum)]
    pub shutdown: Option<ShutdownArg>,
    /// How many connections may wait to be accepted [default: 4096]
    #[arg(long, value_name = "N")]
    pub backlog: Option<u32>,
    /// Pause accepting while so many connections are open [default: no
    /// limit; 1024 if listening beyond loopback]
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub max_connections: Option<usize>,
    /// The high-water mark: at most this much pending output a connection,
    /// and the longest line [default: 256 KiB]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub buffer_limit: Option<usize>,
    /// `SO_SNDBUF` of each connection [default: the system's]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub sndbuf: Option<usize>,
    /// `SO_RCVBUF` of each connection [default: the system's]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub rcvbuf: Option<usize>,
    /// Close a connection on which nothing moves for so long [default:
    /// never; 60 s if listening beyond loopback]
    #[arg(long, value_name = "TIME", value_parser = some_time)]
    pub idle_timeout: Option<Duration>,
    /// The grace period: how long clients may go on after the first SIGINT
    /// or SIGTERM, all by one deadline [default: 2 s]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub grace: Option<Duration>,
}

/// Where and in which form results are written.
#[derive(Args, Clone, Debug)]
pub struct OutputArgs {
    /// The form of the summary.
    #[arg(long, value_enum, default_value_t)]
    pub report: ReportForm,
    /// Write the summary to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The options of `load`.
#[derive(Args, Clone, Debug)]
pub struct LoadArgs {
    /// The address of an echo server.
    #[arg(value_name = "ADDR", value_parser = address)]
    pub target: SocketAddr,
    /// What the clients do: a built-in scenario or a file.
    #[arg(long, value_name = "NAME|FILE", default_value = "many-clients")]
    pub scenario: String,
    /// End the run after this time.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub duration: Option<Duration>,
    /// Where and in which form the summary is written.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Print the result for the process that started this one.
    #[arg(long, hide = true)]
    pub hand_over: bool,
}

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
    pub scenarios: Vec<String>,
    /// Only in these modes [default: all that the scenario names]
    #[arg(long, value_enum, value_name = "MODE", value_delimiter = ',')]
    pub modes: Vec<ModeArg>,
    /// How often each is run.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = at_least_one)]
    pub rounds: usize,
    /// How many runs go on at once, each in a process of its own.
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = at_least_one)]
    pub jobs: usize,
}

/// What to show while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ui {
    /// The live screen: code, sockets, loop and events as they happen.
    Screen,
    /// A line an event, and a line of counters a second.
    Log,
    /// Only the summary at the end.
    None,
}

/// The form of a summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// For people.
    #[default]
    Text,
    /// For programs; its schema has a version.
    Json,
    /// For documents.
    Markdown,
    /// For spreadsheets: a row a figure.
    Csv,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal that has them.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How fast the server's threads make their calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpeedArg {
    /// At this speed.
    At(Speed),
    /// One by one, as somebody at the screen lets them.
    Step,
}

/// How input is cut into echoes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FramingArg {
    /// What comes in goes out unchanged.
    Bytes,
    /// Whole lines.
    Lines,
}

/// When a task lets the others have their turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YieldArg {
    /// After so many calls.
    After(u32),
    /// Only when it has to wait.
    Never,
}

/// How tasks that are not done are ended when the server is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ShutdownArg {
    /// All have until the same time, the end of the grace period.
    Shared,
    /// Each has a grace period of its own, one after the other: the
    /// well-known mistake.
    Sequential,
}

/// What becomes of an error in a client's handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ErrorsArg {
    /// It is told, and ends its client alone.
    Handled,
    /// In `blocking` it goes with the handle of its thread, and nobody is
    /// told; in `tasks` the loop says that it was never retrieved; in
    /// `serial` it ends the server.
    Dropped,
    /// In `blocking` and `tasks` the handle is kept and never joined: nobody
    /// is told, and the client waits for ever; in `serial` it ends the
    /// server.
    Kept,
}

/// A mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeArg {
    /// One thread, one client at a time.
    Serial,
    /// One thread a connection.
    Blocking,
    /// One thread, busy polling.
    Nonblocking,
    /// One thread, asleep in a selector.
    Selector,
    /// One thread, coroutines on an event loop.
    Tasks,
}
