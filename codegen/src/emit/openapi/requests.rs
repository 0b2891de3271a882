//! The requests of one method, which are one operation in OpenAPI, and what each of them is.

use serde_json::{Value as Json, json};

use super::components::Out;
use super::object::Object;
use super::{responses, security, types};
use crate::model::{
    ConditionPlace, Conditional, Operation, Pagination, Parameter, Request, Response, Route,
    Segment, Test,
};

/// A request at its route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form<'a> {
    pub(super) route: &'a Route,
    pub(super) request: &'a Request,
    pub(super) operation: &'a Operation,
    /// The route that gave the path its names.
    pub(super) named_by: &'a Route,
}

impl Form<'_> {
    /// What the parameter at this place in the path is called.
    pub(super) fn path_name(&self, index: usize, parameter: &Parameter) -> String {
        let name = path_names(self.named_by).nth(index);
        name.unwrap_or(&parameter.wire).to_owned()
    }

    /// Whether the path parameter may have slashes in it.
    pub(super) fn spans_segments(&self, called: &str) -> bool {
        let at = path_names(self.named_by).position(|name| name == called);
        let own = at.and_then(|at| {
            let mut parameters = self
                .route
                .segments
                .iter()
                .filter(|one| !matches!(one, Segment::Literal(_)));
            parameters.nth(at)
        });
        matches!(own, Some(Segment::Many { .. }))
    }
}

fn path_names(route: &Route) -> impl Iterator<Item = &str> {
    route.segments.iter().filter_map(|segment| match segment {
        Segment::Literal(_) => None,
        Segment::Parameter { name, .. } | Segment::Many { name, .. } => Some(name.as_str()),
    })
}

/// What OpenAPI has no words for: of the only request, or of each of several.
pub(super) fn details(out: &mut Out<'_>, forms: &[Form<'_>]) -> Object {
    let [only] = forms else {
        out.losses.add(format!(
            "that these are {} requests, what tells them apart, and what each of them has; it is in `x-requests`",
            forms.len()
        ));
        let all: Vec<Json> = forms.iter().map(|form| one_of_several(out, form)).collect();
        return Object::new().set("x-requests", all);
    };
    own(out, only)
}

/// What belongs to a request alone.
fn own(out: &mut Out<'_>, form: &Form<'_>) -> Object {
    let access = access(form);
    if !security::are_scopes(out.api, &form.operation.security, &access) {
        out.losses
            .add("what the caller must be allowed; it is in `x-access`");
    }
    Object::new()
        .list("x-access", access)
        .with(behaviours(out, form.operation))
        .with(types::deprecation(out, form.request.deprecated.as_ref()))
        .vendor(&form.request.extensions)
}

fn one_of_several(out: &mut Out<'_>, form: &Form<'_>) -> Json {
    let request = form.request;
    let names = |required: bool, parameters: &[Parameter]| -> Vec<String> {
        let wanted = |one: &&Parameter| {
            (!one.value.optional && one.value.default.is_none() && one.prefix.is_none()) == required
        };
        let wanted = parameters.iter().filter(wanted);
        wanted.map(|one| one.wire.clone()).collect()
    };
    let parameters = |required: bool| {
        Object::new()
            .list("query", names(required, &request.query))
            .list("headers", names(required, &request.headers))
    };
    let all = request.successes.iter().chain(&request.failures);
    let mut all: Vec<&Response> = all.collect();
    all.sort_by_key(|response| response.rank());
    all.dedup_by_key(|response| response.rank());
    let status = |response: &&Response| {
        if response.class {
            Json::from(responses::key(response))
        } else {
            response.status.into()
        }
    };
    let statuses: Vec<Json> = all.iter().map(status).collect();
    let media_types = request.body.as_ref().map(|body| body.media_types.clone());
    let path = (form.route.name != form.named_by.name).then_some(form.route.path.as_str());
    Object::new()
        .set("request", request.title.as_str())
        .set("operation", form.operation.name.as_str())
        .some("path", path)
        .object("when", when(request))
        .object("required", parameters(true))
        .object("optional", parameters(false))
        .some("body", media_types)
        .list(
            "security",
            security::ways(out.api, &form.operation.security, &access(form)),
        )
        .set("statuses", statuses)
        .with(own(out, form))
        .json()
}

fn when(request: &Request) -> Object {
    let of = |place: ConditionPlace| {
        let all = request.when.iter().filter(|one| one.place == place);
        all.fold(Object::new(), |object, one| {
            let test = match &one.test {
                Test::Present => json!("present"),
                Test::Absent => json!("absent"),
                Test::Is(values) => json!({"is": values}),
            };
            object.set(&one.name, test)
        })
    };
    Object::new()
        .object("query", of(ConditionPlace::Query))
        .object("headers", of(ConditionPlace::Header))
}

/// In a word or two, what tells a request from the others.
pub(super) fn told_by(request: &Request) -> String {
    let all = request.when.iter().map(|one| {
        let name = &one.name;
        match &one.test {
            Test::Present => format!("with `{name}`"),
            Test::Absent => format!("without `{name}`"),
            Test::Is(values) => format!("`{name}` is `{}`", values.join("` or `")),
        }
    });
    all.collect::<Vec<_>>().join(", ")
}

/// What the caller must be allowed, as it is written.
pub(super) fn access(form: &Form<'_>) -> Vec<String> {
    let text = |entry| form.operation.access_text(entry);
    form.request.access.iter().map(text).collect()
}

/// What the server does by itself, and the client.
fn behaviours(out: &mut Out<'_>, operation: &Operation) -> Object {
    let conditional = operation.conditional.map(|conditional| match conditional {
        Conditional::Read => "read",
        Conditional::Write => "write",
    });
    if let Some(kind) = conditional {
        out.losses.add(format!(
            "that conditions are looked at before the operation is, as `x-conditional: {kind}` says"
        ));
    }
    if operation.pagination.is_some() {
        out.losses
            .add("how the next page is found; it is in `x-pagination`");
    }
    if operation.idempotency.is_some() {
        out.losses
            .add("that a repetition is known by a header; it is in `x-idempotency`");
    }
    Object::new()
        .some("x-conditional", conditional)
        .some(
            "x-pagination",
            operation.pagination.as_ref().map(pagination),
        )
        .some("x-idempotency", operation.idempotency.as_deref())
}

fn pagination(pagination: &Pagination) -> Json {
    match pagination {
        Pagination::Link { rel } => json!({"type": "link", "rel": rel}),
        Pagination::Token { query, next, items } => {
            json!({"type": "token", "query": query, "next": next, "items": items})
        }
        Pagination::LastItem {
            query,
            items,
            key,
            more,
        } => {
            json!({"type": "last_item", "query": query, "items": items, "key": key, "more": more})
        }
    }
}
