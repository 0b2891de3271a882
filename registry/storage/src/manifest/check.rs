//! Checks the descriptors within a manifest, and collects what is wrong with them.

use registry_protocol::Digest;
use serde_json::{Map, Value};

use crate::error::ManifestInvalid;

/// So many problems are told at most; a client that made more than these made one mistake many times.
const MAX_PROBLEMS: usize = 20;

/// Layers that may lie with somebody else, for legal reasons.
const NON_DISTRIBUTABLE: [&str; 2] = [
    "application/vnd.docker.image.rootfs.foreign.diff.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
];

/// The fields of a descriptor.
const FIELDS: [&str; 8] = [
    "annotations",
    "artifactType",
    "data",
    "digest",
    "mediaType",
    "platform",
    "size",
    "urls",
];

/// A descriptor as a manifest has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) digest: Digest,
    pub(super) size: u64,
    media_type: String,
    has_urls: bool,
}

impl Found {
    /// Whether clients fetch it from URLs, so that the repository need not have it.
    pub(super) fn is_elsewhere(&self) -> bool {
        let mut kinds = NON_DISTRIBUTABLE.iter();
        self.has_urls && kinds.any(|kind| self.media_type.starts_with(kind))
    }
}

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Checker {
    problems: Vec<String>,
}

impl Checker {
    pub(super) fn add(&mut self, problem: impl Into<String>) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem.into());
        }
    }

    /// Nothing, if nothing is wrong.
    pub(super) fn finish(self) -> Result<(), ManifestInvalid> {
        let problems = self.problems;
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ManifestInvalid { problems })
        }
    }

    /// A descriptor that has to be there.
    pub(super) fn required(&mut self, document: &Map<String, Value>, name: &str) -> Option<Found> {
        let Some(value) = document.get(name) else {
            self.add(format!("{name} is missing"));
            return None;
        };
        self.descriptor(value, name)
    }

    /// A descriptor that may be there.
    pub(super) fn optional(&mut self, document: &Map<String, Value>, name: &str) -> Option<Found> {
        let value = document.get(name).filter(|value| !value.is_null())?;
        self.descriptor(value, name)
    }

    /// A list of descriptors, which may be absent.
    pub(super) fn list(&mut self, document: &Map<String, Value>, name: &str) -> Vec<Found> {
        let Some(value) = document.get(name).filter(|value| !value.is_null()) else {
            return Vec::new();
        };
        let Value::Array(items) = value else {
            self.add(format!("{name} is not a list"));
            return Vec::new();
        };
        let numbered = items.iter().enumerate();
        let found =
            numbered.filter_map(|(at, item)| self.descriptor(item, &format!("{name}[{at}]")));
        found.collect()
    }

    fn descriptor(&mut self, value: &Value, place: &str) -> Option<Found> {
        let Value::Object(fields) = value else {
            self.add(format!("{place} is not an object"));
            return None;
        };
        self.names(fields, &format!("{place}."), &FIELDS);
        let media_type = fields.get("mediaType").and_then(Value::as_str);
        if media_type.is_none_or(str::is_empty) {
            self.add(format!("{place}.mediaType is missing or not a text"));
        }
        let size = self.size(fields, place);
        let digest = fields.get("digest").and_then(Value::as_str);
        let Some(digest) = digest.and_then(|text| Digest::parse(text).ok()) else {
            self.add(format!("{place}.digest is missing or not a digest"));
            return None;
        };
        let urls = fields.get("urls").and_then(Value::as_array);
        Some(Found {
            digest,
            size,
            media_type: media_type.unwrap_or_default().to_owned(),
            has_urls: urls.is_some_and(|urls| !urls.is_empty()),
        })
    }

    /// Names that some readers take for one of `known`, and others do not: programs in Go take no notice of case.
    pub(super) fn names(&mut self, fields: &Map<String, Value>, place: &str, known: &[&str]) {
        for name in fields.keys() {
            let Some(meant) = known.iter().find(|known| is_alike(name, known)) else {
                continue;
            };
            if meant != name {
                self.add(format!(
                    "{place}{meant} is written otherwise: `{}`",
                    name.escape_debug()
                ));
            }
        }
    }

    fn size(&mut self, fields: &Map<String, Value>, place: &str) -> u64 {
        let size = fields.get("size").and_then(Value::as_u64);
        let size = size.filter(|size| i64::try_from(*size).is_ok());
        size.unwrap_or_else(|| {
            self.add(format!(
                "{place}.size is missing, or no number from 0 to 2^63-1"
            ));
            0
        })
    }
}

/// Whether two names differ in case at most. Two letters beyond ASCII have an upper or lower case within it.
fn is_alike(name: &str, known: &str) -> bool {
    let folded = |letter: char| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    name.chars().map(folded).eq(known.chars().map(folded))
}
