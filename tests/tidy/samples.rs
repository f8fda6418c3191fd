//! The rules' own measures, on small samples.

use super::imports::{Uses, between_folders, circles};
use super::source::Source;
use std::collections::BTreeSet;

fn parse(text: &str) -> Source {
    Source::parse("src/sample/mod.rs", text.to_owned())
}

fn uses<const N: usize>(
    all: [(&'static str, &[&'static str]); N],
) -> Uses<'static> {
    all.map(|(name, used)| (name, used.iter().copied().collect())).into()
}

#[test]
fn code_has_neither_comments_nor_the_content_of_strings() {
    let source = parse(
        r##"
/// todo!
fn f() -> u8 { /* { */ g("}", r#"unsafe"#, '{').x += b"{".len(); 1 } // }
#[cfg(all(test, not(unix)))] mod a {}
fn h() -> bool { let cfg = 1; cfg!(unix) } // cfg(test)
"##,
    );
    let code = "fn f()->u8{g(\"\",\"\",\"\").x+=\"\".len();\"\"}";
    assert!(source.code.contains(code), "{}", source.code);
    assert!(!source.has_word("unsafe") && !source.has_word("todo"));
    assert!(source.has_word("len"));
    let conditions: Vec<_> = source.conditions().collect();
    assert_eq!(conditions, ["all(test,not(unix", "unix"]);
}

#[test]
fn names_are_found_in_imports_paths_and_macros_but_not_in_tests() {
    let source = parse(
        "
use crate::net::{self, Stream as S};
pub(crate) use crate::probe::*;
fn f() -> crate::error::Error { assert!(x == y::z(), \"{}\", crate::a::B) }
#[cfg(test)]
mod tests { use crate::tui::App; struct OfATest; }
struct Kept(std::io::Error);
",
    );
    let imports = source.imports.iter();
    let imports =
        imports.map(|it| (it.path.join("::"), it.name.as_str(), it.exported));
    let expected = [
        ("crate::net".into(), "net", false),
        ("crate::net::Stream".into(), "S", false),
        ("crate::probe::*".into(), "*", true),
    ];
    assert_eq!(imports.collect::<Vec<_>>(), expected);
    let paths: Vec<_> = source.paths.iter().map(|it| it.join("::")).collect();
    let expected =
        ["crate::error::Error", "y::z", "crate::a::B", "std::io::Error"];
    assert_eq!(paths, expected);
    assert_eq!(source.types, ["Kept"]);
    assert!(source.uses_package("std") && !source.uses_package("y::z"));
}

#[test]
fn circles_are_found_whole_and_apart() {
    let uses = uses([
        ("a", &["b"]),
        ("b", &["c", "d"]),
        ("c", &["a"]),
        ("d", &["e", "std"]),
        ("e", &["d"]),
        ("f", &["a"]),
    ]);
    let expected =
        [BTreeSet::from(["a", "b", "c"]), BTreeSet::from(["d", "e"])];
    assert_eq!(circles(&uses), expected);
}

#[test]
fn a_folder_uses_folders_beside_it_and_belongs_to_the_folder_above() {
    let files = uses([
        ("src/a/x/deep/1.rs", &["src/a/y/2.rs", "src/a/3.rs"]),
        ("src/a/3.rs", &["src/b/4.rs", "src/a/x/5.rs"]),
    ]);
    let expected = uses([("src/a/x", &["src/a/y"]), ("src/a", &["src/b"])]);
    assert_eq!(between_folders(&files), expected);
}
