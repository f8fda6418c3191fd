//! The command line as a contract: addresses, usage, scenarios, and what is
//! said of mistakes.

use crate::support::Client;
use crate::support::process::{
    BRIEF, DURATION, Finished, Folder, MODES, Server, run, run_quiet, sockscope,
};
use std::net::{Ipv6Addr, TcpListener};

#[track_caller]
fn expect_refusal(finished: &Finished, code: i32, message: &str) {
    assert_eq!(finished.code(), Some(code), "{finished:?}");
    assert_eq!(finished.stdout, "", "nothing runs");
    assert!(finished.stderr.contains(message), "{finished:?}");
}

#[test]
fn an_address_that_cannot_be_used_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    // 192.0.2.1 is for documentation; see RFC 5737.
    let not_ours = "192.0.2.1:0".to_owned();
    let wrong =
        [(taken, "address in use"), (not_ours, "address not available")];
    for (address, cause) in wrong {
        for mode in MODES {
            let finished = run(&[mode, "--listen", &address]);
            let words = format!("sockscope: cannot bind {address}: {cause}; ");
            expect_refusal(&finished, 1, &words);
        }
    }
    for address in ["7007", "localhost", "127.0.0.1:70000", "[::1]", "a b:1"] {
        let finished = run(&["selector", "--listen", address]);
        expect_refusal(&finished, 2, &format!("'{address}'"));
        assert!(finished.stderr.contains("expected IP:PORT"), "{finished:?}");
    }
}

#[test]
fn a_server_beyond_loopback_reports_its_limits() {
    let line = [&["--listen", "0.0.0.0:0"][..], &DURATION].concat();
    let finished = run_quiet("selector", &line);
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    let limits = "sockscope: listening beyond loopback: at most 1024 \
                  connections, 256 KiB of pending output each, idle \
                  time-out 1 min 00 s\n";
    assert_eq!(finished.stderr, limits);
    let folder = Folder::new("public");
    let file = folder.path("run.rec");
    let options = ["--record", &file, "--record-limit", "3 MiB"];
    let finished = run_quiet("selector", &[&line[..], &options].concat());
    let limits = limits.trim_end();
    let limits = format!("{limits}, recording of at most 3 MiB\n");
    assert!(finished.stderr.starts_with(&limits), "{finished:?}");
    for address in ["127.1.2.3:0", "[::ffff:127.0.0.1]:0", "localhost:0"] {
        let line = [&["--listen", address][..], &DURATION].concat();
        run_quiet("selector", &line).expect_success();
    }
}

#[test]
fn wrong_usage_has_status_2() {
    for line in [
        "selectr",
        "selector --nonsense",
        "selector --duration 5parsecs",
        "selector --grace -1s",
        "selector --recv-size 0",
        "selector --recv-size 2GiB --buffer-limit 2GiB",
        "selector --sndbuf 3GiB",
        "scenario check --rounds 0",
        "selector --max-connections 0",
        "selector --backlog -1",
        "selector --boom --framing bytes",
        "selector --errors kept",
        "blocking --errors forgotten",
    ] {
        let finished = run(&line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(finished.code(), Some(2), "{line}: {finished:?}");
        assert_eq!(finished.stdout, "", "{line}");
        assert_ne!(finished.stderr, "", "{line}");
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
        expect_refusal(&finished, 2, "`stpes`");
        for words in ["wrong.toml:4:1", "^^^^^", "did you mean `steps`?"] {
            assert!(finished.stderr.contains(words), "{finished:?}");
        }
    }
}

#[test]
fn a_scenario_that_cannot_be_read_is_refused_with_the_cause() {
    let folder = Folder::new("no-text");
    for (scenario, words) in [
        ("two-cleints", "did you mean `two-clients`?"),
        ("nothing like it", "`sockscope scenario list` names them"),
        (
            "not/there.toml",
            "sockscope: cannot read scenario not/there.toml: no such file or \
             directory\n",
        ),
        (&folder.write("binary.toml", [0xff, 0xfe, 0, 1]), "binary.toml"),
        (&folder.path(""), "cannot read scenario"),
    ] {
        let finished = run(&["selector", "--scenario", scenario]);
        expect_refusal(&finished, 2, words);
    }
}

#[test]
fn servers_and_our_own_clients_speak_ipv6() {
    for mode in MODES {
        let server = Server::start(mode, &["--listen", "[::1]:0"]);
        assert_eq!(server.address.ip(), Ipv6Addr::LOCALHOST);
        Client::connect(server.address).echo("six\n");
        let report = server.report();
        let peer = report.text("/sockets/1/peer");
        assert!(peer.starts_with("[::1]:"), "{peer}");
    }
    let mut command = sockscope(&["selector", "--listen", "[::1]:0"]);
    command.args(["--scenario", "split-line", "--report", "json"]);
    command.args(["--ui", "none"]);
    let finished = Server::spawn(command).program.finish();
    let report = finished.expect_success().report();
    assert_eq!(report.text("/outcome"), "all clients were done");
}

#[test]
fn load_speaks_to_any_server_and_says_what_it_leaves_out() {
    for listen in ["127.0.0.1:0", "[::1]:0"] {
        let server = Server::start("selector", &["--listen", listen]);
        let address = server.address.to_string();
        run(&["load", &address, "--scenario", "half-close"]).expect_success();
        // It sets options of the server, which is not ours.
        let finished = run(&["load", &address, "--scenario", "split-line"]);
        assert!(finished.stderr.contains("are left out"), "{finished:?}");
        assert!(server.report().number("/server/echoes") > 0);
    }
}
