//! Writes results: beside the file that they replace, and then in its place.

use super::ReplaceArgs;
use super::kind::FileKind;
use crate::error::{Error, in_plain_words};
use crate::system::files::FilePlace;
use crate::system::lock;
use crate::system::pipe::PatientFile;
use crate::system::signals::before_exit;
use std::fs::{File, OpenOptions, remove_file};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once};
use tempfile::NamedTempFile;

/// The temporary files that may exist now.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The most temporary files that are remembered: a recording in each column of
/// `compare`, and one result, with room for more.
const MOST_TEMPORARY: usize = 16;

/// Has a signal that ends the process remove the files that are being written:
/// what they were to replace is left as it was before.
fn remove_before_exit() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        before_exit(|| {
            let temporary = lock(&TEMPORARY);
            temporary.iter().for_each(|it| drop(remove_file(it)));
            // Locked until the process has ended: no file is created any more.
            std::mem::forget(temporary);
        });
    });
}

/// A file that a result goes into.
#[derive(Debug)]
pub(in crate::commands) struct ResultFile {
    /// As the user named it.
    path: PathBuf,
    place: FilePlace,
    replace: ReplaceArgs,
}

impl ResultFile {
    pub(super) fn new(
        path: &Path,
        place: FilePlace,
        replace: ReplaceArgs,
    ) -> Self {
        Self { path: path.into(), place, replace }
    }

    /// As the user named it.
    pub(in crate::commands) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the file anew: it has all of the old content or all of the new.
    pub(in crate::commands) fn write(&self, text: &str) -> Result<(), Error> {
        self.write_with(|out| out.write_all(text.as_bytes()))
    }

    /// As [`write`](Self::write), piece by piece. After any failure, the first
    /// of which is returned, a file that was there is as it was before.
    pub(in crate::commands) fn write_with<T>(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> Result<T, Error> {
        let written = if self.place.is_ordinary() {
            self.replace(write)
        } else {
            let file = open_direct(&self.place);
            file.and_then(|it| write_all(it, write))
        };
        let path = &self.path;
        written.map_err(|source| Error::Write { path: path.clone(), source })
    }

    fn replace<T>(
        &self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
    ) -> io::Result<T> {
        let beside = new_file_beside(&self.place)?;
        let written = write_all(beside.as_file().try_clone()?.into(), write)?;
        // A file system may report only now that there is no room.
        beside.as_file().sync_all()?;
        self.check_replaced()?;
        beside.persist(&self.place.path)?;
        Ok(written)
    }

    /// Looks again at what is replaced: a run may have taken hours since the
    /// first look.
    fn check_replaced(&self) -> io::Result<()> {
        let target = &self.place.path;
        let now = FilePlace::of(target);
        let is_allowed = self.replace.force
            || FileKind::Result.check_replaced(target, &now).is_ok();
        if now.is_ordinary() && is_allowed {
            return Ok(());
        }
        let words = "another file has taken this name since, and would be lost";
        Err(io::Error::other(words))
    }
}

fn write_all<T>(
    file: PatientFile,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> io::Result<T> {
    let mut out = BufWriter::new(file);
    let written = write(&mut out)?;
    out.flush().map(|()| written)
}

/// Opens a pipe, a device or a descriptor, beside which nothing can be made. It
/// is opened once: a reader takes a close for the end. A descriptor that leads
/// to an ordinary file, as with `> FILE`, keeps what is in that file.
pub(super) fn open_direct(place: &FilePlace) -> io::Result<PatientFile> {
    if place.is_descriptor {
        let file = OpenOptions::new().append(true).open(&place.path);
        return file.map(PatientFile::from);
    }
    PatientFile::create(&place.path)
}

/// A new file beside another one, with the permissions of the one that it is to
/// replace. It is removed when dropped.
pub(super) fn new_file_beside(place: &FilePlace) -> io::Result<NamedTempFile> {
    let folder = place.path.parent().filter(|it| !it.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    remove_before_exit();
    // Locked while the file is created, so that a signal finds its name.
    let mut temporary = lock(&TEMPORARY);
    let builder = tempfile::Builder::new();
    let Some(known) = &place.known else {
        // Not with the permissions of a temporary file, which others cannot
        // read, but with those that the user wants for new files.
        let made = builder.make_in(folder, |it| File::create_new(it))?;
        remember(&mut temporary, &made);
        return Ok(made);
    };
    // Without the name of the temporary file, which says nothing to the user.
    let made = builder.tempfile_in(folder).map_err(|error| {
        io::Error::new(error.kind(), in_plain_words(&error.to_string()))
    })?;
    remember(&mut temporary, &made);
    drop(temporary);
    let wanted = known.permissions();
    if made.as_file().metadata()?.permissions() != wanted {
        made.as_file().set_permissions(wanted)?;
    }
    Ok(made)
}

fn remember(temporary: &mut Vec<PathBuf>, made: &NamedTempFile) {
    if temporary.len() >= MOST_TEMPORARY {
        // The older ones have long become results, or are gone.
        temporary.remove(0);
    }
    temporary.push(made.path().to_owned());
}
