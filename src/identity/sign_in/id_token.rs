//! Whether an ID token is for us and for this sign-in (OpenID Connect Core 1.0,
//! sections 3.1.3.7 and 3.1.3.8). Signature, kind and times were checked before.

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::super::algorithm::Algorithm;
use crate::domain::reason::Reason;
use crate::domain::secret::Secret;

/// Why an ID token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadIdToken {
    /// As a token: signature, issuer, kind, times.
    #[error("the token is refused: {}", .0.as_str())]
    Token(Reason),
    /// It names another issuer than the provider's exact name.
    #[error("iss is not the provider's name")]
    Issuer,
    /// It is for another client.
    #[error("aud does not have our client_id")]
    Audience,
    /// It was made for another party, or for several without saying for whom.
    #[error("azp is not our client_id")]
    AuthorizedParty,
    /// It answers another request.
    #[error("nonce is not the one of this sign-in")]
    Nonce,
    /// The access token that came with it is about somebody else.
    #[error("the access token is about another sub")]
    Subject,
    /// It does not name anybody.
    #[error("sub is missing")]
    NoSubject,
    /// It came with another access token.
    #[error("at_hash does not fit the access token")]
    AccessTokenHash,
    /// It does not say when it was made.
    #[error("iat is missing")]
    IssuedAt,
}

impl From<Reason> for BadIdToken {
    fn from(reason: Reason) -> Self {
        Self::Token(reason)
    }
}

/// What an ID token must fit.
pub(super) struct Expected<'e> {
    /// The provider's exact name.
    pub issuer: &'e str,
    /// Which client we are.
    pub client_id: &'e str,
    /// What was sent with the request; none where the token answers no request.
    pub nonce: Option<&'e str>,
    /// What came with it.
    pub access_token: Option<&'e Secret<String>>,
}

/// Checks the claims of an ID token.
pub(super) fn check(
    claims: &Map<String, Value>,
    algorithm: Algorithm,
    expected: &Expected<'_>,
) -> Result<(), BadIdToken> {
    check_issuer(claims, expected.issuer)?;
    check_audience(claims, expected.client_id)?;
    subject(claims)?;
    if !claims.contains_key("iat") {
        return Err(BadIdToken::IssuedAt);
    }
    let nonce = claims.get("nonce").and_then(Value::as_str);
    if let Some(sent) = expected.nonce {
        let is_same = nonce.is_some_and(|nonce| nonce.as_bytes().ct_eq(sent.as_bytes()).into());
        if !is_same {
            return Err(BadIdToken::Nonce);
        }
    }
    match (claims.get("at_hash"), expected.access_token) {
        (None, _) => Ok(()),
        (Some(Value::String(hash)), Some(token))
            if *hash == half_hash(algorithm, token.expose()) =>
        {
            Ok(())
        }
        (Some(_), _) => Err(BadIdToken::AccessTokenHash),
    }
}

/// What the provider calls whoever it is.
pub(super) fn subject(claims: &Map<String, Value>) -> Result<&str, BadIdToken> {
    let subject = claims.get("sub").and_then(Value::as_str);
    subject
        .filter(|subject| !subject.is_empty())
        .ok_or(BadIdToken::NoSubject)
}

/// Exactly as discovery spells it.
pub(super) fn check_issuer(claims: &Map<String, Value>, issuer: &str) -> Result<(), BadIdToken> {
    if claims.get("iss").and_then(Value::as_str) == Some(issuer) {
        return Ok(());
    }
    Err(BadIdToken::Issuer)
}

/// With several audiences it must say which of them it was made for; what it
/// says must be us either way.
pub(super) fn check_audience(
    claims: &Map<String, Value>,
    client_id: &str,
) -> Result<(), BadIdToken> {
    let several = match claims.get("aud") {
        Some(Value::String(one)) if one == client_id => false,
        Some(Value::Array(all))
            if all.iter().all(Value::is_string) && all.iter().any(|one| one == client_id) =>
        {
            all.len() > 1
        }
        _ => return Err(BadIdToken::Audience),
    };
    match claims.get("azp") {
        None if several => Err(BadIdToken::AuthorizedParty),
        None => Ok(()),
        Some(party) if party == client_id => Ok(()),
        Some(_) => Err(BadIdToken::AuthorizedParty),
    }
}

/// The left half of the hash that belongs to the algorithm.
pub(super) fn half_hash(algorithm: Algorithm, token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => &SHA256,
        Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => &SHA384,
        // Ed25519 hashes by SHA-512 within.
        Algorithm::Rs512 | Algorithm::Ps512 | Algorithm::EdDsa => &SHA512,
    };
    let hashed = digest(hash, token.as_bytes());
    let half = hashed.as_ref().len() / 2;
    URL_SAFE_NO_PAD.encode(&hashed.as_ref()[..half])
}
