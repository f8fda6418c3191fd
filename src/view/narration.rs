//! The narration: what is happening now, who waits for whom, and what comes
//! next, in full sentences. One function for the screen, the log, a replay and
//! each mode of a comparison.

use super::log::{ASLEEP_AFTER, phase_status};
use super::scene::in_backlog;
use super::scope::SPINS;
use super::{Kind, Phase, Scene, SocketId, SocketView, Step, ThreadView, View};
use crate::probe::{Before, LISTENER};
use crate::text::{capital, listed};
use crate::units::{
    Nanos, plural, show_clock, show_count, show_percent, show_short, show_size,
    show_time,
};
use itertools::Itertools as _;
use std::net::SocketAddr;
use std::time::Duration;

/// With more connections than this, do not search all of them for the client
/// that is not accepted.
const FEW: u64 = 100;

/// How many clients a sentence names.
const NAMED: usize = 3;

/// A moment of a run in sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narration {
    /// What the program is doing: `The only thread sleeps in read of client #1
    /// (silent).`
    pub now: String,
    /// The same in a few words, for a row of a table: `asleep in read of
    /// silent`.
    pub now_short: String,
    /// Who waits for whom, by name; `None` if no client waits.
    pub waits: Option<String>,
    /// The same in a few words: `talker waits: not accepted`.
    pub waits_short: Option<String>,
    /// What comes next: what the call that is held will do, or what ends the
    /// sleep.
    pub next: Option<String>,
    /// How to judge the moment; determines the colour.
    pub tone: MomentTone,
}

/// How a moment is to be judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MomentTone {
    /// Nothing to do: asleep while no client waits.
    #[default]
    Idle,
    /// Work is being done for a client.
    Busy,
    /// Calls are made in vain.
    Spinning,
    /// Asleep or busy with one client while others wait.
    Starving,
    /// Held by the user: paused, stepped or in slow motion.
    Held,
    /// It is over, or has not begun.
    Over,
}

/// What the program is doing, and what ends that.
struct Doing {
    now: String,
    short: String,
    next: Option<String>,
    tone: MomentTone,
}

/// Who waits.
struct Waiting {
    long: String,
    short: String,
    /// Whether the server itself is the cause.
    is_starving: bool,
}

impl Scene {
    /// The narration of the moment of this view: the scene's own, or a frozen
    /// one.
    pub fn narrate(&self, view: &View) -> Narration {
        Narrator { scene: self, view }.narrate()
    }
}

/// A moment of a run, to be put into words.
struct Narrator<'a> {
    scene: &'a Scene,
    view: &'a View,
}

impl Narrator<'_> {
    fn narrate(&self) -> Narration {
        let Doing { now, short: now_short, next, tone } = self.doing();
        let waiting = match tone {
            MomentTone::Over => None,
            _ => self.backlog_waits().or_else(|| self.output_waits()),
        };
        let open = self.view.figures.open();
        let next = next.map(|it| match &waiting {
            None if tone == MomentTone::Idle && open > 0 => {
                format!("{it} No client waits.")
            }
            _ => it,
        });
        let starves = waiting.as_ref().is_some_and(|it| it.is_starving);
        let tone = if starves { MomentTone::Starving } else { tone };
        let (waits, waits_short) =
            waiting.map(|it| (it.long, it.short)).unzip();
        Narration { now, now_short, waits, waits_short, next, tone }
    }

    fn doing(&self) -> Doing {
        let (view, control) = (self.view, &self.scene.control);
        let plain = |now: &str, short: &str, tone| Doing {
            now: now.into(),
            short: short.into(),
            next: None,
            tone,
        };
        if view.phase.0 == Phase::Ended {
            return plain("The server has ended.", "over", MomentTone::Over);
        }
        if let Some(before) = control.before() {
            return self.held(before);
        }
        if view.phase.0 != Phase::Running {
            let left_in = view.deadline.map(|it| it.saturating_sub(view.at));
            let status =
                phase_status(view.phase.0, view.figures.open(), left_in);
            let now = format!(
                "The server is stopping ({status}): {}.",
                view.phase.0.words()
            );
            return plain(&now, &status, MomentTone::Busy);
        }
        let doing = match view.threads.as_slice() {
            [] => {
                plain("The server is starting.", "starting", MomentTone::Over)
            }
            [only] => self.only_thread(only),
            threads => self.threads(threads),
        };
        if control.paused && control.stands {
            let now = format!("Paused. {}", doing.now);
            let short = format!("paused, {}", doing.short);
            return Doing { now, short, tone: MomentTone::Held, ..doing };
        }
        doing
    }

    /// The program is held before a call, a step or a task.
    fn held(&self, before: Before) -> Doing {
        let held = |what: String, short: String, next: String| Doing {
            now: format!("Held before {what}."),
            short: format!("held before {short}"),
            next: Some(next),
            tone: MomentTone::Held,
        };
        match before {
            Before::Call { kind, socket, site } => {
                let call = format!("`{}`", self.scene.call_name(kind, site));
                let (whom, short) = match kind {
                    Kind::Wait => (String::new(), String::new()),
                    _ if socket == LISTENER => {
                        (" on the listener".into(), String::new())
                    }
                    _ => (
                        format!(" of {}", self.client(socket)),
                        format!(" of {}", self.client_short(socket)),
                    ),
                };
                let what = format!("{call}{whom}, line {}", site.line);
                let short =
                    format!("{}{short}", self.scene.call_name(kind, site));
                held(what, short, self.prediction(kind, socket))
            }
            Before::Step(step) => {
                let name = step.name();
                let what = format!("the step `{name}` of the event loop");
                held(what, name.into(), self.step(step))
            }
            Before::Task(task) => {
                let rows = self.view.tasks.iter();
                let row = rows.clone().find(|it| it.task == task);
                let name = row.map_or(String::new(), |it| {
                    let whom = it.socket.filter(|it| *it != LISTENER);
                    whom.map_or_else(
                        || format!(" ({})", it.name()),
                        |it| format!(" ({})", self.client_short(it)),
                    )
                });
                let what = format!("the event loop runs task {task}{name}");
                let next = "The task runs until its next `await` that has \
                            to wait.";
                held(what, format!("task {task}{name}"), next.into())
            }
        }
    }

    /// What the call that is held will do, as far as the kernel's queues show
    /// it.
    fn prediction(&self, kind: Kind, socket: SocketId) -> String {
        let row = self.row(socket);
        let queue = row.and_then(|it| it.queue);
        let arrived = queue.map(|it| it.received_bytes);
        let in_vain = if self.view.calls_sleep {
            "the thread will sleep in it"
        } else {
            "it will return at once and in vain (would block)"
        };
        match (kind, arrived) {
            (Kind::Accept, _) => match self.in_backlog() {
                0 => format!("No client waits to be accepted: {in_vain}."),
                _ => format!(
                    "It will accept {}, which has connected.",
                    self.first_in_backlog()
                ),
            },
            (Kind::Read, Some(0) | None)
                if row.is_some_and(SocketView::is_readable) =>
            {
                "The selector reported it readable: it will return at once, \
                 with bytes or the end of file."
                    .into()
            }
            (Kind::Read, Some(0)) => format!(
                "Nothing to read, unless the client has closed its side: {in_vain}."
            ),
            (Kind::Read, Some(bytes)) => format!(
                "{} have arrived: it will return them at once.",
                show_size(bytes.into())
            ),
            (Kind::Read, None) => {
                format!("If nothing has arrived, {in_vain}.")
            }
            (Kind::Write, _) => {
                let bytes = row.map_or(0, |it| it.count.pending_bytes);
                let size = match bytes {
                    0 => "the bytes".into(),
                    n => format!("the {}", show_size(n.into())),
                };
                format!("It will try to send {size} in our buffer.")
            }
            (Kind::Wait, _) => self.wait_prediction(),
            (Kind::Watch, _) => {
                "It changes what the selector watches the socket for.".into()
            }
            _ => format!("It will {} the client.", kind.name()),
        }
    }

    fn wait_prediction(&self) -> String {
        let ready = self.view.sockets.iter().filter(|it| {
            let interest = it.interest.unwrap_or_default();
            let queue = it.queue.unwrap_or_default();
            let backlog = it.count.id == LISTENER && self.in_backlog() > 0;
            interest.readable && (queue.received_bytes > 0 || backlog)
        });
        let names: Vec<_> = ready.map(|it| self.client(it.count.id)).collect();
        let open = self.view.sockets.iter();
        let is_uncertain = open.filter(|it| it.count.end.is_none()).any(|it| {
            let interest = it.interest.unwrap_or_default();
            let is_unknown = it.queue.is_none() && it.count.id != LISTENER;
            interest.writable || interest.readable && is_unknown
        });
        match names.len() {
            0 if is_uncertain => "If no watched socket is ready, the thread \
                                  will sleep until one becomes ready."
                .into(),
            0 => "No watched socket has input: the thread will sleep until \
                  one becomes ready, unless a client has closed its side."
                .into(),
            n if n > NAMED => {
                format!(
                    "{} sockets are ready: it returns at once.",
                    show_count(n as u64)
                )
            }
            n => {
                let is = if n == 1 { "is" } else { "are" };
                let names = capital(&listed(&names));
                format!("{names} {is} ready: it returns at once.")
            }
        }
    }

    /// A program whose only thread is in no call that is held.
    fn only_thread(&self, thread: &ThreadView) -> Doing {
        let (view, kind) = (self.view, thread.kind);
        let shares = view.turns.shares;
        let vain = view.rates.would_blocks;
        if shares.spinning >= SPINS && vain > 0 {
            let calls = show_short(vain);
            let made = if view.at < Duration::from_secs(1) {
                let so_far = show_short(view.figures.would_blocks());
                format!("{so_far} of its calls so far")
            } else {
                format!("{calls} of its calls in the last second")
            };
            return Doing {
                now: format!(
                    "The only thread never sleeps: {made} would have blocked."
                ),
                short: format!("spinning: {calls}/s in vain"),
                next: Some("It goes on at once to the next socket.".into()),
                tone: MomentTone::Spinning,
            };
        }
        let sleeps = thread.in_call && (view.calls_sleep || kind == Kind::Wait);
        // With clients, a busy thread sleeps now and then for a moment.
        let is_idle = view.figures.open() == 0;
        if sleeps && (is_idle || thread.since >= ASLEEP_AFTER) {
            return self.asleep(thread);
        }
        self.working("The only thread")
    }

    /// The only thread sleeps in a call.
    fn asleep(&self, thread: &ThreadView) -> Doing {
        let (kind, socket) = (thread.kind, thread.socket);
        let time = show_clock(thread.since);
        let client = self.client(socket);
        let (call, short, next) = match kind {
            Kind::Wait => {
                let watched = self.view.sockets.iter().filter(|it| {
                    it.interest.is_some_and(|it| it.readable || it.writable)
                });
                let step =
                    if self.scene.has_tasks() { "select" } else { "wait" };
                let View { events_lost, sockets_not_shown, figures, .. } =
                    self.view;
                let watched: Vec<_> = watched.map(|it| it.count.id).collect();
                // The interest of some is not known: all are watched.
                let is_known = *events_lost == 0 && *sockets_not_shown == 0;
                let on = match watched.len() as u64 {
                    n if is_known => n,
                    _ => figures.open() + 1,
                };
                let (on, next) = match on {
                    1 => (" on one socket".into(), "that socket becomes ready"),
                    n => (
                        format!(" on {} sockets at once", show_count(n)),
                        "one of them becomes ready",
                    ),
                };
                let names = match watched.len() {
                    2..=NAMED if is_known => {
                        format!(": {}", self.names(&watched))
                    }
                    _ => String::new(),
                };
                let short = format!("asleep{on}");
                let system = &self.scene.facts.mechanism;
                let call = format!("`{step}` ({system}){on}{names}");
                (call, short, next.into())
            }
            Kind::Accept => (
                "`accept`".into(),
                "asleep in accept".into(),
                "a client connects".into(),
            ),
            _ => {
                let name = kind.name();
                let short = self.client_short(socket);
                let next = match kind {
                    Kind::Write => format!("{client} reads"),
                    _ => format!("{client} sends or leaves"),
                };
                (
                    format!("`{name}` of {client}"),
                    format!("asleep in {name} of {short}"),
                    next,
                )
            }
        };
        Doing {
            now: format!(
                "The only thread sleeps in {call}, for {time} so far."
            ),
            short,
            next: Some(format!("It wakes when {next}.")),
            tone: MomentTone::Idle,
        }
    }

    /// Work is done, or was done a moment ago.
    fn working(&self, who: &str) -> Doing {
        let (view, shares) = (self.view, self.view.turns.shares);
        let asleep = shares.asleep + shares.brief;
        let calls = show_short(view.rates.calls);
        let share = show_percent(f64::from(asleep));
        let open = view.figures.open();
        let clients = plural(open, "client");
        let made = if view.at < Duration::from_secs(1) {
            format!("{} so far", plural(view.figures.all_calls(), "call"))
        } else {
            format!(
                "{calls} calls in the last second, and asleep for {share} of \
                 it"
            )
        };
        let serves = match open {
            0 => "has no client to serve".into(),
            _ => format!("serves {clients}"),
        };
        Doing {
            now: format!("{who} {serves}: {made}."),
            short: format!("working: {calls} calls/s"),
            next: None,
            tone: if open == 0 { MomentTone::Idle } else { MomentTone::Busy },
        }
    }

    /// Several threads.
    fn threads(&self, threads: &[ThreadView]) -> Doing {
        let all = show_count(threads.len() as u64);
        let asleep = |kind| {
            let of_kind = threads.iter().filter(move |it| {
                it.in_call && it.kind == kind && it.since >= ASLEEP_AFTER
            });
            of_kind.map(|it| it.socket).collect::<Vec<_>>()
        };
        let (reads, writes) = (asleep(Kind::Read), asleep(Kind::Write));
        let accepts = asleep(Kind::Accept).len();
        let sleepers = reads.len() + writes.len() + accepts;
        let phrase = |call: &str, sockets: &[SocketId]| match sockets.len() {
            0 => None,
            n => {
                let verb = if n == 1 { "sleeps" } else { "sleep" };
                let n = show_count(n as u64);
                let names = self.names(sockets);
                Some(format!("{n} {verb} in `{call}` of {names}"))
            }
        };
        let accepts = (accepts > 0).then(|| "1 sleeps in `accept`".to_owned());
        let working = threads.len() - sleepers;
        let working = (working > 0)
            .then(|| format!("{} at work", show_count(working as u64)));
        let parts = [
            accepts,
            phrase("read", &reads),
            phrase("write", &writes),
            working.clone(),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let now = format!(
            "{all} threads, one per open client and one to accept: {}.",
            parts.join(", ")
        );
        let wakes = "Each wakes when its client sends or leaves, or when one \
                     connects.";
        let (tail, next, tone) = match working {
            None => ("all asleep".into(), Some(wakes.into()), MomentTone::Idle),
            Some(working) => (working, None, MomentTone::Busy),
        };
        let short = format!("{all} threads, {tail}");
        Doing { now, short, next, tone }
    }

    /// Clients that are connected and not accepted.
    fn backlog_waits(&self) -> Option<Waiting> {
        let waiting = self.in_backlog();
        if waiting == 0 {
            return None;
        }
        let held = self.scene.control.before().is_some();
        let threads = self.view.threads.as_slice();
        let on = match threads {
            [it] if it.in_call && it.socket != LISTENER => Some(it),
            _ => None,
        };
        let slept = on.filter(|_| self.view.calls_sleep);
        let (it_or_them, is) = match waiting {
            1 => ("it", "it is"),
            _ => ("them", "they are"),
        };
        let but = match slept {
            Some(it) if it.since < ASLEEP_AFTER => format!(
                "the thread that serves {} cannot accept {it_or_them}",
                self.client(it.socket)
            ),
            Some(_) => {
                format!("the sleeping thread cannot accept {it_or_them}")
            }
            _ if held => format!("{is} not accepted yet"),
            // The kernel wakes this thread for the client: it is being
            // accepted.
            _ if self.view.calls_sleep
                && threads
                    .iter()
                    .any(|it| it.in_call && it.kind == Kind::Accept) =>
            {
                return None;
            }
            // It is being accepted, unless that takes long.
            _ if threads.iter().all(|it| it.since < ASLEEP_AFTER) => {
                return None;
            }
            _ => format!("{is} not accepted"),
        };
        let first = self.first_in_backlog();
        let bytes = self.view.backlog.first().map_or(0, |it| it.received_bytes);
        let who = match waiting {
            1 => capital(&first),
            n => format!("{} clients", show_count(n)),
        };
        let sent = match (waiting, bytes) {
            (1, 1..) => format!(" and sent {}", show_size(bytes.into())),
            _ => String::new(),
        };
        let short = match waiting {
            1 => format!("{} waits: not accepted", self.first_name()),
            n => format!("{} clients wait: not accepted", show_count(n)),
        };
        Some(Waiting {
            long: format!("{who} connected{sent}; {but}."),
            short,
            is_starving: slept.is_some(),
        })
    }

    /// A client that does not read what is sent to it.
    fn output_waits(&self) -> Option<Waiting> {
        if self.scene.control.before().is_some() {
            return None;
        }
        let pending = |it: &&SocketView| it.count.pending_bytes;
        let open = self.view.sockets.iter();
        let open = open.filter(|it| it.count.end.is_none());
        let most = open.max_by_key(pending)?;
        let bytes = most.count.pending_bytes;
        if bytes == 0
            || self.view.at.saturating_sub(most.active_at) < ASLEEP_AFTER
        {
            return None;
        }
        let client = capital(&self.client(most.count.id));
        let size = show_size(bytes.into());
        let kernel = most.queue.map_or(0, |it| it.unsent_bytes);
        let kernel = match kernel {
            0 => String::new(),
            n => format!(" and {} in the kernel", show_size(n.into())),
        };
        let long = format!(
            "{client} does not read: {size} for it wait in our buffer{kernel}."
        );
        let name = self.client_short(most.count.id);
        let short = format!("{name} does not read: {size} wait");
        Some(Waiting { long, short, is_starving: false })
    }

    /// How many clients wait to be accepted.
    fn in_backlog(&self) -> u64 {
        in_backlog(self.view, &self.scene.measured, &self.scene.hand)
    }

    fn row(&self, socket: SocketId) -> Option<&SocketView> {
        self.view.sockets.iter().find(|it| it.count.id == socket)
    }

    /// The name of the client at the other end of a socket.
    fn name(&self, socket: SocketId) -> Option<String> {
        self.scene.name_of(self.row(socket)?.count.peer?)
    }

    /// `client #1 (silent)`, or `the listener`.
    fn client(&self, socket: SocketId) -> String {
        match self.name(socket) {
            _ if socket == LISTENER => "the listener".into(),
            Some(name) => format!("client {socket} ({name})"),
            None => format!("client {socket}"),
        }
    }

    /// `silent`, or its number if it has no name.
    fn client_short(&self, socket: SocketId) -> String {
        if socket == LISTENER {
            return "the listener".into();
        }
        self.name(socket).unwrap_or_else(|| socket.to_string())
    }

    /// The first clients by name, and how many others there are.
    fn names(&self, sockets: &[SocketId]) -> String {
        let first = sockets.iter().take(NAMED);
        let mut names: Vec<_> =
            first.map(|it| self.client_short(*it)).collect();
        if let more @ 1.. = sockets.len().saturating_sub(NAMED) {
            names.push(format!("{} more", show_count(more as u64)));
        }
        listed(&names)
    }

    /// The name of the first client in the backlog.
    fn first_name(&self) -> String {
        let first = self.view.backlog.first().map(|it| it.peer);
        let peer = first.or_else(|| self.only_not_accepted());
        let name = peer.and_then(|it| self.scene.name_of(it));
        name.unwrap_or_else(|| "a client".into())
    }

    /// The only client of ours without a connection of the server, where the
    /// kernel has not been asked yet for its address.
    fn only_not_accepted(&self) -> Option<SocketAddr> {
        let View { figures, .. } = self.view;
        let is_accepted = |peer: &SocketAddr| {
            figures.sockets.iter().any(|it| it.peer == Some(*peer))
        };
        let few = figures.connections <= FEW;
        let peers = self.scene.names.keys().filter(|_| few).copied();
        peers.filter(|it| !is_accepted(it)).exactly_one().ok()
    }

    fn first_in_backlog(&self) -> String {
        match self.first_name() {
            name if name == "a client" => name,
            name => format!("client {name}"),
        }
    }

    /// What a step of the event loop's turn will do.
    fn step(&self, step: Step) -> String {
        match (step, self.view.figures.turns.timeout) {
            (Step::RunReadyTasks, _) => {
                "It runs every ready task until its next `await` that has to \
                 wait."
                    .into()
            }
            (Step::Register, _) => {
                "It has the selector watch the sockets of the paused tasks."
                    .into()
            }
            (Step::CalculateTimeout, _) => {
                "It calculates how long the selector may sleep: until the \
                 next timer, or without a limit if there is none."
                    .into()
            }
            (Step::Select, Some(Nanos::ZERO)) => {
                "A task is ready: it asks the selector and returns at once."
                    .into()
            }
            (Step::Select, timeout) => {
                let timer = timeout.map_or(String::new(), |it| {
                    format!(", at most {}", show_time(it.duration()))
                });
                format!(
                    "The thread sleeps in it until a watched socket becomes \
                     ready{timer}."
                )
            }
            (Step::ProcessEvents, _) => {
                "It makes the tasks ready whose sockets have become ready."
                    .into()
            }
        }
    }
}
