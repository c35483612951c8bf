//! Signing in: a stub provider that says what no honest one would, and each
//! time nobody is signed in.

mod exchange;
mod finishing;
mod house;
mod leaving;
mod staying;
