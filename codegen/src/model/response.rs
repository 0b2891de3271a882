//! Bodies and answers.
//!
//! How a class of statuses is written, and which answer a status is of, is said here alone.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::{ErrorId, Parameter, Type};

/// A request or response body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// How it is read and written.
    pub kind: BodyKind,
    /// Media types, lower case, `*/*` and `image/*` allowed. Never empty: a kind without an explicit
    /// list has its own (`application/json`, `application/octet-stream`, ...); a choice has all of its
    /// bodies.
    pub media_types: Vec<String>,
    /// Most bytes.
    pub limit: Option<u64>,
    /// Code of a body that cannot be parsed, where it is not the envelope's `bad_body`.
    pub invalid: Option<ErrorId>,
    /// Code of a body over the limit, where it is not the envelope's `too_large`.
    pub too_large: Option<ErrorId>,
    /// CommonMark.
    pub description: String,
    /// An example.
    pub example: Option<Json>,
}

impl Body {
    /// Whether a media type is a wildcard, so that the type sent is a field of its own.
    pub fn has_wildcard(&self) -> bool {
        self.media_types.iter().any(|media| media.contains('*'))
    }

    /// What it can be: the bodies of a choice, or itself.
    pub fn alternatives(&self) -> impl Iterator<Item = &Body> {
        let (own, of) = match &self.kind {
            BodyKind::Choice { of, .. } => (None, of.as_slice()),
            _ => (Some(self), &[][..]),
        };
        own.into_iter()
            .chain(of.iter().map(|alternative| &alternative.body))
    }

    /// What it can be where a message names this media type; everything where it names none.
    pub fn of_type(&self, named: Option<&str>) -> impl Iterator<Item = &Body> {
        let is_choice = matches!(self.kind, BodyKind::Choice { .. });
        let named = named.filter(|_| is_choice).map(str::to_ascii_lowercase);
        self.alternatives().filter(move |one| {
            let mut own = one.media_types.iter();
            named
                .as_ref()
                .is_none_or(|named| own.any(|own| own == named))
        })
    }

    /// The one that is answered where `Accept` names this media type; the default where it names none.
    pub fn accepted(&self, accept: Option<&str>) -> Option<&Body> {
        self.of_type(accept).next()
    }

    /// Whether there may be no bytes: nothing is made of them, or a stream of nothing.
    pub fn may_be_empty(&self) -> bool {
        matches!(self.kind, BodyKind::Bytes(_)) || self.is_stream()
    }

    /// Whether it is read once only, as it comes. Of a choice this is asked of its alternatives.
    pub fn is_stream(&self) -> bool {
        matches!(
            self.kind,
            BodyKind::Stream { .. } | BodyKind::JsonLines(_) | BodyKind::Events(_)
        )
    }
}

/// How a body is read and written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// JSON; `verbatim` keeps the bytes beside the value.
    Json {
        /// Its type.
        ty: Type,
        /// Keep the bytes.
        verbatim: bool,
    },
    /// `application/x-www-form-urlencoded`.
    Form(Type),
    /// UTF-8 text.
    Text,
    /// Bytes in memory; a type, where one is given, is for the documents only.
    Bytes(Option<Type>),
    /// A stream of bytes.
    Stream {
        /// The runtime answers ranges of it.
        ranges: bool,
        /// A request without Content-Length is refused with `length_required`.
        length_required: bool,
    },
    /// A stream of values, each as JSON in a line of its own. The limit of the body is that of a line.
    JsonLines(Type),
    /// A stream of events, of a union that has the tag `event` and the content `data`. The limit of the
    /// body is that of an event.
    Events(Type),
    /// One of several, told apart by their media types, of which none is a wildcard.
    Choice {
        /// Enum in code, CamelCase.
        type_name: String,
        /// Two or more; the first is the default.
        of: Vec<Alternative>,
    },
}

/// A body of a choice; none is a choice again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// Variant in code, CamelCase.
    pub variant: String,
    /// What it is.
    pub body: Body,
}

/// The statuses of the class that the language has.
pub const CLASS: RangeInclusive<u16> = 200..=299;

/// How the class is written.
pub const CLASS_LABEL: &str = "2xx";

/// A success or a failure.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says another thing of an answer"
)]
pub struct Response {
    /// Struct in code, CamelCase.
    pub type_name: String,
    /// Variant of the operation's enum, CamelCase.
    pub variant: String,
    /// A named response that is used as it is: the struct is shared by all its users.
    pub shared: bool,
    /// Its name in code was given by `as`.
    pub named: bool,
    /// Status; the first of them where it is a class.
    pub status: u16,
    /// It has any status of the class for which its request declares no answer. Neither headers nor a body
    /// are known of it.
    pub class: bool,
    /// CommonMark.
    pub description: String,
    /// Headers, those of `common` included.
    pub headers: Vec<Parameter>,
    /// Body of a success.
    pub body: Option<Body>,
    /// Codes of a failure.
    pub codes: Vec<ErrorId>,
    /// Answered by the runtime alone (304, 206, 412, 416 of `conditional` and `ranges`): documented,
    /// but not in the operation's enum.
    pub managed: bool,
}

/// Of `answers` those that one of this status may be: all that have it, or else the class that it is of.
pub fn of_status<'r>(
    answers: impl IntoIterator<Item = &'r Response>,
    status: u16,
) -> Vec<&'r Response> {
    let of_it = answers.into_iter().filter(|answer| answer.covers(status));
    let (classes, exact): (Vec<_>, Vec<_>) = of_it.partition(|answer| answer.class);
    if exact.is_empty() { classes } else { exact }
}

impl Response {
    /// Its status as it is written: `204`, `2xx`.
    pub fn label(&self) -> String {
        if self.class {
            CLASS_LABEL.to_owned()
        } else {
            self.status.to_string()
        }
    }

    /// Whether it may have this status.
    pub fn covers(&self, status: u16) -> bool {
        if self.class {
            CLASS.contains(&status)
        } else {
            self.status == status
        }
    }

    /// Its place among other answers: in the order of statuses, a class behind those that it has.
    pub fn rank(&self) -> (u16, bool) {
        let status = if self.class {
            *CLASS.end()
        } else {
            self.status
        };
        (status, self.class)
    }

    /// Whether a success says nothing but its own status.
    pub fn is_bare(&self) -> bool {
        !self.class && !self.has_fields() && self.body.is_none()
    }

    /// Headers that are fields of the struct.
    pub fn fields(&self) -> impl Iterator<Item = &Parameter> {
        self.headers
            .iter()
            .filter(|header| !header.managed && header.value.constant.is_none())
    }

    /// Whether there are headers to fill.
    pub fn has_fields(&self) -> bool {
        self.fields().next().is_some()
    }

    /// Whether a failure is a struct of its own beside its codes: it has headers to fill, or a name by
    /// which code tells it from another status of the same code.
    pub fn is_struct(&self) -> bool {
        self.has_fields() || (self.named && !self.codes.is_empty())
    }
}
