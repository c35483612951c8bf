//! The way out: to the provider's own page (RP-Initiated Logout 1.0), and the
//! provider's word that somebody left elsewhere (Back-Channel Logout 1.0).

use std::time::Duration;

use serde_json::{Map, Value};

use super::id_token::{self, BadIdToken};
use super::provider::{Provider, USABLE};
use super::{RelyingParty, SignInError};
use crate::domain::api_key::OwnerTag;
use crate::domain::envelope;
use crate::domain::record_name::{RecordName, Shelf};
use crate::domain::secret::Secret;
use crate::domain::session::Session;
use crate::domain::subject::{Owner, Subject};
use crate::domain::time::Timestamp;
use crate::identity::token::TokenKind;
use crate::store::records::{Condition, NewSheet};

/// What a logout token must be about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How old a logout token may be.
const AGE_MAX: Duration = Duration::from_mins(10);
/// How long it is remembered, so that it ends nothing twice: longer than it is taken.
const REMEMBERED: Duration = Duration::from_mins(15);
/// The claim that logout tokens can name a person by.
const SUBJECT: &str = "sub";

impl RelyingParty {
    /// Where a session that began at a provider ends there, too; `None` where
    /// the provider has no such page, or is not known to have one now.
    pub async fn sign_out_page(
        &self,
        session: &Session,
        id_token: Option<&Secret<String>>,
    ) -> Option<String> {
        let provider = self.provider(session.provider.as_deref()?).ok()?;
        let metadata = self.metadata(provider, USABLE).await.ok()?;
        let mut page = metadata.end_session.clone()?;
        let back = match &provider.options.post_logout {
            Some(url) => url.as_str().to_owned(),
            None => self.own_address("/sign-in"),
        };
        let state = self.draw().ok()?;
        let mut query = page.query_pairs_mut();
        if let Some(token) = id_token {
            query.append_pair("id_token_hint", token.expose());
        }
        query
            .append_pair("client_id", &provider.options.client_id)
            .append_pair("post_logout_redirect_uri", &back)
            .append_pair("state", &state);
        drop(query);
        Some(page.into())
    }

    /// Ends the sessions that a logout token is about, and says how many.
    ///
    /// # Errors
    /// Refuses tokens that are not the provider's word to us, or were used
    /// before; fails where the store does, and then the provider may try again.
    pub async fn back_channel_sign_out(
        &self,
        provider: &str,
        logout_token: &str,
    ) -> Result<usize, SignInError> {
        let provider = self.provider(provider)?;
        let now = self.around.clock.now().ok_or(SignInError::ClockUnknown)?;
        let claims = self.logout_claims(provider, logout_token, now).await?;
        let name = self.remember(provider, &claims, now).await?;
        let ended = self.end_sessions(provider, &claims).await;
        if ended.is_err() {
            // So that the provider can say it again.
            let _ = self.around.store.remove_record(&name).await;
        }
        ended
    }

    /// Section 2.6.
    async fn logout_claims(
        &self,
        provider: &Provider,
        logout_token: &str,
        now: Timestamp,
    ) -> Result<Map<String, Value>, SignInError> {
        let options = &provider.options;
        let metadata = self.metadata(provider, USABLE).await?;
        let verifier = &self.around.verifier;
        let proven = verifier.claims_of(&options.realm, logout_token, TokenKind::Logout);
        let (claims, _) = proven.await.map_err(BadIdToken::from)?;
        id_token::check_issuer(&claims, &metadata.issuer)?;
        id_token::check_audience(&claims, &options.client_id)?;
        check_logout(&claims, now)?;
        Ok(claims)
    }

    /// Writes down that the token was used.
    async fn remember(
        &self,
        provider: &Provider,
        claims: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<RecordName, SignInError> {
        let jti = text(claims, "jti").ok_or_else(|| bad("jti is missing"))?;
        let salts = &self.around.salts;
        // The same under every salt, so that a change of salts opens no gap.
        let mut hasher = blake3::Hasher::new_derive_key("gatelodge 2026-11-24 v1 used logout token");
        hasher.update(provider.options.id.as_bytes()).update(&[0]);
        let digest = *hasher.update(jti.as_bytes()).finalize().as_bytes();
        let name = RecordName::of_digest(Shelf::OneTime, &digest);
        let sheet = NewSheet {
            record: envelope::seal(salts, &name.full(), &[]),
            name: name.clone(),
            expires_at: Some(now.plus(REMEMBERED)),
            lists: Vec::new(),
        };
        let store = &self.around.store;
        if store.put_record(&sheet, Condition::Absent).await? {
            return Ok(name);
        }
        Err(bad("the logout token was used before"))
    }

    async fn end_sessions(
        &self,
        provider: &Provider,
        claims: &Map<String, Value>,
    ) -> Result<usize, SignInError> {
        let (id, sessions) = (&provider.options.id, &self.around.sessions);
        if let Some(sid) = text(claims, "sid") {
            return Ok(sessions.end_by_sid(id, sid).await?);
        }
        let subject = text(claims, SUBJECT).ok_or_else(|| bad("neither sid nor sub"))?;
        let owner = self.owner_of(provider, subject)?;
        Ok(sessions.end_of_provider(&owner, id).await?)
    }

    fn owner_of(&self, provider: &Provider, subject: &str) -> Result<OwnerTag, SignInError> {
        let verifier = &self.around.verifier;
        let issuer = verifier
            .options_of(&provider.options.realm)
            .ok_or(SignInError::UnknownProvider)?;
        if issuer.claims.subject != SUBJECT {
            return Err(bad(
                "claims.subject is not sub, so only logout tokens with a sid can be used",
            ));
        }
        let subject = Subject::parse(subject).map_err(|_| bad("sub is no subject"))?;
        let owner = Owner::new(issuer.realm.clone(), subject, verifier.realms());
        let owner = owner.map_err(|_| bad("sub is no subject"))?;
        Ok(OwnerTag::new(&issuer.tenant, &owner))
    }
}

fn check_logout(claims: &Map<String, Value>, now: Timestamp) -> Result<(), SignInError> {
    let events = claims.get("events").and_then(Value::as_object);
    let is_logout = events
        .and_then(|events| events.get(EVENT))
        .is_some_and(Value::is_object);
    if !is_logout {
        return Err(bad("events is not about signing out"));
    }
    // An ID token of a sign-in has one, and must not do as a logout token.
    if claims.contains_key("nonce") {
        return Err(bad("nonce must not be there"));
    }
    for name in ["sid", SUBJECT] {
        let is_fine = claims.get(name).is_none_or(|value| {
            value.as_str().is_some_and(|text| !text.is_empty())
        });
        if !is_fine {
            return Err(bad("sid or sub is no text"));
        }
    }
    let issued_at = claims.get("iat").and_then(Value::as_f64);
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds of this age lose nothing"
    )]
    let oldest = now.minus(AGE_MAX).as_seconds() as f64;
    if issued_at.is_none_or(|at| at < oldest) {
        return Err(bad("iat is missing or long ago"));
    }
    Ok(())
}

fn text<'c>(claims: &'c Map<String, Value>, name: &str) -> Option<&'c str> {
    let text = claims.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
}

fn bad(why: &str) -> SignInError {
    SignInError::BadAnswer(why.to_owned())
}
