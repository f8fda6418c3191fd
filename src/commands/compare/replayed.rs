//! Recorded runs side by side on the screen.

use super::recorded::Recorded;
use super::recordings::Recordings;
use crate::commands::replay::{self, file_name};
use crate::error::Error;
use crate::run::comparison::{Comparison, Contender, compare};
use crate::tui::{
    Change, Effect, Picture, Players, Stage, Target, TrackScene, show_recorded,
};
use crate::view::SocketId;
use std::time::Instant;

/// Shows them until the user has seen enough.
pub(super) fn show(recordings: &Recordings) -> Result<(), Error> {
    let is_ended = replay::until_signal()?;
    let mut stage = ComparedRecordings::new(recordings)?;
    show_recorded(&mut stage, is_ended).map_err(Error::Output)
}

struct ComparedRecordings<'a> {
    players: Players,
    recordings: &'a Recordings,
    comparison: Comparison,
}

impl<'a> ComparedRecordings<'a> {
    fn new(recordings: &'a Recordings) -> Result<Self, Error> {
        let all = &recordings.all;
        let named =
            all.iter().map(|it| (it.recording.clone(), file_name(&it.file)));
        let mut players = Players::new(named).map_err(|(place, why)| {
            replay::unreadable(&all[place].file, why)
        })?;
        players.read_ahead().map_err(replay::no_thread)?;
        let contenders = all.iter().map(Recorded::contender);
        let comparison = compare(&recordings.contenders(contenders));
        Ok(Self { players, recordings, comparison })
    }

    /// What there is to compare at the moment that is shown.
    fn compare(&mut self) {
        let picture = self.players.picture();
        let tracks =
            self.recordings.all.iter().zip(&picture.tracks).enumerate();
        let contenders = tracks.map(|(place, (recorded, track))| {
            let whole = recorded.contender();
            if self.players.has_ended(place) {
                return whole;
            }
            Contender {
                course: 0,
                machine: 0,
                options: 0,
                run_time: self.players.at(),
                over: false,
                failure: None,
                interventions: Vec::new(),
                figures: track.scene.view.figures.clone(),
                cpu: None,
                context_switches: None,
                echo: None,
                groups: Vec::new(),
                findings: Vec::new(),
                ..whole
            }
        });
        self.comparison = compare(&self.recordings.contenders(contenders));
    }
}

impl Stage for ComparedRecordings<'_> {
    fn picture(&self) -> Picture<'_> {
        let picture = self.players.picture();
        let tracks = picture.tracks.into_iter().zip(&self.comparison.names);
        let tracks = tracks.map(|(it, name)| TrackScene { name, ..it });
        let tracks = tracks.collect();
        Picture { tracks, comparison: Some(&self.comparison), ..picture }
    }

    fn carry_out(&mut self, target: Target, effect: Effect) -> Option<String> {
        self.players.carry_out(target, effect)
    }

    fn advance(&mut self, now: Instant, frozen: bool) -> Change {
        self.players.advance(now, frozen)
    }

    fn show(&mut self, detail: Option<(usize, SocketId)>) {
        self.players.show(detail);
        self.compare();
    }
}
