//! Other processes of this program, which may hang.

use crate::units::show_time;
use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// How often a process is asked whether it has ended.
const ASKED: Duration = Duration::from_millis(5);

/// Runs it to its end and takes what it prints, or ends it after so long;
/// an error says why there is nothing.
pub(super) fn output_within(
    mut command: Command,
    limit: Duration,
) -> Result<Output, String> {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|threads| {
        // Read at once: a full pipe would hold it up.
        let stdout = threads.spawn(move || bytes(stdout));
        let stderr = threads.spawn(move || bytes(stderr));
        let status = end_within(&mut child, limit)?;
        let (stdout, stderr) = (joined(stdout)?, joined(stderr)?);
        match status {
            Some(status) => Ok(Output { status, stdout, stderr }),
            None => Err(format!("ended after {}", show_time(limit))),
        }
    })
}

/// Its status, or `None` if it had to be killed.
fn end_within(
    child: &mut Child,
    limit: Duration,
) -> Result<Option<ExitStatus>, String> {
    let start = Instant::now();
    let ended = loop {
        match child.try_wait() {
            Ok(None) if start.elapsed() < limit => thread::sleep(ASKED),
            ended => break ended,
        }
    };
    if !matches!(ended, Ok(Some(_))) {
        // It may have ended by now.
        let _ = child.kill();
        let _ = child.wait();
    }
    ended.map_err(|error| error.to_string())
}

fn bytes(stream: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut stream) = stream {
        stream.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn joined(
    reading: ScopedJoinHandle<'_, io::Result<Vec<u8>>>,
) -> Result<Vec<u8>, String> {
    let bytes = reading.join().unwrap_or_else(|_| Ok(Vec::new()));
    bytes.map_err(|error| error.to_string())
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_hangs_is_ended() {
        let start = Instant::now();
        let limit = Duration::from_millis(50);
        let words = output_within(shell("exec sleep 60"), limit).unwrap_err();
        assert!(words.starts_with("ended after 50"), "{words}");
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn what_ends_is_read_to_its_end() {
        let limit = Duration::from_secs(60);
        let script = "head -c 300000 /dev/zero; echo no >&2; exit 3";
        let output = output_within(shell(script), limit).unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(output.stdout.len(), 300_000);
        assert_eq!(output.stderr, b"no\n");
    }
}
