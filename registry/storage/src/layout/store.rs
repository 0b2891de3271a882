//! The driver in the words that the services need: links, records, directories that may be missing.
//!
//! Here the driver's errors become faults. `NotFound` alone becomes "none"; every other error stays one.

use std::sync::Arc;

use bytes::Bytes;
use registry_protocol::{Digest, Name};

use super::doubt::Doubts;
use super::{link, paths};
use crate::driver::{
    Change, DeleteOptions, DriverError, Entry, Key, ListOptions, Listing, PutOptions, ReadOptions,
    Stat, StorageDriver, StorageDriverExt,
};
use crate::error::Fault;

/// A driver that holds distribution's layout.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    driver: Arc<dyn StorageDriver>,
    doubts: Arc<Doubts>,
}

impl Store {
    pub(crate) fn new(driver: Arc<dyn StorageDriver>) -> Self {
        let doubts = Arc::default();
        Self { driver, doubts }
    }

    /// The driver itself, for what has no word of its own here.
    pub(crate) fn driver(&self) -> &dyn StorageDriver {
        &*self.driver
    }

    /// Where a link leads, if there is one.
    pub(crate) async fn link(&self, key: &Key) -> Result<Option<Digest>, Fault> {
        link::read(self.driver(), key).await
    }

    /// Makes changes in stages: what is in front is durable before what refers to it can be seen.
    pub(crate) async fn publish(&self, stages: Vec<Vec<Change>>) -> Result<(), Fault> {
        let entered = self.doubts.enter(&stages);
        let discarded = discarded(&stages);
        let before = self.doubts.before_removal();
        let published = self.driver.publish(stages).await;
        if published.is_ok() {
            entered.durable();
            // Some of it may be there still, but nobody builds on what is over.
            for key in &discarded {
                self.doubts.removed(key, before);
            }
            return Ok(());
        }
        let mut unseen = Vec::new();
        for key in entered.keys() {
            if matches!(self.driver.exists(key).await, Ok(false)) {
                unseen.push(key.clone());
            }
        }
        entered.failed(&unseen);
        Ok(published?)
    }

    /// What has to be made sure of before something that builds on these keys, which were seen, is
    /// answered for: those of which it is not known that they last. Mostly there is none.
    pub(crate) fn keep(&self, seen: impl IntoIterator<Item = Key>) -> Vec<Change> {
        let in_doubt = seen.into_iter().filter(|key| self.doubts.is_in_doubt(key));
        in_doubt.map(Change::Keep).collect()
    }

    /// A small file, if there is one.
    pub(crate) async fn read(&self, key: &Key, limit: u64) -> Result<Option<Bytes>, Fault> {
        found(self.driver.read(key, ReadOptions::new(limit)).await)
    }

    /// Writes a small file, whatever was there, of which nobody was promised that it lasts.
    pub(crate) async fn write_volatile(&self, key: &Key, content: Bytes) -> Result<(), Fault> {
        Ok(self
            .driver
            .put(key, content, PutOptions::volatile())
            .await?)
    }

    /// What is known of a file or directory, if there is one.
    pub(crate) async fn stat(&self, key: &Key) -> Result<Option<Stat>, Fault> {
        found(self.driver.stat(key).await)
    }

    /// Whether there is such a file or directory.
    pub(crate) async fn exists(&self, key: &Key) -> Result<bool, Fault> {
        Ok(self.driver.exists(key).await?)
    }

    /// Children of a directory, if there is one.
    pub(crate) async fn list(
        &self,
        key: &Key,
        options: ListOptions,
    ) -> Result<Option<Listing>, Fault> {
        found(self.driver.list(key, options).await)
    }

    /// All children of a directory; none where it is missing.
    pub(crate) async fn children(&self, key: &Key) -> Result<Vec<Entry>, Fault> {
        let listing = self.list(key, ListOptions::all()).await?;
        Ok(listing.map_or_else(Vec::new, |listing| listing.entries))
    }

    /// Deletes a file; whether there was one.
    pub(crate) async fn delete(&self, key: &Key) -> Result<bool, Fault> {
        let before = self.doubts.before_removal();
        let deleted = found(self.driver.delete(key).await)?;
        self.doubts.removed(key, before);
        Ok(deleted.is_some())
    }

    /// Deletes a directory and all below; whether there was one.
    pub(crate) async fn delete_tree(&self, key: &Key) -> Result<bool, Fault> {
        self.remove(key, DeleteOptions::durable()).await
    }

    /// Deletes what is left of something that is gone already: if it comes back, nobody minds.
    pub(crate) async fn discard(&self, key: &Key) -> Result<(), Fault> {
        self.remove(key, DeleteOptions::volatile()).await.map(drop)
    }

    async fn remove(&self, key: &Key, options: DeleteOptions) -> Result<bool, Fault> {
        let before = self.doubts.before_removal();
        let removed = found(self.driver.delete_tree(key, options).await)?;
        self.doubts.removed(key, before);
        Ok(removed.is_some())
    }

    /// The directories of the layout that are there, the root first. Anything else in the place of one is an error.
    pub(crate) async fn directories(&self) -> Result<Vec<Key>, DriverError> {
        let mut there = Vec::new();
        for directory in std::iter::once(Key::root()).chain(paths::fixed()) {
            match self.driver.stat(&directory).await {
                Ok(_) => there.push(directory),
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(there)
    }

    /// Whether a repository is there. Nothing is said to be missing because the storage is gone.
    pub(crate) async fn knows_repository(&self, name: &Name) -> Result<bool, Fault> {
        if self.has_repository(name).await? {
            return Ok(true);
        }
        self.check_root().await?;
        Ok(false)
    }

    /// Fails where the storage as a whole was taken away, so that nothing is found in it.
    pub(crate) async fn check_root(&self) -> Result<(), Fault> {
        self.stat(&Key::root()).await.map(drop)
    }

    /// Whether anything was ever pushed to a repository.
    pub(crate) async fn has_repository(&self, name: &Name) -> Result<bool, Fault> {
        for mark in paths::repository_marks(name) {
            if self.exists(&mark).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn discarded(stages: &[Vec<Change>]) -> Vec<Key> {
    let discarded = stages.iter().flatten().filter_map(|change| match change {
        Change::Discard(key) => Some(key.clone()),
        _ => None,
    });
    discarded.collect()
}

fn found<T>(result: Result<T, DriverError>) -> Result<Option<T>, Fault> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
