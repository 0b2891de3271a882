//! The toy API as its descriptor promises it: in the toy's own tests some handlers break on purpose.

use std::net::SocketAddr;
use std::path::Path;

use api_codegen::model::Api;
use api_runtime::server::Context;
use api_runtime::{Body, Event, Items, Patch, Source, Verbatim};
use api_verify::{Options, Report, Target};
use futures_util::TryStreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use toy::server::{Counter, Desk, News};
use toy::types::*;

use super::library::{Library, Porter};

/// The descriptor of the toy.
pub(crate) fn api() -> Api {
    loaded("tests/toy/spec")
}

/// A port of this machine's own, listened on.
pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("is bound");
    (listener, address)
}

/// A mock of an API, which runs as long as the test.
pub(crate) async fn mock(api: Api) -> SocketAddr {
    let (listener, address) = listen().await;
    tokio::spawn(async move { api_verify::mock::serve(&api, listener).await });
    address
}

/// The API of a descriptor in the folder of the generator.
pub(crate) fn loaded(spec: &str) -> Api {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(spec);
    match api_codegen::load(&spec) {
        Ok(loaded) => loaded.api,
        Err(failure) => panic!("{failure}"),
    }
}

/// What a server answers to a request that is written out, up to the end of the connection.
pub(crate) async fn answer(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("is there");
    let (first, rest) = request.split_once('\n').unwrap_or((request, ""));
    let mut head = format!("{first} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    rest.lines().for_each(|line| head.extend([line, "\r\n"]));
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.expect("is sent");
    let mut got = String::new();
    stream.read_to_string(&mut got).await.expect("is answered");
    got
}

/// A running server.
pub(crate) async fn start() -> SocketAddr {
    let library = Library::default();
    let router = toy::server::router(library.clone(), Porter(library));
    let (listener, address) = listen().await;
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// How a server of the toy is tested.
pub(crate) fn options(address: SocketAddr) -> Options {
    let target = Target::parse(&format!("http://{address}")).expect("a URL");
    let mut options = Options::new(target);
    let token = ("Authorization".to_owned(), "Bearer all".to_owned());
    options.headers.push(token);
    options
}

/// Tests the server at an address.
pub(crate) async fn verify(options: &Options) -> Report {
    let report = api_verify::verify(&api(), options).await;
    report.expect("the server is there")
}

impl Desk for Library {
    async fn ask_about_slips(
        &self,
        _: Context,
        _: AskAboutSlips,
    ) -> Result<AskAboutSlipsResponse, AskAboutSlipsError> {
        let allow = "GET, HEAD, OPTIONS, POST".to_owned();
        Ok(AskAboutSlipsNoContent::new(allow, "none".to_owned()).into())
    }

    async fn ring_bell(
        &self,
        _: Context,
        request: RingBell,
    ) -> Result<RingBellResponse, RingBellError> {
        if request.times == 1 {
            return Err(Asleep.into());
        }
        Ok(RingBellNoContent::new().into())
    }

    async fn look_out(&self, _: Context, _: LookOut) -> Result<LookOutResponse, LookOutError> {
        Err(Dark.into())
    }

    async fn read_slips(
        &self,
        _: Context,
        request: ReadSlips,
    ) -> Result<ReadSlipsResponse, ReadSlipsError> {
        let body = match request.accept {
            ReadSlipsOkBodyAccept::Json => ReadSlipsOkBody::Json(vec![slip()]),
            ReadSlipsOkBodyAccept::Csv => ReadSlipsOkBody::Csv("anna,2\n".to_owned()),
            ReadSlipsOkBodyAccept::Slips => ReadSlipsOkBody::Slips(Body::from("a2".to_owned())),
        };
        Ok(ReadSlipsOk::new(body).into())
    }

    async fn hand_in_slips(
        &self,
        _: Context,
        _: HandInSlips,
    ) -> Result<HandInSlipsResponse, HandInSlipsError> {
        Ok(HandInSlipsTaken::new(1).into())
    }

    async fn ask(&self, _: Context, request: Ask) -> Result<AskResponse, AskError> {
        let reply = match request.body {
            Question::Slip(slip) => Reply::Words(slip.reader),
            Question::OpeningHours(day) => Reply::Many(vec![Reply::Day(day)]),
        };
        Ok(AskOk::new(vec![reply]).into())
    }

    async fn hang_up_notice(
        &self,
        _: Context,
        _: HangUpNotice,
    ) -> Result<HangUpNoticeResponse, HangUpNoticeError> {
        Ok(HangUpNoticeCreated::new().into())
    }

    async fn hang_up_form(
        &self,
        _: Context,
        request: HangUpForm,
    ) -> Result<HangUpFormResponse, HangUpFormError> {
        Ok(HangUpFormOk::new(request.body).into())
    }

    async fn hang_up_slip(
        &self,
        _: Context,
        _: HangUpSlip,
    ) -> Result<HangUpSlipResponse, HangUpSlipError> {
        Ok(HangUpSlipAccepted::new().into())
    }
}

fn slip() -> Slip {
    Slip::new("anna".to_owned(), 2)
}

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
        // A token that nobody gave out leads to the first page.
        let token = request.page_token.and_then(|token| token.parse().ok());
        let from = token.filter(|from| *from < titles.len()).unwrap_or(0);
        let page = titles.iter().skip(from).take(2);
        let mut body = ListLoansOkBody::new(page.map(|title| (*title).to_owned()).collect());
        if from + 2 < titles.len() {
            body.next_page_token = Patch::Value((from + 2).to_string());
        }
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
        let has_more = fines.len() > 2;
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
        // So that the sum of all stays a number.
        let cents = request.body.cents.min(100);
        Ok(PayFineOk::new(self.pay(key, cents)).into())
    }
}

fn told<E: Send + 'static>(events: impl IntoIterator<Item = E>) -> Items<Event<E>> {
    let events: Vec<Event<E>> = events.into_iter().map(Event::new).collect();
    events.into()
}

fn fine<E: From<UnknownFine>>(number: u32) -> Result<Fine, E> {
    match number {
        0 => Err(UnknownFine.into()),
        number => Ok(Fine::new(number, 10)),
    }
}

impl News for Library {
    async fn follow_log(
        &self,
        _: Context,
        request: FollowLog,
    ) -> Result<FollowLogResponse, FollowLogError> {
        let entries: Items<Entry> = match request.from {
            0 => vec![Entry::Visit(slip()), Entry::Failure("no ink".to_owned())].into(),
            _ => return Err(Asleep.into()),
        };
        Ok(FollowLogOk::new(entries).into())
    }

    async fn follow_ticker(
        &self,
        _: Context,
        request: FollowTicker,
    ) -> Result<FollowTickerResponse, FollowTickerError> {
        let events = [
            FollowTickerOkBodyEvent::Headline("two\nlines".to_owned()),
            FollowTickerOkBodyEvent::Entry(Entry::Visit(slip())),
            FollowTickerOkBodyEvent::Readers(9),
        ];
        // Their ids are their numbers, and one that nobody gave out is behind none of them.
        let seen = request.last_event_id.and_then(|id| id.parse().ok());
        let seen = seen.filter(|seen| *seen <= events.len()).unwrap_or(0);
        if seen == events.len() {
            return Ok(FollowTickerNoContent::new().into());
        }
        let numbered = events.into_iter().enumerate().skip(seen);
        let numbered = numbered.map(|(at, event)| {
            let id = (at + 1).to_string().parse().map_err(Source::new)?;
            Ok(Event::new(event).id(id))
        });
        let rest: Vec<Event<_>> = numbered.collect::<Result<_, Source>>()?;
        Ok(FollowTickerOk::new(rest.into()).into())
    }

    async fn follow_past(
        &self,
        _: Context,
        _: FollowPast,
    ) -> Result<FollowPastResponse, FollowPastError> {
        let events = [Colour::Red, Colour::Blue].map(FollowPastOkBodyEvent::Message);
        Ok(FollowPastOk::new(told(events)).into())
    }

    async fn write_log(
        &self,
        _: Context,
        request: WriteLog,
    ) -> Result<WriteLogResponse, WriteLogError> {
        let (mut entries, mut count) = (request.body, 0);
        while let Some(entry) = entries.try_next().await.map_err(Source::new)? {
            match entry {
                Entry::Visit(_) => count += 1,
                Entry::Failure(_) => return Err(Asleep.into()),
            }
        }
        Ok(WriteLogWritten::new(count).into())
    }

    async fn read_letters(
        &self,
        _: Context,
        request: ReadLetters,
    ) -> Result<ReadLettersResponse, ReadLettersError> {
        let letter = Letter::new("hello".to_owned(), None);
        let body = match request.accept {
            ReadLettersOkBodyAccept::Json => ReadLettersOkBody::Json(vec![letter]),
            ReadLettersOkBodyAccept::Events => {
                ReadLettersOkBody::Events(told([ReadLettersOkBodyEventsEvent::Letter(letter)]))
            }
        };
        Ok(ReadLettersOk::new(body).into())
    }

    async fn write_letter(
        &self,
        _: Context,
        request: WriteLetter,
    ) -> Result<WriteLetterResponse, WriteLetterError> {
        let mut answer = Letter::new("thank you".to_owned(), None);
        answer.answers = Some(Box::new(request.body));
        Ok(WriteLetterOk::new(answer).into())
    }
}
