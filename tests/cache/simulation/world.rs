//! What may happen, one thing at a time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatelodge::domain::time::Clock as _;

use super::chance::Chance;
use super::checker::{Change, Checker};
use super::process::{Process, WorldClock};
use super::servers::{Answer, Call, KEYS, Names, Question, Server, owner_of, versions};

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
pub struct Writing {
    pub(super) by: usize,
    pub(super) change: Change,
    /// The server made it; the process does not know yet.
    pub(super) is_made: bool,
}

/// Everything there is.
pub struct World {
    pub(super) chance: Chance,
    pub(super) flaw: Flaw,
    pub(super) clock: Arc<WorldClock>,
    pub(super) servers: Vec<Server>,
    /// Where new connections lead.
    pub(super) address: usize,
    pub(super) processes: Vec<Process>,
    pub(super) writing: Vec<Writing>,
    pub(super) checker: Checker,
    pub(super) version: u64,
    pub(super) tally: Tally,
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

    pub(super) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    pub(super) fn primary(&self) -> usize {
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
}
