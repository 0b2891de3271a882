//! Every grammar of the core against texts that nobody would write: nothing panics, and what is accepted
//! has the properties that callers rely on.
//!
//! Texts are made of pieces that mean something to some grammar, by a generator that always makes the
//! same, so that a failure can be repeated.

use api_runtime::accept::Accept;
use api_runtime::etag::Tags;
use api_runtime::media::Media;
use api_runtime::query::Query;
use api_runtime::range::{Answer, ContentRange, answer, if_range};
use api_runtime::{
    Base64, Check, Date, DateTime, Envelope, ErrorInfo, Etag, HttpDate, Location, Param, Scalar,
    Style, Template, UnixTime, Uri, Uuid, form, link, percent,
};

const PIECES: [&str; 60] = [
    "",
    " ",
    "\t",
    ",",
    ";",
    "=",
    "\"",
    "\\",
    "/",
    "*",
    "-",
    "+",
    "%",
    "%2",
    "%2F",
    "%ff",
    "%00",
    "&",
    "?",
    "#",
    "<",
    ">",
    "a",
    "Z",
    "0",
    "9",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999",
    ".",
    "..",
    "W/",
    "bytes",
    "bytes=",
    "bytes ",
    "*/*",
    "text/html",
    "q=",
    "q=0.5",
    "rel",
    "rel=next",
    "anchor",
    ":",
    "T",
    "2026-11-24",
    "00:00:00",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "\u{e4}",
    "\u{1f600}",
    "\u{0}",
    "\r\n",
    "\u{7f}",
    "{",
    "}",
    "[",
    "]",
    "null",
    "\"code\"",
    "1e999",
    "-0",
];

/// A linear congruential generator (Knuth's constants): quality does not matter here.
struct Texts(u64);

impl Texts {
    fn number(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below
    }

    fn text(&mut self) -> String {
        (0..self.number(12))
            .map(|_| PIECES[self.number(PIECES.len())])
            .collect()
    }
}

fn each_text(check: impl Fn(&str, &mut Texts)) {
    let mut texts = Texts(2026);
    for _ in 0..20_000 {
        let text = texts.text();
        check(&text, &mut texts);
    }
}

fn round_trip<T: Scalar>(text: &str) {
    if let Ok(value) = T::parse(text) {
        let written = value.to_text();
        let again = T::parse(&written).unwrap_or_else(|invalid| panic!("{written:?} {invalid}"));
        assert_eq!(again.to_text(), written);
    }
}

#[test]
fn what_a_scalar_accepts_it_writes_and_accepts_again() {
    each_text(|text, _| {
        round_trip::<bool>(text);
        round_trip::<i32>(text);
        round_trip::<u64>(text);
        round_trip::<f64>(text);
        round_trip::<Base64>(text);
        round_trip::<Date>(text);
        round_trip::<DateTime>(text);
        round_trip::<Etag>(text);
        round_trip::<HttpDate>(text);
        round_trip::<Location<String>>(text);
        round_trip::<UnixTime>(text);
        round_trip::<Uri>(text);
        round_trip::<Uuid>(text);
    });
}

#[test]
fn a_part_lies_within_the_body_whatever_the_range_says() {
    each_text(|text, texts| {
        for len in [0, 1, 100, u64::MAX] {
            for line in [
                text.to_owned(),
                format!("bytes={text}"),
                format!("bytes={}-{text}", texts.number(200)),
            ] {
                if let Answer::Part(range) = answer([line.as_str()], len) {
                    assert!(
                        range.start < range.end && range.end <= len,
                        "{line:?} {range:?} {len}"
                    );
                }
            }
        }
        for line in [
            text.to_owned(),
            format!("bytes {text}"),
            format!("bytes 0-{text}/9"),
        ] {
            if let Some(range) = ContentRange::parse(&line) {
                assert_eq!(
                    ContentRange::parse(&range.to_string()),
                    Some(range),
                    "{line:?}"
                );
            }
        }
        let _ = if_range(text, Etag::strong("a").ok().as_ref(), None);
    });
}

#[test]
fn queries_and_escapes_are_decoded_or_refused() {
    each_text(|text, texts| {
        if let Ok(query) = Query::parse(Some(text)) {
            let pairs = text.split('&').filter(|pair| !pair.is_empty()).count();
            assert_eq!(query.pairs().count(), pairs, "{text:?}");
            let _ = (query.first("a"), query.flag("a"), query.has(&texts.text()));
        }
        if let Ok(decoded) = percent::decode(text) {
            let mut encoded = String::new();
            percent::segment(&mut encoded, &decoded.clone().into_owned());
            assert_eq!(percent::decode(&encoded), Ok(decoded), "{text:?}");
        }
        let _ = percent::decode_component(text);
        let _ = form::from_bytes::<Vec<(String, String)>>(text.as_bytes());
    });
}

#[test]
fn headers_of_any_content_are_read() {
    each_text(|text, texts| {
        let other = texts.text();
        let accept = Accept::parse([text, &other]);
        assert!(accept.quality("text/html") <= 1000);
        let _ = (accept.choose(&["a/b", text]), accept.quality(&other));
        if let Ok(media) = Media::parse(text) {
            assert!(media.is("*/*"), "{text:?}");
            let _ = (
                media.essence(),
                media.parameter("q"),
                media.parameters().count(),
            );
        }
        if let Some(target) = link::find([text, &other], "next") {
            assert!(!target.contains('>'), "{text:?}");
        }
        let tag = Etag::strong("a").expect("is a tag");
        if let Some(tags) = Tags::parse([text, &other]) {
            assert!(!tags.matches_strongly(false, Some(&tag)));
            let _ = tags.matches_weakly(true, Some(&tag));
        }
    });
}

#[test]
fn lists_keep_their_bounds() {
    let checks: &[Check] = &[Check::MaxItems(3), Check::MaxLength(8)];
    each_text(|text, _| {
        for style in [Style::Repeat, Style::Comma, Style::Space, Style::Pipe] {
            let param = Param {
                name: "x",
                invalid: None,
                style,
                checks,
            };
            for list in [
                param.parse_list::<String>([text]),
                param.parse_header_list([text, "a"]),
            ]
            .into_iter()
            .flatten()
            {
                assert!(
                    list.len() <= 3 && list.iter().all(|item| item.chars().count() <= 8),
                    "{list:?}"
                );
            }
        }
    });
}

#[test]
fn an_envelope_is_read_only_with_a_code() {
    static INFO: ErrorInfo = ErrorInfo {
        code: "X",
        status: 500,
        message: "x",
        rejection_detail: false,
        docs: None,
    };
    static TEMPLATE: Template = Template::Object(&[(
        "errors",
        Template::Array(&[Template::Object(&[
            ("code", Template::Code),
            ("detail", Template::Detail),
        ])]),
    )]);
    let envelope = Envelope {
        name: "x",
        shape: api_runtime::EnvelopeShape::Json {
            template: &TEMPLATE,
            media_type: "application/json",
        },
        rejections: [&INFO; 15],
    };
    let deep = format!(
        "{{\"errors\":[{{\"code\":\"X\",\"detail\":{}",
        "[".repeat(100_000)
    );
    assert_eq!(envelope.parse(deep.as_bytes()), None);
    each_text(|text, _| {
        for body in [
            text.to_owned(),
            format!("{{\"errors\":[{{\"code\":{text}}}]}}"),
        ] {
            if let Some(errors) = envelope.parse(body.as_bytes()) {
                assert!(
                    errors.iter().all(|error| !error.code.is_empty()),
                    "{body:?}"
                );
            }
        }
    });
}
