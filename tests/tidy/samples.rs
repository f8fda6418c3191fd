//! The measures, measured.

use super::measure::{code, conditions, functions, modules_used};

#[test]
fn strings_and_comments_are_blanked() {
    let source = r##"
let a = "fn x() { \" }"; // {
let b = '{'; let c: &'static str = r#"}"#; /* { /* } */ */
let d = b"{"; let e = '\''; let f = '\u{7b}'; let g = 'é';
"##;
    let code = code(source);
    assert_eq!(code.matches(['{', '}']).count(), 0, "{code}");
    assert_eq!(code.len(), source.len());
    assert!(code.contains("let c: &'static str = "));
    assert!(code.contains("let g = "));
}

#[test]
fn functions_are_found_with_their_length_and_nesting() {
    let source = "
trait T { fn declared(&self); }
fn one() -> impl Fn() { || () }
fn three(f: fn(u8) -> u8) -> [u8; 2]
where u8: Copy {
    if true { loop { if f(1) == 1 { break } } } [0; 2]
}
";
    let found = functions(source);
    let found: Vec<_> =
        found.iter().map(|f| (f.name.as_str(), f.lines, f.nesting)).collect();
    assert_eq!(found, [("one", 1, 0), ("three", 4, 3)]);
}

#[test]
fn modules_are_found_in_paths_and_groups() {
    let source = "
use crate::net::Stream;
use crate::{model, probe::{Event, Tally}, load};
pub(crate) fn f() -> crate::error::Error { todo() }
// crate::tui
";
    let used = modules_used(source);
    assert_eq!(used, ["net", "model", "probe", "load", "error"]);
}

#[test]
fn conditions_are_found_whole() {
    let source = "
#[cfg(all(test, not(unix)))] mod a {}
#[cfg_attr(windows, expect(dead_code))]
fn f() -> bool { let cfg = 1; cfg!(unix) } // cfg(test)
";
    let found = conditions(source);
    let expected =
        ["all(test, not(unix))", "windows, expect(dead_code)", "unix"];
    assert_eq!(found, expected);
}
