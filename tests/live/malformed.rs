//! Ten thousand malformed requests: none opens anything, none breaks anything.

mod dice;
mod framing;
mod requests;

use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::time::timeout;

use self::dice::Dice;
use self::framing::{broken_head, broken_length};
use self::requests::{broken_body, broken_credential, get};
use super::support::lodge::Deployment;
use super::support::raw;

const REQUESTS: u64 = 10_000;
const AT_ONCE: usize = 32;
const PATHS: [&str; 3] = ["/forward-auth", "/forward-auth/x", "/api/me/tokens"];

fn malformed(number: u64, key: &str) -> Vec<u8> {
    let mut dice = Dice(number);
    let path = dice.one(&PATHS);
    match number % 100 {
        0 => get(
            path,
            &format!("Authorization: Bearer {}\r\n", "t".repeat(1024 * 1024)),
        ),
        1..40 => broken_head(&mut dice, path),
        40..60 => broken_length(&mut dice, path, key),
        60..85 => {
            let path = dice.one(&PATHS[..2]);
            broken_credential(&mut dice, path, key)
        }
        _ => broken_body(&mut dice, key),
    }
}

/// No answer in this time means that nothing moves any more.
const STALL_MAX: Duration = Duration::from_mins(1);

#[tokio::test]
async fn ten_thousand_malformed_requests_open_nothing_and_break_nothing() {
    let deployment = Deployment::embedded().with("GATELODGE_LOG__FILTER", "off");
    let lodge = deployment.start().await;
    let key = deployment.mint("alice", &["--scope", "gatelodge:keys"]);
    let (address, key) = (lodge.address.as_str(), key.as_str());
    let answers = stream::iter(0..REQUESTS)
        .map(|number| async move {
            let request = malformed(number, key);
            (number, raw::exchange(address, &request).await)
        })
        .buffer_unordered(AT_ONCE);
    let (mut answered, mut wrong) = (0_u64, Vec::new());
    let mut answers = std::pin::pin!(answers);
    while let Some((number, answer)) = timeout(STALL_MAX, answers.next())
        .await
        .expect("the server stalls")
    {
        let statuses: Vec<_> = raw::statuses(&answer).collect();
        answered += u64::from(!statuses.is_empty());
        if !statuses.iter().all(|status| (400..500).contains(status)) {
            let request = malformed(number, key);
            let shown = String::from_utf8_lossy(&request[..request.len().min(300)]).into_owned();
            wrong.push(format!("{number}: {statuses:?}: {shown:?}"));
        }
    }
    let shown = wrong
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(wrong.is_empty(), "{} of them:\n{shown}", wrong.len());
    assert!(answered > REQUESTS / 2, "only {answered} were answered");
    assert_eq!(lodge.gate(key).await.status, 204);
}
