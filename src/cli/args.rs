//! What can be typed.

mod gates;
mod keys;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

pub(super) use self::gates::{GateCommand, GateRequest, Generate, ProxyKind};
pub(super) use self::keys::{BulkRevoke, CreateKey, KeyCommand, KeysWanted};

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
    /// Let somebody in no more, or again.
    Owner {
        #[command(subcommand)]
        what: OwnerCommand,
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
pub(super) enum OwnerCommand {
    /// Refuse everything of an owner, and end their sessions.
    Disable {
        /// A subject, or realm:subject.
        owner: String,
    },
    /// Let an owner in again.
    Enable {
        /// A subject, or realm:subject.
        owner: String,
    },
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
    /// Remove an account for good: its sessions end, its owner's keys are revoked.
    Delete {
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
