//! Makes revocations final: those whose minute is over, and those that the store
//! could not write when they were asked for.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::keys::KeyService;
use crate::store::Store;

/// How often it is looked for what is due: a question that costs the store next
/// to nothing.
const EVERY: Duration = Duration::from_secs(1);

/// Looks until it is stopped. Every replica does so.
pub(super) async fn settle(
    keys: Arc<KeyService>,
    store: Arc<dyn Store>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut are_final, mut are_written) = (true, true);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        let settled = keys.settle_revocations().await.map(drop);
        say(
            &settled,
            &mut are_final,
            "revocations cannot be made final yet",
        );
        let written = store.finish_revocations().await.map(|count| {
            if count > 0 {
                tracing::info!(count, "the store took revocations that it had refused");
            }
        });
        say(
            &written,
            &mut are_written,
            "revocations that are obeyed cannot be written yet",
        );
    }
}

/// Said once: until then the keys are refused all the same.
fn say(outcome: &Result<(), impl std::fmt::Display>, was_well: &mut bool, what: &str) {
    if let Err(error) = outcome
        && *was_well
    {
        tracing::warn!(%error, "{what}");
    }
    *was_well = outcome.is_ok();
}
