//! What the header of a recording means to this program.

use crate::probe::Kind;
use crate::recording::Header;

/// The first call of the mode's loop.
pub(super) fn loop_call(header: &Header) -> Kind {
    let is_it = |kind: &Kind| kind.name() == header.shape.loop_call;
    Kind::ALL.into_iter().find(is_it).unwrap_or(Kind::Accept)
}
