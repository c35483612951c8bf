//! What can be typed about gates and the proxies in front.

use clap::{Args, Subcommand, ValueEnum};

#[derive(Args, Debug)]
pub(in crate::cli) struct Generate {
    /// Which proxy.
    pub(in crate::cli) proxy: ProxyKind,
    /// The gate that it asks.
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub(in crate::cli) gate: String,
    /// The host that it serves, or *.example.com for all below it.
    #[arg(long)]
    pub(in crate::cli) host: String,
    /// Where the proxy finds this service.
    #[arg(long, default_value = "gatelodge:8080", value_name = "HOST:PORT")]
    pub(in crate::cli) service: String,
    /// What is to be protected.
    #[arg(long, default_value = "app:8000", value_name = "HOST:PORT")]
    pub(in crate::cli) upstream: String,
    /// The port that it serves without TLS, where something in front of it ends that. Without
    /// this: TLS at Traefik and Caddy, port 8000 at Envoy, port 80 elsewhere.
    #[arg(long, value_name = "PORT")]
    pub(in crate::cli) http_port: Option<u16>,
    /// How long it waits for the gate, in seconds. Traefik has a limit of its own.
    #[arg(long, default_value_t = 1, value_name = "SECONDS", value_parser = clap::value_parser!(u8).range(1..))]
    pub(in crate::cli) timeout: u8,
}

/// The proxies that configuration can be printed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ProxyKind {
    /// Traefik, dynamic configuration in a file.
    Traefik,
    /// Traefik, Kubernetes resources.
    TraefikCrd,
    /// Envoy, a whole bootstrap that asks by HTTP.
    Envoy,
    /// Envoy, a whole bootstrap that asks by gRPC: --service is where ext_authz.grpc_address is.
    EnvoyGrpc,
    /// Envoy Gateway, a SecurityPolicy.
    EnvoyGateway,
    /// Istio, an extension provider and its policy.
    Istio,
    /// nginx, a server block.
    Nginx,
    /// ingress-nginx, an Ingress.
    IngressNginx,
    /// Caddy, a site of a Caddyfile.
    Caddy,
    /// HAProxy, sections of its configuration.
    Haproxy,
    /// HAProxy, the action in Lua that they use.
    HaproxyLua,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum GateCommand {
    /// List the gates with their rules.
    List,
    /// Say whether a request would pass; the exit status says so, too.
    Check(GateRequest),
    /// Say which rule decides about a request, and why.
    Explain(GateRequest),
}

#[derive(Args, Debug)]
pub(in crate::cli) struct GateRequest {
    /// The name of the gate.
    #[arg(default_value = "default")]
    pub(in crate::cli) gate: String,
    /// The method of the request.
    #[arg(long, default_value = "GET")]
    pub(in crate::cli) method: String,
    /// Its URL; without it nothing is known of host and path.
    #[arg(long)]
    pub(in crate::cli) url: Option<String>,
    /// The key that it would carry, by its id; without a credential otherwise.
    #[arg(long, value_name = "ID", conflicts_with = "owner")]
    pub(in crate::cli) key_id: Option<String>,
    /// The owner whose token it would carry.
    #[arg(long, value_name = "SUBJECT")]
    pub(in crate::cli) owner: Option<String>,
    /// As from a browser that the owner signed in with, in place of a token.
    #[arg(long, requires = "owner")]
    pub(in crate::cli) session: bool,
    /// The address of the client.
    #[arg(long, value_name = "IP")]
    pub(in crate::cli) address: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}
