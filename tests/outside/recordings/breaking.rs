//! A disk that is full, and recordings that no writer has written.

#![cfg(target_os = "linux")]

use crate::support::process::{Finished, Folder, Server, quiet, record};
use sockscope::recording::{Ending, Recording};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

/// Serves a client while its recording cannot be written, and what it says.
fn with_full_disk(server: Server) -> Finished {
    let mut client = TcpStream::connect(server.address).unwrap();
    for turn in 0..2_000_u32 {
        let said = [turn.to_le_bytes(); 16].concat();
        let mut echo = vec![0; said.len()];
        client.write_all(&said).unwrap();
        client.read_exact(&mut echo).unwrap();
        assert_eq!(echo, said);
    }
    drop(client);
    let run = server.stop();
    assert_eq!(run.code(), Some(0), "{run:?}");
    assert_eq!(run.report().number("/server/echoes"), 2_000);
    run
}

#[test]
fn where_nothing_can_be_written_the_run_goes_on() {
    let server = Server::start("selector", &["--record", "/dev/full"]);
    let run = with_full_disk(server);
    let words = "sockscope: nothing recorded in /dev/full: no storage space\n";
    assert_eq!(run.stderr, words);
}

#[test]
fn where_a_file_may_not_grow_the_run_goes_on() {
    let folder = Folder::new("limited");
    let file = folder.path("limited.rec");
    let mut command = std::process::Command::new("sh");
    // In blocks of 512 bytes.
    command.args(["-c", "ulimit -f 8; exec \"$@\"", "sh"]);
    let program = quiet("selector", &["--record", &file]);
    command.arg(program.get_program()).args(program.get_args());
    let run = with_full_disk(Server::spawn(command));
    assert!(run.stderr.contains("file too large"), "{}", run.stderr);
    let recording = Recording::open(Path::new(&file)).unwrap();
    let Ending::Truncated { at, .. } = recording.ending() else { panic!() };
    assert_eq!(*at, std::fs::metadata(&file).unwrap().len(), "none in part");
    assert!(recording.from_start().all(|record| record.is_ok()));
}

/// Builds the program that reads broken recordings, beside this test.
fn build() -> std::path::PathBuf {
    let here = std::env::current_exe().unwrap();
    let target = here.ancestors().nth(3).unwrap();
    let name = "broken_recordings";
    let built = std::process::Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", name, "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success(), "the program is built");
    target.join("debug/examples").join(name)
}

/// The most memory that reading may take, whatever it reads, in MiB.
const MOST_MEMORY: u64 = 256;

#[test]
fn broken_recordings_take_a_bounded_amount_of_memory() {
    let folder = Folder::new("broken");
    let file = record(&folder, "tasks", "two-clients", &[]);
    let run = std::process::Command::new(build())
        .args(["3000", "1", &file])
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    let printed = String::from_utf8(run.stdout).unwrap();
    let peak = printed.trim_end().strip_suffix(" MiB").unwrap();
    let peak: u64 = peak.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(peak <= MOST_MEMORY, "{printed}");
}
