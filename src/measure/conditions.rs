//! Under which conditions is measured.

use super::cores::CorePlan;
use super::result::BenchConditions;
use crate::system::machine;
use std::time::SystemTime;

/// Those of now.
pub(super) fn conditions(
    cores: &CorePlan,
    command_line: Vec<String>,
) -> BenchConditions {
    let started_at = humantime::format_rfc3339_seconds(SystemTime::now());
    BenchConditions {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: started_at.to_string(),
        system: std::env::consts::OS.to_owned(),
        kernel: machine::kernel(),
        cores: machine::cores().and_then(|it| it.try_into().ok()),
        server_cores: cores.servers.clone(),
        load_cores: cores.clients.clone(),
        mechanism: machine::mechanism().to_owned(),
        optimized: !cfg!(debug_assertions),
        load_average: machine::load_average(),
        command_line,
    }
}
