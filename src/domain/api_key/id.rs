//! The public name of a key, and where its record lies.

use std::fmt;

use super::super::hex;
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

    /// The name of what is known of the owner, which its seal is bound to.
    pub fn principal_name(&self) -> String {
        let mut name = in_shard("gl:p:{", self.shard());
        hex::push(&self.0, &mut name);
        name
    }

    /// The shard that holds everything of this owner.
    pub fn shard(&self) -> Shard {
        Shard(self.0[0])
    }
}

/// The number that two digits stand for, if there is such a shard.
fn shard_number(high: u8, low: u8) -> Option<u8> {
    let number = u16::from(base62::value(high)?) * 62 + u16::from(base62::value(low)?);
    u8::try_from(number).ok()
}

/// What a name begins with whose hash tag is a shard. Names are asked for
/// several times in every check: put together without formatting.
fn in_shard(kind: &str, shard: Shard) -> String {
    let mut name = String::with_capacity(64);
    name.push_str(kind);
    name.extend(shard.tag().map(char::from));
    name.push_str("}:");
    name
}

impl fmt::Display for OwnerTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
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
            64 => hex::parse(text).map(Self::Seed),
            _ => None,
        }
    }

    /// From the 16 characters of a key minted here.
    pub(super) fn native(text: [u8; 16]) -> Option<Self> {
        let is_shard = shard_number(text[0], text[1]).is_some();
        (is_shard && text.iter().all(u8::is_ascii_alphanumeric)).then_some(Self::Native(text))
    }

    /// Where the record lies: the owner's shard for keys minted here; for seed
    /// keys, of which a request tells only the hash, one that the hash picks.
    pub fn shard(&self) -> Shard {
        match self {
            Self::Native(text) => Shard(shard_number(text[0], text[1]).unwrap_or(0)),
            Self::Seed(hash) => Shard(hash[0]),
        }
    }

    /// Whether the key came from rusty-valkey-forward-auth.
    pub fn is_seed(&self) -> bool {
        matches!(self, Self::Seed(_))
    }

    /// The name of the key's record, which its seal is bound to.
    pub fn record_name(&self) -> String {
        let mut name = in_shard("gl:k:{", self.shard());
        self.push_to(&mut name);
        name
    }

    /// Puts it at the end of a text.
    pub fn push_to(&self, text: &mut String) {
        match self {
            // Letters and digits: read once more, for nothing is unsafe here.
            Self::Native(id) => text.push_str(std::str::from_utf8(id).unwrap_or_default()),
            Self::Seed(hash) => hex::push(hash, text),
        }
    }
}

impl fmt::Display for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native(text) => f.write_str(std::str::from_utf8(text).map_err(|_| fmt::Error)?),
            Self::Seed(hash) => hex::write(hash, f),
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
