//! What generated code looks like from outside, and how that has changed.
//!
//! Types with their members are listed from the model, in the words of the descriptor where Rust's would
//! say no more, and the lists are compared. Whatever makes a program that compiled not compile is a change:
//! generated structs and enums can be written down and taken apart in full.

use indexmap::IndexMap;

use super::rules::Rule;
use super::scene::Comparison;
use crate::model::{
    Api, Body, BodyKind, Builtin, Field, FormatKind, Operation, Parameter, Response, SchemaKind,
    Type, Value,
};
use crate::values::is_required;

/// What a type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Members are methods.
    Trait,
    /// Members are fields.
    Struct,
    /// Members are variants.
    Enum,
    /// A newtype; its one member says of what.
    Newtype,
}

/// A type with its members and what they are.
#[derive(Debug)]
struct Item {
    kind: Kind,
    members: IndexMap<String, String>,
    /// What `new` takes.
    arguments: Vec<String>,
}

type Items = IndexMap<String, Item>;

impl Comparison<'_> {
    /// All of what is generated.
    pub(super) fn code(&mut self) {
        let (old, new) = (items(self.old), items(self.new));
        for (name, before) in &old {
            let owner = owner(before.kind, name);
            match new.get(name) {
                Some(after) if after.kind == before.kind => self.item(&owner, before, after),
                Some(_) => self.tell_quietly(Rule::CodeTypeChanged, &owner, "", ""),
                // Its methods are told of.
                None if before.kind == Kind::Trait => {
                    for method in before.members.keys() {
                        self.tell_quietly(Rule::CodeMethodRemoved, &owner, method, "");
                    }
                }
                None => self.tell_quietly(Rule::CodeItemRemoved, &owner, "", ""),
            }
        }
        for (name, after) in &new {
            if old.contains_key(name) {
                continue;
            }
            let owner = owner(after.kind, name);
            if after.kind == Kind::Trait {
                for method in after.members.keys() {
                    self.tell_quietly(Rule::CodeMethodAdded, &owner, method, "");
                }
            } else {
                self.tell_quietly(Rule::CodeItemAdded, &owner, "", "");
            }
        }
    }

    fn item(&mut self, owner: &str, old: &Item, new: &Item) {
        let (added, removed) = match old.kind {
            Kind::Trait => (Rule::CodeMethodAdded, Rule::CodeMethodRemoved),
            Kind::Struct | Kind::Newtype => (Rule::CodeFieldAdded, Rule::CodeFieldRemoved),
            Kind::Enum => (Rule::CodeVariantAdded, Rule::CodeVariantRemoved),
        };
        for (name, before) in &old.members {
            match new.members.get(name) {
                None => self.tell_quietly(removed, owner, name, ""),
                Some(after) if after != before => {
                    let detail = format!("it was `{before}` and is `{after}`");
                    self.tell_quietly(Rule::CodeTypeChanged, owner, name, detail);
                }
                Some(_) => {}
            }
        }
        for name in new
            .members
            .keys()
            .filter(|name| !old.members.contains_key(*name))
        {
            self.tell_quietly(added, owner, name, "");
        }
        // An argument of another type is told of as the field that it is.
        let names = |item: &Item| -> Vec<String> { item.arguments.clone() };
        if names(old) != names(new) {
            let detail = format!(
                "it took ({}) and takes ({})",
                names(old).join(", "),
                names(new).join(", ")
            );
            self.tell_quietly(Rule::CodeConstructorChanged, owner, "", detail);
        }
    }
}

fn owner(kind: Kind, name: &str) -> String {
    let kind = match kind {
        Kind::Trait => "trait",
        Kind::Struct | Kind::Newtype => "struct",
        Kind::Enum => "enum",
    };
    format!("{kind} {name}")
}

/// Everything that is generated.
fn items(api: &Api) -> Items {
    let mut items = Items::new();
    for (index, group) in api.groups.iter().enumerate() {
        let operations = api
            .operations
            .iter()
            .filter(|operation| operation.group.0 == index);
        let methods =
            operations.map(|operation| (operation.name.clone(), operation.type_name.clone()));
        put(
            &mut items,
            &group.type_name,
            Kind::Trait,
            methods.collect(),
            Vec::new(),
        );
    }
    formats(api, &mut items);
    schemas(api, &mut items);
    for error in &api.errors {
        let fields = error
            .detail
            .map_or_else(Vec::new, |id| schema_fields(api, &api[id].kind));
        let mut members = Members::default();
        members.extend(fields);
        // Details of a code that repeats are several.
        members
            .0
            .extend(error.repeats.then(|| ("repeats".to_owned(), String::new())));
        // It is written down with its fields; there is no `new`.
        put(
            &mut items,
            &error.type_name,
            Kind::Struct,
            members.0,
            Vec::new(),
        );
    }
    for operation in &api.operations {
        operation_items(api, operation, &mut items);
    }
    items
}

fn formats(api: &Api, items: &mut Items) {
    for format in &api.formats {
        match &format.kind {
            FormatKind::Scalar { base, .. } => {
                let inner = IndexMap::from([("0".to_owned(), format!("{base:?}"))]);
                put(items, &format.type_name, Kind::Newtype, inner, Vec::new());
            }
            FormatKind::AnyOf(ids) => {
                let variant =
                    |id: &crate::model::FormatId| (api[*id].type_name.clone(), String::new());
                put(
                    items,
                    &format.type_name,
                    Kind::Enum,
                    ids.iter().map(variant).collect(),
                    Vec::new(),
                );
            }
        }
    }
}

fn put(
    items: &mut Items,
    name: &str,
    kind: Kind,
    members: IndexMap<String, String>,
    arguments: Vec<String>,
) {
    items.insert(
        name.to_owned(),
        Item {
            kind,
            members,
            arguments,
        },
    );
}

/// Fields of a struct, and those of them that `new` takes.
#[derive(Debug, Default)]
struct Members(IndexMap<String, String>, Vec<String>);

impl Members {
    fn extend(&mut self, fields: impl IntoIterator<Item = (String, String, bool)>) {
        for (name, ty, is_argument) in fields {
            self.1.extend(is_argument.then(|| name.clone()));
            self.0.insert(name, ty);
        }
    }
}

fn schemas(api: &Api, items: &mut Items) {
    for schema in &api.schemas {
        match &schema.kind {
            SchemaKind::Object { .. } => {
                let mut members = Members::default();
                members.extend(schema_fields(api, &schema.kind));
                put(items, &schema.name, Kind::Struct, members.0, members.1);
            }
            SchemaKind::Enum { values, open } => {
                let other = open.then(|| ("Other".to_owned(), "String".to_owned()));
                let variants = values
                    .iter()
                    .map(|value| (value.ident.clone(), String::new()));
                put(
                    items,
                    &schema.name,
                    Kind::Enum,
                    variants.chain(other).collect(),
                    Vec::new(),
                );
            }
            SchemaKind::Union { tag, variants } => {
                let is_open = tag.as_ref().is_some_and(|tag| tag.open);
                let other = is_open.then(|| ("Other".to_owned(), "Json".to_owned()));
                let variants = variants
                    .iter()
                    .map(|variant| (variant.ident.clone(), type_text(api, &variant.ty)));
                put(
                    items,
                    &schema.name,
                    Kind::Enum,
                    variants.chain(other).collect(),
                    Vec::new(),
                );
            }
        }
    }
}

/// The fields of an object: name, type, whether `new` takes it.
fn schema_fields(api: &Api, kind: &SchemaKind) -> Vec<(String, String, bool)> {
    let SchemaKind::Object { fields, rest, .. } = kind else {
        return Vec::new();
    };
    let named = fields
        .iter()
        .filter(|field| field.value.constant.is_none())
        .map(|field| {
            (
                field.ident.clone(),
                field_text(api, field),
                is_required(&field.value),
            )
        });
    let rest = rest.iter().map(|ty| {
        (
            "rest".to_owned(),
            format!("map<{}>", type_text(api, ty)),
            false,
        )
    });
    named.chain(rest).collect()
}

fn operation_items(api: &Api, operation: &Operation, items: &mut Items) {
    let mut members = Members::default();
    members.extend(
        operation
            .fields()
            .map(|parameter| parameter_member(api, parameter, is_required)),
    );
    if let Some(body) = &operation.body {
        members.extend(content_type(body, false));
        members.extend(body_member(api, body, operation.body_optional));
    }
    members.extend(
        operation
            .choice()
            .map(|(name, _)| ("accept".to_owned(), name.to_owned(), false)),
    );
    put(
        items,
        &operation.type_name,
        Kind::Struct,
        members.0,
        members.1,
    );
    choices(api, operation, items);
    answers(api, operation, items);
}

/// The enums of bodies that are one of several.
fn choices(api: &Api, operation: &Operation, items: &mut Items) {
    let bodies = operation.body.iter();
    for body in bodies.chain(
        operation
            .successes
            .iter()
            .filter_map(|success| success.body.as_ref()),
    ) {
        if let BodyKind::Choice { type_name, of } = &body.kind {
            let variant = |alternative: &crate::model::Alternative| {
                (
                    alternative.variant.clone(),
                    body_text(api, &alternative.body),
                )
            };
            put(
                items,
                type_name,
                Kind::Enum,
                of.iter().map(variant).collect(),
                Vec::new(),
            );
        }
    }
}

/// The enums of answers, and their structs.
fn answers(api: &Api, operation: &Operation, items: &mut Items) {
    let mut successes = IndexMap::new();
    for success in operation
        .successes
        .iter()
        .filter(|success| !success.managed)
    {
        response_item(api, success, items);
        successes.insert(success.variant.clone(), success.type_name.clone());
    }
    put(
        items,
        &format!("{}Response", operation.type_name),
        Kind::Enum,
        successes,
        Vec::new(),
    );
    let mut failures = IndexMap::new();
    for failure in operation.failures.iter().filter(|failure| !failure.managed) {
        if failure.is_struct() {
            response_item(api, failure, items);
            failures.insert(failure.variant.clone(), failure.type_name.clone());
        } else if failure.codes.is_empty() {
            failures.insert(failure.variant.clone(), String::new());
        } else {
            let codes = failure
                .codes
                .iter()
                .map(|code| (api[*code].type_name.clone(), String::new()));
            failures.extend(codes);
        }
    }
    put(
        items,
        &format!("{}Error", operation.type_name),
        Kind::Enum,
        failures,
        Vec::new(),
    );
}

fn response_item(api: &Api, response: &Response, items: &mut Items) {
    let mut members = Members::default();
    let status = ("status".to_owned(), "SuccessStatus".to_owned(), true);
    members.extend(response.class.then_some(status));
    members.extend(error_member(api, response, items));
    let is_argument = |header: &Value| !is_option(header);
    members.extend(
        response
            .fields()
            .map(|header| parameter_member(api, header, is_argument)),
    );
    if let Some(body) = &response.body {
        members.extend(content_type(body, true));
        members.extend(body_member(api, body, false));
    }
    put(
        items,
        &response.type_name,
        Kind::Struct,
        members.0,
        members.1,
    );
}

/// What is wrong, in the struct of a failure: its code, or an enum of its codes.
fn error_member(
    api: &Api,
    response: &Response,
    items: &mut Items,
) -> Option<(String, String, bool)> {
    let ty = match response.codes.as_slice() {
        [] => return None,
        [code] => api[*code].type_name.clone(),
        codes => {
            let name = format!("{}Code", response.type_name);
            let variants = codes
                .iter()
                .map(|code| (api[*code].type_name.clone(), String::new()));
            put(items, &name, Kind::Enum, variants.collect(), Vec::new());
            name
        }
    };
    Some(("error".to_owned(), ty, true))
}

/// A parameter as a field; `is_argument` says whether `new` takes it.
fn parameter_member(
    api: &Api,
    parameter: &Parameter,
    is_argument: fn(&Value) -> bool,
) -> (String, String, bool) {
    if parameter.prefix.is_some() {
        let ty = format!("map<{}>", type_text(api, &parameter.value.ty));
        return (parameter.ident.clone(), ty, false);
    }
    (
        parameter.ident.clone(),
        value_text(api, &parameter.value),
        is_argument(&parameter.value),
    )
}

/// The media type of a body that may have several.
fn content_type(body: &Body, is_argument: bool) -> Option<(String, String, bool)> {
    body.has_wildcard()
        .then(|| ("content_type".to_owned(), "string".to_owned(), is_argument))
}

fn body_member(api: &Api, body: &Body, is_optional: bool) -> [(String, String, bool); 1] {
    let text = body_text(api, body);
    let text = if is_optional {
        format!("optional {text}")
    } else {
        text
    };
    [("body".to_owned(), text, !is_optional)]
}

fn body_text(api: &Api, body: &Body) -> String {
    match &body.kind {
        BodyKind::Json {
            ty,
            verbatim: false,
        }
        | BodyKind::Form(ty) => type_text(api, ty),
        BodyKind::Json { ty, verbatim: true } => format!("verbatim {}", type_text(api, ty)),
        BodyKind::Text => "string".to_owned(),
        BodyKind::Bytes(_) => "bytes".to_owned(),
        BodyKind::Stream { .. } => "stream".to_owned(),
        BodyKind::JsonLines(ty) => format!("stream of {}", type_text(api, ty)),
        BodyKind::Events(ty) => format!("events of {}", type_text(api, ty)),
        BodyKind::Choice { type_name, .. } => type_name.clone(),
    }
}

/// Whether a member is an `Option`.
fn is_option(value: &Value) -> bool {
    value.optional && value.default.is_none()
}

/// A field that is kept apart is another type in code than one that is not.
fn field_text(api: &Api, field: &Field) -> String {
    let text = value_text(api, &field.value);
    if field.boxed {
        return format!("boxed {text}");
    }
    text
}

fn value_text(api: &Api, value: &Value) -> String {
    let ty = type_text(api, &value.ty);
    // A flag is there or not: that is the value.
    if value.is_flag() {
        return ty;
    }
    match (is_option(value), value.nullable) {
        (true, true) => format!("optional {ty} | null"),
        (true, false) | (false, true) => format!("optional {ty}"),
        (false, false) => ty,
    }
}

fn type_text(api: &Api, ty: &Type) -> String {
    match ty {
        // What is known by its name alone.
        Type::Builtin(Builtin::Flag) => "boolean".to_owned(),
        Type::Builtin(builtin) => format!("{builtin:?}").to_lowercase(),
        Type::Format(id) => api[*id].type_name.clone(),
        Type::Schema(id) => api[*id].name.clone(),
        Type::List(item) => format!("list<{}>", type_text(api, item)),
        Type::Map(item) => format!("map<{}>", type_text(api, item)),
        Type::Url(id) => format!("url<{}>", api[*id].name),
        Type::Challenge(_) => "string".to_owned(),
    }
}
