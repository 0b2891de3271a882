//! The desk: envelopes without JSON, by hand and with the generated client.

use api_runtime::client::Error;
use api_runtime::server::Context;
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

    async fn look_out(&self, _: Context, _: LookOut) -> Result<LookOutResponse, LookOutError> {
        Err(Dark.into())
    }
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
