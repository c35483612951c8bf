//! Hosts by name: one, or all below one.

use std::fmt;

use super::super::facts::normalise_host;
use super::BadPattern;

/// `api.example.com`, or `*.example.com` for every host below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern {
    /// With its leading dot, where all hosts below it are meant.
    name: Box<str>,
}

impl HostPattern {
    /// Reads a pattern; case and a trailing dot do not count.
    ///
    /// # Errors
    /// [`BadPattern::Host`] for what is none.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        let (dot, host) = match text.strip_prefix("*.") {
            Some(suffix) => (".", suffix),
            None => ("", text),
        };
        let is_address = host.starts_with('[');
        let has_port = !is_address && host.contains(':') || is_address && !host.ends_with(']');
        if has_port || is_address && !dot.is_empty() {
            return Err(BadPattern::Host);
        }
        let host = normalise_host(host.as_bytes()).map_err(|_| BadPattern::Host)?;
        Ok(Self {
            name: format!("{dot}{host}").into(),
        })
    }

    /// Whether a normalised host is meant. The dot before a suffix counts:
    /// `badexample.com` is not below `example.com`.
    pub fn matches(&self, host: &str) -> bool {
        if self.is_suffix() {
            host.len() > self.name.len() && host.ends_with(&*self.name)
        } else {
            *host == *self.name
        }
    }

    /// Whether every host that `other` means is meant here, too.
    pub fn covers(&self, other: &Self) -> bool {
        self == other || self.matches(&other.name)
    }

    fn is_suffix(&self) -> bool {
        self.name.starts_with('.')
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}",
            if self.is_suffix() { "*" } else { "" },
            self.name
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> HostPattern {
        HostPattern::parse(text).unwrap()
    }

    /// CVE-2021-21291: a suffix without its dot lets strangers in.
    #[test]
    fn a_suffix_ends_at_a_dot() {
        let below = pattern("*.Example.com");
        assert!(below.matches("a.example.com") && below.matches("a.b.example.com"));
        for other in [
            "example.com",
            "badexample.com",
            "example.com.evil",
            ".example.com",
        ] {
            assert!(!below.matches(other), "{other}");
        }
        let one = pattern("API.example.com.");
        assert!(one.matches("api.example.com") && !one.matches("x.api.example.com"));
        assert_eq!(below.to_string(), "*.example.com");
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for bad in [
            "",
            "*",
            "*.",
            "a.*.b",
            "*a.test",
            "a.test:443",
            "*.[::1]",
            "[::1]:80",
            "a/b",
        ] {
            assert_eq!(HostPattern::parse(bad), Err(BadPattern::Host), "{bad}");
        }
        assert!(pattern("[::1]").matches("[::1]"));
    }

    #[test]
    fn what_is_covered_is_never_wider() {
        assert!(pattern("*.a.test").covers(&pattern("*.b.a.test")));
        assert!(pattern("*.a.test").covers(&pattern("b.a.test")));
        assert!(!pattern("*.b.a.test").covers(&pattern("*.a.test")));
        assert!(!pattern("b.a.test").covers(&pattern("*.a.test")));
        assert!(!pattern("*.a.test").covers(&pattern("a.test")));
    }
}
