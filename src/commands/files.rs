//! Files that a measurement writes, each in the form of its name's end.

use crate::error::Error;
use crate::text::clean;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
    let whole = match fs::metadata(path) {
        // A pipe or a device is written to, not replaced.
        Ok(known) if !known.is_file() => fs::write(path, text),
        known => replace(path, text, known.ok()),
    };
    whole.map_err(|source| unwritten(path, source))
}

fn replace(path: &Path, text: &str, known: Option<Metadata>) -> io::Result<()> {
    // What a symbolic link leads to is replaced, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.into());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let written = fs::write(&beside, text)
        .and_then(|()| match known {
            Some(known) => fs::set_permissions(&beside, known.permissions()),
            None => Ok(()),
        })
        .and_then(|()| fs::rename(&beside, &path));
    written.or_else(|_| {
        // A user who may write the file may not be allowed to write beside it.
        let _ = fs::remove_file(&beside);
        fs::write(&path, text)
    })
}

/// A file that is written piece by piece, and takes its place when it is
/// whole: what was there before stays until then.
pub(super) struct Anew {
    path: PathBuf,
    /// The temporary file beside `path`. `None` if the file is written
    /// directly: it is a pipe or a device, or none can be made beside it.
    beside: Option<PathBuf>,
    file: File,
}

impl Anew {
    /// Nothing is written yet.
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        // What a symbolic link leads to is replaced, not the link.
        let real = path.canonicalize().unwrap_or_else(|_| path.into());
        let known = fs::metadata(&real).ok();
        if let Some((file, beside)) = Self::beside(&real, known.as_ref()) {
            return Ok(Self { path: real, beside: Some(beside), file });
        }
        let file = File::create(&real);
        let file = file.map_err(|source| unwritten(path, source))?;
        Ok(Self { path: real, beside: None, file })
    }

    fn beside(
        path: &Path,
        known: Option<&Metadata>,
    ) -> Option<(File, PathBuf)> {
        if known.is_some_and(|known| !known.is_file()) {
            return None;
        }
        let mut name = path.file_name()?.to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let beside = path.with_file_name(name);
        let file = File::create(&beside).ok()?;
        if let Some(known) = known {
            fs::set_permissions(&beside, known.permissions()).ok()?;
        }
        Some((file, beside))
    }

    /// What is to be written.
    pub(super) const fn file(&self) -> &File {
        &self.file
    }

    /// What gives it up, for a thread that hears of signals.
    pub(super) fn giving_up(&self) -> impl Fn() + Send + use<> {
        let beside = self.beside.clone();
        move || {
            let _ = beside.as_ref().map(fs::remove_file);
        }
    }

    /// It is whole, or as whole as it will be.
    pub(super) fn keep(self) -> Result<(), Error> {
        let Some(beside) = &self.beside else { return Ok(()) };
        let kept = fs::rename(beside, &self.path);
        kept.map_err(|source| unwritten(&self.path, source))
    }
}

/// Says that a file holds less than was asked for.
pub(super) fn tell_partial(path: &Path, done: &str) {
    let path = path.display();
    let words = format!("{path} holds a partial result: {done}");
    // Who does not listen has the same words in the file.
    let _ = writeln!(io::stderr(), "{}", clean(&words));
}

fn unwritten(path: &Path, source: std::io::Error) -> Error {
    Error::Write { path: PathBuf::from(path), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_leaves_no_file_and_a_text_replaces_another() {
        let name = format!("sockscope-files-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        check(&path).expect("a new file can be written");
        assert!(!path.exists());
        for text in ["a long first text", "short"] {
            write(&path, text).expect("it can be written");
            check(&path).expect("it can be written again");
            let read = fs::read_to_string(&path).expect("it is there");
            assert_eq!(read, text);
        }
        fs::remove_file(&path).expect("it is there");
    }
}
