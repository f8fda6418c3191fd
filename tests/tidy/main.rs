//! The rules of the layout, executed: which module may use which, where
//! sockets and `unsafe` may stand, what a mode file may hold.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod imports;
mod modes;
mod samples;
mod source;

use imports::{Uses, between_files, between_folders, circles};
use source::{SOURCES, below, is_word, program};
use std::collections::{BTreeMap, BTreeSet};

/// Every module; each may use those above it and none below.
const TOWER: [&str; 19] = [
    "guide",
    "text",
    "error",
    "units",
    "system",
    "probe",
    "net",
    "event_loop",
    "modes",
    "load",
    "scenario",
    "view",
    "run",
    "recording",
    "measure",
    "report",
    "tui",
    "export",
    "commands",
];

#[test]
fn each_module_uses_only_modules_above_it() {
    let height = |module: &str| {
        let height = TOWER.iter().position(|it| *it == module);
        // A name that is not in the list is a module at the top of it.
        height.unwrap_or(TOWER.len())
    };
    let mut wrong = BTreeSet::new();
    for source in program() {
        let module = source.path.split(['/', '.']).nth(1).unwrap();
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let imports = source.imports.iter().map(|import| &import.path);
        for path in imports.chain(&source.paths) {
            if path[0] == "crate" && height(&path[1]) > height(module) {
                wrong.insert(format!("{} uses {}", source.path, path[1]));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_folders_use_each_other() {
    let folders = between_folders(&between_files());
    let circles = circles(&folders);
    assert!(circles.is_empty(), "{:#?}", explained(&circles, &folders));
}

#[test]
fn at_most_three_files_use_each_other() {
    let files = between_files();
    let mut circles = circles(&files);
    circles.retain(|circle| circle.len() > 3);
    assert!(circles.is_empty(), "{:#?}", explained(&circles, &files));
}

/// For each circle its members, each with the other members that it uses.
fn explained(circles: &[BTreeSet<&str>], uses: &Uses) -> Vec<Vec<String>> {
    let within = |circle: &BTreeSet<&str>| {
        let member = |name: &&str| {
            let others: Vec<_> = uses[*name].intersection(circle).collect();
            format!("{name} uses {others:?}")
        };
        circle.iter().map(member).collect()
    };
    circles.iter().map(within).collect()
}

/// The clients are never instrumented; they may read a run's clock.
#[test]
fn load_knows_no_probe_but_the_one_that_does_nothing() {
    for source in below("src/load/") {
        for probe in ["Tally", "Tap", "Gate"] {
            assert!(!source.has_word(probe), "{}: {probe}", source.path);
        }
    }
}

#[test]
fn sockets_and_selectors_stand_in_net_alone() {
    for source in below("src/") {
        for package in ["socket2", "polling"] {
            let used = source.uses_package(package);
            let own = source.path.starts_with("src/net/");
            assert!(own || !used, "{} uses {package}", source.path);
        }
    }
}

/// Where the code may differ by operating system.
const BY_SYSTEM: [&str; 4] = [
    "src/system/",
    "src/net/system.rs",
    "src/net/client_poller/",
    // Windows has no variables that tell the terminal's letters.
    "src/tui/settings.rs",
];

#[test]
fn what_differs_by_system_stands_in_few_files() {
    for source in below("src/") {
        let named = BY_SYSTEM.iter().any(|it| source.path.starts_with(it));
        for condition in source.conditions() {
            let other = ["test", "debug_assertions"];
            let other = other.iter().any(|it| condition.contains(it));
            assert!(other || named, "{}: cfg({condition})", source.path);
        }
    }
}

/// In the program: a peer that is measured beside it registers its sockets
/// as users of `polling` do, without the guard that upholds the contract.
#[test]
fn unsafe_stands_in_one_file() {
    let files = ["src/net/selector.rs", "tests/benches/peers/polling.rs"];
    for source in &*SOURCES {
        let own = files.contains(&source.path.as_str());
        assert!(own || !source.has_word("unsafe"), "{}", source.path);
    }
}

#[test]
fn nothing_is_left_undone_or_silenced() {
    let never = ["todo!", "unimplemented!", "#[ignore", "allow(clippy"];
    for source in &*SOURCES {
        for word in never {
            assert!(!source.code.contains(word), "{}: {word}", source.path);
        }
        // Each test binary uses a part of the tests' helpers.
        let helpers = source.path == "tests/support/mod.rs";
        let dead = source.code.contains("allow(dead_code");
        assert!(helpers || !dead, "{}: allow(dead_code", source.path);
    }
}

/// A type's name says which type it is, wherever it stands.
#[test]
fn at_most_twelve_type_names_are_declared_more_than_once() {
    let mut declared = BTreeMap::<_, Vec<_>>::new();
    for source in program() {
        for name in &source.types {
            declared.entry(name.as_str()).or_default().push(&source.path);
        }
    }
    declared.retain(|_, files| files.len() > 1);
    assert!(declared.len() <= 12, "{declared:#?}");
}

/// Words that signal riddles instead of plain English.
const RIDDLES: [&str; 9] = [
    "told",
    "whoever",
    "somebody",
    "nobody",
    "so many",
    "so long",
    "it is that of",
    "what is asked",
    "for good",
];

#[test]
fn at_most_forty_riddle_words_are_in_the_program() {
    let mut found = Vec::new();
    for source in program() {
        for (number, line) in (1..).zip(source.text.lines()) {
            let line = line.to_lowercase().replace(|c| !is_word(c), " ");
            let line = format!(" {line} ");
            for it in RIDDLES {
                if line.contains(&format!(" {it} ")) {
                    found.push(format!("{}:{number}: {it}", source.path));
                }
            }
        }
    }
    assert!(found.len() <= 40, "{}: {found:#?}", found.len());
}
