//! Who may do what: everybody may read, who has a key may write.

use std::collections::BTreeSet;

use api_runtime::Operation;
use api_runtime::http::request::Parts;
use api_runtime::server::{Authorize, Denial, Grant};

/// The keys. (A service that keeps them on a disk keeps a hash of each, no key.)
#[derive(Debug)]
pub struct Keys(BTreeSet<String>);

impl Keys {
    /// These keys.
    pub fn new<'k>(keys: impl IntoIterator<Item = &'k str>) -> Self {
        Self(keys.into_iter().map(str::to_owned).collect())
    }
}

impl Authorize for Keys {
    async fn authorize(
        &self,
        head: &Parts,
        _operation: &'static Operation,
        access: Vec<String>,
    ) -> Result<Grant, Denial> {
        match head.headers.get("x-api-key") {
            Some(key) if key.to_str().is_ok_and(|key| self.0.contains(key)) => {
                Ok(Grant::user("program"))
            }
            Some(_) => Err(Denial::Forbidden),
            None if access.iter().all(|access| access.ends_with(":read")) => Ok(Grant::anonymous()),
            None => Err(Denial::Unauthenticated {
                challenge: Vec::new(),
            }),
        }
    }
}
