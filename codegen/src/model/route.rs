//! Routes, their methods, and the requests that one method takes.

use serde_json::Value as Json;

use super::EnvelopeId;
use super::{Access, Body, Deprecation, FormatId, GroupId, OperationId, Parameter, Response};

/// A path and its methods.
#[derive(Clone, Debug)]
pub struct Route {
    /// Short name, unique.
    pub name: String,
    /// Title in the documents.
    pub entity: String,
    /// Template as written: `/v2/{name}/tags/list`.
    pub path: String,
    /// The template, split at its slashes, without the empty segment before the first slash. A final
    /// slash yields a last segment that is an empty literal.
    pub segments: Vec<Segment>,
    /// The path is accepted with and without its final slash.
    pub slash_optional: bool,
    /// Its group.
    pub group: GroupId,
    /// CommonMark.
    pub description: String,
    /// Shape of its failures.
    pub envelope: EnvelopeId,
    /// Methods, HEAD included, in the order of the descriptor, HEAD behind its GET.
    pub methods: Vec<MethodEntry>,
    /// Vendor data.
    pub extensions: Json,
}

/// A segment of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Text as it is.
    Literal(String),
    /// One parameter, literal text before and after it.
    Parameter {
        /// Text before it.
        before: String,
        /// Name on the wire.
        name: String,
        /// Its format, where it has one.
        format: Option<FormatId>,
        /// Text after it.
        after: String,
    },
    /// A parameter that spans one or more segments, literal text before and after it.
    Many {
        /// Text before it, in the first of its segments.
        before: String,
        /// Name on the wire.
        name: String,
        /// Its format.
        format: FormatId,
        /// Text after it, in the last of its segments.
        after: String,
    },
}

/// One method of a route.
#[derive(Clone, Debug)]
pub struct MethodEntry {
    /// `GET`, `HEAD`, ...
    pub method: String,
    /// CommonMark.
    pub description: String,
    /// Its requests; those of HEAD are GET's with answers that have no body.
    pub requests: Vec<Request>,
}

/// One use of a method.
#[derive(Clone, Debug)]
pub struct Request {
    /// One line.
    pub title: String,
    /// CommonMark.
    pub description: String,
    /// What it calls.
    pub operation: OperationId,
    /// All must hold. Empty: taken when no sibling is.
    pub when: Vec<Condition>,
    /// Path parameters in the order of the template.
    pub path: Vec<Parameter>,
    /// Query parameters.
    pub query: Vec<Parameter>,
    /// Headers, those of `common` included.
    pub headers: Vec<Parameter>,
    /// Body.
    pub body: Option<Body>,
    /// What the caller must be allowed.
    pub access: Vec<Access>,
    /// Successes.
    pub successes: Vec<Response>,
    /// Failures, those of `common` included.
    pub failures: Vec<Response>,
    /// Examples as written.
    pub examples: Vec<Json>,
    /// Why not to use it.
    pub deprecated: Option<Deprecation>,
    /// Vendor data.
    pub extensions: Json,
}

/// A test on the head of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Where.
    pub place: ConditionPlace,
    /// Name on the wire.
    pub name: String,
    /// What must hold.
    pub test: Test,
}

/// Where a condition looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConditionPlace {
    /// A query parameter.
    Query,
    /// A header.
    Header,
}

/// What a condition demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// It is there.
    Present,
    /// It is not there.
    Absent,
    /// It is there and has one of these values.
    Is(Vec<String>),
}

impl Request {
    /// What its conditions demand of a parameter of this name.
    pub fn tested(&self, place: ConditionPlace, name: &str) -> Option<&Test> {
        let is_it = |condition: &&Condition| {
            condition.place == place
                && match place {
                    ConditionPlace::Query => condition.name == name,
                    ConditionPlace::Header => condition.name.eq_ignore_ascii_case(name),
                }
        };
        self.when
            .iter()
            .find(is_it)
            .map(|condition| &condition.test)
    }
}
