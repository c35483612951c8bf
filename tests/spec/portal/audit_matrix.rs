//! Every route that changes something leaves an event that says who, what, when,
//! from where, and by which request.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::accounts::{self, ANOTHER, PASSWORD};
use super::api::{Answer, Api, answer, with_json};
use super::browser::Browser;
use super::permission_matrix::MATRIX;
use crate::support::app::TestLodge;

/// What is not for changing anything, though it is not GET.
const CHANGE_NOTHING: [(&str, &str); 2] = [
    ("POST", "/api/welcome/look"),
    ("POST", "/api/gates/{gate}/explain"),
];
/// Where there is a `dev_user` or a provider only, with tests of their own.
const ELSEWHERE: [(&str, &str); 2] = [
    ("POST", "/api/session/dev"),
    ("POST", "/auth/{provider}/back-channel-logout"),
];

struct Walk {
    lodge: TestLodge,
    /// An administrator in person.
    root: Browser,
    seen: BTreeSet<(String, String)>,
}

impl Walk {
    /// Notes a route, and looks for the event of the answer.
    async fn left(&mut self, method: &str, route: &str, answer: Answer, action: &str) -> Answer {
        assert!(answer.status < 300, "{method} {route}: {answer:?}");
        self.seen.insert((method.to_owned(), route.to_owned()));
        let request_id = answer.header("x-request-id");
        let path = format!("/api/events?action={action}&limit=50");
        let events = Api::administrator(&self.lodge).get(&path).await.is(200);
        let events = events.json();
        let of_request = |event: &&Value| event["request_id"] == request_id;
        let event = events.as_array().unwrap().iter().find(of_request);
        let event = event.unwrap_or_else(|| panic!("{method} {route} left no {action}: {events}"));
        for member in ["actor", "at", "address"] {
            let text = event[member].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{method} {route}: {member}: {event}");
        }
        answer
    }

    /// An administrator in person does something.
    async fn root(&mut self, method: &str, route: &str, path: &str, body: Value, action: &str) {
        let request = self.root.request(method, path);
        let request = if body.is_null() {
            request
        } else {
            with_json(request, &body)
        };
        let answer = answer(request).await;
        self.left(method, route, answer, action).await;
    }

    async fn key_of(&self, owner: &str) -> String {
        self.lodge.mint(owner, &[]).await[4..20].to_owned()
    }

    /// All that is done to keys below one path.
    async fn keys(&mut self, by: &Api, owner: &str, route: &str) {
        let base = route.replace("{sub}", owner);
        let one = format!("{route}/{{id}}");
        let minted = by.post(&base, json!({"name": "new"})).await;
        let minted = self.left("POST", route, minted, "key.minted").await;
        let path = format!("{base}/{}", minted.member("id"));
        for (change, action) in [
            (json!({"name": "renamed"}), "key.renamed"),
            (json!({"methods": ["GET"]}), "key.narrowed"),
            (json!({"disabled": true}), "key.disabled"),
            (json!({"disabled": false}), "key.enabled"),
        ] {
            let changed = by.patch(&path, change).await;
            self.left("PATCH", &one, changed, action).await;
        }
        for (step, action) in [
            ("revoke", "key.revocation_started"),
            ("restore", "key.revocation_undone"),
            ("rotate", "key.rotated"),
        ] {
            let done = by.post(&format!("{path}/{step}"), json!({})).await;
            self.left("POST", &format!("{one}/{step}"), done, action)
                .await;
        }
        let gone = by.delete(&path).await;
        self.left("DELETE", &one, gone, "key.revoked").await;
        let ids = json!({"ids": [self.key_of(owner).await]});
        let gone = by.post(&format!("{base}/revoke"), ids).await;
        self.left("POST", &format!("{route}/revoke"), gone, "key.revoked")
            .await;
        self.key_of(owner).await;
        let gone = by.delete(&base).await;
        self.left("DELETE", route, gone, "key.revoked").await;
    }

    async fn accounts(&mut self) {
        let one = "/api/accounts/{username}";
        let carol = json!({"username": "carol"});
        let made = self.root.post("/api/accounts", carol).await;
        let made = self
            .left("POST", "/api/accounts", made, "account.created")
            .await;
        let path = "/api/accounts/carol";
        let link = made.json()["link"]["url"].clone();
        let token = link.as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let password = json!({"token": token, "password": PASSWORD});
        let welcome = Api::nobody(&self.lodge)
            .post("/api/welcome", password)
            .await;
        self.left("POST", "/api/welcome", welcome, "account.password_changed")
            .await;
        for (change, action) in [
            (json!({"name": "Carol"}), "account.changed"),
            (json!({"disabled": true}), "account.disabled"),
            (json!({"disabled": false}), "account.enabled"),
        ] {
            self.root("PATCH", one, path, change, action).await;
        }
        let reset = format!("{one}/reset");
        self.root(
            "POST",
            &reset,
            &format!("{path}/reset"),
            json!({}),
            "account.reset",
        )
        .await;

        let sign_in = json!({"username": "carol", "password": PASSWORD});
        let signed_in = Api::nobody(&self.lodge).post("/api/session", sign_in).await;
        let signed_in = self
            .left("POST", "/api/session", signed_in, "session.started")
            .await;
        let carol = Browser::after(&self.lodge, &signed_in).await;
        let change = json!({"current_password": PASSWORD, "new_password": ANOTHER});
        let changed = answer(with_json(carol.request("PUT", "/api/me/password"), &change)).await;
        let changed = self
            .left(
                "PUT",
                "/api/me/password",
                changed,
                "account.password_changed",
            )
            .await;
        let carol = Browser::after(&self.lodge, &changed).await;
        let ended = carol.send("DELETE", "/api/session").await;
        self.left("DELETE", "/api/session", ended, "session.ended")
            .await;
        self.root("DELETE", one, path, Value::Null, "account.deleted")
            .await;
    }

    async fn sessions(&mut self) {
        let browser = Browser::of(&self.lodge, "corp:dave").await;
        let other = async |lodge: &TestLodge| {
            Browser::of(lodge, "corp:dave").await;
            let list = browser.get("/api/me/sessions").await.is(200).json();
            let list = list.as_array().unwrap().clone();
            let other = list.iter().find(|one| one["current"] == false).cloned();
            other.unwrap()["id"].as_str().unwrap().to_owned()
        };
        let id = other(&self.lodge).await;
        let ended = browser
            .send("DELETE", &format!("/api/me/sessions/{id}"))
            .await;
        self.left("DELETE", "/api/me/sessions/{id}", ended, "session.ended")
            .await;
        other(&self.lodge).await;
        let ended = browser.send("DELETE", "/api/me/sessions").await;
        self.left("DELETE", "/api/me/sessions", ended, "session.ended")
            .await;
        let id = other(&self.lodge).await;
        let route = "/api/users/{sub}/sessions";
        let path = "/api/users/corp:dave/sessions";
        let one = format!("{path}/{id}");
        self.root(
            "DELETE",
            &format!("{route}/{{id}}"),
            &one,
            Value::Null,
            "session.ended",
        )
        .await;
        self.root("DELETE", route, path, Value::Null, "session.ended")
            .await;
    }

    async fn people(&mut self) {
        for (disabled, action) in [(true, "owner.disabled"), (false, "owner.enabled")] {
            let body = json!({ "disabled": disabled });
            self.root("PATCH", "/api/users/{sub}", "/api/users/erin", body, action)
                .await;
        }
        let id = self.key_of("erin").await;
        for (path, body, action) in [
            (
                "/api/tokens/revoke",
                json!({"ids": [id], "undoable": true}),
                "key.revocation_started",
            ),
            (
                "/api/tokens/restore",
                json!({"ids": [id]}),
                "key.revocation_undone",
            ),
            ("/api/tokens/revoke", json!({"ids": [id]}), "key.revoked"),
        ] {
            self.root("POST", path, path, body, action).await;
        }
    }
}

#[tokio::test]
async fn every_route_that_changes_something_leaves_an_event() {
    let lodge = TestLodge::start().await;
    let root = accounts::administrator(&lodge).await;
    let mut walk = Walk {
        lodge,
        root,
        seen: BTreeSet::new(),
    };
    let alice = Api::manager(&walk.lodge, "alice").await;
    walk.keys(&alice, "alice", "/api/me/tokens").await;
    let administrator = Api::administrator(&walk.lodge);
    walk.keys(&administrator, "bob", "/api/users/{sub}/tokens")
        .await;
    walk.accounts().await;
    walk.sessions().await;
    walk.people().await;

    let changing: BTreeSet<_> = MATRIX
        .iter()
        .map(|(method, path, _)| (*method, *path))
        .filter(|route| {
            route.0 != "GET" && !ELSEWHERE.contains(route) && !CHANGE_NOTHING.contains(route)
        })
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(walk.seen, changing);
}
