//! The symbols that the screen draws, in Unicode or in plain ASCII.

/// A set of symbols; each one is a single cell wide.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// The rule beside a title.
    pub rule: &'static str,
    /// The line between two panes side by side.
    pub wall: &'static str,
    /// Marks where a thread is: a source line, a step of the loop, a task.
    pub mark: &'static str,
    /// Marks the source line of a thread's last call, which has returned.
    pub past: &'static str,
    /// Marks a source line in which tasks are paused, or a held program.
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
