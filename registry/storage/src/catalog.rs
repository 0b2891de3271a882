//! The repositories of the registry, found by walking their directories in the order of their names.
//!
//! `a-b` sorts before `a/b`, though its directory comes after `a`. So at each level a repository sorts by
//! its name, and what lies below it by its name with a slash.

use registry_protocol::{Digest, Name};

use crate::blob::{content, membership};
use crate::domain::{Page, PageRequest, Scope};
use crate::driver::{Entry, Kind};
use crate::error::Fault;
use crate::layout::{Store, paths};
use crate::shared::Shared;

/// What is still to be visited.
enum Visit {
    /// A repository, if this is one.
    Repository(String),
    /// The directories below a name.
    Below(String),
}

/// A page of the names of the repositories in a scope.
pub(crate) async fn page(
    store: &Store,
    scope: &dyn Scope,
    request: PageRequest<Name>,
) -> Result<Page<Name>, Fault> {
    let PageRequest { after, limit } = request;
    let after = after.as_ref().map(Name::as_str);
    let mut found = Vec::new();
    if limit == 0 {
        return Ok(Page::empty());
    }
    // The next to be visited is the last.
    let mut visits = below(store, "", after).await?;
    while let Some(visit) = visits.pop() {
        match visit {
            Visit::Repository(name) => {
                if let Ok(name) = Name::parse(&name)
                    && scope.contains(&name)
                    && store.has_repository(&name).await?
                {
                    found.push(name);
                }
            }
            Visit::Below(name) => visits.extend(below(store, &name, after).await?),
        }
        if found.len() > limit {
            break;
        }
    }
    if found.is_empty() {
        store.check_root().await?;
    }
    Ok(Page::cut(found, limit))
}

/// What is to be visited below a name, and sorts behind `after`; the first is the last.
async fn below(store: &Store, name: &str, after: Option<&str>) -> Result<Vec<Visit>, Fault> {
    let Some(directory) = paths::below_repositories(name) else {
        return Ok(Vec::new());
    };
    let children = store.children(&directory).await?;
    let named = children.iter().filter(|child| may_lead_to_one(child));
    let full = named.map(|child| match name {
        "" => child.name.clone(),
        _ => format!("{name}/{}", child.name),
    });
    let mut visits = Vec::new();
    for full in full {
        let inside = format!("{full}/");
        if after.is_none_or(|after| full.as_str() > after) {
            visits.push((full.clone(), Visit::Repository(full.clone())));
        }
        if after.is_none_or(|after| after < inside.as_str() || after.starts_with(&inside)) {
            visits.push((inside, Visit::Below(full)));
        }
    }
    visits.sort_by(|(one, _), (other, _)| other.cmp(one));
    Ok(visits.into_iter().map(|(_, visit)| visit).collect())
}

/// No component of a name begins with an underscore; a repository's own directories do.
fn may_lead_to_one(child: &Entry) -> bool {
    child.kind == Kind::Directory && !child.name.starts_with('_')
}

/// A blob is looked for in so many repositories, and then no more.
const SEARCHED: usize = 1000;

/// Some repositories in a scope that have a blob.
pub(crate) async fn holders(
    shared: &Shared,
    scope: &dyn Scope,
    digest: &Digest,
    limit: usize,
) -> Result<Vec<Name>, Fault> {
    let (store, mut found) = (&shared.store, Vec::new());
    // Most digests that are asked for are nowhere.
    if limit == 0 || content::size(store, digest).await?.is_none() {
        return Ok(found);
    }
    let repositories = page(store, scope, PageRequest::first(SEARCHED)).await?;
    for name in repositories.items {
        if membership(shared, &name, digest).await?.is_some() {
            found.push(name);
        }
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{GlobalScope, Namespace};
    use crate::driver::StorageDriverExt;
    use crate::testing::{blobs, local, memory, name, open_options, push_blob, renamed, start};

    const NAMES: [&str; 12] = [
        "a",
        "a-b",
        "a-b/c",
        "a.b",
        "a/b",
        "a/b-c",
        "a/b/c",
        "a/tags/list",
        "a0",
        "b/c/d/e",
        "b_c",
        "blobs/uploads",
    ];

    fn names(page: &Page<Name>) -> Vec<&str> {
        page.items.iter().map(Name::as_str).collect()
    }

    #[tokio::test]
    async fn repositories_are_listed_in_pages_by_the_bytes_of_their_names() {
        let local = local(&memory(), open_options());
        for name in NAMES.iter().rev() {
            push_blob(&local, name, b"x").await;
        }
        let mut sorted = NAMES;
        sorted.sort_unstable();
        for limit in 1..NAMES.len() + 2 {
            let (mut found, mut request) = (Vec::new(), PageRequest::first(limit));
            loop {
                let page = local.repositories(request).await.unwrap();
                assert!(page.items.len() == limit || !page.more);
                found.extend(names(&page).into_iter().map(str::to_owned));
                match page.next() {
                    Some(last) => request = PageRequest::after(last.clone(), limit),
                    None => break,
                }
            }
            assert_eq!(found, sorted);
        }
    }

    #[tokio::test]
    async fn a_page_begins_behind_any_name_that_could_be() {
        let local = local(&memory(), open_options());
        for name in NAMES {
            push_blob(&local, name, b"x").await;
        }
        let mut sorted = NAMES;
        sorted.sort_unstable();
        for after in NAMES
            .into_iter()
            .chain(["0", "a/a", "a/b/c/d", "a/c", "a_b", "b", "z"])
        {
            let request = PageRequest::after(name(after), 100);
            let page = local.repositories(request).await.unwrap();
            let behind: Vec<&str> = sorted.into_iter().filter(|name| *name > after).collect();
            assert_eq!(names(&page), behind, "behind {after}");
        }
    }

    #[tokio::test]
    async fn what_is_no_repository_is_not_listed() {
        let driver = memory();
        let local = local(&driver, open_options());
        push_blob(&local, "a/b", b"x").await;
        // An upload that was never completed does not make a repository.
        start(&blobs(&local, "only/started"))
            .await
            .suspend()
            .await
            .unwrap();
        let link = paths::layer_link(&name("a/x"), &Digest::sha256(b"x"));
        for illegal in ["Upper", "-", "_trash", ".x"] {
            driver
                .replace(&renamed(&link, "x", illegal), &b"x"[..])
                .await
                .unwrap();
        }
        let file = paths::below_repositories("a/file").unwrap();
        driver.replace(&file, &b"x"[..]).await.unwrap();
        let store = Store::new(driver);
        let all = page(&store, &GlobalScope, PageRequest::first(100))
            .await
            .unwrap();
        assert_eq!(names(&all), ["a/b"]);
        let none = page(&store, &GlobalScope, PageRequest::first(0))
            .await
            .unwrap();
        assert_eq!(none, Page::empty());
    }

    #[tokio::test]
    async fn the_repositories_that_have_a_blob_are_found() {
        let local = local(&memory(), open_options());
        let digest = push_blob(&local, "a", b"x").await;
        push_blob(&local, "b", b"y").await;
        push_blob(&local, "c/d", b"x").await;
        let found = local.holders(&digest, 9).await.unwrap();
        assert_eq!(found, [name("a"), name("c/d")]);
        assert_eq!(local.holders(&digest, 1).await.unwrap(), [name("a")]);
        assert!(local.holders(&digest, 0).await.unwrap().is_empty());
        blobs(&local, "a").delete(&digest).await.unwrap();
        assert_eq!(local.holders(&digest, 9).await.unwrap(), [name("c/d")]);
        let nowhere = Digest::sha256(b"nowhere");
        assert!(local.holders(&nowhere, 9).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_new_storage_has_no_repositories() {
        let local = local(&memory(), open_options());
        let page = local.repositories(PageRequest::first(10)).await.unwrap();
        assert_eq!(page, Page::empty());
    }
}
