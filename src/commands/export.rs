//! `export`: converts a recorded run, or films several side by side.

use super::compare::{MOST, open};
use super::files::{CommandFiles, ReplaceArgs, ResultFile};
use super::load::receive_signals;
use super::replay::{note_missing, open_from, unreadable};
use crate::error::Error;
use crate::export::{
    self, CAST_LARGEST, CAST_SIZE, ExportFailure, ExportSubject, Out,
};
use crate::run::report::RunReport;
use crate::system::outlet::OutputWriter;
use crate::system::signals;
use crate::tui::NEEDED;
use crate::units::parse_time;
use clap::{Args, ValueEnum};
use ratatui::layout::Size;
use std::iter::zip;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// A recording, as `--record` made it
    ///
    /// With `--to cast` up to five, which are shown side by side, as by
    /// `compare`.
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Leave out what was over before this moment
    #[arg(long, value_name = "TIME", value_parser = parse_time,
          help_heading = "What is shown")]
    pub from: Option<Duration>,
    /// Leave out what began after this moment
    #[arg(long, value_name = "TIME", value_parser = parse_time,
          help_heading = "What is shown")]
    pub until: Option<Duration>,
    /// Size of the screen of a `cast` [default: 120x40]
    ///
    /// With `--to cast`, from 60x15 to 500x200.
    #[arg(long, value_name = "COLSxROWS", value_parser = columns_and_rows,
          help_heading = "What is shown")]
    pub size: Option<Size>,
    /// Format to export to
    #[arg(long, value_enum, value_name = "FORM", help_heading = "Output")]
    pub to: ExportForm,
    /// Write it to this file instead of standard output
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    pub replace: ReplaceArgs,
}

/// What a recording can be made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// A trace for Perfetto: a track for each thread and socket, sleeping as
    /// slices, readiness as instants, counters (Chrome trace-event JSON).
    Perfetto,
    /// CSV for spreadsheets, one event in each row.
    Csv,
    /// JSON Lines for programs, one event in each object.
    Jsonl,
    /// A self-contained page: a timeline to zoom and to hover, code with a heat
    /// map, counters, findings, echo times.
    Html,
    /// The timeline as an SVG image, for slides.
    Svg,
    /// The screen as a recording for asciinema.
    Cast,
    /// A summary in Markdown, for documents.
    Md,
}

/// Exports the recordings, and says on standard error what they lack.
pub(super) fn run(args: &ExportArgs, files: CommandFiles) -> Result<(), Error> {
    if args.output.is_some() {
        // Before the first temporary file, so that none is left behind.
        receive_signals(|signal| signals::exit(signal))?;
    }
    let file = check(args, files)?;
    let from = args.from.unwrap_or_default();
    let (recordings, at_end): (Vec<_>, Vec<_>) = match &args.files[..] {
        // What can be read of a damaged one is exported.
        [file] => (vec![open_from(file, from)?], Vec::new()),
        files => {
            let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
            let all = open(&files)?.into_iter();
            all.map(|it| (it.recording, it.report)).unzip()
        }
    };
    let name = |file: &Path| -> String {
        file.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    let names: Vec<_> = args.files.iter().map(|it| name(it)).collect();
    let subjects = zip(&recordings, &names).map(|(recording, name)| {
        let until = args.until.unwrap_or(Duration::MAX);
        ExportSubject { recording, name, from, until }
    });
    let subjects: Vec<_> = subjects.collect();
    let write = |out: Out| match write(args, &subjects, &at_end, out) {
        // What could be read of a damaged recording is kept.
        Err(ExportFailure::Read(source)) => Ok(Err(source)),
        Err(ExportFailure::Write(source)) => Err(source),
        Ok(()) => Ok(Ok(())),
    };
    let went = match &file {
        None => {
            let mut out = OutputWriter::of_result();
            write(&mut out).map_err(Error::Output)
        }
        Some(file) => file.write_with(write),
    };
    went?.map_err(|source| unreadable(&args.files[0], &source))?;
    for (file, recording) in zip(&args.files, &recordings) {
        note_missing(file, recording);
    }
    Ok(())
}

/// Checks the options before anything is read or written. Returns the file that
/// is to be written, if any.
fn check(
    args: &ExportArgs,
    mut files: CommandFiles,
) -> Result<Option<ResultFile>, Error> {
    if args.until.is_some_and(|until| args.from > Some(until)) {
        return Err(Error::usage(
            "`--from` is later than `--until`: exchange the two",
        ));
    }
    if args.size.is_some() && args.to != ExportForm::Cast {
        return Err(Error::usage(
            "`--size` is for `--to cast` alone: leave it out",
        ));
    }
    if args.files.len() > 1 && args.to != ExportForm::Cast {
        return Err(Error::usage("several recordings need --to cast"));
    }
    if args.files.len() > MOST {
        return Err(Error::usage(format!(
            "at most {MOST} recordings can be shown, not {}",
            args.files.len()
        )));
    }
    args.files.iter().for_each(|it| files.read("the recording", it));
    let path = args.output.as_deref();
    path.map(|it| files.result(it, args.replace)).transpose()
}

fn write(
    args: &ExportArgs,
    all: &[ExportSubject],
    at_end: &[RunReport],
    out: Out,
) -> Result<(), ExportFailure> {
    let it = &all[0];
    let size = args.size.unwrap_or(CAST_SIZE);
    match args.to {
        ExportForm::Perfetto => export::perfetto(it, out),
        ExportForm::Csv => export::csv(it, out),
        ExportForm::Jsonl => export::jsonl(it, out),
        ExportForm::Html => export::html(it, out),
        ExportForm::Svg => export::svg(it, out),
        ExportForm::Cast => export::cast(all, at_end, size, out),
        ExportForm::Md => export::md(it, out),
    }?;
    Ok(out.flush()?)
}

fn columns_and_rows(text: &str) -> Result<Size, String> {
    let both = text.split_once('x').and_then(|(columns, rows)| {
        Some(Size::new(columns.parse().ok()?, rows.parse().ok()?))
    });
    let size = both.ok_or("expected COLSxROWS, such as 120x40")?;
    if size.width < NEEDED.width || size.height < NEEDED.height {
        return Err(format!("the screen needs at least {NEEDED}"));
    }
    if size.width > CAST_LARGEST.width || size.height > CAST_LARGEST.height {
        return Err(format!("the screen has at most {CAST_LARGEST}"));
    }
    Ok(size)
}
