//! Whether a provider still stands by somebody (OpenID Connect Core 1.0, section
//! 12): it gives new tokens for a refresh token, or says that it is worth
//! nothing any more.

use async_trait::async_trait;

use super::id_token::{BadIdToken, Expected};
use super::provider::USABLE;
use super::{RelyingParty, SignInError, SignInProblem, id_token};
use crate::domain::secret::Secret;
use crate::domain::session::Session;
use crate::identity::Profile;
use crate::identity::sessions::{Confirmed, Standing, StandingTerms, Word};

#[async_trait]
impl Standing for RelyingParty {
    fn terms(&self, provider: &str) -> Option<StandingTerms> {
        let provider = self.provider(provider).ok()?;
        let issuer = self.around.verifier.options_of(&provider.options.realm)?;
        Some(StandingTerms {
            every: provider.options.recheck?,
            bridged: issuer.max_stale,
        })
    }

    async fn ask(&self, session: &Session, refresh_token: &Secret<String>) -> Word {
        match self.refresh(session, refresh_token).await {
            Ok(confirmed) => Word::Confirmed(Box::new(confirmed)),
            Err(error) => {
                let is_over = ends(&error);
                tracing::warn!(
                    %error,
                    session.id = %session.id,
                    session.ends = is_over,
                    "a provider does not confirm a session"
                );
                if is_over { Word::Over } else { Word::Unknown }
            }
        }
    }
}

/// Whether that is the provider's last word. What it has against us (a secret
/// that changed, say) is no word about a person.
fn ends(error: &SignInError) -> bool {
    match error {
        SignInError::CodeExpired | SignInError::BadAnswer(_) => true,
        SignInError::BadIdToken(_) => error.problem() == SignInProblem::Refused,
        _ => false,
    }
}

impl RelyingParty {
    async fn refresh(
        &self,
        session: &Session,
        refresh_token: &Secret<String>,
    ) -> Result<Confirmed, SignInError> {
        let provider = self.provider(session.provider.as_deref().unwrap_or_default())?;
        let metadata = self.metadata(provider, USABLE).await?;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token.expose()),
        ];
        let tokens = self.tokens(provider, &metadata, &form).await?;
        let mut confirmed = Confirmed {
            refresh_token: tokens.refresh,
            ..Confirmed::default()
        };
        // A provider need not give an ID token here. Then all that is known is
        // that it stands by them.
        let Some(id_token) = tokens.id else {
            return Ok(confirmed);
        };
        let access_token = tokens.access.as_ref();
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &provider.options.client_id,
            nonce: None,
            access_token,
        };
        let claims = self.id_claims(provider, &id_token, &expected).await?;
        if session.provider_subject.as_deref() != Some(id_token::subject(&claims)?) {
            return Err(BadIdToken::Subject.into());
        }
        let identity = self
            .identity(provider, &metadata, access_token, &claims)
            .await?;
        if identity.owner != session.owner {
            return Err(BadIdToken::Subject.into());
        }
        confirmed.profile = Some(Profile::of(&identity));
        confirmed.id_token = Some(id_token);
        Ok(confirmed)
    }
}
