//! A result value in, text out; one file a format.
