//! What each kind of proxy puts on the wire, byte for byte, and what the gate
//! answers: the same decision in every dialect. Some tests bear the names of the
//! advisories of other programs whose faults they are about;
//! docs/security/pitfalls.md lists them all.

mod connections;
mod credentials;
mod facts;

use std::time::Duration;

use super::support::ask::{self, Ask, Reply, get};
use super::support::lodge::{Deployment, Lodge};

const GATES: &str = r#"
[[gates]]
name = "app"
[[gates.rules]]
hosts = ["api.example.com"]
paths = ["/public/**"]
allow = "anyone"
[[gates.rules]]
hosts = ["api.example.com"]
paths = ["/admin/**"]
scopes = ["admin"]
[[gates.rules]]
hosts = ["api.example.com"]
paths = ["/**"]
methods = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PROPFIND"]
"#;

const HOST: &str = "api.example.com";
/// The longest body of an answer: some proxies keep it in memory.
const BODY_BYTES_MAX: usize = 4096;
/// An answer that waits for nothing takes less.
const AT_ONCE: Duration = Duration::from_secs(5);

/// How a proxy asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// As Traefik writes it.
    Traefik,
    /// As Caddy writes it: with the client's query behind our path.
    Caddy,
    Nginx,
    Envoy,
}

const ALL: [Dialect; 4] = [
    Dialect::Traefik,
    Dialect::Caddy,
    Dialect::Nginx,
    Dialect::Envoy,
];

/// The request of a client, as the gate is asked about it.
#[derive(Clone, Copy)]
struct Client<'a> {
    method: &'static str,
    host: &'a str,
    target: &'a str,
}

fn client(target: &str) -> Client<'_> {
    Client {
        method: "GET",
        host: HOST,
        target,
    }
}

impl Dialect {
    /// The question, with all that these proxies add.
    fn question(self, client: Client<'_>) -> Ask {
        let Client {
            method,
            host,
            target,
        } = client;
        match self {
            Self::Traefik => at_lodge(get("/forward-auth/app"))
                .with("User-Agent", "curl/8.5")
                .with("Accept", "*/*")
                .with("X-Forwarded-For", "203.0.113.7")
                .with("X-Forwarded-Host", host)
                .with("X-Forwarded-Method", method)
                .with("X-Forwarded-Port", "443")
                .with("X-Forwarded-Proto", "https")
                .with("X-Forwarded-Server", "5e1f")
                .with("X-Forwarded-Uri", target)
                .with("X-Real-Ip", "203.0.113.7")
                .with("Accept-Encoding", "gzip"),
            Self::Caddy => at_lodge(get("/forward-auth/app?rd=https://evil&gate=open"))
                .with("X-Forwarded-For", "203.0.113.7")
                .with("X-Forwarded-Proto", "https")
                .with("X-Forwarded-Host", host)
                .with("X-Forwarded-Method", method)
                .with("X-Forwarded-Uri", target)
                .with("Via", "1.1 Caddy"),
            Self::Nginx => at_lodge(get("/nginx-auth/app"))
                .with("X-Original-Method", method)
                .with("X-Original-URL", format!("https://{host}{target}"))
                .with("X-Forwarded-For", "203.0.113.7"),
            Self::Envoy => Ask {
                host: host.to_owned(),
                ..get(format!("/ext-authz/app{target}"))
            }
            .method(method)
            .with("content-length", "0")
            .with("x-envoy-internal", "true")
            .with("x-forwarded-for", "203.0.113.7")
            .with("x-forwarded-proto", "https")
            .with("x-envoy-expected-rq-timeout-ms", "500"),
        }
    }

    /// The status by which this proxy lets a request pass.
    fn allowed(self) -> u16 {
        match self {
            Self::Envoy => 200,
            _ => 204,
        }
    }

    /// A refusal in this proxy's words.
    fn refused(self, status: u16) -> (u16, String) {
        match self {
            Self::Nginx if !matches!(status, 401 | 403) => (403, status.to_string()),
            Self::Envoy if status >= 500 => (403, status.to_string()),
            _ => (status, String::new()),
        }
    }
}

fn at_lodge(ask: Ask) -> Ask {
    Ask {
        host: "gatelodge:8080".to_owned(),
        ..ask
    }
}

async fn lodge(variables: &[(&'static str, &str)]) -> (Deployment, Lodge) {
    let mut deployment = Deployment::embedded();
    for (name, value) in variables {
        deployment = deployment.with(name, *value);
    }
    deployment.write_settings(GATES);
    let lodge = deployment.start().await;
    (deployment, lodge)
}

/// Sends a question; every answer is short (CVE-2026-26998), and none switches protocols.
async fn answer(lodge: &Lodge, ask: &Ask) -> Reply {
    let sent = tokio::time::timeout(AT_ONCE, ask::send(&lodge.address, ask)).await;
    let reply = sent.unwrap_or_else(|_| panic!("no answer to {ask:?}"));
    let reply = reply.unwrap_or_else(|error| panic!("{error}: {ask:?}"));
    assert!(reply.body.len() <= BODY_BYTES_MAX, "{reply:?}");
    assert!(reply.status >= 200, "{reply:?}");
    reply
}

fn said(reply: &Reply) -> (u16, String) {
    (reply.status, reply.header("x-auth-status").to_owned())
}

async fn refuses(lodge: &Lodge, dialect: Dialect, ask: Ask, status: u16) {
    let reply = answer(lodge, &ask).await;
    assert_eq!(said(&reply), dialect.refused(status), "{dialect:?} {ask:?}");
    assert_eq!(reply.header("x-authenticated-user"), "", "{dialect:?}");
    assert_eq!(reply.header("cache-control"), "no-store");
}

#[tokio::test]
async fn what_each_proxy_sends_is_answered_in_its_own_words() {
    let (deployment, lodge) = lodge(&[]).await;
    let key = deployment.mint("alice", &[]);
    for dialect in ALL {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND"] {
            let client = Client {
                method,
                ..client("/v1/items/7?dry=1")
            };
            let reply = answer(&lodge, &dialect.question(client).key(&key)).await;
            assert_eq!(reply.status, dialect.allowed(), "{dialect:?} {method}");
            assert_eq!(reply.body, "");
            assert_eq!(reply.all("x-authenticated-user"), ["alice"]);
            assert_eq!(reply.all("set-cookie"), [""; 0]);
            refuses(&lodge, dialect, dialect.question(client), 401).await;
        }
        let post = Client {
            method: "POST",
            ..client("/v1/items")
        };
        refuses(&lodge, dialect, dialect.question(post).key(&key), 403).await;
        refuses(
            &lodge,
            dialect,
            dialect.question(client("/admin/x")).key(&key),
            403,
        )
        .await;
        let reply = answer(&lodge, &dialect.question(client("/public/a"))).await;
        assert_eq!(reply.status, dialect.allowed());
        assert_eq!(reply.header("x-authenticated-user"), "");
        let challenged = answer(&lodge, &dialect.question(client("/v1/x"))).await;
        assert!(challenged.header("www-authenticate").starts_with("Bearer"));
    }
}

/// How a proxy itself asks: any method gets the same decision.
#[tokio::test]
async fn the_method_of_the_question_decides_nothing() {
    let (deployment, lodge) = lodge(&[]).await;
    let key = deployment.mint("alice", &[]);
    for dialect in [Dialect::Traefik, Dialect::Caddy, Dialect::Nginx] {
        for method in ["HEAD", "OPTIONS", "PUT", "POST", "PROPFIND"] {
            let ask = dialect.question(client("/v1/x")).method(method);
            refuses(&lodge, dialect, ask.clone(), 401).await;
            let reply = answer(&lodge, &ask.key(&key)).await;
            assert_eq!(reply.status, dialect.allowed(), "{dialect:?} {method}");
        }
    }
}

fn without(mut ask: Ask, name: &str) -> Ask {
    ask.headers
        .retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    ask
}

fn fact_headers(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Traefik | Dialect::Caddy => {
            &["X-Forwarded-Uri", "X-Forwarded-Host", "X-Forwarded-Method"]
        }
        Dialect::Nginx => &["X-Original-URL", "X-Original-Method"],
        Dialect::Envoy => &[],
    }
}
