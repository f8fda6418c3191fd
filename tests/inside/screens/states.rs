//! What each situation says: of one run, of several, of a recording, of the
//! event loop.

use super::stage::{Stage, connect};
use sockscope::load::HandState;
use sockscope::modes::Mode;
use sockscope::probe::{Before, Site, Speed};
use sockscope::system::queues::KernelQueue;
use sockscope::tui::{Glyphs, TrackPhase};
use sockscope::view::{
    BacklogClient, Direction, Finding, Kind, Measured, Shares, SocketId,
    SocketState, Step, TaskCount, TaskId, TaskNow,
};
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);

/// A situation, what makes it, what the screen shows in it, and what not.
type Case = (Stage, fn(&mut Stage), &'static [&'static str], &'static str);

fn plain(mode: Mode) -> Stage {
    Stage::of(mode, 80, 24)
}

fn small(mode: Mode) -> Stage {
    plain(mode).with_clients()
}

fn large(mode: Mode) -> Stage {
    Stage::of(mode, 120, 40)
}

fn recorded() -> Stage {
    plain(Mode::Selector).recorded()
}

fn slow(stage: Stage) -> Stage {
    let speed = Speed::of_factor(0.0005).unwrap();
    stage.with(|it| it.control.speed = speed)
}

/// A thread that is held before its next call, in this line.
fn held_in(stage: &mut Stage, file: &'static str, line: u32) {
    stage.control.paused = true;
    stage.hold(None);
    let thread = &mut stage.view.threads[0];
    (thread.site, thread.in_call) = (Site { file, line }, false);
    thread.is_held = true;
}

fn name_silent(stage: &mut Stage) {
    let peer = stage.view.sockets[2].count.peer.unwrap();
    stage.names = Arc::new([(peer, "silent".into())].into());
}

fn share(stage: &mut Stage, asleep: f32, brief: f32, working: f32) {
    let shares = Shares { asleep, brief, working, ..Shares::default() };
    stage.view.turns.shares = shares;
}

/// Each situation shows its words, and not the others.
fn have_words(cases: Vec<Case>) {
    for (at, (stage, change, shown, hidden)) in cases.into_iter().enumerate() {
        let text = stage.with(change).text();
        for words in shown {
            assert!(text.contains(words), "{at}, {words}: {text}");
        }
        assert!(hidden == "-" || !text.contains(hidden), "{at}: {text}");
    }
}

#[test]
#[rustfmt::skip]
fn each_situation_of_a_single_run_has_its_words() {
    have_words(vec![
        // How many wait: the system knows better.
        (plain(Mode::Serial), |it| connect(it, 1), &["no client waits"], "1 client waits"),
        (plain(Mode::Serial), |it| connect(it, 2), &["#0    listener   no thread is in accept; 1 client waits"], "-"),
        (plain(Mode::Serial), |it| it.measured.waiting = Some(12), &["no thread is in accept; 12 clients wait"], "-"),
        (plain(Mode::Serial), |it| { it.measured.waiting = Some(0); connect(it, 9); }, &["no client waits"], "-"),
        (small(Mode::Nonblocking), |it| it.measured.clients_done = true,
            &["127.0.0.1:40123", "two-clients", "clients done", "the clients are done, the server is not: c connects one, q ends it"], "-"),
        (small(Mode::Nonblocking), |it| it.phases[0] = TrackPhase::Over,
            &["OVER", "the run is over: q leaves, ? help", "\n ? help  q leave  tab pane"], "space"),
        (small(Mode::Nonblocking), |it| it.phases[0] = TrackPhase::Failed("out of memory".into()),
            &["FAILED", "the run is over: q leaves, ? help; it failed: out of memory"], "space"),
        (small(Mode::Nonblocking), |it| it.recording_incomplete = Some("its recording ends 1 s after the start, at its limit of 1 GiB".into()),
            &["\n its recording ends 1 s after the start, at its limit of 1 GiB; the run goes on"], "-"),
        // The footer offers what a key does now.
        (small(Mode::Nonblocking), |_| {}, &["\n space pause  ? help"], "step"),
        (small(Mode::Nonblocking).held(None), |_| {}, &["\n space resume  . step  n iteration"], "space pause"),
        (recorded().pause(), |it| it.playback().plays = Some(Direction::Forwards), &["\n space pause"], "-"),
        (large(Mode::Selector), |it| it.measured = Measured::default(),
            &["cpu            not known", "echo p50, p99  -"], "-"),
        (large(Mode::Selector), |it| {
            (it.measured, it.view.at) = (Measured::default(), 400 * MS);
            it.facts.clients_apart = true;
        }, &["echo p50, p99  clients apart, later", "  clients keep wall time"], "not known"),
        (slow(small(Mode::Serial)), |_| {}, &["SLOW MOTION 0.0005x", "slow motion, 1 call in 2 s: clients are slow, too"], "-"),
        (slow(small(Mode::Serial)), |it| it.facts.clients_apart = true, &["clients in their own process go on"], "-"),
        (small(Mode::Serial), |it| { let thread = it.view.threads[0]; it.view.threads.extend([thread; 2]); },
            &["3 inside, asleep 2.1 s"], "-"),
        (large(Mode::Selector), |it| it.view.sockets[3].count.pending_bytes = u32::MAX, &["output is at its limit", "4.00 GiB full"], "-"),
        (small(Mode::Nonblocking), |it| it.view.events_lost = 1_234, &["1,234 not kept"], "-"),
        (small(Mode::Selector).pause(), |it| it.hold(None), &["a step is in progress (held before the wait)"], "-"),
        (small(Mode::Selector).held(None), |_| {}, &["paused at 5.0 s (held before the wait)"], "-"),
        (large(Mode::Serial), |it| held_in(it, "src/modes/serial.rs", 27), &[" 27 ▷ ", " before "], "-"),
        // Rather than the end of the line itself.
        (Stage::of(Mode::Nonblocking, 60, 15), |it| held_in(it, "src/modes/nonblocking.rs", 13),
            &["13⋮▷", "= listener.try", "…  before\n"], "-"),
        (small(Mode::Selector), |it| { it.typed("3"); it.hand[2].unsent = 5 << 20; },
            &[" 3  connecting          12 B out, 5 MiB"], "-"),
        // A call that has returned is no call that lasts.
        (large(Mode::Serial), |it| it.view.threads[0].in_call = false, &[" 23 ◁ ", " after"], "inside"),
        (large(Mode::Selector), name_silent, &["#2    silent   "], "-"),
        // What only the kernel knows.
        (plain(Mode::Serial), |it| {
            let peer = "127.0.0.1:40009".parse().unwrap();
            it.names = Arc::new([(peer, "talker".into())].into());
            it.view.backlog = vec![BacklogClient { peer, received_bytes: 6 }];
            it.view.in_backlog = Some(1);
        }, &["#0    listener   no thread is in accept; 1 client waits", "\n      talker     not accepted yet; 6 B wait"], "-"),
        (large(Mode::Selector), |it| {
            let queue = KernelQueue { received_bytes: 18, ..KernelQueue::EMPTY };
            it.view.sockets[1].put_queue(queue, 5_000 * MS, false);
        }, &["recv queue  send queue", "asked for readable; ready to read 18 B         18 B        0 B"], "-"),
        (large(Mode::Selector), |it| {
            let socket = &mut it.view.sockets[1];
            (socket.count.unframed_bytes, socket.partial) = (2, b"he".to_vec());
        }, &["asked for readable; \"he… has no end yet", " \"he…  "], "-"),
        (large(Mode::Selector), |it| { name_silent(it); it.typed("⇥↓↓↓⏎"); }, &[", silent"], "-"),
        (large(Mode::Serial), |it| share(it, 0.0, 0.9, 0.1),
            &["│ brief calls 90 %  working 10 %", "loop  brief calls 90 %", "brief: under 0.10 ms, asleep or not"], "-"),
        // No half word.
        (large(Mode::Serial), |it| share(it, 0.82, 0.17, 0.01), &["│ asleep 82 %  brief calls 17 %\n"], "-"),
        // Nothing is known yet.
        (large(Mode::Serial), |it| share(it, 0.0, 0.0, 0.0), &["loop                "], "-"),
        // What is typed is escaped.
        (small(Mode::Selector), |it| _ = it.typed("isay \u{7}this\u{202e}"),
            &["by hand 3 says: say \\u{7}this\\u{202e}", "\n enter send  esc leave"], "-"),
        (small(Mode::Selector), |it| _ = it.typed("⇥↓↓↓o"), &["only #2", "nothing so far"], "-"),
        (small(Mode::Selector), |it| _ = it.typed("⇥↓↓↓o⎋"), &[], "nothing so far"),
        // Scrolled code is all of it, and the end follows again.
        (small(Mode::Selector), |it| _ = it.typed("⇱"), &["//! Selector: one thread, asleep on all"], "-"),
        (small(Mode::Selector), |it| _ = it.typed("⇱⇲"), &[], "//! Selector"),
    ]);
}

#[test]
#[rustfmt::skip]
fn each_situation_of_several_runs_has_its_words() {
    let two = || Stage::two(120, 40);
    let three = || Stage::three(120, 40);
    have_words(vec![
        // A call that goes on is no sleep yet.
        (two(), |it| it.runs[0].view.threads[0].since = Duration::ZERO, &["!! working: "], "asleep in read of"),
        (two(), |it| {
            it.runs[0].view.threads[0].kind = Kind::Accept;
            it.runs[1].view.sockets[3].count.pending_bytes = 0;
        }, &["a client waits: not accepted", "no client waits"], "-"),
        (three(), |it| it.phases[1] = TrackPhase::Failed("cannot listen: in use".into()),
            &["×× failed after 5.0 s", "   cannot listen: in use", "asleep on 4 sockets at once"], "-"),
        // What was found says how a run went that is over.
        (three().over(), |it| {
            let kind = "starved".into();
            it.runs[0].view.findings = vec![Finding { kind, ..Finding::default() }];
            it.runs[0].measured.load = None;
        }, &["over after 5.0 s", "a client had to wait", "it spun in vain", "no client had to wait"], "-"),
        // Sockets that find no room are scrolled to.
        (Stage::five(80, 22), |it| _ = it.typed("4"), &["#0 listener"], "\n#3 "),
        (Stage::five(80, 22), |it| _ = it.typed("4⇲"), &["\n#3 "], "-"),
    ]);
}

#[test]
fn all_columns_share_one_axis() {
    let row = |stages: &Stage| {
        let text = stages.text();
        text.lines().find(|it| it.starts_with("loop")).map(str::to_owned)
    };
    let mut stages = Stage::two(120, 40);
    stages.runs[0].view.at -= Duration::from_secs(2);
    let early = row(&stages);
    stages.runs[0].view.at += Duration::from_secs(2);
    assert_eq!(row(&stages), early, "the last moment of all");
}

#[test]
#[rustfmt::skip]
fn each_situation_of_a_recording_has_its_words() {
    have_words(vec![
        (recorded().cut_off(), |_| {}, &[], "byte 4711"),
        (recorded().cut_off().at_end(), |_| {}, &["it ends here, at 12.9 s: the file is cut off"], "-"),
        (recorded(), |it| it.playback().busy = Some("looking for \"reset\": 34 %".into()), &["\n looking for \"reset\": 34 %\n", "esc give up"], "-"),
        (recorded(), |it| it.playback().said = Some("\"reset\" is not in the rest".into()),
            &["\n \"reset\" is not in the rest\n"], "-"),
        (recorded(), |it| _ = it.typed("g"),
            &[" go to:  1.25s, 250ms, 50% or event 1234", "\n enter go  esc leave"], "-"),
        (recorded().pause(), |_| {}, &["was paused  REPLAY", "the program was paused here (held at the next call)"], "PAUSED"),
        (slow(recorded()), |_| {}, &["was slow  REPLAY", "the program was in slow motion here, 1 call in 2 s"], "SLOW"),
        (recorded(), |it| {
            it.playback().plays = Some(Direction::Backwards);
            it.playback().speed = 2.0;
        }, &[" ◀ 2x plays backwards"], "-"),
        (recorded().pause(), |it| it.playback().plays = Some(Direction::Forwards), &[" ▶ 1x plays      5.000 of 12.900 s"], "-"),
        (recorded(), |it| it.playback().speed = 0.25, &[" ║ 1/4x stands"], "-"),
        (recorded(), |it| it.playback().speed = 0.5, &[" ║ 1/2x stands"], "-"),
        (recorded(), |it| it.playback().speed = 128.0, &[" ║ 128x stands"], "-"),
        // Whatever the numbers are, no word is cut.
        (recorded().cut_off(), |it| {
            let playback = it.playback();
            (playback.events, playback.event) = (123_456_789, 23_456_789);
            playback.length = Duration::from_secs(4_000);
            playback.at = Duration::from_secs(3_999);
        }, &["\n ║ 1x  66:39.000000 of 66:40.000  event 23,456,789 of 123,456,789  1,234 lost\n"], "-"),
        (recorded(), |it| {
            let playback = it.playback();
            (playback.events, playback.event, playback.shape) = (0, 0, vec![]);
            (playback.at, playback.length) = (Duration::ZERO, Duration::ZERO);
        }, &["at the end  0.000000 of 0.000 s", "\n║──"], "-"),
    ]);
}

#[test]
#[rustfmt::skip]
fn each_situation_of_the_event_loop_has_its_words() {
    fn now(stage: &mut Stage, now: fn(Site) -> TaskNow) {
        let task = &mut stage.view.tasks[1];
        task.now = now(task.site.unwrap());
    }
    let tasks = || plain(Mode::Tasks);
    let step = Some(Before::Step(Step::Select));
    have_words(vec![
        (tasks().held(step), |_| {},
            &["(held before step select): time stands still"], " 1 held "),
        (tasks(), |it| _ = it.typed("⇥"), &["─ sockets"], "─ tasks ·"),
        (tasks(), |it| _ = it.typed("⇥⇥"), &["─ tasks ·"], "─ sockets"),
        (large(Mode::Tasks), |it| now(it, |_| TaskNow::Running), &["echo #1   running"], "-"),
        (large(Mode::Tasks), |it| now(it, |site| TaskNow::Sleeping { time: (1_400 * MS).into(), site }),
            &["echo #1   sleeping, at most 1400 ms"], "-"),
        (large(Mode::Tasks), |it| now(it, |site| TaskNow::Joining { task: TaskId(2), site }),
            &["echo #1   waiting for t2"], "-"),
        (large(Mode::Tasks), |it| now(it, |_| TaskNow::Cancelled), &["echo #1   cancelled"], "-"),
        (large(Mode::Tasks), |it| now(it, |_| TaskNow::Done), &["echo #1   done"], "-"),
        (tasks(), |it| _ = it.typed("l"), &["fn select("], "-"),
        (tasks(), |it| _ = it.typed("ll"), &[], "fn select("),
    ]);
}

#[test]
fn the_loops_source_follows_the_step() {
    let mut stage = plain(Mode::Tasks).after("l");
    for step in Step::ALL {
        Arc::make_mut(&mut stage.view.figures).turns.now = Some(step);
        let (head, screen) = (format!("fn {}(", step.name()), stage.text());
        let row = screen.lines().find(|row| row.contains(&head)).unwrap();
        assert!(row.contains('▌'), "{row}");
    }
}

#[test]
fn of_many_tasks_those_without_a_row_are_counted() {
    let mut stage = plain(Mode::Tasks).after("⇥⇥");
    let one = stage.view.tasks[1];
    let more = (10..100).map(|id| TaskCount { task: TaskId(id), ..one });
    stage.view.tasks.extend(more);
    stage.view.tasks_alive = 10_000;
    assert!(stage.shows(" paused, 1 ended (↑ ↓)"));
    stage.typed("⇲");
    assert!(stage.shows("t99   echo #1   paused on read of #1"));
    stage.typed("⇱");
    assert!(stage.shows("t0    serve"));
    stage.hold(Some(Before::Task(TaskId(50))));
    assert!(stage.shows("▶t50"), "the task that runs next is in sight");
}

/// With less room than rows; where all fit, they stay in their places.
#[test]
fn sockets_that_are_over_come_last_if_not_all_fit() {
    let with = |connections: u32| {
        let mut stage = large(Mode::Selector);
        let one = stage.view.sockets[1].clone();
        let more = (4..4 + connections).map(|id| {
            let mut socket = one.clone();
            socket.count.id = SocketId(id);
            let is_open = id % 4 == 0;
            let closed = SocketState::Closed;
            socket.state = if is_open { socket.state } else { closed };
            socket
        });
        stage.view.sockets.extend(more);
        let text = stage.text();
        let rows = text.lines().filter_map(|it| it.strip_prefix('#'));
        let ids = rows.filter_map(|it| it.split(' ').next()?.parse().ok());
        ids.collect::<Vec<u32>>()
    };
    let few = with(1);
    assert!(few.is_sorted(), "{few:?}");
    let many = with(90);
    assert_eq!(many[..4], [0, 1, 2, 3]);
    assert!(many[4..].iter().all(|it| it % 4 == 0), "{many:?}");
}

#[test]
fn every_state_of_a_client_by_hand_fits() {
    let refused = HandState::Failed(ErrorKind::ConnectionRefused);
    for (state, words) in [
        (HandState::Connecting, "1  connecting "),
        (HandState::Open, "1  open "),
        (HandState::HalfClosed, "1  half-closed "),
        (HandState::EndedByServer, "1  ended by the server "),
        (HandState::Closed, "1  closed "),
        (HandState::Reset, "1  reset "),
        (refused, "connection refused "),
    ] {
        let stage = large(Mode::Selector).with_clients();
        let stage = stage.with(|it| it.hand[0].state = state);
        assert!(stage.shows(words), "{words}: {}", stage.text());
    }
}

#[test]
fn work_and_echoes_have_signs_of_their_own() {
    for glyphs in [&Glyphs::UNICODE, &Glyphs::ASCII] {
        let lane = &glyphs.lane;
        let [asleep, _, working, spinning] = glyphs.shares;
        assert_eq!([asleep, working], [lane.asleep, lane.working]);
        assert!(lane.would_block.contains(&spinning));
        let all = [
            lane.open,
            lane.asleep,
            lane.ready,
            lane.read,
            lane.written,
            lane.echoed,
            lane.accepted,
            lane.working,
            lane.ended,
        ];
        let signs = std::collections::HashSet::from(all);
        assert_eq!(signs.len(), all.len(), "{all:?}");
    }
}

/// Sources change, and fixed views do not know.
#[test]
fn the_fixed_views_lines_are_those_of_the_sources() {
    let stage = plain(Mode::Tasks);
    let loop_source = stage.facts.loop_source.as_ref().unwrap();
    for line in &stage.view.lines {
        let own = line.site.file == stage.facts.source.path;
        let source = if own { &stage.facts.source } else { loop_source };
        let code =
            source.text.lines().nth(line.site.line as usize - 1).unwrap();
        let call = format!(".{}(", line.kind.name());
        assert!(code.contains(&call), "{}: {code}", line.site);
    }
}
