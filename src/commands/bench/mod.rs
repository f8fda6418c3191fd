//! `bench` and `sweep`: servers measured alone, again and again, and
//! compared; a bench is a sweep with one point.

mod args;
mod progress;

pub(crate) use args::{BenchArgs, MeasureArgs, MeasureForm, SweepArgs};

use super::files::{CommandFiles, ResultFile, with_infix};
use super::load::cancel_on_signal;
use super::output::{note, print_result, signed, unwritable};
use crate::error::{Error, cause_in_words, causes_in_words, shown};
use crate::load::Cancel;
use crate::measure::{
    self, Baseline, Figure, SweepPlan, SweepResult, names, parse_baseline,
};
use crate::report::{Canvas, Marks, MeasureReport, Medium, Style, WIDTH};
use crate::system::pipe::read_text;
use crate::text::clean;
use crate::tui::{Glyphs, ScreenSettings};
use clap::ValueEnum as _;
use itertools::Itertools as _;
use progress::ProgressLine;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

/// A chart is at most this wide, however wide the terminal is.
const WIDEST: u16 = 120;

/// Measures to the end, or to the first signal, and reports.
pub(super) fn bench(
    args: &BenchArgs,
    screen: &ScreenSettings,
    mut files: CommandFiles,
) -> Result<(), Error> {
    let plan = args::of_bench(args)?;
    let baseline = args.baseline.as_deref().map(earlier).transpose()?;
    if let Some(path) = &args.baseline {
        files.read("the baseline", path);
    }
    let targets = targets(&args.how, &plan, files)?;
    measure(&plan, &args.how, screen, baseline, Vec::new(), &targets)
}

/// As [`bench`], at many points of one axis.
pub(super) fn sweep(
    args: &SweepArgs,
    screen: &ScreenSettings,
    files: CommandFiles,
) -> Result<(), Error> {
    let plan = args::of_sweep(args)?;
    let targets = targets(&args.how, &plan, files)?;
    let figures = args.figure.iter().copied().unique().collect();
    measure(&plan, &args.how, screen, None, figures, &targets)
}

/// The largest baseline that is read, in bytes.
const LARGEST_BASELINE: u64 = 64 << 20;

/// An earlier result, to compare with.
fn earlier(path: &Path) -> Result<SweepResult, Error> {
    let refused = |why: String| {
        let path = shown(path);
        Error::usage(format!("cannot use {path} as a baseline: {why}"))
    };
    let text = read_text(path, LARGEST_BASELINE)
        .map_err(|error| refused(cause_in_words(&error)))?;
    parse_baseline(&text).map_err(|error| refused(causes_in_words(&error)))
}

fn measure(
    plan: &SweepPlan,
    how: &MeasureArgs,
    screen: &ScreenSettings,
    before: Option<SweepResult>,
    figures: Vec<Figure>,
    targets: &[ReportFile],
) -> Result<(), Error> {
    let cancel = Cancel::new();
    cancel_on_signal(&cancel)?;
    let mut shown = ProgressLine::new(how.quiet);
    let result = measure::run(plan, &cancel, &mut shown);
    shown.clear();
    let baseline = before.map(|before| Baseline::new(&result, &before));
    let report = MeasureReport { result, baseline, figures };
    // With files the user has the data, and reads this as text.
    let form = if targets.is_empty() { how.report } else { MeasureForm::Text };
    let printed =
        for_terminal(&report, screen, form).and_then(|it| print_result(&it));
    // A file that cannot be written does not keep the others from it.
    let written: Vec<_> = targets.iter().map(|it| it.write(&report)).collect();
    written.into_iter().collect::<Result<(), _>>()?;
    printed?;
    match &report.gaps()[..] {
        [] => Ok(()),
        gaps => Err(Error::Unmeasured(clean(&gaps.join("; ")))),
    }
}

/// A file, its form, and its server if it is one of several.
struct ReportFile {
    file: ResultFile,
    form: MeasureForm,
    subject: Option<usize>,
}

/// The files, checked to be writable. Histograms are one file a server.
fn targets(
    how: &MeasureArgs,
    plan: &SweepPlan,
    mut files: CommandFiles,
) -> Result<Vec<ReportFile>, Error> {
    let mut wanted = Vec::new();
    for path in &how.output {
        let form = form_of(path).unwrap_or(how.report);
        if form == MeasureForm::Hgrm {
            for (at, name) in names(&plan.subjects).iter().enumerate() {
                wanted.push((of_subject(path, name), form, Some(at)));
            }
        } else {
            wanted.push((path.clone(), form, None));
        }
    }
    let mut forms = wanted.iter().map(|it| it.1).chain([how.report]);
    if plan.swept.is_some() && forms.contains(&MeasureForm::Hgrm) {
        return Err(Error::usage(
            "hgrm is for `bench`; a sweep has its histograms in JSON with \
             --histograms",
        ));
    }
    let target = |(path, form, subject): (PathBuf, _, _)| {
        let file = files.result(&path, how.replace)?;
        Ok(ReportFile { file, form, subject })
    };
    wanted.into_iter().map(target).collect()
}

fn form_of(path: &Path) -> Option<MeasureForm> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "txt" => Some(MeasureForm::Text),
        ending => MeasureForm::from_str(ending, true).ok(),
    }
}

/// The file of one server: `times.selector.hgrm` for `times.hgrm`.
fn of_subject(path: &Path, name: &str) -> PathBuf {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name = name.replace(|c| !is_plain(c), "-");
    match path.extension() {
        Some(_) => with_infix(path, &name),
        None => with_infix(&path.with_extension("hgrm"), &name),
    }
}

impl ReportFile {
    fn write(&self, report: &MeasureReport) -> Result<(), Error> {
        let text = match self.subject {
            Some(at) => report.to_hgrm(at),
            None if self.form == MeasureForm::Text => {
                signed(&in_form(report, self.form, Canvas::PLAIN)?)
            }
            None => in_form(report, self.form, Canvas::PLAIN)?,
        };
        self.file.write(&text)?;
        if let Some(done) = report.partial() {
            let path = shown(self.file.path());
            note(format_args!("{path} holds a partial result: {done}"));
        }
        Ok(())
    }
}

/// The report for standard output.
fn for_terminal(
    report: &MeasureReport,
    screen: &ScreenSettings,
    form: MeasureForm,
) -> Result<String, Error> {
    let is_ascii = *screen.own_look().glyphs == Glyphs::ASCII;
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
            let subjects = 0..report.result.points[0].subjects.len();
            subjects.map(|at| report.to_hgrm(at)).join("\n")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_is_its_form() {
        for (path, form) in [
            ("a/b.JSON", Some(MeasureForm::Json)),
            ("b.md", Some(MeasureForm::Markdown)),
            ("b.markdown", Some(MeasureForm::Markdown)),
            ("b.txt", Some(MeasureForm::Text)),
            ("b.hgrm", Some(MeasureForm::Hgrm)),
            ("json", None),
            ("b.dat", None),
        ] {
            assert_eq!(form_of(Path::new(path)), form, "{path}");
        }
    }

    #[test]
    fn a_histogram_has_its_server_in_its_name() {
        for (path, name, file) in [
            ("out/times.hgrm", "selector", "out/times.selector.hgrm"),
            ("times", "127.0.0.1:7007", "times.127.0.0.1-7007.hgrm"),
            ("../x.hgrm", "../y", "../x...-y.hgrm"),
            ("/x/run.1.rec", "tasks", "/x/run.1.tasks.rec"),
        ] {
            assert_eq!(of_subject(Path::new(path), name), Path::new(file));
        }
    }
}
