//! Clients that push and delete in all ways, and write down what they send and are told.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use registry_client::runtime::Error;
use registry_client::{
    AppendUpload, ByteSpan, CancelUpload, Client, CompleteUpload, DeleteBlob, DeleteManifest,
    Digest, MountBlob, MountBlobResponse, Reference, StartUpload, StartUploadResponse, UploadBlob,
    UploadBlobResponse, UploadId,
};
use serde_json::json;
use tokio::sync::watch;

use super::super::served::{image, name, put, tag};
use super::ledger::{Ledger, Thing, Upload, Value};

/// What every other manifest is attached to.
pub(super) const SUBJECT: &[u8] = b"subject";

/// So much is never done before the server is gone.
const MOST: usize = 100_000;

/// A way of writing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Whole,
    /// The same blobs as the former, into another repository.
    WholeAgain,
    Chunked,
    Mounted,
    Tagged,
    Deleted,
}

impl Kind {
    pub(super) const ALL: [Self; 6] = [
        Self::Whole,
        Self::WholeAgain,
        Self::Chunked,
        Self::Mounted,
        Self::Tagged,
        Self::Deleted,
    ];
}

pub(super) struct Worker {
    pub(super) client: Client,
    pub(super) ledger: Arc<Mutex<Ledger>>,
    /// How much each kind of worker was told to have done.
    pub(super) told: Arc<watch::Sender<[usize; Kind::ALL.len()]>>,
    pub(super) round: usize,
}

/// The answer; nothing where the server is gone. There is no failure that it may answer.
fn heard<R, E: Debug>(outcome: Result<R, Error<E>>) -> Option<R> {
    match outcome {
        Ok(answer) => Some(answer),
        Err(Error::Transport(_)) => None,
        Err(failure) => panic!("{failure:?}"),
    }
}

pub(super) fn span(first: usize, end: usize) -> ByteSpan {
    ByteSpan::parse(&format!("{first}-{}", end - 1)).unwrap()
}

impl Worker {
    /// Works until the server is gone.
    pub(super) async fn run(self, kind: Kind) {
        for number in 0..MOST {
            let done = match kind {
                Kind::Whole => self.whole("whole/one", number).await,
                Kind::WholeAgain => self.whole("whole/two", number).await,
                Kind::Chunked => self.chunked(number).await,
                Kind::Mounted => self.mounted(number).await,
                Kind::Tagged => self.tagged(number).await,
                Kind::Deleted => self.deleted(number).await,
            };
            if done.is_none() {
                return;
            }
            self.told.send_modify(|told| told[kind as usize] += 1);
        }
        panic!("the server goes on and on");
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    /// Content that no other round, worker or number has.
    fn content(&self, of: &str, number: usize, length: usize) -> Bytes {
        let line = format!("{of} {} {number}\n", self.round);
        let lines = line.bytes().cycle();
        lines.take(length.max(line.len())).collect()
    }

    /// Sends what gives some things new values.
    async fn change<R, E: Debug>(
        &self,
        changes: &[(Thing, Value)],
        request: impl Future<Output = Result<R, Error<E>>>,
    ) -> Option<R> {
        self.ledger().send(changes);
        let answer = heard(request.await)?;
        self.ledger().settle(changes);
        Some(answer)
    }

    async fn blob(&self, repository: &str, bytes: Bytes) -> Option<Digest> {
        let digest = Digest::sha256(&bytes);
        let thing = Thing::Blob(name(repository), digest.clone());
        let body = bytes.clone().into();
        let request = UploadBlob::new(name(repository), digest.clone(), body);
        let sent = self.client.upload_blob(request);
        let answer = self.change(&[(thing, Some(bytes))], sent).await?;
        assert!(matches!(answer, UploadBlobResponse::Created(_)));
        Some(digest)
    }

    async fn whole(&self, repository: &str, number: usize) -> Option<()> {
        // Small ones are kept in memory, large ones in a file.
        let length = if number.is_multiple_of(2) {
            500
        } else {
            150_000
        };
        let bytes = self.content("whole", number, length);
        self.blob(repository, bytes).await.map(drop)
    }

    async fn chunked(&self, number: usize) -> Option<()> {
        let content = self.content("chunked", number, 120_000);
        let name = name("chunked");
        let started = self.client.start_upload(StartUpload::new(name.clone()));
        let StartUploadResponse::Accepted(started) = heard(started.await)?;
        let id = started.docker_upload_uuid;
        let upload = Upload {
            name,
            content: content.clone(),
            size: 0,
            ending: false,
        };
        self.ledger().uploads.insert(id.clone(), upload);
        for (first, end) in [(0, 40_000), (40_000, 100_000)] {
            self.append(&id, first, end, number.is_multiple_of(2))
                .await?;
        }
        match number % 4 {
            0 => Some(()),
            1 => self.cancel(&id).await,
            _ => self.complete(&id, content.slice(100_000..)).await,
        }
    }

    fn with_upload<T>(&self, id: &UploadId, work: impl FnOnce(&mut Upload) -> T) -> T {
        work(self.ledger().uploads.get_mut(id).unwrap())
    }

    async fn append(&self, id: &UploadId, first: usize, end: usize, says: bool) -> Option<()> {
        let (name, body) = self.with_upload(id, |upload| {
            (upload.name.clone(), upload.content.slice(first..end))
        });
        let mut request = AppendUpload::new(name, id.clone(), body.into());
        request.content_range = says.then(|| span(first, end));
        heard(self.client.append_upload(request).await)?;
        self.with_upload(id, |upload| upload.size = end);
        Some(())
    }

    async fn cancel(&self, id: &UploadId) -> Option<()> {
        let name = self.with_upload(id, |upload| {
            upload.ending = true;
            upload.name.clone()
        });
        let request = CancelUpload::new(name, id.clone());
        heard(self.client.cancel_upload(request).await)?;
        self.ledger().ends(id);
        Some(())
    }

    async fn complete(&self, id: &UploadId, last: Bytes) -> Option<()> {
        let (name, content) = self.with_upload(id, |upload| {
            upload.ending = true;
            (upload.name.clone(), upload.content.clone())
        });
        let digest = Digest::sha256(&content);
        let thing = Thing::Blob(name.clone(), digest.clone());
        let request = CompleteUpload::new(name, id.clone(), digest, last.into());
        let sent = self.client.complete_upload(request);
        self.change(&[(thing, Some(content))], sent).await?;
        self.ledger().ends(id);
        Some(())
    }

    async fn mounted(&self, number: usize) -> Option<()> {
        let bytes = self.content("mounted", number, 3000);
        let digest = self.blob("mount/from", bytes.clone()).await?;
        let mut request = MountBlob::new(name("mount/to"), digest.clone());
        request.from = Some(name("mount/from"));
        let thing = Thing::Blob(name("mount/to"), digest);
        let sent = self.client.mount_blob(request);
        let answer = self.change(&[(thing, Some(bytes))], sent).await?;
        assert!(matches!(answer, MountBlobResponse::Created(_)));
        Some(())
    }

    /// An image of its own under each of some tags.
    async fn image(
        &self,
        repository: &str,
        number: usize,
        tags: &[&str],
        attached: bool,
    ) -> Option<Digest> {
        let layer = self.content("layer", number, 2000);
        let length = layer.len();
        let layer = self.blob(repository, layer).await?;
        let mut manifest = image(&layer, length);
        if attached {
            let digest = Digest::sha256(SUBJECT);
            manifest["subject"] = json!({"mediaType": "a/b", "digest": digest, "size": 7});
        }
        let bytes = Bytes::from(manifest.to_string());
        let digest = Digest::sha256(&bytes);
        for under in tags {
            let changes = [
                (
                    Thing::Manifest(name(repository), digest.clone()),
                    Some(bytes.clone()),
                ),
                (
                    Thing::Tag(name(repository), tag(under)),
                    Some(bytes.clone()),
                ),
            ];
            let sent = self.client.put_manifest(put(repository, under, &manifest));
            self.change(&changes, sent).await?;
        }
        Some(digest)
    }

    async fn tagged(&self, number: usize) -> Option<()> {
        let own = format!("v{}.{number}", self.round);
        let attached = !number.is_multiple_of(2);
        let tags = ["latest", own.as_str()];
        let image = self.image("tagged", number, &tags, attached).await;
        image.map(drop)
    }

    async fn deleted(&self, number: usize) -> Option<()> {
        let repository = "deleted";
        let (one, two) = (format!("one-{number}"), format!("two-{number}"));
        let image = self.image(repository, number, &[&one, &two], true).await?;
        let bytes = self.content("deleted", number, 100);
        let blob = self.blob(repository, bytes).await?;

        let request = DeleteBlob::new(name(repository), blob.clone());
        let gone = [(Thing::Blob(name(repository), blob), None)];
        self.change(&gone, self.client.delete_blob(request)).await?;

        let request = DeleteManifest::new(name(repository), Reference::from(tag(&one)));
        let gone = [(Thing::Tag(name(repository), tag(&one)), None)];
        let sent = self.client.delete_manifest(request);
        self.change(&gone, sent).await?;

        let request = DeleteManifest::new(name(repository), Reference::from(image.clone()));
        let gone = [
            (Thing::Manifest(name(repository), image), None),
            (Thing::Tag(name(repository), tag(&two)), None),
        ];
        let sent = self.client.delete_manifest(request);
        self.change(&gone, sent).await.map(drop)
    }
}
