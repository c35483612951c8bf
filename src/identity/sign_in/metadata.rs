//! The addresses of a provider (OpenID Connect Discovery 1.0, section 3).

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::super::discovery;
use super::super::outbound::Outbound;
use super::provider::Provider;
use super::{RelyingParty, SignInError};

/// How long nobody asks again after a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// What a provider says of itself.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    /// Its exact name.
    pub issuer: String,
    /// Where browsers go.
    pub authorization: Url,
    /// Where codes become tokens.
    pub token: Url,
    /// Who an access token is about.
    pub userinfo: Option<Url>,
    /// Where browsers sign out (RP-Initiated Logout 1.0).
    pub end_session: Option<Url>,
    /// Whether its answers name it (RFC 9207).
    pub names_itself: bool,
}

/// What was last learnt of a provider, and when.
#[derive(Default)]
pub(super) struct Known {
    learnt: Option<(Duration, Arc<Metadata>)>,
    failed: Option<(Duration, String)>,
}

impl RelyingParty {
    /// The provider's metadata, no older than `age_max`. Many who ask at once
    /// share one fetch.
    pub(super) async fn metadata(
        &self,
        provider: &Provider,
        age_max: Duration,
    ) -> Result<Arc<Metadata>, SignInError> {
        let mut known = provider.known.lock().await;
        let now = self.around.clock.monotonic();
        if let Some((at, metadata)) = &known.learnt
            && now.saturating_sub(*at) <= age_max
        {
            return Ok(Arc::clone(metadata));
        }
        if let Some((at, why)) = &known.failed
            && now.saturating_sub(*at) < PAUSE
        {
            return Err(SignInError::ProviderUnavailable(why.clone()));
        }
        match self.fetch_metadata(provider).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                known.learnt = Some((now, Arc::clone(&metadata)));
                known.failed = None;
                Ok(metadata)
            }
            Err(why) => {
                known.failed = Some((self.around.clock.monotonic(), why.clone()));
                Err(SignInError::ProviderUnavailable(why))
            }
        }
    }

    async fn fetch_metadata(&self, provider: &Provider) -> Result<Metadata, String> {
        let issuer = self.around.verifier.options_of(&provider.options.realm);
        let issuer = issuer.ok_or_else(|| "the issuer is not configured".to_owned())?;
        let outbound = &self.around.outbound;
        let (document, name, from) = discovery::document(issuer, outbound)
            .await
            .map_err(|fault| fault.to_string())?;
        read(&document, name, &from, outbound)
    }
}

fn read(
    document: &Value,
    issuer: String,
    from: &Url,
    outbound: &Outbound,
) -> Result<Metadata, String> {
    let optional = |member: &str| match document.get(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => discovery::check_named(text, from, outbound)
            .map(Some)
            .map_err(|fault| format!("{member} {fault}")),
        Some(_) => Err(format!("{member} is no text")),
    };
    let required = |member: &str| {
        optional(member)?.ok_or_else(|| format!("the discovery document lacks {member:?}"))
    };
    let flag = "authorization_response_iss_parameter_supported";
    Ok(Metadata {
        issuer,
        authorization: required("authorization_endpoint")?,
        token: required("token_endpoint")?,
        userinfo: optional("userinfo_endpoint")?,
        end_session: optional("end_session_endpoint")?,
        names_itself: document.get(flag).and_then(Value::as_bool) == Some(true),
    })
}
