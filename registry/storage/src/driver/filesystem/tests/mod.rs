//! What only a file system has to do: durable in the right order, whole after every fault, and
//! unimpressed by what others left in its directories.

mod faults;
mod foreign;
pub(crate) mod ledger;
mod order;
mod remembered;
pub(crate) mod touch;

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{Filesystem, FilesystemOptions, Step};
use crate::driver::{DriverError, Key, ReadOptions, StorageDriver};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn open(root: &Path) -> Filesystem {
    Filesystem::open(FilesystemOptions::new(root)).unwrap()
}

/// A storage whose steps a function sees.
fn probed(
    root: &Path,
    probe: impl Fn(&Step) -> io::Result<()> + Send + Sync + 'static,
) -> Filesystem {
    Filesystem::open(FilesystemOptions::new(root).probe(Arc::new(probe))).unwrap()
}

async fn read(driver: &Filesystem, text: &str) -> Result<String, DriverError> {
    let content = driver.read(&key(text), ReadOptions::new(u64::MAX)).await?;
    Ok(String::from_utf8_lossy(&content).into_owned())
}
