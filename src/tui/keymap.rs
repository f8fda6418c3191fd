//! The user's own keys: their names in the file of settings, what they do, and
//! texts that name keys.

use super::keys::{ACTIONS, Binding, KEYS, Message};
use crate::text::diagnostic::TomlFault;
use itertools::Itertools as _;
use ratatui::crossterm::event::KeyCode::{self, Char};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// The keys that have a name instead of a character.
#[rustfmt::skip]
const NAMED: [(&str, KeyCode); 28] = [
    ("space", Char(' ')), ("enter", KeyCode::Enter), ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab), ("shift-tab", KeyCode::BackTab),
    ("backspace", KeyCode::Backspace), ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert), ("up", KeyCode::Up), ("down", KeyCode::Down),
    ("left", KeyCode::Left), ("right", KeyCode::Right),
    ("pgup", KeyCode::PageUp), ("pgdn", KeyCode::PageDown),
    ("home", KeyCode::Home), ("end", KeyCode::End),
    ("f1", KeyCode::F(1)), ("f2", KeyCode::F(2)), ("f3", KeyCode::F(3)),
    ("f4", KeyCode::F(4)), ("f5", KeyCode::F(5)), ("f6", KeyCode::F(6)),
    ("f7", KeyCode::F(7)), ("f8", KeyCode::F(8)), ("f9", KeyCode::F(9)),
    ("f10", KeyCode::F(10)), ("f11", KeyCode::F(11)), ("f12", KeyCode::F(12)),
];

/// The actions that have other keys than in [`KEYS`], in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyMap(Vec<MappedAction>);

#[derive(Clone, Debug, PartialEq)]
struct MappedAction {
    name: &'static str,
    message: Message,
    /// All keys of the action; none if it is to have no key.
    keys: Vec<KeyCode>,
}

impl KeyMap {
    /// What this key does.
    pub(super) fn message(&self, code: KeyCode) -> Option<Message> {
        let own = self.0.iter().find(|it| it.keys.contains(&code));
        own.map(|it| it.message).or_else(|| self.usual(code))
    }

    /// What the key does in [`KEYS`], unless that has other keys now.
    fn usual(&self, code: KeyCode) -> Option<Message> {
        let mut keys = KEYS.iter().flat_map(|it| it.keys);
        let (_, message) = keys.find(|(it, _)| *it == code)?;
        self.mapped(*message).is_none().then_some(*message)
    }

    fn mapped(&self, message: Message) -> Option<&MappedAction> {
        self.0.iter().find(|it| it.message == message)
    }

    /// The keys of a row as the footer and the help show them; empty if all of
    /// its actions have lost theirs.
    pub(super) fn shown(&self, row: &Binding) -> Cow<'static, str> {
        let mut keys = row.keys.iter();
        if !keys.any(|(_, message)| self.mapped(*message).is_some()) {
            return row.shown.into();
        }
        let keys = row.keys.iter().filter_map(|(usual, message)| {
            match self.mapped(*message) {
                Some(own) => own.keys.first().copied(),
                None => Some(*usual),
            }
        });
        keys.map(shown).join(" ").into()
    }

    /// The text with the key of an action in place of its name in braces:
    /// `{quit} leaves` becomes `q leaves`.
    pub fn words(&self, text: &str) -> String {
        let mut words = String::new();
        for (at, part) in text.split(['{', '}']).enumerate() {
            words += &match ACTIONS.iter().find(|(name, _)| *name == part) {
                Some((_, message)) if at % 2 == 1 => self.key(*message),
                _ => part.to_owned(),
            };
        }
        words
    }

    /// The first key of the action, as it is shown.
    pub(super) fn key(&self, message: Message) -> String {
        let usual = || {
            let mut keys = KEYS.iter().flat_map(|it| it.keys);
            keys.find(|(_, it)| *it == message).map(|(code, _)| *code)
        };
        let key = match self.mapped(message) {
            Some(own) => own.keys.first().copied(),
            None => usual(),
        };
        key.map_or_else(|| "(no key)".to_owned(), shown)
    }

    /// Checks that no key has two actions.
    pub(super) fn check(&self) -> Result<(), TomlFault> {
        for (place, own) in self.0.iter().enumerate() {
            let fault = |problem: String, help: String| {
                TomlFault::new(problem).help(help).at(own.name).at("keys")
            };
            for code in &own.keys {
                let key = written(*code);
                let mut before = self.0[..place].iter();
                if let Some(it) = before.find(|it| it.keys.contains(code)) {
                    return Err(fault(
                        format!("`{key}` for two actions"),
                        "give each action a key of its own".into(),
                    )
                    .beside(it.name, "the other one"));
                }
                let Some(usual) = self.usual(*code) else { continue };
                let Some(other) = name(usual) else {
                    return Err(fault(
                        format!("`{key}` cannot be mapped"),
                        "it chooses a run or a client by its number".into(),
                    ));
                };
                return Err(fault(
                    format!("`{key}` is the key of `{other}` already"),
                    format!("choose another, or map `{other}` too"),
                ));
            }
        }
        Ok(())
    }
}

/// The name of the action in the file.
fn name(message: Message) -> Option<&'static str> {
    let mut all = ACTIONS.iter();
    all.find(|(_, it)| *it == message).map(|(name, _)| *name)
}

/// A key as it is written in the file.
fn written(code: KeyCode) -> String {
    match (NAMED.iter().find(|(_, it)| *it == code), code) {
        (Some((name, _)), _) => (*name).to_owned(),
        (None, Char(c)) => c.to_string(),
        (None, code) => code.to_string(),
    }
}

/// A key as the screen shows it.
fn shown(code: KeyCode) -> String {
    match code {
        KeyCode::Up => "↑".into(),
        KeyCode::Down => "↓".into(),
        KeyCode::Left => "←".into(),
        KeyCode::Right => "→".into(),
        code => written(code),
    }
}

impl<'de> Deserialize<'de> for KeyMap {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OfActions;
        impl<'de> Visitor<'de> for OfActions {
            type Value = KeyMap;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a table of actions and their keys")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<KeyMap, A::Error> {
                let mut all = Vec::new();
                while let Some(ActionName(name, message)) = map.next_key()? {
                    let KeyNames(keys) = map.next_value()?;
                    all.push(MappedAction { name, message, keys });
                }
                Ok(KeyMap(all))
            }
        }
        from.deserialize_map(OfActions)
    }
}

/// An action by its name.
struct ActionName(&'static str, Message);

impl<'de> Deserialize<'de> for ActionName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let word = String::deserialize(from)?;
        let found = ACTIONS.iter().find(|(name, _)| *name == word);
        found.map(|(name, message)| Self(name, *message)).ok_or_else(|| {
            let names = ACTIONS.iter().map(|(name, _)| format!("`{name}`"));
            let names = names.format(", ");
            // The wording is serde's own, so that it is diagnosed as that is.
            let words = format!("unknown action `{word}`, expected {names}");
            de::Error::custom(words)
        })
    }
}

/// One key, or a list of keys.
struct KeyNames(Vec<KeyCode>);

impl<'de> Deserialize<'de> for KeyNames {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = KeyNames;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a key in quotes, or a list of keys")
            }

            fn visit_str<E: de::Error>(self, it: &str) -> Result<KeyNames, E> {
                Ok(KeyNames(vec![parse(it).map_err(E::custom)?]))
            }

            fn visit_seq<A: SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<KeyNames, A::Error> {
                let mut keys = Vec::new();
                while let Some(KeyNames(more)) = list.next_element()? {
                    keys.extend(more);
                }
                Ok(KeyNames(keys))
            }
        }
        from.deserialize_any(OneOrMore)
    }
}

/// A key by its name or its character. Space and characters that control the
/// terminal have none.
fn parse(text: &str) -> Result<KeyCode, String> {
    let named = NAMED.iter().find(|(name, _)| *name == text);
    let mut letters = text.chars();
    match (named, letters.next(), letters.next()) {
        (Some((_, code)), ..) => Ok(*code),
        (None, Some(c), None) if !c.is_control() && c != ' ' => Ok(Char(c)),
        _ => Err(format!(
            "`{text}` is not a key; write a character, or a name such as \
             `space`, `tab`, `up`, `pgdn` or `f5`"
        )),
    }
}
