//! What a question says about the request.

use super::super::support::ask;
use super::{ALL, Client, Dialect, answer, client, fact_headers, lodge, refuses, said, without};

/// CVE-2024-45410, CVE-2026-39858, CVE-2026-54764: a fact that is missing, that
/// stands there twice or under two spellings, or that was to be dropped on the
/// way is none.
#[tokio::test]
async fn a_fact_in_doubt_is_refused_in_every_dialect() {
    let (deployment, lodge) = lodge(&[]).await;
    let key = deployment.mint("alice", &[]);
    for dialect in ALL {
        let good = || dialect.question(client("/v1/x")).key(&key);
        for name in fact_headers(dialect) {
            refuses(&lodge, dialect, without(good(), name), 400).await;
            refuses(&lodge, dialect, good().with(name, "GET"), 400).await;
            refuses(
                &lodge,
                dialect,
                good().with(&name.replace('-', "_"), "GET"),
                400,
            )
            .await;
            refuses(&lodge, dialect, good().with("Connection", name), 400).await;
        }
    }
    refuses(
        &lodge,
        Dialect::Envoy,
        Dialect::Envoy.question(client("")).key(&key),
        400,
    )
    .await;
}

/// CVE-2026-88004: what follows a body is no header.
#[tokio::test]
async fn a_trailer_is_no_fact() {
    let (_deployment, lodge) = lodge(&[]).await;
    for dialect in ALL {
        for trailer in [
            "X-Forwarded-Uri: /public/a",
            "X-Original-URL: https://api.example.com/public/a",
        ] {
            let ask = without(dialect.question(client("/admin/x")), "content-length")
                .with("Transfer-Encoding", "chunked")
                .with("Trailer", "X-Forwarded-Uri, X-Original-URL")
                .tail(format!("0\r\n{trailer}\r\n\r\n"));
            refuses(&lodge, dialect, ask, 401).await;
        }
    }
}

/// CVE-2026-40575, CVE-2023-27487, CVE-2026-35051, CVE-2026-34457, CVE-2020-15129: what belongs
/// to another dialect, or to none, says nothing.
#[tokio::test]
async fn only_the_dialects_own_headers_are_facts() {
    let (_deployment, lodge) = lodge(&[]).await;
    for dialect in ALL {
        for (name, value) in [
            ("X-Forwarded-Uri", "/public/a"),
            ("X-Original-URL", "https://api.example.com/public/a"),
            ("X-Original-URI", "/public/a"),
            ("X-Rewrite-URL", "/public/a"),
            ("X-Envoy-Original-Path", "/public/a"),
            ("X-Forwarded-Prefix", "/public"),
            ("X-Forwarded-Port", "1"),
            ("Forwarded", "for=10.0.0.1;host=evil.test;proto=http"),
            ("X-HTTP-Method-Override", "OPTIONS"),
            ("User-Agent", "kube-probe/1.33"),
            ("User-Agent", "GoogleHC/1.0"),
        ] {
            let ask = dialect.question(client("/admin/x"));
            if !ask
                .headers
                .iter()
                .any(|(own, _)| own.eq_ignore_ascii_case(name))
                || name == "User-Agent"
            {
                refuses(&lodge, dialect, ask.with(name, value), 401).await;
            }
        }
    }
}

/// CVE-2021-29492, CVE-2025-66490, CVE-2026-40912, CVE-2019-9901,
/// CVE-2026-73551, CVE-2026-73511, CVE-2026-73553, CVE-2026-41059,
/// CVE-2021-32779, CVE-2026-26205, CVE-2025-54576, CVE-2026-88009,
/// CVE-2021-32637, CVE-2026-32811.
#[tokio::test]
async fn no_spelling_of_a_path_opens_more_in_any_dialect() {
    let (_deployment, lodge) = lodge(&[]).await;
    for dialect in ALL {
        for (target, status) in [
            ("/%61dmin", 401),
            ("/admin?x=/public/a", 401),
            ("/xpublic/a", 401),
            ("/public/..%2fadmin", 400),
            ("/public/%2e%2e/admin", 400),
            ("/public%5c..%5cadmin", 400),
            ("/public/../admin", 400),
            ("/public/..;/admin", 400),
            ("/admin;x=y", 400),
            ("/public/%23/../admin", 400),
            ("/public/%252e%252e/admin", 400),
            ("/public/%c0%ae%c0%ae/admin", 400),
            ("/public/a%00", 400),
            ("/public/%zz", 400),
            ("//admin/x", 400),
        ] {
            refuses(&lodge, dialect, dialect.question(client(target)), status).await;
        }
    }
    for dialect in [Dialect::Traefik, Dialect::Nginx] {
        for target in [
            "/admin#/public/a",
            "*",
            "",
            "public/a",
            "http:http://internal/public/a",
        ] {
            let reply = answer(&lodge, &dialect.question(client(target))).await;
            let refused = [dialect.refused(400), dialect.refused(403)];
            assert!(
                refused.contains(&said(&reply)),
                "{dialect:?} {target} {reply:?}"
            );
        }
        let long = format!("/public/{}", "a".repeat(100 * 1024));
        let reply = ask::send(&lodge.address, &dialect.question(client(&long))).await;
        assert!(!reply.is_ok_and(|reply| reply.status < 400), "{dialect:?}");
    }
}

/// CVE-2026-48794, CVE-2026-77560, CVE-2022-23632, CVE-2026-48491,
/// CVE-2026-26308, CVE-2026-31838.
#[tokio::test]
async fn a_host_has_one_spelling_and_a_stranger_passes_nowhere() {
    let (_deployment, lodge) = lodge(&[]).await;
    for dialect in ALL {
        let at = |host| Client {
            host,
            ..client("/public/a")
        };
        for host in ["API.Example.com", "api.example.com.", "api.example.com:443"] {
            let reply = answer(&lodge, &dialect.question(at(host))).await;
            assert_eq!(reply.status, dialect.allowed(), "{dialect:?} {host}");
        }
        for host in [
            "evil.test",
            "xapi.example.com",
            "api.example.com.evil.test",
            "xn--80ak6aa92e.com",
        ] {
            refuses(&lodge, dialect, dialect.question(at(host)), 403).await;
        }
        for host in [
            "api.example.com@evil.test",
            "api.example.com, evil.test",
            "api.example.com:x",
        ] {
            let sent = ask::send(&lodge.address, &dialect.question(at(host))).await;
            let status = sent.map_or(400, |reply| reply.status);
            assert!((400..500).contains(&status), "{dialect:?} {host} {status}");
        }
    }
}

/// CVE-2020-14359; CVE-2026-73547: a CONNECT without a path.
#[tokio::test]
async fn a_method_in_other_letters_is_no_way_around_a_rule() {
    let (deployment, lodge) = lodge(&[]).await;
    let key = deployment.mint("alice", &[]);
    for dialect in [Dialect::Traefik, Dialect::Nginx] {
        for method in ["get", "GeT", "G E T", "GET,POST", ""] {
            let ask = Client {
                method,
                ..client("/v1/x")
            };
            refuses(&lodge, dialect, dialect.question(ask).key(&key), 400).await;
        }
    }
    let connect = Client {
        method: "CONNECT",
        ..client("")
    };
    for dialect in ALL {
        let sent = ask::send(&lodge.address, &dialect.question(connect).key(&key)).await;
        let status = sent.map_or(400, |reply| reply.status);
        assert!((400..500).contains(&status), "{dialect:?} {status}");
    }
}

/// What stands outside `trusted_proxies` states no fact.
#[tokio::test]
async fn a_stranger_is_refused_in_every_dialect() {
    let nobody = [("GATELODGE_TRUSTED_PROXIES", "192.0.2.1")];
    let (deployment, lodge) = lodge(&nobody).await;
    let key = deployment.mint("alice", &[]);
    for dialect in ALL {
        refuses(&lodge, dialect, dialect.question(client("/public/a")), 403).await;
        refuses(
            &lodge,
            dialect,
            dialect.question(client("/v1/x")).key(&key),
            403,
        )
        .await;
    }
}
