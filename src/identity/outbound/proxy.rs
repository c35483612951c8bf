//! The forward proxy: where it is, how we show who we are, and which hosts are
//! reached without it.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use reqwest::header::HeaderValue;
use url::{Host, Url};

use super::BadOutbound;
use super::addresses::is_this_machine;
use crate::domain::secret::Secret;

/// A forward proxy.
#[derive(Clone)]
pub struct ProxyOptions {
    /// Where it is: `http` or `https`, without user and password. Names are
    /// then looked up by the proxy, which has to guard them itself.
    pub url: Url,
    /// How we show who we are.
    pub credentials: Option<ProxyCredentials>,
    /// What is reached without it, beside this machine itself.
    pub bypass: Vec<Bypass>,
}

/// Without what may be secret, should somebody have put it into the URL.
impl fmt::Debug for ProxyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyOptions")
            .field("url", &self.url.origin().ascii_serialization())
            .field("credentials", &self.credentials)
            .field("bypass", &self.bypass)
            .finish()
    }
}

/// What stands in `Proxy-Authorization` (RFC 9110, section 11.7.2).
#[derive(Clone, Debug)]
pub enum ProxyCredentials {
    /// `Basic` (RFC 7617).
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Secret<String>,
    },
    /// The whole value of the header, for any other scheme.
    Header(Secret<String>),
}

impl ProxyOptions {
    /// Whether that URL is fetched without the proxy.
    pub(super) fn bypasses(&self, url: &Url) -> bool {
        let Some(host) = url.host() else {
            return false;
        };
        is_this_machine(&host) || self.bypass.iter().any(|bypass| bypass.covers(&host))
    }

    pub(super) fn for_library(&self) -> Result<reqwest::Proxy, BadOutbound> {
        let fault = |text: &str| BadOutbound::Proxy(text.to_owned());
        if !matches!(self.url.scheme(), "http" | "https") || self.url.host().is_none() {
            return Err(fault(
                "url must begin with http:// or https:// and name a host",
            ));
        }
        if !self.url.username().is_empty() || self.url.password().is_some() {
            return Err(fault(
                "url holds a user or a password; put them into their own settings",
            ));
        }
        let proxy =
            reqwest::Proxy::all(self.url.clone()).map_err(|_| fault("url cannot be used"))?;
        let Some(credentials) = &self.credentials else {
            return Ok(proxy);
        };
        let value = credentials.header_value()?;
        let mut value = HeaderValue::from_str(value.expose())
            .map_err(|_| fault("authorization cannot stand in a header"))?;
        value.set_sensitive(true);
        Ok(proxy.custom_http_auth(value))
    }
}

impl ProxyCredentials {
    fn header_value(&self) -> Result<Secret<String>, BadOutbound> {
        match self {
            Self::Header(value) => Ok(value.clone()),
            // A colon would end the user's name early (RFC 7617, section 2).
            Self::Basic { user, .. } if user.contains(':') => {
                Err(BadOutbound::Proxy("user holds a colon".to_owned()))
            }
            Self::Basic { user, password } => {
                let pair = Secret::new(format!("{user}:{}", password.expose()));
                Ok(Secret::new(format!(
                    "Basic {}",
                    STANDARD.encode(pair.expose())
                )))
            }
        }
    }
}

/// One entry of the list of hosts that are reached without the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bypass {
    /// `*`: everything.
    Everything,
    /// `example.com`: that host and those below it.
    Host(String),
    /// `.example.com` or `*.example.com`: the hosts below that name.
    Below(String),
    /// An address, or a network such as `10.0.0.0/8`: hosts that are given by
    /// address. Names are not looked up for this.
    Network(IpNet),
}

/// The entry means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a host, nor .suffix, nor an address or network, nor *")]
pub struct BadBypass(String);

impl Bypass {
    /// Reads one entry.
    ///
    /// # Errors
    /// Fails for what is none of the kinds of entry.
    pub fn parse(text: &str) -> Result<Self, BadBypass> {
        let text = text.trim();
        if text == "*" {
            return Ok(Self::Everything);
        }
        let bare = text.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = bare.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        let below = text.strip_prefix("*.").or_else(|| text.strip_prefix('.'));
        // The same form that URLs have their hosts in: lower case, punycode.
        match Host::parse(below.unwrap_or(text)) {
            Ok(Host::Domain(name)) if below.is_some() => Ok(Self::Below(name)),
            Ok(Host::Domain(name)) => Ok(Self::Host(name)),
            _ => Err(BadBypass(text.to_owned())),
        }
    }

    fn covers<S: AsRef<str>>(&self, host: &Host<S>) -> bool {
        match (self, host) {
            (Self::Everything, _) => true,
            (Self::Host(name), Host::Domain(host)) => {
                host.as_ref() == name || is_below(host.as_ref(), name)
            }
            (Self::Below(name), Host::Domain(host)) => is_below(host.as_ref(), name),
            (Self::Network(network), Host::Ipv4(address)) => {
                network.contains(&IpAddr::V4(*address))
            }
            (Self::Network(network), Host::Ipv6(address)) => {
                network.contains(&IpAddr::V6(*address))
            }
            (Self::Host(_) | Self::Below(_), _) | (Self::Network(_), Host::Domain(_)) => false,
        }
    }
}

fn is_below(host: &str, name: &str) -> bool {
    host.strip_suffix(name)
        .is_some_and(|front| front.len() > 1 && front.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_covers_what_it_says_and_no_more() {
        for (entry, host, covered) in [
            ("*", "anything.test", true),
            ("a.test", "a.test", true),
            ("A.Test", "a.test", true),
            ("a.test", "b.a.test", true),
            ("a.test", "ba.test", false),
            ("a.test", "a.test.evil", false),
            (".a.test", "b.a.test", true),
            ("*.a.test", "c.b.a.test", true),
            (".a.test", "a.test", false),
            (".a.test", "ba.test", false),
            ("10.0.0.0/8", "10.9.8.7", true),
            ("10.0.0.0/8", "11.9.8.7", false),
            ("10.0.0.0/8", "ten.test", false),
            ("192.168.1.1", "192.168.1.1", true),
            ("192.168.1.1", "192.168.1.11", false),
            ("fd00::/8", "[fd12::1]", true),
            ("[::5]", "[::5]", true),
            ("localhost", "10.0.0.1", false),
        ] {
            let bypass = Bypass::parse(entry).unwrap();
            assert_eq!(
                bypass.covers(&Host::parse(host).unwrap()),
                covered,
                "{entry} {host}"
            );
        }
        for entry in ["", "  ", "a b", "http://a.test", "10.0.0.0/33", ".", "*."] {
            assert!(Bypass::parse(entry).is_err(), "{entry:?}");
        }
    }

    #[test]
    fn this_machine_is_never_reached_by_way_of_the_proxy() {
        let options = ProxyOptions {
            url: Url::parse("http://proxy.test:3128").unwrap(),
            credentials: None,
            bypass: vec![Bypass::parse(".corp.test").unwrap()],
        };
        let bypasses = |text: &str| options.bypasses(&Url::parse(text).unwrap());
        assert!(bypasses("http://localhost:1/"));
        assert!(bypasses("http://127.0.0.1:1/"));
        assert!(bypasses("https://idp.corp.test/"));
        assert!(!bypasses("https://idp.example.com/"));
    }

    #[test]
    fn neither_password_nor_header_shows_itself() {
        let basic = ProxyCredentials::Basic {
            user: "u".to_owned(),
            password: Secret::new("hunter2".to_owned()),
        };
        let header = ProxyCredentials::Header(Secret::new("Negotiate hunter2".to_owned()));
        assert!(!format!("{basic:?}{header:?}").contains("hunter2"));
        let with_password = ProxyOptions {
            url: Url::parse("http://u:hunter2@proxy.test").unwrap(),
            credentials: None,
            bypass: Vec::new(),
        };
        let fault = with_password.for_library().unwrap_err().to_string();
        assert!(!fault.contains("hunter2"), "{fault}");
        assert!(
            !format!("{with_password:?}").contains("hunter2"),
            "debug shows the password"
        );
    }
}
