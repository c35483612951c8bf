//! A lodge of its own for each test.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use gatelodge::domain::api_key::OwnerTag;
use gatelodge::domain::api_key::expiry::ExpiryWish;
use gatelodge::domain::api_key::record::Proof;
use gatelodge::domain::entropy::{Entropy, EntropyUnavailable};
use gatelodge::domain::matching::RequestMatch;
use gatelodge::domain::principal::Principal;
use gatelodge::domain::session::SignInMethod;
use gatelodge::domain::subject::{Owner, Scope, Tenant};
use gatelodge::domain::time::{Clock, Timestamp};
use gatelodge::identity::{Browser, Profile, Sessions, SignedIn};
use gatelodge::keys::{Actor, KeyView, KeysOf, MintRequest};
use gatelodge::settings::{Settings, Sources};
use gatelodge::startup::{Lodge, Parts, Stopper, Workbench};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tempfile::TempDir;

/// A time that only a test moves, and a millisecond with each look.
pub struct TestClock(AtomicU64);

impl TestClock {
    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.0
            .fetch_add(u64::try_from(by.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Option<Timestamp> {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// The same bytes in every run.
struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        let round = self.0.fetch_add(1, Ordering::Relaxed);
        blake3::Hasher::new()
            .update(&round.to_le_bytes())
            .finalize_xof()
            .fill(buffer);
        Ok(())
    }
}

/// A running service.
pub struct TestLodge {
    /// Its time.
    pub clock: Arc<TestClock>,
    address: SocketAddr,
    pub bench: Workbench,
    data: PathBuf,
    admin_key: String,
    client: reqwest::Client,
    service: Option<Service>,
    folder: Arc<TempDir>,
}

/// What serves, and how to end it.
struct Service {
    stopper: Stopper,
    thread: JoinHandle<()>,
}

/// The settings that the specification knows of besides the defaults.
const ISSUERS: &str = r#"[{"realm":"corp","url":"https://id.corp.invalid","audiences":["a"],"portal_audiences":["b"]}]"#;

impl TestLodge {
    /// One with the defaults, and a realm `corp` whose issuer never answers.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// One with further settings, as variables.
    pub async fn start_with(variables: &[(&str, &str)]) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        // 2026-11-24T12:00:00Z.
        let clock = Arc::new(TestClock(AtomicU64::new(1_795_521_600_000)));
        Self::open(folder, clock, 0, variables).await.unwrap()
    }

    /// The same data under other settings.
    pub async fn restart_with(mut self, variables: &[(&str, &str)]) -> Self {
        self.stop();
        let (folder, clock) = (Arc::clone(&self.folder), Arc::clone(&self.clock));
        Self::open(folder, clock, 1 << 32, variables).await.unwrap()
    }

    /// Why the same data cannot be served under other settings.
    pub async fn fails_to_restart_with(mut self, variables: &[(&str, &str)]) -> String {
        self.stop();
        let (folder, clock) = (Arc::clone(&self.folder), Arc::clone(&self.clock));
        match Self::open(folder, clock, 1 << 32, variables).await {
            Ok(_) => panic!("it started"),
            Err(error) => format!("{error:#}"),
        }
    }

    async fn open(
        folder: Arc<TempDir>,
        clock: Arc<TestClock>,
        seed: u64,
        variables: &[(&str, &str)],
    ) -> anyhow::Result<Self> {
        let data = folder.path().join("data");
        let all: BTreeMap<String, String> = [
            ("GATELODGE_DATA_DIR", data.to_str().unwrap()),
            ("GATELODGE_ISSUERS", ISSUERS),
            ("GATELODGE_SERVER__WORKERS", "1"),
            // Tests write beside the server, which copies see a moment later.
            ("GATELODGE_CACHE__ENABLED", "false"),
            // What a hash costs is not what these tests are about.
            ("GATELODGE_ACCOUNTS__ARGON2_MEMORY_KIB", "64"),
            ("GATELODGE_ACCOUNTS__ARGON2_ITERATIONS", "1"),
        ]
        .into_iter()
        .chain(variables.iter().copied())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        let empty = folder.path().join("settings.toml");
        std::fs::write(&empty, "")?;
        let sources = Sources {
            file: Some(empty),
            variables: all,
        };
        let settings = Settings::load(&sources)?.settings;

        let entropy = Arc::new(Seeded(AtomicU64::new(seed)));
        let parts = Parts {
            clock: Arc::clone(&clock) as _,
            entropy,
        };
        let (address, service) = serve(settings.clone(), parts.clone())?;
        let bench = Workbench::open_with(&settings, parts, Duration::ZERO).await?;
        let admin_key = std::fs::read_to_string(data.join("admin-key"))?
            .trim()
            .to_owned();
        let service = Some(service);
        Ok(Self {
            clock,
            address,
            bench,
            data,
            admin_key,
            client: client(),
            service,
            folder,
        })
    }

    fn stop(&mut self) {
        let Some(Service { stopper, thread }) = self.service.take() else {
            return;
        };
        let stop = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(stopper.stop(Duration::ZERO));
        });
        let stopped = stop.join().is_ok() && thread.join().is_ok();
        assert!(
            stopped || std::thread::panicking(),
            "the lodge did not stop cleanly"
        );
    }

    /// The file of the store.
    pub fn database(&self) -> PathBuf {
        self.data.join("gatelodge.db")
    }

    /// Changes the store behind the service's back.
    pub async fn tamper(&self, statement: &'static str) {
        let options = SqliteConnectOptions::new().filename(self.database());
        let mut connection = options.connect().await.unwrap();
        connection.execute(statement).await.unwrap();
        connection.close().await.unwrap();
    }

    /// Waits until that many keys of somebody are hashed under the active salt.
    pub async fn until_under_active_salt(&self, owner: &str, wanted: usize) {
        let active = self.bench.salts.active().id();
        let is_moved = |view: &KeyView| match view {
            KeyView::Ours { key, .. } => {
                matches!(&key.proof, Proof::Hash { salt, .. } if *salt == active)
            }
            KeyView::Seed(_) => false,
        };
        let moved = tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                let page = self.keys_of(owner).list(None, None).await.unwrap();
                if page.keys.iter().filter(|view| is_moved(view)).count() >= wanted {
                    break;
                }
                tokio::task::yield_now().await;
            }
        });
        moved.await.expect("keys move to the active salt");
    }

    /// Waits until something is so.
    pub async fn until(&self, what: &str, mut condition: impl AsyncFnMut() -> bool) {
        let comes_true = tokio::time::timeout(Duration::from_secs(20), async {
            while !condition().await {
                tokio::task::yield_now().await;
            }
        });
        assert!(comes_true.await.is_ok(), "not so: {what}");
    }

    /// Waits until there is a record of an owner.
    pub async fn until_known(&self, owner: &str) {
        let owner = Owner::parse(owner, &self.bench.realms).unwrap();
        let tag = OwnerTag::new(&Tenant::default(), &owner);
        let known = tokio::time::timeout(Duration::from_secs(20), async {
            while self
                .bench
                .store
                .find_principal(&tag)
                .await
                .unwrap()
                .is_none()
            {
                tokio::task::yield_now().await;
            }
        });
        known.await.expect("an owner gets a record");
    }

    /// Changes what is known of an owner.
    pub async fn write_principal(&self, owner: &str, change: impl FnOnce(&mut Principal)) {
        let owner = Owner::parse(owner, &self.bench.realms).unwrap();
        let tag = OwnerTag::new(&Tenant::default(), &owner);
        let mut principal = Principal::default();
        change(&mut principal);
        let record = principal.seal(&self.bench.salts, &Tenant::default(), &owner);
        self.bench.store.put_principal(&tag, &record).await.unwrap();
    }

    /// Browsers that people signed in with.
    pub fn sessions(&self) -> &Sessions {
        &self.bench.sessions
    }

    /// Signs somebody in, and gives the cookie and the token of their pages.
    pub async fn cookie_of(&self, owner: &str) -> (String, String) {
        let who = SignedIn {
            tenant: Tenant::default(),
            owner: Owner::parse(owner, &self.bench.realms).unwrap(),
            profile: Profile::default(),
            scopes: Vec::new(),
            method: SignInMethod::Password,
            provider: None,
            must_change_password: false,
        };
        let begun = self.sessions().begin(&who, &Browser::default(), None).await;
        let cookie = begun.unwrap().0;
        let csrf = cookie.csrf_token(&self.bench.salts);
        (cookie.text().expose().clone(), csrf)
    }

    /// The name of an owner in the store.
    pub fn tag_of(&self, owner: &str) -> OwnerTag {
        let owner = Owner::parse(owner, &self.bench.realms).unwrap();
        OwnerTag::new(&Tenant::default(), &owner)
    }

    /// Takes what is known of an owner away behind the store's back.
    pub async fn lose_principal(&self, owner: &str) {
        let options = SqliteConnectOptions::new().filename(self.database());
        let mut database = options.connect().await.unwrap();
        let lost = sqlx::query("DELETE FROM principals WHERE owner = ?1")
            .bind(self.tag_of(owner).as_bytes().as_slice())
            .execute(&mut database)
            .await;
        assert_eq!(lost.unwrap().rows_affected(), 1);
    }

    /// Makes final what is due, as another replica does.
    pub async fn settle_revocations(&self) -> usize {
        self.bench.keys.settle_revocations().await.unwrap()
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The keys of somebody, as the command line has them.
    pub fn keys_of(&self, owner: &str) -> KeysOf<'_> {
        let owner = Owner::parse(owner, &self.bench.realms).unwrap();
        self.bench
            .keys
            .keys_of(Tenant::default(), owner, Actor::command_line())
    }

    /// Mints as the command line does.
    pub async fn mint(&self, owner: &str, scopes: &[&str]) -> String {
        self.mint_until(owner, scopes, ExpiryWish::Default).await
    }

    /// Mints a key with an end.
    pub async fn mint_until(&self, owner: &str, scopes: &[&str], expiry: ExpiryWish) -> String {
        let request = MintRequest {
            name: "from the command line".to_owned(),
            scopes: scopes
                .iter()
                .map(|scope| Scope::parse(scope).unwrap())
                .collect(),
            bounds: RequestMatch::default(),
            expiry,
        };
        let minted = self.keys_of(owner).mint(&request, None).await.unwrap();
        minted.text.expose().clone()
    }

    /// The password of the first start's administrator.
    pub fn admin_password(&self) -> String {
        let file = self.data.join("admin-password");
        std::fs::read_to_string(file).unwrap().trim().to_owned()
    }

    /// The administrator's key of the first start.
    pub fn admin_key(&self) -> String {
        self.admin_key.clone()
    }

    /// A client that follows nothing.
    pub fn client(&self) -> reqwest::Client {
        self.client.clone()
    }

    /// Asks the gate with these headers.
    pub async fn ask(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let mut request = self.client().get(format!("{}{path}", self.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap()
    }
}

impl Drop for TestLodge {
    fn drop(&mut self) {
        self.stop();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's own client, towards loopback"
)]
fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.no_proxy().build().unwrap()
}

/// Serves in a thread of its own: assembling spawns tasks, which need the
/// runtime that serves.
fn serve(settings: Settings, parts: Parts) -> anyhow::Result<(SocketAddr, Service)> {
    let (sender, receiver) = std::sync::mpsc::channel();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let thread = std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let running = match Lodge::assemble(settings, parts).await {
                Ok(lodge) => lodge.run(listener).unwrap(),
                Err(error) => return sender.send(Err(error)).unwrap(),
            };
            sender
                .send(Ok((running.address, running.stopper())))
                .unwrap();
            running.until_stopped().await.unwrap();
        });
    });
    let (address, stopper) = receiver.recv().expect("an answer from the lodge")?;
    Ok((address, Service { stopper, thread }))
}
