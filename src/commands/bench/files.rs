//! Where the reports go, each in its form.

use crate::cli::BenchForm;
use crate::commands::files;
use crate::commands::output::unwritable;
use crate::error::Error;
use crate::measure::{Baseline, BenchResult, rounds_done};
use crate::report::{self, Style};
use std::path::{Path, PathBuf};

/// A file, its form, and whose it is where it is not everybody's.
pub(super) struct Target {
    path: PathBuf,
    form: BenchForm,
    subject: Option<usize>,
}

/// The files, each of which can be written. Histograms are one file a server.
pub(super) fn targets(
    paths: &[PathBuf],
    otherwise: BenchForm,
    names: &[String],
) -> Result<Vec<Target>, Error> {
    let mut targets = Vec::new();
    for path in paths {
        let form = form_of(path).unwrap_or(otherwise);
        if form == BenchForm::Hgrm {
            targets.extend(names.iter().enumerate().map(|(at, name)| Target {
                path: of_subject(path, name),
                form,
                subject: Some(at),
            }));
        } else {
            targets.push(Target { path: path.clone(), form, subject: None });
        }
    }
    targets.iter().try_for_each(|it| files::check(&it.path))?;
    Ok(targets)
}

fn form_of(path: &Path) -> Option<BenchForm> {
    match files::ending(path)?.as_str() {
        "txt" => Some(BenchForm::Text),
        "json" => Some(BenchForm::Json),
        "md" | "markdown" => Some(BenchForm::Markdown),
        "csv" => Some(BenchForm::Csv),
        "hgrm" => Some(BenchForm::Hgrm),
        "svg" => Some(BenchForm::Svg),
        _ => None,
    }
}

/// `times.selector.hgrm` of `times.hgrm`.
fn of_subject(path: &Path, name: &str) -> PathBuf {
    let safe = |letter: char| {
        let plain = letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if plain { letter } else { '-' }
    };
    let name: String = name.chars().map(safe).collect();
    let end = path.extension().unwrap_or("hgrm".as_ref());
    let mut file = path.file_stem().unwrap_or_default().to_owned();
    file.push(".");
    file.push(name);
    file.push(".");
    file.push(end);
    path.with_file_name(file)
}

/// What is reported.
pub(super) struct Reported {
    pub(super) result: BenchResult,
    pub(super) baseline: Option<Baseline>,
}

impl Reported {
    /// All of it in one text.
    pub(super) fn in_form(
        &self,
        form: BenchForm,
        style: Style,
    ) -> Result<String, Error> {
        let (result, before) = (&self.result, self.baseline.as_ref());
        Ok(match form {
            BenchForm::Text => report::bench_text(result, before, style),
            BenchForm::Markdown => report::bench_markdown(result, before),
            BenchForm::Json => {
                report::bench_json(result, before).map_err(unwritable)?
            }
            BenchForm::Csv => report::bench_csv(result).map_err(unwritable)?,
            BenchForm::Hgrm => {
                let hgrm = |it| report::bench_hgrm(result, it);
                let each = result.subjects.iter().map(hgrm);
                each.collect::<Vec<_>>().join("\n")
            }
            BenchForm::Svg => report::bench_svg(result),
        })
    }

    pub(super) fn write(&self, target: &Target) -> Result<(), Error> {
        let one = target.subject.and_then(|at| self.result.subjects.get(at));
        let text = match one {
            Some(subject) => report::bench_hgrm(&self.result, subject),
            None => self.in_form(target.form, Style::Plain)?,
        };
        files::write(&target.path, &text)?;
        if self.result.interrupted {
            let (done, asked) = (rounds_done(&self.result), self.result.rounds);
            let done = format!("{done} of {asked} rounds");
            files::tell_partial(&target.path, &done);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_s_end_says_the_form() {
        let form = |path: &str| form_of(Path::new(path));
        assert_eq!(form("a/b.JSON"), Some(BenchForm::Json));
        assert_eq!(form("b.md"), Some(BenchForm::Markdown));
        assert_eq!(form("b.hgrm"), Some(BenchForm::Hgrm));
        assert_eq!(form("b.Svg"), Some(BenchForm::Svg));
        assert_eq!(form("json"), None);
        assert_eq!(form("b.dat"), None);
    }

    #[test]
    fn a_histogram_has_its_server_in_its_name() {
        let path = |path: &str, name: &str| of_subject(Path::new(path), name);
        let wanted = Path::new("out/times.selector.hgrm");
        assert_eq!(path("out/times.hgrm", "selector"), wanted);
        let wanted = Path::new("times.127.0.0.1-7007.hgrm");
        assert_eq!(path("times", "127.0.0.1:7007"), wanted);
        assert_eq!(path("../x.hgrm", "../y"), Path::new("../x...-y.hgrm"));
    }
}
