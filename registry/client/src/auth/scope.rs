//! What a token is asked for: scopes, each `type:name:actions`.
//!
//! The descriptor declares them for each request; what a challenge adds is put with them. Two scopes of
//! one resource become one, and the order is always the same, because a set of scopes is what a token is
//! remembered by.

use std::collections::{BTreeMap, BTreeSet};

/// A set of scopes.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scopes(BTreeMap<String, BTreeSet<String>>);

impl Scopes {
    /// The scopes that a request declares.
    pub(crate) fn of(access: &[String]) -> Self {
        let mut scopes = Self::default();
        for scope in access {
            scopes.add(scope);
        }
        scopes
    }

    /// Adds what the `scope` parameter of a challenge has: scopes with spaces between them.
    pub(crate) fn add_all(&mut self, scopes: &str) {
        for scope in scopes.split_ascii_whitespace() {
            self.add(scope);
        }
    }

    /// Adds one scope. The name may hold colons, since it may begin with a host and its port.
    fn add(&mut self, scope: &str) {
        let Some((resource, actions)) = scope.rsplit_once(':') else {
            return;
        };
        let actions = actions.split(',').filter(|action| !action.is_empty());
        let known = self.0.entry(resource.to_owned()).or_default();
        known.extend(actions.map(str::to_owned));
    }

    /// Each scope as it is sent.
    pub(crate) fn texts(&self) -> Vec<String> {
        let scopes = self.0.iter();
        scopes
            .map(|(resource, actions)| {
                let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
                format!("{resource}:{}", actions.join(","))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(access: &[&str], challenge: &str) -> Vec<String> {
        let access: Vec<String> = access.iter().map(|&scope| scope.to_owned()).collect();
        let mut scopes = Scopes::of(&access);
        scopes.add_all(challenge);
        scopes.texts()
    }

    #[test]
    fn scopes_of_one_resource_become_one() {
        assert_eq!(
            merged(
                &["repository:b:pull,push", "repository:a:pull"],
                "repository:a:push,pull repository:a:delete"
            ),
            ["repository:a:delete,pull,push", "repository:b:pull,push"]
        );
    }

    #[test]
    fn a_name_may_hold_a_port() {
        assert_eq!(
            merged(&[], "repository:localhost:5000/a:pull registry:catalog:*"),
            ["registry:catalog:*", "repository:localhost:5000/a:pull"]
        );
    }

    #[test]
    fn what_is_no_scope_is_left_out() {
        assert_eq!(
            merged(&["repository:a:pull"], "nonsense "),
            ["repository:a:pull"]
        );
    }
}
