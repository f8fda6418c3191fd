//! A run that is killed, and a disk that is full.

use crate::support::patience::wait_for;
use crate::support::process::{Folder, Server};
use nix::sys::signal::Signal;
use sockscope::recording::{Ending, Recording};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

#[test]
fn after_a_kill_everything_up_to_the_last_block_is_there() {
    let folder = Folder::new("killed");
    let file = folder.path("killed.rec");
    let server = Server::start("selector", &["--record", &file]);
    let mut client = TcpStream::connect(server.address).unwrap();
    let mut echoes = 0;
    wait_for("several blocks are written", || {
        let mut echo = [0; 64];
        client.write_all(&echo).unwrap();
        client.read_exact(&mut echo).unwrap();
        echoes += 1;
        let so_far = Recording::open(Path::new(&file));
        so_far.is_ok_and(|it| it.blocks().len() > 3)
    });
    server.program.signal(Signal::SIGKILL);
    server.program.finish();
    let recording = Recording::open(Path::new(&file)).unwrap();
    let Ending::Truncated { at, why } = recording.ending() else {
        panic!("{}", recording.ending())
    };
    let length = std::fs::metadata(&file).unwrap().len();
    assert_eq!((*at, why.as_str()), (length, "whoever wrote it was stopped"));
    let last = recording.blocks().last().unwrap();
    assert!(recording.events() > 0 && recording.events() <= 9 * echoes + 9);
    let read = recording
        .from_start()
        .filter(|it| it.as_ref().unwrap().event().is_some());
    let expected = last.first_event + u64::from(last.events);
    assert_eq!(read.count() as u64, expected);
}

/// Serves a client while its recording cannot be written, and what it says.
#[cfg(target_os = "linux")]
fn with_full_disk(server: Server) -> crate::support::process::Finished {
    let mut client = TcpStream::connect(server.address).unwrap();
    for turn in 0..2_000_u32 {
        let said = [turn.to_le_bytes(); 16].concat();
        let mut echo = vec![0; said.len()];
        client.write_all(&said).unwrap();
        client.read_exact(&mut echo).unwrap();
        assert_eq!(echo, said);
    }
    drop(client);
    server.program.signal(Signal::SIGTERM);
    let run = server.program.finish();
    assert_eq!(run.code(), Some(0), "{run:?}");
    assert_eq!(run.report().number("/server/echoes"), 2_000);
    run
}

#[cfg(target_os = "linux")]
#[test]
fn where_nothing_can_be_written_the_run_goes_on() {
    let server = Server::start("selector", &["--record", "/dev/full"]);
    let run = with_full_disk(server);
    let (start, rest) = run.stderr.split_once(" ends ").unwrap();
    assert_eq!(start, "sockscope: the recording /dev/full");
    assert!(rest.contains("after the start: no storage space"), "{rest}");
}

#[cfg(target_os = "linux")]
#[test]
fn where_a_file_may_not_grow_the_run_goes_on() {
    let folder = Folder::new("limited");
    let file = folder.path("limited.rec");
    let mut command = std::process::Command::new("sh");
    // In blocks of 512 bytes.
    command.args(["-c", "ulimit -f 8; exec \"$@\"", "sh"]);
    let program =
        crate::support::process::quiet("selector", &["--record", &file]);
    command.arg(program.get_program()).args(program.get_args());
    let run = with_full_disk(Server::spawn(command));
    assert!(run.stderr.contains("file too large"), "{}", run.stderr);
    let recording = Recording::open(Path::new(&file)).unwrap();
    assert!(recording.closing().is_none());
    assert!(recording.from_start().all(|record| record.is_ok()));
}

/// Builds the program that reads broken recordings, beside this test.
#[cfg(target_os = "linux")]
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
#[cfg(target_os = "linux")]
const MOST_MEMORY: u64 = 256;

#[cfg(target_os = "linux")]
#[test]
fn broken_recordings_take_a_bounded_amount_of_memory() {
    let folder = Folder::new("broken");
    let recording = super::recorded(&folder, "tasks", "two-clients", &[]);
    assert!(recording.closing().is_some());
    let run = std::process::Command::new(build())
        .args(["3000", "1", &folder.path("tasks.rec")])
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    let told = String::from_utf8(run.stdout).unwrap();
    let peak = told.trim_end().strip_suffix(" MiB").unwrap();
    let peak: u64 = peak.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(peak <= MOST_MEMORY, "{told}");
}
