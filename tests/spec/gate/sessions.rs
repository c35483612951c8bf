//! Browsers at the gate: who is signed in passes, a page is led to the sign-in
//! and back, and everything else is told 401.

use std::time::Duration;

use gatelodge::domain::subject::{Owner, Tenant};
use reqwest::header::HeaderMap;
use url::Url;

use crate::support::app::TestLodge;

const GATES: &str = r#"[
    {"name": "app", "rules": [
        {"paths": ["/staff/**"], "credentials": ["api_key", "session"], "groups": ["staff"]},
        {"paths": ["/api/**"], "credentials": ["api_key", "session"], "preflight": true},
        {"credentials": ["api_key", "session"]}
    ]},
    {"name": "keys", "rules": [{"credentials": ["api_key"]}]}
]"#;

const PAGE: [(&str, &str); 3] = [
    ("accept", "text/html,*/*;q=0.8"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
];

async fn lodge() -> TestLodge {
    TestLodge::start_with(&[
        ("GATELODGE_GATES", GATES),
        ("GATELODGE_PUBLIC_URL", "https://lodge.example.com"),
        ("GATELODGE_SESSIONS__COOKIE_DOMAIN", "example.com"),
        ("GATELODGE_SESSIONS__TRUSTED_ORIGINS", "tauri://localhost"),
    ])
    .await
}

/// A request as a proxy of the kind of Traefik describes it.
struct Ask<'l> {
    lodge: &'l TestLodge,
    gate: &'static str,
    method: &'static str,
    target: &'static str,
    cookie: Option<String>,
}

impl<'l> Ask<'l> {
    fn of(lodge: &'l TestLodge) -> Self {
        Self {
            lodge,
            gate: "/forward-auth/app",
            method: "GET",
            target: "/deep/link?a=1&b=%20",
            cookie: None,
        }
    }

    fn by(lodge: &'l TestLodge, cookie: &str) -> Self {
        Self {
            cookie: Some(format!("theme=dark; gl_gate={cookie}")),
            ..Self::of(lodge)
        }
    }

    fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    fn target(self, target: &'static str) -> Self {
        Self { target, ..self }
    }

    async fn with(&self, more: &[(&str, &str)]) -> Heard {
        let mut headers = vec![
            ("x-forwarded-method", self.method),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "app.example.com"),
            ("x-forwarded-uri", self.target),
        ];
        headers.extend(self.cookie.as_deref().map(|cookie| ("cookie", cookie)));
        headers.extend(more);
        hear(self.lodge.ask(self.gate, &headers).await).await
    }
}

#[derive(Debug)]
struct Heard {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Heard {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The value that the answer gives a cookie.
    fn cookie(&self, name: &str) -> Option<String> {
        let fields = self.headers.get_all("set-cookie").iter();
        fields
            .filter_map(|field| field.to_str().unwrap().split(';').next()?.split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.to_owned())
    }
}

async fn hear(answer: reqwest::Response) -> Heard {
    Heard {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: answer.text().await.unwrap(),
    }
}

/// Goes to the link of a redirect, as the browser with these cookies.
async fn follow(lodge: &TestLodge, link: &str, cookies: &str) -> Heard {
    let url = Url::parse(link).unwrap();
    assert_eq!(url.origin().ascii_serialization(), "https://lodge.example.com");
    let path = &url[url::Position::BeforePath..];
    hear(lodge.ask(path, &[("cookie", cookies)]).await).await
}

fn portal(cookie: &str) -> String {
    format!("__Host-gl_session={cookie}")
}

/// Somebody signs in and comes by a gate: the gate's cookie.
async fn gate_cookie(lodge: &TestLodge, session: &str) -> String {
    let sent = Ask::of(lodge).with(&PAGE).await;
    let back = follow(lodge, sent.header("location"), &portal(session)).await;
    assert_eq!(back.status, 302, "{back:?}");
    back.cookie("gl_gate").unwrap()
}

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
    let return_to = url::form_urlencoded::parse(query.as_bytes()).next().unwrap();
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
async fn what_is_no_page_is_told_401_and_nothing_else() {
    let lodge = lodge().await;
    let key = lodge.mint("alice", &[]).await;
    let wrong = format!("Bearer {}x", &key[..key.len() - 1]);
    for more in [
        &[][..],
        &[("accept", "*/*")],
        &[("accept", "application/json"), ("sec-fetch-mode", "cors")],
        &[("accept", "text/html"), ("sec-fetch-mode", "cors")],
        &[("accept", "text/html"), ("x-requested-with", "XMLHttpRequest")],
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
    assert_eq!(elsewhere.with(&PAGE).await.status, 401, "a gate without sessions");
}

#[tokio::test]
async fn a_form_is_not_redirected_and_gets_a_page_with_the_way() {
    let lodge = lodge().await;
    let heard = Ask::of(&lodge).method("POST").with(&PAGE).await;
    assert_eq!(heard.status, 401);
    assert_eq!(heard.header("content-type"), "text/html; charset=utf-8");
    assert!(heard.header("content-security-policy").contains("default-src 'none'"));
    assert!(heard.body.contains("href=\"https://lodge.example.com/enter?to="), "{heard:?}");
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
    assert_eq!((passed.status, passed.header("x-authenticated-user")), (200, "corp:alice"));
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
        assert!(answer.headers().get("location").is_none(), "{host}: {answer:?}");
    }
    let (session, _) = lodge.cookie_of("corp:alice").await;
    for to in ["", "to=", "to=https://evil.example/", "to=x.https://app.example.com/", "to=a&to=b"] {
        let path = format!("/enter?{to}");
        let cookie = portal(&session);
        let answer = hear(lodge.ask(&path, &[("cookie", &cookie)]).await).await;
        assert_eq!((answer.status, answer.header("location")), (302, "/"), "{to}");
        assert_eq!(answer.cookie("gl_gate"), None, "{to}");
    }
}

#[tokio::test]
async fn a_session_that_ends_ends_at_every_gate() {
    let lodge = lodge().await;
    let (session, _) = lodge.cookie_of("corp:alice").await;
    let cookie = gate_cookie(&lodge, &session).await;
    let passes = async |cookie: &str| Ask::by(&lodge, cookie).with(&PAGE).await.status == 204;
    assert!(passes(&cookie).await);
    lodge.sessions().end_all_of(&lodge.tag_of("corp:alice"), None).await.unwrap();
    let heard = Ask::by(&lodge, &cookie).with(&PAGE).await;
    assert_eq!(heard.status, 302, "{heard:?}");
    assert_eq!(Ask::by(&lodge, &cookie).with(&[]).await.status, 401);

    let (session, _) = lodge.cookie_of("corp:alice").await;
    let cookie = gate_cookie(&lodge, &session).await;
    let owner = Owner::from_record("corp", "alice").unwrap();
    lodge.sessions().disable_owner(&Tenant::default(), &owner, "root").await.unwrap();
    assert!(!passes(&cookie).await, "disabled");
    lodge.sessions().enable_owner(&Tenant::default(), &owner).await.unwrap();
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
    let request = lodge.client().delete(format!("{}/api/session", lodge.url()));
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
    assert_eq!(at_gate.with(&[]).await.status, 401, "and the portal's opens no gate");
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
    let websocket = [("origin", "https://other.example.com"), ("sec-websocket-key", "x")];
    let get = Ask::by(&lodge, &cookie);
    assert_eq!(get.with(&websocket).await.status, 403);
    assert_eq!(get.with(&websocket[..1]).await.status, 204, "reading is the upstream's to allow");
    // What comes with a key is nobody's browser's doing.
    let key = lodge.mint("alice", &[]).await;
    let by_key = [("x-api-key", key.as_str()), ("origin", "https://evil.example")];
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
            known.groups = vec![gatelodge::domain::subject::GroupName::parse("staff").unwrap()];
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
    let asks = [("origin", "https://other.example"), ("access-control-request-method", "PUT")];
    let open = Ask::of(&lodge).method("OPTIONS").target("/api/x");
    let passed = open.with(&asks).await;
    assert_eq!((passed.status, passed.header("x-authenticated-user")), (204, ""));
    assert!(passed.headers.contains_key("x-authenticated-user"));
    assert_eq!(open.with(&asks[..1]).await.status, 401, "no preflight");
    let get = Ask::of(&lodge).target("/api/x");
    assert_eq!(get.with(&asks).await.status, 401, "no preflight");
    let closed = Ask::of(&lodge).method("OPTIONS").target("/other");
    assert_eq!(closed.with(&asks).await.status, 401);
}

#[tokio::test]
async fn a_browser_that_goes_in_circles_is_told_why() {
    let lodge = lodge().await;
    let (session, _) = lodge.cookie_of("corp:alice").await;
    let link = Ask::of(&lodge).with(&PAGE).await.header("location").to_owned();
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
    let request = request.header("content-type", "application/json").body(body.to_string());
    let signed_in = hear(request.send().await.unwrap()).await;
    let session = signed_in.cookie("__Host-gl_session").unwrap();
    let link = Ask::of(&lodge).with(&PAGE).await.header("location").to_owned();
    let heard = follow(&lodge, &link, &portal(&session)).await;
    assert_eq!((heard.status, heard.header("location")), (302, "/change-password"));
    assert_eq!(heard.cookie("gl_gate"), None);
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
