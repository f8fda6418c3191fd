//! The file of a recording. It grows while the run lasts, and is to be found
//! under its name even if the process is killed. So it takes the place of an
//! earlier one as soon as it has begun.

use super::result::{new_file_beside, open_direct};
use crate::system::files::{FilePlace, RENAMES_OVER_OPEN};
use crate::system::pipe::PatientFile;
use std::fs::{File, OpenOptions, TryLockError, remove_file};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// The file of a recording, from before its run until it begins.
#[derive(Debug)]
pub(in crate::commands) struct RecordingFile {
    /// As the user named it.
    path: PathBuf,
    place: FilePlace,
    /// The file that the recording replaces, locked; `None` for a pipe.
    claimed: Option<File>,
    /// Whether that file was made for the lock and is empty.
    is_new: bool,
}

/// A recording that is to begin: the file to write, where it is going to be, and
/// what is to be done when its header is in it.
pub(in crate::commands) struct RecordingStart {
    pub(in crate::commands) file: PatientFile,
    pub(in crate::commands) place: FilePlace,
    pub(in crate::commands) begun: Box<dyn FnOnce() -> io::Result<()> + Send>,
}

impl RecordingFile {
    /// Locks the file, so that a second process, or a second run, that wants to
    /// record into it fails at its start.
    pub(super) fn claim(path: &Path, place: FilePlace) -> io::Result<Self> {
        let mut own =
            Self { path: path.into(), place, claimed: None, is_new: false };
        if !own.place.is_ordinary() {
            return Ok(own);
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let new = options.clone().create_new(true).open(&own.place.path);
        let file = match new {
            Ok(file) => {
                own.is_new = true;
                file
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                options.open(&own.place.path)?
            }
            Err(error) => return Err(error),
        };
        lock(&file)?;
        own.claimed = Some(file);
        if own.is_replaced() {
            return Err(in_use());
        }
        Ok(own)
    }

    /// As the user named it.
    pub(in crate::commands) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file to record into.
    pub(in crate::commands) fn begin(self) -> io::Result<RecordingStart> {
        if !self.place.is_ordinary() {
            let file = open_direct(&self.place)?;
            let (place, begun) = (self.place.clone(), Box::new(|| Ok(())));
            return Ok(RecordingStart { file, place, begun });
        }
        let (file, beside) = new_file_beside(&self.place)?.into_parts();
        lock(&file)?;
        let known = file.metadata().ok();
        let place = FilePlace { known, ..self.place.clone() };
        let begun = Box::new(move || self.replace_by(beside));
        Ok(RecordingStart { file: file.into(), place, begun })
    }

    /// Puts a recording that has begun in the place of the claimed file.
    fn replace_by(mut self, beside: TempPath) -> io::Result<()> {
        if !RENAMES_OVER_OPEN {
            self.claimed = None;
        }
        beside.persist(&self.place.path)?;
        self.is_new = false;
        Ok(())
    }

    /// Whether another file than the locked one has this name by now: another
    /// recording has begun between opening and locking it.
    fn is_replaced(&self) -> bool {
        let now = FilePlace::of(&self.path);
        let locked = self.claimed.as_ref().and_then(|it| it.metadata().ok());
        let locked = FilePlace { known: locked, ..self.place.clone() };
        !now.is_same(&locked)
    }
}

impl Drop for RecordingFile {
    /// A file that was made for the lock alone is not left behind.
    fn drop(&mut self) {
        if self.is_new && !self.is_replaced() {
            let _ = remove_file(&self.place.path);
        }
    }
}

/// Locks a file until it is closed; see flock(2). Not every file system has
/// locks: without them, a second recording is not noticed.
fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(in_use()),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

fn in_use() -> io::Error {
    let words = "another run is being recorded into it";
    io::Error::new(ErrorKind::ResourceBusy, words)
}
