//! What all operations have in common: parameters, which their paths name, and
//! the problems that their kind can end in.

use utoipa::Modify;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder};

use crate::http::pagination::LIMIT_MAX;
use crate::http::problem;
use crate::http::problem_type::ProblemType;
use crate::keys::replay::{IDEMPOTENCY_KEY_MAX, IDEMPOTENCY_KEY_MIN};
use crate::keys::usage::DAYS_KEPT;

pub(super) struct Completion;

impl Modify for Completion {
    fn modify(&self, openapi: &mut OpenApi) {
        for (path, item) in &mut openapi.paths.paths {
            for operation in operations(item) {
                let parameters = parameters(path, operation);
                if !parameters.is_empty() {
                    operation.parameters = Some(parameters.into_iter().map(Into::into).collect());
                }
                // To rotate takes nothing but the key: no body means the default.
                if begins(operation, "rotate_")
                    && let Some(RefOr::T(body)) = &mut operation.request_body
                {
                    body.required = Some(Required::False);
                }
                for kind in problems(path, operation) {
                    add_problem(operation, kind);
                }
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        item.get.as_mut(),
        item.post.as_mut(),
        item.put.as_mut(),
        item.patch.as_mut(),
        item.delete.as_mut(),
    ]
    .into_iter()
    .flatten()
}

fn is_open(operation: &Operation) -> bool {
    operation.security.is_some()
}

fn begins(operation: &Operation, verb: &str) -> bool {
    let id = operation.operation_id.as_deref();
    id.is_some_and(|id| id.starts_with(verb))
}

fn may_be_repeated(operation: &Operation) -> bool {
    begins(operation, "create_") || begins(operation, "rotate_")
}

fn parameters(path: &str, operation: &Operation) -> Vec<Parameter> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let mut parameters = Vec::new();
    let mut add = |name: &str, place: ParameterIn, schema: ObjectBuilder, description: &str| {
        let required = match place {
            ParameterIn::Path => Required::True,
            _ => Required::False,
        };
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .description(Some(description))
            .schema(Some(schema));
        parameters.push(parameter.build());
    };
    if path.contains("{sub}") {
        let description = "Whose: `realm:subject`, or the bare subject of the `[oauth]` \
                           shorthand; percent-encoded, slashes too";
        add("sub", ParameterIn::Path, text(), description);
    }
    if path.contains("{id}") {
        let description = if path.contains("/sessions/") {
            "The public id of the session"
        } else {
            "The public id of the key"
        };
        add("id", ParameterIn::Path, text(), description);
    }
    if path.contains("{username}") {
        add("username", ParameterIn::Path, text(), "The user name");
    }
    for (name, place, description) in at_provider(path) {
        add(name, place, text(), description);
    }
    if path.contains("{gate}") {
        add("gate", ParameterIn::Path, text(), "The name of the gate");
    }
    if path.contains("{path}") {
        let description = "The path and the query of the request, as the client wrote them";
        add("path", ParameterIn::Path, text(), description);
    }
    if begins(operation, "list_") {
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(LIMIT_MAX));
        let description =
            if path.ends_with("/events") || matches!(path, "/api/tokens" | "/api/users") {
                "At most so many; 100 without"
            } else {
                "At most so many; all of them without"
            };
        add("limit", ParameterIn::Query, limit, description);
        let description = "Where to go on, from the `Link` field of the part before";
        add("cursor", ParameterIn::Query, text(), description);
    }
    if path.ends_with("/usage") {
        let days = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(usize::try_from(DAYS_KEPT).ok());
        let description = "How many days, today among them; 30 without";
        add("days", ParameterIn::Query, days, description);
    }
    if matches!(path, "/api/me/tokens" | "/api/users/{sub}/tokens") && begins(operation, "list_") {
        let description = "`ended`: with keys that were revoked in the last 90 days";
        add("include", ParameterIn::Query, text(), description);
    }
    if begins(operation, "list_") {
        for (name, kind, description) in filters(path) {
            let schema = ObjectBuilder::new().schema_type(kind.clone());
            add(name, ParameterIn::Query, schema, description);
        }
    }
    if path.ends_with("/events") {
        for (name, description) in event_filters(path) {
            add(name, ParameterIn::Query, text(), description);
        }
    }
    if may_be_repeated(operation) {
        let schema = text()
            .min_length(Some(IDEMPOTENCY_KEY_MIN))
            .max_length(Some(IDEMPOTENCY_KEY_MAX));
        let description = "Makes it safe to ask again: within 24 hours the same request with the \
                           same value gets the same answer. To be drawn at random, for each \
                           request anew";
        add("Idempotency-Key", ParameterIn::Header, schema, description);
    }
    parameters
}

/// What lists of people and keys can be asked for.
fn filters(path: &str) -> &'static [(&'static str, Type, &'static str)] {
    match path {
        "/api/accounts" => &[(
            "search",
            Type::String,
            "Only with this in user name, name or e-mail address",
        )],
        "/api/users" => &[
            (
                "search",
                Type::String,
                "Only with this in owner, name or e-mail address",
            ),
            (
                "disabled",
                Type::Boolean,
                "Only those of whom everything is refused, or the others",
            ),
            ("admin", Type::Boolean, "Only administrators, or the others"),
        ],
        "/api/tokens" => &[
            (
                "search",
                Type::String,
                "Only with this in name, id or owner",
            ),
            ("owner", Type::String, "Only theirs"),
            (
                "status",
                Type::String,
                "Only those that are worth this, such as `active`",
            ),
            (
                "filter",
                Type::String,
                "`never_expires`, `unused_90_days`, `expiring_soon` (within 7 days) or `too_broad`",
            ),
        ],
        _ => &[],
    }
}

/// What browsers bring along when they sign in or out elsewhere.
fn at_provider(path: &str) -> Vec<(&'static str, ParameterIn, &'static str)> {
    if !path.contains("{provider}") {
        return Vec::new();
    }
    let query: &[(&str, &str)] = match path.rsplit('/').next() {
        Some("start") => &[(
            "return_to",
            "Where to go afterwards: a path of the portal, or an address on a host that is allowed",
        )],
        Some("callback") => &[
            ("state", "Which sign-in it is about"),
            ("code", "What is exchanged for tokens"),
            ("iss", "The provider's name (RFC 9207)"),
            ("error", "Why there is no code"),
        ],
        Some("sign-out") => &[("ticket", "Good for once, within a minute")],
        _ => &[],
    };
    let description = "The provider: its `realm`, or `oauth` for the `[oauth]` shorthand";
    let provider = ("provider", ParameterIn::Path, description);
    let query = query
        .iter()
        .map(|(name, description)| (*name, ParameterIn::Query, *description));
    std::iter::once(provider).chain(query).collect()
}

/// What a list of events can be asked for.
fn event_filters(path: &str) -> Vec<(&'static str, &'static str)> {
    let mut filters = vec![
        ("action", "Only this, such as `key.revoked`"),
        ("since", "Only from this RFC 3339 time on"),
        ("until", "Only before this RFC 3339 time"),
    ];
    if !path.contains("{id}") {
        filters.push(("key_id", "Only what was done to this key"));
    }
    if path == "/api/events" {
        filters.extend([
            (
                "actor",
                "Only what they did, in person or through one of their keys",
            ),
            ("owner", "Only what was done to them or theirs"),
            (
                "format",
                "`json` in parts; `csv` or `jsonl` for all of it as a file",
            ),
        ]);
    }
    filters
}

/// The problems that an operation of that kind can end in.
fn problems(path: &str, operation: &Operation) -> Vec<ProblemType> {
    if is_open(operation) {
        return Vec::new();
    }
    let mut kinds = vec![
        ProblemType::ConflictingCredentials,
        ProblemType::InvalidCredential,
        ProblemType::InsufficientRights,
        ProblemType::Unavailable,
    ];
    if path.starts_with("/api/") {
        kinds.push(ProblemType::MisdirectedRequest);
    }
    if path.contains("{id}") || path.contains("{username}") {
        kinds.push(ProblemType::NotFound);
    }
    if begins(operation, "restore_") || begins(operation, "start_") {
        kinds.push(ProblemType::Conflict);
    }
    if operation.request_body.is_some() {
        kinds.extend([
            ProblemType::InvalidField,
            ProblemType::Conflict,
            ProblemType::TooLarge,
            ProblemType::UnsupportedMediaType,
        ]);
    }
    if may_be_repeated(operation) {
        kinds.push(ProblemType::IdempotencyMismatch);
    }
    kinds
}

/// What the statuses mean here; several problems share some of them.
fn description(kind: ProblemType) -> &'static str {
    match kind {
        ProblemType::InvalidCredential => "No credential, or one that is not valid here",
        ProblemType::InvalidField | ProblemType::ConflictingCredentials => {
            "The request cannot be read or accepted: `detail` says why"
        }
        ProblemType::Conflict => "The state of things does not allow this, or the limit is reached",
        kind => kind.title(),
    }
}

fn add_problem(operation: &mut Operation, kind: ProblemType) {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let response = ResponseBuilder::new()
        .description(description(kind))
        .content(problem::CONTENT_TYPE, content)
        .build();
    operation
        .responses
        .responses
        .entry(kind.status().as_str().to_owned())
        .or_insert_with(|| response.into());
}
