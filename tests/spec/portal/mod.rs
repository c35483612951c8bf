//! REST for people, as clients see it; folders follow the URL.
//!
//! Of a lodge these tests know where it is (`url`), a client that follows no
//! redirects (`client`), how the command line would mint a key (`mint`), and
//! the key of an administrator (`admin_key`), which manages their own keys too.
//! It knows the realm `corp` and lets each owner have fifty keys without end.

mod accounts;
mod alone;
mod api;
mod audit;
mod audit_matrix;
mod browser;
mod bulk;
mod documentation;
mod explain;
mod me;
mod pages;
mod permission_matrix;
mod session;
mod users;
