//! Removes uploads that nobody goes on with.
//!
//! One after the other, and a page of names at a time: however many there are, it costs little memory and
//! no request waits for long. An upload that somebody writes in this process is locked, and one that
//! somebody writes elsewhere has young bytes.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use registry_protocol::{Name, UploadId};

use super::state::Place;
use crate::domain::Scope;
use crate::driver::{AppendOptions, Key, Kind, ListOptions};
use crate::error::{Fault, UploadError};
use crate::layout::paths;
use crate::shared::Shared;

/// So many names are held at once.
const PAGE: usize = 200;

/// Which uploads are purged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PurgeOptions {
    /// Those that were started, and last written to, at least so long ago.
    pub age: Duration,
    /// None at all: they are only counted.
    pub dry_run: bool,
}

impl Default for PurgeOptions {
    fn default() -> Self {
        Self {
            age: Duration::from_hours(168),
            dry_run: false,
        }
    }
}

/// What a purge found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Purged {
    /// Uploads that were old enough and are gone, or would be.
    pub purged: u64,
    /// Uploads that stay.
    pub kept: u64,
    /// Uploads and repositories that the storage failed at; the log says how.
    pub failed: u64,
}

/// Goes through all repositories of a scope, and what could become one.
pub(crate) async fn purge(
    shared: &Arc<Shared>,
    scope: &dyn Scope,
    options: PurgeOptions,
) -> Result<Purged, Fault> {
    let mut done = Purged::default();
    let Ok(before) = shared.clock.now().checked_sub(options.age) else {
        return Ok(done);
    };
    let mut directories = vec![String::new()];
    while let Some(directory) = directories.pop() {
        let Some(key) = paths::below_repositories(&directory) else {
            continue;
        };
        let children = shared.store.children(&key).await;
        let children = children.or_else(|fault| note(fault, &directory, &mut done))?;
        let below = children
            .into_iter()
            .filter(|child| child.kind == Kind::Directory && !child.name.starts_with('_'))
            .map(|child| match directory.as_str() {
                "" => child.name,
                _ => format!("{directory}/{}", child.name),
            });
        directories.extend(below);
        if let Ok(name) = Name::parse(&directory)
            && scope.contains(&name)
        {
            let purge = Purge {
                shared,
                name: &name,
                before,
                dry_run: options.dry_run,
            };
            if let Err(fault) = purge.repository(&mut done).await {
                note::<()>(fault, &directory, &mut done).unwrap_or_default();
            }
        }
    }
    Ok(done)
}

/// A directory that cannot be read keeps nobody from the others; only the root has to be there.
fn note<T: Default>(fault: Fault, directory: &str, done: &mut Purged) -> Result<T, Fault> {
    if directory.is_empty() {
        return Err(fault);
    }
    tracing::warn!(%directory, error = ?fault, "uploads could not be looked for");
    done.failed += 1;
    Ok(T::default())
}

/// A purge of one repository.
struct Purge<'a> {
    shared: &'a Arc<Shared>,
    name: &'a Name,
    before: Timestamp,
    dry_run: bool,
}

impl Purge<'_> {
    async fn repository(&self, done: &mut Purged) -> Result<(), Fault> {
        for directory in paths::of_uploads(self.name) {
            self.directory(&directory, done).await?;
        }
        Ok(())
    }

    /// Goes through the uploads that have a file or directory here.
    async fn directory(&self, directory: &Key, done: &mut Purged) -> Result<(), Fault> {
        let mut after: Option<String> = None;
        loop {
            let page = ListOptions::page(after.as_deref(), PAGE);
            let Some(listing) = self.shared.store.list(directory, page).await? else {
                return Ok(());
            };
            for id in listing
                .names()
                .filter_map(|name| UploadId::parse(name).ok())
            {
                match self.upload(&id, directory).await {
                    Ok(Some(true)) => done.purged += 1,
                    Ok(Some(false)) => done.kept += 1,
                    Ok(None) => {}
                    Err(fault) => {
                        tracing::warn!(repository = %self.name, upload = %id, error = ?fault, "an old upload stays");
                        done.failed += 1;
                    }
                }
            }
            after = listing.entries.last().map(|entry| entry.name.clone());
            if !listing.more || after.is_none() {
                return Ok(());
            }
        }
    }

    /// Purges an upload if it is old; whether it is, unless it is another directory that tells.
    async fn upload(&self, id: &UploadId, directory: &Key) -> Result<Option<bool>, Fault> {
        let place = Place::new(Arc::clone(self.shared), self.name.clone(), id.clone());
        let [start, _] = place.remains();
        if !start.is_below(directory) && self.shared.store.exists(&start).await? {
            return Ok(None);
        }
        let Some(_alone) = self.shared.uploads.try_exclusive(&place.lock_key()) else {
            return Ok(Some(false));
        };
        if !self.is_old(&place).await? {
            if !self.dry_run {
                give_back_room(&place).await;
            }
            return Ok(Some(false));
        }
        if !self.dry_run {
            place.drop_all().await?;
            tracing::info!(repository = %self.name, upload = %id, "an upload was purged");
        }
        Ok(Some(true))
    }

    /// Whether it was started, and last written to, long ago. What has no legible start has at least a
    /// file or directory with a time.
    async fn is_old(&self, place: &Place) -> Result<bool, Fault> {
        match place.start().await {
            Ok(start) if start.at < self.before => {
                let data = paths::upload_data(&place.name, &place.id);
                Ok(self.is_old_if_there(&data).await?.unwrap_or(true))
            }
            Ok(_) => Ok(false),
            Err(UploadError::Fault(fault)) => Err(fault),
            Err(UploadError::Unknown(_) | UploadError::Damaged(_)) => {
                let mut is_old = None;
                for key in place.remains() {
                    let this = self.is_old_if_there(&key).await?;
                    is_old = this.map(|this| this && is_old.unwrap_or(true)).or(is_old);
                }
                Ok(is_old.unwrap_or(false))
            }
        }
    }

    async fn is_old_if_there(&self, key: &Key) -> Result<Option<bool>, Fault> {
        let stat = self.shared.store.stat(key).await?;
        Ok(stat.map(|stat| {
            let time = stat
                .modified
                .and_then(|time| Timestamp::try_from(time).ok());
            time.is_some_and(|time| time < self.before)
        }))
    }
}

/// A process that was killed may have put room aside for what it did not receive any more. Whoever appends to
/// the file gives it back.
async fn give_back_room(place: &Place) {
    let given_back = async {
        if let Some(length) = place.data_length().await? {
            let data = paths::upload_data(&place.name, &place.id);
            let appender = place
                .store()
                .driver()
                .append(&data, AppendOptions::at(length));
            appender.await?.close().await?;
        }
        Ok::<(), Fault>(())
    };
    // Mostly another process that writes it.
    if let Err(error) = given_back.await {
        tracing::debug!(repository = %place.name, upload = %place.id, ?error, "an upload was not looked at");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::clock::{Clock, RandomIds};
    use crate::domain::UploadOptions;
    use crate::driver::faulty::{Faults, When};
    use crate::driver::{Memory, StorageDriver, StorageDriverExt};
    use crate::local::Local;
    use crate::testing::{blobs, chunk, name, open_options, push_blob, start};

    const HOUR: i64 = 3600;

    /// A clock that is set, for the registry and its storage.
    #[derive(Debug, Clone, Default)]
    struct Hours(Arc<AtomicI64>);

    impl Hours {
        fn set(&self, hours: i64) {
            self.0.store(hours, Ordering::SeqCst);
        }
    }

    impl Clock for Hours {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::SeqCst) * HOUR).unwrap()
        }
    }

    fn storage() -> (Hours, Arc<dyn StorageDriver>, Local) {
        let clock = Hours::default();
        let driver: Arc<dyn StorageDriver> = Arc::new(Memory::new(Arc::new(clock.clone())));
        let local = over(&driver, &clock);
        (clock, driver, local)
    }

    fn over(driver: &Arc<dyn StorageDriver>, clock: &Hours) -> Local {
        let clock = Arc::new(clock.clone());
        Local::with(
            Arc::clone(driver),
            open_options(),
            clock,
            Arc::new(RandomIds),
        )
    }

    async fn purged(local: &Local) -> (u64, u64, u64) {
        let done = local.purge_uploads(PurgeOptions::default()).await.unwrap();
        (done.purged, done.kept, done.failed)
    }

    /// Starts an upload, with some bytes, and leaves it.
    async fn left(local: &Local, repository: &str) -> UploadId {
        let mut upload = start(&blobs(local, repository)).await;
        upload.write(chunk(b"some bytes")).await.unwrap();
        upload.suspend().await.unwrap().id
    }

    #[tokio::test]
    async fn uploads_are_purged_when_they_are_a_week_old() {
        let (clock, _, local) = storage();
        assert_eq!(purged(&local).await, (0, 0, 0));
        let old = [left(&local, "a").await, left(&local, "a/b/c").await];
        let digest = push_blob(&local, "a", b"blob").await;
        clock.set(1);
        let young = left(&local, "a").await;
        clock.set(168);
        assert_eq!(purged(&local).await, (0, 3, 0));
        clock.set(169);
        assert_eq!(purged(&local).await, (2, 1, 0));
        assert_eq!(purged(&local).await, (0, 1, 0));
        for (repository, id) in ["a", "a/b/c"].into_iter().zip(old) {
            let gone = blobs(&local, repository).status(&id).await;
            assert!(matches!(gone, Err(UploadError::Unknown(_))));
        }
        assert_eq!(blobs(&local, "a").status(&young).await.unwrap().size, 10);
        blobs(&local, "a").stat(&digest).await.unwrap();
    }

    #[tokio::test]
    async fn a_dry_run_only_counts() {
        let (clock, _, local) = storage();
        let id = left(&local, "a").await;
        clock.set(1000);
        let options = PurgeOptions {
            dry_run: true,
            ..PurgeOptions::default()
        };
        for _ in 0..2 {
            assert_eq!(local.purge_uploads(options).await.unwrap().purged, 1);
        }
        blobs(&local, "a").status(&id).await.unwrap();
    }

    #[tokio::test]
    async fn what_is_being_written_or_was_written_lately_stays() {
        let (clock, driver, local) = storage();
        let id = left(&local, "a").await;
        let mut held = start(&blobs(&local, "a")).await;
        clock.set(200);
        // By another process.
        let other = over(&driver, &clock);
        let mut upload = blobs(&other, "a").resume(&id).await.unwrap();
        upload.write(chunk(b"more")).await.unwrap();
        upload.suspend().await.unwrap();
        clock.set(250);
        assert_eq!(purged(&local).await, (0, 2, 0));
        held.write(chunk(b"bytes")).await.unwrap();
        held.suspend().await.unwrap();
        clock.set(500);
        assert_eq!(purged(&local).await, (2, 0, 0));
    }

    #[tokio::test]
    async fn more_uploads_than_a_page_are_all_purged() {
        let (clock, _, local) = storage();
        for _ in 0..=2 * PAGE {
            let started = blobs(&local, "a").start(UploadOptions::default()).await;
            started.unwrap().suspend().await.unwrap();
        }
        clock.set(1000);
        assert_eq!(purged(&local).await, (2 * PAGE as u64 + 1, 0, 0));
        assert_eq!(purged(&local).await, (0, 0, 0));
    }

    #[tokio::test]
    async fn an_upload_of_which_nothing_was_kept_is_counted_once_and_purged_whole() {
        let (clock, driver, local) = storage();
        let mut ids = Vec::new();
        for _ in 0..2 {
            let upload = start(&blobs(&local, "a")).await;
            ids.push(upload.suspend().await.unwrap().id);
        }
        // Another process has begun to write one of them, and may still be at it.
        clock.set(100);
        let data = paths::upload_data(&name("a"), &ids[0]);
        driver.replace(&data, "bytes").await.unwrap();
        assert_eq!(purged(&local).await, (0, 2, 0));
        clock.set(200);
        assert_eq!(purged(&local).await, (1, 1, 0));
        clock.set(300);
        assert_eq!(purged(&local).await, (1, 0, 0));
        assert!(!driver.exists(&data).await.unwrap());
    }

    #[tokio::test]
    async fn a_start_that_a_power_cut_emptied_is_purged_by_its_time() {
        let (clock, driver, local) = storage();
        let id = UploadId::parse("emptied").unwrap();
        let start = paths::upload_start(&name("a"), &id);
        driver.replace(&start, "").await.unwrap();
        let unknown = blobs(&local, "a").status(&id).await;
        assert!(matches!(unknown, Err(UploadError::Unknown(_))));
        clock.set(100);
        assert_eq!(purged(&local).await, (0, 1, 0));
        clock.set(200);
        assert_eq!(purged(&local).await, (1, 0, 0));
        assert!(!driver.exists(&start).await.unwrap());
    }

    #[tokio::test]
    async fn what_has_no_start_is_purged_by_the_time_of_its_directory() {
        let root = tempfile::tempdir().unwrap();
        let options = crate::driver::FilesystemOptions::new(root.path());
        let driver: Arc<dyn StorageDriver> =
            Arc::new(crate::driver::Filesystem::open(options).unwrap());
        let clock = Hours::default();
        let local = over(&driver, &clock);
        let id = UploadId::parse("broken").unwrap();
        let data = paths::upload_data(&name("a"), &id);
        driver.replace(&data, &b"bytes"[..]).await.unwrap();
        let started_at = paths::upload_started_at(&name("a"), &id);
        for content in ["", "yesterday"] {
            driver.replace(&started_at, content).await.unwrap();
            clock.set(0);
            assert_eq!(purged(&local).await, (0, 1, 0));
        }
        clock.set(24 * 365 * 200);
        assert_eq!(purged(&local).await, (1, 0, 0));
        assert!(!driver.exists(&data).await.unwrap());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn room_that_a_killed_process_put_aside_is_given_back_by_the_next_purge() {
        use crate::driver::filesystem::tests::touch;
        use std::os::unix::fs::MetadataExt;
        let root = tempfile::tempdir().unwrap();
        let options = crate::driver::FilesystemOptions::new(root.path());
        let driver: Arc<dyn StorageDriver> =
            Arc::new(crate::driver::Filesystem::open(options).unwrap());
        let local = over(&driver, &Hours::default());
        let id = left(&local, "a").await;
        let data = paths::upload_data(&name("a"), &id);
        let data = root.path().join(data.as_str());
        touch::put_room_aside(&data, 8 << 20);
        let blocks = || data.metadata().unwrap().blocks();
        let dry = PurgeOptions {
            dry_run: true,
            ..PurgeOptions::default()
        };
        local.purge_uploads(dry).await.unwrap();
        assert!(blocks() >= 16_384);
        assert_eq!(purged(&local).await, (0, 1, 0));
        assert!(blocks() < 1024);
        assert_eq!(blobs(&local, "a").status(&id).await.unwrap().size, 10);
    }

    #[tokio::test]
    async fn whatever_fails_the_next_purge_makes_up_for_it() {
        for number in 1.. {
            let (clock, driver, local) = storage();
            let old = [left(&local, "a").await, left(&local, "b/c").await];
            clock.set(1000);
            let faults = Arc::new(Faults::at(number, When::Before));
            let failing: Arc<dyn StorageDriver> = Arc::new(Faults::around(driver, &faults));
            let done = over(&failing, &clock)
                .purge_uploads(PurgeOptions::default())
                .await;
            match done {
                // The remains of an upload that is gone are nobody's failure.
                Ok(done) => assert!(
                    done.failed > 0 || done.purged == 2,
                    "call {number}: {done:?}"
                ),
                Err(_) => assert_eq!(number, 1),
            }
            let again = purged(&local).await;
            assert_eq!(again.2, 0);
            for (repository, id) in ["a", "b/c"].into_iter().zip(old) {
                let gone = blobs(&local, repository).status(&id).await;
                assert!(
                    matches!(gone, Err(UploadError::Unknown(_))),
                    "call {number}"
                );
            }
            if faults.struck() == 0 {
                break;
            }
        }
    }
}
