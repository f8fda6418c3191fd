//! The symbols that the screen draws, in Unicode or in plain ASCII, and what
//! they mean.

use super::look::Role;

/// A set of symbols; each one is a single cell wide.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// The rule beside a title.
    pub rule: &'static str,
    /// The line between two panes side by side.
    pub wall: &'static str,
    /// Marks the call that a held thread makes next.
    pub before: &'static str,
    /// Marks where a thread is: in a call, in a step of the loop, in a task.
    pub inside: &'static str,
    /// Marks a thread's last call, which has returned.
    pub after: &'static str,
    /// Marks a source line at whose `await` tasks are paused.
    pub awaits: &'static str,
    /// Marks a program that the user has paused.
    pub paused: &'static str,
    /// Shows that source lines are left out.
    pub gap: &'static str,
    /// Separates the parts of a title.
    pub dot: &'static str,
    /// Stands for text or rows that are cut off.
    pub more: &'static str,
    /// Marks a line that deserves attention, such as a finding.
    pub tell: &'static str,
    /// A recording plays backwards, is stopped, plays forwards.
    pub plays: [&'static str; 3],
    /// Marks the time of a finding in the bar of a recording.
    pub finding: &'static str,
    /// Marks the time of a phase of the server's stop in that bar.
    pub phase: &'static str,
    /// Marks the end of a recording that was cut off.
    pub cut: &'static str,
    /// Cells that are filled from below by 0 to 8 eighths.
    pub levels: [&'static str; 9],
    /// Filled and empty parts of a bar.
    pub bar: [&'static str; 2],
    /// Parts of a bar for asleep, brief calls, working and spinning: the same
    /// as in a timeline where that has such a cell.
    pub shares: [&'static str; 4],
    pub lane: LaneGlyphs,
}

/// The symbols for the cells of a timeline.
#[derive(Debug, PartialEq, Eq)]
pub struct LaneGlyphs {
    /// The socket was open and nothing happened.
    pub open: &'static str,
    /// A thread slept in a call on the socket.
    pub asleep: &'static str,
    /// Calls would have blocked: few, some, many.
    pub would_block: [&'static str; 3],
    /// The selector reported the socket ready.
    pub ready: &'static str,
    /// Bytes were read.
    pub read: &'static str,
    /// Bytes were written.
    pub written: &'static str,
    /// Bytes were read and written.
    pub echoed: &'static str,
    /// The connection was accepted.
    pub accepted: &'static str,
    /// Work that moved no bytes; in the loop's row any work.
    pub working: &'static str,
    /// The connection ended, or the listener was closed.
    pub ended: &'static str,
}

/// Symbols of the same kind, their role, and what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegendEntry {
    pub role: Role,
    pub symbols: String,
    /// A word for a legend in one line; empty if it is not in there.
    pub name: &'static str,
    pub meaning: &'static str,
}

impl Glyphs {
    /// For terminals that can draw Unicode's boxes and blocks.
    pub const UNICODE: Self = Self::of(0);

    /// For all other terminals.
    pub const ASCII: Self = Self::of(1);

    /// The symbols with this index: 0 for Unicode, 1 for ASCII.
    const fn of(set: usize) -> Self {
        Self {
            rule: ["─", "-"][set],
            wall: ["│", "|"][set],
            before: ["▷", ">"][set],
            inside: ["▶", "@"][set],
            after: ["◁", "<"][set],
            awaits: ["○", "o"][set],
            paused: ["║", "="][set],
            gap: ["⋮", ":"][set],
            dot: ["·", "-"][set],
            more: ["…", "~"][set],
            tell: ["▌", "*"][set],
            plays: [["◀", "║", "▶"], ["<", "=", ">"]][set],
            finding: ["◆", "*"][set],
            phase: ["▼", "v"][set],
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

    /// What the symbols mean: groups with a title, by the part of the screen.
    #[rustfmt::skip]
    pub fn legend(&self) -> [(&'static str, Vec<LegendEntry>); 4] {
        // Without `..`, so that no new symbol stays unexplained. Rules, walls,
        // dots and levels are punctuation and drawings.
        let Self {
            rule: _, wall: _, dot: _, levels: _, before, inside, after, awaits,
            paused, gap, more, tell, plays, finding, phase, cut, bar, shares,
            lane,
        } = self;
        let LaneGlyphs {
            open, asleep, would_block, ready, read, written, echoed, accepted,
            working, ended,
        } = lane;
        let row = |role, symbols: &str, meaning| {
            let name = "";
            LegendEntry { role, symbols: symbols.into(), name, meaning }
        };
        let code = vec![
            row(Role::Key, before, "before: held, this call comes next"),
            row(Role::Key, inside, "inside: this call has not returned"),
            row(Role::Key, after, "after: this call has returned"),
            row(Role::Asleep, awaits, "tasks are paused at this await"),
            row(Role::Dim, gap, "lines above this one are left out"),
        ];
        let lane = |role, symbols: &str, name, meaning| {
            LegendEntry { role, symbols: symbols.into(), name, meaning }
        };
        // The least obvious first: a line of names may have room for some.
        let lanes = vec![
            lane(Role::Asleep, asleep, "asleep", "a thread was asleep in a call on it"),
            lane(Role::Working, working, "work", "other work"),
            lane(Role::Spinning, &would_block.concat(), "would block",
                "calls that would have blocked: few, some, many"),
            lane(Role::Ready, ready, "ready", "reported ready; the loop was woken"),
            lane(Role::Read, read, "read", "bytes were read"),
            lane(Role::Written, written, "written", "bytes were written"),
            lane(Role::Echoed, echoed, "echoed", "bytes were read and written: an echo"),
            lane(Role::Bad, ended, "ended", "ended, or the listener was closed"),
            lane(Role::Ready, accepted, "accepted", "accepted"),
            row(Role::Dim, open, "open, and nothing happened"),
        ];
        let figures = vec![
            row(Role::Asleep, shares[0], "share of time asleep in calls"),
            row(Role::Working, shares[1], "in calls under 0.1 ms, asleep or not"),
            row(Role::Working, shares[2], "in useful calls and between calls"),
            row(Role::Spinning, shares[3], "in calls that would have blocked"),
            row(Role::Text, &bar.concat(), "a part, and what is left of the whole"),
        ];
        let marks = vec![
            row(Role::Badge, paused, "you have paused the program"),
            row(Role::Spinning, tell, "a finding, or what deserves attention"),
            row(Role::Dim, more, "text or rows are cut off here"),
            row(Role::Key, &plays.concat(), "plays backwards, stopped, plays"),
            row(Role::Spinning, finding, "a finding begins, in a recording's bar"),
            row(Role::Key, phase, "a phase of the server's stop, there too"),
            row(Role::Bad, cut, "the recording was cut off here"),
        ];
        [
            ("code", code),
            ("timelines", lanes),
            ("bars", figures),
            ("elsewhere", marks),
        ]
    }
}
