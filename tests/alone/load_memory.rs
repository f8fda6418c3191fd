//! A payload is never kept as a whole: alone in its process, so that the
//! peak of its memory tells.

use crate::alone;
use crate::support::peers::{Manner, Peer};
use sockscope::load::{Cancel, Group, LoadOptions, Step, run};
use sockscope::probe::Clock;
use sockscope::system::usage::peak_memory;
use sockscope::units::Size;
use std::time::Duration;

const MIB: u64 = 1024 * 1024;

#[test]
fn a_payload_of_many_mebibytes_is_not_kept() {
    alone(|| {
        let peer = Peer::start(Manner::Echo);
        let pattern = Step::Send(Size(64 * MIB));
        let groups = [Group {
            name: "big".to_owned(),
            count: 4,
            steps: vec![Step::Connect, pattern, Step::AwaitEcho],
            ..Group::default()
        }];
        let options = LoadOptions {
            time_limit: Duration::from_secs(600),
            live: None,
            clock: Clock::wall(),
        };
        let before = peak_memory().unwrap();
        let result =
            run(peer.address(), &groups, &options, &Cancel::new()).unwrap();
        let grown = peak_memory().unwrap() - before;
        assert_eq!(
            (result.total.echoes, result.total.bytes_in),
            (4, 256 * MIB)
        );
        assert!(grown < 8 * MIB, "grown by {grown} B");
    });
}
