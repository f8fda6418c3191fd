//! A terminal that is not read, and one that goes away: neither holds up the
//! end of a run, and what was measured is kept.

use super::session::{LARGE, SURROUNDINGS, pty_size};
use crate::support::patience::{holds, holds_undisturbed, wait_for};
use crate::support::process::{Folder, record, run, send_signal, sockscope};
use nix::sys::signal::Signal;
use portable_pty::{
    Child, CommandBuilder, MasterPty, PtyPair, native_pty_system,
};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// What a program sends before it draws on the whole screen.
const ALTERNATE_SCREEN: &str = "\x1b[?1049h";

/// The program in a terminal that is read only at the beginning.
struct Unread {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    output: Box<dyn Read + Send>,
}

impl Unread {
    /// Starts the program; SIGHUP is ignored if `ignored` says so.
    fn start(args: &[&str], ignored: bool) -> Self {
        let PtyPair { master, slave } =
            native_pty_system().openpty(pty_size(LARGE)).unwrap();
        let program = sockscope(args);
        let mut command = CommandBuilder::new("sh");
        let trap = if ignored { "trap '' HUP; " } else { "" };
        command.args(["-c", &format!("{trap}exec \"$@\""), "sh"]);
        command.arg(program.get_program());
        command.args(program.get_args());
        for (name, value) in SURROUNDINGS {
            command.env(name, value);
        }
        let child = slave.spawn_command(command).unwrap();
        let output = master.try_clone_reader().unwrap();
        Self { child, master, output }
    }

    /// Reads until these words have come.
    fn read_to(&mut self, words: &str) {
        let mut text = String::new();
        while !text.contains(words) {
            let mut bytes = [0; 1024];
            let count = self.output.read(&mut bytes).unwrap();
            assert!(count > 0, "{words}: {text}");
            text += &String::from_utf8_lossy(&bytes[..count]);
        }
    }

    fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Waits until the terminal takes nothing more: the thread that writes to
    /// it makes no progress, although the clocks on the screen go on.
    fn wait_until_stalled(&self) {
        let switches = || {
            let status = self.writer()?.join("status");
            let status = std::fs::read_to_string(status).ok()?;
            let mut lines = status.lines();
            let line = lines.find(|it| it.starts_with("voluntary"))?;
            Some(line.to_owned())
        };
        wait_for("the terminal is full", || {
            let before = switches();
            thread::sleep(Duration::from_millis(400));
            before.is_some() && before == switches()
        });
    }

    /// The thread that writes to standard output.
    fn writer(&self) -> Option<PathBuf> {
        let tasks = Path::new("/proc").join(self.pid().to_string());
        let tasks = std::fs::read_dir(tasks.join("task")).ok()?;
        tasks.flatten().map(|it| it.path()).find(|it| {
            let name = std::fs::read_to_string(it.join("comm"));
            name.is_ok_and(|it| it.trim() == "stdout")
        })
    }

    /// Waits for its end and returns its exit status.
    fn end(&mut self) -> u32 {
        let mut status = None;
        wait_for("it ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().exit_code()
    }

    /// Closes the terminal, and returns the exit status and after which time it
    /// ended.
    fn lose(self) -> (u32, Duration) {
        let Self { mut child, master, output } = self;
        let start = Instant::now();
        drop((master, output));
        let mut status = None;
        wait_for("it ends without its terminal", || {
            status = child.try_wait().unwrap();
            status.is_some()
        });
        (status.unwrap().exit_code(), start.elapsed())
    }
}

#[test]
fn a_terminal_that_is_not_read_holds_up_no_end() {
    let folder = Folder::new("unread-terminal");
    let files = ["r.json", "run.rec"].map(|it| folder.path(it));
    let [report, recording] = &files;
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let args = ["selector", "--scenario", "none", "--record", recording];
        let args = [&args[..], &["-o", report, "--report", "json"]].concat();
        let mut terminal = Unread::start(&args, false);
        terminal.read_to("listening on");
        terminal.wait_until_stalled();
        send_signal(terminal.pid(), signal);
        assert_eq!(terminal.end(), 0);
        let text = std::fs::read_to_string(report).unwrap();
        assert!(text.contains(signal.as_str()), "{text}");
        let replayed = run(&["replay", recording]);
        assert_eq!(replayed.expect_success().stderr, "", "it is whole");
        std::fs::remove_file(report).unwrap();
    }
}

#[test]
fn a_second_signal_ends_it_at_once_without_a_reader() {
    holds_undisturbed("it ends at once", || {
        let args = ["serial", "--scenario", "none"];
        let mut terminal = Unread::start(&args, false);
        terminal.read_to("listening on");
        terminal.wait_until_stalled();
        // Its report waits for the terminal. Of two signals that are pending,
        // the one with the smaller number is taken first.
        send_signal(terminal.pid(), Signal::SIGINT);
        let start = Instant::now();
        send_signal(terminal.pid(), Signal::SIGTERM);
        let status = terminal.end();
        let took = start.elapsed();
        assert_eq!(status, 143);
        holds(took < Duration::from_millis(200), format!("{took:?}"))
    });
}

/// With and without a signal that says so.
#[test]
fn a_terminal_that_goes_away_ends_every_screen_in_order() {
    let folder = Folder::new("lost");
    let [one, other] =
        ["serial", "tasks"].map(|mode| record(&folder, mode, "boom", &[]));
    let recording = folder.path("lost.rec");
    let live = ["selector", "--scenario", "none", "--record", &recording];
    let compare = ["compare", "serial", "tasks"];
    let replay = ["replay", &one];
    let recorded = ["compare", &one, &other];
    for ignored in [true, false] {
        for args in [&live[..], &compare, &replay, &recorded] {
            holds_undisturbed("it ends soon", || {
                let mut terminal = Unread::start(args, ignored);
                terminal.read_to(ALTERNATE_SCREEN);
                let (_, took) = terminal.lose();
                let words = format!("{args:?} {ignored}: {took:?}");
                holds(took < Duration::from_secs(2), words)
            });
        }
        let replayed = run(&["replay", &recording]);
        assert_eq!(replayed.expect_success().stderr, "", "it is whole");
    }
}

/// A bench that is to survive the terminal goes on.
#[test]
fn a_bench_without_its_terminal_ends_as_hang_ups_are_heeded() {
    let folder = Folder::new("lost-bench");
    let path = folder.path("r.json");
    let args = ["bench", "selector", "--clients=2", "--rounds=3"];
    let args = [&args[..], &["--time=50ms", "-o", &path]].concat();
    for ignored in [true, false] {
        let mut terminal = Unread::start(&args, ignored);
        terminal.read_to("round 1 of 3");
        terminal.lose();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("\"schema_version\""), "{text}");
        std::fs::remove_file(&path).unwrap();
    }
}
