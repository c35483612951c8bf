//! `/nginx-auth` and `/ext-authz`: the same decisions in other proxies' words.

use reqwest::Method;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};

use crate::support::app::TestLodge;

const GATES: &str = r#"[
    {"name": "default"},
    {"name": "app", "strip_credential": true, "rules": [
        {"hosts": ["app.test"], "paths": ["/public/**"], "allow": "anyone"},
        {"hosts": ["app.test"], "paths": ["/admin/**"], "scopes": ["admin"]},
        {"hosts": ["app.test"], "methods": ["GET", "DELETE", "OPTIONS"]}
    ]}
]"#;

async fn lodge() -> TestLodge {
    TestLodge::start_with(&[("GATELODGE_GATES", GATES)]).await
}

/// Takes the keys away behind the service's back.
async fn lose_store(lodge: &TestLodge) {
    let options = SqliteConnectOptions::new().filename(lodge.database());
    let mut connection = options.connect().await.unwrap();
    let statement = "ALTER TABLE keys RENAME TO gone";
    connection.execute(statement).await.unwrap();
    connection.close().await.unwrap();
}

async fn nginx(lodge: &TestLodge, url: &str, more: &[(&str, &str)]) -> (u16, Option<String>) {
    let mut headers = vec![("x-original-method", "GET"), ("x-original-url", url)];
    headers.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    headers.extend(more.iter().filter(|(_, value)| *value != "absent"));
    let answer = lodge.ask("/nginx-auth/app", &headers).await;
    let meant = answer.headers().get("x-auth-status");
    let meant = meant.map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), meant)
}

#[tokio::test]
async fn nginx_hears_only_what_it_understands() {
    let lodge = lodge().await;
    let key = lodge.mint("alice", &[]).await;
    let with_key = ("x-api-key", key.as_str());
    let malformed = (403, Some("400".to_owned()));
    let ask = nginx;
    assert_eq!(
        ask(&lodge, "https://app.test/public/a", &[]).await,
        (204, None)
    );
    assert_eq!(ask(&lodge, "https://app.test/x", &[]).await, (401, None));
    assert_eq!(
        ask(&lodge, "https://app.test/x", &[with_key]).await,
        (204, None)
    );
    assert_eq!(
        ask(&lodge, "https://app.test/admin", &[with_key]).await,
        (403, None)
    );
    for url in [
        "https://app.test/%zz",
        "https://app.test/public/..%2fadmin",
        "https://app.test",
        "https://app.test@evil/public/a",
        "/public/a",
        "://",
        "",
        "absent",
    ] {
        let url = [("x-original-url", url)];
        assert_eq!(ask(&lodge, "", &url).await, malformed, "{url:?}");
    }
    let url = "https://app.test/public/a";
    // The third rule looks at the method; the first two do not.
    let other = "https://app.test/x";
    for doubt in [
        ("x-original-method", "absent"),
        ("x-original-method", "get"),
        ("x_original_method", "GET"),
        ("connection", "x-original-url"),
    ] {
        assert_eq!(ask(&lodge, other, &[doubt]).await, malformed, "{doubt:?}");
    }
    // Another dialect's facts are no facts.
    let foreign = [
        ("x-forwarded-uri", "/admin"),
        ("x-forwarded-host", "evil.test"),
    ];
    assert_eq!(ask(&lodge, url, &foreign).await, (204, None));
}

#[tokio::test]
async fn nginx_is_told_who_passes_and_challenged_as_any_other() {
    let lodge = lodge().await;
    let key = lodge.mint("alice", &[]).await;
    let answer = lodge.ask("/nginx-auth", &[("x-api-key", &key)]).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["x-authenticated-user"], "alice");
    assert_eq!(answer.headers()["x-authenticated-email"], "");
    let answer = lodge.ask("/nginx-auth", &[]).await;
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().contains_key("www-authenticate"));
    assert_eq!(lodge.ask("/nginx-auth/nowhere", &[]).await.status(), 403);
}

async fn envoy(
    lodge: &TestLodge,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> reqwest::Response {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let url = format!("{}{path}", lodge.url());
    let mut request = lodge.client().request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn envoy_hears_200_and_which_headers_to_take_off() {
    let lodge = lodge().await;
    let key = lodge.mint("alice", &[]).await;
    let headers = [("host", "APP.test:443"), ("x-api-key", &key)];
    for method in ["GET", "DELETE", "OPTIONS"] {
        let answer = envoy(&lodge, method, "/ext-authz/app/v1/items?dry=1", &headers).await;
        assert_eq!(answer.status(), 200, "{method}");
        assert_eq!(answer.headers()["x-authenticated-user"], "alice");
        let removed = &answer.headers()["x-envoy-auth-headers-to-remove"];
        let removed = removed.to_str().unwrap().to_ascii_lowercase();
        let removed: Vec<_> = removed.split(',').collect();
        for name in ["x-authenticated-email", "authorization", "x-api-key"] {
            assert!(removed.contains(&name), "{removed:?}");
        }
        // What is set is not removed, what is removed is not set.
        assert!(!removed.contains(&"x-authenticated-user"));
        assert!(!answer.headers().contains_key("x-authenticated-email"));
        assert_eq!(answer.bytes().await.unwrap(), "");
    }
    let answer = envoy(&lodge, "GET", "/ext-authz/app/public/a", &headers[..1]).await;
    assert_eq!(answer.status(), 200);
    let removed = &answer.headers()["x-envoy-auth-headers-to-remove"];
    assert!(!removed.to_str().unwrap().contains("authorization"));
}

/// CVE-2026-40575, CVE-2023-27487: only the request itself says what it is.
#[tokio::test]
async fn envoys_path_is_the_requests_own() {
    let lodge = lodge().await;
    let host = ("host", "app.test");
    for (path, more, status) in [
        (
            "/ext-authz/app/admin",
            ("x-forwarded-uri", "/public/a"),
            401,
        ),
        (
            "/ext-authz/app/admin",
            ("x-envoy-original-path", "/public/a"),
            401,
        ),
        (
            "/ext-authz/app/admin",
            ("x-original-url", "https://app.test/public/a"),
            401,
        ),
        ("/ext-authz/app/admin?/public/a", ("x-a", "b"), 401),
        ("/ext-authz/app//admin", ("x-a", "b"), 400),
        ("/ext-authz/app/public/..%2fadmin", ("x-a", "b"), 400),
        ("/ext-authz/app/public/..;/admin", ("x-a", "b"), 400),
        ("/ext-authz/app", ("x-a", "b"), 400),
        ("/ext-authz/nowhere/public/a", ("x-a", "b"), 403),
        ("/ext-authz/%61pp/public/a", ("x-a", "b"), 403),
        ("/ext-authz", ("x-a", "b"), 403),
        ("/ext-authz/", ("x-a", "b"), 403),
    ] {
        let answer = envoy(&lodge, "GET", path, &[host, more]).await;
        assert_eq!(answer.status(), status, "{path} {more:?}");
    }
    let answer = envoy(&lodge, "PROPFIND", "/ext-authz/app/x", &[host]).await;
    assert_eq!(answer.status(), 403, "no rule is about this method");
}

#[tokio::test]
async fn what_cannot_be_decided_stays_shut_however_envoy_is_set() {
    let statuses = async |variables: &[(&str, &str)]| {
        let lodge = TestLodge::start_with(variables).await;
        let key = lodge.mint("alice", &[]).await;
        lose_store(&lodge).await;
        let mut found = Vec::new();
        for path in ["/forward-auth", "/nginx-auth", "/ext-authz/default/x"] {
            let answer = lodge.ask(path, &[("x-api-key", &key)]).await;
            let meant = answer.headers().get("x-auth-status");
            let meant = meant.map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(answer.headers()["retry-after"], "1");
            found.push((answer.status().as_u16(), meant));
        }
        found
    };
    let meant = Some("503".to_owned());
    assert_eq!(
        statuses(&[]).await,
        [(503, None), (403, meant.clone()), (403, meant.clone())]
    );
    let said = [("GATELODGE_EXT_AUTHZ__UNAVAILABLE_STATUS", "503")];
    assert_eq!(
        statuses(&said).await,
        [(503, None), (403, meant), (503, None)]
    );
}
