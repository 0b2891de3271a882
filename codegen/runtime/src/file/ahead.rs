//! Seeing to it that what is about to be read or sent is in memory, without waiting for the disk here.
//!
//! A worker that waits for the disk holds up all others that it serves. So each window is asked about
//! first; what is not in memory is fetched by a blocking thread, which has the system read far enough
//! ahead that the disk is not asked for each window.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::{WINDOW, cut_short};

/// How far ahead the system is told to read; it is told again when half of it is used up.
const AHEAD: u64 = 8 * 1024 * 1024;

/// What was done about the bytes to come.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Fetches a window.
    fetching: Option<JoinHandle<io::Result<()>>>,
    /// The end of what was fetched: that is not asked about again, as the answer may still be that it is
    /// not there, on a system that cannot tell.
    fetched: u64,
    /// The end of what the system was told to read.
    told: u64,
}

/// What the system says of a window.
enum Memory {
    Has,
    HasNot,
    CannotTell,
}

impl Ahead {
    /// Waits until reading the window does not have to wait.
    pub(super) fn poll_ready(
        &mut self,
        cx: &mut Context<'_>,
        file: &Arc<File>,
        window: &Range<u64>,
    ) -> Poll<io::Result<()>> {
        if self.fetching.is_none() {
            if window.end <= self.fetched {
                return Poll::Ready(Ok(()));
            }
            let wanted = match look(file, window)? {
                Memory::Has => return Poll::Ready(Ok(())),
                Memory::HasNot => window.clone(),
                Memory::CannotTell => window.start..window.start + AHEAD / 2,
            };
            self.fetched = wanted.end;
            let (file, told) = (Arc::clone(file), self.tell(window));
            let fetch = move || fetch(&file, told, wanted);
            // Whoever has no runtime may be held up.
            let Ok(runtime) = Handle::try_current() else {
                return Poll::Ready(fetch());
            };
            self.fetching = Some(runtime.spawn_blocking(fetch));
        }
        if let Some(fetching) = &mut self.fetching {
            let fetched = ready!(Pin::new(fetching).poll(cx));
            self.fetching = None;
            fetched.map_err(io::Error::other)??;
        }
        Poll::Ready(Ok(()))
    }

    /// What the system is to be told to read now.
    fn tell(&mut self, window: &Range<u64>) -> Option<Range<u64>> {
        if self.told >= window.end + AHEAD / 2 {
            return None;
        }
        let start = self.told.max(window.start);
        self.told = window.start + AHEAD;
        Some(start..self.told)
    }
}

/// Blocks until the windows of `wanted` are in memory.
fn fetch(file: &File, told: Option<Range<u64>>, wanted: Range<u64>) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if let Some(told) = told {
        use rustix::fs::{Advice, fadvise};
        // Advice: without it the reads below take longer.
        let length = std::num::NonZeroU64::new(told.end - told.start);
        let _ = fadvise(file, told.start, length, Advice::WillNeed);
    }
    #[cfg(not(target_os = "linux"))]
    drop(told);
    // Waits for what is on its way. The end of the file is noticed by whoever reads it.
    for start in wanted.clone().step_by(WINDOW) {
        let end = wanted.end.min(start + WINDOW as u64);
        for at in [start, end - 1] {
            if let Err(error) = file.read_at(&mut [0], at)
                && error.kind() != io::ErrorKind::Interrupted
            {
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Asks for the first and the last byte: files are read from disk in larger pieces than a page.
#[cfg(target_os = "linux")]
fn look(file: &File, window: &Range<u64>) -> io::Result<Memory> {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};
    for at in [window.start, window.end - 1] {
        let mut byte = [0];
        let mut buffers = [io::IoSliceMut::new(&mut byte)];
        match preadv2(file, &mut buffers, at, ReadWriteFlags::NOWAIT) {
            Ok(0) => return Err(cut_short()),
            Ok(_) => {}
            Err(Errno::AGAIN | Errno::INTR) => return Ok(Memory::HasNot),
            Err(Errno::NOSYS | Errno::NOTSUP) => return Ok(Memory::CannotTell),
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(Memory::Has)
}

#[cfg(not(target_os = "linux"))]
fn look(_file: &File, _window: &Range<u64>) -> io::Result<Memory> {
    Ok(Memory::CannotTell)
}
