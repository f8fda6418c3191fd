//! What each mode does, line by line, in conversations held in lockstep:
//! source line, call, outcome, repeats collapsed. The snapshots are meant to
//! be read side by side.

use crate::support::lockstep::Lockstep;
use crate::support::{lines, trace};
use sockscope::modes::Mode;
use sockscope::net::ServerOptions;
use sockscope::units::Size;

/// Holds a conversation in every mode and compares what each one did.
fn compare(
    name: &str,
    settings: &ServerOptions,
    conversation: fn(&mut Lockstep),
) {
    for mode in Mode::ALL {
        let mut talk = Lockstep::start(mode, settings);
        conversation(&mut talk);
        let text = trace::fold(mode, &talk.finish());
        insta::assert_snapshot!(format!("{name}-{}", mode.name()), text);
    }
}

#[test]
fn one_client_from_connect_to_end_of_file() {
    compare("one-client", &ServerOptions::default(), |talk| {
        talk.connect("alice");
        talk.echo("alice", "hello");
        talk.echo("alice", "again");
        talk.half_close("alice", "");
    });
}

/// Alice is there first and silent; Bob talks. He leaves with a reset.
#[test]
fn one_silent_client_and_one_that_talks() {
    compare("two-clients", &ServerOptions::default(), |talk| {
        talk.connect("alice");
        talk.connect("bob");
        talk.say("bob", "me first");
        talk.echo("alice", "at last");
        talk.half_close("alice", "");
        talk.expect("bob", "me first");
        talk.reset("bob");
    });
}

#[test]
fn six_reads_and_one_echo() {
    let settings = ServerOptions { recv_size: Some(Size(2)), ..lines() };
    compare("two-bytes-at-a-time", &settings, |talk| {
        talk.connect("alice");
        talk.echo("alice", "testing123\r\n");
        talk.half_close("alice", "");
    });
}

#[test]
fn a_line_in_pieces_and_half_a_line() {
    compare("split-lines", &lines(), |talk| {
        talk.connect("alice");
        talk.say("alice", "one li");
        talk.say("alice", "ne\nhalf a line");
        talk.expect("alice", "one line\n");
        talk.half_close("alice", "half a line");
    });
}

/// What comes before `boom` is echoed, then the handler fails.
#[test]
fn a_handler_that_fails() {
    let settings = ServerOptions { boom: Some(true), ..lines() };
    compare("boom", &settings, |talk| {
        talk.connect("alice");
        talk.say("alice", "before\nboom\nafter\n");
        talk.expect("alice", "before\n");
        talk.expect_end("alice");
    });
}

/// The client talks on after the request to stop, and is cut.
#[test]
fn a_stop_with_a_client() {
    compare("stopped", &ServerOptions::default(), |talk| {
        talk.connect("alice");
        talk.request_stop();
        talk.echo("alice", "still here");
        talk.cut();
        talk.expect_end("alice");
    });
}
