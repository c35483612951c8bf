//! The composition root: the only place that builds things.
//!
//! [`Workbench`] is what the command line needs: the store and the keys.
//! [`Lodge`] is the whole service around it.

mod adapters;
mod examination;
mod ext_authz_grpc;
mod first_account;
mod first_keys;
mod issuers;
mod lodge;
mod options;
mod parts;
mod private_file;
mod readiness;
mod reload;
mod salt_file;
mod settling;
mod workbench;

pub use first_account::FirstAccount;
pub use first_keys::FirstKeys;
pub use issuers::token_verifier;
pub use lodge::{Lodge, Running, Stopper};
pub use options::policy;
pub use parts::{OsEntropy, SystemClock};
pub use readiness::Draining;
pub use reload::GateReloader;
pub use workbench::{Parts, Workbench};
