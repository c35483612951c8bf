//! REST for people, as clients see it; folders follow the URL.

mod alone;
mod api;
mod documentation;
mod me;
mod pages;
mod permission_matrix;
mod users;
