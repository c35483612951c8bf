//! Names of keys that an issuer is known not to have, as of its latest set: a
//! client with a token of a withdrawn key asks for one fetch, not for one with
//! every request.

use std::collections::VecDeque;

/// Most names that are remembered; the oldest make room.
const ENTRIES_MAX: usize = 256;

/// A bounded memory of names, kept as digests because the names are strangers'.
#[derive(Default)]
pub(super) struct AbsentKeys(VecDeque<[u8; 32]>);

impl AbsentKeys {
    /// Remembers a name, or that a token without one has no key.
    pub(super) fn remember(&mut self, kid: Option<&str>) {
        let digest = digest(kid);
        if self.0.contains(&digest) {
            return;
        }
        if self.0.len() == ENTRIES_MAX {
            self.0.pop_front();
        }
        self.0.push_back(digest);
    }

    /// Whether the issuer is known not to have it.
    pub(super) fn contains(&self, kid: Option<&str>) -> bool {
        self.0.contains(&digest(kid))
    }

    /// Forgets all: there is a new set.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

fn digest(kid: Option<&str>) -> [u8; 32] {
    match kid {
        // No name hashes to this one.
        None => [0; 32],
        Some(kid) => *blake3::hash(kid.as_bytes()).as_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_is_bounded_and_forgets_the_oldest() {
        let mut absent = AbsentKeys::default();
        absent.remember(None);
        for i in 0..1000 {
            absent.remember(Some(&i.to_string()));
            absent.remember(Some("again"));
        }
        assert_eq!(absent.0.len(), ENTRIES_MAX);
        assert!(absent.contains(Some("999")) && !absent.contains(Some("1")));
        assert!(!absent.contains(None) && !absent.contains(Some("1000")));
        absent.clear();
        assert!(!absent.contains(Some("999")));
    }
}
