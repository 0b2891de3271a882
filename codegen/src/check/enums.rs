//! The values of enumerations, and what they are called in code.
//!
//! Rule: each value gets a name of its own, made of its text or given by `as`. `values: {created: Oldest first.,
//! -created: Newest first.}` fails: both become `Created`.

use std::collections::BTreeSet;
use std::iter::once;

use super::names::{Taken, camel, demand_snake};
use super::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::EnumValue;
use crate::spec;

/// The values that are written at `path`.
pub(super) fn values(
    scope: &mut Scope<'_, '_>,
    values: &spec::Map<spec::EnumValue>,
    open: bool,
    path: &Path,
) -> Vec<EnumValue> {
    if values.is_empty() {
        scope.error(
            Id::BadType,
            path,
            "an enumeration has at least one value",
            "list one, with what it means",
        );
    }
    let mut taken = Taken::default();
    let mut names: BTreeSet<String> = values
        .iter()
        .map(|(wire, written)| camel(written.code_name.as_deref().unwrap_or(wire)))
        .collect();
    if open {
        taken.enter(scope, "Other", At::value(path), "");
        names.insert("Other".to_owned());
    }
    values
        .iter()
        .map(|(wire, written)| {
            let path = path.key(wire);
            let help = advice(wire, &names);
            let ident = name(scope, wire, written, (&path, &help));
            taken.enter(scope, &ident, place(written, &path), &help);
            EnumValue {
                wire: wire.clone(),
                ident,
                description: written.description.clone(),
            }
        })
        .collect()
}

/// Where the name comes from.
fn place(written: &spec::EnumValue, path: &Path) -> At {
    match written.code_name {
        Some(_) => At::value(&path.key("as")),
        None => At::key(path),
    }
}

fn name(
    scope: &mut Scope<'_, '_>,
    wire: &str,
    written: &spec::EnumValue,
    (path, help): (&Path, &str),
) -> String {
    if let Some(name) = &written.code_name {
        demand_snake(scope, name, place(written, path), "a value in code");
        return camel(name);
    }
    let derived = camel(wire);
    if derived.is_empty() {
        let message = "no name in code can be made of this value";
        scope.push(Diagnostic::error(Id::BadName, At::key(path), message).help(help));
    }
    derived
}

/// How to give a value a name of its own, which is none of the `names` in code.
fn advice(wire: &str, names: &BTreeSet<String>) -> String {
    let others = (2..).map(|number| format!("some_name_{number}"));
    let mut proposals = spelled(wire)
        .into_iter()
        .chain(once("some_name".to_owned()))
        .chain(others);
    let name = proposals.find(|name| !names.contains(&camel(name)));
    let name = name.unwrap_or_default();
    let key = serde_json::Value::from(wire);
    format!("give one a name by `as`: `{key}: {{as: {name}, description: ...}}`")
}

/// The value with its signs in words; `None` where it has others than those of ASCII.
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
