//! `POST /api/me/tokens`.

use serde_json::{Value, json};

use super::super::api::{Answer, Api, answer, with_json};
use crate::support::app::TestLodge;

const PATH: &str = "/api/me/tokens";

async fn refused(api: &Api, body: Value) -> String {
    api.post(PATH, body).await.refused_field()
}

#[tokio::test]
async fn a_minted_key_opens_and_has_the_members_of_the_former_service() {
    let lodge = TestLodge::start().await;
    let alice = Api::of(&lodge, "alice", &["gatelodge:keys", "models:*"]).await;
    let body = json!({"description": " ci ", "scopes": ["models:read"]});
    let minted = alice.post(PATH, body).await.is(201);
    assert_eq!(minted.header("cache-control"), "no-store");
    assert_eq!(minted.member("sub"), "alice");
    assert_eq!(minted.member("description"), "ci");
    assert_eq!(minted.member("name"), "ci");
    assert_eq!(minted.member("kind"), "native");
    assert_eq!(minted.member("status"), "active");
    assert_eq!(minted.json()["scopes"], json!(["models:read"]));
    assert_eq!(minted.json()["expires_at"], Value::Null);
    let id = minted.member("id");
    assert_eq!(minted.header("location"), format!("{PATH}/{id}"));
    assert_eq!(minted.member("display"), format!("glk_{id}…"));
    let token = minted.member("token");
    assert!(token.starts_with(&format!("glk_{id}")), "{token}");

    let me = Api::holding(&lodge, &token).get("/api/me").await.is(200);
    assert_eq!(me.member("owner"), "alice");
    assert_eq!(me.member("key_id"), id);
}

#[tokio::test]
async fn nothing_need_be_said() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "corp:alice").await;
    let minted = alice.post(PATH, json!({})).await.is(201);
    assert_eq!(minted.member("sub"), "corp:alice");
    assert_eq!(minted.json()["description"], Value::Null);
    assert_eq!(minted.json()["scopes"], json!([]));
    let nulls = json!({"description": null, "scopes": null, "expires_at": null});
    alice.post(PATH, nulls).await.is(201);
}

#[tokio::test]
async fn an_end_is_written_as_people_write_it() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    for (body, end) in [
        (
            json!({"expires_at": "2127-01-31T12:00:00+01:00"}),
            json!("2127-01-31T11:00:00Z"),
        ),
        (
            json!({"expires_at": "2127-01-31"}),
            json!("2127-02-01T00:00:00Z"),
        ),
        (json!({"expires_at": "never"}), Value::Null),
    ] {
        let minted = alice.post(PATH, body.clone()).await.is(201);
        assert_eq!(minted.json()["expires_at"], end, "{body}");
    }
    let in_days = alice
        .post(PATH, json!({"expires_in_days": 30}))
        .await
        .is(201);
    assert!(in_days.member("expires_at") > in_days.member("created_at"));
}

#[tokio::test]
async fn a_field_that_cannot_be_accepted_is_named() {
    let lodge = TestLodge::start().await;
    let alice = Api::of(&lodge, "alice", &["gatelodge:keys", "models:*"]).await;
    for (body, field) in [
        (json!({"description": "ä".repeat(129)}), "description"),
        (json!({"name": "x".repeat(257)}), "name"),
        (json!({"name": "a\u{7}b"}), "name"),
        (json!({"name": "a", "description": "b"}), "description"),
        (json!({"nmae": "a"}), "nmae"),
        (json!({"name": 7}), "name"),
        (json!({"expires_at": "tomorrow"}), "expires_at"),
        (json!({"expires_at": "2001-01-01"}), "expires_at"),
        (json!({"expires_in_days": 0}), "expires_in_days"),
        (json!({"expires_in_days": -1}), "expires_in_days"),
        (
            json!({"expires_in_days": 1, "expires_at": "never"}),
            "expires_in_days",
        ),
        (json!({"scopes": ["models:read", "a b"]}), "scopes[1]"),
        (json!({"scopes": "models:read"}), "scopes"),
        (json!({"scopes": ["models:read", 7]}), "scopes[1]"),
    ] {
        assert_eq!(refused(&alice, body.clone()).await, field, "{body}");
    }
    alice
        .post(PATH, json!({"description": "ä".repeat(128)}))
        .await
        .is(201);
}

#[tokio::test]
async fn a_body_is_json_and_bounded() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let raw = |body: String| {
        let request = alice.request("POST", PATH).body(body);
        answer(request.header("content-type", "application/json"))
    };
    raw(String::new())
        .await
        .is(400)
        .problem("malformed-request");
    let detail = raw("{\"name\":\n}".to_owned()).await.is(400);
    assert!(
        detail
            .problem("malformed-request")
            .contains("line 2 column 1")
    );
    raw("[]".to_owned()).await.is(400);
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(70_000));
    raw(large).await.is(413).problem("too-large");
    let untyped = alice.request("POST", PATH).body("{}");
    answer(untyped)
        .await
        .is(415)
        .problem("unsupported-media-type");
}

#[tokio::test]
async fn a_key_hands_on_no_more_than_it_has() {
    let lodge = TestLodge::start().await;
    let alice = Api::of(&lodge, "alice", &["gatelodge:keys", "models:*"]).await;
    for scope in [
        "billing:read",
        "gatelodge:keys",
        "gatelodge:admin",
        "gatelodge:*",
    ] {
        let wider = alice.post(PATH, json!({"scopes": [scope]})).await.is(403);
        assert!(
            wider.problem("insufficient-rights").contains(scope),
            "{scope}"
        );
    }
    let short = alice
        .post(PATH, json!({"expires_in_days": 1}))
        .await
        .is(201);
    assert_eq!(short.json()["scopes"], json!([]));
}

async fn create_again(api: &Api, idempotency_key: &str, body: Value) -> Answer {
    let request = api
        .request("POST", PATH)
        .header("idempotency-key", idempotency_key);
    answer(with_json(request, &body)).await
}

#[tokio::test]
async fn the_same_request_made_again_gets_the_same_answer() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &["gatelodge:keys"]).await;
    let alice = Api::holding(&lodge, &key);
    let once = create_again(&alice, "0123456789abcdef", json!({"name": "ci"}))
        .await
        .is(201);
    let again = create_again(&alice, "0123456789abcdef", json!({"name": "ci"}))
        .await
        .is(201);
    assert_eq!(once.json(), again.json());
    assert_eq!(alice.get(PATH).await.json().as_array().unwrap().len(), 2);

    create_again(&alice, "0123456789abcdef", json!({"name": "other"}))
        .await
        .is(422)
        .problem("idempotency-mismatch");
    let fresh = create_again(&alice, "0123456789abcdeF", json!({"name": "ci"}))
        .await
        .is(201);
    assert_ne!(fresh.member("id"), once.member("id"));

    // Another caller cannot fetch an answer that was not theirs.
    let other = Api::manager(&lodge, "alice").await;
    let theirs = create_again(&other, "0123456789abcdef", json!({"name": "ci"}))
        .await
        .is(201);
    assert_ne!(theirs.member("id"), once.member("id"));
}

#[tokio::test]
async fn an_idempotency_key_that_could_be_guessed_is_refused() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    for bad in ["short", "0123456789 abcdef", &"x".repeat(256)] {
        let refused = create_again(&alice, bad, json!({})).await;
        assert_eq!(refused.refused_field(), "Idempotency-Key", "{bad}");
    }
    let twice = alice
        .request("POST", PATH)
        .header("idempotency-key", "0123456789abcdef")
        .header("idempotency-key", "0123456789abcdef");
    let twice = answer(with_json(twice, &json!({}))).await;
    assert_eq!(twice.refused_field(), "Idempotency-Key");
}

#[tokio::test]
async fn an_owner_has_so_many_keys_and_no_more() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let max = alice.get("/api/me").await.json()["limits"]["per_owner_max"]
        .as_u64()
        .unwrap();
    for _ in 1..max {
        alice.post(PATH, json!({})).await.is(201);
    }
    alice
        .post(PATH, json!({}))
        .await
        .is(409)
        .problem("key-limit");
}
