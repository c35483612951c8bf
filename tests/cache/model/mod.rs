//! The protocol in small: one key, one server, one process, every order of
//! steps. What is proven here is proven of the protocol, not of the code; the
//! simulation beside it runs the code.
//!
//! The promise: whoever decides at a moment sees every change that was
//! acknowledged more than a lease before. Each mutant leaves out one part of the
//! protocol, and must break the promise: otherwise that part, or the model of
//! it, would be worth nothing.

mod state;

use std::collections::HashSet;

use self::state::{Mutant, State};

/// Looks at every state; gives how many there are.
fn search(mutant: Mutant) -> Result<usize, String> {
    let mut seen = HashSet::from([State::first()]);
    let mut open = vec![State::first()];
    while let Some(state) = open.pop() {
        for next in state.next(mutant)? {
            if seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    Ok(seen.len())
}

#[test]
fn the_protocol_keeps_its_promise_in_every_order() {
    let states = search(Mutant::None).unwrap();
    println!("{states} states");
    assert!(states > 100_000, "{states}");
}

/// What is left out is missed: the search finds a way to break the promise.
fn is_caught(mutant: Mutant) {
    let broken = search(mutant);
    assert!(broken.is_err(), "{mutant:?} is as good as the protocol");
}

#[test]
fn without_generations_a_reading_overtaken_by_a_change_stays() {
    is_caught(Mutant::NoGeneration);
}

#[test]
fn emptying_the_cache_is_no_epoch_a_reading_from_before_the_cut_stays() {
    is_caught(Mutant::NoEpoch);
}

#[test]
fn without_a_barrier_a_push_may_be_under_way() {
    is_caught(Mutant::NoBarrier);
}

#[test]
fn a_lease_from_now_vouches_for_what_was_not_heard() {
    is_caught(Mutant::LeaseFromNow);
}

#[test]
fn a_shared_reading_may_be_older_than_the_question() {
    is_caught(Mutant::SharedFlight);
}

#[test]
fn a_push_by_channel_comes_after_the_answer_that_vouches_for_it() {
    is_caught(Mutant::ByChannel);
}

#[test]
fn another_server_may_answer_from_the_past() {
    is_caught(Mutant::AnotherServer);
}
