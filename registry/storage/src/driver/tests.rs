//! The suite on the drivers of this crate.

use std::sync::Arc;

use super::recording::Recording;
use super::suite::driver_suite;
use super::{Durability, Filesystem, FilesystemOptions, Memory, StorageDriver};

fn filesystem(durability: Durability) -> (Arc<dyn StorageDriver>, tempfile::TempDir) {
    let root = tempfile::tempdir().unwrap();
    let options = FilesystemOptions::new(root.path()).durability(durability);
    (Arc::new(Filesystem::open(options).unwrap()), root)
}

fn memory() -> (Arc<dyn StorageDriver>, ()) {
    (Arc::new(Memory::default()), ())
}

mod on_the_file_system {
    super::driver_suite!(super::filesystem(super::Durability::Full));
}

mod on_the_file_system_without_syncs {
    super::driver_suite!(super::filesystem(super::Durability::None));
}

mod in_memory {
    super::driver_suite!(super::memory());
}

mod seen_by_an_observer {
    super::driver_suite!({
        let recording = std::sync::Arc::new(super::Recording::default());
        let driver = super::Recording::around(super::memory().0, &recording);
        let driver: std::sync::Arc<dyn super::StorageDriver> = std::sync::Arc::new(driver);
        (driver, ())
    });
}
