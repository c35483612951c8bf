//! Envoy's gRPC, spoken by a client that sends what no Envoy would, too.

use std::collections::HashMap;
use std::time::Duration;

use gatelodge::proxy::ext_authz_grpc::protos::envoy::service::auth::v3 as auth;
use tonic::Code;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_prost::ProstCodec;

use auth::attribute_context::{HttpRequest, Request};
use auth::check_response::HttpResponse;
use auth::{AttributeContext, CheckRequest, CheckResponse};

use super::support::lodge::{Deployment, Lodge};
use super::support::process::wait_until;

const LISTENS: (&str, &str) = ("GATELODGE_EXT_AUTHZ__GRPC_ADDRESS", "127.0.0.1:0");
const SOON: Duration = Duration::from_secs(20);

const OK: i32 = Code::Ok as i32;
const MALFORMED: i32 = Code::InvalidArgument as i32;
const FORBIDDEN: i32 = Code::PermissionDenied as i32;
const UNAVAILABLE: i32 = Code::Unavailable as i32;
const CHALLENGED: i32 = Code::Unauthenticated as i32;

async fn channel(lodge: &Lodge) -> Channel {
    let address = format!("http://{}", lodge.grpc_address());
    Endpoint::from_shared(address)
        .unwrap()
        .connect()
        .await
        .unwrap()
}

async fn call<Q, A>(channel: &Channel, path: &'static str, question: Q) -> Result<A, tonic::Status>
where
    Q: prost::Message + Send + Sync + 'static,
    A: prost::Message + Default + Send + Sync + 'static,
{
    let mut client = Grpc::new(channel.clone());
    client
        .ready()
        .await
        .map_err(|error| tonic::Status::unknown(error.to_string()))?;
    let path = PathAndQuery::from_static(path);
    let answer = client
        .unary(
            tonic::Request::new(question),
            path,
            ProstCodec::<Q, A>::default(),
        )
        .await?;
    Ok(answer.into_inner())
}

async fn check(channel: &Channel, question: CheckRequest) -> CheckResponse {
    let path = "/envoy.service.auth.v3.Authorization/Check";
    call(channel, path, question).await.unwrap()
}

fn asked(headers: &[(&str, &str)]) -> CheckRequest {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    CheckRequest {
        attributes: Some(AttributeContext {
            request: Some(Request {
                http: Some(HttpRequest {
                    method: "GET".to_owned(),
                    scheme: "https".to_owned(),
                    host: "app.test".to_owned(),
                    path: "/v1/x?y=1".to_owned(),
                    headers: headers.collect::<HashMap<_, _>>(),
                    ..HttpRequest::default()
                }),
                ..Request::default()
            }),
            ..AttributeContext::default()
        }),
    }
}

/// The code, and the status for the client where it is refused.
fn outcome(answer: &CheckResponse) -> (i32, i32) {
    let code = answer.status.as_ref().map_or(-1, |status| status.code);
    let status = match &answer.http_response {
        Some(HttpResponse::DeniedResponse(denied)) => {
            denied.status.as_ref().map_or(-1, |status| status.code)
        }
        _ => 0,
    };
    (code, status)
}

#[tokio::test]
async fn a_key_passes_and_the_answer_names_every_identity_header() {
    let deployment = Deployment::embedded().with(LISTENS.0, LISTENS.1);
    let lodge = deployment.start().await;
    let key = deployment.mint("alice", &["--scope", "app:read"]);
    let channel = channel(&lodge).await;
    let bearer = format!("Bearer {key}");
    let answer = check(&channel, asked(&[("authorization", &bearer)])).await;
    assert_eq!(outcome(&answer), (OK, 0));
    let Some(HttpResponse::OkResponse(ok)) = answer.http_response else {
        panic!("no answer for an allow")
    };
    let mut named: Vec<String> = ok.headers_to_remove;
    for option in &ok.headers {
        #[expect(deprecated, reason = "older versions of Envoy read nothing else")]
        let append = option.append;
        assert_eq!((append, option.append_action), (Some(false), 2), "in place");
        named.push(option.header.as_ref().unwrap().key.clone());
    }
    named.sort();
    let all = [
        "email", "groups", "method", "name", "scopes", "tenant", "token-id", "user",
    ];
    assert_eq!(named, all.map(|name| format!("x-authenticated-{name}")));
    let metadata = answer.dynamic_metadata.unwrap().fields;
    let said = |name: &str| format!("{:?}", metadata[name].kind);
    assert!(said("subject").contains("alice") && said("gate").contains("default"));
    assert!(said("scopes").contains("app:read") && said("method").contains("api_key"));
    assert!(key.contains(said("key_id").split('"').nth(1).unwrap()));
}

#[tokio::test]
async fn whatever_else_is_asked_is_no_yes() {
    let deployment = Deployment::embedded().with(LISTENS.0, LISTENS.1);
    let lodge = deployment.start().await;
    let (key, other) = (deployment.mint("alice", &[]), deployment.mint("bob", &[]));
    let channel = channel(&lodge).await;
    let bearer = format!("Bearer {key}");
    let twice = format!("{bearer},Bearer {other}");
    let folded = format!("{key},{other}");
    let cut = &bearer[..bearer.len() - 1];
    for (headers, expected) in [
        (&[] as &[(&str, &str)], (CHALLENGED, 401)),
        (&[("authorization", cut)], (CHALLENGED, 401)),
        (&[("authorization", &twice)], (MALFORMED, 400)),
        (&[("x-api-key", &folded)], (MALFORMED, 400)),
        (
            &[("authorization", &bearer), ("x-api-key", &other)],
            (MALFORMED, 400),
        ),
        (
            &[("authorization", &bearer), ("x_authenticated_user", "root")],
            (MALFORMED, 400),
        ),
    ] {
        let answer = check(&channel, asked(headers)).await;
        assert_eq!(outcome(&answer), expected, "{headers:?}");
    }
    let nothing = check(&channel, CheckRequest::default()).await;
    assert_eq!(outcome(&nothing), (CHALLENGED, 401));
    let mut elsewhere = asked(&[("authorization", &bearer)]);
    let extensions = &mut elsewhere.attributes.as_mut().unwrap().context_extensions;
    extensions.insert("gate".to_owned(), "no-such-gate".to_owned());
    assert_eq!(outcome(&check(&channel, elsewhere).await), (FORBIDDEN, 403));
}

#[tokio::test]
async fn without_a_store_the_answer_is_no_and_health_says_so() {
    let mut deployment = Deployment::valkey().await.with(LISTENS.0, LISTENS.1);
    let lodge = deployment.start().await;
    let key = deployment.mint("alice", &[]);
    let channel = channel(&lodge).await;
    let healthy = async || {
        let question = HealthCheckRequest {
            service: "envoy.service.auth.v3.Authorization".to_owned(),
        };
        let answer: HealthCheckResponse = call(&channel, "/grpc.health.v1.Health/Check", question)
            .await
            .unwrap_or_default();
        answer.status
    };
    wait_until("it serves", SOON, async || healthy().await == 1).await;
    deployment.store().kill9();
    let bearer = format!("Bearer {key}");
    let answer = check(&channel, asked(&[("authorization", &bearer)])).await;
    assert_eq!(outcome(&answer), (UNAVAILABLE, 503));
    wait_until("it does not serve", SOON, async || healthy().await == 2).await;
}

#[tokio::test]
async fn a_page_is_led_to_the_sign_in_where_the_gate_takes_sessions() {
    let deployment = Deployment::embedded()
        .with(LISTENS.0, LISTENS.1)
        .with("GATELODGE_PUBLIC_URL", "https://lodge.app.test")
        .with("GATELODGE_SESSIONS__COOKIE_DOMAIN", "app.test");
    deployment.write_settings(
        "[[gates]]\nname = \"default\"\n[[gates.rules]]\nhosts = [\"docs.app.test\"]\n\
         credentials = [\"session\", \"api_key\"]\n",
    );
    let lodge = deployment.start().await;
    let channel = channel(&lodge).await;
    let page = |headers: &[(&str, &str)]| {
        let mut question = asked(headers);
        let attributes = question.attributes.as_mut().unwrap();
        attributes
            .request
            .as_mut()
            .unwrap()
            .http
            .as_mut()
            .unwrap()
            .host = "docs.app.test".into();
        question
    };
    let answer = check(&channel, page(&[("accept", "text/html")])).await;
    assert_eq!(outcome(&answer), (CHALLENGED, 302));
    let Some(HttpResponse::DeniedResponse(denied)) = answer.http_response else {
        panic!("no refusal")
    };
    let location = denied.headers.iter().find_map(|option| {
        let header = option.header.as_ref()?;
        (header.key == "location").then_some(&header.value)
    });
    let location = location.expect("no way to the sign-in");
    assert!(
        location.starts_with("https://lodge.app.test/"),
        "{location}"
    );
    let answer = check(&channel, page(&[("accept", "application/json")])).await;
    assert_eq!(outcome(&answer), (CHALLENGED, 401));
}

/// The open connection of a proxy does not hold up a stop.
#[tokio::test]
async fn a_stop_ends_open_connections() {
    let deployment = Deployment::embedded().with(LISTENS.0, LISTENS.1);
    let mut lodge = deployment.start().await;
    let channel = channel(&lodge).await;
    assert_eq!(
        outcome(&check(&channel, asked(&[])).await),
        (CHALLENGED, 401)
    );
    lodge.terminate();
    assert_eq!(lodge.exit_code().await, Some(0));
}

#[tokio::test]
async fn with_certificates_only_an_envoy_that_is_known_is_answered() {
    let authority = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = params.self_signed(&authority).unwrap();
    let issuer = rcgen::Issuer::new(params, authority);
    let leaf = |name: &str| {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    };
    let (own, own_key) = leaf("localhost");
    let (envoy, envoy_key) = leaf("envoy");
    let deployment = Deployment::embedded()
        .with(LISTENS.0, LISTENS.1)
        .with("GATELODGE_EXT_AUTHZ__GRPC_CERTIFICATE_FILE", "own.pem")
        .with("GATELODGE_EXT_AUTHZ__GRPC_KEY_FILE", "own-key.pem")
        .with("GATELODGE_EXT_AUTHZ__GRPC_CLIENT_CA_FILE", "root.pem");
    for (name, text) in [
        ("own.pem", own),
        ("own-key.pem", own_key),
        ("root.pem", root.pem()),
    ] {
        deployment.write(name, &text);
    }
    let lodge = deployment.start().await;
    let port = lodge.grpc_address().rsplit(':').next().unwrap().to_owned();
    let connect = async |tls: ClientTlsConfig| {
        let endpoint = Endpoint::from_shared(format!("https://localhost:{port}")).unwrap();
        let channel = endpoint.tls_config(tls).unwrap().connect().await.ok()?;
        let path = "/envoy.service.auth.v3.Authorization/Check";
        call::<_, CheckResponse>(&channel, path, asked(&[]))
            .await
            .ok()
    };
    let trusting = || ClientTlsConfig::new().ca_certificate(Certificate::from_pem(root.pem()));
    let known = trusting().identity(Identity::from_pem(envoy, envoy_key));
    let answer = connect(known).await.unwrap();
    assert_eq!(outcome(&answer), (CHALLENGED, 401));
    assert!(
        connect(trusting()).await.is_none(),
        "a stranger was answered"
    );
}
