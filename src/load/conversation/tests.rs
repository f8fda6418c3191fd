use super::super::exchange::MAX_OUTSTANDING;
use super::super::result::Loop;
use super::*;

/// A conversation with a simulated time and a socket that takes everything.
struct ClientTrial {
    conversation: Conversation<'static>,
    now: Duration,
    on_wire: Vec<u8>,
    commands: Vec<Command>,
    echo_times: Vec<Duration>,
}

const fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

/// A client of these steps, as in a scenario's file, connected at zero.
fn connected(steps: &str) -> Conversation<'static> {
    let file = format!("name = 'it'\nsteps = ['connect', {steps}]");
    let group: Group = toml::from_str(&file).expect("a group");
    let mut conversation = Conversation::new(Box::leak(group.into()), ms(0));
    assert_eq!(conversation.advance(ms(0)), Some(Command::Connect));
    conversation.connected();
    conversation
}

impl ClientTrial {
    fn new(steps: &str) -> Self {
        let mut trial = Self {
            conversation: connected(steps),
            now: ms(0),
            on_wire: Vec::new(),
            commands: Vec::new(),
            echo_times: Vec::new(),
        };
        trial.turn();
        trial
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
    let turns = "{ repeat = { every = '10 ms', times = 4, steps = [{ say = 'z' \
                 }, 'await-echo'] } }";
    let late = "{ repeat = { every = '10 ms', times = 1, steps = [{ pause = \
                '30 ms' }, { say = 'late' }] } }";
    let pieces = "{ say-in-pieces = { pieces = ['a', 'b'], gap = '10 ms' } }";
    // Called at every timer, or only once and late.
    let cases: [(&str, u64, bool, &[u64]); 6] = [
        ("{ say = 'one' }, { say = 'two' }", 9, false, &[9, 9]),
        ("{ pause = '4 ms' }, { say = 'x' }", 9, false, &[5]),
        (pieces, 13, false, &[3]),
        (turns, 40, false, &[40, 30, 20, 10]),
        (turns, 50, true, &[50, 40, 30, 20]),
        (late, 50, false, &[20]),
    ];
    for (steps, end, is_late, expected) in cases {
        let mut trial = ClientTrial::new(&format!("{steps}, 'await-echo'"));
        if is_late {
            trial.now = ms(end);
            trial.turn();
        } else {
            trial.until(ms(end));
        }
        trial.echo();
        let expected: Vec<_> = expected.iter().copied().map(ms).collect();
        assert_eq!(trial.echo_times, expected, "{steps}");
        assert_eq!(trial.end(), Some(ClientEnd::Closed));
    }
}

#[test]
fn a_closed_loop_waits_for_each_echo() {
    let turn = "[{ say = 'ping' }, 'await-echo']";
    let steps = format!("{{ repeat = {{ times = 3, steps = {turn} }} }}");
    let mut trial = ClientTrial::new(&steps);
    for echoes in 1..=3 {
        assert_eq!(trial.on_wire, b"ping");
        trial.now += ms(5);
        trial.echo();
        assert_eq!(trial.echo_times, vec![ms(5); echoes]);
    }
    assert_eq!(trial.commands, [Command::Close]);
}

#[test]
fn pieces_keep_their_gap() {
    let mut trial = ClientTrial::new(
        "{ say-in-pieces = { pieces = ['a', 'b', 'c'], gap = '10 ms' } }",
    );
    trial.until(ms(9));
    assert_eq!(trial.on_wire, b"a");
    trial.now = ms(14);
    trial.turn();
    trial.until(ms(23));
    assert_eq!(trial.on_wire, b"ab", "14 ms and a gap of 10 ms are 24 ms");
    trial.arrives(b"ab");
    assert!(trial.echo_times.is_empty() && trial.commands.is_empty());
    trial.until(ms(24));
    assert_eq!(trial.commands, [Command::Close]);
}

#[test]
fn a_pause_lasts_and_reads_on() {
    let steps = "{ say = 'x' }, { pause = '20 ms' }, { say = 'y' }";
    let mut trial = ClientTrial::new(steps);
    trial.until(ms(19));
    trial.echo();
    assert_eq!((trial.echo_times.len(), trial.on_wire.len()), (1, 0));
    assert!(trial.conversation.interest(trial.now).readable);
    trial.until(ms(20));
    assert_eq!(trial.on_wire, b"y");
}

#[test]
fn the_limit_of_outstanding_messages_holds_the_client() {
    let says = |turns: u64, every: &str| {
        let steps = "steps = [{ say = 'z' }]";
        format!("{{ repeat = {{ times = {turns}, {every} {steps} }} }}")
    };
    let mut trial = ClientTrial::new(&says(1 << 60, ""));
    trial.until(ms(1));
    assert_eq!(trial.on_wire.len(), MAX_OUTSTANDING);
    trial.arrives(b"zz");
    trial.until(ms(2));
    assert_eq!(trial.on_wire.len(), MAX_OUTSTANDING + 2);
    // In an open loop the turns that never began are counted.
    let most = MAX_OUTSTANDING as u64;
    let mut trial = ClientTrial::new(&says(most + 100, "every = '1 ms',"));
    trial.until(ms(most + 9));
    assert_eq!(trial.rest(), [most, 0, 9]);
}

#[test]
fn many_steps_are_taken_in_portions() {
    let steps = "{ reading = 'eager' },".repeat(3 * STEPS_AT_ONCE);
    let mut trial = ClientTrial::new(&steps);
    assert!(trial.commands.is_empty());
    assert_eq!(trial.conversation.deadline(ms(0)), Some(ms(0)));
    trial.until(ms(0));
    assert_eq!(trial.commands, [Command::Close]);
}

#[test]
fn a_close_and_a_half_close_come_after_the_output_and_a_reset_does_not() {
    let (closed, ended) = (ClientEnd::Closed, ClientEnd::InputEnded);
    for (step, command, sent, rest, end) in [
        ("close", Command::Close, 4, [1, 0, 0], closed),
        ("half-close", Command::HalfClose, 4, [1, 0, 0], ended),
        ("reset", Command::Reset, 0, [0, 1, 0], closed),
    ] {
        let mut trial = ClientTrial::new("");
        trial.conversation =
            connected(&format!("{{ say = 'gone' }}, '{step}'"));
        for _ in 0..sent {
            assert_eq!(trial.conversation.advance(ms(0)), None);
            trial.conversation.exchange.sent(1);
        }
        assert_eq!(trial.conversation.advance(ms(0)), Some(command));
        assert_eq!(trial.rest(), rest);
        trial.conversation.input_ended();
        assert_eq!(trial.end(), Some(end));
    }
}

#[test]
fn a_slow_reader_reads_little_and_then_nothing_for_a_while() {
    let slow = "{ reading = { bytes = '2', every = '10 ms' } }";
    let steps = format!("{slow}, {{ say = 'slow' }}, 'await-echo'");
    let mut trial = ClientTrial::new(&steps);
    assert_eq!(trial.conversation.read_size(ms(0)), 2);
    trial.arrives(b"sl");
    assert_eq!(trial.conversation.read_size(ms(9)), 0);
    assert_eq!(trial.conversation.deadline(ms(0)), Some(ms(10)));
    assert_eq!(trial.conversation.read_size(ms(10)), 2);
    assert_eq!(trial.conversation.deadline(ms(10)), None);
}

/// That one which reads again sees the end later is tested in
/// `tests/inside/load/asleep.rs`.
#[test]
fn a_stopped_reader_takes_a_hang_up_for_the_end_if_it_awaits_that() {
    for (then, end) in [
        ("'half-close'", Some(ClientEnd::InputEnded)),
        ("{ pause = '5 ms' }", None),
    ] {
        let mut trial =
            ClientTrial::new(&format!("{{ reading = 'stopped' }}, {then}"));
        assert_eq!(trial.conversation.interest(ms(0)), Interest::default());
        trial.conversation.hung_up();
        assert_eq!(trial.end(), end);
    }
}

#[test]
fn echoes_that_arrived_before_a_reset_still_count() {
    let steps = "{ say = 'x' }, 'await-echo', { pause = '50 ms' }";
    let mut trial = ClientTrial::new(steps);
    trial.conversation.output_failed();
    trial.echo();
    assert_eq!((trial.echo_times.len(), trial.end()), (1, None));
    trial.conversation.input_ended();
    assert_eq!(trial.end(), Some(ClientEnd::Reset));
}
