//! In which order a sweep measures.

/// One measurement of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The round, from 1.
    pub round: u32,
    /// Which point, from 0.
    pub point: usize,
    /// Which server, from 0.
    pub subject: usize,
}

/// The measurements of a sweep in order: round by round every point, and at
/// a point every server. Who is first at a point changes from round to
/// round and from point to point, so that none always runs on a machine
/// that another has just warmed up.
pub fn schedule(
    rounds: u32,
    points: usize,
    subjects: usize,
) -> impl Iterator<Item = Step> {
    let order = move |round: u32, point: usize| {
        let first = round as usize - 1 + point;
        (0..subjects).map(move |turn| Step {
            round,
            point,
            subject: (first + turn) % subjects,
        })
    };
    (1..=rounds).flat_map(move |round| {
        (0..points).flat_map(move |point| order(round, point))
    })
}
