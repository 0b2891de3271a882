//! What tells the requests of one method apart.
//!
//! A test of `content_type` is one of the header `Content-Type`, whose parameters do not count.
//!
//! Rules: no request has the form of two operations; one operation at most may have a request without
//! `when`; no form is out of reach. `when: {query: {a: present}}` beside `when: {query: {b: present}}`
//! fails: a request with both would belong to two operations.

use super::bodies;
use super::literals::Types;
use super::requests::Draft;
use super::scope::Scope;
use super::values::is_required;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Body, Condition, ConditionPlace, Parameter, Test};
use crate::spec;

/// The conditions that are written at `path`.
pub(super) fn conditions(
    scope: &mut Scope<'_, '_>,
    written: &spec::When,
    path: &Path,
) -> Vec<Condition> {
    super::responses::same_names(scope, written.headers.keys(), &path.key("headers"));
    let query = written
        .query
        .iter()
        .map(|(name, test)| (ConditionPlace::Query, name, test));
    let headers = written
        .headers
        .iter()
        .map(|(name, test)| (ConditionPlace::Header, name, test));
    let content_type = written
        .content_type
        .iter()
        .map(|media_type| content_type(scope, written, media_type, path))
        .collect::<Vec<_>>();
    query
        .chain(headers)
        .map(|(place, name, test)| Condition {
            place,
            name: name.clone(),
            test: match test {
                spec::Test::Present => Test::Present,
                spec::Test::Absent => Test::Absent,
                spec::Test::Is(values) => Test::Is(values.clone()),
            },
        })
        .chain(content_type)
        .collect()
}

/// The condition that the body is of `media_type`.
fn content_type(
    scope: &mut Scope<'_, '_>,
    written: &spec::When,
    media_type: &str,
    path: &Path,
) -> Condition {
    let at = path.key("content_type");
    if !is_plain(media_type) {
        let message = format!("`{media_type}` is no media type");
        scope.push(
            Diagnostic::error(Id::BadCondition, &at, message)
                .help("write `type/subtype` without parameters and without `*`"),
        );
    }
    let headers = written.headers.keys();
    if headers.into_iter().any(|name| is_content_type(name)) {
        let message = "`content_type` and `headers` test the same header";
        scope.push(
            Diagnostic::error(Id::BadCondition, &at, message)
                .label(At::key(&path.key("headers")), "the other test")
                .help("write the media type under `content_type` alone"),
        );
    }
    Condition {
        place: ConditionPlace::Header,
        name: "Content-Type".to_owned(),
        test: Test::Is(vec![media_type.to_lowercase()]),
    }
}

/// Whether it is a media type, and no wildcard.
fn is_plain(media_type: &str) -> bool {
    bodies::is_media_type(media_type) && !media_type.contains('*')
}

pub(super) fn is_content_type(name: &str) -> bool {
    name.eq_ignore_ascii_case("content-type")
}

/// Checks the requests of each method against each other.
pub(super) fn check(scope: &mut Scope<'_, '_>, types: Types<'_>, drafts: &[Draft<'_>]) {
    // Requests of one method stand side by side.
    for siblings in
        drafts.chunk_by(|left, right| left.route == right.route && left.method == right.method)
    {
        check_method(scope, types, siblings);
    }
}

fn check_method(scope: &mut Scope<'_, '_>, types: Types<'_>, siblings: &[Draft<'_>]) {
    for (index, draft) in siblings.iter().enumerate() {
        check_reach(scope, types, draft);
        for other in &siblings[index + 1..] {
            if draft.operation != other.operation {
                check_pair(scope, draft, other);
            }
        }
    }
}

/// Two requests of different operations.
fn check_pair(scope: &mut Scope<'_, '_>, first: &Draft<'_>, second: &Draft<'_>) {
    let (a, b) = (&first.written.operation, &second.written.operation);
    let message = match (first.when.is_empty(), second.when.is_empty()) {
        (true, true) => format!("nothing tells `{b}` from `{a}`: neither has a `when`"),
        (true, false) | (false, true) => {
            let (default, other) = if first.when.is_empty() {
                (first, second)
            } else {
                (second, first)
            };
            check_default(scope, default, other);
            if other
                .when
                .iter()
                .any(|condition| condition.test != Test::Absent)
            {
                return;
            }
            format!(
                "`{b}` and `{a}` take the same request: one has no `when`, the other tests only for what is absent"
            )
        }
        (false, false) => {
            if are_apart(&first.when, &second.when) {
                return;
            }
            format!(
                "`{b}` and `{a}` both take a request with {}",
                witness(&first.when, &second.when)
            )
        }
    };
    scope.push(
        Diagnostic::error(Id::RequestOverlap, At::key(&second.path.key("when")), message)
            .label(At::key(&first.path.key("when")), format!("`{a}` is here"))
            .help("let one of them test for `absent` what the other tests for `present`, or give both one `operation`"),
    );
}

/// A request without `when` is taken only where nothing is there that a sibling tests for.
fn check_default(scope: &mut Scope<'_, '_>, default: &Draft<'_>, other: &Draft<'_>) {
    for condition in other
        .when
        .iter()
        .filter(|condition| condition.test != Test::Absent)
    {
        let Some(parameter) =
            declared(default, condition).filter(|parameter| is_required(parameter))
        else {
            continue;
        };
        let key = if condition.place == ConditionPlace::Query {
            "query"
        } else {
            "headers"
        };
        let message = format!(
            "no request reaches `{}`: it needs `{}`, with which `{}` is called",
            default.written.operation, condition.name, other.written.operation
        );
        scope.push(
            Diagnostic::error(
                Id::BadCondition,
                At::key(&default.path.key(key).key(&parameter.wire)),
                message,
            )
            .label(
                &other.path.key("when").key(key).key(&condition.name),
                "it is tested for here",
            )
            .help("give this request a `when` of its own, or make the parameter optional"),
        );
    }
}

/// Complains about a form that contradicts the request's own parameters.
fn check_reach(scope: &mut Scope<'_, '_>, types: Types<'_>, draft: &Draft<'_>) {
    if let Some(media_type) = &draft.written.when.content_type {
        check_media_type(scope, draft, &media_type.to_lowercase());
    }
    for condition in &draft.when {
        if let Some(parameter) = declared(draft, condition) {
            check_test(scope, types, draft, (condition, parameter));
        }
    }
}

fn check_media_type(scope: &mut Scope<'_, '_>, draft: &Draft<'_>, media_type: &str) {
    let is_body = |body: &Body| body.media_types.iter().all(|own| own == media_type);
    // What is no media type has been told.
    if is_plain(media_type) && !draft.body.as_ref().is_some_and(is_body) {
        let message = format!("the body of this request is not always `{media_type}`");
        let at = draft.path.key("when").key("content_type");
        scope.push(
            Diagnostic::error(Id::BadCondition, &at, message)
                .label(At::key(&draft.path.key("body")), "its body")
                .help("give it a body of this media type alone"),
        );
    }
}

fn check_test(
    scope: &mut Scope<'_, '_>,
    types: Types<'_>,
    draft: &Draft<'_>,
    (condition, parameter): (&Condition, &Parameter),
) {
    let key = if condition.place == ConditionPlace::Query {
        "query"
    } else {
        "headers"
    };
    let at = draft.path.key("when").key(key).key(&condition.name);
    let place = At::key(&draft.path.key(key).key(&parameter.wire));
    let mut bad = |message: String, label: &str, help: &str| {
        scope.push(
            Diagnostic::error(Id::BadCondition, &at, message)
                .label(&place, label)
                .help(help),
        );
    };
    match &condition.test {
        Test::Absent if is_required(parameter) => {
            let name = &condition.name;
            bad(
                format!("no request reaches this: `{name}` is required and must be absent"),
                "required here",
                "make the parameter optional, or test for `present`",
            );
        }
        Test::Is(_) if parameter.value.is_flag() => {
            let message = "a flag has no value to test".to_owned();
            bad(message, "the flag", "test for `present`");
        }
        Test::Is(values) => {
            for value in values {
                let json = serde_json::Value::String(value.clone());
                let outcome = types.parameter(&parameter.value, parameter.style, &json);
                if let Err(problem) = outcome {
                    bad(
                        format!("no request reaches this: {problem}"),
                        "what it tests is here",
                        "test for values that the parameter can have",
                    );
                }
            }
        }
        _ => {}
    }
}

fn declared<'d>(draft: &'d Draft<'_>, condition: &Condition) -> Option<&'d Parameter> {
    let parameters = match condition.place {
        ConditionPlace::Query => &draft.query,
        ConditionPlace::Header => &draft.headers,
    };
    parameters
        .iter()
        .find(|parameter| is_of(condition, parameter))
}

/// Whether a condition tests this parameter, which is one of its place.
pub(super) fn is_of(condition: &Condition, parameter: &Parameter) -> bool {
    match condition.place {
        ConditionPlace::Query => parameter.wire == condition.name,
        ConditionPlace::Header => parameter.wire.eq_ignore_ascii_case(&condition.name),
    }
}

fn is_same(left: &Condition, right: &Condition) -> bool {
    left.place == right.place
        && match left.place {
            ConditionPlace::Query => left.name == right.name,
            ConditionPlace::Header => left.name.eq_ignore_ascii_case(&right.name),
        }
}

/// Whether some condition of one contradicts one of the other.
fn are_apart(left: &[Condition], right: &[Condition]) -> bool {
    left.iter().any(|left| {
        right.iter().any(|right| {
            is_same(left, right)
                && match (&left.test, &right.test) {
                    (Test::Absent, Test::Absent) => false,
                    (Test::Absent, _) | (_, Test::Absent) => true,
                    (Test::Is(left), Test::Is(right)) => {
                        !left.iter().any(|value| right.contains(value))
                    }
                    _ => false,
                }
        })
    })
}

/// A request that both take, in words.
fn witness(left: &[Condition], right: &[Condition]) -> String {
    let mut names: Vec<String> = Vec::new();
    for condition in left.iter().chain(right) {
        let noun = if condition.place == ConditionPlace::Query {
            "the parameter"
        } else {
            "the header"
        };
        let name = format!("{noun} `{}`", condition.name);
        if condition.test != Test::Absent && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        "none of what they test for".to_owned()
    } else {
        names.join(" and ")
    }
}

/// Whether a request with these parameters satisfies all conditions.
pub(super) fn holds(
    conditions: &[Condition],
    query: &spec::Map<serde_json::Value>,
    headers: &spec::Map<serde_json::Value>,
) -> bool {
    conditions.iter().all(|condition| {
        let value = match condition.place {
            ConditionPlace::Query => query.get(&condition.name),
            ConditionPlace::Header => headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(&condition.name))
                .map(|(_, value)| value),
        };
        match (&condition.test, value) {
            (Test::Present, value) => value.is_some(),
            (Test::Absent, value) => value.is_none(),
            // What an example does not say is what its body is.
            (Test::Is(_), None) => is_content_type(&condition.name),
            (Test::Is(values), Some(value)) => {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                values.contains(&text)
            }
        }
    })
}
