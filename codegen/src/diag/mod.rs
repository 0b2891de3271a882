//! Problems of a descriptor: what is wrong, where, and what to do about it.
//!
//! Checks push a [`Diagnostic`] into [`Diagnostics`] and go on, so that one run shows all problems. A
//! check names places by [`Path`] in the merged descriptor; only `source` knows which line of which file
//! that is, and only rendering asks it. The table [`Id`] is the list of all there is.

mod id;
mod reference;

use std::fmt;

pub use id::{Id, Level};
pub use reference::{FRAME, explain, index, reference};

use crate::source::Span;

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

    /// What is around the value that is here; `None` for the root.
    pub fn around(&self) -> Option<Self> {
        let (_, around) = self.0.split_last()?;
        Some(Self(around.to_vec()))
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

impl Place {
    /// The type expression at the path, or the one inside the map there.
    pub(crate) fn ty(path: &Path) -> Self {
        Self::Word(At::value(path), String::new())
    }
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

/// Text that would be right in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What is replaced.
    pub place: Place,
    /// By what.
    pub replacement: String,
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
    /// Where the fix is mechanical: what to write.
    pub suggestion: Option<Suggestion>,
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
            suggestion: None,
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
    pub fn replace(self, text: impl Into<String>) -> Self {
        let Some(label) = self.labels.first() else {
            return self;
        };
        let place = label.place.clone();
        self.replace_at(place, text)
    }

    /// Gives the text that would be right in another place.
    #[must_use]
    pub fn replace_at(mut self, place: impl Into<Place>, text: impl Into<String>) -> Self {
        self.suggestion = Some(Suggestion {
            place: place.into(),
            replacement: text.into(),
        });
        self
    }

    /// The text that would be right in the place of the problem itself.
    pub fn replacement(&self) -> Option<&str> {
        let suggestion = self.suggestion.as_ref()?;
        let is_here = self.labels.first()?.place == suggestion.place;
        is_here.then_some(suggestion.replacement.as_str())
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
