//! A line that is being typed for a client.

use super::scene::HandId;
use tui_input::{Input, InputRequest};

/// The longest line that can be typed, in characters.
const LONGEST: usize = 1_024;

/// A line that is being typed for a client.
#[derive(Clone, Debug)]
pub struct Prompt {
    input: Input,
    /// Whether its end is sent, too.
    pub newline: bool,
    /// The client that will say it.
    pub client: HandId,
}

impl Prompt {
    /// An empty line.
    #[must_use]
    pub fn new(client: HandId, newline: bool) -> Self {
        Self { input: Input::default(), newline, client }
    }

    /// What has been typed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// The place of the cursor, in characters.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.input.cursor()
    }

    /// Edits it; a full line takes no more.
    pub fn edit(&mut self, request: InputRequest) {
        let inserts = matches!(request, InputRequest::InsertChar(_));
        if !inserts || self.text().chars().count() < LONGEST {
            self.input.handle(request);
        }
    }
}
