//! `GET /api/users`: everybody, once each.

use gatelodge::domain::envelope;
use gatelodge::domain::subject::{Owner, Tenant};
use serde_json::{Value, json};

use super::super::api::Api;
use crate::support::app::TestLodge;

/// Everybody who is looked for, part by part.
async fn everybody(administrator: &Api, query: &str) -> Vec<Value> {
    let (mut seen, mut path) = (Vec::new(), Some(format!("/api/users?{query}")));
    while let Some(here) = path {
        let part = administrator.get(&here).await.is(200);
        seen.extend(part.json().as_array().unwrap().clone());
        let link = part.headers.get("link").cloned();
        path = link.map(|link| link[1..link.find('>').unwrap()].to_owned());
    }
    seen
}

async fn names(administrator: &Api, query: &str) -> Vec<String> {
    let people = everybody(administrator, query).await;
    let name = |person: &Value| person["owner"].as_str().unwrap().to_owned();
    let mut names: Vec<_> = people.iter().map(name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn whoever_signed_in_has_an_account_or_has_keys_is_listed_once() {
    let lodge = TestLodge::start().await;
    let administrator = Api::administrator(&lodge);
    lodge.cookie_of("corp:carol").await;
    lodge.cookie_of("corp:erin").await;
    for owner in ["bob", "bob", "corp:erin", "dave"] {
        lodge.mint(owner, &[]).await;
    }
    let expected = ["bob", "corp:carol", "corp:erin", "dave", "local:admin"];
    for query in ["", "limit=1", "limit=2", "limit=500"] {
        assert_eq!(names(&administrator, query).await, expected, "{query:?}");
    }
    let keys = |people: &[Value], name: &str| {
        let person = people.iter().find(|person| person["owner"] == name);
        person.unwrap()["keys"].clone()
    };
    let people = everybody(&administrator, "").await;
    assert_eq!(keys(&people, "bob"), json!(2));
    assert_eq!(keys(&people, "corp:carol"), json!(0));
    assert_eq!(keys(&people, "corp:erin"), json!(1));
}

#[tokio::test]
async fn people_are_found_by_name_address_and_standing() {
    let lodge = TestLodge::start().await;
    let administrator = Api::administrator(&lodge);
    lodge.mint("bob", &[]).await;
    lodge
        .write_principal("corp:carol", |known| {
            known.name = Some("Carol Jones".to_owned());
            known.email = Some("cj@example.org".to_owned());
        })
        .await;
    lodge
        .write_principal("corp:dave", |known| known.disabled = true)
        .await;
    for (query, expected) in [
        ("search=JONES", vec!["corp:carol"]),
        ("search=cj%40", vec!["corp:carol"]),
        ("search=CORP", vec!["corp:carol", "corp:dave"]),
        ("search=bo", vec!["bob"]),
        ("disabled=true", vec!["corp:dave"]),
        ("admin=true", vec!["local:admin"]),
        ("admin=false&disabled=false", vec!["bob", "corp:carol"]),
    ] {
        assert_eq!(names(&administrator, query).await, expected, "{query}");
    }
    for bad in ["disabled=1", "admin=", "nonsense=1"] {
        let refused = administrator.get(&format!("/api/users?{bad}")).await;
        let field = bad.split_once('=').unwrap().0;
        assert_eq!(refused.is(400).refused_field(), field);
    }
}

/// Writes a record as it was written before it said whose it is.
async fn write_without_name(lodge: &TestLodge, owner: &str) {
    let tag = lodge.tag_of(owner);
    let payload = [0xa3, 0x00, 0x80, 0x02, 0xf4, 0x03, 0xf4];
    let name = format!("gl:p:{{{}}}:{tag}", tag.shard());
    let record = envelope::seal(&lodge.bench.salts, &name, &payload);
    lodge
        .bench
        .store
        .put_principal(&tag, &record)
        .await
        .unwrap();
}

async fn is_current(lodge: &TestLodge, owner: &str) -> bool {
    let known = lodge.bench.owners.find(&lodge.tag_of(owner)).await.unwrap();
    known.unwrap().is_current
}

#[tokio::test]
async fn records_without_a_name_count_and_get_one_where_it_is_known() {
    let lodge = TestLodge::start().await;
    let administrator = Api::administrator(&lodge);
    let key = lodge.mint("bob", &[]).await;
    for owner in ["bob", "carol", "corp:dave"] {
        write_without_name(&lodge, owner).await;
        assert!(!is_current(&lodge, owner).await);
    }

    // A list names the owners of keys that it comes across.
    lodge.mint("carol", &[]).await;
    assert_eq!(names(&administrator, "search=carol").await, ["carol"]);
    assert!(is_current(&lodge, "carol").await);

    // So does the use of a key.
    write_without_name(&lodge, "bob").await;
    let passed = lodge.ask("/forward-auth", &[("x-api-key", &key)]).await;
    assert_eq!(passed.status(), 204);
    lodge
        .until("bob has a name", async || is_current(&lodge, "bob").await)
        .await;

    // And signing in.
    lodge.cookie_of("corp:dave").await;
    assert!(is_current(&lodge, "corp:dave").await);
    let expected = ["bob", "carol", "corp:dave", "local:admin"];
    assert_eq!(names(&administrator, "limit=1").await, expected);
}

#[tokio::test]
async fn nobody_of_another_tenant_is_listed() {
    let lodge = TestLodge::start().await;
    let administrator = Api::administrator(&lodge);
    let owner = Owner::from_record("corp", "mallory").unwrap();
    let tenant = Tenant::parse("other").unwrap();
    lodge.bench.owners.introduce(&tenant, &owner).await.unwrap();
    assert_eq!(names(&administrator, "").await, ["local:admin"]);
}
