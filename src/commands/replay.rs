//! `replay`: a recorded run, shown again.

use super::live::lines_from;
use super::load::receive_signals;
use super::output::{note, print};
use super::serve::Ui;
use crate::error::{Error, cause_in_words};
use crate::probe::Counters;
use crate::recording::{self, Recording};
use crate::report::{AsDocument as _, Medium, Style};
use crate::system::signals::insist;
use crate::text::clean_lines;
use crate::tui::{Players, ScreenSettings, show_recorded};
use crate::units::{parse_time, show_count, show_time};
use crate::view::{Follower, LogFold, Observation, Scene, Seek};
use clap::Args;
use std::mem::take;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// The lines of a recorded log are printed when this many bytes of them have
/// gathered.
const PRINTED: usize = 64 * 1024;

#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// A recording, as `--record` made it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Begin at this moment of the run
    #[arg(long, value_name = "TIME", value_parser = parse_time,
          default_value = "0s", help_heading = "What is shown")]
    pub from: Duration,
    /// What to show of the run
    ///
    /// The screen goes forwards and backwards. [default: `screen` on a
    /// terminal, else `log`]
    #[arg(long, value_enum, help_heading = "What is shown")]
    pub ui: Option<Ui>,
}

pub(super) fn run(
    args: &ReplayArgs,
    screen: &ScreenSettings,
) -> Result<(), Error> {
    let recording = open_from(&args.file, args.from)?;
    let ui = Ui::or_suited(args.ui)?;
    if ui == Ui::Screen {
        let is_ended = until_signal()?;
        let mut players = players([(&*args.file, &recording)])?;
        if !args.from.is_zero() {
            players.seek(None, Seek::To(args.from));
        }
        show_recorded(&mut players, screen, is_ended).map_err(Error::Output)?;
        return Ok(());
    }
    if ui == Ui::Log {
        print_log(&args.file, &recording, args.from)?;
    }
    if let Some(report) = recording.own_report() {
        let summary = report.document(Medium::Terminal).to_text(Style::Colour);
        print(&format!("\n{summary}"))?;
    }
    note_missing(&args.file, &recording);
    Ok(())
}

/// Prints the log of a recorded run from a moment on.
fn print_log(
    path: &Path,
    recording: &Recording,
    from: Duration,
) -> Result<(), Error> {
    let header = recording.header();
    let settings = header.settings;
    let mut fold = LogFold::new(settings.loop_call, settings.options.grace());
    let mut follower = Follower::new(settings);
    let mut scene = Scene::new(header.facts.clone());
    let mut text = clean_lines(&header.introduction);
    for place in 0..recording.blocks().len() {
        let records = recording.block(place).or_else(|error| {
            print(&text)?;
            Err(unreadable(path, &error))
        })?;
        for record in &*records {
            follower.take(record);
            match record {
                Observation::Event(event) => {
                    fold.event(event);
                    fold.flow();
                }
                // Between two of them the log needs no counters.
                Observation::Counters(update) => {
                    let counters = &follower.known.counters;
                    let (at, lost) = (update.at.duration(), update.lost);
                    let totals = || Counters::clone(counters);
                    fold.counted(at, &counters.phases, lost, totals);
                    follower.show(&mut scene, at, None);
                    fold.narrate(at, scene.narrate(&scene.view));
                }
                _ => {}
            }
        }
        text += &lines_from(from, &mut fold);
        if text.len() >= PRINTED {
            print(&take(&mut text))?;
        }
    }
    fold.finish();
    print(&(text + &lines_from(from, &mut fold)))
}

/// Opens a recording, if it reaches this moment.
pub(super) fn open_from(
    path: &Path,
    from: Duration,
) -> Result<Recording, Error> {
    let recording =
        Recording::open(path).map_err(|source| unreadable(path, &source))?;
    let length = recording.duration();
    if from <= length {
        return Ok(recording);
    }
    let (from, length) = (show_time(from), show_time(length));
    Err(Error::usage(format!(
        "`--from {from}` is after the end: the recording has {length}"
    )))
}

/// The error for a recording that cannot be read, or not any further.
pub(super) fn unreadable(path: &Path, source: &recording::Error) -> Error {
    let why = match source {
        recording::Error::Unreadable { offset, source } => {
            let cause = cause_in_words(source);
            match offset {
                // It could not even be opened: the cause alone says it.
                0 => cause,
                offset => format!("at byte {offset}: {cause}"),
            }
        }
        other => format!("it {other}"),
    };
    Error::Recording { path: path.into(), why }
}

/// The players that show these recordings on the screen.
pub(super) fn players<'a>(
    recordings: impl IntoIterator<Item = (&'a Path, &'a Recording)>,
) -> Result<Players, Error> {
    let named = recordings.into_iter().map(|(file, recording)| {
        let name = file.file_name().unwrap_or_default();
        (recording, name.to_string_lossy().into_owned())
    });
    Players::new(&named.collect::<Vec<_>>())
        .map_err(Error::system("read the recording ahead"))
}

/// Returns a function that says whether a signal has come since.
pub(super) fn until_signal() -> Result<impl Fn() -> bool, Error> {
    let has_come = Arc::new(AtomicBool::new(false));
    let comes = has_come.clone();
    receive_signals(insist(move |_| comes.store(true, Relaxed)))?;
    Ok(move || has_come.load(Relaxed))
}

/// Says on standard error what of the run is not in the recording.
pub(super) fn note_missing(path: &Path, recording: &Recording) {
    let path = path.display();
    if !recording.is_whole() {
        note(format_args!(
            "{path} is not complete, its last moment is {}: {}",
            show_time(recording.duration()),
            recording.ending()
        ));
    }
    let missing = match recording.lost() {
        0 => return,
        1 => "1 event is".to_owned(),
        lost => format!("{} events are", show_count(lost)),
    };
    note(format_args!("{path}: {missing} missing for want of room"));
}
