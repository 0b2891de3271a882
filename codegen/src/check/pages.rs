//! Pages of lists.
//!
//! Rules: a page that is linked has a `Link` to the next one; a page that is asked for by a token or by
//! the last item has its fields in the body, and the type of what they hold is that of the parameter
//! which takes it. `{type: token, query: page, ..}` fails where there is no parameter `page`.

use super::requests::Draft;
use super::responses::Answer;
use super::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Body, BodyKind, Builtin, Field, Pagination, Parameter, SchemaKind, Type};
use crate::spec;

/// The pages of a request.
pub(super) fn pagination(written: &spec::Request) -> Option<Pagination> {
    Some(match written.pagination.clone()? {
        spec::Pagination::Link { rel } => Pagination::Link { rel },
        spec::Pagination::Token { query, next, items } => Pagination::Token { query, next, items },
        spec::Pagination::LastItem {
            query,
            items,
            key,
            more,
        } => Pagination::LastItem {
            query,
            items,
            key,
            more,
        },
    })
}

/// Checks the pages of a request.
pub(super) fn check(scope: &mut Scope<'_, '_>, draft: &Draft<'_>) {
    let link = linked(draft);
    match (&draft.written.pagination, link) {
        (Some(spec::Pagination::Link { .. }), None) => scope.push(
            Diagnostic::error(
                Id::BadBehaviour,
                At::key(&draft.path.key("pagination")),
                "no success has a `Link` to the next page",
            )
            .help(format!(
                "declare `Link: optional url<{}>` in a success",
                draft.written.operation
            )),
        ),
        (None, Some(answer)) => scope.push(
            Diagnostic::error(
                Id::BadBehaviour,
                &draft.path,
                "a `Link` that is a URL needs to say of what kind it is",
            )
            .label(&answer.path, "the answer with the `Link`")
            .help("add `pagination: {type: link, rel: next}` to the request"),
        ),
        (Some(spec::Pagination::Link { .. }) | None, _) => {}
        (Some(pagination), _) => check_fields(scope, draft, pagination),
    }
}

/// The first success with a `Link` that is a URL.
fn linked<'d>(draft: &'d Draft<'_>) -> Option<&'d Answer> {
    let mut all = draft.own_successes();
    all.find(|answer| {
        answer.response.headers.iter().any(|header| {
            header.wire.eq_ignore_ascii_case("Link") && matches!(header.value.ty, Type::Url(_))
        })
    })
}

/// Checks pages that are asked for by what the body of the last one holds.
fn check_fields(scope: &mut Scope<'_, '_>, draft: &Draft<'_>, pagination: &spec::Pagination) {
    let path = draft.path.key("pagination");
    if draft.method != "GET" {
        let message = "only a GET is repeated for the next page";
        scope.push(
            Diagnostic::error(Id::BadBehaviour, At::key(&path), message).help("take the key away"),
        );
    }
    let Some(fields) = page(scope, draft, &path) else {
        return;
    };
    match pagination {
        spec::Pagination::Link { .. } => {}
        spec::Pagination::Token { query, next, items } => {
            let parameter = parameter(scope, draft, query, &path.key("query"));
            list(scope, &fields, items, &path.key("items"));
            check_next(
                scope,
                draft,
                (&fields, next),
                parameter.as_ref(),
                &path.key("next"),
            );
        }
        spec::Pagination::LastItem {
            query,
            items,
            key,
            more,
        } => {
            let parameter = parameter(scope, draft, query, &path.key("query"));
            if let Some(more) = field(scope, &fields, more, &path.key("more"))
                && more.value.ty != Type::Builtin(Builtin::Boolean)
            {
                let message = format!("`{}` is no boolean", more.wire);
                scope.error(
                    Id::BadBehaviour,
                    &path.key("more"),
                    message,
                    "name a field of the type `boolean`, which says whether there is more",
                );
            }
            let Some(item) = list(scope, &fields, items, &path.key("items")) else {
                return;
            };
            let Some(own) = fields_of(scope, &item) else {
                let message = format!("the items of `{items}` are no objects");
                scope.error(
                    Id::BadBehaviour,
                    &path.key("items"),
                    message,
                    "name a list of objects, of which `key` is a field",
                );
                return;
            };
            if let Some(key) = field(scope, &own, key, &path.key("key")) {
                check_type(scope, draft, key, parameter.as_ref(), &path.key("key"));
            }
        }
    }
}

/// The field with the token of the next page, which goes into the parameter.
fn check_next(
    scope: &mut Scope<'_, '_>,
    draft: &Draft<'_>,
    (fields, name): (&[Field], &str),
    parameter: Option<&Parameter>,
    path: &Path,
) {
    let Some(next) = field(scope, fields, name, path) else {
        return;
    };
    let value = &next.value;
    if !value.optional && !value.nullable && !is_text(scope, &value.ty) {
        let message = format!("the last page has a `{}`, too", next.wire);
        let help = "let it be optional, or null";
        scope.error(Id::BadBehaviour, path, message, help);
    }
    check_type(scope, draft, next, parameter, path);
}

/// The fields of a page: those of the one body that is an object.
fn page(scope: &mut Scope<'_, '_>, draft: &Draft<'_>, path: &Path) -> Option<Vec<Field>> {
    let object = |body: &Body| match &body.kind {
        BodyKind::Json { ty, .. } => fields_of(scope, ty),
        _ => None,
    };
    let mut bodies = draft
        .own_successes()
        .filter_map(|answer| object(answer.response.body.as_ref()?));
    if let (Some(fields), None) = (bodies.next(), bodies.next()) {
        return Some(fields);
    }
    let message = "a page is the one success whose body is a JSON object";
    scope.push(
        Diagnostic::error(Id::BadBehaviour, At::key(path), message)
            .help("give the request one success with a body of the type `json` that is an object"),
    );
    None
}

fn fields_of(scope: &Scope<'_, '_>, ty: &Type) -> Option<Vec<Field>> {
    let Type::Schema(id) = ty else { return None };
    match &scope.object(*id)?.kind {
        SchemaKind::Object { fields, .. } => Some(fields.clone()),
        _ => None,
    }
}

/// The query parameter that leads to a page.
fn parameter(
    scope: &mut Scope<'_, '_>,
    draft: &Draft<'_>,
    name: &str,
    path: &Path,
) -> Option<Parameter> {
    let known = draft.query.iter().map(|parameter| parameter.wire.as_str());
    let Some(parameter) = draft.query.iter().find(|parameter| parameter.wire == name) else {
        scope.unknown("query parameter", name, &known.collect::<Vec<_>>(), path);
        return None;
    };
    let value = &parameter.value;
    if !value.optional || parameter.prefix.is_some() || value.constant.is_some() {
        let message = format!("`{name}` cannot be left out, as the first page needs it");
        scope.push(
            Diagnostic::error(Id::BadBehaviour, path, message)
                .label(At::key(&declared(scope, draft, name)), "the parameter")
                .help("let it be `optional`, without a default"),
        );
    }
    Some(parameter.clone())
}

/// Where a parameter of the query is declared: by the request, by a mixin, or for all requests.
fn declared(scope: &Scope<'_, '_>, draft: &Draft<'_>, name: &str) -> Path {
    let root = Path::root();
    if draft.written.query.contains_key(name) {
        return draft.path.key("query").key(name);
    }
    let mut mixins = draft.written.uses.iter();
    let holds = |mixin: &&String| {
        let mixin = scope.spec.mixins.get(mixin.as_str());
        mixin.is_some_and(|mixin| mixin.query.contains_key(name))
    };
    let around = match mixins.find(holds) {
        Some(mixin) => root.key("mixins").key(mixin),
        None => root.key("common").key("request"),
    };
    around.key("query").key(name)
}

fn field<'f>(
    scope: &mut Scope<'_, '_>,
    fields: &'f [Field],
    name: &str,
    path: &Path,
) -> Option<&'f Field> {
    let found = fields.iter().find(|field| field.wire == name);
    if found.is_none() {
        let known: Vec<&str> = fields.iter().map(|field| field.wire.as_str()).collect();
        scope.unknown("field", name, &known, path);
    }
    found
}

/// The type of the items in a field.
fn list(scope: &mut Scope<'_, '_>, fields: &[Field], name: &str, path: &Path) -> Option<Type> {
    if let Type::List(item) = &field(scope, fields, name, path)?.value.ty {
        return Some((**item).clone());
    }
    scope.error(
        Id::BadBehaviour,
        path,
        format!("`{name}` is no list"),
        "name the field that holds the items of a page",
    );
    None
}

fn is_text(scope: &Scope<'_, '_>, ty: &Type) -> bool {
    match ty {
        Type::Builtin(builtin) => *builtin == Builtin::String,
        Type::Format(id) => {
            let format = scope.spec.formats.get_index(id.0);
            format
                .is_some_and(|(_, format)| matches!(format.base.as_deref(), None | Some("string")))
        }
        _ => false,
    }
}

/// Complains where a field does not fit into the parameter.
fn check_type(
    scope: &mut Scope<'_, '_>,
    draft: &Draft<'_>,
    field: &Field,
    parameter: Option<&Parameter>,
    path: &Path,
) {
    if let Some(parameter) = parameter
        && parameter.value.ty != field.value.ty
    {
        let (field, parameter) = (&field.wire, &parameter.wire);
        let message = format!("`{field}` is not of the type of `{parameter}`, into which it goes");
        let declared = declared(scope, draft, parameter);
        scope.push(
            Diagnostic::error(Id::BadBehaviour, path, message)
                .label(At::key(&declared), "the parameter")
                .help("give both the same type"),
        );
    }
}
