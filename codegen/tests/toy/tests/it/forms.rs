//! Request forms: which operation a request is, told by its query and headers alone.

use super::wire::Server;

#[tokio::test]
async fn the_query_tells_the_forms_of_a_method_apart() {
    let server = Server::start().await;
    server.library.put_scan("b", "2", b"two");
    for (head, body, operation, status) in [
        ("POST /shelves/a/scans/", &b""[..], "start_scan", 201),
        ("POST /shelves/a/scans/?id=3", b"three", "send_scan", 201),
        (
            "POST /shelves/a/scans/?from=b&scan=2",
            b"",
            "copy_scan",
            201,
        ),
        ("POST /shelves/a/scans/?from=b", b"", "copy_scan", 202),
        ("POST /shelves/a/scans/?unknown=1", b"", "start_scan", 201),
    ] {
        let answer = server.send(head, body).await;
        assert_eq!(answer.status, status, "{head}: {answer:?}");
        let last = server.library.calls().last().cloned().expect("a call");
        assert_eq!(last, format!("{operation} by anna"), "{head}");
    }
    assert_eq!(server.library.scan("a", "3").expect("was sent"), "three");
    assert_eq!(server.library.scan("a", "2").expect("was copied"), "two");
}

#[tokio::test]
async fn a_combination_that_no_request_claims_is_refused() {
    let server = Server::start().await;
    let answer = server.send("POST /shelves/a/scans/?id=1&from=b", b"").await;
    assert_eq!(
        (answer.status, answer.codes()),
        (400, vec!["BAD_REQUEST".to_owned()])
    );
    assert!(server.library.calls().is_empty());
}
