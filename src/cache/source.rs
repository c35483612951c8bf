//! From a question to an answer: copy, store, or neither.

use super::{Filled, KeyCache, Known, Recalled};
use crate::domain::api_key::ApiKeyId;
use crate::domain::reason::Reason;

/// What copies are of.
pub trait Source: Sync {
    /// Which line reads go by; see [`Store::line`](crate::store::Store::line).
    fn line(&self) -> u64;

    /// Reads what is known of an id.
    ///
    /// # Errors
    /// Fails where nothing can be known.
    fn read(&self, id: ApiKeyId) -> impl Future<Output = Result<Known, Reason>> + Send;

    /// That what was read since `line` was noted counts; see
    /// [`Store::confirm`](crate::store::Store::confirm).
    ///
    /// # Errors
    /// Fails where that cannot be proven.
    fn confirm(&self, line: u64) -> impl Future<Output = Result<(), Reason>> + Send;
}

impl KeyCache {
    /// What is known of an id: from a copy if it may be used, otherwise from the
    /// source.
    ///
    /// # Errors
    /// Gives what the source fails with.
    pub async fn look_up(&self, id: &ApiKeyId, source: &impl Source) -> Result<Known, Reason> {
        match self.recall(id) {
            Recalled::Known(known) => return Ok(known),
            Recalled::Unknown => {
                if let Filled::Known(known) = self.fill(id, source).await? {
                    return Ok(known);
                }
            }
            Recalled::Unproven => {}
        }
        self.look_up_unproven(id, source).await
    }

    /// Without a fresh word from the store, what it says counts only if it
    /// proves that it is the one to ask. A refusal for want of an answer may be
    /// put off by a copy from before, where the settings allow for it.
    async fn look_up_unproven(&self, id: &ApiKeyId, source: &impl Source) -> Result<Known, Reason> {
        let confirmed = async {
            let line = source.line();
            let known = source.read(*id).await?;
            source.confirm(line).await?;
            Ok(known)
        };
        match confirmed.await {
            Ok(known) => Ok(self.direct(id, known)),
            Err(Reason::StoreUnavailable) => match self.recall_stale(id) {
                Some(stale) => Ok(Some(stale)),
                None => Err(Reason::StoreUnavailable),
            },
            Err(reason) => Err(reason),
        }
    }
}
