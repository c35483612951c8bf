//! A provider's word that somebody left (Back-Channel Logout 1.0).

use std::time::Duration;

use serde_json::{Map, Value};

use super::id_token::{self, BadIdToken};
use super::provider::{Provider, USABLE};
use super::{RelyingParty, SignInError};
use crate::domain::envelope;
use crate::domain::reason::Outcome;
use crate::domain::record_name::{RecordName, Shelf};
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::identity::token::TokenKind;
use crate::identity::{AtProviderWhich, SessionError, Sessions};
use crate::store::records::{Condition, NewSheet};

/// What a logout token must be about.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How old a logout token may be.
const AGE_MAX: Duration = Duration::from_mins(10);
/// How long it is remembered, so that it ends nothing twice: longer than it is taken.
const REMEMBERED: Duration = Duration::from_mins(15);

/// Why no session was ended.
#[derive(Debug, thiserror::Error)]
pub enum BackChannelError {
    /// The token is not the provider's word to us, or it was used before.
    #[error("the logout token is refused: {0}")]
    Refused(SignInError),
    /// Nothing can be told or done at the moment: the provider may say it again.
    #[error("the sessions cannot be ended at the moment: {0}")]
    Unavailable(String),
}

impl From<SignInError> for BackChannelError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::ProviderUnavailable(_)
            | SignInError::Store(_)
            | SignInError::Entropy(_)
            | SignInError::ClockUnknown => Self::Unavailable(error.to_string()),
            SignInError::BadIdToken(BadIdToken::Token(reason))
                if reason.outcome() == Outcome::Unavailable =>
            {
                Self::Unavailable(error.to_string())
            }
            refused => Self::Refused(refused),
        }
    }
}

impl From<SessionError> for BackChannelError {
    fn from(error: SessionError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl RelyingParty {
    /// Ends the sessions that a logout token is about, and gives them.
    ///
    /// # Errors
    /// See [`BackChannelError`].
    pub async fn back_channel_sign_out(
        &self,
        provider: &str,
        logout_token: &str,
        sessions: &Sessions,
    ) -> Result<Vec<Session>, BackChannelError> {
        let provider = self.provider(provider)?;
        let now = self.around.clock.now().ok_or(SignInError::ClockUnknown)?;
        let claims = self.logout_claims(provider, logout_token, now).await?;
        let name = self.remember(provider, &claims, now).await?;
        let which = which(&claims)?;
        let ended = sessions.end_at_provider(&provider.options.id, which).await;
        if ended.is_err() {
            // So that the provider can say it again.
            let _ = self.around.store.remove_record(&name).await;
        }
        Ok(ended?)
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
        // The same under every salt, so that a change of salts opens no gap.
        let mut hasher =
            blake3::Hasher::new_derive_key("gatelodge 2026-11-24 v1 used logout token");
        hasher.update(provider.options.id.as_bytes()).update(&[0]);
        let digest = *hasher.update(jti.as_bytes()).finalize().as_bytes();
        let name = RecordName::of_digest(Shelf::OneTime, &digest);
        let sheet = NewSheet {
            record: envelope::seal(&self.around.salts, &name.full(), &[]),
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
}

/// A `sid` says more than a `sub`.
fn which(claims: &Map<String, Value>) -> Result<AtProviderWhich<'_>, SignInError> {
    let subject = text(claims, "sub");
    match (text(claims, "sid"), subject) {
        (Some(sid), subject) => Ok(AtProviderWhich::Sid { sid, subject }),
        (None, Some(subject)) => Ok(AtProviderWhich::Subject(subject)),
        (None, None) => Err(bad("neither sid nor sub")),
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
    for name in ["sid", "sub"] {
        let is_fine = claims
            .get(name)
            .is_none_or(|value| value.as_str().is_some_and(|text| !text.is_empty()));
        if !is_fine {
            return Err(bad("sid or sub is no text"));
        }
    }
    which(claims)?;
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
