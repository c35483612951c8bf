//! Where things lie: the names of keys, and what is in front of a sealed record.
//!
//! The type comes before the shard, so that a prefix names just the records
//! that are rarely written. The shard is a literal hash tag, so that everything
//! of one owner lies in one slot of a cluster. A seed key's id is a hash and
//! tells no owner: its record lies in the shard that the hash picks, and its
//! place in the owner's index in the owner's shard.

use crate::domain::api_key::{ApiKeyId, OwnerTag, Shard};
use crate::domain::hex;
use crate::domain::salt::SaltId;
use crate::domain::time::Timestamp;
use crate::domain::usage::Day;
use crate::store::StoreError;

/// The copies of the filter key: a hash from salt to copy.
pub(super) const FILTER_KEYS: &str = "gl:f";
/// What a scan of all records looks for.
pub(super) const ALL_RECORDS: &str = "gl:k:*";
/// What a scan of all seed records looks for.
pub(super) const ALL_SEED_RECORDS: &str = "auth:token:*";
/// What a scan of the records of all owners looks for.
pub(super) const ALL_PRINCIPALS: &str = "gl:p:*";
/// Written when replicas are waited for; one on each primary, with a tag of its slots.
pub(super) const HEARTBEAT: &str = "gl:hb:{00}";

/// The record of a key, which its seal is bound to.
pub(super) fn record(id: &ApiKeyId) -> String {
    id.record_name()
}

/// What stays of a revoked key.
pub(super) fn tombstone(id: &ApiKeyId) -> String {
    format!("gl:t:{{{}}}:{id}", id.shard())
}

/// The uses of a key: a hash of the latest time (`at`) and their number (`n`).
pub(super) fn uses(id: &ApiKeyId) -> String {
    format!("gl:h:{{{}}}:{id}", id.shard())
}

/// What a key did on a day: a hash of calls that passed (`HH`) and of refusals
/// (`HH:reason`) by hour.
pub(super) fn usage_of_day(id: &ApiKeyId, day: Day) -> String {
    format!("gl:u:{{{}}}:{id}:{}", id.shard(), day.compact())
}

/// What a key did day by day: a hash of calls that passed (`yyyymmdd`) and of
/// refusals (`yyyymmdd:r`).
pub(super) fn usage_by_day(id: &ApiKeyId) -> String {
    format!("gl:u:{{{}}}:{id}:days", id.shard())
}

/// Where a key was used: a hash from network to the latest time and the number
/// of calls, with a space in between.
pub(super) fn usage_networks(id: &ApiKeyId) -> String {
    format!("gl:u:{{{}}}:{id}:networks", id.shard())
}

/// What the names of records in a shard begin with.
pub(super) fn records_of(shard: Shard) -> String {
    format!("gl:k:{{{shard}}}:")
}

/// What the names of uses in a shard begin with.
pub(super) fn uses_of(shard: Shard) -> String {
    format!("gl:h:{{{shard}}}:")
}

/// The ids of a shard's keys that end, by their end.
pub(super) fn expiries(shard: Shard) -> String {
    format!("gl:x:{{{shard}}}")
}

/// The ids of an owner's keys, by time of making.
pub(super) fn index(owner: &OwnerTag) -> String {
    format!("gl:o:{{{}}}:{owner}", owner.shard())
}

/// The ids of an owner's revoked keys, by time of revocation.
pub(super) fn ended(owner: &OwnerTag) -> String {
    format!("gl:b:{{{}}}:{owner}", owner.shard())
}

/// What is known of an owner.
pub(super) fn principal(owner: &OwnerTag) -> String {
    owner.principal_name()
}

/// The owner in the name of such a record, if it lies where it should.
pub(super) fn principal_owner(name: &str) -> Option<OwnerTag> {
    let owner = OwnerTag::parse(name.rsplit(':').next()?)?;
    (principal(&owner) == name).then_some(owner)
}

/// An answer kept for a request that is repeated; beside the owner's keys, so
/// that one script writes both.
pub(super) fn replay(owner: &OwnerTag, digest: &[u8; 32]) -> String {
    format!("gl:i:{{{}}}:{}", owner.shard(), hex::text(digest))
}

/// The key set of an issuer.
pub(super) fn key_set(issuer: &str) -> String {
    format!("gl:j:{issuer}")
}

/// The seed's record of a key: a hash of `sub`, `created_at` and `description`.
pub(super) fn seed_record(id: &ApiKeyId) -> String {
    format!("auth:token:{id}")
}

/// The id in the name of a seed's record.
pub(super) fn seed_id(name: &str) -> Option<ApiKeyId> {
    let id = ApiKeyId::parse(name.strip_prefix("auth:token:")?)?;
    id.is_seed().then_some(id)
}

/// The seed's set of ids of a subject.
pub(super) fn seed_set(subject: &str) -> String {
    format!("auth:user_tokens:{subject}")
}

/// The id in the name of a record, if it lies where it should.
pub(super) fn record_id(name: &str) -> Option<ApiKeyId> {
    let id = ApiKeyId::parse(name.rsplit(':').next()?)?;
    (record(&id) == name).then_some(id)
}

/// The field of a salt in [`FILTER_KEYS`].
pub(super) fn salt_field(salt: SaltId) -> String {
    salt.to_string()
}

/// The salt of a field.
pub(super) fn salt_of(field: &str) -> Option<SaltId> {
    hex::parse(field).map(SaltId::from_bytes)
}

/// How many bytes stand in front of the sealed part; the scripts know it too.
pub(super) const HEADER_BYTES: usize = 16 + 8;

/// The value of a record: the owner's tag and the time of making, which the
/// store needs without the salt to keep its indexes, then the sealed record,
/// which alone proves anything.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filed {
    /// Whose key it is.
    pub owner: OwnerTag,
    /// When it was made.
    pub created_at: Timestamp,
    /// The sealed record.
    pub record: Vec<u8>,
}

impl Filed {
    /// The value for the store.
    pub fn value(owner: &OwnerTag, created_at: Timestamp, record: &[u8]) -> Vec<u8> {
        let created_at = created_at.as_millis().to_be_bytes();
        [owner.as_bytes(), &created_at[..], record].concat()
    }

    /// Reads a value.
    ///
    /// # Errors
    /// Fails for what [`Filed::value`] never made.
    pub fn read(id: &ApiKeyId, mut value: Vec<u8>) -> Result<Self, StoreError> {
        let wrong = || StoreError::Corrupt(format!("{} is no record of a key", record(id)));
        let (owner, rest) = value.split_first_chunk::<16>().ok_or_else(wrong)?;
        let (created_at, _) = rest.split_first_chunk::<8>().ok_or_else(wrong)?;
        let (owner, created_at) = (*owner, u64::from_be_bytes(*created_at));
        value.drain(..HEADER_BYTES);
        Ok(Self {
            owner: OwnerTag::from_bytes(owner),
            created_at: Timestamp::from_millis(created_at).ok_or_else(wrong)?,
            record: value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> OwnerTag {
        OwnerTag::from_bytes([0x2a; 16])
    }

    #[test]
    fn everything_of_one_owner_lies_under_one_hash_tag() {
        let id = ApiKeyId::parse(&format!("{}abcdefghijklmn", owner().shard())).unwrap();
        let names = [
            record(&id),
            tombstone(&id),
            uses(&id),
            index(&owner()),
            ended(&owner()),
            principal(&owner()),
            expiries(owner().shard()),
            replay(&owner(), &[1; 32]),
            usage_of_day(&id, Day::of(Timestamp::EPOCH)),
            usage_by_day(&id),
            usage_networks(&id),
        ];
        for name in &names {
            assert!(name.contains(":{0g}"), "{name}");
        }
        assert_eq!(names[3], "gl:o:{0g}:2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a");
        assert!(names[7].ends_with(&"01".repeat(32)), "{}", names[7]);
        assert_eq!(names[0], format!("{}{id}", records_of(id.shard())));
        assert_eq!(names[2], format!("{}{id}", uses_of(id.shard())));
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        let seed = ApiKeyId::parse(&"0f".repeat(32)).unwrap();
        assert_eq!(seed_id(&seed_record(&seed)), Some(seed));
        assert_eq!(record_id(&record(&seed)), Some(seed));
        assert_eq!(seed_id("auth:token:00abcdefghijklmn"), None);
        let of_owner = principal(&owner());
        assert_eq!(principal_owner(&of_owner), Some(owner()));
        for bad in [
            of_owner.replace("{0g}", "{00}"),
            of_owner.replace("2a", "2A"),
        ] {
            assert_eq!(principal_owner(&bad), None, "{bad}");
        }
        assert_eq!(
            record_id(&format!("gl:k:{{00}}:{seed}")),
            None,
            "another shard's"
        );
        let salt = SaltId::from_bytes([0, 1, 2, 3, 4, 5, 6, 255]);
        assert_eq!(salt_of(&salt_field(salt)), Some(salt));
        assert_eq!(salt_of("+001020304050607"), None);
    }

    #[test]
    fn a_value_is_read_as_it_was_written() {
        let id = ApiKeyId::parse("00abcdefghijklmn").unwrap();
        let at = Timestamp::from_millis(1_795_521_600_123).unwrap();
        let value = Filed::value(&owner(), at, b"sealed");
        let filed = Filed::read(&id, value.clone()).unwrap();
        assert_eq!(
            (filed.owner, filed.created_at, &filed.record[..]),
            (owner(), at, &b"sealed"[..])
        );
        for length in 0..HEADER_BYTES {
            assert!(Filed::read(&id, value[..length].to_vec()).is_err());
        }
    }
}
