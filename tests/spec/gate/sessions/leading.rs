//! From a gate to the sign-in and back.

use super::browser::{Ask, PAGE, follow, hear, lodge, portal};

#[tokio::test]
async fn what_is_no_page_is_told_401_and_nothing_else() {
    let lodge = lodge().await;
    let key = lodge.mint("alice", &[]).await;
    let wrong = format!("Bearer {}x", &key[..key.len() - 1]);
    for more in [
        &[][..],
        &[("accept", "*/*")],
        &[("accept", "application/json"), ("sec-fetch-mode", "cors")],
        &[("accept", "text/html"), ("sec-fetch-mode", "cors")],
        &[
            ("accept", "text/html"),
            ("x-requested-with", "XMLHttpRequest"),
        ],
        &[("accept", "text/html"), ("sec-websocket-key", "x")],
        &[("accept", "text/html"), ("sec-fetch-dest", "iframe")],
        &[("accept", "application/grpc"), ("te", "trailers")],
        &[("accept", "text/html"), ("authorization", &wrong)],
    ] {
        let heard = Ask::of(&lodge).with(more).await;
        assert_eq!(heard.status, 401, "{more:?}: {heard:?}");
        assert!(heard.headers.contains_key("www-authenticate"), "{more:?}");
        assert!(!heard.headers.contains_key("location"), "{more:?}");
        assert_eq!(heard.header("content-type"), "application/problem+json");
    }
    let elsewhere = Ask {
        gate: "/forward-auth/keys",
        ..Ask::of(&lodge)
    };
    assert_eq!(
        elsewhere.with(&PAGE).await.status,
        401,
        "a gate without sessions"
    );
}

#[tokio::test]
async fn a_form_is_not_redirected_and_gets_a_page_with_the_way() {
    let lodge = lodge().await;
    let heard = Ask::of(&lodge).method("POST").with(&PAGE).await;
    assert_eq!(heard.status, 401);
    assert_eq!(heard.header("content-type"), "text/html; charset=utf-8");
    assert!(
        heard
            .header("content-security-policy")
            .contains("default-src 'none'")
    );
    assert!(
        heard
            .body
            .contains("href=\"https://lodge.example.com/enter?to="),
        "{heard:?}"
    );
    assert!(heard.body.len() < 4_096);
    let plain = Ask::of(&lodge).method("POST").with(&[]).await;
    assert_eq!(plain.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn nginx_is_given_the_link_and_envoy_the_redirect() {
    let lodge = lodge().await;
    let mut headers = PAGE.to_vec();
    headers.extend([
        ("x-original-method", "GET"),
        ("x-original-url", "https://app.example.com/deep?x"),
    ]);
    let nginx = hear(lodge.ask("/nginx-auth/app", &headers).await).await;
    assert_eq!(nginx.status, 401, "{nginx:?}");
    assert!(nginx.headers.contains_key("www-authenticate"));
    let link = nginx.header("x-auth-redirect").to_owned();
    let (session, _) = lodge.cookie_of("corp:alice").await;
    let back = follow(&lodge, &link, &portal(&session)).await;
    assert_eq!(back.header("location"), "https://app.example.com/deep?x");
    let script = [headers[3], headers[4], ("accept", "*/*")];
    let script = hear(lodge.ask("/nginx-auth/app", &script).await).await;
    assert_eq!((script.status, script.header("x-auth-redirect")), (401, ""));

    let mut headers = PAGE.to_vec();
    headers.extend([("host", "app.example.com"), ("x-forwarded-proto", "https")]);
    let envoy = hear(lodge.ask("/ext-authz/app/deep?x", &headers).await).await;
    assert_eq!(envoy.status, 302, "{envoy:?}");
    let back = follow(&lodge, envoy.header("location"), &portal(&session)).await;
    assert_eq!(back.header("location"), "https://app.example.com/deep?x");
    let cookie = format!("gl_gate={}", back.cookie("gl_gate").unwrap());
    headers.push(("cookie", &cookie));
    let passed = hear(lodge.ask("/ext-authz/app/deep?x", &headers).await).await;
    assert_eq!(
        (passed.status, passed.header("x-authenticated-user")),
        (200, "corp:alice")
    );
}

#[tokio::test]
async fn nobody_is_led_away_from_the_hosts_of_the_cookie() {
    let lodge = lodge().await;
    for host in [
        "evil.example",
        "badexample.com",
        "app.example.com@evil.example",
        "app.example.com.evil.example",
    ] {
        let headers = [
            PAGE[0],
            ("x-forwarded-method", "GET"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", host),
            ("x-forwarded-uri", "/"),
        ];
        let answer = lodge.ask("/forward-auth/app", &headers).await;
        assert!(
            answer.headers().get("location").is_none(),
            "{host}: {answer:?}"
        );
    }
    let (session, _) = lodge.cookie_of("corp:alice").await;
    for to in [
        "",
        "to=",
        "to=https://evil.example/",
        "to=x.https://app.example.com/",
        "to=a&to=b",
    ] {
        let path = format!("/enter?{to}");
        let cookie = portal(&session);
        let answer = hear(lodge.ask(&path, &[("cookie", &cookie)]).await).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (302, "/"),
            "{to}"
        );
        assert_eq!(answer.cookie("gl_gate"), None, "{to}");
    }
}

#[tokio::test]
async fn a_browser_that_goes_in_circles_is_told_why() {
    let lodge = lodge().await;
    let (session, _) = lodge.cookie_of("corp:alice").await;
    let link = Ask::of(&lodge)
        .with(&PAGE)
        .await
        .header("location")
        .to_owned();
    let mut cookies = portal(&session);
    for round in 0..4 {
        let back = follow(&lodge, &link, &cookies).await;
        assert_eq!(back.status, 302, "{round}: {back:?}");
        let rounds = back.cookie("gl_enter").unwrap();
        cookies = format!("{}; gl_enter={rounds}", portal(&session));
    }
    let page = follow(&lodge, &link, &cookies).await;
    assert_eq!(page.status, 409, "{page:?}");
    assert!(page.body.contains("app.example.com") && page.body.contains("cookie_domain"));
    assert!(page.body.contains(page.header("x-request-id")));
    // Another address is another matter.
    let other = Ask::of(&lodge).target("/other").with(&PAGE).await;
    let other = follow(&lodge, other.header("location"), &cookies).await;
    assert_eq!(other.status, 302);
}

#[tokio::test]
async fn whoever_needs_a_new_password_sets_it_first() {
    let lodge = lodge().await;
    let body = serde_json::json!({"username": "admin", "password": lodge.admin_password()});
    let request = lodge.client().post(format!("{}/api/session", lodge.url()));
    let request = request
        .header("content-type", "application/json")
        .body(body.to_string());
    let signed_in = hear(request.send().await.unwrap()).await;
    let session = signed_in.cookie("__Host-gl_session").unwrap();
    let link = Ask::of(&lodge)
        .with(&PAGE)
        .await
        .header("location")
        .to_owned();
    let heard = follow(&lodge, &link, &portal(&session)).await;
    assert_eq!(
        (heard.status, heard.header("location")),
        (302, "/change-password")
    );
    assert_eq!(heard.cookie("gl_gate"), None);
}
