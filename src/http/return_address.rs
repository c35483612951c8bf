//! Where people go after they signed in: a path of the portal, or a host that
//! the operator allowed. Whatever else is asked for lands on `/`.
//!
//! The wish comes from a link that anybody may have written, and ends as a
//! `Location`: what a browser would take for another host must not pass. So the
//! text is plain ASCII without what browsers repair (backslashes, blanks,
//! control characters), is read by a URL library, and what that library made of
//! it is looked at once more.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use subtle::ConstantTimeEq as _;
use url::{Host, Url};

use crate::domain::salt::Salts;

/// Where everything leads that leads nowhere else.
pub const HOME: &str = "/";

/// Longer than any address of ours.
const BYTES_MAX: usize = 4_096;
/// How often an address may be encoded upon itself before it is refused.
const ENCODED_MAX: usize = 4;
/// Paths that lead people in circles.
const CIRCLES: [&str; 2] = ["/sign-in", "/auth"];
/// Stands for our own host while a path is read.
const SOMEWHERE: &str = "https://own.invalid";
/// Between signature and address.
const SIGNATURE_END: char = '.';

/// Where people may return to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReturnAddresses {
    hosts: Vec<String>,
}

impl ReturnAddresses {
    /// The portal itself, and these hosts by https.
    pub fn new(hosts: Vec<String>) -> Self {
        Self { hosts }
    }

    /// Where to send somebody who wished to go there.
    pub fn settle(&self, wish: Option<&str>) -> String {
        wish.and_then(|wish| self.accept(wish))
            .unwrap_or_else(|| HOME.to_owned())
    }

    fn accept(&self, wish: &str) -> Option<String> {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if wish.len() > BYTES_MAX || !wish.bytes().all(is_plain) || !decodes_to_plain(wish) {
            return None;
        }
        if wish.starts_with('/') {
            accept_path(wish)
        } else {
            self.accept_host(wish)
        }
    }

    fn accept_host(&self, wish: &str) -> Option<String> {
        // As it is written: what the library repairs is not asked for honestly.
        let rest = wish.strip_prefix("https://")?;
        let url = Url::parse(wish).ok()?;
        let Some(Host::Domain(host)) = url.host() else {
            return None;
        };
        let is_bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
        let is_as_written = rest
            .strip_prefix(host)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
        let is_known = self.hosts.iter().any(|known| known == host);
        (is_bare && is_as_written && is_known).then(|| url.into())
    }

    /// An address for a journey through somebody else's hands, signed for that
    /// journey alone: `bound_to` says which.
    pub fn sign(&self, salts: &Salts, bound_to: &str, address: &str) -> String {
        signed(salts, bound_to, address)
    }

    /// The address in what [`ReturnAddresses::sign`] made for the same journey,
    /// if it still is one; `/` for anything else.
    pub fn open(&self, salts: &Salts, bound_to: &str, signed: &str) -> String {
        self.settle(opened(salts, bound_to, signed))
    }
}

/// An address with its signature for one journey.
pub(super) fn signed(salts: &Salts, bound_to: &str, address: &str) -> String {
    let signature = signature(salts.active().return_key(), bound_to, address);
    let signature = URL_SAFE_NO_PAD.encode(signature);
    format!("{signature}{SIGNATURE_END}{address}")
}

/// The address in what [`signed`] made for the same journey.
pub(super) fn opened<'t>(salts: &Salts, bound_to: &str, signed: &'t str) -> Option<&'t str> {
    let (given, address) = signed.split_once(SIGNATURE_END)?;
    let is_signed = URL_SAFE_NO_PAD.decode(given).is_ok_and(|given| {
        salts.accepted().iter().any(|salt| {
            let known = signature(salt.return_key(), bound_to, address);
            known[..].ct_eq(&given).into()
        })
    });
    is_signed.then_some(address)
}

fn signature(key: &[u8; 32], bound_to: &str, address: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(bound_to.as_bytes()).update(&[0]);
    *hasher.update(address.as_bytes()).finalize().as_bytes()
}

fn accept_path(wish: &str) -> Option<String> {
    let somewhere = Url::parse(SOMEWHERE).ok()?;
    let url = somewhere.join(wish).ok()?;
    let path = url.path();
    let is_ours = url.origin() == somewhere.origin()
        && url.username().is_empty()
        && url.password().is_none()
        && !path.starts_with("//");
    let below = |circle: &str| {
        let rest = path.strip_prefix(circle);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    (is_ours && !CIRCLES.into_iter().any(below))
        .then(|| url[url::Position::BeforePath..].to_owned())
}

/// Whether no layer of encoding hides what would not pass without it: proxies
/// and front ends decode, some of them twice.
fn decodes_to_plain(wish: &str) -> bool {
    let mut text = wish.to_owned();
    for _ in 0..ENCODED_MAX {
        let path = text.split(['?', '#']).next().unwrap_or_default();
        let Ok(decoded) = percent_decode_str(path).decode_utf8() else {
            return false;
        };
        let is_bad = |c: char| c.is_control() || c == '\\';
        if decoded.chars().any(is_bad) || decoded.starts_with("//") {
            return false;
        }
        if decoded == text {
            return true;
        }
        text = decoded.into_owned();
    }
    false
}

#[cfg(test)]
mod tests;
