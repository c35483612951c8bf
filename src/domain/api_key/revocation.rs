//! Revoking with a moment to think again: the key is refused at once, and the
//! revocation becomes final a minute later. A final one is never undone.

use std::time::Duration;

use super::super::record_name::{ListName, RecordName, Shelf};
use super::super::time::Timestamp;
use super::id::ApiKeyId;
use super::lifecycle::Refusal;
use super::record::{ApiKey, Revocation};

/// How long a revocation can be taken back.
pub const UNDO_TIME: Duration = Duration::from_mins(1);

/// Begins to revoke a key. One that is being revoked stays as it is: asking
/// again gives no more time.
#[must_use]
pub fn start(key: &ApiKey, by: &str, now: Timestamp) -> ApiKey {
    let mut revoked = key.clone();
    if revoked.revocation.is_none() {
        revoked.revocation = Some(Revocation {
            at: now.plus(UNDO_TIME),
            by: by.to_owned(),
        });
    }
    revoked
}

/// Takes a revocation back: the key is what it was before.
///
/// # Errors
/// Refuses what is final, and a key that is not being revoked.
pub fn undo(key: &ApiKey, now: Timestamp) -> Result<ApiKey, Refusal> {
    match &key.revocation {
        None => Err(Refusal::NotBeingRevoked),
        Some(revocation) if revocation.at <= now => Err(Refusal::RevocationFinal),
        Some(_) => Ok(ApiKey {
            revocation: None,
            ..key.clone()
        }),
    }
}

/// Claims that a due revocation is final: from then on nobody takes it back,
/// whatever their clock says. `None` where nothing is due.
pub fn claim(key: &ApiKey, now: Timestamp) -> Option<ApiKey> {
    let revocation = key.revocation.as_ref().filter(|one| one.at <= now)?;
    Some(ApiKey {
        revocation: Some(Revocation {
            at: Timestamp::from_millis(0)?,
            by: revocation.by.clone(),
        }),
        ..key.clone()
    })
}

/// A note that a revocation becomes final at a time. Its name says all: the
/// record of the key decides what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Timestamp,
    /// Of which key.
    pub id: ApiKeyId,
}

const BEGINNING: &str = "revocation";

impl Due {
    /// Its name. Names stand in the order of time.
    pub fn name(self) -> Option<RecordName> {
        let name = format!("{BEGINNING}.{:015}.{}", self.at.as_millis(), self.id);
        RecordName::new(Shelf::OneTime, &name).ok()
    }

    /// Reads a name.
    pub fn read(name: &RecordName) -> Option<Self> {
        let mut parts = name.as_str().split('.');
        let (BEGINNING, millis, id) = (parts.next()?, parts.next()?, parts.next()?) else {
            return None;
        };
        Some(Self {
            at: Timestamp::from_millis(millis.parse().ok()?)?,
            id: ApiKeyId::parse(id)?,
        })
    }

    /// The list of all of them.
    pub fn list() -> Option<ListName> {
        ListName::new("revocations-due").ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Standing;
    use super::super::record::tests::{key, salts};
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    #[test]
    fn a_key_is_refused_from_the_first_moment_and_restored_as_it_was() {
        let started = start(&key(), "corp:alice", at(1_500));
        assert_eq!(started.standing(at(1_500)), Standing::Revoking);
        assert_eq!(started.revocation.as_ref().unwrap().at, at(61_500));
        assert_eq!(start(&started, "admin", at(9_000)), started);
        let sealed = started.seal(&salts());
        assert_eq!(
            ApiKey::open(&salts(), key().id, &sealed),
            Ok(started.clone())
        );
        assert_eq!(undo(&started, at(61_499)), Ok(key()));
        assert_eq!(undo(&key(), at(1)), Err(Refusal::NotBeingRevoked));
    }

    #[test]
    fn what_is_final_is_never_undone_by_any_clock() {
        let started = start(&key(), "corp:alice", at(1_500));
        assert_eq!(undo(&started, at(61_500)), Err(Refusal::RevocationFinal));
        assert_eq!(claim(&started, at(61_499)), None);
        let claimed = claim(&started, at(61_500)).unwrap();
        assert_eq!(undo(&claimed, at(0)), Err(Refusal::RevocationFinal));
        assert_eq!(claimed.standing(at(0)), Standing::Revoking);
    }

    #[test]
    fn notes_are_read_as_they_are_written_and_stand_in_the_order_of_time() {
        let due = |millis| Due {
            at: at(millis),
            id: key().id,
        };
        let names = [7, 80, 1_795_521_600_123].map(|millis| due(millis).name().unwrap());
        assert!(names.is_sorted());
        assert_eq!(Due::read(&names[2]), Some(due(1_795_521_600_123)));
        let seed = ApiKeyId::parse(&"0f".repeat(32)).unwrap();
        assert!(
            Due {
                at: at(1),
                id: seed
            }
            .name()
            .is_some()
        );
        assert!(Due::list().is_some());
    }
}
