//! One reading of the store for many who ask the same thing at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::stamps::{Buckets, Stamp, Stamps};
use crate::domain::api_key::ApiKeyId;

/// A reading under way. If whoever began it goes away, the next one who waits
/// does it anew.
pub(super) struct Flight<T> {
    /// Noted before it began.
    pub stamp: Stamp,
    /// What it brought.
    pub landed: OnceCell<T>,
}

/// The readings under way.
pub(super) struct Flights<T>(Mutex<HashMap<ApiKeyId, Arc<Flight<T>>>>);

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Flights<T> {
    /// Joins a reading, or begins one. A reading that began before the last
    /// change of the key is not joined: it may bring what was there before.
    pub fn join(&self, id: &ApiKeyId, buckets: Buckets, stamps: &Stamps) -> Arc<Flight<T>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(id)
            && stamps.holds(flight.stamp, buckets)
        {
            return Arc::clone(flight);
        }
        let flight = Arc::new(Flight {
            stamp: stamps.now(),
            landed: OnceCell::new(),
        });
        flights.insert(*id, Arc::clone(&flight));
        flight
    }

    /// Nobody joins it from now on.
    pub fn close(&self, id: &ApiKeyId, flight: &Arc<Flight<T>>) {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if flights
            .get(id)
            .is_some_and(|open| Arc::ptr_eq(open, flight))
        {
            flights.remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_from_before_a_change_is_not_joined() {
        let (flights, stamps) = (Flights::<()>::default(), Stamps::new(8));
        let id = ApiKeyId::parse("00abcdefghABCDEF").unwrap();
        let buckets = Buckets {
            key: 3,
            owner: None,
        };
        let join = || flights.join(&id, buckets, &stamps);
        let first = join();
        assert!(Arc::ptr_eq(&first, &join()));
        stamps.key_changed(3);
        let second = join();
        assert!(!Arc::ptr_eq(&first, &second));
        // The former one landing does not close the one after it.
        flights.close(&id, &first);
        assert!(Arc::ptr_eq(&second, &join()));
        flights.close(&id, &second);
        assert!(!Arc::ptr_eq(&second, &join()));
    }
}
