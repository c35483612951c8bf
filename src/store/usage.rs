//! What keys did, hour by hour and day by day, and from where.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::StoreError;
use crate::domain::api_key::ApiKeyId;
use crate::domain::network::Network;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::usage::{Day, Hour};

/// For how many days hours and networks are kept.
pub const HOURS_KEPT_DAYS: u64 = 35;
/// For how many days the sums of days are kept.
pub const DAYS_KEPT: u64 = 400;
/// How many networks are kept of one key; the least recent goes first.
pub const NETWORKS_MAX: usize = 16;

/// What one key did in one hour since the last report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHour {
    /// Which key.
    pub id: ApiKeyId,
    /// Which hour.
    pub hour: Hour,
    /// How many calls passed.
    pub allowed: u64,
    /// How many did not, by reason.
    pub refused: Vec<(Reason, u64)>,
    /// Where the calls came from, at most [`NETWORKS_MAX`].
    pub networks: Vec<NetworkUse>,
}

/// Calls from one network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkUse {
    /// Which.
    pub network: Network,
    /// The latest call.
    pub last_seen_at: Timestamp,
    /// How many there were.
    pub count: u64,
}

/// What one key did in one hour, as it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourUse {
    /// Which hour.
    pub hour: Hour,
    /// How many calls passed.
    pub allowed: u64,
    /// How many did not, by the name of the reason.
    pub refused: BTreeMap<String, u64>,
}

/// What one key did on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayUse {
    /// Which day.
    pub day: Day,
    /// How many calls passed.
    pub allowed: u64,
    /// How many did not.
    pub refused: u64,
}

/// What is known of one key's use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyUsage {
    /// Hours with calls, oldest first.
    pub hours: Vec<HourUse>,
    /// Days with calls, oldest first.
    pub days: Vec<DayUse>,
    /// Networks, latest first.
    pub networks: Vec<NetworkUse>,
}

/// Where the use of keys is written down, in batches and off the path of
/// requests. It outlives the key: who asks may want to know what a revoked key did.
#[async_trait]
pub trait UsageHistory: Send + Sync {
    /// Adds to what is known. Nothing is added to a key that is gone, nor to an
    /// hour whose time is over. What was reported twice counts twice; a report
    /// whose fate is unknown may be made again. Need not survive a crash.
    async fn record_usage(&self, hours: &[KeyHour]) -> Result<(), StoreError>;

    /// The use of a key: hours from `since_hour` on, days from `since_day` on,
    /// and all networks that are kept. One round trip.
    async fn key_usage(
        &self,
        id: &ApiKeyId,
        since_hour: Hour,
        since_day: Day,
    ) -> Result<KeyUsage, StoreError>;

    /// The days of many keys from `since` on, for each id in its place, oldest
    /// first. One round trip.
    async fn daily_usage(
        &self,
        ids: &[ApiKeyId],
        since: Day,
    ) -> Result<Vec<Vec<DayUse>>, StoreError>;
}
