//! How many system calls an echo takes, as strace(1) counts them: what the
//! way of waiting costs beside the one read and the one write.

use super::measuring::{SERVERS, measured_server, processes, workload};
use sockscope::measure::{NoSample, Sampler as _, Subject};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Result};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How many connections there are.
const CONNECTIONS: [u32; 3] = [1, 10, 100];

/// How long the calls are counted.
const TIME: Duration = Duration::from_millis(300);

/// Calls by name, or why there are none.
type Counted = std::result::Result<BTreeMap<String, u64>, NoSample>;

/// Counts the calls of all servers, one after the other.
pub(super) fn all() -> Result<()> {
    let file = std::env::temp_dir();
    let file = file.join(format!("calls-{}.txt", std::process::id()));
    for clients in CONNECTIONS {
        println!("{clients} connections of 128 B: system calls an echo");
        for name in SERVERS {
            match counted(name, clients, &file)? {
                Ok(calls) => println!("  {name:<12} {}", words(&calls)),
                Err(NoSample::Because(why)) => println!("  {name:<12} {why}"),
                Err(NoSample::Clients(it)) => {
                    println!("  {name:<12} {}", it.words());
                }
                Err(NoSample::Cancelled) => break,
            }
        }
    }
    fs::remove_file(file)
}

/// The calls of one server by name.
fn counted(name: &str, clients: u32, file: &Path) -> Result<Counted> {
    let mut server = Command::new("strace")
        .args(["-f", "-c", "-o"])
        .arg(file)
        .args(measured_server(name)?)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let stdout = server.stdout.take().ok_or(ErrorKind::BrokenPipe)?;
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim_end().strip_prefix("listening on ");
    let address = address.and_then(|it| it.parse().ok());
    let address = address.ok_or(ErrorKind::InvalidData)?;
    let load = workload(clients, 128, TIME);
    let sample = processes().sample(&Subject::Address(address), &load, 1);
    // With its standard input it ends, and strace(1) writes its table.
    drop(server.stdin.take());
    server.wait()?;
    let text = fs::read_to_string(file)?;
    Ok(sample.map(|_| table(&text)))
}

/// `% time  seconds  usecs/call  calls  [errors]  syscall`, a line a call.
fn table(text: &str) -> BTreeMap<String, u64> {
    let row = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let calls = words.get(3)?.parse().ok()?;
        Some(((*words.last()?).to_owned(), calls))
    };
    let rows = text.lines().filter_map(row);
    rows.filter(|it| it.0 != "total").collect()
}

/// Each message leaves in one write: as many echoes as there are of those.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn words(calls: &BTreeMap<String, u64>) -> String {
    let of = |names: &[&str]| {
        names.iter().filter_map(|name| calls.get(*name)).sum::<u64>() as f64
    };
    let echoes = of(&["sendto", "write"]);
    let an_echo = calls.iter().map(|(name, n)| (*n as f64 / echoes, name));
    let mut often: Vec<_> = an_echo.filter(|it| it.0 >= 0.01).collect();
    often.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all: f64 = often.iter().map(|it| it.0).sum();
    let each = often.iter().map(|(n, name)| format!("{name} {n:.2}"));
    format!("{all:>6.2}  {}", each.collect::<Vec<_>>().join(", "))
}
