//! One file a command: each wires the parts together.

mod about;
pub mod args;
mod at_gate;
mod bench;
pub(crate) mod bench_args;
mod by_hand;
pub(crate) mod compare;
pub(crate) mod export;
mod files;
mod fit;
mod follow;
pub(crate) mod load;
mod manual;
mod measure;
pub(crate) mod measured_args;
mod measured_load;
pub(crate) mod measured_server_args;
mod output;
mod record;
mod recorded_log;
pub(crate) mod replay;
pub(crate) mod scenario;
mod screen;
mod serve;
mod setup;
mod single_run;
mod stream;
mod summary;
mod sweep;
pub(crate) mod sweep_args;
mod watch;

use crate::error::Error;
use crate::measure::{exec, guard};
use crate::modes::Mode;
use anstream::ColorChoice;
use args::{Cli, Color, Command};

/// Carries out a command line and tells the exit status.
///
/// # Errors
/// What the command could not do.
pub fn run(cli: Cli) -> Result<u8, Error> {
    choose_colors(cli.color);
    match cli.command {
        Command::Serial(args) => serve::run(Mode::Serial, &args),
        Command::Blocking(args) => serve::run(Mode::Blocking, &args),
        Command::Nonblocking(args) => serve::run(Mode::Nonblocking, &args),
        Command::Selector(args) => serve::run(Mode::Selector, &args),
        Command::Tasks(args) => serve::run(Mode::Tasks, &args),
        Command::Bench(args) => bench::run(&args),
        Command::Sweep(args) => sweep::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Load(args) => load::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Scenario(command) => scenario::run(command),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { dir } => manual::page(dir.as_deref()),
        Command::MeasuredServer(it) => bench::serve(&it),
        Command::MeasuredExec(it) => exec(&it.command, &it.cores),
        Command::MeasuredGuard(it) => guard(&it.command, &it.cores),
        Command::MeasuredLoad(args) => measured_load::run(&args),
    }
}

fn choose_colors(color: Color) {
    match color {
        Color::Auto => {}
        Color::Always => ColorChoice::Always.write_global(),
        Color::Never => ColorChoice::Never.write_global(),
    }
}
