//! The loop with a selector and a clock that are models.
