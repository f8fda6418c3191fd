//! The settings of how the screen and other output look. An option wins over a
//! variable of the environment, that over the file, and that over the default.
//!
//! They are declared once, here: as options with their variables for clap, and
//! as keys of the file for serde.

use super::glyphs::Glyphs;
use super::keymap::KeyMap;
use super::look::{Depth, Look, Theme};
use crate::error::{Error, cause_in_words, shown};
use crate::system::files::config_folder;
use crate::system::pipe::read_text;
use crate::text::diagnostic::TomlFault;
use clap::builder::BoolishValueParser;
use clap::{Args, ColorChoice, ValueEnum};
use itertools::Itertools as _;
use serde::{Deserialize, Deserializer, de};
use std::io;
use std::path::{Path, PathBuf};

/// The largest file of settings that is read, in bytes.
const LARGEST_FILE: u64 = 1 << 20;

/// How the screen and other output look; `None` leaves it to the next source.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize)]
#[command(next_help_heading = "What is shown")]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a table")]
pub struct ScreenSettings {
    /// Colours of the screen [default: auto]
    ///
    /// `auto` asks the terminal whether its background is light. The key `t`
    /// changes the theme while the screen is open.
    #[arg(long, global = true, value_enum, value_name = "NAME")]
    #[arg(env = "SOCKSCOPE_THEME", hide_env = true)]
    #[serde(default, deserialize_with = "by_name")]
    pub theme: Option<Theme>,
    /// Begin with large letters and few panes
    ///
    /// This is presenter mode, for the back of a classroom; the key `m`
    /// changes it while the screen is open.
    #[arg(long, global = true, value_name = "BOOL")]
    #[arg(value_parser = BoolishValueParser::new())]
    #[arg(num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "true", hide_possible_values = true)]
    #[arg(env = "SOCKSCOPE_PRESENTER", hide_env = true)]
    pub presenter: Option<bool>,
    /// Leave the mouse to the terminal
    ///
    /// Otherwise the screen takes clicks and the wheel. To select text with
    /// the mouse then, hold Shift down (on macOS Option, or Fn in Terminal).
    #[arg(long, global = true, value_name = "BOOL")]
    #[arg(value_parser = BoolishValueParser::new())]
    #[arg(num_args = 0..=1, require_equals = true, hide_short_help = true)]
    #[arg(default_missing_value = "true", hide_possible_values = true)]
    #[arg(env = "SOCKSCOPE_NO_MOUSE", hide_env = true)]
    pub no_mouse: Option<bool>,
    /// Draw with ASCII characters alone
    ///
    /// This is for the screen and for charts; `--ascii=false` draws with
    /// Unicode whatever the locale is. [default: as the locale]
    #[arg(long, global = true, value_name = "BOOL")]
    #[arg(value_parser = BoolishValueParser::new())]
    #[arg(num_args = 0..=1, require_equals = true, hide_short_help = true)]
    #[arg(default_missing_value = "true", hide_possible_values = true)]
    #[arg(env = "SOCKSCOPE_ASCII", hide_env = true)]
    pub ascii: Option<bool>,
    /// When to use colours [default: auto]
    ///
    /// `auto` uses them on a terminal, unless `NO_COLOR` is set.
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    #[arg(env = "SOCKSCOPE_COLOR", hide_env = true, hide_short_help = true)]
    #[serde(default, deserialize_with = "by_name")]
    pub color: Option<ColorChoice>,
    /// Keys that do something else than usual; the file alone sets them.
    #[arg(skip)]
    #[serde(default)]
    pub keys: KeyMap,
}

/// Whether there is no such file: the folder may be missing, or be none.
fn is_absent(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

/// Where the user's own settings are, if anywhere.
pub fn usual_settings() -> Option<PathBuf> {
    config_folder().map(|it| it.join("sockscope/config.toml"))
}

impl ScreenSettings {
    /// These settings, completed by those of a file: the named one, which must
    /// exist, or else the user's own, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read, or has an error.
    pub fn or_file(self, named: Option<&Path>) -> Result<Self, Error> {
        let usual = usual_settings();
        let Some(path) = named.or(usual.as_deref()) else { return Ok(self) };
        let name = shown(path);
        let text = match read_text(path, LARGEST_FILE) {
            Ok(text) => text,
            Err(error) if named.is_none() && is_absent(&error) => {
                return Ok(self);
            }
            Err(error) => {
                let cause = cause_in_words(&error);
                let words = format!("cannot read settings {name}: {cause}");
                return Err(Error::Usage(words));
            }
        };
        let file = Self::parse(&name, &text)?;
        Ok(Self {
            theme: self.theme.or(file.theme),
            presenter: self.presenter.or(file.presenter),
            no_mouse: self.no_mouse.or(file.no_mouse),
            ascii: self.ascii.or(file.ascii),
            color: self.color.or(file.color),
            keys: file.keys,
        })
    }

    /// The settings in a text; messages refer to the text as `file`.
    ///
    /// # Errors
    /// When the text is not TOML, or has an unknown key or a wrong value. The
    /// error shows the line, the words in question, and what would be right.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        toml::from_str(text)
            .map_err(TomlFault::from)
            .and_then(|it: Self| it.keys.check().map(|()| it))
            .map_err(|fault| Error::Usage(fault.render(file, text)))
    }

    /// The look that suits the terminal, of which `var` looks variables up.
    /// The theme may still be [`Theme::Auto`].
    pub fn look(&self, var: impl Fn(&str) -> Option<String>) -> Look {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let depth = match self.color.unwrap_or_default() {
            ColorChoice::Never => Depth::None,
            ColorChoice::Auto if set("NO_COLOR").is_some() => Depth::None,
            _ => Depth::of_terminal(set),
        };
        let is_ascii = self.ascii.unwrap_or_else(|| !draws_unicode(set));
        let glyphs = if is_ascii { &Glyphs::ASCII } else { &Glyphs::UNICODE };
        Look { theme: self.theme.unwrap_or_default(), depth, glyphs }
    }

    /// The look that suits the terminal of this process.
    pub fn own_look(&self) -> Look {
        self.look(|name| std::env::var(name).ok())
    }
}

/// Whether the locale is of UTF-8 and the terminal not the console of Linux,
/// whose fonts have few symbols.
fn draws_unicode(set: impl Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(&set);
    let locale = locale.unwrap_or_default().to_ascii_lowercase();
    let is_utf8 = locale.contains("utf-8") || locale.contains("utf8");
    set("TERM").as_deref() != Some("linux") && (is_utf8 || cfg!(windows))
}

/// A value by its name on the command line. An error is worded as serde's own.
fn by_name<'de, D: Deserializer<'de>, T: ValueEnum>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let word = String::deserialize(deserializer)?;
    T::from_str(&word, false).map(Some).map_err(|_| {
        let all = T::value_variants().iter();
        let all = all.filter_map(ValueEnum::to_possible_value);
        let names = all.map(|it| format!("`{}`", it.get_name())).join(", ");
        let words = format!("unknown variant `{word}`, expected {names}");
        de::Error::custom(words)
    })
}
