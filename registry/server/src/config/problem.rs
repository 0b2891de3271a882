//! What is wrong with a configuration, and what is merely worth knowing.
//!
//! A [`Problem`] stops the start, a [`Note`] is logged. Both say where (a file with its line, or a
//! variable), which key, and why. Hazard: values may be secrets, so a problem quotes a value only
//! where a key's kind rules out that it is one.

use std::fmt;
use std::path::PathBuf;

use super::tree::Origin;

/// One reason why a configuration is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    origin: Origin,
    key: String,
    message: String,
    help: Option<String>,
}

impl Problem {
    pub(super) fn new(origin: &Origin, key: &str, message: impl Into<String>) -> Self {
        Self {
            origin: origin.clone(),
            key: key.to_owned(),
            message: message.into(),
            help: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The line in the file, counted from 1; nothing for a problem with a variable.
    pub fn line(&self) -> Option<usize> {
        self.origin.line()
    }

    /// The key, its parts joined by dots; empty for the whole document.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n    help: {help}"),
            None => Ok(()),
        }
    }
}

/// Something about a configuration that its author should know, though it is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note(Problem);

impl Note {
    pub(super) fn new(origin: &Origin, key: &str, message: impl Into<String>) -> Self {
        Self(Problem::new(origin, key, message))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why no configuration could be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read.
    #[error("cannot read the configuration {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is too large to be a configuration.
    #[error("{} has {length} bytes: more than a configuration may have", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        length: u64,
    },
    /// The configuration was read and is refused, for these reasons.
    #[error("the configuration is refused\n{}", lines(.0))]
    Refused(Vec<Problem>),
}

impl Error {
    /// The problems, where the configuration was read and refused.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Refused(problems) => problems,
            _ => &[],
        }
    }
}

impl From<Vec<Problem>> for Error {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Refused(problems)
    }
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
    lines.join("\n")
}
