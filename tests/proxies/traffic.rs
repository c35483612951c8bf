//! Connections: kept open, upgraded, HTTP/2, many at once.

use tokio::sync::Mutex;

use super::h2c;
use super::site::Kind;
use super::suite::Want::{Either, NotReached, OpenPathOnly, Passes, Refused};
use super::suite::Who::{Admin, Alice, Nobody};
use super::suite::{ANY, Suite};
use super::upstream::Seen;
use crate::parts::ask::{self, Ask, Connection, get};

pub async fn all(suite: &mut Suite) {
    kept_open(suite).await;
    web_socket(suite).await;
    bodies_in_chunks(suite).await;
    http2(suite).await;
    // The older Caddy was seen to hand on the names of its placeholders in place of an
    // identity when a thousand asked at once. The page on proxies says so.
    if suite.kind != Kind::OldCaddy {
        many_at_once(suite).await;
    }
}

/// CVE-2026-71324: what one request was told is no other's.
async fn kept_open(suite: &mut Suite) {
    let (alice, admin) = (suite.keys.alice.clone(), suite.keys.admin.clone());
    let Ok(mut connection) = Connection::open(&suite.proxy.address).await else {
        return suite.complain("keep-alive", "takes no connection");
    };
    for _ in 0..5 {
        for (ask, want) in [
            (get("/v1/x").key(&alice), Passes(Alice)),
            (get("/v1/x"), Refused(&[401])),
            (get("/admin/x").key(&admin), Passes(Admin)),
            (get("/public/a"), Passes(Nobody)),
            (get("/admin/x").key(&alice), Refused(&[403])),
        ] {
            let mut sent = connection.send(&ask).await;
            if sent.is_err() {
                // A proxy may close after a refusal.
                connection = Connection::open(&suite.proxy.address).await.unwrap();
                sent = connection.send(&ask).await;
            }
            let reply = suite.judge("keep-alive", &ask, sent, want);
            if reply.header("connection").eq_ignore_ascii_case("close") {
                connection = Connection::open(&suite.proxy.address).await.unwrap();
            }
        }
    }
}

fn upgrade(target: &str) -> Ask {
    get(target)
        .with("Connection", "Upgrade")
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Version", "13")
        .with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
}

/// CVE-2026-88008, CVE-2024-23326: an upgrade is a request like any other, and
/// the gate itself never switches protocols.
async fn web_socket(suite: &mut Suite) {
    const FRAME: &[u8] = b"\x81\x85\x01\x02\x03\x04\x69\x67\x6f\x68\x6e";
    let alice = suite.keys.alice.clone();
    let echoed = async {
        let mut connection = Connection::open(&suite.proxy.address).await?;
        let reply = connection.send(&upgrade("/v1/ws").key(&alice)).await?;
        if reply.status != 101 {
            return Err(std::io::Error::other(format!("answered {reply:?}")));
        }
        connection.write(FRAME).await?;
        connection.read(FRAME.len()).await
    };
    match echoed.await {
        Ok(bytes) => suite.check("a WebSocket", bytes == FRAME, || format!("{bytes:?}")),
        Err(error) => suite.complain("a WebSocket", &error.to_string()),
    }
    suite
        .row(
            "a WebSocket without a key",
            upgrade("/v1/ws"),
            Refused(&[401]),
        )
        .await;
    let h2c = get("/admin/x")
        .with("Connection", "Upgrade, HTTP2-Settings")
        .with("Upgrade", "h2c")
        .with("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA");
    suite
        .row("an upgrade to HTTP/2", h2c.clone(), NotReached)
        .await;
    // In an upstream that switches, nobody would judge what comes next.
    let allowed = Ask {
        target: "/v1/x".to_owned(),
        ..h2c
    };
    // The older Caddy switches itself, since it is told to speak HTTP/2 here, and
    // judges what comes next like everything else.
    let refused: &[u16] = if suite.kind == Kind::OldCaddy {
        &[101]
    } else {
        ANY
    };
    let allowed = allowed.key(&alice);
    let reply = suite
        .row("an upgrade to HTTP/2", allowed, Either(Alice, refused))
        .await;
    let passed_on = Seen::of(&reply)
        .map(|seen| seen.all("upgrade").join(","))
        .unwrap_or_default();
    suite.check("an upgrade to HTTP/2", passed_on.is_empty(), || {
        format!("the upstream saw {passed_on}")
    });
}

/// CVE-2026-88004: what comes after the body is no header.
async fn bodies_in_chunks(suite: &mut Suite) {
    let alice = suite.keys.alice.clone();
    let chunked = |target: &str, key: Option<&str>, trailer: &str| {
        let key = key.map_or_else(String::new, |key| {
            format!("Authorization: Bearer {key}\r\n")
        });
        format!(
            "POST {target} HTTP/1.1\r\nHost: {}\r\n{key}Trailer: {trailer}\r\n\
             Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n{trailer}: /public/a\r\n\r\n",
            ask::HOST
        )
    };
    for (target, key, trailer, want) in [
        (
            "/v1/x",
            Some(alice.as_str()),
            "X-Authenticated-User",
            Either(Alice, ANY),
        ),
        (
            "/public/a",
            None,
            "X-Authenticated-User",
            Either(Nobody, ANY),
        ),
        ("/admin/x", None, "X-Forwarded-Uri", Refused(ANY)),
        ("/admin/x", None, "X-Original-URL", Refused(ANY)),
        ("/admin/x", None, "Authorization", Refused(ANY)),
    ] {
        let sent = async {
            let mut connection = Connection::open(&suite.proxy.address).await?;
            let bytes = chunked(target, key, trailer);
            connection.write(bytes.as_bytes()).await?;
            connection.reply(false).await
        };
        let sent = sent.await;
        let ask = get(target).method("POST").body(b"hello".to_vec());
        suite.judge(&format!("a trailer {trailer}"), &ask, sent, want);
    }
    smuggling(suite).await;
}

/// Two lengths, and a body where none belongs: whatever a proxy makes of them,
/// no request that nobody judged reaches the upstream.
async fn smuggling(suite: &mut Suite) {
    let inner = format!("GET /admin/x HTTP/1.1\r\nHost: {}\r\n\r\n", ask::HOST);
    let host = ask::HOST;
    for head in [
        format!(
            "Content-Length: {}\r\nTransfer-Encoding: chunked",
            inner.len() + 5
        ),
        "Content-Length: 5\r\nContent-Length: 6".to_owned(),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity".to_owned(),
        "Transfer-Encoding: xchunked".to_owned(),
    ] {
        let bytes =
            format!("GET /public/a HTTP/1.1\r\nHost: {host}\r\n{head}\r\n\r\n0\r\n\r\n{inner}");
        let sent = async {
            let mut connection = Connection::open(&suite.proxy.address).await?;
            connection.write(bytes.as_bytes()).await?;
            let first = connection.reply(false).await;
            Ok::<_, std::io::Error>((first, connection.reply(false).await))
        };
        let Ok((first, second)) = sent.await else {
            continue;
        };
        for reply in [first, second] {
            suite.judge(
                &format!("smuggling by {head}"),
                &get(""),
                reply,
                OpenPathOnly,
            );
        }
    }
}

async fn http2(suite: &mut Suite) {
    let (alice, admin) = (suite.keys.alice.clone(), suite.keys.admin.clone());
    let mut rows = Vec::new();
    for _ in 0..20 {
        rows.extend([
            (get("/v1/x").key(&alice), Passes(Alice)),
            (get("/v1/x"), Refused(&[401])),
            (get("/admin/x").key(&admin), Passes(Admin)),
            (
                get("/public/a").with("x-authenticated-user", "root"),
                Passes(Nobody),
            ),
            (get("/admin/x").key(&alice), Refused(&[403])),
            (
                get("/v1/x")
                    .key(&alice)
                    .method("POST")
                    .body(vec![b'x'; 4096]),
                Passes(Alice),
            ),
            (get("/public/../admin/x"), OpenPathOnly),
        ]);
    }
    let asks: Vec<_> = rows.iter().map(|(ask, _)| ask.clone()).collect();
    match h2c::send_all(&suite.proxy.http2, &asks).await {
        Ok(replies) => {
            for ((ask, want), reply) in rows.into_iter().zip(replies) {
                suite.judge("HTTP/2", &ask, Ok(reply), want);
            }
        }
        Err(error) => suite.complain("HTTP/2", &error.to_string()),
    }
}

/// How many requests are under way at once.
const AT_ONCE: usize = 1000;
/// Of how many keys.
const KEYS: usize = 20;

/// One proxy at a time: the machine has few processors.
static TURN: Mutex<()> = Mutex::const_new(());

/// CVE-2026-71326: who asks side by side is told apart.
async fn many_at_once(suite: &mut Suite) {
    let mut keys = Vec::new();
    for number in 0..KEYS {
        let body = format!(r#"{{"name":"k{number}"}}"#);
        let answer = suite
            .site
            .lodge
            .api(&suite.keys.alice, "POST", "/api/me/tokens", &body)
            .await;
        let made = answer.json();
        let text = |name: &str| {
            made[name]
                .as_str()
                .unwrap_or_else(|| panic!("{answer:?}"))
                .to_owned()
        };
        keys.push((text("id"), text("token")));
    }
    let turn = TURN.lock().await;
    let mut under_way = Vec::new();
    for number in 0..AT_ONCE {
        let (id, key) = keys[number % KEYS].clone();
        let address = suite.proxy.address.clone();
        under_way.push(tokio::spawn(async move {
            let sent = ask::send(&address, &get(format!("/v1/{number}")).key(&key)).await;
            let reply = sent.map_err(|error| error.to_string())?;
            let seen = Seen::of(&reply).ok_or_else(|| format!("answered {}", reply.status))?;
            let told = seen.all("x-authenticated-token-id");
            (told == [id.as_str()])
                .then_some(())
                .ok_or_else(|| format!("told {told:?}"))
        }));
    }
    let mut faults = Vec::new();
    for one in under_way {
        faults.extend(one.await.unwrap().err());
    }
    drop(turn);
    let count = faults.len();
    suite.check("1,000 at once", count == 0, || {
        format!("{count} of them: {:?}", faults.first())
    });
}
