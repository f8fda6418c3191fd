//! The files of a command: what it reads, and what it is going to write.
//!
//! They are collected before anything runs, so that no result is written over
//! what the command reads, over another result, or over a file that is not an
//! earlier result.

mod kind;
mod recording;
mod result;

pub(super) use recording::{RecordingFile, RecordingStart};
pub(super) use result::ResultFile;

use crate::error::{Error, shown};
use crate::system::files::FilePlace;
use clap::Args;
use kind::FileKind;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Whether files are replaced that are not earlier results.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ReplaceArgs {
    /// Replace whatever file is there
    ///
    /// Otherwise a recording replaces only a recording, and a report or an
    /// export only one that sockscope wrote; an empty file is always replaced.
    #[arg(long, help_heading = "Output", hide_short_help = true)]
    pub force: bool,
}

/// The files that a command reads and writes.
#[derive(Debug, Default)]
pub(super) struct CommandFiles {
    known: Vec<CommandFile>,
}

#[derive(Debug)]
struct CommandFile {
    /// What it is to the command, such as `the scenario`.
    role: &'static str,
    /// As the user named it.
    path: PathBuf,
    place: FilePlace,
}

impl CommandFiles {
    /// The files of a command that reads its settings from this file.
    pub(super) fn with_settings(path: Option<&Path>) -> Self {
        let mut files = Self::default();
        if let Some(path) = path {
            files.read("the settings", path);
        }
        files
    }

    /// A file that the command reads; `role` is what messages call it.
    pub(super) fn read(&mut self, role: &'static str, path: &Path) {
        let place = FilePlace::of(path);
        self.known.push(CommandFile { role, path: path.into(), place });
    }

    /// A report or an export, which the command is going to write.
    ///
    /// # Errors
    /// If it cannot be written, or must not.
    pub(super) fn result(
        &mut self,
        path: &Path,
        replace: ReplaceArgs,
    ) -> Result<ResultFile, Error> {
        let place =
            self.write("the result", path, FileKind::Result, replace)?;
        Ok(ResultFile::new(path, place, replace))
    }

    /// Standard output, which takes something besides what is written to it by
    /// its name: no recording goes there.
    pub(super) fn standard_output(&mut self) {
        let path = Path::new("/dev/stdout");
        self.read("what is printed on", path);
    }

    /// The recording of a run, locked from now on.
    ///
    /// # Errors
    /// If it cannot be written, or must not, or if another run is being
    /// recorded into it.
    pub(super) fn recording(
        &mut self,
        path: &Path,
        replace: ReplaceArgs,
    ) -> Result<RecordingFile, Error> {
        let role = "the recording";
        let place = self.write(role, path, FileKind::Recording, replace)?;
        RecordingFile::claim(path, place)
            .map_err(|source| Error::Write { path: path.into(), source })
    }

    /// Checks a file that is going to be written.
    fn write(
        &mut self,
        role: &'static str,
        path: &Path,
        kind: FileKind,
        replace: ReplaceArgs,
    ) -> Result<FilePlace, Error> {
        let place = FilePlace::of(path);
        let mut known = self.known.iter();
        if let Some(other) = known.find(|it| it.place.is_same(&place)) {
            let (own, others) = (shown(path), shown(&other.path));
            return Err(Error::usage(format!(
                "{role} {own} and {} {others} are the same file: name another \
                 for {role}",
                other.role
            )));
        }
        if place.is_ordinary() && !replace.force {
            kind.check_replaced(path, &place)?;
        }
        check_writable(path, &place)
            .map_err(|source| Error::Write { path: path.into(), source })?;
        let known =
            CommandFile { role, path: path.into(), place: place.clone() };
        self.known.push(known);
        Ok(place)
    }
}

/// Checks that a file can be written, and leaves no new one behind. A pipe is
/// not opened: its reader would take the first close for the end.
fn check_writable(path: &Path, place: &FilePlace) -> io::Result<()> {
    let is_folder = place.known.as_ref().is_some_and(fs::Metadata::is_dir);
    let names_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    if is_folder || names_folder {
        return Err(ErrorKind::IsADirectory.into());
    }
    if !place.is_ordinary() {
        return Ok(());
    }
    // A link that leads nowhere, as it leads to itself, is not replaced.
    if place.known.is_some() || place.path.is_symlink() {
        OpenOptions::new().append(true).open(&place.path)?;
    }
    result::new_file_beside(place).map(drop)
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
