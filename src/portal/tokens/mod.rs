//! What one's own keys and somebody else's have in common. The paths say
//! `tokens`, as those of the former service do.

mod bulk;
mod change;
mod operations;
mod request;
mod usage;
mod view;

pub(super) use bulk::{BulkRevocation, BulkRevoked, ids as bulk_ids};
pub(super) use operations::{IdInPath, Tokens, idempotency_key, problem as key_problem, viewpoint};
pub(super) use request::{TokenDraft, TokenEdit, TokenRotation};
pub(super) use usage::{Usage, UsageOfAll};
pub(super) use view::{AllRevoked, MintedToken, Token};

use operations::problem;
