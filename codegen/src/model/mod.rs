//! The resolved API: all that emitters see.
//!
//! `check` builds it from `spec`. Nothing here is a name to look up or an option with an unwritten
//! default: references are ids into the vectors of [`Api`], `common`, `mixins` and `use` are merged,
//! HEAD and what the generated server answers by itself stand beside what the author wrote. No source
//! position survives into the model.

mod deprecation;
mod error;
mod operation;
mod response;
mod route;
mod types;

pub use deprecation::Deprecation;
pub(crate) use deprecation::{is_day, unix_time};
pub use error::{Envelope, EnvelopeKind, ErrorCode, Rejection, Template};
pub use operation::{
    Access, AccessPart, Conditional, Flow, FlowKind, Operation, Pagination, Parameter, Prefix,
    SecurityScheme, SecuritySchemeKind, SecurityUse,
};
pub use response::{Alternative, Body, BodyKind, CLASS, CLASS_LABEL, Response, of_status};
pub use route::{Condition, ConditionPlace, MethodEntry, Request, Route, Segment, Test};
pub use types::{
    Base, Builtin, Constraints, EnumValue, Field, Format, FormatKind, JsonKind, ListStyle, Schema,
    SchemaKind, Tag, Type, Value, Variant,
};

use serde_json::Value as Json;

/// The header by which a request goes on behind an event.
pub(crate) const LAST_EVENT_ID: &str = "Last-Event-ID";

/// Declares the id of an item: its index in one of the vectors of [`Api`].
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident => $field:ident: $item:ty;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(pub usize);

            impl std::ops::Index<$name> for Api {
                type Output = $item;

                fn index(&self, id: $name) -> &$item {
                    &self.$field[id.0]
                }
            }
        )*
    };
}

ids! {
    /// Index into [`Api::formats`].
    FormatId => formats: Format;
    /// Index into [`Api::schemas`].
    SchemaId => schemas: Schema;
    /// Index into [`Api::errors`].
    ErrorId => errors: ErrorCode;
    /// Index into [`Api::envelopes`].
    EnvelopeId => envelopes: Envelope;
    /// Index into [`Api::groups`].
    GroupId => groups: Group;
    /// Index into [`Api::security`].
    SchemeId => security: SecurityScheme;
    /// Index into [`Api::routes`].
    RouteId => routes: Route;
    /// Index into [`Api::operations`].
    OperationId => operations: Operation;
}

/// One API, resolved.
#[derive(Clone, Debug)]
pub struct Api {
    /// Short name, `snake_case`; names the generated modules.
    pub name: String,
    /// Title of the documents.
    pub title: String,
    /// Version of the API, as the author writes it.
    pub version: String,
    /// CommonMark.
    pub description: String,
    /// Base URLs with their descriptions.
    pub servers: Vec<Server>,
    /// Named scalars, in the order of the descriptor.
    pub formats: Vec<Format>,
    /// Objects and enumerations, in the order of the descriptor; those that a body or an error's detail
    /// defines in place follow the named ones.
    pub schemas: Vec<Schema>,
    /// Error codes, in the order of the descriptor.
    pub errors: Vec<ErrorCode>,
    /// Shapes of an error answer. The first is the default of the API.
    pub envelopes: Vec<Envelope>,
    /// Chapters and server traits.
    pub groups: Vec<Group>,
    /// Ways to authenticate.
    pub security: Vec<SecurityScheme>,
    /// Headers with a constant value that every answer carries, errors too: wire name and value.
    pub constant_headers: Vec<(String, String)>,
    /// Routes in the order of the descriptor.
    pub routes: Vec<Route>,
    /// Operations in the order in which the routes name them.
    pub operations: Vec<Operation>,
    /// Vendor data of the API.
    pub extensions: Json,
}

/// A base URL of the API.
#[derive(Clone, Debug)]
pub struct Server {
    /// Absolute URL.
    pub url: String,
    /// CommonMark.
    pub description: String,
}

/// A chapter of the documents and one server trait.
#[derive(Clone, Debug)]
pub struct Group {
    /// Key in the descriptor, `snake_case`.
    pub name: String,
    /// Name of the trait, CamelCase.
    pub type_name: String,
    /// Title of the chapter.
    pub title: String,
    /// CommonMark.
    pub description: String,
}

impl Api {
    /// The ids of all operations of `group`, in order.
    pub fn operations_of(&self, group: GroupId) -> impl Iterator<Item = OperationId> + '_ {
        (0..self.operations.len())
            .map(OperationId)
            .filter(move |id| self[*id].group == group)
    }
}
