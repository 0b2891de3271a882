//! The descriptor language as serde reads it: a mirror of the YAML, one to one.
//!
//! Nothing is resolved here and nothing has a position: `check` looks positions up by path. Everything
//! is derived, because the JSON Schema that schemars derives from these types is what the structural
//! walk goes by; the one hand-written `Deserialize` is that of [`Value`], the only shorthand of the
//! language. Doc comments are the text of the language's reference.

mod api;
mod envelope;
mod expression;
mod format;
mod lint;
mod request;
pub mod reserved;
mod response;
mod route;
mod scalar;
mod schema;
mod security;
mod short;
mod value;

pub use api::{ApiHead, Common, CommonRequest, CommonResponse, Deprecated, Group, Mixin, Server};
pub use envelope::{Envelope, Rejections};
pub use expression::{TypeExpr, TypeTerm};
pub use format::{ErrorCode, ErrorDetail, Format, Segments};
pub use lint::{Allow, Lints, Reason};
pub use request::{
    Conditional, Example, ExampleBody, ExampleRequest, ExampleResponse, Idempotency, Pagination,
    Request, When,
};
pub use response::{Body, LengthRule, Response};
pub use route::{Route, TrailingSlash};
pub use scalar::{Size, Test};
pub use schema::{EnumValue, Schema, UnknownKeys, Variant};
pub use security::{Flow, SecurityScheme};
pub use value::{ListStyle, Value};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A map whose order is that of the descriptor.
pub type Map<T> = IndexMap<String, T>;

/// Vendor data, by vendor.
pub type Extensions = Map<serde_json::Value>;

/// A descriptor, its includes united.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Version of the language: 1.
    pub spec: u32,
    /// What the API is called, and its defaults.
    pub api: ApiHead,
    /// What becomes of lints, by their names: `{missing_description: deny}`.
    #[serde(default)]
    pub lints: Lints,
    /// Files whose maps are united with this one; of the root file only.
    #[serde(default)]
    pub include: Vec<String>,
    /// Chapters of the documents, each one server trait.
    #[serde(default)]
    pub groups: Map<Group>,
    /// What every request and every answer carries.
    #[serde(default)]
    pub common: Common,
    /// Parameters to reuse, by `use` of a request.
    #[serde(default)]
    pub mixins: Map<Mixin>,
    /// Named scalars, `snake_case`.
    #[serde(default)]
    pub formats: Map<Format>,
    /// Objects and enumerations, `PascalCase`.
    #[serde(default)]
    pub schemas: Map<Schema>,
    /// Error codes as they are on the wire.
    #[serde(default)]
    pub errors: Map<ErrorCode>,
    /// Shapes of an error answer.
    #[serde(default)]
    pub envelopes: Map<Envelope>,
    /// Answers to reuse, by `use` in `success` and `failure`.
    #[serde(default)]
    pub responses: Map<Response>,
    /// Ways to authenticate.
    #[serde(default)]
    pub security: Map<SecurityScheme>,
    /// Paths and their methods.
    #[serde(default)]
    pub routes: Vec<Route>,
}

impl Spec {
    /// Fills in what the files hold that examples name.
    pub(crate) fn fill_files<'f>(&mut self, content: impl Fn(&str) -> Option<&'f [u8]>) {
        let methods = self
            .routes
            .iter_mut()
            .flat_map(|route| route.methods.values_mut());
        let requests = methods.flatten();
        for example in requests.flat_map(|request| &mut request.examples) {
            let bodies = [&mut example.request.body, &mut example.response.body];
            for body in bodies.into_iter().flatten() {
                body.content = body.file.as_deref().and_then(&content).map(<[u8]>::to_vec);
            }
        }
    }
}

/// The JSON Schema of the language. A key that is there has a value, so `null` is nowhere allowed but
/// within data that the language does not look into.
pub fn json_schema() -> schemars::Schema {
    let mut schema = schemars::schema_for!(Spec);
    schemars::transform::transform_subschemas(&mut WithoutNull, &mut schema);
    schema
}

/// Takes the `null` out that schemars puts into the schema of each `Option`.
struct WithoutNull;

impl schemars::transform::Transform for WithoutNull {
    fn transform(&mut self, schema: &mut schemars::Schema) {
        schemars::transform::transform_subschemas(self, schema);
        let Some(object) = schema.as_object_mut() else {
            return;
        };
        if let Some(serde_json::Value::Array(types)) = object.get_mut("type") {
            types.retain(|ty| ty != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        let Some(serde_json::Value::Array(any_of)) = object.get_mut("anyOf") else {
            return;
        };
        any_of.retain(|one| one != &serde_json::json!({"type": "null"}));
        if let [serde_json::Value::Object(only)] = any_of.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            object.extend(only);
        }
    }
}

#[cfg(test)]
mod tests;
