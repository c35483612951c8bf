//! What may happen, one thing at a time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatelodge::domain::time::Clock as _;
use gatelodge::store::Copies as _;

use super::chance::Chance;
use super::checker::{Change, Checker};
use super::process::{Barrier, Line, Message, Process, WorldClock};
use super::servers::{Answer, Call, KEYS, Names, OWNERS, Question, Server, owner_of, versions};

const PROCESSES: usize = 2;

/// What is done wrong around the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    NoEpoch,
    NoBarrier,
    LeaseFromNow,
    ByChannel,
    NoReplicasAsked,
    AnotherServer,
    DeafToChanges,
}

/// What took place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub allowed: u64,
    pub refused: u64,
    pub failed: u64,
    pub hits: u64,
    pub misses: u64,
    pub negatives: u64,
    pub discarded: u64,
    pub direct: u64,
    pub flushes: u64,
    pub leases: u64,
    pub changes: u64,
    pub failovers: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.parts().into_iter().zip(other.clone().parts()) {
            *mine += *theirs;
        }
    }

    pub fn is_full(mut self) -> bool {
        self.parts().into_iter().all(|part| *part > 0)
    }

    fn parts(&mut self) -> [&mut u64; 12] {
        [
            &mut self.allowed,
            &mut self.refused,
            &mut self.failed,
            &mut self.hits,
            &mut self.misses,
            &mut self.negatives,
            &mut self.discarded,
            &mut self.direct,
            &mut self.flushes,
            &mut self.leases,
            &mut self.changes,
            &mut self.failovers,
        ]
    }
}

/// A change that a process asked for.
struct Writing {
    by: usize,
    change: Change,
    /// The server made it; the process does not know yet.
    is_made: bool,
}

/// Everything there is.
pub struct World {
    chance: Chance,
    flaw: Flaw,
    clock: Arc<WorldClock>,
    servers: Vec<Server>,
    /// Where new connections lead.
    address: usize,
    processes: Vec<Process>,
    writing: Vec<Writing>,
    checker: Checker,
    version: u64,
    tally: Tally,
}

impl World {
    pub fn new(seed: u64, flaw: Flaw) -> Self {
        let clock = Arc::new(WorldClock(AtomicU64::new(10_000)));
        let names = Names::new();
        let is_careless = flaw == Flaw::AnotherServer;
        let process = |_| Process::new(Arc::clone(&clock), &names, is_careless);
        Self {
            chance: Chance::new(seed),
            flaw,
            servers: vec![Server::new()],
            address: 0,
            processes: (0..PROCESSES).map(process).collect(),
            writing: Vec::new(),
            checker: Checker::default(),
            version: 0,
            tally: Tally::default(),
            clock,
        }
    }

    /// What took place, once the run is over.
    pub fn tally(mut self) -> Tally {
        for process in &self.processes {
            let report = process.cache.report();
            self.tally.hits += report.hits;
            self.tally.misses += report.misses;
            self.tally.negatives += report.negatives;
            self.tally.discarded += report.discarded;
            self.tally.direct += report.direct;
            self.tally.flushes += report.flushes;
            self.tally.leases += report.leases;
        }
        self.tally
    }

    /// One thing happens.
    pub fn step(&mut self) -> Result<(), String> {
        let process = self.chance.below(PROCESSES);
        match self.chance.below(200) {
            0..=34 => self.somebody_asks(process)?,
            35..=69 => self.a_server_answers(process),
            70..=109 => self.an_answer_arrives(process)?,
            110..=159 => self.the_line_goes_on(process),
            160..=165 => self.a_change_is_asked_for(process),
            166..=177 => self.a_change_goes_on(),
            178..=191 => self.time_passes(),
            192..=197 => self.a_line_begins(process),
            _ => self.something_breaks(process),
        }
        Ok(())
    }

    fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    fn primary(&self) -> usize {
        self.servers.len() - 1
    }

    fn time_passes(&mut self) {
        let millis = match self.chance.below(60) {
            // The machine sleeps.
            0 => 2_000,
            1..=6 => 400,
            _ => 1 + self.chance.below(90),
        };
        if self.chance.once_in(3) {
            // Whatever hung goes on, and names are set right.
            let primary = self.primary();
            self.servers[primary].is_frozen = false;
            self.address = primary;
        }
        if self.chance.once_in(4) {
            // Whoever was led elsewhere comes home.
            for process in &mut self.processes {
                let leads = process.reader.reads_from.load(Ordering::Relaxed);
                if leads != self.address && self.chance.once_in(3) {
                    process.reconnect_reader(self.address);
                }
                process.line.take_if(|line| line.server != self.address);
            }
        }
        if self.chance.once_in(10) {
            for line in self
                .processes
                .iter_mut()
                .filter_map(|one| one.line.as_mut())
            {
                line.is_stuck = false;
            }
        }
        self.clock
            .0
            .fetch_add(u64::try_from(millis).unwrap(), Ordering::Relaxed);
    }

    fn somebody_asks(&mut self, process: usize) -> Result<(), String> {
        let key = self.chance.below(KEYS);
        let own = self.checker.own_changes(process);
        let now = self.now();
        self.processes[process].ask(key, now, own);
        self.go_on(process)
    }

    /// Lets all requests of a process go on as far as they can.
    fn go_on(&mut self, process: usize) -> Result<(), String> {
        let mut waiting = Vec::new();
        for mut request in std::mem::take(&mut self.processes[process].requests) {
            let Some(outcome) = request.poll() else {
                waiting.push(request);
                continue;
            };
            let Ok(known) = outcome else {
                self.tally.failed += 1;
                continue;
            };
            let answer = known.as_deref().map(versions);
            match answer {
                Some(_) => self.tally.allowed += 1,
                None => self.tally.refused += 1,
            }
            let asked = (request.asked_at, request.own_changes);
            let owner = owner_of(request.key);
            self.checker
                .judge(process, request.key, owner, asked, answer)?;
        }
        self.processes[process].requests = waiting;
        Ok(())
    }

    /// A question about a record, or whether the server is the one to ask.
    fn a_server_answers(&mut self, process: usize) {
        let Some(call) = self.call(process, |call| call.said.is_none()) else {
            return;
        };
        let mut call = call.lock().unwrap();
        let server = &self.servers[call.server];
        if server.is_frozen {
            return;
        }
        call.said = Some(match call.question {
            Question::Read(key) => Answer::Read(server.read(key)),
            Question::Confirm(_) if server.is_cut_off && self.flaw != Flaw::NoReplicasAsked => {
                Answer::Failed
            }
            Question::Confirm(_) => Answer::Confirmed,
        });
    }

    fn an_answer_arrives(&mut self, process: usize) -> Result<(), String> {
        let is_late = self.chance.once_in(80);
        let Some(call) = self.call(process, |call| call.said.is_some() != is_late) else {
            return Ok(());
        };
        {
            let mut call = call.lock().unwrap();
            // The deadline may be over before the server has said anything.
            call.heard = Some(call.said.unwrap_or(Answer::Failed));
        }
        let calls = &self.processes[process].reader.calls;
        calls
            .lock()
            .unwrap()
            .retain(|other| !Arc::ptr_eq(other, &call));
        self.go_on(process)
    }

    /// Some question under way of that kind.
    fn call(&mut self, process: usize, kind: impl Fn(&Call) -> bool) -> Option<Arc<Mutex<Call>>> {
        let calls = self.processes[process].reader.calls.lock().unwrap();
        let those: Vec<_> = calls
            .iter()
            .filter(|call| kind(&call.lock().unwrap()))
            .collect();
        if those.is_empty() {
            return None;
        }
        Some(Arc::clone(those[self.chance.below(those.len())]))
    }

    fn a_change_is_asked_for(&mut self, by: usize) {
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

    fn a_change_goes_on(&mut self) {
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
    fn make(&mut self, change: Change) -> bool {
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

    fn push(&mut self, server: usize, message: Message) {
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
    fn acknowledge(&mut self, change: Change, by: usize) {
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

    fn a_line_begins(&mut self, process: usize) {
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
            wire: std::collections::VecDeque::new(),
            question: false,
            barrier: Barrier::Idle,
            is_stuck: false,
        });
    }

    /// The server answers a question, a message is heard, a proof begins.
    fn the_line_goes_on(&mut self, process: usize) {
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

    fn something_breaks(&mut self, process: usize) {
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
