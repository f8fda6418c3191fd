//! The command line as a contract: addresses, usage, scenarios, and what is
//! said of mistakes.

use crate::support::Client;
use crate::support::process::MODES;
use crate::support::process::{BRIEF, DURATION, Finished, Folder};
use crate::support::process::{Server, run, run_quiet, sockscope};
use std::net::{Ipv6Addr, TcpListener};

#[track_caller]
fn expect_refusal(finished: &Finished, code: i32, message: &str) {
    assert_eq!(finished.code(), Some(code), "{finished:?}");
    assert_eq!(finished.stdout, "", "nothing runs");
    assert_eq!(finished.stderr, format!("sockscope: {message}\n"));
}

#[test]
fn an_address_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for mode in MODES {
        let finished = run(&[mode, "--listen", &address]);
        let words = format!("cannot bind {address}: address in use");
        expect_refusal(&finished, 1, &words);
    }
}

/// 192.0.2.1 is for documentation and nobody's; see RFC 5737.
#[test]
fn an_address_that_is_not_ours_is_named() {
    let finished = run(&["selector", "--listen", "192.0.2.1:0"]);
    let words = "cannot bind 192.0.2.1:0: address not available";
    expect_refusal(&finished, 1, words);
}

#[test]
fn who_listens_beyond_loopback_is_told_the_limits() {
    let line = [&["--listen", "0.0.0.0:0"][..], &DURATION].concat();
    let finished = run_quiet("selector", &line);
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    let limits = "sockscope: listening beyond loopback: at most 1024 \
                  connections, 256 KiB of pending output each, idle \
                  time-out 1 min 00 s\n";
    assert_eq!(finished.stderr, limits);
}

#[test]
fn loopback_in_other_words_is_loopback() {
    for address in ["127.1.2.3:0", "[::ffff:127.0.0.1]:0", "localhost:0"] {
        let line = [&["--listen", address][..], &DURATION].concat();
        run_quiet("selector", &line).expect_success();
    }
}

#[test]
fn a_malformed_address_is_wrong_usage() {
    for address in ["7007", "localhost", "127.0.0.1:70000", "[::1]", "a b:1"] {
        let finished = run(&["selector", "--listen", address]);
        assert_eq!(finished.code(), Some(2), "{finished:?}");
        assert_eq!(finished.stdout, "");
        assert!(finished.stderr.contains(&format!("'{address}'")));
        assert!(finished.stderr.contains("expected IP:PORT"), "{finished:?}");
    }
}

#[test]
fn wrong_usage_has_status_2() {
    let lines: [&[&str]; 14] = [
        &[],
        &["selectr"],
        &["selector", "--nonsense"],
        &["selector", "--duration", "5 parsecs"],
        &["selector", "--grace", "-1s"],
        &["selector", "--recv-size", "0"],
        &["selector", "--recv-size", "2 GiB", "--buffer-limit", "2 GiB"],
        &["selector", "--sndbuf", "3 GiB"],
        &["scenario", "check", "--rounds", "0"],
        &["selector", "--max-connections", "0"],
        &["selector", "--backlog", "-1"],
        &["selector", "--boom", "--framing", "bytes"],
        &["selector", "--errors", "kept"],
        &["blocking", "--errors", "forgotten"],
    ];
    for line in lines {
        let finished = run(line);
        assert_eq!(finished.code(), Some(2), "{line:?}: {finished:?}");
        assert_eq!(finished.stdout, "", "{line:?}");
        assert_ne!(finished.stderr, "", "{line:?}");
    }
}

#[test]
fn a_scenario_with_a_mistake_is_shown_and_nothing_runs() {
    let folder = Folder::new("mistake");
    let path = folder.write("wrong.toml", BRIEF.replace("steps", "stpes"));
    let lines: [&[&str]; 4] = [
        &["selector", "--scenario", &path],
        &["load", "127.0.0.1:9", "--scenario", &path],
        &["scenario", "check", &path],
        &["scenario", "show", &path],
    ];
    for line in lines {
        let finished = run(line);
        assert_eq!(finished.code(), Some(2), "{line:?}: {finished:?}");
        assert_eq!(finished.stdout, "", "{line:?}");
        let words = finished.stderr;
        assert!(words.contains("`stpes`"), "{words}");
        assert!(words.contains("wrong.toml:5:1"), "{words}");
        assert!(words.contains("^^^^^"), "{words}");
        assert!(words.contains("did you mean `steps`?"), "{words}");
    }
}

#[test]
fn an_unknown_scenario_is_told_the_nearest() {
    let finished = run(&["selector", "--scenario", "two-cleints"]);
    assert_eq!(finished.code(), Some(2), "{finished:?}");
    assert_eq!(finished.stdout, "");
    assert!(finished.stderr.contains("`two-clients`"), "{finished:?}");
}

#[test]
fn a_scenario_that_is_no_text_is_refused() {
    let folder = Folder::new("no-text");
    let path = folder.write("binary.toml", [0xff, 0xfe, 0, 1]);
    let folder_path = folder.path("");
    for path in [path, folder_path] {
        let finished = run(&["selector", "--scenario", &path]);
        assert_eq!(finished.code(), Some(2), "{finished:?}");
        assert_eq!(finished.stdout, "");
    }
}

#[test]
fn a_scenario_that_cannot_be_read_is_named_with_the_cause() {
    let finished = run(&["selector", "--scenario", "not/there.toml"]);
    let words =
        "cannot read scenario not/there.toml: no such file or directory";
    expect_refusal(&finished, 2, words);
}

#[test]
fn a_duration_ends_it() {
    for mode in MODES {
        let finished = run_quiet(mode, &DURATION);
        let report = finished.expect_success().report();
        assert_eq!(report.text("/outcome"), "its time was over");
    }
}

#[test]
fn it_listens_on_ipv6() {
    for mode in MODES {
        let server = Server::start(mode, &["--listen", "[::1]:0"]);
        assert_eq!(server.address.ip(), Ipv6Addr::LOCALHOST);
        Client::connect(server.address).echo("six\n");
        let report = server.report();
        let peer = report.text("/sockets/1/peer");
        assert!(peer.starts_with("[::1]:"), "{peer}");
    }
}

#[test]
fn our_own_clients_speak_ipv6() {
    let mut command = sockscope(&["selector", "--listen", "[::1]:0"]);
    command.args(["--scenario", "split-line", "--report", "json"]);
    command.args(["--ui", "none"]);
    let server = Server::spawn(command);
    let finished = server.program.finish();
    let report = finished.expect_success().report();
    assert_eq!(report.text("/outcome"), "all clients were done");
}

/// What a scenario wants of a server cannot be had of one that is not ours.
#[test]
fn load_says_what_it_leaves_out() {
    let server = Server::start("selector", &[]);
    let address = server.address.to_string();
    let finished = run(&["load", &address, "--scenario", "split-line"]);
    assert!(finished.stderr.contains("are left out"), "{}", finished.stderr);
}

#[test]
fn load_speaks_to_any_server() {
    for listen in ["127.0.0.1:0", "[::1]:0"] {
        let server = Server::start("selector", &["--listen", listen]);
        let address = server.address.to_string();
        let finished = run(&["load", &address, "--scenario", "half-close"]);
        finished.expect_success();
        assert!(server.report().number("/server/echoes") > 0);
    }
}
