//! Events folded into what a reader of a mode's source can follow.

use sockscope::modes::Mode;
use sockscope::probe::{
    Event, LISTENER, Note, Outcome, Site, SocketId, TaskNow,
};
use std::collections::BTreeMap;

/// One paragraph a thread: what it did, in its order. Threads of one server
/// are not in step with each other, so their order means nothing.
pub(crate) fn fold(mode: Mode, events: &[Event]) -> String {
    let mut threads = BTreeMap::<SocketId, Vec<String>>::new();
    for event in events {
        if let Some((socket, line)) = describe(mode, event) {
            let own = mode == Mode::Blocking;
            let thread = if own { socket } else { LISTENER };
            let lines = threads.entry(thread).or_default();
            if !goes_on(mode, event, &line, lines) {
                lines.push(line);
            }
        }
    }
    let paragraphs = threads.iter().map(|(thread, lines)| {
        let name = match *thread {
            LISTENER => "the server's thread".into(),
            client => format!("the thread of {client}"),
        };
        format!("{name}:\n{}\n", collapse(lines).join("\n"))
    });
    paragraphs.collect::<Vec<_>>().join("\n")
}

/// Whether this is more of the busy loop's last line: how many reports its
/// asking takes depends on how long it had nothing else to do.
fn goes_on(mode: Mode, event: &Event, line: &str, lines: &[String]) -> bool {
    let is_same = lines.last().is_some_and(|last| last == line);
    mode == Mode::Nonblocking && is_idle(event) && is_same
}

fn is_idle(event: &Event) -> bool {
    matches!(
        event,
        Event::Idle { .. } | Event::Exit { outcome: Outcome::WouldBlock, .. }
    )
}

fn describe(mode: Mode, event: &Event) -> Option<(SocketId, String)> {
    match *event {
        Event::Enter { .. } => None,
        // How often a busy loop asks in vain is a matter of luck.
        _ if mode == Mode::Nonblocking && is_idle(event) => {
            Some((LISTENER, "(each would block, again and again)".into()))
        }
        Event::Exit { kind, socket, site, outcome, pending, .. } => {
            let (code, kind) = (code(mode, site), kind.name());
            let left = match pending {
                0 => String::new(),
                pending => format!(", {pending} pending"),
            };
            let call =
                format!("{code:<58} {kind} {socket} -> {outcome:?}{left}");
            Some((socket, call))
        }
        Event::Idle { calls, .. } => {
            Some((LISTENER, format!("({calls} would block)")))
        }
        Event::Note { note, .. } => {
            notice(&note).map(|(socket, text)| (socket, format!("  {text}")))
        }
    }
}

/// The text of the line, which must be one of the mode's own file, or of the
/// event loop's.
fn code(mode: Mode, site: Site) -> &'static str {
    let source = match site.name() {
        "turn.rs" if mode == Mode::Tasks => {
            include_str!("../../src/event_loop/turn.rs")
        }
        name => {
            assert_eq!(name, format!("{}.rs", mode.name()));
            mode.source()
        }
    };
    source.lines().nth(site.line as usize - 1).unwrap().trim()
}

/// A note of a socket is one of its thread; what is a matter of luck is left
/// out.
fn notice(note: &Note) -> Option<(SocketId, String)> {
    let thread = match *note {
        Note::Opened { socket: LISTENER, .. }
        | Note::Phase(_)
        | Note::Task { now: TaskNow::Ready | TaskNow::Running, .. }
        | Note::Step(_)
        | Note::Timers { .. }
        | Note::LongRun { .. }
        | Note::Stopped { .. } => return None,
        Note::Opened { socket, .. } => {
            return Some((socket, format!("{socket} is open")));
        }
        Note::Task { task, now: TaskNow::Sleeping { .. } } => {
            return Some((LISTENER, format!("{task}: sleeping")));
        }
        Note::Task { task, now } => {
            return Some((LISTENER, format!("{task}: {}", now.words())));
        }
        Note::NeverRetrieved { task, end, .. } => {
            let words = format!("{task}: never retrieved: {}", end.words());
            return Some((LISTENER, words));
        }
        Note::Paused(_) | Note::LeftWaiting { .. } => LISTENER,
        Note::Closed { socket, .. }
        | Note::Handled { socket, .. }
        | Note::Failed { socket, .. }
        | Note::CallFailed { socket, .. }
        | Note::Ready { socket, .. }
        | Note::Interest { socket, .. } => socket,
    };
    Some((thread, format!("{note:?}")))
}

/// What comes again and again, alone or up to four lines together, is
/// written once.
pub(crate) fn collapse(lines: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let (length, times) = longest_repeat(rest);
        for (n, line) in rest[..length].iter().enumerate() {
            let mark = if length > 1 { "|" } else { " " };
            let last = n + 1 == length && times > 1;
            let count =
                if last { format!(" ({times} times)") } else { String::new() };
            out.push(format!("{mark} {line}{count}"));
        }
        rest = &rest[length * times..];
    }
    out
}

/// How many lines the repeat that covers most has, and how often it comes.
fn longest_repeat(lines: &[String]) -> (usize, usize) {
    let mut best = (1, 1);
    for length in 1..=4.min(lines.len()) {
        let first = &lines[..length];
        let same = lines.chunks(length).take_while(|next| *next == first);
        let times = same.count();
        if times > 1 && length * times > best.0 * best.1 {
            best = (length, times);
        }
    }
    best
}
