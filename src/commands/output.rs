//! Where text goes: standard output, standard error, or a file.

use super::files::{CommandFiles, ReplaceArgs, ResultFile};
use crate::error::Error;
use crate::report::{self, AsDocument, Medium, ReportError, Style, WRITTEN_BY};
use crate::system::outlet;
use crate::text::clean;
use clap::{Args, ValueEnum};
use ratatui::crossterm::terminal::size;
use std::fmt::Display;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

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
    #[command(flatten)]
    pub replace: ReplaceArgs,
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
    /// The file that the summary goes into, if any.
    ///
    /// # Errors
    /// If it cannot be written, or must not.
    pub(super) fn file(
        &self,
        files: &mut CommandFiles,
    ) -> Result<Option<ResultFile>, Error> {
        let path = self.output.as_deref();
        path.map(|it| files.result(it, self.replace)).transpose()
    }

    /// Whether standard output takes a report that other programs read: then
    /// nothing else may go there.
    pub(super) fn is_for_programs(&self) -> bool {
        self.output.is_none() && self.report != ReportForm::Text
    }
}

/// Prints to standard output, colours as the terminal and the user want.
pub(super) fn print(text: &str) -> Result<(), Error> {
    outlet::print(text).map_err(Error::Output)
}

/// As [`print`], for a result that has an exit status, too: if its reader has
/// closed standard output (`EPIPE`), how the command went is still said.
pub(super) fn print_result(text: &str) -> Result<(), Error> {
    match print(text) {
        Err(error) if error.is_closed_pipe() => Ok(()),
        printed => printed,
    }
}

/// Prints a note to standard error. If that is closed, this is no reason for
/// a command to fail.
pub(super) fn note(words: impl Display) {
    let words = clean(&words.to_string());
    outlet::note(&format!("sockscope: {words}\n"));
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
    form: ReportForm,
    file: Option<&ResultFile>,
    after: After,
) -> Result<(), Error> {
    let style = if file.is_some() { Style::Plain } else { Style::Colour };
    let text = match form {
        ReportForm::Text => {
            let page = report.document(Medium::Terminal);
            let is_cut = after == After::Screen && file.is_none();
            let size = is_cut.then(terminal_size).flatten();
            let page = match size {
                Some(size) => page.excerpt(size, R::FIRST),
                None => page,
            };
            let text = page.to_text(style);
            if file.is_some() { signed(&text) } else { text }
        }
        ReportForm::Json => report::to_json(report).map_err(unwritable)?,
        ReportForm::Markdown => report.document(Medium::Markdown).to_markdown(),
        ReportForm::Csv => report::to_csv(report).map_err(unwritable)?,
    };
    match file {
        None if form == ReportForm::Text => {
            let lead = if after == After::Nothing { "" } else { "\n" };
            print_result(&(lead.to_owned() + &text))
        }
        None => print_result(&text),
        // A report in the wrong place is better than none.
        Some(file) => file.write(&text).inspect_err(|_| {
            let _ = print(&text);
        }),
    }
}

/// A text for a file, which says at its end what wrote it.
pub(super) fn signed(text: &str) -> String {
    format!("{text}\n{WRITTEN_BY} {}\n", env!("CARGO_PKG_VERSION"))
}

/// The columns of standard output and the rows for a report, if it is a
/// terminal with a size.
pub(super) fn terminal_size() -> Option<(usize, usize)> {
    let is_terminal = io::stdout().is_terminal();
    let has_size = |(columns, rows): &(u16, u16)| *columns > 0 && *rows > 0;
    let (columns, rows) = is_terminal.then(size)?.ok().filter(has_size)?;
    Some((columns.into(), rows.saturating_sub(OTHER_ROWS).into()))
}

pub(super) fn unwritable(error: ReportError) -> Error {
    Error::Report(Box::new(error))
}
