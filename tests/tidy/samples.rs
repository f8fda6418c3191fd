//! The rules' own measures, on small samples.

use super::imports::{Uses, between_folders, circles};
use super::source::{Import, Source};
use std::collections::BTreeSet;

fn parse(text: &str) -> Source {
    Source::parse("src/sample/mod.rs", text.to_owned())
}

#[test]
fn code_has_neither_comments_nor_the_content_of_strings() {
    let source = parse(
        r##"
/// todo!
fn f() -> u8 { /* { */ g("}", r#"unsafe"#, '{').x += b"{".len(); 1 } // }
"##,
    );
    let code = "fn f()->u8{g(\"\",\"\",\"\").x+=\"\".len();\"\"}";
    assert!(source.code.ends_with(code), "{}", source.code);
    assert!(!source.has_word("unsafe") && !source.has_word("todo"));
    assert!(source.has_word("len"));
}

#[test]
fn functions_are_found_with_their_text_and_nesting() {
    let source = parse(
        "
trait T { fn declared(&self); }
fn one() -> impl Fn() { || () }
impl U { fn three(f: fn(u8) -> u8) -> [u8; 2]
where u8: Copy {
    if true { loop { if f(1) == 1 { break } } } [0; 2]
} }
",
    );
    let found = source.functions.iter();
    let found: Vec<_> = found.map(|f| (f.name.as_str(), f.nesting)).collect();
    assert_eq!(found, [("one", 0), ("three", 3)]);
    assert_eq!(source.functions[0].text, "fn one() -> impl Fn() { || () }");
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
    let import = |path: &[&str], name: &str, exported| Import {
        path: path.iter().map(ToString::to_string).collect(),
        name: name.to_owned(),
        exported,
    };
    let imports = [
        import(&["crate", "net"], "net", false),
        import(&["crate", "net", "Stream"], "S", false),
        import(&["crate", "probe", "*"], "*", true),
    ];
    assert_eq!(source.imports, imports);
    let paths: Vec<_> = source.paths.iter().map(|it| it.join("::")).collect();
    let expected =
        ["crate::error::Error", "y::z", "crate::a::B", "std::io::Error"];
    assert_eq!(paths, expected);
    assert_eq!(source.types, ["Kept"]);
    assert!(source.uses_package("std") && !source.uses_package("y::z"));
}

#[test]
fn conditions_are_found_whole() {
    let source = parse(
        "
#[cfg(all(test, not(unix)))] mod a {}
#[cfg_attr(windows, expect(dead_code))]
fn f() -> bool { let cfg = 1; cfg!(unix) } // cfg(test)
",
    );
    let expected =
        ["all (test , not (unix))", "windows , expect (dead_code)", "unix"];
    assert_eq!(source.conditions, expected);
}

#[test]
fn circles_are_found_whole_and_apart() {
    let uses: Uses = [
        ("a", vec!["b"]),
        ("b", vec!["c", "d"]),
        ("c", vec!["a"]),
        ("d", vec!["e", "std"]),
        ("e", vec!["d"]),
        ("f", vec!["a"]),
    ]
    .map(|(name, used)| (name, used.into_iter().collect()))
    .into();
    let expected =
        [BTreeSet::from(["a", "b", "c"]), BTreeSet::from(["d", "e"])];
    assert_eq!(circles(&uses), expected);
}

#[test]
fn a_folder_uses_folders_beside_it_and_belongs_to_the_folder_above() {
    let uses: Uses = [
        ("src/a/x/deep/1.rs", vec!["src/a/y/2.rs", "src/a/3.rs"]),
        ("src/a/3.rs", vec!["src/b/4.rs", "src/a/x/5.rs"]),
    ]
    .map(|(name, used)| (name, used.into_iter().collect()))
    .into();
    let expected: Uses = [("src/a/x", "src/a/y"), ("src/a", "src/b")]
        .map(|(name, used)| (name, BTreeSet::from([used])))
        .into();
    assert_eq!(between_folders(&uses), expected);
}
