//! The listener for Envoy's gRPC: the service itself, its health, and the
//! description of its messages for clients that ask for it.

use std::net::TcpListener;
use std::time::Duration;

use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::ExtAuthz;
use super::protos::DESCRIPTIONS;
use super::protos::envoy::service::auth::v3::authorization_server::AuthorizationServer;
use crate::domain::secret::Secret;
use crate::proxy::ProxyParts;

/// What health checks call the service.
const NAME: &str = "envoy.service.auth.v3.Authorization";
/// Longest question, in bytes: all headers that Envoy lets through, and the
/// client's certificates.
const QUESTION_BYTES_MAX: usize = 512 * 1024;
/// Questions at once on one connection. Envoy opens few connections.
const STREAMS_MAX: u32 = 1_024;
/// How often a silent connection is tried, and how long for: one that leads
/// nowhere holds up every question on it.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(30);
const KEEP_ALIVE_WITHIN: Duration = Duration::from_secs(10);

/// For TLS.
pub struct Certificates {
    /// Ours, and those between it and its authority, in PEM.
    pub chain: String,
    /// Its key, in PEM.
    pub key: Secret<String>,
    /// Who must have signed Envoy's certificate, in PEM; without it, Envoy
    /// shows none.
    pub clients: Option<String>,
}

/// Says whether the service can decide, to whoever asks by
/// `grpc.health.v1.Health`.
#[derive(Clone)]
pub struct Health(HealthReporter);

impl Default for Health {
    fn default() -> Self {
        Self(HealthReporter::new())
    }
}

impl Health {
    /// Says so from now on.
    pub async fn say(&self, ready: bool) {
        let status = if ready {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        for service in ["", NAME] {
            self.0.set_service_status(service, status).await;
        }
    }
}

/// What will answer, with its certificates checked.
///
/// # Errors
/// Fails for certificates that cannot be used.
pub fn server(certificates: Option<&Certificates>) -> Result<Server, tonic::transport::Error> {
    let server = Server::builder()
        .max_concurrent_streams(STREAMS_MAX)
        .http2_keepalive_interval(Some(KEEP_ALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEP_ALIVE_WITHIN));
    match certificates {
        Some(certificates) => server.tls_config(tls(certificates)),
        None => Ok(server),
    }
}

/// Answers on a listener until `stop` ends, and then what is under way.
///
/// # Errors
/// Fails where the listener cannot be used.
pub async fn serve(
    mut server: Server,
    listener: TcpListener,
    parts: ProxyParts,
    health: Health,
    stop: impl Future<Output = ()>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let described = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTIONS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let service =
        AuthorizationServer::new(ExtAuthz { parts }).max_decoding_message_size(QUESTION_BYTES_MAX);
    let health = tonic_health::server::HealthService::from_health_reporter(health.0);
    server
        .add_service(service)
        .add_service(tonic_health::pb::health_server::HealthServer::new(health))
        .add_service(described().build_v1()?)
        .add_service(described().build_v1alpha()?)
        .serve_with_incoming_shutdown(incoming, stop)
        .await?;
    Ok(())
}

fn tls(certificates: &Certificates) -> ServerTlsConfig {
    let identity = Identity::from_pem(&certificates.chain, certificates.key.expose());
    let tls = ServerTlsConfig::new().identity(identity);
    match &certificates.clients {
        Some(authority) => tls.client_ca_root(Certificate::from_pem(authority)),
        None => tls,
    }
}
