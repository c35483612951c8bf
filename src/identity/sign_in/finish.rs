//! Back from the provider: the authorization response (OpenID Connect Core 1.0,
//! section 3.1.2.5; RFC 9207), and from it to somebody who signed in.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::browser::BrowserCookie;
use super::exchange::shown;
use super::id_token::{self, Expected};
use super::metadata::Metadata;
use super::provider::{GroupsFrom, Provider, USABLE};
use super::under_way::UnderWay;
use super::{RelyingParty, SignInError};
use crate::domain::identity::Identity;
use crate::domain::secret::Secret;
use crate::domain::session::SignInMethod;
use crate::identity::issuer::IssuerOptions;
use crate::identity::token::TokenKind;
use crate::identity::{AtProvider, Profile, SignedIn};

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

/// Nobody was signed in.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct NotFinished {
    /// Why.
    #[source]
    pub error: SignInError,
    /// The address that the sign-in was begun with, where it is this browser's.
    pub return_to: Option<String>,
}

impl From<SignInError> for NotFinished {
    fn from(error: SignInError) -> Self {
        Self {
            error,
            return_to: None,
        }
    }
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
            (Some(error), _) if is_passing(error) => {
                Err(SignInError::ProviderUnavailable(shown(error)))
            }
            (Some(error), _) => Err(SignInError::ProviderRefused(shown(error))),
            (None, None) => Err(SignInError::BadAnswer("neither code nor error".to_owned())),
        }
    }
}

fn is_passing(error: &str) -> bool {
    matches!(error, "temporarily_unavailable" | "server_error")
}

impl RelyingParty {
    /// Finishes a sign-in. One that succeeds does so once.
    ///
    /// # Errors
    /// See [`SignInError`]; with it comes where they wanted to go, if that is known.
    pub async fn finish(
        &self,
        provider: &str,
        browser: Option<&BrowserCookie>,
        returned: &Returned,
    ) -> Result<Finished, NotFinished> {
        let known = self.provider(provider)?;
        let (Some(browser), Some(state)) = (browser, &returned.state) else {
            return Err(SignInError::NotUnderWay.into());
        };
        let under_way = self.come_back(known, browser, state);
        let under_way = under_way.ok_or(SignInError::NotUnderWay)?;
        match self.who(known, &under_way, returned).await {
            Ok(who) => Ok(Finished {
                who,
                return_to: under_way.return_to,
            }),
            Err(error) => Err(NotFinished {
                error,
                return_to: Some(under_way.return_to),
            }),
        }
    }

    /// Whom the provider names.
    async fn who(
        &self,
        provider: &Provider,
        under_way: &UnderWay,
        returned: &Returned,
    ) -> Result<SignedIn, SignInError> {
        let now = self.around.clock.now().ok_or(SignInError::ClockUnknown)?;
        if now >= under_way.expires_at {
            return Err(SignInError::TooLate);
        }
        let metadata = self.metadata(provider, USABLE).await?;
        let code = returned.code_from(&metadata)?;
        let exchanged = self.exchange(provider, &metadata, code, &under_way.verifier);
        let tokens = exchanged.await?;
        let access_token = tokens.access.as_ref();
        let expected = Expected {
            issuer: &metadata.issuer,
            client_id: &provider.options.client_id,
            nonce: Some(&under_way.nonce),
            access_token,
        };
        let id_token = tokens.id.ok_or_else(|| {
            SignInError::BadAnswer("the token endpoint gave no ID token".to_owned())
        })?;
        let claims = self.id_claims(provider, &id_token, &expected).await?;
        let identity = self
            .identity(provider, &metadata, access_token, &claims)
            .await?;
        self.use_up(under_way).await?;
        let sid = claims.get("sid").and_then(Value::as_str);
        let sid = sid.filter(|sid| !sid.is_empty() && sid.len() <= SID_BYTES_MAX);
        Ok(SignedIn {
            tenant: identity.tenant.clone(),
            owner: identity.owner.clone(),
            profile: Profile::of(&identity),
            // What a provider grants is about its own services.
            scopes: Vec::new(),
            method: SignInMethod::Oidc,
            provider: Some(AtProvider {
                id: provider.options.id.clone(),
                subject: id_token::subject(&claims)?.to_owned(),
                sid: sid.map(str::to_owned),
                id_token,
                refresh_token: tokens
                    .refresh
                    .filter(|_| provider.options.recheck.is_some()),
            }),
            must_change_password: false,
        })
    }

    /// The claims of an ID token that is as it must be.
    pub(super) async fn id_claims(
        &self,
        provider: &Provider,
        id_token: &Secret<String>,
        expected: &Expected<'_>,
    ) -> Result<Map<String, Value>, SignInError> {
        let (verifier, realm) = (&self.around.verifier, &provider.options.realm);
        let proven = verifier.claims_of(realm, id_token.expose(), TokenKind::Id);
        let (claims, algorithm) = proven.await.map_err(id_token::BadIdToken::from)?;
        id_token::check(&claims, algorithm, expected)?;
        Ok(claims)
    }

    /// Who the ID token names, with groups from where they are to be read.
    pub(super) async fn identity(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        access_token: Option<&Secret<String>>,
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
                let access = self
                    .access_claims(provider, metadata, access_token, claims)
                    .await?;
                issuer.take_groups(&mut identity, &access);
            }
            GroupsFrom::Auto if says_all(issuer, &identity, claims, metadata) => {}
            GroupsFrom::Auto | GroupsFrom::Userinfo => {
                let access_token = required(access_token)?;
                let subject = id_token::subject(claims)?;
                let userinfo = self.userinfo(metadata, access_token, subject).await?;
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
        access_token: Option<&Secret<String>>,
        id_claims: &Map<String, Value>,
    ) -> Result<Map<String, Value>, SignInError> {
        let token = required(access_token)?.expose();
        let realm = &provider.options.realm;
        let proven = self
            .around
            .verifier
            .claims_of(realm, token, TokenKind::Access);
        let (claims, _) = proven.await.map_err(id_token::BadIdToken::from)?;
        id_token::check_issuer(&claims, &metadata.issuer)?;
        if id_token::subject(&claims)? != id_token::subject(id_claims)? {
            return Err(id_token::BadIdToken::Subject.into());
        }
        Ok(claims)
    }
}

fn required(access_token: Option<&Secret<String>>) -> Result<&Secret<String>, SignInError> {
    access_token.ok_or_else(|| SignInError::BadAnswer("there is no access token".to_owned()))
}

/// Whether userinfo could add nothing, or is not there to ask.
fn says_all(
    issuer: &IssuerOptions,
    identity: &Identity,
    claims: &Map<String, Value>,
    metadata: &Metadata,
) -> bool {
    let is_whole =
        issuer.claims.names_groups(claims) && identity.email.is_some() && identity.name.is_some();
    is_whole || metadata.userinfo.is_none()
}
