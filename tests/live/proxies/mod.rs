//! Gatelodge behind the real proxies, each with the very files of `examples/`:
//! one suite through the port of each.

mod ask;
mod h2c;
mod identity;
mod outages;
mod rows;
mod site;
mod suite;
mod traffic;
mod upstream;

use site::Kind;

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
