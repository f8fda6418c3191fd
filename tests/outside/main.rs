//! The program proved from outside: a real process, real sockets, and
//! programs that are not ours.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod bench;
#[cfg(target_os = "linux")]
mod bench_ends;
mod clients;
mod command_line;
mod compare;
#[cfg(target_os = "linux")]
mod counts;
mod documents;
mod errors;
mod exports;
mod files;
mod foreign;
#[cfg(target_os = "linux")]
mod idle;
mod load_command;
mod manual;
mod measured_load;
#[cfg(target_os = "linux")]
mod memory;
mod messages;
mod output;
mod peer;
mod recordings;
mod scenarios;
mod schema;
mod signals;
mod speed;
#[cfg(target_os = "linux")]
mod stops;
mod topics;
#[cfg(target_os = "linux")]
mod torture;
#[cfg(target_os = "linux")]
mod troubles;
mod unmeasured;
mod unread;
mod waiting_rooms;

/// A test for each mode of a function that takes a mode.
macro_rules! in_every_mode {
    ($($name:ident),* $(,)?) => {$($crate::in_modes! {
        $name: serial blocking nonblocking selector tasks
    })*};
}

/// As [`in_every_mode`], where many clients are served at once.
macro_rules! in_concurrent_modes {
    ($($name:ident),* $(,)?) => {$($crate::in_modes! {
        $name: blocking nonblocking selector tasks
    })*};
}

/// A test of that name in each of these modes.
macro_rules! in_modes {
    ($name:ident: $($mode:ident)*) => {
        mod $name {$(
            #[test]
            fn $mode() {
                super::$name(stringify!($mode));
            }
        )*}
    };
}

pub(crate) use {in_concurrent_modes, in_every_mode, in_modes};
