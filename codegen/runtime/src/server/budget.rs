//! How many bytes of request bodies may lie in memory at once, those of all requests together.
//!
//! Each body that is read into memory has its own limit, but thousands of clients can send almost that much
//! and stop. So what has arrived is counted until its request is answered; where too much is there, a request
//! waits for others to end, and is refused when that takes too long. Hazards: to count what is announced would
//! let clients that send nothing shut out all others, so only what arrives counts; and the beginning of each
//! body is free, so that small requests are answered whatever large ones do.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So much of each body is not counted.
const FREE: usize = 16 * 1024;

/// What all requests share.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    room: Arc<Semaphore>,
    total: u32,
    patience: Duration,
}

/// There is no room, and there was none for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crowded;

impl Budget {
    /// Room for `total` bytes, for which a request waits so long.
    pub(super) fn new(total: u64, patience: Duration) -> Self {
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        let permits = usize::try_from(total).unwrap_or(usize::MAX);
        Self {
            room: Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS))),
            total,
            patience,
        }
    }

    /// A request that has taken nothing yet, with a body of this length: none where it will not take anything.
    pub(super) fn share(&self, len: Option<u64>) -> Option<Share> {
        let is_free = len.is_some_and(|len| len <= FREE as u64);
        (!is_free).then(|| {
            Share(Arc::new(Inner {
                budget: self.clone(),
                held: Mutex::new(Held::default()),
            }))
        })
    }
}

/// What one request has taken. It is given back when the last clone is gone.
#[derive(Clone, Debug)]
pub(super) struct Share(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    budget: Budget,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    arrived: usize,
    permits: Option<OwnedSemaphorePermit>,
}

impl Held {
    fn count(&self) -> u32 {
        let permits = self.permits.as_ref();
        permits.map_or(0, |permits| {
            u32::try_from(permits.num_permits()).unwrap_or(u32::MAX)
        })
    }
}

impl Share {
    /// So many bytes more have arrived. What is more than there is at all waits for all of it.
    pub(super) async fn take(&self, bytes: usize) -> Result<(), Crowded> {
        let budget = &self.0.budget;
        let wanted = {
            let mut held = self.held();
            held.arrived = held.arrived.saturating_add(bytes);
            let counted = u32::try_from(held.arrived.saturating_sub(FREE)).unwrap_or(u32::MAX);
            counted.min(budget.total) - held.count()
        };
        if wanted == 0 {
            return Ok(());
        }
        let room = Arc::clone(&budget.room).acquire_many_owned(wanted);
        let Ok(Ok(more)) = tokio::time::timeout(budget.patience, room).await else {
            return Err(Crowded);
        };
        let mut held = self.held();
        match &mut held.permits {
            Some(permits) => permits.merge(more),
            none => *none = Some(more),
        }
        Ok(())
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        // It is whole after every line.
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const LONG: Duration = Duration::from_mins(1);

    fn taken(budget: &Budget) -> usize {
        usize::try_from(budget.total).unwrap() - budget.room.available_permits()
    }

    fn share_of(budget: &Budget) -> Share {
        budget.share(None).expect("may take something")
    }

    #[test]
    fn a_small_body_has_no_share() {
        let budget = Budget::new(1 << 20, LONG);
        assert!(budget.share(Some(FREE as u64)).is_none());
        assert!(budget.share(Some(FREE as u64 + 1)).is_some());
    }

    #[tokio::test]
    async fn what_arrives_is_counted_but_for_its_beginning_until_the_request_is_over() {
        let budget = Budget::new(1 << 20, LONG);
        let share = share_of(&budget);
        for (bytes, counted) in [(FREE / 2, 0), (FREE / 2, 0), (100, 100), (1000, 1100)] {
            share.take(bytes).await.unwrap();
            assert_eq!(taken(&budget), counted);
        }
        let other = share_of(&budget);
        other.take(FREE + 5).await.unwrap();
        assert_eq!(taken(&budget), 1105);
        let clone = share.clone();
        drop((share, other));
        assert_eq!(taken(&budget), 1100);
        drop(clone);
        assert_eq!(taken(&budget), 0);
    }

    #[tokio::test]
    async fn three_hundred_that_stand_still_have_no_more_than_there_is_and_small_ones_come_through()
    {
        let budget = Budget::new(1000, Duration::ZERO);
        let shares: Vec<Share> = (0..300).map(|_| share_of(&budget)).collect();
        for share in &shares[..4] {
            share.take(FREE + 250).await.unwrap();
        }
        for share in &shares[4..] {
            assert_eq!(
                share.take(FREE).await,
                Ok(()),
                "small ones find room always"
            );
        }
        for share in &shares[4..] {
            assert_eq!(share.take(1).await, Err(Crowded));
        }
        assert_eq!(taken(&budget), 1000);
    }

    #[tokio::test]
    async fn room_that_comes_free_is_given_to_who_waits_for_it() {
        let budget = Budget::new(1000, LONG);
        let (first, second) = (share_of(&budget), share_of(&budget));
        first.take(FREE + 900).await.unwrap();
        let mut waiting = Box::pin(second.take(FREE + 200));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(first);
        assert_eq!(waiting.await, Ok(()));
        assert_eq!(taken(&budget), 200);
    }

    #[tokio::test]
    async fn a_body_that_is_larger_than_all_there_is_comes_through_alone() {
        let budget = Budget::new(1000, LONG);
        let share = share_of(&budget);
        share.take(FREE + 600).await.unwrap();
        share.take(600).await.unwrap();
        share.take(600).await.unwrap();
        assert_eq!(taken(&budget), 1000);
    }
}
