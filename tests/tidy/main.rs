//! The rules of the layout, executed: who may use whom, how long a file or a
//! function may be, what a mode file may hold.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod measure;
mod samples;
mod sources;

use measure::{code, conditions, functions, modules_used, words};
use sources::{Source, all, below, modes, read};

/// A module and what it may use, itself aside.
const LAYERS: [(&str, &[&str]); 18] = [
    ("probe", &["units"]),
    ("units", &[]),
    ("error", &[]),
    ("system", &[]),
    ("net", &["probe"]),
    ("event_loop", &["net", "probe"]),
    ("modes", &["net", "event_loop", "probe"]),
    ("model", &["probe", "units"]),
    ("load", &["net", "probe", "system", "units"]),
    ("recording", &["probe", "model"]),
    ("export", &["recording", "model", "probe", "report", "tui", "units"]),
    (
        "measure",
        &[
            "load", "modes", "net", "probe", "scenario", "system", "units",
            "error",
        ],
    ),
    ("report", &["model", "load", "measure", "units"]),
    ("tui", &["model", "probe", "modes", "units"]),
    (
        "scenario",
        &["load", "model", "modes", "net", "probe", "system", "units", "error"],
    ),
    ("cli", &["measure", "modes", "probe", "units"]),
    ("lib", &[]),
    ("main", &["*"]),
];

/// What concerns the whole program may use all of it.
const TOP: [&str; 1] = ["commands"];

fn may_use(source: &Source, other: &str) -> bool {
    let own = source.module();
    if own == other || TOP.contains(&own) {
        return true;
    }
    let layer = LAYERS.iter().find(|(name, _)| *name == own);
    let (_, allowed) = layer.unwrap_or_else(|| panic!("no rule for {own}"));
    allowed.contains(&other) || allowed == &["*"]
}

#[test]
fn every_module_uses_only_what_its_layer_may() {
    for source in below("src") {
        for used in modules_used(&source.text) {
            let allowed = may_use(&source, &used);
            assert!(allowed, "{} uses {used}", source.path);
        }
    }
}

/// The clients are never instrumented.
#[test]
fn the_load_knows_no_probe_but_the_one_that_is_told_nothing() {
    for source in below("src/load") {
        let code = code(&source.text);
        for (_, word) in words(&code) {
            let probe = ["Tally", "Tap", "Gate", "SharedProbe"];
            assert!(!probe.contains(&word), "{}: {word}", source.path);
        }
    }
}

/// The names of all packages that the project depends on, as code has them.
fn packages() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let mut packages = Vec::new();
    let mut within = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            within = line.ends_with("dependencies]");
        } else if let Some((name, _)) = line.split_once('=')
            && within
            && !line.starts_with('#')
        {
            packages.push(name.trim().replace('-', "_"));
        }
    }
    assert!(packages.iter().any(|name| name == "socket2"));
    packages
}

fn uses_package(source: &Source, package: &str) -> bool {
    let code = code(&source.text);
    let mut words = words(&code).peekable();
    words.any(|(at, word)| {
        let path = code[at + word.len()..].starts_with("::");
        word == package && path && !code[..at].ends_with("::")
    })
}

#[test]
fn sockets_and_selectors_are_met_in_net_alone() {
    for source in below("src") {
        for package in ["socket2", "polling"] {
            let used = uses_package(&source, package);
            let own = source.module() == "net";
            assert!(own || !used, "{} uses {package}", source.path);
        }
    }
}

/// Where the code may differ by operating system.
const BY_SYSTEM: [&str; 4] = [
    "src/system/",
    "src/net/system.rs",
    "src/net/client_poller.rs",
    // Windows has no variables that tell the terminal's letters.
    "src/tui/look.rs",
];

#[test]
fn what_differs_by_system_stands_in_few_files() {
    for source in below("src") {
        let named = BY_SYSTEM.iter().any(|it| source.path.starts_with(it));
        for condition in conditions(&source.text) {
            let mut asked = words(&condition);
            let other = ["test", "debug_assertions"];
            let other = asked.any(|(_, word)| other.contains(&word));
            assert!(other || named, "{}: cfg({condition})", source.path);
        }
    }
}

/// In the program: a peer that is measured beside it registers its sockets
/// as users of `polling` do, without the guard that upholds the contract.
#[test]
fn unsafe_stands_in_one_file() {
    let files = ["src/net/selector.rs", "tests/benches/peers/polling.rs"];
    for source in all() {
        let code = code(&source.text);
        let used = words(&code).any(|(_, word)| word == "unsafe");
        let own = files.contains(&source.path.as_str());
        assert!(own || !used, "{}", source.path);
    }
}

#[test]
fn nothing_is_left_undone_or_silenced() {
    let never = ["todo!", "unimplemented!", "#[ignore", "allow(clippy"];
    for source in all() {
        let code = code(&source.text);
        for word in never {
            assert!(!code.contains(word), "{}: {word}", source.path);
        }
        // Each test file speaks a part of the tests' language.
        let language = source.path == "tests/support/mod.rs";
        let dead = code.contains("allow(dead_code");
        assert!(language || !dead, "{}: allow(dead_code", source.path);
    }
}

#[test]
fn files_are_short() {
    let mut long = Vec::new();
    for source in all() {
        let lines = source.text.lines().count();
        let most = if source.path == "src/main.rs" { 30 } else { 400 };
        if lines > most {
            long.push(format!("{} has {lines} lines", source.path));
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn functions_are_short() {
    let (mut lengths, mut long) = (Vec::new(), Vec::new());
    for source in all() {
        for function in functions(&source.text) {
            let (name, lines) = (&function.name, function.lines);
            if lines > 70 {
                long.push(format!("{}: {name}: {lines}", source.path));
            }
            lengths.push(lines);
        }
    }
    assert!(long.is_empty(), "{long:#?}");
    lengths.sort_unstable();
    let at = |percent: usize| lengths[lengths.len() * percent / 100];
    assert!(at(50) <= 10, "the median is {}", at(50));
    assert!(at(95) <= 40, "five in a hundred exceed {}", at(95));
}

#[test]
fn a_mode_file_fits_a_projector() {
    for source in modes() {
        let path = &source.path;
        assert!(source.text.lines().count() <= 60, "{path} is too long");
        for line in source.text.lines() {
            assert!(line.chars().count() <= 76, "{path}: too wide: {line}");
        }
        for function in functions(&source.text) {
            let (name, nesting) = (&function.name, function.nesting);
            assert!(nesting <= 4, "{path}: {name} nests {nesting} deep");
        }
    }
}

#[test]
fn a_mode_file_has_serve_and_then_echo() {
    for source in modes() {
        let functions = functions(&source.text);
        let names: Vec<_> = functions.iter().map(|f| &f.name).collect();
        assert_eq!(names, ["serve", "echo"], "{}", source.path);
    }
}

#[test]
fn nothing_in_a_mode_file_exists_for_the_tool() {
    let never = [
        ".unwrap", ".expect(", "print", "log::", "tracing", "+=", "count",
        ".enter(", ".exit(", ".note(", "Instant", "super::",
    ];
    for source in modes() {
        let code = code(&source.text);
        for word in never {
            assert!(!code.contains(word), "{}: {word}", source.path);
        }
        for package in packages() {
            let used = uses_package(&source, &package);
            assert!(!used, "{} uses {package}", source.path);
        }
    }
}

fn echo_of(mode: &str) -> String {
    let source = read(&format!("src/modes/{mode}.rs"));
    let found = functions(&source).into_iter().find(|f| f.name == "echo");
    found.unwrap().text
}

#[test]
fn the_step_of_a_selector_is_the_busy_loops_step() {
    assert_eq!(echo_of("nonblocking"), echo_of("selector"));
}

#[test]
fn a_thread_of_its_own_changes_nothing_for_a_client() {
    assert_eq!(echo_of("serial"), echo_of("blocking"));
}

#[test]
fn a_coroutine_reads_like_a_thread() {
    let thread = echo_of("blocking");
    let mut task = echo_of("tasks").replace("Paused here", "Asleep here");
    for call in ["read", "write"] {
        let awaited = format!("tasks.{call}(client).await");
        task = task.replace(&awaited, &format!("client.{call}()"));
    }
    let body = |text: &str| text[text.find("while").unwrap()..].to_owned();
    assert_eq!(body(&task), body(&thread));
}

#[test]
fn lines_are_as_wide_as_a_projector() {
    let settings = read(".rustfmt.toml");
    let settings: Vec<_> = settings.lines().collect();
    let expected = ["max_width = 80", "use_small_heuristics = \"Max\""];
    assert_eq!(settings, expected);
}
