//! Lists, as streams that fetch a page when it is needed.

use std::collections::BTreeMap;
use std::convert::Infallible;

use api_runtime::client::{self, Call, Pages, Reply, Transport, pages};
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use registry_protocol::{
    ArtifactType, Descriptor, Digest, ListReferrers, ListRepositories, ListTags, MediaType, Name,
    PageSize, Tag,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::error::Error;
use crate::referrers;
use crate::registry::{Registry, call};

/// Items of a list as they come. After an error there is nothing more.
pub type Items<I> = BoxStream<'static, Result<I, Error>>;

/// The most that is read of one page, in bytes.
const PAGE_LIMIT: u64 = 32 << 20;

/// How a list is fetched.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ListOptions<I> {
    /// Only what comes after this.
    pub after: Option<I>,
    /// How many items a page has at most. The registry decides where there is no number, and may give
    /// less than is asked for.
    pub page: Option<PageSize>,
}

impl<I> Default for ListOptions<I> {
    fn default() -> Self {
        Self {
            after: None,
            page: None,
        }
    }
}

/// Many registries send `null` for an empty list.
#[derive(Deserialize)]
struct Tags {
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
struct Repositories {
    repositories: Option<Vec<Name>>,
}

#[derive(Deserialize)]
struct Referrers {
    manifests: Option<Vec<Entry>>,
}

/// What a list says of a manifest: a [`Descriptor`], in which `null`, or no text for the type, may stand for what
/// is not there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    media_type: MediaType,
    digest: Digest,
    size: u64,
    #[serde(default, deserialize_with = "unless_empty")]
    artifact_type: Option<ArtifactType>,
    annotations: Option<BTreeMap<String, String>>,
}

fn unless_empty<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ArtifactType>, D::Error> {
    let text = Option::<String>::deserialize(from)?.filter(|text| !text.is_empty());
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(D::Error::custom)
}

impl From<Entry> for Descriptor {
    fn from(entry: Entry) -> Self {
        let mut descriptor = Self::new(entry.media_type, entry.digest, entry.size);
        descriptor.artifact_type = entry.artifact_type;
        descriptor.annotations = entry.annotations;
        descriptor
    }
}

impl Referrers {
    fn descriptors(self) -> Option<Vec<Descriptor>> {
        let entries = self.manifests?.into_iter();
        Some(entries.map(Descriptor::from).collect())
    }
}

impl<T: Transport> Registry<T> {
    /// The tags of a repository.
    pub fn tags(&self, name: &Name, options: ListOptions<Tag>) -> Items<Tag> {
        let mut request = ListTags::new(name.clone());
        request.last = options.after.map(Into::into);
        request.n = options.page;
        self.items(call!(LIST_TAGS, request), |page: Tags| page.tags)
    }

    /// The repositories of the registry. Many registries allow this to nobody.
    pub fn repositories(&self, options: ListOptions<Name>) -> Items<Name> {
        let mut request = ListRepositories::new();
        request.last = options.after.map(Into::into);
        request.n = options.page;
        let call = call!(LIST_REPOSITORIES, request);
        self.items(call, |page: Repositories| page.repositories)
    }

    /// The manifests whose subject is `digest`, of one type or of all. A registry that keeps no such list
    /// is asked for the tag that clients write in its place.
    pub fn referrers(
        &self,
        name: &Name,
        digest: &Digest,
        artifact_type: Option<ArtifactType>,
    ) -> Items<Descriptor> {
        let mut request = ListReferrers::new(name.clone(), digest.clone());
        request.artifact_type.clone_from(&artifact_type);
        let call = call!(LIST_REFERRERS, request);
        let listed = self.items(call, Referrers::descriptors);
        let (registry, name, digest) = (self.clone(), name.clone(), digest.clone());
        let listed = or_else_not_found(listed, async move {
            registry.tagged_referrers(&name, &digest).await
        });
        // A registry may filter or not; it says which, but to filter once more is simpler.
        let is_wanted =
            move |item: &Descriptor| artifact_type.is_none() || item.artifact_type == artifact_type;
        listed
            .try_filter(move |item| std::future::ready(is_wanted(item)))
            .boxed()
    }

    /// The index under the tag that is named after a digest.
    async fn tagged_referrers(
        &self,
        name: &Name,
        digest: &Digest,
    ) -> Result<Vec<Descriptor>, Error> {
        let manifest = match self.pull_manifest(name, &referrers::tag(digest)?).await {
            Ok(manifest) => manifest,
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let index: Referrers =
            serde_json::from_slice(&manifest.bytes).map_err(Error::unexpected)?;
        Ok(index.descriptors().unwrap_or_default())
    }

    fn items<P, I>(
        &self,
        call: Call,
        items: impl Fn(P) -> Option<Vec<I>> + Clone + Send + Sync + 'static,
    ) -> Items<I>
    where
        P: for<'de> Deserialize<'de> + Send + 'static,
        I: Send + 'static,
    {
        let pages: Pages<Result<P, Error>, Infallible> =
            pages(self.caller().clone(), call, "next", |reply| async {
                Ok(read(reply).await)
            });
        pages
            .map(|page| page.map_err(refused).flatten())
            .map_ok(move |page| stream::iter(items(page).unwrap_or_default()).map(Ok))
            .try_flatten()
            .boxed()
    }
}

async fn read<P: for<'de> Deserialize<'de>>(reply: Reply) -> Result<P, Error> {
    if reply.status() != 200 {
        return Err(reply.undeclared().await.into());
    }
    Ok(reply.json(Some(PAGE_LIMIT)).await?)
}

fn refused(error: client::Error<Infallible>) -> Error {
    match error {
        client::Error::Declared(never) => match never {},
        client::Error::Transport(error) => error.into(),
        client::Error::Undeclared(answer) => client::CallError::Undeclared(answer).into(),
        client::Error::Decode(error) => Error::unexpected(error),
    }
}

/// The items, or others where the first thing that comes is that there are none.
fn or_else_not_found<I: Send + 'static>(
    items: Items<I>,
    other: impl Future<Output = Result<Vec<I>, Error>> + Send + 'static,
) -> Items<I> {
    let begun = async move {
        let mut items = items;
        match items.next().await {
            Some(Err(error)) if error.is_not_found() => match other.await {
                Ok(others) => stream::iter(others).map(Ok).boxed(),
                Err(error) => stream::iter([Err(error)]).boxed(),
            },
            Some(first) => stream::iter([first]).chain(items).boxed(),
            None => items,
        }
    };
    stream::once(begun).flatten().boxed()
}
