//! Recorded runs side by side on the screen.

use super::recordings::Recordings;
use crate::commands::replay::{self, file_name};
use crate::error::Error;
use crate::run::comparison::{Comparison, compare};
use crate::run::report::RunReport;
use crate::tui::{
    Change, Effect, Picture, Players, Stage, Target, TrackScene, show_recorded,
};
use crate::units::nanoseconds;
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
        let mut players = Players::new(named);
        players.read_ahead().map_err(replay::no_thread)?;
        let comparison = compare(&recordings.reports());
        Ok(Self { players, recordings, comparison })
    }

    /// Compares the runs at the moment that is shown.
    fn compare(&mut self) {
        let picture = self.players.picture();
        let all = &self.recordings.all;
        let mut reports = self.recordings.reports();
        let tracks = reports.iter_mut().zip(&picture.tracks).enumerate();
        for (place, (report, track)) in tracks {
            if !self.players.has_ended(place) {
                let conditions = report.conditions.clone();
                let figures = &track.scene.view.figures;
                let loop_call =
                    all[place].recording.header().settings.loop_call;
                let so_far = RunReport::of_counters(
                    conditions,
                    figures,
                    loop_call,
                    |_| None,
                );
                *report = RunReport {
                    name: report.name.clone(),
                    run_time_ns: nanoseconds(self.players.at()),
                    recording: report.recording.clone(),
                    ..so_far
                };
            }
        }
        self.comparison = compare(&reports);
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
