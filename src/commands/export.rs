//! `export`: a recorded run as something else.

use super::files::{self, Anew};
use super::load::receive_signals;
use super::replay::{begins_within, open, report_missing};
use crate::error::Error;
use crate::export::{
    self, CAST_LARGEST, CAST_SIZE, ExportFailure, ExportSubject, Out,
};
use crate::system::files::are_one;
use crate::tui::NEEDED;
use crate::units::parse_time;
use clap::{Args, ValueEnum};
use ratatui::layout::Size;
use std::fs;
use std::io::{BufWriter, stdout};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The options of `export`.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// A recording, as `--record` made it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Into what
    #[arg(long, value_enum, value_name = "FORM")]
    pub to: ExportForm,
    /// Write it to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Leave out what was over before this moment of the run
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub from: Option<Duration>,
    /// Leave out what began after this moment of the run
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub until: Option<Duration>,
    /// With `--to cast`: how large its screen is, from 60x15 to 500x200
    /// [default: 120x40]
    #[arg(long, value_name = "COLSxROWS", value_parser = columns_and_rows)]
    pub size: Option<(u16, u16)>,
}

/// What a recording can be made into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportForm {
    /// A trace for Perfetto: a track a thread and a socket, sleeping as
    /// slices, readiness as instants, counters (Chrome trace-event JSON).
    Perfetto,
    /// A row an event, for spreadsheets.
    Csv,
    /// A JSON object an event, for programs.
    Jsonl,
    /// A page that needs nothing else: a timeline to zoom and to hover, code
    /// with heat, counters, findings, response times.
    Html,
    /// The timeline, for slides.
    Svg,
    /// The screen, as a film for asciinema.
    Cast,
    /// A summary, for documents.
    Md,
}

/// Writes it, and says on standard error what the recording lacks.
pub(super) fn run(args: &ExportArgs) -> Result<u8, Error> {
    check(args)?;
    let size = cast_size(args)?;
    let recording = open(&args.file)?;
    begins_within(&recording, args.from.unwrap_or_default())?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let subject = ExportSubject {
        recording: &recording,
        name: &name,
        from: args.from.unwrap_or_default(),
        until: args.until.unwrap_or(Duration::MAX),
    };
    let path = args.output.as_deref();
    let write = |out: Out| write(args.to, &subject, size, out);
    let went = match path {
        None => write(&mut BufWriter::new(stdout().lock())),
        Some(path) => {
            let anew = create_unless_signalled(path)?;
            let went = write(&mut BufWriter::new(anew.file()));
            match &went {
                Err(ExportFailure::Write(_)) => drop(anew),
                // What could be read of a damaged one is kept.
                Ok(()) | Err(ExportFailure::Read(_)) => anew.keep()?,
            }
            went
        }
    };
    went.map_err(|failure| match (failure, path) {
        (ExportFailure::Read(source), _) => {
            let path = args.file.clone();
            Error::Recording { path, source: source.into() }
        }
        (ExportFailure::Write(source), None) => Error::Output(source),
        (ExportFailure::Write(source), Some(path)) => {
            Error::Write { path: path.into(), source }
        }
    })?;
    report_missing(&args.file, &recording);
    Ok(0)
}

/// Creates the file, which a signal removes as long as it is incomplete.
///
/// Signals are received before the file is created, and one that comes while
/// it is being created waits until its name is known: no moment is left in
/// which a signal ends the process and leaves the file behind.
fn create_unless_signalled(path: &Path) -> Result<Anew, Error> {
    let incomplete = Arc::new(Mutex::new(None::<PathBuf>));
    let known = incomplete.clone();
    let mut name = incomplete.lock().unwrap_or_else(PoisonError::into_inner);
    receive_signals(move |signal| {
        // Locked until the process has ended: no file is created any more.
        let name = known.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = name.as_ref().map(fs::remove_file);
        std::process::exit(signal.exit_status().into());
    })?;
    let anew = Anew::create(path)?;
    *name = anew.temporary().map(Path::to_owned);
    Ok(anew)
}

/// Finds out what cannot be, before anything is read or written.
fn check(args: &ExportArgs) -> Result<(), Error> {
    if let (Some(from), Some(until)) = (args.from, args.until)
        && from > until
    {
        return Err(Error::Usage("--from is later than --until".to_owned()));
    }
    let Some(path) = args.output.as_deref() else { return Ok(()) };
    if are_one(&args.file, path) {
        let words = "the recording and what is made of it need a file each";
        return Err(Error::Usage(words.to_owned()));
    }
    files::check(path)
}

/// How large the screen of a film is to be.
fn cast_size(args: &ExportArgs) -> Result<Size, Error> {
    let Some((width, height)) = args.size else { return Ok(CAST_SIZE) };
    let words = if args.to != ExportForm::Cast {
        "--size needs --to cast".to_owned()
    } else if width < NEEDED.width || height < NEEDED.height {
        let Size { width, height } = NEEDED;
        format!("--size: the screen needs at least {width}x{height}")
    } else if width > CAST_LARGEST.width || height > CAST_LARGEST.height {
        let Size { width, height } = CAST_LARGEST;
        format!("--size: the screen has at most {width}x{height}")
    } else {
        return Ok(Size { width, height });
    };
    Err(Error::Usage(words))
}

fn write(
    form: ExportForm,
    it: &ExportSubject,
    size: Size,
    out: Out,
) -> Result<(), ExportFailure> {
    match form {
        ExportForm::Perfetto => export::perfetto(it, out),
        ExportForm::Csv => export::csv(it, out),
        ExportForm::Jsonl => export::jsonl(it, out),
        ExportForm::Html => export::html(it, out),
        ExportForm::Svg => export::svg(it, out),
        ExportForm::Cast => export::cast(it, size, out),
        ExportForm::Md => export::md(it, out),
    }?;
    Ok(out.flush()?)
}

fn columns_and_rows(text: &str) -> Result<(u16, u16), String> {
    let both = text.split_once('x');
    let both = both.and_then(|(columns, rows)| {
        Some((columns.parse().ok()?, rows.parse().ok()?))
    });
    both.ok_or_else(|| "expected COLSxROWS, such as 120x40".to_owned())
}
