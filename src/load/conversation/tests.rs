use super::super::exchange::MAX_OUTSTANDING;
use super::super::result::Loop;
use super::super::script::Repeat;
use super::*;
use crate::units::{Size, Time};

/// A conversation with a clock and a perfect socket under our hand.
struct Desk<'s> {
    conversation: Conversation<'s>,
    now: Duration,
    on_wire: Vec<u8>,
    commands: Vec<Command>,
    echo_times: Vec<Duration>,
}

const fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

const EVERY_10: Option<Time> = Some(Time(ms(10)));

fn group(steps: &[Step]) -> Group {
    let steps = [&[Step::Connect], steps].concat();
    Group { steps, ..Group::default() }
}

fn text(words: &str) -> Step {
    Step::Say(words.into())
}

fn pieces(pieces: &[&str]) -> Step {
    let pieces = pieces.iter().map(|&piece| piece.into()).collect();
    Step::SayInPieces { pieces, gap: Time(ms(10)) }
}

fn times(times: u64, every: Option<Time>, steps: &[Step]) -> Step {
    let (times, steps) = (Some(times), steps.to_vec());
    Step::Repeat(Repeat { times, every, steps, lasting: None })
}

impl<'s> Desk<'s> {
    /// The client is connected at zero.
    fn new(group: &'s Group) -> Self {
        let mut desk = Self {
            conversation: Conversation::new(group, ms(0)),
            now: ms(0),
            on_wire: Vec::new(),
            commands: Vec::new(),
            echo_times: Vec::new(),
        };
        let first = desk.conversation.advance(ms(0));
        assert_eq!(first, Some(Command::Connect));
        desk.conversation.connected();
        desk.turn();
        desk
    }

    /// Advances, and sends all there is to send.
    fn turn(&mut self) {
        loop {
            if let Some(command) = self.conversation.advance(self.now) {
                self.commands.push(command);
                continue;
            }
            let output = self.conversation.output();
            if output.is_empty() {
                return;
            }
            self.on_wire.extend_from_slice(output);
            self.conversation.exchange.sent(output.len());
        }
    }

    /// Goes from timer to timer until this time.
    fn until(&mut self, time: Duration) {
        while let Some(next) = self.conversation.deadline(self.now)
            && next <= time
            && self.end().is_none()
        {
            self.now = self.now.max(next);
            self.turn();
        }
        self.now = time;
        self.turn();
    }

    /// These bytes arrive; the end of the conversation says whether they are
    /// the expected ones.
    fn arrives(&mut self, bytes: &[u8]) {
        let (now, times) = (self.now, &mut self.echo_times);
        let _ = self.conversation.received(bytes, now, times);
        self.turn();
    }

    /// Everything sent so far and not yet echoed comes back.
    fn echo(&mut self) {
        let bytes = mem::take(&mut self.on_wire);
        self.arrives(&bytes);
    }

    fn end(&self) -> Option<ClientEnd> {
        self.conversation.end
    }

    /// What is missing, not sent and overdue.
    fn rest(&self) -> [u64; 3] {
        let mut tally = GroupTally::new("group", 1, Loop::Closed);
        self.conversation.count_rest(self.now, &mut tally);
        let GroupTally { counts, .. } = tally;
        [counts.missing, counts.unsent, counts.overdue_turns]
    }
}

/// Everything comes back at one time; echoes are timed from when they were
/// due, however late the client was.
#[test]
fn echo_times_count_from_when_a_message_was_due() {
    let late = [Step::Pause(Time(ms(30))), text("late")];
    let cases = [
        (vec![text("one"), text("two")], 9, vec![9, 9]),
        (vec![Step::Pause(Time(ms(4))), text("x")], 9, vec![5]),
        (vec![pieces(&["a", "b"])], 13, vec![3]),
        (vec![times(4, EVERY_10, &[text("z")])], 40, vec![40, 30, 20, 10]),
        (vec![times(1, EVERY_10, &late)], 50, vec![20]),
    ];
    for (steps, end, expected) in cases {
        let group = group(&[&steps[..], &[Step::AwaitEcho]].concat());
        // Called at every timer, or only once and late.
        let mut desk = Desk::new(&group);
        desk.until(ms(end));
        desk.echo();
        let expected: Vec<_> = expected.into_iter().map(ms).collect();
        assert_eq!(desk.echo_times, expected, "{steps:?}");
        assert_eq!(desk.end(), Some(ClientEnd::Closed));
    }
    let group = group(&[times(3, EVERY_10, &[text("z")]), Step::AwaitEcho]);
    let mut desk = Desk::new(&group);
    desk.now = ms(50);
    desk.turn();
    desk.echo();
    assert_eq!(desk.echo_times, [50, 40, 30].map(ms), "called late");
}

#[test]
fn a_closed_loop_waits_for_each_echo() {
    let turn = [text("ping"), Step::AwaitEcho];
    let group = group(&[times(3, None, &turn)]);
    let mut desk = Desk::new(&group);
    for echoes in 1..=3 {
        assert_eq!(desk.on_wire, b"ping");
        desk.now += ms(5);
        desk.echo();
        assert_eq!(desk.echo_times, vec![ms(5); echoes]);
    }
    assert_eq!(desk.commands, [Command::Close]);
}

#[test]
fn pieces_keep_their_gap() {
    let group = group(&[pieces(&["a", "b", "c"])]);
    let mut desk = Desk::new(&group);
    desk.until(ms(9));
    assert_eq!(desk.on_wire, b"a");
    desk.now = ms(14);
    desk.turn();
    desk.until(ms(23));
    assert_eq!(desk.on_wire, b"ab", "14 ms and a gap of 10 ms are 24 ms");
    desk.arrives(b"ab");
    assert!(desk.echo_times.is_empty() && desk.commands.is_empty());
    desk.until(ms(24));
    assert_eq!(desk.commands, [Command::Close]);
}

#[test]
fn a_pause_lasts_and_reads_on() {
    let group = group(&[text("x"), Step::Pause(Time(ms(20))), text("y")]);
    let mut desk = Desk::new(&group);
    desk.until(ms(19));
    desk.echo();
    assert_eq!((desk.echo_times.len(), desk.on_wire.len()), (1, 0));
    assert!(desk.conversation.interest(desk.now).readable);
    desk.until(ms(20));
    assert_eq!(desk.on_wire, b"y");
}

#[test]
fn the_limit_of_outstanding_messages_holds_the_client() {
    let flood = group(&[times(u64::MAX, None, &[text("z")])]);
    let mut desk = Desk::new(&flood);
    desk.until(ms(1));
    assert_eq!(desk.on_wire.len(), MAX_OUTSTANDING);
    desk.arrives(b"zz");
    desk.until(ms(2));
    assert_eq!(desk.on_wire.len(), MAX_OUTSTANDING + 2);
    // In an open loop the turns that never began are counted.
    let most = MAX_OUTSTANDING as u64;
    let every = Some(Time(ms(1)));
    let paced = group(&[times(most + 100, every, &[text("z")])]);
    let mut desk = Desk::new(&paced);
    desk.until(ms(most + 9));
    assert_eq!(desk.rest(), [most, 0, 9]);
}

#[test]
fn many_steps_are_taken_in_portions() {
    let steps = vec![Step::Reading(Reading::Eager); 3 * STEPS_AT_ONCE];
    let group = group(&steps);
    let mut desk = Desk::new(&group);
    assert!(desk.commands.is_empty());
    assert_eq!(desk.conversation.deadline(ms(0)), Some(ms(0)));
    desk.until(ms(0));
    assert_eq!(desk.commands, [Command::Close]);
}

#[test]
fn a_close_and_a_half_close_come_after_the_output_and_a_reset_does_not() {
    let cases = [
        (Step::Close, Command::Close, 4, [1, 0, 0]),
        (Step::HalfClose, Command::HalfClose, 4, [1, 0, 0]),
        (Step::Reset, Command::Reset, 0, [0, 1, 0]),
    ];
    for (step, command, sent, rest) in cases {
        let group = group(&[text("gone"), step]);
        let mut conversation = Conversation::new(&group, ms(0));
        assert_eq!(conversation.advance(ms(0)), Some(Command::Connect));
        conversation.connected();
        for _ in 0..sent {
            assert_eq!(conversation.advance(ms(0)), None);
            conversation.exchange.sent(1);
        }
        assert_eq!(conversation.advance(ms(0)), Some(command));
        let end = (command != Command::HalfClose).then_some(ClientEnd::Closed);
        assert_eq!(conversation.end, end);
        let mut desk = Desk::new(&group);
        desk.conversation = conversation;
        assert_eq!(desk.rest(), rest);
        desk.conversation.input_ended();
        let end = end.unwrap_or(ClientEnd::InputEnded);
        assert_eq!(desk.end(), Some(end));
    }
}

#[test]
fn a_slow_reader_reads_little_and_then_nothing_for_a_while() {
    let slow = Reading::Slow { bytes: Size(2), every: Time(ms(10)) };
    let group = group(&[Step::Reading(slow), text("slow"), Step::AwaitEcho]);
    let mut desk = Desk::new(&group);
    assert_eq!(desk.conversation.read_size(ms(0)), 2);
    desk.arrives(b"sl");
    assert_eq!(desk.conversation.read_size(ms(9)), 0);
    assert_eq!(desk.conversation.deadline(ms(0)), Some(ms(10)));
    assert_eq!(desk.conversation.read_size(ms(10)), 2);
    assert_eq!(desk.conversation.deadline(ms(10)), None);
}

#[test]
fn a_stopped_reader_takes_a_hang_up_for_the_end_only_if_it_awaits_that() {
    let stopped = Step::Reading(Reading::Stopped);
    let awaits = group(&[stopped.clone(), Step::HalfClose]);
    let mut desk = Desk::new(&awaits);
    desk.conversation.hung_up();
    assert_eq!(desk.end(), Some(ClientEnd::InputEnded));
    let eager = Step::Reading(Reading::Eager);
    let reads = [stopped, Step::Pause(Time(ms(5))), eager, Step::AwaitEnd];
    let reads = group(&reads);
    let mut desk = Desk::new(&reads);
    assert_eq!(desk.conversation.interest(ms(0)), Interest::default());
    desk.conversation.hung_up();
    assert_eq!(desk.end(), None, "it will read again");
    desk.until(ms(5));
    assert!(desk.conversation.interest(ms(5)).readable);
}

#[test]
fn echoes_that_arrived_before_a_reset_still_count() {
    let group = group(&[text("x"), Step::AwaitEcho, Step::Pause(Time(ms(50)))]);
    let mut desk = Desk::new(&group);
    desk.conversation.output_failed();
    desk.echo();
    assert_eq!((desk.echo_times.len(), desk.end()), (1, None));
    desk.conversation.input_ended();
    assert_eq!(desk.end(), Some(ClientEnd::Reset));
}
