//! How long it takes to go to a place in a recording of ten million events,
//! and to step backwards and forwards there:
//! `cargo bench --bench replay [-- --quick | FILE]`.
//!
//! Without a file, a hundred clients that talk without a pause are recorded
//! first, which takes most of a minute; `--quick` does so for two seconds.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail as it stands")]

use sockscope::recording::Recording;
use sockscope::recording::replay::{Player, Target};
use sockscope::units::{show_count, show_size, show_time};
use std::env::args;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const JUMPS: usize = 400;

/// As many as a key that is held down makes in a minute.
const STEPS: u32 = 2_000;

fn main() {
    let asked = args().skip(1).find(|it| it != "--bench");
    match asked.as_deref() {
        Some("--quick") => of_own(2),
        Some(file) => tell(Path::new(file)),
        None => of_own(50),
    }
}

/// Of a recording that is made for it.
fn of_own(seconds: u32) {
    let path = temporary("rec");
    record(&path, seconds);
    tell(&path);
    fs::remove_file(path).unwrap();
}

fn temporary(ending: &str) -> PathBuf {
    let name = format!("sockscope-replay-{}.{ending}", std::process::id());
    std::env::temp_dir().join(name)
}

fn record(path: &Path, seconds: u32) {
    let scenario = temporary("toml");
    let text = include_str!("busy.toml");
    let text = text.replace("1 s", &format!("{seconds} s"));
    fs::write(&scenario, text).unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_sockscope"))
        .args(["selector", "--ui", "none", "--scenario"])
        .arg(&scenario)
        .arg("--record")
        .arg(path)
        .stdout(Stdio::null())
        .status();
    fs::remove_file(scenario).unwrap();
    assert!(status.unwrap().success());
}

fn tell(path: &Path) {
    let recording = Recording::open(path).unwrap();
    let (events, bytes) = (recording.events(), recording.bytes());
    println!(
        "{} events, {}, {} long",
        show_count(events),
        show_size(bytes),
        show_time(recording.duration())
    );
    let mut player = Player::new(&recording);
    let begun = Instant::now();
    player.read_ahead().unwrap();
    while !player.read().is_done {
        thread::sleep(Duration::from_millis(5));
    }
    println!("read ahead once in {}", show_time(begun.elapsed()));
    jumps(&mut player, events);
    steps(&mut player, events);
}

/// To places all over it, each with its view.
fn jumps(player: &mut Player, events: u64) {
    let mut place = 1_u64;
    let mut times: Vec<_> = (0..JUMPS)
        .map(|_| {
            // Knuth's MMIX generator: the same places each time.
            place = place
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let event = (place >> 16) % events.max(1);
            let begun = Instant::now();
            player.go(Target::Event(event)).unwrap();
            black_box(player.view());
            begun.elapsed()
        })
        .collect();
    times.sort();
    println!(
        "{JUMPS} jumps: half within {}, 99 % within {}, all within {}",
        show_time(times[JUMPS / 2]),
        show_time(times[JUMPS * 99 / 100]),
        show_time(times[JUMPS - 1])
    );
}

fn steps(player: &mut Player, events: u64) {
    let middle = events / 2;
    for (way, backwards) in [("forwards", false), ("backwards", true)] {
        player.go(Target::Event(middle)).unwrap();
        let begun = Instant::now();
        for step in 1..=u64::from(STEPS) {
            let event = if backwards { middle - step } else { middle + step };
            player.go(Target::Event(event)).unwrap();
            black_box(player.view());
        }
        let each = begun.elapsed() / STEPS;
        println!("{STEPS} steps {way}: {} each", show_time(each));
    }
}
