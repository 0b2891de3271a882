//! Values on the wire: formats, schemas, type expressions, constraints.

use serde_json::Value as Json;

use super::{FormatId, OperationId, SchemaId, SchemeId};
use crate::model::{Deprecation, ErrorId};
use crate::pattern::Dfa;

/// Types that the language brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as in the language")]
pub enum Builtin {
    String,
    Boolean,
    Integer,
    Int32,
    Uint32,
    Uint64,
    Number,
    Any,
    Date,
    DateTime,
    HttpDate,
    UnixTime,
    Uuid,
    Uri,
    Base64,
    Etag,
    /// A key of a query without a value; nowhere else.
    Flag,
}

impl Builtin {
    /// Whether its values are numbers.
    pub fn is_number(self) -> bool {
        matches!(
            self,
            Self::Integer
                | Self::Int32
                | Self::Uint32
                | Self::Uint64
                | Self::Number
                | Self::UnixTime
        )
    }

    /// Whether its values are texts in JSON.
    pub fn is_text(self) -> bool {
        match self {
            Self::String
            | Self::Date
            | Self::DateTime
            | Self::HttpDate
            | Self::Uuid
            | Self::Uri
            | Self::Base64
            | Self::Etag => true,
            Self::Boolean
            | Self::Integer
            | Self::Int32
            | Self::Uint32
            | Self::Uint64
            | Self::Number
            | Self::Any
            | Self::UnixTime
            | Self::Flag => false,
        }
    }
}

/// A resolved type expression without `optional` and `null`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// A builtin.
    Builtin(Builtin),
    /// A named scalar.
    Format(FormatId),
    /// A named object or enumeration.
    Schema(SchemaId),
    /// `list<T>`.
    List(Box<Type>),
    /// `map<T>`, keys are strings.
    Map(Box<Type>),
    /// `url<operation>`: the URL of an operation of this API.
    Url(OperationId),
    /// `challenge<scheme>`: a `WWW-Authenticate` challenge.
    Challenge(SchemeId),
}

/// How a list stands in a query or a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListStyle {
    /// The key is repeated; the default.
    Repeat,
    /// Separated by commas. Headers are read so, too, whatever their style.
    Comma,
    /// Separated by spaces.
    Space,
    /// Separated by `|`.
    Pipe,
}

impl ListStyle {
    /// What stands between the items of a list in one value; nothing where the key is repeated.
    pub fn separator(self) -> Option<&'static str> {
        match self {
            Self::Repeat => None,
            Self::Comma => Some(","),
            Self::Space => Some(" "),
            Self::Pipe => Some("|"),
        }
    }
}

/// Bounds written at a use or on a format.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraints {
    /// Smallest number.
    pub min: Option<i128>,
    /// Largest number.
    pub max: Option<i128>,
    /// Shortest text, in Unicode characters.
    pub min_length: Option<u64>,
    /// Longest text, in Unicode characters.
    pub max_length: Option<u64>,
    /// Fewest items of a list or map.
    pub min_items: Option<u64>,
    /// Most items of a list or map.
    pub max_items: Option<u64>,
    /// Pattern of a text, with its automaton.
    pub pattern: Option<(String, Dfa)>,
}

impl Constraints {
    /// Whether a lower bound is above its upper one, so that nothing fits.
    pub(crate) fn is_contradiction(&self) -> bool {
        let numbers = self.min.zip(self.max).is_some_and(|(min, max)| min > max);
        let lengths = self.min_length.zip(self.max_length);
        numbers || lengths.is_some_and(|(min, max)| min > max)
    }

    /// Whether nothing is bounded.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A place that holds a value: a field, a parameter, a header.
#[derive(Clone, Debug)]
pub struct Value {
    /// Its type.
    pub ty: Type,
    /// May be absent (and has no default).
    pub optional: bool,
    /// May be null.
    pub nullable: bool,
    /// Bounds at this place.
    pub constraints: Constraints,
    /// What an absent value means.
    pub default: Option<Json>,
    /// The only value there is.
    pub constant: Option<Json>,
    /// CommonMark; falls back to the description of the format.
    pub description: String,
    /// An example as it is on the wire.
    pub example: Option<Json>,
    /// Never in a log.
    pub secret: bool,
    /// Why not to use it.
    pub deprecated: Option<Deprecation>,
}

impl Value {
    /// Whether it is a key of a query without a value, which is there or not.
    pub fn is_flag(&self) -> bool {
        self.ty == Type::Builtin(Builtin::Flag)
    }
}

/// A field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// Key on the wire.
    pub wire: String,
    /// Name in code, `snake_case`, not yet escaped against keywords.
    pub ident: String,
    /// What it holds.
    pub value: Value,
    /// Through it the object comes back to itself, so that code has to keep the value apart.
    pub boxed: bool,
}

/// A named object, enumeration or union.
#[derive(Clone, Debug)]
pub struct Schema {
    /// CamelCase name.
    pub name: String,
    /// CommonMark.
    pub description: String,
    /// What it is.
    pub kind: SchemaKind,
    /// Why not to use it.
    pub deprecated: Option<Deprecation>,
}

/// What a schema is.
#[derive(Clone, Debug)]
pub enum SchemaKind {
    /// A JSON object.
    Object {
        /// Its fields.
        fields: Vec<Field>,
        /// Unknown keys are an error (else they are ignored).
        reject_unknown: bool,
        /// All other keys go into a map of this type.
        rest: Option<Type>,
    },
    /// One of some strings.
    Enum {
        /// The values.
        values: Vec<EnumValue>,
        /// Unknown values are kept.
        open: bool,
    },
    /// One of several types.
    Union {
        /// What tells them apart; without it the kind of JSON does.
        tag: Option<Tag>,
        /// The types.
        variants: Vec<Variant>,
    },
}

/// What tells the types of a union apart.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Key of the value; without it the tag lies beside the fields of an object.
    pub content: Option<String>,
    /// What has an unknown tag is kept.
    pub open: bool,
    /// Code that an unknown tag in the body of a request yields, where it is not that of the body.
    pub unknown: Option<ErrorId>,
}

/// A type of a union.
#[derive(Clone, Debug)]
pub struct Variant {
    /// Its tag; a name that is on no wire where the union has none.
    pub wire: String,
    /// Variant in code, CamelCase.
    pub ident: String,
    /// CommonMark: what it means.
    pub description: String,
    /// What it is.
    pub ty: Type,
    /// The kinds of JSON that it can be, where they tell.
    pub kinds: Vec<JsonKind>,
}

impl Variant {
    /// Whether a value of its union, which has this tag, is of this variant.
    pub(crate) fn is_of(&self, tag: Option<&Tag>, json: &Json) -> bool {
        match tag {
            Some(tag) => json.get(&tag.key).is_some_and(|wire| *wire == *self.wire),
            None => JsonKind::of(json).is_some_and(|kind| self.kinds.contains(&kind)),
        }
    }

    /// The variant that a value of a union with this tag is of, and what is in it.
    pub fn chosen<'v, 'j>(
        tag: Option<&Tag>,
        variants: &'v [Self],
        json: &'j Json,
    ) -> Option<(&'v Self, &'j Json)> {
        let variant = variants.iter().find(|one| one.is_of(tag, json))?;
        match tag.and_then(|tag| tag.content.as_ref()) {
            Some(content) => Some((variant, json.get(content)?)),
            None => Some((variant, json)),
        }
    }
}

/// A kind of JSON but null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as in JSON")]
pub enum JsonKind {
    String,
    Number,
    Boolean,
    Array,
    Object,
}

impl JsonKind {
    /// The kind of a value; `None` for null.
    pub(crate) fn of(json: &Json) -> Option<Self> {
        Some(match json {
            Json::Null => return None,
            Json::Bool(_) => Self::Boolean,
            Json::Number(_) => Self::Number,
            Json::String(_) => Self::String,
            Json::Array(_) => Self::Array,
            Json::Object(_) => Self::Object,
        })
    }
}

/// A value of an enumeration.
#[derive(Clone, Debug)]
pub struct EnumValue {
    /// Text on the wire.
    pub wire: String,
    /// Variant in code, CamelCase.
    pub ident: String,
    /// CommonMark.
    pub description: String,
}

/// A named scalar.
#[derive(Clone, Debug)]
pub struct Format {
    /// Key in the descriptor, `snake_case`.
    pub name: String,
    /// Newtype in code, CamelCase.
    pub type_name: String,
    /// CommonMark.
    pub description: String,
    /// What it is.
    pub kind: FormatKind,
    /// May span path segments.
    pub many_segments: bool,
    /// Code that a violation yields; `None`: the envelope's `bad_request`.
    pub invalid: Option<ErrorId>,
    /// Examples as they are on the wire.
    pub examples: Vec<String>,
    /// Why not to use it.
    pub deprecated: Option<Deprecation>,
}

/// What a format is.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all formats are of the large one"
)]
pub enum FormatKind {
    /// A constrained scalar.
    Scalar {
        /// What it refines.
        base: Base,
        /// Its bounds. For `segments: many`, `pattern` is the pattern of the whole value.
        constraints: Constraints,
    },
    /// The first of these formats that accepts the text.
    AnyOf(Vec<FormatId>),
}

/// What a scalar format refines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named as in the language")]
pub enum Base {
    String,
    Integer,
    Int32,
    Uint32,
    Uint64,
    Number,
}

impl From<Base> for Builtin {
    fn from(base: Base) -> Self {
        match base {
            Base::String => Self::String,
            Base::Integer => Self::Integer,
            Base::Int32 => Self::Int32,
            Base::Uint32 => Self::Uint32,
            Base::Uint64 => Self::Uint64,
            Base::Number => Self::Number,
        }
    }
}
