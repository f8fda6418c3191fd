//! Rounds in which the variants take turns, so that what disturbs the
//! machine disturbs all of them; each is compared with the first of its own
//! round, and what is printed is the median ratio with its spread.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use sockscope::probe::{Clock, Tally, Tap};

/// How much to measure.
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// How long one sample takes, about.
    pub(crate) sample: Duration,
}

impl Effort {
    /// `--quick` on the command line shows that all of it runs, no more.
    pub(crate) fn asked_for(rounds: usize, sample: Duration) -> Self {
        if env::args().any(|argument| argument == "--quick") {
            return Self { rounds: 3, sample: sample / 10 };
        }
        Self { rounds, sample }
    }
}

/// One thing to measure, as often as asked: its figure for one sample.
pub(crate) struct Variant<'a> {
    pub(crate) name: &'static str,
    pub(crate) sample: Box<dyn FnMut() -> f64 + 'a>,
}

impl<'a> Variant<'a> {
    pub(crate) fn new(
        name: &'static str,
        sample: impl FnMut() -> f64 + 'a,
    ) -> Self {
        Self { name, sample: Box::new(sample) }
    }
}

/// Measures the variants in interleaved rounds and prints them; `base` is the
/// variant that each is compared with.
pub(crate) fn compare(
    title: &str,
    unit: &str,
    rounds: usize,
    mut variants: Vec<Variant>,
    base: impl Fn(usize) -> usize,
) {
    for variant in &mut variants {
        (variant.sample)();
    }
    let mut samples = vec![Vec::new(); variants.len()];
    for _ in 0..rounds {
        for (variant, samples) in variants.iter_mut().zip(&mut samples) {
            samples.push((variant.sample)());
        }
    }
    println!("{title}, {rounds} rounds");
    for (place, (variant, own)) in variants.iter().zip(&samples).enumerate() {
        let base = &samples[base(place)];
        let ratios = own.iter().zip(base).map(|(own, base)| own / base);
        let ratios = Spread::of(ratios.collect());
        let median = Spread::of(own.clone()).median;
        let Spread { median: ratio, low, high } = ratios;
        let name = variant.name;
        println!(
            "  {name:<22} {median:>10.1} {unit:<10} \
             {ratio:>6.3} times [{low:.3} .. {high:.3}]"
        );
    }
}

/// The middle of some figures, and the range of the middle half.
struct Spread {
    median: f64,
    low: f64,
    high: f64,
}

impl Spread {
    fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |quarter| figures[(figures.len() - 1) * quarter / 4];
        Self { median: at(2), low: at(1), high: at(3) }
    }
}

/// A tally and a tap with a thread that takes from it, as a screen would.
pub(crate) struct Observers {
    pub(crate) probe: (Arc<Tally>, Arc<Tap>),
    over: Arc<AtomicBool>,
    drain: Option<JoinHandle<()>>,
}

impl Observers {
    pub(crate) fn new() -> Self {
        let (tap, receiver) = Tap::new(1 << 16, Clock::wall(), false);
        let over = Arc::new(AtomicBool::new(false));
        let ended = over.clone();
        let drain = thread::spawn(move || {
            while !ended.load(Relaxed) {
                receiver.drain().for_each(drop);
                thread::sleep(Duration::from_millis(5));
            }
        });
        let probe = (Arc::new(Tally::default()), tap);
        Self { probe, over, drain: Some(drain) }
    }
}

impl Drop for Observers {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        let _ = self.drain.take().map(JoinHandle::join);
    }
}
