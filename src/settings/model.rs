//! What an operator decides, section by section.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use crate::domain::identity_headers::Carries;
use crate::domain::picture::Picture;
use crate::domain::secret::Secret;

/// Listening and stopping.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// The address to listen on.
    pub address: IpAddr,
    /// The port; 0 for any.
    pub port: u16,
    /// Where people reach the service.
    pub public_url: Option<Url>,
    /// Further hosts that the portal answers to.
    pub allowed_hosts: Vec<String>,
    /// The networks of the proxies whose word about a request counts.
    pub trusted_proxies: Vec<IpNet>,
    /// How many proxies add an address to `X-Forwarded-For`.
    pub client_address_hops: usize,
    /// What Envoy is told where nothing can be decided: 403 or 503.
    pub ext_authz_unavailable_status: u16,
    /// Where Envoy's gRPC service is answered, if it is.
    pub ext_authz_grpc: Option<ExtAuthzGrpcSettings>,
    /// Threads; `None` for one per processor.
    pub workers: Option<usize>,
    /// How long an idle connection stays open.
    pub keep_alive: Duration,
    /// How long a request's head may take.
    pub request_timeout: Duration,
    /// How long readiness says no before the listener closes.
    pub drain: Duration,
    /// How long requests in flight may take to end.
    pub shutdown: Duration,
    /// How long silent issuers do not count after the start.
    pub startup_grace: Duration,
}

/// The listener for Envoy's gRPC.
#[derive(Clone, Debug)]
pub struct ExtAuthzGrpcSettings {
    /// Where; port 0 for any.
    pub address: SocketAddr,
    /// For TLS.
    pub certificates: Option<GrpcCertificates>,
}

/// What the gRPC listener shows and asks for, as PEM.
#[derive(Clone, Debug)]
pub struct GrpcCertificates {
    /// Its certificate and those up to its authority.
    pub chain: String,
    /// Its key.
    pub key: Secret<String>,
    /// Who signs Envoy's certificates, if those are asked for.
    pub clients: Option<String>,
}

/// The Valkey server.
#[derive(Clone, Debug)]
pub struct ValkeySettings {
    /// Where it is; a password may stand in it.
    pub url: Secret<String>,
    /// The ACL user.
    pub username: Option<String>,
    /// The password.
    pub password: Option<Secret<String>>,
    /// A certificate authority, as PEM.
    pub ca_pem: Option<String>,
}

/// Deadlines of the store.
#[derive(Clone, Copy, Debug)]
pub struct StoreSettings {
    /// For one call.
    pub timeout: Duration,
    /// For connecting.
    pub connect_timeout: Duration,
    /// Whether replicas must confirm that they follow the primary.
    pub confirm_by_replicas: bool,
}

/// Keys that are kept in memory.
#[derive(Clone, Copy, Debug)]
pub struct CacheSettings {
    /// Whether any are.
    pub enabled: bool,
    /// How many bytes they may take; with none, each check asks the store, which
    /// proves all the same that it is the one to ask.
    pub bytes_max: usize,
    /// For how long they may be used after they were proven fresh.
    pub lease: Duration,
    /// For how much longer while the store does not answer.
    pub stale_grace: Duration,
}

/// What is kept of what was done.
#[derive(Clone, Copy, Debug)]
pub struct AuditSettings {
    /// How long.
    pub keep: Duration,
    /// How many events in each list.
    pub max_events: u32,
}

/// Whether keys of rusty-valkey-forward-auth are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegacyKeys {
    /// Where the store may hold some.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// Keys.
#[derive(Clone, Debug)]
pub struct KeySettings {
    /// How new ones begin.
    pub prefix: String,
    /// How old ones may begin.
    pub former_prefixes: Vec<String>,
    /// The header besides Authorization.
    pub header: String,
    /// The life of a key for which nothing was asked.
    pub expires_default: Option<Duration>,
    /// The longest life.
    pub expires_max: Option<Duration>,
    /// How many an owner may have.
    pub per_owner_max: u32,
}

/// What upstreams are told.
#[derive(Clone, Debug)]
pub struct IdentityHeaderSettings {
    /// What each header carries, and its name.
    pub names: Vec<(Carries, String)>,
    /// What stands for "none".
    pub none_value: String,
}

/// Calls to issuers.
#[derive(Clone, Debug)]
pub struct OutboundSettings {
    /// A forward proxy.
    pub proxy: Option<Url>,
    /// The user name there.
    pub proxy_username: Option<String>,
    /// The password there.
    pub proxy_password: Option<Secret<String>>,
    /// The whole header instead.
    pub proxy_authorization: Option<Secret<String>>,
    /// What is called without it.
    pub no_proxy: Vec<String>,
    /// A further certificate authority, as PEM.
    pub ca_pem: Option<String>,
    /// Whether plain HTTP is allowed beyond loopback.
    pub allow_plain_http: bool,
    /// The deadline of one call.
    pub timeout: Duration,
    /// How much of an answer is read.
    pub body_bytes_max: usize,
}

/// Browsers on other origins.
#[derive(Clone, Debug)]
pub struct CorsSettings {
    /// Whether they may call.
    pub enabled: bool,
    /// Which; `*` for any.
    pub allow_origins: Vec<String>,
}

/// What a front end is told.
#[derive(Clone, Debug)]
pub struct FrontendSettings {
    /// The issuer that people sign in with.
    pub oidc_authority: Option<String>,
    /// The client they sign in as.
    pub oidc_client_id: Option<String>,
    /// Where they come back to.
    pub oidc_redirect_uri: Option<String>,
    /// Where the API is.
    pub api_base_url: Option<String>,
    /// What the service is called.
    pub app_name: String,
    /// Where the API's documentation is.
    pub api_docs_path: String,
    /// The operator's own words, as HTML.
    pub docs_html: Option<String>,
    /// What stands beside the name on the pages.
    pub logo: Option<Picture>,
    /// The colour of what can be pressed, as `#rgb` or `#rrggbb`.
    pub accent_color: Option<String>,
    /// The languages to offer, the first for whoever speaks none of them; all, if empty.
    pub languages: Vec<String>,
}

/// How log lines read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Plain,
    /// For machines.
    Json,
}

/// The log.
#[derive(Clone, Debug)]
pub struct LogSettings {
    /// How lines read.
    pub format: LogFormat,
    /// What is logged.
    pub filter: String,
    /// Whether passes are logged, too.
    pub allows: bool,
}
