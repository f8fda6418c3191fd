//! Reads a great many broken recordings and tells how many could be read and
//! how much memory that took:
//!
//! ```sh
//! sockscope tasks --scenario two-clients --ui none --record whole.rec
//! cargo run --release --example broken_recordings -- 1000000 1 whole.rec
//! ```
//!
//! A million variants of such a recording, some 10 KiB, take 7 minutes of CPU
//! time; those of a larger one take longer by as much as it is larger.
//!
//! Every other file has its bytes changed as they are, which checksums find
//! out. In the others the content of a block is changed and gets a right
//! checksum, so that what reads records meets nonsense, too; now and then it
//! is repeated until it is as large as it may be.

#![expect(clippy::unwrap_used, reason = "it may fail where it stands")]

use flate2::Compression;
use flate2::write::DeflateEncoder;
use sockscope::export::{self, CAST_SIZE, ExportFailure, ExportSubject};
use sockscope::recording::replay::{Player, Target};
use sockscope::recording::{LARGEST_BLOCK, Recording};
use sockscope::system::usage::peak_memory;
use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

const PREFIX: usize = 16;
const HEAD: usize = 52;

/// One content of this many is as large as it may be.
const LARGE: u64 = 1_000;

/// One file of this many is exported into every form, which takes long.
const EXPORTED: u64 = 64;

/// A moment of the run.
const MOMENT: Duration = Duration::from_millis(700);

const USAGE: &str = "\
broken_recordings COUNT SEED FILE: reads COUNT broken variants of a whole
recording. A million of one of 10 KiB take 7 minutes in a release build, and
ten times as long in a debug build; a larger file takes longer.";

/// xorshift64, Marsaglia 2003.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    /// Changes some bytes, cuts, doubles or lengthens.
    fn change(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(6) {
            let at = self.below(bytes.len());
            match self.below(8) {
                0 => bytes.truncate(at),
                1 => bytes.extend_from_within(at..),
                2 => bytes.extend([0xff; 9]),
                3 if !bytes.is_empty() => bytes[at] = 0xff,
                _ if !bytes.is_empty() => bytes[at] = self.byte(),
                _ => {}
            }
            bytes.truncate(1 << 16);
        }
    }
}

/// A whole recording's blocks, each with its tag and its content.
struct Parts {
    prefix: Vec<u8>,
    blocks: Vec<([u8; HEAD], Vec<u8>)>,
}

impl Parts {
    fn of(file: &[u8]) -> Self {
        let (mut at, mut blocks) = (PREFIX, Vec::new());
        while file.len() >= at + HEAD + 28 {
            let head: [u8; HEAD] = file[at..at + HEAD].try_into().unwrap();
            let stored = u32::from_le_bytes(head[4..8].try_into().unwrap());
            let end = at + HEAD + stored as usize;
            let mut raw = Vec::new();
            let mut inflate =
                flate2::read::DeflateDecoder::new(&file[at + HEAD..end]);
            inflate.read_to_end(&mut raw).unwrap();
            if head[0] != b'I' {
                blocks.push((head, raw));
            }
            at = end;
        }
        Self { prefix: file[..PREFIX].to_vec(), blocks }
    }

    /// The same with one content changed, and all checksums right.
    fn changed(&self, random: &mut Random, is_large: bool) -> Vec<u8> {
        let place = random.below(self.blocks.len());
        let mut file = self.prefix.clone();
        for (number, (head, raw)) in self.blocks.iter().enumerate() {
            let mut raw = raw.clone();
            if number == place && !is_large {
                random.change(&mut raw);
            } else if number == place && !raw.is_empty() {
                raw = raw.into_iter().cycle().take(LARGEST_BLOCK).collect();
            }
            file.extend(block(*head, &raw));
        }
        file
    }
}

/// A block with this content and otherwise this head.
fn block(mut head: [u8; HEAD], raw: &[u8]) -> Vec<u8> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(raw).unwrap();
    let stored = deflate.finish().unwrap();
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap();
    head[4..8].copy_from_slice(&length(&stored).to_le_bytes());
    head[8..12].copy_from_slice(&length(raw).to_le_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(&head[..48]);
    crc.update(&stored);
    head[48..].copy_from_slice(&crc.sum().to_le_bytes());
    [&head[..], &stored].concat()
}

/// Reads all that can be read and shows it. What cannot has an offset.
fn read(bytes: Vec<u8>, number: u64) -> Result<(), String> {
    let recording = Recording::of_bytes(bytes).map_err(|it| it.to_string())?;
    let mut cursor = recording.from_start();
    while cursor.step().map_err(|it| it.to_string())?.is_some() {}
    let _ = cursor.known().counters.clone();
    let mut player = Player::new(&recording);
    let middle = Target::Event(recording.events() / 2);
    for place in [Target::Event(u64::MAX), Target::Time(MOMENT), middle] {
        player.go(place).map_err(|it| it.to_string())?;
        let _ = (player.view(), recording.playback("", MOMENT));
    }
    if number.is_multiple_of(EXPORTED) {
        export_all(&recording).map_err(|it| it.to_string())?;
    }
    Ok(())
}

/// Into every form, and away with it.
fn export_all(recording: &Recording) -> Result<(), ExportFailure> {
    let subject = ExportSubject {
        recording,
        name: "broken",
        from: Duration::ZERO,
        until: Duration::MAX,
    };
    let mut away = std::io::sink();
    export::csv(&subject, &mut away)?;
    export::jsonl(&subject, &mut away)?;
    export::md(&subject, &mut away)?;
    export::perfetto(&subject, &mut away)?;
    export::svg(&subject, &mut away)?;
    export::html(&subject, &mut away)?;
    export::cast(&[subject], &[], CAST_SIZE, &mut away)
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [count, seed, file] = &arguments[..] else {
        eprintln!("{USAGE}");
        std::process::exit(2);
    };
    let (count, seed): (u64, u64) =
        (count.parse().expect(USAGE), seed.parse().expect(USAGE));
    let whole = std::fs::read(file).unwrap();
    let parts = Parts::of(&whole);
    let (mut random, start) = (Random(seed | 1), Instant::now());
    let mut whole_ones = 0_u64;
    for file in 0..count {
        let bytes = if file % 2 == 0 {
            let mut bytes = whole.clone();
            random.change(&mut bytes);
            bytes
        } else {
            parts.changed(&mut random, file % LARGE == 1)
        };
        match read(bytes, file) {
            Ok(()) => whole_ones += 1,
            Err(error) => {
                let is_none = error.contains("is no recording");
                assert!(is_none || error.contains("at byte"), "{error}");
            }
        }
    }
    println!(
        "{count} files in {:.1} s: {whole_ones} read to some end, {} refused, \
         each with an offset; peak memory {} MiB",
        start.elapsed().as_secs_f64(),
        count - whole_ones,
        peak_memory().map_or(0, |bytes| bytes >> 20)
    );
}
