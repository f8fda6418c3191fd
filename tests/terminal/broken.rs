//! A screen that ends as its argument says: `panic`, `panic-in-a-thread` or
//! `error`. A test starts it in a terminal and looks at
//! what is left.

use ratatui::crossterm::terminal::size;
use sockscope::modes::Mode;
use sockscope::tui::terminal::Terminal;
use sockscope::tui::{Picture, Screen, ScreenSettings, draw as draw_frame};
use sockscope::view::{Facts, Scene, SourceText};
use std::io;
use std::thread;

const WORDS: &str = "words that belong below the screen";

fn main() -> Result<(), String> {
    let how = std::env::args().nth(1).unwrap_or_default();
    let mut terminal = Terminal::take(true).map_err(|it| it.to_string())?;
    let ended = end(&how, &mut terminal);
    drop(terminal);
    ended.map_err(|error| error.to_string())
}

fn end(how: &str, terminal: &mut Terminal) -> io::Result<()> {
    draw(terminal)?;
    match how {
        "panic" => panic!("{WORDS}"),
        "panic-in-a-thread" => {
            let server = thread::spawn(|| panic!("{WORDS}"));
            let _ = server.join();
            // The thread that draws does not know yet.
            draw(terminal)?;
            Err(io::Error::other("the run failed"))
        }
        _ => Err(io::Error::other(WORDS)),
    }
}

fn draw(terminal: &mut Terminal) -> io::Result<()> {
    let look = ScreenSettings::default().own_look();
    let screen = Screen::new(look, size()?.into(), 1);
    let scene = Scene::new(facts());
    let picture = Picture::single(&scene);
    terminal.draw(|frame| draw_frame(&screen, &picture, frame)).map(|_| ())
}

fn facts() -> Facts {
    Facts {
        mode: Mode::Serial.name().into(),
        source: SourceText {
            path: Mode::Serial.file().into(),
            text: Mode::Serial.source().into(),
        },
        mechanism: "read(2)".into(),
        address: ([127, 0, 0, 1], 40123).into(),
        scenario: None,
        clients_apart: false,
        loop_source: None,
    }
}
