//! What becomes of recordings of real runs, from outside.

mod anything;
mod bounded;
mod cast;
mod damage;
mod drawn;
mod hostile;
pub(crate) mod language;
mod lines;
mod output;
mod parts;
mod trace_event;
mod whole;

pub(crate) use drawn::cut_short;
