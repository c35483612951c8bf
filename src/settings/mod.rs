//! What was written becomes what is meant, once, at the start.
//!
//! One table (`table`) says everything of every setting: defaults, variables,
//! schema and documentation are made from it. All faults are reported at once,
//! each with its key, where it was written, and what would be right. Nobody but
//! `startup` and `cli` knows these types: each part gets options of its own.

mod accounts;
mod ext_authz;
mod fault;
mod frontend;
mod gates;
mod issuers;
mod key;
mod model;
mod people;
mod raw;
mod reader;
mod reference;
mod report;
mod service;
mod sign_in;
mod sources;
mod table;
#[cfg(test)]
mod tests;

pub use accounts::{AccountSettings, FirstAdministrator};
pub use fault::{Fault, Faults};
pub use gates::{CredentialName, GateSettings, RuleAdmission, RuleSettings};
pub use issuers::{ClaimSettings, GroupsSplitName, IssuerSettings};
pub use model::{
    AuditSettings, CacheSettings, CorsSettings, ExtAuthzGrpcSettings, FrontendSettings,
    IdentityHeaderSettings, KeySettings, LegacyKeys, LogFormat, LogSettings, OutboundSettings,
    ServerSettings, StoreSettings, ValkeySettings,
};
pub use people::SessionSettings;
pub use reference::{
    markdown as reference_markdown, schema as reference_schema, settings_toml as shipped_file,
};
pub use report::{Entry, Report};
pub use sign_in::{GroupsFromName, SignInSettings};
pub use sources::Sources;

use std::path::PathBuf;

use crate::domain::scope_catalogue::ScopeCatalogue;
use crate::domain::secret::Secret;
use reader::Reader;

/// Everything that an operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Listening and stopping.
    pub server: ServerSettings,
    /// The folder of the embedded store, its salt and the first keys.
    pub data_dir: PathBuf,
    /// A folder with a front end.
    pub static_dir: Option<PathBuf>,
    /// The Valkey server; the embedded store without.
    pub valkey: Option<ValkeySettings>,
    /// Deadlines of the store.
    pub store: StoreSettings,
    /// Keys that are kept in memory.
    pub cache: CacheSettings,
    /// The active salt; made beside the database if absent, which only the
    /// embedded store allows.
    pub token_salt: Option<Secret<String>>,
    /// Former salts.
    pub token_salts_accepted: Vec<Secret<String>>,
    /// Whether keys of rusty-valkey-forward-auth are looked up.
    pub legacy_keys: LegacyKeys,
    /// Keys.
    pub keys: KeySettings,
    /// What upstreams are told.
    pub identity_headers: IdentityHeaderSettings,
    /// The issuers, the `[oauth]` shorthand first.
    pub issuers: Vec<IssuerSettings>,
    /// The gates, `default` among them.
    pub gates: Vec<GateSettings>,
    /// The scopes that people may put on keys.
    pub scopes: ScopeCatalogue,
    /// Built-in accounts.
    pub accounts: AccountSettings,
    /// Sessions of people.
    pub sessions: SessionSettings,
    /// Calls to issuers.
    pub outbound: OutboundSettings,
    /// Browsers on other origins.
    pub cors: CorsSettings,
    /// What a front end is told.
    pub frontend: FrontendSettings,
    /// The log.
    pub log: LogSettings,
    /// What is kept of what was done.
    pub audit: AuditSettings,
    /// What is allowed but worth a word at the start.
    pub warnings: Vec<String>,
}

/// Settings, and where each value comes from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What is meant.
    pub settings: Settings,
    /// Where it comes from.
    pub report: Report,
}

impl Settings {
    /// Reads all sources.
    ///
    /// # Errors
    /// Gives every fault there is.
    pub fn load(sources: &Sources) -> Result<Loaded, Faults> {
        let mut faults = Vec::new();
        let written = sources::read(sources, &mut faults);
        let mut reader = Reader::new(written, &mut faults);
        let settings = Self::resolve(&mut reader);
        let report = reader.report;
        if faults.is_empty() {
            Ok(Loaded { settings, report })
        } else {
            Err(Faults(faults))
        }
    }

    fn resolve(reader: &mut Reader<'_>) -> Self {
        let mut warnings = Vec::new();
        let server = service::server(reader);
        let data_dir = reader.path("data_dir").unwrap_or_else(|| "data".into());
        let static_dir = reader.path("static_dir");
        let valkey = service::valkey(reader);
        let (token_salt, token_salts_accepted) = service::salts(reader, valkey.is_some());
        let legacy_keys = service::legacy_keys(reader);
        let keys = service::keys(reader);
        let issuers = issuers::read(reader, &mut warnings);
        sign_in::check_public_url(reader, server.public_url.as_ref(), &issuers);
        let gates = gates::read(reader, &keys.header, issuers.len(), &mut warnings);
        let frontend = frontend::frontend(reader);
        let accounts = accounts::accounts(reader, valkey.is_some(), &mut warnings);
        let sessions = people::sessions(reader, &server, &gates, &mut warnings);
        Self {
            data_dir,
            static_dir,
            valkey,
            store: service::store(reader),
            cache: service::cache(reader),
            token_salt,
            token_salts_accepted,
            legacy_keys,
            identity_headers: service::identity_headers(reader, &keys.header),
            keys,
            issuers,
            gates,
            scopes: people::scopes(reader),
            accounts,
            sessions,
            outbound: service::outbound(reader),
            cors: service::cors(reader),
            frontend,
            log: service::log(reader),
            audit: service::audit(reader),
            server,
            warnings,
        }
    }
}
