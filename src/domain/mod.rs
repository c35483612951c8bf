//! What things are and what may pass: pure, without I/O, async, framework or clock.
//!
//! Read it in the order of a request: [`request`], [`facts`], [`credential`],
//! [`evidence`], [`policy`], [`decision`], [`identity_headers`].

pub mod account;
pub mod api_key;
pub mod audit;
pub mod browser;
pub mod credential;
pub mod decision;
pub mod device;
pub mod disabled;
pub mod entropy;
pub mod envelope;
pub mod event_id;
pub mod evidence;
pub mod explanation;
pub mod facts;
pub mod hex;
pub mod identity;
pub mod identity_headers;
pub mod matching;
pub mod network;
pub mod picture;
pub mod policy;
pub mod principal;
pub mod reason;
pub mod record_name;
pub mod request;
pub mod salt;
pub mod scope_catalogue;
pub mod secret;
pub mod session;
pub mod subject;
pub mod time;
pub mod usage;
pub mod vault;
