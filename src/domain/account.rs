//! Built-in accounts: people who sign in with a password that is kept here.
//!
//! The owner of an account `alice` is `local:alice`, of the default tenant.

pub mod attempts;
pub mod link;
mod username;

use minicbor::{Decode, Encode};

pub use username::{BadUsername, USERNAME_MAX, Username};

use super::api_key::record::BadRecord;
use super::envelope;
use super::record_name::RecordName;
use super::salt::Salts;
use super::secret::Secret;
use super::subject::GroupName;
use super::time::Timestamp;

/// Longest name and longest address, in bytes.
pub const PROFILE_BYTES_MAX: usize = 256;
/// Most groups of one account.
pub const GROUPS_MAX: usize = 64;

/// An account as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What its owner types.
    pub username: Username,
    /// A name to show.
    pub name: Option<String>,
    /// An address to show.
    pub email: Option<String>,
    /// The groups of its owner.
    pub groups: Vec<GroupName>,
    /// Whether an administrator.
    pub admin: bool,
    /// Whether nobody may sign in with it.
    pub disabled: bool,
    /// The hash of its password, as a PHC string; none before an invitation was used.
    pub password: Option<Secret<String>>,
    /// Whether nothing but a new password is accepted until there is one.
    pub must_change_password: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it, as text.
    pub created_by: String,
    /// When its password was set last.
    pub password_set_at: Option<Timestamp>,
    /// When somebody last signed in with it.
    pub last_sign_in_at: Option<Timestamp>,
    /// The name of the one link that sets its password.
    pub link: Option<String>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    username: String,
    #[n(1)]
    name: Option<String>,
    #[n(2)]
    email: Option<String>,
    #[n(3)]
    groups: Vec<String>,
    #[n(4)]
    admin: bool,
    #[n(5)]
    disabled: bool,
    #[n(6)]
    password: Option<String>,
    #[n(7)]
    must_change_password: bool,
    #[n(8)]
    created_at: u64,
    #[n(9)]
    created_by: String,
    #[n(10)]
    password_set_at: Option<u64>,
    #[n(11)]
    last_sign_in_at: Option<u64>,
    #[n(12)]
    link: Option<String>,
}

impl Account {
    /// Whether its owner could sign in now, as far as the account goes.
    pub fn is_usable(&self) -> bool {
        !self.disabled && self.password.is_some()
    }

    /// Encodes and seals the record under the active salt.
    pub fn seal(&self, salts: &Salts, name: &RecordName) -> Vec<u8> {
        let wire = Wire {
            username: self.username.to_string(),
            name: self.name.clone(),
            email: self.email.clone(),
            groups: self.groups.iter().map(ToString::to_string).collect(),
            admin: self.admin,
            disabled: self.disabled,
            password: self.password.as_ref().map(|hash| hash.expose().clone()),
            must_change_password: self.must_change_password,
            created_at: self.created_at.as_millis(),
            created_by: self.created_by.clone(),
            password_set_at: self.password_set_at.map(Timestamp::as_millis),
            last_sign_in_at: self.last_sign_in_at.map(Timestamp::as_millis),
            link: self.link.clone(),
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
        wire.into_account().ok_or(BadRecord::Unreadable)
    }
}

impl Wire {
    fn into_account(self) -> Option<Account> {
        let groups = self.groups.iter().map(|group| GroupName::parse(group).ok());
        Some(Account {
            username: Username::parse(&self.username).ok()?,
            name: self.name,
            email: self.email,
            groups: groups.collect::<Option<_>>()?,
            admin: self.admin,
            disabled: self.disabled,
            password: self.password.map(Secret::new),
            must_change_password: self.must_change_password,
            created_at: Timestamp::from_millis(self.created_at)?,
            created_by: self.created_by,
            password_set_at: self.password_set_at.and_then(Timestamp::from_millis),
            last_sign_in_at: self.last_sign_in_at.and_then(Timestamp::from_millis),
            link: self.link,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::salt::Salt;
    use super::*;

    #[test]
    fn a_record_is_read_back_under_its_own_name_and_shows_no_hash() {
        let account = Account {
            username: Username::parse("alice").unwrap(),
            name: Some("Alice".to_owned()),
            email: None,
            groups: vec![GroupName::parse("staff").unwrap()],
            admin: true,
            disabled: false,
            password: Some(Secret::new("$argon2id$secret".to_owned())),
            must_change_password: true,
            created_at: Timestamp::from_seconds(1).unwrap(),
            created_by: "command line".to_owned(),
            password_set_at: Timestamp::from_seconds(1),
            last_sign_in_at: None,
            link: None,
        };
        let salts = Salts::new(Salt::from_bytes([1; 32]), Vec::new());
        let name = account.username.record_name().unwrap();
        let sealed = account.seal(&salts, &name);
        assert_eq!(Account::open(&salts, &name, &sealed).unwrap(), account);
        let other = Username::parse("bob").unwrap().record_name().unwrap();
        assert!(Account::open(&salts, &other, &sealed).is_err());
        assert!(!format!("{account:?}").contains("argon2id"));
    }
}
