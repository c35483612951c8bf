//! Who somebody is: JWTs of configured issuers, verified by the letter of
//! RFC 8725, and the issuers' keys, fetched, kept and shared; browsers that
//! people signed in with (`sessions`), and what is known of people (`owners`).
//!
//! Read it in the order of a token: [`issuer`] says whom we trust and how far,
//! [`verifier`] turns a text into a proof, [`claims`] reads who it is. Beneath
//! lie the keys: `discovery` fetches them by way of [`outbound`], `jwks` picks
//! those that may be used, `key_source` keeps them fresh and bridges outages,
//! `key_record` shares them through the store.

mod absent_keys;
pub mod accounts;
pub mod algorithm;
mod attempts;
pub mod claims;
mod discovery;
pub mod issuer;
mod jwk;
mod jwks;
mod key_record;
mod key_source;
mod key_status;
pub mod outbound;
mod owners;
mod sessions;
pub mod sign_in;
mod strict_json;
mod times;
mod token;
pub mod verifier;

pub use algorithm::Algorithm;
pub use attempts::UNKNOWN_KEY_INTERVAL;
pub use claims::{ClaimRules, GroupsSplit};
pub use issuer::{BadIssuer, IssuerOptions, Purpose};
pub use key_status::{IssuerState, IssuerStatus};
pub use outbound::{BadOutbound, FetchError, Outbound, OutboundOptions};
pub use owners::{OwnerError, Owners, Profile};
pub use sessions::{
    AtProvider, AtProviderWhich, Browser, HeldSession, Lifetimes, SessionError, Sessions, SignedIn,
};
pub use times::LEEWAY;
pub use token::{HEADER_BYTES_MAX, TOKEN_BYTES_MAX};
pub use verifier::TokenVerifier;

#[cfg(test)]
mod tests;
