//! Accounts on a real store.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::*;
use crate::audit::{AuditTerms, Origin};
use crate::domain::account::link::LinkPurpose;
use crate::domain::entropy::EntropyUnavailable;
use crate::domain::salt::Salt;
use crate::domain::scope_catalogue::ScopeCatalogue;
use crate::domain::secret::Secret;
use crate::identity::sessions::Browser;
use crate::identity::{Lifetimes, Owners};
use crate::store::embedded::{EmbeddedOptions, EmbeddedStore};

const PASSWORD: &str = "velvet moth orbit 9";
const ANOTHER: &str = "tungsten quibble ferns";

struct TestClock(AtomicU64);

impl Clock for TestClock {
    fn now(&self) -> Option<Timestamp> {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        let round = self.0.fetch_add(1, Ordering::Relaxed);
        let mut bytes = blake3::Hasher::new()
            .update(&round.to_le_bytes())
            .finalize_xof();
        bytes.fill(buffer);
        Ok(())
    }
}

struct World {
    accounts: Accounts,
    clock: Arc<TestClock>,
    _folder: tempfile::TempDir,
}

const CHEAP: HashCosts = HashCosts {
    memory_kib: 64,
    iterations: 1,
    lanes: 1,
};

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicU64::new(1_795_521_600_000)));
        let time: Arc<dyn Clock> = Arc::clone(&clock) as _;
        let path = folder.path().join("test.db");
        let options = EmbeddedOptions::default();
        let opened = EmbeddedStore::open(&path, Arc::clone(&time), options).await;
        let store: Arc<dyn Store> = Arc::new(opened.unwrap());
        let accounts = Self::over(&store, &time, CHEAP);
        Self {
            accounts,
            clock,
            _folder: folder,
        }
    }

    fn over(store: &Arc<dyn Store>, clock: &Arc<dyn Clock>, costs: HashCosts) -> Accounts {
        let salts = Salts::new(Salt::from_bytes([5; 32]), Vec::new());
        let seed = u64::from(costs.iterations) << 32;
        let entropy: Arc<dyn Entropy> = Arc::new(Counting(AtomicU64::new(seed)));
        let owners = Arc::new(Owners::new(
            Arc::clone(store),
            salts.clone(),
            Arc::clone(clock),
            Arc::new(ScopeCatalogue::default()),
        ));
        let sessions = Arc::new(Sessions::new(
            Arc::clone(store),
            owners,
            salts.clone(),
            Arc::clone(clock),
            Arc::clone(&entropy),
            Lifetimes {
                idle: Duration::from_hours(8),
                absolute: Duration::from_hours(24),
            },
        ));
        let audit = Arc::new(AuditTrail::new(
            Arc::clone(store),
            salts.clone(),
            AuditTerms {
                keep: Duration::from_hours(24),
                events_max: 1_000,
            },
            Arc::clone(clock),
            Arc::clone(&entropy),
        ));
        let options = AccountOptions {
            costs,
            rules: PasswordRules {
                length_min: 12,
                app_name: "Gatelodge".to_owned(),
            },
            patience: Patience {
                lock_after: 10,
                lock: Duration::from_mins(15),
            },
            invitation_life: Duration::from_hours(168),
            reset_life: Duration::from_hours(24),
        };
        let (store, clock) = (Arc::clone(store), Arc::clone(clock));
        Accounts::new(store, sessions, audit, salts, clock, entropy, options)
    }

    /// The same store with other costs.
    fn with_costs(&self, costs: HashCosts) -> Accounts {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
        Self::over(&self.accounts.store, &clock, costs)
    }

    fn advance(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap();
        self.clock.0.fetch_add(millis, Ordering::Relaxed);
    }

    async fn make(&self, name: &str, admin: bool, password: Option<&str>) -> AccountView {
        let draft = AccountDraft {
            username: username(name),
            name: None,
            email: None,
            groups: Vec::new(),
            admin,
            password: password.map(secret),
            must_change_password: false,
        };
        self.accounts.create(&draft, &by()).await.unwrap()
    }

    async fn sign_in(&self, name: &str, password: &str) -> Result<SignedIn, AccountError> {
        let origin = Origin::default();
        self.accounts
            .sign_in(name, &secret(password), &origin)
            .await
    }
}

fn username(text: &str) -> Username {
    Username::parse(text).unwrap()
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn by() -> Doer {
    Doer::command_line()
}

fn disabled(disabled: bool) -> AccountEdit {
    AccountEdit {
        disabled: Some(disabled),
        ..AccountEdit::default()
    }
}

#[tokio::test]
async fn every_refusal_is_the_same_answer_after_the_same_work() {
    let world = World::new().await;
    world.make("alice", false, Some(PASSWORD)).await;
    world.make("invited", false, None).await;
    world.make("gone", false, Some(PASSWORD)).await;
    let edit = disabled(true);
    let gone = username("gone");
    world.accounts.edit(&gone, &edit, &by()).await.unwrap();
    for name in ["alice", "invited", "gone", "nobody", "no name at all ☠", ""] {
        let password = if name == "gone" { PASSWORD } else { ANOTHER };
        let before = world.accounts.hashes_done();
        let refused = world.sign_in(name, password).await.unwrap_err();
        assert!(
            matches!(refused, AccountError::Refused),
            "{name}: {refused}"
        );
        assert_eq!(world.accounts.hashes_done() - before, 1, "{name}");
    }
    let signed_in = world.sign_in("ALICE", PASSWORD).await.unwrap();
    assert_eq!(signed_in.owner.to_string(), "local:alice");
}

#[tokio::test]
async fn guessing_is_slowed_down_alike_for_names_that_exist_and_for_others() {
    let world = World::new().await;
    world.make("alice", false, Some(PASSWORD)).await;
    for name in ["alice", "nobody"] {
        let mut pauses = Vec::new();
        for failure in 1..=10 {
            let refused = world.sign_in(name, ANOTHER).await.unwrap_err();
            assert!(matches!(refused, AccountError::Refused), "{refused}");
            if failure < 5 {
                continue;
            }
            // Even the right password is not looked at during a pause.
            let before = world.accounts.hashes_done();
            let paused = world.sign_in(name, PASSWORD).await.unwrap_err();
            let AccountError::TooManyTries { retry_after } = paused else {
                panic!("{name}: {paused}");
            };
            assert_eq!(world.accounts.hashes_done(), before);
            pauses.push(retry_after.as_secs());
            world.advance(retry_after);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 900], "{name}");
    }
}

#[tokio::test]
async fn after_ten_failures_an_account_is_locked_for_a_while() {
    let world = World::new().await;
    world.make("alice", false, Some(PASSWORD)).await;
    let mut failures = 0;
    while failures < 10 {
        match world.sign_in("alice", ANOTHER).await.unwrap_err() {
            AccountError::TooManyTries { retry_after } => world.advance(retry_after),
            error => {
                assert!(matches!(error, AccountError::Refused), "{error}");
                failures += 1;
            }
        }
    }
    let view = world.accounts.find(&username("alice")).await.unwrap();
    assert_eq!(view.status(), "locked");
    world.advance(Duration::from_secs(899));
    let locked = world.sign_in("alice", PASSWORD).await.unwrap_err();
    assert!(
        matches!(locked, AccountError::TooManyTries { .. }),
        "{locked}"
    );
    world.advance(Duration::from_secs(1));
    world.sign_in("alice", PASSWORD).await.unwrap();
    let view = world.accounts.find(&username("alice")).await.unwrap();
    assert_eq!(view.status(), "active");
}

#[tokio::test]
async fn a_hash_of_other_costs_is_renewed_at_sign_in() {
    let world = World::new().await;
    world.make("alice", false, Some(PASSWORD)).await;
    let dearer = world.with_costs(HashCosts {
        iterations: 2,
        ..CHEAP
    });
    let origin = Origin::default();
    for hashes in [2, 3] {
        let password = secret(PASSWORD);
        dearer.sign_in("alice", &password, &origin).await.unwrap();
        assert_eq!(dearer.hashes_done(), hashes);
    }
    let view = dearer.find(&username("alice")).await.unwrap();
    let hash = view.account.password.unwrap();
    assert!(hash.expose().starts_with("$argon2id$v=19$m=64,t=2,p=1$"));
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_a_newer_one_takes_its_place() {
    let world = World::new().await;
    let (alice, origin) = (username("alice"), Origin::default());
    world.make("alice", false, None).await;
    let accounts = &world.accounts;
    let old = accounts.issue_link(&alice, &by()).await.unwrap();
    let new = accounts.issue_link(&alice, &by()).await.unwrap();
    let is_invalid = |error: AccountError| matches!(error, AccountError::LinkInvalid);
    assert!(is_invalid(
        accounts.look_at_link(old.token.expose()).await.unwrap_err()
    ));
    let token = new.token.expose();
    let looked_at = accounts.look_at_link(token).await.unwrap();
    assert_eq!(looked_at.purpose, LinkPurpose::Invitation);

    let weak = accounts
        .use_link(token, &secret("password1234"), &origin)
        .await;
    assert!(matches!(weak.unwrap_err(), AccountError::Password(_)));
    let signed_in = accounts.use_link(token, &secret(PASSWORD), &origin).await;
    assert_eq!(signed_in.unwrap().owner.to_string(), "local:alice");
    let again = accounts.use_link(token, &secret(ANOTHER), &origin).await;
    assert!(is_invalid(again.unwrap_err()));
    world.sign_in("alice", PASSWORD).await.unwrap();

    let reset = accounts.issue_link(&alice, &by()).await.unwrap();
    assert_eq!(reset.purpose, LinkPurpose::Reset);
    let url = reset.url("https://lodge.example.com/");
    let wanted = format!("https://lodge.example.com/welcome#{}", reset.token.expose());
    assert_eq!(url.expose(), &wanted);
    world.advance(Duration::from_hours(24));
    let token = reset.token.expose();
    let late = accounts.use_link(token, &secret(ANOTHER), &origin).await;
    assert!(is_invalid(late.unwrap_err()));
}

#[tokio::test]
async fn disabling_ends_sessions_and_refuses_the_owner_at_once() {
    let world = World::new().await;
    world.make("alice", false, Some(PASSWORD)).await;
    let who = world.sign_in("alice", PASSWORD).await.unwrap();
    let sessions = world.accounts.sessions();
    let browser = Browser::default();
    let (cookie, _) = sessions.begin(&who, &browser, None).await.unwrap();
    assert!(sessions.find(&cookie).await.unwrap().is_some());

    let alice = username("alice");
    world
        .accounts
        .edit(&alice, &disabled(true), &by())
        .await
        .unwrap();
    assert!(sessions.find(&cookie).await.unwrap().is_none());
    let tag = tag_of(&alice).unwrap();
    assert!(sessions.owners().is_disabled(&tag).await.unwrap());

    world
        .accounts
        .edit(&alice, &disabled(false), &by())
        .await
        .unwrap();
    assert!(!sessions.owners().is_disabled(&tag).await.unwrap());
    world.sign_in("alice", PASSWORD).await.unwrap();

    world.accounts.delete(&alice, &by()).await.unwrap();
    assert!(sessions.owners().is_disabled(&tag).await.unwrap());
    let gone = world.accounts.find(&alice).await.unwrap_err();
    assert!(matches!(gone, AccountError::NotFound), "{gone}");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = World::new().await;
    world.make("root", true, Some(PASSWORD)).await;
    // One who never set a password cannot take over.
    world.make("other", true, None).await;
    let root = username("root");
    let demote = AccountEdit {
        admin: Some(false),
        ..AccountEdit::default()
    };
    let is_last = |error: AccountError| matches!(error, AccountError::LastAdministrator);
    for edit in [&demote, &disabled(true)] {
        let refused = world.accounts.edit(&root, edit, &by()).await;
        assert!(is_last(refused.unwrap_err()));
    }
    let refused = world.accounts.delete(&root, &by()).await;
    assert!(is_last(refused.unwrap_err()));
    world.make("third", true, Some(ANOTHER)).await;
    world.accounts.edit(&root, &demote, &by()).await.unwrap();
    let refused = world.accounts.delete(&username("third"), &by()).await;
    assert!(is_last(refused.unwrap_err()));
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_the_old_one() {
    let world = World::new().await;
    world.make("alice", false, Some(PASSWORD)).await;
    let owner = username("alice").owner().unwrap();
    let change = async |current: &str, new: &str| {
        let (current, new) = (secret(current), secret(new));
        let origin = Origin::default();
        let changed = world
            .accounts
            .change_password(&owner, &current, &new, &origin);
        changed.await.map_err(|error| error.to_string())
    };
    assert_eq!(
        change(ANOTHER, ANOTHER).await.unwrap_err(),
        "is not your password"
    );
    let unchanged = change(PASSWORD, PASSWORD).await.unwrap_err();
    assert_eq!(unchanged, "must be another one than before");
    change(PASSWORD, "short").await.unwrap_err();
    change(PASSWORD, ANOTHER).await.unwrap();
    world.sign_in("alice", PASSWORD).await.unwrap_err();
    world.sign_in("alice", ANOTHER).await.unwrap();
}
