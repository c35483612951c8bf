//! The gate's answers, described for people who try them from the API's page.
//! The gate itself is not of this room.

/// May this pass?
///
/// What a reverse proxy asks about each request, by any method. The default
/// gate decides; on a yes the headers say who passes.
#[utoipa::path(
    get, path = "/forward-auth", operation_id = "forward_auth", tag = "gate",
    responses((
        status = 204,
        description = "It may",
        headers(
            ("X-Authenticated-User" = String, description = "Who it is"),
            ("X-Authenticated-Token-Id" = String, description = "The id of the key; empty for a JWT"),
        ),
    )),
)]
#[expect(
    dead_code,
    reason = "stands for its description, which the attribute makes of it"
)]
pub(super) fn forward_auth() {}

/// May this pass, by the gate of that name?
#[utoipa::path(
    get, path = "/forward-auth/{gate}", operation_id = "forward_auth_by_name", tag = "gate",
    responses((
        status = 204,
        description = "It may",
        headers(
            ("X-Authenticated-User" = String, description = "Who it is"),
            ("X-Authenticated-Token-Id" = String, description = "The id of the key; empty for a JWT"),
        ),
    )),
)]
#[expect(
    dead_code,
    reason = "stands for its description, which the attribute makes of it"
)]
pub(super) fn forward_auth_by_name() {}
