//! What a descriptor defines, by name, and the problems found so far.
//!
//! Every check looks names up here, so that an unknown one is reported in one way, and so that what
//! nothing refers to can be told at the end.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::literals::Literal;
use super::suggest::nearest;
use crate::diag::{At, Diagnostic, Diagnostics, Id, Path, Place};
use crate::model::{OperationId, Schema, SchemaId, SchemaKind};
use crate::spec::Spec;

/// Kinds of definitions that are referred to by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Format,
    Schema,
    Error,
    Envelope,
    Group,
    Scheme,
    Operation,
    Response,
    Mixin,
}

impl Kind {
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Schema => "schema",
            Self::Error => "error code",
            Self::Envelope => "envelope",
            Self::Group => "group",
            Self::Scheme => "security scheme",
            Self::Operation => "operation",
            Self::Response => "response",
            Self::Mixin => "mixin",
        }
    }
}

/// The names of a descriptor, and where problems go.
pub(super) struct Scope<'s, 'd> {
    pub(super) spec: &'s Spec,
    /// Operations in the order in which the routes name them, each with the place of its first request.
    pub(super) operations: IndexMap<&'s str, Path>,
    pub(super) diagnostics: &'d mut Diagnostics,
    /// Named schemas, then those that are defined where they are used.
    pub(super) schemas: Vec<Schema>,
    /// Where the latter are defined.
    pub(super) inline: Vec<(SchemaId, Path)>,
    /// Places where the URL of an operation is a value.
    pub(super) urls: Vec<(OperationId, Path)>,
    /// Literals, checked when all types are known.
    pub(super) literals: Vec<Literal>,
    used: BTreeSet<(Kind, usize)>,
}

impl<'s, 'd> Scope<'s, 'd> {
    pub(super) fn new(spec: &'s Spec, diagnostics: &'d mut Diagnostics) -> Self {
        Self {
            spec,
            operations: operations(spec),
            diagnostics,
            schemas: Vec::new(),
            inline: Vec::new(),
            urls: Vec::new(),
            literals: Vec::new(),
            used: BTreeSet::new(),
        }
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// A problem at a value, and what to do about it.
    pub(super) fn error(
        &mut self,
        id: Id,
        path: &Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(Diagnostic::error(id, path, message).help(help));
    }

    /// Index of the definition `name`, without a complaint.
    pub(super) fn get(&mut self, kind: Kind, name: &str) -> Option<usize> {
        let index = match kind {
            Kind::Format => self.spec.formats.get_index_of(name),
            Kind::Schema => self.spec.schemas.get_index_of(name),
            Kind::Error => self.spec.errors.get_index_of(name),
            Kind::Envelope => self.spec.envelopes.get_index_of(name),
            Kind::Group => self.spec.groups.get_index_of(name),
            Kind::Scheme => self.spec.security.get_index_of(name),
            Kind::Operation => self.operations.get_index_of(name),
            Kind::Response => self.spec.responses.get_index_of(name),
            Kind::Mixin => self.spec.mixins.get_index_of(name),
        }?;
        self.used.insert((kind, index));
        Some(index)
    }

    /// Index of the definition `name`, which the value at `path` refers to.
    pub(super) fn find(&mut self, kind: Kind, name: &str, path: &Path) -> Option<usize> {
        let index = self.get(kind, name);
        if index.is_none() {
            let known = self.names(kind);
            self.unknown(kind.noun(), name, &known, path);
        }
        index
    }

    /// Says that there is no `noun` of this name.
    pub(super) fn unknown(&mut self, noun: &str, name: &str, known: &[&str], path: &Path) {
        let mut diagnostic = Diagnostic::error(
            Id::UnknownName,
            Place::Word(At::value(path), name.to_owned()),
            format!("there is no {noun} `{name}`"),
        );
        if let Some(near) = nearest(name, known.iter().copied()) {
            diagnostic = diagnostic
                .help(format!("did you mean `{near}`?"))
                .replace(near);
        } else if known.is_empty() {
            diagnostic = diagnostic.help(format!("there is no {noun} at all: define this one"));
        } else if known.len() <= 12 {
            diagnostic = diagnostic.help(format!("there are `{}`", known.join("`, `")));
        } else {
            diagnostic = diagnostic.help(format!(
                "there is none of a similar name among {}",
                known.len()
            ));
        }
        self.push(diagnostic);
    }

    /// The names of all definitions of a kind.
    pub(super) fn names(&self, kind: Kind) -> Vec<&'s str> {
        fn keys<T>(map: &IndexMap<String, T>) -> Vec<&str> {
            map.keys().map(String::as_str).collect()
        }
        match kind {
            Kind::Format => keys(&self.spec.formats),
            Kind::Schema => keys(&self.spec.schemas),
            Kind::Error => keys(&self.spec.errors),
            Kind::Envelope => keys(&self.spec.envelopes),
            Kind::Group => keys(&self.spec.groups),
            Kind::Scheme => keys(&self.spec.security),
            Kind::Operation => self.operations.keys().copied().collect(),
            Kind::Response => keys(&self.spec.responses),
            Kind::Mixin => keys(&self.spec.mixins),
        }
    }

    /// Adds an object that is defined at `path`.
    pub(super) fn add_schema(&mut self, schema: Schema, path: &Path) -> SchemaId {
        let id = SchemaId(self.schemas.len());
        self.schemas.push(schema);
        self.inline.push((id, path.clone()));
        id
    }

    /// The object `id`; `None` where it is an enumeration.
    pub(super) fn object(&self, id: SchemaId) -> Option<&Schema> {
        self.schemas
            .get(id.0)
            .filter(|schema| matches!(schema.kind, SchemaKind::Object { .. }))
    }

    /// Whether something refers to the definition `index`.
    pub(super) fn is_used(&self, kind: Kind, index: usize) -> bool {
        self.used.contains(&(kind, index))
    }
}

fn operations(spec: &Spec) -> IndexMap<&str, Path> {
    let mut operations = IndexMap::new();
    for (route, route_path) in spec.routes.iter().zip(items(&Path::root().key("routes"))) {
        for (method, requests) in &route.methods {
            let list = route_path.key("methods").key(method);
            for (request, path) in requests.iter().zip(items(&list)) {
                operations.entry(request.operation.as_str()).or_insert(path);
            }
        }
    }
    operations
}

/// The paths of the items of a list.
pub(super) fn items(list: &Path) -> impl Iterator<Item = Path> + '_ {
    (0..).map(|index| list.index(index))
}
