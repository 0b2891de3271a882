//! Time and randomness, which the services are given and never take.

use std::fmt;

use jiff::Timestamp;
use registry_protocol::UploadId;

/// What time it is.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The clock of the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Names for what is made.
pub trait Ids: fmt::Debug + Send + Sync {
    /// A name that no upload had before and nobody can guess.
    fn upload_id(&self) -> UploadId;
}

/// Random UUIDs.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn upload_id(&self) -> UploadId {
        let uuid = uuid::Uuid::new_v4().to_string();
        UploadId::parse(&uuid).expect("a UUID consists of digits, letters and hyphens")
    }
}
