//! Examples of requests and answers.
//!
//! Rules: an example has a name of its own, gives what the request requires, satisfies the request's
//! `when`, and its answer is one that is declared. `response: {status: 418}` fails where no answer of
//! the request has that status.

use std::collections::BTreeMap;

use super::conditions;
use super::example_files;
use super::literals::{Types, definition};
use super::names::demand_snake;
use super::requests::Draft;
use super::scope::{Scope, items};
use super::suggest::nearest;
use super::values::is_required;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::event_text;
use crate::model::{Body, BodyKind, Builtin, Constraints, Parameter, Response, Type, of_status};
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
                    Diagnostic::error(Id::NameClash, &at, message)
                        .label(&first, "the first one")
                        .help("rename one of them"),
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

/// A place that a problem has to do with, what it is, and what to do.
type Beside<'b> = (Option<Path>, &'b str, &'b str);

struct Check<'c, 's, 'd> {
    scope: &'c mut Scope<'s, 'd>,
    types: Types<'c>,
    draft: &'c Draft<'c>,
}

impl Check<'_, '_, '_> {
    fn example(&mut self, example: &Example, path: &Path) {
        self.request(&example.request, &path.key("request"));
        let accept = example.request.header("Accept");
        self.response(&example.response, accept, &path.key("response"));
    }

    fn bad(&mut self, path: &Path, message: impl Into<String>, help: &str) {
        self.scope.error(Id::BadExample, path, message, help);
    }

    /// The same, where it has to do with what is written at `other`.
    fn bad_beside(&mut self, path: &Path, message: String, (other, text, help): Beside<'_>) {
        let problem = Diagnostic::error(Id::BadExample, path, message).help(help);
        self.scope.push(match other {
            Some(other) => problem.label(At::key(&other), text),
            None => problem,
        });
    }

    /// Complains about a name that is none of `known`.
    fn unknown(&mut self, place: At, message: String, name: &str, known: &[&str]) {
        let problem = Diagnostic::error(Id::BadExample, place, message);
        self.scope.push(match nearest(name, known.iter().copied()) {
            Some(near) => problem
                .help(format!("did you mean `{near}`?"))
                .replace(near),
            None if known.is_empty() => problem.help("take it away, or declare it"),
            None => problem.help(format!("there are `{}`", known.join("`, `"))),
        });
    }

    /// Where a parameter of the request is declared, or the type that it has.
    fn declared(&self, parameter: &Parameter) -> Option<Path> {
        let written = self.draft.written;
        let lists = [("query", &written.query), ("headers", &written.headers)];
        let mut own = lists
            .iter()
            .filter(|(_, list)| list.contains_key(&parameter.wire));
        own.next()
            .map(|(key, _)| self.draft.path.key(*key).key(&parameter.wire))
            .or_else(|| definition(self.scope, &parameter.value.ty))
    }

    fn request(&mut self, request: &ExampleRequest, path: &Path) {
        let draft = self.draft;
        self.parameters(&request.path, &draft.path_parameters, &path.key("path"));
        self.parameters(&request.query, &draft.query, &path.key("query"));
        let sent = self.without_media_types(request, &path.key("headers"));
        self.parameters(&sent, &draft.headers, &path.key("headers"));
        if !conditions::holds(&draft.when, &request.query, &request.headers) {
            let message = "this is not the request that `when` describes".to_owned();
            let help = "send what it tests for, or move the example to another request";
            self.bad_beside(
                path,
                message,
                (Some(draft.path.key("when")), "the tests", help),
            );
        }
        match (&request.body, &draft.body) {
            (Some(body), Some(declared)) => {
                let of: Vec<&Body> = declared.of_type(request.content_type()).collect();
                self.body(body, (declared, &of), &path.key("body"));
            }
            (Some(_), None) => self.bad(
                &path.key("body"),
                "the request has no body",
                "take it away, or declare one",
            ),
            // A stream, or bytes, may be none.
            (None, Some(declared)) if declared.alternatives().any(Body::may_be_empty) => {}
            (None, Some(_)) => {
                let message = "the request has a body, the example has none".to_owned();
                let beside = (
                    Some(draft.path.key("body")),
                    "declared here",
                    "give one under `body`",
                );
                self.bad_beside(path, message, beside);
            }
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
                let known: Vec<&str> = declared.iter().map(|one| one.wire.as_str()).collect();
                let message = format!("nothing of the name `{name}` is declared");
                self.unknown(At::key(&at), message, name, &known);
                continue;
            };
            if let Err(problem) = self
                .types
                .parameter(&parameter.value, parameter.style, json)
            {
                let help = "give a value that the parameter takes";
                let beside = (self.declared(parameter), "declared here", help);
                self.bad_beside(&at, problem, beside);
            }
        }
        for parameter in declared.iter().filter(|parameter| is_required(parameter)) {
            if parameter.value.constant.is_none()
                && !given.keys().any(|name| is_named(parameter, name))
            {
                let message = format!("`{}` is required", parameter.wire);
                let beside = (self.declared(parameter), "declared here", "give it a value");
                self.bad_beside(path, message, beside);
            }
        }
    }

    fn response(&mut self, example: &ExampleResponse, accept: Option<&str>, path: &Path) {
        let draft = self.draft;
        let all = draft.successes.iter().chain(&draft.failures);
        let answers = of_status(all.map(|answer| &answer.response), example.status);
        if answers.is_empty() {
            let message = format!("no answer of the request has the status {}", example.status);
            let all = draft.successes.iter().chain(&draft.failures);
            let mut known: Vec<String> = all.map(|one| one.response.label()).collect();
            known.dedup();
            let help = format!("there are {}", known.join(", "));
            self.bad(&path.key("status"), message, &help);
            return;
        }
        if let Some(code) = &example.code {
            self.code(code, example.status, &answers, path);
        }
        let body = answers.iter().find_map(|answer| answer.body.as_ref());
        for (name, json) in &without_media_type(&example.headers, body) {
            let at = path.key("headers").key(name);
            self.header((name, json), example.status, &answers, &at);
        }
        let Some(body) = &example.body else { return };
        match answers.iter().find_map(|answer| answer.body.as_ref()) {
            Some(declared) => {
                let of: Vec<&Body> = declared.accepted(accept).into_iter().collect();
                self.body(body, (declared, &of), &path.key("body"));
            }
            None if example.status >= 400 => self.bad(
                &path.key("body"),
                "the body of a failure is its envelope, which is not written in examples",
                "take it away: `code` says which failure it is; its detail is shown by the `example` of each field",
            ),
            None => self.bad(
                &path.key("body"),
                format!("an answer {} has no body", example.status),
                "take it away, or declare one",
            ),
        }
    }

    fn code(&mut self, code: &str, status: u16, answers: &[&Response], path: &Path) {
        let spec = self.scope.spec;
        let codes = answers.iter().flat_map(|answer| &answer.codes);
        let known = codes.filter_map(|id| Some(spec.errors.get_index(id.0)?.0.as_str()));
        let known: Vec<&str> = known.collect();
        if !known.contains(&code) {
            let message = format!("no answer {status} of the request lists `{code}`");
            self.unknown(At::value(&path.key("code")), message, code, &known);
        }
    }

    fn header(
        &mut self,
        (name, json): (&str, &Json),
        status: u16,
        answers: &[&Response],
        at: &Path,
    ) {
        let declared: Vec<&Parameter> = answers.iter().flat_map(|one| &one.headers).collect();
        let Some(header) = declared.iter().find(|header| is_named(header, name)) else {
            let message = format!("no answer {status} of the request has this header");
            let known: Vec<&str> = declared.iter().map(|header| header.wire.as_str()).collect();
            return self.unknown(At::key(at), message, name, &known);
        };
        if let Err(problem) = self.types.parameter(&header.value, header.style, json) {
            let definition = definition(self.scope, &header.value.ty);
            let help = "give a value that the header takes";
            self.bad_beside(at, problem, (definition, "its type is defined here", help));
        }
    }

    /// The headers without those that say which body of a choice is sent or wanted, and what a wildcard stands for.
    fn without_media_types(&mut self, request: &ExampleRequest, path: &Path) -> Map<Json> {
        let draft = self.draft;
        let is_choice = |body: &Body| matches!(body.kind, BodyKind::Choice { .. });
        let mut answers = draft.successes.iter();
        let answer =
            answers.find_map(|one| one.response.body.as_ref().filter(|one| is_choice(one)));
        let sent = draft.body.as_ref().filter(|body| is_choice(body));
        let mut headers = without_media_type(&request.headers, draft.body.as_ref());
        for (header, choice) in [("Content-Type", sent), ("Accept", answer)] {
            let (Some(choice), Some(named)) = (choice, request.header(header)) else {
                continue;
            };
            if choice.of_type(Some(named)).next().is_none() {
                let known: Vec<&str> = choice.media_types.iter().map(String::as_str).collect();
                let message = format!("`{named}` is none of the media types");
                self.unknown(At::value(&path.key(header)), message, named, &known);
            }
            headers.retain(|name, _| !name.eq_ignore_ascii_case(header));
        }
        headers
    }

    /// A body, which is one `of` those that it is declared to be.
    fn body(&mut self, example: &ExampleBody, (declared, of): (&Body, &[&Body]), path: &Path) {
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
                "write it in one of these ways",
            );
            return;
        };
        let outcomes: Vec<Result<(), String>> = of
            .iter()
            .filter(|declared| fits(&declared.kind, key))
            .map(|declared| self.content(example, declared))
            .collect();
        // Of a choice one that takes it is enough.
        if outcomes.iter().any(Result::is_ok) {
            return;
        }
        // That none is of the media type is said where it is named.
        if of.is_empty() {
            return;
        }
        let problem = outcomes.into_iter().find_map(Result::err);
        let problem =
            problem.unwrap_or_else(|| "the body is declared to be of another kind".to_owned());
        let definition = match &declared.kind {
            BodyKind::Json { ty, .. } | BodyKind::Form(ty) | BodyKind::JsonLines(ty) => {
                definition(self.scope, ty)
            }
            _ => None,
        };
        let help = "write what the body is declared to be";
        let beside = (definition, "its type is defined here", help);
        self.bad_beside(&path.key(*key), problem, beside);
    }

    fn content(&self, example: &ExampleBody, declared: &Body) -> Result<(), String> {
        let none = Constraints::default();
        if let Some(content) = example_files::content(example, &declared.kind) {
            return self.content(&content?, declared);
        }
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
                BodyKind::Events(ty),
                ExampleBody {
                    text: Some(text), ..
                },
            ) => {
                let mut events = event_text::read(text)?.into_iter();
                events.try_for_each(|event| event.value(self.types, ty).map(drop))
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

/// The headers without `Content-Type`, which an example may say of a body whose media type is a wildcard.
fn without_media_type(headers: &Map<Json>, body: Option<&Body>) -> Map<Json> {
    let mut headers = headers.clone();
    if body.is_some_and(Body::has_wildcard) {
        headers.retain(|name, _| !name.eq_ignore_ascii_case("Content-Type"));
    }
    headers
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
