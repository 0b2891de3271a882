//! Values of examples. The generator has checked what they are made of, so that a failure here is a mistake
//! of the generator, which a test tells best by a panic.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde::de::DeserializeOwned;

use crate::{Body, Items, Scalar, Verbatim};

const CHECKED: &str = "the generator has checked the example";

/// A value in a path, a query or a header.
///
/// # Panics
/// Where the text is none of the type.
#[must_use]
pub fn scalar<T: Scalar>(text: &str) -> T {
    T::parse(text).expect(CHECKED)
}

/// A list of such values.
#[must_use]
pub fn list<T: Scalar>(texts: &[&str]) -> Vec<T> {
    texts.iter().map(|text| scalar(text)).collect()
}

/// A map of such values.
#[must_use]
pub fn map<T: Scalar>(entries: &[(&str, &str)]) -> BTreeMap<String, T> {
    let entries = entries.iter();
    entries
        .map(|(key, text)| ((*key).to_owned(), scalar(text)))
        .collect()
}

/// A value of JSON.
///
/// # Panics
/// Where the text is none of the type.
#[must_use]
pub fn json<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).expect(CHECKED)
}

/// A value of JSON with its bytes.
#[must_use]
pub fn verbatim<T: DeserializeOwned>(text: &'static str) -> Verbatim<T> {
    Verbatim::new(json(text), bytes(text.as_bytes()))
}

/// A form.
///
/// # Panics
/// Where the text is none of the type.
#[must_use]
pub fn form<T: DeserializeOwned>(text: &str) -> T {
    crate::form::from_bytes(text.as_bytes()).expect(CHECKED)
}

/// A form that is a union.
///
/// # Panics
/// Where the text is none of the type.
#[must_use]
pub fn form_union<T: crate::form::Union>(text: &str) -> T {
    crate::form::union_from_bytes(text.as_bytes()).expect(CHECKED)
}

/// Values of JSON, one in each line.
pub fn items<T: DeserializeOwned + Send + 'static>(lines: &str) -> Items<T> {
    let items: Vec<T> = lines.lines().map(json).collect();
    items.into()
}

/// Bytes.
#[must_use]
pub fn bytes(bytes: &'static [u8]) -> Bytes {
    Bytes::from_static(bytes)
}

/// A body of these bytes.
#[must_use]
pub fn body(content: &'static [u8]) -> Body {
    if content.is_empty() {
        return Body::empty();
    }
    let chunks = stream::iter([Ok(bytes(content))]);
    Body::stream(Some(content.len() as u64), chunks.boxed())
}
