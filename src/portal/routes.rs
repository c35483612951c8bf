//! All routes of the API, once: for the workers, and for the tests that hold
//! the description and the permissions to them.

use actix_web::Route;
use actix_web::http::Method;
use actix_web::web::{delete, get, patch, post};

use super::{frontend_config, health, me, openapi, users};

/// Paths as the description writes them, with their methods.
pub(super) fn table() -> Vec<(&'static str, Vec<(Method, Route)>)> {
    vec![
        ("/api/me", vec![(Method::GET, get().to(me::show))]),
        (
            "/api/me/tokens",
            vec![
                (Method::GET, get().to(me::tokens::list)),
                (Method::POST, post().to(me::tokens::create)),
                (Method::DELETE, delete().to(me::tokens::revoke_all)),
            ],
        ),
        (
            "/api/me/tokens/{id}",
            vec![
                (Method::GET, get().to(me::tokens::show)),
                (Method::PATCH, patch().to(me::tokens::edit)),
                (Method::DELETE, delete().to(me::tokens::revoke)),
            ],
        ),
        (
            "/api/me/tokens/{id}/rotate",
            vec![(Method::POST, post().to(me::tokens::rotate))],
        ),
        (
            "/api/users/{sub}/tokens",
            vec![
                (Method::GET, get().to(users::tokens::list)),
                (Method::POST, post().to(users::tokens::create)),
                (Method::DELETE, delete().to(users::tokens::revoke_all)),
            ],
        ),
        (
            "/api/users/{sub}/tokens/{id}",
            vec![
                (Method::GET, get().to(users::tokens::show)),
                (Method::PATCH, patch().to(users::tokens::edit)),
                (Method::DELETE, delete().to(users::tokens::revoke)),
            ],
        ),
        (
            "/api/users/{sub}/tokens/{id}/rotate",
            vec![(Method::POST, post().to(users::tokens::rotate))],
        ),
        (
            "/api/openapi.json",
            vec![(Method::GET, get().to(openapi::show))],
        ),
        (
            "/frontend/config",
            vec![(Method::GET, get().to(frontend_config::show))],
        ),
        ("/health/live", vec![(Method::GET, get().to(health::live))]),
        (
            "/health/ready",
            vec![(Method::GET, get().to(health::ready))],
        ),
    ]
}

/// A path as the router wants it. A subject may be empty in a path: then the
/// request is refused as such rather than taken for another path.
pub(super) fn pattern(path: &str) -> String {
    path.replace("{sub}", "{sub:[^/]*}")
}
