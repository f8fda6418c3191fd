//! The screen from end to end: the program in a pseudo-terminal, what it
//! writes read by a terminal emulator, and keys as a user presses them.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "../support/mod.rs"]
mod support;

mod drawing;
mod recorded;
mod session;
mod stream;

mod breaking;
mod by_hand;
mod comparing;
mod frames;
mod leaving;
mod looking;
mod pictures;
mod progress;
mod replaying;
mod settings;
mod shells;
mod sizes;
mod stepping;
mod suspending;
mod time;
#[cfg(target_os = "linux")]
mod unread;
