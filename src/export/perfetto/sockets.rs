//! A track a socket: how long it was open, the calls on it, what the selector
//! said of it.

use super::call::Made;
use super::lane::Lane;
use super::trace::{Label, Ns, Place, Trace};
use crate::probe::{End, Kind, LISTENER, SocketId};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::net::SocketAddr;

/// The group of sockets.
pub(super) const SOCKETS: u32 = 2;

/// The listener has this number.
const FIRST: u32 = 200_000;

/// So many sockets, and so many tasks, have a track of their own; the first
/// ones have. More would be hard to find one's way in.
pub(super) const OWN_TRACKS: u32 = 1_000;

/// The sockets of the run.
pub(super) struct Sockets {
    known: BTreeMap<SocketId, Socket>,
    others: Lane,
}

struct Socket {
    lane: Lane,
    peer: Option<SocketAddr>,
}

impl Sockets {
    pub(super) const fn new() -> Self {
        let place = Place { pid: SOCKETS, tid: FIRST + OWN_TRACKS };
        Self { known: BTreeMap::new(), others: Lane::new(place) }
    }

    /// The socket, if it has a track of its own.
    fn own(&mut self, id: SocketId) -> Option<&mut Socket> {
        let is_own = id.0 < OWN_TRACKS;
        let place = Place { pid: SOCKETS, tid: FIRST.saturating_add(id.0) };
        let new = || Socket { lane: Lane::new(place), peer: None };
        is_own.then(|| self.known.entry(id).or_insert_with(new))
    }

    /// A call on a socket. On the track that sockets share it is left out:
    /// those may be at the same time.
    pub(super) fn call(
        &mut self,
        trace: &mut Trace,
        made: &Made,
    ) -> io::Result<()> {
        match self.own(made.socket) {
            Some(it) if made.kind != Kind::Wait => {
                it.lane.slice(trace, made.time, &made.label())
            }
            _ => Ok(()),
        }
    }

    pub(super) fn opened(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        (socket, peer): (SocketId, Option<SocketAddr>),
    ) -> io::Result<()> {
        let name = if socket == LISTENER { "listening" } else { "open" };
        let mut args = json!({});
        if let Some(peer) = peer {
            args["peer"] = peer.to_string().into();
        }
        let Some(it) = self.own(socket) else {
            let name = format!("{socket} opened");
            return self.instant(trace, at, socket, ("open", name, args));
        };
        it.peer = peer.or(it.peer);
        if it.lane.depth() == 0 {
            it.lane.begin(at, Label::new("open", name, args));
        }
        Ok(())
    }

    pub(super) fn closed(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        (socket, end, unsent): (SocketId, End, u32),
    ) -> io::Result<()> {
        let words = end.words();
        let args = json!({"socket": socket.to_string(), "end": words, "unsent": unsent});
        let own = self.own(socket).filter(|it| it.lane.depth() > 0);
        if let Some(it) = own {
            it.lane.finish(trace, at, args.clone())?;
        }
        let name = format!("closed: {words}");
        self.instant(trace, at, socket, ("open", name, args))
    }

    /// Something that was said of a socket: its category, its name and what
    /// else is known.
    pub(super) fn instant(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        socket: SocketId,
        (category, name, args): (&'static str, String, Value),
    ) -> io::Result<()> {
        let label = Label::new(category, name, args);
        if let Some(it) = self.own(socket) {
            return it.lane.instant(trace, at, &label);
        }
        let name = format!("{socket} {}", label.name);
        let label = Label { name: name.into(), ..label };
        self.others.instant(trace, at, &label)
    }

    /// Whether some sockets had no track of their own.
    pub(super) const fn some_share(&self) -> bool {
        self.others.is_used()
    }

    /// The recording ends here. Clients have these names.
    pub(super) fn end(
        &mut self,
        trace: &mut Trace,
        at: Ns,
        names: &HashMap<SocketAddr, String>,
    ) -> io::Result<()> {
        for (id, it) in &mut self.known {
            let open = it.lane.depth();
            if open > 0 {
                let end = "open when the recording ended";
                it.lane.finish(trace, at, json!({"end": end}))?;
            }
            if it.lane.is_used() {
                trace.name(it.lane.place, &title(*id, it.peer, names))?;
            }
        }
        if self.others.is_used() {
            let name = format!("sockets from {} on", SocketId(OWN_TRACKS));
            trace.name(self.others.place, &name)?;
        }
        Ok(())
    }
}

fn title(
    id: SocketId,
    peer: Option<SocketAddr>,
    names: &HashMap<SocketAddr, String>,
) -> String {
    let name = peer.and_then(|peer| names.get(&peer));
    match (id, peer, name) {
        (LISTENER, ..) => format!("{id} listener"),
        (_, Some(peer), Some(name)) => format!("{id} {name}, {peer}"),
        (_, Some(peer), None) => format!("{id} {peer}"),
        (_, None, _) => id.to_string(),
    }
}
