//! People with a JWT, whom no key stands for.

use gatelodge::domain::reason::{Outcome, Reason};
use serde_json::json;

use super::{Alone, options};

#[actix_web::test]
async fn a_person_manages_their_own_keys_and_nobody_elses() {
    let portal = Alone::with(options()).await;
    let alice = "person corp:alice";
    let (status, minted) = portal
        .json(
            alice,
            "POST",
            "/api/me/tokens",
            json!({"scopes": ["models:read", "gatelodge:keys"]}),
        )
        .await;
    assert_eq!(status, 201);
    assert_eq!(minted["sub"], "corp:alice");
    assert_eq!(minted["created_by"], "corp:alice");
    let (status, _) = portal
        .json(alice, "GET", "/api/users/corp:alice/tokens", json!({}))
        .await;
    assert_eq!(status, 403);
    for scope in ["billing", "gatelodge:admin"] {
        let body = json!({"scopes": [scope]});
        let (status, _) = portal.json(alice, "POST", "/api/me/tokens", body).await;
        assert_eq!(status, 403, "{scope}");
    }
}

#[actix_web::test]
async fn an_administrator_grants_everything_within_their_tenant() {
    let portal = Alone::with(options()).await;
    let root = "admin corp:root";
    let body = json!({"scopes": ["billing", "gatelodge:admin"]});
    let path = "/api/users/corp:alice/tokens";
    let (status, minted) = portal.json(root, "POST", path, body).await;
    assert_eq!(status, 201, "{minted}");
    assert_eq!(minted["created_by"], "corp:root");
    // Another tenant's people are another administrator's.
    let path = "/api/users/partner:alice/tokens";
    let (status, refused) = portal.json(root, "POST", path, json!({})).await;
    assert_eq!(status, 403);
    assert_eq!(refused["message"], "admin privileges required");
}

#[actix_web::test]
async fn a_key_never_grants_our_own_scopes_even_an_administrators() {
    let portal = Alone::with(options()).await;
    let key = "key corp:alice gatelodge:keys models:read";
    let body = json!({"scopes": ["gatelodge:keys"]});
    let (status, _) = portal.json(key, "POST", "/api/me/tokens", body).await;
    assert_eq!(status, 403);
    let wildcard = "key corp:alice gatelodge:*";
    let (status, _) = portal
        .json(wildcard, "GET", "/api/me/tokens", json!({}))
        .await;
    assert_eq!(status, 403, "no wildcard implies our own scopes");
}

#[actix_web::test]
async fn every_reason_leads_to_the_answer_of_its_kind() {
    let portal = Alone::with(options()).await;
    for reason in Reason::ALL {
        let (status, body) = portal
            .json(reason.as_str(), "GET", "/api/me", json!({}))
            .await;
        let wanted = match reason.outcome() {
            Outcome::Challenge => 401,
            Outcome::Forbid => 403,
            Outcome::Malformed => 400,
            Outcome::Unavailable => 503,
        };
        assert_eq!(status, wanted, "{}", reason.as_str());
        assert!(!body.to_string().contains(reason.as_str()), "{body}");
    }
    let (_, body) = portal
        .json("token_subject", "GET", "/api/me", json!({}))
        .await;
    assert_eq!(body["message"], "subject claim missing");
}
