//! The gate, as proxies ask it.

mod api_key;
mod cache;
mod credentials;
mod dialects;
mod facts;
mod fail_closed;
mod policy;
mod salts;
mod sessions;
