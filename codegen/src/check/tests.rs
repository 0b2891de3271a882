//! Descriptors that must resolve.

use crate::diag::{Diagnostics, Place};
use crate::emit::rust;
use crate::model::{AccessPart, Api, BodyKind, EnvelopeId, Operation, Rejection, Template, Test};
use crate::spec::Spec;

/// The largest descriptor of this repository, its files united without positions.
pub(crate) fn distribution() -> Api {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../api-spec/distribution");
    let read = |name: &str| -> serde_yaml::Mapping {
        serde_yaml::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let mut root = read("api.yaml");
    let includes: Vec<String> = serde_yaml::from_value(root["include"].clone()).unwrap();
    for (key, value) in includes.iter().flat_map(|name| read(name)) {
        match (root.get_mut(&key), value) {
            (Some(serde_yaml::Value::Sequence(known)), serde_yaml::Value::Sequence(more)) => {
                known.extend(more);
            }
            (Some(serde_yaml::Value::Mapping(known)), serde_yaml::Value::Mapping(more)) => {
                known.extend(more);
            }
            (_, value) => drop(root.insert(key, value)),
        }
    }
    resolved(&serde_yaml::from_value(root.into()).unwrap())
}

/// The model of a descriptor that has no problem. Lints are looked at where descriptors are loaded, since
/// what is allowed is not known here.
fn resolved(spec: &Spec) -> Api {
    let mut diagnostics = Diagnostics::new();
    let api = super::check(spec, &[], &mut diagnostics);
    let problems: Vec<String> = diagnostics
        .iter()
        .filter(|problem| problem.id.lint().is_none())
        .map(|problem| {
            let place = match problem.labels.first().map(|label| &label.place) {
                Some(Place::At(at) | Place::Word(at, _)) => at.path.to_string(),
                _ => String::new(),
            };
            format!("{place}: {}: {}", problem.id, problem.message)
        })
        .collect();
    assert!(problems.is_empty(), "{problems:#?}");
    api.unwrap()
}

#[test]
fn the_largest_descriptor_of_the_repository_resolves_without_a_problem() {
    let api = distribution();
    assert!(api.routes.len() >= 10);
    let head = api
        .routes
        .iter()
        .flat_map(|route| &route.methods)
        .filter(|entry| entry.method == "HEAD");
    assert!(head.count() >= 5);
}

#[test]
fn a_part_of_a_body_is_asked_for_by_get_alone() {
    let api = distribution();
    let blob = api.routes.iter().find(|route| route.name == "blob");
    let requests = |method: &str| {
        let mut methods = blob.unwrap().methods.iter();
        let entry = methods.find(|entry| entry.method == method).unwrap();
        let names = entry.requests.iter().map(|request| request.title.as_str());
        names.collect::<Vec<_>>()
    };
    assert_eq!(requests("GET"), ["Fetch a blob", "Fetch a part of a blob"]);
    assert_eq!(requests("HEAD"), ["Fetch a blob"]);
}

/// The model of a descriptor in `tests/data/pass`.
fn passing(name: &str) -> Api {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/pass")
        .join(name);
    resolved(&serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn operation<'a>(api: &'a Api, name: &str) -> &'a Operation {
    api.operations
        .iter()
        .find(|operation| operation.name == name)
        .unwrap()
}

#[test]
fn requests_of_one_operation_are_united() {
    let api = passing("requests.yaml");
    let hear = operation(&api, "hear");
    let query: Vec<(&str, bool)> = hear
        .query
        .iter()
        .map(|parameter| (parameter.ident.as_str(), parameter.value.optional))
        .collect();
    // `page` has a default; `key` is required in one request and unknown to the other.
    assert_eq!(
        query,
        [
            ("page", false),
            ("lang", true),
            ("key", true),
            ("slow", true)
        ]
    );
    let successes: Vec<&str> = hear
        .successes
        .iter()
        .map(|success| success.variant.as_str())
        .collect();
    assert_eq!(successes, ["Ok", "Transposed"]);
    assert_eq!(
        hear.failures.len(),
        2,
        "common and named failures stand once"
    );
    assert!(hear.failures.iter().all(|failure| failure.shared));
}

#[test]
fn what_every_request_and_answer_carries_is_put_in() {
    let api = passing("requests.yaml");
    assert_eq!(
        api.constant_headers,
        [("X-Server".to_owned(), "songs".to_owned())]
    );
    let watch = operation(&api, "watch_from");
    assert!(watch.headers.iter().any(|header| header.wire == "X-Trace"));
    let headers: Vec<&str> = watch.successes[0]
        .headers
        .iter()
        .map(|header| header.wire.as_str())
        .collect();
    assert_eq!(headers, ["X-Length", "X-Server", "X-Id"]);
    assert_eq!(watch.failures[0].codes.len(), 1);
    assert_eq!(operation(&api, "write").security.len(), 1);
    assert_eq!(watch.security.len(), 2);
    let request = &api.routes[0].methods[0].requests[3];
    assert_eq!(request.when[0].test, Test::Is(vec!["true".to_owned()]));
}

#[test]
fn an_optional_parameter_makes_its_access_entry_optional() {
    let api = passing("parameters.yaml");
    let access = &operation(&api, "get_part").access;
    let optional: Vec<bool> = access
        .iter()
        .flat_map(|entry| &entry.parts)
        .filter_map(|part| match part {
            AccessPart::Parameter { optional, .. } => Some(*optional),
            AccessPart::Literal(_) => None,
        })
        .collect();
    assert_eq!(optional, [false, true, false]);
}

#[test]
fn the_runtime_manages_what_behaviours_bring_whether_declared_or_not() {
    let api = passing("behaviours.yaml");
    let see = operation(&api, "see");
    let headers: Vec<&str> = see
        .headers
        .iter()
        .map(|header| header.wire.as_str())
        .collect();
    assert_eq!(
        headers,
        [
            "Range",
            "If-Range",
            "If-Match",
            "If-Unmodified-Since",
            "If-None-Match",
            "If-Modified-Since"
        ]
    );
    assert!(see.headers.iter().all(|header| header.managed));
    let answers: Vec<(u16, bool)> = see
        .successes
        .iter()
        .chain(&see.failures)
        .map(|answer| (answer.status, answer.managed))
        .collect();
    assert_eq!(
        answers,
        [
            (200, false),
            (206, true),
            (304, true),
            (416, true),
            (412, true)
        ]
    );
    assert_eq!(api[see.failures[0].codes[0]].code, "beyond");
    let shoot = operation(&api, "shoot");
    assert_eq!(shoot.failures[0].status, 412);
    assert!(matches!(
        shoot.body.as_ref().unwrap().kind,
        BodyKind::Stream {
            length_required: true,
            ..
        }
    ));
}

#[test]
fn every_request_of_an_operation_has_what_conditions_bring() {
    let api = passing("behaviours.yaml");
    let get = &api
        .routes
        .iter()
        .find(|route| route.path == "/reels/{film}");
    let forms = &get.unwrap().methods[0].requests;
    assert_eq!(forms.len(), 3);
    for form in forms {
        let answers = form.successes.iter().chain(&form.failures);
        let statuses: Vec<u16> = answers.map(|answer| answer.status).collect();
        assert_eq!(statuses, [200, 304, 412], "{}", form.title);
        assert_eq!(form.successes[1].headers.len(), 1, "as one declares it");
        let headers = form.headers.iter().map(|header| header.wire.as_str());
        let headers: Vec<&str> = headers.filter(|name| *name != "If-None-Match").collect();
        let brought = ["If-Match", "If-Unmodified-Since", "If-Modified-Since"];
        assert_eq!(headers, brought, "{}", form.title);
    }
    let look = operation(&api, "look");
    let answers = look.successes.iter().chain(&look.failures);
    let statuses: Vec<u16> = answers.map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 304, 412], "each once");
}

#[test]
fn head_stands_behind_its_get_and_has_no_bodies() {
    let api = passing("behaviours.yaml");
    let methods: Vec<&str> = api.routes[1]
        .methods
        .iter()
        .map(|entry| entry.method.as_str())
        .collect();
    assert_eq!(methods, ["GET", "HEAD", "PUT", "DELETE"]);
    let answers = |method: usize| &api.routes[1].methods[method].requests[0].successes;
    assert!(answers(0)[0].body.is_some());
    assert!(answers(1).iter().all(|success| success.body.is_none()));
}

#[test]
fn the_default_envelope_comes_first_and_lends_its_rejections() {
    let api = passing("envelopes.yaml");
    let names: Vec<&str> = api
        .envelopes
        .iter()
        .map(|envelope| envelope.name.as_str())
        .collect();
    assert_eq!(names, ["list", "nested", "silent"]);
    let code = |envelope: usize, kind| api[api.envelopes[envelope].rejection(kind)].code.as_str();
    assert_eq!(code(0, Rejection::NoRoute), "LOST");
    assert_eq!(code(1, Rejection::NoRoute), "LOST_AGAIN");
    assert_eq!(code(2, Rejection::BadRequest), "BAD_REQUEST");
    // What cannot occur is the fault of the server.
    assert_eq!(code(0, Rejection::Range), "INTERNAL");
    assert_eq!(operation(&api, "read_nested").envelope, EnvelopeId(1));
    let crate::model::EnvelopeKind::Json {
        template: Template::Object(entries),
        ..
    } = &api.envelopes[0].kind
    else {
        panic!()
    };
    let keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["errors", "version", "fixed"]);
}

#[test]
fn details_that_the_server_can_fill_are_known() {
    let api = passing("envelopes.yaml");
    let fills: Vec<bool> = api
        .errors
        .iter()
        .map(|error| error.rejection_detail)
        .collect();
    assert_eq!(fills, [false, true, false, false, false]);
    assert_eq!(api.errors[3].type_name, "Fault");
}

/// Texts that stand where they should not.
const HOSTILE: [&str; 8] = [
    "",
    "{",
    "{}",
    "$",
    "/{a}{b}",
    "*",
    "Ünï\u{0}\u{7f}",
    "optional",
];

/// Of so many mutants one is checked; prime, so that it walks through all kinds of them.
const STEP: usize = 17;

/// Every way to take a part of the tree away or to put a hostile text in its place.
fn mutants(value: &serde_yaml::Value) -> Vec<serde_yaml::Value> {
    let mut out: Vec<serde_yaml::Value> = Vec::new();
    match value {
        serde_yaml::Value::Mapping(entries) => {
            for (key, inner) in entries {
                let mut without = entries.clone();
                without.remove(key);
                out.push(without.clone().into());
                for (index, text) in HOSTILE.iter().enumerate() {
                    // One of the texts as a key is enough.
                    if index == key.as_str().map_or(0, str::len) % HOSTILE.len() {
                        let mut renamed = without.clone();
                        renamed.insert((*text).into(), inner.clone());
                        out.push(renamed.into());
                    }
                }
                for mutant in mutants(inner) {
                    let mut changed = entries.clone();
                    changed.insert(key.clone(), mutant);
                    out.push(changed.into());
                }
            }
        }
        serde_yaml::Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                let mut without = items.clone();
                without.remove(index);
                out.push(without.into());
                let mut twice = items.clone();
                twice.push(item.clone());
                out.push(twice.into());
                for mutant in mutants(item) {
                    let mut changed = items.clone();
                    changed[index] = mutant;
                    out.push(changed.into());
                }
            }
        }
        serde_yaml::Value::String(_) => out.extend(HOSTILE.map(serde_yaml::Value::from)),
        serde_yaml::Value::Number(_) => out.extend([0, -1, i64::MAX].map(serde_yaml::Value::from)),
        serde_yaml::Value::Bool(bool) => out.push((!bool).into()),
        _ => {}
    }
    out
}

#[test]
fn no_descriptor_makes_the_check_panic_and_none_is_refused_without_a_reason() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pass");
    let mut checked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        // All of them take minutes.
        for mutant in mutants(&serde_yaml::from_str(&text).unwrap())
            .into_iter()
            .step_by(STEP)
        {
            let Ok(spec) = serde_yaml::from_value::<Spec>(mutant) else {
                continue;
            };
            let mut diagnostics = Diagnostics::new();
            let api = super::check(&spec, &[], &mut diagnostics);
            assert_eq!(api.is_none(), diagnostics.has_errors());
            checked += 1;
        }
    }
    assert!(checked > 200, "{checked}");
}

#[test]
fn every_descriptor_that_shows_a_construct_resolves_without_a_problem() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pass");
    let names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "yaml"))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(!names.is_empty());
    for name in &names {
        let api = passing(name);
        for part in [rust::types, rust::server, rust::client] {
            assert!(!part(&api).is_empty(), "{name}");
        }
    }
    assert!(names.len() >= 10, "{names:?}");
}

#[test]
fn the_methods_of_a_path_are_told_by_the_runtime_where_one_is_refused_alone() {
    let headers = "headers: {Allow: list<string>}";
    let text = format!(
        "spec: 1\napi: {{name: a, title: A, version: \"1\"}}\ngroups: {{g: {{title: G}}}}\nerrors: {{off: {{status: 405, message: off}}, \
         fault: {{status: 500, message: fault}}}}\nenvelopes: {{e: {{type: none, rejections: {{no_route: fault, no_method: off, \
         bad_request: fault, internal: fault}}}}}}\nroutes:\n  - path: /a\n    group: g\n    methods:\n      OPTIONS: \
         [{{request: Ask, operation: ask, success: [{{status: 204, {headers}}}], failure: [{{status: 405, codes: [off], {headers}}}]}}]\n"
    );
    let loaded = crate::load_str("a.yaml", &text);
    let api = loaded.unwrap_or_else(|failure| panic!("{failure}")).api;
    let ask = &api.operations[0];
    assert!(!ask.successes[0].headers[0].managed);
    assert!(ask.failures[0].headers[0].managed);
}

#[test]
fn a_placeholder_names_a_field_of_a_detail_that_takes_all_fields() {
    let text = |rest: &str| {
        format!(
            "spec: 1\napi: {{name: a, title: A, version: \"1\"}}\ngroups: {{g: {{title: G}}}}\nschemas: {{D: {{type: object, \
             fields: {{a: {{type: string, description: A.}}}}{rest}}}}}\nerrors: {{fault: {{status: 500, message: fault, detail: {{schema: D}}}}}}\n\
             envelopes: {{e: {{type: json, body: {{why: $detail.other}}, rejections: {{no_route: fault, no_method: fault, \
             bad_request: fault, internal: fault}}}}}}\nroutes:\n  - path: /a\n    group: g\n    methods:\n      GET: \
             [{{request: Ask, operation: ask, success: [{{status: 204}}]}}]\n"
        )
    };
    let problems = |rest| match crate::load_str("a.yaml", &text(rest)) {
        Ok(_) => String::new(),
        Err(failure) => failure.to_string(),
    };
    assert_eq!(problems(", rest: string"), "");
    assert!(problems("").contains("no error code has a detail with a field `other`"));
}
