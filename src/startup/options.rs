//! What the settings mean to each part: parts know their own options, never the settings.

use std::path::Path;
use std::sync::Arc;

use crate::audit::AuditTerms;
use crate::cache::CacheOptions;
use crate::domain::account::attempts::Patience;
use crate::domain::api_key::expiry::LifeLimits;
use crate::domain::api_key::plain::KeyFormat;
use crate::domain::credential::AUTHORIZATION;
use crate::domain::identity_headers::IdentityHeaders;
use crate::domain::policy::{AcceptedKinds, Admission, Challenge, Gate, Policy, Rule};
use crate::domain::salt::Salts;
use crate::domain::subject::{Realm, Tenant};
use crate::http::cors::Cors;
use crate::http::gate_sign_in::GateSignIn;
use crate::http::host::HostRule;
use crate::http::return_address::ReturnAddresses;
use crate::http::same_origin::OwnOrigin;
use crate::http::security_headers::SecurityHeaders;
use crate::identity::Lifetimes;
use crate::identity::accounts::{AccountOptions, HashCosts, PasswordRules};
use crate::identity::sign_in::RelyingParty;
use crate::keys::KeyTerms;
use crate::portal::{FrontendOptions, PortalOptions, SignInParts, SignInProvider, SignInWays};
use crate::proxy::ProxyTrust;
use crate::settings::{
    AuditSettings, CacheSettings, CredentialName, GateSettings, IdentityHeaderSettings,
    KeySettings, RuleAdmission, RuleSettings, ServerSettings, SessionSettings, Settings,
    StoreSettings, ValkeySettings,
};
use crate::store::valkey::ValkeyOptions;

pub(super) fn key_terms(keys: &KeySettings, format: KeyFormat) -> KeyTerms {
    KeyTerms {
        format,
        limits: LifeLimits {
            default: keys.expires_default,
            max: keys.expires_max,
        },
        per_owner_max: keys.per_owner_max,
    }
}

pub(super) fn audit_terms(audit: &AuditSettings) -> AuditTerms {
    AuditTerms {
        keep: audit.keep,
        events_max: audit.max_events,
    }
}

pub(super) fn valkey(
    valkey: &ValkeySettings,
    store: StoreSettings,
    cache: &CacheSettings,
) -> ValkeyOptions {
    ValkeyOptions {
        url: valkey.url.clone(),
        username: valkey.username.clone(),
        password: valkey.password.clone(),
        ca_pem: valkey.ca_pem.clone(),
        timeout: store.timeout,
        connect_timeout: store.connect_timeout,
        confirm_by_replicas: store.confirm_by_replicas,
        copies_are_kept: cache.enabled,
    }
}

pub(super) fn cache(cache: &CacheSettings) -> CacheOptions {
    CacheOptions {
        bytes_max: cache.bytes_max,
        lease: cache.lease,
        stale_grace: cache.stale_grace,
    }
}

pub(super) fn accounts(settings: &Settings) -> AccountOptions {
    let accounts = &settings.accounts;
    AccountOptions {
        costs: HashCosts {
            memory_kib: accounts.argon2_memory_kib,
            iterations: accounts.argon2_iterations,
            lanes: accounts.argon2_lanes,
        },
        rules: PasswordRules {
            length_min: accounts.password_length_min,
            app_name: settings.frontend.app_name.clone(),
        },
        patience: Patience {
            lock_after: accounts.lock_after_failures,
            lock: accounts.lock,
        },
        invitation_life: accounts.invitation,
        reset_life: accounts.reset,
    }
}

pub(super) fn lifetimes(sessions: &SessionSettings) -> Lifetimes {
    Lifetimes {
        idle: sessions.idle,
        absolute: sessions.absolute,
    }
}

pub(super) fn proxy_trust(server: &ServerSettings) -> ProxyTrust {
    ProxyTrust {
        networks: server.trusted_proxies.clone(),
        hops: server.client_address_hops,
    }
}

/// The gates that the settings describe.
pub fn policy(settings: &Settings, format: KeyFormat) -> Policy {
    Policy {
        gates: settings.gates.iter().map(gate).collect(),
        format,
    }
}

fn gate(gate: &GateSettings) -> Gate {
    Gate {
        name: gate.name.as_str().into(),
        challenge: Challenge {
            bearer: gate.challenge_bearer,
            basic: gate.challenge_basic,
        },
        rules: gate
            .rules
            .iter()
            .map(|written| rule(written, gate.strip_credential))
            .collect(),
    }
}

fn rule(rule: &RuleSettings, strip_credential: bool) -> Rule {
    let read_from: Vec<Box<str>> = rule
        .read_from
        .iter()
        .map(|name| name.as_str().into())
        .collect();
    let strips = strip_credential && rule.allow == RuleAdmission::Authenticated;
    Rule {
        matching: rule.matching.clone(),
        allow: match rule.allow {
            RuleAdmission::Authenticated => Admission::Authenticated,
            RuleAdmission::Anyone => Admission::Anyone,
            RuleAdmission::Nobody => Admission::Nobody,
        },
        credentials: AcceptedKinds {
            api_key: rule.credentials.contains(&CredentialName::ApiKey),
            jwt: rule.credentials.contains(&CredentialName::Jwt),
            session: rule.credentials.contains(&CredentialName::Session),
        },
        preflight: rule.preflight,
        strip: strips.then(|| read_from.clone().into()),
        read_from,
        scopes: rule.scopes.clone(),
        any_scopes: rule.any_scopes.clone(),
        groups: rule.groups.clone(),
        any_groups: rule.any_groups.clone(),
    }
}

pub(super) fn identity_headers(headers: &IdentityHeaderSettings) -> IdentityHeaders {
    let names = headers
        .names
        .iter()
        .map(|(carries, name)| (*carries, name.as_str().into()));
    IdentityHeaders::new(names.collect(), &headers.none_value)
}

pub(super) fn portal(settings: &Settings, base_url: String) -> PortalOptions {
    let frontend = &settings.frontend;
    let is_https = settings
        .server
        .public_url
        .as_ref()
        .is_some_and(|url| url.scheme() == "https");
    PortalOptions {
        hosts: hosts(&settings.server),
        cors: cors(settings),
        security_headers: SecurityHeaders { https: is_https },
        base_url,
        static_dir: settings
            .static_dir
            .clone()
            .filter(|folder| has_index(folder.as_path())),
        frontend: FrontendOptions {
            app_name: frontend.app_name.clone(),
            api_base_url: frontend.api_base_url.clone(),
            oidc_authority: frontend.oidc_authority.clone(),
            oidc_client_id: frontend.oidc_client_id.clone(),
            oidc_redirect_uri: frontend.oidc_redirect_uri.clone(),
            docs_html: frontend.docs_html.clone(),
            logo: frontend.logo.clone(),
            accent_color: frontend.accent_color.clone(),
            languages: frontend.languages.clone(),
            api_docs_path: frontend.api_docs_path.trim_end_matches('/').to_owned(),
        },
    }
}

/// Where the portal reads credentials.
pub(super) fn read_from(keys: &KeySettings) -> Vec<Box<str>> {
    vec![
        AUTHORIZATION.into(),
        keys.header.to_ascii_lowercase().into(),
    ]
}

/// The tenants of realms.
pub(super) fn tenants(settings: &Settings) -> Vec<(Realm, Tenant)> {
    let issuers = settings.issuers.iter();
    issuers
        .map(|issuer| (issuer.realm.clone(), issuer.tenant.clone()))
        .collect()
}

/// How browsers find from gates to the sign-in and back, if there is a portal for it.
pub(super) fn gate_sign_in(settings: &Settings, salts: &Salts) -> Option<Arc<GateSignIn>> {
    let public_url = settings.server.public_url.as_ref()?;
    let domain = settings.sessions.cookie_domain.as_deref();
    GateSignIn::new(public_url, domain, salts.clone()).map(Arc::new)
}

/// Origins besides its own whose pages may change things by a session.
pub(super) fn trusted_origins(sessions: &SessionSettings) -> Arc<[Box<str>]> {
    let origins = sessions.trusted_origins.iter();
    origins.map(|origin| origin.as_str().into()).collect()
}

/// How people sign in.
pub(super) fn sign_in(
    settings: &Settings,
    providers: Option<Arc<RelyingParty>>,
    gates: Option<Arc<GateSignIn>>,
) -> SignInParts {
    let sessions = &settings.sessions;
    let offered = |(id, name): (&str, &str)| SignInProvider {
        id: id.to_owned(),
        name: name.to_owned(),
    };
    SignInParts {
        ways: SignInWays {
            password: settings.accounts.enabled,
            dev_user: sessions.dev_user.is_some(),
            providers: providers
                .iter()
                .flat_map(|providers| providers.providers())
                .map(offered)
                .collect(),
        },
        dev_user: sessions.dev_user.clone(),
        return_addresses: ReturnAddresses::new(sessions.return_hosts.clone()),
        own_origin: OwnOrigin::of(settings.server.public_url.as_ref()),
        relying_party: providers,
        gates,
    }
}

fn has_index(folder: &Path) -> bool {
    folder.join("index.html").is_file()
}

fn hosts(server: &ServerSettings) -> HostRule {
    if server.allowed_hosts.iter().any(|host| host == "*") {
        return HostRule {
            any: true,
            hosts: Vec::new(),
        };
    }
    let public = server
        .public_url
        .as_ref()
        .and_then(|url| url.host_str())
        .map(str::to_owned);
    HostRule::loopback_and(server.allowed_hosts.iter().cloned().chain(public))
}

fn cors(settings: &Settings) -> Option<Cors> {
    let cors = &settings.cors;
    cors.enabled.then(|| {
        if cors.allow_origins.iter().any(|origin| origin == "*") {
            return Cors::AnyOrigin;
        }
        let exact = |origin: &String| origin.trim_end_matches('/').to_owned();
        Cors::Origins(cors.allow_origins.iter().map(exact).collect())
    })
}
