//! Files for results, which are replaced as a whole.

use crate::error::Error;
use crate::recording::is_recording;
use crate::system::lock;
use crate::system::pipe::PatientFile;
use crate::system::signals::before_exit;
use crate::text::clean;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};
use tempfile::NamedTempFile;

/// The temporary file of the file that is being written.
static TEMPORARY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Has a signal that ends the process remove the file that is being written:
/// what it was to replace is left as it was before.
fn remove_before_exit() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        before_exit(|| {
            let temporary = lock(&TEMPORARY);
            let _ = temporary.as_ref().map(fs::remove_file);
            // Locked until the process has ended: no file is created any more.
            std::mem::forget(temporary);
        });
    });
}

/// Checks before anything is measured that a report or an export can be
/// written, and leaves no new file behind.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    if is_recording(path) {
        return Err(Error::usage(format!(
            "{} is a recording, which would be lost: name another file",
            clean(&path.display().to_string())
        )));
    }
    check_writable(path)
}

/// As [`check`], for a recording: it may replace an earlier one, but no other
/// file.
pub(super) fn check_recording(path: &Path) -> Result<(), Error> {
    let is_used =
        fs::metadata(path).is_ok_and(|it| it.is_file() && it.len() > 0);
    if is_used && !is_recording(path) {
        return Err(Error::usage(format!(
            "{} is not a recording and would be lost: name another file",
            clean(&path.display().to_string())
        )));
    }
    check_writable(path)
}

fn check_writable(path: &Path) -> Result<(), Error> {
    // The reader of a pipe takes the first close for the end.
    if fs::metadata(path).is_ok_and(|it| !it.is_file() && !it.is_dir()) {
        return Ok(());
    }
    let is_new = path.symlink_metadata().is_err();
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened
        .and_then(|_| if is_new { fs::remove_file(path) } else { Ok(()) })
        .map_err(|source| Error::Write { path: path.into(), source })
}

/// The file with this before its extension: `run.tasks.rec` of `run.rec`.
pub(super) fn with_infix(file: &Path, infix: &str) -> PathBuf {
    let mut end = OsString::from(infix);
    if let Some(extension) = file.extension() {
        end.push(".");
        end.push(extension);
    }
    file.with_extension(end)
}

/// Writes a file anew: it has all of the old content or all of the new one.
pub(super) fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    write_with(path, |out| out.write_all(text.as_bytes()))
}

/// As [`write_file`], piece by piece. A pipe or a device, and a file beside
/// which no other can be made, is written directly.
pub(super) fn write_with<T>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> Result<T, Error> {
    let failed = |source| Error::Write { path: path.into(), source };
    let write_to = |file: PatientFile| {
        let mut out = BufWriter::new(file);
        let written = write(&mut out)?;
        out.flush().map(|()| written)
    };
    // What a symbolic link leads to is replaced, not the link.
    let real = path.canonicalize().unwrap_or_else(|_| path.into());
    let Some(beside) = new_file_beside(&real) else {
        let file = PatientFile::create(&real).map_err(failed)?;
        return write_to(file).map_err(failed);
    };
    let file = beside.as_file().try_clone().map_err(failed)?;
    let written = write_to(file.into()).map_err(failed)?;
    beside.persist(&real).map_err(|it| failed(it.error))?;
    Ok(written)
}

/// A temporary file with the permissions of the one that it is to replace.
fn new_file_beside(path: &Path) -> Option<NamedTempFile> {
    let known = fs::metadata(path).ok();
    if known.as_ref().is_some_and(|known| !known.is_file()) {
        return None;
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    remove_before_exit();
    // Locked while the file is created, so that a signal finds its name.
    let mut temporary = lock(&TEMPORARY);
    // Not with the permissions of a temporary file, which others cannot read.
    let file = tempfile::Builder::new()
        .make_in(folder.unwrap_or(Path::new(".")), |it| File::create_new(it))
        .ok()?;
    *temporary = Some(file.path().to_owned());
    if let Some(known) = known {
        file.as_file().set_permissions(known.permissions()).ok()?;
    }
    Some(file)
}
