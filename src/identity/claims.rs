//! From an issuer's claims to names that we can compare: which claim says who
//! it is, and how groups and scopes are written.

use serde_json::{Map, Value};

use crate::domain::reason::Reason;
use crate::domain::subject::{GroupName, Scope, Subject};

/// Longest e-mail address or display name that is kept, in bytes.
pub const DISPLAY_BYTES_MAX: usize = 256;

/// How a text that stands for several groups is split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupsSplit {
    /// Not at all: a text is one group, so that somebody whose group is called
    /// `not admin` is not in `admin`.
    #[default]
    None,
    /// At blanks, as rusty-valkey-forward-auth does.
    Blank,
    /// At commas; blanks around a name are dropped.
    Comma,
}

/// Which claims are read for what. A name is looked for as it stands, and then
/// as a path of names joined by dots (`realm_access.roles`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRules {
    /// Who it is. A text, a whole number, or for `aud` also the first of a list.
    pub subject: String,
    /// The groups: a list, or a text.
    pub groups: String,
    /// How a text of groups is split. Lists are never split.
    pub groups_split: GroupsSplit,
    /// The scopes; the first of these claims that is there counts. A text
    /// separated by blanks (RFC 9068, section 2.2.3) or a list.
    pub scopes: Vec<String>,
    /// An address to show.
    pub email: String,
    /// A name to show.
    pub name: String,
}

impl Default for ClaimRules {
    fn default() -> Self {
        Self {
            subject: "sub".to_owned(),
            groups: "groups".to_owned(),
            groups_split: GroupsSplit::None,
            scopes: vec!["scope".to_owned(), "scp".to_owned()],
            email: "email".to_owned(),
            name: "name".to_owned(),
        }
    }
}

impl ClaimRules {
    /// Who it is, exactly as the issuer writes it: blanks are never trimmed,
    /// since `"a"` and `" a"` may be two people.
    ///
    /// # Errors
    /// [`Reason::TokenSubject`] where the claim is missing, empty, too long,
    /// or neither a text nor a whole number. Fractions and numbers beyond 64
    /// bits are refused because two different ones could read the same.
    pub fn subject(&self, claims: &Map<String, Value>) -> Result<Subject, Reason> {
        let found = find(claims, &self.subject).ok_or(Reason::TokenSubject)?;
        let found = match found {
            Value::Array(audiences) if self.subject == "aud" => {
                audiences.first().ok_or(Reason::TokenSubject)?
            }
            other => other,
        };
        let text = match found {
            Value::String(text) => text.clone(),
            Value::Number(number) if !number.is_f64() => number.to_string(),
            _ => return Err(Reason::TokenSubject),
        };
        Subject::parse(&text).map_err(|_| Reason::TokenSubject)
    }

    /// The groups, each once, in the order of the token. What is no group's
    /// name is left out, which can only take rights away.
    pub fn groups(&self, claims: &Map<String, Value>) -> Vec<GroupName> {
        let names: Vec<&str> = match find(claims, &self.groups) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => self.split_groups(text),
            _ => Vec::new(),
        };
        each_once(
            names
                .into_iter()
                .filter_map(|name| GroupName::parse(name).ok()),
        )
    }

    /// Whether the claims say anything of groups.
    pub(super) fn names_groups(&self, claims: &Map<String, Value>) -> bool {
        find(claims, &self.groups).is_some()
    }

    fn split_groups<'c>(&self, text: &'c str) -> Vec<&'c str> {
        match self.groups_split {
            GroupsSplit::None => vec![text],
            GroupsSplit::Blank => text.split_ascii_whitespace().collect(),
            GroupsSplit::Comma => text.split(',').map(str::trim_ascii).collect(),
        }
    }

    /// The scopes, each once, in the order of the token. What is no scope is
    /// left out.
    pub fn scopes(&self, claims: &Map<String, Value>) -> Vec<Scope> {
        let found = self.scopes.iter().find_map(|name| find(claims, name));
        let names: Vec<&str> = match found {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => text.split_ascii_whitespace().collect(),
            _ => Vec::new(),
        };
        each_once(names.into_iter().filter_map(|name| Scope::parse(name).ok()))
    }

    /// An address to show, never to decide by.
    pub fn email(&self, claims: &Map<String, Value>) -> Option<String> {
        display_text(claims, &self.email)
    }

    /// A name to show, never to decide by.
    pub fn name(&self, claims: &Map<String, Value>) -> Option<String> {
        display_text(claims, &self.name)
    }
}

/// The claim of that name, or at the end of that path. The whole name comes
/// first because claims of some providers are URLs, which have dots.
fn find<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    let mut value = claims.get(first)?;
    for part in rest.split('.') {
        value = value.as_object()?.get(part)?;
    }
    Some(value)
}

fn display_text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    let text = find(claims, name)?.as_str()?;
    let fits =
        !text.is_empty() && text.len() <= DISPLAY_BYTES_MAX && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

fn each_once<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(members) => members,
            other => panic!("{other}"),
        }
    }

    fn subject_of(name: &str, value: Value) -> Option<String> {
        let rules = ClaimRules {
            subject: name.to_owned(),
            ..ClaimRules::default()
        };
        rules
            .subject(&claims(value))
            .ok()
            .map(|subject| subject.as_str().to_owned())
    }

    #[test]
    fn the_subject_is_read_exactly_as_the_issuer_writes_it() {
        for (name, value, expected) in [
            ("sub", json!({"sub": "alice"}), Some("alice")),
            ("sub", json!({"sub": " alice "}), Some(" alice ")),
            ("sub", json!({"sub": "Ålice 👩"}), Some("Ålice 👩")),
            ("sub", json!({"sub": 42}), Some("42")),
            ("sub", json!({"sub": -42}), Some("-42")),
            (
                "sub",
                json!({"sub": u64::MAX}),
                Some("18446744073709551615"),
            ),
            (
                "iss",
                json!({"iss": "https://a.test/", "sub": "x"}),
                Some("https://a.test/"),
            ),
            ("jti", json!({"jti": "1-2-3"}), Some("1-2-3")),
            ("aud", json!({"aud": "api"}), Some("api")),
            ("aud", json!({"aud": ["first", "second"]}), Some("first")),
            ("email", json!({"email": "a@b.test"}), Some("a@b.test")),
            ("a.b", json!({"a": {"b": "nested"}}), Some("nested")),
            (
                "a.b",
                json!({"a.b": "whole", "a": {"b": "nested"}}),
                Some("whole"),
            ),
            (
                "https://a.test/uid",
                json!({"https://a.test/uid": "u"}),
                Some("u"),
            ),
        ] {
            assert_eq!(
                subject_of(name, value.clone()).as_deref(),
                expected,
                "{name} {value}"
            );
        }
    }

    #[test]
    fn a_token_without_a_usable_subject_names_nobody() {
        for (name, value) in [
            ("sub", json!({})),
            ("sub", json!({"sub": ""})),
            ("sub", json!({"sub": null})),
            ("sub", json!({"sub": true})),
            ("sub", json!({"sub": ["alice"]})),
            ("sub", json!({"sub": {"id": "alice"}})),
            ("sub", json!({"sub": 1.5})),
            ("sub", json!({"sub": 1e30})),
            ("sub", json!({"sub": "a\nb"})),
            ("sub", json!({"sub": "a\u{0}"})),
            ("sub", json!({"sub": "x".repeat(513)})),
            ("aud", json!({"aud": []})),
            ("aud", json!({"aud": [["nested"]]})),
            ("jti", json!({"sub": "alice"})),
            ("a.b", json!({"a": "b"})),
            ("a.b.c", json!({"a": {"b": "c"}})),
        ] {
            assert_eq!(subject_of(name, value.clone()), None, "{name} {value}");
        }
    }

    #[test]
    fn groups_are_split_only_where_the_operator_says_so() {
        use GroupsSplit::{Blank, Comma, None};
        for (name, split, value, expected) in [
            (
                "groups",
                None,
                json!({"groups": ["a", "b c", "a"]}),
                vec!["a", "b c"],
            ),
            (
                "groups",
                None,
                json!({"groups": "not admin"}),
                vec!["not admin"],
            ),
            (
                "groups",
                Blank,
                json!({"groups": " not  admin "}),
                vec!["not", "admin"],
            ),
            (
                "groups",
                Blank,
                json!({"groups": ["not admin"]}),
                vec!["not admin"],
            ),
            (
                "groups",
                Comma,
                json!({"groups": "a, b c ,,d"}),
                vec!["a", "b c", "d"],
            ),
            ("groups", Comma, json!({"groups": ["a,b"]}), vec!["a,b"]),
            (
                "groups",
                None,
                json!({"groups": ["a", 1, null, ["b"], "", "c\n"]}),
                vec!["a"],
            ),
            ("groups", None, json!({"groups": ""}), vec![]),
            ("groups", None, json!({"groups": {"admin": true}}), vec![]),
            ("groups", None, json!({"groups": 7}), vec![]),
            ("groups", None, json!({}), vec![]),
            (
                "realm_access.roles",
                None,
                json!({"realm_access": {"roles": ["r"]}}),
                vec!["r"],
            ),
            (
                "realm_access.roles",
                None,
                json!({"realm_access.roles": ["w"]}),
                vec!["w"],
            ),
            (
                "realm_access.roles",
                None,
                json!({"realm_access": ["r"]}),
                vec![],
            ),
            (
                "https://a.test/g",
                None,
                json!({"https://a.test/g": ["u"]}),
                vec!["u"],
            ),
        ] {
            let rules = ClaimRules {
                groups: name.to_owned(),
                groups_split: split,
                ..ClaimRules::default()
            };
            let groups = rules.groups(&claims(value.clone()));
            let groups: Vec<&str> = groups.iter().map(GroupName::as_str).collect();
            assert_eq!(groups, expected, "{name} {split:?} {value}");
        }
    }

    #[test]
    fn scopes_come_from_the_first_claim_that_is_there() {
        for (value, expected) in [
            (json!({"scope": "a:read  b a:read"}), vec!["a:read", "b"]),
            (json!({"scp": ["a", "b c", 1, "c"]}), vec!["a", "c"]),
            (json!({"scp": "a b"}), vec!["a", "b"]),
            (json!({"scope": "a", "scp": ["b"]}), vec!["a"]),
            (json!({"scope": ["a"], "scp": ["b"]}), vec!["a"]),
            (json!({"scope": "", "scp": ["b"]}), vec![]),
            (
                json!({"scope": "ok \u{fc} * a\"b models:*"}),
                vec!["ok", "models:*"],
            ),
            (json!({"scope": 1}), vec![]),
            (json!({}), vec![]),
        ] {
            let scopes = ClaimRules::default().scopes(&claims(value.clone()));
            let scopes: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
            assert_eq!(scopes, expected, "{value}");
        }
    }

    #[test]
    fn what_is_only_shown_is_left_out_rather_than_refused() {
        let rules = ClaimRules::default();
        let all = claims(json!({"email": "a@b.test", "name": "Alice"}));
        assert_eq!(rules.email(&all).as_deref(), Some("a@b.test"));
        assert_eq!(rules.name(&all).as_deref(), Some("Alice"));
        let odd = claims(json!({"email": "a\r\nSet-Cookie: b", "name": "x".repeat(257)}));
        assert_eq!((rules.email(&odd), rules.name(&odd)), (None, None));
        let wrong = claims(json!({"email": ["a@b.test"], "name": ""}));
        assert_eq!((rules.email(&wrong), rules.name(&wrong)), (None, None));
    }
}
