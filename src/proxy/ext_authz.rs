//! Envoy's `ext_authz` filter with its HTTP service, and what is built on it
//! (Istio, Gateway API): the client's own method and path, behind our prefix and
//! the name of the gate, with the client's own `Host`. 200 alone means yes.
//!
//! The gate always stands in the path; were it optional, the client's path
//! could name it.

use std::net::IpAddr;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::ProxyParts;
use super::dialect::Dialect;
use super::facts::{Asker, FORWARDED_PROTO};
use super::respond::Question;
use crate::domain::facts::{FactSource, Given};

/// Where the dialect begins.
pub(super) const PREFIX: &str = "/ext-authz";

/// `/ext-authz/{gate}/…`.
pub(super) async fn handle(request: HttpRequest, parts: web::Data<ProxyParts>) -> HttpResponse {
    // The raw target: what the router decoded is no longer what was asked.
    let raw = request.uri().path_and_query();
    let (gate, target) = cut(raw.map_or("", |raw| raw.as_str()));
    let question = Question {
        request: &request,
        parts: &parts,
        dialect: Dialect::ExtAuthz {
            says_unavailable: parts.ext_authz_says_unavailable,
        },
        gate,
    };
    let facts = Own {
        asker: Asker::of(&request, &parts.trust),
        method: request.method().as_str(),
        target,
        names_authority: request.uri().authority().is_some(),
    };
    question.answer(&facts).await
}

/// The name of the gate, and the client's own target.
fn cut(raw: &str) -> (&str, &str) {
    let rest = raw
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    rest.split_at(end)
}

/// The request itself.
struct Own<'r> {
    asker: Asker<'r>,
    method: &'r str,
    target: &'r str,
    names_authority: bool,
}

impl Own<'_> {
    fn own<'g>(&self, given: Given<'g>) -> Given<'g> {
        if self.asker.is_trusted() {
            given
        } else {
            Given::Untrusted
        }
    }
}

impl FactSource for Own<'_> {
    fn method(&self) -> Given<'_> {
        self.own(Given::One(self.method.as_bytes()))
    }

    fn scheme(&self) -> Given<'_> {
        self.asker.stated(FORWARDED_PROTO)
    }

    fn host(&self) -> Given<'_> {
        if self.names_authority {
            // Envoy names the host in one place only.
            return self.own(Given::Conflict);
        }
        self.asker.stated(header::HOST.as_str())
    }

    fn target(&self) -> Given<'_> {
        self.own(if self.target.is_empty() {
            Given::Absent
        } else {
            Given::One(self.target.as_bytes())
        })
    }

    /// Envoy hands on the list as it has it. Before 1.28 it added an address of
    /// its own, which is one hop more.
    fn client(&self) -> Option<IpAddr> {
        self.asker.client()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_the_first_part_and_the_rest_is_the_clients() {
        for (raw, gate, target) in [
            ("/ext-authz/models/v1/x?y=/z", "models", "/v1/x?y=/z"),
            ("/ext-authz/models/", "models", "/"),
            ("/ext-authz/models//a%2f..", "models", "//a%2f.."),
            ("/ext-authz/models", "models", ""),
            ("/ext-authz/models?x", "models", "?x"),
            ("/ext-authz/models*", "models*", ""),
            ("/ext-authz//models/x", "", "/models/x"),
            ("/ext-authz/%6dodels/x", "%6dodels", "/x"),
            ("/ext-authz", "", ""),
            ("/ext-authzmodels/x", "", ""),
            ("/other", "", ""),
        ] {
            assert_eq!(cut(raw), (gate, target), "{raw}");
        }
    }
}
