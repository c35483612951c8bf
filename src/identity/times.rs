//! The times of a token (RFC 7519, sections 4.1.4 to 4.1.6).

use std::time::Duration;

use serde_json::{Map, Value};

use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;

/// How far the clocks of issuer and gate may be apart.
pub const LEEWAY: Duration = Duration::from_secs(30);

/// Checks `exp`, which every token must have, `nbf` and `iat`. Gives the time
/// from which on the token proves nothing: its `exp` and the leeway.
pub(super) fn check(claims: &Map<String, Value>, now: Timestamp) -> Result<Timestamp, Reason> {
    let expiry = numeric_date(claims, "exp")?.ok_or(Reason::TokenMalformed)?;
    let not_before = numeric_date(claims, "nbf")?;
    let issued_at = numeric_date(claims, "iat")?;
    let end = expiry.plus(LEEWAY);
    // "On or after" the time of `exp` a token must not be accepted.
    if now >= end {
        return Err(Reason::TokenExpired);
    }
    let latest_start = now.plus(LEEWAY);
    // A token from the future was made by a clock that is wrong, so its `exp`
    // is not to be relied on either.
    if not_before.is_some_and(|start| start > latest_start)
        || issued_at.is_some_and(|start| start > latest_start)
    {
        return Err(Reason::TokenNotYet);
    }
    Ok(end)
}

/// A claim in seconds since the epoch. Only a number will do: a text that is
/// skipped instead of compared would let a token live for ever
/// (CVE-2026-25537).
fn numeric_date(claims: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Reason> {
    let number = match claims.get(name) {
        None => return Ok(None),
        Some(Value::Number(number)) => number,
        Some(_) => return Err(Reason::TokenMalformed),
    };
    let time = match number.as_u64() {
        Some(seconds) => Timestamp::from_seconds(seconds),
        None => number.as_f64().and_then(from_fraction),
    };
    time.map(Some).ok_or(Reason::TokenMalformed)
}

fn from_fraction(seconds: f64) -> Option<Timestamp> {
    let since_epoch = Duration::try_from_secs_f64(seconds).ok()?;
    u64::try_from(since_epoch.as_millis())
        .ok()
        .and_then(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check_at(now: u64, claims: &Value) -> Result<u64, Reason> {
        let claims = claims.as_object().unwrap();
        let now = Timestamp::from_millis(now).unwrap();
        check(claims, now).map(Timestamp::as_millis)
    }

    #[test]
    fn a_token_ends_one_leeway_after_its_exp_and_not_a_moment_later() {
        let claims = json!({"exp": 1000});
        assert_eq!(check_at(999_000, &claims), Ok(1_030_000));
        assert_eq!(check_at(1_029_000, &claims), Ok(1_030_000));
        assert_eq!(check_at(1_029_999, &claims), Ok(1_030_000));
        assert_eq!(check_at(1_030_000, &claims), Err(Reason::TokenExpired));
        assert_eq!(check_at(1_031_000, &claims), Err(Reason::TokenExpired));
    }

    #[test]
    fn a_token_begins_one_leeway_before_its_nbf_and_iat() {
        for name in ["nbf", "iat"] {
            let claims = json!({"exp": 9000, name: 1000});
            assert_eq!(
                check_at(969_000, &claims),
                Err(Reason::TokenNotYet),
                "{name}"
            );
            assert_eq!(
                check_at(969_999, &claims),
                Err(Reason::TokenNotYet),
                "{name}"
            );
            assert_eq!(check_at(970_000, &claims), Ok(9_030_000), "{name}");
            assert_eq!(check_at(971_000, &claims), Ok(9_030_000), "{name}");
        }
    }

    #[test]
    fn fractions_count_to_the_millisecond() {
        assert_eq!(check_at(0, &json!({"exp": 1.5})), Ok(31_500));
        assert_eq!(check_at(0, &json!({"exp": 1e3})), Ok(1_030_000));
        assert_eq!(check_at(0, &json!({"exp": -0.0})), Ok(30_000));
    }

    #[test]
    fn what_is_no_time_is_refused_in_each_place() {
        let bad = [
            json!("9999999999"),
            json!(null),
            json!(true),
            json!([9_999_999_999_u64]),
            json!({}),
            json!(-1),
            json!(-0.5),
            json!(u64::MAX),
            json!(9_223_372_036_854_775_808_u64),
            json!(1e300),
            json!("NaN"),
        ];
        for value in bad {
            for name in ["exp", "nbf", "iat"] {
                let mut claims = json!({"exp": 5000});
                claims[name] = value.clone();
                assert_eq!(
                    check_at(1_000_000, &claims),
                    Err(Reason::TokenMalformed),
                    "{name} {value}"
                );
            }
        }
        assert_eq!(check_at(0, &json!({})), Err(Reason::TokenMalformed));
    }
}
