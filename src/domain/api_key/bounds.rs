//! The requests that a key is bound to, as its record holds them.

use minicbor::{Decode, Encode};

use ipnet::IpNet;

use super::super::matching::{HostPattern, PathPattern, RequestMatch, covers_all, parse_method};
use super::lifecycle::Refusal;

/// Most entries in one list of bounds.
pub const BOUNDS_MAX: usize = 64;

/// Narrower bounds; a list that is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoundsEdit {
    /// The hosts.
    pub hosts: Option<Vec<HostPattern>>,
    /// The methods.
    pub methods: Option<Vec<Box<str>>>,
    /// The paths.
    pub paths: Option<Vec<PathPattern>>,
    /// The networks.
    pub networks: Option<Vec<IpNet>>,
}

impl BoundsEdit {
    /// The bounds afterwards.
    ///
    /// # Errors
    /// Refuses whatever would widen them, and lists that are too long.
    pub fn narrowed(&self, current: &RequestMatch) -> Result<RequestMatch, Refusal> {
        let networks_cover = |own: &IpNet, narrow: &IpNet| own.contains(narrow);
        let bounds = RequestMatch {
            hosts: narrower(
                "hosts",
                &current.hosts,
                self.hosts.as_ref(),
                HostPattern::covers,
            )?,
            methods: narrower(
                "methods",
                &current.methods,
                self.methods.as_ref(),
                PartialEq::eq,
            )?,
            paths: narrower(
                "paths",
                &current.paths,
                self.paths.as_ref(),
                PathPattern::covers,
            )?,
            networks: narrower(
                "networks",
                &current.networks,
                self.networks.as_ref(),
                networks_cover,
            )?,
        };
        bounded(&bounds).map(|()| bounds)
    }
}

fn narrower<T: Clone>(
    field: &'static str,
    current: &[T],
    wanted: Option<&Vec<T>>,
    one_covers: impl Fn(&T, &T) -> bool,
) -> Result<Vec<T>, Refusal> {
    match wanted {
        None => Ok(current.to_vec()),
        Some(wanted) if covers_all(current, wanted, one_covers) => Ok(wanted.clone()),
        Some(_) => Err(Refusal::Widens { field }),
    }
}

/// Checks that no list is too long.
///
/// # Errors
/// Names the one that is.
pub(super) fn bounded(bounds: &RequestMatch) -> Result<(), Refusal> {
    let lengths = [
        ("hosts", bounds.hosts.len()),
        ("methods", bounds.methods.len()),
        ("paths", bounds.paths.len()),
        ("networks", bounds.networks.len()),
    ];
    match lengths.iter().find(|(_, length)| *length > BOUNDS_MAX) {
        Some((field, _)) => Err(Refusal::TooManyBounds { field }),
        None => Ok(()),
    }
}

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
