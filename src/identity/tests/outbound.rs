//! The way outside, against servers that mean no good.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use url::Url;

use super::stub::{Answer, Stub, response};
use crate::domain::secret::Secret;
use crate::identity::outbound::{Bypass, FetchFault, ProxyCredentials, ProxyOptions};
use crate::identity::{BadOutbound, FetchError, Outbound, OutboundOptions};

/// The deadline where the test waits for it to pass.
const IMPATIENT: Duration = Duration::from_millis(300);

fn outbound(change: impl FnOnce(&mut OutboundOptions)) -> Outbound {
    let mut options = OutboundOptions::default();
    change(&mut options);
    Outbound::new(options).unwrap()
}

async fn fetch(stub: &Stub, answer: Answer) -> Result<serde_json::Value, FetchFault> {
    let url = Url::parse(&format!("{}/a", stub.url)).unwrap();
    let is_slow = matches!(answer, Answer::Trickle | Answer::Silence);
    stub.answers("/a", answer);
    let outbound = outbound(|options| {
        if is_slow {
            options.timeout = IMPATIENT;
        }
    });
    let fetched = outbound.fetch_json(&url).await;
    fetched.map_err(|error| error.fault)
}

#[tokio::test]
async fn a_document_is_fetched_without_revealing_more_than_must_be() {
    let stub = Stub::start().await;
    assert_eq!(
        fetch(&stub, Answer::Json(json!({"a": 1}))).await,
        Ok(json!({"a": 1}))
    );
    let head = stub.requests()[0].to_ascii_lowercase();
    assert!(head.contains("accept: application/json\r\n"), "{head}");
    assert!(head.contains("user-agent: gatelodge/"), "{head}");
    for unwanted in ["cookie", "authorization", "accept-encoding", "referer"] {
        assert!(!head.contains(unwanted), "{head}");
    }
}

#[tokio::test]
async fn hostile_answers_are_refused_within_bounds() {
    let stub = Stub::start().await;
    let limit = 1024 * 1024;
    let redirect = format!("302 Found\r\nLocation: {}/secret", stub.url);
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n".to_vec();
    let cut_off = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}".to_vec();
    let headers = format!("200 OK\r\n{}", "X-A: b\r\n".repeat(100));
    let cookie = b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=b\r\n\r\n".to_vec();
    for (name, answer, expected) in [
        (
            "redirect",
            Answer::Bytes(response(&redirect, b"")),
            FetchFault::Status(302),
        ),
        (
            "10 MB announced",
            Answer::Bytes(announced),
            FetchFault::TooLarge(limit),
        ),
        (
            "10 MB sent",
            Answer::Bytes(response("200 OK", &vec![b' '; 10 << 20])),
            FetchFault::TooLarge(limit),
        ),
        ("no end", Answer::Flood, FetchFault::TooLarge(limit)),
        ("slow body", Answer::Trickle, FetchFault::Timeout(IMPATIENT)),
        ("no answer", Answer::Silence, FetchFault::Timeout(IMPATIENT)),
        ("no content", Answer::Bytes(cookie), FetchFault::Status(204)),
        (
            "server error",
            Answer::Bytes(response("503 Busy", b"{}")),
            FetchFault::Status(503),
        ),
    ] {
        assert_eq!(fetch(&stub, answer).await, Err(expected), "{name}");
    }
    for (name, answer) in [
        ("cut off", Answer::Bytes(cut_off)),
        ("no HTTP", Answer::Bytes(b"SSH-2.0-OpenSSH\r\n".to_vec())),
        ("closed at once", Answer::Bytes(Vec::new())),
        (
            "many headers",
            Answer::Bytes(response(headers.trim_end(), b"{}")),
        ),
    ] {
        let fault = fetch(&stub, answer).await.unwrap_err();
        assert!(
            matches!(fault, FetchFault::Connection(_)),
            "{name}: {fault:?}"
        );
    }
    let gzip =
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b".to_vec();
    for (name, answer) in [
        ("empty", Answer::Bytes(response("200 OK", b""))),
        (
            "HTML",
            Answer::Bytes(response("200 OK", b"<!doctype html>")),
        ),
        ("compressed", Answer::Bytes(gzip)),
        (
            "member twice",
            Answer::Bytes(response("200 OK", b"{\"a\":1,\"a\":2}")),
        ),
    ] {
        let fault = fetch(&stub, answer).await.unwrap_err();
        assert!(matches!(fault, FetchFault::NotJson(_)), "{name}: {fault:?}");
    }
    assert_eq!(stub.count("/secret"), 0);
}

#[tokio::test]
async fn an_error_says_where_without_saying_what_is_secret() {
    let url = Url::parse("http://127.0.0.1:1/keys?token=hunter2#hunter2").unwrap();
    let error = outbound(|_| {}).fetch_json(&url).await.unwrap_err();
    assert_eq!(error.place, "http://127.0.0.1:1/keys");
    assert!(!error.to_string().contains("hunter2"), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
    let with_password = Url::parse("https://me:hunter2@issuer.test/keys").unwrap();
    let error = outbound(|_| {})
        .fetch_json(&with_password)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "https://issuer.test/keys: the address holds a user or a password, which would end up in logs"
    );
}

fn through(stub: &Stub, credentials: ProxyCredentials) -> Outbound {
    outbound(|options| {
        options.allow_plain_http = true;
        options.proxy = Some(ProxyOptions {
            url: Url::parse(&stub.url).unwrap(),
            credentials: Some(credentials),
            bypass: vec![Bypass::parse(".direct.test").unwrap()],
        });
    })
}

#[tokio::test]
async fn calls_go_through_the_proxy_with_our_credentials_and_never_tell_them() {
    let proxy = Stub::start().await;
    proxy.answers("http://issuer.test/a", Answer::Json(json!({"by": "proxy"})));
    let basic = ProxyCredentials::Basic {
        user: "me".to_owned(),
        password: Secret::new("p%40ss: wörd".to_owned()),
    };
    let outside = through(&proxy, basic);
    let fetch =
        async |outside: &Outbound, text: &str| outside.fetch_json(&Url::parse(text).unwrap()).await;
    assert_eq!(
        fetch(&outside, "http://issuer.test/a").await,
        Ok(json!({"by": "proxy"}))
    );
    let expected = "proxy-authorization: basic bWU6cCU0MHNzOiB3w7ZyZA==\r\n";
    assert!(
        has_line(&proxy.requests()[0], expected),
        "{}",
        proxy.requests()[0]
    );

    let whole = ProxyCredentials::Header(Secret::new("Custom hunter2".to_owned()));
    let outside = through(&proxy, whole);
    // A tunnel for https. The stub knows no such method, so it fails, and the
    // error must not tell what was sent.
    let error: FetchError = fetch(&outside, "https://issuer.test/a").await.unwrap_err();
    let heads = proxy.requests();
    let tunnel = heads.last().unwrap();
    assert!(tunnel.starts_with("CONNECT issuer.test:443 "), "{tunnel}");
    assert!(
        has_line(tunnel, "proxy-authorization: Custom hunter2\r\n"),
        "{tunnel}"
    );
    assert!(
        !format!("{error} {error:?}").contains("hunter2"),
        "{error:?}"
    );

    // This machine and what is excluded are reached directly.
    let before = proxy.requests().len();
    let direct = Stub::start().await;
    direct.answers("/a", Answer::Json(json!({"by": "nobody"})));
    let url = format!("{}/a", direct.url);
    assert_eq!(fetch(&outside, &url).await, Ok(json!({"by": "nobody"})));
    assert!(fetch(&outside, "http://idp.direct.test/a").await.is_err());
    assert_eq!(proxy.requests().len(), before);
}

fn has_line(head: &str, line: &str) -> bool {
    head.to_ascii_lowercase()
        .contains(&line.to_ascii_lowercase())
}

/// A TLS server for `localhost` that answers one connection, and its root.
fn tls_server() -> (String, String) {
    let root_key = KeyPair::generate().unwrap();
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_pem = root.self_signed(&root_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(root, root_key)).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut session = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::Stream::new(&mut session, &mut socket);
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&response("200 OK", b"{\"tls\":true}"));
            let _ = stream.flush();
        }
    });
    (format!("https://localhost:{port}/a"), root_pem)
}

#[tokio::test]
async fn an_extra_root_is_trusted_and_a_strangers_is_not() {
    let (url, root_pem) = tls_server();
    let url = Url::parse(&url).unwrap();
    let with_root = outbound(|options| {
        options.extra_roots_pem = Some(root_pem.into_bytes());
    });
    assert_eq!(with_root.fetch_json(&url).await, Ok(json!({"tls": true})));
    let error = outbound(|_| {}).fetch_json(&url).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn extra_roots_that_are_none_stop_the_start() {
    let build = |pem: &[u8]| {
        let options = OutboundOptions {
            extra_roots_pem: Some(pem.to_vec()),
            ..OutboundOptions::default()
        };
        Outbound::new(options).err()
    };
    assert!(matches!(build(b""), Some(BadOutbound::NoRoots)));
    assert!(matches!(build(b"no PEM"), Some(BadOutbound::NoRoots)));
    let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(matches!(build(broken), Some(BadOutbound::Roots(_))));
}
