//! The counter: flags, pages that are asked for by what is in the last one, and keys by which a
//! repetition is known, by hand and with the generated client.

use std::sync::atomic::{AtomicU32, Ordering};

use api_runtime::client::{
    CallInfo, Caller, Error, HttpTransport, Transport, TransportError, TransportErrorKind,
};
use api_runtime::{Body, Patch, Source, Verbatim};
use futures_util::{StreamExt as _, TryStreamExt as _};
use http::{Request, Response};
use toy::client::Client;

use api_runtime::server::Context;
use toy::server::Counter;
use toy::types::*;

use super::client::library;
use super::library::Library;
use super::wire::Server;

impl Counter for Library {
    async fn open_drawer(
        &self,
        _: Context,
        request: OpenDrawer,
    ) -> Result<OpenDrawerResponse, OpenDrawerError> {
        let coins = if request.all { 12 } else { 7 };
        Ok(OpenDrawerOk::new(OpenDrawerOkBody::new(coins)).into())
    }

    async fn read_drawer_label(
        &self,
        _: Context,
        _: ReadDrawerLabel,
    ) -> Result<ReadDrawerLabelResponse, ReadDrawerLabelError> {
        Ok(ReadDrawerLabelOk::new("anna".to_owned()).into())
    }

    async fn weigh_drawer(
        &self,
        _: Context,
        _: WeighDrawer,
    ) -> Result<WeighDrawerResponse, WeighDrawerError> {
        Ok(WeighDrawerOk::new("480".to_owned()).into())
    }

    async fn ring(&self, _: Context, _: Ring) -> Result<RingResponse, RingError> {
        Ok(RingOk::new("ding".to_owned()).into())
    }

    async fn ring_for_long(
        &self,
        _: Context,
        _: RingForLong,
    ) -> Result<RingForLongResponse, RingForLongError> {
        Ok(RingForLongOk::new("ding ding".to_owned()).into())
    }

    async fn list_loans(
        &self,
        _: Context,
        request: ListLoans,
    ) -> Result<ListLoansResponse, ListLoansError> {
        let titles = ["annals", "odes", "letters", "satires", "elegies"];
        let token = request.page_token.as_deref().unwrap_or("0");
        let from: usize = token.parse().map_err(Source::new)?;
        let page = titles.iter().skip(from).take(2);
        let mut body = ListLoansOkBody::new(page.map(|title| (*title).to_owned()).collect());
        body.next_page_token = match from + 2 {
            2 => Patch::Value("2".to_owned()),
            _ if request.stuck => Patch::Value("2".to_owned()),
            next if next < titles.len() => Patch::Value(next.to_string()),
            _ => Patch::Value(String::new()),
        };
        Ok(ListLoansOk::new(body).into())
    }

    async fn list_fines(
        &self,
        _: Context,
        request: ListFines,
    ) -> Result<ListFinesResponse, ListFinesError> {
        let after = request.starting_after.unwrap_or(0);
        let mut fines: Vec<Fine> = (1..=5)
            .filter(|id| *id > after)
            .map(|id| Fine::new(id, 10))
            .collect();
        let has_more = fines.len() > 2 || request.stuck;
        fines.truncate(2);
        let page = FinePage::new(fines, has_more);
        let bytes = serde_json::to_vec(&page).map_err(Source::new)?;
        Ok(ListFinesOk::new(Verbatim::new(page, bytes.into())).into())
    }

    async fn get_fine(
        &self,
        _: Context,
        request: GetFine,
    ) -> Result<GetFineResponse, GetFineError> {
        Ok(GetFineOk::new(fine::<GetFineError>(request.fine)?).into())
    }

    async fn get_old_fine(
        &self,
        _: Context,
        request: GetOldFine,
    ) -> Result<GetOldFineResponse, GetOldFineError> {
        Ok(GetOldFineOk::new(fine::<GetOldFineError>(request.fine)?).into())
    }

    async fn pay_fine(
        &self,
        _: Context,
        request: PayFine,
    ) -> Result<PayFineResponse, PayFineError> {
        let key = request.idempotency_key.unwrap_or_default();
        Ok(PayFineOk::new(self.pay(key, request.body.cents)).into())
    }
}

fn fine<E: From<UnknownFine>>(number: u32) -> Result<Fine, E> {
    match number {
        0 => Err(UnknownFine.into()),
        number => Ok(Fine::new(number, 10)),
    }
}

#[tokio::test]
async fn a_flag_is_a_key_without_a_value() {
    let server = Server::start().await;
    for (query, status, text) in [
        ("", 200, r#"{"coins":7}"#),
        ("?all", 200, r#"{"coins":12}"#),
        ("?all=", 200, r#"{"coins":12}"#),
        ("?%61ll&x=1", 200, r#"{"coins":12}"#),
        ("?label", 200, "anna"),
        ("?all&label", 200, "anna"),
        ("?unit=g", 200, "480"),
        ("?unit=gram", 200, "480"),
        ("?unit=pound", 200, r#"{"coins":7}"#),
    ] {
        let answer = server
            .send(&format!("GET /counter/drawer{query}"), b"")
            .await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (status, text),
            "{query}"
        );
    }
    for (query, reason) in [
        ("?all=true", "has a value, and takes none"),
        ("?label=1", "has a value, and takes none"),
        ("?all&all", "is there more than once"),
    ] {
        let answer = server
            .send(&format!("GET /counter/drawer{query}"), b"")
            .await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text().contains(reason), "{}", answer.text());
    }
}

#[tokio::test]
async fn the_client_sends_what_tells_a_request_from_others() {
    let (_server, client) = library().await;
    let mut request = OpenDrawer::new();
    assert_eq!(request.url().to_string(), "/counter/drawer");
    request.all = true;
    assert_eq!(request.url().to_string(), "/counter/drawer?all");
    let OpenDrawerResponse::Ok(answer) = client.open_drawer(request).await.expect("it opens");
    assert_eq!(answer.body.coins, 12);
    let ReadDrawerLabelResponse::Ok(label) = client
        .read_drawer_label(ReadDrawerLabel::new())
        .await
        .expect("there is one");
    assert_eq!(label.body, "anna");
    let WeighDrawerResponse::Ok(weight) = client
        .weigh_drawer(WeighDrawer::new())
        .await
        .expect("it is weighed");
    assert_eq!(weight.body, "480");
    let RingResponse::Ok(heard) = client.ring(Ring::new()).await.expect("it rings");
    assert_eq!(heard.body, "ding");
    // In headers, too.
    let RingForLongResponse::Ok(heard) = client
        .ring_for_long(RingForLong::new())
        .await
        .expect("it rings");
    assert_eq!(heard.body, "ding ding");
    // Of what must only be there, any value will do.
    let server = Server::start().await;
    let by_hand = "POST /counter/chime\nX-Rings: lots\nX-Loud: no";
    assert_eq!(server.send(by_hand, b"").await.text(), "ding ding");
}

#[tokio::test]
async fn answers_say_what_is_deprecated_until_when_and_what_comes_after() {
    let server = Server::start().await;
    let old = server.send("GET /counter/old-fines/3", b"").await;
    assert_eq!(
        (old.status, old.header("deprecation")),
        (200, Some("@1795478400"))
    );
    assert_eq!(old.header("sunset"), Some("Wed, 24 Nov 2027 00:00:00 GMT"));
    assert_eq!(
        old.header("link"),
        Some("</counter/fines/3>; rel=\"successor-version\"")
    );
    let unknown = server.send("GET /counter/old-fines/0", b"").await;
    assert_eq!(
        (unknown.status, unknown.header("sunset")),
        (404, old.header("sunset"))
    );
    // What is refused before a handler has no parameters to make a URL of.
    let refused = server.send("GET /counter/old-fines/x", b"").await;
    assert_eq!(
        (refused.status, refused.header("deprecation")),
        (400, Some("@1795478400"))
    );
    assert!(refused.header("sunset").is_some() && refused.header("link").is_none());
    let new = server.send("GET /counter/fines/3", b"").await;
    for name in ["deprecation", "sunset", "link"] {
        assert_eq!((new.status, new.header(name)), (200, None), "{name}");
    }
}

#[tokio::test]
async fn a_failure_may_have_a_media_type_of_its_own() {
    let server = Server::start().await;
    let docs = serde_json::json!("https://library.example/fines");
    for (head, status, code, docs) in [
        ("GET /counter/fines/0", 404, "UNKNOWN_FINE", docs),
        (
            "GET /counter/fines/x",
            400,
            "BAD_REQUEST",
            serde_json::Value::Null,
        ),
        (
            "PUT /counter/fines/1",
            405,
            "NO_SUCH_METHOD",
            serde_json::Value::Null,
        ),
    ] {
        let answer = server.send(head, b"").await;
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json")
        );
        let json = answer.json();
        assert_eq!(
            (answer.status, &json["status"]),
            (status, &status.into()),
            "{json}"
        );
        assert_eq!(
            (&json["code"], &json["type"]),
            (&code.into(), &docs),
            "{json}"
        );
    }
    let (_server, client) = library().await;
    let error = client.get_fine(GetFine::new(0)).await.unwrap_err();
    assert!(
        matches!(error, Error::Declared(GetFineError::UnknownFine(_))),
        "{error:?}"
    );
}

fn titles(page: ListLoansResponse) -> Vec<String> {
    let ListLoansResponse::Ok(page) = page;
    page.body.loans
}

fn numbers(page: ListFinesResponse) -> Vec<u32> {
    match page {
        ListFinesResponse::Ok(page) => page.body.value.data.iter().map(|fine| fine.id).collect(),
        ListFinesResponse::NoContent(_) => Vec::new(),
    }
}

#[tokio::test]
async fn the_token_of_a_page_leads_to_the_next() {
    let (_server, client) = library().await;
    let pages = client.list_loans_pages(ListLoans::new());
    let pages: Vec<_> = pages.map_ok(titles).try_collect().await.expect("pages");
    let expected: [&[&str]; 3] = [&["annals", "odes"], &["letters", "satires"], &["elegies"]];
    assert_eq!(pages, expected);
    let mut from = ListLoans::new();
    from.page_token = Some("4".to_owned());
    let pages = client.list_loans_pages(from);
    let pages: Vec<_> = pages.map_ok(titles).try_collect().await.expect("pages");
    assert_eq!(pages, [["elegies"]]);
}

#[tokio::test]
async fn the_last_item_of_a_page_leads_to_the_next() {
    let (_server, client) = library().await;
    let pages = client.list_fines_pages(ListFines::new());
    let pages: Vec<_> = pages.map_ok(numbers).try_collect().await.expect("pages");
    assert_eq!(pages, [vec![1, 2], vec![3, 4], vec![5]]);
}

#[tokio::test]
async fn pages_that_never_end_are_an_error() {
    let (_server, client) = library().await;
    let mut request = ListLoans::new();
    request.stuck = true;
    let pages: Vec<_> = client.list_loans_pages(request).take(9).collect().await;
    let [Ok(_), Ok(_), Err(Error::Decode(error))] = pages.as_slice() else {
        panic!("{pages:?}")
    };
    assert!(error.to_string().contains("was there before"), "{error}");
    let mut request = ListFines::new();
    request.stuck = true;
    let pages: Vec<_> = client.list_fines_pages(request).take(9).collect().await;
    let [Ok(_), Ok(_), Ok(_), Ok(_), Err(Error::Decode(error))] = pages.as_slice() else {
        panic!("{pages:?}")
    };
    assert!(error.to_string().contains("has no last item"), "{error}");
}

/// Sends a request again where that does no more, as if the first answer had been lost.
#[derive(Clone, Debug)]
struct Twice(HttpTransport);

impl Transport for Twice {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, TransportError> {
        let (head, body) = request.into_parts();
        let info = head.extensions.get::<CallInfo>().expect("is there");
        let is_repeatable = info
            .operation
            .is_some_and(api_runtime::Operation::is_repeatable);
        let broken = |error| TransportError::new(TransportErrorKind::Interrupted, error);
        let body = body.collect(1 << 10).await.map_err(broken)?;
        let request = || Request::from_parts(head.clone(), Body::from(body.clone()));
        if is_repeatable {
            self.0.send(request()).await?;
        }
        self.0.send(request()).await
    }
}

fn twice(server: &Server) -> Caller<Twice> {
    let transport = Twice(HttpTransport::new().expect("a transport"));
    let base = format!("http://{}", server.address);
    Caller::with_transport(&base, transport).expect("a good URL")
}

async fn paid<T: Transport>(client: &Client<T>, key: Option<&str>) -> u32 {
    let mut request = PayFine::new(1, PayFineBody::new(10));
    request.idempotency_key = key.map(str::to_owned);
    let PayFineResponse::Ok(paid) = client.pay_fine(request).await.expect("is paid");
    paid.count
}

#[tokio::test]
async fn a_repetition_has_the_key_of_the_first_request() {
    let server = Server::start().await;
    let client = Client::from(twice(&server));
    assert_eq!(paid(&client, None).await, 10);
    assert_eq!(
        paid(&client, None).await,
        20,
        "another call has another key"
    );
    assert_eq!(paid(&client, Some("mine")).await, 30);
    assert_eq!(paid(&client, Some("mine")).await, 30);
    assert_eq!(PAY_FINE.idempotency, Some("Idempotency-Key"));
    assert!(LIST_FINES.is_repeatable() && !ASK.is_repeatable());
}

#[tokio::test]
async fn who_calls_may_make_up_keys_in_another_way() {
    let server = Server::start().await;
    let count = AtomicU32::new(0);
    let keys = move || format!("key {}", count.fetch_add(1, Ordering::Relaxed));
    let client = Client::from(twice(&server).with_keys(keys));
    assert_eq!(paid(&client, None).await, 10);
    assert_eq!(paid(&client, Some("key 0")).await, 10);
    assert_eq!(paid(&client, None).await, 20);
}
