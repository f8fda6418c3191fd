//! A cast, as a terminal plays it.

use serde_json::Value;
use vt100::{Parser, Screen};

/// The header, and what the terminal is sent at what time.
pub(crate) struct Cast {
    pub(crate) head: Value,
    pub(crate) frames: Vec<(f64, String)>,
}

impl Cast {
    #[track_caller]
    pub(crate) fn of(text: &str) -> Self {
        let line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        let mut lines = text.lines().map(line);
        let head = lines.next().unwrap();
        let frame = |line: Value| {
            assert_eq!(line[1], "o", "{line}");
            (line[0].as_f64().unwrap(), line[2].as_str().unwrap().to_owned())
        };
        Self { head, frames: lines.map(frame).collect() }
    }

    /// Columns and rows.
    pub(crate) fn cells(&self) -> (u16, u16) {
        let cells = |name| u16::try_from(self.head[name].as_u64().unwrap());
        (cells("width").unwrap(), cells("height").unwrap())
    }

    /// What stands on the screen at which time, before it is given back.
    pub(crate) fn screens(&self) -> Vec<(f64, Screen)> {
        let (columns, rows) = self.cells();
        let [rows, columns] = [rows, columns].map(|it| it.try_into().unwrap());
        let mut parser = Parser::new(rows, columns, 0);
        let mut screens = Vec::new();
        for (at, data) in &self.frames {
            let (before, end) = match data.split_once("\x1b[?1049l") {
                Some((before, _)) => (before, true),
                None => (&**data, false),
            };
            parser.process(before.as_bytes());
            if !end {
                screens.push((*at, parser.screen().clone()));
            }
        }
        screens
    }

    /// The last screen as text.
    pub(crate) fn last(&self) -> String {
        let (_, screen) = self.screens().pop().unwrap();
        assert!(screen.alternate_screen());
        screen.contents()
    }
}
