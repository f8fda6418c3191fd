//! `export`: a recorded run as something else.

use super::files;
use super::replay::open;
use crate::cli::{ExportArgs, ExportForm};
use crate::error::Error;
use crate::export::{self, CAST_LARGEST, CAST_SIZE, Failure, Out, Subject};
use crate::tui::NEEDED;
use ratatui::layout::Size;
use std::fs::File;
use std::io::{BufWriter, stdout};
use std::path::Path;
use std::time::Duration;

/// Writes it, and tells on standard error if the recording is not whole.
pub(super) fn run(args: &ExportArgs) -> Result<u8, Error> {
    let size = cast_size(args)?;
    let recording = open(&args.file)?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let subject = Subject {
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
            files::check(path)?;
            let file = File::create(path);
            let write = |file| write(&mut BufWriter::new(file));
            file.map_err(Failure::Write).and_then(write)
        }
    };
    went.map_err(|failure| in_words(failure, &args.file, path))?;
    Ok(0)
}

/// How large the screen of a film is to be.
fn cast_size(args: &ExportArgs) -> Result<Size, Error> {
    let Some((width, height)) = args.size else { return Ok(CAST_SIZE) };
    let wrong = |words: String| Err(Error::Usage(words));
    let in_cells = |limit: Size| format!("{}x{}", limit.width, limit.height);
    if args.to != ExportForm::Cast {
        return wrong("--size needs --to cast".to_owned());
    }
    if width < NEEDED.width || height < NEEDED.height {
        let least = in_cells(NEEDED);
        return wrong(format!("--size: the screen needs at least {least}"));
    }
    if width > CAST_LARGEST.width || height > CAST_LARGEST.height {
        let most = in_cells(CAST_LARGEST);
        return wrong(format!("--size: the screen has at most {most}"));
    }
    Ok(Size { width, height })
}

fn write(
    form: ExportForm,
    it: &Subject,
    size: Size,
    out: Out,
) -> Result<(), Failure> {
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
