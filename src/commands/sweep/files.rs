//! Where the reports go, each in its form.

use super::Reported;
use crate::cli::SweepForm;
use crate::error::Error;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

/// A file and its form.
pub(super) struct Target {
    path: PathBuf,
    form: SweepForm,
}

/// The files, each of which can be written.
pub(super) fn targets(
    paths: &[PathBuf],
    otherwise: SweepForm,
) -> Result<Vec<Target>, Error> {
    let target = |path: &PathBuf| {
        let form = form_of(path).unwrap_or(otherwise);
        Target { path: path.clone(), form }
    };
    let targets: Vec<_> = paths.iter().map(target).collect();
    targets.iter().try_for_each(Target::check)?;
    Ok(targets)
}

fn form_of(path: &Path) -> Option<SweepForm> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "txt" => Some(SweepForm::Text),
        "json" => Some(SweepForm::Json),
        "md" | "markdown" => Some(SweepForm::Markdown),
        "csv" => Some(SweepForm::Csv),
        "svg" => Some(SweepForm::Svg),
        _ => None,
    }
}

impl Target {
    /// Whether it can be written, found out before anything is measured.
    fn check(&self) -> Result<(), Error> {
        let path = self.path.clone();
        let opened = OpenOptions::new().create(true).append(true).open(&path);
        opened.map(drop).map_err(|source| Error::Write { path, source })
    }

    pub(super) fn write(&self, reported: &Reported) -> Result<(), Error> {
        let text = reported.plain(self.form)?;
        let path = self.path.clone();
        fs::write(&path, text).map_err(|source| Error::Write { path, source })
    }
}
