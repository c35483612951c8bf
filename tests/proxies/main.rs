//! Gatelodge behind the real proxies, each with the very files of `examples/`:
//! one suite through the port of each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod h2c;
mod identity;
mod outages;
mod parts;
mod rows;
mod site;
mod suite;
mod traffic;
mod upstream;

use parts::ask::{self, get};
use site::{Kind, Proxy, Site};
use upstream::Seen;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn traefik_keeps_the_contract() {
    suite::run(Kind::Traefik, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_keeps_the_contract() {
    suite::run(Kind::Nginx, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn envoy_keeps_the_contract() {
    suite::run(Kind::Envoy, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn envoy_by_grpc_keeps_the_contract() {
    suite::run(Kind::EnvoyGrpc, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caddy_keeps_the_contract() {
    suite::run(Kind::Caddy, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_caddy_of_older_systems_keeps_the_contract() {
    let none = ("GATELODGE_IDENTITY_HEADERS__NONE_VALUE", "-");
    suite::run(Kind::OldCaddy, &[none]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn haproxy_keeps_the_contract() {
    suite::run(Kind::Haproxy, &[]).await;
}

/// HAProxy goes on where an action in Lua breaks; the rule after it does not.
#[tokio::test]
async fn an_action_that_breaks_keeps_haproxy_shut() {
    let site = Site::start(&[]).await;
    let proxy = Proxy::start(Kind::BrokenHaproxy, &site).await;
    let key = site.deployment.mint("alice", &[]);
    for target in ["/public/a", "/v1/x"] {
        let ask = get(target).key(&key);
        let reply = ask::send(&proxy.address, &ask).await.unwrap();
        assert_eq!(reply.status, 503);
        assert!(Seen::of(&reply).is_none());
    }
    assert!(proxy.log().contains("gatelodge"), "{}", proxy.log());
}

/// An operator may tell Envoy to let pass where the gate gives no answer. Where the
/// gate cannot decide, it does give one.
#[tokio::test]
async fn what_cannot_be_decided_stays_shut_at_an_envoy_that_fails_open() {
    stays_shut(Kind::OpenEnvoy).await;
    stays_shut(Kind::OpenEnvoyGrpc).await;
}

async fn stays_shut(kind: Kind) {
    let mut site = Site::start(&[]).await;
    let proxy = Proxy::start(kind, &site).await;
    let [known, fresh] = [(); 2].map(|()| site.deployment.mint("alice", &[]));
    let ask = get("/v1/x").key(&known);
    let reply = ask::send(&proxy.address, &ask).await.unwrap();
    assert!(Seen::of(&reply).is_some(), "{reply:?}");
    let ask = get("/v1/x").key(&fresh);
    site.deployment.store().kill9();
    let reply = ask::send(&proxy.address, &ask).await.unwrap();
    let (said, meant) = (reply.status, reply.header("x-auth-status"));
    if kind == Kind::OpenEnvoy {
        assert_eq!((said, meant), (403, "503"));
    } else {
        assert_eq!((said, meant), (503, ""), "the answer itself says no");
    }
    site.lodge.kill9();
    let reply = ask::send(&proxy.address, &ask).await.unwrap();
    assert!(
        Seen::of(&reply).is_some(),
        "this Envoy fails open: {reply:?}"
    );
}

/// A proxy in front may hand on whatever a client says; the client's address alone is
/// taken from it, and the last one that it added at that.
#[tokio::test]
async fn behind_another_proxy_the_client_still_cannot_speak_for_it() {
    let hops = [("GATELODGE_CLIENT_ADDRESS_HOPS", "2")];
    let site = Site::start(&hops).await;
    let key = site.deployment.mint("alice", &[]);
    for kind in [Kind::InnerTraefik, Kind::InnerCaddy, Kind::Envoy] {
        let proxy = Proxy::start(kind, &site).await;
        let reached = async |ask: &ask::Ask| {
            let reply = ask::send(&proxy.address, ask).await.unwrap();
            Seen::of(&reply).is_some()
        };
        for (addresses, passes) in [
            (site::FAR_AWAY.to_owned(), true),
            (format!("198.51.100.1, {}", site::FAR_AWAY), true),
            (format!("{}, 198.51.100.1", site::FAR_AWAY), false),
        ] {
            let ask = get("/far/x").with("X-Forwarded-For", &addresses);
            assert_eq!(reached(&ask).await, passes, "{kind:?} {addresses}");
        }
        let forged = |target: &str| {
            get(target)
                .with("X-Forwarded-For", "198.51.100.1")
                .with("X-Forwarded-Proto", "https")
                .with("X-Forwarded-Uri", "/public/a")
                .with("X-Forwarded-Method", "OPTIONS")
                .with("X-Forwarded-Host", "evil.test")
        };
        assert!(!reached(&forged("/admin/x")).await, "{kind:?}");
        assert!(!reached(&forged("/v1/x")).await, "{kind:?}");
        assert!(reached(&forged("/v1/x").key(&key)).await, "{kind:?}");
    }
}
