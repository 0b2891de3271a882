//! A request as a command line of curl, for a POSIX shell.

use serde_json::Value as Json;

use super::{Call, Content, Place, Sent};
use crate::emit::json::readable::{in_line, write};
use crate::model::{Body, BodyKind, SecuritySchemeKind};
use crate::wire::{encoded, entries, pairs, query, text};

/// The command of a call.
pub(super) fn command(call: &Call<'_>) -> String {
    let mut words = vec![format!("curl {}{}", output(call), quoted(&url(call)))];
    if let Some(method) = method(call) {
        words.push(format!("-X {method}"));
    }
    words.extend(credentials(call));
    for header in call.of(Place::Header) {
        words.push(format!(
            "-H {}",
            quoted(&format!("{}: {}", header.name, in_header(header)))
        ));
    }
    if let Some((body, content)) = &call.body {
        words.extend(body_words(call, body, content));
    }
    words.join(" \\\n  ")
}

/// Bytes go to a file; else the answer is shown with its head.
fn output(call: &Call<'_>) -> &'static str {
    let mut bodies = call
        .request
        .successes
        .iter()
        .filter_map(|success| success.body.as_ref());
    let has = |body: &Body, is: fn(&BodyKind) -> bool| {
        body.alternatives()
            .next()
            .is_some_and(|body| is(&body.kind))
    };
    if bodies.clone().any(|body| {
        has(body, |kind| {
            matches!(kind, BodyKind::JsonLines(_) | BodyKind::Events(_))
        })
    }) {
        return "-iN ";
    }
    if bodies.any(|body| {
        has(body, |kind| {
            matches!(kind, BodyKind::Stream { .. } | BodyKind::Bytes(_))
        })
    }) {
        return "-o answer.bin ";
    }
    "-i "
}

fn url(call: &Call<'_>) -> String {
    let server = call.api.servers.first();
    let server = server.map_or("http://localhost", |server| server.url.as_str());
    let mut url = format!("{}{}", server.trim_end_matches('/'), call.path);
    for sent in call.of(Place::Path) {
        // A slash stays where a value may have several segments; elsewhere its pattern has none.
        url = url.replace(
            &format!("{{{}}}", sent.name),
            &encoded(&text(&sent.value), "/:@"),
        );
    }
    let sent = call.of(Place::Query);
    url.push_str(&query(
        sent.flat_map(|sent| pairs(&sent.name, sent.parameter, &sent.value)),
    ));
    url
}

fn in_header(sent: &Sent<'_>) -> String {
    match &sent.value {
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        value => text(value),
    }
}

/// `None` where it is what curl takes by itself.
fn method<'c>(call: &Call<'c>) -> Option<&'c str> {
    let method = call.operation.method.as_str();
    let is_default = match &call.body {
        None => method == "GET",
        Some((_, Content::File(_))) if is_streamed(call) => method == "PUT",
        Some(_) => method == "POST",
    };
    (!is_default).then_some(method)
}

/// Whether a file is sent as it is read. Where the path ends with a slash, `-T` would add its name.
fn is_streamed(call: &Call<'_>) -> bool {
    !call.path.ends_with('/')
}

fn credentials(call: &Call<'_>) -> Option<String> {
    Some(match &call.scheme()?.kind {
        SecuritySchemeKind::Basic { .. } => "-u \"$NAME:$PASSWORD\"".to_owned(),
        SecuritySchemeKind::Bearer | SecuritySchemeKind::Oauth2 { .. } => {
            "-H \"Authorization: Bearer $TOKEN\"".to_owned()
        }
        SecuritySchemeKind::ApiKey { header } => format!("-H \"{header}: $KEY\""),
        SecuritySchemeKind::Custom { header } => format!("-H \"{header}: $CREDENTIALS\""),
    })
}

fn body_words(call: &Call<'_>, body: &Body, content: &Content) -> Vec<String> {
    let media_type = format!(
        "-H {}",
        quoted(&format!("Content-Type: {}", call.media_type(body)))
    );
    let data = |text: &str| format!("--data-raw {}", quoted(text));
    match content {
        Content::Json(value) => vec![media_type, data(&write(value))],
        Content::Text(text) => vec![media_type, data(text)],
        Content::Lines(items) => {
            let lines = items.iter().map(|item| format!("{}\n", in_line(item)));
            vec![media_type, data(&lines.collect::<String>())]
        }
        Content::File(name) if is_streamed(call) => {
            vec![media_type, format!("-T {}", quoted(name))]
        }
        Content::File(name) => vec![
            media_type,
            format!("--data-binary {}", quoted(&format!("@{name}"))),
        ],
        Content::Form(value) => entries(value)
            .iter()
            .map(|(name, value)| {
                format!(
                    "--data-urlencode {}",
                    quoted(&format!("{}={value}", encoded(name, "")))
                )
            })
            .collect(),
    }
}

/// A word for the shell, as it is.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_for_the_shell_what_it_is_for_people() {
        assert_eq!(quoted("a $b `c` \"d\""), "'a $b `c` \"d\"'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }
}
