//! The requests that a key is bound to, as its record holds them.

use minicbor::{Decode, Encode};

use super::super::matching::{HostPattern, PathPattern, RequestMatch, parse_method};

/// Most entries in one list of bounds.
pub const BOUNDS_MAX: usize = 64;

/// A list that is absent binds nothing; one that cannot be read spoils the record.
#[derive(Encode, Decode)]
#[cbor(map)]
pub(super) struct WireBounds {
    #[n(0)]
    hosts: Option<Vec<String>>,
    #[n(1)]
    methods: Option<Vec<String>>,
    #[n(2)]
    paths: Option<Vec<String>>,
    #[n(3)]
    networks: Option<Vec<String>>,
}

impl WireBounds {
    pub(super) fn of(bounds: &RequestMatch) -> Option<Self> {
        (!bounds.is_any()).then(|| Self {
            hosts: texts(&bounds.hosts),
            methods: texts(&bounds.methods),
            paths: texts(&bounds.paths),
            networks: texts(&bounds.networks),
        })
    }

    pub(super) fn read(self) -> Option<RequestMatch> {
        Some(RequestMatch {
            hosts: parsed(self.hosts, |text| HostPattern::parse(text).ok())?,
            methods: parsed(self.methods, |text| parse_method(text).ok())?,
            paths: parsed(self.paths, |text| PathPattern::parse(text).ok())?,
            networks: parsed(self.networks, |text| text.parse().ok())?,
        })
    }
}

fn texts<T: ToString>(entries: &[T]) -> Option<Vec<String>> {
    (!entries.is_empty()).then(|| entries.iter().map(T::to_string).collect())
}

/// A list that is there and empty would bind nothing where something was bound.
fn parsed<T>(texts: Option<Vec<String>>, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    match texts {
        None => Some(Vec::new()),
        Some(texts) if texts.is_empty() => None,
        Some(texts) => texts.iter().map(|text| parse(text)).collect(),
    }
}
