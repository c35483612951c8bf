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
