//! The binary: parse, run, report the error, exit status.

fn main() {}
