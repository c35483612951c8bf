//! What is known of an owner apart from any key: written each time an issuer
//! vouches for somebody, and asked at every check of one of their keys.
//!
//! An owner without such a record (of keys made on the command line, or by the
//! former service) has no groups, and the keys have their own scopes only.

use minicbor::{Decode, Encode};

use super::api_key::OwnerTag;
use super::api_key::record::BadRecord;
use super::envelope;
use super::salt::Salts;
use super::subject::{GroupName, Owner, Scope, Tenant};
use super::time::Timestamp;

/// The owner's standing as last known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// The groups that the issuer last named.
    pub groups: Vec<GroupName>,
    /// The scopes that the owner may grant to keys; no bound if absent.
    pub scopes: Option<Vec<Scope>>,
    /// Whether one of the groups makes an administrator.
    pub admin: bool,
    /// Whether everything of this owner is refused.
    pub disabled: bool,
    /// An address to show.
    pub email: Option<String>,
    /// A name to show.
    pub name: Option<String>,
    /// When an issuer last vouched for this.
    pub seen_at: Option<Timestamp>,
    /// Whether the record is as it would be written now: under the active salt,
    /// and saying whose it is, which those of before owners were listed do not.
    pub is_current: bool,
}

/// An owner by name, as far as the record says: those that were written before
/// owners could be listed do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownOwner {
    /// Whose record it is.
    pub named: Option<(Tenant, Owner)>,
    /// What it says of them.
    pub principal: Principal,
}

/// What is written. A check of a key reads [`Wire`] alone, and passes over the
/// name, which it knows.
#[derive(Encode)]
#[cbor(map)]
struct Written<'a> {
    #[n(0)]
    groups: Vec<&'a str>,
    #[n(1)]
    scopes: Option<Vec<&'a str>>,
    #[n(2)]
    admin: bool,
    #[n(3)]
    disabled: bool,
    #[n(4)]
    email: Option<&'a str>,
    #[n(5)]
    name: Option<&'a str>,
    #[n(6)]
    seen_at: Option<u64>,
    #[n(7)]
    named: Named<'a>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Named<'a> {
    #[n(0)]
    tenant: &'a str,
    #[n(1)]
    realm: &'a str,
    #[n(2)]
    subject: &'a str,
}

#[derive(Decode)]
#[cbor(map)]
struct NamedWire<'a> {
    #[b(7)]
    named: Option<Named<'a>>,
}

#[derive(Decode)]
#[cbor(map)]
struct Wire<'b> {
    #[b(0)]
    groups: Vec<&'b str>,
    #[b(1)]
    scopes: Option<Vec<&'b str>>,
    #[n(2)]
    admin: bool,
    #[n(3)]
    disabled: bool,
    #[b(4)]
    email: Option<&'b str>,
    #[b(5)]
    name: Option<&'b str>,
    #[n(6)]
    seen_at: Option<u64>,
    #[n(7)]
    named: Option<Present>,
}

/// Something that is there, whatever it is.
struct Present;

impl<'b, C> Decode<'b, C> for Present {
    fn decode(
        decoder: &mut minicbor::Decoder<'b>,
        _: &mut C,
    ) -> Result<Self, minicbor::decode::Error> {
        decoder.skip().map(|()| Self)
    }
}

impl Principal {
    /// Encodes the record of that owner and seals it under the active salt.
    pub fn seal(&self, salts: &Salts, tenant: &Tenant, owner: &Owner) -> Vec<u8> {
        let scopes = self.scopes.as_ref();
        let written = Written {
            groups: self.groups.iter().map(GroupName::as_str).collect(),
            scopes: scopes.map(|scopes| scopes.iter().map(Scope::as_str).collect()),
            admin: self.admin,
            disabled: self.disabled,
            email: self.email.as_deref(),
            name: self.name.as_deref(),
            seen_at: self.seen_at.map(Timestamp::as_millis),
            named: Named {
                tenant: tenant.as_str(),
                realm: owner.realm().as_str(),
                subject: owner.subject().as_str(),
            },
        };
        let mut payload = Vec::with_capacity(192);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&written, &mut payload);
        envelope::seal(
            salts,
            &OwnerTag::new(tenant, owner).principal_name(),
            &payload,
        )
    }

    /// Opens and decodes the record of that owner.
    ///
    /// # Errors
    /// Fails for a record that cannot be trusted or read.
    pub fn open(salts: &Salts, owner: &OwnerTag, bytes: &[u8]) -> Result<Self, BadRecord> {
        let payload = envelope::open(salts, &owner.principal_name(), bytes)?;
        let is_current = envelope::is_current(salts, bytes);
        read(payload, is_current)
    }

    /// The same with the name of the owner, where the record has it.
    ///
    /// # Errors
    /// Fails for a record that cannot be trusted or read, and for one that names
    /// somebody else.
    pub fn open_named(
        salts: &Salts,
        owner: &OwnerTag,
        bytes: &[u8],
    ) -> Result<KnownOwner, BadRecord> {
        let payload = envelope::open(salts, &owner.principal_name(), bytes)?;
        let named: NamedWire<'_> = minicbor::decode(payload).map_err(|_| BadRecord::Unreadable)?;
        let named = named
            .named
            .map(|named| named.meaning(owner).ok_or(BadRecord::Unreadable))
            .transpose()?;
        Ok(KnownOwner {
            named,
            principal: read(payload, envelope::is_current(salts, bytes))?,
        })
    }

    /// Whether it says the same as `other`, leaving aside when it was said.
    pub fn agrees_with(&self, other: &Self) -> bool {
        Self {
            seen_at: None,
            is_current: true,
            ..self.clone()
        } == Self {
            seen_at: None,
            is_current: true,
            ..other.clone()
        }
    }
}

fn read(payload: &[u8], is_current: bool) -> Result<Principal, BadRecord> {
    let wire: Wire<'_> = minicbor::decode(payload).map_err(|_| BadRecord::Unreadable)?;
    let mut principal = wire.into_principal().ok_or(BadRecord::Unreadable)?;
    principal.is_current &= is_current;
    Ok(principal)
}

impl Named<'_> {
    fn meaning(&self, tag: &OwnerTag) -> Option<(Tenant, Owner)> {
        let tenant = Tenant::parse(self.tenant).ok()?;
        let owner = Owner::from_record(self.realm, self.subject).ok()?;
        (OwnerTag::new(&tenant, &owner) == *tag).then_some((tenant, owner))
    }
}

impl Wire<'_> {
    fn into_principal(self) -> Option<Principal> {
        let scopes = match self.scopes {
            None => None,
            Some(texts) => Some(
                texts
                    .iter()
                    .map(|text| Scope::parse(text).ok())
                    .collect::<Option<_>>()?,
            ),
        };
        Some(Principal {
            groups: self
                .groups
                .iter()
                .map(|g| GroupName::parse(g).ok())
                .collect::<Option<_>>()?,
            scopes,
            admin: self.admin,
            disabled: self.disabled,
            email: self.email.map(str::to_owned),
            name: self.name.map(str::to_owned),
            seen_at: self.seen_at.and_then(Timestamp::from_millis),
            is_current: self.named.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::salt::Salt;

    fn salts() -> Salts {
        Salts::new(Salt::from_bytes([1; 32]), Vec::new())
    }

    fn alice() -> (Tenant, Owner) {
        let owner = Owner::from_record("corp", "alice").unwrap();
        (Tenant::default(), owner)
    }

    #[test]
    fn a_record_says_whose_it_is_beside_what_they_are() {
        let (tenant, owner) = alice();
        let tag = OwnerTag::new(&tenant, &owner);
        let principal = Principal {
            groups: vec![GroupName::parse("staff").unwrap()],
            scopes: Some(vec![Scope::parse("a:*").unwrap()]),
            admin: true,
            disabled: true,
            email: Some("alice@example.org".to_owned()),
            name: Some("Alice".to_owned()),
            seen_at: Timestamp::from_millis(7),
            is_current: true,
        };
        let record = principal.seal(&salts(), &tenant, &owner);
        assert_eq!(Principal::open(&salts(), &tag, &record).unwrap(), principal);
        let known = Principal::open_named(&salts(), &tag, &record).unwrap();
        assert_eq!(known.principal, principal);
        assert_eq!(known.named, Some((tenant, owner)));
    }

    #[test]
    fn a_record_of_before_owners_had_names_reads_as_it_did() {
        #[derive(Encode)]
        #[cbor(map)]
        struct Former {
            #[n(0)]
            groups: Vec<String>,
            #[n(2)]
            admin: bool,
            #[n(3)]
            disabled: bool,
        }
        let (tenant, owner) = alice();
        let tag = OwnerTag::new(&tenant, &owner);
        let former = Former {
            groups: vec!["staff".to_owned()],
            admin: true,
            disabled: false,
        };
        let payload = minicbor::to_vec(&former).unwrap();
        let record = envelope::seal(&salts(), &tag.principal_name(), &payload);
        let known = Principal::open_named(&salts(), &tag, &record).unwrap();
        assert_eq!(known.named, None);
        assert!(known.principal.admin && !known.principal.is_current);
        assert_eq!(
            Principal::open(&salts(), &tag, &record).unwrap(),
            known.principal
        );
    }
}
