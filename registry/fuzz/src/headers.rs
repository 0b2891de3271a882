//! The grammars of headers, queries and escapes that the runtime has for every API.

use api_runtime::accept::Accept;
use api_runtime::etag::Tags;
use api_runtime::media::Media;
use api_runtime::query::Query;
use api_runtime::range::{Answer, ContentRange, answer, if_range};
use api_runtime::{
    Base64, Date, DateTime, Etag, HttpDate, Scalar, UnixTime, Uri, Uuid, form, link, percent,
};

/// The lines of the input are the lines of one header; the whole of it is a value, a query, a body.
pub fn headers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().take(16).collect();
    scalars(&text);
    ranges(&lines);
    lists(&lines);
    escapes(&text);
    let _ = form::from_bytes::<Vec<(String, String)>>(bytes);
}

fn scalars(text: &str) {
    written_is_read::<bool>(text);
    written_is_read::<i32>(text);
    written_is_read::<u64>(text);
    written_is_read::<f64>(text);
    written_is_read::<Base64>(text);
    written_is_read::<Date>(text);
    written_is_read::<DateTime>(text);
    written_is_read::<Etag>(text);
    written_is_read::<HttpDate>(text);
    written_is_read::<UnixTime>(text);
    written_is_read::<Uri>(text);
    written_is_read::<Uuid>(text);
}

fn written_is_read<T: Scalar>(text: &str) {
    if let Ok(value) = T::parse(text) {
        let written = value.to_text();
        let again = T::parse(&written).unwrap_or_else(|invalid| panic!("{written:?} {invalid}"));
        assert_eq!(again.to_text(), written);
    }
}

fn ranges(lines: &[&str]) {
    for len in [0, 1, 100, u64::MAX] {
        if let Answer::Part(range) = answer(lines.iter().copied(), len) {
            assert!(range.start < range.end && range.end <= len);
        }
    }
    for line in lines {
        if let Some(range) = ContentRange::parse(line) {
            assert_eq!(ContentRange::parse(&range.to_string()), Some(range));
        }
        let _ = if_range(line, Etag::strong("a").ok().as_ref(), None);
    }
}

fn lists(lines: &[&str]) {
    let all = || lines.iter().copied();
    let accept = Accept::parse(all());
    for line in lines {
        assert!(accept.quality(line) <= 1000);
        if let Ok(media) = Media::parse(line) {
            assert!(media.is("*/*"));
            assert!(media.essence().len() <= line.len());
            let _ = (media.parameter("q"), media.parameters().count());
        }
    }
    let chosen = accept.choose(lines);
    assert!(chosen.is_none_or(|index| index < lines.len()));
    if let Some(target) = link::find(all(), "next") {
        assert!(!target.contains('>'));
        let written = link::write(target, "next");
        assert_eq!(link::find([&*written], "next"), Some(target), "{written:?}");
    }
    if let Some(tags) = Tags::parse(all()) {
        let tag = Etag::strong("a").expect("a letter is a tag");
        assert!(!tags.matches_strongly(false, Some(&tag)));
        assert!(!tags.matches_strongly(true, Some(&tag)) || tags.matches_weakly(true, Some(&tag)));
    }
}

fn escapes(text: &str) {
    if let Ok(query) = Query::parse(Some(text)) {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).count();
        assert_eq!(query.pairs().count(), pairs);
        for (key, value) in query.pairs().take(100) {
            assert!(query.has(&key));
            assert!(query.all(&key).any(|other| other == value));
        }
    }
    if let Ok(decoded) = percent::decode(text) {
        let mut encoded = String::new();
        percent::segment(&mut encoded, &decoded.clone().into_owned());
        assert_eq!(percent::decode(&encoded), Ok(decoded));
    }
    let _ = percent::decode_component(text);
}
