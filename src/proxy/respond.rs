//! From a proxy's question to its answer: the same steps in every dialect.

use actix_web::{HttpRequest, HttpResponse};

use super::dialect::Dialect;
use super::facts::touches_identity;
use super::sign_in::Way;
use super::{ProxyParts, answer};
use crate::domain::decision::{Decision, Denial, Permit};
use crate::domain::facts::FactSource;
use crate::domain::policy::Challenge;
use crate::domain::reason::{Outcome, Reason};
use crate::gate::Checked;
use crate::http::headers::RequestHeaders;
use crate::http::unwind;

/// One question: who asks, in which dialect, about which gate.
pub(super) struct Question<'r> {
    pub(super) request: &'r HttpRequest,
    pub(super) parts: &'r ProxyParts,
    pub(super) dialect: Dialect,
    pub(super) gate: &'r str,
}

impl Question<'_> {
    /// Decides and answers. A panic is an answer, too: the dialect's own for
    /// what cannot be decided.
    pub(super) async fn answer(&self, facts: &dyn FactSource) -> HttpResponse {
        let decided = unwind::caught(self.decide(facts)).await;
        let checked = decided.unwrap_or_else(|_| refused(Reason::Fault));
        let allowed = match &checked.decision {
            Decision::Allow(permit) => self.pass(permit, &checked),
            Decision::Deny(denial) => Err(denial.clone()),
        };
        allowed.unwrap_or_else(|denial| {
            let way = self.way(&denial, &checked, facts);
            let plain = self.refuse(&denial, checked.challenge);
            match way {
                Some(way) => way.answer(self.dialect, plain),
                None => plain,
            }
        })
    }

    async fn decide(&self, facts: &dyn FactSource) -> Checked {
        let headers = self.request.headers();
        let named = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()));
        if touches_identity(named, &self.parts.identity_headers) {
            return refused(Reason::AliasedHeader);
        }
        let headers = RequestHeaders(headers);
        self.parts
            .gatekeeper
            .check(self.gate, &headers, facts)
            .await
    }

    /// The way to the sign-in, for a browser that could pass.
    fn way(&self, denial: &Denial, checked: &Checked, facts: &dyn FactSource) -> Option<Way> {
        if !checked.takes_sessions {
            return None;
        }
        let sign_in = self.parts.sign_in.as_deref();
        Way::of(sign_in, denial.reason, self.request.headers(), facts)
    }

    fn pass(&self, permit: &Permit, checked: &Checked) -> Result<HttpResponse, Denial> {
        let strip = checked.strip.as_deref().unwrap_or_default();
        let answer = answer::allow(permit, self.parts, self.dialect, strip)?;
        if self.parts.log_allows {
            log_pass(self.gate, permit, &self.parts.request_ids.of(self.request));
        }
        Ok(answer)
    }

    fn refuse(&self, denial: &Denial, challenge: Challenge) -> HttpResponse {
        let request_id = self.parts.request_ids.of(self.request);
        log_refusal(self.gate, denial, &request_id);
        let problem = answer::refuse(denial, challenge);
        self.dialect.of_refusal(problem.answer(Some(&request_id)))
    }
}

/// The line for a request that passes.
pub(super) fn log_pass(gate: &str, permit: &Permit, request_id: &str) {
    let identity = permit.identity();
    tracing::info!(
        gate,
        subject = identity.map(|identity| tracing::field::display(&identity.owner)),
        key.id = identity
            .and_then(|identity| identity.key_id)
            .map(tracing::field::display),
        request.id = request_id,
        "allowed"
    );
}

/// The line for one that does not.
pub(super) fn log_refusal(gate: &str, denial: &Denial, request_id: &str) {
    let reason = denial.reason.as_str();
    let key = denial.key_id.map(tracing::field::display);
    if denial.reason.outcome() == Outcome::Unavailable {
        tracing::warn!(
            gate,
            decision.reason = reason,
            key.id = key,
            request.id = request_id,
            "could not decide"
        );
    } else {
        tracing::info!(
            gate,
            decision.reason = reason,
            key.id = key,
            request.id = request_id,
            "refused"
        );
    }
}

/// What was not even asked.
pub(super) fn refused(reason: Reason) -> Checked {
    Checked {
        decision: reason.into(),
        challenge: Challenge::default(),
        strip: None,
        takes_sessions: false,
    }
}
