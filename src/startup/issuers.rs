//! From the issuers that an operator names to what verifies their tokens.

use std::sync::Arc;

use anyhow::Context as _;

use super::workbench::Workbench;
use crate::domain::secret::Secret;
use crate::identity::outbound::{Bypass, ProxyCredentials, ProxyOptions};
use crate::identity::sign_in::{
    ClientAuthentication, GroupsFrom, ProviderOptions, RelyingParty, SignInSurroundings,
};
use crate::identity::{
    Algorithm, ClaimRules, GroupsSplit, IssuerOptions, Outbound, OutboundOptions, TokenVerifier,
};
use crate::settings::{
    ClaimSettings, GroupsFromName, GroupsSplitName, IssuerSettings, OutboundSettings, Settings,
};
use crate::store::KeySetStore;

/// What verifies tokens; asks nobody yet.
///
/// # Errors
/// All faults of the issuers, each as one line.
pub fn token_verifier(settings: &Settings, bench: &Workbench) -> anyhow::Result<TokenVerifier> {
    let outbound = outbound_of(settings)?;
    let issuers = settings.issuers.iter().map(issuer).collect();
    let store = Arc::clone(&bench.store) as Arc<dyn KeySetStore>;
    let verifier = TokenVerifier::new(
        issuers,
        bench.realms.clone(),
        outbound,
        store,
        bench.salts.clone(),
        Arc::clone(&bench.clock),
    );
    verifier.map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })
}

fn outbound_of(settings: &Settings) -> anyhow::Result<Arc<Outbound>> {
    let outbound = Outbound::new(outbound(&settings.outbound)?).context("outbound")?;
    Ok(Arc::new(outbound))
}

/// What verifies tokens, fetching keys from now on, and what signs people in.
///
/// # Errors
/// All faults of the issuers, each as one line.
pub fn start(
    settings: &Settings,
    bench: &Workbench,
) -> anyhow::Result<(Arc<TokenVerifier>, Option<Arc<RelyingParty>>)> {
    let tokens = Arc::new(token_verifier(settings, bench)?);
    tokens.start();
    let providers = relying_party(settings, bench, &tokens)?.map(Arc::new);
    if let Some(providers) = &providers {
        bench.sessions.have_asked(Arc::clone(providers) as _);
    }
    Ok((tokens, providers))
}

/// What signs people in at issuers; `None` where they sign in at none.
///
/// # Errors
/// Fails where no calls can be made as configured.
fn relying_party(
    settings: &Settings,
    bench: &Workbench,
    verifier: &Arc<TokenVerifier>,
) -> anyhow::Result<Option<RelyingParty>> {
    let providers: Vec<_> = settings.issuers.iter().filter_map(provider).collect();
    // Settings without it are refused where anybody signs in.
    let Some(public_url) = settings.server.public_url.clone() else {
        return Ok(None);
    };
    if providers.is_empty() {
        return Ok(None);
    }
    let around = SignInSurroundings {
        verifier: Arc::clone(verifier),
        outbound: outbound_of(settings)?,
        store: Arc::clone(&bench.store),
        salts: bench.salts.clone(),
        clock: Arc::clone(&bench.clock),
        entropy: Arc::clone(&bench.entropy),
    };
    Ok(Some(RelyingParty::new(providers, public_url, around)))
}

fn provider(issuer: &IssuerSettings) -> Option<ProviderOptions> {
    let sign_in = issuer.sign_in.as_ref()?;
    Some(ProviderOptions {
        id: sign_in.id.clone(),
        name: sign_in.name.clone(),
        realm: issuer.realm.clone(),
        client_id: sign_in.client_id.clone(),
        client_secret: sign_in.client_secret.clone(),
        client_auth: if sign_in.secret_in_body {
            ClientAuthentication::Post
        } else {
            ClientAuthentication::Basic
        },
        scopes: sign_in.scopes.clone(),
        groups_from: match sign_in.groups_from {
            GroupsFromName::Auto => GroupsFrom::Auto,
            GroupsFromName::IdToken => GroupsFrom::IdToken,
            GroupsFromName::AccessToken => GroupsFrom::AccessToken,
            GroupsFromName::Userinfo => GroupsFrom::Userinfo,
        },
        recheck: sign_in.recheck,
        post_logout: sign_in.post_logout.clone(),
    })
}

fn outbound(settings: &OutboundSettings) -> anyhow::Result<OutboundOptions> {
    let credentials = match (&settings.proxy_authorization, &settings.proxy_username) {
        (Some(header), _) => Some(ProxyCredentials::Header(header.clone())),
        (None, Some(user)) => Some(ProxyCredentials::Basic {
            user: user.clone(),
            password: settings
                .proxy_password
                .clone()
                .unwrap_or_else(|| Secret::new(String::new())),
        }),
        (None, None) => None,
    };
    let bypass = settings.no_proxy.iter().map(|text| Bypass::parse(text));
    let bypass = bypass
        .collect::<Result<Vec<_>, _>>()
        .context("outbound.no_proxy")?;
    Ok(OutboundOptions {
        timeout: settings.timeout,
        body_bytes_max: settings.body_bytes_max,
        proxy: settings.proxy.clone().map(|url| ProxyOptions {
            url,
            credentials,
            bypass,
        }),
        extra_roots_pem: settings.ca_pem.clone().map(String::into_bytes),
        allow_plain_http: settings.allow_plain_http,
    })
}

fn issuer(issuer: &IssuerSettings) -> IssuerOptions {
    let any_audience = issuer.any_audience_at_portal;
    IssuerOptions {
        jwks_url: issuer.jwks_url.clone(),
        opens_gates: !issuer.audiences.is_empty(),
        opens_portal: any_audience || !issuer.portal_audiences.is_empty(),
        audience_required: !any_audience,
        audiences: issuer.audiences.clone(),
        portal_audiences: issuer.portal_audiences.clone(),
        algorithms: issuer
            .algorithms
            .iter()
            .filter_map(|name| Algorithm::parse(name))
            .collect(),
        tenant: issuer.tenant.clone(),
        admin_groups: issuer.admin_groups.clone(),
        admin_groups_case_sensitive: issuer.admin_groups_case_sensitive,
        require_type: issuer.require_type.clone(),
        claims: claims(&issuer.claims),
        refresh: issuer.refresh,
        max_stale: issuer.max_stale,
        ..IssuerOptions::new(issuer.realm.clone(), issuer.url.clone())
    }
}

fn claims(claims: &ClaimSettings) -> ClaimRules {
    ClaimRules {
        subject: claims.subject.clone(),
        groups: claims.groups.clone(),
        groups_split: match claims.groups_split {
            GroupsSplitName::None => GroupsSplit::None,
            GroupsSplitName::Blank => GroupsSplit::Blank,
            GroupsSplitName::Comma => GroupsSplit::Comma,
        },
        scopes: vec![claims.scopes.clone()],
        email: claims.email.clone(),
        name: claims.name.clone(),
    }
}
