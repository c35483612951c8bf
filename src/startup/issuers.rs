//! From the issuers that an operator names to what verifies their tokens.

use std::sync::Arc;

use anyhow::Context as _;

use super::workbench::Workbench;
use crate::domain::secret::Secret;
use crate::identity::outbound::{Bypass, ProxyCredentials, ProxyOptions};
use crate::identity::{
    Algorithm, ClaimRules, GroupsSplit, IssuerOptions, Outbound, OutboundOptions, TokenVerifier,
};
use crate::settings::{ClaimSettings, GroupsSplitName, IssuerSettings, OutboundSettings, Settings};
use crate::store::KeySetStore;

/// What verifies tokens; asks nobody yet.
///
/// # Errors
/// All faults of the issuers, each as one line.
pub fn token_verifier(settings: &Settings, bench: &Workbench) -> anyhow::Result<TokenVerifier> {
    let outbound = Outbound::new(outbound(&settings.outbound)?).context("outbound")?;
    let issuers = settings.issuers.iter().map(issuer).collect();
    let store = Arc::clone(&bench.store) as Arc<dyn KeySetStore>;
    let verifier = TokenVerifier::new(
        issuers,
        bench.realms.clone(),
        Arc::new(outbound),
        store,
        bench.salts.clone(),
        Arc::clone(&bench.clock),
    );
    verifier.map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
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
