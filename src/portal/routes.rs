//! All routes of the API, once: for the workers, and for the tests that hold
//! the description and the permissions to them.

use actix_web::Route;
use actix_web::http::Method;
use actix_web::web::to;

use super::{
    accounts, auth, enter, events, everybody, examination, frontend_config, gates, health, me,
    openapi, scopes, session, users, welcome,
};

/// A path with its methods.
type Line = (&'static str, Vec<(Method, Route)>);

/// Paths as the description writes them, with their methods.
pub(super) fn table() -> Vec<Line> {
    let mut lines = ends_and_events();
    lines.extend(main());
    lines.extend(uses());
    lines.extend(of_accounts());
    lines.extend(at_providers());
    lines
}

/// What keys do.
fn uses() -> [Line; 4] {
    let read = |route| vec![(Method::GET, route)];
    [
        ("/api/me/usage", read(to(me::usage::of_all))),
        ("/api/me/tokens/{id}/usage", read(to(me::usage::of_one))),
        ("/api/users/{sub}/usage", read(to(users::usage::of_all))),
        (
            "/api/users/{sub}/tokens/{id}/usage",
            read(to(users::usage::of_one)),
        ),
    ]
}

fn main() -> Vec<Line> {
    vec![
        (
            "/api/session",
            vec![
                (Method::GET, to(session::show)),
                (Method::POST, to(session::password::begin)),
                (Method::DELETE, to(session::end)),
            ],
        ),
        (
            "/api/session/dev",
            vec![(Method::POST, to(session::begin_dev))],
        ),
        ("/enter", vec![(Method::GET, to(enter::enter))]),
        ("/api/me", vec![(Method::GET, to(me::show))]),
        (
            "/api/me/sessions",
            vec![
                (Method::GET, to(me::sessions::list)),
                (Method::DELETE, to(me::sessions::end_others)),
            ],
        ),
        (
            "/api/me/sessions/{id}",
            vec![(Method::DELETE, to(me::sessions::end))],
        ),
        (
            "/api/me/tokens",
            vec![
                (Method::GET, to(me::tokens::list)),
                (Method::POST, to(me::tokens::create)),
                (Method::DELETE, to(me::tokens::revoke_all)),
            ],
        ),
        (
            "/api/me/tokens/{id}",
            vec![
                (Method::GET, to(me::tokens::show)),
                (Method::PATCH, to(me::tokens::edit)),
                (Method::DELETE, to(me::tokens::revoke)),
            ],
        ),
        (
            "/api/me/tokens/{id}/rotate",
            vec![(Method::POST, to(me::tokens::rotate))],
        ),
        (
            "/api/users/{sub}/tokens",
            vec![
                (Method::GET, to(users::tokens::list)),
                (Method::POST, to(users::tokens::create)),
                (Method::DELETE, to(users::tokens::revoke_all)),
            ],
        ),
        (
            "/api/users/{sub}/tokens/{id}",
            vec![
                (Method::GET, to(users::tokens::show)),
                (Method::PATCH, to(users::tokens::edit)),
                (Method::DELETE, to(users::tokens::revoke)),
            ],
        ),
        (
            "/api/users/{sub}/tokens/{id}/rotate",
            vec![(Method::POST, to(users::tokens::rotate))],
        ),
        (
            "/api/users/{sub}/sessions",
            vec![
                (Method::GET, to(users::sessions::list)),
                (Method::DELETE, to(users::sessions::end_all)),
            ],
        ),
        (
            "/api/users/{sub}/sessions/{id}",
            vec![(Method::DELETE, to(users::sessions::end))],
        ),
        ("/api/scopes", vec![(Method::GET, to(scopes::list))]),
        ("/api/gates", vec![(Method::GET, to(gates::list))]),
        (
            "/api/gates/{gate}/explain",
            vec![(Method::POST, to(gates::explain))],
        ),
        ("/api/openapi.json", vec![(Method::GET, to(openapi::show))]),
        (
            "/frontend/config",
            vec![(Method::GET, to(frontend_config::show))],
        ),
        (
            "/frontend/logo",
            vec![(Method::GET, to(frontend_config::logo))],
        ),
        ("/api/health", vec![(Method::GET, to(examination::show))]),
        ("/health/live", vec![(Method::GET, to(health::live))]),
        ("/health/ready", vec![(Method::GET, to(health::ready))]),
    ]
}

/// The end of keys, what was done, and everybody at once. They come first:
/// `revoke` is no id of a key.
fn ends_and_events() -> Vec<Line> {
    vec![
        (
            "/api/me/tokens/revoke",
            vec![(Method::POST, to(me::tokens::revoke_many))],
        ),
        (
            "/api/me/tokens/{id}/revoke",
            vec![(Method::POST, to(me::tokens::start_revocation))],
        ),
        (
            "/api/me/tokens/{id}/restore",
            vec![(Method::POST, to(me::tokens::restore))],
        ),
        ("/api/me/events", vec![(Method::GET, to(events::mine))]),
        (
            "/api/me/tokens/{id}/events",
            vec![(Method::GET, to(events::of_my_key))],
        ),
        (
            "/api/users/{sub}/tokens/{id}/events",
            vec![(Method::GET, to(events::of_users_key))],
        ),
        ("/api/users", vec![(Method::GET, to(users::people::list))]),
        (
            "/api/users/{sub}",
            vec![
                (Method::GET, to(users::people::show)),
                (Method::PATCH, to(users::people::edit)),
            ],
        ),
        ("/api/tokens", vec![(Method::GET, to(everybody::list))]),
        (
            "/api/tokens/revoke",
            vec![(Method::POST, to(everybody::revoke))],
        ),
        (
            "/api/tokens/restore",
            vec![(Method::POST, to(everybody::restore))],
        ),
        ("/api/events", vec![(Method::GET, to(events::all))]),
        (
            "/api/users/{sub}/tokens/revoke",
            vec![(Method::POST, to(users::tokens::revoke_many))],
        ),
        (
            "/api/users/{sub}/tokens/{id}/revoke",
            vec![(Method::POST, to(users::tokens::start_revocation))],
        ),
        (
            "/api/users/{sub}/tokens/{id}/restore",
            vec![(Method::POST, to(users::tokens::restore))],
        ),
    ]
}

/// People who sign in elsewhere.
fn at_providers() -> [Line; 4] {
    let read = |route| vec![(Method::GET, route)];
    [
        ("/auth/{provider}/start", read(to(auth::start))),
        ("/auth/{provider}/callback", read(to(auth::callback))),
        ("/auth/{provider}/sign-out", read(to(auth::sign_out))),
        (
            "/auth/{provider}/back-channel-logout",
            vec![(Method::POST, to(auth::back_channel::end))],
        ),
    ]
}

/// People with a password that is kept here.
fn of_accounts() -> Vec<Line> {
    vec![
        (
            "/api/me/password",
            vec![(Method::PUT, to(me::password::change))],
        ),
        (
            "/api/welcome",
            vec![(Method::POST, to(welcome::set_password))],
        ),
        ("/api/welcome/look", vec![(Method::POST, to(welcome::look))]),
        (
            "/api/accounts",
            vec![
                (Method::GET, to(accounts::list)),
                (Method::POST, to(accounts::create)),
            ],
        ),
        (
            "/api/accounts/{username}",
            vec![
                (Method::GET, to(accounts::show)),
                (Method::PATCH, to(accounts::edit)),
                (Method::DELETE, to(accounts::delete)),
            ],
        ),
        (
            "/api/accounts/{username}/reset",
            vec![(Method::POST, to(accounts::reset))],
        ),
    ]
}

/// A path as the router wants it. A subject may be empty in a path: then the
/// request is refused as such rather than taken for another path.
pub(super) fn pattern(path: &str) -> String {
    path.replace("{sub}", "{sub:[^/]*}")
}
