//! Clients that can do nothing are asleep.

use super::language::*;
use crate::support::patience::{holds, holds_undisturbed};
use crate::support::peers::{Manner, Peer};
use sockscope::load::{Ends, Group};
use sockscope::system::usage;
use sockscope::units::Size;
use std::time::Duration;

/// The processor time of this thread, where the system tells it.
fn cpu_time() -> Option<Duration> {
    usage::of_thread().map(|used| used.user + used.system)
}

/// Whether it has used next to nothing since then, as far as can be told.
fn was_asleep(since: Option<Duration>) -> Result<(), String> {
    let times = since.zip(cpu_time());
    let used = times.map(|(before, now)| now.saturating_sub(before));
    holds(used.is_none_or(|used| used < ms(100)), format!("{used:?}"))
}

#[test]
fn a_hang_up_does_not_keep_a_paused_client_awake() {
    let peer = Peer::start(Manner::Echo);
    let steps = "{ reading = 'stopped' }, { send = '50' }, 'half-close', \
                 { pause = '1 s' }, { reading = 'eager' }, 'await-end'";
    holds_undisturbed("a second asleep takes no time", || {
        let before = cpu_time();
        let result = run_groups(&peer, &[group("deaf", 1, steps)]);
        let asleep = was_asleep(before);
        assert_eq!((result.total.echoes, result.total.missing), (1, 0));
        let ends = Ends { end_of_file: 1, ..Ends::default() };
        assert_eq!(result.total.ends, ends);
        asleep
    });
}

#[test]
fn a_server_that_does_not_read_stops_the_client_without_a_spin() {
    let peer = Peer::start(Manner::Deaf);
    let groups = [Group {
        send_buffer: Some(Size(4096)),
        receive_buffer: Some(Size(4096)),
        ..group("flood", 1, "{ send = '64 MiB' }, 'half-close'")
    }];
    holds_undisturbed("a second asleep takes no time", || {
        let before = cpu_time();
        let result = run_for(ms(1000), &peer, &groups);
        let asleep = was_asleep(before);
        assert!(result.total.bytes_out < 32 * MIB);
        assert_eq!(result.total.bytes_in, 0);
        assert_eq!(result.total.ends.timed_out, 1);
        // Who had not begun to speak when the time was over misses nothing.
        holds(result.total.missing == 1, "it came to nothing")?;
        asleep
    });
}
