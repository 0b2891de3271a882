//! Bodies of requests and answers.
//!
//! Rules: a body has one type, media types are legal, and what concerns only requests or only answers
//! stands only there. `body: {type: stream, ranges: true}` in a request fails: ranges are of answers.

use super::scope::{Kind, Scope, items};
use super::{choices, events, forms, schemas, types};
use crate::diag::{Diagnostic, Id, Path};
use crate::model::{Body, BodyKind, Builtin, ErrorId, Type};
use crate::spec;

/// Whose body it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Request,
    Answer,
}

/// The media types that are written for a body, and the one that it has where none are.
pub(super) fn written_media_types(written: &spec::Body) -> (&[String], &'static str) {
    let common = common(written);
    (common.media_types, common.own_media_type)
}

/// The keys that kinds of bodies have in common.
struct Common<'b> {
    media_types: &'b [String],
    own_media_type: &'static str,
    limit: Option<spec::Size>,
    invalid: Option<&'b String>,
    too_large: Option<&'b String>,
    description: &'b str,
    example: Option<&'b serde_json::Value>,
}

/// The body that is written at `path`. `name` is that of an object which it defines in place.
pub(super) fn body(
    scope: &mut Scope<'_, '_>,
    written: &spec::Body,
    path: &Path,
    owner: Owner,
    name: &str,
) -> Body {
    let common = common(written);
    let kind = kind(scope, written, path, (owner, name));
    check_owner(scope, written, path, owner);
    let mut code = |key: &str, code: Option<&String>| {
        code.and_then(|code| scope.find(Kind::Error, code, &path.key(key)))
            .map(ErrorId)
    };
    let (invalid, too_large) = (
        code("invalid", common.invalid),
        code("too_large", common.too_large),
    );
    let media_types = match &kind {
        BodyKind::Choice { of, .. } => of
            .iter()
            .flat_map(|one| one.body.media_types.clone())
            .collect(),
        _ => media_types(scope, &common, path),
    };
    Body {
        kind,
        media_types,
        limit: common.limit.map(|limit| limit.0),
        invalid,
        too_large,
        description: common.description.to_owned(),
        example: common.example.cloned(),
    }
}

impl<'b> Common<'b> {
    fn new(
        own_media_type: &'static str,
        media_types: &'b [String],
        limit: Option<spec::Size>,
        codes: [&'b Option<String>; 2],
        docs: (&'b String, &'b Option<serde_json::Value>),
    ) -> Self {
        Self {
            media_types,
            own_media_type,
            limit,
            invalid: codes[0].as_ref(),
            too_large: codes[1].as_ref(),
            description: docs.0,
            example: docs.1.as_ref(),
        }
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "an arm for each kind, each with the same keys"
)]
fn common(written: &spec::Body) -> Common<'_> {
    use spec::Body;
    const OCTETS: &str = "application/octet-stream";
    const FORM: &str = "application/x-www-form-urlencoded";
    const LINES: &str = "application/jsonl";
    const EVENTS: &str = "text/event-stream";
    match written {
        Body::Json {
            media_types,
            limit,
            invalid,
            too_large,
            description,
            example,
            ..
        } => {
            let codes = [invalid, too_large];
            Common::new(
                "application/json",
                media_types,
                *limit,
                codes,
                (description, example),
            )
        }
        Body::Form {
            limit,
            invalid,
            too_large,
            description,
            example,
            ..
        } => Common::new(
            FORM,
            &[],
            *limit,
            [invalid, too_large],
            (description, example),
        ),
        Body::Text {
            media_types,
            limit,
            invalid,
            too_large,
            description,
            example,
        } => {
            let codes = [invalid, too_large];
            Common::new(
                "text/plain",
                media_types,
                *limit,
                codes,
                (description, example),
            )
        }
        Body::Bytes {
            media_types,
            limit,
            too_large,
            description,
            example,
            ..
        } => {
            let codes = [&None, too_large];
            Common::new(
                OCTETS,
                media_types,
                Some(*limit),
                codes,
                (description, example),
            )
        }
        Body::Stream {
            media_types,
            limit,
            too_large,
            description,
            example,
            ..
        } => {
            let codes = [&None, too_large];
            Common::new(OCTETS, media_types, *limit, codes, (description, example))
        }
        Body::JsonLines {
            media_types,
            limit,
            invalid,
            too_large,
            description,
            example,
            ..
        } => {
            let codes = [invalid, too_large];
            Common::new(LINES, media_types, *limit, codes, (description, example))
        }
        Body::Events {
            limit, description, ..
        } => Common::new(EVENTS, &[], *limit, [&None, &None], (description, &None)),
        Body::Choice { description, .. } => {
            Common::new("", &[], None, [&None, &None], (description, &None))
        }
    }
}

fn kind(
    scope: &mut Scope<'_, '_>,
    written: &spec::Body,
    path: &Path,
    (owner, name): (Owner, &str),
) -> BodyKind {
    match written {
        spec::Body::Json {
            schema,
            fields,
            verbatim,
            ..
        } => BodyKind::Json {
            ty: json(scope, (schema.as_ref(), fields.as_ref()), path, name),
            verbatim: *verbatim,
        },
        spec::Body::Form { schema, fields, .. } => {
            let written = (schema.as_ref(), fields.as_ref());
            let ty = content(scope, written, path, name, "`fields` names what is sent");
            if let Some(ty) = &ty {
                forms::check(scope, ty, path);
            }
            BodyKind::Form(ty.unwrap_or(Type::Builtin(Builtin::Any)))
        }
        spec::Body::Text { .. } => BodyKind::Text,
        spec::Body::Bytes { schema, .. } => {
            let ty = schema.as_ref().and_then(|schema| {
                types::demand_plain(scope, schema, &path.key("schema"), "a body");
                types::resolve(scope, schema, &path.key("schema"))
            });
            BodyKind::Bytes(ty)
        }
        spec::Body::Stream { ranges, length, .. } => BodyKind::Stream {
            ranges: *ranges,
            length_required: length.is_some(),
        },
        spec::Body::JsonLines { schema, fields, .. } => {
            let name = format!("{name}Item");
            let written = (schema.as_ref(), fields.as_ref());
            BodyKind::JsonLines(json(scope, written, path, &name))
        }
        spec::Body::Events { events, open, .. } => {
            BodyKind::Events(events::union(scope, (events, *open), path, name))
        }
        spec::Body::Choice { of, .. } => choices::choice(scope, of, path, (owner, name)),
    }
}

/// What says of which type a body is: `schema` or `fields`.
type Content<'w> = (
    Option<&'w spec::TypeExpr>,
    Option<&'w spec::Map<spec::Value>>,
);

/// The type of a body of JSON.
fn json(scope: &mut Scope<'_, '_>, written: Content<'_>, path: &Path, name: &str) -> Type {
    content(scope, written, path, name, "`schema: any` takes anything")
        .unwrap_or(Type::Builtin(Builtin::Any))
}

/// The type of a body; `None` where it is unknown, which is told here.
fn content(
    scope: &mut Scope<'_, '_>,
    written: Content<'_>,
    path: &Path,
    name: &str,
    help: &str,
) -> Option<Type> {
    match written {
        (Some(schema), None) => {
            let path = path.key("schema");
            types::demand_plain(scope, schema, &path, "a body");
            types::resolve(scope, schema, &path)
        }
        (None, Some(fields)) => {
            let schema = schemas::inline(scope, name.to_owned(), fields, &path.key("fields"));
            Some(Type::Schema(scope.add_schema(schema, path)))
        }
        _ => {
            scope.push(
                Diagnostic::error(
                    Id::BadBody,
                    path,
                    "this body has either `schema` or `fields`",
                )
                .help(help),
            );
            None
        }
    }
}

fn check_owner(scope: &mut Scope<'_, '_>, written: &spec::Body, path: &Path, owner: Owner) {
    if let spec::Body::Stream { ranges: true, .. } = written
        && owner == Owner::Request
    {
        scope.error(
            Id::BadBody,
            &path.key("ranges"),
            "ranges are of answers",
            "take the key away",
        );
    }
    if let (spec::Body::Events { .. }, Owner::Request) = (written, owner) {
        scope.push(
            Diagnostic::error(Id::BadBody, &path.key("type"), "events are of answers")
                .help("values that a client sends one by one are `json_lines`"),
        );
    }
    if owner == Owner::Request {
        return;
    }
    let common = common(written);
    let length = matches!(
        written,
        spec::Body::Stream {
            length: Some(_),
            ..
        }
    );
    let keys = [
        ("length", length),
        ("invalid", common.invalid.is_some()),
        ("too_large", common.too_large.is_some()),
    ];
    for (key, _) in keys.into_iter().filter(|(_, is_there)| *is_there) {
        scope.error(
            Id::BadBody,
            &path.key(key),
            format!("`{key}` is for bodies of requests"),
            "take the key away",
        );
    }
}

fn media_types(scope: &mut Scope<'_, '_>, common: &Common<'_>, path: &Path) -> Vec<String> {
    if common.media_types.is_empty() {
        return vec![common.own_media_type.to_owned()];
    }
    let list = path.key("media_types");
    for (media_type, path) in common.media_types.iter().zip(items(&list)) {
        if !is_media_type(media_type) {
            scope.push(
                Diagnostic::error(
                    Id::BadBody,
                    &path,
                    format!("`{media_type}` is no media type"),
                )
                .help("write `type/subtype` without parameters, `image/*` or `*/*`"),
            );
        }
    }
    common
        .media_types
        .iter()
        .map(|media_type| media_type.to_lowercase())
        .collect()
}

/// Whether it is `type/subtype`, either of which may be `*`.
pub(super) fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$&^_.+-".contains(c))
    };
    match text.split_once('/') {
        Some(("*", "*")) => true,
        Some((kind, "*")) => is_token(kind),
        Some((kind, sub)) => is_token(kind) && is_token(sub),
        None => false,
    }
}
