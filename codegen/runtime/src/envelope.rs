//! Envelopes: the shape of an error answer, written and parsed by one template.
//!
//! A template is the JSON of the answer with placeholders. An array with `$code` somewhere below it
//! repeats its one element for each error; a key whose placeholder has no value is left out. Parsing is
//! lenient, since whoever answers may be another program of another version: unknown keys are skipped,
//! missing ones are absent, and only an answer without any code is none of the API's.

use std::borrow::Cow;
use std::io::Write as _;

use serde_json::json;

use crate::{ErrorInfo, Json, WireError};

/// The shape of a failure's answer.
#[derive(Debug)]
pub struct Envelope {
    /// Its name in the descriptor.
    pub name: &'static str,
    /// Its body.
    pub shape: EnvelopeShape,
    /// The code of each answer that the server gives by itself, in the order of [`RejectionKind::ALL`].
    pub rejections: [&'static ErrorInfo; RejectionKind::ALL.len()],
}

/// How the body of a failure is written.
#[derive(Clone, Copy, Debug)]
pub enum EnvelopeShape {
    /// JSON.
    Json {
        /// The document.
        template: &'static Template,
        /// Its media type: `application/json`, or one of a name that ends with `+json`.
        media_type: &'static str,
    },
    /// `text/plain`: the value of one placeholder, the code or the message.
    Text(&'static Template),
    /// Failures have no body.
    None,
}

/// A JSON value with placeholders.
#[derive(Debug)]
pub enum Template {
    /// An object.
    Object(&'static [(&'static str, Template)]),
    /// An array.
    Array(&'static [Template]),
    /// JSON as it is.
    Json(&'static str),
    /// The code.
    Code,
    /// The status, a number.
    Status,
    /// The message.
    Message,
    /// The detail.
    Detail,
    /// A field of the detail.
    DetailField(&'static str),
    /// A page that explains the code.
    Docs,
    /// The id of the request.
    RequestId,
}

/// Answers that the server gives by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectionKind {
    /// No route has this path.
    NoRoute,
    /// The route does not have this method.
    NoMethod,
    /// A parameter is missing or malformed, or no request has this form.
    BadRequest,
    /// The body cannot be read.
    BadBody,
    /// The body is over its limit.
    TooLarge,
    /// The body has another media type than those declared.
    MediaType,
    /// Nothing that could be answered is acceptable.
    NotAcceptable,
    /// The body must say how long it is.
    LengthRequired,
    /// No byte of the range is there.
    Range,
    /// A condition of the request does not hold.
    Precondition,
    /// The caller is not known.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// The body stopped arriving.
    Timeout,
    /// The service cannot answer now.
    Unavailable,
    /// A fault of the server.
    Internal,
}

impl RejectionKind {
    /// All kinds, in the order in which an envelope lists their codes.
    pub const ALL: [Self; 15] = [
        Self::NoRoute,
        Self::NoMethod,
        Self::BadRequest,
        Self::BadBody,
        Self::TooLarge,
        Self::MediaType,
        Self::NotAcceptable,
        Self::LengthRequired,
        Self::Range,
        Self::Precondition,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::Timeout,
        Self::Unavailable,
        Self::Internal,
    ];

    /// The status of the answer. It belongs to the kind, not to the code.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::BadBody => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NoRoute => 404,
            Self::NoMethod => 405,
            Self::NotAcceptable => 406,
            Self::Timeout => 408,
            Self::LengthRequired => 411,
            Self::Precondition => 412,
            Self::TooLarge => 413,
            Self::MediaType => 415,
            Self::Range => 416,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// What placeholders stand for.
struct Values<'v> {
    status: u16,
    request_id: Option<&'v str>,
    errors: &'v [WireError],
    /// The error that an element of a repeated array shows.
    current: Option<&'v WireError>,
}

impl Envelope {
    /// The media type of the body; `None` where failures have none.
    pub fn media_type(&self) -> Option<&'static str> {
        match self.shape {
            EnvelopeShape::Json { media_type, .. } => Some(media_type),
            EnvelopeShape::Text(_) => Some("text/plain; charset=utf-8"),
            EnvelopeShape::None => None,
        }
    }

    /// The code that a rejection answers.
    pub fn rejection(&self, kind: RejectionKind) -> &'static ErrorInfo {
        self.rejections[kind as usize]
    }

    /// The body of an answer with `errors`; `None` where failures have none.
    pub fn write(
        &self,
        status: u16,
        errors: &[WireError],
        request_id: Option<&str>,
    ) -> Option<Vec<u8>> {
        let template = match self.shape {
            EnvelopeShape::Json { template, .. } => template,
            EnvelopeShape::Text(template) => {
                let text = errors.first().map(|error| match template {
                    Template::Code => error.code.as_ref(),
                    _ => error.message.as_ref(),
                });
                return Some(text.unwrap_or_default().into());
            }
            EnvelopeShape::None => return None,
        };
        let mut out = Vec::new();
        let values = Values {
            status,
            request_id,
            errors,
            current: errors.first(),
        };
        if !template.write(&values, &mut out) {
            out.extend_from_slice(b"null");
        }
        Some(out)
    }

    /// The errors in a body; `None` where it is not of this envelope. An envelope without codes yields
    /// one error with an empty code.
    pub fn parse(&self, body: &[u8]) -> Option<Vec<WireError>> {
        let (template, body) = match self.shape {
            EnvelopeShape::Json { template, .. } => (template, serde_json::from_slice(body).ok()?),
            EnvelopeShape::Text(template) => {
                let text = std::str::from_utf8(body).ok()?;
                let mut errors = vec![WireError::default()];
                template.read_leaf(&Json::from(text.trim_end()), &mut errors);
                return Some(errors);
            }
            EnvelopeShape::None => return None,
        };
        let mut errors = vec![WireError::default()];
        template.read(&body, &mut errors);
        if template.has_code() {
            errors.retain(|error| !error.code.is_empty());
        } else if !body.is_object() {
            return None;
        }
        (!errors.is_empty()).then_some(errors)
    }
}

impl Template {
    fn has_code(&self) -> bool {
        match self {
            Self::Code => true,
            Self::Object(members) => members.iter().any(|(_, template)| template.has_code()),
            Self::Array(elements) => elements.iter().any(Self::has_code),
            _ => false,
        }
    }

    /// Appends the value; nothing, and `false`, where it has none.
    fn write(&self, values: &Values<'_>, out: &mut Vec<u8>) -> bool {
        let error = values.current;
        match self {
            Self::Object(members) => object(members, values, out),
            Self::Array(elements) => array(elements, values, out),
            Self::Json(text) => append(out, text.as_bytes()),
            Self::Status => append(out, values.status.to_string().as_bytes()),
            Self::Code => error.is_some_and(|error| text(out, &error.code)),
            Self::Message => error.is_some_and(|error| text(out, &error.message)),
            Self::Docs => error
                .and_then(|error| error.docs.as_deref())
                .is_some_and(|docs| text(out, docs)),
            Self::RequestId => values.request_id.is_some_and(|id| text(out, id)),
            Self::Detail => error
                .and_then(|error| error.detail.as_ref())
                .is_some_and(|json| value(out, json)),
            Self::DetailField(field) => error
                .and_then(|error| error.detail.as_ref()?.get(field))
                .is_some_and(|json| value(out, json)),
        }
    }

    /// Reads what `json` has into the last of `errors`. A repeated array appends errors.
    fn read(&self, json: &Json, errors: &mut Vec<WireError>) {
        match (self, json) {
            (Self::Object(members), Json::Object(fields)) => {
                for (key, template) in *members {
                    if let Some(json) = fields.get(*key) {
                        template.read(json, errors);
                    }
                }
            }
            (Self::Array([element]), Json::Array(items)) if element.has_code() => {
                for item in items {
                    errors.push(WireError::default());
                    element.read(item, errors);
                }
            }
            (Self::Array(elements), Json::Array(items)) => {
                elements
                    .iter()
                    .zip(items)
                    .for_each(|(template, item)| template.read(item, errors));
            }
            _ => self.read_leaf(json, errors),
        }
    }

    fn read_leaf(&self, json: &Json, errors: &mut [WireError]) {
        let Some(error) = errors.last_mut() else {
            return;
        };
        let text = json.as_str().map(|text| Cow::Owned(text.to_owned()));
        match self {
            Self::Code => error.code = text.unwrap_or_default(),
            Self::Message => error.message = text.unwrap_or_default(),
            Self::Docs => error.docs = text,
            Self::Detail if !json.is_null() => error.detail = Some(json.clone()),
            Self::DetailField(field) => match &mut error.detail {
                Some(Json::Object(fields)) => {
                    drop(fields.insert((*field).to_owned(), json.clone()));
                }
                detail => *detail = Some(json!({ *field: json })),
            },
            _ => {}
        }
    }
}

fn object(members: &[(&str, Template)], values: &Values<'_>, out: &mut Vec<u8>) -> bool {
    out.push(b'{');
    let mut is_first = true;
    for (key, template) in members {
        let before = out.len();
        if !is_first {
            out.push(b',');
        }
        text(out, key);
        out.push(b':');
        if template.write(values, out) {
            is_first = false;
        } else {
            out.truncate(before);
        }
    }
    append(out, b"}")
}

fn array(elements: &[Template], values: &Values<'_>, out: &mut Vec<u8>) -> bool {
    out.push(b'[');
    let mut is_first = true;
    let mut element = |template: &Template, current, out: &mut Vec<u8>| {
        let before = out.len();
        if !is_first {
            out.push(b',');
        }
        if template.write(&Values { current, ..*values }, out) {
            is_first = false;
        } else {
            out.truncate(before);
        }
    };
    match elements {
        [template] if template.has_code() => {
            values
                .errors
                .iter()
                .for_each(|error| element(template, Some(error), out));
        }
        _ => elements
            .iter()
            .for_each(|template| element(template, values.current, out)),
    }
    append(out, b"]")
}

fn append(out: &mut Vec<u8>, bytes: &[u8]) -> bool {
    out.extend_from_slice(bytes);
    true
}

fn text(out: &mut Vec<u8>, text: &str) -> bool {
    // Neither a text nor memory can fail.
    serde_json::to_writer(&mut *out, text).is_ok()
}

fn value(out: &mut Vec<u8>, json: &Json) -> bool {
    write!(out, "{json}").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    static INFO: ErrorInfo = ErrorInfo {
        code: "INTERNAL",
        status: 500,
        message: "internal",
        rejection_detail: false,
        docs: None,
    };

    const LIST: Template = Template::Object(&[(
        "errors",
        Template::Array(&[Template::Object(&[
            ("code", Template::Code),
            ("message", Template::Message),
            ("detail", Template::Detail),
        ])]),
    )]);

    const DEEP: Template = Template::Object(&[
        ("type", Template::Json("\"error\"")),
        (
            "error",
            Template::Object(&[
                ("code", Template::Status),
                ("status", Template::Code),
                ("message", Template::Message),
                ("details", Template::Array(&[Template::Detail])),
                ("field", Template::DetailField("parameter")),
                ("help", Template::Docs),
            ]),
        ),
        ("request", Template::RequestId),
    ]);

    const NO_CODE: Template =
        Template::Object(&[("message", Template::Message), ("errors", Template::Detail)]);

    fn envelope(template: &'static Template) -> Envelope {
        Envelope {
            name: "test",
            shape: EnvelopeShape::Json {
                template,
                media_type: "application/json",
            },
            rejections: [&INFO; 15],
        }
    }

    fn error(code: &'static str, detail: Option<Json>) -> WireError {
        WireError {
            code: code.into(),
            message: "a \"message\"".into(),
            detail,
            docs: None,
        }
    }

    fn written(template: &'static Template, errors: &[WireError]) -> String {
        let body = envelope(template)
            .write(404, errors, Some("r1"))
            .expect("has a body");
        String::from_utf8(body).expect("is a text")
    }

    #[test]
    fn an_array_around_the_code_repeats_its_element() {
        let errors = [error("A", None), error("B", Some(json!({"x": 1})))];
        assert_eq!(
            written(&LIST, &errors),
            r#"{"errors":[{"code":"A","message":"a \"message\""},{"code":"B","message":"a \"message\"","detail":{"x":1}}]}"#
        );
        assert_eq!(written(&LIST, &[]), r#"{"errors":[]}"#);
    }

    #[test]
    fn a_key_without_a_value_is_left_out_and_the_order_is_the_template_s() {
        let mut one = error("A", Some(json!({"parameter": "n"})));
        one.docs = Some("https://h/a".into());
        assert_eq!(
            written(&DEEP, &[one]),
            r#"{"type":"error","error":{"code":404,"status":"A","message":"a \"message\"","details":[{"parameter":"n"}],"field":"n","help":"https://h/a"},"request":"r1"}"#
        );
        assert_eq!(
            written(&DEEP, &[error("A", None)]),
            r#"{"type":"error","error":{"code":404,"status":"A","message":"a \"message\"","details":[]},"request":"r1"}"#
        );
    }

    #[test]
    fn what_is_written_is_parsed() {
        let errors = vec![error("A", None), error("B", Some(json!({"x": [1, null]})))];
        let body = written(&LIST, &errors);
        assert_eq!(envelope(&LIST).parse(body.as_bytes()), Some(errors));
        let mut one = error("A", Some(json!({"parameter": "n", "reason": "bad"})));
        one.docs = Some("https://h/a".into());
        let body = written(&DEEP, std::slice::from_ref(&one));
        assert_eq!(envelope(&DEEP).parse(body.as_bytes()), Some(vec![one]));
    }

    #[test]
    fn a_body_of_another_shape_is_not_of_the_envelope() {
        for body in [
            "",
            "{",
            "null",
            "[]",
            "7",
            "{}",
            r#"{"errors":[]}"#,
            r#"{"errors":{"code":"A"}}"#,
            r#"{"errors":[{"code":7}]}"#,
            r#"{"errors":["A", null]}"#,
            r#"{"message":"x"}"#,
            "\u{0}",
        ] {
            assert_eq!(envelope(&LIST).parse(body.as_bytes()), None, "{body}");
        }
        assert_eq!(envelope(&LIST).parse(&[0xff]), None);
    }

    #[test]
    fn unknown_keys_and_broken_elements_are_skipped() {
        let body = r#"{"errors":[7,{"code":"A","message":null,"more":1,"detail":null}],"x":[]}"#;
        let parsed = envelope(&LIST).parse(body.as_bytes()).expect("has a code");
        assert_eq!(
            parsed,
            [WireError {
                code: "A".into(),
                ..WireError::default()
            }]
        );
    }

    #[test]
    fn an_envelope_without_codes_yields_one_error() {
        let parsed = envelope(&NO_CODE)
            .parse(br#"{"message":"no","errors":[1]}"#)
            .expect("is an object");
        assert_eq!(parsed.len(), 1);
        assert_eq!(
            (parsed[0].code.as_ref(), parsed[0].message.as_ref()),
            ("", "no")
        );
        assert_eq!(parsed[0].detail, Some(json!([1])));
        assert_eq!(envelope(&NO_CODE).parse(b"[]"), None);
    }

    #[test]
    fn a_text_is_the_message_or_the_code_and_nothing_else() {
        static MESSAGE: Template = Template::Message;
        static CODE: Template = Template::Code;
        let errors = [error("A", Some(json!(1))), error("B", None)];
        let said = |template, body: Option<&[u8]>| {
            let text = Envelope {
                shape: EnvelopeShape::Text(template),
                ..envelope(&LIST)
            };
            let written = text.write(404, &errors, None).expect("has a body");
            let parsed = text.parse(body.unwrap_or(&written))?;
            assert_eq!(parsed.len(), 1);
            let error = parsed.into_iter().next()?;
            Some((error.code.into_owned(), error.message.into_owned()))
        };
        let pair = |code: &str, message: &str| Some((code.to_owned(), message.to_owned()));
        assert_eq!(said(&MESSAGE, None), pair("", "a \"message\""));
        assert_eq!(said(&CODE, None), pair("A", ""));
        assert_eq!(said(&CODE, Some(b"B\r\n")), pair("B", ""));
        assert_eq!(said(&CODE, Some(b"")), pair("", ""));
        assert_eq!(said(&CODE, Some(&[0xff])), None);
    }

    #[test]
    fn failures_without_a_body_have_none() {
        let none = Envelope {
            shape: EnvelopeShape::None,
            ..envelope(&LIST)
        };
        assert_eq!(none.write(404, &[error("A", None)], None), None);
        assert_eq!(none.parse(b"{}"), None);
        for (index, kind) in RejectionKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
            assert_eq!(none.rejection(kind).code, "INTERNAL");
            assert!((400..=503).contains(&kind.status()));
        }
    }
}
