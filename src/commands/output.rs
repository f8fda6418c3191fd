//! Where text goes: standard output or a file.

use super::args::{OutputArgs, ReportForm};
use super::files;
use crate::error::Error;
use crate::report::{self, AsDocument, Medium, Style};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

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

/// Finds out before a run whether its report can be written.
pub(super) fn check(args: &OutputArgs) -> Result<(), Error> {
    args.output.as_deref().map_or(Ok(()), files::check)
}

/// Opens a file for a recording, before the run; what is in it stays until
/// the run begins.
pub(super) fn open(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    let opened = options.create(true).write(true).truncate(false).open(path);
    let path = path.to_owned();
    opened.map_err(|source| Error::Write { path, source })
}

/// Writes a report where the user wants it, in the form that is wanted.
/// `lead` comes before text for people on standard output.
pub(super) fn deliver(
    report: &impl AsDocument,
    args: &OutputArgs,
    lead: &str,
) -> Result<(), Error> {
    let Some(path) = &args.output else {
        let text = render(report, args.report, Style::Colour)?;
        let is_text = args.report == ReportForm::Text;
        return print(&if is_text { lead.to_owned() + &text } else { text });
    };
    let text = render(report, args.report, Style::Plain)?;
    files::write(path, &text).or_else(|error| {
        // Better in the wrong place than lost.
        print(&text)?;
        Err(error)
    })
}

fn render(
    report: &impl AsDocument,
    form: ReportForm,
    style: Style,
) -> Result<String, Error> {
    Ok(match form {
        ReportForm::Text => report.document(Medium::Terminal).to_text(style),
        ReportForm::Json => report::to_json(report).map_err(unwritable)?,
        ReportForm::Markdown => report.document(Medium::Markdown).to_markdown(),
        ReportForm::Csv => report::to_csv(report).map_err(unwritable)?,
    })
}

pub(super) fn unwritable(error: report::ReportError) -> Error {
    Error::Report(Box::new(error))
}
