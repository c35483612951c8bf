//! A provider that people sign in with, as configured.

use std::time::Duration;

use tokio::sync::Mutex;
use url::Url;

use super::metadata::Known;
use crate::domain::secret::Secret;
use crate::domain::subject::Realm;

/// How we prove to a provider which client we are (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// By HTTP Basic authentication, which every provider must support.
    #[default]
    Basic,
    /// In the body of the request.
    Post,
}

/// Where the groups of somebody who signs in are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupsFrom {
    /// In the ID token, or in userinfo where the ID token has none.
    #[default]
    Auto,
    /// In the ID token.
    IdToken,
    /// In the access token, which must be a JWT of the same issuer.
    AccessToken,
    /// In the answer of the userinfo endpoint.
    Userinfo,
}

/// What an operator says of a provider.
#[derive(Clone, Debug)]
pub struct ProviderOptions {
    /// Its name in paths, sessions and the log.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The realm of the issuer that it is.
    pub realm: Realm,
    /// Which client we are.
    pub client_id: String,
    /// What proves it; none for a public client.
    pub client_secret: Option<Secret<String>>,
    /// How it is proven.
    pub client_auth: ClientAuthentication,
    /// What is asked for; `openid` among them.
    pub scopes: Vec<String>,
    /// Where groups are read.
    pub groups_from: GroupsFrom,
    /// After what time the provider is asked again whether it stands by somebody
    /// who signed in; never if not set.
    pub recheck: Option<Duration>,
    /// Where people go after signing out at the provider; our own sign-in page
    /// if not set.
    pub post_logout: Option<Url>,
}

/// The provider, and what it publishes.
pub(super) struct Provider {
    pub(super) options: ProviderOptions,
    pub(super) known: Mutex<Known>,
}

impl Provider {
    pub(super) fn new(options: ProviderOptions) -> Self {
        Self {
            options,
            known: Mutex::new(Known::default()),
        }
    }
}

/// How long the provider's word about itself is taken when a sign-in begins:
/// a provider that is down is better noticed by us than by the browser.
pub(super) const FRESH: Duration = Duration::from_secs(10);
/// How long it is taken for all else.
pub(super) const USABLE: Duration = Duration::from_hours(1);
