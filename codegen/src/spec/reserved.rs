//! What later versions of the language will mean: an error today that says so.
//!
//! The structural walk looks here before it calls a key or a value unknown. Places are names of the
//! definitions in the JSON Schema, that is, of the types in `spec`.

/// Reserved keys, by the definition that will have them.
pub const KEYS: &[(&str, &[&str])] = &[
    (
        "Spec",
        &[
            "webhooks",
            "versions",
            "profiles",
            "resources",
            "traits",
            "scenarios",
        ],
    ),
    ("Route", &["host", "security"]),
    (
        "Request",
        &[
            "cookies",
            "long_running",
            "retry",
            "timeout",
            "rate_limit",
            "callbacks",
            "priority",
            "stability",
            "since",
            "removed",
        ],
    ),
    ("Response", &["cookies"]),
    ("Body", &["encodings", "trailers", "parts", "root"]),
    ("Format", &["parts"]),
    (
        "Value",
        &[
            "read_only",
            "write_only",
            "unique_items",
            "multiple_of",
            "xml",
        ],
    ),
    (
        "Schema",
        &[
            "extends",
            "partial_of",
            "pick",
            "omit",
            "parameters",
            "tagging",
            "min_fields",
        ],
    ),
    ("SecurityScheme", &["all_of"]),
];

/// Reserved values of the key `type`, by the definition that will have them.
pub const TYPES: &[(&str, &[&str])] = &[
    ("Body", &["multipart", "xml"]),
    ("Envelope", &["xml"]),
    ("SecurityScheme", &["mutual_tls", "openid"]),
    ("Pagination", &["page", "offset"]),
];

/// Reserved heads of type expressions: `set<T>`.
pub const TYPE_HEADS: &[&str] = &["set", "stream", "range", "ref"];

/// What says here what other languages say by a key of their own.
pub fn habit(definition: &str, key: &str) -> Option<&'static str> {
    match (definition, key) {
        ("Value", "required" | "optional") => {
            Some("a value is required unless its type is `optional TYPE`")
        }
        ("Value", "nullable" | "null") => Some("what may be null is of a type `TYPE | null`"),
        ("Value", "enum" | "values") => {
            Some("define a schema of `type: enum` and name it as the type")
        }
        ("Value", "format") => Some("name the format as the type: `date_time`, `uuid` or your own"),
        ("Value", "items") => Some("a list is of a type `list<TYPE>`"),
        ("Value" | "Schema", "$ref") => {
            Some("a schema is named as the type: `type: NAME`, `list<NAME>`")
        }
        ("Value", "fields" | "properties") => {
            Some("an object is a schema of `type: object`, whose name is the type")
        }
        ("Request", "parameters") => Some(
            "parameters stand under `query` and `headers`, and those of the path under `path_parameters` of the route",
        ),
        ("Request", "responses") => Some("answers stand under `success` and `failure`"),
        ("Request", "requestBody" | "request_body") => {
            Some("a body stands under `body`: `{type: json, schema: NAME, limit: 1 MiB}`")
        }
        ("Response", "content" | "schema") => {
            Some("a body stands under `body`: `{type: json, schema: NAME}`")
        }
        ("Schema", "required") => Some("fields are required unless their type is `optional TYPE`"),
        _ => None,
    }
}

/// The key that other languages call so.
pub fn synonym(definition: &str, key: &str) -> Option<&'static str> {
    match (definition, key) {
        ("Value" | "Format", "minimum") => Some("min"),
        ("Value" | "Format", "maximum") => Some("max"),
        ("Format" | "Value", "regex" | "regexp") => Some("pattern"),
        ("Schema", "properties") => Some("fields"),
        ("Request", "summary" | "title") => Some("request"),
        ("Route", "url" | "template") => Some("path"),
        _ => None,
    }
}

/// The map that a text stands for which is all that there is to say: the name of a response for
/// `{use: NAME}`. `written` has its quotes.
pub fn in_full(definition: &str, written: &str) -> Option<String> {
    let key = match definition {
        "Response" => "use",
        "Server" => "url",
        "Group" => "title",
        "Deprecated" => "reason",
        "Body" => {
            let is_type = super::TypeExpr::try_from(written.to_owned()).is_ok();
            return is_type.then(|| format!("{{type: json, schema: {written}}}"));
        }
        _ => return None,
    };
    Some(format!("{{{key}: {written}}}"))
}

/// Whether `key` is reserved in `definition`.
pub fn is_reserved_key(definition: &str, key: &str) -> bool {
    listed(KEYS, definition, key)
}

/// Whether `type: value` is reserved in `definition`.
pub fn is_reserved_type(definition: &str, value: &str) -> bool {
    listed(TYPES, definition, value)
}

fn listed(table: &[(&str, &[&str])], definition: &str, word: &str) -> bool {
    table
        .iter()
        .any(|(place, words)| *place == definition && words.contains(&word))
}

/// What is wrong with `text` where the scalar `definition` stands, which has a grammar of its own: the
/// walk says this where the pattern of the JSON Schema does not match.
pub fn complaint(definition: &str, text: &str) -> Option<String> {
    let text = text.to_owned();
    match definition {
        "TypeExpr" => super::TypeExpr::try_from(text).err(),
        "Size" => super::Size::try_from(text).err(),
        "Test" => super::Test::try_from(text).err(),
        "Reason" => super::Reason::try_from(text).err(),
        _ => None,
    }
}

/// What was probably meant by such a text, where that can be told.
pub fn meant(definition: &str, text: &str) -> Option<String> {
    match definition {
        "TypeExpr" => super::expression::meant(text),
        "Size" => super::scalar::meant_size(text),
        "Test" => super::scalar::meant_test(text),
        _ => None,
    }
}

/// How texts of a grammar are written, to the author of `text`.
pub fn grammar(definition: &str, text: &str) -> &'static str {
    match definition {
        "TypeExpr" if text.contains('|') => {
            "what is one of several types is a schema of `type: union`, whose name is the type"
        }
        "TypeExpr" => {
            "a type is `[optional] TYPE [| null]`: `string`, `optional list<toy>`, `toy | null`"
        }
        "Size" => "a size is a whole number, a space, and B, KiB, MiB or GiB: `4 MiB`",
        "Test" => "a test is `present`, `absent`, `is V` or `is V | W`",
        "Reason" => "a reason is a sentence that says why there is nothing to be done",
        _ => "write it as the reference of the language says",
    }
}
