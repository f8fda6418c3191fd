use super::*;
use crate::probe::{LISTENER, SocketId, Step, Tally, ThreadId};
use crate::view::tests::language::{events, ms};

const THREAD: ThreadId = ThreadId(0);

fn note(at: u64, note: Note) -> Event {
    Event::Note { at: ms(at).into(), thread: THREAD, note }
}

fn opened(at: u64) -> Event {
    note(at, Note::Opened { socket: SocketId(1), peer: None })
}

fn mark(phase: Phase, at: u64) -> PhaseMark {
    PhaseMark { phase, at: ms(at).into(), left: 1 }
}

fn fold() -> LogFold {
    LogFold::new(Kind::Wait, ms(2_000))
}

fn nothing() -> Counters {
    Tally::default().totals()
}

/// What was told, a word and a time each.
fn words(fold: &mut LogFold) -> Vec<String> {
    let told = fold.take();
    let word = |it: &LogLine| match it {
        LogLine::Entry(entry) => match entry.what {
            What::Note(Note::Opened { .. }) => "opened".to_owned(),
            What::Made(ref made) => made.kind.name().to_owned(),
            What::NotShown { entries } => format!("{entries} not shown"),
            ref other => format!("{other:?}"),
        },
        LogLine::Phase { mark, deadline } => {
            let deadline = deadline.map(|it| it.as_millis());
            format!("{} {deadline:?}", mark.phase.name())
        }
        LogLine::Rates { rates, lost, .. } => {
            format!("{} open, {lost} lost", rates.open)
        }
    };
    told.iter().map(|it| format!("{:?} {}", it.at(), word(it))).collect()
}

#[test]
fn an_entry_is_told_when_it_is_complete() {
    let mut fold = fold();
    fold.event(&opened(3));
    assert_eq!(words(&mut fold), [""; 0], "the counters may come first");
    fold.flow();
    assert_eq!(words(&mut fold), ["3ms opened"]);
    fold.event(&opened(4));
    fold.counted(ms(5), &[], 0, nothing);
    assert_eq!(words(&mut fold), ["4ms opened"]);
}

#[test]
fn the_steps_of_a_loop_are_not_told_nor_do_they_pass_for_time() {
    let mut fold = fold();
    fold.event(&events("1 accept 0 1")[0]);
    fold.event(&note(900, Note::Step(Step::ALL[0])));
    fold.event(&note(900, Note::Timers(3)));
    fold.flow();
    assert_eq!(fold.take(), [], "its note may still come");
    fold.finish();
    assert_eq!(words(&mut fold), ["1ms accept"]);
}

#[test]
fn a_phase_is_told_in_its_place_as_it_was_counted() {
    let mut fold = fold();
    fold.event(&opened(10));
    fold.event(&note(20, Note::Phase(Phase::Refusing)));
    fold.event(&opened(30));
    fold.flow();
    assert_eq!(words(&mut fold), ["10ms opened"], "who is left?");
    fold.counted(ms(40), &[mark(Phase::Refusing, 20)], 0, nothing);
    let expected = ["20ms refusing Some(2020)", "30ms opened"];
    assert_eq!(words(&mut fold), expected);
}

#[test]
fn a_phase_whose_event_was_lost_is_told_once() {
    let mut fold = fold();
    let phases = [mark(Phase::Running, 1), mark(Phase::Ended, 5)];
    fold.counted(ms(2), &phases[..1], 0, nothing);
    assert_eq!(words(&mut fold), [""; 0], "an entry may come before it");
    fold.counted(ms(300), &phases, 0, nothing);
    assert_eq!(words(&mut fold), ["1ms running None", "5ms ended None"]);
    fold.finish();
    assert_eq!(words(&mut fold), [""; 0]);
}

#[test]
fn counters_are_told_once_a_second_when_nothing_comes_before_them() {
    let mut fold = fold();
    let counted = || Counters { connections: 3, ..nothing() };
    for at in (0..2_600).step_by(100) {
        let lost = u64::from(at >= 2_000);
        fold.counted(ms(at), &[], lost, counted);
    }
    let expected = ["1s 3 open, 0 lost", "2s 3 open, 1 lost"];
    assert_eq!(words(&mut fold), expected);
    fold.counted(ms(3_000), &[], 1, counted);
    assert_eq!(words(&mut fold), [""; 0], "its place is not settled");
    fold.finish();
    assert_eq!(words(&mut fold), ["3s 3 open, 1 lost"]);
}

#[test]
fn what_is_too_much_for_a_second_is_counted() {
    let mut fold = fold();
    for _ in 0..510 {
        fold.event(&note(1, Note::Opened { socket: LISTENER, peer: None }));
        fold.flow();
    }
    assert_eq!(fold.take().len(), 500);
    fold.event(&opened(1_001));
    fold.finish();
    assert_eq!(words(&mut fold), ["1s 10 not shown", "1.001s opened"]);
}

/// It does not matter how often the lines are taken.
#[test]
fn the_same_in_the_same_order_makes_the_same_log() {
    let phases = [mark(Phase::Running, 2), mark(Phase::Refusing, 1_500)];
    let told = |takes: bool| {
        let (mut fold, mut all) = (fold(), Vec::new());
        for at in 0..3_000 {
            match at % 7 {
                0 => fold.event(&opened(at)),
                1 => {
                    let phases = &phases[..=usize::from(at > 1_500)];
                    fold.counted(ms(at), phases, 0, nothing);
                }
                _ if at == 1_501 => {
                    fold.event(&note(at, Note::Phase(Phase::Refusing)));
                }
                _ => fold.flow(),
            }
            if takes {
                all.extend(words(&mut fold));
            }
        }
        fold.finish();
        all.extend(words(&mut fold));
        all
    };
    assert_eq!(told(true), told(false));
    assert!(told(true).len() > 400);
}
