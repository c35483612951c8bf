//! The key as people hold it: `{prefix}_{id:16}{secret:43}{check:6}`.
//!
//! The check is CRC-32/ISO-HDLC in base 62 over all before it: it finds typos
//! and helps scanners, and is never security. Keys of
//! rusty-valkey-forward-auth are exactly 32 letters and digits.

use super::super::entropy::{Entropy, EntropyUnavailable};
use super::super::secret::Secret;
use super::base62;
use super::filter::FilterKey;
use super::id::{ApiKeyId, Shard};

const ID: usize = 16;
const SECRET: usize = 43;
const CHECK: usize = 6;
const BODY: usize = ID + SECRET + CHECK;
/// Length of a seed key.
const SEED: usize = 32;
/// Longest prefix, in characters.
pub const PREFIX_MAX: usize = 32;

/// RFC 8959: a scheme that marks secrets for scanners; stripped when presented.
const SECRET_TOKEN: &str = "secret-token:";

/// Why a text is no key of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedKey {
    /// Neither of the two shapes.
    #[error("this is not the shape of an API key")]
    Shape,
    /// The right shape; the checksum says it was mistyped or cut.
    #[error("the API key's checksum is wrong: was it copied in full?")]
    Checksum,
}

/// How keys read in a deployment.
#[derive(Clone, Debug)]
pub struct KeyFormat {
    prefixes: Box<[Box<str>]>,
    accepts_seed_keys: bool,
}

impl KeyFormat {
    /// The prefix for new keys, and former ones that stay accepted; whether 32
    /// letters and digits are read as a key of rusty-valkey-forward-auth.
    pub fn new(prefix: &str, former: &[String], accepts_seed_keys: bool) -> Self {
        let prefixes = std::iter::once(prefix).chain(former.iter().map(String::as_str));
        Self {
            prefixes: prefixes.map(Into::into).collect(),
            accepts_seed_keys,
        }
    }

    /// Whether a text can be a prefix: letters, digits and inner underscores.
    pub fn is_prefix(text: &str) -> bool {
        (1..=PREFIX_MAX).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && !text.starts_with('_')
            && !text.ends_with('_')
    }

    /// The prefix of new keys.
    pub fn prefix(&self) -> &str {
        &self.prefixes[0]
    }

    /// Whether seed keys are read at all.
    pub fn accepts_seed_keys(&self) -> bool {
        self.accepts_seed_keys
    }

    /// Reads a key.
    ///
    /// # Errors
    /// Says why the text cannot be a key; whether it *is* one only a look-up tells.
    pub fn parse<'t>(&self, text: &'t str) -> Result<PlainKey<'t>, MalformedKey> {
        let text = text.strip_prefix(SECRET_TOKEN).unwrap_or(text);
        if self.accepts_seed_keys && is_seed_shape(text) {
            return Ok(PlainKey::Seed(SeedKey(text)));
        }
        let (prefix, body) = self.split(text).ok_or(MalformedKey::Shape)?;
        let (checked, check) = text
            .split_at_checked(text.len() - CHECK)
            .ok_or(MalformedKey::Shape)?;
        if checksum(checked).as_slice() != check.as_bytes() {
            return Err(MalformedKey::Checksum);
        }
        let (id, secret) = (&body[..ID], &body[ID..ID + SECRET]);
        let parsed = ApiKeyId::parse(id).ok_or(MalformedKey::Shape)?;
        Ok(PlainKey::Native(NativeKey {
            prefix,
            id: parsed,
            id_text: id,
            secret,
        }))
    }

    /// Whether the text has the shape of a key, right or wrong: then it was
    /// meant for us even outside the Authorization header.
    pub fn has_shape(&self, text: &str) -> bool {
        let text = text.strip_prefix(SECRET_TOKEN).unwrap_or(text);
        (self.accepts_seed_keys && is_seed_shape(text)) || self.split(text).is_some()
    }

    /// Splits from the right, since a prefix may hold underscores itself.
    fn split<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        if !text.is_ascii() || text.len() <= BODY + 1 {
            return None;
        }
        let (head, body) = text.split_at(text.len() - BODY);
        let prefix = head.strip_suffix('_')?;
        (is_alphanumeric(body) && self.prefixes.iter().any(|known| **known == *prefix))
            .then_some((prefix, body))
    }
}

fn is_seed_shape(text: &str) -> bool {
    text.len() == SEED && is_alphanumeric(text)
}

/// Looks at every byte: without a way out the compiler takes many at a time.
fn is_alphanumeric(text: &str) -> bool {
    text.bytes()
        .fold(true, |so_far, byte| so_far & byte.is_ascii_alphanumeric())
}

fn checksum(text: &str) -> [u8; CHECK] {
    base62::encode(u64::from(crc32fast::hash(text.as_bytes())))
}

/// A key that reads well; nothing is proven yet.
#[derive(Clone, Copy)]
pub enum PlainKey<'t> {
    /// Minted here.
    Native(NativeKey<'t>),
    /// Minted by rusty-valkey-forward-auth.
    Seed(SeedKey<'t>),
}

/// The parts of a key that was minted here.
#[derive(Clone, Copy)]
pub struct NativeKey<'t> {
    prefix: &'t str,
    id: ApiKeyId,
    id_text: &'t str,
    secret: &'t str,
}

impl<'t> NativeKey<'t> {
    /// The prefix it was written with.
    pub fn prefix(&self) -> &'t str {
        self.prefix
    }

    /// Its public name.
    pub fn id(&self) -> ApiKeyId {
        self.id
    }

    pub(super) fn id_text(&self) -> &'t str {
        self.id_text
    }

    /// The 43 secret characters.
    pub(super) fn secret(&self) -> &'t str {
        self.secret
    }
}

/// A key of rusty-valkey-forward-auth.
#[derive(Clone, Copy)]
pub struct SeedKey<'t>(&'t str);

impl<'t> SeedKey<'t> {
    pub(super) fn text(&self) -> &'t str {
        self.0
    }
}

/// A key that was just made: the only moment at which its text exists.
#[derive(Debug)]
pub struct FreshKey {
    /// Its public name.
    pub id: ApiKeyId,
    /// What its holder presents.
    pub text: Secret<String>,
}

/// Makes a key for an owner of that shard.
///
/// # Errors
/// Fails where there is no randomness.
pub fn mint(
    format: &KeyFormat,
    filter: &FilterKey,
    shard: Shard,
    entropy: &dyn Entropy,
) -> Result<FreshKey, EntropyUnavailable> {
    let mut id = [0; ID];
    id[..2].copy_from_slice(&shard.tag());
    id[2..10].copy_from_slice(&base62::draw::<8>(entropy)?);
    // 43 digits of base 62 hold 256.03 bits.
    let secret = zeroize::Zeroizing::new(base62::draw::<SECRET>(entropy)?);
    let check = filter.characters(format.prefix(), &id[..10], &secret[..]);
    id[10..].copy_from_slice(&check);

    let mut text = String::with_capacity(format.prefix().len() + 1 + BODY);
    text.push_str(format.prefix());
    text.push('_');
    text.extend(id.iter().chain(secret.iter()).copied().map(char::from));
    let check = checksum(&text);
    text.extend(check.iter().copied().map(char::from));
    Ok(FreshKey {
        id: ApiKeyId::Native(id),
        text: Secret::new(text),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Seeded(std::sync::atomic::AtomicU64);
    impl Entropy for Seeded {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
            let round = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut output = blake3::Hasher::new()
                .update(&round.to_le_bytes())
                .finalize_xof();
            output.fill(buffer);
            Ok(())
        }
    }

    fn format() -> KeyFormat {
        KeyFormat::new("glk", &["old_one".to_owned()], true)
    }

    fn fresh(seed: u64, shard: u8) -> FreshKey {
        mint(
            &format(),
            &filter(),
            Shard::new(shard),
            &Seeded(seed.into()),
        )
        .unwrap()
    }

    fn filter() -> FilterKey {
        FilterKey::new([5; 32])
    }

    #[test]
    fn a_fresh_key_has_the_published_shape_and_passes_its_own_checks() {
        let key = fresh(0, 200);
        let text = key.text.expose();
        assert_eq!(text.len(), "glk_".len() + 65);
        let PlainKey::Native(parsed) = format().parse(text).unwrap() else {
            panic!("seed?")
        };
        assert_eq!(parsed.id(), key.id);
        assert_eq!(key.id.shard(), Shard::new(200));
        assert!(filter().admits(&parsed));
        assert!(!FilterKey::new([6; 32]).admits(&parsed));
    }

    #[test]
    fn a_secret_token_mark_is_stripped_and_former_prefixes_stay_accepted() {
        let old = KeyFormat::new("old_one", &[], false);
        let key = mint(&old, &filter(), Shard::new(1), &Seeded(0.into())).unwrap();
        let marked = format!("secret-token:{}", key.text.expose());
        assert!(matches!(format().parse(&marked), Ok(PlainKey::Native(_))));
        let other = KeyFormat::new("other", &[], false);
        assert!(matches!(other.parse(&marked), Err(MalformedKey::Shape)));
    }

    #[test]
    fn thirty_two_letters_and_digits_are_a_seed_key_only_where_those_are_accepted() {
        let text = "abcdefghijklmnopqrstuvwxyz012345";
        assert!(matches!(format().parse(text), Ok(PlainKey::Seed(_))));
        assert!(KeyFormat::new("glk", &[], false).parse(text).is_err());
        assert!(format().parse("abcdefghijklmnopqrstuvwxyz01234_").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_parsing_panic(text in ".{0,120}") {
            let _ = format().parse(&text);
        }

        #[test]
        fn every_one_character_mutant_of_a_key_is_refused(
            seed in 0_u64..10_000, place in 0_usize..69, digit in "[0-9A-Za-z]",
        ) {
            let text = fresh(seed, 7).text.expose().clone();
            let mut mutant = text.clone();
            mutant.replace_range(place..=place, &digit);
            let admitted = match format().parse(&mutant) {
                Ok(PlainKey::Native(key)) => filter().admits(&key),
                Ok(PlainKey::Seed(_)) => true,
                Err(_) => false,
            };
            prop_assert_eq!(admitted, mutant == text);
        }
    }
}
