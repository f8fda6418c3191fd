//! Where the reports go, each in its form.

use super::args::{MeasureArgs, MeasureForm};
use crate::commands::files;
use crate::commands::output::unwritable;
use crate::error::Error;
use crate::measure::{SweepPlan, names};
use crate::report::{Canvas, Marks, MeasureReport, Medium, Style, WIDTH};
use crate::tui::{Glyphs, Look};
use clap::ValueEnum as _;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

/// A chart is at most this wide, however wide the terminal is.
const WIDEST: u16 = 120;

/// A file, its form, and its server if it is one of several.
pub(super) struct ReportFile {
    path: PathBuf,
    form: MeasureForm,
    subject: Option<usize>,
}

/// The files, each of which can be written. Histograms are one file a server.
pub(super) fn targets(
    how: &MeasureArgs,
    plan: &SweepPlan,
) -> Result<Vec<ReportFile>, Error> {
    let mut targets = Vec::new();
    for path in &how.output {
        let form = form_of(path).unwrap_or(how.report);
        let file = |path, subject| ReportFile { path, form, subject };
        if form == MeasureForm::Hgrm {
            let names = names(&plan.subjects).into_iter().enumerate();
            targets.extend(
                names.map(|(at, name)| file(of_subject(path, &name), Some(at))),
            );
        } else {
            targets.push(file(path.clone(), None));
        }
    }
    let forms = targets.iter().map(|it| it.form).chain([how.report]);
    if plan.swept.is_some() && forms.clone().any(|it| it == MeasureForm::Hgrm) {
        let words = "hgrm is for `bench`; a sweep has its histograms in JSON \
                     with --histograms";
        return Err(Error::Usage(words.into()));
    }
    targets.iter().try_for_each(|it| files::check(&it.path))?;
    Ok(targets)
}

fn form_of(path: &Path) -> Option<MeasureForm> {
    match files::ending(path)?.as_str() {
        "txt" => Some(MeasureForm::Text),
        ending => MeasureForm::from_str(ending, true).ok(),
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
    file.push(format!(".{name}."));
    file.push(end);
    path.with_file_name(file)
}

impl ReportFile {
    pub(super) fn write(&self, report: &MeasureReport) -> Result<(), Error> {
        let text = match self.subject {
            Some(at) => report.to_hgrm(at),
            None => in_form(report, self.form, Canvas::PLAIN)?,
        };
        files::write(&self.path, &text)?;
        if let Some(done) = report.partial() {
            files::tell_partial(&self.path, &done);
        }
        Ok(())
    }
}

/// The report for standard output.
pub(super) fn for_terminal(
    report: &MeasureReport,
    form: MeasureForm,
) -> Result<String, Error> {
    let look = Look::suited(|name| std::env::var(name).ok());
    let is_ascii = *look.glyphs == Glyphs::ASCII;
    let marks = if is_ascii { Marks::Ascii } else { Marks::Unicode };
    let columns = ratatui::crossterm::terminal::size().map_or(0, |it| it.0);
    let width = if io::stdout().is_terminal() && columns > 0 {
        columns.min(WIDEST)
    } else {
        u16::try_from(WIDTH).unwrap_or(WIDEST)
    };
    in_form(report, form, Canvas { style: Style::Colour, marks, width })
}

fn in_form(
    report: &MeasureReport,
    form: MeasureForm,
    canvas: Canvas,
) -> Result<String, Error> {
    Ok(match form {
        MeasureForm::Text => report.to_text(canvas),
        MeasureForm::Markdown => {
            report.document(Medium::Markdown, canvas).to_markdown()
        }
        MeasureForm::Json => report.to_json().map_err(unwritable)?,
        MeasureForm::Csv => report.to_csv().map_err(unwritable)?,
        MeasureForm::Svg => report.to_svg(),
        MeasureForm::Hgrm => {
            let subjects = report.result.points[0].subjects.len();
            let each = (0..subjects).map(|at| report.to_hgrm(at));
            each.collect::<Vec<_>>().join("\n")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_is_its_form() {
        let form = |path: &str| form_of(Path::new(path));
        assert_eq!(form("a/b.JSON"), Some(MeasureForm::Json));
        assert_eq!(form("b.md"), Some(MeasureForm::Markdown));
        assert_eq!(form("b.markdown"), Some(MeasureForm::Markdown));
        assert_eq!(form("b.txt"), Some(MeasureForm::Text));
        assert_eq!(form("b.hgrm"), Some(MeasureForm::Hgrm));
        assert_eq!(form("b.Svg"), Some(MeasureForm::Svg));
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
