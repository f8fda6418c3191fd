//! What a mode file may hold, as it is shown to a class.

use super::source::{below, is_word, modes, read};

#[test]
fn a_mode_file_fits_a_projector() {
    for source in modes() {
        let path = &source.path;
        assert!(source.text.lines().count() <= 60, "{path} is too long");
        for line in source.text.lines() {
            assert!(line.chars().count() <= 76, "{path}: too wide: {line}");
        }
        // Four within the braces of the function.
        let mut depth = 0;
        for brace in source.code.matches(['{', '}']) {
            depth += if brace == "{" { 1 } else { -1 };
            assert!(depth <= 5, "{path} nests deeper than 4");
        }
    }
}

#[test]
fn a_mode_file_has_serve_and_then_echo() {
    for source in modes() {
        let names = source.code.split("fn ").skip(1);
        let names = names.filter_map(|it| it.split(|c| !is_word(c)).next());
        let names: Vec<_> = names.collect();
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
        for word in never {
            assert!(!source.code.contains(word), "{}: {word}", source.path);
        }
        for package in packages() {
            let used = source.uses_package(&package);
            assert!(!used, "{} uses {package}", source.path);
        }
    }
}

/// The names of all packages that the project depends on, as code has them.
fn packages() -> Vec<String> {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let mut tables = vec![&manifest];
    let systems = manifest["target"].as_table().unwrap().values();
    tables.extend(systems.map(|system| system.as_table().unwrap()));
    let lists = ["dependencies", "dev-dependencies"];
    let lists = tables.iter().flat_map(|it| lists.map(|list| it.get(list)));
    let names = lists.flatten().flat_map(|it| it.as_table().unwrap().keys());
    let names: Vec<_> = names.map(|name| name.replace('-', "_")).collect();
    assert!(names.iter().any(|name| name == "socket2"));
    names
}

/// The last function of a mode file.
fn echo_of(mode: &str) -> &'static str {
    let path = format!("src/modes/{mode}.rs");
    let text = &below(&path).next().unwrap().text;
    &text[text.find("fn echo").unwrap()..]
}

#[test]
fn selector_and_nonblocking_take_the_same_step() {
    assert_eq!(echo_of("nonblocking"), echo_of("selector"));
}

#[test]
fn serial_and_blocking_serve_a_client_alike() {
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
    assert_eq!(body(&task), body(thread));
}
