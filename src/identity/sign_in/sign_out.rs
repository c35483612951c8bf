//! The way out at a provider (RP-Initiated Logout 1.0): its page is told who
//! signs out by the ID token, which no page of ours may see. So pages are given
//! an address of ours that leads there, once and within a minute.

use std::time::Duration;

use url::Url;

use super::provider::{Provider, USABLE};
use super::{RelyingParty, SignInError};
use crate::domain::record_name::{RecordName, Shelf};
use crate::domain::salt::Salt;
use crate::domain::secret::Secret;
use crate::domain::session::Session;
use crate::domain::vault;
use crate::store::records::{Condition, NewSheet};

/// How long the address leads there.
const LIFE: Duration = Duration::from_mins(1);
/// Comes back with whoever signed out: what our page then says.
const STATE: &str = "signed-out";

fn place(salt: &Salt, ticket: &str) -> RecordName {
    let mut hasher = blake3::Hasher::new_keyed(salt.sign_in_key());
    hasher.update(b"sign-out").update(&[0]);
    let digest = *hasher.update(ticket.as_bytes()).finalize().as_bytes();
    RecordName::of_digest(Shelf::OneTime, &digest)
}

impl RelyingParty {
    /// The address of ours by which a session that began at a provider ends
    /// there, too; `None` where the provider has no page for it, or is not known
    /// to have one now.
    pub async fn way_out(
        &self,
        session: &Session,
        id_token: Option<&Secret<String>>,
    ) -> Option<String> {
        let provider = self.provider(session.provider.as_deref()?).ok()?;
        let page = self.sign_out_page(provider, id_token).await?;
        match self.keep_way_out(provider, &page).await {
            Ok(address) => Some(address),
            Err(error) => {
                tracing::warn!(%error, "somebody signed out here and not at the provider");
                None
            }
        }
    }

    /// The provider's page that such an address leads to; `None` where it led
    /// there before, or the minute is over.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn take_way_out(
        &self,
        provider: &str,
        ticket: &str,
    ) -> Result<Option<Url>, SignInError> {
        self.provider(provider)?;
        for salt in self.around.salts.accepted() {
            let name = place(salt, ticket);
            let Some(sealed) = self.around.store.take_record(&name).await? else {
                continue;
            };
            let page = vault::decrypt(salt.vault_key(), &name.full(), &sealed).ok();
            let page = page.and_then(|page| String::from_utf8(page.expose().clone()).ok());
            return Ok(page.and_then(|page| Url::parse(&page).ok()));
        }
        Ok(None)
    }

    async fn sign_out_page(
        &self,
        provider: &Provider,
        id_token: Option<&Secret<String>>,
    ) -> Option<Secret<String>> {
        let metadata = self.metadata(provider, USABLE).await.ok()?;
        let mut page = metadata.end_session.clone()?;
        let back = match &provider.options.post_logout {
            Some(url) => url.as_str().to_owned(),
            None => self.own_address("/sign-in"),
        };
        let mut query = page.query_pairs_mut();
        if let Some(token) = id_token {
            query.append_pair("id_token_hint", token.expose());
        }
        query
            .append_pair("client_id", &provider.options.client_id)
            .append_pair("post_logout_redirect_uri", &back)
            .append_pair("state", STATE);
        drop(query);
        Some(Secret::new(page.into()))
    }

    async fn keep_way_out(
        &self,
        provider: &Provider,
        page: &Secret<String>,
    ) -> Result<String, SignInError> {
        let around = &self.around;
        let now = around.clock.now().ok_or(SignInError::ClockUnknown)?;
        let salt = around.salts.active();
        let ticket = self.draw()?;
        let name = place(salt, &ticket);
        let page = page.expose().as_bytes();
        let record = vault::encrypt(
            salt.vault_key(),
            &name.full(),
            page,
            around.entropy.as_ref(),
        )?;
        let sheet = NewSheet {
            name,
            record,
            expires_at: Some(now.plus(LIFE)),
            lists: Vec::new(),
        };
        around.store.put_record(&sheet, Condition::Absent).await?;
        let path = format!("/auth/{}/sign-out?ticket={ticket}", provider.options.id);
        Ok(self.own_address(&path))
    }
}
