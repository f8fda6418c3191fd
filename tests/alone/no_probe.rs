//! The probe that is told nothing costs nothing: an instrumented read that
//! would block takes as many instructions as the same read by hand, in the
//! release profile. Instructions are counted by callgrind, so that the
//! figure is exact and the same on a busy machine.

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

/// Builds the program that reads, beside what this test was built to.
fn build() -> PathBuf {
    let here = env::current_exe().unwrap();
    let target = here.ancestors().nth(3).unwrap();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--example", "instructions"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success(), "the program is built");
    target.join("release/examples/instructions")
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
