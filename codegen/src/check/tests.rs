//! Descriptors that must resolve.

use crate::diag::{Diagnostics, Place};
use crate::model::Api;
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

/// The model of a descriptor that has no problem, not even a warning.
fn resolved(spec: &Spec) -> Api {
    let mut diagnostics = Diagnostics::new();
    let api = super::check(spec, &mut diagnostics);
    let problems: Vec<String> = diagnostics
        .iter()
        .map(|problem| {
            let place = match problem.labels.first().map(|label| &label.place) {
                Some(Place::At(at)) => at.path.to_string(),
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
    assert_eq!(api.routes.len(), 10);
    let head = api
        .routes
        .iter()
        .flat_map(|route| &route.methods)
        .filter(|entry| entry.method == "HEAD");
    assert_eq!(head.count(), 5);
}
