//! Who the upstream is told of, and who it should be told of.

use std::collections::BTreeMap;

use super::upstream::Seen;
use crate::parts::ask::HOST;
use crate::parts::lodge::Lodge;

/// The names that the gate answers; a client may send none of them.
pub const NAMES: [&str; 8] = [
    "X-Authenticated-User",
    "X-Authenticated-Token-Id",
    "X-Authenticated-Groups",
    "X-Authenticated-Scopes",
    "X-Authenticated-Method",
    "X-Authenticated-Email",
    "X-Authenticated-Name",
    "X-Authenticated-Tenant",
];

/// Values by name; what is empty says as much as what is not there.
pub type Identity = BTreeMap<String, String>;

/// What the lodge itself says of a key, asked without a proxy.
pub async fn of_key(lodge: &Lodge, key: Option<&str>) -> Identity {
    let credential = format!("Bearer {}", key.unwrap_or_default());
    let mut headers = vec![
        ("x-forwarded-method", "GET"),
        ("x-forwarded-host", HOST),
        ("x-forwarded-uri", "/public/a"),
        ("x-forwarded-for", "127.0.0.1"),
    ];
    if key.is_some() {
        headers[2].1 = "/a";
        headers.push(("authorization", &credential));
    }
    let answer = lodge.get("/forward-auth/app", &headers).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let values = NAMES.map(|name| (name.to_ascii_lowercase(), answer.header(name).to_owned()));
    values
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// What the upstream was told, or what is wrong with it: every header counts
/// that any program could take for one of identity.
pub fn told(seen: &Seen) -> Result<Identity, String> {
    let mut told = Identity::new();
    for (name, value) in &seen.headers {
        let spelt = name.to_ascii_lowercase();
        if !spelt
            .replace(['_', '.'], "-")
            .starts_with("x-authenticated")
        {
            continue;
        }
        if !NAMES.iter().any(|known| known.eq_ignore_ascii_case(&spelt)) {
            return Err(format!("{name}: {value} is no header of ours"));
        }
        if told.contains_key(&spelt) {
            return Err(format!("{name} stands there twice"));
        }
        told.insert(spelt, value.clone());
    }
    told.retain(|_, value| !value.is_empty());
    Ok(told)
}
