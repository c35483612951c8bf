//! Whether a server is, beyond doubt, the one that takes the writes.

use std::sync::atomic::{AtomicU32, Ordering};

use redis::{Role, Value, from_redis_value};

use super::allegiance::RunId;
use super::durability::Witness;

/// How many replicas a server says to have; `None` where it does not say that
/// it is a primary.
pub(super) fn replicas_of_primary(answer: Value) -> Option<u32> {
    match from_redis_value(answer) {
        Ok(Role::Primary { replicas, .. }) => u32::try_from(replicas.len()).ok(),
        _ => None,
    }
}

/// How many replicas there have been, and so how many must confirm.
pub(super) struct Replicas {
    most: AtomicU32,
    /// Whether anybody is to be waited for.
    asked: bool,
}

impl Replicas {
    /// None seen yet; asked for, or not.
    pub fn new(asked: bool) -> Self {
        Self {
            most: AtomicU32::new(0),
            asked,
        }
    }

    /// How many must have what the primary has: enough that no other primary
    /// can be chosen without one of them. Those that were there once count on: a
    /// primary that is cut off forgets them.
    fn needed(&self, connected: u32) -> u32 {
        let most = self
            .most
            .fetch_max(connected, Ordering::Relaxed)
            .max(connected);
        if self.asked { most.div_ceil(2) } else { 0 }
    }
}

/// That the server of that run, which says to be a primary with so many
/// replicas, takes the writes. One that was cut off goes on answering, so enough
/// of its replicas must show that they still follow it.
pub(super) async fn is_the_one(
    connected: u32,
    run: RunId,
    replicas: &Replicas,
    witness: &Witness,
) -> Result<(), String> {
    let needed = replicas.needed(connected);
    if needed == 0 {
        return Ok(());
    }
    let seen = witness.replicas(needed).await;
    if seen.replicas < needed {
        return Err(format!(
            "{} of {needed} replicas that are needed confirm that they follow it",
            seen.replicas
        ));
    }
    if seen.run != Some(run) {
        return Err("its replicas were asked by way of another server".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn a_role_is_read() {
        let replica = Value::Array(vec![bulk("10.0.0.2"), bulk("6379"), bulk("42")]);
        let replicas = Value::Array(vec![replica; 2]);
        let primary = Value::Array(vec![bulk("master"), Value::Int(42), replicas]);
        assert_eq!(replicas_of_primary(primary), Some(2));
        let replica = vec![
            bulk("slave"),
            bulk("10.0.0.1"),
            Value::Int(6379),
            bulk("connect"),
            Value::Int(-1),
        ];
        assert_eq!(replicas_of_primary(Value::Array(replica)), None);
        assert_eq!(replicas_of_primary(Value::Nil), None);
    }

    #[test]
    fn so_many_replicas_confirm_that_no_other_primary_can_be_chosen_without_one() {
        for (connected, needed) in [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3)] {
            assert_eq!(Replicas::new(true).needed(connected), needed);
        }
        let replicas = Replicas::new(true);
        assert_eq!(replicas.needed(2), 1);
        assert_eq!(replicas.needed(0), 1, "one that is cut off forgets them");
        assert_eq!(Replicas::new(false).needed(2), 0);
    }
}
