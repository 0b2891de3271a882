//! A server that makes things under names of its own, with one fault or none.

use std::sync::atomic::{AtomicUsize, Ordering};

use api_codegen::model::Api;
use api_verify::{Kind, Options, Target};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::server::listen;

const ORDERS: &str = r#"
spec: 1
api: {name: orders, title: Orders, version: "1"}
groups: {all: {title: All}}
schemas:
  Order: {type: object, fields: {self: {type: url<get_order>}}}
errors:
  bad: {status: 400, message: bad}
  lost: {status: 404, message: lost}
  stale: {status: 412, message: stale}
  fault: {status: 500, message: fault}
envelopes:
  code: {type: json, body: {error: $code}, rejections: {no_route: lost, no_method: bad, bad_request: bad, precondition: stale, internal: fault}}
routes:
  - path: /orders
    group: all
    methods:
      POST:
        - request: Make one
          operation: make_order
          idempotency: {header: Key}
          headers: {Key: optional string}
          success: [{status: 201, headers: {Location: url<get_order>}}]
  - path: /orders/{order}
    group: all
    path_parameters: {order: uint32}
    methods:
      GET: [{request: Read it, operation: get_order, success: [{status: 200, body: {type: json, schema: Order}}], failure: [{status: 404, codes: [lost]}]}]
      DELETE: [{request: Take it away, operation: drop_order, conditional: write, success: [{status: 204}], failure: [{status: 404, codes: [lost]}]}]
"#;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// What is made cannot be read where the answer says.
    Nowhere,
    /// Each repetition makes another one.
    Twice,
    /// Everything is taken away, whatever the condition.
    Unconditional,
    /// The URL in a body is that of something else.
    OtherUrl,
}

/// The answer to a request: its status, its headers and its body.
fn answer(head: &str, fault: Fault) -> (u16, String, String) {
    static MADE: AtomicUsize = AtomicUsize::new(100);
    let (method, rest) = head.split_once(' ').unwrap_or_default();
    let path = rest.split([' ', '?']).next().unwrap_or_default();
    let lower = head.to_ascii_lowercase();
    let key = lower.lines().find_map(|line| line.strip_prefix("key: "));
    let is_json = "Content-Type: application/json\r\n".to_owned();
    let failure =
        |status: u16, code: &str| (status, is_json.clone(), format!("{{\"error\":\"{code}\"}}"));
    let id = path
        .strip_prefix("/orders/")
        .and_then(|id| id.parse::<u32>().ok());
    let is_order = path
        .strip_prefix("/orders/")
        .is_some_and(|id| !id.is_empty() && !id.contains('/'));
    match (method, id) {
        _ if path.contains('%') && is_order => failure(400, "bad"),
        _ if head.contains("%zz") || head.contains("%ff") => failure(400, "bad"),
        ("POST", _) if path == "/orders" && lower.matches("\r\nkey: ").count() > 1 => {
            failure(400, "bad")
        }
        ("POST", _) if path == "/orders" => {
            let id = match key.filter(|_| fault != Fault::Twice) {
                Some(key) => 1000 + key.len(),
                None => MADE.fetch_add(1, Ordering::Relaxed),
            };
            (201, format!("Location: /orders/{id}\r\n"), String::new())
        }
        ("GET", Some(id)) if fault != Fault::Nowhere || id < 100 => {
            let path = if fault == Fault::OtherUrl {
                "/orders"
            } else {
                path
            };
            (200, is_json, format!("{{\"self\":\"{path}\"}}"))
        }
        ("GET", Some(_)) => failure(404, "lost"),
        ("DELETE", Some(_)) if fault != Fault::Unconditional && lower.contains("\r\nif-") => {
            failure(412, "stale")
        }
        ("DELETE", Some(_)) => (204, String::new(), String::new()),
        ("GET" | "DELETE", None) if is_order => failure(400, "bad"),
        _ if is_order => {
            let (status, headers, body) = failure(405, "bad");
            (status, format!("{headers}Allow: GET, DELETE\r\n"), body)
        }
        _ if path == "/orders" => {
            let (status, headers, body) = failure(405, "bad");
            (status, format!("{headers}Allow: POST\r\n"), body)
        }
        _ => failure(404, "lost"),
    }
}

async fn serve(mut client: TcpStream, fault: Fault) {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|four: &[u8]| four == b"\r\n\r\n") {
        match client.read_buf(&mut bytes).await {
            Ok(count) if count > 0 => {}
            _ => return,
        }
    }
    let (status, headers, body) = answer(&String::from_utf8_lossy(&bytes), fault);
    let length = match status {
        204 => String::new(),
        _ => format!("Content-Length: {}\r\n", body.len()),
    };
    let is_head = bytes.starts_with(b"HEAD");
    let body = if is_head { "" } else { &body };
    let answer = format!("HTTP/1.1 {status} X\r\n{headers}{length}\r\n{body}");
    let _ = client.write_all(answer.as_bytes()).await;
    let _ = client.shutdown().await;
}

/// The deviations of a server with a fault.
async fn found(fault: Fault) -> Vec<(Kind, String)> {
    let api: Api = match api_codegen::load_str("orders", ORDERS) {
        Ok(loaded) => loaded.api,
        Err(failure) => panic!("{failure}"),
    };
    let (listener, address) = listen().await;
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, fault));
        }
    });
    let target = Target::parse(&format!("http://{address}")).expect("a URL");
    let report = api_verify::verify(&api, &Options::new(target)).await;
    let deviations = report.expect("it is there").deviations.into_iter();
    deviations
        .map(|one| {
            (
                one.kind,
                format!("{}: {} => {}", one.request, one.expected, one.got),
            )
        })
        .collect()
}

/// A fault is found, and nothing else.
async fn is_found_alone(fault: Fault, kind: Kind) {
    let found = found(fault).await;
    let is_it = !found.is_empty() && found.iter().all(|(own, _)| *own == kind);
    assert!(is_it, "{found:#?}");
}

#[tokio::test]
async fn nothing_is_found_where_all_is_well() {
    let found = found(Fault::None).await;
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn what_was_made_can_be_read() {
    is_found_alone(Fault::Nowhere, Kind::Header).await;
}

#[tokio::test]
async fn a_repetition_makes_nothing_else() {
    is_found_alone(Fault::Twice, Kind::Repetition).await;
}

#[tokio::test]
async fn who_deletes_is_told_that_somebody_was_faster() {
    is_found_alone(Fault::Unconditional, Kind::Condition).await;
}

#[tokio::test]
async fn a_url_in_a_body_is_that_of_its_operation() {
    is_found_alone(Fault::OtherUrl, Kind::Body).await;
}
