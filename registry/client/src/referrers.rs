//! The tag that stands in for the list of referrers, where a registry keeps none ("Referrers Tag Schema" of
//! the specification of OCI).
//!
//! Under a tag made of the subject's digest lies an index of all that refers to it; whoever pushes such a
//! manifest adds it there, and whoever deletes it takes it out. Hazard: an index is pulled, changed and pushed. Within this process one does so
//! at a time; of two programs at the same subject in the same moment, one's entry may be lost.

use api_runtime::client::Transport;
use bytes::Bytes;
use registry_protocol::{Digest, ListReferrers, MediaType, Name, Reference};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::manifest::{OCI_INDEX, OCI_MANIFEST};
use crate::registry::{Registry, call};

/// The fields of a manifest that say what it refers to, and what its entry in a list says of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Referrer {
    subject: Subject,
    artifact_type: Option<String>,
    config: Option<Config>,
    annotations: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Subject {
    digest: Digest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    media_type: Option<String>,
}

/// The tag that stands in for the list of what refers to `digest`.
pub(crate) fn tag(digest: &Digest) -> Result<Reference, Error> {
    let tag = format!("{:.32}-{:.64}", digest.algorithm(), digest.hex());
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let tag = tag.replace(|c| !is_fit(c), "-");
    Reference::parse(&tag).map_err(Error::unexpected)
}

impl<T: Transport> Registry<T> {
    /// After a manifest was pushed to a registry that keeps no list of referrers: adds it to the one that
    /// clients keep, if it refers to another manifest.
    pub(crate) async fn add_referrer(
        &self,
        name: &Name,
        digest: &Digest,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<(), Error> {
        let Some(referrer) = Referrer::of(media_type, bytes) else {
            return Ok(());
        };
        let (subject, digest) = (referrer.subject.digest.clone(), digest.to_string());
        self.change_list(name, &subject, |entries| {
            let is_new = entries.iter().all(|entry| entry["digest"] != *digest);
            if is_new {
                entries.push(referrer.entry(media_type, &digest, bytes.len()));
            }
            is_new
        })
        .await
    }

    /// Before a manifest is deleted: what it refers to, if the list of that is kept by clients. One that cannot
    /// be pulled, or is damaged, can be deleted all the same; then nobody knows.
    pub(crate) async fn subject_of_listed(
        &self,
        name: &Name,
        reference: &Reference,
    ) -> Result<Option<Digest>, Error> {
        let manifest = match self.pull_manifest(name, reference).await {
            Ok(manifest) => manifest,
            Err(error @ Error::Transport(_)) => return Err(error),
            Err(_) => return Ok(None),
        };
        let Some(referrer) = Referrer::of(&manifest.media_type, &manifest.bytes) else {
            return Ok(None);
        };
        let subject = referrer.subject.digest;
        let request = ListReferrers::new(name.clone(), subject.clone());
        let kept = self.find(call!(LIST_REFERRERS, request), &[200]).await?;
        Ok(kept.is_none().then_some(subject))
    }

    /// After a manifest was deleted from a registry that keeps no list of referrers: takes it out of the one
    /// that clients keep. A list that is empty then stays, since not every registry can delete a tag alone.
    pub(crate) async fn remove_referrer(
        &self,
        name: &Name,
        subject: &Digest,
        digest: &Digest,
    ) -> Result<(), Error> {
        let digest = digest.to_string();
        self.change_list(name, subject, |entries| {
            let before = entries.len();
            entries.retain(|entry| entry["digest"] != *digest);
            entries.len() < before
        })
        .await
    }

    /// Changes the list of what refers to `subject`; it is pushed if `change` says that there is a change.
    async fn change_list(
        &self,
        name: &Name,
        subject: &Digest,
        change: impl FnOnce(&mut Vec<Value>) -> bool,
    ) -> Result<(), Error> {
        let tag = tag(subject)?;
        let _one_at_a_time = self.shared.listing.lock().await;
        let mut index = self.index(name, &tag).await?;
        let Some(Value::Array(entries)) = index.get_mut("manifests") else {
            return Err(Error::unexpected("an index whose manifests are no list"));
        };
        if !change(entries) {
            return Ok(());
        }
        let index = serde_json::to_vec(&index).map_err(Error::unexpected)?;
        let kind = MediaType::parse(OCI_INDEX).map_err(Error::unexpected)?;
        self.put_manifest(name, &tag, &kind, Bytes::from(index))
            .await
            .map(drop)
    }

    /// The index under a tag, with its list; an empty one if there is none.
    async fn index(&self, name: &Name, tag: &Reference) -> Result<Map<String, Value>, Error> {
        let manifest = match self.pull_manifest(name, tag).await {
            Ok(manifest) => manifest,
            Err(error) if error.is_not_found() => {
                let empty = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []});
                return serde_json::from_value(empty).map_err(Error::unexpected);
            }
            Err(error) => return Err(error),
        };
        if manifest.media_type != OCI_INDEX {
            let (tag, kind) = (tag.as_str(), manifest.media_type);
            let why = format!("{tag} should be an index of referrers, and is of the kind {kind:?}");
            return Err(Error::unexpected(why));
        }
        let mut index: Map<_, _> =
            serde_json::from_slice(&manifest.bytes).map_err(Error::unexpected)?;
        // Some write `null` for an empty list.
        let entries = index.entry("manifests").or_insert(Value::Null);
        if entries.is_null() {
            *entries = json!([]);
        }
        Ok(index)
    }
}

impl Referrer {
    /// What a manifest says, if it refers to another one.
    fn of(media_type: &str, bytes: &[u8]) -> Option<Self> {
        if media_type != OCI_MANIFEST && media_type != OCI_INDEX {
            return None;
        }
        // A registry has taken the manifest, so what is not like this has no subject.
        serde_json::from_slice(bytes).ok()
    }

    /// What a list says of this manifest.
    fn entry(self, media_type: &str, digest: &str, size: usize) -> Value {
        let mut entry = json!({"mediaType": media_type, "digest": digest, "size": size});
        let own = self.artifact_type.filter(|kind| !kind.is_empty());
        let of_config = || self.config.and_then(|config| config.media_type);
        let of_image = || (media_type == OCI_MANIFEST).then(of_config).flatten();
        if let Some(kind) = own.or_else(of_image) {
            entry["artifactType"] = kind.into();
        }
        if let Some(annotations) = self.annotations {
            entry["annotations"] = annotations.into();
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_made_of_the_digest_and_fits_into_a_tag() {
        let tag = |text: &str| super::tag(&Digest::parse(text).unwrap()).unwrap();
        let hex = "0123456789abcdef".repeat(4);
        assert_eq!(
            tag(&format!("sha256:{hex}")).as_str(),
            format!("sha256-{hex}")
        );
        let long = tag(&format!("sha512:{hex}{hex}"));
        assert_eq!(long.as_str(), format!("sha512-{hex}"));
    }

    #[test]
    fn an_entry_has_the_type_of_the_artifact_or_else_that_of_the_configuration() {
        let entry = |media_type: &str, more: &str| {
            let subject = Digest::sha256(b"subject");
            let text = format!(r#"{{"subject": {{"digest": "{subject}"}}, {more}}}"#);
            let referrer: Referrer = serde_json::from_str(&text).unwrap();
            referrer.entry(media_type, "d", 7)
        };
        let config = r#""config": {"mediaType": "c/d"}"#;
        let all = entry(
            OCI_MANIFEST,
            &format!(r#""artifactType": "a/b", {config}, "annotations": {{"k": "v"}}"#),
        );
        let expected = json!({
            "mediaType": OCI_MANIFEST, "digest": "d", "size": 7, "artifactType": "a/b",
            "annotations": {"k": "v"},
        });
        assert_eq!(all, expected);
        for more in [config, &format!(r#""artifactType": "", {config}"#)] {
            assert_eq!(entry(OCI_MANIFEST, more)["artifactType"], "c/d");
        }
        let none = entry(OCI_INDEX, config);
        assert_eq!(
            none,
            json!({"mediaType": OCI_INDEX, "digest": "d", "size": 7})
        );
    }
}
