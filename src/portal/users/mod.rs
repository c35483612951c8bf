//! Everybody, for administrators: `/api/users/{sub}`.

pub(super) mod people;
mod place;
pub(super) mod sessions;
pub(super) mod tokens;
pub(super) mod usage;

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::domain::subject::{Owner, Realms};
use crate::http::problem::Problem;

/// `sub` is the third segment below the root: `/api/users/{sub}/…`.
const SEGMENT: usize = 3;

/// What RFC 3986, section 2.3, leaves as it is; an owner's colon may stay too.
const SEGMENT_SET: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

/// The `sub` of a path as it was sent. A subject may hold slashes and any other
/// text, so it is decoded from the raw path, once and strictly; and only when
/// the caller is known to be an administrator.
pub(crate) struct SubInPath(String);

impl FromRequest for SubInPath {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sub = request.uri().path().split('/').nth(SEGMENT);
        ready(Ok(Self(sub.unwrap_or_default().to_owned())))
    }
}

impl SubInPath {
    /// Who that is.
    ///
    /// # Errors
    /// Refuses what can be nobody.
    pub(super) fn owner(&self, realms: &Realms) -> Result<Owner, Problem> {
        let text = percent_decode_str(&self.0)
            .decode_utf8()
            .map_err(|_| Problem::field("sub", "must be UTF-8, percent-encoded"))?;
        Owner::parse(&text, realms).map_err(|error| Problem::field("sub", error.to_string()))
    }
}

/// The path of somebody's keys.
fn tokens_path(owner: &Owner) -> String {
    let sub = owner.to_string();
    format!(
        "/api/users/{}/tokens",
        utf8_percent_encode(&sub, SEGMENT_SET)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::subject::Realm;

    #[test]
    fn a_subject_is_decoded_once_and_strictly() {
        let realms = Realms::new([Realm::parse("corp").unwrap()]);
        let owner = |raw: &str| SubInPath(raw.to_owned()).owner(&realms);
        assert_eq!(owner("corp:a%2Fb").unwrap().to_string(), "corp:a/b");
        assert_eq!(owner("corp%3Aa%252Fb").unwrap().to_string(), "corp:a%2Fb");
        assert_eq!(owner("a+b%20c").unwrap().to_string(), "a+b c");
        for bad in ["", "%FF", "%00", "corp:", "local:"] {
            assert!(owner(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_path_leads_back_to_its_owner() {
        let realms = Realms::new([Realm::parse("corp").unwrap()]);
        for text in ["corp:a/b?c#d", "alice@example.org", "ä%2F", " x "] {
            let owner = Owner::parse(text, &realms).unwrap();
            let path = tokens_path(&owner);
            let raw = path.split('/').nth(SEGMENT).unwrap().to_owned();
            assert_eq!(SubInPath(raw).owner(&realms).unwrap(), owner, "{path}");
        }
    }
}
