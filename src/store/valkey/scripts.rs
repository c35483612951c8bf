//! The changes that are one step for the server.
//!
//! Every script touches one slot, and all keys that it writes are declared. The
//! server knows them by their hash; after a restart they are sent again.

use redis::Script;

/// Puts a script together: how it may be run, and what it says.
macro_rules! script {
    ($flags:literal, $($part:literal),+) => {
        Script::new(concat!("#!lua", $flags, "\n", $(include_str!(concat!("scripts/", $part))),+))
    };
}

/// All of them, hashed once.
pub(super) struct Scripts {
    pub mint: Script,
    pub announce: Script,
    pub place: Script,
    pub replace: Script,
    pub rotate: Script,
    pub revoke: Script,
    pub list: Script,
    pub repair: Script,
    pub first_filter_key: Script,
    pub revoke_seed: Script,
    pub put_record: Script,
    pub take_record: Script,
    pub enlist: Script,
    pub swap: Script,
    pub append_event: Script,
}

/// Goes in pipelines, and so is loaded in front of each.
pub(super) const USE: &str = concat!("#!lua\n", include_str!("scripts/use.lua"));

/// Goes in pipelines as well.
pub(super) const USAGE: &str = concat!("#!lua\n", include_str!("scripts/usage.lua"));

impl Scripts {
    pub fn new() -> Self {
        Self {
            mint: script!("", "common.lua", "mint.lua"),
            announce: script!("", "announce.lua"),
            place: script!("", "common.lua", "place.lua"),
            replace: script!("", "common.lua", "replace.lua"),
            rotate: script!("", "common.lua", "rotate.lua"),
            // What only removes is let through when memory has run out.
            revoke: script!(" flags=allow-oom", "revoke.lua"),
            repair: script!(" flags=allow-oom", "repair.lua"),
            revoke_seed: script!(" flags=allow-oom", "revoke_seed.lua"),
            // What only reads, also when the disk is full.
            list: script!(" flags=no-writes", "list.lua"),
            first_filter_key: script!("", "first_filter_key.lua"),
            put_record: script!("", "paper.lua", "put_record.lua"),
            take_record: script!(" flags=allow-oom", "take_record.lua"),
            enlist: script!("", "enlist.lua"),
            swap: script!("", "swap.lua"),
            append_event: script!("", "append_event.lua"),
        }
    }
}
