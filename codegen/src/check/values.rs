//! Fields, parameters and headers.
//!
//! Rules: a constraint fits its type, a place holds only types that can stand there, and the pattern
//! of a constraint compiles. `query: {n: {type: uint32, max_length: 3}}` fails: numbers have no length.

use super::literals::{self, Literal};
use super::names::{ident, snake, snake_of_header};
use super::scope::Scope;
use super::{deprecations, flags, types};
use crate::diag::{self, At, Diagnostic, Id, Path};
use crate::model::{
    Builtin, Constraints, Field, ListStyle, Parameter, Prefix, SchemaId, Type, Value,
};
use crate::pattern::Dfa;
use crate::spec;

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    RequestHeader,
    ResponseHeader,
    Field,
}

impl Place {
    fn noun(self) -> &'static str {
        match self {
            Self::Path => "a path parameter",
            Self::Query => "a query parameter",
            Self::RequestHeader | Self::ResponseHeader => "a header",
            Self::Field => "a field",
        }
    }

    fn is_header(self) -> bool {
        matches!(self, Self::RequestHeader | Self::ResponseHeader)
    }
}

/// What a type is made of, as far as constraints care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nature {
    Text,
    Number,
    Items,
    Other,
}

/// The value that is written at `path`. A type that is unknown becomes `any`, so that what stands
/// around it is checked all the same.
pub(super) fn value(
    scope: &mut Scope<'_, '_>,
    written: &spec::Value,
    path: &Path,
    place: Place,
) -> Value {
    let is_flag = place == Place::Query && flags::is_flag(&written.ty);
    let ty = if is_flag {
        flags::check(scope, written, path);
        Some(Type::Builtin(Builtin::Flag))
    } else {
        types::resolve(scope, &written.ty, path)
    };
    if let Some(ty) = &ty {
        if !is_flag {
            check_place(scope, written, ty, path, place);
        }
        check_constraints(scope, written, ty, path);
    }
    deprecations::check(scope, written.deprecated.as_ref(), path);
    let is_known = ty.is_some();
    let ty = ty.unwrap_or(Type::Builtin(Builtin::Any));
    let description = if written.description.is_empty() {
        description_of(scope, &ty)
    } else {
        written.description.clone()
    };
    if written.default.is_some() && written.constant.is_some() {
        scope.push(
            Diagnostic::error(
                Id::BadValue,
                &path.key("default"),
                "a value with `const` has no `default`",
            )
            .label(At::key(&path.key("const")), "the only value")
            .help("take one of them away"),
        );
    }
    let value = Value {
        ty,
        optional: written.ty.optional && written.default.is_none(),
        nullable: written.ty.nullable,
        constraints: Constraints {
            min: written.min.map(i128::from),
            max: written.max.map(i128::from),
            min_length: written.min_length,
            max_length: written.max_length,
            min_items: written.min_items,
            max_items: written.max_items,
            pattern: written.pattern.as_ref().and_then(|pattern| {
                let dfa = compile(scope, pattern, &path.key("pattern"), Dfa::compile)?;
                Some((pattern.clone(), dfa))
            }),
        },
        default: written.default.clone(),
        constant: written.constant.clone(),
        description,
        example: written.example.clone(),
        secret: written.secret,
        deprecated: written.deprecated.as_ref().map(deprecations::deprecation),
    };
    if is_known {
        defer_literals(scope, &value, style(written), path, place);
    }
    value
}

/// A field of an object.
pub(super) fn field(
    scope: &mut Scope<'_, '_>,
    wire: &str,
    written: &spec::Value,
    path: &Path,
) -> Field {
    if wire.contains('*') {
        let message = "only names of query parameters and headers may hold a `*`";
        scope.push(
            Diagnostic::error(Id::BadName, At::key(path), message)
                .help("an object takes all other keys by `rest: TYPE`"),
        );
    }
    check_sign(scope, wire, path);
    Field {
        wire: wire.to_owned(),
        ident: ident(scope, written.code_name.as_deref(), snake(wire), path),
        value: value(scope, written, path, Place::Field),
        boxed: false,
    }
}

/// A path, query or header parameter, or a response header.
pub(super) fn parameter(
    scope: &mut Scope<'_, '_>,
    wire: &str,
    written: &spec::Value,
    path: &Path,
    place: Place,
) -> Parameter {
    let derived = if place.is_header() {
        snake_of_header(wire)
    } else {
        snake(wire)
    };
    if place.is_header() {
        check_header_name(scope, wire, path);
    }
    check_sign(scope, wire, path);
    Parameter {
        wire: wire.to_owned(),
        ident: ident(scope, written.code_name.as_deref(), derived, path),
        value: value(scope, written, path, place),
        style: style(written),
        prefix: prefix(scope, wire, written, path),
        managed: false,
    }
}

/// Signs at the end of a name will say something in a later version.
fn check_sign(scope: &mut Scope<'_, '_>, wire: &str, path: &Path) {
    if wire.ends_with(['?', '!']) {
        let message =
            "`?` and `!` at the end of a name are reserved for a later version of the language";
        scope.push(
            Diagnostic::error(Id::ReservedKey, At::key(path), message)
                .help("what may be absent is of a type `optional T`"),
        );
    }
}

fn prefix(
    scope: &mut Scope<'_, '_>,
    wire: &str,
    written: &spec::Value,
    path: &Path,
) -> Option<Prefix> {
    let (before, after) = wire.split_once('*')?;
    if after.contains('*') || before.is_empty() {
        let message = "a name holds one `*`, with text before it";
        scope.push(
            Diagnostic::error(Id::BadName, At::key(path), message)
                .help("write it as in `X-Meta-*`"),
        );
    }
    let is_one = !matches!(written.ty.term, spec::TypeTerm::List(_));
    if !is_one || written.ty.optional || written.default.is_some() || written.constant.is_some() {
        let message =
            "a name with a `*` is a map, which may be empty: its type is that of one value";
        scope.push(
            Diagnostic::error(Id::BadType, path, message)
                .help("write a scalar, without `optional`, `default` and `const`"),
        );
    }
    Some(Prefix {
        before: before.to_owned(),
        after: after.to_owned(),
    })
}

fn style(written: &spec::Value) -> ListStyle {
    match written.style {
        None | Some(spec::ListStyle::Repeat) => ListStyle::Repeat,
        Some(spec::ListStyle::Comma) => ListStyle::Comma,
        Some(spec::ListStyle::Space) => ListStyle::Space,
        Some(spec::ListStyle::Pipe) => ListStyle::Pipe,
    }
}

/// The automaton of a pattern that is written at `path`.
pub(super) fn compile(
    scope: &mut Scope<'_, '_>,
    pattern: &str,
    path: &Path,
    compiler: impl Fn(&str) -> Result<Dfa, crate::pattern::PatternError>,
) -> Option<Dfa> {
    match compiler(pattern) {
        Ok(dfa) if dfa.is_empty() => {
            scope.error(
                Id::BadPattern,
                path,
                "no text matches this pattern",
                "write a pattern that some text matches",
            );
            None
        }
        Ok(dfa) => Some(dfa),
        Err(error) => {
            scope.push(
                Diagnostic::error(Id::BadPattern, path, format!("this pattern cannot be used: {error}"))
                    .help("patterns are those of the `regex` crate, without look-around and backreferences"),
            );
            None
        }
    }
}

fn description_of(scope: &Scope<'_, '_>, ty: &Type) -> String {
    match ty {
        Type::Format(id) => scope
            .spec
            .formats
            .get_index(id.0)
            .map(|(_, format)| format.description.clone())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

fn check_header_name(scope: &mut Scope<'_, '_>, wire: &str, path: &Path) {
    const HOP_BY_HOP: [&str; 7] = [
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if wire.is_empty() || !wire.chars().all(is_token) {
        scope.push(
            Diagnostic::error(
                Id::BadHeader,
                At::key(path),
                format!("`{wire}` is no name of a header"),
            )
            .help("letters, digits and ``!#$%&'*+-.^_`|~`` stand in a name"),
        );
    } else if HOP_BY_HOP.contains(&wire.to_lowercase().as_str()) {
        let message = format!("`{wire}` belongs to the connection, not to the API");
        scope.push(
            Diagnostic::error(Id::BadHeader, At::key(path), message)
                .help("take it away: the server and the client send it as they need it"),
        );
    }
}

/// Complains where a type cannot stand at its place.
fn check_place(
    scope: &mut Scope<'_, '_>,
    written: &spec::Value,
    ty: &Type,
    path: &Path,
    place: Place,
) {
    if place == Place::Path
        && (written.ty.optional || written.ty.nullable || written.default.is_some())
    {
        scope.error(
            Id::BadType,
            path,
            "a path parameter is always there",
            "take `optional`, `| null` and `default` away",
        );
    }
    if place != Place::Field && written.ty.nullable {
        let message = format!("{} cannot be null", place.noun());
        scope.push(
            Diagnostic::error(Id::BadType, diag::Place::ty(path), message)
                .help("take `| null` away; what may be absent is `optional`"),
        );
    }
    if !fits_place(scope, ty, place) {
        let message = format!("{} cannot hold this type", place.noun());
        let help = match place {
            Place::Path => "it holds a builtin scalar, a format or an enumeration",
            Place::Query | Place::RequestHeader => {
                "it holds a builtin scalar, a format, an enumeration, or a list of these"
            }
            Place::ResponseHeader => {
                "it holds a scalar, a list of scalars, `url<operation>` or `challenge<scheme>`"
            }
            Place::Field => "`challenge<..>` stands in headers of answers only",
        };
        let problem = Diagnostic::error(Id::BadType, diag::Place::ty(path), message).help(help);
        scope.push(literals::beside_type(scope, problem, ty));
    }
    let is_list = matches!(ty, Type::List(_));
    if written.style.is_some() && (!is_list || matches!(place, Place::Path | Place::Field)) {
        let message = "only a list in a query or a header has a `style`";
        scope.error(
            Id::BadConstraint,
            &path.key("style"),
            message,
            "take the key away",
        );
    }
}

fn fits_place(scope: &Scope<'_, '_>, ty: &Type, place: Place) -> bool {
    match (ty, place) {
        (Type::Challenge(_), _) => place == Place::ResponseHeader,
        (_, Place::Field) | (Type::Url(_), Place::ResponseHeader) => true,
        (Type::List(item), Place::Query | Place::RequestHeader | Place::ResponseHeader) => {
            is_scalar(scope, item)
        }
        _ => is_scalar(scope, ty),
    }
}

/// Whether a value of `ty` is written as one piece of text.
pub(super) fn is_scalar(scope: &Scope<'_, '_>, ty: &Type) -> bool {
    match ty {
        Type::Builtin(builtin) => !matches!(builtin, Builtin::Any | Builtin::Flag),
        Type::Format(_) => true,
        Type::Schema(SchemaId(id)) => {
            matches!(
                scope.spec.schemas.get_index(*id),
                Some((_, spec::Schema::Enum { .. }))
            )
        }
        _ => false,
    }
}

fn check_constraints(scope: &mut Scope<'_, '_>, written: &spec::Value, ty: &Type, path: &Path) {
    let nature = nature(scope, ty);
    let present = [
        ("min", written.min.is_some(), Nature::Number),
        ("max", written.max.is_some(), Nature::Number),
        ("min_length", written.min_length.is_some(), Nature::Text),
        ("max_length", written.max_length.is_some(), Nature::Text),
        ("pattern", written.pattern.is_some(), Nature::Text),
        ("min_items", written.min_items.is_some(), Nature::Items),
        ("max_items", written.max_items.is_some(), Nature::Items),
    ];
    for (key, is_there, wants) in present {
        if is_there && wants != nature {
            let what = match wants {
                Nature::Number => "a number",
                Nature::Text => "a text",
                _ => "a list or a map",
            };
            let message = format!("`{key}` bounds {what}, and this is none");
            let problem = Diagnostic::error(Id::BadConstraint, &path.key(key), message)
                .help("take the key away, or give the value another type");
            scope.push(literals::beside_type(scope, problem, ty));
        }
    }
    let is_made_of_others =
        nature == Nature::Items || (matches!(ty, Type::Schema(_)) && !is_scalar(scope, ty));
    if written.constant.is_some() && is_made_of_others {
        let message = "`const` is for scalars, and this is a list, a map, an object or a union";
        scope.error(
            Id::BadConstraint,
            &path.key("const"),
            message,
            "take the key away",
        );
    }
    if let Type::Builtin(builtin) = ty {
        check_reach(
            scope,
            types::builtin_name(*builtin),
            written.min,
            written.max,
            path,
        );
    }
    check_order(scope, "min", written.min, "max", written.max, path);
    check_order(
        scope,
        "min_length",
        written.min_length,
        "max_length",
        written.max_length,
        path,
    );
    check_order(
        scope,
        "min_items",
        written.min_items,
        "max_items",
        written.max_items,
        path,
    );
}

/// Complains about bounds that no number of the type called `ty` reaches.
pub(super) fn check_reach(
    scope: &mut Scope<'_, '_>,
    ty: &str,
    min: Option<i64>,
    max: Option<i64>,
    path: &Path,
) {
    let (least, most) = match ty {
        "int32" => (i64::from(i32::MIN), i64::from(i32::MAX)),
        "uint32" => (0, i64::from(u32::MAX)),
        "uint64" => (0, i64::MAX),
        _ => return,
    };
    for (key, bound) in [("min", min), ("max", max)] {
        if bound.is_some_and(|bound| !(least..=most).contains(&bound)) {
            let message = format!("no `{ty}` reaches this `{key}`");
            let help = format!("write one from {least} to {most}, or take it away");
            scope.error(Id::BadConstraint, &path.key(key), message, help);
        }
    }
}

/// Complains where the lower bound is above the upper one.
#[expect(clippy::too_many_arguments, reason = "two keys and their values")]
pub(super) fn check_order<N: PartialOrd + Copy>(
    scope: &mut Scope<'_, '_>,
    low_key: &str,
    low: Option<N>,
    high_key: &str,
    high: Option<N>,
    path: &Path,
) {
    if low.is_some() && high.is_some() && low > high {
        let message = format!("`{low_key}` is larger than `{high_key}`: nothing fits");
        scope.push(
            Diagnostic::error(Id::BadConstraint, &path.key(low_key), message)
                .help("change one of them")
                .label(&path.key(high_key), "the upper bound"),
        );
    }
}

fn nature(scope: &Scope<'_, '_>, ty: &Type) -> Nature {
    match ty {
        Type::Builtin(builtin) => match builtin {
            Builtin::Integer
            | Builtin::Int32
            | Builtin::Uint32
            | Builtin::Uint64
            | Builtin::Number => Nature::Number,
            Builtin::String | Builtin::Uri | Builtin::Base64 | Builtin::Etag => Nature::Text,
            _ => Nature::Other,
        },
        Type::Format(id) => {
            let base = scope
                .spec
                .formats
                .get_index(id.0)
                .and_then(|(_, format)| format.base.as_deref());
            match base {
                None | Some("string") => Nature::Text,
                Some(_) => Nature::Number,
            }
        }
        Type::List(_) | Type::Map(_) => Nature::Items,
        Type::Schema(_) | Type::Url(_) | Type::Challenge(_) => Nature::Other,
    }
}

/// Puts the literals at this place aside, until all types are known.
fn defer_literals(
    scope: &mut Scope<'_, '_>,
    value: &Value,
    style: ListStyle,
    path: &Path,
    place: Place,
) {
    let literals = [
        ("default", Id::BadValue, &value.default),
        ("const", Id::BadValue, &value.constant),
        ("example", Id::BadExample, &value.example),
    ];
    for (key, id, literal) in literals {
        if let Some(literal) = literal {
            let literal = Literal {
                id,
                path: path.key(key),
                json: literal.clone(),
                value: value.clone(),
                style,
                is_text: place != Place::Field,
            };
            scope.literals.push(literal);
        }
    }
}

/// Whether a request without this parameter is refused.
pub(super) fn is_required(parameter: &Parameter) -> bool {
    let value = &parameter.value;
    !parameter.managed && parameter.prefix.is_none() && !value.optional && value.default.is_none()
}

/// Whether a parameter is a member of its struct.
pub(super) fn is_field(parameter: &Parameter) -> bool {
    !parameter.managed && parameter.value.constant.is_none()
}
