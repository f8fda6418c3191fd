//! Pictures: well-formed, the same for the same result, and no more in them
//! than shapes and text.

use super::fixed::{USUAL, bench, clients, failed, idle, subject, sweep};
use super::picture;
use sockscope::measure::{SweepAxis, SweepResult};

/// The elements that a picture is made of.
const KNOWN: [&str; 10] = [
    "svg", "title", "desc", "style", "rect", "line", "path", "circle", "text",
    "g",
];

/// Reads XML as far as we write it: elements, attributes, the five escapes.
fn check(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some(at) = rest.find('<') {
        text(&rest[..at]);
        let end = at + rest[at..].find('>').unwrap();
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap();
        assert!(KNOWN.contains(&name), "<{tag}>");
        attributes(tag);
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert_eq!(rest, "\n");
    assert!(open.is_empty(), "{open:?}");
}

fn text(words: &str) {
    assert!(!words.contains(|c: char| c.is_control() && c != '\n'), "{words}");
    for part in words.split('&').skip(1) {
        let (name, _) = part.split_once(';').unwrap();
        assert!(["amp", "lt", "gt", "quot"].contains(&name), "&{name};");
    }
}

fn attributes(tag: &str) {
    assert_eq!(tag.matches('"').count() % 2, 0, "<{tag}>");
    assert!(!tag.contains("NaN") && !tag.contains("inf"), "<{tag}>");
    assert!(!tag.contains("href") && !tag.contains(" on"), "<{tag}>");
}

#[test]
fn pictures_are_well_formed() {
    let mut hostile = idle();
    hostile.conditions.machine.kernel = Some("<b>&\u{7}".into());
    let names = hostile.points.iter_mut().flat_map(|it| &mut it.subjects);
    names.for_each(|it| it.name = format!("<{}>&\"\x1b[0m", it.name));
    let failures =
        sweep(SweepAxis::Size, &[16], |_| vec![failed("x", "ended")]);
    let nothing = sweep(SweepAxis::Size, &[], |_| Vec::new());
    for result in [clients(), idle(), hostile, failures, nothing] {
        check(&picture(&result, &[]));
    }
    let mut empty = bench();
    empty.points[0].subjects.clear();
    for result in [bench(), empty] {
        check(&picture(&result, &[]));
    }
}

#[test]
fn the_same_result_is_the_same_picture() {
    assert_eq!(picture(&clients(), &[]), picture(&clients(), &[]));
    assert_eq!(picture(&bench(), &[]), picture(&bench(), &[]));
}

#[test]
fn conditions_stand_under_every_picture() {
    for svg in [picture(&clients(), &[]), picture(&bench(), &[])] {
        for words in [
            "closed loop: service time",
            "6 rounds of 1.00 s after a warm-up of 200 ms",
            "server on cores 0,1, clients on cores 2,3",
            "sockscope 0.1.0 · linux 6.18.0 · 4 cores · epoll",
        ] {
            assert!(svg.contains(words), "{words}");
        }
    }
}

#[test]
fn a_ring_stands_where_servers_change_places() {
    let svg = picture(&clients(), &[]);
    let wanted = "From 3,000 clients on, selector uses less CPU an echo than \
                  nonblocking (it changes between 1,000 and 3,000).";
    assert!(svg.contains(&format!("<title>{wanted}</title></circle>")));
}

#[test]
fn too_few_rounds_to_be_sure_draw_no_ring() {
    let mut result = clients();
    let all = result.points.iter_mut().flat_map(|it| &mut it.subjects);
    all.for_each(|it| it.samples.truncate(3));
    assert!(!picture(&result, &[]).contains("class=\"cross\""));
}

#[test]
fn a_server_without_a_figure_has_the_reason_in_place_of_its_bar() {
    let svg = picture(&bench(), &[]);
    assert!(svg.contains(">a server that ran already</text>"));
    assert!(svg.contains(">failed</text>"));
}

#[test]
fn the_sweep_of_clients_is_drawn_so() {
    insta::assert_snapshot!(picture(&clients(), &[]));
}

#[test]
fn a_bench_is_drawn_so() {
    insta::assert_snapshot!(picture(&bench(), &[]));
}

/// Two servers at four points; one fails at the third.
fn with_a_gap() -> SweepResult {
    let other = |name| subject(name, 6, USUAL);
    sweep(SweepAxis::Clients, &[1, 10, 100, 1_000], |value| {
        let gap = || failed("selector", "it ended");
        let selector = || other("selector");
        let second = if value == 100 { gap() } else { selector() };
        vec![other("blocking"), second]
    })
}

#[test]
fn no_line_is_drawn_across_a_point_where_a_server_failed() {
    let svg = picture(&with_a_gap(), &[]);
    let lines = |look: &str| {
        let class = format!("<path class=\"line {look}\" d=\"");
        let paths = svg.lines().filter_map(|it| it.strip_prefix(&class));
        paths.map(|it| it.matches('L').count()).collect::<Vec<_>>()
    };
    let (whole, broken) = (lines("s0"), lines("s1"));
    assert!(!whole.is_empty() && whole.iter().all(|it| *it == 3), "{whole:?}");
    // From 1 to 10; at 1,000 there is a mark alone.
    assert_eq!(broken.len(), whole.len());
    assert!(broken.iter().all(|it| *it == 1), "{broken:?}");
}

#[test]
fn what_is_missing_stands_below_the_title() {
    let mut result = with_a_gap();
    result.interrupted = true;
    let svg = picture(&result, &[]);
    assert!(svg.contains(">selector failed at 100 clients: it ended.</text>"));
    assert!(svg.contains(">Interrupted: the sweep was ended"), "{svg}");
    let mut result = bench();
    result.interrupted = true;
    let svg = picture(&result, &[]);
    check(&svg);
    assert!(svg.contains("class=\"alert\""), "{svg}");
    assert!(svg.contains(">Interrupted after 6 of 6 rounds.</text>"), "{svg}");
}
