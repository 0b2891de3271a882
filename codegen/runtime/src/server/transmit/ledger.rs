//! The account of one connection: which windows wait to be sent, and what was sent of them.
//!
//! Two sides meet here, both within the task of the connection: the transmitter, which sends, and hyper,
//! which holds a piece for each window and advances over what it was told was written. A piece that
//! advances over more than was sent has been copied; a piece that is dropped before its end leaves a
//! window behind that would be taken for another's. Both break the connection.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::file::offer::Window;

#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Account>);

#[derive(Debug, Default)]
struct Account {
    /// Windows in the order in which hyper has their markers.
    waiting: VecDeque<Window>,
    /// Bytes that were sent and that hyper has not advanced over yet.
    unclaimed: usize,
    is_broken: bool,
}

impl Ledger {
    fn account(&self) -> MutexGuard<'_, Account> {
        // No panic can come between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A window is going to be sent; whether that is possible any more.
    pub(super) fn push(&self, window: Window) -> bool {
        let mut account = self.account();
        account.waiting.push_back(window);
        !account.is_broken
    }

    /// A piece advances over some of its bytes.
    pub(super) fn claim(&self, bytes: usize) {
        let mut account = self.account();
        match account.unclaimed.checked_sub(bytes) {
            Some(rest) => account.unclaimed = rest,
            None => account.is_broken = true,
        }
    }

    /// A piece is dropped before its end.
    pub(super) fn abandon(&self) {
        self.account().is_broken = true;
    }

    /// The file and position of what is to be sent next, and how many bytes at most.
    pub(super) fn next(&self) -> io::Result<(Arc<File>, u64, usize)> {
        let account = self.account();
        match account.waiting.front() {
            Some(window) if !account.is_broken => {
                Ok((Arc::clone(&window.file), window.range.start, window.len()))
            }
            _ => Err(broken()),
        }
    }

    /// So many bytes of the next window were sent.
    pub(super) fn sent(&self, bytes: usize) {
        let mut account = self.account();
        account.unclaimed += bytes;
        if let Some(window) = account.waiting.front_mut() {
            window.range.start += bytes as u64;
            if window.range.is_empty() {
                account.waiting.pop_front();
            }
        }
    }

    /// Whether bytes that were written by somebody may be sent as they are.
    pub(super) fn check(&self) -> io::Result<()> {
        if self.account().is_broken {
            return Err(broken());
        }
        Ok(())
    }

    /// The same, where they may have been joined from several pieces.
    pub(super) fn check_joined(&self) -> io::Result<()> {
        let account = self.account();
        if account.is_broken || !account.waiting.is_empty() {
            return Err(broken());
        }
        Ok(())
    }
}

fn broken() -> io::Error {
    io::Error::other("the marker of a region of a file was not left as it was")
}
