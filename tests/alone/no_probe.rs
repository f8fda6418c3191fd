//! The probe that observes nothing costs nothing: an instrumented read that
//! would block takes as many instructions as the same read by hand, fully
//! optimised. Instructions are counted by callgrind, so that the
//! figure is exact and the same on a busy machine.

use serde_json::Value;
use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many instructions the two may differ by, for a register more or less
/// that is moved.
const TOLERANCE: u64 = 2;

const FEW: u64 = 1_000;
const MANY: u64 = 11_000;

#[test]
fn an_instrumented_read_with_no_probe_is_the_raw_one() {
    if !is_there("valgrind") {
        assert!(env::var_os("CI").is_none(), "valgrind is needed here");
        println!("skipped: valgrind is not there");
        return;
    }
    let program = build();
    let by_hand = instructions_per_read(&program, "by-hand");
    let observed = instructions_per_read(&program, "observed");
    println!("instructions: {by_hand} by hand, {observed} observed");
    assert!(by_hand > 50, "that is no read: {by_hand}");
    let difference = by_hand.abs_diff(observed);
    assert!(difference <= TOLERANCE, "{by_hand} by hand, {observed} not");
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// Compiles the program that reads. A release build of everything would take
/// minutes, and most of it has no part in a read: only the program's own
/// modules are optimised here, and linked with the packages that the tests
/// are linked with.
fn build() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions");
    let libraries = libraries();
    let folder = libraries.values().next().unwrap().parent().unwrap();
    let mut rustc =
        Command::new(Path::new(env!("CARGO")).with_file_name("rustc"));
    rustc
        .args([
            "--edition",
            "2024",
            "-C",
            "opt-level=3",
            "--cap-lints",
            "allow",
        ])
        .arg(root.join("tests/instructions/read.rs"))
        .arg("-L")
        .arg(format!("dependency={}", folder.display()))
        .arg("-o")
        .arg(&program);
    for (name, file) in &libraries {
        rustc.arg("--extern").arg(format!("{name}={}", file.display()));
    }
    let output = rustc.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    program
}

/// The packages that the project uses itself, as they were built for this
/// test, by their names in code.
fn libraries() -> BTreeMap<String, PathBuf> {
    let own = own_packages();
    let output = Command::new(env!("CARGO"))
        .args(["test", "--no-run", "--test", "alone"])
        .args(["--message-format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let mut libraries = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let package = message["package_id"].as_str().unwrap_or_default();
        let file = message["filenames"][0].as_str().unwrap_or_default();
        let file = PathBuf::from(file);
        let used = own.iter().any(|own| package.ends_with(own));
        if used && file.extension().is_some_and(|it| it == "rlib") {
            let name = message["target"]["name"].as_str().unwrap();
            libraries.insert(name.to_owned(), file);
        }
    }
    libraries
}

/// The packages of `Cargo.toml`, as `#name@version`.
fn own_packages() -> Vec<String> {
    let lock: toml::Table = include_str!("../../Cargo.lock").parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let ours =
        packages.iter().find(|it| it["name"].as_str() == Some("sockscope"));
    let used = ours.unwrap()["dependencies"].as_array().unwrap();
    let version = |name: &str| {
        let package =
            packages.iter().find(|it| it["name"].as_str() == Some(name));
        package.unwrap()["version"].as_str().unwrap().to_owned()
    };
    // A version stands there only where there are several.
    let id = |used: &str| match used.split_once(' ') {
        Some((name, version)) => format!("#{name}@{version}"),
        None => format!("#{used}@{}", version(used)),
    };
    used.iter().map(|used| id(used.as_str().unwrap())).collect()
}

/// What more reads cost, so that start and end of the program cancel out.
fn instructions_per_read(program: &Path, way: &str) -> u64 {
    let [few, many] = [FEW, MANY].map(|times| count(program, way, times));
    (many - few + (MANY - FEW) / 2) / (MANY - FEW)
}

/// All instructions of a run, by callgrind's last line on them.
fn count(program: &Path, way: &str, times: u64) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([way, &format!("{times:05}")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mut lines = said.lines();
    let collected = lines.find_map(|line| line.split_once("Collected : "));
    collected.unwrap().1.trim().parse().unwrap()
}
