//! What it carries, and what the upstream is told.

use super::super::support::ask;
use super::{ALL, AT_ONCE, answer, client, fact_headers, lodge, refuses, without};

/// CVE-2021-32777, CVE-2020-25017.
#[tokio::test]
async fn a_credential_that_stands_there_twice_is_refused_in_every_dialect() {
    let (deployment, lodge) = lodge(&[]).await;
    let (alice, bob) = (deployment.mint("alice", &[]), deployment.mint("bob", &[]));
    for dialect in ALL {
        let good = || dialect.question(client("/v1/x")).key(&alice);
        refuses(&lodge, dialect, good().key(&bob), 400).await;
        refuses(&lodge, dialect, good().key(&alice), 400).await;
        refuses(&lodge, dialect, good().with("X-API-Key", &bob), 400).await;
        let folded = dialect
            .question(client("/v1/x"))
            .with("Authorization", format!("Bearer {alice},Bearer {bob}"));
        let reply = answer(&lodge, &folded).await;
        assert!(reply.status >= 400, "{reply:?}");
    }
}

/// CVE-2026-54763, CVE-2026-33433, CVE-2025-64484, CVE-2026-52845.
#[tokio::test]
async fn a_twin_of_an_identity_header_is_refused_in_every_dialect() {
    let (deployment, lodge) = lodge(&[]).await;
    let key = deployment.mint("alice", &[]);
    for dialect in ALL {
        for twin in [
            "X_Authenticated_User",
            "x-authenticated_groups",
            "X.Authenticated.Scopes",
        ] {
            for target in ["/v1/x", "/public/a"] {
                let ask = dialect
                    .question(client(target))
                    .key(&key)
                    .with(twin, "root");
                refuses(&lodge, dialect, ask, 400).await;
            }
        }
        // As it is spelt, ours takes its place.
        let ask = dialect.question(client("/v1/x")).key(&key);
        let reply = answer(&lodge, &ask.with("x-authenticated-user", "root")).await;
        assert_eq!(reply.all("x-authenticated-user"), ["alice"], "{dialect:?}");
    }
}

/// CVE-2019-9900, CVE-2023-27488, CVE-2026-73552: bytes that are no text.
#[tokio::test]
async fn bytes_that_no_header_may_hold_open_nothing() {
    let (deployment, lodge) = lodge(&[]).await;
    let key = deployment.mint("alice", &[]);
    for dialect in ALL {
        for byte in [0x00, 0x01, 0x0b, 0x7f, 0x80, 0xa0, 0xff] {
            let value = [b"Bearer glk_".as_slice(), &[byte], b"a"].concat();
            for name in ["Authorization", "X-API-Key"] {
                let ask = dialect.question(client("/v1/x")).with(name, &value);
                let sent = ask::send(&lodge.address, &ask).await;
                let status = sent.map_or(400, |reply| reply.status);
                assert!((400..500).contains(&status), "{dialect:?} {byte} {status}");
            }
            for name in fact_headers(dialect) {
                let value = [b"/v1/x".as_slice(), &[byte]].concat();
                let ask = without(dialect.question(client("/v1/x")).key(&key), name);
                let sent = ask::send(&lodge.address, &ask.with(name, &value)).await;
                let status = sent.map_or(400, |reply| reply.status);
                assert!(
                    (400..500).contains(&status),
                    "{dialect:?} {name} {byte} {status}"
                );
            }
        }
    }
    assert_eq!(lodge.get("/health/live", &[]).await.status, 200);
}

/// CVE-2026-50285, CVE-2025-61920: what is much too long is refused unread.
#[tokio::test]
async fn a_huge_credential_is_refused_at_once() {
    let (_deployment, lodge) = lodge(&[]).await;
    for dialect in ALL {
        for length in [8 * 1024, 20 * 1024, 1 << 20] {
            let ask = dialect.question(client("/v1/x")).key(&"x".repeat(length));
            let sent = tokio::time::timeout(AT_ONCE, ask::send(&lodge.address, &ask)).await;
            // A connection that is closed is a refusal, too.
            let status = sent.unwrap().map_or(431, |reply| reply.status);
            assert!(
                (400..500).contains(&status),
                "{dialect:?} {length} {status}"
            );
        }
    }
}
