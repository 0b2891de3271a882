//! What the values of an enumeration and the variants of a union are called in code.
//!
//! Rule: each gets a name of its own, made of its text or given by `as`. `values: {created: Oldest first.,
//! -created: Newest first.}` fails: both become `Created`.

use std::collections::BTreeSet;
use std::iter::once;

use super::names::{Taken, camel, demand_snake};
use super::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};

/// The names of one enumeration or union.
pub(super) struct Members {
    /// What a member is, and the key that one has besides.
    noun: (&'static str, &'static str),
    /// What its members are to be called.
    names: BTreeSet<String>,
    taken: Taken,
}

/// A member as it is written: its name on the wire, its name in code where one is given, and where it stands.
pub(super) type Written<'w> = (&'w str, Option<&'w str>, &'w Path);

impl Members {
    /// The values of an enumeration.
    pub(super) fn values<'w>(all: impl Iterator<Item = (&'w str, Option<&'w str>)>) -> Self {
        Self::new(("value", "description"), all)
    }

    /// The variants of a union.
    pub(super) fn variants<'w>(all: impl Iterator<Item = (&'w str, Option<&'w str>)>) -> Self {
        Self::new(("variant", "type"), all)
    }

    fn new<'w>(
        noun: (&'static str, &'static str),
        all: impl Iterator<Item = (&'w str, Option<&'w str>)>,
    ) -> Self {
        Self {
            noun,
            names: all
                .map(|(wire, name)| camel(name.unwrap_or(wire)))
                .collect(),
            taken: Taken::default(),
        }
    }

    /// Keeps `Other`, for what is unknown.
    pub(super) fn keep_other(&mut self, scope: &mut Scope<'_, '_>, place: At) {
        self.taken.enter(scope, "Other", place, "");
        self.names.insert("Other".to_owned());
    }

    /// The name of a member; complains where it has none of its own.
    pub(super) fn name(&mut self, scope: &mut Scope<'_, '_>, written: Written<'_>) -> String {
        let (wire, name, path) = written;
        let help = self.advice(wire);
        let (noun, _) = self.noun;
        let (ident, place) = match name {
            Some(name) => {
                let place = At::value(&path.key("as"));
                demand_snake(scope, name, place.clone(), &format!("a {noun} in code"));
                (camel(name), place)
            }
            None => (camel(wire), At::key(path)),
        };
        if name.is_none() && ident.is_empty() {
            let message = format!("no name in code can be made of this {noun}");
            scope.push(Diagnostic::error(Id::BadName, At::key(path), message).help(&help));
        }
        self.taken.enter(scope, &ident, place, &help);
        ident
    }

    /// How to give a member a name of its own.
    fn advice(&self, wire: &str) -> String {
        let others = (2..).map(|number| format!("some_name_{number}"));
        let mut proposals = spelled(wire)
            .into_iter()
            .chain(once("some_name".to_owned()))
            .chain(others);
        let name = proposals.find(|name| !self.names.contains(&camel(name)));
        let (name, (_, rest)) = (name.unwrap_or_default(), self.noun);
        let key = serde_json::Value::from(wire);
        format!("give one a name by `as`: `{key}: {{as: {name}, {rest}: ...}}`")
    }
}

/// The text with its signs in words; `None` where it has others than those of ASCII.
fn spelled(wire: &str) -> Option<String> {
    if wire.is_empty() {
        return Some("empty".to_owned());
    }
    let mut words = String::new();
    for sign in wire.chars() {
        if sign.is_ascii_alphanumeric() {
            words.push(sign);
            continue;
        }
        words.push(' ');
        words.push_str(word(sign)?);
        words.push(' ');
    }
    Some(super::names::snake(&words))
}

fn word(sign: char) -> Option<&'static str> {
    Some(match sign {
        '+' => "plus",
        '-' => "minus",
        '*' => "star",
        '/' => "slash",
        '\\' => "backslash",
        '.' => "dot",
        ',' => "comma",
        ':' => "colon",
        ';' => "semicolon",
        '!' => "not",
        '?' => "question",
        '=' => "equals",
        '<' => "less",
        '>' => "greater",
        '&' => "and",
        '|' => "or",
        '%' => "percent",
        '#' => "hash",
        '@' => "at",
        '$' => "dollar",
        '~' => "tilde",
        '^' => "caret",
        '_' => "underscore",
        ' ' => "space",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::spelled;

    #[test]
    fn signs_are_spelled_out() {
        for (wire, name) in [
            ("", Some("empty")),
            ("-created", Some("minus_created")),
            ("<=", Some("less_equals")),
            ("C++", Some("c_plus_plus")),
            ("1.0", Some("v1_dot_0")),
            ("\u{65e5}\u{672c}", None),
        ] {
            assert_eq!(spelled(wire).as_deref(), name, "{wire}");
        }
    }
}
