//! Where calls may go. A discovery document names the address of the keys, so
//! that whoever can write one could send us anywhere: these rules hold for
//! every URL, and again for the addresses that its name resolves to, which are
//! the very ones that are connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Why a URL may not be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// It cannot be read.
    #[error("is no URL; it must be like https://issuer.example.com")]
    NotAUrl,
    /// Neither `https` nor `http`.
    #[error("has another scheme than https")]
    Scheme,
    /// `http` to another machine.
    #[error("is plain http, which is accepted for this machine only (localhost, 127.0.0.1, [::1])")]
    PlainHttp,
    /// `http` named by a document that came by `https`.
    #[error("is plain http, though the document that names it came by https")]
    Downgrade,
    /// User or password in it.
    #[error("holds a user or a password, which would end up in logs")]
    Credentials,
    /// An issuer with a query or a fragment.
    #[error("has a query or a fragment, which an issuer must not have")]
    QueryOrFragment,
    /// An address that nothing is fetched from.
    #[error("leads to a link-local, multicast, unspecified or metadata address")]
    Address,
}

/// Checks scheme, host and what else can be seen without asking anybody.
pub(super) fn check(url: &Url, allow_plain_http: bool) -> Result<(), UrlFault> {
    let host = url.host().ok_or(UrlFault::NotAUrl)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlFault::Credentials);
    }
    match url.scheme() {
        "https" => {}
        "http" if allow_plain_http || is_this_machine(&host) => {}
        "http" => return Err(UrlFault::PlainHttp),
        _ => return Err(UrlFault::Scheme),
    }
    let literal = match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
    };
    if literal.is_some_and(is_never_fetched) {
        return Err(UrlFault::Address);
    }
    Ok(())
}

/// Whether the host is this machine by its very name.
pub(super) fn is_this_machine<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => is_localhost(name.as_ref()),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

fn is_localhost(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
}

/// Addresses that no issuer has and some machines answer to with secrets:
/// above all those of cloud metadata services. Private networks are not among
/// them, since that is where many issuers live.
fn is_never_fetched(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_never_fetched_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(embedded) => is_never_fetched_v4(embedded),
            None => is_never_fetched_v6(address),
        },
    }
}

fn is_never_fetched_v4(address: Ipv4Addr) -> bool {
    // 0.0.0.0/8 is "this network" (RFC 791, section 3.2): many systems take it
    // for the machine itself. 100.100.100.200 and 192.0.0.192 are metadata
    // services outside the link-local range.
    address.octets()[0] == 0
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || [[100, 100, 100, 200], [192, 0, 0, 192]].contains(&address.octets())
}

fn is_never_fetched_v6(address: Ipv6Addr) -> bool {
    const METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    address.is_unspecified()
        || address.is_multicast()
        || address.is_unicast_link_local()
        || address == METADATA
}

/// The IPv4 address that an IPv6 one stands for: mapped (`::ffff:0:0/96`) or
/// by NAT64 (`64:ff9b::/96`, RFC 6052, section 2.1).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(mapped);
    }
    let octets = address.octets();
    let is_nat64 = address.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    is_nat64.then(|| Ipv4Addr::new(octets[12], octets[13], octets[14], octets[15]))
}

/// Looks names up and drops the addresses that nothing is fetched from. The
/// connection is made to what is left, so that no second look-up can give
/// another answer.
pub(super) struct CheckedResolver;

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found = tokio::task::spawn_blocking(move || look_up(&name)).await??;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn look_up(name: &str) -> std::io::Result<Vec<SocketAddr>> {
    // Port 0 is replaced by the URL's.
    let found = (name, 0).to_socket_addrs()?;
    let kept: Vec<SocketAddr> = found
        .filter(|address| is_accepted(name, address.ip()))
        .collect();
    if kept.is_empty() {
        return Err(std::io::Error::other(
            "the name leads to no address that may be fetched from",
        ));
    }
    Ok(kept)
}

/// `localhost` is trusted with plain http, so it must be what its name says
/// (RFC 6761, section 6.3), whatever the resolver makes of it.
fn is_accepted(name: &str, address: IpAddr) -> bool {
    !is_never_fetched(address) && (!is_localhost(name) || address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str, allow_plain_http: bool) -> Option<UrlFault> {
        check(&Url::parse(text).unwrap(), allow_plain_http).err()
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for text in [
            "https://issuer.example.com/a",
            "https://10.1.2.3/a",
            "http://localhost:8080/a",
            "http://LOCALHOST/a",
            "http://127.0.0.1/a",
            "http://127.8.9.1/a",
            "http://[::1]:1/a",
        ] {
            assert_eq!(fault(text, false), None, "{text}");
        }
        for text in [
            "http://issuer.example.com/a",
            "http://localhost.example.com/",
            "http://localhost./",
            "http://10.1.2.3/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert_eq!(fault(text, false), Some(UrlFault::PlainHttp), "{text}");
            assert_eq!(fault(text, true), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_place_for_keys_is_refused_however_it_is_written() {
        for text in [
            "https://169.254.169.254/latest/meta-data",
            "https://2852039166/",
            "https://0xa9fea9fe/",
            "https://0251.0376.0251.0376/",
            "https://169.254.43518/",
            "https://[::ffff:169.254.169.254]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]/",
            "https://[::]/",
            "https://0.0.0.0/",
            "https://0/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://100.100.100.200/",
            "https://192.0.0.192/",
            "https://[ff02::1]/",
        ] {
            assert_eq!(fault(text, true), Some(UrlFault::Address), "{text}");
        }
        for (text, expected) in [
            ("ftp://a.example.com/", UrlFault::Scheme),
            ("file:///etc/passwd", UrlFault::NotAUrl),
            ("data:application/json,{}", UrlFault::NotAUrl),
            ("https://user@a.example.com/", UrlFault::Credentials),
            ("https://:pass@a.example.com/", UrlFault::Credentials),
        ] {
            assert_eq!(fault(text, true), Some(expected), "{text}");
        }
    }

    #[test]
    fn localhost_leads_nowhere_else() {
        assert!(is_accepted("localhost", Ipv4Addr::LOCALHOST.into()));
        assert!(is_accepted("Localhost", Ipv6Addr::LOCALHOST.into()));
        assert!(!is_accepted(
            "localhost",
            Ipv4Addr::new(93, 184, 215, 14).into()
        ));
        assert!(is_accepted(
            "issuer.example.com",
            Ipv4Addr::new(10, 0, 0, 1).into()
        ));
        assert!(!is_accepted(
            "issuer.example.com",
            Ipv4Addr::new(169, 254, 169, 254).into()
        ));
        assert!(
            look_up("localhost")
                .unwrap()
                .iter()
                .all(|address| address.ip().is_loopback())
        );
    }
}
