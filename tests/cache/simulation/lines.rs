//! Lines on which changes are told, and what breaks.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gatelodge::store::Copies as _;

use super::process::{Barrier, Line, Message, Process};
use super::world::{Flaw, World};

impl World {
    pub(super) fn a_line_begins(&mut self, process: usize) {
        let address = self.address;
        let server = &self.servers[address];
        let this = &mut self.processes[process];
        if this.line.is_some() || server.is_frozen {
            return;
        }
        this.reader.follows.store(address, Ordering::Relaxed);
        if self.flaw != Flaw::NoEpoch {
            this.cache.all_changed();
        }
        this.line = Some(Line {
            server: address,
            wire: VecDeque::new(),
            question: false,
            barrier: Barrier::Idle,
            is_stuck: false,
        });
    }

    /// The server answers a question, a message is heard, a proof begins.
    pub(super) fn the_line_goes_on(&mut self, process: usize) {
        let now = self.now();
        let flaw = self.flaw;
        let this = &mut self.processes[process];
        if self.chance.once_in(8)
            && let Some(message) = this.channel.pop_front()
        {
            return this.hear(message);
        }
        let Some(line) = &mut this.line else {
            return;
        };
        if flaw == Flaw::NoBarrier && self.chance.once_in(2) {
            let epoch = this.cache.epoch();
            return this.cache.fresh_as_of(epoch, now);
        }
        if line.is_stuck {
            return;
        }
        let server = &self.servers[line.server];
        if line.question && !server.is_frozen && self.chance.once_in(2) {
            line.question = false;
            // Replicas are asked with the second one.
            let is_believed = !server.is_cut_off || flaw == Flaw::NoReplicasAsked;
            line.wire.push_back(Message::Role(is_believed));
            return;
        }
        if let Some(message) = line.wire.pop_front() {
            match message {
                Message::Role(is_believed) => this.hear_a_role(is_believed, now, flaw),
                _ if flaw == Flaw::ByChannel => this.channel.push_back(message),
                _ => this.hear(message),
            }
            return;
        }
        if line.barrier == Barrier::Idle {
            let epoch = this.cache.epoch();
            line.question = true;
            line.barrier = Barrier::First { at: now, epoch };
        }
    }

    pub(super) fn something_breaks(&mut self, process: usize) {
        let primary = self.primary();
        match self.chance.below(10) {
            0..=1 => self.processes[process].line = None,
            2..=3 => {
                if let Some(line) = &mut self.processes[process].line {
                    line.is_stuck = true;
                }
            }
            4 => self.processes[process].reconnect_reader(self.address),
            5 => self.servers[primary].is_frozen = true,
            6 => {
                // Emptied and filled again from elsewhere: nothing is told but that.
                self.push(primary, Message::Everything);
            }
            7 if self.servers.len() < 4 => {
                let mut next = self.servers[primary].clone();
                next.is_frozen = false;
                self.servers[primary].is_cut_off = true;
                self.servers.push(next);
                self.tally.failovers += 1;
            }
            _ => {}
        }
    }
}

impl Process {
    fn hear_a_role(&mut self, is_believed: bool, now: Duration, flaw: Flaw) {
        let Some(line) = &mut self.line else {
            return;
        };
        match line.barrier {
            Barrier::Idle => {}
            Barrier::First { at, epoch } => {
                line.question = true;
                line.barrier = Barrier::Second { at, epoch };
            }
            Barrier::Second { at, epoch } => {
                line.barrier = Barrier::Idle;
                let at = if flaw == Flaw::LeaseFromNow { now } else { at };
                if is_believed {
                    self.cache.fresh_as_of(epoch, at);
                }
            }
        }
    }
}
