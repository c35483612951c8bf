//! Lists in parts: `?limit=` and `?cursor=`, and the next part in `Link`.
//!
//! A cursor is opaque to clients and sealed: nobody can make one, and one that
//! was made for a list opens no other.

use actix_web::http::header::HeaderValue;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use super::problem::Problem;
use crate::domain::salt::{Salt, Salts};

/// Most lines in one part.
pub const LIMIT_MAX: usize = 500;
/// Longest cursor that is looked at, in characters.
const CURSOR_MAX: usize = 512;
const SEAL_BYTES: usize = 16;

/// What a client asked for of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// At most so many lines; all of them, if absent.
    pub limit: Option<usize>,
    /// Where to go on, still sealed.
    pub cursor: Option<String>,
    /// What else the list takes, as it was sent.
    pub others: Vec<(String, String)>,
}

impl PageQuery {
    /// Reads a query string.
    ///
    /// # Errors
    /// Refuses parameters that it does not know, and those that stand twice: a
    /// misspelt cursor would begin the list again, for ever.
    pub fn parse(query: &str) -> Result<Self, Problem> {
        Self::parse_with(query, &[])
    }

    /// The same for a list that takes more.
    ///
    /// # Errors
    /// As [`PageQuery::parse`].
    pub fn parse_with(query: &str, known: &[&str]) -> Result<Self, Problem> {
        let mut page = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let is_new = match &*name {
                "limit" => page.limit.replace(limit(&value)?).is_none(),
                "cursor" => page.cursor.replace(value.into_owned()).is_none(),
                name if known.contains(&name) => {
                    let is_new = page.others.iter().all(|(other, _)| other != name);
                    page.others.push((name.to_owned(), value.into_owned()));
                    is_new
                }
                _ => {
                    let known: String = known.iter().flat_map(|name| [", ", name]).collect();
                    let detail =
                        format!("there is no such parameter; known are limit and cursor{known}");
                    return Err(Problem::field(name.into_owned(), detail));
                }
            };
            if !is_new {
                return Err(Problem::field(name.into_owned(), "must stand once"));
            }
        }
        Ok(page)
    }
}

impl PageQuery {
    /// What was sent for one of the others.
    pub fn other(&self, name: &str) -> Option<&str> {
        let found = self.others.iter().find(|(other, _)| other == name)?;
        Some(&found.1)
    }

    /// The `Link` field that leads to the next part.
    pub fn link_to_next(&self, path: &str, cursor: &str) -> Option<HeaderValue> {
        let limit = self
            .limit
            .map(|limit| ("limit".to_owned(), limit.to_string()));
        let pairs: Vec<_> = limit.into_iter().chain(self.others.clone()).collect();
        link_to_next(path, &pairs, cursor)
    }
}

/// Reads `limit`.
///
/// # Errors
/// Refuses what is no number from 1 to [`LIMIT_MAX`].
pub fn limit(text: &str) -> Result<usize, Problem> {
    text.parse()
        .ok()
        .filter(|limit| (1..=LIMIT_MAX).contains(limit))
        .ok_or_else(|| Problem::field("limit", format!("must be a number from 1 to {LIMIT_MAX}")))
}

/// Seals a place in the list that `list` names.
pub fn seal_cursor(salts: &Salts, list: &[u8], place: &[u8]) -> String {
    let seal = seal(salts.active(), list, place);
    URL_SAFE_NO_PAD.encode([&seal[..], place].concat())
}

/// Opens what [`seal_cursor`] made for the same list.
///
/// # Errors
/// Refuses everything else.
pub fn open_cursor(salts: &Salts, list: &[u8], text: &str) -> Result<Vec<u8>, Problem> {
    let refusal = || {
        Problem::field(
            "cursor",
            "is not one of this list; take it from the Link field of the part before, unchanged",
        )
    };
    if text.len() > CURSOR_MAX {
        return Err(refusal());
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refusal())?;
    let (found, place) = bytes
        .split_first_chunk::<SEAL_BYTES>()
        .ok_or_else(refusal)?;
    let is_ours = |salt| bool::from(seal(salt, list, place).ct_eq(found));
    if salts.accepted().iter().any(is_ours) {
        Ok(place.to_vec())
    } else {
        Err(refusal())
    }
}

fn seal(salt: &Salt, list: &[u8], place: &[u8]) -> [u8; SEAL_BYTES] {
    let mut hasher = blake3::Hasher::new_keyed(salt.cursor_key());
    hasher.update(&(list.len() as u64).to_le_bytes());
    hasher.update(list).update(place);
    let mut seal = [0; SEAL_BYTES];
    seal.copy_from_slice(&hasher.finalize().as_bytes()[..SEAL_BYTES]);
    seal
}

/// The `Link` field that leads to the next part (RFC 8288), with what was asked
/// for besides the place.
pub fn link_to_next(path: &str, pairs: &[(String, String)], cursor: &str) -> Option<HeaderValue> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        query.append_pair(name, value);
    }
    query.append_pair("cursor", cursor);
    HeaderValue::try_from(format!("<{path}?{}>; rel=\"next\"", query.finish())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salts(first: u8) -> Salts {
        let mut raw = [7; 32];
        raw[0] = first;
        Salts::new(Salt::from_bytes(raw), Vec::new())
    }

    #[test]
    fn a_cursor_opens_its_own_list_only() {
        let cursor = seal_cursor(&salts(1), b"alice", b"place");
        assert_eq!(
            open_cursor(&salts(1), b"alice", &cursor).unwrap(),
            b"place".to_vec()
        );
        assert!(open_cursor(&salts(1), b"bob", &cursor).is_err());
        assert!(open_cursor(&salts(2), b"alice", &cursor).is_err());
        for forged in ["", "AAAA", &cursor[1..], &format!("{cursor}AA"), "%%%"] {
            assert!(
                open_cursor(&salts(1), b"alice", forged).is_err(),
                "{forged}"
            );
        }
    }

    #[test]
    fn a_misspelt_parameter_is_named() {
        assert_eq!(
            PageQuery::parse("limit=2&cursor=x").unwrap(),
            PageQuery {
                limit: Some(2),
                cursor: Some("x".to_owned()),
                others: Vec::new(),
            }
        );
        assert_eq!(PageQuery::parse("").unwrap(), PageQuery::default());
        for bad in [
            "limit=0",
            "limit=501",
            "limit=x",
            "cursr=x",
            "limit=1&limit=1",
        ] {
            assert!(PageQuery::parse(bad).is_err(), "{bad}");
        }
    }
}
