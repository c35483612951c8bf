//! New gates for a running service: from the settings file, when it changes or
//! when somebody asks. What cannot be read changes nothing.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::options;
use crate::domain::api_key::plain::KeyFormat;
use crate::gate::Gatekeeper;
use crate::settings::{Loaded, Report, Settings, Sources};

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Puts new gates in the place of old ones, all at once: a request is decided
/// by the old ones or by the new ones, never by some of each.
#[derive(Clone)]
pub struct GateReloader {
    pub(super) gatekeeper: Arc<Gatekeeper>,
    pub(super) format: KeyFormat,
}

impl GateReloader {
    /// Looks at the settings file for as long as the process lives, and at once
    /// when `asked` says so.
    pub async fn watch(self, sources: Sources, started_with: Report, asked: Arc<Notify>) {
        let mut report = started_with;
        let mut seen = content(sources.path()).await;
        let mut interval = tokio::time::interval(LOOK_EVERY);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let is_asked = tokio::select! {
                _ = interval.tick() => false,
                () = asked.notified() => true,
            };
            let now = content(sources.path()).await;
            if is_asked || now != seen {
                seen = now;
                if let Some(loaded) = self.reload(&sources) {
                    warn_of_the_rest(&report, &loaded.report);
                    report = loaded.report;
                }
            }
        }
    }

    /// Reads the settings and takes over their gates.
    fn reload(&self, sources: &Sources) -> Option<Loaded> {
        match Settings::load(sources) {
            Ok(loaded) => {
                let policy = options::policy(&loaded.settings, self.format.clone());
                let gates = policy.gates.len();
                self.gatekeeper.replace_policy(policy);
                for warning in &loaded.settings.warnings {
                    tracing::warn!("{warning}");
                }
                tracing::info!(gates, "the gates were read anew");
                Some(loaded)
            }
            Err(faults) => {
                for fault in &faults.0 {
                    tracing::error!(%fault, "the settings cannot be used; the gates stay as they were");
                }
                None
            }
        }
    }
}

/// What else changed takes a start to take effect, and somebody should know.
fn warn_of_the_rest(before: &Report, after: &Report) {
    for entry in &after.entries {
        let same = |old: &&crate::settings::Entry| old.key == entry.key;
        let old = before.entries.iter().find(same);
        if entry.key != "gates" && old.is_some_and(|old| old.value != entry.value) {
            tracing::warn!(setting = %entry.key, "this setting changed, too: it takes effect at the next start");
        }
    }
}

/// What stands in the file; `None` where it cannot be read.
async fn content(path: &Path) -> Option<Vec<u8>> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || std::fs::read(path).ok());
    read.await.ok().flatten()
}
