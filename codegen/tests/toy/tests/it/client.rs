//! The generated client against the generated server, over a socket.

use std::collections::BTreeMap;

use api_runtime::client::{
    Caller, Conditions, Error, Guarded, HttpTransport, PartRange, Partial, RangeRequest,
    Revalidated,
};
use api_runtime::server::Settings;
use api_runtime::{Body, Etag, Location, Patch, Scalar, Verbatim};
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use toy::client::Client;
use toy::types::*;

use super::wire::Server;

pub(crate) async fn library() -> (Server, Client) {
    let server = Server::start().await;
    let client = client(&server, "", Some("Bearer all"));
    (server, client)
}

fn client(server: &Server, prefix: &str, token: Option<&str>) -> Client {
    let caller = Caller::new(&format!("http://{}{prefix}", server.address)).expect("a good URL");
    let caller: Caller<HttpTransport> = match token {
        Some(token) => caller
            .with_header("Authorization", token)
            .expect("a good header"),
        None => caller,
    };
    Client::from(caller)
}

fn shelf(name: &str) -> Shelf {
    Shelf::parse(name).expect("a good name")
}

fn key(name: &str) -> BookKey {
    BookKey::parse(name).expect("a good name")
}

fn scan(name: &str) -> ScanId {
    ScanId::parse(name).expect("a good name")
}

fn book(title: &str) -> Verbatim<Book> {
    let book = Book::new(title.to_owned(), 7, Kind::Novel);
    let bytes = format!("{{\"title\": \"{title}\", \"pages\": 7,  \"kind\": \"novel\"}}");
    Verbatim::new(book, bytes.into())
}

async fn put(client: &Client, title: &str) -> PutBookCreated {
    let request = PutBook::new(shelf("history/rome"), key("annals"), book(title));
    let PutBookResponse::Created(created) = client.put_book(request).await.expect("is put there");
    created
}

fn get() -> GetBook {
    GetBook::new(shelf("history/rome"), key("annals"))
}

#[tokio::test]
async fn json_goes_there_and_back() {
    let (server, client) = library().await;
    let created = put(&client, "Annals").await;
    assert_eq!(
        created.location.as_str(),
        "/shelves/history/rome/books/annals"
    );
    let GetBookResponse::Ok(answer) = client.get_book(get()).await.expect("is there");
    assert_eq!(
        (answer.body.title.as_str(), answer.body.pages),
        ("Annals", 7)
    );
    assert_eq!(answer.etag, created.etag);
    // The bytes arrived as they were, two spaces and all: the tag is made of them.
    let again = put(&client, "Annals").await;
    assert_eq!(again.etag, created.etag);
    let mut change = ChangeBookBody::new();
    change.subtitle = Patch::Value("of Tacitus".to_owned());
    let request = ChangeBook::new(shelf("history/rome"), key("annals"), change);
    let ChangeBookResponse::Changed(changed) =
        client.change_book(request).await.expect("is changed");
    assert_eq!(changed.body.subtitle.as_deref(), Some("of Tacitus"));
    let calls = server.library.calls();
    assert!(
        calls.contains(&"put_book wants [\"shelf:history/rome:write\"]".to_owned()),
        "{calls:?}"
    );
}

#[tokio::test]
async fn declared_failures_are_variants_with_their_details() {
    let (_server, client) = library().await;
    let error = client.get_book(get()).await.unwrap_err();
    assert!(
        matches!(error, Error::Declared(GetBookError::UnknownBook(_))),
        "{error:?}"
    );
    let error = client
        .get_book(GetBook::new(shelf("nowhere"), key("annals")))
        .await
        .unwrap_err();
    let Error::Declared(GetBookError::UnknownShelf(unknown)) = error else {
        panic!("{error:?}")
    };
    assert_eq!(unknown.shelf, shelf("nowhere"));
    let request = PutBook::new(shelf("a"), key("torn"), book("torn"));
    let Err(Error::Declared(PutBookError::MissingPage(missing))) = client.put_book(request).await
    else {
        panic!("pages are missing")
    };
    assert_eq!(
        missing
            .iter()
            .map(|missing| missing.page)
            .collect::<Vec<_>>(),
        [3, 7]
    );
    put(&client, "lent").await;
    let request = DeleteBook::new(shelf("history/rome"), key("annals"));
    let error = client.delete_book(request).await.unwrap_err();
    assert_eq!(error.status(), Some(409));
    let Error::Declared(DeleteBookError::Conflict(failure)) = error else {
        panic!("{error:?}")
    };
    assert_eq!((failure.retry_after, failure.error), (Some(60), Lent));
    let request = LendBook::new(shelf("history/rome"), key("annals"), "anna".to_owned());
    let error = client.lend_book(request).await.unwrap_err();
    assert_eq!(error.status(), Some(409));
}

#[tokio::test]
async fn a_fault_of_the_server_is_undeclared_and_says_nothing() {
    let (_server, client) = library().await;
    for place in ["broken", "panic"] {
        let Err(Error::Undeclared(answer)) = client
            .get_book(GetBook::new(shelf(place), key("annals")))
            .await
        else {
            panic!("{place} is broken")
        };
        assert_eq!(
            (answer.status(), answer.errors()[0].code.as_ref()),
            (500, "BROKEN")
        );
        assert!(!String::from_utf8_lossy(answer.body()).contains("secret"));
    }
}

#[tokio::test]
async fn without_a_token_the_challenge_is_in_the_failure() {
    let server = Server::start().await;
    let stranger = client(&server, "", None);
    let request = PutBook::new(shelf("a"), key("annals"), book("Annals"));
    let error = stranger.put_book(request).await.unwrap_err();
    let Error::Declared(PutBookError::Unauthorized(failure)) = error else {
        panic!("{error:?}")
    };
    assert_eq!(failure.www_authenticate, "Bearer realm=\"library\"");
    let nobody = client(&server, "", Some("Bearer nothing"));
    let error = nobody.get_book(get()).await.unwrap_err();
    assert!(
        matches!(error, Error::Declared(GetBookError::NotAllowed(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn pages_come_one_after_the_other() {
    let (server, client) = library().await;
    let mut request = ListShelves::new();
    request.n = PageSize::new(1).expect("is small");
    request.kinds = Some(vec![Kind::Novel, Kind::Other("a,b c".to_owned())]);
    let pages: Vec<_> = client
        .list_shelves_pages(request)
        .try_collect()
        .await
        .expect("all are there");
    let names: Vec<String> = pages
        .iter()
        .flat_map(|ListShelvesResponse::Ok(page)| &page.body.shelves)
        .map(Scalar::to_text)
        .collect();
    assert_eq!(names, ["a", "books", "history/rome"]);
    assert_eq!(server.library.calls().len(), 6);
    let request = ListShelves {
        n: PageSize::new(50).expect("is in bounds"),
        ..ListShelves::new()
    };
    assert_eq!(
        client
            .list_shelves_pages(request)
            .collect::<Vec<_>>()
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn head_says_what_get_would() {
    let (server, client) = library().await;
    put(&client, "Annals").await;
    let head = client.head_get_book(get()).await.expect("is there").head;
    assert!(head.content_length().is_some_and(|length| length > 10));
    assert!(head.header::<Etag>("ETag").is_ok());
    let error = client
        .head_get_book(GetBook::new(shelf("a"), key("annals")))
        .await
        .unwrap_err();
    // Two codes go with 404, and no body says which.
    assert!(matches!(error, Error::Undeclared(_)), "{error:?}");
    assert_eq!(error.status(), Some(404));
    server.library.put_scan("a", "1", b"0123456789");
    let answer = client
        .head_get_scan(GetScan::new(shelf("a"), scan("1")))
        .await
        .expect("is there");
    assert_eq!(answer.head.content_length(), Some(10));
    assert!(matches!(answer.answer, GetScanResponse::Ok(_)));
}

#[tokio::test]
async fn a_part_of_a_scan_can_be_fetched() {
    let (server, client) = library().await;
    server.library.put_scan("a", "1", b"0123456789");
    let get = || GetScan::new(shelf("a"), scan("1"));
    let Ok(Partial::Part(range, GetScanResponse::Ok(part))) =
        client.get_scan_range(get(), &RangeRequest::from(7)).await
    else {
        panic!("is a part")
    };
    assert_eq!(
        range,
        PartRange {
            first: 7,
            last: 9,
            total: Some(10)
        }
    );
    assert_eq!(part.body.collect(10).await.expect("arrives"), "789");
    let beyond = client.get_scan_range(get(), &RangeRequest::from(10)).await;
    assert!(
        matches!(beyond, Ok(Partial::Unsatisfiable(Some(10)))),
        "{beyond:?}"
    );
    let other: Etag = "\"other\"".parse().expect("a tag");
    let whole = client
        .get_scan_range(get(), &RangeRequest::from(7).if_range(&other))
        .await;
    assert!(
        matches!(whole, Ok(Partial::Whole(GetScanResponse::Ok(_)))),
        "{whole:?}"
    );
}

#[tokio::test]
async fn conditions_spare_a_read_and_guard_a_write() {
    let (_server, client) = library().await;
    let created = put(&client, "Annals").await;
    let unchanged = Conditions::new().if_none_match([&created.etag]);
    let Ok(Revalidated::NotModified(not_modified)) = client.get_book_if(get(), &unchanged).await
    else {
        panic!("nothing changed")
    };
    assert_eq!(not_modified.etag().as_ref(), Some(&created.etag));
    let write = || PutBook::new(shelf("history/rome"), key("annals"), book("Histories"));
    let refused = client
        .put_book_if(write(), &Conditions::new().if_absent())
        .await;
    assert!(matches!(refused, Ok(Guarded::Refused)), "{refused:?}");
    let done = client
        .put_book_if(write(), &Conditions::new().if_exists())
        .await;
    assert!(matches!(done, Ok(Guarded::Done(_))), "{done:?}");
    let fresh = client.get_book_if(get(), &unchanged).await;
    assert!(matches!(fresh, Ok(Revalidated::Fresh(_))), "{fresh:?}");
    let same = Conditions::new().if_match([&created.etag]);
    let moved = client.get_book_if(get(), &same).await;
    assert!(matches!(moved, Ok(Revalidated::Refused)), "{moved:?}");
}

#[tokio::test]
async fn a_scan_is_streamed_to_the_place_that_the_server_names() {
    let (server, client) = library().await;
    let StartScanResponse::Created(made) = client
        .start_scan(StartScan::new(shelf("history/rome")))
        .await
        .expect("is made");
    let chunks = (0..100_u8).map(|number| Ok(Bytes::from(vec![number; 1000])));
    let body = Body::stream(Some(100_000), stream::iter(chunks).boxed());
    // The name in the request is not the one that the server gave: the location counts.
    let request = FillScan::new(shelf("ignored"), scan("f"), body);
    let FillScanResponse::Filled(filled) = client
        .at(&made.location)
        .fill_scan(request)
        .await
        .expect("is filled");
    assert_eq!(filled.bytes, 100_000);
    assert_eq!(
        server
            .library
            .scan("history/rome", "1")
            .map(|bytes| bytes.len()),
        Some(100_000)
    );
    let GetScanResponse::Ok(answer) = client
        .get_scan(GetScan::new(shelf("history/rome"), scan("1")))
        .await
        .expect("is there")
    else {
        panic!("is here")
    };
    let mut total = 0;
    let mut body = answer.body.into_stream();
    while let Some(chunk) = body.next().await {
        total += chunk.expect("arrives").len();
    }
    assert_eq!(total, 100_000);
}

#[tokio::test]
async fn a_declared_redirect_is_an_answer() {
    let (_server, client) = library().await;
    let answer = client
        .get_scan(GetScan::new(shelf("far"), scan("1")))
        .await
        .expect("is elsewhere");
    let GetScanResponse::Elsewhere(elsewhere) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(elsewhere.location.as_str(), "https://example.org/x");
}

#[tokio::test]
async fn optional_parameters_and_two_successes_are_told_apart() {
    let (server, client) = library().await;
    server.library.put_scan("b", "2", b"xy");
    let mut request = CopyScan::new(shelf("a"), shelf("b"));
    let queued = client.copy_scan(request.clone()).await.expect("is queued");
    assert!(matches!(queued, CopyScanResponse::Queued(_)), "{queued:?}");
    request.scan = Some(scan("2"));
    let made = client.copy_scan(request).await.expect("is copied");
    let CopyScanResponse::Created(made) = made else {
        panic!("{made:?}")
    };
    let location: Location<GetScanUrl> = made.location;
    assert_eq!(location.as_str(), "/shelves/a/scans/2");
    assert_eq!(server.library.scan("a", "2").as_deref(), Some(&b"xy"[..]));
}

#[tokio::test]
async fn forms_texts_and_pictures_arrive() {
    let (_server, client) = library().await;
    let mut search = Search::new("annals & more".to_owned());
    search.kind = Some(Kind::History);
    let SearchBooksResponse::Ok(found) = client
        .search_books(SearchBooks::new(search))
        .await
        .expect("is found");
    assert_eq!(
        (found.body.titles, found.body.kind),
        (vec!["annals & more".to_owned()], Some(Kind::History))
    );
    let text = "R\u{f6}mische Geschichte".to_owned();
    client
        .put_label(PutLabel::new(shelf("a/b"), text.clone()))
        .await
        .expect("is written");
    let GetLabelResponse::Ok(label) = client
        .get_label(GetLabel::new(shelf("a/b")))
        .await
        .expect("is there");
    assert_eq!(label.body, text);
    let mut cover = PutCover::new(shelf("a"), Bytes::from_static(b"GIF89a"));
    cover.content_type = Some("image/gif".to_owned());
    cover.metadata = BTreeMap::from([("by".to_owned(), "anna".to_owned())]);
    client.put_cover(cover).await.expect("is there");
    let GetCoverResponse::Ok(cover) = client
        .get_cover(GetCover::new(shelf("a")))
        .await
        .expect("is there");
    assert_eq!(
        (cover.content_type.as_str(), &cover.body[..]),
        ("image/gif", &b"GIF89a"[..])
    );
    assert_eq!(cover.metadata["by"], "anna");
}

#[tokio::test]
async fn a_body_over_its_limit_is_a_declared_failure() {
    let (_server, client) = library().await;
    let error = client
        .put_label(PutLabel::new(shelf("a"), "x".repeat(65)))
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Declared(PutLabelError::TooLarge(_))),
        "{error:?}"
    );
    let cover = PutCover::new(shelf("a"), vec![0; 5000].into());
    let cover = PutCover {
        content_type: Some("image/png".to_owned()),
        ..cover
    };
    let error = client.put_cover(cover).await.unwrap_err();
    assert!(
        matches!(error, Error::Declared(PutCoverError::CoverTooLarge(_))),
        "{error:?}"
    );
}

#[tokio::test]
async fn behind_a_prefix_locations_and_pages_still_work() {
    let mut settings = Settings::default();
    "/library".clone_into(&mut settings.prefix);
    let server = Server::with(settings).await;
    let client = client(&server, "/library", Some("Bearer all"));
    let created = put(&client, "Annals").await;
    assert_eq!(
        created.location.as_str(),
        "/library/shelves/history/rome/books/annals"
    );
    let elsewhere = GetBook::new(shelf("ignored"), key("x"));
    let GetBookResponse::Ok(answer) = client
        .at(&created.location)
        .get_book(elsewhere)
        .await
        .expect("is there");
    assert_eq!(answer.body.title, "Annals");
    let mut request = ListShelves::new();
    request.n = PageSize::new(1).expect("is small");
    assert_eq!(
        client
            .list_shelves_pages(request)
            .try_collect::<Vec<_>>()
            .await
            .expect("are there")
            .len(),
        3
    );
}

#[tokio::test]
async fn calls_and_pages_may_be_spawned() {
    let (server, client) = library().await;
    server.library.put_scan("a", "1", b"0123456789");
    let calls = (0..20).map(|_| {
        let client = client.clone();
        tokio::spawn(async move {
            let request = SendScan::new(shelf("a"), scan("2"), Body::from("x"));
            client.send_scan(request).await.expect("is sent");
            let pages = client.list_shelves_pages(ListShelves::new());
            let range = RangeRequest::last(1);
            let part = client
                .get_scan_range(GetScan::new(shelf("a"), scan("1")), &range)
                .await;
            assert!(matches!(part, Ok(Partial::Part(..))), "{part:?}");
            pages
                .try_collect::<Vec<_>>()
                .await
                .expect("are there")
                .len()
        })
    });
    for call in futures_util::future::join_all(calls).await {
        assert_eq!(call.expect("does not panic"), 1);
    }
}
