//! Methods that a path does not have, and paths that the API does not have.

use api_codegen::model::{Api, Route};

use super::Case;
use crate::draft::{Draft, Form, Pins};
use crate::message::{Payload, Request};

/// The methods that are tried.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Cases of a route that no form of it has.
pub(crate) fn elsewhere(api: &Api, route: &Route, pins: &Pins) -> Vec<Case> {
    let Some(form) = Form::of(api, route).next() else {
        return Vec::new();
    };
    let mut draft = Draft::least(form, pins);
    (draft.headers, draft.query, draft.body) = (Vec::new(), Vec::new(), Payload::None);
    let request = draft.render();
    let undeclared = METHODS
        .iter()
        .filter(|method| route.methods.iter().all(|entry| entry.method != **method))
        .map(|method| {
            let mut request = request.clone();
            (*method).clone_into(&mut request.method);
            Case::new(format!("the undeclared method {method}"), request)
        });
    undeclared.chain(near(&request)).collect()
}

/// Paths near that of a route.
fn near(request: &Request) -> Vec<Case> {
    let path = request.target.as_str();
    let slash = match path.strip_suffix('/') {
        // On the wire the empty path is a slash.
        Some("") => None,
        Some(bare) => Some(bare.to_owned()),
        None => Some(format!("{path}/")),
    };
    let slash = slash.map(|slash| ("the path with another slash at its end", slash));
    let others = [
        (
            "a segment more",
            format!("{}/x-verify-unknown", path.trim_end_matches('/')),
        ),
        ("a slash twice", path.replacen('/', "//", 1)),
        ("another first segment", format!("/x-verify-unknown{path}")),
    ];
    slash
        .into_iter()
        .chain(others)
        .map(|(about, target)| {
            let mut request = request.clone();
            request.target = target;
            Case::new(about, request)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Payload, Request, near};

    #[test]
    fn a_path_of_a_slash_alone_is_not_tried_without_it() {
        let targets = |target: &str| {
            let request = Request {
                method: "GET".to_owned(),
                target: target.to_owned(),
                headers: Vec::new(),
                body: Payload::None,
            };
            let cases = near(&request).into_iter();
            cases.map(|case| case.request.target).collect::<Vec<_>>()
        };
        let unknown = "/x-verify-unknown";
        assert_eq!(targets("/"), [unknown, "//", "/x-verify-unknown/"]);
        assert_eq!(targets("/a/")[0], "/a");
    }
}
