//! What needs a process of its own: its limits are lowered, its memory is
//! measured, or the code under test is compiled into it in another way.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod descriptors;
#[cfg(target_os = "linux")]
mod load_memory;
#[cfg(target_os = "linux")]
mod no_probe;
#[cfg(target_os = "linux")]
mod task_memory;
mod wake_ups;

use sockscope::probe;
use std::env;
use std::process::Command;

/// Runs the test in a process of its own, which is this program again. The
/// closure is written directly in the test function, whose name tells the
/// new process which test to run.
fn alone<F: Fn()>(test: F) {
    const ALONE: &str = "SOCKSCOPE_TEST_ALONE";
    if env::var_os(ALONE).is_some() {
        return test();
    }
    let closure = std::any::type_name::<F>();
    let (_, name) = closure.split_once("::").unwrap();
    let name = name.trim_end_matches("::{{closure}}");
    let output = Command::new(env::current_exe().unwrap())
        .args([name, "--exact", "--nocapture"])
        .env(ALONE, "yes")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stdout.contains("1 passed"), "no test is named {name}: {stdout}");
    println!("{stdout}");
}
