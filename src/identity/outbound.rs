//! Calls to the world outside: the one place where HTTP clients are built.
//!
//! Only URLs that were configured, or that a configured issuer's discovery
//! names, are ever called, without following redirects, without
//! cookies, without the proxy variables of the environment, and within a
//! deadline and a size. Roots of trust are the machine's own (the
//! platform verifier of rustls reads `SSL_CERT_FILE`, `SSL_CERT_DIR` or the
//! system's store when the client is built) and the operator's extra ones.

mod addresses;
mod proxy;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use url::Url;

pub use addresses::UrlFault;
pub use proxy::{BadBypass, Bypass, ProxyCredentials, ProxyOptions};

use super::strict_json;
use crate::domain::secret::Secret;

/// How long a connection may take to stand.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Most header fields in an answer.
const HEADERS_MAX: usize = 64;
/// The status of an answer that is one.
const OK: u16 = 200;

/// How calls to the outside are made.
#[derive(Clone, Debug)]
pub struct OutboundOptions {
    /// From the first look-up of the name to the last byte of the answer.
    pub timeout: Duration,
    /// Largest answer, in bytes.
    pub body_bytes_max: usize,
    /// The proxy that calls go through.
    pub proxy: Option<ProxyOptions>,
    /// Certificates (PEM) to trust beside the machine's own.
    pub extra_roots_pem: Option<Vec<u8>>,
    /// Whether `http` may be used beyond this machine. Whoever can answer in an
    /// issuer's place can then make tokens.
    pub allow_plain_http: bool,
}

impl Default for OutboundOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            body_bytes_max: 1024 * 1024,
            proxy: None,
            extra_roots_pem: None,
            allow_plain_http: false,
        }
    }
}

/// Why calls cannot be made as configured.
#[derive(Debug, thiserror::Error)]
pub enum BadOutbound {
    /// The extra certificates cannot be read.
    #[error("the extra root certificates are no PEM certificates: {0}")]
    Roots(String),
    /// There is no certificate among them.
    #[error("the file of extra root certificates holds no certificate")]
    NoRoots,
    /// The proxy cannot be used.
    #[error("the outbound proxy {0}")]
    Proxy(String),
    /// The client cannot be built.
    #[error("no HTTP client can be built: {0}")]
    Client(String),
}

/// Why nothing was fetched. Says what and where, with neither credentials nor
/// the query of the address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {fault}")]
pub struct FetchError {
    /// The address without user, password, query and fragment.
    pub place: String,
    /// What went wrong.
    pub fault: FetchFault,
}

/// What went wrong with a fetch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchFault {
    /// The address may not be fetched from.
    #[error("the address {0}")]
    Url(#[from] UrlFault),
    /// The deadline passed.
    #[error("no complete answer within {0:?}")]
    Timeout(Duration),
    /// No connection, no TLS, or the connection broke.
    #[error("{0}")]
    Connection(String),
    /// An answer other than 200.
    #[error("answered {0}{note}", note = redirect_note(*.0))]
    Status(u16),
    /// More bytes than the limit.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// Not JSON, or JSON that could be read in two ways.
    #[error("the answer is not the JSON that was expected: {0}")]
    NotJson(String),
}

fn redirect_note(status: u16) -> &'static str {
    if (300..400).contains(&status) {
        "; redirects are not followed, configure the final address"
    } else {
        ""
    }
}

/// A way to the outside.
pub struct Outbound {
    direct: reqwest::Client,
    proxied: Option<reqwest::Client>,
    options: OutboundOptions,
}

impl Outbound {
    /// Builds the clients. Asks nobody anything yet.
    ///
    /// # Errors
    /// See [`BadOutbound`].
    pub fn new(options: OutboundOptions) -> Result<Self, BadOutbound> {
        let direct = build(&options, None)?;
        let proxied = match &options.proxy {
            None => None,
            Some(proxy) => Some(build(&options, Some(&proxy.for_library()?))?),
        };
        Ok(Self {
            direct,
            proxied,
            options,
        })
    }

    /// Whether a URL may be fetched at all, before any name is looked up.
    ///
    /// # Errors
    /// See [`UrlFault`].
    pub fn check_url(&self, url: &Url) -> Result<(), UrlFault> {
        addresses::check(url, self.options.allow_plain_http)
    }

    /// Fetches a JSON document.
    ///
    /// # Errors
    /// See [`FetchFault`]; the same fault may be gone the next time.
    pub async fn fetch_json(&self, url: &Url) -> Result<Value, FetchError> {
        self.fetch_json_as(url, None).await
    }

    /// Fetches a JSON document, as whoever a bearer token says (RFC 6750,
    /// section 2.1).
    ///
    /// # Errors
    /// See [`FetchFault`].
    pub(super) async fn fetch_json_as(
        &self,
        url: &Url,
        bearer: Option<&Secret<String>>,
    ) -> Result<Value, FetchError> {
        let mut request = self.client_for(url).get(url.clone());
        if let Some(token) = bearer {
            request = request.bearer_auth(token.expose());
        }
        let (_, value) = self.call(url, request, |status| status == OK).await?;
        Ok(value)
    }

    /// Sends a form and gives the status with the JSON that came back: OAuth
    /// says in both what was wrong (RFC 6749, section 5.2). A refusal may lack
    /// it: it is `null` then. An answer of the other side's own trouble (from
    /// 500 on) is a fault.
    ///
    /// # Errors
    /// See [`FetchFault`].
    pub(super) async fn send_form(
        &self,
        url: &Url,
        form: &Secret<String>,
        authorization: Option<&Secret<String>>,
    ) -> Result<(u16, Value), FetchError> {
        let mut request = self
            .client_for(url)
            .post(url.clone())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.expose().clone());
        if let Some(value) = authorization {
            let mut value =
                HeaderValue::try_from(value.expose().as_str()).map_err(|_| FetchError {
                    place: place(url),
                    fault: FetchFault::Connection("the client's secret is no header".to_owned()),
                })?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let is_answer = |status| status == OK || (400..500).contains(&status);
        self.call(url, request, is_answer).await
    }

    async fn call(
        &self,
        url: &Url,
        request: reqwest::RequestBuilder,
        is_answer: impl Fn(u16) -> bool,
    ) -> Result<(u16, Value), FetchError> {
        let answered = match self.check_url(url) {
            Err(fault) => Err(fault.into()),
            Ok(()) => self.answer_in_time(request, is_answer).await,
        };
        let parsed = answered.and_then(|(status, bytes)| match strict_json::parse(&bytes) {
            Ok(value) => Ok((status, value)),
            Err(_) if status != OK => Ok((status, Value::Null)),
            Err(fault) => Err(FetchFault::NotJson(fault.to_string())),
        });
        parsed.map_err(|fault| FetchError {
            place: place(url),
            fault,
        })
    }

    async fn answer_in_time(
        &self,
        request: reqwest::RequestBuilder,
        is_answer: impl Fn(u16) -> bool,
    ) -> Result<(u16, Vec<u8>), FetchFault> {
        let limit = self.options.timeout;
        let fetching = tokio::time::timeout(limit, self.answer(request, is_answer));
        fetching.await.unwrap_or(Err(FetchFault::Timeout(limit)))
    }

    async fn answer(
        &self,
        request: reqwest::RequestBuilder,
        is_answer: impl Fn(u16) -> bool,
    ) -> Result<(u16, Vec<u8>), FetchFault> {
        let limit = self.options.body_bytes_max;
        let mut response = request.send().await.map_err(connection_fault)?;
        let status = response.status().as_u16();
        if !is_answer(status) {
            return Err(FetchFault::Status(status));
        }
        // What the other side announces is not believed, but saves the effort.
        let announced = response.content_length().unwrap_or(0);
        if announced > u64::try_from(limit).unwrap_or(u64::MAX) {
            return Err(FetchFault::TooLarge(limit));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(connection_fault)? {
            if body.len() + chunk.len() > limit {
                return Err(FetchFault::TooLarge(limit));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body))
    }

    fn client_for(&self, url: &Url) -> &reqwest::Client {
        match (&self.proxied, &self.options.proxy) {
            (Some(proxied), Some(options)) if !options.bypasses(url) => proxied,
            _ => &self.direct,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place where clients are built, with their bounds"
)]
fn builder() -> reqwest::ClientBuilder {
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    reqwest::Client::builder()
        .user_agent(concat!("gatelodge/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        // Neither HTTP_PROXY nor its kin: an environment must not be able to
        // turn calls around unseen.
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        // Calls are minutes apart and come from several runtimes: a connection
        // that is kept would mostly be one that has gone stale.
        .pool_max_idle_per_host(0)
        .http1_max_headers(HEADERS_MAX)
        .dns_resolver(Arc::new(addresses::CheckedResolver))
}

fn build(
    options: &OutboundOptions,
    proxy: Option<&reqwest::Proxy>,
) -> Result<reqwest::Client, BadOutbound> {
    let builder = || match proxy {
        None => builder(),
        Some(proxy) => builder().proxy(proxy.clone()),
    };
    // The machine's own roots and these. Without any of the machine's, as in a
    // bare container, these alone.
    if let Some(pem) = &options.extra_roots_pem {
        let client = builder().tls_certs_merge(extra_roots(pem)?).build();
        return client.map_err(|fault| BadOutbound::Roots(innermost(&fault)));
    }
    builder().build().or_else(|fault| {
        tracing::warn!(
            error = innermost(&fault),
            "the machine's root certificates cannot be used: no https address will be trusted \
             unless extra root certificates are configured"
        );
        without_roots(builder())
    })
}

/// Trusts no certificate at all: issuers on this very machine can be used all
/// the same.
fn without_roots(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, BadOutbound> {
    let client = builder.tls_certs_only([]).build();
    client.map_err(|fault| BadOutbound::Client(innermost(&fault)))
}

fn extra_roots(pem: &[u8]) -> Result<Vec<reqwest::Certificate>, BadOutbound> {
    let roots = reqwest::Certificate::from_pem_bundle(pem)
        .map_err(|fault| BadOutbound::Roots(innermost(&fault)))?;
    if roots.is_empty() {
        return Err(BadOutbound::NoRoots);
    }
    Ok(roots)
}

/// The address as it may be shown: a user, password or query may be secret.
pub(super) fn place(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

fn connection_fault(fault: reqwest::Error) -> FetchFault {
    FetchFault::Connection(innermost(&fault.without_url()))
}

/// The last cause says what happened; those around it only that something did.
fn innermost(fault: &reqwest::Error) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_root_certificates_can_still_be_used() {
        assert!(without_roots(builder()).is_ok());
    }
}
