//! Where several recorded runs stand, for the screen.

use super::{Deck, Track};
use crate::recording::Recording;
use crate::tui::Playback;
use std::time::Duration;

/// Into so many parts the runs are cut to show their shape.
const PARTS: u16 = 512;

impl Deck {
    /// What does not change: how long they are, and their shape.
    pub(super) fn measure(&mut self) {
        let recordings = self.tracks.iter().map(|it| &it.recording);
        let lengths = recordings.clone().map(Recording::duration);
        let length = lengths.max().unwrap_or_default();
        let mut shape = vec![0; PARTS.into()];
        for it in recordings.clone() {
            let part = it.duration().div_duration_f32(length.max(NS));
            let parts = (part * f32::from(PARTS)).ceil().max(1.0);
            let own = it.shape(whole(parts));
            for (sum, own) in shape.iter_mut().zip(own) {
                *sum += own;
            }
        }
        let name = format!("{} recordings", self.tracks.len());
        self.common.name = name;
        self.common.length = length;
        self.common.shape = shape;
        self.common.events = recordings.clone().map(Recording::events).sum();
        self.common.lost = recordings.map(Recording::lost).sum();
    }

    /// Tells where they stand.
    pub(super) fn tell(&mut self) {
        let owns: Vec<_> =
            self.tracks.iter().map(|it| it.own().cloned()).collect();
        let owns: Vec<_> = owns.into_iter().flatten().collect();
        let is_there =
            self.leader.is_none() && self.tracks.iter().all(Track::rests);
        let common = &mut self.common;
        // A place is told of when all are there.
        if is_there || self.pace.plays.is_some() {
            common.at = self.at;
            common.event = owns.iter().map(|it| it.event).sum();
        }
        common.plays = self.pace.plays;
        common.speed = self.pace.speed;
        let marks = owns.iter().map(|it| it.marks.len()).sum::<usize>();
        if marks != common.marks.len() {
            let marks = owns.iter().flat_map(|it| it.marks.iter().copied());
            common.marks = marks.collect();
            common.marks.sort_unstable();
        }
        let length = common.length;
        let read = |it: &Playback| {
            if it.read >= it.length { length } else { it.read }
        };
        common.read = owns.iter().map(read).min().unwrap_or(length);
        common.busy = owns.iter().find_map(|it| it.busy.clone());
        let said = owns.iter().find_map(|it| it.said.clone());
        common.said = said.or(common.said.take());
        for (track, own) in self.tracks.iter_mut().zip(owns) {
            track.playback = Playback {
                name: own.name,
                event: own.event,
                events: own.events,
                lost: own.lost,
                ends: own.ends,
                ..common.clone()
            };
        }
    }
}

const NS: Duration = Duration::from_nanos(1);

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at least one, and at most the number of parts"
)]
fn whole(parts: f32) -> usize {
    parts as usize
}
