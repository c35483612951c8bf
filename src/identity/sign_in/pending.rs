//! What is kept of a sign-in while the browser is at the provider: a record of
//! ten minutes under the keyed hash of its `state`. Whoever reads the store
//! finds no `state`, and the PKCE verifier only encrypted.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::{Decode, Encode};
use subtle::ConstantTimeEq as _;

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
pub(super) const LIFE: Duration = Duration::from_mins(10);

/// A sign-in under way.
pub(super) struct Pending {
    pub(super) nonce: String,
    pub(super) verifier: Secret<String>,
    pub(super) return_to: String,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    provider: String,
    #[cbor(n(1), with = "minicbor::bytes")]
    browser: Vec<u8>,
    #[n(2)]
    nonce: String,
    #[cbor(n(3), with = "minicbor::bytes")]
    verifier: Vec<u8>,
    #[n(4)]
    return_to: String,
    #[n(5)]
    expires_at: u64,
}

fn name(salt: &Salt, state: &str) -> RecordName {
    let mut hasher = blake3::Hasher::new_keyed(salt.session_key());
    hasher.update(b"state").update(&[0]).update(state.as_bytes());
    RecordName::of_digest(Shelf::OneTime, hasher.finalize().as_bytes())
}

impl RelyingParty {
    /// 256 random bits, as text.
    pub(super) fn draw(&self) -> Result<String, SignInError> {
        let bytes = random_bytes::<32>(self.around.entropy.as_ref())?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Keeps a sign-in, and gives the `state` that it is found by.
    pub(super) async fn keep(
        &self,
        provider: &Provider,
        browser: &BrowserCookie,
        pending: &Pending,
        now: Timestamp,
    ) -> Result<String, SignInError> {
        let salt = self.around.salts.active();
        let state = self.draw()?;
        let name = name(salt, &state);
        let expires_at = now.plus(LIFE);
        let wire = Wire {
            provider: provider.options.id.clone(),
            browser: browser.digest(salt).to_vec(),
            nonce: pending.nonce.clone(),
            verifier: vault::encrypt(
                salt.vault_key(),
                &name.full(),
                pending.verifier.expose().as_bytes(),
                self.around.entropy.as_ref(),
            )?,
            return_to: pending.return_to.clone(),
            expires_at: expires_at.as_millis(),
        };
        let mut payload = Vec::with_capacity(512);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        let sheet = NewSheet {
            record: envelope::seal(&self.around.salts, &name.full(), &payload),
            name,
            expires_at: Some(expires_at),
            lists: Vec::new(),
        };
        self.around
            .store
            .put_record(&sheet, Condition::Absent)
            .await?;
        Ok(state)
    }

    /// Takes the sign-in of that `state`, once, and only for the browser and the
    /// provider that it began with: another browser's is left in its place.
    pub(super) async fn take(
        &self,
        provider: &Provider,
        browser: &BrowserCookie,
        state: &str,
        now: Timestamp,
    ) -> Result<Pending, SignInError> {
        for salt in self.around.salts.accepted() {
            let name = name(salt, state);
            let Some(found) = self.around.store.find_record(&name).await? else {
                continue;
            };
            let wire = self.open(&name, &found)?;
            let is_browsers: bool = wire.browser.ct_eq(&browser.digest(salt)).into();
            let is_over = now.as_millis() >= wire.expires_at;
            if !is_browsers || is_over || wire.provider != provider.options.id {
                return Err(SignInError::NotUnderWay);
            }
            let taken = self.around.store.take_record(&name).await?;
            if taken.as_deref() != Some(&found[..]) {
                return Err(SignInError::NotUnderWay);
            }
            let verifier = vault::decrypt(salt.vault_key(), &name.full(), &wire.verifier);
            let verifier = verifier.map_err(|_| SignInError::NotUnderWay)?;
            let verifier = String::from_utf8(verifier.expose().clone());
            return Ok(Pending {
                nonce: wire.nonce,
                verifier: Secret::new(verifier.map_err(|_| SignInError::NotUnderWay)?),
                return_to: wire.return_to,
            });
        }
        Err(SignInError::NotUnderWay)
    }

    fn open(&self, name: &RecordName, record: &[u8]) -> Result<Wire, SignInError> {
        let payload = envelope::open(&self.around.salts, &name.full(), record);
        let wire = payload.ok().and_then(|payload| minicbor::decode(payload).ok());
        wire.ok_or_else(|| {
            tracing::error!("the record of a sign-in cannot be trusted: was the store changed?");
            SignInError::NotUnderWay
        })
    }
}
