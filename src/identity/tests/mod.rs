//! The room as a whole: real signatures, a stub provider that answers as badly
//! as it is told to, a clock that stands still.

mod accepted;
mod attacks;
mod attacks_claims;
mod attacks_signature;
mod key_sets;
mod outages;
mod outbound;
mod publications;
mod sign_in;
mod signers;
mod stub;
mod table;
mod world;
