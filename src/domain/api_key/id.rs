//! The public name of a key, and where its record lies.

use std::fmt;

use super::super::subject::{Owner, Tenant};
use super::base62;

/// One of 256 groups of owners. Everything of one owner lies in one shard, so
/// that a change to it is one script in one slot of a cluster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u8);

impl Shard {
    /// The shard of that number.
    pub fn new(number: u8) -> Self {
        Self(number)
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The two characters that stand for it in key ids and store layouts.
    pub fn tag(self) -> [u8; 2] {
        base62::encode(u64::from(self.0))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = self.tag();
        write!(f, "{}{}", char::from(tag[0]), char::from(tag[1]))
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// An owner as stores name it: a digest, since a subject may hold any text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerTag([u8; 16]);

impl OwnerTag {
    /// The tag of an owner within a tenant.
    pub fn new(tenant: &Tenant, owner: &Owner) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in [
            tenant.as_str(),
            owner.realm().as_str(),
            owner.subject().as_str(),
        ] {
            hasher.update(part.as_bytes()).update(&[0]);
        }
        let mut tag = [0; 16];
        tag.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(tag)
    }

    /// From the digest as a store keeps it.
    pub fn from_bytes(digest: [u8; 16]) -> Self {
        Self(digest)
    }

    /// Reads 32 lower-case hexadecimal digits, as [`OwnerTag`] is written.
    pub fn parse(text: &str) -> Option<Self> {
        let digest = u128::from_str_radix(text, 16).ok()?.to_be_bytes();
        (format!("{}", Self(digest)) == text).then_some(Self(digest))
    }

    /// The bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The shard that holds everything of this owner.
    pub fn shard(&self) -> Shard {
        Shard(self.0[0])
    }
}

impl fmt::Display for OwnerTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for OwnerTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The public name of a key: shown, logged, sent upstream; worth nothing to a thief.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApiKeyId {
    /// Of a key minted here: 2 characters of shard, 8 random, 6 of filter.
    Native([u8; 16]),
    /// Of a key of rusty-valkey-forward-auth: its hash, as that service shows it.
    Seed([u8; 32]),
}

impl ApiKeyId {
    /// Reads 16 letters and digits, or the 64 lower-case hexadecimal digits of a seed key.
    pub fn parse(text: &str) -> Option<Self> {
        match text.len() {
            16 => Self::native(text.as_bytes().try_into().ok()?),
            64 => {
                let mut hash = [0; 32];
                for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
                    let pair = std::str::from_utf8(pair).ok()?;
                    if pair
                        .bytes()
                        .any(|c| !c.is_ascii_digit() && !(b'a'..=b'f').contains(&c))
                    {
                        return None;
                    }
                    *byte = u8::from_str_radix(pair, 16).ok()?;
                }
                Some(Self::Seed(hash))
            }
            _ => None,
        }
    }

    /// From the 16 characters of a key minted here.
    pub(super) fn native(text: [u8; 16]) -> Option<Self> {
        let number = text[..2].iter().try_fold(0_u64, |number, digit| {
            let value = base62::ALPHABET.iter().position(|known| known == digit)?;
            Some(number * 62 + value as u64)
        })?;
        (number < 256 && text.iter().all(u8::is_ascii_alphanumeric)).then_some(Self::Native(text))
    }

    /// Where the record lies: the owner's shard for keys minted here; for seed
    /// keys, of which a request tells only the hash, one that the hash picks.
    pub fn shard(&self) -> Shard {
        match self {
            Self::Native(text) => {
                let digit = |place: usize| {
                    base62::ALPHABET
                        .iter()
                        .position(|known| *known == text[place])
                        .unwrap_or(0)
                };
                Shard(u8::try_from(digit(0) * 62 + digit(1)).unwrap_or(0))
            }
            Self::Seed(hash) => Shard(hash[0]),
        }
    }

    /// Whether the key came from rusty-valkey-forward-auth.
    pub fn is_seed(&self) -> bool {
        matches!(self, Self::Seed(_))
    }

    /// The name of the key's record, which its seal is bound to.
    pub fn record_name(&self) -> String {
        let Self::Native(text) = self else {
            return format!("gl:k:{{{}}}:{self}", self.shard());
        };
        // Asked twice in every check: put together without formatting.
        let characters = |bytes: &[u8], name: &mut String| {
            name.extend(bytes.iter().copied().map(char::from));
        };
        let mut name = String::with_capacity("gl:k:{00}:".len() + text.len());
        name.push_str("gl:k:{");
        characters(&text[..2], &mut name);
        name.push_str("}:");
        characters(text, &mut name);
        name
    }
}

impl fmt::Display for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native(text) => f.write_str(std::str::from_utf8(text).map_err(|_| fmt::Error)?),
            Self::Seed(hash) => hash.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

impl fmt::Debug for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_as_they_are_written() {
        for text in ["00abcdefghABCDEF", "47zzzzzzzzzzzzzz", &"0f".repeat(32)] {
            assert_eq!(ApiKeyId::parse(text).unwrap().to_string(), text);
        }
        // 48 in base 62 is 256: one more than there are shards.
        for text in [
            "48abcdefghABCDEF",
            "zzabcdefghABCDEF",
            "00abcdefgh-BCDEF",
            "short",
            &"0F".repeat(32),
        ] {
            assert_eq!(ApiKeyId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_shard_survives_its_tag() {
        for number in 0..=u8::MAX {
            let shard = Shard::new(number);
            let id = ApiKeyId::parse(&format!("{shard}aaaaaaaaaaaaaa")).unwrap();
            assert_eq!(id.shard(), shard);
            assert_eq!(id.record_name(), format!("gl:k:{{{shard}}}:{id}"));
        }
    }
}
