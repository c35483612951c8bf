//! Browsers that people signed in with, at the program itself.

use super::support::lodge::Deployment;

#[tokio::test]
async fn neither_cookies_nor_their_tokens_are_ever_logged() {
    let deployment = Deployment::embedded()
        .with("GATELODGE_DEV_USER", "dev")
        .with("GATELODGE_LOG__FILTER", "trace");
    let lodge = deployment.start().await;

    let signed_in = lodge.send("POST", "/api/session/dev", &[], "{}").await;
    assert_eq!(signed_in.status, 200, "{signed_in:?}");
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap();
    let value = cookie.split_once('=').unwrap().1;
    let state = lodge
        .get("/api/session", &[("cookie", cookie)])
        .await
        .json();
    let csrf = state["csrf"].as_str().unwrap();
    // One request that is refused, and two that are not.
    let fields = [("cookie", cookie), ("x-csrf-token", "wrong")];
    let forged = lodge.send("DELETE", "/api/me/sessions", &fields, "").await;
    assert_eq!(forged.status, 403, "{forged:?}");
    let fields = [("cookie", cookie), ("x-csrf-token", csrf)];
    for path in ["/api/me/sessions", "/api/session"] {
        let ended = lodge.send("DELETE", path, &fields, "").await;
        assert_eq!(ended.status, 200, "{ended:?}");
    }
    let over = lodge.get("/api/me", &[("cookie", cookie)]).await;
    assert_eq!(over.status, 401, "{over:?}");

    let log = lodge.log();
    assert!(log.contains("dev_user is set"), "it is loud: {log}");
    assert!(log.contains("forged_request"), "{log}");
    assert!(log.contains("session_unknown"), "{log}");
    assert!(!log.contains(value), "the cookie is in the log");
    assert!(!log.contains(csrf), "the token is in the log");
}

const GATES: &str = r#"[{"name": "app", "rules": [{"credentials": ["api_key", "session"]}]}]"#;

/// From a gate to the sign-in, back, and out again, as a browser goes.
async fn a_browser_signs_in_at_the_gate_and_out(deployment: Deployment) {
    let deployment = deployment
        .with("GATELODGE_GATES", GATES)
        .with("GATELODGE_PUBLIC_URL", "http://127.0.0.1")
        .with("GATELODGE_DEV_USER", "dev")
        .with("GATELODGE_LOG__FILTER", "trace");
    let lodge = deployment.start().await;
    let ask = async |accept: &str, cookie: &str| {
        let headers = [
            ("accept", accept),
            ("cookie", cookie),
            ("x-forwarded-method", "GET"),
            ("x-forwarded-proto", "http"),
            ("x-forwarded-host", "127.0.0.1:9000"),
            ("x-forwarded-uri", "/deep?link"),
        ];
        lodge.get("/forward-auth/app", &headers).await
    };
    let (page, script) = ("text/html", "application/json");
    assert_eq!(ask(script, "").await.status, 401);
    let sent = ask(page, "").await;
    assert_eq!(sent.status, 302, "{sent:?}");
    let link = sent.header("location").strip_prefix("http://127.0.0.1");
    let link = link.unwrap();
    let stranger = lodge.get(link, &[]).await;
    let sign_in = stranger.header("location");
    assert!(sign_in.starts_with("/sign-in?"), "{stranger:?}");

    let signed_in = lodge.send("POST", "/api/session/dev", &[], "{}").await;
    let session = signed_in.header("set-cookie").split(';').next().unwrap();
    let back = lodge.get(link, &[("cookie", session)]).await;
    let address = "http://127.0.0.1:9000/deep?link";
    assert_eq!(back.header("location"), address, "{back:?}");
    let cookies = back.headers.get_all("set-cookie").iter();
    let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap());
    let cookie = cookies.find(|cookie| cookie.starts_with("gl_gate="));
    let cookie = cookie.unwrap().split(';').next().unwrap();
    let passed = ask(script, cookie).await;
    let who = passed.header("x-authenticated-user");
    assert_eq!((passed.status, who), (204, "local:dev"));
    let api = lodge.get("/api/me", &[("cookie", cookie)]).await;
    assert_eq!(api.status, 401);

    let state = lodge
        .get("/api/session", &[("cookie", session)])
        .await
        .json();
    let csrf = state["csrf"].as_str().unwrap();
    let fields = [("cookie", session), ("x-csrf-token", csrf)];
    let out = lodge.send("DELETE", "/api/session", &fields, "").await;
    assert_eq!(out.status, 200, "{out:?}");
    assert_eq!(ask(script, cookie).await.status, 401);
    assert_eq!(ask(page, cookie).await.status, 302);
    let value = cookie.split_once('=').unwrap().1;
    assert!(!lodge.log().contains(value), "the cookie is in the log");
}

#[tokio::test]
async fn a_browser_passes_gates_on_the_embedded_store() {
    a_browser_signs_in_at_the_gate_and_out(Deployment::embedded()).await;
}

#[tokio::test]
async fn a_browser_passes_gates_on_valkey() {
    a_browser_signs_in_at_the_gate_and_out(Deployment::valkey().await).await;
}

#[test]
fn a_gate_that_takes_sessions_needs_a_portal_that_its_cookie_reaches() {
    let refused = |variables: &[(&'static str, &str)], word: &str| {
        let mut deployment = Deployment::embedded().with("GATELODGE_GATES", GATES);
        for (name, value) in variables {
            deployment = deployment.with(name, *value);
        }
        let output = deployment.run(&["config", "check"]);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(78), "{output:?}");
        assert!(words.contains(word), "{words}");
    };
    refused(&[], "public_url");
    let url = ("GATELODGE_PUBLIC_URL", "https://lodge.example.com");
    for domain in ["badexample.com", "com", "lodge.example.com.evil.example"] {
        refused(
            &[url, ("GATELODGE_SESSIONS__COOKIE_DOMAIN", domain)],
            "sessions.cookie_domain",
        );
    }
    refused(
        &[
            url,
            ("GATELODGE_SESSIONS__TRUSTED_ORIGINS", "app.example.com"),
        ],
        "sessions.trusted_origins",
    );
}
