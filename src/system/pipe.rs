//! Named pipes: opened once, and without waiting for the other end in a way
//! that a signal could not end.

use super::outlet::{self, LAST_CALL, LOOK};
use super::signals::{self, is_stop_requested};
use crate::error::shown;
use crate::units::show_size;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _, Write};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long the other end may take before the wait for it is announced.
const SOON: Duration = Duration::from_millis(100);

/// A file to write to. If it is a named pipe whose reader takes nothing, it
/// waits for that reader, but only briefly once the end of the program [was
/// requested](is_stop_requested).
#[derive(Debug)]
pub struct PatientFile {
    file: File,
    /// Since when nothing was taken, while the end is requested.
    held_up: Option<Instant>,
}

impl From<File> for PatientFile {
    fn from(file: File) -> Self {
        Self { file, held_up: None }
    }
}

impl PatientFile {
    /// Creates a file, or opens a named pipe. If that has no reader, standard
    /// error says so while it waits for one.
    ///
    /// # Errors
    /// The errors of open(2); `TimedOut` if the end of the program was
    /// requested before a reader came.
    pub fn create(path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        if fs::metadata(path).is_ok_and(|it| is_pipe(&it)) {
            return Ok(open_pipe(path)?.into());
        }
        File::create(path).map(Self::from)
    }

    /// The file itself, to be cut off after a failure.
    ///
    /// # Errors
    /// If there are no more descriptors.
    pub fn try_clone(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

impl Write for PatientFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.file.write(bytes) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    wait_for_room(&self.file);
                }
                written => {
                    self.held_up = None;
                    return written;
                }
            }
            if is_stop_requested()
                && self.held_up.get_or_insert_with(Instant::now).elapsed()
                    >= LAST_CALL
            {
                return Err(io::Error::new(
                    ErrorKind::TimedOut,
                    "its reader takes nothing",
                ));
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Whether it is a named pipe.
pub fn is_pipe(known: &Metadata) -> bool {
    #[cfg(unix)]
    return std::os::unix::fs::FileTypeExt::is_fifo(&known.file_type());
    #[cfg(not(unix))]
    {
        let _ = known;
        false
    }
}

/// Opens a named pipe for writing that does not wait: without a reader, open(2)
/// fails with ENXIO, and is called again.
#[cfg(unix)]
fn open_pipe(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use rustix::io::Errno;
    use std::fs::OpenOptions;
    use std::os::unix::fs::OpenOptionsExt as _;

    let flags = OFlags::NONBLOCK.bits().cast_signed();
    let start = Instant::now();
    let (mut is_announced, mut last_call) = (false, start + LAST_CALL);
    loop {
        let opened =
            OpenOptions::new().write(true).custom_flags(flags).open(path);
        let no_reader = |error: &io::Error| {
            error.raw_os_error() == Some(Errno::NXIO.raw_os_error())
        };
        match opened {
            Err(error) if no_reader(&error) => {}
            opened => return opened,
        }
        if !is_stop_requested() {
            // A request that comes from now on ends the wait at once.
            last_call = Instant::now();
        }
        if is_stop_requested() && Instant::now() >= last_call {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                "it has no reader",
            ));
        }
        if !is_announced && start.elapsed() >= SOON {
            is_announced = true;
            announce("reader", path);
        }
        std::thread::sleep(LOOK);
    }
}

/// Waits for a moment until a pipe has room again.
fn wait_for_room(file: &File) {
    #[cfg(unix)]
    {
        use rustix::event::{PollFd, PollFlags, poll};

        let limit = LOOK.try_into().ok();
        let _ = poll(&mut [PollFd::new(file, PollFlags::OUT)], limit.as_ref());
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        std::thread::sleep(LOOK);
    }
}

/// Reads a text file of at most `most` bytes. If it is a named pipe without a
/// writer, standard error says so while it waits for one.
///
/// # Errors
/// If it cannot be opened or read, is larger, or is not UTF-8; `TimedOut` if the
/// end of the program was requested before a writer came.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    let mut text = String::new();
    let file = open_to_read(path)?;
    if file.take(most + 1).read_to_string(&mut text)? as u64 > most {
        let words = format!("it is larger than {}", show_size(most));
        return Err(io::Error::new(ErrorKind::FileTooLarge, words));
    }
    Ok(text)
}

fn open_to_read(path: &Path) -> io::Result<File> {
    if !fs::metadata(path).is_ok_and(|it| is_pipe(&it)) {
        return File::open(path);
    }
    let (sender, opened) = channel();
    let owned = path.to_owned();
    // A thread waits for the writer: an open(2) that does not wait would not
    // tell a writer that is to come from one that has gone.
    signals::spawn("pipe", move || {
        let _ = sender.send(File::open(owned));
    })?;
    let mut limit = SOON;
    loop {
        match opened.recv_timeout(limit) {
            Ok(file) => return file,
            Err(RecvTimeoutError::Timeout) if is_stop_requested() => {
                let words = "it has no writer";
                return Err(io::Error::new(ErrorKind::TimedOut, words));
            }
            Err(RecvTimeoutError::Timeout) => {
                if limit == SOON {
                    announce("writer", path);
                }
                limit = LOOK;
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(io::Error::other("its thread has ended"));
            }
        }
    }
}

fn announce(other_end: &str, path: &Path) {
    let path = shown(path);
    outlet::note(&format!("sockscope: waiting for a {other_end} of {path}\n"));
}
