//! What is printed and written: every form of the report, files, colours,
//! and readers that go away.

use crate::support::process::{
    DURATION, Finished, Folder, MODES, Program, Server, quiet, run, sockscope,
};
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::process::Stdio;

#[test]
fn every_form_of_a_report_begins_as_it_should() {
    let server = Server::start("selector", &[]);
    let address = server.address.to_string();
    let load = ["load", &address, "--scenario", "half-close"];
    let mode = [&["selector", "--ui", "none"][..], &DURATION].concat();
    for (line, title) in [(&load[..], "load"), (&mode, "selector")] {
        for (form, begins) in [
            ("text", format!("{title}: ")),
            ("markdown", format!("# sockscope: {title}\n")),
            ("csv", "path,value\n".into()),
            ("json", "{\n".into()),
        ] {
            let finished = run(&[line, &["--report", form]].concat());
            let text = &finished.expect_success().stdout;
            assert!(text.trim_start().starts_with(&begins), "{form}: {text}");
        }
    }
}

#[test]
fn the_options_of_a_report_are_those_given() {
    let mut line = vec!["--color", "never", "selector", "--report", "json"];
    line.extend(["--ui", "none", "--scenario", "none"]);
    line.extend(DURATION);
    let report = run(&line).expect_success().report();
    let options = report.0["conditions"]["options"].to_string();
    assert!(!options.contains("selector"), "the mode: {options}");
    assert!(options.contains("--duration"), "{options}");
}

#[test]
fn a_report_goes_into_a_file_without_colours() {
    let folder = Folder::new("file");
    let path = folder.path("report");
    for (form, words) in
        [("json", "\"mode\": \"selector\""), ("text", "Server")]
    {
        let mut line = vec!["selector", "--color", "always", "-o", &path];
        line.extend(["--ui", "none", "--report", form]);
        line.extend(DURATION);
        let finished = run(&line);
        finished.expect_success();
        assert_eq!(finished.stdout, "");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(words) && !text.contains('\x1b'), "{text}");
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let folder = Folder::new("unwritable");
    let path = folder.path("not/there");
    let mut line = vec!["selector", "--ui", "none", "-o", &path];
    line.extend(DURATION);
    let finished = run(&line);
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = format!(
        "sockscope: cannot write {path}: no such file or directory; \
                 its folder does not exist\n"
    );
    assert_eq!(finished.stderr, words);
}

#[test]
fn colours_are_as_wanted() {
    let colours = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = sockscope(&["selector", "--ui", "none"]);
        command.args(DURATION).args(args).envs(env.iter().copied());
        let program = Program::spawn(command);
        program.finish().expect_success().stdout.contains('\x1b')
    };
    assert!(!colours(&[], &[]), "no terminal");
    assert!(colours(&["--color", "always"], &[]));
    assert!(colours(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(colours(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colours(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!colours(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

/// Standard output whose reader is gone before the first byte.
fn run_into_closed_pipe(line: &[&str]) -> Finished {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = sockscope(line);
    let child = command
        .stdin(Stdio::null())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(command);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    Finished::new(output.status, String::new(), &stderr)
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    for line in [
        "--help",
        "--version",
        "selector --help",
        "man",
        "completions bash",
        "completions fish",
        "scenario list",
        "schema",
        "schema report",
        "scenario show two-clients",
        "scenario check split-line",
        "selector",
        "selector --ui none --report json",
        "bench selector --clients=2 --rounds=1 --time=50ms -q",
        "sweep tasks --clients=1,2 --rounds=1 --time=50ms -q",
        "compare serial selector",
    ] {
        let line: Vec<_> = line.split(' ').collect();
        run_into_closed_pipe(&line).expect_success();
    }
}

/// As with `2>&1 | head -0`: the status is all that is left to tell.
#[test]
fn an_error_that_nobody_reads_is_no_panic() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = sockscope(&["selector", "--scenario", "nonsense"]);
    let status = command.stderr(writer).stdout(Stdio::null()).status();
    assert_eq!(status.unwrap().code(), Some(2));
}

#[test]
fn a_name_that_is_no_text_is_no_panic() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = Folder::new("no-text-name");
    let path = [folder.path("").as_bytes(), b"report-\xff"].concat();
    let path = OsStr::from_bytes(&path);
    let mut command = quiet("selector", &DURATION);
    command.arg("-o").arg(path);
    Program::spawn(command).finish().expect_success();
    assert!(std::path::Path::new(path).exists());
}

/// As with `| head -1`: the run does not go on without a reader.
#[test]
fn a_log_that_nobody_reads_any_more_ends_it() {
    for mode in MODES {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut command =
            sockscope(&[mode, "--scenario", "none", "--ui", "log"]);
        command.stdin(Stdio::null()).stdout(writer).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(command);
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on ").unwrap().trim_end();
        drop(reader);
        // An event has a line that goes nowhere. The server may have ended
        // before, on the line of a phase.
        let _client = TcpStream::connect(address);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{mode}");
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "{mode}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    for line in [&["scenario", "list"][..], &["man"], &["selector"]] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let output = sockscope(line).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let words = String::from_utf8_lossy(&output.stderr);
        let message = "sockscope: cannot write to standard output: \
                       no storage space\n";
        assert!(words.ends_with(message), "{words}");
    }
}

/// Whatever started it was larger: a shell, cargo, this test.
#[cfg(target_os = "linux")]
#[test]
fn peak_memory_is_its_own() {
    let ballast = vec![1_u8; 128 << 20];
    let finished = Program::spawn(quiet("selector", &DURATION)).finish();
    let report = finished.expect_success().report();
    assert!(ballast.iter().all(|byte| *byte == 1));
    let peak = report.number("/server/peak_memory_bytes");
    assert!((1 << 20..64 << 20).contains(&peak), "{peak}");
}
