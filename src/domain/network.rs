//! Networks of clients: what a key may be bound to, and where it was seen.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

/// How much of an IPv4 address is kept of a client.
const SEEN_IPV4_BITS: u8 = 24;
/// How much of an IPv6 address is kept of a client: what one site commonly gets.
const SEEN_IPV6_BITS: u8 = 48;

/// A network, written `192.0.2.0/24` or `2001:db8::/48`. Bits beyond its length
/// are zero, and an IPv4 network is never written as one of IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpNet);

/// Not a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an address or a network, such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/48")]
pub struct MalformedNetwork;

impl Network {
    /// Reads an address or a network; of the latter, bits beyond its length
    /// must be zero, because it is not known which of the two was meant.
    ///
    /// # Errors
    /// Fails for anything else, addresses of IPv4 in IPv6 included.
    pub fn parse(text: &str) -> Result<Self, MalformedNetwork> {
        let network = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse().map_err(|_| MalformedNetwork)?,
        };
        let is_mapped = |net: &IpNet| match net {
            IpNet::V4(_) => false,
            IpNet::V6(net) => net.addr().to_ipv4_mapped().is_some(),
        };
        if network.trunc() != network || is_mapped(&network) {
            return Err(MalformedNetwork);
        }
        Ok(Self(network))
    }

    /// The network that a client's address is remembered by: enough to tell
    /// places apart, not enough to tell people apart.
    pub fn around(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let bits = match address {
            IpAddr::V4(_) => SEEN_IPV4_BITS,
            IpAddr::V6(_) => SEEN_IPV6_BITS,
        };
        let network = IpNet::new(address, bits).unwrap_or_else(|_| IpNet::from(address));
        Self(network.trunc())
    }

    /// Whether the address lies in it; one of IPv4 in IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Whether all of `other` lies in it.
    pub fn covers(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::parse(text).unwrap()
    }

    #[test]
    fn networks_read_as_they_are_written_and_addresses_are_the_smallest() {
        for text in ["192.0.2.0/24", "2001:db8::/48", "0.0.0.0/0", "::/0"] {
            assert_eq!(network(text).to_string(), text);
        }
        assert_eq!(network("192.0.2.7").to_string(), "192.0.2.7/32");
        assert_eq!(network("2001:db8::7").to_string(), "2001:db8::7/128");
        for text in [
            "",
            "192.0.2.0/33",
            "192.0.2.7/24",
            "192.0.2",
            "example.com",
            "::ffff:192.0.2.0/120",
            " 192.0.2.0/24",
            "fe80::1%eth0",
        ] {
            assert_eq!(Network::parse(text), Err(MalformedNetwork), "{text:?}");
        }
    }

    #[test]
    fn an_address_lies_in_its_network_however_it_is_written() {
        let office = network("192.0.2.0/24");
        assert!(office.contains("192.0.2.255".parse().unwrap()));
        assert!(office.contains("::ffff:192.0.2.1".parse().unwrap()));
        assert!(!office.contains("192.0.3.0".parse().unwrap()));
        assert!(!network("::/0").contains("192.0.2.1".parse().unwrap()));
        assert!(office.covers(&network("192.0.2.128/25")));
        assert!(!network("192.0.2.128/25").covers(&office));
    }

    #[test]
    fn of_a_client_only_its_network_is_kept() {
        let around = |text: &str| Network::around(text.parse().unwrap()).to_string();
        assert_eq!(around("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(around("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(around("2001:db8:1:2::3"), "2001:db8:1::/48");
    }
}
