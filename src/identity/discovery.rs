//! Where an issuer's keys are: OpenID Connect Discovery 1.0, section 4, or an
//! address that the operator gives.
//!
//! Only the OpenID path is asked, `{issuer}/.well-known/openid-configuration`.
//! RFC 8414 puts its own between host and path of the issuer; an issuer that
//! publishes only there needs `jwks_url`.

use serde_json::Value;
use url::Url;

use super::issuer::{IssuerOptions, without_slash};
use super::jwks::{BadJwks, Jwks};
use super::outbound::{self, FetchError, Outbound, UrlFault};

/// How much of another issuer's name an error repeats.
const SHOWN_CHARS_MAX: usize = 200;
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// What an issuer publishes.
pub(super) struct Published {
    /// The issuer's exact name, where discovery gave it.
    pub issuer: Option<String>,
    /// The key set as it was sent, for other replicas.
    pub document: Value,
    /// The same, read.
    pub jwks: Jwks,
}

/// Why an issuer's keys could not be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadPublication {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error("{place}: the discovery document lacks {member:?}")]
    Lacks { place: String, member: &'static str },
    #[error("{place}: the discovery document is for the issuer {found:?}, not the configured one")]
    OtherIssuer { place: String, found: String },
    #[error("{place}: jwks_uri {fault}")]
    JwksUri { place: String, fault: UrlFault },
    #[error("{place}: the key set {fault}")]
    Keys { place: String, fault: BadJwks },
}

/// The address that everything of the issuer begins with: the key set's where
/// it is configured, the discovery document's otherwise.
pub(super) fn source(options: &IssuerOptions) -> String {
    match &options.jwks_url {
        Some(url) => url.as_str().to_owned(),
        None => format!("{}{WELL_KNOWN}", options.identifier()),
    }
}

/// Fetches what the issuer publishes now.
pub(super) async fn fetch(
    options: &IssuerOptions,
    outbound: &Outbound,
) -> Result<Published, BadPublication> {
    let (issuer, jwks_url) = if let Some(url) = &options.jwks_url {
        (None, url.clone())
    } else {
        let (issuer, url) = discover(options, outbound).await?;
        (Some(issuer), url)
    };
    let document = outbound.fetch_json(&jwks_url).await?;
    let jwks = Jwks::parse(&document).map_err(|fault| BadPublication::Keys {
        place: outbound::place(&jwks_url),
        fault,
    })?;
    Ok(Published {
        issuer,
        document,
        jwks,
    })
}

async fn discover(
    options: &IssuerOptions,
    outbound: &Outbound,
) -> Result<(String, Url), BadPublication> {
    let (document, issuer, url) = document(options, outbound).await?;
    let place = source(options);
    let jwks_uri = member(&document, "jwks_uri", &place)?;
    let jwks_url = check_named(jwks_uri, &url, outbound)
        .map_err(|fault| BadPublication::JwksUri { place, fault })?;
    Ok((issuer, jwks_url))
}

/// The discovery document, the issuer's exact name in it, and where it came from.
pub(super) async fn document(
    options: &IssuerOptions,
    outbound: &Outbound,
) -> Result<(Value, String, Url), BadPublication> {
    let place = format!("{}{WELL_KNOWN}", options.identifier());
    let url = Url::parse(&place).map_err(|_| BadPublication::JwksUri {
        place: place.clone(),
        fault: UrlFault::NotAUrl,
    })?;
    let document = outbound.fetch_json(&url).await?;
    let issuer = member(&document, "issuer", &place)?;
    // Section 4.3: the document must be about the issuer that was asked, or
    // one provider could speak for another's people.
    if without_slash(issuer) != options.identifier() {
        return Err(BadPublication::OtherIssuer {
            found: issuer.chars().take(SHOWN_CHARS_MAX).collect(),
            place,
        });
    }
    let issuer = issuer.to_owned();
    Ok((document, issuer, url))
}

pub(super) fn member<'d>(
    document: &'d Value,
    name: &'static str,
    place: &str,
) -> Result<&'d str, BadPublication> {
    let found = document.get(name).and_then(Value::as_str);
    found.ok_or_else(|| BadPublication::Lacks {
        place: place.to_owned(),
        member: name,
    })
}

/// A document that came by https must not lead to plain http, not even on this
/// machine: what listens there was never meant as this issuer's.
pub(super) fn check_named(
    text: &str,
    named_by: &Url,
    outbound: &Outbound,
) -> Result<Url, UrlFault> {
    let url = Url::parse(text).map_err(|_| UrlFault::NotAUrl)?;
    outbound.check_url(&url)?;
    if named_by.scheme() == "https" && url.scheme() != "https" {
        return Err(UrlFault::Downgrade);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_came_by_https_leads_to_https() {
        let outbound = Outbound::new(outbound::OutboundOptions {
            allow_plain_http: true,
            ..outbound::OutboundOptions::default()
        });
        let outbound = outbound.unwrap();
        let fault = |named_by: &str, text: &str| {
            let named_by = Url::parse(named_by).unwrap();
            check_named(text, &named_by, &outbound).err()
        };
        let downgrade = Some(UrlFault::Downgrade);
        assert_eq!(fault("https://a.test/", "http://127.0.0.1:9/k"), downgrade);
        assert_eq!(fault("https://a.test/", "http://a.test/k"), downgrade);
        assert_eq!(fault("https://a.test/", "https://keys.test/k"), None);
        assert_eq!(fault("http://a.test/", "http://a.test/k"), None);
        assert_eq!(fault("http://localhost/", "https://a.test/k"), None);
    }
}
