//! The store, the salts and the keys: enough for the command line, and the
//! beginning of a server.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::parts::{OsEntropy, SystemClock};
use super::{options, salt_file};
use crate::audit::AuditTrail;
use crate::domain::api_key::filter::FilterKey;
use crate::domain::api_key::plain::KeyFormat;
use crate::domain::entropy::Entropy;
use crate::domain::salt::{Salt, Salts};
use crate::domain::secret::Secret;
use crate::domain::subject::Realms;
use crate::domain::time::Clock;
use crate::identity::accounts::Accounts;
use crate::identity::{Owners, Sessions};
use crate::keys::KeyService;
use crate::keys::filter::{self, FilterKeyError};
use crate::settings::{LegacyKeys, Settings};
use crate::store::embedded::{EmbeddedOptions, EmbeddedStore};
use crate::store::valkey::ValkeyStore;
use crate::store::{Store, StoreError};

/// The embedded store's file within the data folder.
const DATABASE: &str = "gatelodge.db";
/// How often a store that does not answer at the start is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// What is taken from the machine, or from a test.
#[derive(Clone)]
pub struct Parts {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock::start()),
            entropy: Arc::new(OsEntropy),
        }
    }
}

/// The store and everything around keys.
pub struct Workbench {
    /// The configured store.
    pub store: Arc<dyn Store>,
    /// The same, where it is the embedded one, which needs some upkeep.
    pub embedded: Option<Arc<EmbeddedStore>>,
    /// The operations on keys.
    pub keys: Arc<KeyService>,
    /// What is known of owners.
    pub owners: Arc<Owners>,
    /// Browsers that people signed in with.
    pub sessions: Arc<Sessions>,
    /// Built-in accounts, unless they are off.
    pub accounts: Option<Arc<Accounts>>,
    /// What was done to keys, sessions and accounts.
    pub audit: Arc<AuditTrail>,
    /// What hashes and seals.
    pub salts: Salts,
    /// What tells our keys from made-up ones.
    pub filter: FilterKey,
    /// The realms of the deployment.
    pub realms: Realms,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Workbench {
    /// Opens the configured store with the machine's own time and randomness.
    ///
    /// # Errors
    /// Says what could not be opened and what to do.
    pub async fn open(settings: &Settings) -> anyhow::Result<Self> {
        Self::open_with(settings, Parts::default(), Duration::ZERO).await
    }

    /// Opens the configured store with parts that are handed in, and waits for
    /// it as long as `patience` lasts: at a start of everything at once the
    /// store may be the last to come.
    ///
    /// # Errors
    /// Says what could not be opened and what to do.
    pub async fn open_with(
        settings: &Settings,
        parts: Parts,
        patience: Duration,
    ) -> anyhow::Result<Self> {
        let Parts { clock, entropy } = parts;
        let salts = salts(settings, entropy.as_ref())?;
        let (store, embedded) = open_store(settings, &clock).await?;
        let filter = filter_key(store.as_ref(), &salts, entropy.as_ref(), patience).await?;
        let accepts_seed_keys = match settings.legacy_keys {
            LegacyKeys::On => true,
            LegacyKeys::Off => false,
            LegacyKeys::Auto => store.may_hold_seed_keys(),
        };
        let keys = &settings.keys;
        let format = KeyFormat::new(&keys.prefix, &keys.former_prefixes, accepts_seed_keys);
        let audit = Arc::new(AuditTrail::new(
            Arc::clone(&store),
            salts.clone(),
            options::audit_terms(&settings.audit),
            Arc::clone(&clock),
            Arc::clone(&entropy),
        ));
        let service = KeyService::new(
            Arc::clone(&store),
            salts.clone(),
            filter.clone(),
            options::key_terms(keys, format),
            Arc::clone(&audit),
            Arc::clone(&clock),
            Arc::clone(&entropy),
        );
        let owners = Arc::new(Owners::new(
            Arc::clone(&store),
            salts.clone(),
            Arc::clone(&clock),
            Arc::new(settings.scopes.clone()),
        ));
        let sessions = Arc::new(Sessions::new(
            Arc::clone(&store),
            Arc::clone(&owners),
            salts.clone(),
            Arc::clone(&clock),
            Arc::clone(&entropy),
            options::lifetimes(&settings.sessions),
        ));
        let accounts = settings.accounts.enabled.then(|| {
            Arc::new(Accounts::new(
                Arc::clone(&store),
                Arc::clone(&sessions),
                Arc::clone(&audit),
                salts.clone(),
                Arc::clone(&clock),
                Arc::clone(&entropy),
                options::accounts(settings),
            ))
        });
        let realms = Realms::new(settings.issuers.iter().map(|issuer| issuer.realm.clone()));
        Ok(Self {
            store,
            embedded,
            keys: Arc::new(service),
            owners,
            sessions,
            accounts,
            audit,
            salts,
            filter,
            realms,
            clock,
            entropy,
        })
    }

    /// Writes what is left to write, and lets servers beside us see it.
    pub async fn close(&self) {
        if let Some(embedded) = &self.embedded {
            embedded.let_others_see().await;
        }
        self.store.close().await;
    }
}

/// The salts as they are set, or the one beside the database.
pub(super) fn salts(settings: &Settings, entropy: &dyn Entropy) -> anyhow::Result<Salts> {
    let parse = |text: &Secret<String>| {
        Salt::parse_hex(text.expose()).map_err(|bad| anyhow::anyhow!("the salt {bad}"))
    };
    let accepted = settings
        .token_salts_accepted
        .iter()
        .map(parse)
        .collect::<Result<_, _>>()?;
    let active = match (&settings.token_salt, &settings.valkey) {
        (Some(text), _) => parse(text)?,
        (None, None) => salt_file::load_or_make(&settings.data_dir, &database(settings), entropy)?,
        (None, Some(_)) => bail!("token_salt is not set, and Valkey needs it"),
    };
    Ok(Salts::new(active, accepted))
}

async fn filter_key(
    store: &dyn Store,
    salts: &Salts,
    entropy: &dyn Entropy,
    patience: Duration,
) -> anyhow::Result<FilterKey> {
    let mut waited = Duration::ZERO;
    loop {
        match filter::load(store, salts, entropy).await {
            Ok(filter) => return Ok(filter),
            Err(FilterKeyError::Store(StoreError::Unavailable(why))) if waited < patience => {
                tracing::warn!(why, "waiting for the store");
                tokio::time::sleep(ASK_AGAIN).await;
                waited += ASK_AGAIN;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// The embedded store's file.
pub(super) fn database(settings: &Settings) -> PathBuf {
    settings.data_dir.join(DATABASE)
}

type Opened = (Arc<dyn Store>, Option<Arc<EmbeddedStore>>);

async fn open_store(settings: &Settings, clock: &Arc<dyn Clock>) -> anyhow::Result<Opened> {
    if let Some(valkey) = &settings.valkey {
        let options = options::valkey(valkey, settings.store, &settings.cache);
        let store = ValkeyStore::connect(&options, Arc::clone(clock)).context("valkey_url")?;
        return Ok((Arc::new(store), None));
    }
    let path = database(settings);
    let options = EmbeddedOptions {
        read_timeout: settings.store.timeout,
        ..EmbeddedOptions::default()
    };
    let store = Arc::new(EmbeddedStore::open(&path, Arc::clone(clock), options).await?);
    Ok((Arc::clone(&store) as Arc<dyn Store>, Some(store)))
}
