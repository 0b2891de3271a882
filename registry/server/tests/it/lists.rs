//! Lists through the client: tags and catalog, whole and page by page, and the list of extensions; and
//! the question whether there is a registry at all.

use futures_util::{StreamExt, TryStreamExt};
use registry_client::{
    CheckApi, CheckApiResponse, DeleteManifest, ExtensionList, ListRegistryExtensions,
    ListRegistryExtensionsResponse, ListRepositories, ListRepositoriesResponse,
    ListRepositoryExtensions, ListRepositoryExtensionsError, ListRepositoryExtensionsResponse,
    ListTags, ListTagsError, ListTagsResponse, Name, PageSize, Tag,
};

use super::served::{Served, declared, in_memory, name, reference, serve, tag};

const APP: &str = "team/app";

fn size(n: u64) -> PageSize {
    PageSize::parse(&n.to_string()).unwrap()
}

fn list(n: Option<u64>, last: Option<&str>) -> ListTags {
    let mut request = ListTags::new(name(APP));
    request.n = n.map(size);
    request.last = last.map(|last| tag(last).into());
    request
}

fn texts(tags: &[Tag]) -> Vec<&str> {
    tags.iter().map(Tag::as_str).collect()
}

async fn tagged(served: &Served, tags: &[&str]) {
    for tag in tags {
        served.image(APP, tag, b"{}").await;
    }
}

#[tokio::test]
async fn there_is_a_registry() {
    let served = in_memory().await;
    let CheckApiResponse::Ok(ok) = served.client.check_api(CheckApi::new()).await.unwrap();
    assert_eq!(ok.warning, None);
    let head = served.client.head_check_api(CheckApi::new()).await.unwrap();
    assert_eq!(head.head.content_length(), Some(2));
}

#[tokio::test]
async fn tags_are_listed_by_their_bytes_from_where_one_likes() {
    let served = in_memory().await;
    tagged(&served, &["b", "B", "a10", "a2", "_", "1"]).await;
    for (n, last, expected, more) in [
        (None, None, vec!["1", "B", "_", "a10", "a2", "b"], false),
        (Some(2), None, vec!["1", "B"], true),
        (Some(2), Some("B"), vec!["_", "a10"], true),
        (Some(2), Some("a10"), vec!["a2", "b"], false),
        (Some(6), None, vec!["1", "B", "_", "a10", "a2", "b"], false),
        (None, Some("a1"), vec!["a10", "a2", "b"], false),
        (None, Some("zzz"), vec![], false),
        (Some(0), None, vec![], false),
        (
            Some(u64::MAX),
            None,
            vec!["1", "B", "_", "a10", "a2", "b"],
            false,
        ),
    ] {
        let ListTagsResponse::Ok(page) = served.client.list_tags(list(n, last)).await.unwrap();
        assert_eq!(page.body.name, name(APP));
        assert_eq!(texts(&page.body.tags), expected, "n {n:?}, last {last:?}");
        assert_eq!(page.link.is_some(), more, "n {n:?}, last {last:?}");
    }
}

#[tokio::test]
async fn all_pages_of_tags_are_one_stream() {
    let served = in_memory().await;
    let tags = ["a", "b", "c", "d", "e", "f", "g"];
    tagged(&served, &tags).await;
    for (n, pages) in [(1, 7), (3, 3), (7, 1), (100, 1)] {
        let stream = served.client.list_tags_pages(list(Some(n), None));
        let all: Vec<ListTagsResponse> = stream.try_collect().await.unwrap();
        assert_eq!(all.len(), pages, "n {n}");
        let found = all
            .iter()
            .flat_map(|ListTagsResponse::Ok(page)| texts(&page.body.tags));
        assert_eq!(found.collect::<Vec<_>>(), tags, "n {n}");
    }
}

#[tokio::test]
async fn the_registry_has_a_limit_of_its_own() {
    let served = serve(
        "",
        "storage: inmemory\ntags: {maxtags: 2}\ncatalog: {maxentries: 1}",
    )
    .await;
    tagged(&served, &["a", "b", "c"]).await;
    served.image("team/b", "v1", b"{}").await;
    for n in [None, Some(100)] {
        let ListTagsResponse::Ok(page) = served.client.list_tags(list(n, None)).await.unwrap();
        assert_eq!(texts(&page.body.tags), ["a", "b"]);
        let pages = served.client.list_tags_pages(list(n, None)).count().await;
        assert_eq!(pages, 2);
    }
    let pages = served
        .client
        .list_repositories_pages(ListRepositories::new());
    assert_eq!(pages.count().await, 2);
}

#[tokio::test]
async fn an_unknown_repository_is_a_failure_and_an_emptied_one_is_not() {
    let served = in_memory().await;
    let refused = declared(served.client.list_tags(list(None, None)).await);
    let ListTagsError::NameUnknown(failure) = refused else {
        panic!("another failure: {refused:?}")
    };
    assert_eq!(failure.name, name(APP));
    served.image(APP, "only", b"{}").await;
    let delete = DeleteManifest::new(name(APP), reference("only"));
    served.client.delete_manifest(delete).await.unwrap();
    let ListTagsResponse::Ok(page) = served.client.list_tags(list(None, None)).await.unwrap();
    assert!(page.body.tags.is_empty());
}

#[tokio::test]
async fn repositories_are_listed_whole_and_page_by_page() {
    let served = in_memory().await;
    let ListRepositoriesResponse::Ok(page) = served
        .client
        .list_repositories(ListRepositories::new())
        .await
        .unwrap();
    assert!(page.body.repositories.is_empty());
    let names = ["a", "a-b", "a/b", "a/b/c", "b", "team/app"];
    for repository in names {
        served.image(repository, "v1", b"{}").await;
    }
    for (n, last, expected) in [
        (None, None, &names[..]),
        (Some(2), None, &names[..2]),
        (Some(2), Some("a-b"), &names[2..4]),
        (None, Some("a/b/b"), &names[3..]),
        (Some(0), None, &[]),
    ] {
        let mut request = ListRepositories::new();
        request.n = n.map(size);
        request.last = last.map(|last| name(last).into());
        let ListRepositoriesResponse::Ok(page) =
            served.client.list_repositories(request).await.unwrap();
        let found: Vec<_> = page.body.repositories.iter().map(Name::as_str).collect();
        assert_eq!(found, expected, "n {n:?}, last {last:?}");
        assert_eq!(page.link.is_some(), n == Some(2), "n {n:?}, last {last:?}");
    }
    let mut request = ListRepositories::new();
    request.n = Some(size(4));
    let pages = served.client.list_repositories_pages(request);
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    let found = pages
        .iter()
        .flat_map(|ListRepositoriesResponse::Ok(page)| &page.body.repositories);
    assert_eq!(found.map(Name::as_str).collect::<Vec<_>>(), names);
}

#[tokio::test]
async fn extensions_are_listed_of_the_registry_and_of_a_repository_that_exists() {
    let served = in_memory().await;
    let none = ExtensionList::new(Vec::new());
    let request = ListRegistryExtensions::new();
    let ListRegistryExtensionsResponse::Ok(ok) = served
        .client
        .list_registry_extensions(request)
        .await
        .unwrap();
    assert_eq!(ok.body, none);
    let request = ListRepositoryExtensions::new(name(APP));
    let refused = declared(
        served
            .client
            .list_repository_extensions(request.clone())
            .await,
    );
    assert!(matches!(
        refused,
        ListRepositoryExtensionsError::NameUnknown(_)
    ));
    served.image(APP, "v1", b"{}").await;
    let ListRepositoryExtensionsResponse::Ok(ok) = served
        .client
        .list_repository_extensions(request)
        .await
        .unwrap();
    assert_eq!(ok.body, none);
}

#[tokio::test]
async fn no_size_of_a_page_is_too_large_and_what_is_no_number_is_refused() {
    let served = in_memory().await;
    tagged(&served, &["v1", "v2"]).await;
    for path in [&*format!("/v2/{APP}/tags/list"), "/v2/_catalog"] {
        for (n, status) in [
            ("18446744073709551615", 200),
            ("18446744073709551616", 200),
            ("99999999999999999999999999999999999999999", 200),
            ("-1", 400),
            ("1.0", 400),
            ("1e3", 400),
            ("", 400),
            ("0x10", 400),
        ] {
            let answer = served.ask(&format!("GET {path}?n={n}"), "", b"").await;
            assert_eq!(answer.status, status, "{path} {n}");
            assert!(answer.header("link").is_none());
            if status == 400 {
                assert_eq!(answer.code(), "PAGINATION_NUMBER_INVALID");
            }
        }
    }
}
