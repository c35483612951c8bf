//! What the upstream is told: every identity header, every time, so that a
//! client's own cannot survive.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::decision::Permit;
use super::identity::Identity;
use super::subject::{GroupName, Scope};

/// Longest value of one identity header, in bytes.
pub const VALUE_BYTES_MAX: usize = 1024;

/// What an identity header carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carries {
    /// The owner: `realm:subject`, or the bare subject.
    User,
    /// The id of the key.
    TokenId,
    /// The groups, separated by commas.
    Groups,
    /// The scopes, separated by blanks (RFC 6749, section 3.3).
    Scopes,
    /// The kind of credential.
    Method,
    /// The e-mail address.
    Email,
    /// The display name.
    Name,
    /// The tenant.
    Tenant,
}

/// The identity headers of a deployment.
#[derive(Clone, Debug)]
pub struct IdentityHeaders {
    names: Vec<(Carries, Box<str>)>,
    none: Box<str>,
}

impl IdentityHeaders {
    /// The names, and the value that stands for "none".
    pub fn new(names: Vec<(Carries, Box<str>)>, none: &str) -> Self {
        Self {
            names,
            none: none.into(),
        }
    }

    /// The names in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(_, name)| &**name)
    }

    /// Names and values for a permit, one for each configured header.
    pub fn values<'p>(
        &'p self,
        permit: &'p Permit,
    ) -> impl Iterator<Item = (&'p str, Cow<'p, str>)> {
        self.values_of(permit.identity())
    }

    /// The same for whoever would pass; `None` where that would be anybody.
    pub fn values_of<'p>(
        &'p self,
        identity: Option<&'p Identity>,
    ) -> impl Iterator<Item = (&'p str, Cow<'p, str>)> {
        self.names.iter().map(move |(carries, name)| {
            let value = identity.map_or(Cow::Borrowed(""), |identity| value(*carries, identity));
            let value = clean(value);
            (
                &**name,
                if value.is_empty() {
                    Cow::Borrowed(&*self.none)
                } else {
                    value
                },
            )
        })
    }

    /// Whether a header's name equals an identity header once `_`, `.` and `-`
    /// are taken for one, without being spelt as it is: some proxies and
    /// upstreams take the two for the same, and would believe the client.
    pub fn is_alias(&self, name: &str) -> bool {
        self.names.iter().any(|(_, known)| is_twin(known, name))
    }

    /// Whether a header is an identity header, however it is spelt.
    pub fn is_named(&self, name: &str) -> bool {
        self.names
            .iter()
            .any(|(_, known)| known.eq_ignore_ascii_case(name) || is_twin(known, name))
    }
}

/// Whether two names of headers are spelt differently and read alike.
pub fn is_twin(known: &str, name: &str) -> bool {
    known.len() == name.len()
        && !known.eq_ignore_ascii_case(name)
        && known
            .bytes()
            .zip(name.bytes())
            .all(|(a, b)| fold(a) == fold(b))
}

fn fold(byte: u8) -> u8 {
    match byte {
        b'_' | b'.' => b'-',
        other => other.to_ascii_lowercase(),
    }
}

fn value(carries: Carries, identity: &Identity) -> Cow<'_, str> {
    match carries {
        Carries::User if identity.owner.realm().is_bare() => {
            Cow::Borrowed(identity.owner.subject().as_str())
        }
        Carries::User => Cow::Owned(identity.owner.qualified()),
        Carries::TokenId => identity.key_id.map_or(Cow::Borrowed(""), |id| {
            let mut text = String::new();
            id.push_to(&mut text);
            Cow::Owned(text)
        }),
        Carries::Groups => join(identity.groups.iter().map(GroupName::as_str), ','),
        Carries::Scopes => join(identity.scopes.iter().map(Scope::as_str), ' '),
        Carries::Method => Cow::Borrowed(identity.method.as_str()),
        Carries::Email => Cow::Borrowed(identity.email.as_deref().unwrap_or_default()),
        Carries::Name => Cow::Borrowed(identity.name.as_deref().unwrap_or_default()),
        Carries::Tenant => Cow::Borrowed(identity.tenant.as_str()),
    }
}

/// Joins as many whole items as the limit allows: half a group would be another
/// group. An item that holds the separator is left out, since it would read as two.
fn join<'i>(mut items: impl Iterator<Item = &'i str>, separator: char) -> Cow<'i, str> {
    let Some(first) = items.by_ref().find(|item| !item.contains(separator)) else {
        return Cow::Borrowed("");
    };
    let mut rest = items.filter(|item| !item.contains(separator)).peekable();
    if rest.peek().is_none() {
        return Cow::Borrowed(first);
    }
    let mut joined = first.to_owned();
    for item in rest {
        if joined.len() + 1 + item.len() > VALUE_BYTES_MAX {
            break;
        }
        // Writing to a string cannot fail.
        let _ = write!(joined, "{separator}{item}");
    }
    Cow::Owned(joined)
}

/// Takes out control characters and cuts at the limit, on a character's edge.
fn clean(value: Cow<'_, str>) -> Cow<'_, str> {
    let is_plain = |value: &str| {
        // Most are ASCII, which needs no decoding.
        let ascii = value.bytes().fold(true, |so_far, byte| {
            so_far & byte.is_ascii() & !byte.is_ascii_control()
        });
        ascii || !value.chars().any(char::is_control)
    };
    if value.len() <= VALUE_BYTES_MAX && is_plain(&value) {
        return value;
    }
    let mut cleaned = String::with_capacity(value.len().min(VALUE_BYTES_MAX));
    for character in value.chars().filter(|c| !c.is_control()) {
        if cleaned.len() + character.len_utf8() > VALUE_BYTES_MAX {
            break;
        }
        cleaned.push(character);
    }
    Cow::Owned(cleaned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers() -> IdentityHeaders {
        IdentityHeaders::new(
            vec![
                (Carries::User, "X-Authenticated-User".into()),
                (Carries::TokenId, "X-Authenticated-Token-Id".into()),
            ],
            "",
        )
    }

    #[test]
    fn aliases_are_seen_and_the_true_name_is_none() {
        for alias in [
            "x_authenticated_user",
            "X-Authenticated.User",
            "X_AUTHENTICATED-TOKEN_ID",
        ] {
            assert!(headers().is_alias(alias), "{alias}");
        }
        for plain in [
            "x-authenticated-user",
            "X-AUTHENTICATED-USER",
            "x-authenticated-users",
        ] {
            assert!(!headers().is_alias(plain), "{plain}");
        }
    }

    #[test]
    fn values_are_whole_and_clean() {
        assert_eq!(clean(Cow::Borrowed("a\r\nX-Evil: 1")), "aX-Evil: 1");
        assert_eq!(join(["a", "b,c", "d"].into_iter(), ','), "a,d");
        let long = "x".repeat(600);
        assert_eq!(join([long.as_str(), long.as_str()].into_iter(), ','), long);
        assert!(clean(Cow::Owned("ü".repeat(2_000))).len() <= VALUE_BYTES_MAX);
    }
}
