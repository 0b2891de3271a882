//! The desk: envelopes without JSON and bodies to choose from, by hand and with the generated client.

use api_runtime::client::Error;
use api_runtime::server::Context;
use api_runtime::{Body, Source};
use toy::server::Desk;
use toy::types::*;

use super::client::library;
use super::library::Library;
use super::wire::Server;

impl Desk for Library {
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

    async fn ask_about_slips(
        &self,
        _: Context,
        _: AskAboutSlips,
    ) -> Result<AskAboutSlipsResponse, AskAboutSlipsError> {
        let allow = "GET, HEAD, OPTIONS, POST".to_owned();
        Ok(AskAboutSlipsNoContent::new(allow, "none".to_owned()).into())
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
        request: HandInSlips,
    ) -> Result<HandInSlipsResponse, HandInSlipsError> {
        let count = match request.body {
            HandInSlipsBody::Json(body) => body.slips.iter().map(|slip| slip.copies).sum(),
            HandInSlipsBody::Form(slip) => slip.copies,
            HandInSlipsBody::Slips(bytes) => u32::try_from(bytes.len()).map_err(Source::new)?,
        };
        Ok(HandInSlipsTaken::new(count).into())
    }

    async fn ask(&self, _: Context, request: Ask) -> Result<AskResponse, AskError> {
        let replies = match request.body {
            Question::Slip(slip) => vec![Reply::Words(slip.reader)],
            Question::OpeningHours(day) => vec![Reply::Many(vec![Reply::Day(day)]), shrug()],
        };
        Ok(AskOk::new(replies).into())
    }

    async fn hang_up_notice(
        &self,
        _: Context,
        request: HangUpNotice,
    ) -> Result<HangUpNoticeResponse, HangUpNoticeError> {
        assert_eq!(request.body, "words");
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
        request: HangUpSlip,
    ) -> Result<HangUpSlipResponse, HangUpSlipError> {
        assert_eq!(request.body, slip());
        Ok(HangUpSlipAccepted::new().into())
    }
}

/// What the descriptor does not know yet.
fn shrug() -> Reply {
    Reply::Other(serde_json::json!({"type": "shrug", "loud": true}))
}

fn slip() -> Slip {
    Slip::new("anna".to_owned(), 2)
}

#[tokio::test]
async fn a_failure_of_text_is_its_message_alone() {
    let server = Server::start().await;
    for (head, status, text) in [
        ("POST /desk/bell?times=1", 409, "nobody is awake"),
        ("POST /desk/bell?times=0", 400, "the request is malformed"),
        ("GET /desk/bell", 405, "that cannot be done here"),
    ] {
        let answer = server.send(head, b"").await;
        assert_eq!((answer.status, answer.text().as_str()), (status, text));
        assert_eq!(
            answer.header("content-type"),
            Some("text/plain; charset=utf-8")
        );
    }
}

#[tokio::test]
async fn a_failure_may_have_no_body() {
    let server = Server::start().await;
    for (head, status) in [("GET /desk/window", 404), ("PUT /desk/window", 405)] {
        let answer = server.send(head, b"").await;
        assert_eq!((answer.status, &answer.body[..]), (status, &b""[..]));
        assert_eq!(
            (
                answer.header("content-type"),
                answer.header("content-length")
            ),
            (None, Some("0"))
        );
    }
}

#[tokio::test]
async fn the_client_tells_failures_without_a_code_by_their_status() {
    let (_server, client) = library().await;
    let error = client.ring_bell(RingBell::new(1)).await.unwrap_err();
    assert!(
        matches!(error, Error::Declared(RingBellError::Asleep(_))),
        "{error:?}"
    );
    client
        .ring_bell(RingBell::new(2))
        .await
        .expect("somebody comes");
    let error = client.look_out(LookOut::new()).await.unwrap_err();
    assert!(
        matches!(error, Error::Declared(LookOutError::Dark(_))),
        "{error:?}"
    );
    let Err(Error::Undeclared(other)) = client.ring_bell(RingBell::new(0)).await else {
        panic!("that is not declared")
    };
    assert_eq!(other.status(), 400);
}

#[tokio::test]
async fn headers_of_the_server_are_those_of_the_handler_where_the_server_has_nothing_to_say() {
    let (_server, client) = library().await;
    let AskAboutSlipsResponse::NoContent(answer) = client
        .ask_about_slips(AskAboutSlips::new())
        .await
        .expect("an answer");
    assert_eq!(answer.allow, "GET, HEAD, OPTIONS, POST");
    assert_eq!(answer.accept_ranges, "none");
}

#[tokio::test]
async fn an_answer_is_the_one_that_accept_likes_best() {
    let server = Server::start().await;
    let json = r#"[{"reader":"anna","copies":2}]"#;
    for (accept, media_type, body) in [
        ("", "application/json", json),
        ("\nAccept: */*", "application/json", json),
        ("\nAccept: text/*", "text/csv", "anna,2\n"),
        (
            "\nAccept: application/json;q=0.1, application/x-slips",
            "application/x-slips",
            "a2",
        ),
    ] {
        let answer = server.send(&format!("GET /desk/slips{accept}"), b"").await;
        assert_eq!((answer.status, answer.text().as_str()), (200, body));
        let sent = answer.header("content-type").unwrap_or_default();
        assert!(sent.starts_with(media_type), "{accept}: {sent}");
        assert_eq!(answer.header("vary"), Some("Accept"));
    }
    let answer = server.send("GET /desk/slips\nAccept: image/png", b"").await;
    assert_eq!(
        (answer.status, answer.codes()),
        (406, vec!["BAD_MEDIA_TYPE".to_owned()])
    );
}

#[tokio::test]
async fn a_body_is_read_as_its_media_type_says() {
    let server = Server::start().await;
    let json = r#"{"slips":[{"reader":"anna","copies":2},{"reader":"bob","copies":3}]}"#;
    let form = "application/x-www-form-urlencoded";
    for (media_type, body, count) in [
        ("application/json; charset=utf-8", json, "5"),
        (form, "reader=anna&copies=4", "4"),
        ("application/x-slips", "abc", "3"),
        ("Application/X-Old-Slips", "abcd", "4"),
    ] {
        let head = format!("POST /desk/slips\nContent-Type: {media_type}");
        let answer = server.send(&head, body.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.header("x-count")),
            (200, Some(count)),
            "{media_type}: {answer:?}"
        );
    }
    // Without a media type it is the first.
    let answer = server.send("POST /desk/slips", json.as_bytes()).await;
    assert_eq!(answer.header("x-count"), Some("5"));
    for (media_type, body, status, code) in [
        ("text/plain", "x", 415, "BAD_MEDIA_TYPE"),
        ("application/json", "reader=anna", 400, "BAD_REQUEST"),
        (form, "reader=anna&copies=0", 400, "BAD_REQUEST"),
        (
            "application/x-slips",
            "12345678901234567",
            413,
            "SCAN_TOO_LARGE",
        ),
    ] {
        let head = format!("POST /desk/slips\nContent-Type: {media_type}");
        let answer = server.send(&head, body.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.codes()),
            (status, vec![code.to_owned()]),
            "{media_type}"
        );
    }
}

#[tokio::test]
async fn the_client_asks_for_one_body_and_sends_one() {
    let (_server, client) = library().await;
    let mut request = ReadSlips::new();
    let ReadSlipsResponse::Ok(answer) = client.read_slips(request.clone()).await.expect("slips");
    assert!(matches!(answer.body, ReadSlipsOkBody::Json(slips) if slips == [slip()]));
    request.accept = ReadSlipsOkBodyAccept::Csv;
    let ReadSlipsResponse::Ok(answer) = client.read_slips(request.clone()).await.expect("slips");
    assert!(matches!(answer.body, ReadSlipsOkBody::Csv(text) if text == "anna,2\n"));
    request.accept = ReadSlipsOkBodyAccept::Slips;
    let head = client
        .head_read_slips(request.clone())
        .await
        .expect("slips");
    assert_eq!(head.head.status(), 200);
    let ReadSlipsResponse::Ok(answer) = client.read_slips(request).await.expect("slips");
    let ReadSlipsOkBody::Slips(body) = answer.body else {
        panic!("a stream was asked for")
    };
    assert_eq!(&body.collect(10).await.expect("arrives")[..], b"a2");
    for (body, count) in [
        (
            HandInSlipsBody::Json(HandInSlipsBodyJson::new(vec![slip(), slip()])),
            4,
        ),
        (HandInSlipsBody::Form(slip()), 2),
        (HandInSlipsBody::Slips("abc".into()), 3),
    ] {
        let request = HandInSlips::new(body);
        let HandInSlipsResponse::Taken(taken) =
            client.hand_in_slips(request).await.expect("are taken");
        assert_eq!(taken.count, count);
    }
}

#[tokio::test]
async fn a_union_is_told_by_its_tag_or_by_its_kind() {
    let server = Server::start().await;
    let head = "POST /desk/questions\nContent-Type: application/json";
    for (body, replies) in [
        (
            r#"{"reader":"anna","about":"slip","copies":1}"#,
            r#"[{"type":"words","data":"anna"}]"#,
        ),
        (
            r#"{"about":"opening-hours","day":"monday"}"#,
            r#"[{"type":"many","data":[{"type":"day","data":{"day":"monday"}}]},{"loud":true,"type":"shrug"}]"#,
        ),
        (
            r#"{"about":"opening-hours","late":false,"day":7}"#,
            r#"[{"type":"many","data":[{"type":"day","data":{"day":7,"late":false}}]},{"loud":true,"type":"shrug"}]"#,
        ),
    ] {
        let answer = server.send(head, body.as_bytes()).await;
        let replies: serde_json::Value = serde_json::from_str(replies).expect("is JSON");
        assert_eq!((answer.status, answer.json()), (200, replies));
    }
    for (body, code) in [
        (r#"{"about":"weather","day":1}"#, "NO_SUCH_QUESTION"),
        (r#"{"day":1}"#, "BAD_REQUEST"),
        (r#"{"about":1,"day":1}"#, "BAD_REQUEST"),
        (r#"{"about":"opening-hours","day":true}"#, "BAD_REQUEST"),
        (r#"{"about":"opening-hours","day":1,"x":1}"#, "BAD_REQUEST"),
        (r#"{"about":"slip","reader":"a","copies":0}"#, "BAD_REQUEST"),
        ("[]", "BAD_REQUEST"),
    ] {
        let answer = server.send(head, body.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.codes()),
            (400, vec![code.to_owned()]),
            "{body}"
        );
    }
}

#[tokio::test]
async fn the_client_keeps_of_an_open_union_what_it_does_not_know() {
    let (_server, client) = library().await;
    let day = Day::new(Word::Number(7));
    let request = Ask::new(Question::OpeningHours(day.clone()));
    let AskResponse::Ok(answer) = client.ask(request).await.expect("is answered");
    assert_eq!(answer.body, [Reply::Many(vec![Reply::Day(day)]), shrug()]);
}

#[tokio::test]
async fn a_form_may_be_a_union_that_its_tag_tells() {
    let (server, client) = library().await;
    let head = "POST /desk/notices\nContent-Type: application/x-www-form-urlencoded";
    for (body, read) in [
        (
            "about=dust&form=complaint&copies=2&about=no+light",
            "form=complaint&about=dust&about=no+light&copies=2&urgent=false",
        ),
        (
            "form=complaint&copies=1&urgent=true&more=x",
            "form=complaint&copies=1&urgent=true",
        ),
        (
            "%66orm=lost-and-found&day=2026%2d11-24",
            "form=lost-and-found&day=2026-11-24",
        ),
    ] {
        let answer = server.send(head, body.as_bytes()).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, read));
    }
    for (body, code) in [
        ("form=praise&copies=1", "NO_SUCH_QUESTION"),
        ("", "BAD_REQUEST"),
        ("copies=1", "BAD_REQUEST"),
        ("form=complaint&form=complaint&copies=1", "BAD_REQUEST"),
        ("form=complaint&copies=0", "BAD_REQUEST"),
        ("form=complaint&copies=1&copies=1", "BAD_REQUEST"),
        (
            "form=complaint&copies=1&about=a&about=b&about=c&about=d",
            "BAD_REQUEST",
        ),
        ("form=lost-and-found&day=2026-11-24&more=x", "BAD_REQUEST"),
        ("form=%zz", "BAD_REQUEST"),
    ] {
        let answer = server.send(head, body.as_bytes()).await;
        assert_eq!(
            (answer.status, answer.codes()),
            (400, vec![code.to_owned()]),
            "{body}"
        );
    }
    let mut complaint = Complaint::new(2);
    complaint.about = Some(vec!["a&b=c".to_owned(), String::new()]);
    let loss = Loss::new("2026-11-24".parse().expect("a date"));
    for form in [Form::Complaint(complaint), Form::LostAndFound(loss)] {
        let request = HangUpForm::new(form.clone());
        let HangUpFormResponse::Ok(answer) = client.hang_up_form(request).await.expect("is read");
        assert_eq!(answer.body, form);
    }
}

#[tokio::test]
async fn requests_are_told_apart_by_the_media_type_of_their_bodies() {
    let (server, client) = library().await;
    let json = r#"{"reader":"anna","copies":2}"#;
    for (media_type, body, status) in [
        ("text/plain", "words", 201),
        ("Text/Plain; charset=utf-8", "words", 201),
        ("application/json", json, 202),
        ("text/html", "words", 400),
    ] {
        let head = format!("POST /desk/notices\nContent-Type: {media_type}");
        let answer = server.send(&head, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{media_type}");
    }
    assert_eq!(
        server.send("POST /desk/notices", b"words").await.status,
        400
    );
    let notice = HangUpNotice::new("words".to_owned());
    client.hang_up_notice(notice).await.expect("hangs there");
    client
        .hang_up_slip(HangUpSlip::new(slip()))
        .await
        .expect("hangs there");
}
