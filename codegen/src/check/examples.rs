//! Examples of requests and answers.
//!
//! Rules: an example has a name of its own, gives what the request requires, satisfies the request's
//! `when`, and its answer is one that is declared. `response: {status: 418}` fails where no answer of
//! the request has that status.

use std::collections::BTreeMap;

use super::conditions;
use super::literals::Types;
use super::names::demand_snake;
use super::requests::Draft;
use super::scope::{Scope, items};
use super::suggest::nearest;
use super::values::is_required;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Body, BodyKind, Builtin, Constraints, Parameter, Response, Type};
use crate::spec::{Example, ExampleBody, ExampleRequest, ExampleResponse, Map};

type Json = serde_json::Value;

/// Checks the examples of all requests.
pub(super) fn check(scope: &mut Scope<'_, '_>, types: Types<'_>, drafts: &[Draft<'_>]) {
    let mut names: BTreeMap<(usize, &str), Path> = BTreeMap::new();
    for draft in drafts {
        let list = draft.path.key("examples");
        for (example, path) in draft.written.examples.iter().zip(items(&list)) {
            let at = path.key("name");
            demand_snake(scope, &example.name, At::value(&at), "an example");
            if let Some(first) = names.insert((draft.operation.0, &example.name), at.clone()) {
                let message = format!(
                    "two examples of the operation are called `{}`",
                    example.name
                );
                scope.push(
                    Diagnostic::error(Id::NameClash, &at, message).label(&first, "the first one"),
                );
            }
            Check {
                scope,
                types,
                draft,
            }
            .example(example, &path);
        }
    }
}

struct Check<'c, 's, 'd> {
    scope: &'c mut Scope<'s, 'd>,
    types: Types<'c>,
    draft: &'c Draft<'c>,
}

impl Check<'_, '_, '_> {
    fn example(&mut self, example: &Example, path: &Path) {
        self.request(&example.request, &path.key("request"));
        self.response(&example.response, &path.key("response"));
    }

    fn bad(&mut self, path: &Path, message: impl Into<String>) {
        self.scope.error(Id::BadExample, path, message);
    }

    fn request(&mut self, request: &ExampleRequest, path: &Path) {
        let draft = self.draft;
        self.parameters(&request.path, &draft.path_parameters, &path.key("path"));
        self.parameters(&request.query, &draft.query, &path.key("query"));
        self.parameters(&request.headers, &draft.headers, &path.key("headers"));
        if !conditions::holds(&draft.when, &request.query, &request.headers) {
            self.bad(path, "this is not the request that `when` describes");
        }
        match (&request.body, &draft.body) {
            (Some(body), Some(declared)) => self.body(body, declared, &path.key("body")),
            (Some(_), None) => self.bad(&path.key("body"), "the request has no body"),
            // A stream, or bytes, may be none.
            (None, Some(declared)) if declared.alternatives().any(Body::may_be_empty) => {}
            (None, Some(_)) => self.bad(path, "the request has a body, the example has none"),
            (None, None) => {}
        }
    }

    fn parameters(&mut self, given: &Map<Json>, declared: &[Parameter], path: &Path) {
        for (name, json) in given {
            let at = path.key(name);
            let Some(parameter) = declared.iter().find(|parameter| is_named(parameter, name))
            else {
                // What only tells requests apart need not be declared.
                if self
                    .draft
                    .when
                    .iter()
                    .any(|condition| condition.name.eq_ignore_ascii_case(name))
                {
                    continue;
                }
                let mut diagnostic = Diagnostic::error(
                    Id::BadExample,
                    At::key(&at),
                    format!("nothing of the name `{name}` is declared"),
                );
                if let Some(near) = nearest(
                    name,
                    declared.iter().map(|parameter| parameter.wire.as_str()),
                ) {
                    diagnostic = diagnostic
                        .help(format!("did you mean `{near}`?"))
                        .replace(near);
                }
                self.scope.push(diagnostic);
                continue;
            };
            if let Err(problem) = self
                .types
                .parameter(&parameter.value, parameter.style, json)
            {
                self.bad(&at, problem);
            }
        }
        for parameter in declared.iter().filter(|parameter| is_required(parameter)) {
            if parameter.value.constant.is_none()
                && !given.keys().any(|name| is_named(parameter, name))
            {
                self.bad(path, format!("`{}` is required", parameter.wire));
            }
        }
    }

    fn response(&mut self, example: &ExampleResponse, path: &Path) {
        let draft = self.draft;
        let answers: Vec<&Response> = draft
            .successes
            .iter()
            .chain(&draft.failures)
            .map(|answer| &answer.response)
            .filter(|response| response.status == example.status)
            .collect();
        if answers.is_empty() {
            let message = format!("no answer of the request has the status {}", example.status);
            self.bad(&path.key("status"), message);
            return;
        }
        if let Some(code) = &example.code {
            let spec = self.scope.spec;
            let is_declared = answers.iter().flat_map(|answer| &answer.codes).any(|id| {
                spec.errors
                    .get_index(id.0)
                    .is_some_and(|(name, _)| name == code)
            });
            if !is_declared {
                let message = format!("no answer {} of the request lists `{code}`", example.status);
                self.bad(&path.key("code"), message);
            }
        }
        for (name, json) in &example.headers {
            let at = path.key("headers").key(name);
            let declared = answers
                .iter()
                .flat_map(|answer| &answer.headers)
                .find(|header| is_named(header, name));
            match declared.map(|header| self.types.parameter(&header.value, header.style, json)) {
                Some(Ok(())) => {}
                Some(Err(problem)) => self.bad(&at, problem),
                None => self.bad(
                    &at,
                    format!(
                        "no answer {} of the request has this header",
                        example.status
                    ),
                ),
            }
        }
        let Some(body) = &example.body else { return };
        match answers.iter().find_map(|answer| answer.body.as_ref()) {
            Some(declared) => self.body(body, declared, &path.key("body")),
            None => self.bad(
                &path.key("body"),
                format!("an answer {} has no body", example.status),
            ),
        }
    }

    fn body(&mut self, example: &ExampleBody, declared: &Body, path: &Path) {
        let keys = [
            ("json", example.json.is_some()),
            ("form", example.form.is_some()),
            ("text", example.text.is_some()),
            ("base64", example.base64.is_some()),
            ("file", example.file.is_some()),
        ];
        let given: Vec<&str> = keys
            .into_iter()
            .filter(|(_, is_there)| *is_there)
            .map(|(key, _)| key)
            .collect();
        let [key] = given.as_slice() else {
            self.bad(
                path,
                "a body has one of `json`, `form`, `text`, `base64`, `file`",
            );
            return;
        };
        let outcomes: Vec<Result<(), String>> = declared
            .alternatives()
            .filter(|declared| fits(&declared.kind, key))
            .map(|declared| self.content(example, declared))
            .collect();
        // Of a choice one that takes it is enough.
        if outcomes.iter().any(Result::is_ok) {
            return;
        }
        let problem = outcomes.into_iter().find_map(Result::err);
        let problem =
            problem.unwrap_or_else(|| "the body is declared to be of another kind".to_owned());
        self.bad(&path.key(*key), problem);
    }

    fn content(&self, example: &ExampleBody, declared: &Body) -> Result<(), String> {
        let none = Constraints::default();
        match (&declared.kind, example) {
            (
                BodyKind::Json { ty, .. },
                ExampleBody {
                    json: Some(json), ..
                },
            ) => self.types.json(ty, &none, json, 0),
            (
                BodyKind::JsonLines(ty),
                ExampleBody {
                    json: Some(json), ..
                },
            ) => self
                .types
                .json(&Type::List(Box::new(ty.clone())), &none, json, 0),
            (
                BodyKind::Form(Type::Schema(id)),
                ExampleBody {
                    form: Some(form), ..
                },
            ) => {
                let Some(schema) = self.types.schemas.get(id.0) else {
                    return Ok(());
                };
                self.types.form(schema, form)
            }
            (
                _,
                ExampleBody {
                    base64: Some(text), ..
                },
            ) => self
                .types
                .text(&Type::Builtin(Builtin::Base64), &none, text),
            (
                _,
                ExampleBody {
                    file: Some(file), ..
                },
            ) if file.starts_with('/') || file.split('/').any(|part| part == "..") => {
                Err("the file lies below the folder of the descriptor".to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// Whether the body of an example is written by `key` where it is of this kind.
fn fits(kind: &BodyKind, key: &str) -> bool {
    match kind {
        BodyKind::Json { .. } => matches!(key, "json" | "file"),
        // A list is the lines.
        BodyKind::JsonLines(_) => matches!(key, "json" | "text" | "file"),
        BodyKind::Form(_) => key == "form",
        BodyKind::Events(_) => matches!(key, "text" | "file"),
        BodyKind::Text => matches!(key, "text" | "file"),
        BodyKind::Bytes(_) | BodyKind::Stream { .. } => {
            matches!(key, "text" | "base64" | "file" | "json")
        }
        // It has none within.
        BodyKind::Choice { .. } => false,
    }
}

/// Whether `name` is that of the parameter, or one that its `*` catches. Case means nothing, which for
/// queries and paths is generous, and tells a slip of the pen only once.
fn is_named(parameter: &Parameter, name: &str) -> bool {
    match &parameter.prefix {
        Some(prefix) => {
            let (name, before, after) = (
                name.to_lowercase(),
                prefix.before.to_lowercase(),
                prefix.after.to_lowercase(),
            );
            name.len() >= before.len() + after.len()
                && name.starts_with(&before)
                && name.ends_with(&after)
        }
        None => parameter.wire.eq_ignore_ascii_case(name),
    }
}
