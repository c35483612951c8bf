//! What clients are told about keys.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::record::{ApiKey, Standing};
use crate::domain::subject::Scope;
use crate::domain::time::Timestamp;
use crate::keys::{KeyLine, KeyView, MintedKey, SeedRecord};

/// A key, without what would open anything.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "1FvP0aXk27Qm9Zc4",
    "description": "ci",
    "created_at": "2026-11-24T09:30:00Z",
    "name": "ci",
    "display": "glk_1FvP0aXk27Qm9Zc4…",
    "kind": "native",
    "status": "active",
    "scopes": ["models:read"],
    "hosts": [],
    "methods": [],
    "paths": [],
    "networks": [],
    "expires_at": "2027-02-22T09:30:00Z",
    "last_used_at": "2026-11-24T10:02:11Z",
    "created_by": "alice",
    "owner": "alice",
    "disabled_at": null,
    "revoke_at": null,
    "revoked_at": null,
    "revoked_by": null,
    "rotated_from": null,
    "rotated_to": null,
    "grace_until": null
}))]
pub(crate) struct Token {
    /// Its public id: 16 characters, or 64 of a key of rusty-valkey-forward-auth.
    id: String,
    /// What its owner calls it.
    #[schema(required)]
    description: Option<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// The same as `description`.
    #[schema(required)]
    name: Option<String>,
    /// How the key begins, as its holder sees it; unknown for keys of
    /// rusty-valkey-forward-auth, whose id is no part of them.
    #[schema(required)]
    display: Option<String>,
    /// Which service minted it.
    kind: TokenKind,
    /// What it is worth now.
    status: TokenStatus,
    /// What it permits.
    scopes: Vec<String>,
    /// The hosts that it is bound to; any, if empty.
    hosts: Vec<String>,
    /// The methods that it is bound to; any, if empty.
    methods: Vec<String>,
    /// The paths that it is bound to; any, if empty.
    paths: Vec<String>,
    /// The networks of the clients that it is bound to; any, if empty.
    networks: Vec<String>,
    /// When it ends; `null` if it does not.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    /// When it last passed a gate, give or take some seconds.
    #[schema(required, format = DateTime)]
    last_used_at: Option<String>,
    /// Who made it: its owner, an administrator, a key, or the command line.
    #[schema(required)]
    created_by: Option<String>,
    /// Whose it is.
    owner: String,
    /// When it was taken out of use, if it is.
    #[schema(required, format = DateTime)]
    disabled_at: Option<String>,
    /// When its revocation becomes final; until then it can be restored.
    #[schema(required, format = DateTime)]
    revoke_at: Option<String>,
    /// When it was revoked for good.
    #[schema(required, format = DateTime)]
    revoked_at: Option<String>,
    /// Who revokes it, or revoked it.
    #[schema(required)]
    revoked_by: Option<String>,
    /// The key whose place it took.
    #[schema(required)]
    rotated_from: Option<String>,
    /// The key that took its place.
    #[schema(required)]
    rotated_to: Option<String>,
    /// Until when it works beside the key that took its place.
    #[schema(required, format = DateTime)]
    grace_until: Option<String>,
}

/// Which service minted a key.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TokenKind {
    /// This one.
    Native,
    /// rusty-valkey-forward-auth.
    Seed,
}

/// What a key is worth.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TokenStatus {
    /// It opens what it permits.
    Active,
    /// Its time is over.
    Expired,
    /// It is out of use for the time being.
    Disabled,
    /// Another took its place, and the overlap is over.
    Superseded,
    /// It is being revoked, which can still be taken back.
    Revoking,
    /// It was revoked for good.
    Revoked,
}

/// A key that was just made, with its text: shown now and never again.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "token": "glk_1FvP0aXk27Qm9Zc4…",
    "sub": "alice",
    "id": "1FvP0aXk27Qm9Zc4",
    "description": "ci",
    "created_at": "2026-11-24T09:30:00Z",
    "name": "ci",
    "display": "glk_1FvP0aXk27Qm9Zc4…",
    "kind": "native",
    "status": "active",
    "scopes": ["models:read"],
    "hosts": [],
    "methods": [],
    "paths": [],
    "networks": [],
    "expires_at": "2027-02-22T09:30:00Z",
    "last_used_at": null,
    "created_by": "alice",
    "owner": "alice",
    "disabled_at": null,
    "revoke_at": null,
    "revoked_at": null,
    "revoked_by": null,
    "rotated_from": null,
    "rotated_to": null,
    "grace_until": null
}))]
pub(crate) struct MintedToken<'m> {
    /// The key itself: keep it now.
    token: &'m str,
    /// Whose it is.
    sub: String,
    #[serde(flatten)]
    about: Token,
}

/// How many keys were revoked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"revoked": 3}))]
pub(crate) struct AllRevoked {
    /// How many there were.
    pub(crate) revoked: usize,
}

/// What turns records into answers: how keys begin, and the time.
#[derive(Clone, Copy)]
pub(crate) struct Viewpoint<'v> {
    pub(super) prefix: &'v str,
    pub(super) now: Timestamp,
}

impl Viewpoint<'_> {
    pub(crate) fn token(&self, view: &KeyView) -> Token {
        match view {
            KeyView::Ours { key, last_used_at } => self.ours(key, *last_used_at),
            KeyView::Seed(record) => seed(record),
        }
    }

    pub(super) fn line(&self, line: &KeyLine) -> Token {
        match line {
            KeyLine::Present(view) => self.token(view),
            KeyLine::Ended(tombstone) => Token {
                status: TokenStatus::Revoked,
                revoked_at: Some(tombstone.revoked_at.to_string()),
                revoked_by: Some(tombstone.revoked_by.clone()),
                ..self.ours(&tombstone.key, None)
            },
        }
    }

    pub(super) fn minted<'m>(&self, minted: &'m MintedKey) -> MintedToken<'m> {
        MintedToken {
            token: minted.text.expose(),
            sub: minted.key.owner.to_string(),
            about: self.ours(&minted.key, None),
        }
    }

    fn ours(&self, key: &ApiKey, last_used_at: Option<Timestamp>) -> Token {
        let text = |time: Timestamp| time.to_string();
        Token {
            id: key.id.to_string(),
            description: name(&key.name),
            created_at: text(key.created_at),
            name: name(&key.name),
            display: (!key.id.is_seed()).then(|| format!("{}_{}…", self.prefix, key.id)),
            kind: if key.id.is_seed() {
                TokenKind::Seed
            } else {
                TokenKind::Native
            },
            status: match key.standing(self.now) {
                Standing::Active => TokenStatus::Active,
                Standing::Expired => TokenStatus::Expired,
                Standing::Revoking => TokenStatus::Revoking,
                Standing::Disabled => TokenStatus::Disabled,
                Standing::Superseded => TokenStatus::Superseded,
            },
            scopes: names(&key.scopes),
            hosts: texts(&key.bounds.hosts),
            methods: texts(&key.bounds.methods),
            paths: texts(&key.bounds.paths),
            networks: texts(&key.bounds.networks),
            expires_at: key.expires_at.map(text),
            last_used_at: last_used_at.map(text),
            created_by: Some(key.created_by.clone()),
            owner: key.owner.to_string(),
            disabled_at: key.disabled.as_ref().map(|disabled| text(disabled.at)),
            revoke_at: key.revocation.as_ref().map(|one| text(one.at)),
            revoked_at: None,
            revoked_by: key.revocation.as_ref().map(|one| one.by.clone()),
            rotated_from: key.rotated_from.as_ref().map(ApiKeyId::to_string),
            rotated_to: key.rotated_to.as_ref().map(ApiKeyId::to_string),
            grace_until: key.grace_until.map(text),
        }
    }
}

/// A record of the former service: three texts and no more.
fn seed(record: &SeedRecord) -> Token {
    Token {
        id: record.id.to_string(),
        description: name(&record.description),
        created_at: record.created_at.clone(),
        name: name(&record.description),
        display: None,
        kind: TokenKind::Seed,
        status: TokenStatus::Active,
        scopes: Vec::new(),
        hosts: Vec::new(),
        methods: Vec::new(),
        paths: Vec::new(),
        networks: Vec::new(),
        expires_at: None,
        last_used_at: None,
        created_by: None,
        owner: record.subject.clone(),
        disabled_at: None,
        revoke_at: None,
        revoked_at: None,
        revoked_by: None,
        rotated_from: None,
        rotated_to: None,
        grace_until: None,
    }
}

fn name(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn names(scopes: &[Scope]) -> Vec<String> {
    scopes
        .iter()
        .map(|scope| scope.as_str().to_owned())
        .collect()
}

fn texts<T: ToString>(entries: &[T]) -> Vec<String> {
    entries.iter().map(T::to_string).collect()
}
