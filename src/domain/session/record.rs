//! What is stored of a session.

use std::time::Duration;

use minicbor::{Decode, Encode};

use super::super::api_key::OwnerTag;
use super::super::api_key::record::BadRecord;
use super::super::device::Device;
use super::super::envelope;
use super::super::record_name::{ListName, RecordName};
use super::super::salt::Salts;
use super::super::subject::{Owner, Scope, Tenant};
use super::super::time::Timestamp;
use super::{SessionId, SignInMethod, list_of_owner, list_of_provider_subject, list_of_sid};

/// How much of `User-Agent` is kept.
pub const USER_AGENT_BYTES_MAX: usize = 256;

/// A session as it is stored. Who its owner is beyond their name (groups,
/// administrator, disabled) stands in the owner's own record, which is asked
/// each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its public name.
    pub id: SessionId,
    /// The organisation of its owner.
    pub tenant: Tenant,
    /// Who signed in.
    pub owner: Owner,
    /// What the provider granted at sign-in, if it named scopes.
    pub scopes: Vec<Scope>,
    /// How they signed in.
    pub method: SignInMethod,
    /// At which provider, where it was one.
    pub provider: Option<String>,
    /// What the provider calls its own session, for its word that this one ends.
    pub provider_sid: Option<String>,
    /// What the provider calls whoever signed in (`sub`), which need not be what
    /// we call them.
    pub provider_subject: Option<String>,
    /// The provider's refresh token, encrypted: with it the provider is asked
    /// whether it still stands by this person.
    pub refresh_token: Option<Vec<u8>>,
    /// When the provider last did.
    pub confirmed_at: Option<Timestamp>,
    /// When it was last asked in vain.
    pub asked_at: Option<Timestamp>,
    /// The provider's ID token, encrypted: it asks for it at sign-out.
    pub id_token: Option<Vec<u8>>,
    /// Whether nothing but a new password is accepted until there is one.
    pub must_change_password: bool,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends, used or not.
    pub expires_at: Timestamp,
    /// What the browser calls itself, cut to [`USER_AGENT_BYTES_MAX`].
    pub user_agent: String,
    /// The address that they signed in from, if it was known.
    pub address: Option<String>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    id: String,
    #[n(1)]
    tenant: String,
    #[n(2)]
    realm: String,
    #[n(3)]
    subject: String,
    #[n(4)]
    scopes: Vec<String>,
    #[n(5)]
    method: String,
    #[n(6)]
    provider: Option<String>,
    #[n(7)]
    provider_sid: Option<String>,
    #[cbor(n(8), with = "minicbor::bytes")]
    id_token: Option<Vec<u8>>,
    #[n(9)]
    must_change_password: bool,
    #[n(10)]
    created_at: u64,
    #[n(11)]
    last_seen_at: u64,
    #[n(12)]
    expires_at: u64,
    #[n(13)]
    user_agent: String,
    #[n(14)]
    address: Option<String>,
    #[n(15)]
    provider_subject: Option<String>,
    #[cbor(n(16), with = "minicbor::bytes")]
    refresh_token: Option<Vec<u8>>,
    #[n(17)]
    confirmed_at: Option<u64>,
    #[n(18)]
    asked_at: Option<u64>,
}

impl Session {
    /// The owner as stores name it.
    pub fn owner_tag(&self) -> OwnerTag {
        OwnerTag::new(&self.tenant, &self.owner)
    }

    /// When it ends if it is not used again.
    pub fn ends_at(&self, idle: Duration) -> Timestamp {
        self.expires_at.min(self.last_seen_at.plus(idle))
    }

    /// All lists that it stands in.
    pub fn lists(&self) -> Vec<ListName> {
        let of_owner = list_of_owner(&self.owner_tag());
        let of_sid = match (&self.provider, &self.provider_sid) {
            (Some(provider), Some(sid)) => list_of_sid(provider, sid),
            _ => None,
        };
        let of_subject = match (&self.provider, &self.provider_subject) {
            (Some(provider), Some(subject)) => list_of_provider_subject(provider, subject),
            _ => None,
        };
        of_owner
            .into_iter()
            .chain(of_sid)
            .chain(of_subject)
            .collect()
    }

    /// What the browser is, as far as it says.
    pub fn device(&self) -> Device {
        Device::of(&self.user_agent)
    }

    /// Encodes and seals the record under the active salt.
    pub fn seal(&self, salts: &Salts, name: &RecordName) -> Vec<u8> {
        let wire = Wire {
            id: self.id.to_string(),
            tenant: self.tenant.to_string(),
            realm: self.owner.realm().to_string(),
            subject: self.owner.subject().to_string(),
            scopes: self.scopes.iter().map(ToString::to_string).collect(),
            method: self.method.as_str().to_owned(),
            provider: self.provider.clone(),
            provider_sid: self.provider_sid.clone(),
            id_token: self.id_token.clone(),
            must_change_password: self.must_change_password,
            created_at: self.created_at.as_millis(),
            last_seen_at: self.last_seen_at.as_millis(),
            expires_at: self.expires_at.as_millis(),
            user_agent: self.user_agent.clone(),
            address: self.address.clone(),
            provider_subject: self.provider_subject.clone(),
            refresh_token: self.refresh_token.clone(),
            confirmed_at: self.confirmed_at.map(Timestamp::as_millis),
            asked_at: self.asked_at.map(Timestamp::as_millis),
        };
        let mut payload = Vec::with_capacity(256);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        envelope::seal(salts, &name.full(), &payload)
    }

    /// Opens and decodes the record of that name.
    ///
    /// # Errors
    /// Fails for a record that cannot be trusted or read.
    pub fn open(salts: &Salts, name: &RecordName, bytes: &[u8]) -> Result<Self, BadRecord> {
        let payload = envelope::open(salts, &name.full(), bytes)?;
        let wire: Wire = minicbor::decode(payload).map_err(|_| BadRecord::Unreadable)?;
        wire.into_session().ok_or(BadRecord::Unreadable)
    }
}

impl Wire {
    fn into_session(self) -> Option<Session> {
        let scopes = self.scopes.iter().map(|text| Scope::parse(text).ok());
        Some(Session {
            id: SessionId::parse(&self.id)?,
            tenant: Tenant::parse(&self.tenant).ok()?,
            owner: Owner::from_record(&self.realm, &self.subject).ok()?,
            scopes: scopes.collect::<Option<_>>()?,
            method: SignInMethod::of_word(&self.method)?,
            provider: self.provider,
            provider_sid: self.provider_sid,
            id_token: self.id_token,
            must_change_password: self.must_change_password,
            created_at: Timestamp::from_millis(self.created_at)?,
            last_seen_at: Timestamp::from_millis(self.last_seen_at)?,
            expires_at: Timestamp::from_millis(self.expires_at)?,
            user_agent: self.user_agent,
            address: self.address,
            provider_subject: self.provider_subject,
            refresh_token: self.refresh_token,
            confirmed_at: optional(self.confirmed_at).ok()?,
            asked_at: optional(self.asked_at).ok()?,
        })
    }
}

/// A time that need not be there, but must be one if it is.
fn optional(millis: Option<u64>) -> Result<Option<Timestamp>, BadRecord> {
    let time = |millis| Timestamp::from_millis(millis).ok_or(BadRecord::Unreadable);
    millis.map(time).transpose()
}

#[cfg(test)]
mod tests {
    use super::super::super::record_name::Shelf;
    use super::super::super::salt::Salt;
    use super::*;

    fn session() -> Session {
        let at = |millis| Timestamp::from_millis(millis).unwrap();
        Session {
            id: SessionId::parse("0123456789abcdEF").unwrap(),
            tenant: Tenant::default(),
            owner: Owner::from_record("corp", "alice").unwrap(),
            scopes: vec![Scope::parse("models:*").unwrap()],
            method: SignInMethod::Oidc,
            provider: Some("corp".to_owned()),
            provider_sid: Some("1".to_owned()),
            provider_subject: Some("a-1".to_owned()),
            refresh_token: Some(vec![3]),
            confirmed_at: Some(at(1_000)),
            asked_at: Some(at(1_500)),
            id_token: Some(vec![1, 2]),
            must_change_password: true,
            created_at: at(1_000),
            last_seen_at: at(2_000),
            expires_at: at(9_000),
            user_agent: "curl/8".to_owned(),
            address: Some("::1".to_owned()),
        }
    }

    #[test]
    fn a_record_is_read_as_it_was_written_and_under_its_own_name_only() {
        let salts = Salts::new(Salt::from_bytes([3; 32]), Vec::new());
        let name = RecordName::of_digest(Shelf::Session, &[1; 32]);
        let record = session().seal(&salts, &name);
        assert_eq!(Session::open(&salts, &name, &record), Ok(session()));
        let other = RecordName::of_digest(Shelf::Session, &[2; 32]);
        assert!(Session::open(&salts, &other, &record).is_err());
    }

    #[test]
    fn a_session_ends_when_it_is_not_used_and_when_its_time_is_over() {
        let ends = |idle| session().ends_at(Duration::from_millis(idle)).as_millis();
        assert_eq!(ends(1_000), 3_000);
        assert_eq!(ends(1_000_000), 9_000);
    }

    #[test]
    fn a_session_is_listed_by_owner_and_by_what_the_provider_calls_it() {
        let mut session = session();
        assert_eq!(session.lists().len(), 3);
        assert_ne!(list_of_sid("a", "b"), list_of_sid("ab", ""));
        assert_ne!(list_of_sid("a", "b"), list_of_provider_subject("a", "b"));
        session.provider_sid = None;
        session.provider_subject = None;
        assert_eq!(
            session.lists(),
            [list_of_owner(&session.owner_tag()).unwrap()]
        );
    }
}
