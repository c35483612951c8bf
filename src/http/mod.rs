//! What proxies' answers and people's API share over HTTP.

pub mod headers;
pub mod problem;
pub mod problem_type;
pub mod request_id;
pub mod unwind;
