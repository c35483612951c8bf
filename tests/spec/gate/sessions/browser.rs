//! A browser and its proxy, in few words.

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

pub const PAGE: [(&str, &str); 3] = [
    ("accept", "text/html,*/*;q=0.8"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-dest", "document"),
];

pub async fn lodge() -> TestLodge {
    TestLodge::start_with(&[
        ("GATELODGE_GATES", GATES),
        ("GATELODGE_PUBLIC_URL", "https://lodge.example.com"),
        ("GATELODGE_SESSIONS__COOKIE_DOMAIN", "example.com"),
        ("GATELODGE_SESSIONS__TRUSTED_ORIGINS", "tauri://localhost"),
    ])
    .await
}

/// A request as a proxy of the kind of Traefik describes it.
pub struct Ask<'l> {
    pub lodge: &'l TestLodge,
    pub gate: &'static str,
    pub method: &'static str,
    pub target: &'static str,
    pub cookie: Option<String>,
}

impl<'l> Ask<'l> {
    pub fn of(lodge: &'l TestLodge) -> Self {
        Self {
            lodge,
            gate: "/forward-auth/app",
            method: "GET",
            target: "/deep/link?a=1&b=%20",
            cookie: None,
        }
    }

    pub fn by(lodge: &'l TestLodge, cookie: &str) -> Self {
        Self {
            cookie: Some(format!("theme=dark; gl_gate={cookie}")),
            ..Self::of(lodge)
        }
    }

    pub fn method(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    pub fn target(self, target: &'static str) -> Self {
        Self { target, ..self }
    }

    pub async fn with(&self, more: &[(&str, &str)]) -> Heard {
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
pub struct Heard {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The value that the answer gives a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let fields = self.headers.get_all("set-cookie").iter();
        fields
            .filter_map(|field| field.to_str().unwrap().split(';').next()?.split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.to_owned())
    }
}

pub async fn hear(answer: reqwest::Response) -> Heard {
    Heard {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        body: answer.text().await.unwrap(),
    }
}

/// Goes to the link of a redirect, as the browser with these cookies.
pub async fn follow(lodge: &TestLodge, link: &str, cookies: &str) -> Heard {
    let url = Url::parse(link).unwrap();
    assert_eq!(
        url.origin().ascii_serialization(),
        "https://lodge.example.com"
    );
    let path = &url[url::Position::BeforePath..];
    hear(lodge.ask(path, &[("cookie", cookies)]).await).await
}

pub fn portal(cookie: &str) -> String {
    format!("__Host-gl_session={cookie}")
}

/// Somebody signs in and comes by a gate: the gate's cookie.
pub async fn gate_cookie(lodge: &TestLodge, session: &str) -> String {
    let sent = Ask::of(lodge).with(&PAGE).await;
    let back = follow(lodge, sent.header("location"), &portal(session)).await;
    assert_eq!(back.status, 302, "{back:?}");
    back.cookie("gl_gate").unwrap()
}
