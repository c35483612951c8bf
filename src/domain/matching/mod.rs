//! Which requests a rule is about, or a key is bound to: hosts, methods, paths,
//! networks of clients.

use std::net::IpAddr;

use ipnet::IpNet;

mod host;
mod path;

use super::facts::{RequestFacts, normalise_method};
use super::reason::Reason;

pub use host::HostPattern;
pub use path::PathPattern;

/// What cannot be a pattern, and what would be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// No host.
    #[error("is no host; write for example \"api.example.com\" or \"*.example.com\", without port")]
    Host,
    /// No path.
    #[error(
        "is no path; write for example \"/v1/models/**\", with * for a part and ** for any parts"
    )]
    Path,
    /// A path in its encoded form, or one that no request can have.
    #[error(
        "holds what no normalised path has; write it decoded, without . and .. parts, // \\ ; ? # and %xx"
    )]
    Unreachable,
    /// `**` beside other text.
    #[error("has ** beside other text; ** stands between slashes alone")]
    Rest,
    /// No network.
    #[error("is no network; write for example \"10.0.0.0/8\" or \"2001:db8::1\"")]
    Network,
    /// No method.
    #[error("is no method; write it in capitals, for example \"GET\"")]
    Method,
}

/// What a list of a rule or a key is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The network that the client is in.
    Network,
    /// The host.
    Host,
    /// The method.
    Method,
    /// The path.
    Path,
}

impl Fact {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Host => "host",
            Self::Method => "method",
            Self::Path => "path",
        }
    }
}

/// Which requests are meant. A list that is empty leaves its fact open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestMatch {
    /// The hosts.
    pub hosts: Vec<HostPattern>,
    /// The methods.
    pub methods: Vec<Box<str>>,
    /// The paths.
    pub paths: Vec<PathPattern>,
    /// The networks that the client is in.
    pub networks: Vec<IpNet>,
}

impl RequestMatch {
    /// Whether every request is meant, whatever its facts.
    pub fn is_any(&self) -> bool {
        self.hosts.is_empty()
            && self.methods.is_empty()
            && self.paths.is_empty()
            && self.networks.is_empty()
    }

    /// Whether a request is meant. A fact is read only if those before it fit,
    /// so that a path which nobody asks about may look as it likes.
    ///
    /// # Errors
    /// Gives the reason for a fact that is needed and missing or not reliable.
    pub fn admits(&self, facts: &mut RequestFacts<'_>) -> Result<bool, Reason> {
        Ok(self.first_miss(facts)?.is_none())
    }

    /// The first fact of a request that is not meant, if there is one.
    ///
    /// # Errors
    /// As [`RequestMatch::admits`].
    pub fn first_miss(&self, facts: &mut RequestFacts<'_>) -> Result<Option<Fact>, Reason> {
        if !self.networks.is_empty() {
            let client = facts.client().ok_or(Reason::FactMissing)?;
            if !self
                .networks
                .iter()
                .any(|network| network.contains(&client))
            {
                return Ok(Some(Fact::Network));
            }
        }
        if !self.hosts.is_empty() {
            let host = facts.host()?;
            if !self.hosts.iter().any(|pattern| pattern.matches(host)) {
                return Ok(Some(Fact::Host));
            }
        }
        if !self.methods.is_empty() {
            let method = facts.method()?;
            if !self.methods.iter().any(|known| **known == *method) {
                return Ok(Some(Fact::Method));
            }
        }
        if self.paths.is_empty() {
            return Ok(None);
        }
        let path = facts.path()?;
        let fits = self.paths.iter().any(|pattern| pattern.matches(path));
        Ok((!fits).then_some(Fact::Path))
    }

    /// Whether every request that `other` means is meant here, too. May say no
    /// where a closer look would say yes, never the other way round.
    pub fn covers(&self, other: &Self) -> bool {
        let covers_hosts = covers_all(&self.hosts, &other.hosts, HostPattern::covers);
        let covers_methods = covers_all(&self.methods, &other.methods, |own, narrow| own == narrow);
        let covers_networks = covers_all(&self.networks, &other.networks, |own, narrow| {
            own.contains(narrow)
        });
        let covers_paths = covers_all(&self.paths, &other.paths, PathPattern::covers);
        covers_hosts && covers_methods && covers_paths && covers_networks
    }
}

/// Whether each entry of `narrow` is covered by one of `own`; an empty list of
/// our own covers all, and only such a list covers an empty one.
pub fn covers_all<T>(own: &[T], narrow: &[T], one_covers: impl Fn(&T, &T) -> bool) -> bool {
    own.is_empty()
        || !narrow.is_empty()
            && narrow
                .iter()
                .all(|narrow| own.iter().any(|own| one_covers(own, narrow)))
}

/// Reads a network, or a single address.
///
/// # Errors
/// [`BadPattern::Network`] for what is none.
pub fn parse_network(text: &str) -> Result<IpNet, BadPattern> {
    let text = text.trim();
    let address = text.parse::<IpAddr>().map(IpNet::from);
    let network = address.or_else(|_| text.parse::<IpNet>());
    network
        .map(|network| network.trunc())
        .map_err(|_| BadPattern::Network)
}

/// Reads a method.
///
/// # Errors
/// [`BadPattern::Method`] for what is none.
pub fn parse_method(text: &str) -> Result<Box<str>, BadPattern> {
    normalise_method(text.as_bytes())
        .map(Into::into)
        .map_err(|_| BadPattern::Method)
}

#[cfg(test)]
mod tests {
    use super::super::facts::StatedFacts;
    use super::*;

    fn matching(hosts: &[&str], methods: &[&str], paths: &[&str]) -> RequestMatch {
        RequestMatch {
            hosts: hosts
                .iter()
                .map(|text| HostPattern::parse(text).unwrap())
                .collect(),
            methods: methods
                .iter()
                .map(|text| parse_method(text).unwrap())
                .collect(),
            paths: paths
                .iter()
                .map(|text| PathPattern::parse(text).unwrap())
                .collect(),
            networks: Vec::new(),
        }
    }

    fn facts(method: &str, host: &str, target: &str) -> StatedFacts {
        StatedFacts {
            method: Some(method.to_owned()),
            host: Some(host.to_owned()),
            target: Some(target.to_owned()),
            ..StatedFacts::default()
        }
    }

    #[test]
    fn all_lists_must_fit_and_one_entry_of_each_is_enough() {
        let rule = matching(&["a.test", "*.b.test"], &["GET", "HEAD"], &["/x/**", "/y"]);
        let admits = |method, host, target| {
            let stated = facts(method, host, target);
            rule.admits(&mut RequestFacts::new(&stated)).unwrap()
        };
        assert!(admits("GET", "A.test:443", "/x/1?q"));
        assert!(admits("HEAD", "c.b.test", "/y"));
        assert!(!admits("POST", "a.test", "/y"));
        assert!(!admits("GET", "b.test", "/y"));
        assert!(!admits("GET", "a.test", "/z?/y"));
    }

    #[test]
    fn a_fact_that_is_needed_and_missing_is_no_match_and_no_miss() {
        let nothing = StatedFacts::default();
        for rule in [
            matching(&["a.test"], &[], &[]),
            matching(&[], &["GET"], &[]),
            matching(&[], &[], &["/**"]),
        ] {
            let mut facts = RequestFacts::new(&nothing);
            assert_eq!(rule.admits(&mut facts), Err(Reason::FactMissing));
        }
        let any = RequestMatch::default();
        assert_eq!(any.admits(&mut RequestFacts::new(&nothing)), Ok(true));
    }

    #[test]
    fn a_path_is_judged_only_where_the_rest_fits() {
        let strange = facts("GET", "git.test", "/api/v4/projects/a%2fb");
        let mut facts = RequestFacts::new(&strange);
        assert_eq!(
            matching(&["app.test"], &[], &["/x"]).admits(&mut facts),
            Ok(false)
        );
        assert_eq!(
            matching(&["git.test"], &[], &[]).admits(&mut facts),
            Ok(true)
        );
        assert_eq!(
            matching(&["git.test"], &[], &["/x"]).admits(&mut facts),
            Err(Reason::PathAmbiguous)
        );
    }

    #[test]
    fn a_client_that_is_not_known_is_in_no_network() {
        let within = RequestMatch {
            networks: vec![parse_network("10.1.0.0/16").unwrap()],
            ..RequestMatch::default()
        };
        let admits = |client: Option<&str>| {
            let stated = StatedFacts {
                client: client.map(|text| text.parse().unwrap()),
                ..StatedFacts::default()
            };
            within.admits(&mut RequestFacts::new(&stated))
        };
        assert_eq!(admits(Some("10.1.2.3")), Ok(true));
        assert_eq!(admits(Some("10.2.2.3")), Ok(false));
        assert_eq!(admits(None), Err(Reason::FactMissing));
        assert_eq!(parse_network("10.1.2.3/16"), parse_network("10.1.0.0/16"));
        assert!(parse_network("10.1.0.0/33").is_err() && parse_network("ten").is_err());
    }

    #[test]
    fn to_be_narrower_is_to_be_covered_in_every_list() {
        let wide = matching(&["*.a.test"], &[], &["/x/**"]);
        assert!(wide.covers(&matching(&["b.a.test"], &["GET"], &["/x/1", "/x/*/2"])));
        assert!(!wide.covers(&matching(&["b.a.test"], &[], &[])));
        assert!(!wide.covers(&matching(&["b.a.test"], &[], &["/x/1", "/y"])));
        assert!(!wide.covers(&RequestMatch::default()));
        assert!(RequestMatch::default().covers(&wide));
        assert!(wide.covers(&wide));
    }
}
