//! `export`: a recorded run as something else.

use super::files::{self, Anew};
use super::replay::{begins_within, open};
use crate::cli::{ExportArgs, ExportForm};
use crate::error::Error;
use crate::export::{self, CAST_LARGEST, CAST_SIZE, Failure, Out, Subject};
use crate::recording::{Ending, Recording};
use crate::system::files::are_one;
use crate::system::signals::{self, Signal};
use crate::text::clean;
use crate::tui::NEEDED;
use crate::units::show_count;
use ratatui::layout::Size;
use std::io::{self, BufWriter, Write as _, stdout};
use std::path::Path;
use std::time::Duration;

/// Writes it, and tells on standard error if the recording is not whole.
pub(super) fn run(args: &ExportArgs) -> Result<u8, Error> {
    check(args)?;
    let size = cast_size(args)?;
    let recording = open(&args.file)?;
    begins_within(&recording, args.from.unwrap_or_default())?;
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
            let anew = Anew::create(path)?;
            give_up_at_a_signal(&anew)?;
            let went = write(&mut BufWriter::new(anew.file()));
            match &went {
                Err(Failure::Write(_)) => anew.giving_up()(),
                // What could be read of a damaged one is kept.
                Ok(()) | Err(Failure::Read(_)) => anew.keep()?,
            }
            went
        }
    };
    went.map_err(|failure| in_words(failure, &args.file, path))?;
    tell_gaps(&args.file, &recording);
    Ok(0)
}

/// Half of a file is left to nobody.
fn give_up_at_a_signal(anew: &Anew) -> Result<(), Error> {
    let give_up = anew.giving_up();
    let deliver = move |signal: Signal| {
        give_up();
        std::process::exit(signal.exit_status().into());
    };
    let what = "wait for signals";
    signals::receive(deliver).map_err(|source| Error::System { what, source })
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

/// Tells that a recording has no end or has gaps, a line each.
pub(super) fn tell_gaps(path: &Path, recording: &Recording) {
    let path = clean(&path.display().to_string());
    // That nobody reads it is no reason to fail.
    if let Ending::Truncated { .. } = recording.ending() {
        let ending = recording.ending();
        let _ = writeln!(io::stderr(), "sockscope: {path}: {ending}");
    }
    let lost = recording.lost();
    if lost > 0 {
        let (lost, s) = (show_count(lost), if lost == 1 { "" } else { "s" });
        let gaps = format!("{lost} event{s} found no room and are missing");
        let _ = writeln!(io::stderr(), "sockscope: {path}: {gaps}");
    }
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
