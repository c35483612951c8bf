//! From a code to tokens (RFC 6749, section 4.1.3), and from an access token to
//! what the provider says of a person (OpenID Connect Core 1.0, section 5.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::id_token;
use super::metadata::Metadata;
use super::provider::{ClientAuthentication, Provider, ProviderOptions};
use super::{RelyingParty, SignInError};
use crate::domain::secret::Secret;

const OK: u16 = 200;
const TOO_MANY_REQUESTS: u16 = 429;
/// How much of a provider's word is kept for the log.
const SHOWN_CHARS_MAX: usize = 100;

/// What a token endpoint gives.
pub(super) struct Tokens {
    pub(super) id: Option<Secret<String>>,
    pub(super) access: Option<Secret<String>>,
    pub(super) refresh: Option<Secret<String>>,
}

impl RelyingParty {
    /// Turns a code into tokens.
    pub(super) async fn exchange(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        code: &str,
        verifier: &Secret<String>,
    ) -> Result<Tokens, SignInError> {
        let redirect_uri = self.redirect_uri(provider);
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", verifier.expose()),
        ];
        self.tokens(provider, metadata, &form).await
    }

    /// Asks the token endpoint.
    pub(super) async fn tokens(
        &self,
        provider: &Provider,
        metadata: &Metadata,
        pairs: &[(&str, &str)],
    ) -> Result<Tokens, SignInError> {
        let (form, authorization) = token_request(&provider.options, pairs);
        let sent = self
            .around
            .outbound
            .send_form(&metadata.token, &form, authorization.as_ref());
        let (status, answer) = sent
            .await
            .map_err(|fault| SignInError::ProviderUnavailable(fault.to_string()))?;
        if status != OK {
            return Err(refusal(status, &answer));
        }
        read_tokens(&answer)
    }

    /// What the userinfo endpoint says of the subject of an ID token.
    pub(super) async fn userinfo(
        &self,
        metadata: &Metadata,
        access_token: &Secret<String>,
        subject: &str,
    ) -> Result<Map<String, Value>, SignInError> {
        let Some(url) = &metadata.userinfo else {
            let why = "the provider has no userinfo_endpoint".to_owned();
            return Err(SignInError::BadAnswer(why));
        };
        let outbound = &self.around.outbound;
        let answer = outbound
            .fetch_json_as(url, Some(access_token))
            .await
            .map_err(|fault| SignInError::ProviderUnavailable(fault.to_string()))?;
        match answer {
            // Section 5.3.2: the token might be somebody else's.
            Value::Object(claims) if id_token::subject(&claims) == Ok(subject) => Ok(claims),
            _ => Err(SignInError::BadAnswer(
                "userinfo is about somebody else".to_owned(),
            )),
        }
    }
}

/// The form, and how the client is proven. A public client only names itself.
fn token_request(
    options: &ProviderOptions,
    pairs: &[(&str, &str)],
) -> (Secret<String>, Option<Secret<String>>) {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    let authorization = match (&options.client_secret, options.client_auth) {
        (Some(secret), ClientAuthentication::Basic) => {
            Some(basic(&options.client_id, secret.expose()))
        }
        (Some(secret), ClientAuthentication::Post) => {
            form.append_pair("client_id", &options.client_id);
            form.append_pair("client_secret", secret.expose());
            None
        }
        (None, _) => {
            form.append_pair("client_id", &options.client_id);
            None
        }
    };
    (Secret::new(form.finish()), authorization)
}

/// Both halves are form-encoded first (RFC 6749, section 2.3.1).
fn basic(client_id: &str, secret: &str) -> Secret<String> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Secret::new(format!("{}:{}", encoded(client_id), encoded(secret)));
    Secret::new(format!("Basic {}", STANDARD.encode(pair.expose())))
}

/// Section 5.2. An answer without a word is a refusal, too.
fn refusal(status: u16, answer: &Value) -> SignInError {
    if status == TOO_MANY_REQUESTS {
        let why = "the token endpoint has too much to do".to_owned();
        return SignInError::ProviderUnavailable(why);
    }
    match answer.get("error").and_then(Value::as_str) {
        Some("invalid_grant") => SignInError::CodeExpired,
        Some("temporarily_unavailable" | "server_error") => {
            SignInError::ProviderUnavailable("the token endpoint says so".to_owned())
        }
        Some(other) => SignInError::ProviderRefused(shown(other)),
        None => SignInError::ProviderRefused(format!("{status} at the token endpoint")),
    }
}

fn read_tokens(answer: &Value) -> Result<Tokens, SignInError> {
    let text = |member: &str| answer.get(member).and_then(Value::as_str);
    let is_bearer = text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
    if !is_bearer {
        let why = "the token endpoint gave no bearer token".to_owned();
        return Err(SignInError::BadAnswer(why));
    }
    let secret = |member| text(member).map(|text| Secret::new(text.to_owned()));
    Ok(Tokens {
        id: secret("id_token"),
        access: secret("access_token"),
        refresh: secret("refresh_token"),
    })
}

/// A provider's word, fit for the log.
pub(super) fn shown(word: &str) -> String {
    let kept = word.chars().filter(|c| !c.is_control());
    kept.take(SHOWN_CHARS_MAX).collect()
}
