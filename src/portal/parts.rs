//! What the portal is made of: handed in by whoever starts the service.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::HttpRequest;

use super::authenticate::Authenticate;
use super::gates::Gates;
use super::session::SignInParts;
use super::site::Site;
use crate::domain::identity::{CredentialKind, Identity};
use crate::domain::picture::Picture;
use crate::domain::scope_catalogue::ScopeCatalogue;
use crate::domain::subject::{Realm, Realms, Scope, Tenant};
use crate::http::cors::Cors;
use crate::http::health::Readiness;
use crate::http::host::HostRule;
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::http::request_id::RequestIds;
use crate::http::security_headers::SecurityHeaders;
use crate::identity::accounts::Accounts;
use crate::identity::{Owners, Sessions};
use crate::keys::KeyService;

/// The lives that the portal offers for a new key, in days.
pub const EXPIRY_PRESET_DAYS: [u32; 4] = [1, 7, 30, 90];

/// Tells the address of whoever sent a request, as far as it is known.
pub type ClientAddress = Arc<dyn Fn(&HttpRequest) -> Option<IpAddr> + Send + Sync>;

/// The parts, shared by all workers.
#[derive(Clone)]
pub struct PortalParts {
    /// The keys of everybody.
    pub keys: Arc<KeyService>,
    /// Browsers that people signed in with.
    pub sessions: Arc<Sessions>,
    /// Built-in accounts, unless they are off.
    pub accounts: Option<Arc<Accounts>>,
    /// What is known of owners.
    pub owners: Arc<Owners>,
    /// How people sign in.
    pub sign_in: SignInParts,
    /// The scopes that people may put on keys.
    pub catalogue: Arc<ScopeCatalogue>,
    /// The gates, for people to see what they ask for.
    pub gates: Arc<dyn Gates>,
    /// Who proves credentials.
    pub authenticate: Arc<dyn Authenticate>,
    /// Who tells where requests come from.
    pub client_address: ClientAddress,
    /// Who knows how the service is.
    pub readiness: Arc<dyn Readiness>,
    /// The realms, to read `realm:subject` in paths.
    pub realms: Realms,
    /// The tenants of realms, where they are not the default one.
    pub tenants: Vec<(Realm, Tenant)>,
    /// Who makes request ids: the same that the gate asks.
    pub request_ids: Arc<RequestIds>,
    /// The front end in the binary, if one was built.
    pub site: Option<Site>,
    /// Everything that an operator can set.
    pub options: PortalOptions,
}

/// What an operator can set about the portal.
#[derive(Clone, Debug)]
pub struct PortalOptions {
    /// The names that it answers to. Probes may use any: `/health` is exempt.
    pub hosts: HostRule,
    /// Cross-origin requests, where they are wanted.
    pub cors: Option<Cors>,
    /// Whether people reach it by HTTPS.
    pub security_headers: SecurityHeaders,
    /// The URL under which it is reached, without a slash at the end: for the
    /// lines to try on the built-in page.
    pub base_url: String,
    /// A folder with the `index.html` of a front end, if there is one.
    pub static_dir: Option<std::path::PathBuf>,
    /// What a front end is told.
    pub frontend: FrontendOptions,
}

/// What a front end is told, and where the API's documentation lies.
#[derive(Clone, Debug)]
pub struct FrontendOptions {
    /// What to call the service.
    pub app_name: String,
    /// Where the API is, if not where the page came from.
    pub api_base_url: Option<String>,
    /// The issuer to sign in with.
    pub oidc_authority: Option<String>,
    /// The client that the front end is to that issuer.
    pub oidc_client_id: Option<String>,
    /// Where the issuer sends people back to.
    pub oidc_redirect_uri: Option<String>,
    /// The operator's own words, as HTML.
    pub docs_html: Option<String>,
    /// What stands beside the name.
    pub logo: Option<Picture>,
    /// The operator's colour, as `#rgb` or `#rrggbb`.
    pub accent_color: Option<String>,
    /// The languages to offer; all, if empty.
    pub languages: Vec<String>,
    /// The path of the API's documentation, such as `/docs`.
    pub api_docs_path: String,
}

/// Where the API's documentation lies unless it can lie elsewhere.
const DOCS_PATH: &str = "/docs";

impl Default for FrontendOptions {
    fn default() -> Self {
        Self {
            app_name: "Gatelodge".to_owned(),
            api_base_url: None,
            oidc_authority: None,
            oidc_client_id: None,
            oidc_redirect_uri: None,
            docs_html: None,
            logo: None,
            accent_color: None,
            languages: Vec::new(),
            api_docs_path: DOCS_PATH.to_owned(),
        }
    }
}

impl FrontendOptions {
    /// The path of the documentation as routes and links need it: without a
    /// slash at the end, and of no characters that mean something to a router.
    pub(super) fn settle_docs_path(&mut self) {
        let path = self.api_docs_path.trim_end_matches('/');
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.~/".contains(c);
        if path.starts_with('/') && !path.contains("//") && path.chars().all(is_plain) {
            self.api_docs_path = path.to_owned();
        } else {
            tracing::warn!(
                api_docs_path = self.api_docs_path,
                "the API's documentation cannot lie there; it is at {DOCS_PATH}"
            );
            DOCS_PATH.clone_into(&mut self.api_docs_path);
        }
    }
}

impl PortalParts {
    /// The tenant that the people of a realm belong to.
    pub(super) fn tenant_of(&self, realm: &Realm) -> Tenant {
        self.tenants
            .iter()
            .find(|(known, _)| known == realm)
            .map(|(_, tenant)| tenant.clone())
            .unwrap_or_default()
    }

    /// Built-in accounts.
    pub(super) fn accounts(&self) -> Result<&Accounts, Problem> {
        self.accounts.as_deref().ok_or_else(|| {
            Problem::new(ProblemType::NotFound, "there are no built-in accounts here")
        })
    }

    /// What somebody may put on keys, apart from being an administrator.
    pub(super) fn grantable(&self, identity: &Identity) -> Vec<Scope> {
        match identity.method {
            CredentialKind::ApiKey => identity.scopes.clone(),
            CredentialKind::Jwt | CredentialKind::Session => {
                self.catalogue.grantable(&identity.groups, &identity.scopes)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_a_path_of_its_own() {
        for (wished, settled) in [
            ("/docs", "/docs"),
            ("/api-docs/", "/api-docs"),
            ("/a/b", "/a/b"),
            ("/", "/docs"),
            ("", "/docs"),
            ("docs", "/docs"),
            ("//evil.example", "/docs"),
            ("/{x}", "/docs"),
        ] {
            let mut options = FrontendOptions {
                api_docs_path: wished.to_owned(),
                ..FrontendOptions::default()
            };
            options.settle_docs_path();
            assert_eq!(options.api_docs_path, settled, "{wished:?}");
        }
    }
}
