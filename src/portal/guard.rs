//! The permission stands in the handler's type: a handler that takes a
//! `Guard<ManageOwnKeys>` cannot be reached without it, and gets from it just
//! what the permission is good for.

use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use super::authenticate::{Caller, Refused};
use super::parts::PortalParts;
use super::problems;
use super::session::{self, Presented};
use crate::domain::api_key::OwnerTag;
use crate::domain::audit::{Action, NewEvent, Origin};
use crate::domain::identity::CredentialKind;
use crate::domain::reason::Reason;
use crate::domain::session::SessionId;
use crate::domain::subject::{Owner, Scope, Tenant};
use crate::http::headers::RequestHeaders;
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::http::request_id;
use crate::identity::HeldSession;
use crate::identity::accounts::{Accounts, Doer};
use crate::keys::{Actor, Grants, KeysOf};

/// Leave to know who one is: for anybody with a credential that holds.
pub struct KnowWho;

/// Leave to manage one's own keys: for persons, and for keys that carry the
/// scope for it.
pub struct ManageOwnKeys;

/// Leave to manage everybody's keys: for persons who are administrators, and
/// for keys of administrators that carry the scope for it.
pub struct ManageAnyonesKeys;

/// Leave to act in person: for whoever signed in, or comes with a token of an
/// issuer; never for a key.
pub struct ActInPerson;

/// Leave to change one's own password, also where nothing else is allowed before.
pub struct ChangePassword;

/// Leave to manage built-in accounts: for administrators in person. A key could
/// make a person of itself.
pub struct ManageAccounts;

/// What somebody may do.
pub trait Permission: 'static {
    /// Whether keys never have it.
    const PERSONS_ONLY: bool = false;

    /// Whether a session has it that needs a new password first.
    const BEFORE_NEW_PASSWORD: bool = false;

    /// Whether a caller has it.
    ///
    /// # Errors
    /// Gives the scope that is named as missing.
    fn check(caller: &Caller) -> Result<(), Scope>;
}

impl Permission for KnowWho {
    fn check(_: &Caller) -> Result<(), Scope> {
        Ok(())
    }
}

impl Permission for ActInPerson {
    const PERSONS_ONLY: bool = true;

    fn check(_: &Caller) -> Result<(), Scope> {
        Ok(())
    }
}

impl Permission for ChangePassword {
    const PERSONS_ONLY: bool = true;
    const BEFORE_NEW_PASSWORD: bool = true;

    fn check(_: &Caller) -> Result<(), Scope> {
        Ok(())
    }
}

impl Permission for ManageAccounts {
    const PERSONS_ONLY: bool = true;

    fn check(caller: &Caller) -> Result<(), Scope> {
        ManageAnyonesKeys::check(caller)
    }
}

impl Permission for ManageOwnKeys {
    fn check(caller: &Caller) -> Result<(), Scope> {
        holds(caller, Scope::manage_own_keys())
    }
}

impl Permission for ManageAnyonesKeys {
    fn check(caller: &Caller) -> Result<(), Scope> {
        if !caller.identity.admin {
            return Err(Scope::administer());
        }
        holds(caller, Scope::administer())
    }
}

/// Persons are not bound to our own scopes: what an issuer writes into a token
/// is about its own services. Keys are.
fn holds(caller: &Caller, scope: Scope) -> Result<(), Scope> {
    match caller.identity.method {
        CredentialKind::Jwt | CredentialKind::Session => Ok(()),
        CredentialKind::ApiKey if caller.identity.holds_scope(&scope) => Ok(()),
        CredentialKind::ApiKey => Err(scope),
    }
}

/// Proof that the caller has the permission `P`.
pub struct Guard<P> {
    parts: web::Data<PortalParts>,
    caller: Caller,
    origin: Origin,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequest for Guard<P> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Self::admit(&request).await })
    }
}

impl<P: Permission> Guard<P> {
    async fn admit(request: &HttpRequest) -> Result<Self, Problem> {
        let parts = request
            .app_data::<web::Data<PortalParts>>()
            .cloned()
            .ok_or_else(|| Problem::new(ProblemType::Internal, "the portal has no parts"))?;
        let caller = identify(request, &parts).await?;
        let key_id = caller.identity.key_id;
        if P::PERSONS_ONLY && key_id.is_some() {
            let reason = Reason::CredentialKind;
            note_refusal(request, Refused { reason, key_id });
            return Err(problems::needs_person());
        }
        let session = caller.session.as_ref();
        if !P::BEFORE_NEW_PASSWORD && session.is_some_and(|held| held.session.must_change_password)
        {
            return Err(Problem::new(
                ProblemType::PasswordChangeRequired,
                "set a new password first",
            ));
        }
        if let Err(missing) = P::check(&caller) {
            note_refusal(
                request,
                Refused {
                    reason: Reason::MissingScope,
                    key_id,
                },
            );
            return Err(problems::insufficient(&missing));
        }
        Ok(Self {
            origin: Origin {
                session_id: session.map(|held| held.session.id.to_string()),
                ..origin(request, &parts)
            },
            parts,
            caller,
            permission: PhantomData,
        })
    }

    async fn note_sessions(&self, owner: Owner, id: Option<SessionId>, ended: usize) {
        if ended == 0 {
            return;
        }
        let actor = self.actor();
        let tenant = self.caller.identity.tenant.clone();
        let mut event = NewEvent::new(Action::SessionEnded, tenant, actor.name, &actor.origin)
            .owner(owner)
            .detail("sessions", ended);
        if let Some(id) = id {
            event = event.session(id.to_string());
        }
        self.parts.keys.audit().note(event).await;
    }

    /// The parts of the portal.
    pub(super) fn parts(&self) -> &PortalParts {
        &self.parts
    }

    /// The organisation of the caller.
    pub(super) fn tenant(&self) -> &Tenant {
        &self.caller.identity.tenant
    }

    /// Who acts, and what they may hand on: a key what it has itself, a person
    /// what the catalogue leaves to their groups.
    pub(super) fn actor(&self) -> Actor {
        let identity = &self.caller.identity;
        let owner = &identity.owner;
        let scopes = self.parts.grantable(identity);
        match identity.key_id {
            Some(id) => Actor {
                name: format!("key {id} of {owner}"),
                grants: Grants::Key {
                    id,
                    scopes,
                    expires_at: self.caller.key_expires_at,
                },
                origin: self.origin.clone(),
            },
            None => Actor {
                name: owner.to_string(),
                grants: Grants::Person {
                    scopes,
                    admin: identity.admin,
                },
                origin: self.origin.clone(),
            },
        }
    }
}

impl Guard<ChangePassword> {
    /// The session of whoever asks, where it is one.
    pub fn session(&self) -> Option<&HeldSession> {
        self.caller.session.as_deref()
    }

    /// Who acts, and from where.
    pub fn doer(&self) -> Doer {
        doer(self.actor())
    }
}

impl Guard<ManageAccounts> {
    /// Who acts, and from where.
    pub fn doer(&self) -> Doer {
        doer(self.actor())
    }

    /// The keys of the owner of an account.
    pub(super) fn keys_of(&self, owner: Owner) -> KeysOf<'_> {
        let tenant = Accounts::tenant();
        self.parts.keys.keys_of(tenant, owner, self.actor())
    }
}

fn doer(actor: Actor) -> Doer {
    Doer {
        name: actor.name,
        origin: actor.origin,
    }
}

impl Guard<KnowWho> {
    /// Who it is.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }
}

impl Guard<ActInPerson> {
    /// Writes down that sessions of theirs were ended.
    pub(super) async fn note_end(&self, id: Option<SessionId>, ended: usize) {
        let owner = self.caller.identity.owner.clone();
        self.note_sessions(owner, id, ended).await;
    }

    /// Who it is.
    pub fn person(&self) -> &Caller {
        &self.caller
    }

    /// Their name in the store.
    pub fn owner_tag(&self) -> OwnerTag {
        let identity = &self.caller.identity;
        OwnerTag::new(&identity.tenant, &identity.owner)
    }
}

impl Guard<ManageOwnKeys> {
    /// The caller's own keys.
    pub fn keys(&self) -> KeysOf<'_> {
        let identity = &self.caller.identity;
        self.parts.keys.keys_of(
            identity.tenant.clone(),
            identity.owner.clone(),
            self.actor(),
        )
    }
}

impl Guard<ManageAnyonesKeys> {
    /// The keys of somebody within the administrator's tenant.
    ///
    /// # Errors
    /// Administrators of one tenant are nobody in another: a key minted there
    /// would prove to be one of its people.
    pub fn keys_of(&self, owner: Owner) -> Result<KeysOf<'_>, Problem> {
        let tenant = self.own_tenant_of(&owner)?;
        Ok(self.parts.keys.keys_of(tenant, owner, self.actor()))
    }

    /// Writes down that sessions of somebody were ended.
    pub(super) async fn note_end_of(&self, owner: Owner, id: Option<SessionId>, ended: usize) {
        self.note_sessions(owner, id, ended).await;
    }

    /// The name in the store of somebody within the administrator's tenant.
    ///
    /// # Errors
    /// As [`Guard::keys_of`].
    pub fn owner_tag_of(&self, owner: &Owner) -> Result<OwnerTag, Problem> {
        let tenant = self.own_tenant_of(owner)?;
        Ok(OwnerTag::new(&tenant, owner))
    }

    fn own_tenant_of(&self, owner: &Owner) -> Result<Tenant, Problem> {
        let tenant = self.parts.tenant_of(owner.realm());
        if tenant == self.caller.identity.tenant {
            Ok(tenant)
        } else {
            Err(problems::insufficient(&Scope::administer()))
        }
    }
}

/// Who sends a request. A credential that is presented wins over the cookie of
/// a session, also where it is bad.
async fn identify(request: &HttpRequest, parts: &PortalParts) -> Result<Caller, Problem> {
    let headers = RequestHeaders(request.headers());
    let refused = match parts.authenticate.authenticate(&headers).await {
        Ok(caller) => return Ok(caller),
        Err(refused) => refused,
    };
    if refused.reason == Reason::NoCredential {
        match session::present(request, parts).await? {
            Presented::Nothing => {}
            Presented::Ended => {
                note_refusal(request, Reason::SessionUnknown.into());
                return Err(problems::session_ended());
            }
            Presented::Held(held) => {
                session::check_forgery(request, parts, &held)?;
                return Ok(Caller::in_session(held));
            }
        }
    }
    note_refusal(request, refused);
    Err(problems::refused(refused))
}

/// Where a request comes from.
pub(super) fn origin(request: &HttpRequest, parts: &PortalParts) -> Origin {
    Origin {
        address: (parts.client_address)(request),
        request_id: request_id::current(),
        session_id: None,
    }
}

fn note_refusal(request: &HttpRequest, refused: Refused) {
    tracing::warn!(
        decision.reason = refused.reason.as_str(),
        key.id = refused.key_id.map(tracing::field::display),
        http.method = %request.method(),
        http.path = request.match_pattern(),
        request.id = request_id::current(),
        "the API refused a request"
    );
}
