//! To the provider: the authorization request (OpenID Connect Core 1.0,
//! section 3.1.2.1; RFC 7636, section 4.3). Nothing of it comes from the link
//! that somebody followed, but where they want to go afterwards.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use super::browser::BrowserCookie;
use super::provider::FRESH;
use super::{RelyingParty, SignInError};

/// A sign-in that just began.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub location: Url,
    /// The cookie that the sign-in is bound to.
    pub browser: BrowserCookie,
}

impl RelyingParty {
    /// Begins a sign-in. `former` is the cookie of an earlier one, `return_to`
    /// an address that was found to be good.
    ///
    /// # Errors
    /// Fails where the provider cannot be reached, and where the browser goes
    /// round in circles.
    pub async fn begin(
        &self,
        provider: &str,
        former: Option<&BrowserCookie>,
        return_to: String,
    ) -> Result<Begun, SignInError> {
        let provider = self.provider(provider)?;
        let now = self.around.clock.now().ok_or(SignInError::ClockUnknown)?;
        let entropy = self.around.entropy.as_ref();
        let browser = BrowserCookie::begins(former, now, entropy)?.ok_or(SignInError::Loop)?;
        let metadata = self.metadata(provider, FRESH).await?;
        let (under_way, state) = self.set_out(provider, &browser, return_to, now)?;
        let challenge = digest(&SHA256, under_way.verifier.expose().as_bytes());
        let mut location = metadata.authorization.clone();
        location
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.options.client_id)
            .append_pair("redirect_uri", &self.redirect_uri(provider))
            .append_pair("scope", &provider.options.scopes.join(" "))
            .append_pair("state", &state)
            .append_pair("nonce", &under_way.nonce)
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge))
            .append_pair("code_challenge_method", "S256");
        Ok(Begun { location, browser })
    }
}
