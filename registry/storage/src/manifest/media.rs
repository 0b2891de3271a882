//! What a manifest is, by its media type, and to what it refers.
//!
//! Everything that is wrong with a document is collected. A document that could be read both as an index
//! and as an image is refused, whatever it claims to be: two clients would see two different things.

use registry_protocol::{ArtifactType, Digest, MediaType};
use serde_json::{Map, Value};

use super::check::{Checker, Found};
use super::json;
use crate::error::ManifestInvalid;

pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_ARTIFACT: &str = "application/vnd.oci.artifact.manifest.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const SCHEMA_1: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
];

/// The fields of all kinds of manifests.
const FIELDS: [&str; 11] = [
    "annotations",
    "artifactType",
    "blobs",
    "config",
    "fsLayers",
    "layers",
    "manifests",
    "mediaType",
    "schemaVersion",
    "signatures",
    "subject",
];

/// What kind of manifest a media type stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A configuration and layers.
    Image,
    /// Other manifests.
    Index,
    /// Blobs.
    Artifact,
    /// A document of which only the subject means something here.
    Other,
}

impl Form {
    fn of(media_type: &str) -> Self {
        match media_type {
            OCI_MANIFEST | DOCKER_MANIFEST => Self::Image,
            OCI_INDEX | DOCKER_LIST => Self::Index,
            OCI_ARTIFACT => Self::Artifact,
            _ => Self::Other,
        }
    }
}

/// Something to which a manifest refers, and which has to be in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) digest: Digest,
    /// As the manifest says.
    pub(super) size: u64,
    /// Whether it is a manifest, of an index: otherwise a configuration, a layer, another blob.
    pub(super) is_manifest: bool,
}

impl Target {
    fn blob(found: Found) -> Self {
        Self {
            digest: found.digest,
            size: found.size,
            is_manifest: false,
        }
    }

    fn manifest(found: Found) -> Self {
        Self {
            is_manifest: true,
            ..Self::blob(found)
        }
    }
}

/// A manifest that has been understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parsed {
    /// What it is.
    pub(super) media_type: MediaType,
    /// Whether it says so itself.
    pub(super) states_type: bool,
    /// What its fields say that it is.
    pub(super) inferred: Option<MediaType>,
    /// Whether it does not say so itself, in a way that can be read from it again.
    pub(super) needs_record: bool,
    /// To what it refers, in order, with repetitions.
    pub(super) targets: Vec<Target>,
    /// To what it is attached.
    pub(super) subject: Option<Digest>,
}

/// Understands a manifest, of a declared media type or of the one that it states itself.
pub(super) fn parse(
    content: &[u8],
    declared: Option<&MediaType>,
) -> Result<Parsed, ManifestInvalid> {
    let value = json::parse(content).map_err(ManifestInvalid::because)?;
    let Value::Object(document) = value else {
        return Err(ManifestInvalid::because("it is not a JSON object"));
    };
    let mut checker = Checker::default();
    let media_type = checked_type(&document, declared, &mut checker);
    let both = present(&document, "manifests")
        && ["config", "layers", "blobs", "fsLayers"]
            .iter()
            .any(|name| present(&document, name));
    if both {
        checker.add("it has both manifests and layers");
    }
    let form = media_type
        .as_ref()
        .map_or(Form::Other, |kind| Form::of(kind.as_str()));
    let targets = targets(&document, form, &mut checker);
    let subject = match form {
        Form::Other => document.get("subject").and_then(digest_of),
        _ => checker
            .optional(&document, "subject")
            .map(|found| found.digest),
    };
    if form != Form::Other {
        checker.names(&document, "", &FIELDS);
    }
    checker.finish()?;
    let media_type = media_type.ok_or_else(|| ManifestInvalid::because("it has no media type"))?;
    let inferred = inferred(&document).and_then(|text| MediaType::parse(text).ok());
    let states_type = stated(&document).is_some();
    Ok(Parsed {
        needs_record: !states_type && inferred.as_ref() != Some(&media_type),
        states_type,
        inferred,
        media_type,
        targets,
        subject,
    })
}

fn checked_type(
    document: &Map<String, Value>,
    declared: Option<&MediaType>,
    checker: &mut Checker,
) -> Option<MediaType> {
    let own = stated(document);
    if present(document, "mediaType") && own.is_none() {
        checker.add("mediaType is not a media type");
    }
    if let (Some(declared), Some(own)) = (declared, &own)
        && declared != own
    {
        checker.add(format!(
            "mediaType is {own}, and Content-Type is {declared}"
        ));
    }
    let media_type = declared.cloned().or(own);
    let media_type = media_type.or_else(|| MediaType::parse(inferred(document)?).ok());
    match &media_type {
        None => checker.add("it does not say what it is, nor does Content-Type"),
        Some(old) if SCHEMA_1.contains(&old.as_str()) => {
            checker.add("manifests of Docker's first schema are not supported");
        }
        Some(_) => {}
    }
    media_type
}

fn targets(document: &Map<String, Value>, form: Form, checker: &mut Checker) -> Vec<Target> {
    match form {
        Form::Image => {
            let mut targets = Vec::new();
            if let Some(config) = checker.required(document, "config") {
                targets.push(Target::blob(config));
            }
            let layers = checker.list(document, "layers");
            let stored = layers.into_iter().filter(|layer| !layer.is_elsewhere());
            targets.extend(stored.map(Target::blob));
            targets
        }
        Form::Index => {
            if !document.contains_key("manifests") {
                checker.add("manifests is missing");
            }
            let manifests = checker.list(document, "manifests");
            manifests.into_iter().map(Target::manifest).collect()
        }
        Form::Artifact => {
            let blobs = checker.list(document, "blobs");
            let stored = blobs.into_iter().filter(|blob| !blob.is_elsewhere());
            stored.map(Target::blob).collect()
        }
        Form::Other => Vec::new(),
    }
}

/// Whether a field is there. Programs in Go write `null` for a list that is not.
fn present(document: &Map<String, Value>, name: &str) -> bool {
    document.get(name).is_some_and(|value| !value.is_null())
}

/// The media type that a manifest states.
pub(super) fn stated(document: &Map<String, Value>) -> Option<MediaType> {
    MediaType::parse(document.get("mediaType")?.as_str()?).ok()
}

/// The media type of a manifest of OCI that does not state it, as distribution tells it.
pub(super) fn inferred(document: &Map<String, Value>) -> Option<&'static str> {
    if present(document, "manifests") {
        Some(OCI_INDEX)
    } else if present(document, "config") || present(document, "layers") {
        Some(OCI_MANIFEST)
    } else {
        None
    }
}

/// The digest in a descriptor, if it is one.
pub(super) fn digest_of(descriptor: &Value) -> Option<Digest> {
    Digest::parse(descriptor.get("digest")?.as_str()?).ok()
}

/// What an artifact is: as the manifest says, or else its configuration. An index has just its own word.
pub(super) fn artifact_type(document: &Map<String, Value>) -> Option<ArtifactType> {
    let own = document.get("artifactType").and_then(Value::as_str);
    let of_config = || document.get("config")?.get("mediaType")?.as_str();
    let text = own.filter(|text| !text.is_empty()).or_else(of_config)?;
    ArtifactType::parse(text).ok()
}
