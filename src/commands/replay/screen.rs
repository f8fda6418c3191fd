//! A recorded run on the screen.

use super::reel::{Reel, no_thread};
use super::unreadable;
use crate::cli::ReplayArgs;
use crate::error::Error;
use crate::recording::Recording;
use crate::system::signals;
use crate::tui::terminal::{self, Terminal};
use crate::tui::{App, Change, Effect, Message, Pacer, Seek, update};
use std::io;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// How often keys are looked for while it plays or goes to a place.
const TICK: Duration = Duration::from_millis(10);

/// The same while it stands still.
const REST: Duration = Duration::from_millis(40);

/// Shows it until somebody has seen enough.
pub(super) fn run(
    recording: &Recording,
    args: &ReplayArgs,
) -> Result<u8, Error> {
    let (sender, signals) = channel();
    let deliver = move |signal| {
        let _ = sender.send(signal);
    };
    signals::receive(deliver)
        .map_err(|source| Error::System { what: "wait for signals", source })?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let mut reel = Reel::new(recording, &name)
        .map_err(|error| unreadable(&args.file, error))?;
    reel.read_ahead().map_err(no_thread)?;
    if !args.from.is_zero() {
        reel.seek(Seek::To(args.from));
    }
    show(&mut reel, &signals).map_err(Error::Output)?;
    Ok(0)
}

fn show<T>(reel: &mut Reel, signals: &Receiver<T>) -> io::Result<()> {
    let begun = Instant::now();
    let mut terminal = Terminal::take()?;
    let mut app = App::of_recording(terminal::suited(), terminal.size()?);
    let mut pacer = Pacer::default();
    let mut rest = Duration::ZERO;
    while matches!(signals.try_recv(), Err(TryRecvError::Empty)) {
        let mut patience = rest;
        while let Some(message) = terminal.next(&app, patience)? {
            patience = Duration::ZERO;
            if obey(reel, &mut app, message) {
                return terminal.give_back();
            }
            pacer.note(Change::Something);
        }
        let change = reel.tick(Instant::now());
        pacer.note(change);
        rest = if change == Change::Nothing { REST } else { TICK };
        if pacer.due(begun.elapsed()) {
            reel.show(app.detail());
            terminal.draw(&app, &reel.scene())?;
        }
    }
    terminal.give_back()
}

/// Does what a key asks for; tells whether it is over.
fn obey(reel: &mut Reel, app: &mut App, message: Message) -> bool {
    let effects = update(app, message, &reel.scene());
    for effect in effects {
        match effect {
            Effect::Quit | Effect::Interrupt => return true,
            Effect::Seek(seek) => reel.seek(seek),
            _ => {}
        }
    }
    false
}
