//! `GET /api/me/tokens` and `GET /api/me/tokens/{id}`.

use serde_json::{Value, json};

use super::super::api::{Answer, Api};
use crate::support::app::TestLodge;

const PATH: &str = "/api/me/tokens";

fn names(answer: &Answer) -> Vec<String> {
    let list = answer.json();
    let name = |key: &Value| key["name"].as_str().unwrap_or_default().to_owned();
    list.as_array().unwrap().iter().map(name).collect()
}

/// The path in `Link: <…>; rel="next"`.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link");
    let path = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
    Some(path.to_owned())
}

async fn with_keys(lodge: &TestLodge, owner: &str, names: &[&str]) -> Api {
    let api = Api::manager(lodge, owner).await;
    for name in names {
        api.post(PATH, json!({"name": name})).await.is(201);
    }
    api
}

#[tokio::test]
async fn the_whole_list_is_an_array_without_secrets() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let minted = alice.post(PATH, json!({"name": "ci"})).await.is(201);
    let list = alice.get(PATH).await.is(200);
    assert_eq!(list.header("link"), "");
    assert_eq!(list.header("cache-control"), "no-store");
    assert!(!list.text.contains(&minted.member("token")));
    let mut expected = minted.json();
    let members = expected.as_object_mut().unwrap();
    members.remove("token");
    members.remove("sub");
    assert_eq!(list.json()[1], expected);
    let shown = alice.get(minted.header("location")).await.is(200);
    assert_eq!(shown.json(), expected);
    assert!(shown.member("created_by").starts_with("key "), "{shown:?}");
    assert!(
        shown.member("created_by").ends_with(" of alice"),
        "{shown:?}"
    );
}

#[tokio::test]
async fn a_list_comes_in_parts_that_join_without_gap() {
    let lodge = TestLodge::start().await;
    let alice = with_keys(&lodge, "alice", &["a", "b", "c", "d"]).await;
    let whole = names(&alice.get(PATH).await.is(200));
    let mut path = format!("{PATH}?limit=2");
    let mut joined = Vec::new();
    loop {
        let part = alice.get(&path).await.is(200);
        assert!(names(&part).len() <= 2);
        joined.extend(names(&part));
        match next(&part) {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(joined, whole);
}

#[tokio::test]
async fn a_cursor_opens_only_the_list_that_it_is_of() {
    let lodge = TestLodge::start().await;
    let alice = with_keys(&lodge, "alice", &["a", "b"]).await;
    let bob = with_keys(&lodge, "bob", &["c", "d"]).await;
    let cursor = next(&alice.get(&format!("{PATH}?limit=1")).await).unwrap();
    alice.get(&cursor).await.is(200);
    assert_eq!(bob.get(&cursor).await.refused_field(), "cursor");
    let forged = cursor.replace("cursor=", "cursor=A");
    assert_eq!(alice.get(&forged).await.refused_field(), "cursor");
}

#[tokio::test]
async fn a_query_that_means_nothing_is_refused() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=two", "limit"),
        ("cursr=x", "cursr"),
        ("cursor=", "cursor"),
        ("limit=1&limit=2", "limit"),
    ] {
        let answer = alice.get(&format!("{PATH}?{query}")).await;
        assert_eq!(answer.refused_field(), field, "{query}");
    }
}

#[tokio::test]
async fn anothers_key_cannot_be_told_from_none() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let bob = Api::manager(&lodge, "bob").await;
    let bobs = bob.post(PATH, json!({})).await.is(201).member("id");
    let gone = alice.post(PATH, json!({})).await.is(201).member("id");
    alice.delete(&format!("{PATH}/{gone}")).await.is(204);
    let hex = "0f".repeat(32);
    let mut answers = Vec::new();
    for id in [&bobs, &gone, "00abcdefghABCDEF", "zz", "%2e%2e%2f", &hex] {
        for (method, rest, body) in [
            ("GET", "", Value::Null),
            ("PATCH", "", json!({"name": "mine"})),
            ("DELETE", "", Value::Null),
            ("POST", "/rotate", json!({})),
        ] {
            let path = format!("{PATH}/{id}{rest}");
            let request = alice.request(method, &path).header("x-request-id", "same");
            let request = if body.is_null() {
                request
            } else {
                super::super::api::with_json(request, &body)
            };
            let mut answer = super::super::api::answer(request).await.is(404);
            assert_eq!(answer.member("message"), "token not found");
            answer.headers.remove("date");
            answers.push((answer.headers, answer.text));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    bob.get(&format!("{PATH}/{bobs}")).await.is(200);
}
