//! The operations on somebody's keys, each as an answer.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use super::super::problems::{self, FieldNames};
use super::change::{self, Change};
use super::request::{TokenDraft, TokenEdit, TokenRotation};
use super::usage::{self, Usage, UsageOfAll};
use super::view::{AllRevoked, Viewpoint};
use crate::domain::api_key::ApiKeyId;
use crate::domain::time::Timestamp;
use crate::http::json::Body;
use crate::http::pagination::{self, PageQuery};
use crate::http::problem::Problem;
use crate::keys::replay::{IDEMPOTENCY_KEY_MAX, IDEMPOTENCY_KEY_MIN, Repeatable};
use crate::keys::{KeyError, KeyService, KeysOf, MintedKey, Place};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const REVOCATION: &str = "x-revocation";

/// Somebody's keys, for somebody who may manage them, under a path.
pub(crate) struct Tokens<'k> {
    keys: KeysOf<'k>,
    path: String,
}

/// The id in a path. What cannot be one is nobody's key, and is only looked at
/// once the caller is known.
pub(crate) struct IdInPath(Option<ApiKeyId>);

impl FromRequest for IdInPath {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(ApiKeyId::parse);
        ready(Ok(Self(id)))
    }
}

/// The `Idempotency-Key`, if there is one.
///
/// # Errors
/// Refuses one that could be guessed, or that stands twice.
pub(crate) fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let is_visible = |text: &&str| text.bytes().all(|byte| byte.is_ascii_graphic());
    value
        .to_str()
        .ok()
        .filter(is_visible)
        .filter(|text| (IDEMPOTENCY_KEY_MIN..=IDEMPOTENCY_KEY_MAX).contains(&text.len()))
        .filter(|_| values.next().is_none())
        .map(|text| Some(text.to_owned()))
        .ok_or_else(|| {
            Problem::field(
                "Idempotency-Key",
                format!(
                    "must stand once and have {IDEMPOTENCY_KEY_MIN} to {IDEMPOTENCY_KEY_MAX} \
                     visible ASCII characters"
                ),
            )
        })
}

impl<'k> Tokens<'k> {
    pub(crate) fn new(keys: KeysOf<'k>, path: String) -> Self {
        Self { keys, path }
    }

    /// The list, or a part of it.
    pub(crate) async fn list(&self, query: &str) -> Result<HttpResponse, Problem> {
        let query = PageQuery::parse_with(query, &["include"])?;
        let with_ended = match query.other("include") {
            None => false,
            Some("ended") => true,
            Some(_) => return Err(Problem::field("include", "must be ended")),
        };
        let salts = self.keys.service().salts();
        let list = self.keys.tag().as_bytes();
        let after = match &query.cursor {
            Some(cursor) => read_place(&pagination::open_cursor(salts, list, cursor)?),
            None => None,
        };
        let viewpoint = self.viewpoint()?;
        let (tokens, next): (Vec<_>, _) = if with_ended {
            let page = self.keys.list_with_ended(after, query.limit).await;
            let page = page.map_err(|error| problem(&error))?;
            let tokens = page.lines.iter().map(|line| viewpoint.line(line));
            (tokens.collect(), page.next)
        } else {
            let page = self.keys.list(after, query.limit).await;
            let page = page.map_err(|error| problem(&error))?;
            let tokens = page.keys.iter().map(|key| viewpoint.token(key));
            (tokens.collect(), page.next)
        };
        let mut answer = HttpResponse::Ok();
        let next = next.and_then(|place| {
            let cursor = pagination::seal_cursor(salts, list, &write_place(place));
            query.link_to_next(&self.path, &cursor)
        });
        if let Some(link) = next {
            answer.insert_header((header::LINK, link));
        }
        Ok(answer.json(tokens))
    }

    /// A new key.
    pub(crate) async fn create(
        &self,
        body: Body,
        idempotency_key: Option<String>,
    ) -> Result<HttpResponse, Problem> {
        let body = body.json::<TokenDraft>().await?;
        let fields = body.value.field_names();
        let request = body.value.meaning()?;
        let repeat = self.repeatable(idempotency_key, "mint", &body.raw);
        let minted = self
            .keys
            .mint(&request, repeat.as_ref())
            .await
            .map_err(|error| problems::of_keys(&error, fields))?;
        if !minted.is_replayed {
            change::note(Change::Mint, &self.keys, minted.key.id);
        }
        self.created(&minted)
    }

    /// One key.
    pub(crate) async fn show(&self, id: &IdInPath) -> Result<HttpResponse, Problem> {
        let id = id.known()?;
        let view = self.keys.show(id).await.map_err(|error| problem(&error))?;
        Ok(HttpResponse::Ok().json(self.viewpoint()?.token(&view)))
    }

    /// What a key did.
    pub(crate) async fn usage(&self, id: &IdInPath, query: &str) -> Result<HttpResponse, Problem> {
        let (id, days) = (id.known()?, usage::days(query)?);
        let report = self.keys.usage(id, days).await;
        let report = report.map_err(|error| problem(&error))?;
        Ok(HttpResponse::Ok().json(Usage::from(report)))
    }

    /// What all keys did.
    pub(crate) async fn daily_usage(&self, query: &str) -> Result<HttpResponse, Problem> {
        let days = usage::days(query)?;
        let lines = self.keys.daily_usage(days).await;
        let lines = lines.map_err(|error| problem(&error))?.into_iter();
        let by_key = lines.map(|(id, days)| (id.to_string(), days)).collect();
        Ok(HttpResponse::Ok().json(UsageOfAll(by_key)))
    }

    /// A change to a key.
    pub(crate) async fn edit(&self, id: &IdInPath, body: Body) -> Result<HttpResponse, Problem> {
        let body = body.json::<TokenEdit>().await?;
        let fields = body.value.field_names();
        let edit = body.value.meaning()?;
        let known = id.known()?;
        self.keys
            .edit(known, &edit)
            .await
            .map_err(|error| problems::of_keys(&error, fields))?;
        change::note(Change::Edit, &self.keys, known);
        self.show(id).await
    }

    /// A key in the place of another.
    pub(crate) async fn rotate(
        &self,
        id: &IdInPath,
        body: Body,
        idempotency_key: Option<String>,
    ) -> Result<HttpResponse, Problem> {
        let body = body.json_or_default::<TokenRotation>().await?;
        let id = id.known()?;
        let operation = format!("rotate {id}");
        let repeat = self.repeatable(idempotency_key, &operation, &body.raw);
        let minted = self
            .keys
            .rotate(id, body.value.overlap.duration(), repeat.as_ref())
            .await
            .map_err(|error| problem(&error))?;
        if !minted.is_replayed {
            change::note(Change::Rotate, &self.keys, id);
        }
        self.created(&minted)
    }

    /// The end of a key.
    pub(crate) async fn revoke(&self, id: &IdInPath) -> Result<HttpResponse, Problem> {
        let id = id.known()?;
        let durability = self
            .keys
            .revoke(id)
            .await
            .map_err(|error| problem(&error))?;
        change::note(Change::Revoke, &self.keys, id);
        let persisted = u8::from(durability.persisted);
        let durability = format!("persisted={persisted}; replicas={}", durability.replicas);
        Ok(HttpResponse::NoContent()
            .insert_header((REVOCATION, durability))
            .finish())
    }

    /// The end of a key in a minute, out of use at once.
    pub(crate) async fn start_revocation(&self, id: &IdInPath) -> Result<HttpResponse, Problem> {
        let known = id.known()?;
        self.keys
            .start_revocation(known)
            .await
            .map_err(|error| problem(&error))?;
        change::note(Change::StartRevocation, &self.keys, known);
        let view = self.keys.show(known).await;
        let view = view.map_err(|error| problem(&error))?;
        Ok(HttpResponse::Accepted().json(self.viewpoint()?.token(&view)))
    }

    /// The revocation of a key, taken back.
    pub(crate) async fn restore(&self, id: &IdInPath) -> Result<HttpResponse, Problem> {
        let known = id.known()?;
        self.keys
            .restore(known)
            .await
            .map_err(|error| problem(&error))?;
        change::note(Change::Restore, &self.keys, known);
        self.show(id).await
    }

    /// The end of all keys.
    pub(crate) async fn revoke_all(&self) -> Result<HttpResponse, Problem> {
        let revoked = self
            .keys
            .revoke_all()
            .await
            .map_err(|error| problem(&error))?;
        change::note_all(&self.keys, revoked);
        Ok(HttpResponse::Ok().json(AllRevoked { revoked }))
    }

    fn created(&self, minted: &MintedKey) -> Result<HttpResponse, Problem> {
        let location = HeaderValue::try_from(format!("{}/{}", self.path, minted.key.id));
        let mut answer = HttpResponse::Created();
        if let Ok(location) = location {
            answer.insert_header((header::LOCATION, location));
        }
        Ok(answer.json(self.viewpoint()?.minted(minted)))
    }

    fn repeatable(
        &self,
        idempotency_key: Option<String>,
        operation: &str,
        body: &[u8],
    ) -> Option<Repeatable> {
        idempotency_key.map(|key| self.keys.repeatable(&key, operation, body))
    }

    fn viewpoint(&self) -> Result<Viewpoint<'_>, Problem> {
        viewpoint(self.keys.service())
    }

    pub(super) fn keys(&self) -> &KeysOf<'k> {
        &self.keys
    }
}

impl IdInPath {
    /// The id, if it can be one.
    ///
    /// # Errors
    /// What cannot be one is nobody's.
    pub(crate) fn known(&self) -> Result<ApiKeyId, Problem> {
        self.0.ok_or_else(problems::no_such_key)
    }
}

/// What turns records into answers.
///
/// # Errors
/// Fails where the time is not known.
pub(crate) fn viewpoint(service: &KeyService) -> Result<Viewpoint<'_>, Problem> {
    Ok(Viewpoint {
        prefix: service.terms().format.prefix(),
        now: service.now().map_err(|error| problem(&error))?,
    })
}

/// Why a use case did not go through.
pub(crate) fn problem(error: &KeyError) -> Problem {
    problems::of_keys(error, FieldNames::default())
}

/// A place in a list, for a cursor: the time of making, then the id.
fn write_place(place: Place) -> Vec<u8> {
    let mut bytes = place.created_at.as_millis().to_be_bytes().to_vec();
    bytes.extend_from_slice(place.id.to_string().as_bytes());
    bytes
}

fn read_place(bytes: &[u8]) -> Option<Place> {
    let (millis, id) = bytes.split_first_chunk::<8>()?;
    Some(Place {
        created_at: Timestamp::from_millis(u64::from_be_bytes(*millis))?,
        id: ApiKeyId::parse(std::str::from_utf8(id).ok()?)?,
    })
}
