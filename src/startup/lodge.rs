//! The whole service: assembled, run, stopped.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpServer, web};
use anyhow::Context as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::adapters::{GateAuthenticates, LiveGates, PartsReady};
use super::ext_authz_grpc::GrpcListener;
use super::first_account::{self, FirstAccount};
use super::first_keys::{self, FirstKeys};
use super::readiness::Draining;
use super::reload::GateReloader;
use super::workbench::{Parts, Workbench};
use super::{issuers, options, settling};
use crate::cache::KeyCache;
use crate::gate::upkeep::{Upkeep, UpkeepWorker};
use crate::gate::usage::UsageRecorder;
use crate::gate::{Explainer, Gatekeeper, GatekeeperParts};
use crate::http::request_id::RequestIds;
use crate::portal::{EMBEDDED, Portal, PortalParts, Site};
use crate::proxy::{self, HeaderNames, ProxyParts};
use crate::settings::Settings;
use crate::store::embedded::EmbeddedStore;
use crate::store::{Copies, Store};

/// How often the embedded store throws out what is past keeping.
const PURGE_EVERY: Duration = Duration::from_hours(1);
/// More connections than any proxy opens.
const CONNECTIONS_MAX: usize = 16 * 1_024;

/// The service, assembled and not yet listening.
pub struct Lodge {
    settings: Settings,
    bench: Workbench,
    proxy: ProxyParts,
    portal: PortalParts,
    usage: Arc<UsageRecorder>,
    worker: UpkeepWorker,
    draining: Draining,
    first_keys: Option<FirstKeys>,
    first_account: Option<FirstAccount>,
}

/// The service, listening.
pub struct Running {
    /// Where.
    pub address: SocketAddr,
    /// Ends when the service has stopped.
    pub server: Server,
    /// Where Envoy's gRPC is answered, if it is.
    pub grpc_address: Option<SocketAddr>,
    grpc: Option<GrpcListener>,
    shutdown: Duration,
    handle: ServerHandle,
    draining: Draining,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    reloader: GateReloader,
    store: Arc<dyn Store>,
}

/// Ends a running service.
#[derive(Clone)]
pub struct Stopper {
    grpc: Option<watch::Sender<bool>>,
    handle: ServerHandle,
    draining: Draining,
}

impl Lodge {
    /// Opens the store and puts everything together.
    ///
    /// # Errors
    /// Says what could not be opened and what to do.
    pub async fn assemble(settings: Settings, parts: Parts) -> anyhow::Result<Self> {
        let patience = settings.server.startup_grace;
        let bench = Workbench::open_with(&settings, parts, patience).await?;
        let first_keys = match &bench.embedded {
            Some(_) => Some(
                first_keys::ensure(&settings.data_dir, &bench.keys, bench.store.as_ref()).await?,
            ),
            None => None,
        };
        let first_account = first_account::ensure(&settings, &bench).await?;
        let (tokens, providers) = issuers::start(&settings, &bench)?;

        let usage = Arc::new(UsageRecorder::default());
        let (upkeep, worker) = Upkeep::new(
            Arc::clone(&bench.store),
            bench.salts.clone(),
            Arc::clone(&bench.owners),
            Arc::clone(&bench.clock),
        );
        let cache = followed_cache(&settings, &bench);
        let policy = options::policy(&settings, bench.keys.terms().format.clone());
        let gatekeeper = Arc::new(Gatekeeper::new(GatekeeperParts {
            policy,
            store: Arc::clone(&bench.store),
            cache: cache.clone(),
            salts: bench.salts.clone(),
            filter: bench.filter.clone(),
            tokens: Arc::clone(&tokens),
            owners: Arc::clone(&bench.owners),
            sessions: Arc::clone(&bench.sessions),
            trusted_origins: options::trusted_origins(&settings.sessions),
            clock: Arc::clone(&bench.clock),
            usage: Arc::clone(&usage),
            upkeep,
        }));
        let request_ids = Arc::new(RequestIds::new(bench.entropy.as_ref())?);
        let identity_headers = Arc::new(options::identity_headers(&settings.identity_headers));
        let draining = Draining::default();
        let trust = Arc::new(options::proxy_trust(&settings.server));
        let gate_sign_in = options::gate_sign_in(&settings, &bench.salts);
        let proxy = ProxyParts {
            gatekeeper: Arc::clone(&gatekeeper),
            header_names: Arc::new(HeaderNames::new(&identity_headers)?),
            identity_headers: Arc::clone(&identity_headers),
            trust: Arc::clone(&trust),
            sign_in: gate_sign_in.clone(),
            request_ids: Arc::clone(&request_ids),
            ext_authz_says_unavailable: settings.server.ext_authz_unavailable_status == 503,
            log_allows: settings.log.allows,
        };
        let portal = PortalParts {
            site: Site::new(EMBEDDED, Arc::clone(&bench.entropy)),
            keys: Arc::clone(&bench.keys),
            sessions: Arc::clone(&bench.sessions),
            accounts: bench.accounts.clone(),
            owners: Arc::clone(&bench.owners),
            sign_in: options::sign_in(&settings, providers, gate_sign_in),
            catalogue: Arc::new(settings.scopes.clone()),
            gates: Arc::new(LiveGates {
                gatekeeper: Arc::clone(&gatekeeper),
                explainer: explainer(&bench),
                headers: identity_headers,
            }),
            authenticate: Arc::new(GateAuthenticates {
                gatekeeper,
                read_from: options::read_from(&settings.keys),
            }),
            client_address: Arc::new(move |request| proxy::client_address(request, &trust)),
            readiness: Arc::new(PartsReady {
                store: Arc::clone(&bench.store),
                cache,
                tokens,
                clock: Arc::clone(&bench.clock),
                salts: bench.salts.clone(),
                draining: draining.clone(),
                started: bench.clock.monotonic(),
                grace: settings.server.startup_grace,
            }),
            realms: bench.realms.clone(),
            tenants: options::tenants(&settings),
            request_ids,
            options: options::portal(&settings, String::new()),
        };
        Ok(Self {
            settings,
            bench,
            proxy,
            portal,
            usage,
            worker,
            draining,
            first_keys,
            first_account,
        })
    }

    /// Where the first keys are, on the embedded store.
    pub fn first_keys(&self) -> Option<&FirstKeys> {
        self.first_keys.as_ref()
    }

    /// How to sign in for the first time, as long as that is to come.
    pub fn first_account(&self) -> Option<&FirstAccount> {
        self.first_account.as_ref()
    }

    /// Binds the configured address.
    ///
    /// # Errors
    /// Names the address and what keeps it.
    pub fn bind(&self) -> anyhow::Result<TcpListener> {
        let server = &self.settings.server;
        let address = SocketAddr::new(server.address, server.port);
        TcpListener::bind(address).with_context(|| {
            format!("cannot listen on {address}: set address or port, or stop what listens there")
        })
    }

    /// Begins to answer on a listener.
    ///
    /// # Errors
    /// Fails where the listener cannot be used.
    pub fn run(self, listener: TcpListener) -> anyhow::Result<Running> {
        let address = listener.local_addr()?;
        let mut portal = self.portal;
        let base_url = match &self.settings.server.public_url {
            Some(url) => url.as_str().to_owned(),
            None => format!("http://{address}"),
        };
        base_url
            .trim_end_matches('/')
            .clone_into(&mut portal.options.base_url);
        let portal = Portal::new(portal);
        let proxy = self.proxy;
        let reloader = GateReloader {
            gatekeeper: Arc::clone(&proxy.gatekeeper),
            format: self.bench.keys.terms().format.clone(),
        };
        let settings = &self.settings.server;
        let grpc = match &settings.ext_authz_grpc {
            Some(wanted) => Some(GrpcListener::start(
                wanted,
                proxy.clone(),
                Arc::clone(&self.bench.store),
                self.draining.clone(),
            )?),
            None => None,
        };
        let mut server = HttpServer::new(move || {
            let (proxy, portal) = (proxy.clone(), portal.clone());
            App::new()
                .configure(|config: &mut web::ServiceConfig| proxy::configure(config, proxy))
                .configure(|config: &mut web::ServiceConfig| portal.configure(config))
        })
        .disable_signals()
        .keep_alive(settings.keep_alive)
        .client_request_timeout(settings.request_timeout)
        .max_connections(CONNECTIONS_MAX)
        .shutdown_timeout(settings.shutdown.as_secs());
        if let Some(workers) = settings.workers {
            server = server.workers(workers);
        }
        let server = server.listen(listener)?.run();

        let (stop, stopped) = watch::channel(false);
        let mut tasks = vec![tokio::spawn(
            Arc::clone(&self.usage).run(Arc::clone(&self.bench.store), stopped.clone()),
        )];
        tasks.push(tokio::spawn(settling::settle(
            Arc::clone(&self.bench.keys),
            Arc::clone(&self.bench.store),
            stopped.clone(),
        )));
        tokio::spawn(self.worker.run());
        if let Some(embedded) = self.bench.embedded {
            tasks.push(tokio::spawn(purge(embedded, stopped)));
        }
        Ok(Running {
            address,
            grpc_address: grpc.as_ref().map(|grpc| grpc.address),
            grpc,
            shutdown: settings.shutdown,
            handle: server.handle(),
            reloader,
            server,
            draining: self.draining,
            stop,
            tasks,
            store: self.bench.store,
        })
    }
}

impl Running {
    /// What replaces its gates.
    pub fn reloader(&self) -> GateReloader {
        self.reloader.clone()
    }

    /// What ends it.
    pub fn stopper(&self) -> Stopper {
        Stopper {
            grpc: self.grpc.as_ref().map(GrpcListener::stopper),
            handle: self.handle.clone(),
            draining: self.draining.clone(),
        }
    }

    /// Answers until a stopper says so; then writes what is left to write.
    ///
    /// # Errors
    /// Fails where the listener does.
    pub async fn until_stopped(self) -> std::io::Result<()> {
        let ended = self.server.await;
        if let Some(grpc) = self.grpc {
            grpc.end(self.shutdown).await;
        }
        let _ = self.stop.send(true);
        for task in self.tasks {
            // A task that panicked has nothing left to write.
            let _ = task.await;
        }
        self.store.close().await;
        ended
    }
}

impl Stopper {
    /// Readiness says no first, for `drain`; then no new requests are taken,
    /// and those in flight end.
    pub async fn stop(self, drain: Duration) {
        self.draining.begin();
        tokio::time::sleep(drain).await;
        if let Some(grpc) = self.grpc {
            let _ = grpc.send(true);
        }
        self.handle.stop(true).await;
    }
}

fn explainer(bench: &Workbench) -> Explainer {
    Explainer::new(
        Arc::clone(&bench.store),
        bench.salts.clone(),
        Arc::clone(&bench.owners),
        Arc::clone(&bench.clock),
    )
}

/// A cache that the store tells of every change, unless it is off: then nobody
/// follows anything.
fn followed_cache(settings: &Settings, bench: &Workbench) -> Option<Arc<KeyCache>> {
    if !settings.cache.enabled {
        return None;
    }
    let options = options::cache(&settings.cache);
    let cache = Arc::new(KeyCache::new(options, Arc::clone(&bench.clock)));
    bench.store.follow(Arc::clone(&cache) as Arc<dyn Copies>);
    Some(cache)
}

async fn purge(store: Arc<EmbeddedStore>, mut stopped: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval(PURGE_EVERY);
    // The first tick is at once, and opening has purged already.
    interval.tick().await;
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = store.purge().await {
            tracing::warn!(%error, "old records could not be thrown out yet");
        }
    }
}
