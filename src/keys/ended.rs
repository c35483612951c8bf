//! Lists with the keys that were revoked: what became of a key, for whoever
//! finds it somewhere.

use super::access::KeysOf;
use super::error::KeyError;
use super::view::KeyView;
use crate::domain::api_key::tombstone::Tombstone;
use crate::store::keys::{Place, TOMBSTONES_LISTED_MAX};

/// A line of a list with revoked keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyLine {
    /// A key that there is.
    Present(KeyView),
    /// A key that was revoked.
    Ended(Box<Tombstone>),
}

impl KeyLine {
    /// Its place in the list.
    pub fn place(&self) -> Place {
        match self {
            Self::Present(view) => view.place(),
            Self::Ended(tombstone) => Place {
                created_at: tombstone.key.created_at,
                id: tombstone.key.id,
            },
        }
    }
}

/// A part of a list with revoked keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePage {
    /// The lines, oldest first.
    pub lines: Vec<KeyLine>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<Place>,
}

impl KeysOf<'_> {
    /// As [`KeysOf::list`], and among the keys, by the time of their making,
    /// those that were revoked in the last 90 days.
    ///
    /// # Errors
    /// Fails where the store does or a record cannot be trusted.
    pub async fn list_with_ended(
        &self,
        after: Option<Place>,
        limit: Option<usize>,
    ) -> Result<LinePage, KeyError> {
        let page = self.list(after, limit).await?;
        let mut lines: Vec<KeyLine> = page.keys.into_iter().map(KeyLine::Present).collect();
        lines.extend(self.ended(after).await?);
        lines.sort_by_key(|line| (line.place(), matches!(line, KeyLine::Ended(_))));
        // Revoked between the two questions: the key was there first.
        lines.dedup_by_key(|line| line.place());
        let wanted = limit.unwrap_or(usize::MAX);
        let is_cut = lines.len() > wanted;
        lines.truncate(wanted);
        let next = if is_cut || page.next.is_some() {
            lines.last().map(KeyLine::place)
        } else {
            None
        };
        Ok(LinePage { lines, next })
    }

    async fn ended(&self, after: Option<Place>) -> Result<Vec<KeyLine>, KeyError> {
        let service = self.service;
        let found = service
            .store
            .list_tombstones(&self.tag, TOMBSTONES_LISTED_MAX)
            .await?;
        let mut lines = Vec::new();
        for (id, record) in found {
            let tombstone = Tombstone::open(&service.salts, id, &record)
                .map_err(|source| KeyError::Untrusted { id, source })?;
            let is_mine = tombstone.key.owner == self.owner && tombstone.key.tenant == self.tenant;
            let line = KeyLine::Ended(Box::new(tombstone));
            if is_mine && after.is_none_or(|after| line.place() > after) {
                lines.push(line);
            }
        }
        Ok(lines)
    }
}
