//! Remembers tokens, and lets those who want the same one wait for one request.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _, Shared};

use super::AuthError;
use super::token::{Token, Wanted};

/// The most tokens that are remembered.
const MOST: usize = 1000;

type Coming = Shared<BoxFuture<'static, Result<Token, AuthError>>>;

enum Entry {
    There(Token),
    Coming(Coming),
}

/// Tokens that are there or coming.
#[derive(Default)]
pub(crate) struct Cache(Mutex<BTreeMap<Wanted, Entry>>);

impl Cache {
    /// The token that is wanted. `fetch` makes the request for it, if nobody did so before.
    pub(crate) async fn get(
        &self,
        wanted: &Wanted,
        now: Duration,
        fetch: impl FnOnce() -> BoxFuture<'static, Result<Token, AuthError>>,
    ) -> Result<Token, AuthError> {
        let coming = {
            let mut entries = self.entries();
            match entries.get(wanted) {
                Some(Entry::There(token)) if token.is_fresh(now) => return Ok(token.clone()),
                Some(Entry::Coming(coming)) => coming.clone(),
                _ => {
                    let coming = fetch().shared();
                    make_room(&mut entries, now);
                    entries.insert(wanted.clone(), Entry::Coming(coming.clone()));
                    coming
                }
            }
        };
        let token = coming.clone().await;
        let mut entries = self.entries();
        // The first of those who waited keeps what came; an error is kept by nobody.
        let is_ours =
            matches!(entries.get(wanted), Some(Entry::Coming(other)) if other.ptr_eq(&coming));
        if is_ours {
            match &token {
                Ok(token) => drop(entries.insert(wanted.clone(), Entry::There(token.clone()))),
                Err(_) => drop(entries.remove(wanted)),
            }
        }
        token
    }

    /// Forgets a token that was not accepted, unless there is another one already.
    pub(crate) fn forget(&self, wanted: &Wanted, refused: &Token) {
        let mut entries = self.entries();
        let is_that = matches!(entries.get(wanted), Some(Entry::There(token)) if token.secret == refused.secret);
        if is_that {
            entries.remove(wanted);
        }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<Wanted, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops what is of no use any more, and everything that has come where that is not enough.
fn make_room(entries: &mut BTreeMap<Wanted, Entry>, now: Duration) {
    if entries.len() >= MOST {
        entries.retain(|_, entry| match entry {
            Entry::There(token) => token.is_fresh(now),
            Entry::Coming(coming) => is_awaited(coming),
        });
    }
    if entries.len() >= MOST {
        entries.retain(|_, entry| matches!(entry, Entry::Coming(_)));
    }
}

/// Whether anybody still waits for a token; the entry itself does not.
fn is_awaited(coming: &Coming) -> bool {
    coming.strong_count().is_some_and(|count| count > 1)
}
