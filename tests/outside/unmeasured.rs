//! What was not measured is no number.
//!
//! Goal: neither `NaN` nor an infinity nor a negative zero in any form of any
//! output. Method: runs in which nothing happens, their recordings in every
//! form, clients that get nothing back, a bench in which nothing is due.

use super::bench::result;
use crate::support::numbers::expect_no_empty_number;
use crate::support::peers::{Manner, Peer};
use crate::support::process::{Folder, Program, run, sockscope};
use sockscope::load::ClientTrouble;
use std::fs::read_to_string;

const REPORTS: [&str; 4] = ["text", "json", "markdown", "csv"];

/// Nothing but a server that nobody talks to, for a moment.
fn idle_run(mode: &str, options: &[&str]) -> String {
    let idle = ["--scenario", "none", "--duration", "50ms", "--ui", "none"];
    let finished = run(&[&[mode], &idle[..], options].concat());
    assert_eq!(finished.code(), Some(0), "{finished:?}");
    finished.stdout
}

#[test]
fn a_run_in_which_nothing_happens_has_no_empty_number() {
    for mode in ["serial", "blocking", "nonblocking", "selector", "tasks"] {
        for form in REPORTS {
            expect_no_empty_number(&idle_run(mode, &["--report", form]));
        }
    }
}

#[test]
fn a_recording_in_which_nothing_happens_has_no_empty_number_in_any_form() {
    let folder = Folder::new("idle-recordings");
    let [one, other] = ["serial", "tasks"].map(|mode| {
        let file = folder.path(&format!("{mode}.rec"));
        idle_run(mode, &["--record", &file]);
        file
    });
    for form in REPORTS {
        let args = ["compare", &one, &other, "--report", form];
        expect_no_empty_number(&run(&args).expect_success().stdout);
    }
    for file in [&one, &other] {
        let log = run(&["replay", file, "--ui", "log"]);
        expect_no_empty_number(&log.expect_success().stdout);
        for form in ["csv", "jsonl", "perfetto", "svg", "cast", "md", "html"] {
            let target = folder.path(&format!("all.{form}"));
            let args = ["export", file, "--to", form, "-o", &target, "--force"];
            run(&args).expect_success();
            let text = read_to_string(&target).unwrap();
            expect_no_empty_number(content(&text));
        }
    }
}

/// Of a page only its data: its scripts may speak of infinity.
fn content(text: &str) -> &str {
    let data = text.split_once("id=\"data\"");
    let data = data.and_then(|(_, it)| it.split_once("</script>"));
    data.map_or(text, |(data, _)| data)
}

#[test]
fn clients_that_get_nothing_back_have_no_empty_number() {
    let peer = Peer::start(Manner::Silent);
    let address = peer.address().to_string();
    for form in REPORTS {
        let args = ["load", &address, "--duration", "200ms", "--report", form];
        let finished = run(&args);
        assert_eq!(finished.code(), Some(1), "{finished:?}");
        expect_no_empty_number(&finished.stdout);
    }
}

/// No form has a number for what was not measured.
#[test]
fn a_rate_at_which_nothing_is_due_is_named_in_every_form() {
    let folder = Folder::new("nothing-due");
    let forms = ["json", "csv", "md", "svg", "txt", "hgrm"];
    let files = forms.map(|it| folder.path(&format!("b.{it}")));
    let args = ["bench", "selector", "--rate", "0.001", "--time", "10ms"];
    let mut args = [&args[..], &["--rounds", "2"]].concat();
    for file in &files {
        args.extend(["-o", file]);
    }
    let finished = Program::spawn(sockscope(&args)).finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "the clients had no message to send in the window";
    assert!(finished.stderr.contains(&format!("{words}; use a higher rate")));
    let files = files.map(|it| it.replace("b.hgrm", "b.selector.hgrm"));
    let texts = files.map(|it| read_to_string(it).unwrap());
    for text in texts.iter().chain([&finished.stdout]) {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_json = text.starts_with('{');
        assert!(is_json || flat.contains(words), "{text}");
        assert!(!text.contains("selector failed"), "{text}");
        expect_no_empty_number(text);
    }
    let result = result(&texts[0]);
    let [server] = &result.points[0].subjects[..] else { panic!("{result:?}") };
    let troubles: Vec<_> =
        server.troubles.iter().map(|it| it.trouble).collect();
    assert_eq!(troubles, [ClientTrouble::NothingDue; 2]);
    assert!(server.samples.is_empty(), "{server:?}");
}
