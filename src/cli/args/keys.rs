//! What can be typed about keys.

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum KeyCommand {
    /// Mint a key; prints the key alone, so that it pipes.
    Create(CreateKey),
    /// List the keys of an owner, or of everybody.
    List {
        /// Whose: a subject, or realm:subject.
        #[arg(long, value_name = "SUBJECT", required_unless_present = "all")]
        owner: Option<String>,
        /// Everybody's; the options below say which.
        #[arg(long, conflicts_with = "owner")]
        all: bool,
        #[command(flatten)]
        wanted: KeysWanted,
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
        /// Refuse them at once, and revoke them in a minute unless they are restored.
        #[arg(long, conflicts_with = "all_of")]
        undoable: bool,
    },
    /// Revoke all keys that have something in common.
    BulkRevoke(BulkRevoke),
    /// Take back a revocation that is not final yet.
    Restore {
        /// The key's id.
        id: String,
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
pub(in crate::cli) struct CreateKey {
    /// Whose identity the key proves: a subject, or realm:subject.
    #[arg(long, value_name = "SUBJECT")]
    pub(in crate::cli) owner: String,
    /// What to call it.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub(in crate::cli) name: String,
    /// When it ends: 30d, 12h, a date, an RFC 3339 time, or never.
    #[arg(long, value_name = "WHEN")]
    pub(in crate::cli) expires: Option<String>,
    /// What it permits; may be given several times.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(in crate::cli) scopes: Vec<String>,
    /// A host that it is bound to, or *.example.com; may be given several times.
    #[arg(long = "host", value_name = "HOST")]
    pub(in crate::cli) hosts: Vec<String>,
    /// A method that it is bound to; may be given several times.
    #[arg(long = "method", value_name = "METHOD")]
    pub(in crate::cli) methods: Vec<String>,
    /// A path that it is bound to, such as /v1/**; may be given several times.
    #[arg(long = "path", value_name = "PATH")]
    pub(in crate::cli) paths: Vec<String>,
    /// A network that it is bound to; may be given several times.
    #[arg(long = "network", value_name = "NETWORK")]
    pub(in crate::cli) networks: Vec<String>,
    /// As JSON, with id and all else.
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// Which of everybody's keys.
#[derive(Args, Debug)]
pub(in crate::cli) struct KeysWanted {
    /// Only never_expires, unused_90_days, expiring_soon or too_broad.
    #[arg(long, value_name = "KIND")]
    pub(in crate::cli) filter: Option<String>,
    /// Only of this owner.
    #[arg(long, value_name = "SUBJECT")]
    pub(in crate::cli) of: Option<String>,
    /// Only with this in name, id or owner.
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) search: Option<String>,
    /// Only active, expired, disabled, superseded or revoking ones.
    #[arg(long, value_name = "STATUS")]
    pub(in crate::cli) status: Option<String>,
    /// Of this tenant.
    #[arg(long, value_name = "TENANT")]
    pub(in crate::cli) tenant: Option<String>,
}

#[derive(Args, Debug)]
pub(in crate::cli) struct BulkRevoke {
    #[command(flatten)]
    pub(in crate::cli) wanted: KeysWanted,
    /// Only say which there are.
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    /// How many a dry run said there are.
    #[arg(long, value_name = "NUMBER", conflicts_with = "dry_run")]
    pub(in crate::cli) confirm: Option<usize>,
    /// With a minute to think again.
    #[arg(long)]
    pub(in crate::cli) undoable: bool,
}
