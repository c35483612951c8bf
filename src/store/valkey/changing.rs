//! Changes to keys, each one script; two where a seed key's record lies in
//! another shard than its owner's index.

use std::time::Duration;

use redis::ScriptInvocation;

use super::layout::{self, Filed};
use super::{StoreError, ValkeyStore};
use crate::domain::api_key::OwnerTag;
use crate::domain::time::Timestamp;
use crate::store::keys::{
    KEPT_AFTER_EXPIRY_DAYS, Minted, NewRecord, REPLAY_HOURS, Replaced, Replay, Rotated,
};

/// What a script says, and with it an answer that was kept, or an owner.
type Verdict = (String, Vec<u8>);

impl ValkeyStore {
    /// Where the owner has as many keys as allowed, some may have gone with time
    /// and left their entries: these are removed, and it is tried once more.
    pub(super) async fn mint(
        &self,
        new: &NewRecord,
        limit: Option<u32>,
        replay: Option<&Replay>,
    ) -> Result<Minted, StoreError> {
        let minted = self.mint_once(new, limit, replay).await?;
        if minted == Minted::LimitReached && self.repair(&new.owner).await? {
            return self.mint_once(new, limit, replay).await;
        }
        Ok(minted)
    }

    async fn mint_once(
        &self,
        new: &NewRecord,
        limit: Option<u32>,
        replay: Option<&Replay>,
    ) -> Result<Minted, StoreError> {
        if new.id.shard() == new.owner.shard() {
            self.mint_in_one(new, limit, replay).await
        } else {
            self.mint_in_two(new, limit, replay).await
        }
    }

    async fn mint_in_one(
        &self,
        new: &NewRecord,
        limit: Option<u32>,
        replay: Option<&Replay>,
    ) -> Result<Minted, StoreError> {
        let record = layout::record(&new.id);
        let mut script = self.scripts.mint.prepare_invoke();
        script
            .key(&record)
            .key(layout::tombstone(&new.id))
            .key(layout::index(&new.owner))
            .key(layout::expiries(new.id.shard()));
        script.arg(new.id.to_string());
        self.describe(&mut script, new);
        script.arg(or_none(limit));
        keep_answer(&mut script, &new.owner, replay);
        let verdict: Verdict = self.server.home(&record).run(&script).await?;
        minted(verdict)
    }

    /// The index first: a key that is alive is listed, whatever comes between.
    async fn mint_in_two(
        &self,
        new: &NewRecord,
        limit: Option<u32>,
        replay: Option<&Replay>,
    ) -> Result<Minted, StoreError> {
        let index = layout::index(&new.owner);
        let home = self.server.home(&index);
        let mut announce = self.scripts.announce.key(&index);
        if let Some(replay) = replay {
            announce.key(layout::replay(&new.owner, &replay.digest));
        }
        announce
            .arg(new.id.to_string())
            .arg(new.created_at.as_millis())
            .arg(or_none(limit));
        match minted(home.run(&announce).await?)? {
            Minted::Done => {}
            refused => return Ok(refused),
        }
        let record = layout::record(&new.id);
        let mut place = self.scripts.place.key(&record);
        place
            .key(layout::tombstone(&new.id))
            .key(layout::expiries(new.id.shard()))
            .arg(new.id.to_string())
            .arg(Filed::value(&new.owner, new.created_at, &new.record))
            .arg(or_none(self.time_to_live(new.expires_at)))
            .arg(or_none(new.expires_at.map(Timestamp::as_millis)));
        let (word, holder): Verdict = self.server.home(&record).run(&place).await?;
        if word == "TAKEN" {
            // Where the owner has this very key, the entry belongs to it.
            if holder != new.owner.as_bytes() {
                self.unlist(&new.owner, &new.id).await?;
            }
            return Ok(Minted::IdTaken);
        }
        // A list in between found no record and removed the entry.
        self.relist(&new.owner, &new.id, new.created_at).await?;
        if let Some(replay) = replay {
            let kept = layout::replay(&new.owner, &replay.digest);
            let mut keep = redis::cmd("SET");
            keep.arg(kept)
                .arg(&replay.sealed)
                .arg("PX")
                .arg(replay_time());
            () = home.ask(&keep).await?;
        }
        Ok(Minted::Done)
    }

    pub(super) async fn replace(
        &self,
        expected: &[u8],
        new: &NewRecord,
    ) -> Result<Replaced, StoreError> {
        let record = layout::record(&new.id);
        let mut script = self.scripts.replace.key(&record);
        script
            .key(layout::expiries(new.id.shard()))
            .arg(new.id.to_string())
            .arg(new.owner.as_bytes())
            .arg(expected)
            .arg(&new.record)
            .arg(or_none(self.time_to_live(new.expires_at)))
            .arg(or_none(new.expires_at.map(Timestamp::as_millis)));
        let word: String = self.server.home(&record).run(&script).await?;
        match word.as_str() {
            "DONE" => Ok(Replaced::Done),
            "CHANGED" => Ok(Replaced::Changed),
            "ABSENT" => Ok(Replaced::Absent),
            _ => Err(unheard(&word)),
        }
    }

    pub(super) async fn rotate(
        &self,
        expected: &[u8],
        superseded: &NewRecord,
        successor: &NewRecord,
        replay: Option<&Replay>,
    ) -> Result<Rotated, StoreError> {
        let shard = superseded.owner.shard();
        if superseded.id.shard() != shard
            || successor.id.shard() != shard
            || successor.owner != superseded.owner
        {
            // Keys of the former service are not rotated, and a successor has
            // its predecessor's owner: nobody who holds to the domain asks this.
            return Err(StoreError::Corrupt(
                "a key and its successor must lie in their owner's shard".to_owned(),
            ));
        }
        let record = layout::record(&superseded.id);
        let mut script = self.scripts.rotate.key(&record);
        script
            .key(layout::record(&successor.id))
            .key(layout::tombstone(&successor.id))
            .key(layout::index(&successor.owner))
            .key(layout::expiries(shard))
            .arg(superseded.owner.as_bytes())
            .arg(superseded.id.to_string())
            .arg(expected)
            .arg(&superseded.record)
            .arg(or_none(self.time_to_live(superseded.expires_at)))
            .arg(or_none(superseded.expires_at.map(Timestamp::as_millis)))
            .arg(successor.id.to_string());
        self.describe(&mut script, successor);
        keep_answer(&mut script, &successor.owner, replay);
        let (word, answer): Verdict = self.server.home(&record).run(&script).await?;
        match word.as_str() {
            "DONE" => Ok(Rotated::Done),
            "REPLAYED" => Ok(Rotated::Replayed(answer)),
            "CHANGED" => Ok(Rotated::Changed),
            "TAKEN" => Ok(Rotated::IdTaken),
            _ => Err(unheard(&word)),
        }
    }

    /// Value, time of making, time to live and end of a new record.
    fn describe(&self, script: &mut ScriptInvocation<'_>, new: &NewRecord) {
        script
            .arg(Filed::value(&new.owner, new.created_at, &new.record))
            .arg(new.created_at.as_millis())
            .arg(or_none(self.time_to_live(new.expires_at)))
            .arg(or_none(new.expires_at.map(Timestamp::as_millis)));
    }

    /// How long the record of a key with that end is kept from now on. Counted
    /// by our clock, so that the server's may be off. Without a clock nothing
    /// can be said to be over: then it is kept for good.
    fn time_to_live(&self, expires_at: Option<Timestamp>) -> Option<u64> {
        let kept_until = expires_at?.plus(Duration::from_hours(24 * KEPT_AFTER_EXPIRY_DAYS));
        let now = self.clock.now()?;
        let left = kept_until.as_millis().saturating_sub(now.as_millis());
        // The server does not take zero.
        Some(left.max(1))
    }
}

fn keep_answer(script: &mut ScriptInvocation<'_>, owner: &OwnerTag, replay: Option<&Replay>) {
    if let Some(replay) = replay {
        script
            .key(layout::replay(owner, &replay.digest))
            .arg(&replay.sealed)
            .arg(replay_time());
    }
}

fn replay_time() -> u64 {
    REPLAY_HOURS * 60 * 60 * 1000
}

/// For a script, '' is none.
fn or_none(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn minted((word, answer): Verdict) -> Result<Minted, StoreError> {
    match word.as_str() {
        "DONE" => Ok(Minted::Done),
        "REPLAYED" => Ok(Minted::Replayed(answer)),
        "TAKEN" => Ok(Minted::IdTaken),
        "LIMIT" => Ok(Minted::LimitReached),
        _ => Err(unheard(&word)),
    }
}

/// A word that no script of ours says.
pub(super) fn unheard(word: &str) -> StoreError {
    StoreError::Corrupt(format!("a script says {word:?}"))
}
