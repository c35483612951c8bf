//! What proxies' answers and people's API share over HTTP.

pub mod challenge;
pub mod cookies;
pub mod cors;
pub mod gate_sign_in;
pub mod headers;
pub mod health;
pub mod host;
pub mod json;
pub mod methods;
pub mod pagination;
pub mod problem;
pub mod problem_type;
pub mod request_id;
pub mod return_address;
pub mod same_origin;
pub mod security_headers;
pub mod unwind;
