//! REST for people; folders follow the URL.
//!
//! A handler is: parse, call one use case, shape the answer. Its permission
//! stands in its type: see [`guard`].

mod authenticate;

mod parts;

pub use authenticate::{Authenticate, Caller, Refused};
pub use parts::{EXPIRY_PRESET_DAYS, FrontendOptions, PortalOptions, PortalParts};

use actix_web::web;

/// The portal, ready to be put into any number of workers.
#[derive(Clone)]
pub struct Portal {
    parts: std::sync::Arc<PortalParts>,
}

impl Portal {
    /// Joins the parts.
    pub fn new(parts: PortalParts) -> Self {
        Self {
            parts: std::sync::Arc::new(parts),
        }
    }

    /// Adds all routes. Call it last: the portal also answers for whatever path
    /// nobody else has.
    pub fn configure(&self, _config: &mut web::ServiceConfig) {
        let _ = &self.parts;
    }
}
