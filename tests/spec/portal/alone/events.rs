//! What the log says about changes and refusals: who, what, which key, under
//! which request. Never a secret.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use super::{Alone, options};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Lines {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

impl Lines {
    fn take(&self) -> (String, Vec<Value>) {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8(bytes).unwrap();
        let events = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let events = events.collect();
        (text, events)
    }
}

#[actix_web::test]
async fn each_change_is_one_event_and_no_secret_is_in_it() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(lines.clone())
        .finish();
    let portal = Alone::with(options()).await;
    let _guard = tracing::subscriber::set_default(subscriber);
    let alice = "person corp:alice";

    let (_, minted) = portal
        .json(alice, "POST", "/api/me/tokens", json!({"name": "ci"}))
        .await;
    let path = format!("/api/me/tokens/{}", minted["id"].as_str().unwrap());
    portal
        .json(alice, "PATCH", &path, json!({"name": "cd"}))
        .await;
    let rotate = format!("{path}/rotate");
    let (_, rotated) = portal.json(alice, "POST", &rotate, json!({})).await;
    portal.json(alice, "DELETE", &path, json!({})).await;
    portal
        .json(alice, "DELETE", "/api/me/tokens", json!({}))
        .await;
    portal.json(alice, "GET", "/api/me/tokens", json!({})).await;

    let (text, events) = lines.take();
    for minted in [&minted, &rotated] {
        assert!(!text.contains(minted["token"].as_str().unwrap()), "{text}");
    }
    let changes: Vec<_> = events
        .iter()
        .map(|event| event["fields"]["change"].clone())
        .collect();
    assert_eq!(
        json!(changes),
        json!(["mint", "edit", "rotate", "revoke", "revoke_all"])
    );
    for event in &events {
        let fields = &event["fields"];
        assert_eq!(event["level"], "INFO", "{event}");
        assert_eq!(fields["actor"], "corp:alice", "{event}");
        assert_eq!(fields["subject"], "corp:alice", "{event}");
        assert!(fields["request.id"].is_string(), "{event}");
        if fields["change"] != "revoke_all" {
            assert_eq!(fields["key.id"], minted["id"], "{event}");
        }
    }
}

#[actix_web::test]
async fn each_refusal_is_one_warning_with_its_reason() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(lines.clone())
        .finish();
    let portal = Alone::with(options()).await;
    let _guard = tracing::subscriber::set_default(subscriber);
    for (who, method, body, reason) in [
        ("key_expired", "GET", json!({}), "key_expired"),
        (
            "key corp:alice models:read",
            "GET",
            json!({}),
            "missing_scope",
        ),
        (
            "person corp:alice",
            "POST",
            json!({"scopes": ["billing"]}),
            "not_grantable",
        ),
    ] {
        portal.json(who, method, "/api/me/tokens", body).await;
        let (text, events) = lines.take();
        assert_eq!(events.len(), 1, "{text}");
        assert_eq!(events[0]["level"], "WARN", "{text}");
        assert_eq!(events[0]["fields"]["decision.reason"], reason, "{text}");
        assert!(events[0]["fields"]["request.id"].is_string(), "{text}");
    }
}
