//! Serialised forms of standard types, for `#[serde(with = "…")]`.

use super::event::End;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::array;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use strum::VariantArray;

/// [`std::io::ErrorKind`] as the text of its `Display`, because its numbers
/// might change between versions of the standard library.
pub mod error_kind {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use std::collections::HashMap;
    use std::io::{self, ErrorKind};
    use std::sync::LazyLock;

    /// Every kind by its text: those of the system's error numbers, which under
    /// Windows go up to 11,031, and those that only the standard library uses.
    static KINDS: LazyLock<HashMap<String, ErrorKind>> = LazyLock::new(|| {
        let of_system = (0..=11_031).map(io::Error::from_raw_os_error);
        let of_system = of_system.map(|error| error.kind());
        let of_library = [
            ErrorKind::InvalidData,
            ErrorKind::WriteZero,
            ErrorKind::UnexpectedEof,
            ErrorKind::Other,
        ];
        let all = of_system.chain(of_library);
        all.map(|kind| (kind.to_string(), kind)).collect()
    });

    /// The kind with this text; `None` if there is no such kind.
    pub(in crate::probe) fn named(words: &str) -> Option<ErrorKind> {
        KINDS.get(words).copied()
    }

    /// Writes the kind as text.
    ///
    /// # Errors
    /// Errors of the format.
    pub fn serialize<S: Serializer>(
        kind: &ErrorKind,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(kind)
    }

    /// Reads the text of a kind.
    ///
    /// # Errors
    /// Errors of the format, or if no kind has this text.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<ErrorKind, D::Error> {
        let kind = named(&String::deserialize(from)?);
        kind.ok_or_else(|| D::Error::custom("no such kind of error"))
    }
}

/// An optional [`std::net::SocketAddr`]: text in text formats. Binary formats
/// also hold the flow and the scope of IPv6, which serde's own form leaves out.
pub mod address {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

    #[derive(Serialize, Deserialize)]
    enum Compact {
        V4(Ipv4Addr, u16),
        V6(Ipv6Addr, u16, u32, u32),
    }

    /// Writes the address.
    ///
    /// # Errors
    /// Errors of the format.
    pub fn serialize<S: Serializer>(
        address: &(impl Into<Option<SocketAddr>> + Copy),
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let address: Option<SocketAddr> = (*address).into();
        if to.is_human_readable() {
            return address.serialize(to);
        }
        let compact = address.map(|address| match address {
            SocketAddr::V4(it) => Compact::V4(*it.ip(), it.port()),
            SocketAddr::V6(it) => {
                Compact::V6(*it.ip(), it.port(), it.flowinfo(), it.scope_id())
            }
        });
        compact.serialize(to)
    }

    /// Reads an address.
    ///
    /// # Errors
    /// Errors of the format.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<SocketAddr>, D::Error> {
        if from.is_human_readable() {
            return Option::deserialize(from);
        }
        let compact: Option<Compact> = Option::deserialize(from)?;
        Ok(compact.map(|compact| match compact {
            Compact::V4(ip, port) => (ip, port).into(),
            Compact::V6(ip, port, flow, scope) => {
                SocketAddrV6::new(ip, port, flow, scope).into()
            }
        }))
    }
}

/// How a connection ended, if it has: in text formats as [words](End::words).
pub(super) mod end_in_words {
    use super::End;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[expect(
        clippy::ref_option,
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference to the field"
    )]
    pub(in crate::probe) fn serialize<S: Serializer>(
        end: &Option<End>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() {
            return end.map(End::words).serialize(to);
        }
        end.serialize(to)
    }

    pub(in crate::probe) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<End>, D::Error> {
        if !from.is_human_readable() {
            return Option::deserialize(from);
        }
        let Some(words) = Option::<String>::deserialize(from)? else {
            return Ok(None);
        };
        let end = End::of_words(&words);
        end.map(Some).ok_or_else(|| D::Error::custom("no such end"))
    }
}

/// An array of counts by key, written as a map of the counts above zero.
pub(super) struct ByKey<K>(PhantomData<K>);

impl<K: VariantArray + Ord> ByKey<K> {
    pub(super) fn serialize<S: Serializer>(
        counts: &[u64],
        to: S,
    ) -> Result<S::Ok, S::Error>
    where
        K: Serialize,
    {
        let counts = K::VARIANTS.iter().zip(counts);
        // Postcard needs to know the length in advance.
        let counts: Vec<_> = counts.filter(|(_, count)| **count > 0).collect();
        to.collect_map(counts)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        from: D,
    ) -> Result<[u64; N], D::Error>
    where
        K: Deserialize<'de>,
    {
        let read = BTreeMap::<K, u64>::deserialize(from)?;
        let count = |index| read.get(K::VARIANTS.get(index)?).copied();
        Ok(array::from_fn(|index| count(index).unwrap_or(0)))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use crate::probe::{End, Note, SocketId};
    use std::io;

    #[test]
    fn an_error_kind_is_written_in_its_words() {
        let unnamed = io::Error::from_raw_os_error(i32::MAX).kind();
        for kind in [io::ErrorKind::TimedOut, io::ErrorKind::Other, unnamed] {
            let end = End::Failed(kind);
            let json = serde_json::to_string(&end).unwrap();
            assert_eq!(json, format!("{{\"failed\":\"{kind}\"}}"));
            assert_eq!(serde_json::from_str::<End>(&json).unwrap(), end);
        }
        assert!(serde_json::from_str::<End>("{\"failed\":\"so\"}").is_err());
    }

    #[test]
    fn a_peer_is_text_in_json() {
        let peer = Some("[fe80::1%3]:80".parse().unwrap());
        let note = Note::Opened { socket: SocketId(1), peer };
        let json = serde_json::to_string(&note).unwrap();
        let expected = r#"{"opened":{"socket":1,"peer":"[fe80::1%3]:80"}}"#;
        assert_eq!(json, expected);
        assert_eq!(serde_json::from_str::<Note>(&json).unwrap(), note);
    }
}
