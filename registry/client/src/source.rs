//! What is pushed: bytes that can be read again from any position.
//!
//! A transfer that was cut goes on from where the registry says, so what is pushed must still be there.

use std::io;
use std::path::{Path, PathBuf};

use api_runtime::BodyStream;
use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::{StreamExt as _, stream};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, SeekFrom};
use tokio_util::io::ReaderStream;

/// Bytes that can be read again. They are the same each time, or the push fails.
pub trait Source: Send + Sync {
    /// How many bytes there are.
    fn size(&self) -> u64;

    /// The bytes from `offset` on, to the end.
    fn open(&self, offset: u64) -> BoxFuture<'_, io::Result<BodyStream>>;
}

impl Source for Bytes {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn open(&self, offset: u64) -> BoxFuture<'_, io::Result<BodyStream>> {
        let from = usize::try_from(offset).map_or(self.len(), |offset| offset.min(self.len()));
        let rest = self.slice(from..);
        async { Ok(stream::iter([Ok(rest)]).boxed()) }.boxed()
    }
}

/// A file. It must not change while it is pushed.
#[derive(Debug, Clone)]
pub struct FileSource {
    path: PathBuf,
    size: u64,
}

/// How much of a file is read at once, in bytes.
const READ: usize = 256 << 10;

impl FileSource {
    /// The file at `path`, as long as it is now.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let metadata = open(&path).await?.metadata().await?;
        if !metadata.is_file() {
            return Err(io::Error::other("is not a file"));
        }
        let size = metadata.len();
        Ok(Self { path, size })
    }
}

impl Source for FileSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn open(&self, offset: u64) -> BoxFuture<'_, io::Result<BodyStream>> {
        async move {
            let mut file = open(&self.path).await?;
            file.seek(SeekFrom::Start(offset)).await?;
            let rest = file.take(self.size.saturating_sub(offset));
            Ok(ReaderStream::with_capacity(rest, READ).boxed())
        }
        .boxed()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what a user pushes lies in files of his own"
)]
async fn open(path: &Path) -> io::Result<File> {
    File::open(path).await
}
