//! Where text goes: standard output, standard error, or a file, which is
//! replaced as a whole.

use crate::error::Error;
use crate::recording::is_recording;
use crate::report::{self, AsDocument, Medium, ReportError, Style};
use crate::system::lock;
use crate::system::signals::Signal;
use crate::text::clean;
use clap::{Args, ValueEnum};
use ratatui::crossterm::terminal::size;
use std::ffi::OsString;
use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tempfile::NamedTempFile;

/// Where and in which form results are written.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Form of the summary
    ///
    /// It goes to standard output, after the log.
    #[arg(long, value_enum, default_value_t)]
    pub report: ReportForm,
    /// Write the summary to this file instead
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The form of a summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// Text for a terminal.
    #[default]
    Text,
    /// JSON for programs, with a versioned schema.
    Json,
    /// Markdown for documents.
    Markdown,
    /// CSV for spreadsheets, one figure in each row.
    Csv,
}

impl OutputArgs {
    /// Whether standard output takes a report that other programs read: then
    /// nothing else may go there.
    pub(super) fn is_for_programs(&self) -> bool {
        self.output.is_none() && self.report != ReportForm::Text
    }
}

/// The temporary file of the file that is being written.
static TEMPORARY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Ends the process as a signal does. A file that is being written is left
/// as it was before.
pub(super) fn exit(signal: Signal) -> ! {
    // Locked until the process has ended: no file is created any more.
    let temporary = lock(&TEMPORARY);
    let _ = temporary.as_ref().map(fs::remove_file);
    std::process::exit(signal.exit_status().into())
}

/// Prints to standard output, colours as the terminal and the user want.
pub(super) fn print(text: &str) -> Result<(), Error> {
    try_print(text).map_err(Error::Output)
}

/// As [`print`], for callers that handle the error themselves.
pub(super) fn try_print(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Prints a note to standard error. If that is closed, this is no reason for
/// a command to fail.
pub(super) fn note(words: impl Display) {
    let words = clean(&words.to_string());
    let _ = writeln!(io::stderr(), "sockscope: {words}");
}

/// Prints lines to standard error, where they do not get between standard
/// output and the program that reads it.
pub(super) fn print_beside(text: &str) {
    // A closed standard error is no reason to end the run.
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Checks before anything is measured that a report or an export can be
/// written, and leaves no new file behind.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    if is_recording(path) {
        return Err(Error::usage(format!(
            "{} is a recording, which would be lost: name another file",
            clean(&path.display().to_string())
        )));
    }
    check_writable(path)
}

/// As [`check`], for a recording: it may replace an earlier one, but no other
/// file.
pub(super) fn check_recording(path: &Path) -> Result<(), Error> {
    let is_used =
        fs::metadata(path).is_ok_and(|it| it.is_file() && it.len() > 0);
    if is_used && !is_recording(path) {
        return Err(Error::usage(format!(
            "{} is not a recording and would be lost: name another file",
            clean(&path.display().to_string())
        )));
    }
    check_writable(path)
}

fn check_writable(path: &Path) -> Result<(), Error> {
    // The reader of a pipe takes the first close for the end.
    if fs::metadata(path).is_ok_and(|it| !it.is_file() && !it.is_dir()) {
        return Ok(());
    }
    let is_new = path.symlink_metadata().is_err();
    let opened = OpenOptions::new().create(true).append(true).open(path);
    opened
        .and_then(|_| if is_new { fs::remove_file(path) } else { Ok(()) })
        .map_err(|source| Error::Write { path: path.into(), source })
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

/// Writes a file anew: it has all of the old content or all of the new one.
pub(super) fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    write_with(path, |out| out.write_all(text.as_bytes()))
}

/// As [`write_file`], piece by piece. A pipe or a device, and a file beside
/// which no other can be made, is written directly.
pub(super) fn write_with<T>(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<T>,
) -> Result<T, Error> {
    let failed = |source| Error::Write { path: path.into(), source };
    let write_to = |file: &File| {
        let mut out = BufWriter::new(file);
        let written = write(&mut out)?;
        out.flush().map(|()| written)
    };
    // What a symbolic link leads to is replaced, not the link.
    let real = path.canonicalize().unwrap_or_else(|_| path.into());
    let Some(beside) = new_file_beside(&real) else {
        let file = File::create(&real).map_err(failed)?;
        return write_to(&file).map_err(failed);
    };
    let written = write_to(beside.as_file()).map_err(failed)?;
    beside.persist(&real).map_err(|it| failed(it.error))?;
    Ok(written)
}

/// A temporary file with the permissions of the one that it is to replace.
fn new_file_beside(path: &Path) -> Option<NamedTempFile> {
    let known = fs::metadata(path).ok();
    if known.as_ref().is_some_and(|known| !known.is_file()) {
        return None;
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    // Locked while the file is created, so that a signal finds its name.
    let mut temporary = lock(&TEMPORARY);
    // Not with the permissions of a temporary file, which others cannot read.
    let file = tempfile::Builder::new()
        .make_in(folder.unwrap_or(Path::new(".")), |it| File::create_new(it))
        .ok()?;
    *temporary = Some(file.path().to_owned());
    if let Some(known) = known {
        file.as_file().set_permissions(known.permissions()).ok()?;
    }
    Some(file)
}

/// What a report on standard output comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Nothing,
    /// Lines that were printed: an empty line separates the report.
    Lines,
    /// The screen of a run: its user wants to see at once how it ended, so the
    /// report is cut to what fits the terminal.
    Screen,
}

/// Rows of a terminal that a report after the screen leaves: the line above it,
/// an empty one, and the prompt.
const OTHER_ROWS: u16 = 3;

/// Writes a report where and in the form that the user wants.
pub(super) fn deliver<R: AsDocument>(
    report: &R,
    args: &OutputArgs,
    after: After,
) -> Result<(), Error> {
    let style =
        if args.output.is_some() { Style::Plain } else { Style::Colour };
    let text = match args.report {
        ReportForm::Text => {
            let page = report.document(Medium::Terminal);
            let is_cut = after == After::Screen && args.output.is_none();
            let size = is_cut.then(terminal_size).flatten();
            let page = match size {
                Some(size) => page.excerpt(size, R::FIRST),
                None => page,
            };
            page.to_text(style)
        }
        ReportForm::Json => report::to_json(report).map_err(unwritable)?,
        ReportForm::Markdown => report.document(Medium::Markdown).to_markdown(),
        ReportForm::Csv => report::to_csv(report).map_err(unwritable)?,
    };
    match &args.output {
        None if args.report == ReportForm::Text => {
            let lead = if after == After::Nothing { "" } else { "\n" };
            print(&(lead.to_owned() + &text))
        }
        None => print(&text),
        // A report in the wrong place is better than none.
        Some(path) => write_file(path, &text)
            .or_else(|error| print(&text).and(Err(error))),
    }
}

/// The columns of standard output and the rows for a report, if it is a
/// terminal.
pub(super) fn terminal_size() -> Option<(usize, usize)> {
    let is_terminal = io::stdout().is_terminal();
    let (columns, rows) = is_terminal.then(size)?.ok()?;
    Some((columns.into(), rows.saturating_sub(OTHER_ROWS).into()))
}

pub(super) fn unwritable(error: ReportError) -> Error {
    Error::Report(Box::new(error))
}
