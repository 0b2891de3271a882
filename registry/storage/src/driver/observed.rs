//! A driver around another one, with an observer that sees every call and may spoil it.
//!
//! `faulty` and `recording` are observers. Calls to readers and appenders are seen as well, and of
//! `publish` each change as a call of its own.

use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use super::{
    AppendOptions, Appender, ByteStream, Capability, DeleteOptions, DriverError, Key, ListOptions,
    Listing, OpenFile, Operation, Pending, PutOptions, ReadOptions, Reader, RedirectOptions,
    RenameOptions, Stat, StorageDriver, Tap,
};

/// A call to a driver.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Call {
    /// What is asked for.
    pub operation: Operation,
    /// Of which file or directory.
    pub key: Key,
    /// The other key of a rename.
    pub to: Option<Key>,
}

impl Call {
    fn new(operation: Operation, key: &Key) -> Self {
        Self {
            operation,
            key: key.clone(),
            to: None,
        }
    }
}

/// Sees the calls to a driver.
pub trait Observer: std::fmt::Debug + Send + Sync + 'static {
    /// Before a call. An error is its answer, and it is not made.
    fn before(&self, call: &Call) -> Result<(), DriverError>;

    /// After a call that succeeded. An error is its answer, though it was made.
    fn after(&self, call: &Call) -> Result<(), DriverError>;
}

/// A driver whose calls are seen.
#[derive(Debug)]
pub struct Observed<O> {
    inner: Arc<dyn StorageDriver>,
    observer: Arc<O>,
}

impl<O: Observer> Observed<O> {
    /// Around `inner`.
    pub fn new(inner: Arc<dyn StorageDriver>, observer: Arc<O>) -> Self {
        Self { inner, observer }
    }

    fn seen<'a, T: Send + 'a>(&'a self, call: Call, inner: Pending<'a, T>) -> Pending<'a, T> {
        seen(self.observer.as_ref(), call, inner)
    }
}

fn seen<'a, O: Observer, T: Send + 'a>(
    observer: &'a O,
    call: Call,
    inner: Pending<'a, T>,
) -> Pending<'a, T> {
    Box::pin(async move {
        observer.before(&call)?;
        let answer = inner.await?;
        observer.after(&call)?;
        Ok(answer)
    })
}

impl<O: Observer> StorageDriver for Observed<O> {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn can(&self, capability: Capability) -> bool {
        self.inner.can(capability)
    }

    fn read<'a>(&'a self, key: &'a Key, options: ReadOptions) -> Pending<'a, Bytes> {
        let call = Call::new(Operation::Read, key);
        self.seen(call, self.inner.read(key, options))
    }

    fn open<'a>(&'a self, key: &'a Key) -> Pending<'a, Arc<dyn Reader>> {
        let call = Call::new(Operation::Open, key);
        let inner = self.seen(call, self.inner.open(key));
        Box::pin(async move {
            let reader = ObservedReader {
                inner: inner.await?,
                observer: self.observer.clone(),
                key: key.clone(),
            };
            Ok(Arc::new(reader) as Arc<dyn Reader>)
        })
    }

    fn stat<'a>(&'a self, key: &'a Key) -> Pending<'a, Stat> {
        self.seen(Call::new(Operation::Stat, key), self.inner.stat(key))
    }

    fn list<'a>(&'a self, key: &'a Key, options: ListOptions) -> Pending<'a, Listing> {
        let call = Call::new(Operation::List, key);
        self.seen(call, self.inner.list(key, options))
    }

    fn put<'a>(&'a self, key: &'a Key, content: Bytes, options: PutOptions) -> Pending<'a, ()> {
        let call = Call::new(Operation::Put, key);
        self.seen(call, self.inner.put(key, content, options))
    }

    fn append<'a>(
        &'a self,
        key: &'a Key,
        options: AppendOptions,
    ) -> Pending<'a, Box<dyn Appender>> {
        let call = Call::new(Operation::Append, key);
        let inner = self.seen(call, self.inner.append(key, options));
        Box::pin(async move {
            let appender = ObservedAppender {
                inner: inner.await?,
                observer: self.observer.clone(),
                key: key.clone(),
            };
            Ok(Box::new(appender) as Box<dyn Appender>)
        })
    }

    fn rename<'a>(&'a self, from: &'a Key, to: &'a Key, options: RenameOptions) -> Pending<'a, ()> {
        let call = Call {
            to: Some(to.clone()),
            ..Call::new(Operation::Rename, from)
        };
        self.seen(call, self.inner.rename(from, to, options))
    }

    fn delete<'a>(&'a self, key: &'a Key) -> Pending<'a, ()> {
        self.seen(Call::new(Operation::Delete, key), self.inner.delete(key))
    }

    fn delete_tree<'a>(&'a self, key: &'a Key, options: DeleteOptions) -> Pending<'a, ()> {
        let call = Call::new(Operation::DeleteTree, key);
        self.seen(call, self.inner.delete_tree(key, options))
    }

    fn redirect_url<'a>(
        &'a self,
        key: &'a Key,
        options: RedirectOptions,
    ) -> Pending<'a, Option<String>> {
        let call = Call::new(Operation::RedirectUrl, key);
        self.seen(call, self.inner.redirect_url(key, options))
    }
}

#[derive(Debug)]
struct ObservedReader<O> {
    inner: Arc<dyn Reader>,
    observer: Arc<O>,
    key: Key,
}

impl<O: Observer> Reader for ObservedReader<O> {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn modified(&self) -> Option<SystemTime> {
        self.inner.modified()
    }

    fn read_at(&self, offset: u64, length: usize) -> Pending<'_, Bytes> {
        let call = Call::new(Operation::ReadAt, &self.key);
        let inner = self.inner.read_at(offset, length);
        seen(self.observer.as_ref(), call, inner)
    }

    /// A stream is one call, spoilt at its beginning.
    fn stream(self: Arc<Self>, range: Range<u64>) -> ByteStream {
        let call = Call::new(Operation::ReadAt, &self.key);
        let allowed = self.observer.before(&call);
        match allowed.and_then(|()| self.observer.after(&call)) {
            Ok(()) => self.inner.clone().stream(range),
            Err(error) => Box::pin(futures_util::stream::once(async { Err(error) })),
        }
    }

    fn as_file(&self) -> Option<OpenFile> {
        self.inner.as_file()
    }
}

#[derive(Debug)]
struct ObservedAppender<O> {
    inner: Box<dyn Appender>,
    observer: Arc<O>,
    key: Key,
}

impl<O: Observer> Appender for ObservedAppender<O> {
    fn offset(&self) -> u64 {
        self.inner.offset()
    }

    fn tap(&mut self, tap: Tap) {
        self.inner.tap(tap);
    }

    fn write(&mut self, data: Bytes) -> Pending<'_, ()> {
        let call = Call::new(Operation::Write, &self.key);
        seen(self.observer.as_ref(), call, self.inner.write(data))
    }

    /// Whether it is called depends on time, so nobody counts on it.
    fn pause(&mut self) -> Pending<'_, ()> {
        self.inner.pause()
    }

    fn sync(&mut self) -> Pending<'_, u64> {
        let call = Call::new(Operation::Sync, &self.key);
        seen(self.observer.as_ref(), call, self.inner.sync())
    }

    fn finish(self: Box<Self>) -> Pending<'static, u64> {
        Box::pin(async move {
            let Self {
                inner,
                observer,
                key,
            } = *self;
            let call = Call::new(Operation::Sync, &key);
            seen(observer.as_ref(), call, inner.finish()).await
        })
    }

    fn close(self: Box<Self>) -> Pending<'static, u64> {
        Box::pin(async move {
            let Self {
                inner,
                observer,
                key,
            } = *self;
            let call = Call::new(Operation::Sync, &key);
            seen(observer.as_ref(), call, inner.close()).await
        })
    }
}
