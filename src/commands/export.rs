//! `export`: a recorded run as something else.

use super::files;
use super::replay::open;
use crate::cli::{ExportArgs, ExportForm};
use crate::error::Error;
use crate::export::{self, Failure, Out, Subject};
use std::fs::File;
use std::io::{BufWriter, stdout};
use std::path::Path;
use std::time::Duration;

/// Writes it, and tells on standard error if the recording is not whole.
pub(super) fn run(args: &ExportArgs) -> Result<u8, Error> {
    let recording = open(&args.file)?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let subject = Subject {
        recording: &recording,
        name: &name,
        from: args.from.unwrap_or_default(),
        until: args.until.unwrap_or(Duration::MAX),
    };
    let path = args.output.as_deref();
    let went = match path {
        None => write(args.to, &subject, &mut BufWriter::new(stdout().lock())),
        Some(path) => {
            files::check(path)?;
            let file = File::create(path);
            let write =
                |file| write(args.to, &subject, &mut BufWriter::new(file));
            file.map_err(Failure::Write).and_then(write)
        }
    };
    went.map_err(|failure| in_words(failure, &args.file, path))?;
    Ok(0)
}

fn write(form: ExportForm, it: &Subject, out: Out) -> Result<(), Failure> {
    match form {
        ExportForm::Perfetto => export::perfetto(it, out),
        ExportForm::Csv => export::csv(it, out),
        ExportForm::Jsonl => export::jsonl(it, out),
        ExportForm::Html => export::html(it, out),
        ExportForm::Svg => export::svg(it, out),
        ExportForm::Cast => export::cast(it, out),
        ExportForm::Md => export::md(it, out),
    }?;
    Ok(out.flush()?)
}

fn in_words(failure: Failure, from: &Path, to: Option<&Path>) -> Error {
    match (failure, to) {
        (Failure::Read(source), _) => {
            Error::Recording { path: from.into(), source: source.into() }
        }
        (Failure::Write(source), None) => Error::Output(source),
        (Failure::Write(source), Some(path)) => {
            Error::Write { path: path.into(), source }
        }
    }
}
