//! Events and counters folded into what can be shown. Pure: values in,
//! values out, the same for a live run and for a replay.

mod comparison;
mod figures;
mod findings;
mod foreign;
pub mod log;
mod phase;
mod rates;
mod travel;
pub mod view;

pub use comparison::{
    Answers, Behind, Cell, Comparison, Contender, ContenderEchoes,
    ContenderGroup, Row, compare,
};
pub use figures::{Figures, KindCount};
pub use findings::{Evidence, Finding, Unhandled, Waiting, findings};
pub use foreign::clean;
pub use log::{
    Entry, Found, LogBook, LogFold, Made, More, Readiness, Throttle, Told,
    What, long_run, never_retrieved,
};
pub use phase::{phase_status, phase_words};
pub use rates::Rates;
pub use travel::{Direction, Stride};

// The words of the probe that these values are made of, so that whoever
// shows them need not know the probe.
pub use crate::probe::{
    Class, Concerned, End, Kind, Limit, LineCount, Outcome, Phase, PhaseMark,
    Site, SocketCount, SocketId, Step, TaskCount, TaskId, TaskNow, TurnCount,
};
