//! The server, however many machines that is, and the lines to it.
//!
//! A thread that answers requests on a runtime of its own gets a line of its
//! own: what it asks is then written, read and awaited without waking another
//! thread. All others share one.
//!
//! Callers ask [`Server::home`] for the link to whoever holds a key, which here
//! is the one server there is. With Sentinel a link will ask where the primary
//! is each time it connects; with a cluster there will be one link for each
//! primary, and nothing else changes, since no step needs two slots.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

use thread_local::ThreadLocal;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::connection::{Link, Recipe};
use crate::store::StoreError;

/// The server, however many machines that is.
pub(super) struct Server {
    recipe: Recipe,
    /// For all threads that have none of their own.
    shared: Link,
    /// The thread that began to connect: it has the shared one.
    opened_by: ThreadId,
    /// One for each thread with a runtime of its own, from its first call on.
    own: ThreadLocal<Link>,
    closed: AtomicBool,
    /// How long one call of the store may take.
    timeout: Duration,
}

impl Server {
    /// Begins to connect; does not wait for it.
    pub fn connect(recipe: Recipe, timeout: Duration) -> Self {
        Self {
            shared: Link::open(recipe.clone()),
            recipe,
            opened_by: thread::current().id(),
            own: ThreadLocal::new(),
            closed: AtomicBool::new(false),
            timeout,
        }
    }

    /// The link to whoever holds that key.
    pub fn home(&self, _key: &str) -> &Link {
        self.link()
    }

    /// The links to all primaries, for what goes through everything.
    pub fn all(&self) -> [&Link; 1] {
        [self.link()]
    }

    /// The link for the calling thread.
    fn link(&self) -> &Link {
        if self.closed.load(Ordering::Relaxed) {
            return &self.shared;
        }
        if let Some(own) = self.own.get() {
            return own;
        }
        let has_runtime = Handle::try_current()
            .is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::CurrentThread);
        if !has_runtime || thread::current().id() == self.opened_by {
            return &self.shared;
        }
        self.own.get_or(|| Link::open(self.recipe.clone()))
    }

    /// Two keys in one round trip. They may lie in two slots; where their hash
    /// tag says that they do not, one command reads both.
    pub async fn get_both(
        &self,
        one: &str,
        other: &str,
    ) -> Result<(Option<Vec<u8>>, Option<Vec<u8>>), StoreError> {
        let home = self.home(one);
        if same_tag(one, other) {
            return home.ask(redis::cmd("MGET").arg(one).arg(other)).await;
        }
        let mut both = redis::pipe();
        both.cmd("GET").arg(one).cmd("GET").arg(other);
        home.ask_all(&both).await
    }

    /// Runs one call of the store; gives up after the deadline. What was sent
    /// may still take place.
    pub async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        match tokio::time::timeout(self.timeout, work).await {
            Ok(outcome) => outcome,
            Err(_) => Err(self.link().late(self.timeout)),
        }
    }

    /// Ends all links.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.shared.close();
        self.own.iter().for_each(Link::close);
    }
}

/// Whether two names have the same hash tag, and so lie in the same slot.
fn same_tag(one: &str, other: &str) -> bool {
    tag(one).is_some_and(|found| Some(found) == tag(other))
}

fn tag(name: &str) -> Option<&str> {
    let (_, rest) = name.split_once('{')?;
    let (tag, _) = rest.split_once('}')?;
    (!tag.is_empty()).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_tag_means_one_slot() {
        assert!(same_tag("gl:k:{0g}:a", "gl:p:{0g}:b"));
        for other in ["gl:p:{0h}:b", "gl:p:0g", "gl:p:{}:b", ""] {
            assert!(!same_tag("gl:k:{0g}:a", other), "{other}");
        }
        assert!(!same_tag("auth:token:a", "auth:token:b"));
    }
}
