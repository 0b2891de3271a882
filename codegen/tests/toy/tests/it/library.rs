//! A library in memory: handlers as a user of the generator writes them.
//!
//! Some shelves are for trouble: `panic` panics, `broken` has a fault of its own, scans of `torn` break off. Errors of the domain
//! are mapped by functions generic over the operation's error, which compile only where the operation
//! declares the code.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use api_runtime::server::{Authorize, Context, Denial, Grant};
use api_runtime::{Body, Etag, Operation, Source};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::request::Parts;
use toy::server::{Books, Scans, Shelves};
use toy::types::*;

/// What is there, and what was called.
#[derive(Default)]
struct State {
    books: BTreeMap<(String, String), (Book, Bytes)>,
    labels: BTreeMap<String, String>,
    covers: BTreeMap<String, (String, BTreeMap<String, String>, Bytes)>,
    scans: BTreeMap<(String, String), Bytes>,
    paid: BTreeMap<String, u32>,
    calls: Vec<String>,
}

/// The library. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Library(Arc<Mutex<State>>);

impl Library {
    fn with<R>(&self, use_it: impl FnOnce(&mut State) -> R) -> R {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a call; opens a shelf.
    fn enter<E: From<UnknownShelf> + From<Source>>(
        &self,
        cx: &Context,
        shelf: &Shelf,
    ) -> Result<String, E> {
        let who = cx.grant.name().unwrap_or("nobody");
        self.note(format!("{} by {who}", cx.operation.id));
        match shelf.as_str() {
            "panic" => panic!("a secret: /etc/passwd"),
            "broken" => Err(Source::new("a secret: /etc/passwd").into()),
            "nowhere" => Err(UnknownShelf {
                shelf: shelf.clone(),
            }
            .into()),
            name => Ok(name.to_owned()),
        }
    }

    /// Notes what happened.
    pub(crate) fn note(&self, call: String) {
        self.with(|state| state.calls.push(call));
    }

    /// Pays once for each key, and says how much was paid in all.
    pub(crate) fn pay(&self, key: String, cents: u32) -> u32 {
        self.with(|state| {
            state.paid.entry(key).or_insert(cents);
            state.paid.values().sum()
        })
    }

    /// What was called.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.with(|state| state.calls.clone())
    }

    /// The bytes of a scan.
    pub(crate) fn scan(&self, shelf: &str, scan: &str) -> Option<Bytes> {
        self.with(|state| {
            state
                .scans
                .get(&(shelf.to_owned(), scan.to_owned()))
                .cloned()
        })
    }

    /// Puts a scan there.
    pub(crate) fn put_scan(&self, shelf: &str, scan: &str, bytes: &'static [u8]) {
        let key = (shelf.to_owned(), scan.to_owned());
        self.with(|state| state.scans.insert(key, Bytes::from_static(bytes)));
    }
}

/// The tag of some bytes.
fn etag(bytes: &[u8]) -> Etag {
    let sum = bytes.iter().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    Etag::strong(format!("{sum:x}")).expect("hexadecimal")
}

impl Shelves for Library {
    async fn list_shelves(
        &self,
        _cx: Context,
        request: ListShelves,
    ) -> Result<ListShelvesResponse, ListShelvesError> {
        self.note(format!("kinds {:?}", request.kinds));
        let names = ["a", "books", "history/rome"];
        let after = request.last.as_ref().map_or("", Shelf::as_str);
        let n = usize::try_from(request.n.get()).map_err(Source::new)?;
        let rest: Vec<Shelf> = names
            .into_iter()
            .filter(|name| *name > after)
            .map(Shelf::parse)
            .collect::<Result<_, _>>()
            .map_err(Source::new)?;
        let page: Vec<Shelf> = rest.iter().take(n).cloned().collect();
        let last = page.last().cloned().filter(|_| rest.len() > n);
        let answer = ShelfPage::new(ShelfList::new(page));
        Ok(match last {
            Some(last) => {
                let mut url = ListShelvesUrl::new();
                (url.n, url.last) = (Some(request.n), Some(last));
                answer.link(url.into()).into()
            }
            None => answer.into(),
        })
    }

    async fn search_books(
        &self,
        _cx: Context,
        request: SearchBooks,
    ) -> Result<SearchBooksResponse, SearchBooksError> {
        let Search { words, kind } = request.body;
        Ok(SearchBooksOk::new(Found::new(vec![words], kind)).into())
    }

    async fn get_label(
        &self,
        cx: Context,
        request: GetLabel,
    ) -> Result<GetLabelResponse, GetLabelError> {
        let shelf = self.enter::<GetLabelError>(&cx, &request.shelf)?;
        let label = self.with(|state| state.labels.get(&shelf).cloned());
        let label = label.ok_or(UnknownShelf {
            shelf: request.shelf,
        })?;
        Ok(GetLabelOk::new(label).into())
    }

    async fn put_label(
        &self,
        cx: Context,
        request: PutLabel,
    ) -> Result<PutLabelResponse, PutLabelError> {
        let shelf = self.enter::<PutLabelError>(&cx, &request.shelf)?;
        self.with(|state| state.labels.insert(shelf, request.body));
        Ok(PutLabelNoContent::new().into())
    }

    async fn get_cover(
        &self,
        cx: Context,
        request: GetCover,
    ) -> Result<GetCoverResponse, GetCoverError> {
        let shelf = self.enter::<GetCoverError>(&cx, &request.shelf)?;
        let cover = self.with(|state| state.covers.get(&shelf).cloned());
        let (content_type, metadata, bytes) = cover.ok_or(UnknownShelf {
            shelf: request.shelf,
        })?;
        Ok(GetCoverOk::new(content_type, bytes)
            .metadata(metadata)
            .into())
    }

    async fn put_cover(
        &self,
        cx: Context,
        request: PutCover,
    ) -> Result<PutCoverResponse, PutCoverError> {
        let shelf = self.enter::<PutCoverError>(&cx, &request.shelf)?;
        let content_type = request
            .content_type
            .unwrap_or_else(|| "image/png".to_owned());
        self.with(|state| {
            state
                .covers
                .insert(shelf, (content_type, request.metadata, request.body))
        });
        Ok(PutCoverNoContent::new().into())
    }
}

impl Library {
    /// A book, or why there is none.
    fn book<E: From<UnknownShelf> + From<UnknownBook> + From<Source>>(
        &self,
        cx: &Context,
        shelf: &Shelf,
        book: &BookKey,
    ) -> Result<(Book, Bytes), E> {
        let key = (self.enter::<E>(cx, shelf)?, book.as_str().to_owned());
        self.with(|state| state.books.get(&key).cloned())
            .ok_or_else(|| UnknownBook.into())
    }
}

impl Books for Library {
    async fn get_book(
        &self,
        cx: Context,
        request: GetBook,
    ) -> Result<GetBookResponse, GetBookError> {
        let (book, bytes) = self.book::<GetBookError>(&cx, &request.shelf, &request.book)?;
        Ok(GetBookOk::new(etag(&bytes), book).into())
    }

    async fn put_book(
        &self,
        cx: Context,
        request: PutBook,
    ) -> Result<PutBookResponse, PutBookError> {
        let shelf = self.enter::<PutBookError>(&cx, &request.shelf)?;
        let book = request.body.value;
        if book.title == "torn" {
            let mut missing = api_runtime::NonEmpty::new(MissingPage { page: 3 });
            missing.push(MissingPage { page: 7 });
            return Err(missing.into());
        }
        let key = (shelf, request.book.as_str().to_owned());
        let there = self.with(|state| state.books.get(&key).map(|(_, bytes)| etag(bytes)));
        cx.precondition(there.as_ref(), None)?;
        let tag = etag(&request.body.bytes);
        self.with(|state| state.books.insert(key, (book, request.body.bytes)));
        let url = GetBookUrl::new(request.shelf, request.book);
        Ok(PutBookCreated::new(url.into(), tag).into())
    }

    async fn change_book(
        &self,
        cx: Context,
        request: ChangeBook,
    ) -> Result<ChangeBookResponse, ChangeBookError> {
        let (mut book, bytes) = self.book::<ChangeBookError>(&cx, &request.shelf, &request.book)?;
        if let Some(title) = request.body.title {
            book.title = title;
        }
        if let Some(subtitle) = request.body.subtitle.into_change() {
            book.subtitle = subtitle;
        }
        let key = (
            request.shelf.into_string(),
            request.book.as_str().to_owned(),
        );
        self.with(|state| state.books.insert(key, (book.clone(), bytes)));
        Ok(ChangeBookChanged::new(book).into())
    }

    async fn delete_book(
        &self,
        cx: Context,
        request: DeleteBook,
    ) -> Result<DeleteBookResponse, DeleteBookError> {
        let (book, _) = self.book::<DeleteBookError>(&cx, &request.shelf, &request.book)?;
        if book.title == "lent" {
            return Err(DeleteBookConflictFailure::new(Lent).retry_after(60).into());
        }
        let key = (
            request.shelf.into_string(),
            request.book.as_str().to_owned(),
        );
        self.with(|state| state.books.remove(&key));
        Ok(DeleteBookNoContent::new().into())
    }

    async fn lend_book(
        &self,
        cx: Context,
        request: LendBook,
    ) -> Result<LendBookResponse, LendBookError> {
        let (book, _) = self.book::<LendBookError>(&cx, &request.shelf, &request.book)?;
        if book.title == "lent" {
            return Err(Lent.into());
        }
        Ok(LendBookLent::new(u32::try_from(request.reader.len()).map_err(Source::new)?).into())
    }
}

impl Scans for Library {
    async fn start_scan(
        &self,
        cx: Context,
        request: StartScan,
    ) -> Result<StartScanResponse, StartScanError> {
        let shelf = self.enter::<StartScanError>(&cx, &request.shelf)?;
        let id = ScanId::parse("1").map_err(Source::new)?;
        self.with(|state| state.scans.insert((shelf, "1".to_owned()), Bytes::new()));
        Ok(ScanMade::new(GetScanUrl::new(request.shelf, id).into()).into())
    }

    async fn send_scan(
        &self,
        cx: Context,
        request: SendScan,
    ) -> Result<SendScanResponse, SendScanError> {
        let shelf = self.enter::<SendScanError>(&cx, &request.shelf)?;
        let bytes = request.body.collect(u64::MAX).await.map_err(Source::new)?;
        let key = (shelf, request.id.as_str().to_owned());
        self.with(|state| state.scans.insert(key, bytes));
        Ok(ScanMade::new(GetScanUrl::new(request.shelf, request.id).into()).into())
    }

    async fn copy_scan(
        &self,
        cx: Context,
        request: CopyScan,
    ) -> Result<CopyScanResponse, CopyScanError> {
        let shelf = self.enter::<CopyScanError>(&cx, &request.shelf)?;
        let Some(id) = request.scan else {
            return Ok(CopyScanQueued::new().into());
        };
        let from = (request.from.into_string(), id.as_str().to_owned());
        let bytes = self
            .with(|state| state.scans.get(&from).cloned())
            .ok_or(BadScan)?;
        self.with(|state| state.scans.insert((shelf, from.1), bytes));
        Ok(ScanMade::new(GetScanUrl::new(request.shelf, id).into()).into())
    }

    async fn get_scan(
        &self,
        cx: Context,
        request: GetScan,
    ) -> Result<GetScanResponse, GetScanError> {
        let shelf = self.enter::<GetScanError>(&cx, &request.shelf)?;
        if shelf == "far" {
            return Ok(GetScanElsewhere::new(
                "https://example.org/x".parse().map_err(Source::new)?,
            )
            .into());
        }
        if shelf == "torn" {
            let torn = io::Error::other("a secret: /etc/passwd");
            let chunks = stream::iter([Ok(Bytes::from_static(b"01234")), Err(torn)]);
            // A scan that is named 0 does not say how long it is.
            let len = (request.scan.as_str() != "0").then_some(10);
            return Ok(GetScanOk::new(etag(b"torn"), Body::stream(len, chunks.boxed())).into());
        }
        let bytes = self
            .scan(&shelf, request.scan.as_str())
            .ok_or(UnknownScan)?;
        Ok(GetScanOk::new(etag(&bytes), Body::from(bytes)).into())
    }

    async fn fill_scan(
        &self,
        cx: Context,
        request: FillScan,
    ) -> Result<FillScanResponse, FillScanError> {
        let shelf = self.enter::<FillScanError>(&cx, &request.shelf)?;
        if shelf == "drain" {
            return Ok(FillScanFilled::new(drain(request.body).await?).into());
        }
        let bytes = request.body.collect(u64::MAX).await.map_err(Source::new)?;
        let len = u64::try_from(bytes.len()).map_err(Source::new)?;
        self.with(|state| {
            state
                .scans
                .insert((shelf, request.scan.into_string()), bytes)
        });
        Ok(FillScanFilled::new(len).into())
    }
}

/// Takes a body as it comes and keeps none of it; counts.
async fn drain(body: Body) -> Result<u64, Source> {
    let mut chunks = body.into_stream();
    let mut count = 0;
    while let Some(chunk) = chunks.next().await {
        count += u64::try_from(chunk?.len())?;
    }
    Ok(count)
}

/// `Bearer all` may do all, `Bearer nothing` nothing; without a token one may read. What was asked for is
/// noted.
pub(crate) struct Porter(pub(crate) Library);

impl Authorize for Porter {
    async fn authorize(
        &self,
        head: &Parts,
        operation: &'static Operation,
        access: Vec<String>,
    ) -> Result<Grant, Denial> {
        self.0.note(format!("{} wants {access:?}", operation.id));
        let token = head
            .headers
            .get("authorization")
            .and_then(|token| token.to_str().ok());
        match token {
            Some("Bearer all") => Ok(Grant::user("anna")),
            Some("Bearer later") => Err(Denial::Unavailable(Source::new("no answer from /secret"))),
            Some("Bearer broken") => Err(Denial::Internal(Source::new("a fault in /secret"))),
            Some(_) => Err(Denial::Forbidden),
            None if access.iter().all(|access| access.ends_with(":read")) => Ok(Grant::anonymous()),
            None => Err(Denial::Unauthenticated {
                challenge: vec![
                    "Bearer realm=\"library\"".to_owned(),
                    "Basic realm=\"library\"".to_owned(),
                ],
            }),
        }
    }
}
