//! A key that was acknowledged is there, whatever happened to the server since.

use std::time::Duration;

use futures_util::future::join_all;

use super::support::lodge::{Deployment, Lodge};
use super::support::process::comes_true;

const ROUNDS: u64 = 10;
const OWNERS: u64 = 4;
const MAX: &str = "GATELODGE_KEYS__PER_OWNER_MAX";

/// Mints keys until the server is gone; what it acknowledged.
async fn mint_until_it_dies(lodge: &Lodge, admin: &str, owner: &str) -> Vec<String> {
    let authorization = format!("Bearer {admin}");
    let path = format!("/api/users/{owner}/tokens");
    let mut acknowledged = Vec::new();
    loop {
        let headers = [("authorization", authorization.as_str())];
        match lodge.try_send("POST", &path, &headers, "{}").await {
            Ok(answer) if answer.status == 201 => {
                acknowledged.push(answer.json()["token"].as_str().unwrap().to_owned());
            }
            Ok(answer) => panic!("{answer:?}"),
            Err(_) => return acknowledged,
        }
    }
}

#[tokio::test]
async fn a_killed_server_loses_no_acknowledged_key() {
    let deployment = Deployment::embedded().with(MAX, "1000000");
    let lodge = deployment.start().await;
    let admin = deployment.read("admin-key");
    kill_in_rounds(&deployment, lodge, &admin).await;
}

async fn kill_in_rounds(deployment: &Deployment, mut lodge: Lodge, admin: &str) {
    let mut total = 0;
    for round in 0..ROUNDS {
        // Some moment within a burst of writes, another one in each round.
        let moment = Duration::from_millis(40 + (round * 7919 + total) % 160);
        let owners: Vec<_> = (0..OWNERS)
            .map(|owner| format!("owner-{round}-{owner}"))
            .collect();
        let minting = join_all(
            owners
                .iter()
                .map(|owner| mint_until_it_dies(&lodge, admin, owner)),
        );
        let killing = async {
            comes_true(moment, async || false).await;
            lodge.kill9_from_the_side();
        };
        let (acknowledged, ()) = tokio::join!(minting, killing);
        let acknowledged = acknowledged.concat();
        lodge.kill9();
        lodge = deployment.start().await;
        for key in &acknowledged {
            let answer = lodge.gate(key).await;
            assert_eq!(answer.status, 204, "round {round}: {answer:?}");
        }
        total += acknowledged.len() as u64;
    }
    assert!(total >= ROUNDS, "only {total} keys in {ROUNDS} rounds");
}
