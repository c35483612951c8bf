//! What keys did, hour by hour and day by day, and from where.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, query};

use super::error::within;
use super::rows::{to_sql, to_time};
use super::{EmbeddedStore, StoreError};
use crate::domain::api_key::ApiKeyId;
use crate::domain::network::Network;
use crate::domain::time::Timestamp;
use crate::domain::usage::{Day, Hour};
use crate::store::UsageHistory;
use crate::store::usage::{
    DAYS_KEPT, DayUse, HOURS_KEPT_DAYS, HourUse, KeyHour, KeyUsage, NETWORKS_MAX, NetworkUse,
};

const ADD_HOURS: &str = "INSERT INTO usage_hours (id, hour, reason, count) \
     SELECT keys.id, line.value ->> 1, line.value ->> 2, line.value ->> 3 \
     FROM json_each(?1) AS line CROSS JOIN keys ON keys.id = line.value ->> 0 \
     WHERE true ON CONFLICT (id, hour, reason) DO UPDATE SET count = count + excluded.count";

const ADD_DAYS: &str = "INSERT INTO usage_days (id, day, allowed, refused) \
     SELECT keys.id, line.value ->> 1, line.value ->> 2, line.value ->> 3 \
     FROM json_each(?1) AS line CROSS JOIN keys ON keys.id = line.value ->> 0 \
     WHERE true ON CONFLICT (id, day) DO UPDATE SET \
     allowed = allowed + excluded.allowed, refused = refused + excluded.refused";

const ADD_NETWORKS: &str = "INSERT INTO usage_networks (id, network, last_seen_at, count) \
     SELECT keys.id, line.value ->> 1, line.value ->> 2, line.value ->> 3 \
     FROM json_each(?1) AS line CROSS JOIN keys ON keys.id = line.value ->> 0 \
     WHERE true ON CONFLICT (id, network) DO UPDATE SET \
     last_seen_at = max(last_seen_at, excluded.last_seen_at), count = count + excluded.count";

/// Of the keys that were just written, the networks that are too many.
const TRIM_NETWORKS: &str = "DELETE FROM usage_networks WHERE (id, network) IN (\
     SELECT id, network FROM (\
     SELECT id, network, row_number() OVER \
     (PARTITION BY id ORDER BY last_seen_at DESC, network) AS place FROM usage_networks \
     WHERE id IN (SELECT line.value ->> 0 FROM json_each(?1) AS line)) WHERE place > ?2)";

/// What is to be added, as lines of JSON: one statement for each table, because
/// as many changes of threads would hold the write lock longer than the work.
#[derive(Default)]
struct Lines {
    hours: Vec<(String, i64, &'static str, i64)>,
    days: Vec<(String, i64, i64, i64)>,
    networks: Vec<(String, String, i64, i64)>,
}

impl Lines {
    fn of(hours: &[KeyHour], oldest_hour: Hour, oldest_day: Day) -> Self {
        let mut lines = Self::default();
        for told in hours {
            let id = told.id.to_string();
            let refused: u64 = told.refused.iter().map(|(_, count)| count).sum();
            if told.hour >= oldest_hour {
                lines.add_hour(&id, told);
            }
            if told.hour.day() >= oldest_day {
                let day = to_sql(told.hour.day().start());
                let (allowed, refused) = (number(told.allowed), number(refused));
                lines.days.push((id.clone(), day, allowed, refused));
            }
            for seen in &told.networks {
                let (network, at) = (seen.network.to_string(), to_sql(seen.last_seen_at));
                lines
                    .networks
                    .push((id.clone(), network, at, number(seen.count)));
            }
        }
        lines
    }

    fn add_hour(&mut self, id: &str, told: &KeyHour) {
        let hour = to_sql(told.hour.start());
        let refused = told.refused.iter();
        let counts = refused.map(|(reason, count)| (reason.as_str(), *count));
        for (reason, count) in counts.chain([("", told.allowed)]) {
            if count > 0 {
                let line = (id.to_owned(), hour, reason, number(count));
                self.hours.push(line);
            }
        }
    }
}

#[async_trait]
impl UsageHistory for EmbeddedStore {
    async fn record_usage(&self, hours: &[KeyHour]) -> Result<(), StoreError> {
        if hours.is_empty() {
            return Ok(());
        }
        // Without a clock nothing is known to be over.
        let today = self.clock.now().map(Day::of);
        let today = today.unwrap_or(Day::of(Timestamp::EPOCH));
        let oldest = |kept| today.minus(kept);
        let lines = Lines::of(hours, oldest(HOURS_KEPT_DAYS).hour(0), oldest(DAYS_KEPT));
        let (hours, days) = (json(&lines.hours)?, json(&lines.days)?);
        let networks = json(&lines.networks)?;
        within(self.options.write_timeout, async {
            // While the disk is full, the room there is belongs to revocations.
            self.ballast.restore().await?;
            let mut change = self.usage.begin().await?;
            for (statement, lines) in [
                (ADD_HOURS, &hours),
                (ADD_DAYS, &days),
                (ADD_NETWORKS, &networks),
            ] {
                query(statement)
                    .bind(lines)
                    .execute(change.connection()?)
                    .await?;
            }
            query(TRIM_NETWORKS)
                .bind(&networks)
                .bind(number(NETWORKS_MAX as u64))
                .execute(change.connection()?)
                .await?;
            change.commit().await
        })
        .await
    }

    async fn key_usage(
        &self,
        id: &ApiKeyId,
        since_hour: Hour,
        since_day: Day,
    ) -> Result<KeyUsage, StoreError> {
        let id = id.to_string();
        let now = self.clock.now().unwrap_or(Timestamp::EPOCH);
        let oldest_network = now.minus(Duration::from_hours(24 * HOURS_KEPT_DAYS));
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let hours = query(
                "SELECT hour, reason, count FROM usage_hours WHERE id = ?1 AND hour >= ?2 \
                 ORDER BY hour, reason",
            )
            .bind(&id)
            .bind(to_sql(since_hour.start()))
            .fetch_all(&mut *seat)
            .await?;
            let days = query(
                "SELECT day, allowed, refused FROM usage_days WHERE id = ?1 AND day >= ?2 \
                 ORDER BY day",
            )
            .bind(&id)
            .bind(to_sql(since_day.start()))
            .fetch_all(&mut *seat)
            .await?;
            let networks = query(
                "SELECT network, last_seen_at, count FROM usage_networks WHERE id = ?1 \
                 AND last_seen_at > ?2 ORDER BY last_seen_at DESC, network",
            )
            .bind(&id)
            .bind(to_sql(oldest_network))
            .fetch_all(&mut *seat)
            .await?;
            Ok(KeyUsage {
                hours: to_hours(&hours)?,
                days: days.iter().map(to_day).collect::<Result<_, _>>()?,
                networks: networks.iter().map(to_network).collect::<Result<_, _>>()?,
            })
        })
        .await
    }

    async fn daily_usage(
        &self,
        ids: &[ApiKeyId],
        since: Day,
    ) -> Result<Vec<Vec<DayUse>>, StoreError> {
        let names: Vec<_> = ids.iter().map(ToString::to_string).collect();
        let names = json(&names)?;
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let rows = query(
                "SELECT day, allowed, refused, wanted.key FROM json_each(?1) AS wanted \
                 CROSS JOIN usage_days ON usage_days.id = wanted.value WHERE day >= ?2 ORDER BY day",
            )
            .bind(names)
            .bind(to_sql(since.start()))
            .fetch_all(&mut *seat)
            .await?;
            let mut days = vec![Vec::new(); ids.len()];
            for row in &rows {
                let place = usize::try_from(row.try_get::<i64, _>(3)?).ok();
                if let Some(days) = place.and_then(|place| days.get_mut(place)) {
                    days.push(to_day(row)?);
                }
            }
            Ok(days)
        })
        .await
    }
}

fn to_hours(rows: &[SqliteRow]) -> Result<Vec<HourUse>, StoreError> {
    let mut hours: Vec<HourUse> = Vec::new();
    for row in rows {
        let hour = Hour::of(to_time(row.try_get(0)?)?);
        if hours.last().is_none_or(|last| last.hour != hour) {
            hours.push(HourUse {
                hour,
                allowed: 0,
                refused: BTreeMap::new(),
            });
        }
        let (reason, count): (String, _) = (row.try_get(1)?, unsigned(row.try_get(2)?));
        if let Some(last) = hours.last_mut() {
            if reason.is_empty() {
                last.allowed = count;
            } else {
                last.refused.insert(reason, count);
            }
        }
    }
    Ok(hours)
}

fn to_day(row: &SqliteRow) -> Result<DayUse, StoreError> {
    Ok(DayUse {
        day: Day::of(to_time(row.try_get(0)?)?),
        allowed: unsigned(row.try_get(1)?),
        refused: unsigned(row.try_get(2)?),
    })
}

fn to_network(row: &SqliteRow) -> Result<NetworkUse, StoreError> {
    let network: &str = row.try_get(0)?;
    Ok(NetworkUse {
        network: Network::parse(network)
            .map_err(|bad| StoreError::Corrupt(format!("{network:?} {bad}")))?,
        last_seen_at: to_time(row.try_get(1)?)?,
        count: unsigned(row.try_get(2)?),
    })
}

fn json(lines: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(lines)
        .map_err(|error| StoreError::Corrupt(format!("uses cannot be written: {error}")))
}

/// A count for a column; none is ever this high.
fn number(count: u64) -> i64 {
    i64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
