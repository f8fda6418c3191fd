//! Sockets that report every call, and what a server of them needs: framing,
//! limits, a selector, a way to be stopped. The only user of `socket2` and
//! `polling`. Clients are plain: [`Client`], and [`ClientPoller`] for many.
//!
//! The instrumented calls are inherent methods with `#[track_caller]`, so
//! that each is known by the line of the mode file that makes it. Names
//! follow the standard library: `accept`, `read`, `write` put the thread to
//! sleep if they must; `try_accept`, `try_read`, `try_write` return `None`
//! where they would block.

#![warn(missing_docs)]

mod buffer;
mod client;
mod client_poller;
mod failure;
mod listener;
mod options;
mod registration;
mod retry;
mod selector;
mod stop;
mod stream;
mod system;
mod transfer;

pub use client::{Client, ClientSetup, has_route};
pub use client_poller::{ClientPoller, ReadyClient};
pub use failure::{Failure, Handles};
pub use listener::Listener;
pub use options::{
    Errors, Framing, OptionFault, ServerOptions, Shutdown, Yield, buffer_size,
    parse_address,
};
pub use registration::{Interest, Registration, Source, WatchRequest, Watched};
pub use selector::{Ready, Selector, SelectorHandle};
pub use stop::{Outage, Stop};
pub use stream::Stream;
pub use system::{is_out_of_descriptors, is_out_of_memory};

use crate::probe::{Call, Exit, Probe};

/// Makes a call, which may change the state, and calls the probe before and
/// after it; with a probe that is not enabled, only makes the call.
#[inline]
fn observed<P: Probe, S, T>(
    probe: &P,
    call: &Call,
    state: &mut S,
    make: impl FnOnce(&mut S) -> T,
    exit: impl FnOnce(&S, &T) -> Exit,
) -> T {
    if !P::ENABLED {
        return make(state);
    }
    let mark = probe.enter(call);
    let result = make(state);
    probe.exit(call, mark, exit(state, &result));
    result
}
