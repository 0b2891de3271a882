//! What whoever runs the tests calls by its name: operations, and parameters whose values are given.

use std::collections::BTreeSet;

use api_codegen::check::suggest::nearest;
use api_codegen::model::{Api, Operation, Parameter};

use crate::run::Options;

/// Most names that are listed where none is near.
const LISTED: usize = 12;

/// Whether the descriptor has what the options name. An error says what it has not, and what may be meant.
pub fn check(api: &Api, options: &Options) -> Result<(), String> {
    let operations = || api.operations.iter().map(|one| one.name.as_str());
    for name in &options.only {
        known("operation", name, operations)?;
    }
    let names = || {
        let all = api.operations.iter().flat_map(parameters);
        all.map(|(_, one)| one.wire.as_str())
    };
    for name in options.pins.keys() {
        let mut all = api.operations.iter().flat_map(parameters);
        if !all.any(|(is_header, one)| is_header && one.wire.eq_ignore_ascii_case(name)) {
            known("parameter", name, names)?;
        }
    }
    Ok(())
}

/// Says what is meant by `name`, where none of `all` is called so.
fn known<'n, I: Iterator<Item = &'n str>>(
    what: &str,
    name: &str,
    all: impl Fn() -> I,
) -> Result<(), String> {
    if all().any(|own| own == name) {
        return Ok(());
    }
    let help = match nearest(name, all()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => listed(all()),
    };
    Err(format!("the descriptor has no {what} `{name}`: {help}"))
}

/// The names there are, the first of them.
fn listed<'n>(all: impl Iterator<Item = &'n str>) -> String {
    let names: BTreeSet<String> = all.map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        return "it has none".to_owned();
    }
    let first: Vec<&str> = names.iter().take(LISTED).map(String::as_str).collect();
    let more = match names.len() - first.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("it has {}{more}", first.join(", "))
}

/// The options with the names of headers written as the descriptor writes them: their case means nothing.
pub(crate) fn spelt(api: &Api, options: &Options) -> Options {
    let mut options = options.clone();
    for (name, value) in options.pins.clone() {
        let all = api.operations.iter().flat_map(parameters);
        let headers = all.filter(|(is_header, _)| *is_header);
        for (_, header) in headers.filter(|(_, one)| one.wire.eq_ignore_ascii_case(&name)) {
            options.pins.insert(header.wire.clone(), value.clone());
        }
    }
    options
}

/// The parameters of an operation; whether each is a header.
fn parameters(operation: &Operation) -> impl Iterator<Item = (bool, &Parameter)> {
    let named = operation.path.iter().chain(&operation.query);
    let headers = operation.headers.iter();
    named
        .map(|one| (false, one))
        .chain(headers.map(|one| (true, one)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::wire::Target;

    fn toy() -> Api {
        let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/toy/spec");
        api_codegen::load(&spec).unwrap().api
    }

    fn options() -> Options {
        Options::new(Target::parse("http://127.0.0.1:1").unwrap())
    }

    #[test]
    fn what_the_descriptor_does_not_have_is_named_with_what_may_be_meant() {
        let api = toy();
        let mut options = options();
        options.only = vec!["get_label".to_owned()];
        options.pins.insert("shelf".to_owned(), "rome".to_owned());
        assert_eq!(check(&api, &options), Ok(()));
        options.pins.insert("Shelf".to_owned(), "rome".to_owned());
        let expected = "the descriptor has no parameter `Shelf`: did you mean `shelf`?";
        assert_eq!(check(&api, &options), Err(expected.to_owned()));
        options.only.push("something".to_owned());
        let listed = check(&api, &options).unwrap_err();
        assert_eq!(listed.matches("`, `").count(), LISTED - 1, "{listed}");
        assert!(listed.ends_with(" more"), "{listed}");
    }

    #[test]
    fn a_header_has_one_name_in_any_case() {
        let api = toy();
        let mut options = options();
        options
            .pins
            .insert("x-READER".to_owned(), "anna".to_owned());
        assert_eq!(check(&api, &options), Ok(()));
        assert_eq!(spelt(&api, &options).pins["X-Reader"], "anna");
    }
}
