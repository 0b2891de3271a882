//! Servers with one fault each: all are found, and named by what is wrong.

use api_verify::Kind;
use api_verify::report::human;

use super::proxy::{self, Fault, Reply};
use super::server::{options, start, verify};

/// Tests the operations `only` of a server with a fault, which must be found as one of this kind.
async fn is_found(only: &[&str], fault: Fault, kind: Kind) {
    let address = proxy::start(start().await, fault).await;
    let mut options = options(address);
    options.only = only.iter().map(|name| (*name).to_owned()).collect();
    let report = verify(&options).await;
    let found = report.deviations.iter().any(|one| one.kind == kind);
    assert!(found, "{kind} is not among\n{}", human(&report));
}

/// A fault of the answer alone.
const fn answers(reply: fn(&str, &mut Reply)) -> Fault {
    Fault {
        request: |head| head,
        reply,
    }
}

/// A fault in what reaches the server.
const fn hears(request: fn(String) -> String) -> Fault {
    Fault {
        request,
        reply: |_, _| {},
    }
}

/// A head without the headers of this name.
fn without(head: &str, name: &str) -> String {
    let is_it = |line: &&str| {
        let own = line.split(':').next().unwrap_or_default();
        !own.eq_ignore_ascii_case(name)
    };
    let lines: Vec<&str> = head.split("\r\n").filter(is_it).collect();
    lines.join("\r\n")
}

macro_rules! faults {
    ($($name:ident: [$($only:literal),*] $fault:expr => $kind:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                is_found(&[$($only),*], $fault, Kind::$kind).await;
            }
        )*
    };
}

faults! {
    a_success_with_an_undeclared_status: ["put_label"] answers(|head, reply| {
        if head.starts_with("PUT") && reply.status == 204 {
            reply.status = 200;
        }
    }) => Status,
    a_failure_with_an_undeclared_status: ["get_label"] answers(|_, reply| {
        if reply.status == 404 {
            reply.status = 410;
        }
    }) => Status,
    a_missing_header: ["put_book", "get_book"] answers(|head, reply| {
        if head.starts_with("GET") {
            reply.remove("etag");
        }
    }) => Missing,
    a_header_that_only_failures_lack: ["get_label"] answers(|_, reply| {
        if reply.status == 400 {
            reply.remove("x-library");
        }
    }) => Missing,
    a_header_that_is_no_number: ["pay_fine"] answers(|_, reply| {
        reply.set("x-count", "many");
    }) => Header,
    a_location_that_leads_elsewhere: ["put_book"] answers(|_, reply| {
        if reply.status == 201 {
            reply.set("location", "/shelves");
        }
    }) => Header,
    an_envelope_of_another_shape: ["get_label"] answers(|_, reply| {
        reply.replace("\"errors\":[{", "\"error\":[{");
    }) => Envelope,
    a_failure_without_a_message: ["get_label"] answers(|_, reply| {
        reply.replace("\"message\"", "\"text\"");
    }) => Envelope,
    a_failure_that_is_html: ["get_label"] answers(|_, reply| {
        if reply.status == 404 {
            reply.set("content-type", "text/html");
        }
    }) => MediaType,
    a_wrong_code: ["get_label"] answers(|_, reply| {
        reply.replace("BAD_SHELF", "BAD_REQUEST");
    }) => Code,
    a_code_that_nobody_declared: ["get_book"] answers(|_, reply| {
        reply.replace("UNKNOWN_BOOK", "UNKNOWN_SCAN");
    }) => Code,
    a_detail_of_another_type: ["get_label"] answers(|_, reply| {
        reply.replace("\"detail\":{\"shelf\":", "\"detail\":{\"self\":");
    }) => Detail,
    a_body_behind_head: ["put_book", "get_book"] answers(|head, reply| {
        if head.starts_with("HEAD") {
            reply.body = b"{}".to_vec();
        }
    }) => Head,
    a_head_that_fails: ["put_book", "get_book"] answers(|head, reply| {
        if head.starts_with("HEAD") {
            reply.status = 404;
        }
    }) => Head,
    no_allow: ["get_label"] answers(|_, reply| {
        reply.remove("allow");
    }) => Allow,
    an_allow_that_lacks_a_method: ["get_label"] answers(|_, reply| {
        if reply.header("allow").is_some() {
            reply.set("allow", "GET");
        }
    }) => Allow,
    a_method_that_is_taken: ["get_label"] answers(|_, reply| {
        if reply.status == 405 {
            reply.status = 204;
            reply.body.clear();
        }
    }) => Taken,
    a_path_that_is_taken: ["get_label"] answers(|head, reply| {
        if head.contains("x-verify-unknown") {
            reply.status = 200;
        }
    }) => Taken,
    a_number_that_is_too_large: ["list_shelves"] hears(|head| {
        head.replace("n=51", "n=50")
    }) => Taken,
    a_number_that_is_none: ["ring_bell"] hears(|head| {
        head.replace("times=verify-unknown", "times=7")
    }) => Taken,
    a_parameter_that_may_be_there_twice: ["list_shelves"] hears(|head| {
        head.replace("n=10&n=10", "n=10")
    }) => Taken,
    a_parameter_that_may_be_missing: ["lend_book"] hears(|head| {
        if head.to_ascii_lowercase().contains("x-reader") {
            return head;
        }
        head.replacen("\r\n", "\r\nX-Reader: anna\r\n", 1)
    }) => Status,
    a_value_that_is_refused: ["get_label"] answers(|head, reply| {
        if head.contains("/labels/") && reply.status != 400 {
            reply.status = 400;
            reply.set("content-type", "application/json");
            reply.body = br#"{"errors":[{"code":"BAD_SHELF","message":"no"}]}"#.to_vec();
        }
    }) => Refused,
    a_body_that_is_too_large: ["put_label"] answers(|_, reply| {
        if reply.status == 413 {
            reply.status = 204;
            reply.body.clear();
        }
    }) => Taken,
    a_media_type_that_nobody_reads: ["search_books"] hears(|head| {
        head.replace("application/x-verify", "application/x-www-form-urlencoded")
    }) => Status,
    a_preference_that_is_ignored: ["read_slips"] hears(|head| without(&head, "accept")) => Taken,
    another_body_than_was_preferred: ["read_slips"] hears(|head| {
        head.replace("Accept: text/csv", "Accept: application/json")
    }) => MediaType,
    a_field_that_is_missing: ["list_shelves"] answers(|_, reply| {
        reply.replace("\"shelves\"", "\"names\"");
    }) => Body,
    a_field_that_is_null: ["put_book", "get_book"] answers(|_, reply| {
        reply.replace("\"pages\":1", "\"pages\":null");
    }) => Body,
    a_value_of_another_format: ["list_shelves"] answers(|_, reply| {
        reply.replace("\"books\"", "\"Books!\"");
    }) => Body,
    lines_that_are_no_entries: ["follow_log"] answers(|_, reply| {
        reply.replace("\"visit\"", "\"visitor\"");
    }) => Body,
    an_event_with_other_data: ["follow_past"] answers(|_, reply| {
        reply.replace("data: red", "data: green");
    }) => Body,
    events_without_ids: ["follow_ticker"] answers(|_, reply| {
        reply.replace("id: ", "x: ");
    }) => Resume,
    an_id_that_comes_again_behind_another: ["follow_ticker"] answers(|_, reply| {
        reply.replace("id: 3\n", "id: 1\n");
    }) => Resume,
    a_stream_that_begins_again: ["follow_ticker"] hears(|head| without(&head, "last-event-id")) => Resume,
    a_stream_that_leaves_out_an_event: ["follow_ticker"] answers(|head, reply| {
        if head.to_ascii_lowercase().contains("last-event-id: 1") {
            reply.replace("id: 2", "x: 2");
        }
    }) => Resume,
    a_stream_that_ends_too_early: ["follow_ticker"] answers(|head, reply| {
        if head.to_ascii_lowercase().contains("last-event-id: 1") {
            reply.status = 204;
            reply.body.clear();
        }
    }) => Resume,
    a_body_where_none_is_declared: ["pay_fine"] answers(|_, reply| {
        if reply.status == 200 {
            reply.body = b"paid".to_vec();
        }
    }) => Body,
    a_body_that_breaks_off: ["list_shelves"] answers(|head, reply| {
        if head.starts_with("GET") {
            reply.missing = 3;
        }
    }) => Framing,
    ranges_that_are_ignored: ["fill_scan", "get_scan"] hears(|head| without(&head, "range")) => Range,
    a_range_of_other_bytes: ["fill_scan", "get_scan"] answers(|_, reply| {
        if reply.status == 206 {
            reply.body.reverse();
        }
    }) => Range,
    a_part_that_does_not_say_which: ["fill_scan", "get_scan"] answers(|_, reply| {
        reply.remove("content-range");
    }) => Range,
    conditions_of_readers_that_are_ignored: ["put_book", "get_book"] hears(|head| {
        without(&head, "if-none-match")
    }) => Condition,
    beliefs_of_readers_that_are_ignored: ["put_book", "get_book"] hears(|head| {
        if head.starts_with("GET") { without(&head, "if-match") } else { head }
    }) => Condition,
    conditions_of_writers_that_are_ignored: ["put_book"] hears(|head| {
        without(&head, "if-match")
    }) => Condition,
    pages_that_never_end: ["list_loans"] answers(|_, reply| {
        reply.replace("\"nextPageToken\":\"4\"", "\"nextPageToken\":\"2\"");
    }) => Pages,
    a_link_to_another_server: ["list_shelves"] answers(|_, reply| {
        reply.set("link", "<http://example.org/shelves?n=1>; rel=\"next\"");
    }) => Pages,
    a_repetition_that_fails: ["pay_fine"] answers(|head, reply| {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        if head.contains("000000000001") {
            let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            reply.status = if count == 0 { 200 } else { 201 };
        }
    }) => Repetition,
    a_text_of_another_charset: ["read_slips"] answers(|_, reply| {
        if reply.header("content-type") == Some("text/csv") {
            reply.set("content-type", "text/csv; charset=iso-8859-1");
        }
    }) => MediaType,
    two_media_types_of_one_body: ["list_shelves"] answers(|_, reply| {
        let other = ("content-type".to_owned(), "text/html".to_owned());
        reply.headers.push(other);
    }) => Header,
    a_header_that_is_there_twice: ["put_book", "get_book"] answers(|_, reply| {
        if reply.header("etag").is_some() {
            reply.headers.push(("etag".to_owned(), "\"other\"".to_owned()));
        }
    }) => Header,
    a_key_that_is_there_twice: ["list_shelves"] answers(|_, reply| {
        reply.replace("{\"shelves\"", "{\"shelves\":[],\"shelves\"");
    }) => Body,
    an_event_that_does_not_end: ["follow_past"] answers(|_, reply| {
        reply.body.pop();
    }) => Body,
    an_event_without_data: ["follow_ticker"] answers(|_, reply| {
        reply.replace("data: 9\n", "");
    }) => Body,
    a_part_from_the_end_that_is_longer_than_all: ["fill_scan", "get_scan"] hears(|head| {
        let is_last = head.contains("bytes=-") && !head.contains("bytes=-1\r\n") && !head.contains("bytes=-0");
        if is_last { without(&head, "range") } else { head }
    }) => Range,
    no_bytes_from_the_end: ["fill_scan", "get_scan"] hears(|head| {
        if head.contains("bytes=-0") { without(&head, "range") } else { head }
    }) => Range,
    a_weak_tag_that_is_another_one: ["put_book", "get_book"] hears(|head| {
        if head.contains("W/\"") { without(&head, "if-none-match") } else { head }
    }) => Condition,
    a_page_that_begins_with_the_last_item: ["list_fines"] hears(|head| {
        head.replace("starting_after=4", "starting_after=3")
    }) => Pages,
    pages_without_an_item: ["list_loans"] answers(|head, reply| {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        if head.starts_with("GET") && reply.status == 200 {
            let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            reply.body = format!(r#"{{"loans":[],"nextPageToken":"x{count}"}}"#).into_bytes();
        }
    }) => Pages,
    no_answer_at_all: ["ring_bell"] answers(|head, reply| {
        if head.contains("times=1 ") {
            reply.status = 1;
        }
    }) => NoAnswer,
}
