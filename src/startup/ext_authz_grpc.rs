//! The listener for Envoy's gRPC, beside the one for everything else.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::readiness::Draining;
use crate::proxy::ProxyParts;
use crate::proxy::ext_authz_grpc::{self, Certificates, Health};
use crate::settings::ExtAuthzGrpcSettings;
use crate::store::Store;

/// How often health is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The listener, answering.
pub(super) struct GrpcListener {
    /// Where.
    pub(super) address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
    health: JoinHandle<()>,
}

impl GrpcListener {
    /// Binds the address, and answers from now on.
    pub(super) fn start(
        settings: &ExtAuthzGrpcSettings,
        parts: ProxyParts,
        store: Arc<dyn Store>,
        draining: Draining,
    ) -> anyhow::Result<Self> {
        let certificates = settings.certificates.as_ref().map(|files| Certificates {
            chain: files.chain.clone(),
            key: files.key.clone(),
            clients: files.clients.clone(),
        });
        let server = ext_authz_grpc::server(certificates.as_ref()).context(
            "ext_authz.grpc_certificate_file, ext_authz.grpc_key_file and \
             ext_authz.grpc_client_ca_file cannot be used: each must hold PEM, and the key must be \
             that of the certificate",
        )?;
        let listener = TcpListener::bind(settings.address).with_context(|| {
            let address = settings.address;
            format!(
                "cannot listen on {address}: set ext_authz.grpc_address, or stop what listens there"
            )
        })?;
        let address = listener.local_addr()?;
        let health = Health::default();
        let look = look(health.clone(), store, draining);
        let (stop, mut stopped) = watch::channel(false);
        let serving = async move {
            let stopped = async move {
                // An end without a word is an end, too.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            let served = ext_authz_grpc::serve(server, listener, parts, health, stopped).await;
            if let Err(error) = served {
                tracing::error!(%error, "the gRPC service for Envoy has ended");
            }
        };
        Ok(Self {
            address,
            stop,
            serving: tokio::spawn(serving),
            health: tokio::spawn(look),
        })
    }

    /// What tells it to take no more questions.
    pub(super) fn stopper(&self) -> watch::Sender<bool> {
        self.stop.clone()
    }

    /// Waits for what is under way, no longer than `limit`.
    pub(super) async fn end(self, limit: Duration) {
        let _ = self.stop.send(true);
        self.health.abort();
        let abort = self.serving.abort_handle();
        if tokio::time::timeout(limit, self.serving).await.is_err() {
            abort.abort();
        }
    }
}

/// Tells whoever asks for health whether questions can be decided.
async fn look(health: Health, store: Arc<dyn Store>, draining: Draining) {
    let mut interval = tokio::time::interval(LOOK_EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let ready = !draining.has_begun() && store.ping().await.is_ok();
        health.say(ready).await;
    }
}
