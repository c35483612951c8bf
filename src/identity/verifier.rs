//! From a text to a proof, by the letter of RFC 8725. The only place where
//! [`VerifiedToken::assert_verified`] is called.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::issuer::{BadIssuer, IssuerOptions, Purpose, without_slash};
use super::jwk::VerificationKey;
use super::jwks::Lookup;
use super::key_source::{KeySet, KeySource, Surroundings};
use super::key_status::IssuerStatus;
use super::outbound::Outbound;
use super::times;
use super::token::{SignedClaims, TokenKind, UnverifiedToken};
use crate::domain::evidence::VerifiedToken;
use crate::domain::reason::Reason;
use crate::domain::salt::Salts;
use crate::domain::subject::{Realm, Realms};
use crate::domain::time::Clock;
use crate::store::KeySetStore;

/// Verifies tokens of the configured issuers.
pub struct TokenVerifier {
    pub(super) issuers: Vec<Arc<KeySource>>,
    realms: Realms,
    clock: Arc<dyn Clock>,
}

impl TokenVerifier {
    /// Takes the issuers; fetches nothing yet. `realms` are all realms of the
    /// deployment.
    ///
    /// # Errors
    /// All faults of the list of issuers.
    pub fn new(
        issuers: Vec<IssuerOptions>,
        realms: Realms,
        outbound: Arc<Outbound>,
        store: Arc<dyn KeySetStore>,
        salts: Salts,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Vec<BadIssuer>> {
        let faults = IssuerOptions::faults(&issuers, &outbound);
        if !faults.is_empty() {
            return Err(faults);
        }
        let around = Surroundings {
            outbound,
            store,
            salts,
            clock: Arc::clone(&clock),
        };
        let sources = issuers
            .into_iter()
            .map(|issuer| KeySource::new(issuer, around.clone()));
        Ok(Self {
            issuers: sources.collect(),
            realms,
            clock,
        })
    }

    /// Begins to fetch the issuers' keys and to keep them fresh, in the
    /// background and until the verifier is dropped. Waits for nothing, so that
    /// no issuer's outage can hold up a start. Must be called within a runtime.
    pub fn start(&self) {
        for issuer in &self.issuers {
            tokio::spawn(KeySource::keep_fresh(Arc::downgrade(issuer)));
        }
    }

    /// Proves who a token names, and that it holds for this purpose and at this time.
    /// Waits for an issuer only while its keys, or the one that the token
    /// names, are not known, and then no longer than two outbound calls may take.
    ///
    /// # Errors
    /// The reason for the log. Its outcome tells a token that proves nothing
    /// from one that could not be decided.
    pub async fn verify(&self, token: &str, purpose: Purpose) -> Result<VerifiedToken, Reason> {
        let unverified = UnverifiedToken::parse(token)?;
        let issuer = self.issuer_claimed_by(&unverified)?;
        let options = issuer.options();
        options.admits(purpose)?;
        unverified.check_type(options.require_type.as_deref())?;
        if !options.algorithms.contains(&unverified.claimed_algorithm()) {
            return Err(Reason::TokenAlgorithm);
        }
        let claims = check_signature(issuer, unverified).await?;
        claims.check_type()?;
        let now = self.clock.now().ok_or(Reason::ClockUnknown)?;
        let expires_at = times::check(claims.members(), now)?;
        options.check_audience(claims.members(), purpose)?;
        let identity = options.identity(claims.members(), &self.realms)?;
        Ok(VerifiedToken::assert_verified(identity, expires_at))
    }

    /// Proves what a token around a sign-in says: its signature by a key of the
    /// issuer of that realm, its kind and its times. Who it is for, and what it
    /// answers, is for the caller to check.
    ///
    /// # Errors
    /// As for [`TokenVerifier::verify`].
    pub(super) async fn claims_of(
        &self,
        realm: &Realm,
        token: &str,
        kind: TokenKind,
    ) -> Result<(Map<String, Value>, Algorithm), Reason> {
        let unverified = UnverifiedToken::parse(token)?;
        let issuer = self.source_of(realm).ok_or(Reason::TokenIssuer)?;
        unverified.check_kind(kind)?;
        let algorithm = unverified.claimed_algorithm();
        if !issuer.options().algorithms.contains(&algorithm) {
            return Err(Reason::TokenAlgorithm);
        }
        let claims = check_signature(issuer, unverified).await?;
        claims.check_kind(kind)?;
        let now = self.clock.now().ok_or(Reason::ClockUnknown)?;
        times::check(claims.members(), now)?;
        Ok((claims.into_members(), algorithm))
    }

    /// What is configured of the issuer of that realm.
    pub(super) fn options_of(&self, realm: &Realm) -> Option<&IssuerOptions> {
        self.source_of(realm).map(|source| source.options())
    }

    /// All realms of the deployment.
    pub(super) fn realms(&self) -> &Realms {
        &self.realms
    }

    fn source_of(&self, realm: &Realm) -> Option<&Arc<KeySource>> {
        let is_of = |source: &&Arc<KeySource>| source.options().realm == *realm;
        self.issuers.iter().find(is_of)
    }

    /// How the issuers' keys are doing. Asks nobody.
    pub fn readiness(&self) -> Vec<IssuerStatus> {
        self.issuers.iter().map(|issuer| issuer.status()).collect()
    }

    /// Fetches the keys of all issuers now, and says how that went.
    pub async fn probe(&self) -> Vec<IssuerStatus> {
        let fetches = self.issuers.iter().map(KeySource::fetch_now);
        futures_util::future::join_all(fetches).await;
        self.readiness()
    }

    fn issuer_claimed_by(&self, token: &UnverifiedToken<'_>) -> Result<&Arc<KeySource>, Reason> {
        let claimed = without_slash(token.claimed_issuer()?);
        let found = self
            .issuers
            .iter()
            .find(|known| known.options().identifier() == claimed);
        found.ok_or(Reason::TokenIssuer)
    }
}

/// Checks the signature by a key of that issuer and no other, asking for newer
/// keys once if the named one is not among them.
async fn check_signature(
    issuer: &Arc<KeySource>,
    unverified: UnverifiedToken<'_>,
) -> Result<SignedClaims, Reason> {
    let algorithm = unverified.claimed_algorithm();
    let keys = issuer.keys().await?;
    if let Some(key) = find_key(issuer, &keys, &unverified, algorithm)? {
        return unverified.check_signature(key);
    }
    let renewed = issuer.renewed_for(unverified.claimed_kid()).await?;
    if let Some(key) = find_key(issuer, &renewed.keys, &unverified, algorithm)? {
        return unverified.check_signature(key);
    }
    if !renewed.is_latest {
        return Err(Reason::IssuerUnavailable);
    }
    if renewed.is_final {
        issuer.remember_absent(unverified.claimed_kid());
    }
    Err(Reason::TokenKey)
}

/// The key that the token names; `None` where the issuer may have published it
/// since.
fn find_key<'k>(
    issuer: &KeySource,
    keys: &'k KeySet,
    unverified: &UnverifiedToken<'_>,
    algorithm: Algorithm,
) -> Result<Option<&'k VerificationKey>, Reason> {
    if !issuer.is_named(keys, unverified.claimed_issuer()?) {
        return Err(Reason::TokenIssuer);
    }
    match keys.jwks.find(unverified.claimed_kid(), algorithm) {
        Lookup::Found(key) => Ok(Some(key)),
        Lookup::Unknown => Ok(None),
        Lookup::OtherAlgorithm => Err(Reason::TokenAlgorithm),
        Lookup::Ambiguous => Err(Reason::TokenKey),
    }
}
