//! A token, taken apart: first as what its bearer claims, and only after its
//! signature was checked as what its issuer says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::jwk::VerificationKey;
use super::strict_json;
use crate::domain::credential::CREDENTIAL_BYTES_MAX;
use crate::domain::reason::Reason;

/// Longest token that is looked at, in bytes.
pub const TOKEN_BYTES_MAX: usize = CREDENTIAL_BYTES_MAX;
/// Longest header, in bytes, decoded.
pub const HEADER_BYTES_MAX: usize = 4 * 1024;

/// A token in the compact form (RFC 7515, section 7.1), of which nothing is proven.
pub(super) struct UnverifiedToken<'t> {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    algorithm: Algorithm,
    message: &'t str,
    signature: &'t str,
}

/// Which of the tokens around a sign-in is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// Who signed in (OpenID Connect Core 1.0, section 2).
    Id,
    /// An access token that came with an ID token.
    Access,
    /// A provider's word that a session ended (Back-Channel Logout 1.0, section 2.4).
    Logout,
}

/// The claims of a token whose signature fits: what its issuer says.
pub(super) struct SignedClaims(Map<String, Value>);

impl<'t> UnverifiedToken<'t> {
    /// Takes the text apart and refuses what no honest issuer sends.
    pub(super) fn parse(text: &'t str) -> Result<Self, Reason> {
        if text.len() > TOKEN_BYTES_MAX {
            return Err(Reason::TokenMalformed);
        }
        let (message, signature) = text.rsplit_once('.').ok_or(Reason::TokenMalformed)?;
        let (header, payload) = message.split_once('.').ok_or(Reason::TokenMalformed)?;
        if [header, payload, signature].contains(&"") {
            return Err(Reason::TokenMalformed);
        }
        let header = read_object(header, HEADER_BYTES_MAX)?;
        // Before anything else of the token is believed or even read.
        let algorithm = claimed_algorithm(&header)?;
        check_header(&header)?;
        let claims = read_object(payload, TOKEN_BYTES_MAX)?;
        read_base64url(signature)?;
        Ok(Self {
            header,
            claims,
            algorithm,
            message,
            signature,
        })
    }

    /// The algorithm that the token claims to be signed by.
    pub(super) fn claimed_algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The issuer that the token claims to be from: good for choosing whose
    /// keys to try, and for nothing else.
    pub(super) fn claimed_issuer(&self) -> Result<&str, Reason> {
        let issuer = self.claims.get("iss").and_then(Value::as_str);
        issuer.ok_or(Reason::TokenIssuer)
    }

    /// The key that the token claims to be signed by.
    pub(super) fn claimed_kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// Refuses tokens of other types than the issuer's access tokens
    /// (RFC 8725, section 3.11). Without a `required` one, everything passes
    /// that does not name another type: many issuers name none.
    pub(super) fn check_type(&self, required: Option<&str>) -> Result<(), Reason> {
        let claimed = self
            .header
            .get("typ")
            .and_then(Value::as_str)
            .map(media_type);
        let fits = match (claimed, required) {
            (None, required) => required.is_none(),
            (Some(claimed), Some(required)) => claimed == media_type(required),
            (Some(claimed), None) => !names_other_type(&claimed),
        };
        if fits { Ok(()) } else { Err(Reason::TokenType) }
    }

    /// Refuses tokens of another kind than the expected one, as far as the header
    /// tells: no token around a sign-in may stand in for another.
    pub(super) fn check_kind(&self, kind: TokenKind) -> Result<(), Reason> {
        let claimed = self.header.get("typ").and_then(Value::as_str);
        let fits = match (claimed.map(media_type).as_deref(), kind) {
            (None | Some("jwt"), _)
            | (Some("at+jwt"), TokenKind::Access)
            | (Some("logout+jwt"), TokenKind::Logout) => true,
            (Some(_), _) => false,
        };
        if fits { Ok(()) } else { Err(Reason::TokenType) }
    }

    /// Checks the signature over what the bearer sent.
    pub(super) fn check_signature(self, key: &VerificationKey) -> Result<SignedClaims, Reason> {
        let checked = jsonwebtoken::crypto::verify(
            self.signature,
            self.message.as_bytes(),
            key.decoding(),
            self.algorithm.for_library(),
        );
        match checked {
            Ok(true) => Ok(SignedClaims(self.claims)),
            Ok(false) | Err(_) => Err(Reason::TokenSignature),
        }
    }
}

impl SignedClaims {
    /// The claims.
    pub(super) fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Refuses what the payload shows to be another kind of token: Keycloak
    /// gives ID and refresh tokens the same header as access tokens and tells
    /// them apart by a claim `typ`; security event tokens, among them logout
    /// tokens, carry `events` (RFC 8417, section 2.2).
    pub(super) fn check_type(&self) -> Result<(), Reason> {
        let kind = self
            .0
            .get("typ")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let is_other = ["ID", "Refresh", "Offline", "Logout"]
            .iter()
            .any(|other| kind.eq_ignore_ascii_case(other));
        let is_event = self.0.get("events").is_some_and(Value::is_object);
        if is_other || is_event {
            return Err(Reason::TokenType);
        }
        Ok(())
    }
}

impl SignedClaims {
    /// The same as [`UnverifiedToken::check_kind`], as far as the payload tells:
    /// Keycloak's claim `typ`, and the `events` that only logout tokens carry.
    pub(super) fn check_kind(&self, kind: TokenKind) -> Result<(), Reason> {
        let named = self.0.get("typ").and_then(Value::as_str);
        let expected = match kind {
            TokenKind::Id => "ID",
            TokenKind::Access => "Bearer",
            TokenKind::Logout => "Logout",
        };
        let is_named = named.is_none_or(|named| named.eq_ignore_ascii_case(expected));
        let is_event = self.0.contains_key("events");
        if is_named && is_event == (kind == TokenKind::Logout) {
            return Ok(());
        }
        Err(Reason::TokenType)
    }

    /// The claims, to keep.
    pub(super) fn into_members(self) -> Map<String, Value> {
        self.0
    }
}

fn read_base64url(text: &str) -> Result<Vec<u8>, Reason> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Reason::TokenMalformed)
}

fn read_object(text: &str, bytes_max: usize) -> Result<Map<String, Value>, Reason> {
    let bytes = read_base64url(text)?;
    if bytes.len() > bytes_max {
        return Err(Reason::TokenMalformed);
    }
    strict_json::parse_object(&bytes).map_err(|_| Reason::TokenMalformed)
}

/// `none`, the HMAC family and whatever else we do not know have no
/// [`Algorithm`] (RFC 8725, section 3.2).
fn claimed_algorithm(header: &Map<String, Value>) -> Result<Algorithm, Reason> {
    let name = header.get("alg").and_then(Value::as_str);
    name.and_then(Algorithm::parse)
        .ok_or(Reason::TokenAlgorithm)
}

fn check_header(header: &Map<String, Value>) -> Result<(), Reason> {
    // We understand no extension: not one named by `crit`, not an unencoded
    // payload (RFC 7797), not compression.
    if ["crit", "b64", "zip"]
        .iter()
        .any(|name| header.contains_key(*name))
    {
        return Err(Reason::TokenCritical);
    }
    // An encrypted token in the shape of a signed one (RFC 7516, section 9).
    if header.contains_key("enc") {
        return Err(Reason::TokenMalformed);
    }
    if ["kid", "typ", "cty"]
        .iter()
        .any(|name| header.get(*name).is_some_and(|value| !value.is_string()))
    {
        return Err(Reason::TokenMalformed);
    }
    // A token within the token (RFC 7519, section 5.2) is signed by somebody else again.
    let content = header.get("cty").and_then(Value::as_str).map(media_type);
    if content.is_some_and(|content| content == "jwt") {
        return Err(Reason::TokenType);
    }
    Ok(())
}

/// A media type without the `application/` that may be left out (RFC 7515,
/// section 4.1.9), in lower case, since media types are compared so.
fn media_type(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    match lower.strip_prefix("application/") {
        Some(short) => short.to_owned(),
        None => lower,
    }
}

/// Whether a type is explicitly another one than an access token's: each kind
/// of JWT that may not be taken for one has a name of its own that ends so
/// (`logout+jwt`, `dpop+jwt`, `secevent+jwt`, …).
fn names_other_type(media_type: &str) -> bool {
    let is_kind_of_jwt = media_type.ends_with("+jwt") || media_type.ends_with("+sd-jwt");
    is_kind_of_jwt && media_type != "at+jwt"
        || matches!(
            media_type,
            "jose" | "jose+json" | "jwe" | "id_token" | "refresh"
        )
}
