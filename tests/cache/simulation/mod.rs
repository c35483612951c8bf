//! The cache itself under a store, lines, servers and clocks that do the worst,
//! in an order drawn from a seed. The same seed gives the same run.
//!
//! `SOAK_SEEDS` says how many seeds; a failing one is named.

mod chance;
mod changes;
mod checker;
mod lines;
mod process;
mod servers;
mod world;

use self::world::{Flaw, Tally, World};

/// How many seeds `make test` runs.
const SEEDS: u64 = 1_000;
/// How many steps one run has.
const STEPS: usize = 800;

#[expect(clippy::disallowed_methods, reason = "how long a test is to run")]
fn seeds() -> u64 {
    std::env::var("SOAK_SEEDS").map_or(SEEDS, |seeds| seeds.parse().unwrap())
}

fn run(seed: u64, flaw: Flaw) -> Result<Tally, String> {
    let mut world = World::new(seed, flaw);
    for _ in 0..STEPS {
        world.step()?;
    }
    Ok(world.tally())
}

#[test]
fn no_seed_breaks_the_promise() {
    let mut all = Tally::default();
    let seeds = seeds();
    for seed in 0..seeds {
        match run(seed, Flaw::None) {
            Ok(tally) => all.add(&tally),
            Err(broken) => panic!("seed {seed}: {broken}"),
        }
    }
    println!("{seeds} seeds: {all:?}");
    // Every kind of thing took place, or nothing was proven.
    assert!(all.is_full(), "{all:?}");
}

/// What is done wrong is noticed.
fn is_caught(flaw: Flaw) {
    let caught = (0..2_000).any(|seed| run(seed, flaw).is_err());
    assert!(caught, "{flaw:?} breaks nothing");
}

#[test]
fn a_line_that_begins_no_epoch_is_caught() {
    is_caught(Flaw::NoEpoch);
}

#[test]
fn a_proof_without_a_question_is_caught() {
    is_caught(Flaw::NoBarrier);
}

#[test]
fn a_proof_that_counts_from_now_is_caught() {
    is_caught(Flaw::LeaseFromNow);
}

#[test]
fn a_push_by_channel_is_caught() {
    is_caught(Flaw::ByChannel);
}

#[test]
fn a_primary_that_was_cut_off_and_is_believed_is_caught() {
    is_caught(Flaw::NoReplicasAsked);
}

#[test]
fn a_reading_from_another_server_that_is_kept_is_caught() {
    is_caught(Flaw::AnotherServer);
}

#[test]
fn a_push_that_is_lost_is_caught() {
    is_caught(Flaw::DeafToChanges);
}
