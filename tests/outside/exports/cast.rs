//! The film: a terminal that plays it shows what the replay's screen shows.

use super::language::Recorded;
use crate::support::cast::Cast;
use crate::support::process::{Folder, MODES, run, sockscope};
use std::fs;

#[test]
fn a_film_goes_on_to_the_end_of_its_run() {
    for mode in MODES {
        let run = Recorded::new(mode, "two-clients", &[]);
        let shown = Cast::of(&run.text("cast", &[]));
        assert_eq!(shown.head["version"], 2);
        assert_eq!(shown.cells(), (120, 40));
        let title = format!("sockscope {mode}: two-clients");
        assert_eq!(shown.head["title"], title);
        assert!(shown.head["timestamp"].as_u64() > Some(1_700_000_000));
        let times: Vec<_> = shown.frames.iter().map(|(at, _)| *at).collect();
        assert!(times.is_sorted(), "{times:?}");
        assert!(times.len() > 10, "{mode}: {times:?}");
        // A frame holds what has changed.
        let rest: usize = shown.frames[2..].iter().map(|it| it.1.len()).sum();
        assert!(rest < shown.frames[1].1.len() * (times.len() - 2) / 2);
        let screen = shown.last();
        assert!(screen.contains("talker"), "{screen}");
        let recording = run.open();
        let events = recording.events();
        let place = format!("event {events} of {events}");
        for words in [&format!("{mode}.rs"), "REPLAY", "ended", &place] {
            assert!(screen.contains(words), "{words}: {screen}");
        }
        // The film's clock is the run's, and its last picture stays a while.
        let length = recording.duration().as_secs_f64();
        let last = times.last().unwrap();
        assert!((length..length + 5.0).contains(last), "{last} of {length}");
    }
}

#[test]
fn a_part_and_another_size_can_be_had() {
    let run = Recorded::new("serial", "two-clients", &[]);
    let options = ["--from", "1s", "--until", "1500ms", "--size", "80x24"];
    let shown = Cast::of(&run.text("cast", &options));
    assert_eq!(shown.cells(), (80, 24));
    let screen = shown.last();
    assert!(screen.contains("asleep in read"), "{screen}");
    assert!(screen.contains("1.500000 of"), "{screen}");
    let (first, last) = (shown.frames[0].0, shown.frames.last().unwrap().0);
    assert!(first < 0.1 && last < 3.0, "{first} {last}");
    for (form, size) in [
        ("cast", "20x5"),
        ("cast", "900x900"),
        ("cast", "80"),
        ("cast", "80x24x3"),
        ("csv", "80x24"),
    ] {
        let run = run.export(form, &["--size", size]);
        assert_eq!((run.code(), &*run.stdout), (Some(2), ""), "{run:?}");
    }
}

/// Nothing reaches the terminal but what the film itself writes, whatever a
/// file is called and wherever it was cut.
#[test]
fn a_film_writes_no_control_characters_of_others() {
    let run = Recorded::new("blocking", "two-clients", &[]);
    let bytes = fs::read(&run.file).unwrap();
    let cut = &bytes[..bytes.len() * 2 / 3];
    let bad = Recorded::of_bytes("a\x1b[31mb\x07.rec", cut);
    let run = bad.export("cast", &[]);
    assert_eq!(run.code(), Some(0), "{run:?}");
    let shown = Cast::of(&run.stdout);
    for (_, data) in &shown.frames {
        assert!(!data.contains("\x1b[31mb") && !data.contains('\x07'));
        // Every escape begins a sequence; no other control is there.
        let controls = data.chars().filter(|it| it.is_control());
        assert!(controls.clone().all(|it| it == '\x1b'), "{data:?}");
    }
    assert!(!run.stderr.contains('\x1b'), "{:?}", run.stderr);
    assert!(run.stderr.contains("ends at byte"), "{}", run.stderr);
    assert!(shown.last().contains("ends early"), "{}", shown.last());
}

/// The same recording is the same film, on any terminal.
#[test]
fn a_film_does_not_depend_on_who_makes_it() {
    let run = Recorded::new("tasks", "half-close", &[]);
    let plain = run.text("cast", &[]);
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb"), ("LANG", "C")] {
        let mut command = sockscope(&["export", &run.file, "--to", "cast"]);
        command.env(name, value);
        let output = command.output().unwrap();
        let again = String::from_utf8(output.stdout).unwrap();
        assert!(again == plain, "{name}={value}");
    }
}

/// The screen of `compare`, with its verdict at the end.
#[test]
fn several_recordings_are_filmed_side_by_side() {
    let folder = Folder::new("filmed");
    let record = ["--record", &folder.path("run.rec"), "--ui", "none"];
    let modes = ["serial", "selector"];
    let compared = run(&[&["compare"], &modes[..], &record].concat());
    assert_eq!(compared.code(), Some(0), "{compared:?}");
    let files = modes.map(|it| folder.path(&format!("run.{it}.rec")));
    let [one, other] = files.each_ref().map(String::as_str);
    let filmed = run(&["export", one, other, "--to", "cast"]);
    filmed.expect_success();
    let cast = Cast::of(&filmed.stdout);
    assert_eq!(cast.head["title"], "sockscope serial, selector: two-clients");
    let screens = cast.screens();
    let shows = |words: &str| {
        screens.iter().any(|(_, screen)| screen.contents().contains(words))
    };
    assert!(shows("talker waits: not accepted"));
    let last = cast.last();
    for words in ["2 recordings", "─ verdict", "talker waited"] {
        assert!(last.contains(words), "{words}: {last}");
    }
    let six = ["export", one, one, one, one, one, one, "--to", "cast"];
    let csv = ["export", one, other, "--to", "csv"];
    let into = ["export", one, other, "--to", "cast", "-o", other];
    for (args, words) in [
        (&six[..], "at most 5 recordings"),
        (&csv, "several recordings need --to cast"),
        (&into, "are the same file"),
    ] {
        let run = run(args);
        assert_eq!((run.code(), &*run.stdout), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains(words), "{run:?}");
    }
}
