//! All values of a descriptor with their places: parameters, headers, fields.

use std::collections::BTreeSet;

use crate::check::scope::items;
use crate::diag::Path;
use crate::spec::{Body, Map, Response, Schema, Spec, TypeExpr, TypeTerm, Value};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    PathParameter,
    Query,
    RequestHeader,
    AnswerHeader,
    /// Of an object, and whether a request may hold that.
    Field {
        is_sent: bool,
    },
}

impl Role {
    /// Whether a caller chooses it.
    pub(super) fn is_sent(self) -> bool {
        match self {
            Self::PathParameter | Self::Query | Self::RequestHeader => true,
            Self::AnswerHeader => false,
            Self::Field { is_sent } => is_sent,
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::PathParameter => "path parameter",
            Self::Query => "query parameter",
            Self::RequestHeader | Self::AnswerHeader => "header",
            Self::Field { .. } => "field",
        }
    }
}

/// A value in its place.
pub(super) struct Place<'s> {
    pub(super) path: Path,
    pub(super) name: &'s str,
    pub(super) value: &'s Value,
    pub(super) role: Role,
}

/// All of them.
pub(super) fn places(spec: &Spec) -> Vec<Place<'_>> {
    let mut all = Places {
        sent: sent(spec),
        places: Vec::new(),
    };
    let root = Path::root();
    let common = root.key("common");
    let request = common.key("request");
    all.map(
        &spec.common.request.query,
        &request.key("query"),
        Role::Query,
    );
    all.map(
        &spec.common.request.headers,
        &request.key("headers"),
        Role::RequestHeader,
    );
    all.map(
        &spec.common.response.headers,
        &common.key("response").key("headers"),
        Role::AnswerHeader,
    );
    all.answers(&spec.common.failure, &common.key("failure"));
    for (name, mixin) in &spec.mixins {
        let path = root.key("mixins").key(name);
        all.map(&mixin.query, &path.key("query"), Role::Query);
        all.map(&mixin.headers, &path.key("headers"), Role::RequestHeader);
    }
    for (name, schema) in &spec.schemas {
        if let Schema::Object { fields, .. } = schema {
            let is_sent = all.sent.contains(name.as_str());
            let path = root.key("schemas").key(name).key("fields");
            all.map(fields, &path, Role::Field { is_sent });
        }
    }
    for (name, error) in &spec.errors {
        if let Some(fields) = error
            .detail
            .as_ref()
            .and_then(|detail| detail.fields.as_ref())
        {
            let path = root.key("errors").key(name).key("detail").key("fields");
            all.map(fields, &path, Role::Field { is_sent: false });
        }
    }
    for (name, answer) in &spec.responses {
        all.answer(answer, &root.key("responses").key(name));
    }
    all.routes(spec);
    all.places
}

struct Places<'s> {
    /// Names of the schemas that requests may hold.
    sent: BTreeSet<&'s str>,
    places: Vec<Place<'s>>,
}

impl<'s> Places<'s> {
    fn map(&mut self, values: &'s Map<Value>, path: &Path, role: Role) {
        self.places.extend(values.iter().map(|(name, value)| Place {
            path: path.key(name),
            name,
            value,
            role,
        }));
    }

    fn body(&mut self, body: &'s Body, path: &Path, is_sent: bool) {
        if let Some(fields) = body.fields() {
            self.map(fields, &path.key("fields"), Role::Field { is_sent });
        }
        for (body, path) in body.alternatives().iter().zip(items(&path.key("of"))) {
            self.body(body, &path, is_sent);
        }
    }

    fn answers(&mut self, answers: &'s [Response], path: &Path) {
        for (answer, path) in answers.iter().zip(items(path)) {
            self.answer(answer, &path);
        }
    }

    fn answer(&mut self, answer: &'s Response, path: &Path) {
        self.map(&answer.headers, &path.key("headers"), Role::AnswerHeader);
        if let Some(body) = &answer.body {
            self.body(body, &path.key("body"), false);
        }
    }

    fn routes(&mut self, spec: &'s Spec) {
        for (route, path) in spec.routes.iter().zip(items(&Path::root().key("routes"))) {
            self.map(
                &route.path_parameters,
                &path.key("path_parameters"),
                Role::PathParameter,
            );
            for (method, requests) in &route.methods {
                let list = path.key("methods").key(method);
                for (request, path) in requests.iter().zip(items(&list)) {
                    self.map(&request.query, &path.key("query"), Role::Query);
                    self.map(&request.headers, &path.key("headers"), Role::RequestHeader);
                    if let Some(body) = &request.body {
                        self.body(body, &path.key("body"), true);
                    }
                    self.answers(&request.success, &path.key("success"));
                    self.answers(&request.failure, &path.key("failure"));
                }
            }
        }
    }
}

/// The names of the schemas that requests may hold, through others as well.
fn sent(spec: &Spec) -> BTreeSet<&str> {
    let routes = spec.routes.iter().flat_map(|route| route.methods.values());
    let requests = routes.flatten();
    let mut bodies: Vec<&Body> = requests
        .filter_map(|request| request.body.as_ref())
        .collect();
    let mut waiting: Vec<&str> = Vec::new();
    while let Some(body) = bodies.pop() {
        waiting.extend(body.schema().and_then(name));
        waiting.extend(body.fields().into_iter().flat_map(names));
        bodies.extend(body.alternatives());
    }
    let mut sent = BTreeSet::new();
    while let Some(name) = waiting.pop() {
        let Some(schema) = spec.schemas.get(name).filter(|_| sent.insert(name)) else {
            continue;
        };
        match schema {
            Schema::Object { fields, rest, .. } => {
                waiting.extend(names(fields));
                waiting.extend(rest.as_ref().and_then(self::name));
            }
            Schema::Union { variants, .. } => {
                waiting.extend(
                    variants
                        .values()
                        .filter_map(|variant| self::name(&variant.ty)),
                );
            }
            Schema::Enum { .. } => {}
        }
    }
    sent
}

fn names(fields: &Map<Value>) -> impl Iterator<Item = &str> {
    fields.values().filter_map(|value| name(&value.ty))
}

/// The name in a type expression.
fn name(ty: &TypeExpr) -> Option<&str> {
    name_of(&ty.term)
}

/// The same of a part of one.
pub(super) fn name_of(term: &TypeTerm) -> Option<&str> {
    match term {
        TypeTerm::Name(name) => Some(name),
        TypeTerm::List(inner) | TypeTerm::Map(inner) => name_of(inner),
        TypeTerm::Url(_) | TypeTerm::Challenge(_) => None,
    }
}
