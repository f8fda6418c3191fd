//! A moment of a run in the few words that can be read from a distance.

use super::narration::role;
use crate::text::clean;
use crate::tui::context::Track;
use crate::tui::glyphs::Glyphs;
use crate::tui::look::Role;
use crate::tui::stage::TrackPhase;
use crate::units::{show_clock, show_time_ns};
use crate::view::{Finding, MomentTone};

/// From this echo time on, in nanoseconds, we say that a client waited.
pub(crate) const LONG_WAIT_NS: u64 = 100_000_000;

/// What a run is doing, in a few words.
pub(crate) struct MomentWords {
    /// The colour of the moment or, at the end of a run, of all of it.
    pub(crate) role: Role,
    /// A sign of two cells that means the same as the colour.
    pub(crate) sign: String,
    /// What the run is doing.
    pub(crate) now: String,
    /// Who waits for whom or, at the end, what the run was like.
    pub(crate) waits: Option<String>,
}

impl MomentWords {
    pub(crate) fn new(run: &Track) -> Self {
        let (glyphs, at) = (run.look.glyphs, show_clock(run.view.at));
        let dot = glyphs.dot.repeat(2);
        match run.phase {
            TrackPhase::Running => Self::of_moment(run),
            TrackPhase::Waiting => Self {
                role: Role::Dim,
                sign: dot,
                now: "waits for its turn".into(),
                waits: None,
            },
            TrackPhase::Over => {
                let (role, found) = ending(run);
                let now = format!("over after {at}");
                Self { role, sign: dot, now, waits: Some(found) }
            }
            TrackPhase::Failed(why) => Self {
                role: Role::Bad,
                sign: glyphs.cut.repeat(2),
                now: format!("failed after {at}"),
                waits: Some(clean(why)),
            },
        }
    }

    fn of_moment(run: &Track) -> Self {
        let it = run.scene.narrate(run.view);
        let no_client =
            (it.tone != MomentTone::Over).then_some("no client waits");
        Self {
            role: role(it.tone),
            sign: sign(run.look.glyphs, it.tone),
            now: clean(&it.now_short),
            waits: it.waits_short.or(no_client.map(Into::into)),
        }
    }
}

/// The sign of a run that is in progress, two cells wide.
pub(super) fn sign(glyphs: &Glyphs, tone: MomentTone) -> String {
    match tone {
        MomentTone::Idle => "zZ".into(),
        MomentTone::Busy => glyphs.lane.working.repeat(2),
        MomentTone::Spinning => glyphs.lane.would_block[2].repeat(2),
        MomentTone::Starving => "!!".into(),
        MomentTone::Held => glyphs.paused.repeat(2),
        MomentTone::Over => glyphs.dot.repeat(2),
    }
}

/// How a run went that is over, by the worst of it: what clients had to bear
/// comes before what the machine had to.
fn ending(run: &Track) -> (Role, String) {
    let echoes = run.scene.measured.echoes();
    let longest = echoes.map_or(0, |it| it.echo_time.max_ns);
    let findings = &run.view.findings;
    let has = |kind: &str| findings.iter().any(|it| it.kind == kind);
    if longest >= LONG_WAIT_NS {
        (Role::Bad, format!("a client waited {}", show_time_ns(longest)))
    } else if findings.iter().any(delays_clients) {
        (Role::Bad, "a client had to wait".into())
    } else if has("output_at_limit") || has("write_slept") {
        (Role::Text, "a client did not read".into())
    } else if has("spinning") {
        (Role::Spinning, "it spun in vain".into())
    } else {
        (Role::Working, "no client had to wait".into())
    }
}

/// Whether it is a finding about clients that had to wait.
fn delays_clients(finding: &Finding) -> bool {
    let waiting = finding.values.get("waiting");
    match &*finding.kind {
        "starved" => true,
        "only_thread_asleep" => waiting.is_some_and(|it| *it != 0),
        _ => false,
    }
}
