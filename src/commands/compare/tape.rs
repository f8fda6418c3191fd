//! Where the recording of each mode goes.

use super::lineup::are_one_file;
use crate::cli::{CompareArgs, ContenderArg, RecordArgs};
use crate::commands::record::{self, Subject, Tape};
use crate::error::Error;
use crate::modes::Mode;
use std::fs::File;
use std::path::{Path, PathBuf};

/// A file for the recording of a mode that has not begun. One that was made
/// for it goes away with this.
pub(super) struct BlankTape {
    to: RecordArgs,
    path: PathBuf,
    file: Option<File>,
}

impl BlankTape {
    /// One for each of these modes, in this order; none unless a recording
    /// is wanted.
    ///
    /// # Errors
    /// If one of them cannot be written, or is where the comparison goes.
    pub(super) fn for_each(
        args: &CompareArgs,
        modes: &[Mode],
    ) -> Result<Vec<Self>, Error> {
        let Some(file) = &args.record else { return Ok(Vec::new()) };
        let open = |mode: &Mode| {
            let path = path_of(file, *mode);
            check_kept(args, &path)?;
            let opened = record::open_beside(&path, &args.output)?;
            let record = Some(path.clone());
            let to = RecordArgs { record, payload: args.payload };
            Ok(Self { to, path, file: Some(opened) })
        };
        modes.iter().map(open).collect()
    }

    /// A recording that begins when the server listens.
    pub(super) fn load(mut self, subject: &Subject) -> Option<Tape> {
        let file = self.file.take()?;
        Some(Tape::new(file, &self.to, subject))
    }

    /// That its mode never ran.
    pub(super) fn unused(&self, mode: Mode) -> String {
        let path = self.path.display();
        format!("nothing recorded in {path}: {} was not run", mode.name())
    }
}

impl Drop for BlankTape {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            record::leave_nothing(&self.path);
        }
    }
}

/// A recording that is compared is not written over.
fn check_kept(args: &CompareArgs, path: &Path) -> Result<(), Error> {
    let is_compared = |it: &ContenderArg| match it {
        ContenderArg::Mode(_) => false,
        ContenderArg::Recording(file) => are_one_file(file, path),
    };
    if args.contenders.iter().any(is_compared) {
        let path = path.display();
        let words = format!("{path} is compared and would be written over");
        return Err(Error::Usage(words));
    }
    Ok(())
}

/// The file with the mode's name before its extension.
fn path_of(file: &Path, mode: Mode) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_owned();
    name.push(".");
    name.push(mode.name());
    if let Some(extension) = file.extension() {
        name.push(".");
        name.push(extension);
    }
    file.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_mode_stands_before_the_extension() {
        let name = |file: &str| path_of(Path::new(file), Mode::Tasks);
        assert_eq!(name("run.rec"), Path::new("run.tasks.rec"));
        assert_eq!(name("a.b/run"), Path::new("a.b/run.tasks"));
        assert_eq!(name("/x/run.1.rec"), Path::new("/x/run.1.tasks.rec"));
        assert_eq!(name(".rec"), Path::new(".rec.tasks"));
    }
}
