//! Changes: asked for by a process, made by a server, acknowledged.

use std::sync::atomic::Ordering;

use super::checker::Change;
use super::process::Message;
use super::servers::{KEYS, OWNERS};
use super::world::{Flaw, World, Writing};

impl World {
    pub(super) fn a_change_is_asked_for(&mut self, by: usize) {
        self.version += 1;
        let change = match self.chance.below(24) {
            0 => Change::Revoked(self.chance.below(KEYS - 1)),
            1..=8 => Change::Owner(self.chance.below(OWNERS), self.version),
            _ => Change::Key(self.chance.below(KEYS - 1), self.version),
        };
        self.writing.push(Writing {
            by,
            change,
            is_made: false,
        });
    }

    pub(super) fn a_change_goes_on(&mut self) {
        if self.writing.is_empty() {
            return;
        }
        let place = self.chance.below(self.writing.len());
        let writing = &mut self.writing[place];
        let change = writing.change;
        if writing.is_made {
            let by = writing.by;
            self.writing.remove(place);
            self.acknowledge(change, by);
            return;
        }
        let primary = self.servers.len() - 1;
        if self.servers[primary].is_frozen {
            return;
        }
        writing.is_made = true;
        // A server that was cut off gets no replica to confirm it: nobody is told
        // that it took place.
        let asked = &self.processes[writing.by].reader.reads_from;
        let is_primary = asked.load(Ordering::Relaxed) == primary;
        if !is_primary || !self.make(change) {
            self.writing.remove(place);
        }
    }

    /// The primary makes it and pushes it, if it is to be made.
    pub(super) fn make(&mut self, change: Change) -> bool {
        let primary = self.primary();
        let server = &mut self.servers[primary];
        let message = match change {
            Change::Key(key, _) | Change::Revoked(key) if !server.keys[key].is_alive => {
                return false;
            }
            Change::Key(key, version) => {
                // Whoever compares and sets loses against a later one.
                if server.keys[key].version >= version {
                    return false;
                }
                server.keys[key].version = version;
                Message::Key(key)
            }
            Change::Revoked(key) => {
                server.keys[key].is_alive = false;
                self.checker.took_place(key);
                Message::Key(key)
            }
            Change::Owner(owner, version) => {
                if server.owners[owner] >= version {
                    return false;
                }
                server.owners[owner] = version;
                Message::Owner(owner)
            }
        };
        self.push(primary, message);
        true
    }

    pub(super) fn push(&mut self, server: usize, message: Message) {
        if self.flaw == Flaw::DeafToChanges {
            return;
        }
        for process in &mut self.processes {
            if let Some(line) = process.line.as_mut().filter(|line| line.server == server) {
                line.wire.push_back(message);
            }
        }
    }

    /// As the store does: told here first, called out, then acknowledged.
    pub(super) fn acknowledge(&mut self, change: Change, by: usize) {
        let message = match change {
            Change::Key(key, _) => Message::Key(key),
            Change::Owner(owner, _) => Message::Owner(owner),
            Change::Revoked(key) => Message::Revoked(key),
        };
        self.processes[by].hear(message);
        if let Message::Revoked(_) = message {
            let primary = self.primary();
            self.push(primary, message);
        }
        let now = self.now();
        self.checker.acknowledge(change, now, by);
        self.tally.changes += 1;
    }
}
