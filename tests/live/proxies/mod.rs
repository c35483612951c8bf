//! Gatelodge behind the real proxies, each with the very files of `examples/`:
//! one suite through the port of each.

mod h2c;
mod identity;
mod outages;
mod rows;
mod site;
mod suite;
mod traffic;
mod upstream;

use super::support::ask::{self, get};
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
    let mut site = Site::start(&[]).await;
    let proxy = Proxy::start(Kind::OpenEnvoy, &site).await;
    let key = site.deployment.mint("alice", &[]);
    let ask = get("/v1/x").key(&key);
    let reply = ask::send(&proxy.address, &ask).await.unwrap();
    assert!(Seen::of(&reply).is_some(), "{reply:?}");
    site.deployment.store().kill9();
    let reply = ask::send(&proxy.address, &ask).await.unwrap();
    assert_eq!((reply.status, reply.header("x-auth-status")), (403, "503"));
    site.lodge.kill9();
    let reply = ask::send(&proxy.address, &ask).await.unwrap();
    assert!(
        Seen::of(&reply).is_some(),
        "this Envoy fails open: {reply:?}"
    );
}
