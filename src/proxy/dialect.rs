//! What each kind of proxy takes for a yes, and what it makes of a no.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};

/// The status that was meant, where the dialect cannot say it.
const MEANT_STATUS: HeaderName = HeaderName::from_static("x-auth-status");

/// How a proxy asks and understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Any 2xx is a yes; everything else goes to the client as it is.
    ForwardAuth,
    /// Any 2xx is a yes, 401 and 403 a no; everything else becomes a 500.
    Nginx,
    /// 200 is a yes; everything below 500 goes to the client. A 5xx counts as
    /// an outage, which an operator may have told Envoy to let pass: then only
    /// another status keeps the gate shut.
    ExtAuthz {
        /// Whether what cannot be decided is answered 503 all the same.
        says_unavailable: bool,
    },
}

impl Dialect {
    /// The status of a yes.
    pub(super) fn allowed(self) -> StatusCode {
        match self {
            Self::ForwardAuth | Self::Nginx => StatusCode::NO_CONTENT,
            Self::ExtAuthz { .. } => StatusCode::OK,
        }
    }

    /// A refusal as this kind of proxy passes it on.
    pub(super) fn of_refusal(self, mut answer: HttpResponse) -> HttpResponse {
        let meant = answer.status();
        if self.can_say(meant) {
            return answer;
        }
        *answer.status_mut() = StatusCode::FORBIDDEN;
        let headers = answer.headers_mut();
        headers.insert(MEANT_STATUS, HeaderValue::from(meant.as_u16()));
        answer
    }

    fn can_say(self, status: StatusCode) -> bool {
        match self {
            Self::ForwardAuth => true,
            Self::Nginx => matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN),
            Self::ExtAuthz { says_unavailable } => !status.is_server_error() || says_unavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(dialect: Dialect, status: u16) -> (u16, Option<String>) {
        let answer = HttpResponse::new(StatusCode::from_u16(status).unwrap());
        let answer = dialect.of_refusal(answer);
        let meant = answer.headers().get(&MEANT_STATUS);
        let meant = meant.map(|value| value.to_str().unwrap().to_owned());
        (answer.status().as_u16(), meant)
    }

    #[test]
    fn each_dialect_says_no_in_words_that_its_proxy_knows() {
        let closed = Dialect::ExtAuthz {
            says_unavailable: false,
        };
        let open = Dialect::ExtAuthz {
            says_unavailable: true,
        };
        for status in [400, 401, 403, 429, 503] {
            let plain = (status, None);
            let meant = (403, Some(status.to_string()));
            assert_eq!(said(Dialect::ForwardAuth, status), plain);
            let nginx = if matches!(status, 401 | 403) {
                &plain
            } else {
                &meant
            };
            assert_eq!(said(Dialect::Nginx, status), *nginx);
            let envoy = if status == 503 { &meant } else { &plain };
            assert_eq!(said(closed, status), *envoy);
            assert_eq!(said(open, status), plain);
        }
        assert_eq!(said(closed, 500), (403, Some("500".to_owned())));
    }
}
