//! Which names the portal answers to.
//!
//! A page elsewhere can point a name of its own at this machine (DNS rebinding)
//! and would then be of the same origin as the portal. Its requests carry that
//! foreign name in `Host`, and are refused.

use actix_web::dev::RequestHead;
use actix_web::http::header;
use actix_web::http::uri::Authority;

/// The names that a request may be addressed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostRule {
    /// Any name: for a listener that only a proxy reaches, which checks names.
    pub any: bool,
    /// Names and addresses without port, compared without regard to case.
    pub hosts: Vec<String>,
}

const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

impl HostRule {
    /// The names of this very machine, and the given ones.
    pub fn loopback_and(hosts: impl IntoIterator<Item = String>) -> Self {
        let loopback = LOOPBACK.iter().map(|name| (*name).to_owned());
        Self {
            any: false,
            hosts: loopback.chain(hosts).collect(),
        }
    }

    /// Whether a request with that head is for us. Both places that can name a
    /// host count: the request target and the `Host` field. One without any
    /// name is refused, since HTTP/1.1 asks for it (RFC 9112, section 3.2).
    pub fn admits(&self, head: &RequestHead) -> bool {
        if self.any {
            return true;
        }
        let mut fields = head.headers().get_all(header::HOST);
        let field = fields.next();
        if fields.next().is_some() {
            return false;
        }
        let target = head.uri.authority().map(Authority::as_str);
        let field = match field.map(header::HeaderValue::to_str) {
            Some(Ok(text)) => Some(text),
            Some(Err(_)) => return false,
            None => None,
        };
        (target.is_some() || field.is_some())
            && [target, field]
                .into_iter()
                .flatten()
                .all(|text| self.is_ours(text))
    }

    fn is_ours(&self, authority: &str) -> bool {
        let Some(host) = without_port(authority) else {
            return false;
        };
        let host = host.strip_suffix('.').unwrap_or(host);
        self.hosts
            .iter()
            .any(|known| known.eq_ignore_ascii_case(host))
    }
}

/// Whether `host[:port]` is a name of this very machine.
pub fn is_loopback(authority: &str) -> bool {
    let host = without_port(authority).map(|host| host.strip_suffix('.').unwrap_or(host));
    host.is_some_and(|host| {
        LOOPBACK
            .iter()
            .any(|known| known.eq_ignore_ascii_case(host))
    })
}

/// The host of `host[:port]`; an IPv6 address keeps its brackets.
fn without_port(authority: &str) -> Option<&str> {
    let host_end = match authority.rfind(']') {
        Some(bracket) if authority.starts_with('[') => bracket + 1,
        Some(_) => return None,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at_checked(host_end)?;
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let is_sound = rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
    is_sound.then_some(host)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn admits(rule: &HostRule, host: &str) -> bool {
        let request = TestRequest::default()
            .insert_header((header::HOST, host))
            .to_http_request();
        rule.admits(request.head())
    }

    #[test]
    fn only_names_of_ours_are_answered_to() {
        let rule = HostRule::loopback_and(["Lodge.example.org".to_owned()]);
        for ours in [
            "localhost",
            "localhost:8080",
            "LOCALHOST.",
            "127.0.0.1:1",
            "[::1]:8080",
            "lodge.example.org",
        ] {
            assert!(admits(&rule, ours), "{ours}");
        }
        for foreign in [
            "evil.example",
            "localhost.evil.example",
            "evil.example:8080",
            "localhost:8080:evil",
            "user@localhost",
            "localhost:x",
            "[::1]x",
            "",
        ] {
            assert!(!admits(&rule, foreign), "{foreign}");
        }
        assert!(!rule.admits(TestRequest::default().to_http_request().head()));
        let any = HostRule {
            any: true,
            hosts: Vec::new(),
        };
        assert!(admits(&any, "evil.example"));
    }

    #[test]
    fn two_names_must_both_be_ours() {
        let rule = HostRule::loopback_and([]);
        let head = |target: &str| {
            let request = TestRequest::with_uri(target).insert_header((header::HOST, "localhost"));
            request.to_http_request()
        };
        assert!(rule.admits(head("http://127.0.0.1/api/me").head()));
        assert!(!rule.admits(head("http://evil.example/api/me").head()));
        let twice = TestRequest::default()
            .append_header((header::HOST, "localhost"))
            .append_header((header::HOST, "localhost"))
            .to_http_request();
        assert!(!rule.admits(twice.head()));
    }
}
