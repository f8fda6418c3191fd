//! The command line of the processes that a measurement starts: spoken by
//! this program alone.

use crate::modes::Mode;
use clap::Args;
use std::ffi::OsString;

/// A server under measurement.
#[derive(Args, Clone, Debug)]
pub struct MeasuredServerArgs {
    /// The mode.
    pub mode: Mode,
    /// The cores to run on.
    #[arg(long, value_delimiter = ',')]
    pub cores: Vec<u32>,
    /// Count calls: not for measuring.
    #[arg(long)]
    pub count: bool,
}

/// A program of another make.
#[derive(Args, Clone, Debug)]
pub struct MeasuredCommandArgs {
    /// The cores to run on.
    #[arg(long, value_delimiter = ',')]
    pub cores: Vec<u32>,
    /// The program and its arguments.
    #[arg(last = true, required = true)]
    pub command: Vec<OsString>,
}
