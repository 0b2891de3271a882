//! Examples of requests and answers, where OpenAPI has a place for them.
//!
//! A name is that of the descriptor, with the operation before it where one method has several. What is no
//! value of JSON, a file or bytes, stands in `x-examples` of the operation alone, which has all of them.

use serde_json::{Value as Json, json};

use super::bodies::{Content, lines};
use super::components::Out;
use super::object::Object;
use super::requests::Form;
use super::{envelopes, types};
use crate::model::{Body, BodyKind, Parameter};

/// All examples of a method, each with its request and its answer.
pub(super) fn all(forms: &[Form<'_>]) -> Object {
    let mut object = Object::new();
    for form in forms {
        for example in &form.request.examples {
            let written = Object::new()
                .set("operation", form.operation.name.as_str())
                .some("description", example.get("description").cloned())
                .some("request", example.get("request").cloned())
                .some("response", example.get("response").cloned());
            object = object.set(&name(form, example), written);
        }
    }
    object
}

fn name(form: &Form<'_>, example: &Json) -> String {
    format!(
        "{}.{}",
        form.operation.name,
        example["name"].as_str().unwrap_or_default()
    )
}

fn entry(example: &Json, value: Json) -> Json {
    Object::new()
        .some("description", example.get("description").cloned())
        .set("value", value)
        .json()
}

/// What the examples have for a parameter.
pub(super) fn of_parameter(out: &Out<'_>, place: &str, of: &[(&Form<'_>, &Parameter)]) -> Object {
    let key = match place {
        "header" => "headers",
        place => place,
    };
    let mut object = Object::new();
    for (form, parameter) in of {
        for example in &form.request.examples {
            let given = example["request"][key].as_object().into_iter().flatten();
            let mut given = given.filter(|(name, _)| name.eq_ignore_ascii_case(&parameter.wire));
            if let Some((_, value)) = given.next() {
                let value = types::in_parameter(
                    out,
                    &parameter.value.ty,
                    value,
                    parameter.style.separator(),
                );
                object = object.set(&name(form, example), json!({"value": value}));
            }
        }
    }
    object
}

/// Adds what the examples have for the body of a request.
pub(super) fn of_request(form: &Form<'_>, content: &mut Content) {
    let Some(declared) = &form.request.body else {
        return;
    };
    for example in &form.request.examples {
        let request = &example["request"];
        let of = declared.of_type(header(request, "Content-Type"));
        add(form, example, &request["body"], of, content);
    }
}

/// Adds what the examples have for the body of an answer.
pub(super) fn of_response(out: &Out<'_>, form: &Form<'_>, status: u16, content: &mut Content) {
    let of_status = |example: &&Json| example["response"]["status"] == json!(status);
    for example in form.request.examples.iter().filter(of_status) {
        let response = &example["response"];
        let code = out
            .api
            .errors
            .iter()
            .find(|error| response["code"] == json!(error.code));
        if let Some(code) = code
            && let Some(value) = envelopes::sample(out.api, form.route.envelope, status, code)
        {
            let media_type = out.api[form.route.envelope].media_type();
            content.add_example(
                media_type.unwrap_or_default(),
                &name(form, example),
                entry(example, value),
            );
        }
        let successes = form
            .request
            .successes
            .iter()
            .filter(|success| success.status == status);
        for declared in successes.filter_map(|success| success.body.as_ref()) {
            let accept = header(&example["request"], "Accept");
            let of = declared.accepted(accept).into_iter();
            add(form, example, &response["body"], of, content);
        }
    }
}

fn header<'j>(side: &'j Json, name: &str) -> Option<&'j str> {
    let mut headers = side["headers"].as_object().into_iter().flatten();
    let (_, value) = headers.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    value.as_str()
}

/// Adds the body of an example, which is one `of` these.
fn add<'b>(
    form: &Form<'_>,
    example: &Json,
    body: &Json,
    of: impl Iterator<Item = &'b Body>,
    content: &mut Content,
) {
    for one in of {
        let value = match one.kind {
            BodyKind::Json { .. } => body.get("json").cloned(),
            BodyKind::JsonLines(_) => body["json"].as_array().map(|values| lines(values)),
            BodyKind::Form(_) => body.get("form").cloned(),
            BodyKind::Text | BodyKind::Bytes(_) | BodyKind::Stream { .. } | BodyKind::Events(_) => {
                body.get("text").cloned()
            }
            BodyKind::Choice { .. } => None,
        };
        if let (Some(value), Some(media_type)) = (
            value.filter(|value| !value.is_null()),
            one.media_types.first(),
        ) {
            content.add_example(media_type, &name(form, example), entry(example, value));
            return;
        }
    }
}
