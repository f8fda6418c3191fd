//! All clients, in one thread, on one selector.

use super::counts::{Counts, LoadResult};
use super::each::Each;
use super::live::{LiveLoad, Teller};
use super::message::{CHUNK, Time};
use super::script::Group;
use super::talker::{Clock, Talker, Turn};
use super::{Cancel, LoadOptions};
use crate::net::{Ready, Selector};
use crate::probe::{NoProbe, SocketId};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How many timers may fire before the sockets have their turn.
const TIMERS_AT_ONCE: usize = 256;

/// The clients of one run.
pub(super) struct Driver<'s> {
    groups: &'s [Group],
    target: SocketAddr,
    clock: Clock,
    selector: Selector<NoProbe>,
    clients: Vec<Entry<'s>>,
    /// One for each group.
    tallies: Vec<Counts>,
    each: Each,
    timers: BinaryHeap<Reverse<(Time, usize)>>,
    scratch: Box<[u8]>,
    live: usize,
    teller: Option<Teller>,
    live_load: Option<LiveLoad>,
}

struct Entry<'s> {
    group: usize,
    talker: Talker<'s>,
    /// The earliest of its timers; later ones find nothing to do.
    timer: Option<Time>,
}

impl<'s> Driver<'s> {
    pub(super) fn new(
        target: SocketAddr,
        groups: &'s [Group],
    ) -> io::Result<Self> {
        let clients = entries(groups);
        let starts = clients.iter().enumerate();
        let timers = starts
            .filter_map(|(index, entry)| Some(Reverse((entry.timer?, index))))
            .collect();
        Ok(Self {
            groups,
            target,
            clock: Clock { start: Instant::now() },
            selector: Selector::unobserved()?,
            live: clients.len(),
            teller: None,
            live_load: None,
            clients,
            tallies: groups.iter().map(|_| Counts::new()).collect(),
            each: Each::default(),
            timers,
            scratch: vec![0; CHUNK].into_boxed_slice(),
        })
    }

    /// Runs until all clients are over, the time is up or it is cancelled.
    pub(super) fn run(
        mut self,
        options: &LoadOptions,
        cancel: &Cancel,
    ) -> io::Result<LoadResult> {
        self.live_load.clone_from(&options.live);
        self.teller = options.live.clone().map(Teller::new);
        let mut ready = Ready::new();
        cancel.wakes(self.selector.notifier());
        while self.live > 0
            && !cancel.is_cancelled()
            && self.clock.now() < limit(options)
        {
            let until = self.wake_at(limit(options));
            // Asleep here until a client can go on.
            self.selector.wait_until(&mut ready, until)?;
            for id in ready.iter() {
                self.take_turn(id.0 as usize - 1, Talker::on_ready);
            }
            self.fire_timers();
            self.tell();
        }
        Ok(self.finish())
    }

    /// Tells whoever looks on how it goes.
    fn tell(&mut self) {
        if let Some(teller) = &mut self.teller {
            teller.tell(&self.tallies, self.clock.now());
        }
    }

    /// The first timer, or the time limit if it comes before; `None` if
    /// both are further away than the clock can tell.
    fn wake_at(&self, limit: Duration) -> Option<Instant> {
        let first = self.timers.peek().map(|Reverse((time, _))| *time);
        let told = self.teller.as_ref();
        let told = told.and_then(|teller| teller.due(&self.tallies));
        let first = first.into_iter().chain(told).min();
        let time = first.map_or(limit, |time| time.min(limit));
        self.clock.start.checked_add(time)
    }

    fn fire_timers(&mut self) {
        let now = self.clock.now();
        for _ in 0..TIMERS_AT_ONCE {
            let Some(&Reverse((time, index))) = self.timers.peek() else {
                return;
            };
            if time > now {
                return;
            }
            self.timers.pop();
            let timer = &mut self.clients[index].timer;
            *timer = timer.filter(|earliest| *earliest > time);
            self.take_turn(index, Talker::go_on);
        }
    }

    /// Gives one client its turn, if it is not over.
    fn take_turn(
        &mut self,
        index: usize,
        act: fn(&mut Talker<'s>, &mut Turn<'_>),
    ) {
        let Some(entry) = self.clients.get_mut(index) else { return };
        if entry.talker.is_over() {
            return;
        }
        let mut turn = Turn {
            clock: self.clock,
            target: self.target,
            selector: &mut self.selector,
            counts: &mut self.tallies[entry.group],
            each: &mut self.each,
            live: self.live_load.as_ref(),
            scratch: &mut self.scratch,
        };
        act(&mut entry.talker, &mut turn);
        if entry.talker.is_over() {
            self.live -= 1;
        } else {
            self.set_timer(index);
        }
    }

    /// Has the client called at its deadline, unless it is called before.
    fn set_timer(&mut self, index: usize) {
        let entry = &mut self.clients[index];
        let now = self.clock.now();
        let Some(deadline) = entry.talker.deadline(now) else { return };
        if entry.timer.is_none_or(|timer| timer > deadline) {
            entry.timer = Some(deadline);
            self.timers.push(Reverse((deadline, index)));
        }
    }

    /// Cuts off whoever is left, and counts.
    fn finish(mut self) -> LoadResult {
        for index in 0..self.clients.len() {
            self.take_turn(index, Talker::cut_off);
        }
        if let Some(mut teller) = self.teller.take() {
            teller.finish(&self.tallies);
        }
        let (groups, tallies) = (self.groups, &self.tallies);
        LoadResult::new(groups, tallies, &self.each, self.clock.now())
    }
}

/// When the time is up, as far as is known by now.
fn limit(options: &LoadOptions) -> Duration {
    let held_up = options.live.as_ref().map(LiveLoad::held_up);
    options.time_limit.saturating_add(held_up.unwrap_or_default())
}

fn entries(groups: &[Group]) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        for index in 0..group.count {
            let start = start_of(group, index);
            let id = SocketId(small(entries.len() + 1));
            let place = small(index + 1);
            let talker = Talker::new(id, (group, place), start);
            entries.push(Entry { group: number, talker, timer: Some(start) });
        }
    }
    entries
}

/// When the group's client of this number starts.
fn start_of(group: &Group, index: usize) -> Time {
    let after = group.stagger.saturating_mul(small(index));
    group.start.saturating_add(after)
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
