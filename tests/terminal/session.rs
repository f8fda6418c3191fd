//! The program in a terminal.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{
    Child, CommandBuilder, MasterPty, PtyPair, PtySize, SlavePty,
    native_pty_system,
};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use vt100::{MouseProtocolMode, Parser};

/// Columns and rows.
pub(crate) type Size = (u16, u16);

/// The comfortable size.
pub(crate) const USUAL: Size = (80, 24);
/// A size that has room for every pane.
pub(crate) const LARGE: Size = (120, 40);

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(120);

/// What the environment says unless a test says otherwise.
pub(super) const SURROUNDINGS: [(&str, &str); 8] = [
    ("LANG", "C.UTF-8"),
    ("COLORTERM", "truecolor"),
    ("TERM", "xterm-256color"),
    ("NO_COLOR", ""),
    ("LC_ALL", ""),
    ("LC_CTYPE", ""),
    // The terminal is not asked, and the user's own file is not read.
    ("SOCKSCOPE_THEME", "dark"),
    ("XDG_CONFIG_HOME", "/nonexistent"),
];

/// What the terminal has been sent.
struct Seen {
    parser: Parser,
    /// The screen after the last whole frame.
    frame: vt100::Screen,
    raw: Vec<u8>,
}

/// What ends a frame: the cursor is hidden or shown.
const ENDS: [&[u8]; 2] = [b"\x1b[?25l", b"\x1b[?25h"];

impl Seen {
    fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.raw.push(*byte);
            self.parser.process(&[*byte]);
            if ENDS.iter().any(|end| self.raw.ends_with(end)) {
                self.frame = self.parser.screen().clone();
            }
        }
    }
}

/// The program in a terminal of its own.
pub(crate) struct Session {
    master: Box<dyn MasterPty + Send>,
    slave: Option<Box<dyn SlavePty + Send>>,
    child: RefCell<Box<dyn Child + Send + Sync>>,
    keys: Box<dyn Write + Send>,
    seen: Arc<Mutex<Seen>>,
    reader: Option<JoinHandle<()>>,
    before: String,
}

/// What is left of it.
pub(crate) struct Left {
    pub(crate) code: u32,
    /// All that the terminal was ever sent.
    pub(crate) raw: String,
    /// What stands on the ordinary screen.
    pub(crate) contents: String,
}

impl Session {
    /// Starts the program on a large terminal, with arguments that have
    /// blanks between them.
    pub(crate) fn start(args: &str) -> Self {
        Self::with(LARGE, args, &[])
    }

    /// Starts it on a terminal of this size. It is another build of it if
    /// `SOCKSCOPE_PROGRAM` names one.
    pub(crate) fn with(
        size: Size,
        args: &str,
        surroundings: &[(&str, &str)],
    ) -> Self {
        let ours = env!("CARGO_BIN_EXE_sockscope").into();
        let program = std::env::var_os("SOCKSCOPE_PROGRAM").unwrap_or(ours);
        Self::of(program.as_ref(), size, args, surroundings)
    }

    /// The same with another program.
    pub(crate) fn of(
        program: &Path,
        size: Size,
        args: &str,
        surroundings: &[(&str, &str)],
    ) -> Self {
        let PtyPair { master, slave } =
            native_pty_system().openpty(pty_size(size)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args.split_whitespace());
        for (name, value) in SURROUNDINGS.iter().chain(surroundings) {
            command.env(name, value);
        }
        let before = settings(&*master);
        let child = RefCell::new(slave.spawn_command(command).unwrap());
        let keys = master.take_writer().unwrap();
        let (columns, rows) = places(size);
        let parser = Parser::new(rows, columns, 0);
        let (frame, raw) = (parser.screen().clone(), Vec::new());
        let seen = Arc::new(Mutex::new(Seen { parser, frame, raw }));
        let mut output = master.try_clone_reader().unwrap();
        let follow = seen.clone();
        // Ends when all who can write have ended.
        let reader = Some(thread::spawn(move || {
            let mut bytes = [0; 16 * 1024];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                follow.lock().unwrap().take(&bytes[..count]);
            }
        }));
        let slave = Some(slave);
        Self { master, slave, child, keys, seen, reader, before }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// What stands on the screen, row by row.
    pub(crate) fn contents(&self) -> String {
        self.seen().frame.contents()
    }

    /// The screen with its colours.
    pub(crate) fn screen(&self) -> vt100::Screen {
        self.seen().frame.clone()
    }

    /// All that the terminal was ever sent.
    pub(crate) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.seen().raw).into_owned()
    }

    /// The process, or the group of processes, that reads its keys.
    pub(crate) fn foreground(&self) -> Pid {
        Pid::from_raw(self.master.process_group_leader().unwrap())
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the screen is so, and gives it.
    #[track_caller]
    pub(crate) fn wait(
        &self,
        what: &str,
        mut so: impl FnMut(&str) -> bool,
    ) -> String {
        let start = Instant::now();
        loop {
            // Before the look, which may come late.
            let late = start.elapsed() > LIMIT;
            let contents = self.contents();
            if so(&contents) {
                return contents;
            }
            let shown = if contents.is_empty() { self.raw() } else { contents };
            assert!(!late, "waited in vain: {what}\n{shown}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until these words are on the screen.
    #[track_caller]
    pub(crate) fn wait_for(&self, words: &str) -> String {
        self.wait(words, |screen| screen.contains(words))
    }

    /// Waits until these words are not on the screen.
    #[track_caller]
    pub(crate) fn wait_without(&self, words: &str) -> String {
        self.wait(&format!("no {words}"), |screen| !screen.contains(words))
    }

    /// Presses keys and waits for what they bring.
    #[track_caller]
    pub(crate) fn press_for(&mut self, keys: &str, words: &str) -> String {
        self.press(keys);
        self.wait_for(words)
    }

    /// Presses keys, again and again, until the screen is so after it.
    #[track_caller]
    pub(crate) fn press_until(
        &mut self,
        keys: &str,
        what: &str,
        so: impl Fn(&str) -> bool,
    ) -> String {
        let start = Instant::now();
        loop {
            let late = start.elapsed() > LIMIT;
            self.press(keys);
            let contents = self.redraw();
            if so(&contents) {
                return contents;
            }
            assert!(!late, "pressed in vain: {what}\n{contents}");
        }
    }

    /// Has the screen drawn anew, so that what it shows now cannot be old.
    #[track_caller]
    pub(crate) fn redraw(&mut self) -> String {
        self.press_for("?", "─ help");
        self.press("\x1b");
        self.wait_without("─ help")
    }

    /// Changes the size of the terminal.
    pub(crate) fn resize(&mut self, size: Size) {
        let (columns, rows) = places(size);
        self.seen().parser.set_size(rows, columns);
        self.master.resize(pty_size(size)).unwrap();
    }

    /// Where the program listens; it says so before the screen opens.
    #[track_caller]
    pub(crate) fn address(&self) -> String {
        let line = "listening on ";
        self.wait(line, |_| self.raw().contains(line));
        let raw = self.raw();
        let (_, rest) = raw.split_once(line).unwrap();
        rest.split('\r').next().unwrap().to_owned()
    }

    /// Sends the program a signal from outside.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = self.child.borrow().process_id().unwrap().cast_signed();
        kill(Pid::from_raw(pid), signal).unwrap();
    }

    /// How the terminal treats keys and lines.
    pub(crate) fn is_as_before(&self) -> bool {
        settings(&*self.master) == self.before
    }

    /// Leaves with these keys; that is no failure.
    #[track_caller]
    pub(crate) fn leave(mut self, keys: &str) -> Left {
        self.press(keys);
        let left = self.finish();
        assert_eq!(left.code, 0, "{}", left.contents);
        left
    }

    /// Quits; the run must end as asked.
    #[track_caller]
    pub(crate) fn quit(self) -> Left {
        self.leave("q").expect_success("the user quit")
    }

    /// Waits for the program's end; its terminal must be as it was before.
    #[track_caller]
    pub(crate) fn finish(mut self) -> Left {
        let mut status = None;
        self.wait("the program ends", |_| {
            status = self.child.borrow_mut().try_wait().unwrap();
            status.is_some()
        });
        assert!(self.is_as_before(), "raw mode was left on");
        drop(self.slave.take());
        self.reader.take().unwrap().join().unwrap();
        let raw = self.raw();
        let seen = self.seen();
        let screen = seen.parser.screen();
        let contents = screen.contents();
        assert!(!screen.alternate_screen(), "{contents}");
        assert!(!screen.hide_cursor(), "the cursor was left hidden");
        assert_eq!(screen.mouse_protocol_mode(), MouseProtocolMode::None);
        Left { code: status.unwrap().exit_code(), raw, contents }
    }
}

impl Left {
    /// All that was sent, with single blanks and no ends of lines.
    pub(crate) fn words(&self) -> String {
        self.raw.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// It ended as asked, and says on the ordinary screen what happened.
    #[track_caller]
    pub(crate) fn expect_success(self, outcome: &str) -> Self {
        assert_eq!(self.code, 0, "{}", self.contents);
        let words = self.words();
        let (_, after) = words.rsplit_once("\x1b[?1049l").unwrap();
        for part in ["The run ended", outcome, "The whole report: `-o FILE`"] {
            assert!(after.contains(part), "{part}: {after}");
        }
        self
    }
}

impl Drop for Session {
    /// A test that failed leaves nothing running.
    fn drop(&mut self) {
        let child = self.child.get_mut();
        if let Ok(None) = child.try_wait() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn places((columns, rows): Size) -> (NonZeroU16, NonZeroU16) {
    // What reads the output has a size, and room for it, in any case.
    let place = |it: u16, most| NonZeroU16::new(it.clamp(1, most)).unwrap();
    (place(columns, 1_000), place(rows, 500))
}

pub(super) fn pty_size((cols, rows): Size) -> PtySize {
    PtySize { rows, cols, pixel_width: 0, pixel_height: 0 }
}

fn settings(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().unwrap())
}
