use super::super::script::{Pacing, Until};
use super::*;

/// A conversation with a clock and a perfect socket under our hand.
struct Desk<'s> {
    conversation: Conversation<'s>,
    counts: GroupCounts,
    now: Time,
    on_wire: Vec<u8>,
    commands: Vec<Command>,
}

const fn ms(time: u64) -> Time {
    Time::from_millis(time)
}

fn group(steps: &[Step]) -> Group {
    Group {
        name: "group".to_owned(),
        count: 1,
        start: ms(0),
        stagger: ms(0),
        send_buffer: None,
        receive_buffer: None,
        steps: [&[Step::Connect], steps].concat(),
    }
}

fn text(words: &str) -> Step {
    Step::Say(Payload::Text(words.as_bytes().to_vec()))
}

fn times(times: u64, pacing: Pacing, steps: &[Step]) -> Step {
    let steps = steps.to_vec();
    Step::Repeat { until: Until::Times(times), pacing, steps }
}

impl<'s> Desk<'s> {
    /// The client is connected at zero.
    fn new(group: &'s Group) -> Self {
        let mut desk = Self {
            conversation: Conversation::new(group, ms(0)),
            counts: GroupCounts::new(),
            now: ms(0),
            on_wire: Vec::new(),
            commands: Vec::new(),
        };
        desk.turn();
        assert_eq!(desk.commands, [Command::Connect]);
        desk.commands.clear();
        desk.conversation.connected();
        desk.turn();
        desk
    }

    /// Advances, and sends all there is to send.
    fn turn(&mut self) {
        loop {
            if let Some(command) = self.conversation.advance(self.now) {
                self.commands.push(command);
                if command == Command::Connect {
                    return;
                }
                continue;
            }
            let output = self.conversation.output();
            if output.is_empty() {
                return;
            }
            self.on_wire.extend_from_slice(output);
            self.conversation.sent(output.len());
        }
    }

    /// Goes from timer to timer until this time.
    fn until(&mut self, time: Time) {
        while let Some(next) = self.conversation.deadline(self.now)
            && next <= time
            && self.conversation.end().is_none()
        {
            self.now = self.now.max(next);
            self.turn();
        }
        self.now = time;
        self.turn();
    }

    fn arrives(&mut self, bytes: &[u8]) {
        let (now, counts) = (self.now, &mut self.counts);
        // The end of the conversation tells of a mismatch.
        let _ = self.conversation.received(bytes, now, counts);
        self.turn();
    }

    /// Everything sent so far and not yet echoed comes back.
    fn echo(&mut self) {
        let bytes = std::mem::take(&mut self.on_wire);
        self.arrives(&bytes);
    }

    /// The shortest and the longest.
    fn echo_time_ms(&self) -> (u64, u64) {
        let time = self.counts.echo_time();
        (time.min_ns / 1_000_000, time.max_ns / 1_000_000)
    }
}

#[test]
fn says_awaits_and_closes() {
    let group = group(&[text("hello"), Step::AwaitEcho]);
    let mut desk = Desk::new(&group);
    assert_eq!(desk.on_wire, b"hello");
    desk.now = ms(7);
    desk.arrives(b"hel");
    assert!(desk.commands.is_empty());
    desk.now = ms(9);
    desk.arrives(b"lo");
    assert_eq!(desk.commands, [Command::Close]);
    assert_eq!(desk.conversation.end(), Some(ClientEnd::Closed));
    assert_eq!((desk.counts.echoes, desk.echo_time_ms()), (1, (9, 9)));
}

#[test]
fn what_is_said_does_not_wait_for_the_echo() {
    let group = group(&[text("one"), text("two"), Step::AwaitEcho]);
    let mut desk = Desk::new(&group);
    assert_eq!(desk.on_wire, b"onetwo");
    desk.echo();
    assert_eq!(desk.counts.echoes, 2);
    assert_eq!(desk.conversation.end(), Some(ClientEnd::Closed));
}

#[test]
fn pieces_keep_their_gap_and_are_timed_from_the_last() {
    let pieces = vec![b"a".to_vec(), b"b".to_vec(), b"c".to_vec()];
    let group = group(&[Step::SayInPieces { pieces, gap: ms(10) }]);
    let mut desk = Desk::new(&group);
    assert_eq!(desk.on_wire, b"a");
    desk.until(ms(9));
    assert_eq!(desk.on_wire, b"a");
    desk.now = ms(14);
    desk.turn();
    desk.until(ms(23));
    assert_eq!(desk.on_wire, b"ab", "14 ms and a gap of 10 ms are 24 ms");
    assert!(desk.commands.is_empty());
    desk.arrives(b"ab");
    assert_eq!(desk.counts.echoes, 0);
    desk.until(ms(24));
    assert_eq!(desk.commands, [Command::Close]);
}

#[test]
fn an_echo_in_pieces_is_timed_from_when_the_last_was_due() {
    let pieces = vec![b"a".to_vec(), b"b".to_vec()];
    let say = Step::SayInPieces { pieces, gap: ms(10) };
    let group = group(&[say, Step::AwaitEcho]);
    let mut desk = Desk::new(&group);
    desk.until(ms(13));
    desk.echo();
    assert_eq!(desk.echo_time_ms(), (3, 3));
}

#[test]
fn a_pause_lasts_and_reads_on() {
    let group = group(&[text("x"), Step::Pause(ms(20)), text("y")]);
    let mut desk = Desk::new(&group);
    desk.until(ms(19));
    desk.echo();
    assert_eq!((desk.counts.echoes, desk.on_wire.len()), (1, 0));
    assert!(desk.conversation.interest(desk.now).readable);
    desk.until(ms(20));
    assert_eq!(desk.on_wire, b"y");
}

#[test]
fn a_closed_loop_waits_for_each_echo() {
    let turn = [text("ping"), Step::AwaitEcho];
    let group = group(&[times(3, Pacing::Closed, &turn)]);
    let mut desk = Desk::new(&group);
    for echoes in 1..=3 {
        assert_eq!(desk.on_wire, b"ping");
        desk.now += ms(5);
        desk.echo();
        assert_eq!(desk.counts.echoes, echoes);
    }
    assert_eq!(desk.commands, [Command::Close]);
    assert_eq!(desk.echo_time_ms(), (5, 5));
}

#[test]
fn an_open_loop_says_on_schedule_and_counts_from_it() {
    let every = Pacing::Open { every: ms(10) };
    let turn = [text("ping"), Step::AwaitEcho];
    let group = group(&[times(4, every, &turn), Step::AwaitEcho]);
    let mut desk = Desk::new(&group);
    desk.until(ms(35));
    assert_eq!(desk.on_wire, b"pingpingpingping");
    desk.now = ms(40);
    desk.echo();
    assert_eq!((desk.counts.echoes, desk.echo_time_ms()), (4, (10, 40)));
    assert_eq!(desk.conversation.end(), Some(ClientEnd::Closed));
}

#[test]
fn an_open_loop_that_wakes_late_still_counts_from_the_schedule() {
    let every = Pacing::Open { every: ms(10) };
    let group = group(&[times(3, every, &[text("ping")]), Step::AwaitEcho]);
    let mut desk = Desk::new(&group);
    desk.now = ms(50);
    desk.turn();
    desk.echo();
    assert_eq!((desk.counts.echoes, desk.echo_time_ms()), (3, (30, 50)));
}

#[test]
fn a_pause_in_an_open_loop_turn_moves_what_is_due() {
    let every = Pacing::Open { every: ms(100) };
    let turn = [Step::Pause(ms(30)), text("late")];
    let group = group(&[times(1, every, &turn), Step::AwaitEcho]);
    let mut desk = Desk::new(&group);
    desk.until(ms(50));
    desk.echo();
    assert_eq!(desk.echo_time_ms(), (20, 20));
}

#[test]
fn the_limit_of_outstanding_messages_holds_the_client() {
    let most = super::super::exchange::MAX_OUTSTANDING;
    let flood = times(u64::MAX, Pacing::Closed, &[text("z")]);
    let group = group(&[flood]);
    let mut desk = Desk::new(&group);
    desk.until(ms(1));
    assert_eq!(desk.on_wire.len(), most);
    desk.arrives(b"zz");
    desk.until(ms(2));
    assert_eq!(desk.on_wire.len(), most + 2);
}

#[test]
fn turns_that_never_began_are_counted() {
    let most = super::super::exchange::MAX_OUTSTANDING as u64;
    let every = Pacing::Open { every: ms(1) };
    let group = group(&[times(most + 100, every, &[text("z")])]);
    let mut desk = Desk::new(&group);
    desk.until(ms(most + 9));
    desk.conversation.end_by(ClientEnd::CutOff);
    desk.conversation.account(desk.now, &mut desk.counts);
    assert_eq!((desk.counts.missing, desk.counts.unsent), (most, 0));
    assert_eq!(desk.counts.overdue_turns, 9);
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
fn half_close_comes_after_the_output_and_waits_for_the_end() {
    let group = group(&[text("bye"), Step::HalfClose]);
    let mut desk = Desk::new(&group);
    assert_eq!(desk.commands, [Command::HalfClose]);
    desk.echo();
    assert_eq!(desk.conversation.end(), None);
    desk.conversation.input_ended();
    assert_eq!(desk.conversation.end(), Some(ClientEnd::InputEnded));
}

#[test]
fn close_waits_for_the_output_and_not_for_the_echo() {
    let group = group(&[text("gone"), Step::Close]);
    let conversation = &mut Conversation::new(&group, ms(0));
    assert_eq!(conversation.advance(ms(0)), Some(Command::Connect));
    conversation.connected();
    assert_eq!(conversation.advance(ms(0)), None);
    conversation.sent(3);
    assert_eq!(conversation.advance(ms(0)), None);
    conversation.sent(1);
    assert_eq!(conversation.advance(ms(0)), Some(Command::Close));
    let mut counts = GroupCounts::new();
    conversation.account(ms(1), &mut counts);
    assert_eq!(counts.missing, 1);
}

#[test]
fn reset_does_not_wait_for_the_output() {
    let group = group(&[Step::Say(Payload::Pattern(1 << 30)), Step::Reset]);
    let conversation = &mut Conversation::new(&group, ms(0));
    assert_eq!(conversation.advance(ms(0)), Some(Command::Connect));
    conversation.connected();
    assert_eq!(conversation.advance(ms(0)), Some(Command::Reset));
    let mut counts = GroupCounts::new();
    conversation.account(ms(1), &mut counts);
    assert_eq!((counts.missing, counts.unsent), (0, 1));
}

#[test]
fn a_slow_reader_reads_little_and_then_nothing_for_a_while() {
    let slow = Reading::Slow { bytes: 2, every: ms(10) };
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
fn a_stopped_reader_wants_nothing_until_it_reads_again() {
    let group = group(&[
        Step::Reading(Reading::Stopped),
        Step::Pause(ms(5)),
        Step::Reading(Reading::Eager),
        Step::AwaitEnd,
    ]);
    let mut desk = Desk::new(&group);
    assert_eq!(desk.conversation.interest(ms(0)), Interest::default());
    desk.conversation.hung_up();
    assert_eq!(desk.conversation.end(), None, "it will read again");
    desk.until(ms(5));
    assert!(desk.conversation.interest(ms(5)).readable);
}

#[test]
fn a_stopped_reader_that_awaits_the_end_takes_a_hang_up_for_it() {
    let steps = [Step::Reading(Reading::Stopped), Step::HalfClose];
    let group = group(&steps);
    let mut desk = Desk::new(&group);
    desk.conversation.hung_up();
    assert_eq!(desk.conversation.end(), Some(ClientEnd::InputEnded));
}

#[test]
fn the_servers_end_ends_the_script() {
    let group = group(&[text("x"), Step::Pause(ms(50)), text("y")]);
    let mut desk = Desk::new(&group);
    desk.conversation.input_ended();
    desk.until(ms(100));
    assert_eq!(desk.on_wire, b"x");
    assert_eq!(desk.conversation.end(), Some(ClientEnd::InputEnded));
}

#[test]
fn echoes_that_arrived_before_a_reset_still_count() {
    let group = group(&[text("x"), Step::AwaitEcho, Step::Pause(ms(50))]);
    let mut desk = Desk::new(&group);
    desk.conversation.output_failed();
    desk.echo();
    assert_eq!((desk.counts.echoes, desk.conversation.end()), (1, None));
    desk.conversation.input_ended();
    assert_eq!(desk.conversation.end(), Some(ClientEnd::Reset));
}

#[test]
fn a_wrong_byte_ends_the_client() {
    let group = group(&[text("abc"), Step::AwaitEcho]);
    let mut desk = Desk::new(&group);
    desk.arrives(b"abd");
    assert_eq!(desk.conversation.end(), Some(ClientEnd::Mismatch));
}
