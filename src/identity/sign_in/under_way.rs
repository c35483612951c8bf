//! A sign-in while its browser is at the provider. Nothing of it is stored: the
//! `state` that goes round with the browser is the sign-in, encrypted for this
//! provider and this browser, for ten minutes. What the provider must not see,
//! the PKCE verifier, and what it must repeat, the nonce, are derived anew from
//! that and from the browser's cookie; so no two of the three are worth anything.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::{Decode, Encode};

use super::browser::BrowserCookie;
use super::provider::Provider;
use super::{RelyingParty, SignInError};
use crate::domain::entropy::random_bytes;
use crate::domain::record_name::{RecordName, Shelf};
use crate::domain::salt::Salt;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;
use crate::domain::{envelope, vault};
use crate::store::records::{Condition, NewSheet};

/// How long somebody may take at the provider.
pub const LIFE: Duration = Duration::from_mins(10);
/// Longer than any `state` of ours.
const STATE_BYTES_MAX: usize = 4 * 1024;

/// A sign-in under way.
pub(super) struct UnderWay {
    pub(super) nonce: String,
    pub(super) verifier: Secret<String>,
    pub(super) return_to: String,
    pub(super) expires_at: Timestamp,
    number: [u8; 16],
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[cbor(n(0), with = "minicbor::bytes")]
    number: Vec<u8>,
    #[n(1)]
    return_to: String,
    #[n(2)]
    expires_at: u64,
}

impl UnderWay {
    fn new(
        salt: &Salt,
        browser: &BrowserCookie,
        number: [u8; 16],
        return_to: String,
        expires_at: Timestamp,
    ) -> Self {
        let derived = |purpose: &str| {
            let bytes = browser.derive(salt, purpose, &number);
            URL_SAFE_NO_PAD.encode(bytes)
        };
        Self {
            nonce: derived("nonce"),
            verifier: Secret::new(derived("verifier")),
            return_to,
            expires_at,
            number,
        }
    }
}

/// What the encryption of a `state` is bound to.
fn place(salt: &Salt, provider: &Provider, browser: &BrowserCookie) -> String {
    let browser = blake3::Hash::from_bytes(browser.derive(salt, "name", &[]));
    format!(
        "state of a sign-in at {} by {}",
        provider.options.id,
        browser.to_hex()
    )
}

impl RelyingParty {
    /// 256 random bits, as text.
    pub(super) fn draw(&self) -> Result<String, SignInError> {
        let bytes = random_bytes::<32>(self.around.entropy.as_ref())?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// A sign-in that begins, and its `state`.
    pub(super) fn set_out(
        &self,
        provider: &Provider,
        browser: &BrowserCookie,
        return_to: String,
        now: Timestamp,
    ) -> Result<(UnderWay, String), SignInError> {
        let (salt, entropy) = (self.around.salts.active(), self.around.entropy.as_ref());
        let number = random_bytes::<16>(entropy)?;
        let under_way = UnderWay::new(salt, browser, number, return_to, now.plus(LIFE));
        let wire = Wire {
            number: number.to_vec(),
            return_to: under_way.return_to.clone(),
            expires_at: under_way.expires_at.as_millis(),
        };
        let mut payload = Vec::with_capacity(256);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        let place = place(salt, provider, browser);
        let sealed = vault::encrypt(salt.vault_key(), &place, &payload, entropy)?;
        Ok((under_way, URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// The sign-in that a `state` is; `None` where it began in another browser,
    /// at another provider, or nowhere. It may be over.
    pub(super) fn come_back(
        &self,
        provider: &Provider,
        browser: &BrowserCookie,
        state: &str,
    ) -> Option<UnderWay> {
        if state.len() > STATE_BYTES_MAX {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(state).ok()?;
        self.around.salts.accepted().iter().find_map(|salt| {
            let place = place(salt, provider, browser);
            let payload = vault::decrypt(salt.vault_key(), &place, &sealed).ok()?;
            let wire: Wire = minicbor::decode(payload.expose()).ok()?;
            let number = wire.number.try_into().ok()?;
            let expires_at = Timestamp::from_millis(wire.expires_at)?;
            Some(UnderWay::new(
                salt,
                browser,
                number,
                wire.return_to,
                expires_at,
            ))
        })
    }

    /// Writes down that a sign-in succeeded, until its `state` would be over
    /// anyway: no other one grows from it, whatever the provider thinks of its code.
    pub(super) async fn use_up(&self, under_way: &UnderWay) -> Result<(), SignInError> {
        let digest = blake3::derive_key(
            "gatelodge 2026-11-24 v1 sign-in that was used",
            &under_way.number,
        );
        let name = RecordName::of_digest(Shelf::OneTime, &digest);
        let sheet = NewSheet {
            record: envelope::seal(&self.around.salts, &name.full(), &[]),
            name,
            expires_at: Some(under_way.expires_at),
            lists: Vec::new(),
        };
        let store = &self.around.store;
        if store.put_record(&sheet, Condition::Absent).await? {
            return Ok(());
        }
        Err(SignInError::UsedBefore)
    }
}
