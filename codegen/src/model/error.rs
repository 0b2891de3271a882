//! Error codes and the envelopes that carry them.

use super::{ErrorId, SchemaId};

/// An error code of the API.
#[derive(Clone, Debug)]
pub struct ErrorCode {
    /// Code on the wire.
    pub code: String,
    /// Struct in code, CamelCase.
    pub type_name: String,
    /// Default status.
    pub status: u16,
    /// Message on the wire.
    pub message: String,
    /// CommonMark.
    pub description: String,
    /// Shape of `detail`: an object schema whose fields become the fields of the struct.
    pub detail: Option<SchemaId>,
    /// One answer may hold several of it.
    pub repeats: bool,
    /// A rejection fills the detail's `parameter` and `reason`.
    pub rejection_detail: bool,
    /// Page that explains it.
    pub docs: Option<String>,
}

/// The shape of an error answer.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Key in the descriptor.
    pub name: String,
    /// How it is written.
    pub kind: EnvelopeKind,
    /// The code of each answer that the generated server gives by itself, in the order of
    /// [`Rejection::ALL`]; all are there.
    pub rejections: Vec<(Rejection, ErrorId)>,
    /// Those answers that the server can come to give.
    pub reachable: Vec<Rejection>,
}

impl Envelope {
    /// The media type of a failure, without parameters; `None` where it has no body.
    pub fn media_type(&self) -> Option<&str> {
        match &self.kind {
            EnvelopeKind::Json { media_type, .. } => Some(media_type),
            EnvelopeKind::Text(_) => Some("text/plain"),
            EnvelopeKind::None => None,
        }
    }

    /// The codes of the answers that the server can come to give by itself.
    pub fn answered(&self) -> impl Iterator<Item = &(Rejection, ErrorId)> {
        let is_reachable = |(kind, _): &&(Rejection, ErrorId)| self.reachable.contains(kind);
        self.rejections.iter().filter(is_reachable)
    }

    /// The code that `rejection` answers.
    ///
    /// # Panics
    /// Where a kind is missing, which the check does not let pass.
    pub fn rejection(&self, rejection: Rejection) -> ErrorId {
        self.rejections
            .iter()
            .find(|(kind, _)| *kind == rejection)
            .map(|(_, error)| *error)
            .expect("the check lists every kind")
    }
}

/// How an envelope is written.
#[derive(Clone, Debug)]
pub enum EnvelopeKind {
    /// JSON from a template.
    Json {
        /// The document.
        template: Template,
        /// `application/json`, or a type whose name ends with `+json`.
        media_type: String,
    },
    /// `text/plain`: [`Template::Message`] or [`Template::Code`].
    Text(Template),
    /// No body.
    None,
}

/// A JSON value with placeholders. An array that holds `$code` below it repeats its one element for
/// each error of the answer; a key whose placeholder has no value is left out.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each placeholder is named as in the language")]
pub enum Template {
    Object(Vec<(String, Template)>),
    Array(Vec<Template>),
    /// A literal.
    Json(serde_json::Value),
    Code,
    Status,
    Message,
    Detail,
    DetailField(String),
    Docs,
    RequestId,
}

impl Template {
    /// What it makes of an error with this detail; the id of the request is left out.
    pub fn filled(
        &self,
        status: u16,
        error: &ErrorCode,
        detail: Option<&serde_json::Value>,
    ) -> Option<serde_json::Value> {
        Some(match self {
            Self::Object(entries) => entries
                .iter()
                .filter_map(|(key, value)| {
                    Some((key.clone(), value.filled(status, error, detail)?))
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Self::Array(items) => items
                .iter()
                .filter_map(|item| item.filled(status, error, detail))
                .collect(),
            Self::Json(json) => json.clone(),
            Self::Code => error.code.as_str().into(),
            Self::Status => status.into(),
            Self::Message => error.message.as_str().into(),
            Self::Docs => error.docs.as_deref()?.into(),
            Self::Detail => detail?.clone(),
            Self::DetailField(name) => detail?.get(name)?.clone(),
            Self::RequestId => return None,
        })
    }
}

/// An answer that the generated server gives by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as in the language")]
pub enum Rejection {
    NoRoute,
    NoMethod,
    BadRequest,
    BadBody,
    TooLarge,
    MediaType,
    NotAcceptable,
    LengthRequired,
    Range,
    Precondition,
    Unauthenticated,
    Forbidden,
    Timeout,
    Unavailable,
    Internal,
}

impl Rejection {
    /// All kinds, in the order of the language.
    pub const ALL: [Self; 15] = [
        Self::NoRoute,
        Self::NoMethod,
        Self::BadRequest,
        Self::BadBody,
        Self::TooLarge,
        Self::MediaType,
        Self::NotAcceptable,
        Self::LengthRequired,
        Self::Range,
        Self::Precondition,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::Timeout,
        Self::Unavailable,
        Self::Internal,
    ];

    /// Key in the descriptor.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoRoute => "no_route",
            Self::NoMethod => "no_method",
            Self::BadRequest => "bad_request",
            Self::BadBody => "bad_body",
            Self::TooLarge => "too_large",
            Self::MediaType => "media_type",
            Self::NotAcceptable => "not_acceptable",
            Self::LengthRequired => "length_required",
            Self::Range => "range",
            Self::Precondition => "precondition",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// Status of the answer; it belongs to the kind, not to the code.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::BadBody => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NoRoute => 404,
            Self::NoMethod => 405,
            Self::NotAcceptable => 406,
            Self::Timeout => 408,
            Self::LengthRequired => 411,
            Self::Precondition => 412,
            Self::TooLarge => 413,
            Self::MediaType => 415,
            Self::Range => 416,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}
