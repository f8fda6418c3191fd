//! A recorded run on the screen.

use super::ReplayArgs;
use super::{file_name, no_thread, until_signal};
use crate::error::Error;
use crate::recording::Recording;
use crate::tui::{Players, Target, show_recorded};
use crate::view::Seek;

/// Shows it until the user has seen enough.
pub(super) fn run(
    recording: &Recording,
    args: &ReplayArgs,
) -> Result<u8, Error> {
    let is_ended = until_signal()?;
    let named = [(recording.clone(), file_name(&args.file))];
    let mut players = Players::new(named);
    players.read_ahead().map_err(no_thread)?;
    if !args.from.is_zero() {
        players.seek(Target::All, Seek::To(args.from));
    }
    show_recorded(&mut players, is_ended).map_err(Error::Output)?;
    Ok(0)
}
