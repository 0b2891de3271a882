//! What was sent and what was acknowledged, as a client knows it.

use std::collections::BTreeMap;

use bytes::Bytes;
use registry_client::{Digest, Name, Tag, UploadId};

/// Something that a registry has or has not. Each is written by one worker, one request after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    Blob(Name, Digest),
    Manifest(Name, Digest),
    Tag(Name, Tag),
}

impl Thing {
    pub(super) fn name(&self) -> &Name {
        let (Self::Blob(name, _) | Self::Manifest(name, _) | Self::Tag(name, _)) = self;
        name
    }
}

/// The bytes of a thing; of a tag, those of the manifest. Nothing where it is not there.
pub(super) type Value = Option<Bytes>;

/// The values that a thing was to have, in order, from the last one that was acknowledged on.
#[derive(Debug)]
struct History(Vec<Value>);

/// An upload that was acknowledged and not seen to end.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) name: Name,
    /// All that it is to hold in the end.
    pub(super) content: Bytes,
    /// How much of it was acknowledged.
    pub(super) size: usize,
    /// Its end was asked for.
    pub(super) ending: bool,
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    things: BTreeMap<Thing, History>,
    pub(super) uploads: BTreeMap<UploadId, Upload>,
    /// Uploads whose end was acknowledged.
    pub(super) gone: Vec<(Name, UploadId)>,
}

impl Ledger {
    /// Something is about to be sent that gives these things these values.
    pub(super) fn send(&mut self, changes: &[(Thing, Value)]) {
        for (thing, value) in changes {
            let history = self.things.entry(thing.clone());
            let history = history.or_insert_with(|| History(vec![None]));
            history.0.push(value.clone());
        }
    }

    /// That was acknowledged.
    pub(super) fn settle(&mut self, changes: &[(Thing, Value)]) {
        for (thing, value) in changes {
            self.things
                .insert(thing.clone(), History(vec![value.clone()]));
        }
    }

    /// This was found after a crash, and stays from now on.
    pub(super) fn find(&mut self, thing: &Thing, found: Value) {
        let allowed = &self.things[thing].0;
        assert!(
            allowed.contains(&found),
            "{thing:?} is {found:?}, not one of {allowed:?}"
        );
        self.settle(&[(thing.clone(), found)]);
    }

    pub(super) fn things(&self) -> Vec<Thing> {
        self.things.keys().cloned().collect()
    }

    /// An upload ends as it was asked to.
    pub(super) fn ends(&mut self, id: &UploadId) {
        let upload = self.uploads.remove(id).unwrap();
        self.gone.push((upload.name, id.clone()));
    }
}
