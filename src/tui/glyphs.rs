//! The marks a terminal can draw: with box drawing, or plain ASCII.

/// A set of marks; every one is a single cell wide.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// The rule beside a title.
    pub rule: &'static str,
    /// Between two panes side by side.
    pub wall: &'static str,
    /// A thread is in this line.
    pub mark: &'static str,
    /// A thread was last in this line and is past it.
    pub past: &'static str,
    /// Tasks are paused in this line.
    pub paused: &'static str,
    /// Lines are left out here.
    pub gap: &'static str,
    /// Between two words of a heading.
    pub dot: &'static str,
    /// More is hidden.
    pub more: &'static str,
    /// Something to tell.
    pub tell: &'static str,
    /// A recorded run plays backwards, stands, plays.
    pub plays: [&'static str; 3],
    /// Something worth telling came up at this place of a bar.
    pub finding: &'static str,
    /// It was cut off here.
    pub cut: &'static str,
    /// Filled by this many eighths, from below.
    pub levels: [&'static str; 9],
    /// Filled and empty parts of a bar.
    pub bar: [&'static str; 2],
    /// Parts of a bar for asleep, brief calls, working and spinning: as the
    /// cells of a timeline, where there is one.
    pub shares: [&'static str; 4],
    /// The cells of a timeline.
    pub lane: LaneGlyphs,
}

/// The cells of a timeline.
#[derive(Debug, PartialEq, Eq)]
pub struct LaneGlyphs {
    /// Open, and nothing happened.
    pub open: &'static str,
    /// A thread slept in a call on it.
    pub asleep: &'static str,
    /// Calls would have blocked: few, some, many.
    pub would_block: [&'static str; 3],
    /// Ready.
    pub ready: &'static str,
    /// Bytes came in.
    pub read: &'static str,
    /// Bytes went out.
    pub written: &'static str,
    /// Both.
    pub echoed: &'static str,
    /// Accepted.
    pub accepted: &'static str,
    /// Work that moved no bytes; in the loop's row any work.
    pub working: &'static str,
    /// It ended.
    pub ended: &'static str,
}

impl Glyphs {
    /// For terminals that draw Unicode's boxes and blocks.
    pub const UNICODE: Self = Self::of(0);

    /// For all others.
    pub const ASCII: Self = Self::of(1);

    /// Each mark in both sets.
    const fn of(set: usize) -> Self {
        Self {
            rule: ["─", "-"][set],
            wall: ["│", "|"][set],
            mark: ["▶", ">"][set],
            past: ["▷", ")"][set],
            paused: ["║", "="][set],
            gap: ["⋮", ":"][set],
            dot: ["·", "-"][set],
            more: ["…", "~"][set],
            tell: ["▌", "*"][set],
            plays: [["◀", "║", "▶"], ["<", "=", ">"]][set],
            finding: ["◆", "*"][set],
            cut: ["×", "x"][set],
            levels: [
                [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
                [" ", ".", ".", ":", ":", "+", "+", "#", "#"],
            ][set],
            bar: [["█", "░"], ["#", "."]][set],
            shares: [["─", "▂", "▐", "▒"], ["-", "=", "+", "%"]][set],
            lane: LaneGlyphs {
                open: ["·", "."][set],
                asleep: ["─", "-"][set],
                would_block: [["░", "▒", "▓"], [":", "%", "%"]][set],
                ready: ["!", "!"][set],
                read: ["▀", "r"][set],
                written: ["▄", "w"][set],
                echoed: ["█", "#"][set],
                accepted: ["┣", "["][set],
                working: ["▐", "+"][set],
                ended: ["┫", "]"][set],
            },
        }
    }
}
