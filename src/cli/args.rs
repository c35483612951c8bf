//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// The lodge beside the gate: answers a reverse proxy's "may this pass?".
#[derive(Debug, Parser)]
#[command(name = "gatelodge", version, about, max_term_width = 100)]
pub(super) struct Arguments {
    /// The settings file; otherwise CONFIG_FILE, or settings.toml if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Answer proxies and people (what happens without a command, too).
    Serve,
    /// Mint, list, change and revoke keys in the configured store.
    Key {
        #[command(subcommand)]
        what: KeyCommand,
    },
    /// Read the audit trail: what was done to keys, sessions and accounts.
    Audit {
        #[command(subcommand)]
        what: AuditCommand,
    },
    /// List the gates, and try requests at them without sending any.
    Gate {
        #[command(subcommand)]
        what: GateCommand,
    },
    /// Print configuration for the proxy in front.
    Generate(Generate),
    /// Make, list and change built-in accounts.
    User {
        #[command(subcommand)]
        what: UserCommand,
    },
    /// Check or show the settings.
    Config {
        #[command(subcommand)]
        what: ConfigCommand,
    },
    /// Look at store, clock, issuers and salts: what is wrong and what to do.
    Doctor {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ask a running server on this machine whether it is ready (for HEALTHCHECK).
    Health,
    /// Print a completion script for a shell.
    Completions {
        /// Which shell.
        shell: Shell,
    },
    /// What the project makes of itself.
    #[command(hide = true)]
    Internal {
        #[command(subcommand)]
        what: InternalCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Mint a key; prints the key alone, so that it pipes.
    Create(CreateKey),
    /// List the keys of an owner.
    List {
        /// Whose: a subject, or realm:subject.
        #[arg(long, value_name = "SUBJECT")]
        owner: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one key.
    Show {
        /// The key's id: 16 characters, or 64 for a key of the former service.
        id: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Revoke keys for good.
    Revoke {
        /// The ids.
        #[arg(required_unless_present = "all_of", value_name = "ID")]
        ids: Vec<String>,
        /// All keys of this owner instead.
        #[arg(long, value_name = "SUBJECT", conflicts_with = "ids")]
        all_of: Option<String>,
    },
    /// Take a key out of use for the time being.
    Disable {
        /// The key's id.
        id: String,
    },
    /// Put a disabled key back in use.
    Enable {
        /// The key's id.
        id: String,
    },
    /// Show what a key did in the last 30 days.
    Usage {
        /// The key's id.
        id: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let a new key take an old one's place; prints the new key alone.
    Rotate {
        /// The old key's id.
        id: String,
        /// How long the old one works beside the new one: 0, 1h, 24h, 7d.
        #[arg(long, default_value = "24h", value_name = "TIME")]
        overlap: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Move the keys of rusty-valkey-forward-auth into this service's own layout.
    Import {
        /// From the former service's records in the configured Valkey.
        #[arg(long, required = true)]
        from_seed: bool,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Args, Debug)]
pub(super) struct Generate {
    /// Which proxy.
    pub(super) proxy: ProxyKind,
    /// The gate that it asks.
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub(super) gate: String,
    /// The host that it serves, or *.example.com for all below it.
    #[arg(long)]
    pub(super) host: String,
    /// Where the proxy finds this service.
    #[arg(long, default_value = "gatelodge:8080", value_name = "HOST:PORT")]
    pub(super) service: String,
    /// What is to be protected.
    #[arg(long, default_value = "app:8000", value_name = "HOST:PORT")]
    pub(super) upstream: String,
}

/// The proxies that configuration can be printed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProxyKind {
    /// Traefik, dynamic configuration in a file.
    Traefik,
    /// Traefik, Kubernetes resources.
    TraefikCrd,
    /// Envoy, a whole bootstrap.
    Envoy,
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
    /// HAProxy with haproxy-auth-request.
    Haproxy,
}

#[derive(Debug, Subcommand)]
pub(super) enum GateCommand {
    /// List the gates with their rules.
    List,
    /// Say whether a request would pass; the exit status says so, too.
    Check(GateRequest),
    /// Say which rule decides about a request, and why.
    Explain(GateRequest),
}

#[derive(Args, Debug)]
pub(super) struct GateRequest {
    /// The name of the gate.
    #[arg(default_value = "default")]
    pub(super) gate: String,
    /// The method of the request.
    #[arg(long, default_value = "GET")]
    pub(super) method: String,
    /// Its URL; without it nothing is known of host and path.
    #[arg(long)]
    pub(super) url: Option<String>,
    /// The key that it would carry, by its id; without a credential otherwise.
    #[arg(long, value_name = "ID", conflicts_with = "owner")]
    pub(super) key_id: Option<String>,
    /// The owner whose token it would carry.
    #[arg(long, value_name = "SUBJECT")]
    pub(super) owner: Option<String>,
    /// The address of the client.
    #[arg(long, value_name = "IP")]
    pub(super) address: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args, Debug)]
pub(super) struct CreateKey {
    /// Whose identity the key proves: a subject, or realm:subject.
    #[arg(long, value_name = "SUBJECT")]
    pub(super) owner: String,
    /// What to call it.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub(super) name: String,
    /// When it ends: 30d, 12h, a date, an RFC 3339 time, or never.
    #[arg(long, value_name = "WHEN")]
    pub(super) expires: Option<String>,
    /// What it permits; may be given several times.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(super) scopes: Vec<String>,
    /// A host that it is bound to, or *.example.com; may be given several times.
    #[arg(long = "host", value_name = "HOST")]
    pub(super) hosts: Vec<String>,
    /// A method that it is bound to; may be given several times.
    #[arg(long = "method", value_name = "METHOD")]
    pub(super) methods: Vec<String>,
    /// A path that it is bound to, such as /v1/**; may be given several times.
    #[arg(long = "path", value_name = "PATH")]
    pub(super) paths: Vec<String>,
    /// A network that it is bound to; may be given several times.
    #[arg(long = "network", value_name = "NETWORK")]
    pub(super) networks: Vec<String>,
    /// As JSON, with id and all else.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// List what was done, newest first.
    List(ListEvents),
}

#[derive(Args, Debug)]
pub(super) struct ListEvents {
    /// Done to this owner or theirs: a subject, or realm:subject.
    #[arg(long, value_name = "SUBJECT")]
    pub(super) owner: Option<String>,
    /// Done by them, in person or through one of their keys.
    #[arg(long, value_name = "NAME")]
    pub(super) actor: Option<String>,
    /// Done to this key.
    #[arg(long, value_name = "ID")]
    pub(super) key: Option<String>,
    /// Only this, such as key.revoked.
    #[arg(long, value_name = "ACTION")]
    pub(super) action: Option<String>,
    /// From this RFC 3339 time on.
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<String>,
    /// Before this RFC 3339 time.
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 100, value_name = "NUMBER")]
    pub(super) limit: usize,
    /// Of this tenant.
    #[arg(long, value_name = "TENANT")]
    pub(super) tenant: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether the settings are in order.
    Check,
    /// Show each value with where it comes from; secrets are masked.
    Show {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum InternalCommand {
    /// Write the generated pages of docs/reference and the JSON Schema.
    Docs,
}

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make an account; prints the link with which its owner sets a password.
    Create(CreateUser),
    /// List all accounts.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Take an account out of use: its sessions end and its owner's keys are refused.
    Disable {
        /// The user name.
        username: String,
    },
    /// Put an account back in use.
    Enable {
        /// The user name.
        username: String,
    },
    /// Print a new link with which the owner of an account sets a password.
    Reset {
        /// The user name.
        username: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the sessions of an account, or end them all.
    Sessions {
        /// The user name.
        username: String,
        /// End them all.
        #[arg(long)]
        end: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args, Debug)]
pub(super) struct CreateUser {
    /// The user name.
    pub(super) username: String,
    /// A name to show.
    #[arg(long, value_name = "TEXT")]
    pub(super) name: Option<String>,
    /// An address to show.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) email: Option<String>,
    /// A group of the owner; may be given several times.
    #[arg(long = "group", value_name = "GROUP")]
    pub(super) groups: Vec<String>,
    /// Make an administrator.
    #[arg(long)]
    pub(super) admin: bool,
    /// Read a password from standard input instead of making a link.
    #[arg(long)]
    pub(super) password_stdin: bool,
    /// As JSON.
    #[arg(long)]
    pub(super) json: bool,
}
