//! The store gone, the store frozen, the lodge gone: shut, each time.

use std::time::Duration;

use super::site::Kind;
use super::suite::Suite;
use super::suite::Want::{Passes, Refused};
use super::suite::Who::{Alice, Nobody};
use crate::parts::ask::{self, Reply, get};
use crate::parts::process::wait_until;

const SOON: Duration = Duration::from_secs(20);

pub async fn all(suite: &mut Suite) {
    let [first, second] = suite.keys.fresh.clone();
    suite.site.deployment.store().stop().await;
    cannot_decide(suite, "the store frozen", &first).await;
    suite.site.deployment.store().cont();
    comes_back(suite).await;
    suite.site.deployment.store().kill9();
    cannot_decide(suite, "the store killed", &second).await;
    suite.site.deployment.store().restart().await;
    comes_back(suite).await;
    let alice = suite.keys.alice.clone();
    // Traefik waits for half a minute, and cannot be told otherwise.
    if suite.kind != Kind::Traefik {
        suite.site.lodge.freeze().await;
        let ask = get("/v1/x").key(&alice);
        suite
            .row("the lodge frozen", ask, Refused(&[403, 500, 502, 503, 504]))
            .await;
        suite.site.lodge.thaw();
        comes_back(suite).await;
    }
    suite.site.lodge.kill9();
    for ask in [get("/v1/x").key(&alice), get("/public/a")] {
        suite
            .row("the lodge gone", ask, Refused(&[403, 500, 502, 503]))
            .await;
    }
}

/// CVE-2026-24513, CVE-2025-25207: what was not decided is no yes, and reaches the
/// client in the proxy's own words. Envoy passes requests on a 5xx where an operator told it to; it hears 403.
async fn cannot_decide(suite: &mut Suite, name: &str, key: &str) {
    let statuses: &[u16] = match suite.kind {
        Kind::Envoy => &[403],
        _ => &[503],
    };
    let reply = suite
        .row(name, get("/v1/x").key(key), Refused(statuses))
        .await;
    let retry = reply.header("retry-after") == "1";
    suite.check(name, retry, || format!("no Retry-After: {reply:?}"));
    if suite.kind == Kind::Envoy {
        let meant = reply.header("x-auth-status") == "503";
        suite.check(name, meant, || format!("no X-Auth-Status: {reply:?}"));
    }
    // What needs no store is decided all the same.
    suite.row(name, get("/public/a"), Passes(Nobody)).await;
    suite.row(name, get("/v1/x"), Refused(&[401])).await;
}

async fn comes_back(suite: &mut Suite) {
    let ask = get("/v1/x").key(&suite.keys.alice);
    let address = suite.proxy.address.clone();
    wait_until("keys are accepted again", SOON, async || {
        let reply: Reply = ask::send(&address, &ask).await.unwrap_or_default();
        suite.tells(&reply, Alice)
    })
    .await;
}
