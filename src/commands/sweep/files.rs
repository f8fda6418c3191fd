//! Where the reports go, each in its form.

use super::Reported;
use crate::cli::SweepForm;
use crate::commands::files;
use crate::error::Error;
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
    targets.iter().try_for_each(|it| files::check(&it.path))?;
    Ok(targets)
}

fn form_of(path: &Path) -> Option<SweepForm> {
    match files::ending(path)?.as_str() {
        "txt" => Some(SweepForm::Text),
        "json" => Some(SweepForm::Json),
        "md" | "markdown" => Some(SweepForm::Markdown),
        "csv" => Some(SweepForm::Csv),
        "svg" => Some(SweepForm::Svg),
        _ => None,
    }
}

impl Target {
    pub(super) fn write(&self, reported: &Reported) -> Result<(), Error> {
        let text = reported.plain(self.form)?;
        files::write(&self.path, &text)?;
        if reported.result.interrupted {
            files::tell_partial(&self.path, "the sweep was interrupted");
        }
        Ok(())
    }
}
