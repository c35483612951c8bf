//! The cookies of a request (RFC 6265, section 4.2), read without mercy: a name
//! that stands there twice is a sign of somebody who puts cookies into another's
//! browser, and nobody can tell which of the two is ours.

use actix_web::http::header::{self, HeaderMap};

/// The request has two cookies of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request has two cookies of one name")]
pub struct CookieTwice;

/// The value of the one cookie of that name.
///
/// # Errors
/// Fails where there are two, also of the same value.
pub fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, CookieTwice> {
    let mut values = headers
        .get_all(header::COOKIE)
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(CookieTwice),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn only_in(fields: &[&str]) -> Result<Option<String>, CookieTwice> {
        let mut request = TestRequest::default();
        for field in fields {
            request = request.append_header((header::COOKIE, *field));
        }
        let request = request.to_http_request();
        only(request.headers(), "gl").map(|value| value.map(str::to_owned))
    }

    #[test]
    fn a_cookie_is_found_by_its_very_name() {
        let one = Ok(Some("1".to_owned()));
        assert_eq!(only_in(&["gl=1"]), one);
        assert_eq!(only_in(&["a=2; gl=1; GL=3; xgl=4; gl2=5"]), one);
        assert_eq!(only_in(&["a=2", "gl=1"]), one);
        assert_eq!(only_in(&["a=gl=2"]), Ok(None));
        assert_eq!(only_in(&["gl"]), Ok(None));
        assert_eq!(only_in(&[]), Ok(None));
    }

    #[test]
    fn two_of_one_name_are_refused() {
        assert_eq!(only_in(&["gl=1; gl=2"]), Err(CookieTwice));
        assert_eq!(only_in(&["gl=1", "gl=1"]), Err(CookieTwice));
        assert_eq!(only_in(&["gl=; gl=1"]), Err(CookieTwice));
    }
}
