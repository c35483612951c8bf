//! The headers of an actix request, as the domain sees them.

use actix_web::http::header::HeaderMap;

use crate::domain::request::{HeaderValues, Headers};

/// Borrowed headers.
#[derive(Clone, Copy, Debug)]
pub struct RequestHeaders<'r>(pub &'r HeaderMap);

impl Headers for RequestHeaders<'_> {
    fn values(&self, name: &str) -> HeaderValues<'_> {
        let mut values = self.0.get_all(name);
        match (values.next(), values.next()) {
            (None, _) => HeaderValues::Absent,
            (Some(value), None) => HeaderValues::One(value.as_bytes()),
            (Some(_), Some(_)) => HeaderValues::Several,
        }
    }
}
