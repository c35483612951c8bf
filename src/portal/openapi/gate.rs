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

/// May this pass, asked by nginx?
///
/// What `auth_request` of nginx asks, with the request in `X-Original-Method`
/// and `X-Original-URL`. nginx understands 401 and 403 alone: what else is
/// meant stands in `X-Auth-Status`, beside a 403.
#[utoipa::path(
    get, path = "/nginx-auth", operation_id = "nginx_auth", tag = "gate",
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
pub(super) fn nginx_auth() {}

/// May this pass, asked by nginx at the gate of that name?
#[utoipa::path(
    get, path = "/nginx-auth/{gate}", operation_id = "nginx_auth_by_name", tag = "gate",
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
pub(super) fn nginx_auth_by_name() {}

/// May this pass, asked by Envoy?
///
/// What the HTTP service of Envoy's `ext_authz` asks, by the client's own
/// method: the client's path stands behind the name of the gate, its host in
/// `Host`. 200 alone lets a request pass. What cannot be decided is 403 with
/// `X-Auth-Status: 503`, since Envoy may have been told to let pass on a 503.
#[utoipa::path(
    get, path = "/ext-authz/{gate}/{path}", operation_id = "ext_authz", tag = "gate",
    responses((
        status = 200,
        description = "It may",
        headers(
            ("X-Authenticated-User" = String, description = "Who it is"),
            ("X-Authenticated-Token-Id" = String, description = "The id of the key; empty for a JWT"),
            (
                "x-envoy-auth-headers-to-remove" = String,
                description = "What Envoy takes off the request: identity headers that are empty, and \
                               the credential where the gate says so"
            ),
        ),
    )),
)]
#[expect(
    dead_code,
    reason = "stands for its description, which the attribute makes of it"
)]
pub(super) fn ext_authz() {}
