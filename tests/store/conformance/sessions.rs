//! Sessions over a store: begun, found, used, ended, at once and for all who
//! ask the same store.

mod at_provider;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gatelodge::domain::api_key::OwnerTag;
use gatelodge::domain::disabled;
use gatelodge::domain::entropy::{Entropy, EntropyUnavailable};
use gatelodge::domain::principal::Principal;
use gatelodge::domain::salt::{Salt, Salts};
use gatelodge::domain::secret::Secret;
use gatelodge::domain::session::{Session, SessionCookie, SignInMethod};
use gatelodge::domain::subject::{GroupName, Owner, Tenant};
use gatelodge::identity::{
    AtProvider, Browser, Lifetimes, OwnerError, Owners, Profile, SessionError, Sessions, SignedIn,
};

pub use self::at_provider::a_provider_ends_the_sessions_it_knows;
use super::{Fixture, race};

const IDLE: Duration = Duration::from_hours(1);
const ABSOLUTE: Duration = Duration::from_hours(3);
const MINUTE: Duration = Duration::from_mins(1);

/// Never the same bytes twice.
pub(super) struct Counting(pub AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        let round = self.0.fetch_add(1, Ordering::Relaxed);
        let mut hasher = blake3::Hasher::new();
        hasher
            .update(&round.to_le_bytes())
            .finalize_xof()
            .fill(buffer);
        Ok(())
    }
}

fn salts(active: u8, accepted: &[u8]) -> Salts {
    let salt = |first| {
        let mut raw = [5; 32];
        raw[0] = first;
        Salt::from_bytes(raw)
    };
    Salts::new(salt(active), accepted.iter().copied().map(salt).collect())
}

fn under(fixture: &impl Fixture, salts: &Salts) -> Arc<Sessions> {
    let owners = Owners::new(
        fixture.store(),
        salts.clone(),
        fixture.clock(),
        Arc::default(),
    );
    let lifetimes = Lifetimes {
        idle: IDLE,
        absolute: ABSOLUTE,
    };
    Arc::new(Sessions::new(
        fixture.store(),
        Arc::new(owners),
        salts.clone(),
        fixture.clock(),
        Arc::new(Counting(AtomicU64::new(0))),
        lifetimes,
    ))
}

fn sessions(fixture: &impl Fixture) -> Arc<Sessions> {
    under(fixture, &salts(1, &[]))
}

fn owner(name: &str) -> Owner {
    Owner::from_record("corp", name).unwrap()
}

async fn disable(sessions: &Sessions, name: &str) -> Result<usize, SessionError> {
    let tenant = Tenant::default();
    sessions.disable_owner(&tenant, &owner(name), "root").await
}

async fn vouch(sessions: &Sessions, name: &str) -> Result<Principal, OwnerError> {
    let (tenant, owner) = (Tenant::default(), owner(name));
    let owners = sessions.owners();
    owners.vouch(&tenant, &owner, &Profile::default()).await
}

fn person(name: &str) -> SignedIn {
    SignedIn {
        tenant: Tenant::default(),
        owner: owner(name),
        profile: Profile {
            groups: vec![GroupName::parse("staff").unwrap()],
            ..Profile::default()
        },
        scopes: Vec::new(),
        method: SignInMethod::Oidc,
        provider: Some(AtProvider {
            id: "corp".to_owned(),
            subject: format!("sub of {name}"),
            sid: Some(format!("sid of {name}")),
            id_token: Secret::new("a.b.c".to_owned()),
            refresh_token: None,
        }),
        must_change_password: false,
    }
}

fn tag(name: &str) -> OwnerTag {
    let person = person(name);
    OwnerTag::new(&person.tenant, &person.owner)
}

async fn begin(sessions: &Sessions, name: &str) -> (SessionCookie, Session) {
    let browser = Browser {
        user_agent: "curl/8".to_owned(),
        address: Some([127, 0, 0, 1].into()),
    };
    sessions.begin(&person(name), &browser, None).await.unwrap()
}

async fn holds(sessions: &Sessions, cookie: &SessionCookie) -> bool {
    sessions.find(cookie).await.unwrap().is_some()
}

async fn is_turned_away(sessions: &Sessions, name: &str) -> bool {
    let (person, browser) = (person(name), Browser::default());
    let begun = sessions.begin(&person, &browser, None).await;
    matches!(begun, Err(SessionError::OwnerDisabled))
}

pub async fn a_session_is_found_by_its_cookie_and_by_no_other(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let (cookie, session) = begin(&sessions, "alice").await;
    begin(&sessions, "bob").await;

    let held = sessions.find(&cookie).await.unwrap().unwrap();

    assert_eq!(held.session, session);
    assert_eq!(held.identity.owner.to_string(), "corp:alice");
    assert_eq!(held.identity.groups, person("alice").profile.groups);
    assert_eq!(session.address.as_deref(), Some("127.0.0.1"));
    let text = cookie.text().expose().clone();
    let other = text.replace(&text[..1], if text.starts_with('A') { "B" } else { "A" });
    let other = SessionCookie::parse(&other).unwrap();
    assert!(!holds(&sessions, &other).await);
    let listed = sessions.list(&tag("alice")).await.unwrap();
    assert_eq!(listed, [session]);
}

pub async fn a_session_ends_when_it_is_not_used(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let (cookie, _) = begin(&sessions, "alice").await;

    fixture.clock().pass(IDLE.saturating_sub(MINUTE));
    assert!(holds(&sessions, &cookie).await);
    fixture.clock().pass(IDLE.saturating_sub(MINUTE));
    assert!(holds(&sessions, &cookie).await, "it was used meanwhile");
    fixture.clock().pass(IDLE);

    assert!(!holds(&sessions, &cookie).await);
    assert_eq!(sessions.list(&tag("alice")).await.unwrap(), []);
}

pub async fn a_session_that_is_used_ends_when_its_time_is_over(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let (cookie, session) = begin(&sessions, "alice").await;
    assert_eq!(session.expires_at, fixture.now().plus(ABSOLUTE));

    for _ in 0..5 {
        fixture.clock().pass(ABSOLUTE / 6);
        assert!(holds(&sessions, &cookie).await);
    }
    fixture.clock().pass(ABSOLUTE / 6);
    assert!(!holds(&sessions, &cookie).await);
}

pub async fn the_use_of_a_session_is_written_down_once_a_minute(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let (cookie, session) = begin(&sessions, "alice").await;
    let begun = session.last_seen_at;
    let seen = async || sessions.list(&tag("alice")).await.unwrap()[0].last_seen_at;

    fixture
        .clock()
        .pass(MINUTE.saturating_sub(Duration::from_millis(1)));
    holds(&sessions, &cookie).await;
    assert_eq!(seen().await, begun);

    fixture.clock().pass(Duration::from_millis(1));
    holds(&sessions, &cookie).await;
    assert_eq!(seen().await, begun.plus(MINUTE));
}

pub async fn a_use_does_not_bring_an_ended_session_back(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    for _ in 0..5 {
        let (cookie, _) = begin(&sessions, "alice").await;
        fixture.clock().pass(2 * MINUTE);
        race(|number| {
            let (sessions, cookie) = (Arc::clone(&sessions), cookie.clone());
            Box::pin(async move {
                if number == 3 {
                    assert!(sessions.end(&cookie).await.unwrap());
                } else {
                    sessions.find(&cookie).await.unwrap();
                }
            })
        })
        .await;
        assert!(!holds(&sessions, &cookie).await);
        assert_eq!(sessions.list(&tag("alice")).await.unwrap(), []);
    }
}

pub async fn signing_in_anew_ends_the_session_of_the_former_cookie(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let (former, _) = begin(&sessions, "alice").await;

    let browser = Browser::default();
    let (cookie, session) = sessions
        .begin(&person("bob"), &browser, Some(&former))
        .await
        .unwrap();

    assert_ne!(cookie, former);
    assert!(!holds(&sessions, &former).await);
    assert!(holds(&sessions, &cookie).await);
    assert_eq!(sessions.list(&tag("bob")).await.unwrap(), [session]);
}

pub async fn a_renewed_session_has_another_cookie_and_the_former_one_is_over(
    fixture: &mut impl Fixture,
) {
    let sessions = sessions(fixture);
    let (former, begun) = begin(&sessions, "alice").await;
    let held = sessions.find(&former).await.unwrap().unwrap();

    let (cookie, session) = sessions.renew(&held).await.unwrap();

    assert!(!holds(&sessions, &former).await);
    let held = sessions.find(&cookie).await.unwrap().unwrap();
    assert_eq!(held.session, session);
    assert_ne!(session.id, begun.id);
    assert_eq!(session.expires_at, begun.expires_at);
    assert_eq!(sessions.id_token(&held).unwrap().expose(), "a.b.c");
}

pub async fn sessions_are_ended_one_the_others_and_all(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let mut mine = Vec::new();
    for _ in 0..4 {
        mine.push(begin(&sessions, "alice").await);
    }
    let (his, of_his) = begin(&sessions, "bob").await;
    let alice = tag("alice");

    assert!(!sessions.end_one(&alice, of_his.id).await.unwrap());
    assert!(sessions.end_one(&alice, mine[0].1.id).await.unwrap());
    assert!(!sessions.end_one(&alice, mine[0].1.id).await.unwrap());
    assert!(!holds(&sessions, &mine[0].0).await);

    let except = Some(mine[1].1.id);
    assert_eq!(sessions.end_all_of(&alice, except).await.unwrap(), 2);
    assert!(holds(&sessions, &mine[1].0).await);
    assert_eq!(sessions.end_all_of(&alice, None).await.unwrap(), 1);
    for (cookie, _) in &mine {
        assert!(!holds(&sessions, cookie).await);
    }
    assert!(holds(&sessions, &his).await);
}

pub async fn a_disabled_owner_has_no_session_at_once_and_begins_none(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let (first, _) = begin(&sessions, "alice").await;
    let (second, _) = begin(&sessions, "alice").await;
    let (his, _) = begin(&sessions, "bob").await;
    assert_eq!(disable(&sessions, "alice").await.unwrap(), 2);
    for cookie in [&first, &second] {
        assert!(!holds(&sessions, cookie).await);
    }
    assert!(holds(&sessions, &his).await);
    assert!(is_turned_away(&sessions, "alice").await);

    let (tenant, alice) = (Tenant::default(), owner("alice"));
    sessions.enable_owner(&tenant, &alice).await.unwrap();
    assert!(!holds(&sessions, &first).await, "what ended stays ended");
    begin(&sessions, "alice").await;
}

pub async fn an_owner_stays_disabled_when_all_else_known_of_them_is_lost(
    fixture: &mut impl Fixture,
) {
    let sessions = sessions(fixture);
    let (store, alice) = (fixture.store(), tag("alice"));
    // Somebody of whom nothing was known when they were disabled: the same as
    // somebody whose record is gone.
    let owners = sessions.owners();
    disable(&sessions, "alice").await.unwrap();
    let mark = store.find_record(&disabled::name(&alice)).await.unwrap();
    assert!(mark.is_some());
    fixture.lose_principal(&alice).await;
    assert_eq!(store.find_principal(&alice).await.unwrap(), None);

    assert!(owners.is_disabled(&alice).await.unwrap());
    let known = vouch(&sessions, "alice").await.unwrap();
    assert!(known.disabled, "an issuer's word does not bring them back");
    assert!(is_turned_away(&sessions, "alice").await);
}

pub async fn a_session_is_over_when_its_owner_is_not_known(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let (cookie, _) = begin(&sessions, "alice").await;
    fixture.lose_principal(&tag("alice")).await;
    assert!(!holds(&sessions, &cookie).await);
    begin(&sessions, "alice").await;
}

pub async fn whoever_is_disabled_while_an_issuer_vouches_stays_disabled(
    fixture: &mut impl Fixture,
) {
    let sessions = sessions(fixture);
    for round in 0..5 {
        let name = format!("alice {round}");
        race(|number| {
            let (sessions, name) = (Arc::clone(&sessions), name.clone());
            Box::pin(async move {
                if number == 3 {
                    while disable(&sessions, &name).await.is_err() {}
                } else {
                    // Many at once may all come too late.
                    let _ = vouch(&sessions, &name).await;
                }
            })
        })
        .await;
        assert!(sessions.owners().is_disabled(&tag(&name)).await.unwrap());
    }
}

pub async fn an_id_token_is_kept_encrypted(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let (cookie, session) = begin(&sessions, "alice").await;
    let sealed = session.id_token.unwrap();
    assert!(!sealed.windows(5).any(|part| part == b"a.b.c"));

    let held = sessions.find(&cookie).await.unwrap().unwrap();

    assert_eq!(sessions.id_token(&held).unwrap().expose(), "a.b.c");
}

pub async fn a_session_is_found_under_a_former_salt(fixture: &mut impl Fixture) {
    let former = sessions(fixture);
    let (cookie, _) = begin(&former, "alice").await;
    fixture.clock().pass(2 * MINUTE);

    let sessions = under(fixture, &salts(2, &[1]));
    let held = sessions.find(&cookie).await.unwrap().unwrap();
    assert_eq!(sessions.id_token(&held).unwrap().expose(), "a.b.c");
    assert!(
        holds(&sessions, &cookie).await,
        "also once it is written anew"
    );
    assert!(sessions.end(&cookie).await.unwrap());
    assert!(!holds(&sessions, &cookie).await);

    let (cookie, _) = begin(&former, "bob").await;
    let without = under(fixture, &salts(3, &[]));
    assert!(!holds(&without, &cookie).await);
}

pub async fn nobody_has_sessions_without_number(fixture: &mut impl Fixture) {
    let sessions = sessions(fixture);
    let (first, _) = begin(&sessions, "alice").await;
    let mut last = first.clone();
    for _ in 0..100 {
        fixture.clock().pass(Duration::from_millis(1));
        last = begin(&sessions, "alice").await.0;
    }

    assert_eq!(sessions.list(&tag("alice")).await.unwrap().len(), 100);
    assert!(!holds(&sessions, &first).await);
    assert!(holds(&sessions, &last).await);
}
