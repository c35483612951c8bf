//! Back from the provider: the authorization response (OpenID Connect Core 1.0,
//! section 3.1.2.5; RFC 9207), and from it to somebody who signed in.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::browser::BrowserCookie;
use super::exchange::{Tokens, shown};
use super::id_token::{self, Expected};
use super::metadata::Metadata;
use super::provider::{GroupsFrom, Provider, USABLE};
use super::{RelyingParty, SignInError};
use crate::domain::identity::Identity;
use crate::domain::session::SignInMethod;
use crate::identity::issuer::IssuerOptions;
use crate::identity::token::TokenKind;
use crate::identity::{Profile, SignedIn};

/// The longest `sid` that is kept, in bytes.
const SID_BYTES_MAX: usize = 256;

/// What a browser brings back from a provider.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Returned {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    issuer: Option<String>,
}

/// Somebody who proved who they are, and where they wanted to go.
#[derive(Debug)]
pub struct Finished {
    /// Who.
    pub who: SignedIn,
    /// The address that the sign-in was begun with.
    pub return_to: String,
}

impl Returned {
    /// Reads the query of the callback; `None` where a parameter stands there
    /// twice (RFC 6749, section 3.1), since nobody can tell which one counts.
    pub fn parse(query: &str) -> Option<Self> {
        let mut returned = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut returned.state,
                "code" => &mut returned.code,
                "error" => &mut returned.error,
                "iss" => &mut returned.issuer,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(returned)
    }

    /// The code, from the issuer that we asked.
    fn code_from(&self, metadata: &Metadata) -> Result<&str, SignInError> {
        match &self.issuer {
            Some(named) if *named == metadata.issuer => {}
            None if !metadata.names_itself => {}
            // The answer of another provider, whose code would be sent to this
            // one (RFC 9207, section 1).
            _ => return Err(SignInError::BadAnswer("iss is not its name".to_owned())),
        }
        match (&self.error, &self.code) {
            (None, Some(code)) => Ok(code),
            (Some(error), _) if is_passing(error) => Err(SignInError::Unavailable(shown(error))),
            (Some(error), _) => Err(SignInError::ProviderRefused(shown(error))),
            (None, None) => Err(SignInError::BadAnswer("neither code nor error".to_owned())),
        }
    }
}

fn is_passing(error: &str) -> bool {
    matches!(error, "temporarily_unavailable" | "server_error")
}

impl RelyingParty {
    /// Finishes a sign-in. Whatever comes of it, its `state` is used up.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn finish(
        &self,
        provider: &str,
        browser: Option<&BrowserCookie>,
        returned: &Returned,
    ) -> Result<Finished, SignInError> {
        let provider = self.provider(provider)?;
        let now = self.around.clock.now().ok_or(SignInError::ClockUnknown)?;
        let (Some(browser), Some(state)) = (browser, &returned.state) else {
            return Err(SignInError::NotUnderWay);
        };
        let pending = self.take(provider, browser, state, now).await?;
        let metadata = self.metadata(provider, USABLE).await?;
        let code = returned.code_from(&metadata)?;
        let exchanged = self.exchange(provider, &metadata, code, &pending.verifier);
        let tokens = exchanged.await?;
        let claims = self
            .id_claims(provider, &metadata, &tokens, &pending.nonce)
            .await?;
        let identity = self
            .identity(provider, &metadata, &tokens, &claims)
            .await?;
        let sid = claims.get("sid").and_then(Value::as_str);
        let sid = sid.filter(|sid| !sid.is_empty() && sid.len() <= SID_BYTES_MAX);
        Ok(Finished {
            who: SignedIn {
                tenant: identity.tenant.clone(),
                owner: identity.owner.clone(),
                profile: Profile::of(&identity),
                // What a provider grants is about its own services.
                scopes: Vec::new(),
                method: SignInMethod::Oidc,
                provider: Some(provider.options.id.clone()),
                provider_sid: sid.map(str::to_owned),
                id_token: Some(tokens.id_token),
                must_change_password: false,
            },
            return_to: pending.return_to,
        })
    }

    async fn id_claims(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        tokens: &Tokens,
        nonce: &str,
    ) -> Result<Map<String, Value>, SignInError> {
        let options = &provider.options;
        let verifier = &self.around.verifier;
        let proven = verifier.claims_of(&options.realm, tokens.id_token.expose(), TokenKind::Id);
        let (claims, algorithm) = proven.await.map_err(id_token::BadIdToken::from)?;
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &options.client_id,
            nonce: Some(nonce),
            access_token: tokens.access_token.as_ref(),
        };
        id_token::check(&claims, algorithm, &expected)?;
        Ok(claims)
    }

    /// Who the ID token names, with groups from where they are to be read.
    async fn identity(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        tokens: &Tokens,
        claims: &Map<String, Value>,
    ) -> Result<Identity, SignInError> {
        let verifier = &self.around.verifier;
        let issuer = verifier
            .options_of(&provider.options.realm)
            .ok_or(SignInError::UnknownProvider)?;
        let mut identity = issuer
            .identity(claims, verifier.realms())
            .map_err(id_token::BadIdToken::from)?;
        match provider.options.groups_from {
            GroupsFrom::IdToken => {}
            GroupsFrom::AccessToken => {
                let access = self.access_claims(provider, metadata, tokens).await?;
                issuer.take_groups(&mut identity, &access);
            }
            GroupsFrom::Auto if says_all(issuer, &identity, claims, metadata) => {}
            GroupsFrom::Auto | GroupsFrom::Userinfo => {
                let access_token = access_token(tokens)?;
                let userinfo = self
                    .userinfo(metadata, access_token, claims.get("sub"))
                    .await?;
                let is_auto = provider.options.groups_from == GroupsFrom::Auto;
                if !(is_auto && issuer.claims.names_groups(claims)) {
                    issuer.take_groups(&mut identity, &userinfo);
                }
                identity.email = identity.email.or_else(|| issuer.claims.email(&userinfo));
                identity.name = identity.name.or_else(|| issuer.claims.name(&userinfo));
            }
        }
        Ok(identity)
    }

    /// The claims of the access token, which came straight from the provider: it
    /// may be for anybody, but must be the issuer's and about the same person.
    async fn access_claims(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        tokens: &Tokens,
    ) -> Result<Map<String, Value>, SignInError> {
        let token = access_token(tokens)?.expose();
        let realm = &provider.options.realm;
        let proven = self.around.verifier.claims_of(realm, token, TokenKind::Access);
        let (claims, _) = proven.await.map_err(id_token::BadIdToken::from)?;
        id_token::check_issuer(&claims, &metadata.issuer)?;
        Ok(claims)
    }
}

fn access_token(tokens: &Tokens) -> Result<&crate::domain::secret::Secret<String>, SignInError> {
    tokens
        .access_token
        .as_ref()
        .ok_or_else(|| SignInError::BadAnswer("there is no access token".to_owned()))
}

/// Whether userinfo could add nothing, or is not there to ask.
fn says_all(
    issuer: &IssuerOptions,
    identity: &Identity,
    claims: &Map<String, Value>,
    metadata: &Metadata,
) -> bool {
    let is_whole = issuer.claims.names_groups(claims)
        && identity.email.is_some()
        && identity.name.is_some();
    is_whole || metadata.userinfo.is_none()
}
