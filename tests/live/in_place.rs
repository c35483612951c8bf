//! Keys of the former service in their old place, as administrators find them.

use serde_json::{Value, json};

use super::compat::{KEY, former, token, write};
use super::support::oidc::OidcProvider;
use super::support::valkey::Valkey;

#[tokio::test]
async fn administrators_see_keys_in_their_old_place_and_revoke_them_for_good() {
    let valkey = Valkey::start().await;
    let other = "Zbcdefghijklmnopqrstuvwxyz012345";
    let id = write(&valkey, KEY, "alice", "laptop").await;
    let theirs = write(&valkey, other, "bob", "").await;
    let oidc = OidcProvider::start().await;
    let (_deployment, lodge) = former(&valkey, Some(&oidc)).await;
    let admin = token(&oidc, "RS256", "ADMIN").await;
    let get = async |path: &str| {
        let answer = lodge.api(&admin, "GET", path, "").await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json().as_array().unwrap().clone()
    };
    let ids = async |query: &str| -> Vec<String> {
        let (mut ids, mut path) = (Vec::new(), Some(format!("/api/tokens?{query}")));
        while let Some(here) = path {
            let answer = lodge.api(&admin, "GET", &here, "").await;
            assert_eq!(answer.status, 200, "{here}: {answer:?}");
            let tokens = answer.json();
            let tokens = tokens.as_array().unwrap().iter();
            ids.extend(tokens.map(|token| token["id"].as_str().unwrap().to_owned()));
            let link = answer.header("link");
            path = link.find('>').map(|end| link[1..end].to_owned());
        }
        ids.sort();
        ids
    };

    let all = ids("").await;
    assert!(all.contains(&id) && all.contains(&theirs), "{all:?}");
    let mut parts = all.clone();
    parts.dedup();
    assert_eq!(ids("limit=1").await, parts, "each once");
    assert_eq!(ids("search=LAPTOP").await, [&*id]);
    assert_eq!(ids("owner=bob").await, [&*theirs]);
    assert_eq!(ids("filter=too_broad&owner=bob").await, [""; 0]);
    let ends = ids("filter=never_expires").await;
    assert!(ends.contains(&id), "{ends:?}");
    let people = get("/api/users").await;
    for owner in ["alice", "bob"] {
        let found = people.iter().filter(|person| person["owner"] == owner);
        let found: Vec<_> = found.map(|person| &person["keys"]).collect();
        assert_eq!(found, [&json!(1)], "{people:?}");
    }
    assert_eq!(get("/api/users?search=alice").await[0]["keys"], 1);

    // Nobody can take that back, so nobody may think so.
    let revoke = async |body: Value| {
        let body = body.to_string();
        lodge.api(&admin, "POST", "/api/tokens/revoke", &body).await
    };
    let undoable = revoke(json!({"ids": [id], "undoable": true})).await;
    assert_eq!(undoable.status, 409, "{undoable:?}");
    assert_eq!(lodge.gate(KEY).await.status, 204);
    let done = revoke(json!({"ids": [id]})).await;
    assert_eq!((done.status, &done.json()["revoked"]), (200, &json!(1)));
    assert_eq!(lodge.gate(KEY).await.status, 401);
    let found = revoke(json!({"owner": "bob", "confirm_count": 1})).await;
    assert_eq!((found.status, &found.json()["revoked"]), (200, &json!(1)));
    assert_eq!(lodge.gate(other).await.status, 401);
    assert_eq!(get("/api/events?action=key.revoked").await.len(), 2);
}
