//! What becomes of files that exist: inputs, earlier results, files of others,
//! links, full disks, and two writers.

use crate::support::patience::wait_for;
use crate::support::process::{
    BRIEF, Finished, Folder, Program, Server, record, run, sockscope, works,
};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

/// Runs a command line in the folder; words are separated by spaces.
fn run_in(folder: &Folder, line: &str) -> Finished {
    let words: Vec<_> = line.split_whitespace().collect();
    let mut command = sockscope(&words);
    command.current_dir(folder.path(""));
    Program::spawn(command).finish()
}

/// A folder with a brief scenario, a recording and a report of it.
fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    let brief = folder.write("brief.toml", BRIEF);
    record(&folder, "selector", &brief, &[]);
    let report = folder.path("report.json");
    let line = ["selector", "--scenario", &brief, "--ui", "none"];
    let line = [&line[..], &["--report", "json", "-o", &report]].concat();
    run(&line).expect_success();
    folder
}

/// Names in the folder, sorted.
fn names(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path("")).unwrap();
    let name = |it: std::io::Result<fs::DirEntry>| {
        it.unwrap().file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<_> = entries.map(name).collect();
    names.sort();
    names
}

#[track_caller]
fn succeed(folder: &Folder, line: &str) {
    let finished = run_in(folder, line);
    assert_eq!(finished.code(), Some(0), "{line}: {finished:?}");
}

const BRIEFLY: &str = "--scenario brief.toml --ui none";

#[test]
fn a_result_never_replaces_an_input_or_another_output() {
    let folder = folder("inputs");
    let at = |name: &str| folder.path(name);
    fs::hard_link(at("brief.toml"), at("hard.toml")).unwrap();
    fs::hard_link(at("selector.rec"), at("hard.rec")).unwrap();
    fs::hard_link(at("selector.rec"), at("run.serial.rec")).unwrap();
    symlink(".", at("here")).unwrap();
    folder.write("config.toml", "presenter = false\n");
    let bench = "bench selector --rounds 1 --time 50ms -q";
    succeed(&folder, &format!("{bench} --clients 1 -o base.json"));
    let before = names(&folder);
    let content = |name: &str| fs::read(at(name)).unwrap();
    let kept = ["brief.toml", "selector.rec", "config.toml", "base.json"];
    let old = kept.map(content);
    for (line, both) in [
        ("selector {b} -o brief.toml", ["brief.toml", "the scenario"]),
        ("selector {b} -o hard.toml", ["hard.toml", "scenario brief.toml"]),
        ("load 127.0.0.1:1 {s} -o here/brief.toml", ["here/", "the scenario"]),
        (
            "selector {b} --record new.rec -o ./new.rec",
            ["./new.rec", "new.rec"],
        ),
        (
            "selector {b} --record new -o here/new",
            ["here/new", "recording new"],
        ),
        (
            "compare {b} -o c.tasks.rec --record c.rec",
            ["c.tasks.rec", "result"],
        ),
        ("export selector.rec --to svg -o hard.rec", ["hard.rec", "selector"]),
        (
            "compare run.serial.rec base.json -o ./selector.rec",
            ["./selector.rec", "run.serial.rec"],
        ),
        (
            "selector --config config.toml {b} -o here/config.toml",
            ["here/config.toml", "the settings config.toml"],
        ),
        (
            "{bench} --baseline base.json -o here/base.json",
            ["here/base.json", "the baseline base.json"],
        ),
        ("{bench} -o new.json -o here/new.json", ["here/new.json", "result"]),
        (
            "{bench} -o t.hgrm -o here/t.hgrm",
            ["here/t.selector.hgrm", "result"],
        ),
    ] {
        for force in ["", " --force"] {
            let line = line.replace("{b}", BRIEFLY).replace("{bench}", bench);
            let line = line.replace("{s}", "--scenario brief.toml") + force;
            let finished = run_in(&folder, &line);
            assert_eq!(finished.code(), Some(2), "{line}: {finished:?}");
            let said = &finished.stderr;
            assert!(said.contains("are the same file"), "{line}: {said}");
            assert!(both.iter().all(|it| said.contains(it)), "{line}: {said}");
        }
    }
    assert_eq!(kept.map(content), old);
    assert_eq!(names(&folder), before);
}

#[test]
fn only_an_earlier_file_of_the_same_kind_is_replaced_without_force() {
    let folder = folder("kinds");
    let notes = "notes on sockscope\n";
    folder.write("notes", notes);
    folder.write("empty", "");
    for line in [
        "selector {b} -o notes",
        "selector {b} --report json -o notes",
        "selector {b} --record notes",
        "selector {b} --record report.json",
        "selector {b} -o selector.rec",
        "export selector.rec --to html -o notes",
        "export selector.rec --to html -o brief.toml",
        "compare {b} -o notes",
        "load 127.0.0.1:1 -o notes",
        "bench selector -o notes",
        "sweep selector -o notes",
    ] {
        let line = line.replace("{b}", BRIEFLY);
        let finished = run_in(&folder, &line);
        assert_eq!(finished.code(), Some(2), "{line}: {finished:?}");
        assert!(finished.stderr.contains("`--force`"), "{finished:?}");
    }
    assert_eq!(fs::read_to_string(folder.path("notes")).unwrap(), notes);
    for line in ["selector {b} -o empty", "selector {b} -o notes --force"] {
        let line = line.replace("{b}", BRIEFLY);
        succeed(&folder, &line);
    }
    let record = format!("selector {BRIEFLY} --record report.json --force");
    succeed(&folder, &record);
    succeed(&folder, "replay report.json --ui none");
    let pages = folder.path("selector.rec");
    let page = folder.path("sockscope.1");
    fs::rename(pages, &page).unwrap();
    let man = run_in(&folder, "man --dir .");
    assert_eq!(man.code(), Some(2), "{man:?}");
    let file = run_in(&folder, "man --dir brief.toml");
    let words = "sockscope: cannot write brief.toml: not a directory\n";
    assert_eq!((file.code(), &*file.stderr), (Some(1), words));
    succeed(&folder, "man --dir . --force");
    succeed(&folder, "man --dir .");
}

/// What every form of output looks like is known to the next one.
#[test]
fn every_form_of_a_result_replaces_every_other_one() {
    let folder = folder("forms");
    let mut lines = Vec::new();
    for form in ["text", "json", "markdown", "csv"] {
        lines.push(format!("selector {BRIEFLY} --report {form} -o out"));
        lines.push(format!("compare {BRIEFLY} --report {form} -o out"));
    }
    for form in ["perfetto", "csv", "jsonl", "html", "svg", "cast", "md"] {
        lines.push(format!("export selector.rec --to {form} -o out"));
    }
    for form in ["text", "json", "markdown", "csv", "svg"] {
        let bench = "bench selector --clients 1 --rounds 1 --time 50ms -q";
        lines.push(format!("{bench} --report {form} -o out"));
    }
    for line in lines.iter().chain(&lines[..1]) {
        let finished = run_in(&folder, line);
        assert_eq!(finished.code(), Some(0), "{line}: {finished:?}");
    }
    let hgrm = "bench selector --clients 1 --rounds 1 --time 50ms -q -o t.hgrm";
    succeed(&folder, hgrm);
    succeed(&folder, hgrm);
}

#[test]
fn links_are_followed_to_their_targets() {
    let folder = folder("links");
    let at = |name: &str| folder.path(name);
    symlink("target", at("link")).unwrap();
    symlink("target.rec", at("link.rec")).unwrap();
    for _ in 0..2 {
        let line = format!("selector {BRIEFLY} -o link --record link.rec");
        succeed(&folder, &line);
        for name in ["link", "link.rec"] {
            assert!(fs::symlink_metadata(at(name)).unwrap().is_symlink());
        }
    }
    assert!(fs::symlink_metadata(at("target")).unwrap().is_file());
    succeed(&folder, "replay target.rec --ui none");
    symlink("loop", at("loop")).unwrap();
    let looped = run_in(&folder, &format!("selector {BRIEFLY} -o loop"));
    assert_eq!(looped.code(), Some(1), "{looped:?}");
}

#[test]
fn a_replaced_file_keeps_its_permissions() {
    let folder = folder("permissions");
    let path = folder.path("report.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let line = format!("selector {BRIEFLY} --report json -o report.json");
    succeed(&folder, &line);
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn a_second_recording_into_one_file_is_refused() {
    for existing in [false, true] {
        let folder = Folder::new("locked");
        let brief = folder.write("brief.toml", BRIEF);
        let path = if existing {
            record(&folder, "selector", &brief, &[])
        } else {
            folder.path("selector.rec")
        };
        let line = ["selector", "--scenario", "none", "--ui", "none"];
        let line = [&line[..], &["--record", &path]].concat();
        let first = Program::spawn(sockscope(&line));
        first.listening_line();
        wait_for("the first recording has begun", || {
            fs::metadata(&path).is_ok_and(|it| it.len() > 0)
        });
        let second = Program::spawn(sockscope(&line)).finish();
        assert_eq!(second.code(), Some(1), "{second:?}");
        let words = "another run is being recorded into it";
        assert!(second.stderr.contains(words), "{second:?}");
        first.signal(nix::sys::signal::Signal::SIGTERM);
        assert_eq!(first.finish().code(), Some(0));
        run(&["replay", &path, "--ui", "none"]).expect_success();
    }
}

#[test]
fn a_run_that_does_not_begin_leaves_no_recording() {
    let folder = Folder::new("not-begun");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let line = ["selector", "--ui", "none", "--listen", &taken];
    let path = folder.path("new.rec");
    let finished = run(&[&line[..], &["--record", &path]].concat());
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    assert!(names(&folder).is_empty(), "{:?}", names(&folder));
}

#[test]
fn standard_output_by_its_path_is_written_in_place() {
    let folder = folder("stdout");
    let out = fs::File::create(folder.path("out")).unwrap();
    let line = ["selector", "--scenario", "none", "--ui", "none"];
    let line = [&line[..], &["--duration", "50ms", "-o", "/dev/stdout"]];
    let status = sockscope(&line.concat()).stdout(out).status().unwrap();
    assert!(status.success());
    let text = fs::read_to_string(folder.path("out")).unwrap();
    assert!(text.starts_with("selector: "), "{text}");
    let line = format!("selector {BRIEFLY} -o /dev/null --record /dev/null");
    succeed(&folder, &line);
}

/// On a file system of 32 KiB, which takes root's rights and Linux.
#[test]
fn a_full_disk_leaves_earlier_results_as_they_were() {
    let folder = folder("full-disk");
    fs::create_dir(folder.path("disk")).unwrap();
    let script = "mount -t tmpfs -o size=32k tmpfs disk && \
                  cp report.json disk/old.json && cp selector.rec disk && \
                  { dd if=/dev/zero of=disk/fill bs=1k count=100; \
                  \"$@\"; status=$?; cat disk/old.json >seen.json; \
                  cat disk/selector.rec >seen.rec; ls -A disk >seen; \
                  exit $status; }";
    if !works(&["unshare", "-rm", "true"]) {
        return;
    }
    let program = sockscope(&[]).get_program().to_owned();
    for (line, status, old) in [
        ("selector {b} --report json -o disk/old.json", 1, "report.json"),
        ("export selector.rec --to html -o disk/old.json", 1, "report.json"),
        ("selector {b} --record disk/selector.rec", 0, "selector.rec"),
    ] {
        let line = line.replace("{b}", BRIEFLY);
        let mut command = std::process::Command::new("unshare");
        command.args(["-rm", "sh", "-c", script, "sh"]).arg(&program);
        command.args(line.split_whitespace());
        command.env("XDG_CONFIG_HOME", "/nonexistent");
        let finished = Program::spawn({
            command.current_dir(folder.path(""));
            command
        })
        .finish();
        assert_eq!(finished.code(), Some(status), "{line}: {finished:?}");
        let said = &finished.stderr;
        assert!(said.contains("no storage space"), "{line}: {said}");
        let seen = match old {
            "report.json" => "seen.json",
            _ => "seen.rec",
        };
        let read = |name: &str| fs::read(folder.path(name)).unwrap();
        assert_eq!(read(seen), read(old), "{line}");
        let left = fs::read_to_string(folder.path("seen")).unwrap();
        assert_eq!(left, "fill\nold.json\nselector.rec\n", "{line}");
    }
}

/// A run may take hours, and what was seen before it need not hold after it.
#[test]
fn a_file_that_comes_during_the_run_is_not_replaced() {
    let folder = Folder::new("meanwhile");
    let path = folder.path("report");
    for (force, status) in [(None, 1), (Some("--force"), 0)] {
        let _ = fs::remove_file(&path);
        let line = ["selector", "--scenario", "none", "--ui", "none"];
        let line = [&line[..], &["-o", &path]].concat();
        let line = [&line[..], force.as_slice()].concat();
        let program = Program::spawn(sockscope(&line));
        program.listening_line();
        folder.write("report", "mine\n");
        program.signal(nix::sys::signal::Signal::SIGTERM);
        let finished = program.finish();
        assert_eq!(finished.code(), Some(status), "{finished:?}");
        let is_kept = fs::read_to_string(&path).unwrap() == "mine\n";
        assert_eq!(is_kept, force.is_none(), "{finished:?}");
        if is_kept {
            let words =
                "another file has taken this name since, and would be lost";
            assert!(finished.stderr.contains(words), "{finished:?}");
            assert!(finished.stdout.contains("selector: "), "not lost");
        }
    }
}

#[test]
fn a_recording_that_is_removed_during_the_run_is_reported() {
    let folder = Folder::new("removed");
    let path = folder.path("run.rec");
    for others in [None, Some("mine\n")] {
        let server = Server::start("selector", &["--record", &path]);
        wait_for("the recording has begun", || {
            fs::metadata(&path).is_ok_and(|it| it.len() > 0)
        });
        fs::remove_file(&path).unwrap();
        let text = others.map(|text| folder.write("run.rec", text));
        let finished = server.stop();
        assert_eq!(finished.code(), Some(0), "{finished:?}");
        let words = "; it was removed or replaced since\n";
        assert!(finished.stderr.ends_with(words), "{finished:?}");
        let report = finished.report();
        let lacks = report.text("/recording_incomplete");
        assert_eq!(lacks, "its recording was removed or replaced");
        assert_eq!(
            text.map(|it| fs::read_to_string(it).unwrap()).as_deref(),
            others
        );
        let _ = fs::remove_file(&path);
    }
}

#[test]
fn a_recording_never_goes_where_the_report_or_the_log_is_printed() {
    let folder = Folder::new("one-output");
    let brief = folder.write("brief.toml", BRIEF);
    let path = folder.path("out");
    let report = folder.path("report");
    let line = ["selector", "--scenario", &brief];
    for (options, status) in [
        (&["--ui", "none", "--record", &path][..], 2),
        (&["--ui", "none", "--record", "/dev/stdout"], 2),
        (&["--ui", "log", "--record", &path, "-o", &report], 2),
        (&["--ui", "none", "--record", "/dev/stdout", "-o", &report], 0),
    ] {
        let out = fs::File::create(&path).unwrap();
        let mut command = sockscope(&[&line[..], options].concat());
        let output = command.stdout(out).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{options:?}: {said}");
        let words = "what is printed on /dev/stdout are the same file";
        assert_eq!(said.contains(words), status == 2, "{options:?}: {said}");
    }
    run(&["replay", &path, "--ui", "none"]).expect_success();
}

/// As another user, which takes root's rights.
#[test]
fn what_may_not_be_written_is_named_without_a_temporary_file() {
    let folder = folder("forbidden");
    let at = |name: &str| folder.path(name);
    let program = at("program");
    fs::copy(sockscope(&[]).get_program(), &program).unwrap();
    fs::set_permissions(at("report.json"), fs::Permissions::from_mode(0o666))
        .unwrap();
    fs::set_permissions(at(""), fs::Permissions::from_mode(0o755)).unwrap();
    if !works(&["setpriv", "--reuid", "65534", "--clear-groups", "true"]) {
        return;
    }
    let mut command = std::process::Command::new("setpriv");
    command.args(["--reuid", "65534", "--clear-groups"]).arg(&program);
    command.args("selector --scenario none -o report.json".split(' '));
    command.current_dir(at("")).env("XDG_CONFIG_HOME", "/nonexistent");
    let finished = Program::spawn(command).finish();
    assert_eq!(finished.code(), Some(1), "{finished:?}");
    let words = "sockscope: cannot write report.json: permission denied\n";
    assert_eq!(finished.stderr, words);
}
