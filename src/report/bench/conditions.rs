//! Under what conditions the figures came about.

use crate::measure::{BenchResult, SubjectKind};
use crate::report::document::Table;
use crate::units::show_count;

/// The conditions, a row each, the commands and addresses of servers that
/// are not ours among them.
pub(super) fn table(result: &BenchResult) -> Table {
    let met = &result.conditions;
    let mut table = Table::new(&["condition", "value"]);
    let mut row = |name: &str, value: String| table.row([name.into(), value]);
    let build = if met.optimized { "" } else { ", not optimised" };
    let unknown = || "not told by this system".into();
    row("sockscope", format!("{}{build}", met.version));
    let kernel = met.kernel.clone().unwrap_or_default();
    row("system", format!("{} {kernel}", met.system).trim().to_owned());
    row("cores", met.cores.map_or_else(unknown, |it| show_count(it.into())));
    row("servers bound to", cores(met.server_cores.as_deref()));
    row("clients bound to", cores(met.load_cores.as_deref()));
    let load = met.load_average.map(|it| format!("{it:.2}"));
    row("load average before", load.unwrap_or_else(unknown));
    row("selector built on", met.mechanism.clone());
    for subject in &result.subjects {
        match &subject.kind {
            SubjectKind::Mode => {}
            SubjectKind::Command(command) => {
                row(&subject.name, format!("the command {command}"));
            }
            SubjectKind::Address(address) => {
                row(
                    &subject.name,
                    format!(
                        "the server at {address}, started by others, not bound"
                    ),
                );
            }
        }
    }
    row("command line", met.command_line.join(" "));
    row("started at", met.started_at.clone());
    table
}

fn cores(cores: Option<&[u32]>) -> String {
    match cores {
        None => "no core".into(),
        Some([one]) => format!("core {one}"),
        Some(cores) => {
            let all = cores.iter().map(u32::to_string);
            format!("cores {}", all.collect::<Vec<_>>().join(", "))
        }
    }
}
