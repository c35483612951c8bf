//! How it arrives.

use super::super::support::ask::Connection;
use super::{ALL, Dialect, HOST, answer, client, lodge, refuses, without};

/// CVE-2026-88008, CVE-2024-23326, CVE-2026-73548: `answer` refuses a 101.
#[tokio::test]
async fn no_question_switches_protocols() {
    let (deployment, lodge) = lodge(&[]).await;
    let key = deployment.mint("alice", &[]);
    for dialect in ALL {
        for (protocol, further) in [
            ("websocket", "Sec-WebSocket-Key"),
            ("h2c", "HTTP2-Settings"),
        ] {
            let ask = dialect
                .question(client("/admin/x"))
                .with("Connection", "Upgrade, HTTP2-Settings")
                .with("Upgrade", protocol)
                .with("Sec-WebSocket-Version", "13")
                .with(further, "AAMAAABkAARAAAAAAAIAAAAA");
            refuses(&lodge, dialect, ask.clone(), 401).await;
            refuses(&lodge, dialect, ask.key(&key), 403).await;
        }
    }
}

/// A body is never waited for, and what is announced of it opens nothing.
#[tokio::test]
async fn a_question_is_answered_before_its_body() {
    let (deployment, lodge) = lodge(&[]).await;
    let key = deployment.mint("alice", &[]);
    for dialect in ALL {
        for (name, value) in [("Content-Length", "10"), ("Transfer-Encoding", "chunked")] {
            let ask = without(dialect.question(client("/v1/x")), "content-length");
            let ask = ask.with(name, value);
            refuses(&lodge, dialect, ask.clone(), 401).await;
            let reply = answer(&lodge, &ask.key(&key)).await;
            assert_eq!(reply.status, dialect.allowed(), "{dialect:?} {name}");
        }
    }
}

/// Two lengths: whatever the server makes of the first request, the second that
/// hides in it is not answered with a yes.
#[tokio::test]
async fn no_request_hides_in_another() {
    let (deployment, lodge) = lodge(&[]).await;
    let key = deployment.mint("alice", &[]);
    let hidden = format!(
        "GET /forward-auth/app HTTP/1.1\r\nHost: a\r\nX-Forwarded-Method: GET\r\n\
         X-Forwarded-Host: {HOST}\r\nX-Forwarded-Uri: /v1/x\r\nAuthorization: Bearer {key}\r\n\r\n"
    );
    let length = (hidden.len() + 5).to_string();
    for dialect in ALL {
        let plain = || without(dialect.question(client("/v1/x")), "content-length");
        for ask in [
            plain()
                .with("Content-Length", &length)
                .with("Transfer-Encoding", "chunked"),
            plain()
                .with("Content-Length", "5")
                .with("Content-Length", "6"),
            plain().with("Transfer-Encoding", "xchunked"),
            plain().with("Content-Length", "+5"),
        ] {
            let mut connection = Connection::open(&lodge.address).await.unwrap();
            let ask = ask.tail(format!("0\r\n\r\n{hidden}"));
            let first = connection.send(&ask).await;
            assert!(!first.is_ok_and(|reply| reply.status < 400), "{dialect:?}");
            let second = connection.reply(false).await;
            assert!(!second.is_ok_and(|reply| reply.status < 400), "{dialect:?}");
        }
    }
}

/// CVE-2026-71324, CVE-2026-71326: on one connection and on many, everybody is
/// told for whom they are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_is_meant_for_another_question() {
    let (deployment, lodge) = lodge(&[]).await;
    let owners: Vec<_> = (0..10).map(|number| format!("owner{number}")).collect();
    let keys: Vec<_> = owners
        .iter()
        .map(|owner| deployment.mint(owner, &[]))
        .collect();
    let mut under_way = Vec::new();
    for connection in 0..20 {
        let (owners, keys) = (owners.clone(), keys.clone());
        let address = lodge.address.clone();
        under_way.push(tokio::spawn(async move {
            let mut open = Connection::open(&address).await.unwrap();
            for round in 0..50 {
                let who = (round * 7 + connection) % owners.len();
                let ask = Dialect::Traefik.question(client("/v1/x")).key(&keys[who]);
                let reply = open.send(&ask).await.unwrap();
                assert_eq!(reply.all("x-authenticated-user"), [owners[who].as_str()]);
                let ask = Dialect::Traefik.question(client("/v1/x"));
                assert_eq!(open.send(&ask).await.unwrap().status, 401);
            }
        }));
    }
    for one in under_way {
        one.await.unwrap();
    }
}
