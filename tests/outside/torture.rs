//! Torture: a run with each of its system calls failing, once or from then on,
//! as curl's tests of that name make each allocation fail.
//!
//! strace(1) lists the calls of an undisturbed run and then makes each of them
//! fail (`-e inject`). What must hold whatever fails is in [`Case::judge`].
//! `SOCKSCOPE_TORTURE=all` runs the whole table, a number a sample with that
//! seed; without it the sample has a seed of its own, which is printed.

use crate::support::process::{
    Folder, MODES, Report, send_signal, sockscope, works,
};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// The calls that are made to fail, with errors that their man pages name.
const TABLE: &[(&str, &[&str])] = &[
    ("accept4", &["ECONNABORTED", "EMFILE", "ENOBUFS", "EPERM", "EINTR"]),
    ("bind", &["EADDRINUSE", "EACCES"]),
    ("clone3", &["EAGAIN", "ENOMEM"]),
    ("connect", &["ECONNREFUSED", "EADDRNOTAVAIL"]),
    ("epoll_create1", &["EMFILE", "ENOMEM"]),
    ("epoll_ctl", &["ENOMEM", "ENOSPC", "EPERM"]),
    ("epoll_pwait", &["EBADF", "EINVAL"]),
    ("epoll_wait", &["EBADF", "EINVAL"]),
    ("eventfd2", &["EMFILE"]),
    ("getsockname", &["ENOBUFS"]),
    ("getsockopt", &["ENOPROTOOPT"]),
    ("ioctl", &["ENOTTY", "EINVAL"]),
    ("listen", &["EADDRINUSE"]),
    ("prctl", &["EPERM"]),
    ("prlimit64", &["EPERM"]),
    ("recvfrom", &["ECONNRESET", "ENOMEM", "EINTR", "ETIMEDOUT"]),
    ("sendto", &["EPIPE", "ECONNRESET", "ENOBUFS", "EINTR"]),
    ("setsockopt", &["EINVAL", "ENOPROTOOPT", "ENOMEM"]),
    ("shutdown", &["ENOTCONN"]),
    ("socket", &["EMFILE", "EACCES"]),
    ("timerfd_create", &["EMFILE"]),
    ("timerfd_settime", &["EINVAL"]),
    ("write", &["ENOSPC", "EIO"]),
];

/// How many calls of a kind in one thread are made to fail in turn.
const MOST_PLACES: u32 = 4;

/// How many runs of the table a sample has.
const SAMPLE: usize = 48;

/// Each run mostly waits.
const AT_ONCE: usize = 6;

/// How long a run may take with everything that it waits for.
const LIMIT: Duration = Duration::from_secs(40);

/// How long to wait for the line that says where it listens, which may be what
/// fails.
const LISTENING: Duration = Duration::from_secs(5);

/// How long a client waits for an echo.
const PATIENCE: Duration = Duration::from_secs(3);

/// A call that fails more often in a run is made again without a pause.
const MOST_FAILURES: usize = 300;

const CLIENTS: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// Clients of the test connect, and a signal ends the run.
    Served,
    /// The clients of a scenario are in the same process and fail, too.
    Scenario,
    /// As [`Served`](Self::Served), recorded.
    Recorded,
}

const SHAPES: [Shape; 3] = [Shape::Served, Shape::Scenario, Shape::Recorded];

/// One run: the call fails as the thread makes it for this time.
#[derive(Clone, Copy, Debug)]
struct Case {
    mode: &'static str,
    shape: Shape,
    call: &'static str,
    error: &'static str,
    place: u32,
    from_then_on: bool,
}

/// What became of a run.
struct Outcome {
    code: Option<i32>,
    has_ended: bool,
    stdout: String,
    stderr: String,
    trace: String,
    /// Of each client: whether it was served to the end, or else a fault of
    /// its echo.
    clients: Vec<Result<bool, String>>,
}

/// Starts the program under strace, which is not between it and us (`-D`).
fn start(case: (&str, Shape), inject: &[String], folder: &Folder) -> Child {
    let (mode, shape) = case;
    let calls: Vec<_> = TABLE.iter().map(|(call, _)| *call).collect();
    let mut args: Vec<String> =
        ["-D", "-f", "-qq", "--seccomp-bpf", "-o"].map(str::to_owned).into();
    args.push(folder.path("trace"));
    match inject {
        [] => args.extend(["-e".into(), format!("trace={}", calls.join(","))]),
        inject => args.extend(inject.iter().cloned()),
    }
    let program = sockscope(&[]);
    let mut command = Command::new("strace");
    command.args(args).arg(program.get_program());
    command.args([mode, "--ui", "none", "--report", "json"]);
    command.args(["--grace", "200ms", "--scenario"]);
    match shape {
        Shape::Served => command.arg("none"),
        Shape::Scenario => command.arg(folder.write("torture.toml", SCENARIO)),
        Shape::Recorded => {
            let file = folder.path("torture.rec");
            command.args(["none", "--record", &file])
        }
    };
    command.env("XDG_CONFIG_HOME", "/nonexistent");
    command.stdin(Stdio::null());
    command.stdout(fs::File::create(folder.path("stdout")).unwrap());
    command.stderr(Stdio::piped()).spawn().expect("strace starts")
}

const SCENARIO: &str = include_str!("torture.toml");

/// Sends what comes on standard error, line by line.
fn lines(child: &mut Child) -> Receiver<String> {
    let stderr = child.stderr.take().unwrap();
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    lines
}

/// Says three lines and reads their echoes: whether all came back.
fn talk(address: SocketAddr, number: usize) -> Result<bool, String> {
    let Ok(mut stream) = TcpStream::connect(address) else { return Ok(false) };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    for round in 0..3 {
        let line = format!("client {number} says {round}\n");
        if stream.write_all(line.as_bytes()).is_err() {
            return Ok(false);
        }
        let mut echo = vec![0; line.len()];
        let mut had = 0;
        while had < echo.len() {
            match stream.read(&mut echo[had..]) {
                Ok(0) => return Ok(false),
                Ok(count) => had += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Ok(false),
            }
            if !line.as_bytes().starts_with(&echo[..had]) {
                return Err(format!("client {number} got a wrong echo"));
            }
        }
    }
    let _ = stream.shutdown(Shutdown::Write);
    let rest = stream.read(&mut [0; 8]);
    match rest {
        Ok(1..) => Err(format!("client {number} got more than its echo")),
        rest => Ok(rest.is_ok()),
    }
}

fn run(case: (&str, Shape), inject: &[String], folder: &Folder) -> Outcome {
    let begun = Instant::now();
    let mut child = start(case, inject, folder);
    let said = lines(&mut child);
    let mut stderr = String::new();
    let mut clients = Vec::new();
    while let Ok(line) = said.recv_timeout(LISTENING) {
        let address = line.strip_prefix("listening on ");
        stderr.extend([&line, "\n"]);
        if let Some(address) = address {
            if case.1 != Shape::Scenario {
                let address = address.parse().unwrap();
                clients = (0..CLIENTS).map(|it| (it, address)).collect();
            }
            break;
        }
    }
    let clients = thread::scope(|scope| {
        let mut handles = Vec::new();
        for (number, address) in clients {
            handles.push(scope.spawn(move || talk(address, number)));
        }
        handles.into_iter().map(|it| it.join().unwrap()).collect()
    });
    if case.1 != Shape::Scenario && child.try_wait().unwrap().is_none() {
        send_signal(child.id(), Signal::SIGTERM);
    }
    let mut status = child.try_wait().unwrap();
    while status.is_none() && begun.elapsed() < LIMIT {
        thread::sleep(Duration::from_millis(5));
        status = child.try_wait().unwrap();
    }
    let has_ended = status.is_some();
    if !has_ended {
        let _ = child.kill();
        let _ = child.wait();
    }
    while let Ok(line) = said.recv_timeout(Duration::from_millis(200)) {
        stderr.extend([&line, "\n"]);
    }
    let read = |name| fs::read(folder.path(name)).unwrap_or_default();
    let text = |name| String::from_utf8_lossy(&read(name)).into_owned();
    Outcome {
        code: status.and_then(|it| it.code()),
        has_ended,
        stdout: text("stdout"),
        stderr,
        trace: text("trace"),
        clients,
    }
}

impl Case {
    fn inject(self) -> [String; 4] {
        let Self { call, error, place, from_then_on, .. } = self;
        let plus = if from_then_on { "+" } else { "" };
        let inject = format!("inject={call}:error={error}:when={place}{plus}");
        ["-e".into(), format!("trace={call}"), "-e".into(), inject]
    }

    fn words(self) -> String {
        let Self { mode, shape, call, error, place, from_then_on } = self;
        let on = if from_then_on { " on" } else { "" };
        format!("{mode} {shape:?}: {call} {error} from {place}{on}")
            .replace("from", if from_then_on { "from" } else { "at" })
    }

    /// What is wrong with the run; `None` if nothing is.
    fn judge(self, it: &Outcome) -> Option<String> {
        let failed = it.trace.lines().filter(|it| it.contains("(INJECTED)"));
        let failed: Vec<_> = failed.collect();
        if !it.has_ended {
            return Some(format!("it hangs after {} failures", failed.len()));
        }
        if it.stderr.contains("panicked") || it.code.is_none() {
            return Some(format!("a panic or crash: {}", it.stderr));
        }
        if failed.len() > MOST_FAILURES {
            return Some(format!("a busy loop: {} failures", failed.len()));
        }
        let wrong = it.clients.iter().find_map(|it| it.clone().err());
        if wrong.is_some() {
            return wrong;
        }
        if self.shape == Shape::Scenario {
            return None;
        }
        let lost = it.clients.iter().filter(|it| **it != Ok(true)).count();
        let report = serde_json::from_str::<Value>(&it.stdout).ok();
        match (it.code, &report) {
            (Some(0), Some(_)) if lost == CLIENTS && self.from_then_on => {
                // Each of them may have met the failure for itself.
                let own = ["recvfrom", "sendto", "epoll_ctl", "clone3"];
                let is_own = own.contains(&self.call);
                if !is_own {
                    return Some("no client was served, but status 0".into());
                }
            }
            // Standard output or the descriptors are what fails.
            (Some(0), None) if self.call != "write" => {
                return Some(format!("no report, but status 0: {}", it.stderr));
            }
            (Some(1), _)
                if lost == 0
                    && !it.clients.is_empty()
                    && !self.from_then_on
                    && self.call != "write" =>
            {
                return Some(format!(
                    "all served, but status 1: {}",
                    it.stderr
                ));
            }
            _ => {}
        }
        // Each thread of `blocking` counts for itself.
        let one_each = self.mode == "blocking";
        let most = if one_each { CLIENTS } else { 1 };
        if !self.from_then_on && it.code == Some(0) && lost > most {
            return Some(format!("{lost} clients were lost"));
        }
        let report = Report(report?);
        self.unnamed(&report, &failed)
    }

    /// The failure, if the report does not name it.
    fn unnamed(self, report: &Report, failed: &[&str]) -> Option<String> {
        let named = [
            "accept4",
            "recvfrom",
            "sendto",
            "epoll_pwait",
            "epoll_wait",
            "timerfd_settime",
            "setsockopt",
            "epoll_ctl",
        ];
        // A socket that is closed next leaves the selector in any case, and the
        // alarm has the eventfd beside it.
        let counts = |line: &&&str| !line.contains("EPOLL_CTL_DEL");
        if !named.contains(&self.call)
            || failed.iter().filter(counts).count() == 0
        {
            return None;
        }
        let number = error_number(self.error);
        let calls = report.0["server"]["failed_calls"].as_array();
        let is_counted = calls
            .is_some_and(|calls| calls.iter().any(|it| it["number"] == number));
        let is_reset = report.ended("reset") > 0;
        let is_end = report.0["failure"].is_string();
        let is_start = self.call == "setsockopt" || self.call == "epoll_ctl";
        let is_passing = self.error == "EINTR";
        (!is_counted && !is_reset && !is_end && !is_start && !is_passing)
            .then(|| format!("{} {} is not named", self.call, self.error))
    }
}

fn error_number(name: &str) -> i32 {
    let all = (1..200).map(Errno::from_raw);
    let mut all = all.filter(|it| format!("{it:?}") == name);
    all.next().expect("an error of that name") as i32
}

/// How often a thread makes each call of the table, at most.
fn list(mode: &str, shape: Shape) -> BTreeMap<&'static str, u32> {
    let folder = Folder::new("torture-list");
    let outcome = run((mode, shape), &[], &folder);
    assert_eq!(outcome.code, Some(0), "{mode} {shape:?}: {}", outcome.stderr);
    let mut counts: BTreeMap<(String, &'static str), u32> = BTreeMap::new();
    for line in outcome.trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let name = rest.trim_start().split('(').next().unwrap_or_default();
        if let Some((call, _)) = TABLE.iter().find(|(it, _)| *it == name) {
            *counts.entry((thread.into(), call)).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((_, call), count) in counts {
        let before: &mut u32 = most.entry(call).or_default();
        *before = count.max(*before);
    }
    most
}

fn table() -> Vec<Case> {
    let mut all = Vec::new();
    for mode in MODES {
        for shape in SHAPES {
            for (call, most) in list(mode, shape) {
                let errors = TABLE.iter().find(|(it, _)| *it == call);
                for error in errors.unwrap().1 {
                    for place in 1..=most.min(MOST_PLACES) {
                        for from_then_on in [false, true] {
                            all.push(Case {
                                mode,
                                shape,
                                call,
                                error,
                                place,
                                from_then_on,
                            });
                        }
                    }
                }
            }
        }
    }
    all
}

/// A sample of the table, in an order that the seed alone decides.
fn sample(mut all: Vec<Case>, mut seed: u64) -> Vec<Case> {
    let mut chosen = Vec::new();
    while chosen.len() < SAMPLE && !all.is_empty() {
        // Knuth's constants of a linear congruential generator.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005);
        seed = seed.wrapping_add(1_442_695_040_888_963_407);
        let place = usize::try_from(seed >> 33).unwrap() % all.len();
        chosen.push(all.swap_remove(place));
    }
    chosen
}

#[test]
fn a_failing_system_call_affects_only_what_depends_on_it() {
    if !works(&["strace", "-D", "-f", "--seccomp-bpf", "-qq", "true"]) {
        return;
    }
    let wanted = std::env::var("SOCKSCOPE_TORTURE").unwrap_or_default();
    let all = table();
    let cases = if wanted == "all" {
        all
    } else {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let seed = wanted.parse().unwrap_or(now);
        println!("SOCKSCOPE_TORTURE={seed} repeats this sample");
        sample(all, seed)
    };
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, SeqCst)) {
                    let folder = Folder::new("torture");
                    let key = (case.mode, case.shape);
                    let outcome = run(key, &case.inject(), &folder);
                    if let Some(fault) = case.judge(&outcome) {
                        let line = format!("{}: {fault}", case.words());
                        println!("{line}");
                        let found = found.lock();
                        found
                            .unwrap_or_else(PoisonError::into_inner)
                            .push(line);
                    }
                }
            });
        }
    });
    let calls: BTreeSet<_> = cases.iter().map(|it| it.call).collect();
    let errors: BTreeSet<_> =
        cases.iter().map(|it| (it.call, it.error)).collect();
    let found = found.into_inner().unwrap();
    println!(
        "{} calls, {} errors, {} runs, {} findings",
        calls.len(),
        errors.len(),
        cases.len(),
        found.len()
    );
    assert!(found.is_empty(), "{}", found.join("\n"));
}
