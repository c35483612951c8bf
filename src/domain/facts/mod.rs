//! What a proxy says about the request that it asks about: method, scheme,
//! host, path, client. Each is read and normalised in one place, and only where
//! a rule or a key looks at it: what nobody looks at cannot be wrong.

mod host;
mod path;

use std::borrow::Cow;
use std::net::IpAddr;

use super::reason::Reason;

pub use host::{HOST_BYTES_MAX, normalise_host};
pub use path::{PATH_BYTES_MAX, is_plain_segment, normalise_path};

/// Longest method, in bytes.
pub const METHOD_BYTES_MAX: usize = 32;

/// One fact as it was given, not judged yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given<'r> {
    /// Whoever asks may not state facts.
    Untrusted,
    /// It was not stated.
    Absent,
    /// It was stated once.
    One(&'r [u8]),
    /// It was stated more than once, under a twin of its name, or so that a
    /// proxy on the way would drop it.
    Conflict,
}

/// Where facts come from. Nothing is read before it is asked for.
pub trait FactSource: Sync {
    /// The method of the request.
    fn method(&self) -> Given<'_>;
    /// Its scheme.
    fn scheme(&self) -> Given<'_>;
    /// Its host, perhaps with a port.
    fn host(&self) -> Given<'_>;
    /// Its path, perhaps with a query, as it stood in the request line.
    fn target(&self) -> Given<'_>;
    /// The address of the client; `None` where it is not known.
    fn client(&self) -> Option<IpAddr>;
}

/// The scheme of a request. WebSockets count as what they are upgraded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// `http`, `ws`.
    Http,
    /// `https`, `wss`.
    Https,
}

impl Scheme {
    /// As it stands in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// The facts of one request, each normalised when it is first asked for.
pub struct RequestFacts<'r> {
    source: &'r dyn FactSource,
    method: Option<&'r str>,
    host: Option<Cow<'r, str>>,
    path: Option<Cow<'r, str>>,
}

impl<'r> RequestFacts<'r> {
    /// Facts from that source; nothing is read yet.
    pub fn new(source: &'r dyn FactSource) -> Self {
        Self {
            source,
            method: None,
            host: None,
            path: None,
        }
    }

    /// The method, as it is spelt: methods are told apart by their case
    /// (RFC 9110, section 9.1), and one that is not in capitals is none of HTTP's.
    ///
    /// # Errors
    /// Gives the reason for a fact that is missing or cannot be relied on.
    pub fn method(&mut self) -> Result<&str, Reason> {
        if let Some(known) = self.method {
            return Ok(known);
        }
        let method = normalise_method(one(self.source.method())?)?;
        Ok(self.method.insert(method))
    }

    /// The scheme.
    ///
    /// # Errors
    /// As [`RequestFacts::method`].
    pub fn scheme(&self) -> Result<Scheme, Reason> {
        match one(self.source.scheme())? {
            b"http" | b"ws" => Ok(Scheme::Http),
            b"https" | b"wss" => Ok(Scheme::Https),
            _ => Err(Reason::FactUnreadable),
        }
    }

    /// The host in lower case, without port or trailing dot.
    ///
    /// # Errors
    /// As [`RequestFacts::method`].
    pub fn host(&mut self) -> Result<&str, Reason> {
        let host = match self.host.take() {
            Some(known) => known,
            None => normalise_host(one(self.source.host())?)?,
        };
        Ok(self.host.insert(host))
    }

    /// The path, decoded once, without the query.
    ///
    /// # Errors
    /// As [`RequestFacts::method`]; [`Reason::PathAmbiguous`] for a path that
    /// two programs would read in two ways.
    pub fn path(&mut self) -> Result<&str, Reason> {
        let path = match self.path.take() {
            Some(known) => known,
            None => normalise_path(one(self.source.target())?)?,
        };
        Ok(self.path.insert(path))
    }

    /// The address of the client; `None` where it is not known.
    pub fn client(&self) -> Option<IpAddr> {
        self.source.client()
    }
}

fn one(given: Given<'_>) -> Result<&[u8], Reason> {
    match given {
        Given::One(bytes) => Ok(bytes),
        Given::Absent => Err(Reason::FactMissing),
        Given::Conflict => Err(Reason::FactConflict),
        Given::Untrusted => Err(Reason::FactUntrusted),
    }
}

/// Checks the shape of a method.
///
/// # Errors
/// [`Reason::FactUnreadable`] for what is no method.
pub fn normalise_method(given: &[u8]) -> Result<&str, Reason> {
    let fits = |byte: &u8| byte.is_ascii_uppercase() || *byte == b'-' || *byte == b'_';
    if given.is_empty() || given.len() > METHOD_BYTES_MAX || !given.iter().all(fits) {
        return Err(Reason::FactUnreadable);
    }
    std::str::from_utf8(given).map_err(|_| Reason::FactUnreadable)
}

/// Facts that are simply there: for trying a request out, and for tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedFacts {
    /// The method.
    pub method: Option<String>,
    /// The scheme.
    pub scheme: Option<String>,
    /// The host.
    pub host: Option<String>,
    /// Path and query.
    pub target: Option<String>,
    /// The address of the client.
    pub client: Option<IpAddr>,
}

impl StatedFacts {
    /// States scheme, host and target of a URL as they are written: what a
    /// client sends is not tidied up before it is judged.
    pub fn state_url(&mut self, url: &str) {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let slash = rest.find(['/', '?']).unwrap_or(rest.len());
        let (host, target) = rest.split_at(slash);
        self.scheme = Some(scheme.to_owned());
        self.host = Some(host.to_owned());
        self.target = Some(if target.starts_with('/') {
            target.to_owned()
        } else {
            format!("/{target}")
        });
    }
}

fn stated(text: Option<&str>) -> Given<'_> {
    text.map_or(Given::Absent, |text| Given::One(text.as_bytes()))
}

impl FactSource for StatedFacts {
    fn method(&self) -> Given<'_> {
        stated(self.method.as_deref())
    }

    fn scheme(&self) -> Given<'_> {
        stated(self.scheme.as_deref())
    }

    fn host(&self) -> Given<'_> {
        stated(self.host.as_deref())
    }

    fn target(&self) -> Given<'_> {
        stated(self.target.as_deref())
    }

    fn client(&self) -> Option<IpAddr> {
        self.client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_or_doubtful_is_never_a_fact() {
        struct All(Given<'static>);
        impl FactSource for All {
            fn method(&self) -> Given<'_> {
                self.0
            }
            fn scheme(&self) -> Given<'_> {
                self.0
            }
            fn host(&self) -> Given<'_> {
                self.0
            }
            fn target(&self) -> Given<'_> {
                self.0
            }
            fn client(&self) -> Option<IpAddr> {
                None
            }
        }
        for (given, reason) in [
            (Given::Absent, Reason::FactMissing),
            (Given::Conflict, Reason::FactConflict),
            (Given::Untrusted, Reason::FactUntrusted),
        ] {
            let source = All(given);
            let mut facts = RequestFacts::new(&source);
            assert_eq!(facts.method(), Err(reason));
            assert_eq!(facts.scheme(), Err(reason));
            assert_eq!(facts.host(), Err(reason));
            assert_eq!(facts.path(), Err(reason));
        }
    }

    /// CVE-2020-14359: a rule that knows capitals only must not be passed by
    /// in small letters.
    #[test]
    fn a_method_in_any_other_case_is_none() {
        for bad in ["get", "GeT", "G E T", "GET ", "", "GET,POST", "G\0T"] {
            assert_eq!(
                normalise_method(bad.as_bytes()),
                Err(Reason::FactUnreadable),
                "{bad:?}"
            );
        }
        assert!(normalise_method(&[b'A'; 200]).is_err());
        for good in ["GET", "PROPFIND", "M-SEARCH", "VERSION-CONTROL"] {
            assert_eq!(normalise_method(good.as_bytes()), Ok(good));
        }
    }

    #[test]
    fn a_websocket_counts_as_what_it_was_upgraded_from() {
        let scheme = |text: &str| {
            let stated = StatedFacts {
                scheme: Some(text.to_owned()),
                ..StatedFacts::default()
            };
            RequestFacts::new(&stated).scheme()
        };
        assert_eq!(scheme("ws"), Ok(Scheme::Http));
        assert_eq!(scheme("wss"), Ok(Scheme::Https));
        assert_eq!(scheme("https"), Ok(Scheme::Https));
        for bad in ["HTTPS", "ftp", "", "https,http"] {
            assert_eq!(scheme(bad), Err(Reason::FactUnreadable), "{bad}");
        }
    }
}
