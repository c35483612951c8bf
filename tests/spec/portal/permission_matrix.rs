//! Every route, and who may use it.

use std::collections::BTreeSet;

use serde_json::json;

use super::api::{Answer, Api, answer, with_json};
use crate::support::app::TestLodge;

/// Who asks: nobody; somebody with a key that was made up; a key without a
/// scope; a key that manages its owner's keys; an administrator's key; a key
/// with the administrator's scope, whose owner is none.
pub(super) const CALLERS: usize = 6;

pub(super) type Row = (&'static str, &'static str, [u16; CALLERS]);

const OPEN: [u16; CALLERS] = [200; CALLERS];

/// Never for a key.
const PERSONS: [u16; CALLERS] = [401, 401, 403, 403, 403, 403];

/// An id of the right shape, and nobody's: where a caller may ask, it is not found.
const NO_ID: &str = "00abcdefghABCDEF";

/// The last row revokes the keys of whoever asks.
pub(super) const MATRIX: &[Row] = &[
    ("GET", "/api/session", OPEN),
    ("POST", "/api/session", [400; CALLERS]),
    ("POST", "/api/welcome", [400; CALLERS]),
    ("POST", "/api/welcome/look", [400; CALLERS]),
    ("DELETE", "/api/session", OPEN),
    ("POST", "/api/session/dev", [404; CALLERS]),
    ("GET", "/auth/{provider}/start", [303; CALLERS]),
    ("GET", "/auth/{provider}/callback", [303; CALLERS]),
    ("GET", "/auth/{provider}/sign-out", [303; CALLERS]),
    (
        "POST",
        "/auth/{provider}/back-channel-logout",
        [400; CALLERS],
    ),
    // No gate takes sessions here, and nothing is known of who asks.
    ("GET", "/enter", [404; CALLERS]),
    ("GET", "/api/me", [401, 401, 200, 200, 200, 200]),
    ("GET", "/api/me/tokens", [401, 401, 403, 200, 200, 403]),
    ("POST", "/api/me/tokens", [401, 401, 403, 201, 201, 403]),
    ("GET", "/api/me/tokens/{id}", [401, 401, 403, 404, 404, 403]),
    (
        "PATCH",
        "/api/me/tokens/{id}",
        [401, 401, 403, 404, 404, 403],
    ),
    (
        "DELETE",
        "/api/me/tokens/{id}",
        [401, 401, 403, 404, 404, 403],
    ),
    (
        "POST",
        "/api/me/tokens/{id}/rotate",
        [401, 401, 403, 404, 404, 403],
    ),
    (
        "GET",
        "/api/users/{sub}/tokens",
        [401, 401, 403, 403, 200, 403],
    ),
    (
        "POST",
        "/api/users/{sub}/tokens",
        [401, 401, 403, 403, 201, 403],
    ),
    (
        "DELETE",
        "/api/users/{sub}/tokens",
        [401, 401, 403, 403, 200, 403],
    ),
    (
        "GET",
        "/api/users/{sub}/tokens/{id}",
        [401, 401, 403, 403, 404, 403],
    ),
    (
        "PATCH",
        "/api/users/{sub}/tokens/{id}",
        [401, 401, 403, 403, 404, 403],
    ),
    (
        "DELETE",
        "/api/users/{sub}/tokens/{id}",
        [401, 401, 403, 403, 404, 403],
    ),
    (
        "POST",
        "/api/users/{sub}/tokens/{id}/rotate",
        [401, 401, 403, 403, 404, 403],
    ),
    (
        "POST",
        "/api/me/tokens/{id}/revoke",
        [401, 401, 403, 404, 404, 403],
    ),
    (
        "POST",
        "/api/me/tokens/{id}/restore",
        [401, 401, 403, 404, 404, 403],
    ),
    (
        "POST",
        "/api/users/{sub}/tokens/{id}/revoke",
        [401, 401, 403, 403, 404, 403],
    ),
    (
        "POST",
        "/api/users/{sub}/tokens/{id}/restore",
        [401, 401, 403, 403, 404, 403],
    ),
    (
        "POST",
        "/api/me/tokens/revoke",
        [401, 401, 403, 400, 400, 403],
    ),
    (
        "POST",
        "/api/users/{sub}/tokens/revoke",
        [401, 401, 403, 403, 400, 403],
    ),
    ("GET", "/api/tokens", [401, 401, 403, 403, 200, 403]),
    ("POST", "/api/tokens/revoke", [401, 401, 403, 403, 400, 403]),
    (
        "POST",
        "/api/tokens/restore",
        [401, 401, 403, 403, 400, 403],
    ),
    ("GET", "/api/users", [401, 401, 403, 403, 200, 403]),
    ("GET", "/api/users/{sub}", [401, 401, 403, 403, 200, 403]),
    ("PATCH", "/api/users/{sub}", [401, 401, 403, 403, 400, 403]),
    ("GET", "/api/me/events", [401, 401, 403, 200, 200, 403]),
    (
        "GET",
        "/api/me/tokens/{id}/events",
        [401, 401, 403, 404, 404, 403],
    ),
    (
        "GET",
        "/api/users/{sub}/tokens/{id}/events",
        [401, 401, 403, 403, 404, 403],
    ),
    ("GET", "/api/events", [401, 401, 403, 403, 200, 403]),
    ("PUT", "/api/me/password", PERSONS),
    ("GET", "/api/accounts", PERSONS),
    ("POST", "/api/accounts", PERSONS),
    ("GET", "/api/accounts/{username}", PERSONS),
    ("PATCH", "/api/accounts/{username}", PERSONS),
    ("DELETE", "/api/accounts/{username}", PERSONS),
    ("POST", "/api/accounts/{username}/reset", PERSONS),
    ("GET", "/api/me/sessions", PERSONS),
    ("DELETE", "/api/me/sessions", PERSONS),
    ("DELETE", "/api/me/sessions/{id}", PERSONS),
    (
        "GET",
        "/api/users/{sub}/sessions",
        [401, 401, 403, 403, 200, 403],
    ),
    (
        "DELETE",
        "/api/users/{sub}/sessions",
        [401, 401, 403, 403, 200, 403],
    ),
    (
        "DELETE",
        "/api/users/{sub}/sessions/{id}",
        [401, 401, 403, 403, 404, 403],
    ),
    ("GET", "/api/scopes", [401, 401, 200, 200, 200, 200]),
    ("GET", "/api/gates", PERSONS),
    ("GET", "/api/me/usage", [401, 401, 403, 200, 200, 403]),
    (
        "GET",
        "/api/me/tokens/{id}/usage",
        [401, 401, 403, 404, 404, 403],
    ),
    (
        "GET",
        "/api/users/{sub}/usage",
        [401, 401, 403, 403, 200, 403],
    ),
    (
        "GET",
        "/api/users/{sub}/tokens/{id}/usage",
        [401, 401, 403, 403, 404, 403],
    ),
    (
        "POST",
        "/api/gates/{gate}/explain",
        [401, 401, 403, 403, 200, 403],
    ),
    ("GET", "/api/openapi.json", OPEN),
    ("GET", "/frontend/config", OPEN),
    ("GET", "/frontend/logo", [404; CALLERS]),
    ("GET", "/api/health", [401, 401, 403, 403, 200, 403]),
    ("GET", "/health/live", OPEN),
    ("GET", "/health/ready", OPEN),
    ("DELETE", "/api/me/tokens", [401, 401, 403, 200, 200, 403]),
];

async fn callers(lodge: &TestLodge, row: usize) -> [Api; CALLERS] {
    // Nobody is touched by what another does.
    let owner = |name: &str| format!("{name}-{row}");
    [
        Api::nobody(lodge),
        Api::holding(lodge, &format!("glk_{}", "0".repeat(65))),
        Api::of(lodge, &owner("plain"), &["models:read"]).await,
        Api::of(lodge, &owner("manager"), &["gatelodge:keys"]).await,
        Api::administrator(lodge),
        Api::of(lodge, &owner("impostor"), &["gatelodge:admin"]).await,
    ]
}

async fn call(api: &Api, method: &str, path: &str) -> Answer {
    let path = path
        .replace("{sub}", "bob")
        .replace("{id}", NO_ID)
        .replace("{gate}", "default")
        .replace("{provider}", "corp");
    let request = api.request(method, &path);
    match method {
        "POST" | "PATCH" => answer(with_json(request, &json!({}))).await,
        _ => answer(request).await,
    }
}

#[tokio::test]
async fn every_route_admits_just_those_who_may() {
    let lodge = TestLodge::start().await;
    let mut found = Vec::new();
    for (row, (method, path, _)) in MATRIX.iter().copied().enumerate() {
        let mut statuses = [0; CALLERS];
        for (place, api) in callers(&lodge, row).await.iter().enumerate() {
            statuses[place] = call(api, method, path).await.status;
        }
        found.push((method, path, statuses));
    }
    assert_eq!(found, MATRIX);
}

#[tokio::test]
async fn no_route_is_missing_from_the_matrix() {
    let lodge = TestLodge::start().await;
    let document = Api::nobody(&lodge)
        .get("/api/openapi.json")
        .await
        .is(200)
        .json();
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["tags"] != json!(["gate"]) {
                described.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    let listed: BTreeSet<_> = MATRIX
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(described, listed);
}

#[tokio::test]
async fn a_refusal_says_what_is_asked_for() {
    let lodge = TestLodge::start().await;
    let nobody = Api::nobody(&lodge).get("/api/me").await.is(401);
    nobody.problem("missing-credential");
    assert_eq!(nobody.member("message"), "missing token");
    assert_eq!(
        nobody.header("www-authenticate"),
        "Bearer realm=\"gatelodge\""
    );

    let made_up = Api::holding(&lodge, "nonsense")
        .get("/api/me")
        .await
        .is(401);
    made_up.problem("invalid-credential");
    assert_eq!(made_up.member("message"), "invalid token");
    assert_eq!(
        made_up.header("www-authenticate"),
        "Bearer realm=\"gatelodge\", error=\"invalid_token\""
    );

    let plain = Api::of(&lodge, "alice", &["models:read"]).await;
    let own = plain.get("/api/me/tokens").await.is(403);
    own.problem("insufficient-rights");
    assert_eq!(
        own.header("www-authenticate"),
        "Bearer realm=\"gatelodge\", error=\"insufficient_scope\", scope=\"gatelodge:keys\""
    );
    let others = plain.get("/api/users/bob/tokens").await.is(403);
    assert_eq!(others.member("message"), "admin privileges required");
    assert_eq!(
        others.header("www-authenticate"),
        "Bearer realm=\"gatelodge\", error=\"insufficient_scope\", scope=\"gatelodge:admin\""
    );
}

#[tokio::test]
async fn a_key_is_read_where_the_gate_reads_it_and_nowhere_else() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    let nobody = Api::nobody(&lodge);
    let by_header = nobody.request("GET", "/api/me").header("x-api-key", &key);
    answer(by_header).await.is(200);
    nobody.get(&format!("/api/me?token={key}")).await.is(401);
    let by_cookie = nobody
        .request("GET", "/api/me")
        .header("cookie", format!("token={key}"));
    answer(by_cookie).await.is(401);

    let other = lodge.mint("bob", &[]).await;
    let both = Api::holding(&lodge, &other);
    let both = both.request("GET", "/api/me").header("x-api-key", &key);
    answer(both)
        .await
        .is(400)
        .problem("conflicting-credentials");
}

#[tokio::test]
async fn a_caller_is_judged_before_the_request_is_read() {
    let lodge = TestLodge::start().await;
    let nobody = Api::nobody(&lodge);
    let bad_body = nobody
        .request("POST", "/api/me/tokens")
        .header("idempotency-key", "short")
        .body("not JSON");
    answer(bad_body).await.is(401);
    nobody.get("/api/me/tokens?limit=x").await.is(401);
    nobody.get("/api/users//tokens").await.is(401);
}
