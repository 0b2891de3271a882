//! What is described once and referred to: formats, schemas, error codes, the answers of the server itself.
//!
//! Only what is referred to is written. Keys are the names of the descriptor; those of formats begin with a
//! small letter, those of schemas and of codes are names of types in one namespace, and none has a dot
//! unless it is one of several variants of the same thing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::losses::Losses;
use super::object::Object;
use super::{envelopes, schemas, security, types, unions};
use crate::model::{Api, EnvelopeId, ErrorId, FormatId, SchemaId, SchemaKind};

/// Something that others refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Component {
    Format(FormatId),
    Schema(SchemaId),
    /// A variant of a union, by its index.
    Variant(SchemaId, usize),
    /// What an envelope makes of a code.
    Error(ErrorId, EnvelopeId),
    /// The answers that the server gives by itself; the flag is for HEAD.
    Rejections(EnvelopeId, bool),
}

/// The state of a rendering.
pub(super) struct Out<'a> {
    pub(super) api: &'a Api,
    pub(super) losses: Losses,
    used: BTreeSet<Component>,
    /// Those of them that are still to be written.
    pending: BTreeSet<Component>,
}

impl<'a> Out<'a> {
    pub(super) fn new(api: &'a Api) -> Self {
        Self {
            api,
            losses: Losses::default(),
            used: BTreeSet::new(),
            pending: BTreeSet::new(),
        }
    }

    /// A reference to it, which makes it be written.
    pub(super) fn reference(&mut self, component: Component) -> Object {
        if self.used.insert(component) {
            self.pending.insert(component);
        }
        let section = match component {
            Component::Rejections(..) => "responses",
            _ => "schemas",
        };
        let key = key(self.api, component);
        Object::new().set("$ref", format!("#/components/{section}/{key}"))
    }

    /// All that was referred to, and what that refers to in turn.
    pub(super) fn components(&mut self) -> Json {
        let mut done = BTreeMap::new();
        while let Some(next) = self.pending.pop_first() {
            let written = self.write(next);
            done.insert(next, written);
        }
        let (responses, schemas): (Vec<_>, Vec<_>) = done
            .into_iter()
            .partition(|(component, _)| matches!(component, Component::Rejections(..)));
        let section = |api: &Api, entries: Vec<(Component, Json)>| {
            entries
                .into_iter()
                .fold(Object::new(), |object, (component, written)| {
                    object.set(&key(api, component), written)
                })
        };
        Object::new()
            .object("schemas", section(self.api, schemas))
            .object("responses", section(self.api, responses))
            .object("securitySchemes", security::schemes(self))
            .json()
    }

    fn write(&mut self, component: Component) -> Json {
        let api = self.api;
        self.losses.at(key(api, component));
        match component {
            Component::Format(id) => types::format(self, &api[id]),
            Component::Schema(id) => schemas::schema(self, id),
            Component::Variant(id, index) => match &api[id].kind {
                SchemaKind::Union {
                    tag: Some(tag),
                    variants,
                } => unions::variant(self, tag, &variants[index]),
                _ => json!({}),
            },
            Component::Error(error, envelope) => envelopes::error(self, error, envelope),
            Component::Rejections(envelope, is_head) => {
                envelopes::rejections(self, envelope, is_head)
            }
        }
    }
}

fn key(api: &Api, component: Component) -> String {
    // What is of the envelope of the API has the plain name.
    let of_envelope = |name: &str, envelope: EnvelopeId| match envelope.0 {
        0 => name.to_owned(),
        _ => format!("{name}.{}", api[envelope].name),
    };
    match component {
        Component::Format(id) => api[id].name.clone(),
        Component::Schema(id) => api[id].name.clone(),
        Component::Variant(id, index) => match &api[id].kind {
            SchemaKind::Union { variants, .. } => {
                format!("{}.{}", api[id].name, variants[index].ident)
            }
            _ => api[id].name.clone(),
        },
        Component::Error(error, envelope) => of_envelope(&api[error].type_name, envelope),
        Component::Rejections(envelope, is_head) => {
            of_envelope(if is_head { "rejected_head" } else { "rejected" }, envelope)
        }
    }
}
