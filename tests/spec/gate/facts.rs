//! Rules that look at the request, and facts that cannot be forged. The tables
//! are named after the advisories of other programs whose faults they are about.

use crate::support::app::TestLodge;

/// `/public/**` is open, `/admin/**` asks for a scope, everything else for a key.
const GATES: &str = r#"[{"name": "default", "rules": [
    {"hosts": ["app.test"], "paths": ["/public/**"], "allow": "anyone"},
    {"hosts": ["app.test"], "paths": ["/admin/**"], "scopes": ["admin"]},
    {"hosts": ["app.test"], "methods": ["GET"]},
    {"hosts": ["*.sub.test"], "allow": "anyone"}
]}]"#;

async fn lodge() -> TestLodge {
    TestLodge::start_with(&[("GATELODGE_GATES", GATES)]).await
}

/// The facts of a request, some of them replaced or added.
async fn ask(lodge: &TestLodge, uri: &str, more: &[(&str, &str)]) -> u16 {
    let usual = [
        ("x-forwarded-method", "GET"),
        ("x-forwarded-host", "app.test"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-uri", uri),
    ];
    let replaced = |name: &str| more.iter().any(|(other, _)| *other == name);
    let headers: Vec<_> = usual
        .into_iter()
        .filter(|(name, _)| !replaced(name))
        .chain(more.iter().copied().filter(|(_, value)| *value != "absent"))
        .collect();
    lodge.ask("/forward-auth", &headers).await.status().as_u16()
}

#[tokio::test]
async fn the_first_rule_that_matches_decides_and_no_match_refuses() {
    let lodge = lodge().await;
    let key = lodge.mint("alice", &[]).await;
    let with_key = [("x-api-key", key.as_str())];
    assert_eq!(ask(&lodge, "/public/a?x", &[]).await, 204);
    assert_eq!(ask(&lodge, "/public", &[]).await, 204);
    assert_eq!(ask(&lodge, "/admin/x", &with_key).await, 403);
    assert_eq!(ask(&lodge, "/other", &[]).await, 401);
    assert_eq!(ask(&lodge, "/other", &with_key).await, 204);
    let post = [("x-api-key", key.as_str()), ("x-forwarded-method", "POST")];
    assert_eq!(ask(&lodge, "/other", &post).await, 403);
    for (host, status) in [
        ("a.sub.test", 204),
        ("sub.test", 403),
        ("badsub.test", 403),
        ("nowhere.test", 403),
    ] {
        let host = [("x-forwarded-host", host)];
        assert_eq!(ask(&lodge, "/x", &host).await, status, "{host:?}");
    }
}

/// CVE-2025-54576, CVE-2026-41059, CVE-2026-26205, CVE-2021-29492,
/// CVE-2025-66490, CVE-2026-40912, CVE-2019-9901, CVE-2026-73551, CVE-2026-88009,
/// CVE-2021-32637: whatever is written, the administrators' part stays shut.
#[tokio::test]
async fn no_spelling_of_a_path_opens_what_its_plain_form_does_not() {
    let lodge = lodge().await;
    for (uri, status) in [
        ("/%61dmin", 401),
        ("/admin?x=/public/a", 401),
        ("/xpublic/a", 401),
        ("/Public/a", 401),
        ("/public/..%2fadmin", 400),
        ("/public/%2e%2e/admin", 400),
        ("/public%5c..%5cadmin", 400),
        ("/public/../admin", 400),
        ("/public/..;/admin", 400),
        ("/admin;x=y", 400),
        ("/admin#/public/a", 400),
        ("/public/%23/../admin", 400),
        ("//admin/x", 400),
        ("/public/%252e%252e/admin", 400),
        ("/public/%c0%ae%c0%ae/admin", 400),
        ("/public/a%00", 400),
        ("/public/%zz", 400),
        ("http:http://internal/public/a", 400),
        ("https://app.test/public/a", 400),
        ("public/a", 400),
        ("*", 400),
        ("", 400),
        ("absent", 400),
    ] {
        let uri = [("x-forwarded-uri", uri)];
        assert_eq!(ask(&lodge, "/public/a", &uri).await, status, "{uri:?}");
    }
    let long = format!("/public/{}", "a".repeat(20_000));
    assert_eq!(ask(&lodge, &long, &[]).await, 400);
}

/// CVE-2026-48794, CVE-2022-23632, CVE-2026-26308, CVE-2020-14359.
#[tokio::test]
async fn hosts_and_methods_have_one_spelling_or_none() {
    let lodge = lodge().await;
    for (host, status) in [
        ("APP.Test", 204),
        ("app.test.", 204),
        ("app.test:443", 204),
        ("app.test, evil.test", 400),
        ("app.test@evil", 400),
        ("app.test:x", 400),
        ("", 400),
        ("absent", 400),
        ("[::1]", 403),
        ("evil.test", 403),
    ] {
        let host = [("x-forwarded-host", host)];
        assert_eq!(ask(&lodge, "/public/a", &host).await, status, "{host:?}");
    }
    for (method, status) in [
        ("GET", 401),
        ("get", 400),
        ("GeT", 400),
        ("G E T", 400),
        ("absent", 400),
    ] {
        let method = [("x-forwarded-method", method)];
        assert_eq!(ask(&lodge, "/other", &method).await, status, "{method:?}");
    }
}

/// CVE-2026-39858, CVE-2026-35051, CVE-2026-54764, CVE-2024-45410,
/// CVE-2026-34457, CVE-2026-88008.
#[tokio::test]
async fn a_client_cannot_speak_for_the_proxy() {
    let lodge = lodge().await;
    for (more, status) in [
        (("x_forwarded_uri", "/public/a"), 400),
        (("x-forwarded-uri", "/public/a"), 400),
        (("connection", "x-forwarded-uri"), 400),
        (("x-forwarded-prefix", "/public"), 401),
        (("x-forwarded-port", "1"), 401),
        (("x-original-url", "https://app.test/public/a"), 401),
        (("x-envoy-original-path", "/public/a"), 401),
        (("user-agent", "kube-probe/1.33"), 401),
        (("user-agent", "GoogleHC/1.0"), 401),
        (("upgrade", "h2c"), 401),
    ] {
        let headers = [
            ("x-forwarded-method", "GET"),
            ("x-forwarded-host", "app.test"),
            ("x-forwarded-uri", "/admin/x"),
            more,
        ];
        let answer = lodge.ask("/forward-auth", &headers).await;
        assert_eq!(answer.status(), status, "{more:?}");
    }
    let query = "/forward-auth?gate=open&rd=https://evil&allow=anyone";
    assert_eq!(lodge.ask(query, &[]).await.status(), 400);
}

#[tokio::test]
async fn facts_count_only_from_trusted_proxies_and_only_where_a_rule_looks() {
    let lodge = TestLodge::start_with(&[
        ("GATELODGE_GATES", GATES),
        ("GATELODGE_TRUSTED_PROXIES", "192.0.2.1"),
    ])
    .await;
    assert_eq!(ask(&lodge, "/public/a", &[]).await, 403);
    let plain = TestLodge::start_with(&[("GATELODGE_TRUSTED_PROXIES", "192.0.2.1")]).await;
    let key = plain.mint("alice", &[]).await;
    // What no rule looks at may look as it likes.
    let strange = [
        ("x-api-key", key.as_str()),
        ("x-forwarded-uri", "/a/../b%2f"),
    ];
    assert_eq!(plain.ask("/forward-auth", &strange).await.status(), 204);
}

#[tokio::test]
async fn no_proxy_can_be_told_to_drop_an_identity_header() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    for option in ["X-Authenticated-User", "keep-alive, x_authenticated_groups"] {
        let headers = [("x-api-key", key.as_str()), ("connection", option)];
        let answer = lodge.ask("/forward-auth", &headers).await;
        assert_eq!(answer.status(), 400, "{option}");
    }
}

#[tokio::test]
async fn a_rule_may_ask_where_the_client_is() {
    let gates =
        r#"[{"name": "default", "rules": [{"networks": ["203.0.113.0/24"], "allow": "anyone"}]}]"#;
    let lodge = TestLodge::start_with(&[("GATELODGE_GATES", gates)]).await;
    for (addresses, status) in [
        ("203.0.113.7", 204),
        ("10.0.0.1, 203.0.113.7", 204),
        ("203.0.113.7, 192.0.2.1", 403),
        ("unknown", 400),
        ("absent", 400),
    ] {
        let headers = [("x-forwarded-for", addresses)];
        assert_eq!(ask(&lodge, "/", &headers).await, status, "{addresses}");
    }
    // Whatever stands in front of it, the last address is what the proxy saw.
    for (dialect, method, url) in [
        ("/nginx-auth", "x-original-method", "x-original-url"),
        ("/ext-authz/default/x", "x-a", "x-b"),
    ] {
        for (addresses, passes) in [
            ("203.0.113.7", true),
            ("10.0.0.1, 203.0.113.7", true),
            ("203.0.113.7, 192.0.2.1", false),
            ("203.0.113.7, 203.0.113.7, 192.0.2.1", false),
        ] {
            let headers = [
                (method, "GET"),
                (url, "https://app.test/x"),
                ("x-forwarded-for", addresses),
            ];
            let answer = lodge.ask(dialect, &headers).await;
            assert_eq!(
                answer.status().is_success(),
                passes,
                "{dialect} {addresses}"
            );
        }
    }
}
