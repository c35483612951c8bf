//! Envoy's `ext_authz` filter with its gRPC service: one unary call, in whose
//! message stands all that Envoy knows of the request. The gate is named by the
//! route's `context_extensions`, which no client can write.
//!
//! A message that says nothing would be leave: every answer says its status.

mod answer;
pub mod protos;
mod question;
mod server;

use std::net::IpAddr;

use tonic::{Request, Response, Status, async_trait};

use self::protos::envoy::service::auth::v3::authorization_server::Authorization;
use self::protos::envoy::service::auth::v3::{CheckRequest, CheckResponse};
use self::question::Question;
use super::answer as http_answer;
use super::dialect::Dialect;
use super::facts::touches_identity;
use super::respond::{log_pass, log_refusal, refused};
use super::sign_in::Way;
use super::{DEFAULT_GATE, ProxyParts};
use crate::domain::decision::{Decision, Denial};
use crate::domain::reason::Reason;
use crate::gate::Checked;
use crate::http::{request_id, unwind};

pub use server::{Certificates, Health, serve, server};

/// The key of the gate's name in `context_extensions`.
pub const GATE_EXTENSION: &str = "gate";

/// A client hears what Envoy's HTTP service could tell it, 503 included.
const DIALECT: Dialect = Dialect::ExtAuthz {
    says_unavailable: true,
};

/// Answers what Envoy asks.
struct ExtAuthz {
    parts: ProxyParts,
}

#[async_trait]
impl Authorization for ExtAuthz {
    async fn check(
        &self,
        request: Request<CheckRequest>,
    ) -> Result<Response<CheckResponse>, Status> {
        let peer = request.remote_addr().map(|peer| peer.ip());
        let attributes = request.into_inner().attributes.unwrap_or_default();
        let question = Question::new(attributes, peer, &self.parts.trust);
        // A panic is an answer, too: that nothing could be decided.
        let decided = unwind::caught(self.decide(&question)).await;
        let checked = decided.unwrap_or_else(|_| refused(Reason::Fault));
        Ok(Response::new(self.answer(&question, &checked)))
    }
}

impl ExtAuthz {
    async fn decide(&self, question: &Question<'_>) -> Checked {
        if touches_identity(question.headers(), &self.parts.identity_headers) {
            return refused(Reason::AliasedHeader);
        }
        let gatekeeper = &self.parts.gatekeeper;
        gatekeeper.check(gate(question), question, question).await
    }

    fn answer(&self, question: &Question<'_>, checked: &Checked) -> CheckResponse {
        let gate = gate(question);
        let request_id = || {
            let given = question.one(request_id::HEADER);
            self.parts.request_ids.for_given(given)
        };
        let denial: Denial = match &checked.decision {
            Decision::Deny(denial) => denial.clone(),
            Decision::Allow(permit) => {
                let strip = checked.strip.as_deref().unwrap_or_default();
                match answer::allow(permit, &self.parts.identity_headers, strip, gate) {
                    Ok(answer) => {
                        if self.parts.log_allows {
                            log_pass(gate, permit, &request_id());
                        }
                        return answer;
                    }
                    Err(reason) => reason.into(),
                }
            }
        };
        let request_id = request_id();
        log_refusal(gate, &denial, &request_id);
        let plain = http_answer::refuse(&denial, checked.challenge).answer(Some(&request_id));
        let said = match self.way(question, &denial, checked) {
            Some(way) => way.answer(DIALECT, plain),
            None => plain,
        };
        answer::refuse(said, denial.reason, gate)
    }

    /// The way to the sign-in, for a browser that could pass.
    fn way(&self, question: &Question<'_>, denial: &Denial, checked: &Checked) -> Option<Way> {
        if !checked.takes_sessions {
            return None;
        }
        let sign_in = self.parts.sign_in.as_deref();
        Way::of(sign_in, denial.reason, &question.header_map(), question)
    }
}

fn gate<'q>(question: &'q Question<'_>) -> &'q str {
    question.extension(GATE_EXTENSION).unwrap_or(DEFAULT_GATE)
}

/// An address as rules see it: what stands for an IPv4 address is one.
fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}
