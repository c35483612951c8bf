//! What Envoy says about a request, as the domain sees it.

use std::net::IpAddr;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::canonical;
use super::protos::envoy::config::core::v3::address::Address;
use super::protos::envoy::service::auth::v3::AttributeContext;
use super::protos::envoy::service::auth::v3::attribute_context::HttpRequest;
use crate::domain::facts::{FactSource, Given};
use crate::domain::request::{HeaderValues, Headers};
use crate::proxy::facts::ProxyTrust;

/// One question, and whether whoever asks may state facts.
pub(super) struct Question<'t> {
    attributes: AttributeContext,
    http: HttpRequest,
    peer: Option<IpAddr>,
    trust: &'t ProxyTrust,
}

impl<'t> Question<'t> {
    pub(super) fn new(
        mut attributes: AttributeContext,
        peer: Option<IpAddr>,
        trust: &'t ProxyTrust,
    ) -> Self {
        let request = attributes.request.take();
        Self {
            http: request.and_then(|request| request.http).unwrap_or_default(),
            attributes,
            peer: peer.map(canonical),
            trust,
        }
    }

    /// What the route says to us, which no client can write.
    pub(super) fn extension(&self, key: &str) -> Option<&str> {
        let extensions = &self.attributes.context_extensions;
        extensions.get(key).map(String::as_str)
    }

    /// All headers. Envoy fills the map, or the list where it is told to send
    /// headers as they are; only the list keeps repeated ones apart.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let folded = self.http.headers.iter();
        let folded = folded.map(|(name, value)| (name.as_str(), value.as_bytes()));
        let listed = self.http.header_map.iter().flat_map(|map| &map.headers);
        folded.chain(listed.map(|header| {
            let value = if header.raw_value.is_empty() {
                header.value.as_bytes()
            } else {
                &header.raw_value
            };
            (header.key.as_str(), value)
        }))
    }

    /// All headers that HTTP can carry, as its library has them.
    pub(super) fn header_map(&self) -> HeaderMap {
        let fields = self.headers().filter_map(|(name, value)| {
            let name = HeaderName::try_from(name).ok()?;
            Some((name, HeaderValue::from_bytes(value).ok()?))
        });
        let mut map = HeaderMap::new();
        fields.for_each(|(name, value)| map.append(name, value));
        map
    }

    /// The text of a header that stands there once.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        match self.values(name) {
            HeaderValues::One(value) => std::str::from_utf8(value).ok(),
            HeaderValues::Absent | HeaderValues::Several => None,
        }
    }

    fn is_trusted(&self) -> bool {
        self.trust.admits(self.peer)
    }

    fn stated<'g>(&self, text: &'g str) -> Given<'g> {
        if !self.is_trusted() {
            Given::Untrusted
        } else if text.is_empty() {
            Given::Absent
        } else {
            Given::One(text.as_bytes())
        }
    }
}

impl Headers for Question<'_> {
    fn values(&self, name: &str) -> HeaderValues<'_> {
        // Envoy writes names in lower case; another sender might not.
        let mut found = self
            .headers()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (None, _) => HeaderValues::Absent,
            (Some((_, value)), None) => HeaderValues::One(value),
            (Some(_), Some(_)) => HeaderValues::Several,
        }
    }
}

impl FactSource for Question<'_> {
    fn method(&self) -> Given<'_> {
        self.stated(&self.http.method)
    }

    fn scheme(&self) -> Given<'_> {
        self.stated(&self.http.scheme)
    }

    fn host(&self) -> Given<'_> {
        self.stated(&self.http.host)
    }

    /// With the query, as it stood in the request line; absent for CONNECT.
    fn target(&self) -> Given<'_> {
        self.stated(&self.http.path)
    }

    /// Envoy's own word: whom it took for the client by the hops that it was
    /// told to trust. It needs none of ours.
    fn client(&self) -> Option<IpAddr> {
        if !self.is_trusted() {
            return self.peer;
        }
        let source = self.attributes.source.as_ref()?.address.as_ref()?;
        let Some(Address::SocketAddress(socket)) = &source.address else {
            return None;
        };
        socket.address.parse().ok().map(canonical)
    }
}

#[cfg(test)]
mod tests {
    use super::super::protos::envoy::config::core::v3::{
        Address as AddressMessage, HeaderMap, HeaderValue, SocketAddress,
    };
    use super::super::protos::envoy::service::auth::v3::attribute_context::{Peer, Request};
    use super::*;
    use crate::domain::facts::RequestFacts;
    use crate::domain::reason::Reason;

    fn trust() -> ProxyTrust {
        ProxyTrust {
            networks: vec!["10.0.0.0/8".parse().unwrap()],
            hops: 1,
        }
    }

    fn attributes(http: HttpRequest) -> AttributeContext {
        let socket = SocketAddress {
            address: "::ffff:203.0.113.7".to_owned(),
            ..SocketAddress::default()
        };
        AttributeContext {
            source: Some(Peer {
                address: Some(AddressMessage {
                    address: Some(Address::SocketAddress(socket)),
                }),
                ..Peer::default()
            }),
            request: Some(Request {
                http: Some(http),
                ..Request::default()
            }),
            ..AttributeContext::default()
        }
    }

    fn http() -> HttpRequest {
        HttpRequest {
            method: "GET".to_owned(),
            host: "App.Example.com:443".to_owned(),
            path: "/admin?x=1".to_owned(),
            scheme: "https".to_owned(),
            ..HttpRequest::default()
        }
    }

    #[test]
    fn a_path_is_judged_without_its_query() {
        let (trust, peer) = (trust(), "10.0.0.9".parse().ok());
        let question = Question::new(attributes(http()), peer, &trust);
        let mut facts = RequestFacts::new(&question);
        assert_eq!(facts.path(), Ok("/admin"));
        assert_eq!(facts.host(), Ok("app.example.com"));
        assert_eq!(facts.method(), Ok("GET"));
        assert_eq!(facts.client(), "203.0.113.7".parse().ok());
    }

    #[test]
    fn who_is_no_trusted_proxy_states_nothing_and_is_the_client_itself() {
        let (trust, peer) = (trust(), "192.0.2.1".parse().ok());
        let question = Question::new(attributes(http()), peer, &trust);
        let mut facts = RequestFacts::new(&question);
        assert_eq!(facts.path(), Err(Reason::FactUntrusted));
        assert_eq!(facts.client(), peer);
    }

    #[test]
    fn a_question_without_a_request_has_no_facts_and_no_headers() {
        let (trust, peer) = (trust(), "10.0.0.9".parse().ok());
        let question = Question::new(AttributeContext::default(), peer, &trust);
        let mut facts = RequestFacts::new(&question);
        assert_eq!(facts.path(), Err(Reason::FactMissing));
        assert_eq!(facts.method(), Err(Reason::FactMissing));
        assert_eq!(facts.client(), None);
        assert!(matches!(
            question.values("authorization"),
            HeaderValues::Absent
        ));
    }

    #[test]
    fn headers_in_a_list_are_kept_apart_and_read_raw() {
        let line = |value: &[u8]| HeaderValue {
            key: "authorization".to_owned(),
            raw_value: value.to_vec(),
            ..HeaderValue::default()
        };
        let (trust, peer) = (trust(), "10.0.0.9".parse().ok());
        let asked = |lines: &[&[u8]]| HttpRequest {
            header_map: Some(HeaderMap {
                headers: lines.iter().map(|value| line(value)).collect(),
            }),
            ..http()
        };
        let one = Question::new(attributes(asked(&[b"Bearer a"])), peer, &trust);
        assert_eq!(one.one("Authorization"), Some("Bearer a"));
        let two = Question::new(attributes(asked(&[b"Bearer a", b"Bearer b"])), peer, &trust);
        assert!(matches!(two.values("authorization"), HeaderValues::Several));
    }
}
