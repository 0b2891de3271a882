//! A JSON object that is put together key by key.

use serde_json::{Map, Number, Value as Json};

/// A JSON object; its keys stay in the order in which they are set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Object(Map<String, Json>);

impl Object {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn set(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// Where there is one.
    pub(super) fn some(self, key: &str, value: Option<impl Into<Json>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// Where the text is not empty.
    pub(super) fn text(self, key: &str, text: &str) -> Self {
        let text = text.trim_end();
        self.some(key, (!text.is_empty()).then_some(text))
    }

    /// `true`, or nothing.
    pub(super) fn on(self, key: &str, is_set: bool) -> Self {
        self.some(key, is_set.then_some(true))
    }

    /// Where there are any.
    pub(super) fn list<T: Into<Json>>(self, key: &str, items: Vec<T>) -> Self {
        self.some(key, (!items.is_empty()).then_some(items))
    }

    /// Where it has keys.
    pub(super) fn object(self, key: &str, object: Self) -> Self {
        self.some(key, (!object.is_empty()).then_some(object))
    }

    /// A number.
    pub(super) fn number(self, key: &str, number: Option<i128>) -> Self {
        self.some(key, number.and_then(Number::from_i128).map(Json::Number))
    }

    /// Vendor data, a key for each vendor. What is for this generator is nobody else's business.
    pub(super) fn vendor(self, data: &Json) -> Self {
        let entries = data.as_object().into_iter().flatten();
        entries
            .filter(|(vendor, _)| *vendor != "api-codegen")
            .fold(self, |object, (vendor, data)| {
                object.set(&format!("x-{vendor}"), data.clone())
            })
    }

    /// With all keys of `other`, which go before its own.
    pub(super) fn with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(super) fn without(mut self, key: &str) -> Self {
        self.0.shift_remove(key);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    pub(super) fn json(self) -> Json {
        Json::Object(self.0)
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        object.json()
    }
}

/// A schema of what fits one of these, each of which counts once.
pub(super) fn any_of(schemas: impl IntoIterator<Item = Json>) -> Json {
    let mut distinct: Vec<Json> = Vec::new();
    for schema in schemas {
        if !distinct.contains(&schema) {
            distinct.push(schema);
        }
    }
    if distinct.len() == 1 {
        return distinct.remove(0);
    }
    Object::new().set("anyOf", distinct).json()
}
