//! Which lines of a source are shown when there is not room for all.

/// How telling a line is; the least telling are left out first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Call,
    Watch,
    Function,
    Loop,
    Comment,
    Other,
    Closing,
    Blank,
    Preface,
}

/// The places of at most `room` lines, in order: all of it if it fits, else
/// the calls and what explains them. They depend on the text alone, so that
/// the picture stands still while threads move.
pub(in crate::tui) fn chosen(source: &str, room: usize) -> Vec<usize> {
    let mut weights: Vec<_> = weights(source).into_iter().enumerate().collect();
    weights.sort_by_key(|(_, weight)| *weight);
    weights.truncate(room);
    let mut chosen: Vec<_> = weights.iter().map(|(at, _)| *at).collect();
    chosen.sort_unstable();
    chosen
}

fn weights(source: &str) -> Vec<Weight> {
    let mut begun = false;
    let weigh = |line: &str| {
        begun |= line.contains("fn ");
        weight(line.trim(), begun)
    };
    source.lines().map(weigh).collect()
}

fn weight(line: &str, begun: bool) -> Weight {
    const CALLS: [&str; 4] = ["accept(", "read(", "write(", ".wait("];
    let starts = |words: &[&str]| words.iter().any(|it| line.starts_with(it));
    if !begun || line.starts_with("///") {
        Weight::Preface
    } else if line.starts_with("//") {
        Weight::Comment
    } else if line.contains("fn ") {
        Weight::Function
    } else if CALLS.iter().any(|call| line.contains(call)) {
        Weight::Call
    } else if line.contains(".watch(") {
        Weight::Watch
    } else if starts(&["while ", "for ", "loop "]) {
        Weight::Loop
    } else if line.is_empty() {
        Weight::Blank
    } else if starts(&["}", "Ok(())"]) {
        Weight::Closing
    } else {
        Weight::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modes::Mode;

    #[test]
    fn calls_are_kept_to_the_last() {
        for mode in Mode::ALL {
            let source = mode.source();
            let lines: Vec<_> = source.lines().collect();
            let kept = chosen(source, 7);
            let text = kept.iter().map(|at| lines[*at]).collect::<String>();
            for call in ["accept(", "read(", "write("] {
                assert!(text.contains(call), "{} {call}", mode.name());
            }
        }
    }

    #[test]
    fn with_room_for_all_nothing_is_left_out() {
        let source = Mode::Selector.source();
        let all: Vec<_> = (0..source.lines().count()).collect();
        assert_eq!(chosen(source, 100), all);
    }
}
