//! The arguments of the processes that a measurement is made of, which start
//! each other: nobody types them, and times are plain nanoseconds.

use crate::net::parse_address;
use clap::Args;
use std::net::SocketAddr;

/// The options of `measured-load`.
#[derive(Args, Clone, Debug)]
pub struct MeasuredLoadArgs {
    /// The address of an echo server.
    #[arg(value_name = "ADDR", value_parser = parse_address)]
    pub target: SocketAddr,
    /// Clients that talk.
    #[arg(long, value_name = "N")]
    pub clients: u32,
    /// Clients that are connected beside those and say nothing.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub idle: u32,
    /// The length of a message.
    #[arg(long, value_name = "BYTES")]
    pub size: usize,
    /// How many messages of a client are under way at once.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub pipeline: u32,
    /// An open loop of so many messages a second; without it, a closed one.
    #[arg(long, value_name = "R")]
    pub rate: Option<f64>,
    /// How long the clients talk before anything is measured.
    #[arg(long, value_name = "NS")]
    pub warm_up: u64,
    /// How long is measured.
    #[arg(long, value_name = "NS")]
    pub time: u64,
    /// The cores to run on.
    #[arg(long, value_name = "N,…", value_delimiter = ',')]
    pub cores: Vec<u32>,
}
