//! Problems of a descriptor: what is wrong, where, and what to do about it.
//!
//! Checks push a [`Diagnostic`] into [`Diagnostics`] and go on, so that one run shows all problems. A
//! check names places by [`Path`] in the merged descriptor; only `source` knows which line of which file
//! that is, and only rendering asks it. The table [`Id`] is the list of all there is: each id has a
//! failing descriptor in `tests/data/fail`.

use std::fmt;

use crate::source::Span;

/// Declares the table of ids.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident => $text:literal;)*) => {
        /// What kind of problem it is. The texts are stable: people look them up and silence them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Id { $($(#[$doc])* $name,)* }

        impl Id {
            /// All ids, those of reading first.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The id as it is printed.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

ids! {
    // Reading files and YAML.
    /// A file cannot be read, or is none.
    UnreadableFile => "unreadable-file";
    /// A file is larger than the generator accepts.
    FileTooLarge => "file-too-large";
    /// A file is not UTF-8, or holds characters that YAML forbids.
    NotText => "not-text";
    /// The text is not YAML.
    YamlSyntax => "yaml-syntax";
    /// Anchors, aliases, tags, merge keys and further documents are not part of the language.
    YamlFeature => "yaml-feature";
    /// Maps and lists are nested too deeply.
    NestedTooDeep => "nested-too-deep";
    /// There are more values than the generator accepts.
    TooManyNodes => "too-many-nodes";
    /// A key is not text.
    KeyNotText => "key-not-text";
    /// A key stands twice in one map, or in two files.
    DuplicateKey => "duplicate-key";
    /// An entry of `include` is not a file under the folder of the root file.
    IncludePath => "include-path";
    /// A key that only the root file may have stands in an included one.
    RootOnly => "root-only";

    // Structure: the tree against the schema of the language.
    /// The language has no such key here.
    UnknownKey => "unknown-key";
    /// A key that a later version of the language will have.
    ReservedKey => "reserved-key";
    /// A value that a later version of the language will have.
    ReservedValue => "reserved-value";
    /// A required key is missing.
    MissingKey => "missing-key";
    /// A map, list, text, number or boolean stands where another of these is wanted.
    WrongType => "wrong-type";
    /// A number, boolean or null stands where text is wanted.
    UnquotedText => "unquoted-text";
    /// None of the values that are possible here.
    UnknownValue => "unknown-value";
    /// A text does not have the grammar that is wanted here.
    BadText => "bad-text";
    /// A number is too small or too large, or a list too short.
    OutOfRange => "out-of-range";

    // Names and references.
    /// A name that is not `snake_case`, `CamelCase` or whatever its place demands.
    BadName => "bad-name";
    /// A reference to something that is not defined.
    UnknownName => "unknown-name";
    /// Two things that need different names have the same.
    NameClash => "name-clash";
    /// A definition that leads back to itself.
    EndlessDefinition => "endless-definition";
    /// A definition that nothing refers to.
    Unused => "unused";

    // Types and values.
    /// A pattern that is not a regular expression, or uses what the language does not have.
    BadPattern => "bad-pattern";
    /// A type that is not possible here.
    BadType => "bad-type";
    /// A constraint that does not fit its type.
    BadConstraint => "bad-constraint";
    /// An example that its own definition refuses.
    BadExample => "bad-example";
    /// A `default` or `const` that its own type refuses.
    BadValue => "bad-value";

    // Routes and requests.
    /// A path template that is malformed.
    BadPath => "bad-path";
    /// A path accepts what another accepts.
    RouteOverlap => "route-overlap";
    /// Path parameters and template do not agree.
    PathParameter => "path-parameter";
    /// Two requests of one method take the same.
    RequestOverlap => "request-overlap";
    /// Requests that share an operation contradict each other.
    OperationConflict => "operation-conflict";
    /// A condition tests what it cannot test.
    BadCondition => "bad-condition";
    /// An access entry that cannot be filled in.
    BadAccess => "bad-access";
    /// A status that is not possible here.
    BadStatus => "bad-status";
    /// A body that is not possible here.
    BadBody => "bad-body";
    /// A header or parameter that the runtime manages, or that is no legal name.
    BadHeader => "bad-header";
    /// `conditional`, `ranges`, `head` or `pagination` where the request does not have what it needs.
    BadBehaviour => "bad-behaviour";

    // Errors and envelopes.
    /// An envelope whose template is malformed.
    BadEnvelope => "bad-envelope";
    /// An envelope does not say what the server answers in a case that can occur.
    MissingRejection => "missing-rejection";
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Value of a map under this key.
    Key(String),
    /// Item of a list, counted from 0.
    Index(usize),
}

/// A place in the merged descriptor: the steps that lead there from its root.
///
/// ```
/// # use api_codegen::diag::Path;
/// let path = Path::root().key("routes").index(3).key("path");
/// assert_eq!(path.to_string(), "routes[3].path");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

impl Path {
    /// The whole descriptor.
    pub fn root() -> Self {
        Self::default()
    }

    /// The value under `key` of the map that is here.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.step(Step::Key(key.into()))
    }

    /// The item `index` of the list that is here.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.step(Step::Index(index))
    }

    /// One step further.
    #[must_use]
    pub fn step(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Which half of a map's entry is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The key.
    Key,
    /// The value.
    Value,
}

/// A key or a value of the merged descriptor. A place that does not exist stands for the nearest one
/// around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct At {
    /// Where the value is.
    pub path: Path,
    /// The value itself or its key.
    pub side: Side,
}

impl At {
    /// The value at `path`.
    pub fn value(path: &Path) -> Self {
        Self {
            path: path.clone(),
            side: Side::Value,
        }
    }

    /// The key of the value at `path`.
    pub fn key(path: &Path) -> Self {
        Self {
            path: path.clone(),
            side: Side::Key,
        }
    }
}

/// Where a label points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At a key or value of the merged descriptor.
    At(At),
    /// At a word of the text there, or of the one under its `type`; at all of it where it has no such word.
    Word(At, String),
    /// At a piece of a file. Reading uses it, where there is no merged descriptor yet.
    Span(Span),
}

impl From<At> for Place {
    fn from(at: At) -> Self {
        Self::At(at)
    }
}

impl From<&At> for Place {
    fn from(at: &At) -> Self {
        Self::At(at.clone())
    }
}

/// The value at the path.
impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self::At(At::value(path))
    }
}

impl From<Span> for Place {
    fn from(span: Span) -> Self {
        Self::Span(span)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated.
    Error,
    /// Something to look at.
    Warning,
}

/// A place and what is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// May be empty.
    pub text: String,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind.
    pub id: Id,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// The first is the place of the problem; the others are what it has to do with.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// Text that would be right in the place of the problem.
    pub replacement: Option<String>,
}

impl Diagnostic {
    /// A problem that must be solved.
    pub fn error(id: Id, place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self {
            id,
            severity: Severity::Error,
            message: message.into(),
            labels: vec![Label {
                place: place.into(),
                text: String::new(),
            }],
            help: None,
            replacement: None,
        }
    }

    /// Something to look at.
    pub fn warning(id: Id, place: impl Into<Place>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(id, place, message)
        }
    }

    /// Says something at the place of the problem itself.
    #[must_use]
    pub fn here(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// Points at another place, such as a definition.
    #[must_use]
    pub fn label(mut self, place: impl Into<Place>, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            place: place.into(),
            text: text.into(),
        });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Gives the text that would be right in the place of the problem.
    #[must_use]
    pub fn replace(mut self, text: impl Into<String>) -> Self {
        self.replacement = Some(text.into());
        self
    }
}

/// What the checks have found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// How many there are, warnings included.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them is more than a warning.
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All of them, in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// All of them, in the order in which they were found.
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.0
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.0.extend(diagnostics);
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A text as it is quoted in a message: not longer than a line, whatever the author wrote.
pub fn clip(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.split(['\n', '\r']).next().unwrap_or_default();
    let mut clipped: String = line.chars().take(LONGEST).collect();
    if clipped.len() < text.len() {
        clipped.push('…');
    }
    clipped
}
