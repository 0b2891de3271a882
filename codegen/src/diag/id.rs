//! The table of all kinds of problems.
//!
//! An id comes with its rule, which is its documentation, with a level where it is a lint, and with a page
//! in `pages`, without which this does not compile. `reference` makes the pages of these. Each id has a
//! failing descriptor in `tests/data/fail`.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// What becomes of a lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing is said.
    Allow,
    /// It is a warning.
    Warn,
    /// It is an error.
    Deny,
}

impl Level {
    /// As it is written under `lints`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

/// Declares the table of ids.
macro_rules! ids {
    ($($(#[doc = $rule:literal])+ $name:ident => $text:literal, $level:ident;)*) => {
        /// What kind of problem it is. The texts are stable: people look them up and silence them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Id { $($(#[doc = $rule])+ $name,)* }

        impl Id {
            /// All ids, those of reading first.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The id as it is printed.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What is wrong where it is found, in a sentence.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$name => concat!($($rule),+).trim_ascii(),)* }
            }

            /// The level that a lint has where the descriptor does not say; `None` for what is no lint but
            /// an error.
            pub fn lint(self) -> Option<Level> {
                match self { $(Self::$name => level!($level),)* }
            }

            /// Why that is so, with a descriptor that fails and the same mended.
            pub(super) fn page(self) -> &'static str {
                match self {
                    $(Self::$name => include_str!(concat!("pages/", $text, ".md")),)*
                }
            }
        }
    };
}

macro_rules! level {
    (error) => {
        None
    };
    ($level:ident) => {
        Some(Level::$level)
    };
}

ids! {
    // Reading files and YAML.
    /// A file cannot be read, or is none.
    UnreadableFile => "unreadable-file", error;
    /// A file is larger than the generator accepts.
    FileTooLarge => "file-too-large", error;
    /// A file is not UTF-8, or holds characters that YAML forbids.
    NotText => "not-text", error;
    /// The text is not YAML.
    YamlSyntax => "yaml-syntax", error;
    /// Anchors, aliases, tags, merge keys and further documents are not part of the language.
    YamlFeature => "yaml-feature", error;
    /// Maps and lists are nested too deeply.
    NestedTooDeep => "nested-too-deep", error;
    /// There are more values than the generator accepts.
    TooManyNodes => "too-many-nodes", error;
    /// A key is not text.
    KeyNotText => "key-not-text", error;
    /// A key stands twice in one map, or in two files.
    DuplicateKey => "duplicate-key", error;
    /// An entry of `include` is not a file under the folder of the root file.
    IncludePath => "include-path", error;
    /// A key that only the root file may have stands in an included one.
    RootOnly => "root-only", error;

    // Structure: the tree against the schema of the language.
    /// The language has no such key here.
    UnknownKey => "unknown-key", error;
    /// A key that a later version of the language will have.
    ReservedKey => "reserved-key", error;
    /// A value that a later version of the language will have.
    ReservedValue => "reserved-value", error;
    /// A required key is missing.
    MissingKey => "missing-key", error;
    /// A map, list, text, number or boolean stands where another of these is wanted.
    WrongType => "wrong-type", error;
    /// YAML reads something else where text is wanted: a number, a boolean, or a text only up to its comma.
    UnquotedText => "unquoted-text", error;
    /// None of the values that are possible here.
    UnknownValue => "unknown-value", error;
    /// A text does not have the grammar that is wanted here.
    BadText => "bad-text", error;
    /// A number is too small or too large, or a list too short.
    OutOfRange => "out-of-range", error;

    // Names and references.
    /// A name that is not `snake_case`, `CamelCase` or whatever its place demands.
    BadName => "bad-name", error;
    /// A reference to something that is not defined.
    UnknownName => "unknown-name", error;
    /// Two things that need different names have the same.
    NameClash => "name-clash", error;
    /// A definition that leads back to itself.
    EndlessDefinition => "endless-definition", error;

    // Types and values.
    /// A pattern that is not a regular expression, or uses what the language does not have.
    BadPattern => "bad-pattern", error;
    /// A type that is not possible here.
    BadType => "bad-type", error;
    /// A constraint that does not fit its type.
    BadConstraint => "bad-constraint", error;
    /// An example that its own definition refuses.
    BadExample => "bad-example", error;
    /// A `default` or `const` that its own type refuses.
    BadValue => "bad-value", error;

    // Routes and requests.
    /// A path template that is malformed.
    BadPath => "bad-path", error;
    /// A path accepts what another accepts.
    RouteOverlap => "route-overlap", error;
    /// Path parameters and template do not agree.
    PathParameter => "path-parameter", error;
    /// Two requests of one method take the same.
    RequestOverlap => "request-overlap", error;
    /// Requests that share an operation contradict each other.
    OperationConflict => "operation-conflict", error;
    /// A condition tests what it cannot test.
    BadCondition => "bad-condition", error;
    /// An access entry that cannot be filled in.
    BadAccess => "bad-access", error;
    /// A status that is not possible here.
    BadStatus => "bad-status", error;
    /// A class of statuses where it is not possible, or with what it does not have.
    BadStatusClass => "bad-status-class", error;
    /// A body that is not possible here.
    BadBody => "bad-body", error;
    /// A header or parameter that the runtime manages, or that is no legal name.
    BadHeader => "bad-header", error;
    /// `conditional`, `ranges`, `head` or `pagination` where the request does not have what it needs.
    BadBehaviour => "bad-behaviour", error;

    // Errors and envelopes.
    /// An envelope whose template is malformed.
    BadEnvelope => "bad-envelope", error;
    /// An envelope does not say what the server answers in a case that can occur.
    MissingRejection => "missing-rejection", error;

    // Lints.
    /// Nothing refers to a definition.
    UnusedDefinition => "unused-definition", Warn;
    /// An `allow` silences a lint that has nothing to say there.
    UnusedAllow => "unused-allow", Warn;
    /// A format takes any text at all.
    UnlimitedFormat => "unlimited-format", Warn;
    /// A text in a request may be of any length.
    UnlimitedText => "unlimited-text", Allow;
    /// A list in a request may have any number of items.
    UnlimitedList => "unlimited-list", Allow;
    /// A request for something by its name cannot answer that it is not there.
    MissingNotFound => "missing-not-found", Warn;
    /// A request asks for no permission, and others of its route do.
    MissingAccess => "missing-access", Warn;
    /// An answer with the status 200 has no body, where one is to be expected.
    EmptySuccess => "empty-success", Warn;
    /// A DELETE has a body.
    BodyInDelete => "body-in-delete", Warn;
    /// A name is written in another way than most of its kind.
    MixedNames => "mixed-names", Warn;
    /// A secret stands in a URL.
    SecretInUrl => "secret-in-url", Warn;
    /// An API that knows its callers is served without encryption.
    PlainHttp => "plain-http", Warn;
    /// Something deprecated does not say what to use instead.
    DeprecatedWithoutInstead => "deprecated-without-instead", Allow;
    /// Something does not say what it is.
    MissingDescription => "missing-description", Allow;
    /// A request has no example.
    MissingExample => "missing-example", Allow;
}

impl Id {
    /// The id of this text. `_` counts as `-`, because lints are written so in a descriptor.
    pub fn find(text: &str) -> Option<Self> {
        let text = text.replace('_', "-");
        Self::ALL.iter().copied().find(|id| id.as_str() == text)
    }

    /// All lints.
    pub fn lints() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|id| id.lint().is_some())
    }

    /// Its name in a descriptor, under `lints` and `allow`.
    pub fn key(self) -> String {
        self.as_str().replace('-', "_")
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
