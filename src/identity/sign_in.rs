//! Signing people in at OpenID providers (OpenID Connect Core 1.0, section
//! 3.1): authorization code with PKCE, whose `state` and `nonce` belong to one
//! browser and are used once.
//!
//! Read it in the order of a sign-in: `begin` sends a browser to the provider,
//! `finish` takes it back with a code, `exchange` turns the code into tokens,
//! `id_token` says whether they are for us. `sign_out` is the way out,
//! `back_channel` the provider's word that somebody left, `refresh` whether it
//! still stands by somebody. `metadata` knows a
//! provider's addresses; `under_way` is what goes round with a browser.

mod back_channel;
mod begin;
mod browser;
mod error;
mod exchange;
mod finish;
mod id_token;
mod metadata;
mod provider;
mod refresh;
mod sign_out;
mod under_way;

use std::sync::Arc;

use url::Url;

pub use back_channel::BackChannelError;
pub use begin::Begun;
pub use browser::BrowserCookie;
pub use error::{SignInError, SignInProblem};
pub use finish::{Finished, NotFinished, Returned};
pub use provider::{ClientAuthentication, GroupsFrom, ProviderOptions};
pub use under_way::LIFE;

use super::outbound::Outbound;
use super::verifier::TokenVerifier;
use crate::domain::entropy::Entropy;
use crate::domain::salt::Salts;
use crate::domain::subject::Realm;
use crate::domain::time::Clock;
use crate::store::Store;
use provider::Provider;

/// What signing in needs of the rest.
#[derive(Clone)]
pub struct SignInSurroundings {
    /// Verifies the providers' tokens.
    pub verifier: Arc<TokenVerifier>,
    /// Calls the providers.
    pub outbound: Arc<Outbound>,
    /// Remembers what was used.
    pub store: Arc<dyn Store>,
    /// Seals what is under way.
    pub salts: Salts,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// What we are to OpenID providers: a relying party.
pub struct RelyingParty {
    providers: Vec<Provider>,
    public_url: Url,
    around: SignInSurroundings,
}

impl RelyingParty {
    /// Takes the providers; asks none of them anything yet. `public_url` is where
    /// browsers reach us: providers are told to send them back there.
    pub fn new(
        providers: Vec<ProviderOptions>,
        public_url: Url,
        around: SignInSurroundings,
    ) -> Self {
        Self {
            providers: providers.into_iter().map(Provider::new).collect(),
            public_url,
            around,
        }
    }

    /// The providers, in the order of the settings: their names in paths, and
    /// for people.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &str)> {
        let options = self.providers.iter().map(|provider| &provider.options);
        options.map(|options| (options.id.as_str(), options.name.as_str()))
    }

    /// The realm of a provider's people; `None` where there is no such provider.
    pub fn realm_of(&self, id: &str) -> Option<&Realm> {
        Some(&self.provider(id).ok()?.options.realm)
    }

    fn provider(&self, id: &str) -> Result<&Provider, SignInError> {
        let found = self.providers.iter().find(|known| known.options.id == id);
        found.ok_or(SignInError::UnknownProvider)
    }

    /// An address of ours. A path within `public_url` is kept.
    fn own_address(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    fn redirect_uri(&self, provider: &Provider) -> String {
        self.own_address(&format!("/auth/{}/callback", provider.options.id))
    }
}
