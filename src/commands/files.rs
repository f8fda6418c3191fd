//! Files that a command writes: each is whole, or as it was before.

use crate::error::Error;
use crate::text::clean;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What a name ends in, in small letters.
pub(super) fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// Whether it can be written, found out before anything is measured; no file
/// is left of that.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let is_new = !path.exists();
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened.map(drop).map_err(|source| unwritten(path, source))?;
    if is_new {
        fs::remove_file(path).map_err(|source| unwritten(path, source))?;
    }
    Ok(())
}

/// Writes a file anew: it has all of the old text or all of the new one.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let anew = Anew::create(path)?;
    let written = anew.file().write_all(text.as_bytes());
    written.map_err(|source| unwritten(path, source))?;
    anew.keep()
}

/// A file that is written piece by piece, and takes its place when it is
/// whole: what was there before stays until then.
pub(super) enum Anew {
    /// It is a pipe or a device, or no file can be made beside it.
    Direct(File),
    /// A temporary file, and the file whose place it takes. Dropped without
    /// [`keep`](Self::keep), it is removed.
    Beside(NamedTempFile, PathBuf),
}

impl Anew {
    /// Nothing is written yet.
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        // What a symbolic link leads to is replaced, not the link.
        let real = path.canonicalize().unwrap_or_else(|_| path.into());
        if let Some(beside) = new_file_beside(&real) {
            return Ok(Self::Beside(beside, real));
        }
        let file = File::create(&real);
        file.map(Self::Direct).map_err(|source| unwritten(path, source))
    }

    /// What is to be written.
    pub(super) fn file(&self) -> &File {
        match self {
            Self::Direct(file) => file,
            Self::Beside(file, _) => file.as_file(),
        }
    }

    /// The temporary file, if there is one.
    pub(super) fn temporary(&self) -> Option<&Path> {
        match self {
            Self::Direct(_) => None,
            Self::Beside(file, _) => Some(file.path()),
        }
    }

    /// It is whole, or as whole as it will be.
    pub(super) fn keep(self) -> Result<(), Error> {
        let Self::Beside(file, path) = self else { return Ok(()) };
        let kept = file.persist(&path);
        kept.map(drop).map_err(|failed| unwritten(&path, failed.error))
    }
}

/// A temporary file with the permissions of the one that it is to replace.
fn new_file_beside(path: &Path) -> Option<NamedTempFile> {
    let known = fs::metadata(path).ok();
    if known.as_ref().is_some_and(|known| !known.is_file()) {
        return None;
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    // Not with the permissions of a temporary file, which others cannot read.
    let file = tempfile::Builder::new()
        .make_in(folder.unwrap_or(Path::new(".")), |it| File::create_new(it))
        .ok()?;
    if let Some(known) = known {
        file.as_file().set_permissions(known.permissions()).ok()?;
    }
    Some(file)
}

/// Says that a file holds less than it was meant to.
pub(super) fn tell_partial(path: &Path, done: &str) {
    let path = path.display();
    let words = format!("{path} holds a partial result: {done}");
    // The file holds the same words; a closed standard error loses nothing.
    let _ = writeln!(io::stderr(), "{}", clean(&words));
}

fn unwritten(path: &Path, source: io::Error) -> Error {
    Error::Write { path: path.into(), source }
}
