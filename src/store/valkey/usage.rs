//! What keys did, hour by hour and day by day, and from where. Every key has
//! its own slot-mates: one script call for each key and hour.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use redis::{Pipeline, Script, Value};

use super::layout;
use super::scripts::USAGE;
use super::{StoreError, ValkeyStore};
use crate::domain::api_key::ApiKeyId;
use crate::domain::network::Network;
use crate::domain::time::Timestamp;
use crate::domain::usage::{Day, Hour};
use crate::store::UsageHistory;
use crate::store::usage::{
    DAYS_KEPT, DayUse, HOURS_KEPT_DAYS, HourUse, KeyHour, KeyUsage, NETWORKS_MAX, NetworkUse,
};

/// How many hours of keys go in one round trip.
const STEP: usize = 500;

/// A hash of counts.
type Fields = Vec<(String, u64)>;

#[async_trait]
impl UsageHistory for ValkeyStore {
    async fn record_usage(&self, hours: &[KeyHour]) -> Result<(), StoreError> {
        // By our clock, so that the server's may be off; without one, nothing
        // can be given a time to live.
        let Some(now) = self.clock.now() else {
            return Err(StoreError::Unavailable("the time is not known".to_owned()));
        };
        for step in hours.chunks(STEP) {
            self.server.within(self.record_hours(step, now)).await?;
        }
        Ok(())
    }

    async fn key_usage(
        &self,
        id: &ApiKeyId,
        since_hour: Hour,
        since_day: Day,
    ) -> Result<KeyUsage, StoreError> {
        let work = self.usage_of(id, since_hour, since_day);
        self.server.within(work).await
    }

    async fn daily_usage(
        &self,
        ids: &[ApiKeyId],
        since: Day,
    ) -> Result<Vec<Vec<DayUse>>, StoreError> {
        let Some(first) = ids.first() else {
            return Ok(Vec::new());
        };
        let mut questions = redis::pipe();
        for id in ids {
            questions.cmd("HGETALL").arg(layout::usage_by_day(id));
        }
        let home = self.server.home(&layout::usage_by_day(first));
        let answers: Vec<Fields> = self.server.within(home.ask_all(&questions)).await?;
        Ok(answers
            .into_iter()
            .map(|fields| to_days(fields, since))
            .collect())
    }
}

impl ValkeyStore {
    async fn record_hours(&self, hours: &[KeyHour], now: Timestamp) -> Result<(), StoreError> {
        let Some(first) = hours.first() else {
            return Ok(());
        };
        let mut steps = redis::pipe();
        // In front, because a pipeline cannot be told to begin again.
        let script = Script::new(USAGE);
        steps.cmd("SCRIPT").arg("LOAD").arg(USAGE).ignore();
        for told in hours {
            report(&mut steps, script.get_hash(), told, now);
        }
        let home = self.server.home(&layout::record(&first.id));
        home.ask_all::<Vec<Value>>(&steps).await.map(drop)
    }

    async fn usage_of(
        &self,
        id: &ApiKeyId,
        since_hour: Hour,
        since_day: Day,
    ) -> Result<KeyUsage, StoreError> {
        // Two days of hours lie on three days, and a little more does no harm;
        // beyond what is kept there is nothing to ask for.
        let latest = self.clock.now().map_or(since_hour, Hour::of).day();
        let oldest = since_hour.day().max(latest.minus(HOURS_KEPT_DAYS));
        let days: Vec<Day> = (0..=HOURS_KEPT_DAYS)
            .map(|number| oldest.plus(number))
            .take_while(|day| *day <= latest)
            .collect();
        let mut questions = redis::pipe();
        questions.cmd("HGETALL").arg(layout::usage_by_day(id));
        for day in &days {
            questions.cmd("HGETALL").arg(layout::usage_of_day(id, *day));
        }
        let networks = layout::usage_networks(id);
        questions.cmd("HGETALL").arg(&networks);
        let home = self.server.home(&networks);
        let mut answers: Vec<Vec<(String, String)>> = home.ask_all(&questions).await?;
        let networks = answers.pop().unwrap_or_default();
        let mut answers = answers.into_iter().map(to_counts);
        let by_day = to_days(answers.next().unwrap_or_default(), since_day);
        let hours = days.into_iter().zip(answers);
        let hours = hours.flat_map(|(day, fields)| to_hours(day, fields));
        Ok(KeyUsage {
            hours: hours.filter(|one| one.hour >= since_hour).collect(),
            days: by_day,
            networks: to_networks(networks, self.oldest_network()),
        })
    }

    fn oldest_network(&self) -> Timestamp {
        let now = self.clock.now().unwrap_or(Timestamp::EPOCH);
        now.minus(kept(HOURS_KEPT_DAYS))
    }
}

fn kept(days: u64) -> Duration {
    Duration::from_hours(24 * days)
}

fn report(steps: &mut Pipeline, script: &str, told: &KeyHour, now: Timestamp) {
    let day = told.hour.day();
    let hours_end = day.end().plus(kept(HOURS_KEPT_DAYS));
    let left = hours_end.as_millis().saturating_sub(now.as_millis());
    let time_to_live = if left == 0 {
        String::new()
    } else {
        left.to_string()
    };
    steps
        .cmd("EVALSHA")
        .arg(script)
        .arg(4)
        .arg(layout::record(&told.id))
        .arg(layout::usage_of_day(&told.id, day))
        .arg(layout::usage_by_day(&told.id))
        .arg(layout::usage_networks(&told.id))
        .arg(time_to_live)
        .arg(millis(kept(DAYS_KEPT)))
        .arg(millis(kept(HOURS_KEPT_DAYS)))
        .arg(format!("{:02}", told.hour.of_day()))
        .arg(day.compact())
        .arg(Day::of(now).minus(DAYS_KEPT).compact())
        .arg(now.minus(kept(HOURS_KEPT_DAYS)).as_millis())
        .arg(NETWORKS_MAX)
        .arg(told.allowed)
        .arg(told.refused.len());
    for (reason, count) in &told.refused {
        steps.arg(reason.as_str()).arg(*count);
    }
    for seen in &told.networks {
        steps
            .arg(seen.network.to_string())
            .arg(seen.last_seen_at.as_millis())
            .arg(seen.count);
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn to_counts(fields: Vec<(String, String)>) -> Fields {
    fields
        .into_iter()
        .filter_map(|(name, count)| Some((name, count.parse().ok()?)))
        .collect()
}

/// Fields that are none of ours are passed over: counts open nothing.
fn to_days(fields: Fields, since: Day) -> Vec<DayUse> {
    let mut days: BTreeMap<Day, DayUse> = BTreeMap::new();
    for (name, count) in fields {
        let (date, is_refused) = match name.strip_suffix(":r") {
            Some(date) => (date, true),
            None => (name.as_str(), false),
        };
        let Some(day) = Day::parse_compact(date).filter(|day| *day >= since) else {
            continue;
        };
        let line = days.entry(day).or_insert(DayUse {
            day,
            allowed: 0,
            refused: 0,
        });
        if is_refused {
            line.refused = count;
        } else {
            line.allowed = count;
        }
    }
    days.into_values().collect()
}

fn to_hours(day: Day, fields: Fields) -> Vec<HourUse> {
    let mut hours: BTreeMap<u64, HourUse> = BTreeMap::new();
    for (name, count) in fields {
        let (number, reason) = match name.split_once(':') {
            Some((number, reason)) => (number, Some(reason)),
            None => (name.as_str(), None),
        };
        let Some(number) = number.parse().ok().filter(|number| *number < 24) else {
            continue;
        };
        let line = hours.entry(number).or_insert_with(|| HourUse {
            hour: day.hour(number),
            allowed: 0,
            refused: BTreeMap::new(),
        });
        match reason {
            Some(reason) => drop(line.refused.insert(reason.to_owned(), count)),
            None => line.allowed = count,
        }
    }
    hours.into_values().collect()
}

fn to_networks(fields: Vec<(String, String)>, oldest: Timestamp) -> Vec<NetworkUse> {
    let read = |(name, value): (String, String)| {
        let (at, count) = value.split_once(' ')?;
        Some(NetworkUse {
            network: Network::parse(&name).ok()?,
            last_seen_at: Timestamp::from_millis(at.parse().ok()?)?,
            count: count.parse().ok()?,
        })
    };
    let mut networks: Vec<_> = fields.into_iter().filter_map(read).collect();
    networks.retain(|seen| seen.last_seen_at > oldest);
    networks.sort_by(|one, other| {
        let latest_first = other.last_seen_at.cmp(&one.last_seen_at);
        latest_first.then_with(|| one.network.cmp(&other.network))
    });
    networks
}
