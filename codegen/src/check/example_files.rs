//! Bodies of examples that lie in files: what they are as if they had been written in the descriptor.
//!
//! Rule: a file holds what its body is declared to be. `body: {file: toy.json}` fails where the file has no JSON,
//! as `body: {json: ..}` does where that is of another type.

use serde_json::{Value as Json, json};

use crate::model::{Body, BodyKind};
use crate::spec::ExampleBody;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The content of the file as a body of this kind has it; nothing where no file was read.
pub(super) fn content(body: &ExampleBody, kind: &BodyKind) -> Option<Result<ExampleBody, String>> {
    let bytes = body.content.as_deref()?;
    let of = |json| ExampleBody {
        json: Some(json),
        ..ExampleBody::default()
    };
    let text = || std::str::from_utf8(bytes).map_err(|_| "the file has no text".to_owned());
    let written = |text: &str| ExampleBody {
        text: Some(text.to_owned()),
        ..ExampleBody::default()
    };
    let value = |text: &str| {
        let read = serde_json::from_str::<Json>(text);
        read.map_err(|error| format!("the file has no JSON: {error}"))
    };
    Some(match kind {
        BodyKind::Json { .. } => text().and_then(value).map(of),
        BodyKind::JsonLines(_) => text()
            .and_then(|text| text.lines().map(value).collect())
            .map(|items: Vec<Json>| of(Json::Array(items))),
        BodyKind::Text | BodyKind::Events(_) => text().map(written),
        _ => Ok(match std::str::from_utf8(bytes) {
            Ok(text) => written(text),
            Err(_) => ExampleBody {
                base64: Some(base64(bytes)),
                ..ExampleBody::default()
            },
        }),
    })
}

/// Puts the content of a file before its name into an example as it is written. It is one `of` these bodies.
pub(super) fn fill<'b>(
    written: &mut Json,
    body: Option<&ExampleBody>,
    of: impl Iterator<Item = &'b Body>,
) {
    let Some(body) = body else { return };
    let mut contents = of.filter_map(|one| content(body, &one.kind)?.ok());
    if let Some(found) = contents.next() {
        let mut found = json!(found);
        found["file"] = json!(body.file);
        written["body"] = found;
    }
}

fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let index = (bits >> (18 - 6 * place)) & 63;
            let is_there = place <= chunk.len();
            out.push(if is_there {
                char::from(ALPHABET[index as usize])
            } else {
                '='
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Builtin, Type};

    fn of(bytes: &[u8], kind: &BodyKind) -> Result<Json, String> {
        let body = ExampleBody {
            file: Some("a".to_owned()),
            content: Some(bytes.to_vec()),
            ..ExampleBody::default()
        };
        content(&body, kind).unwrap().map(|body| json!(body))
    }

    #[test]
    fn a_file_is_what_its_body_is_declared_to_be() {
        let any = Type::Builtin(Builtin::Any);
        let document = BodyKind::Json {
            ty: any.clone(),
            verbatim: false,
        };
        assert_eq!(of(b"[1]", &document), Ok(json!({"json": [1]})));
        assert!(of(b"[1", &document).is_err());
        let lines = BodyKind::JsonLines(any);
        assert_eq!(of(b"1\n2\n", &lines), Ok(json!({"json": [1, 2]})));
        assert_eq!(of(b"a", &BodyKind::Text), Ok(json!({"text": "a"})));
        assert!(of(b"\xff", &BodyKind::Text).is_err());
        let bytes = BodyKind::Bytes(None);
        assert_eq!(of(b"a", &bytes), Ok(json!({"text": "a"})));
        assert_eq!(of(b"\xff", &bytes), Ok(json!({"base64": "/w=="})));
        assert_eq!(
            of(b"\xff\0\x01\x02", &bytes),
            Ok(json!({"base64": "/wABAg=="}))
        );
    }
}
