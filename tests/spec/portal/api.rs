//! A client of the API, in few words.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::app::TestLodge;

/// Somebody who calls the API.
pub struct Api {
    root: String,
    client: reqwest::Client,
    credential: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub text: String,
}

impl Api {
    /// Somebody without a credential.
    pub fn nobody(lodge: &TestLodge) -> Self {
        Self {
            root: format!("{}/", lodge.url()),
            client: lodge.client(),
            credential: None,
        }
    }

    /// Whoever holds that key.
    pub fn holding(lodge: &TestLodge, key: &str) -> Self {
        Self {
            credential: Some(key.to_owned()),
            ..Self::nobody(lodge)
        }
    }

    /// An owner by a fresh key with these scopes.
    pub async fn of(lodge: &TestLodge, owner: &str, scopes: &[&str]) -> Self {
        Self::holding(lodge, &lodge.mint(owner, scopes).await)
    }

    /// An owner by a fresh key that manages their keys.
    pub async fn manager(lodge: &TestLodge, owner: &str) -> Self {
        Self::of(lodge, owner, &["gatelodge:keys"]).await
    }

    /// The administrator.
    pub fn administrator(lodge: &TestLodge) -> Self {
        Self::holding(lodge, &lodge.admin_key())
    }

    /// A request, to be refined.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let path = path.strip_prefix('/').unwrap();
        let url = format!("{}{path}", self.root);
        let request = self.client.request(method, url);
        match &self.credential {
            Some(key) => request.header("authorization", format!("Bearer {key}")),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.request("GET", path)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        answer(self.request("DELETE", path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, body).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Value) -> Answer {
        answer(with_json(self.request(method, path), &body)).await
    }
}

/// Adds a JSON body.
pub fn with_json(request: reqwest::RequestBuilder, body: &Value) -> reqwest::RequestBuilder {
    request
        .header("content-type", "application/json")
        .body(body.to_string())
}

/// Sends a request.
pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let text = response.text().await.unwrap();
    Answer {
        status,
        headers,
        text,
    }
}

impl Answer {
    /// Asserts the status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A member of the body that is a text.
    #[track_caller]
    pub fn member(&self, name: &str) -> String {
        let body = self.json();
        let text = body[name].as_str();
        text.unwrap_or_else(|| panic!("no text {name} in {body}"))
            .to_owned()
    }

    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Asserts that it is a problem of that kind, and gives its `detail`.
    #[track_caller]
    pub fn problem(&self, kind: &str) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let body = self.json();
        assert_eq!(
            body["type"],
            format!("urn:gatelodge:problem:{kind}"),
            "{body}"
        );
        assert_eq!(body["status"], self.status, "{body}");
        assert_eq!(body["request_id"], self.header("x-request-id"), "{body}");
        self.member("detail")
    }

    /// Asserts that it refuses a field, and gives which.
    #[track_caller]
    pub fn refused_field(&self) -> String {
        assert_eq!(self.status, 400, "{self:?}");
        self.problem("invalid-field");
        self.member("field")
    }
}
