//! The table: one request each.

use super::identity::NAMES;
use super::site::FAR_AWAY;
use super::suite::Want::{Either, NotReached, OpenPathOnly, Passes, Refused};
use super::suite::Who::{Admin, Alice, Nobody};
use super::suite::{ANY, Suite};
use crate::parts::ask::{self, Ask, get};

pub async fn all(suite: &mut Suite) {
    decisions(suite).await;
    refusals_in_full(suite).await;
    spoofed_identity(suite).await;
    hop_by_hop(suite).await;
    forged_facts(suite).await;
    ambiguous_paths(suite).await;
    odd_hosts(suite).await;
    large(suite).await;
}

async fn decisions(suite: &mut Suite) {
    let (alice, admin) = (suite.keys.alice.clone(), suite.keys.admin.clone());
    let mut row = async |name, ask, want| suite.row(name, ask, want).await;
    row("a key", get("/v1/x?y=/z").key(&alice), Passes(Alice)).await;
    let header = get("/v1/x").with("X-API-Key", &alice);
    row("a key in its own header", header, Passes(Alice)).await;
    row("an open path", get("/public/a?b"), Passes(Nobody)).await;
    row("a scope", get("/admin/x").key(&admin), Passes(Admin)).await;
    row("no scope", get("/admin/x").key(&alice), Refused(&[403])).await;
    row("no key", get("/v1/x"), Refused(&[401])).await;
    row(
        "a made-up key",
        get("/v1/x").key("glk_made-up"),
        Refused(&[401]),
    )
    .await;
    let two = get("/v1/x").key(&alice).with("X-API-Key", &admin);
    row("two keys", two, Refused(&[400])).await;
    let twice = get("/v1/x").key(&alice).key(&admin);
    row("CVE-2020-25017: one header twice", twice, Refused(&[400])).await;
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
        let with_key = get("/v1/x").key(&alice).method(method);
        row("any method", with_key, Passes(Alice)).await;
        row("any method", get("/v1/x").method(method), Refused(&[401])).await;
    }
    let head = get("/v1/x").method("HEAD");
    let reply = row("HEAD without a key", head.clone(), Refused(&[401])).await;
    assert_eq!(reply.body, "");
    let reply = ask::send(&suite.proxy.address, &head.key(&alice)).await;
    let status = reply.map(|reply| reply.status).unwrap_or_default();
    suite.check("HEAD with a key", status == 200, || status.to_string());
}

/// What a refusal tells the client besides its status.
async fn refusals_in_full(suite: &mut Suite) {
    let none = suite.row("no key", get("/v1/x"), Refused(&[401])).await;
    let challenges = none.all("www-authenticate").join(", ");
    suite.check("no key", challenges.starts_with("Bearer"), || {
        format!("{none:?}")
    });
    let wrong = get("/v1/x").key("glk_made-up");
    let wrong = suite.row("a made-up key", wrong, Refused(&[401])).await;
    let challenges = wrong.all("www-authenticate").join(", ");
    let says_so = challenges.contains("invalid_token");
    suite.check("a made-up key", says_so, || format!("{wrong:?}"));
    let reply = suite
        .row("an open path", get("/public/a"), Passes(Nobody))
        .await;
    let cookies = reply.all("set-cookie").len();
    suite.check("no cookie on allow", cookies == 0, || format!("{reply:?}"));
}

/// CVE-2026-54763, CVE-2026-33433, CVE-2025-64484, CVE-2026-30851,
/// CVE-2026-52845, envoy#43310: whatever a client calls itself, the upstream is
/// told what the gate knows.
async fn spoofed_identity(suite: &mut Suite) {
    let alice = suite.keys.alice.clone();
    for name in NAMES {
        let spellings = [
            name.to_owned(),
            name.to_ascii_lowercase(),
            name.to_ascii_uppercase(),
            name.replace('-', "_"),
            name.replace('-', "."),
            name.replacen('-', "_", 1).to_ascii_lowercase(),
        ];
        for spelling in &spellings {
            let title = format!("the client's own {spelling}");
            let forged = get("/v1/x").key(&alice).with(spelling, "root");
            suite.row(&title, forged, Either(Alice, &[400])).await;
            let forged = get("/public/a").with(spelling, "root");
            suite.row(&title, forged, Either(Nobody, &[400])).await;
        }
        let twice = get("/v1/x").key(&alice).with(name, "root").with(name, "");
        let title = format!("the client's own {name}, twice");
        suite.row(&title, twice, Either(Alice, &[400])).await;
    }
    let exact = get("/v1/x").key(&alice).with(NAMES[0], "root");
    suite
        .row("the client's own name, as it is", exact, Passes(Alice))
        .await;
}

/// CVE-2024-45410, CVE-2026-29054, CVE-2021-33197, CVE-2025-48865.
async fn hop_by_hop(suite: &mut Suite) {
    let alice = suite.keys.alice.clone();
    for name in NAMES {
        let title = format!("Connection: {name}");
        let told = get("/v1/x").key(&alice).with("Connection", name);
        suite.row(&title, told, Either(Alice, &[400])).await;
        let told = get("/public/a")
            .with("Connection", format!("close, {name}"))
            .with(name, "root");
        suite.row(&title, told, Either(Nobody, &[400])).await;
    }
    for name in [
        "Authorization",
        "X-Forwarded-Uri",
        "X-Original-URL",
        "X-Forwarded-Host",
        "Host",
    ] {
        let title = format!("Connection: {name}");
        let told = get("/v1/x").key(&alice).with("Connection", name);
        suite.row(&title, told, Either(Alice, &[400, 401])).await;
        let told = get("/admin/x").with("Connection", name);
        suite.row(&title, told, Refused(&[400, 401])).await;
    }
}

/// CVE-2026-39858, CVE-2026-35051, CVE-2026-54764, CVE-2023-27487,
/// CVE-2026-40575, CVE-2026-34457.
async fn forged_facts(suite: &mut Suite) {
    let alice = suite.keys.alice.clone();
    for (name, value) in [
        ("X-Forwarded-Uri", "/public/a"),
        ("X_Forwarded_Uri", "/public/a"),
        ("X-Forwarded.Uri", "/public/a"),
        ("X-Forwarded-Method", "OPTIONS"),
        ("X-Forwarded-Host", "evil.test"),
        ("X-Forwarded-Proto", "ftp"),
        ("X-Forwarded-Prefix", "/public"),
        ("X-Forwarded-Port", "1"),
        ("X-Forwarded-For", "10.0.0.1"),
        ("X-Real-Ip", "10.0.0.1"),
        ("Forwarded", "for=10.0.0.1;host=evil.test"),
        ("X-Original-URL", "http://app.localhost/public/a"),
        ("X-Original-Method", "OPTIONS"),
        ("X_Original_URL", "http://app.localhost/public/a"),
        ("X-Rewrite-URL", "/public/a"),
        ("X-Envoy-Original-Path", "/public/a"),
        ("X-HTTP-Method-Override", "OPTIONS"),
        ("User-Agent", "kube-probe/1.33"),
        ("User-Agent", "GoogleHC/1.0"),
        ("Upgrade", "h2c"),
        ("Expect", "nothing"),
    ] {
        let title = format!("{name}: {value}");
        let forged = get("/admin/x").with(name, value);
        suite.row(&title, forged, Refused(&[400, 401, 417])).await;
        let forged = get("/admin/x").key(&alice).with(name, value);
        suite.row(&title, forged, Refused(&[400, 403, 417])).await;
        let forged = get("/v1/x").key(&alice).with(name, value);
        suite.row(&title, forged, Either(Alice, &[400, 417])).await;
    }
    for (name, value) in [
        ("X-Forwarded-For", FAR_AWAY.to_owned()),
        ("X-Forwarded-For", format!("{FAR_AWAY}, {FAR_AWAY}")),
        ("X_Forwarded_For", FAR_AWAY.to_owned()),
        ("X-Real-Ip", FAR_AWAY.to_owned()),
        ("X-Envoy-External-Address", FAR_AWAY.to_owned()),
        ("Forwarded", format!("for={FAR_AWAY}")),
    ] {
        let title = format!("{name}: {value}");
        let forged = get("/far/x").with(name, &value);
        suite.row(&title, forged, Refused(&[400, 401, 403])).await;
        let twice = get("/far/x").with(name, &value).with(name, &value);
        suite.row(&title, twice, Refused(&[400, 401, 403])).await;
    }
    let query = "/admin/x?gate=open&rd=https://evil&allow=anyone&x=/public/a";
    suite
        .row("GHSA-j8px-rmrx-76h9: a query", get(query), Refused(&[401]))
        .await;
}

/// CVE-2025-54576, CVE-2026-41059, CVE-2026-26205, CVE-2021-29492,
/// CVE-2025-66490, CVE-2026-40912, CVE-2019-9901, CVE-2026-73551, CVE-2026-88009,
/// CVE-2021-32637, CVE-2019-9900.
async fn ambiguous_paths(suite: &mut Suite) {
    for path in [
        "/public/..%2fadmin",
        "/public/%2e%2e/admin",
        "/public/.%2E/admin",
        "/public%5c..%5cadmin",
        "/public\\..\\admin",
        "/public/../admin",
        "/public/./../admin",
        "/public/..;/admin",
        "/public/..;x=y/admin",
        "/admin;/public/a",
        "/admin#/public/a",
        "/public/%23/../admin",
        "//admin/x",
        "/public//../admin",
        "/%252e%252e/admin",
        "/public/%252e%252e/admin",
        "/public/%c0%ae%c0%ae/admin",
        "/public/%00/../admin",
        "/public/a%00",
        "/public/%zz",
        "/public/%",
        "/%61dmin",
        "/admin?x=/public/a",
        "/xpublic/a",
        "/Public/a",
        "admin",
        "*",
        "http:http://internal/admin",
        "http://app.localhost/admin/x",
        "/public/a b",
        "/public/\u{e9}/../admin",
    ] {
        suite
            .row("an ambiguous path", get(path), OpenPathOnly)
            .await;
    }
    for target in [
        "http://evil.test/public/a",
        "http://app.localhost@evil.test/public/a",
    ] {
        suite
            .row("another host in the target", get(target), NotReached)
            .await;
    }
    let long = format!("/public/{}", "a".repeat(100 * 1024));
    suite.row("a long path", get(long), Refused(ANY)).await;
}

/// CVE-2026-48794, CVE-2022-23632, CVE-2026-26308.
async fn odd_hosts(suite: &mut Suite) {
    for host in [
        "evil.test",
        "app.localhost.evil.test",
        "app.localhost@evil.test",
        "evil.test, app.localhost",
        "xapp.localhost",
        "[::1]",
    ] {
        let ask = Ask {
            host: host.to_owned(),
            ..get("/v1/x")
        };
        suite.row(&format!("Host: {host}"), ask, NotReached).await;
    }
    let alice = suite.keys.alice.clone();
    for host in ["APP.localhost", "app.localhost:8000"] {
        let ask = Ask {
            host: host.to_owned(),
            ..get("/v1/x").key(&alice)
        };
        suite
            .row(&format!("Host: {host}"), ask, Passes(Alice))
            .await;
    }
}

async fn large(suite: &mut Suite) {
    let alice = suite.keys.alice.clone();
    let body = vec![b'x'; 1 << 20];
    let post = get("/v1/x").method("POST").body(body);
    suite
        .row("a large body", post.clone().key(&alice), Passes(Alice))
        .await;
    suite.row("a large body", post, Refused(&[401])).await;
    let wide = get("/v1/x").with("X-Wide", "x".repeat(4096));
    suite
        .row("a large header", wide.clone().key(&alice), Passes(Alice))
        .await;
    suite.row("a large header", wide, Refused(&[401])).await;
    let huge = get("/v1/x").key(&alice).with("X-Wide", "x".repeat(1 << 20));
    suite.row("a huge header", huge, Either(Alice, ANY)).await;
    let huge = get("/v1/x").key(&"x".repeat(12 * 1024));
    suite
        .row("CVE-2025-61920: a huge credential", huge, Refused(ANY))
        .await;
    let mut many = get("/v1/x").key(&alice);
    for number in 0..300 {
        many = many.with(&format!("X-{number}"), "x");
    }
    suite.row("many headers", many, Either(Alice, ANY)).await;
}
