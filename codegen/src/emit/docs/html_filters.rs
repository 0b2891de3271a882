//! What HTML templates can do to a value. Whatever comes out of here unescaped was made here, and is
//! escaped already.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::html;

/// What each of them makes.
pub(super) const ABOUT: [(&str, &str); 7] = [
    (
        "markdown",
        "HTML of CommonMark: headings below one of the level `demote`, with addresses below `anchor`; with `inline=true` a single paragraph is no paragraph.",
    ),
    (
        "headings",
        "The headings that `markdown` makes of a text, each with `level`, `title` and `id`.",
    ),
    ("anchor", "A piece of an address within a page."),
    (
        "href",
        "An address that may be followed; `#` for one that may not, such as `javascript:`.",
    ),
    ("plain", "A text as it is, and any other value as JSON."),
    ("json", "A value as JSON, which may stand in a script."),
    (
        "sha256",
        "What a Content-Security-Policy calls a script or a style.",
    ),
];

/// Adds all filters.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("markdown", from_markdown);
    tera.register_filter("headings", headings);
    tera.register_filter("anchor", |text: &str, _: Kwargs, _: &State| {
        html::anchor(text)
    });
    tera.register_filter("href", |url: &str, _: Kwargs, _: &State| href(url));
    tera.register_filter("plain", plain);
    tera.register_filter("json", json);
    tera.register_filter("sha256", |text: &str, _: Kwargs, _: &State| sha256(text));
}

/// CommonMark as HTML: headings below one of the level `demote`, their ids below `anchor`. With `inline` a
/// single paragraph is no paragraph.
fn from_markdown(text: &str, arguments: Kwargs, _: &State) -> TeraResult<Value> {
    let demote = arguments.get::<usize>("demote")?.unwrap_or_default();
    let anchor = arguments.get::<&str>("anchor")?.unwrap_or_default();
    let html = if arguments.get::<bool>("inline")?.unwrap_or_default() {
        html::in_line(text)
    } else {
        html::from_markdown(text, demote, anchor)
    };
    Ok(Value::safe_string(&html))
}

/// The headings of a text, each with `level`, `title` and `id`, as `markdown` makes them.
fn headings(text: &str, arguments: Kwargs, _: &State) -> TeraResult<Value> {
    let demote = arguments.get::<usize>("demote")?.unwrap_or_default();
    let anchor = arguments.get::<&str>("anchor")?.unwrap_or_default();
    Value::try_from_serializable(&html::headings(text, demote, anchor))
}

/// An address that may be followed.
fn href(url: &str) -> String {
    if html::is_harmless(url) { url } else { "#" }.to_owned()
}

/// A text as it is; another value as JSON.
fn plain(value: Value, _: Kwargs, _: &State) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// A value as JSON in one line, which may stand in a script.
fn json(value: Value, _: Kwargs, _: &State) -> TeraResult<Value> {
    let text = serde_json::to_string(&value).map_err(|error| Error::message(error.to_string()))?;
    // In JSON these stand in strings only.
    let text = text.replace('<', "\\u003c").replace('>', "\\u003e");
    Ok(Value::safe_string(&text.replace('&', "\\u0026")))
}

/// What a Content-Security-Policy calls a script or a style.
fn sha256(text: &str) -> Value {
    let hash = STANDARD.encode(Sha256::digest(text));
    Value::safe_string(&format!("sha256-{hash}"))
}
