//! Builds the registry from its configuration: driver, domain, handlers, router.
//!
//! The one place where the layers meet; whatever wraps the domain later (read-only mode, events,
//! pull-through) is put around it here.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use api_runtime::Source;
use api_runtime::server::{AllowAll, Settings};
use axum::Router;
use registry_protocol::server::router_with;
use registry_storage::driver::{
    self, DriverError, Filesystem, FilesystemOptions, Key, Memory, StorageDriver,
};
use registry_storage::{self as storage, Clock as _, Local, PurgeOptions, SystemClock};

use crate::config::{Config, Driver, Durability, Http, Purging};
use crate::handlers::{self, PageLimits, Registry};

/// The largest page of referrers; it has no key in the configuration.
const REFERRERS_PAGE: u64 = 1000;

/// So many bytes of manifests that are being pushed may be in memory at once, but for what is small of each.
const MANIFESTS_IN_MEMORY: u64 = 32 * 1024 * 1024;

/// So long a push waits for that memory.
const MANIFESTS_PATIENCE: Duration = Duration::from_secs(5);

/// What an interrupted write left behind is removed, at start and again after such a time, when it is older
/// than this: nobody can be writing it any more.
const LEFT_BEHIND: Duration = Duration::from_hours(1);

/// Why the registry cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The storage cannot be opened.
    #[error("cannot open the storage in {}: {cause}", .root.display())]
    Storage {
        /// The directory that is configured.
        root: PathBuf,
        /// What went wrong.
        cause: Source,
    },
    /// A directory of the storage is a link.
    #[error(
        "cannot open the storage: {} is a symbolic link, or no directory, and links below rootdirectory are not \
         followed. Put the directory itself there, or let rootdirectory lead to where all of it lies",
        .path.display()
    )]
    Linked {
        /// What should be a directory.
        path: PathBuf,
    },
}

impl Error {
    fn storage(root: &Path, error: DriverError) -> Self {
        let root = root.to_owned();
        match error {
            DriverError::Foreign { key } => Self::Linked {
                path: root.join(key.as_str()),
            },
            error => Self::Storage {
                root,
                cause: error.into(),
            },
        }
    }
}

/// The whole API as one router, and what is to be done beside it.
pub(crate) async fn build(config: &Config) -> Result<(Router, Upkeep), Error> {
    match &config.storage.driver {
        Driver::Filesystem { root, durability } => {
            let failed = |error| Error::storage(root, error);
            let filesystem = open(root, *durability).await.map_err(failed)?;
            let (router, mut upkeep) = over(Arc::new(filesystem.clone()), config);
            let directories = upkeep.local.check().await.map_err(failed)?;
            warn_of_unwritable(root, &filesystem, &directories);
            upkeep.filesystem = Some(filesystem);
            Ok((router, upkeep))
        }
        Driver::InMemory => Ok(over(Arc::new(Memory::default()), config)),
    }
}

/// The same over a driver that is open already, whatever the configuration says of one.
pub(crate) fn over(driver: Arc<dyn StorageDriver>, config: &Config) -> (Router, Upkeep) {
    let mut options = storage::Options::default();
    options.delete = config.storage.delete;
    options.redirect = config.storage.redirect;
    options.sparse_indexes = config.sparse_indexes;
    let answers = handlers::Options {
        pages: PageLimits {
            repositories: config.catalog_max_entries,
            tags: config.tags_max,
            referrers: REFERRERS_PAGE,
        },
        // There is no access control yet: everybody may read everything.
        search_for_mounts: true,
    };
    let local = Local::new(driver, options);
    let upkeep = Upkeep {
        local: local.clone(),
        purging: config.storage.purging,
        filesystem: None,
    };
    let registry = Registry::new(Arc::new(local), answers);
    let router = router_with(registry, AllowAll, settings(&config.http));
    (router, upkeep)
}

/// What a registry does that nobody asks for.
#[derive(Debug)]
pub(crate) struct Upkeep {
    local: Local,
    purging: Option<Purging>,
    filesystem: Option<Filesystem>,
}

impl Upkeep {
    /// The registry that is looked after.
    pub(crate) fn local(&self) -> &Local {
        &self.local
    }

    /// Goes on without end.
    pub(crate) async fn run(self) {
        let sweeping = async {
            if let Some(filesystem) = &self.filesystem {
                keep_swept(filesystem, LEFT_BEHIND, LEFT_BEHIND).await;
            }
        };
        tokio::join!(self.purge(), sweeping);
    }

    /// Purges uploads at once and after each interval.
    async fn purge(&self) {
        let Some(purging) = self.purging else {
            return;
        };
        let mut options = PurgeOptions::default();
        options.age = purging.age;
        options.dry_run = purging.dry_run;
        loop {
            match self.local.purge_uploads(options).await {
                Ok(done) => tracing::info!(
                    purged = done.purged,
                    kept = done.kept,
                    failed = done.failed,
                    dry_run = purging.dry_run,
                    "looked for uploads that nobody goes on with"
                ),
                Err(error) => tracing::error!(?error, "uploads could not be purged"),
            }
            tokio::time::sleep(purging.interval).await;
        }
    }
}

async fn open(root: &Path, durability: Durability) -> Result<Filesystem, DriverError> {
    let options = FilesystemOptions::new(root).durability(match durability {
        Durability::Full => driver::Durability::Full,
        Durability::None => driver::Durability::None,
    });
    let filesystem = Filesystem::open(options)?;
    sweep(&filesystem, LEFT_BEHIND).await?;
    Ok(filesystem)
}

/// Pulls work all the same, so that it is no reason not to start: a copy may be served that is read-only.
fn warn_of_unwritable(root: &Path, filesystem: &Filesystem, directories: &[Key]) {
    for directory in directories {
        if let Err(error) = filesystem.check_writable(directory) {
            let directory = root.join(directory.as_str());
            tracing::warn!(
                directory = %directory.display(),
                error = %Source::new(error),
                "the storage cannot be written: pushes are going to fail. Does the directory belong to another user?"
            );
        }
    }
}

/// Sweeps after each interval.
async fn keep_swept(filesystem: &Filesystem, age: Duration, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        if let Err(error) = sweep(filesystem, age).await {
            tracing::error!(?error, "what interrupted writes left behind stays");
        }
    }
}

async fn sweep(filesystem: &Filesystem, age: Duration) -> Result<(), DriverError> {
    let now = SystemTime::try_from(SystemClock.now()).ok();
    let Some(before) = now.and_then(|now| now.checked_sub(age)) else {
        return Ok(());
    };
    let swept = filesystem.sweep(before).await?;
    if swept > 0 {
        tracing::info!(files = swept, "removed what interrupted writes left behind");
    }
    Ok(())
}

fn settings(http: &Http) -> Settings {
    let settings = Settings::default()
        .prefix(&http.prefix)
        .bodies_limit(MANIFESTS_IN_MEMORY, MANIFESTS_PATIENCE)
        .strict_host();
    if http.relative_urls {
        settings
    } else {
        settings.absolute(http.host.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use registry_storage::driver::StorageDriverExt as _;
    use registry_storage::driver::filesystem::Step;

    use super::*;

    #[tokio::test]
    async fn what_was_left_behind_is_swept_while_the_server_runs() {
        let root = tempfile::tempdir().unwrap();
        // As if the process was killed before the file got its name.
        let killed = Arc::new(|step: &Step| match step {
            Step::Rename { .. } | Step::Unlink(_) => Err(io::Error::other("killed")),
            _ => Ok(()),
        });
        let options = FilesystemOptions::new(root.path());
        let dying = Filesystem::open(options.clone().probe(killed)).unwrap();
        let key = Key::parse("file").unwrap();
        dying.replace(&key, "content").await.unwrap_err();
        let left = || root.path().join(".registry/tmp").read_dir().unwrap();
        assert_eq!(left().count(), 1);

        let filesystem = Filesystem::open(options).unwrap();
        let sweeping = keep_swept(&filesystem, Duration::ZERO, Duration::from_millis(1));
        let swept = async {
            while left().count() > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_mins(1), swept);
        tokio::select! {
            () = sweeping => unreachable!("it goes on without end"),
            in_time = in_time => in_time.unwrap(),
        }
    }
}
