//! All clients, in one thread, on one selector.

use super::exchange::CHUNK;
use super::live::LiveUpdates;
use super::result::{LoadResult, LoadTally};
use super::script::Group;
use super::talker::{LoadState, Talker};
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
    shared: LoadState,
    clients: Vec<Talker<'s>>,
    timers: BinaryHeap<Reverse<(Duration, usize)>>,
    /// How many clients are not over.
    going_on: usize,
    time_limit: Duration,
    updates: LiveUpdates,
}

impl<'s> Driver<'s> {
    pub(super) fn new(
        target: SocketAddr,
        groups: &'s [Group],
        options: &LoadOptions,
    ) -> io::Result<Self> {
        let all = groups.iter().enumerate().flat_map(|group| {
            let count = u32::try_from(group.1.count).unwrap_or(u32::MAX);
            (1..=count).map(move |number| (group, number))
        });
        let clients: Vec<_> = (1..)
            .zip(all)
            .map(|(id, (group, number))| {
                Talker::new(SocketId(id), group, number)
            })
            .collect();
        let timers = clients.iter().zip(0..).filter_map(|(client, index)| {
            Some(Reverse((client.timer?, index)))
        });
        let clock = options.clock.clone();
        Ok(Self {
            timers: timers.collect(),
            going_on: clients.len(),
            clients,
            time_limit: options.time_limit,
            updates: LiveUpdates::new(options.live.clone()),
            shared: LoadState {
                start: clock.now(),
                clock,
                target,
                selector: Selector::with_probe(NoProbe)?,
                tally: LoadTally::new(groups),
                live: options.live.clone(),
                scratch: vec![0; CHUNK].into_boxed_slice(),
                echo_times: Vec::new(),
            },
        })
    }

    /// Runs until all clients are over, the time is up or it is cancelled.
    pub(super) fn run(mut self, cancel: &Cancel) -> io::Result<LoadResult> {
        let mut ready = Ready::new();
        let handle = self.shared.selector.handle();
        let on_advance = handle.clone();
        cancel.on_cancel(move || handle.notify());
        self.shared.clock.on_advance(move || on_advance.notify());
        while self.going_on > 0
            && !cancel.is_cancelled()
            && self.shared.now() < self.time_limit
        {
            let until = self.wake_at();
            // Asleep here until a client can go on.
            self.shared.selector.wait_until(&mut ready, until)?;
            for id in ready.iter() {
                self.take_turn(id.0 as usize - 1, Talker::on_ready);
            }
            self.fire_timers();
            let now = self.shared.now();
            self.updates.publish(&self.shared.tally.total, now);
        }
        for index in 0..self.clients.len() {
            self.take_turn(index, Talker::cut_off);
        }
        self.updates.publish(&self.shared.tally.total, Duration::MAX);
        let run_time = self.shared.now();
        Ok(self.shared.tally.finish(run_time))
    }

    /// The first timer, the next live update or the time limit, whichever is
    /// first; `None` if it is later than an `Instant` can be.
    fn wake_at(&self) -> Option<Instant> {
        let LoadState { tally, start, clock, .. } = &self.shared;
        let first = self.timers.peek().map(|Reverse((time, _))| *time);
        let update = self.updates.due(&tally.total);
        let times = first.into_iter().chain(update);
        let time = times.fold(self.time_limit, Duration::min);
        Some(clock.look_at(start.checked_add(time)?))
    }

    fn fire_timers(&mut self) {
        let now = self.shared.now();
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

    /// Gives one client its turn, if it is not over, and has it called at its
    /// next deadline.
    fn take_turn(
        &mut self,
        index: usize,
        act: fn(&mut Talker<'s>, &mut LoadState),
    ) {
        let Some(client) = self.clients.get_mut(index) else { return };
        if client.is_over() {
            return;
        }
        act(client, &mut self.shared);
        if client.is_over() {
            self.going_on -= 1;
        } else if let Some(deadline) = client.deadline(self.shared.now())
            && client.timer.is_none_or(|timer| timer > deadline)
        {
            client.timer = Some(deadline);
            self.timers.push(Reverse((deadline, index)));
        }
    }
}
