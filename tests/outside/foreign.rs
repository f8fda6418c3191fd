//! Foreign text stays text: a marker with everything that acts in some output
//! is put into every text that is read, and looked for in every form of output.

use crate::support::process::{
    Finished, Folder, Program, record, run, sockscope,
};
use crate::support::svg;
use pulldown_cmark::{Event as Mark, Options, Parser, Tag};
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Serialize};
use serde_json::{Value, json};
use sockscope::measure::parse_baseline;
use sockscope::probe::{
    Event, Exit, Kind, Note, Outcome, Phase, Site, SocketId, Tally, ThreadId,
};
use sockscope::recording::{Header, Recording, Writer};
use sockscope::run::conditions::Conditions;
use sockscope::run::report::RunReport;
use sockscope::scenario;
use sockscope::text::{clean, steers};
use sockscope::units::Nanos;
use sockscope::view::{CountersUpdate, Named, Observation};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// What a spreadsheet computes, terminals obey, and tables, code, pages, XML
/// and lines end at.
const MARKER: &str = "=1+1\x1b[31mforeign\u{9b}31m\u{202e}|`<script>&amp;\"\
                      [x](y)]]>\nforged";

/// The same where controls are refused.
const PRINTABLE: &str = "=1+1foreign\u{202e}|`<script>&amp;\"[x](y)]]>";

/// What an output has to show of the one or the other.
fn shown() -> [&'static str; 2] {
    [MARKER.trim_end_matches("\nforged"), PRINTABLE]
}

// ---- Into every text ---------------------------------------------------

/// The value with the marker in every text that may be any text: where the
/// value is still valid with it, in place of a text, of nothing, or in an empty
/// list.
fn marked(value: &Value, is_valid: impl Fn(&Value) -> bool) -> Value {
    assert!(is_valid(value), "{value}");
    let mut places = Vec::new();
    find_places(value, String::new(), &mut places);
    let mut marked = value.clone();
    for place in &places {
        let old = marked.pointer(place).unwrap().clone();
        let markers = [MARKER, PRINTABLE].map(|marker| match old {
            Value::Array(_) => json!([marker]),
            _ => json!(marker),
        });
        // A name may have to be the same in several places.
        let ways = markers.iter().flat_map(|marker| {
            let mut one = marked.clone();
            *one.pointer_mut(place).unwrap() = marker.clone();
            let mut all = marked.clone();
            for it in places.iter().filter(|_| old.is_string()) {
                let it = all.pointer_mut(it).unwrap();
                if *it == old {
                    *it = marker.clone();
                }
            }
            [one, all]
        });
        let valid = ways.into_iter().find(&is_valid);
        marked = valid.unwrap_or(marked);
    }
    marked
}

fn find_places(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, it) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                find_places(it, format!("{place}/{name}"), places);
            }
        }
        Value::Array(all) if !all.is_empty() => {
            for (at, it) in all.iter().enumerate() {
                find_places(it, format!("{place}/{at}"), places);
            }
        }
        Value::String(_) | Value::Null | Value::Array(_) => places.push(place),
        _ => {}
    }
}

/// Whether it can be read as this type, which keeps all that it says.
fn is_read<T: DeserializeOwned + Serialize>(value: &Value) -> bool {
    let read = T::deserialize(value).and_then(serde_json::to_value);
    read.is_ok_and(|it| it == *value)
}

/// The header and the report of a real run with the marker everywhere.
fn marked_run(folder: &Folder) -> (Value, Value) {
    let file = record(folder, "selector", "half-close", &[]);
    let run = Recording::open(Path::new(&file)).unwrap();
    let header = serde_json::to_value(run.header()).unwrap();
    let is_header = |value: &Value| {
        is_read::<Header>(value) && is_read::<Conditions>(&value["conditions"])
    };
    let report = run.own_report().unwrap();
    let report = serde_json::to_value(report).unwrap();
    let is_report = |it: &Value| {
        is_read::<RunReport>(it) && RunReport::from_json(it).is_some()
    };
    (marked(&header, is_header), marked(&report, is_report))
}

/// A recording with this closing, of clients and source files that are called
/// like the marker.
fn written(header: &Value, report: &Value, failure: Option<&str>) -> Vec<u8> {
    let header = serde_json::from_value(header.clone()).unwrap();
    let mut writer = Writer::new(Vec::new(), &header).unwrap();
    let tally = Tally::default();
    let (address, socket) =
        (SocketAddr::from(([127, 0, 0, 1], 7)), SocketId(1));
    let thread = ThreadId(1);
    let note = |at, note| Event::Note { at: Nanos(at), thread, note };
    let site = Site { file: MARKER, line: 3 };
    let read = Exit::new(Outcome::Bytes(5));
    let about = (Kind::Read, socket, site);
    let events = [
        note(0, Note::Phase(Phase::Running)),
        note(5, Note::Opened { socket, peer: Some(address) }),
        Event::exit([Nanos(6), Nanos(8_000)], thread, about, read),
    ];
    let counters = |at| {
        let at = Duration::from_nanos(at);
        CountersUpdate::whole(at, tally.snapshot(), 0)
    };
    writer.begin_anew(&counters(0));
    let name = MARKER.into();
    writer.add(Observation::Named(Named { address, name }));
    for event in events {
        writer.add(Observation::Event(event));
    }
    writer.counted(&counters(9_000), true);
    let closing = serde_json::from_value(json!({
        "at_ns": 9_000, "events": 3, "events_lost": 0, "payloads_lost": 0,
        "report": report, "failure": failure,
    }));
    writer.close(&mut closing.unwrap()).unwrap().0
}

// ---- Into every form of output -----------------------------------------

/// Runs it to its end, with colours; without, nothing steers either: a pipe may
/// end in a terminal. Nothing on standard error does.
#[track_caller]
fn output(args: &[&str]) -> Finished {
    let [plain, coloured] = ["never", "always"].map(|choice| {
        let run = run(&[args, &["--color", choice]].concat());
        is_plain(&run.stderr);
        run
    });
    let raw = |c| c != '\r' && acts(c);
    assert!(!plain.stdout.contains(raw), "{:?}", plain.stdout);
    coloured
}

/// Text for a terminal, with colours of our own.
#[track_caller]
fn is_plain(text: &str) {
    assert!(!text.contains("\x1b[31mforeign"), "{text:?}");
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        assert!(!before.contains(acts), "{text:?}");
        let colour = |c: char| c.is_ascii_digit() || c == ';';
        let after = after.trim_start_matches(colour);
        rest = after.strip_prefix('m').expect("a colour");
    }
    assert!(!rest.contains(acts), "{text:?}");
}

fn acts(c: char) -> bool {
    c != '\n' && steers(c)
}

#[track_caller]
fn is_text(text: &str) {
    is_plain(text);
    assert!(!text.contains("]]>\nforged"), "{text}");
    assert!(text.contains("foreign"), "{text}");
}

/// Markdown without markup that is not ours, in which the marker is whole.
#[track_caller]
fn is_markdown(page: &str) {
    is_text(page);
    let mut words = String::new();
    for it in Parser::new_ext(page, Options::all()) {
        match it {
            Mark::Text(it) => words += &it,
            Mark::Html(_)
            | Mark::InlineHtml(_)
            | Mark::Code(_)
            | Mark::Start(Tag::Link { .. } | Tag::Image { .. }) => {
                panic!("{it:?} in {page}")
            }
            _ => {}
        }
    }
    let plain = |text: &str| text.replace(['\'', '"', '“', '”', '‘', '’'], "");
    let whole = shown().map(|it| plain(&clean(it)));
    let words = plain(&words);
    assert!(whole.iter().any(|it| words.contains(it)), "{words}");
    for table in page.split("\n\n").filter(|it| it.starts_with('|')) {
        let plain = table.replace("\\\\", "").replace("\\|", "");
        let mut widths = plain.lines().map(|row| row.matches('|').count());
        let first = widths.next().unwrap();
        assert!(widths.all(|width| width == first), "{table}");
    }
}

#[track_caller]
fn is_csv(sheet: &str) {
    is_text(&sheet.replace("\r\n", "\n"));
    let mut rows = csv::Reader::from_reader(sheet.as_bytes());
    for row in rows.records() {
        for cell in &row.unwrap() {
            let computes = cell.trim_start().starts_with(['=', '+', '@']);
            let is_number = cell.parse::<f64>().is_ok();
            assert!(
                !computes && (is_number || !cell.starts_with('-')),
                "{cell}"
            );
        }
    }
}

/// JSON of one or of several lines, in which the marker is as it was.
#[track_caller]
fn is_json(text: &str) {
    assert!(!text.contains(acts), "{text}");
    let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let values: Vec<_> = values.map(Result::unwrap).collect();
    let exact = shown().map(|it| Value::from(it).to_string());
    let again = Value::from(values).to_string();
    assert!(
        exact.iter().any(|it| again.contains(&it[1..it.len() - 1])),
        "{text}"
    );
}

/// A film, whose screen shows no more than text and colours.
#[track_caller]
fn is_cast(film: &str) {
    assert!(!film.contains(acts), "{film}");
    let mut lines = film.lines().map(serde_json::from_str::<Value>);
    let title = lines.next().unwrap().unwrap()["title"].clone();
    is_text(title.as_str().unwrap());
    let frames: String =
        lines.map(|it| it.unwrap()[2].as_str().unwrap().to_owned()).collect();
    assert!(!frames.contains("\x1b[31mforeign"), "{frames:?}");
    let raw = |c: char| c != '\x1b' && steers(c);
    assert!(!frames.contains(raw), "{frames:?}");
}

#[track_caller]
fn is_picture(picture: &str) {
    is_text(picture);
    svg::check(picture);
}

#[track_caller]
fn is_page(page: &str) {
    is_text(page);
    // Two scripts and the data: those of the template.
    assert_eq!(page.matches("<script").count(), 3);
    assert_eq!(page.matches("</script").count(), 3);
}

/// A form of output, and what its text has to be.
type Form = (&'static str, fn(&str));

/// The forms of a report.
const REPORTS: [Form; 4] = [
    ("text", is_text),
    ("json", is_json),
    ("markdown", is_markdown),
    ("csv", is_csv),
];

/// The forms of an export.
const EXPORTS: [Form; 7] = [
    ("csv", is_csv),
    ("jsonl", is_json),
    ("md", is_markdown),
    ("perfetto", is_json),
    ("svg", is_picture),
    ("html", is_page),
    ("cast", is_cast),
];

#[test]
fn recordings_are_text_in_every_form() {
    let folder = Folder::new("foreign-recordings");
    let (header, report) = marked_run(&folder);
    let name = format!("{MARKER}.rec");
    let whole = folder.write(&name, written(&header, &report, None));
    let failed = written(&header, &Value::Null, Some(MARKER));
    let failed = folder.write(&format!("b{name}"), failed);
    let cut = folder.write(&format!("c{name}"), {
        let bytes = std::fs::read(&whole).unwrap();
        bytes[..bytes.len() - 60].to_vec()
    });
    for file in [&*whole, &failed, &cut] {
        // The lines of its introduction stay lines.
        is_plain(&output(&["replay", file, "--ui", "log"]).stdout);
        is_plain(&output(&["replay", file, "--ui", "none"]).stdout);
        for (form, check) in EXPORTS {
            println!("{file:?} as {form}");
            check(&output(&["export", file, "--to", form]).stdout);
        }
    }
    let both = [&*whole, &failed];
    is_cast(&output(&["export", both[0], both[1], "--to", "cast"]).stdout);
    for (form, check) in REPORTS {
        println!("compared as {form}");
        let compare = ["compare", both[0], both[1], "--report", form];
        check(&output(&compare).stdout);
    }
}

/// A scenario file with a text wherever one may be.
const SCENARIO: &str = include_str!("foreign.toml");

#[test]
fn scenarios_are_text_in_every_form() {
    let read: toml::Table = toml::from_str(SCENARIO).unwrap();
    let text = |it: &Value| {
        let table = toml::Table::deserialize(it).unwrap();
        toml::to_string(&table).unwrap()
    };
    let is_scenario = |it: &Value| scenario::parse("a", "a", &text(it)).is_ok();
    let marked =
        text(&marked(&serde_json::to_value(read).unwrap(), is_scenario));
    // As they are, not as the escapes of TOML.
    let marked = marked.replace("\\u202E", "\u{202e}");
    assert!(marked.matches("foreign").count() >= 6, "{marked}");
    let folder = Folder::new("foreign-scenarios");
    let file = folder.write(&format!("{MARKER}.toml"), &marked);
    // Its lines stay lines.
    is_plain(&output(&["scenario", "show", &file]).stdout);
    let check = output(&["scenario", "check", &file, "--modes", "serial"]);
    is_text(&check.stdout);
    is_plain(&output(&["scenario", "list"]).stdout);
    for (form, check) in REPORTS {
        let run = ["--scenario", &file, "--report", form];
        let log = output(&[&["serial", "--ui", "log"][..], &run].concat());
        if form == "text" {
            is_text(&log.stdout);
        }
        for mode in [
            &["serial", "--ui", "none"][..],
            &["compare", "serial", "blocking"],
        ] {
            println!("{mode:?} as {form}");
            check(&output(&[mode, &run[..]].concat()).stdout);
        }
    }
}

#[test]
fn baselines_and_commands_are_text_in_every_form() {
    let folder = Folder::new("foreign-baselines");
    let json = folder.path("a.json");
    let bench = ["bench", "selector", "--clients", "1", "--rounds", "1"];
    let time = ["--time", "100ms", "--warm-up", "10ms", "--quiet"];
    let bench = [&bench[..], &time].concat();
    output(&[&bench[..], &["-o", &json]].concat()).expect_success();
    let text = std::fs::read_to_string(&json).unwrap();
    let result = serde_json::from_str(&text).unwrap();
    let is_baseline = |it: &Value| parse_baseline(&it.to_string()).is_ok();
    let before = marked(&result, is_baseline).to_string();
    let before = folder.write(&format!("{MARKER}.json"), before);
    let forms: [Form; 6] = [
        ("txt", is_text),
        ("json", is_json),
        ("md", is_markdown),
        ("csv", is_csv),
        ("svg", is_picture),
        ("hgrm", is_text),
    ];
    // The shell repeats the name of a command that it does not find.
    let against = MARKER.replace('\n', "");
    let against = format!("'./{against}' {{port}}");
    let sweep = ["sweep", "selector", "--clients", "1,2", "--rounds", "1"];
    let sweep = [&sweep[..], &time].concat();
    for (name, words, extra) in
        [("bench", bench, &["--baseline", &*before][..]), ("sweep", sweep, &[])]
    {
        let mut args = [&words[..], extra, &["--against", &against]].concat();
        let forms = forms.iter().filter(|it| name == "bench" || it.0 != "hgrm");
        let files = forms
            .clone()
            .map(|(form, _)| folder.path(&format!("{name}.{form}")));
        let files: Vec<_> = files.collect();
        args.extend(files.iter().flat_map(|it| ["-o", it]));
        is_text(&output(&args).stdout);
        for (form, check) in forms {
            println!("{name} as {form}");
            let all = std::fs::read_dir(folder.path("")).unwrap();
            let made = all.map(|it| it.unwrap().path()).filter(|it| {
                let file = it.file_name().unwrap().to_str().unwrap();
                file.starts_with(name) && file.ends_with(form)
            });
            let texts = made.map(|it| std::fs::read_to_string(it).unwrap());
            check(&texts.collect::<String>());
        }
    }
}

// ---- Into every error --------------------------------------------------

/// Command lines that are wrong, with the marker at `@`.
const WRONG: &str = "\
    @
    help @
    help scenario @
    selector @
    selector --speed @
    selector --listen @
    selector --scenario @
    selector --scenario ./@
    selector --scenario @.toml
    selector --scenario @/wrong.toml
    selector --scenario none --record no/@
    selector --scenario none -o no/@
    selector --grace @
    selector --theme @
    --config @ selector
    --config @/wrong.toml selector
    compare @
    compare @/wrong.toml
    compare @.rec
    compare selector:@
    bench @
    bench selector --baseline @
    bench selector --baseline @/wrong.toml
    bench selector --clients @
    load @
    replay @
    replay @/wrong.toml
    replay @/wrong.toml --from @
    export @ --to @
    export @/wrong.toml --to md
    scenario @
    scenario show @
    scenario show @/wrong.toml
    scenario check @/wrong.toml
    schema @
    completions @
    man --dir @/wrong.toml";

#[test]
fn errors_repeat_what_was_typed_as_text() {
    let folder = Folder::new("foreign-errors");
    std::fs::create_dir(folder.path(MARKER)).unwrap();
    // A text in JSON is one in TOML, too.
    let wrong = format!("{} = 1\n", Value::from(PRINTABLE));
    folder.write(&format!("{MARKER}/wrong.toml"), wrong);
    for line in WRONG.lines() {
        let args = line.split_whitespace().map(|it| it.replace('@', MARKER));
        let args: Vec<_> = args.collect();
        let mut command = sockscope(&[]);
        command.args(&args).current_dir(folder.path(""));
        let run = finish(command);
        println!("{line}: {}", run.stderr);
        assert_ne!(run.code(), Some(0), "{line}: {run:?}");
        is_plain(&run.stdout);
        is_text(&run.stderr);
    }
    let mut command = sockscope(&["selector"]);
    command.env("SOCKSCOPE_THEME", MARKER);
    is_text(&finish(command).stderr);
}

fn finish(mut command: Command) -> Finished {
    command.env("CLICOLOR_FORCE", "1");
    Program::spawn(command).finish()
}
