//! Who may do what.
//!
//! The descriptor says for each request what the caller must be allowed (`access`); this says who is. It is asked
//! before a byte of the body is read.

use std::collections::BTreeMap;

use api_runtime::http::request::Parts;
use api_runtime::server::{Authorize, Denial, Grant};
use api_runtime::{Invalid, Operation};

use crate::types::{Login, Person};

/// Somebody with a token.
#[derive(Clone, Debug)]
pub struct User {
    /// The person. Handlers find it in the grant.
    pub person: Person,
    token: String,
    access: Vec<String>,
}

impl User {
    /// A user who may do what `access` lists.
    pub fn new(token: &str, login: &str, name: &str, access: &[&str]) -> Result<Self, Invalid> {
        let mut person = Person::new(Login::parse(login)?);
        person.name = Some(name.to_owned());
        Ok(Self {
            person,
            token: token.to_owned(),
            access: access.iter().copied().map(str::to_owned).collect(),
        })
    }
}

/// The users by their tokens. (One that keeps them on a disk keeps a hash of each, no token.)
#[derive(Debug)]
pub struct Tokens(BTreeMap<String, User>);

impl Tokens {
    /// These users.
    pub fn new(users: impl IntoIterator<Item = User>) -> Self {
        Self(
            users
                .into_iter()
                .map(|user| (user.token.clone(), user))
                .collect(),
        )
    }

    fn user(&self, head: &Parts) -> Option<&User> {
        let credentials = head.headers.get("authorization")?.to_str().ok()?;
        self.0.get(credentials.strip_prefix("Bearer ")?)
    }
}

impl Authorize for Tokens {
    async fn authorize(
        &self,
        head: &Parts,
        _operation: &'static Operation,
        access: Vec<String>,
    ) -> Result<Grant, Denial> {
        let Some(user) = self.user(head) else {
            let challenge = vec!["Bearer realm=\"tracker\"".to_owned()];
            return Err(Denial::Unauthenticated { challenge });
        };
        if access.iter().all(|wanted| user.access.contains(wanted)) {
            Ok(Grant::user(user.person.login.as_str()).with(user.person.clone()))
        } else {
            Err(Denial::Forbidden)
        }
    }
}
