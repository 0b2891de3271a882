//! A request as statements of Rust, which use the generated client.

use serde_json::Value as Json;

use super::{Call, Content, Place, Sent};
use crate::emit::ident::ident;
use crate::emit::json::readable::{in_line, write};
use crate::emit::layout::laid_out;
use crate::emit::literal::of_type;
use crate::model::{Api, Body, BodyKind, Parameter, Response, SecuritySchemeKind, Type};
use crate::values::Values;
use crate::wire::text;

/// What stands before the statements of all requests.
pub(in super::super) fn setup(api: &Api) -> String {
    let server = api.servers.first();
    let server = server.map_or("http://localhost", |server| server.url.as_str());
    let named = api.extensions["api-codegen"]["crate"].as_str();
    let package = named.unwrap_or(&api.name).replace('-', "_");
    let header = api.security.iter().find_map(|scheme| match &scheme.kind {
        SecuritySchemeKind::Bearer | SecuritySchemeKind::Oauth2 { .. } => {
            Some("with_header(\"Authorization\", &format!(\"Bearer {token}\"))".to_owned())
        }
        SecuritySchemeKind::ApiKey { header } => Some(format!("with_header({header:?}, key)")),
        SecuritySchemeKind::Basic { .. } | SecuritySchemeKind::Custom { .. } => None,
    });
    let client = match header {
        Some(header) => format!(
            "let caller = api_runtime::client::Caller::new({server:?})?.{header}?;\n\
             let client = Client::from(caller);"
        ),
        None => format!("let client = Client::new({server:?})?;"),
    };
    format!(
        "use {package}::client::Client;\nuse {package}::types::*;\n\n{}",
        formatted(&client)
    )
}

/// The statements of a call.
pub(super) fn statements(call: &Call<'_>) -> String {
    let mut lines = Vec::new();
    let mut arguments: Vec<String> = call
        .operation
        .fields()
        .filter(|field| is_required(field))
        .map(|field| literal_of(call, field))
        .collect();
    let body = call.operation.body.as_ref().zip(call.body.as_ref());
    if let Some((declared, (body, content))) = body {
        lines.extend(body_lines(declared, body, content));
        if !call.operation.body_optional {
            arguments.push("body".to_owned());
        }
    }
    let changes = changes(call);
    let name = &call.operation.type_name;
    let keyword = if changes.is_empty() { "let" } else { "let mut" };
    lines.push(format!(
        "{keyword} request = {name}::new({});",
        arguments.join(", ")
    ));
    lines.extend(changes);
    lines.extend(sending(call));
    formatted(&lines.join("\n"))
}

fn is_required(field: &Parameter) -> bool {
    field.prefix.is_none() && !field.value.optional && field.value.default.is_none()
}

/// The value of a required field.
fn literal_of(call: &Call<'_>, field: &Parameter) -> String {
    let value = call.value(field).map(|sent| sent.value.clone());
    let value = value.unwrap_or_else(|| Values::new(call.api).sample(&field.value));
    literal(call.api, &field.value.ty, &value)
}

/// Assignments of what is not required.
fn changes(call: &Call<'_>) -> Vec<String> {
    let mut changes = Vec::new();
    for field in call.operation.fields().filter(|field| !is_required(field)) {
        let is_it = |sent: &&Sent<'_>| {
            sent.parameter
                .is_some_and(|parameter| parameter.ident == field.ident)
        };
        for sent in call.sent.iter().filter(is_it) {
            changes.push(change(call.api, field, sent));
        }
    }
    changes.extend(accept(call));
    if let (true, Some(_)) = (call.operation.body_optional, &call.body) {
        changes.push("request.body = Some(body);".to_owned());
    }
    if let Some((body, _)) = &call.body
        && body
            .media_types
            .first()
            .is_some_and(|first| first.contains('*'))
    {
        let media_type = call.media_type(body);
        changes.push(format!(
            "request.content_type = Some({media_type:?}.to_owned());"
        ));
    }
    changes
}

/// Which body of a choice is wanted, where it is not the default.
fn accept(call: &Call<'_>) -> Option<String> {
    let (type_name, of) = call.operation.choice()?;
    let named = call
        .of(Place::Header)
        .find(|sent| sent.parameter.is_none() && sent.name.eq_ignore_ascii_case("Accept"))?;
    let named = text(&named.value);
    let wanted = of
        .iter()
        .find(|one| one.body.media_types.contains(&named))?;
    let variant = ident(&wanted.variant);
    Some(format!("request.accept = {type_name}Accept::{variant};"))
}

fn change(api: &Api, field: &Parameter, sent: &Sent<'_>) -> String {
    let (name, value) = (
        ident(&field.ident),
        literal(api, &field.value.ty, &sent.value),
    );
    if let Some(prefix) = &field.prefix {
        let end = sent.name.len().saturating_sub(prefix.after.len());
        let key = sent.name.get(prefix.before.len()..end).unwrap_or_default();
        return format!("request.{name}.insert({key:?}.to_owned(), {value});");
    }
    let is_flag = field.value.is_flag();
    let may_be_absent = field.value.optional && field.value.default.is_none();
    match (may_be_absent && !is_flag, field.value.nullable) {
        (true, true) => format!("request.{name} = {value}.into();"),
        (true, false) | (false, true) => format!("request.{name} = Some({value});"),
        (false, false) => format!("request.{name} = {value};"),
    }
}

/// What sends the request and looks at the answer.
fn sending(call: &Call<'_>) -> Vec<String> {
    let operation = call.operation;
    let method = ident(&operation.name);
    if let Some((first, last)) = range(call) {
        return vec![
            format!("let range = api_runtime::client::RangeRequest::between({first}, {last});"),
            format!(
                "let part = client.{}_range(request, &range).await?;",
                operation.name
            ),
            "println!(\"{part:?}\");".to_owned(),
        ];
    }
    let answers: Vec<&Response> = operation
        .successes
        .iter()
        .filter(|success| !success.managed)
        .collect();
    let pattern = |answer: &Response| {
        format!(
            "{}Response::{}(answer)",
            operation.type_name, answer.variant
        )
    };
    let shown = "println!(\"{answer:?}\")";
    if let [answer] = answers[..] {
        return vec![
            format!("let {} = client.{method}(request).await?;", pattern(answer)),
            format!("{shown};"),
        ];
    }
    let arms = answers
        .iter()
        .map(|answer| format!("{} => {shown},", pattern(answer)));
    vec![format!(
        "match client.{method}(request).await? {{ {} }}",
        arms.collect::<String>()
    )]
}

/// The bytes that the request asks for, where it asks for some only and the runtime cuts them out.
fn range(call: &Call<'_>) -> Option<(u64, u64)> {
    let header = call
        .of(Place::Header)
        .find(|sent| sent.name.eq_ignore_ascii_case("Range"))?;
    if !call.operation.ranges() || !header.parameter?.managed {
        return None;
    }
    let (first, last) = header
        .value
        .as_str()?
        .strip_prefix("bytes=")?
        .split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

/// Statements that make `body`; `declared` is that of the operation, which may be a choice.
fn body_lines(declared: &Body, body: &Body, content: &Content) -> Vec<String> {
    let mut lines = Vec::new();
    let value = match content {
        Content::Json(value) | Content::Form(value) => {
            let text = raw(&write(value));
            match &body.kind {
                BodyKind::Json { verbatim: true, .. } => {
                    lines.push(format!("let text = {text};"));
                    "api_runtime::Verbatim::new(serde_json::from_str(text)?, text.into())"
                        .to_owned()
                }
                _ => format!("serde_json::from_str({text})?"),
            }
        }
        Content::Text(text) => format!("{text:?}.to_owned()"),
        Content::File(name) => format!("std::fs::read({name:?})?.into()"),
        Content::Lines(items) => {
            let items = items
                .iter()
                .map(|item| format!("serde_json::from_str({})?,", raw(&in_line(item))));
            format!(
                "api_runtime::Items::from(vec![{}])",
                items.collect::<String>()
            )
        }
    };
    let value = match &declared.kind {
        BodyKind::Choice { type_name, of } => {
            let variant = of
                .iter()
                .find(|one| one.body.media_types == body.media_types);
            let variant = variant.map_or("", |one| one.variant.as_str());
            format!("{type_name}::{variant}({value})")
        }
        _ => value,
    };
    lines.push(format!("let body = {value};"));
    lines
}

/// A value of a type, as it stands in code.
fn literal(api: &Api, ty: &Type, value: &Json) -> String {
    of_type(api, ty, value).to_string()
}

/// A raw string with as many signs around it as it needs.
fn raw(text: &str) -> String {
    let mut signs = "#".to_owned();
    while text.contains(&format!("\"{signs}")) {
        signs.push('#');
    }
    format!("r{signs}\"{text}\"{signs}")
}

/// Statements laid out, or as they are where they are none.
fn formatted(statements: &str) -> String {
    let is_rust = syn::parse_str::<syn::Block>(&format!("{{{statements}}}")).is_ok();
    match statements.parse() {
        Ok(tokens) if is_rust => laid_out([tokens]).trim_end().to_owned(),
        _ => statements.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_string_has_more_signs_than_its_text() {
        assert_eq!(raw("a"), "r#\"a\"#");
        assert_eq!(raw("a\"#b"), "r##\"a\"#b\"##");
    }

    #[test]
    fn statements_are_formatted_but_for_what_raw_strings_hold() {
        let text = "let a = r#\"{\n    \"b\": 1\n}\"#;\nlet c = f( a ) ;";
        assert_eq!(
            formatted(text),
            "let a = r#\"{\n    \"b\": 1\n}\"#;\nlet c = f(a);"
        );
        assert_eq!(formatted("let"), "let");
    }
}
