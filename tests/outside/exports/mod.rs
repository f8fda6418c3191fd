//! What becomes of recordings of real runs, from outside.

mod anything;
mod cast;
mod csv;
mod damage;
mod drawn;
mod hostile;
mod html;
mod jsonl;
mod language;
mod md;
mod output;
mod perfetto;
mod svg;
mod trace_event;

pub(crate) use drawn::cut_short;
