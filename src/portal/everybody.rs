//! The keys of everybody within a tenant: `/api/tokens`, for administrators.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::guard::{Guard, ManageAnyonesKeys};
use super::tokens::{BulkRevoked, Token, bulk_ids, key_problem, viewpoint};
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::record::Standing;
use crate::domain::subject::{Owner, Realms};
use crate::http::json::Body;
use crate::http::pagination::{self, PageQuery};
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::keys::across::{Concern, KeyFilter, PlaceAcross, Whereabouts};

/// How many keys a part has unless something else is asked for.
const LIMIT: usize = 100;
/// How long the reason of a revocation is at most.
const REASON_BYTES_MAX: usize = 256;
const LIST: &[u8] = b"all keys of ";

/// Which keys to revoke: by their ids, or by what they have in common.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"filter": "never_expires", "dry_run": false, "confirm_count": 12}))]
pub(super) struct RevocationAcross {
    /// Their ids.
    #[serde(default)]
    ids: Option<Vec<String>>,
    /// `never_expires`, `unused_90_days`, `expiring_soon` or `too_broad`.
    #[serde(default)]
    filter: Option<String>,
    /// Of this owner.
    #[serde(default)]
    owner: Option<String>,
    /// With this in name, id or owner.
    #[serde(default)]
    search: Option<String>,
    /// Worth this.
    #[serde(default)]
    status: Option<String>,
    /// Only say which there are.
    #[serde(default)]
    dry_run: bool,
    /// How many a dry run said there are. Needed to revoke by anything but ids.
    #[serde(default)]
    confirm_count: Option<usize>,
    /// With a minute to think again.
    #[serde(default)]
    undoable: bool,
    /// Why: the audit trail keeps it with each key.
    #[serde(default)]
    #[schema(max_length = 256)]
    reason: Option<String>,
}

/// Whose revocation to take back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ids": ["1FvP0aXk27Qm9Zc4"]}))]
pub(super) struct RestorationAcross {
    /// Their ids.
    #[schema(max_items = 500)]
    ids: Vec<String>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"restored": 1}))]
pub(super) struct BulkRestored {
    /// How many keys are what they were before.
    restored: usize,
}

/// List the keys of everybody in the tenant.
///
/// In no order that means anything; 100 at a time unless `limit` says otherwise,
/// and where filters leave few of many keys, fewer: `Link: <…>; rel="next"`
/// leads to the rest. Keys of rusty-valkey-forward-auth in their old place come
/// last; they can be revoked for good and nothing else.
#[utoipa::path(
    get, path = "/api/tokens", operation_id = "list_tokens", tag = "users",
    responses((
        status = 200, description = "The keys", body = [Token],
        headers(("Link" = String, description = "The next part, if there is one")),
    )),
)]
pub(super) async fn list(
    caller: Guard<ManageAnyonesKeys>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let known = ["search", "owner", "status", "filter"];
    let query = PageQuery::parse_with(request.query_string(), &known)?;
    let parts = caller.parts();
    let filter = filter(
        &parts.realms,
        query.other("filter"),
        query.other("owner"),
        query.other("search"),
        query.other("status"),
    )?;
    let (keys, tenant) = (&parts.keys, caller.tenant());
    let name = [LIST, tenant.as_str().as_bytes()].concat();
    let from = match &query.cursor {
        None => PlaceAcross::default(),
        Some(cursor) => read_place(&pagination::open_cursor(keys.salts(), &name, cursor)?)?,
    };
    let page = keys
        .list_across(tenant, &filter, from, query.limit.unwrap_or(LIMIT))
        .await
        .map_err(|error| key_problem(&error))?;
    let viewpoint = viewpoint(keys)?;
    let tokens: Vec<_> = page.keys.iter().map(|key| viewpoint.token(key)).collect();
    let mut answer = HttpResponse::Ok();
    let next = page.next.and_then(|place| {
        let cursor = pagination::seal_cursor(keys.salts(), &name, &write_place(&place));
        query.link_to_next(request.path(), &cursor)
    });
    if let Some(link) = next {
        answer.insert_header((header::LINK, link));
    }
    Ok(answer.json(tokens))
}

/// Revoke many keys of the tenant.
///
/// By ids, or by what they have in common; the latter takes `confirm_count`,
/// which a dry run tells as `matched`: if it is another number by now, nothing
/// is done.
#[utoipa::path(
    post, path = "/api/tokens/revoke", operation_id = "revoke_tokens", tag = "users",
    request_body = RevocationAcross,
    responses((status = 200, description = "What came of it", body = BulkRevoked)),
)]
pub(super) async fn revoke(
    caller: Guard<ManageAnyonesKeys>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let wanted = body.json::<RevocationAcross>().await?.value;
    let reason = reason(wanted.reason.as_deref())?;
    let (parts, tenant) = (caller.parts(), caller.tenant());
    let keys = &parts.keys;
    let filter = filter(
        &parts.realms,
        wanted.filter.as_deref(),
        wanted.owner.as_deref(),
        wanted.search.as_deref(),
        wanted.status.as_deref(),
    )?;
    let has_filter = filter != KeyFilter::default();
    let found = match &wanted.ids {
        Some(_) if has_filter => {
            let detail = "send ids, or what the keys have in common, not both";
            return Err(Problem::field("ids", detail));
        }
        Some(texts) => keys.owners_of(tenant, &bulk_ids(texts)?).await,
        None if has_filter => keys.find_across(tenant, &filter).await,
        None => {
            let detail = "send ids, or one of filter, owner, search and status";
            return Err(Problem::field("ids", detail));
        }
    };
    let found = found.map_err(|error| key_problem(&error))?;
    let ids: Vec<ApiKeyId> = found.iter().map(|(_, id)| *id).collect();
    let mut revoked = 0;
    if !wanted.dry_run {
        confirm(wanted.confirm_count, ids.len(), has_filter)?;
        revoked = keys
            .revoke_across(tenant, found, &caller.actor(), reason, wanted.undoable)
            .await
            .map_err(|error| key_problem(&error))?;
    }
    Ok(HttpResponse::Ok().json(BulkRevoked::new(&ids, revoked, wanted.dry_run)))
}

/// Take the revocation of many keys back.
///
/// Within a minute of it. Those whose revocation is final by now, and those that
/// are not being revoked, are passed over.
#[utoipa::path(
    post, path = "/api/tokens/restore", operation_id = "restore_tokens", tag = "users",
    request_body = RestorationAcross,
    responses((status = 200, description = "What came of it", body = BulkRestored)),
)]
pub(super) async fn restore(
    caller: Guard<ManageAnyonesKeys>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let ids = bulk_ids(&body.json::<RestorationAcross>().await?.value.ids)?;
    let (keys, tenant) = (&caller.parts().keys, caller.tenant());
    let found = keys.owners_of(tenant, &ids).await;
    let found = found.map_err(|error| key_problem(&error))?;
    let restored = keys
        .restore_across(tenant, found, &caller.actor())
        .await
        .map_err(|error| key_problem(&error))?;
    Ok(HttpResponse::Ok().json(BulkRestored { restored }))
}

fn reason(text: Option<&str>) -> Result<Option<&str>, Problem> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    match text {
        Some(text) if text.len() > REASON_BYTES_MAX => {
            let detail = format!("must not be longer than {REASON_BYTES_MAX} bytes");
            Err(Problem::field("reason", detail))
        }
        Some(text) if text.chars().any(char::is_control) => {
            let detail = "must not contain control characters";
            Err(Problem::field("reason", detail))
        }
        text => Ok(text),
    }
}

fn confirm(confirmed: Option<usize>, found: usize, needed: bool) -> Result<(), Problem> {
    match confirmed {
        None if needed => Err(Problem::field(
            "confirm_count",
            "is needed: make a dry run and send the number that it gives as matched",
        )),
        Some(count) if count != found => Err(Problem::new(
            ProblemType::Conflict,
            format!("there are {found} such keys, not {count}: nothing was revoked"),
        )),
        _ => Ok(()),
    }
}

fn filter(
    realms: &Realms,
    concern: Option<&str>,
    owner: Option<&str>,
    search: Option<&str>,
    status: Option<&str>,
) -> Result<KeyFilter, Problem> {
    let concern = concern.map(|text| {
        Concern::parse(text).ok_or_else(|| {
            Problem::field(
                "filter",
                "must be never_expires, unused_90_days, expiring_soon or too_broad",
            )
        })
    });
    let owner = owner.map(|text| {
        Owner::parse(text, realms).map_err(|error| Problem::field("owner", error.to_string()))
    });
    let status = status.map(|text| {
        Standing::parse(text).ok_or_else(|| {
            Problem::field(
                "status",
                "must be active, expired, disabled, superseded or revoking",
            )
        })
    });
    Ok(KeyFilter {
        owner: owner.transpose()?,
        search: search.filter(|text| !text.is_empty()).map(str::to_owned),
        status: status.transpose()?,
        concern: concern.transpose()?,
    })
}

/// What stands in front of a place among the keys of the former service.
const IN_PLACE: u8 = 0x80;

/// A place for a cursor: where, and the last id that was seen, then the store's
/// own cursor.
pub(super) fn write_place(place: &PlaceAcross) -> Vec<u8> {
    let seen = place.seen.map(|id| id.to_string()).unwrap_or_default();
    let length = u8::try_from(seen.len()).unwrap_or(0);
    let whereabouts = match place.whereabouts {
        Whereabouts::Ours => 0,
        Whereabouts::InPlace => IN_PLACE,
    };
    [&[length | whereabouts], seen.as_bytes(), &place.cursor].concat()
}

/// Reads such a place.
pub(super) fn read_place(bytes: &[u8]) -> Result<PlaceAcross, Problem> {
    let wrong = || Problem::field("cursor", "is not one of this list");
    let (length, rest) = bytes.split_first().ok_or_else(wrong)?;
    let (seen, cursor) = rest
        .split_at_checked(usize::from(length & !IN_PLACE))
        .ok_or_else(wrong)?;
    let seen = std::str::from_utf8(seen).map_err(|_| wrong())?;
    Ok(PlaceAcross {
        whereabouts: if length & IN_PLACE == 0 {
            Whereabouts::Ours
        } else {
            Whereabouts::InPlace
        },
        cursor: cursor.to_vec(),
        seen: ApiKeyId::parse(seen),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let seen = ApiKeyId::parse("00abcdefghABCDEF");
        let cursor = b"17".to_vec();
        for place in [
            PlaceAcross::default(),
            PlaceAcross {
                cursor: cursor.clone(),
                ..PlaceAcross::default()
            },
            PlaceAcross {
                cursor: cursor.clone(),
                seen,
                ..PlaceAcross::default()
            },
            PlaceAcross {
                whereabouts: Whereabouts::InPlace,
                cursor,
                seen: ApiKeyId::parse(&"0f".repeat(32)),
            },
        ] {
            assert_eq!(read_place(&write_place(&place)).unwrap(), place);
        }
        assert!(read_place(&[]).is_err());
        assert!(read_place(&[9]).is_err());
    }
}
