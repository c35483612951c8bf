//! Makes revocations final when their minute is over.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::keys::KeyService;

/// How often it is looked for what is due: a question that costs the store next
/// to nothing.
const EVERY: Duration = Duration::from_secs(1);

/// Looks until it is stopped. Every replica does so.
pub(super) async fn settle(keys: Arc<KeyService>, mut stopped: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut is_well = true;
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        match keys.settle_revocations().await {
            Ok(_) => is_well = true,
            Err(error) => {
                // Said once: until then the keys are refused all the same.
                if is_well {
                    tracing::warn!(%error, "revocations cannot be made final yet");
                }
                is_well = false;
            }
        }
    }
}
