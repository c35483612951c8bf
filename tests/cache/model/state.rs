//! What may be, and what may come next.

use std::collections::VecDeque;

/// Moments that are looked at.
const TIME_MAX: u8 = 4;
/// The lease, in moments.
const LEASE: u8 = 1;
/// Changes that are made.
const CHANGES: usize = 2;
/// How often the line is cut.
const CUTS_MAX: u8 = 1;

/// What is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// Nothing.
    None,
    /// Invalidation removes the copy, and no generation is compared.
    NoGeneration,
    /// A new line empties the cache, and no epoch is compared.
    NoEpoch,
    /// The lease is renewed as long as the line looks well, unasked.
    NoBarrier,
    /// The lease counts from the answer, not from before the question.
    LeaseFromNow,
    /// A question joins any reading that is under way.
    SharedFlight,
    /// Pushes go through a channel: the answer behind them may be seen first.
    ByChannel,
    /// Readings may be answered by another server than the one that is followed.
    AnotherServer,
}

/// On the line, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Message {
    Changed,
    Answer,
}

/// A question and the one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Barrier {
    Idle,
    /// Sent at that moment in that epoch; the server has it or not.
    Asked {
        at: u8,
        epoch: u8,
        second: bool,
    },
}

/// A reading of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Flight {
    generation: u8,
    epoch: u8,
    read: Option<u8>,
    /// When the last question joined it, if any did.
    joined: Option<u8>,
}

/// A copy with what it was stamped with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Copied {
    version: u8,
    generation: u8,
    epoch: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    now: u8,
    /// Changes that the server has made.
    written: u8,
    /// When each was acknowledged.
    acknowledged: [Option<u8>; CHANGES],
    has_line: bool,
    cuts: u8,
    /// The server has a question to answer.
    question: bool,
    line: VecDeque<Message>,
    channel: u8,
    barrier: Barrier,
    generation: u8,
    epoch: u8,
    lease: Option<u8>,
    copied: Option<Copied>,
    flight: Option<Flight>,
}

impl State {
    pub fn first() -> Self {
        Self {
            now: 0,
            written: 0,
            acknowledged: [None; CHANGES],
            has_line: true,
            cuts: 0,
            question: false,
            line: VecDeque::new(),
            channel: 0,
            barrier: Barrier::Idle,
            generation: 0,
            epoch: 0,
            lease: None,
            copied: None,
            flight: None,
        }
    }

    /// How many changes whoever decides at that moment must see.
    fn promised(&self, at: u8) -> u8 {
        let seen = self
            .acknowledged
            .iter()
            .rposition(|when| when.is_some_and(|when| when + LEASE < at));
        seen.map_or(0, |last| u8::try_from(last).unwrap() + 1)
    }

    fn has_lease(&self) -> bool {
        self.lease.is_some_and(|from| self.now - from <= LEASE)
    }

    fn holds(&self, generation: u8, epoch: u8, mutant: Mutant) -> bool {
        (generation == self.generation || mutant == Mutant::NoGeneration)
            && (epoch == self.epoch || mutant == Mutant::NoEpoch)
    }

    fn hear_of_a_change(&mut self) {
        self.generation += 1;
        self.copied = None;
    }

    fn hear_an_answer(&mut self, mutant: Mutant) {
        let Barrier::Asked { at, epoch, second } = self.barrier else {
            return;
        };
        if !second {
            self.question = true;
            self.barrier = Barrier::Asked {
                at,
                epoch,
                second: true,
            };
            return;
        }
        self.barrier = Barrier::Idle;
        if epoch == self.epoch {
            let from = if mutant == Mutant::LeaseFromNow {
                self.now
            } else {
                at
            };
            self.lease = self.lease.max(Some(from));
        }
    }

    /// Every state that may come next; an error where one breaks the promise.
    pub fn next(&self, mutant: Mutant) -> Result<Vec<Self>, String> {
        let mut all = Vec::new();
        self.time_passes(&mut all);
        self.server_steps(&mut all);
        self.line_steps(mutant, &mut all);
        self.reader_steps(mutant, &mut all);
        self.questions(mutant, &mut all)?;
        Ok(all)
    }

    fn step(&self, change: impl FnOnce(&mut Self), all: &mut Vec<Self>) {
        let mut next = self.clone();
        change(&mut next);
        all.push(next);
    }

    fn time_passes(&self, all: &mut Vec<Self>) {
        if self.now < TIME_MAX {
            self.step(|next| next.now += 1, all);
        }
    }

    fn server_steps(&self, all: &mut Vec<Self>) {
        if usize::from(self.written) < CHANGES {
            self.step(
                |next| {
                    next.written += 1;
                    if next.has_line {
                        next.line.push_back(Message::Changed);
                    }
                },
                all,
            );
        }
        // An acknowledgement never overtakes its push.
        let done = usize::from(self.written);
        if let Some(open) = self.acknowledged[..done].iter().position(Option::is_none) {
            self.step(|next| next.acknowledged[open] = Some(next.now), all);
        }
        if self.question && self.has_line {
            self.step(
                |next| {
                    next.question = false;
                    next.line.push_back(Message::Answer);
                },
                all,
            );
        }
    }

    fn line_steps(&self, mutant: Mutant, all: &mut Vec<Self>) {
        if let Some(message) = self.line.front().copied() {
            self.step(
                |next| {
                    next.line.pop_front();
                    match message {
                        Message::Changed if mutant == Mutant::ByChannel => next.channel += 1,
                        Message::Changed => next.hear_of_a_change(),
                        Message::Answer => next.hear_an_answer(mutant),
                    }
                },
                all,
            );
        }
        if self.channel > 0 {
            self.step(
                |next| {
                    next.channel -= 1;
                    next.hear_of_a_change();
                },
                all,
            );
        }
        if self.has_line && self.cuts < CUTS_MAX {
            self.step(
                |next| {
                    next.has_line = false;
                    next.cuts += 1;
                    next.question = false;
                    next.line.clear();
                    next.barrier = Barrier::Idle;
                },
                all,
            );
        }
        if !self.has_line {
            self.step(
                |next| {
                    next.has_line = true;
                    next.copied = None;
                    next.epoch += 1;
                },
                all,
            );
        }
    }

    fn reader_steps(&self, mutant: Mutant, all: &mut Vec<Self>) {
        if self.has_line && self.barrier == Barrier::Idle {
            if mutant == Mutant::NoBarrier {
                self.step(|next| next.lease = Some(next.now), all);
            } else {
                self.step(
                    |next| {
                        next.question = true;
                        next.barrier = Barrier::Asked {
                            at: next.now,
                            epoch: next.epoch,
                            second: false,
                        };
                    },
                    all,
                );
            }
        }
        if let Some(flight) = self.flight
            && flight.read.is_none()
        {
            let oldest = if mutant == Mutant::AnotherServer {
                0
            } else {
                self.written
            };
            for version in oldest..=self.written {
                self.step(
                    |next| {
                        next.flight = Some(Flight {
                            read: Some(version),
                            ..flight
                        });
                    },
                    all,
                );
            }
        }
    }

    /// Somebody asks, joins, is answered.
    fn questions(&self, mutant: Mutant, all: &mut Vec<Self>) -> Result<(), String> {
        if self.has_lease() {
            match (self.copied, self.flight) {
                (Some(copied), _) if self.holds(copied.generation, copied.epoch, mutant) => {
                    self.judge(copied.version, self.now, "a copy")?;
                }
                (_, None) => self.step(
                    |next| {
                        next.flight = Some(Flight {
                            generation: next.generation,
                            epoch: next.epoch,
                            read: None,
                            joined: None,
                        });
                    },
                    all,
                ),
                (_, Some(flight))
                    if mutant == Mutant::SharedFlight
                        || self.holds(flight.generation, flight.epoch, mutant) =>
                {
                    self.step(
                        |next| {
                            next.flight = Some(Flight {
                                joined: Some(next.now),
                                ..flight
                            });
                        },
                        all,
                    );
                }
                _ => {}
            }
        }
        if let Some(flight) = self.flight
            && let Some(version) = flight.read
        {
            let holds = self.holds(flight.generation, flight.epoch, mutant);
            if let Some(joined) = flight.joined
                && (holds || mutant == Mutant::SharedFlight)
            {
                self.judge(version, joined, "a reading that was joined")?;
            }
            self.step(
                |next| {
                    next.flight = None;
                    if holds {
                        next.copied = Some(Copied {
                            version,
                            generation: flight.generation,
                            epoch: flight.epoch,
                        });
                    }
                },
                all,
            );
        }
        Ok(())
    }

    fn judge(&self, version: u8, at: u8, what: &str) -> Result<(), String> {
        let promised = self.promised(at);
        if version < promised {
            return Err(format!(
                "at {at}, {what} has seen {version} changes of {promised} promised: {self:?}"
            ));
        }
        Ok(())
    }
}
