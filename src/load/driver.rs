//! All clients, in one thread, on one selector.

use super::counts::{GroupCounts, LoadResult};
use super::each::Each;
use super::live::{LiveLoad, Teller};
use super::message::{CHUNK, Time};
use super::script::Group;
use super::talker::{ClientTurn, Talker, Timer};
use super::{Cancel, LoadOptions};
use crate::net::{Ready, Selector};
use crate::probe::{NoProbe, SocketId};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::SocketAddr;
use std::time::Instant;

/// How many timers may fire before the sockets have their turn.
const TIMERS_AT_ONCE: usize = 256;

/// The clients of one run.
pub(super) struct Driver<'s> {
    groups: &'s [Group],
    target: SocketAddr,
    timer: Timer,
    time_limit: Time,
    selector: Selector<NoProbe>,
    clients: Vec<ScheduledClient<'s>>,
    /// One for each group.
    tallies: Vec<GroupCounts>,
    each: Each,
    timers: BinaryHeap<Reverse<(Time, usize)>>,
    scratch: Box<[u8]>,
    live: usize,
    teller: Option<Teller>,
    live_load: Option<LiveLoad>,
}

struct ScheduledClient<'s> {
    group: usize,
    talker: Talker<'s>,
    /// The earliest of its timers; later ones find nothing to do.
    timer: Option<Time>,
}

impl<'s> Driver<'s> {
    pub(super) fn new(
        target: SocketAddr,
        groups: &'s [Group],
        options: &LoadOptions,
    ) -> io::Result<Self> {
        let (clock, live_load) = (options.clock.clone(), options.live.clone());
        let clients = entries(groups);
        let starts = clients.iter().enumerate();
        let timers = starts
            .filter_map(|(index, entry)| Some(Reverse((entry.timer?, index))))
            .collect();
        Ok(Self {
            groups,
            target,
            timer: Timer { start: clock.now(), clock },
            time_limit: options.time_limit,
            selector: Selector::unobserved()?,
            live: clients.len(),
            teller: live_load.clone().map(Teller::new),
            live_load,
            clients,
            tallies: groups.iter().map(|_| GroupCounts::new()).collect(),
            each: Each::default(),
            timers,
            scratch: vec![0; CHUNK].into_boxed_slice(),
        })
    }

    /// Runs until all clients are over, the time is up or it is cancelled.
    pub(super) fn run(mut self, cancel: &Cancel) -> io::Result<LoadResult> {
        let mut ready = Ready::new();
        cancel.wakes(self.selector.notifier());
        let notifier = self.selector.notifier();
        self.timer.clock.on_advance(move || notifier.notify());
        while self.live > 0
            && !cancel.is_cancelled()
            && self.timer.now() < self.time_limit
        {
            let until = self.wake_at();
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

    /// Publishes the current counts for live displays.
    fn tell(&mut self) {
        if let Some(teller) = &mut self.teller {
            teller.tell(&self.tallies, self.timer.now());
        }
    }

    /// The first timer, or the time limit if it comes before; `None` if
    /// both are further away than the clock can tell.
    fn wake_at(&self) -> Option<Instant> {
        let first = self.timers.peek().map(|Reverse((time, _))| *time);
        let teller = self.teller.as_ref();
        let update = teller.and_then(|teller| teller.due(&self.tallies));
        let first = first.into_iter().chain(update).min();
        let time = first.map_or(self.time_limit, |it| it.min(self.time_limit));
        let moment = self.timer.start.checked_add(time)?;
        Some(self.timer.clock.look_at(moment))
    }

    fn fire_timers(&mut self) {
        let now = self.timer.now();
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
        act: fn(&mut Talker<'s>, &mut ClientTurn<'_>),
    ) {
        let Some(entry) = self.clients.get_mut(index) else { return };
        if entry.talker.is_over() {
            return;
        }
        let mut turn = ClientTurn {
            timer: &self.timer,
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
        let now = self.timer.now();
        let Some(deadline) = entry.talker.deadline(now) else { return };
        if entry.timer.is_none_or(|timer| timer > deadline) {
            entry.timer = Some(deadline);
            self.timers.push(Reverse((deadline, index)));
        }
    }

    /// Cuts off the clients that have not ended, and computes the result.
    fn finish(mut self) -> LoadResult {
        for index in 0..self.clients.len() {
            self.take_turn(index, Talker::cut_off);
        }
        if let Some(mut teller) = self.teller.take() {
            teller.finish(&self.tallies);
        }
        let (groups, tallies) = (self.groups, &self.tallies);
        LoadResult::new(groups, tallies, &self.each, self.timer.now())
    }
}

fn entries(groups: &[Group]) -> Vec<ScheduledClient<'_>> {
    let mut entries: Vec<ScheduledClient<'_>> = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        for index in 0..group.count {
            let start = start_of(group, index);
            let id = SocketId(small(entries.len() + 1));
            let place = small(index + 1);
            let talker = Talker::new(id, (group, place), start);
            entries.push(ScheduledClient {
                group: number,
                talker,
                timer: Some(start),
            });
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
