//! The first keys of an embedded start: one to try the gate with, one for the
//! administrator, each in a file that only its owner may read.
//!
//! They are made once, while their owner has no keys at all: deleting the files
//! or revoking the keys does not bring forth new ones behind anybody's back.

use std::io;
use std::path::{Path, PathBuf};

use super::private_file;
use crate::domain::api_key::OwnerTag;
use crate::domain::api_key::expiry::ExpiryWish;
use crate::domain::matching::RequestMatch;
use crate::domain::principal::Principal;
use crate::domain::subject::{Owner, Realm, Realms, Scope, Subject, Tenant};
use crate::keys::{Actor, KeyError, KeyService, KeysOf, MintRequest};
use crate::store::{PrincipalStore, StoreError};

/// The administrator of a fresh start.
const ADMINISTRATOR: &str = "admin";
/// The file with a key that passes the default gate.
const FIRST_KEY: &str = "first-key";
/// The file with the key that manages everybody's keys.
const ADMIN_KEY: &str = "admin-key";

/// Where the first keys are.
#[derive(Clone, Debug)]
pub struct FirstKeys {
    /// A key that passes the default gate.
    pub first: PathBuf,
    /// The key that manages everybody's keys.
    pub admin: PathBuf,
}

/// Why they could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FirstKeysError {
    /// The key could not be minted.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The administrator could not be written down.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file could not be written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the disk says.
        source: io::Error,
    },
}

/// The paths, whether or not anything is there.
pub fn paths(data_dir: &Path) -> FirstKeys {
    FirstKeys {
        first: data_dir.join(FIRST_KEY),
        admin: data_dir.join(ADMIN_KEY),
    }
}

/// Makes the first keys if the administrator has none yet.
///
/// # Errors
/// See [`FirstKeysError`].
pub async fn ensure(
    data_dir: &Path,
    keys: &KeyService,
    principals: &dyn PrincipalStore,
) -> Result<FirstKeys, FirstKeysError> {
    let files = paths(data_dir);
    let tenant = Tenant::default();
    let Some(owner) = administrator() else {
        return Ok(files);
    };
    let mine = keys.keys_of(tenant.clone(), owner.clone(), Actor::command_line());
    if files.admin.exists() || has_keys(&mine).await? {
        return Ok(files);
    }
    let tag = OwnerTag::new(&tenant, &owner);
    let principal = Principal {
        admin: true,
        ..Principal::default()
    };
    principals
        .put_principal(&tag, &principal.seal(keys.salts(), &tenant, &owner))
        .await?;

    let own = vec![Scope::manage_own_keys(), Scope::administer()];
    for (path, name, scopes) in [
        (
            &files.first,
            "first key: passes the default gate",
            Vec::new(),
        ),
        (&files.admin, "administrator's key: manages all keys", own),
    ] {
        let request = MintRequest {
            name: name.to_owned(),
            scopes,
            bounds: RequestMatch::default(),
            expiry: ExpiryWish::Default,
        };
        let minted = mine.mint(&request, None).await?;
        private_file::create(path, minted.text.expose()).map_err(|source| {
            FirstKeysError::File {
                path: path.clone(),
                source,
            }
        })?;
    }
    Ok(files)
}

async fn has_keys(keys: &KeysOf<'_>) -> Result<bool, KeyError> {
    match keys.list(None, Some(1)).await {
        Ok(page) => Ok(!page.keys.is_empty()),
        // A key under a salt that is no longer accepted is a key all the same.
        Err(KeyError::Untrusted { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

fn administrator() -> Option<Owner> {
    let subject = Subject::parse(ADMINISTRATOR).ok()?;
    Owner::new(Realm::local(), subject, &Realms::default()).ok()
}
