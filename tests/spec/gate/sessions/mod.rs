//! Browsers at the gate: who is signed in passes, a page is led to the sign-in
//! and back, and everything else is told 401.

mod browser;
mod leading;

use std::time::Duration;

use gatelodge::domain::subject::{GroupName, Owner, Tenant};

use self::browser::{Ask, PAGE, follow, gate_cookie, hear, lodge, portal};

#[tokio::test]
async fn a_page_is_led_to_the_sign_in_and_back_and_then_passes() {
    let lodge = lodge().await;
    let sent = Ask::of(&lodge).with(&PAGE).await;
    assert_eq!(sent.status, 302, "{sent:?}");
    assert_eq!(sent.header("cache-control"), "no-store");
    assert!(sent.headers.get("set-cookie").is_none());

    // Not signed in: to the page for it, which leads back here.
    let link = sent.header("location").to_owned();
    let stranger = follow(&lodge, &link, "").await;
    let page = stranger.header("location").to_owned();
    let (path, query) = page.split_once('?').unwrap();
    assert_eq!((stranger.status, path), (302, "/sign-in"));
    let return_to = url::form_urlencoded::parse(query.as_bytes())
        .next()
        .unwrap();
    assert_eq!(return_to.0, "return_to");
    assert!(link.ends_with(&*return_to.1), "{return_to:?} {link}");

    // Signed in: back to where it all began, with the gate's cookie.
    let (session, _) = lodge.cookie_of("corp:alice").await;
    let back = follow(&lodge, &link, &portal(&session)).await;
    assert_eq!(
        (back.status, back.header("location")),
        (302, "https://app.example.com/deep/link?a=1&b=%20")
    );
    let cookie = back.cookie("gl_gate").unwrap();
    let field = back.headers.get("set-cookie").unwrap().to_str().unwrap();
    assert!(
        field.ends_with("; Domain=example.com; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{field}"
    );
    let passed = Ask::by(&lodge, &cookie).with(&PAGE).await;
    assert_eq!(passed.status, 204, "{passed:?}");
    for (name, value) in [
        ("x-authenticated-user", "corp:alice"),
        ("x-authenticated-method", "session"),
        ("x-authenticated-token-id", ""),
        ("x-authenticated-scopes", ""),
    ] {
        assert!(passed.headers.contains_key(name), "{name}");
        assert_eq!(passed.header(name), value, "{name}");
    }
    assert!(passed.headers.get("set-cookie").is_none());
}

#[tokio::test]
async fn a_session_that_ends_ends_at_every_gate() {
    let lodge = lodge().await;
    let (session, _) = lodge.cookie_of("corp:alice").await;
    let cookie = gate_cookie(&lodge, &session).await;
    let passes = async |cookie: &str| Ask::by(&lodge, cookie).with(&PAGE).await.status == 204;
    assert!(passes(&cookie).await);
    lodge
        .sessions()
        .end_all_of(&lodge.tag_of("corp:alice"), None)
        .await
        .unwrap();
    let heard = Ask::by(&lodge, &cookie).with(&PAGE).await;
    assert_eq!(heard.status, 302, "{heard:?}");
    assert_eq!(Ask::by(&lodge, &cookie).with(&[]).await.status, 401);

    let (session, _) = lodge.cookie_of("corp:alice").await;
    let cookie = gate_cookie(&lodge, &session).await;
    let owner = Owner::from_record("corp", "alice").unwrap();
    lodge
        .sessions()
        .disable_owner(&Tenant::default(), &owner, "root")
        .await
        .unwrap();
    assert!(!passes(&cookie).await, "disabled");
    lodge
        .sessions()
        .enable_owner(&Tenant::default(), &owner)
        .await
        .unwrap();
    assert!(!passes(&cookie).await, "what ended stays ended");

    let (session, _) = lodge.cookie_of("corp:alice").await;
    let cookie = gate_cookie(&lodge, &session).await;
    for _ in 0..5 {
        lodge.clock.advance(Duration::from_hours(7));
        assert!(passes(&cookie).await, "in use");
    }
    lodge.clock.advance(Duration::from_hours(9));
    assert!(!passes(&cookie).await, "idle for too long");
}

#[tokio::test]
async fn signing_out_takes_the_cookie_away_too() {
    let lodge = lodge().await;
    let (session, csrf) = lodge.cookie_of("corp:alice").await;
    let cookie = gate_cookie(&lodge, &session).await;
    let request = lodge
        .client()
        .delete(format!("{}/api/session", lodge.url()));
    let request = request
        .header("cookie", portal(&session))
        .header("x-csrf-token", csrf);
    let out = hear(request.send().await.unwrap()).await;
    assert_eq!(out.status, 200, "{out:?}");
    assert_eq!(out.cookie("gl_gate").as_deref(), Some(""));
    assert_eq!(Ask::by(&lodge, &cookie).with(&PAGE).await.status, 302);
}

#[tokio::test]
async fn the_gates_cookie_opens_nothing_but_gates() {
    let lodge = lodge().await;
    let (session, csrf) = lodge.cookie_of("corp:alice").await;
    let cookie = gate_cookie(&lodge, &session).await;
    assert_ne!(cookie, session);
    for name in ["gl_gate", "__Host-gl_session", "gl_session"] {
        let field = format!("{name}={cookie}");
        let fields = [("cookie", field.as_str()), ("x-csrf-token", &csrf)];
        let answer = lodge.ask("/api/me", &fields).await;
        assert_eq!(answer.status(), 401, "{name}");
    }
    let at_gate = Ask {
        cookie: Some(portal(&session)),
        ..Ask::of(&lodge)
    };
    assert_eq!(
        at_gate.with(&[]).await.status,
        401,
        "and the portal's opens no gate"
    );
    for bad in [
        cookie[1..].to_owned(),
        format!("{cookie}; gl_gate={cookie}"),
        session,
    ] {
        assert_eq!(Ask::by(&lodge, &bad).with(&[]).await.status, 401, "{bad}");
    }
}

#[tokio::test]
async fn a_session_changes_things_only_for_pages_of_the_same_origin_or_a_trusted_one() {
    let lodge = lodge().await;
    let (session, _) = lodge.cookie_of("corp:alice").await;
    let cookie = gate_cookie(&lodge, &session).await;
    let post = Ask::by(&lodge, &cookie).method("POST");
    for (fields, status) in [
        (&[][..], 204),
        (&[("origin", "https://app.example.com")], 204),
        (&[("sec-fetch-site", "same-origin")], 204),
        (&[("origin", "tauri://localhost")], 204),
        (&[("origin", "https://other.example.com")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("origin", "null")], 403),
    ] {
        assert_eq!(post.with(fields).await.status, status, "{fields:?}");
    }
    let websocket = [
        ("origin", "https://other.example.com"),
        ("sec-websocket-key", "x"),
    ];
    let get = Ask::by(&lodge, &cookie);
    assert_eq!(get.with(&websocket).await.status, 403);
    assert_eq!(
        get.with(&websocket[..1]).await.status,
        204,
        "reading is the upstream's to allow"
    );
    // What comes with a key is nobody's browser's doing.
    let key = lodge.mint("alice", &[]).await;
    let by_key = [
        ("x-api-key", key.as_str()),
        ("origin", "https://evil.example"),
    ];
    assert_eq!(post.with(&by_key).await.status, 204);
}

#[tokio::test]
async fn a_rule_asks_a_session_for_groups_as_it_asks_others() {
    let lodge = lodge().await;
    let (session, _) = lodge.cookie_of("corp:alice").await;
    let cookie = gate_cookie(&lodge, &session).await;
    let staff = Ask::by(&lodge, &cookie).target("/staff/list");
    assert_eq!(staff.with(&PAGE).await.status, 403);
    lodge
        .write_principal("corp:alice", |known| {
            known.groups = vec![GroupName::parse("staff").unwrap()];
        })
        .await;
    assert_eq!(staff.with(&PAGE).await.status, 204);
    // A credential that is sent along wins.
    let key = lodge.mint("bob", &[]).await;
    let both = [("x-api-key", key.as_str())];
    let heard = Ask::by(&lodge, &cookie).with(&both).await;
    assert_eq!(heard.header("x-authenticated-user"), "bob");
}

#[tokio::test]
async fn a_preflight_passes_where_the_rule_says_so_and_as_nobody() {
    let lodge = lodge().await;
    let asks = [
        ("origin", "https://other.example"),
        ("access-control-request-method", "PUT"),
    ];
    let open = Ask::of(&lodge).method("OPTIONS").target("/api/x");
    let passed = open.with(&asks).await;
    assert_eq!(
        (passed.status, passed.header("x-authenticated-user")),
        (204, "")
    );
    assert!(passed.headers.contains_key("x-authenticated-user"));
    assert_eq!(open.with(&asks[..1]).await.status, 401, "no preflight");
    let get = Ask::of(&lodge).target("/api/x");
    assert_eq!(get.with(&asks).await.status, 401, "no preflight");
    let closed = Ask::of(&lodge).method("OPTIONS").target("/other");
    assert_eq!(closed.with(&asks).await.status, 401);
}

#[tokio::test]
async fn facts_that_nobody_may_state_lead_nowhere() {
    let lodge = lodge().await;
    let (session, _) = lodge.cookie_of("corp:alice").await;
    let cookie = format!("gl_gate={}", gate_cookie(&lodge, &session).await);
    // Without a method it cannot be told whether the request only reads.
    let bare = lodge.ask("/forward-auth/app", &[("cookie", &cookie)]).await;
    assert_eq!(bare.status(), 400, "{bare:?}");
    // Rules that look at the path come first, and refuse as ever.
    let page = lodge.ask("/forward-auth/app", &PAGE).await;
    assert_eq!(page.status(), 400);
}
