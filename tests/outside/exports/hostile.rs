//! Files that are no recordings, and recordings that say what does harm.

use super::drawn::{HOSTILE, exit, long, written};
use super::language::{Recorded, WAYS, data, lines, of_kind, run_way};
use super::trace_event::Trace;
use super::whole::is_alone;
use crate::support::process::{Finished, Folder};
use serde_json::Value;
use sockscope::probe::{Event, Kind, Note, Site, SocketId, ThreadId};
use sockscope::units::Nanos;
use sockscope::view::{Named, Observation};
use std::fs;
use std::net::SocketAddr;

/// Every way refuses the file in its own words, and prints nothing.
#[test]
fn what_is_no_recording_is_refused_by_name() {
    let folder = Folder::new("hostile-none");
    // It would be waited for until something is written to it.
    let pipe = folder.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let foreign = folder.write("foreign", "Dear diary,\n");
    let device = "it is a device, not a recording";
    let searched = "it is a pipe, and a recording is not read from beginning to \
                    end: save it to a file first";
    let missing = "no such file or directory";
    for (file, words) in [
        (&*folder.path("missing.rec"), missing),
        (&folder.path(""), "it is a directory, not a recording"),
        ("/dev/null", device),
        ("/dev/zero", device),
        (&pipe, searched),
        (
            &foreign,
            "it is no recording of sockscope; `--record FILE` makes one",
        ),
    ] {
        for way in WAYS {
            let run = run_way(way, file);
            assert_eq!((run.code(), &*run.stdout), (Some(1), ""), "{way:?}");
            let expected = format!("sockscope: cannot read {file}: {words}\n");
            assert_eq!(run.stderr, expected, "{way:?}");
        }
    }
}

/// What spreadsheets compute, terminals obey, tables break at.
const HARMFUL: [&str; 6] = [
    "=cmd|' /C calc'!A0",
    "@SUM(1)|\"a\",b\r\nc",
    "+1\u{1b}[2J\u{9b}2J",
    "-1\u{202e}<script>",
    " =1+1\t",
    "`*_[x](javascript:1)",
];

/// A recording whose clients and source files are called so.
fn harmful() -> Recorded {
    let run = Recorded::new("selector", "half-close", &[]);
    let mut header = run.open().header().clone();
    let scenario = header.facts.scenario.as_mut().unwrap();
    scenario.name = HARMFUL.join(" ");
    scenario.title = HARMFUL.join(" ");
    header.options = HARMFUL.map(str::to_owned).to_vec();
    let observed = (1..).zip(HARMFUL).flat_map(|(n, text)| {
        let address = SocketAddr::from(([127, 0, 0, 1], n));
        let (socket, thread) = (SocketId(n.into()), ThreadId(1));
        let note = Note::Opened { socket, peer: Some(address) };
        let opened = Event::Note { at: Nanos(5), thread, note };
        let read =
            exit([6, 8], Kind::Read, socket, Site { file: text, line: 3 });
        let named = Observation::Named(Named { address, name: text.into() });
        [named, Observation::Event(opened), Observation::Event(read)]
    });
    let bytes = written(&header, observed, &HARMFUL.concat());
    Recorded::of_bytes("harmful.rec", &bytes)
}

/// What steers a terminal, line ends aside.
fn steers(c: char) -> bool {
    !matches!(c, '\r' | '\n') && sockscope::text::steers(c)
}

#[test]
fn harmful_names_are_text_in_every_form() {
    let run = harmful();
    let [sheet, json, page] = ["csv", "jsonl", "md"].map(|form| {
        let text = run.text(form, &[]);
        assert!(!text.contains(steers), "{text}");
        text
    });
    let mut reader = csv::Reader::from_reader(sheet.as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2 * HARMFUL.len());
    for cell in rows.iter().flat_map(csv::StringRecord::iter) {
        let computes = cell.trim_start().starts_with(['=', '+', '-', '@']);
        assert!(!computes, "{cell}");
    }
    assert!(sheet.contains("'=cmd|' /C calc'!A0"), "{sheet}");

    let lines = lines(&json);
    let names = |of: Vec<&Value>| -> Vec<_> {
        of.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    let mut reads = of_kind(&lines, "event");
    reads.retain(|it| it["event"] == "exit");
    assert_eq!(names(of_kind(&lines, "named")), HARMFUL);
    assert_eq!(names(reads), HARMFUL);
    assert_eq!(lines.last().unwrap()["failure"], HARMFUL.concat());

    let page = page.replace("\\<", "").replace("\\[", "");
    assert!(!page.contains(['<', '[']), "{page}");
    for table in page.split("\n\n").filter(|it| it.starts_with('|')) {
        let plain = table.replace("\\\\", "").replace("\\|", "");
        let mut widths = plain.lines().map(|row| row.matches('|').count());
        let first = widths.next().unwrap();
        assert!(widths.all(|width| width == first), "{table}");
    }
}

#[test]
fn harmful_texts_stay_text_in_pictures() {
    let run = long(200, 3);
    let picture = run.text("svg", &[]);
    assert!(!picture.contains("<script"), "{picture}");
    assert!(!picture.contains("<img"), "{picture}");

    let page = run.text("html", &[]);
    // Two scripts and the data, two style sheets: those of the template.
    assert_eq!(page.matches("<script").count(), 3);
    assert_eq!(page.matches("</script").count(), 3);
    assert!(!page.contains("onerror=alert(1)>"), "it is in the page");
    assert!(!page.contains('\u{2028}'));
    is_alone(&page);
    let data = data(&page);
    // What a page would not show is shown as its escape.
    let shown = HOSTILE.replace('\u{2028}', "\\u{2028}");
    for name in ["mode", "mechanism", "sockscope", "started_at", "failure"] {
        assert_eq!(data[name], *shown, "{name}");
    }
    assert_eq!(data["scenario"][1], *shown);

    let text = run.text("perfetto", &[]);
    let unprintable = |it: char| it.is_control() && it != '\n';
    assert!(!text.contains(unprintable), "{text}");
    let trace = Trace::read(&text);
    for name in ["mode", "sockscope", "started at"] {
        assert_eq!(trace.other[name], HOSTILE, "{name}");
    }
    for name in [&data["name"], &trace.other["recording"]] {
        assert!(name.as_str().unwrap().contains("<img src=x"), "{name}");
    }
    let group = &trace.named("process_name")[0]["args"]["name"];
    assert_eq!(group, &format!("sockscope {HOSTILE}"));
}

/// A file's own name is shown, too.
#[test]
fn a_harmful_name_of_a_file_steers_nothing() {
    let Recorded { folder, file } = Recorded::new("serial", "half-close", &[]);
    let bytes = fs::read(&file).unwrap();
    let name = folder.write("a\u{1b}[2J|<b>\u{202e}.rec", &bytes[..3000]);
    let missing = folder.path("b\u{1b}[2J.rec");
    for way in WAYS {
        let Finished { stdout, stderr, .. } = run_way(way, &name);
        // The others are not for terminals.
        let is_text = !["perfetto", "svg", "html"].contains(&way.1[1]);
        assert!(!is_text || !stdout.contains(steers), "{way:?}: {stdout:?}");
        assert!(!stderr.contains(steers), "{way:?}: {stderr:?}");
        let run = run_way(way, &missing);
        assert!(!run.stderr.contains(steers), "{run:?}");
    }
}
