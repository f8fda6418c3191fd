//! Whether a picture is well formed, and no more than shapes and text.

/// The elements that a picture is made of.
const KNOWN: [&str; 10] = [
    "svg", "title", "desc", "style", "rect", "line", "path", "circle", "text",
    "g",
];

/// Reads XML as far as we write it: elements, attributes, the five escapes.
#[track_caller]
pub(crate) fn check(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut pieces = svg.split('<');
    assert_eq!(pieces.next(), Some(""));
    for piece in pieces {
        let (tag, words) = piece.split_once('>').unwrap();
        let raw = |c: char| c.is_control() && c != '\n';
        assert!(!words.contains(raw), "{words}");
        for part in words.split('&').skip(1) {
            let (name, _) = part.split_once(';').unwrap();
            assert!(["amp", "lt", "gt", "quot"].contains(&name), "&{name};");
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap();
        assert!(KNOWN.contains(&name), "<{tag}>");
        assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
        for unwanted in ["NaN", "inf", "href", " on"] {
            assert!(!tag.contains(unwanted), "<{tag}>");
        }
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(svg.ends_with(">\n") && open.is_empty(), "{open:?}");
}
