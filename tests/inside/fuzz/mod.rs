//! Nonsense in, no panic out.
//!
//! Goal: nothing that comes from outside makes the program panic or take
//! memory without a limit: files, command lines, keys, bytes of clients.
//! Method: valid inputs are changed at random, from a seed. Every kind is a
//! test with its share of `SOCKSCOPE_FUZZ` inputs, few unless that is set. A
//! panic is reported with the kind, the seed, the number and the input;
//! `SOCKSCOPE_FUZZ_SEED` begins there again.

mod clients;
mod recordings;
mod screens;
mod texts;

use sockscope::system::usage::peak_memory;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// How many inputs all kinds get together, unless `SOCKSCOPE_FUZZ` says so.
const FEW: u64 = 8_000;

/// Shares are parts of this.
const WHOLE: u64 = 1_000;

/// The number of a variable of the environment.
fn variable(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().expect("a number"))
}

/// Puts a share of all inputs through `run`, which gets the random numbers of
/// one input, and notes in the text what the input is.
fn fuzz(kind: &str, share: u64, mut run: impl FnMut(&mut Random, &mut String)) {
    let all = variable("SOCKSCOPE_FUZZ").unwrap_or(FEW);
    let first = variable("SOCKSCOPE_FUZZ_SEED").unwrap_or(1);
    let count = (all * share).div_ceil(WHOLE);
    let begun = Instant::now();
    for seed in first..first + count {
        let mut input = String::new();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            run(&mut Random::from_seed(seed), &mut input);
        }));
        assert!(
            ended.is_ok(),
            "fuzz {kind}: a panic, SOCKSCOPE_FUZZ_SEED={seed}, input:\n{input}"
        );
    }
    println!(
        "fuzz {kind}: {count} inputs from seed {first} in {:.1} s, 0 panics, \
         peak memory of the process {} MiB",
        begun.elapsed().as_secs_f64(),
        peak_memory().map_or(0, |bytes| bytes >> 20),
    );
}

/// xorshift64, Marsaglia 2003, begun by splitmix64 so that neighbouring seeds
/// have nothing in common.
struct Random(u64);

impl Random {
    fn from_seed(seed: u64) -> Self {
        let mut it = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        it = (it ^ it >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ it >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        Self((it ^ it >> 31) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 1).unwrap_or(0) % limit.max(1)
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn choose<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// Changes a few places of these bytes: they are overwritten, cut out,
    /// doubled, moved or replaced by a piece of another input.
    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        const LONGEST: usize = 1 << 14;
        for _ in 0..=self.below(4) {
            let len = bytes.len();
            let from = self.below(len + 1);
            let until = (from + self.below(24)).min(len);
            let piece = self.below(other.len() + 1);
            let piece_end = (piece + self.below(48)).min(other.len());
            let piece = other[piece..piece_end].to_vec();
            match self.below(9) {
                0 => bytes.truncate(from),
                1 => drop(bytes.drain(from..until)),
                2 => bytes.extend_from_within(from..until),
                3 => drop(bytes.splice(from..from, piece)),
                4 | 5 => drop(bytes.splice(from..until, piece)),
                6 => {
                    let digits = self.next().to_string();
                    bytes.splice(from..until, digits.into_bytes());
                }
                _ if from < len => bytes[from] = self.next().to_le_bytes()[0],
                _ => bytes.push(b'"'),
            }
            bytes.truncate(LONGEST);
        }
    }
}

/// The same seed gives the same input, another one another input.
#[test]
fn an_input_follows_from_its_seed() {
    let change = |seed| {
        let mut bytes = b"a text that is changed".to_vec();
        Random::from_seed(seed).change(&mut bytes, b"by another one");
        bytes
    };
    assert_eq!(change(7), change(7));
    assert!((1..9).any(|seed| change(seed) != change(seed + 1)));
}
