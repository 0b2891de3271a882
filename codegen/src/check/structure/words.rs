//! How the walk speaks of what it finds.

use crate::source::Value;

use super::shape::{Language, Shape};

/// A list of names that is still read: not all of a hundred.
const MOST_NAMES: usize = 24;

/// What a value is, with its article.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null | Value::Broken => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}

/// What is wanted, with its article.
pub(super) fn wanted(language: &Language, shape: &Shape) -> String {
    match language.resolve(shape) {
        Shape::Any | Shape::Definition(_) => "a value".to_owned(),
        Shape::Text(_) | Shape::Choice(_) => "a text".to_owned(),
        Shape::Bool => "true or false".to_owned(),
        Shape::Integer(..) => "a whole number".to_owned(),
        Shape::List(_) => "a list".to_owned(),
        Shape::Map(_) | Shape::Object(_) | Shape::Kinds(..) => "a map".to_owned(),
        Shape::Either(both) => {
            format!(
                "{} or {}",
                wanted(language, &both.0),
                wanted(language, &both.1)
            )
        }
    }
}

/// A definition as people call it, without article.
pub(super) fn noun(definition: &str) -> String {
    match definition {
        "Spec" => "descriptor".to_owned(),
        "ApiHead" => "`api`".to_owned(),
        "Value" => "definition of a value".to_owned(),
        "When" => "`when`".to_owned(),
        "Deprecated" => "`deprecated`".to_owned(),
        "Common" | "CommonRequest" | "CommonResponse" => "`common`".to_owned(),
        "ErrorDetail" => "`detail`".to_owned(),
        "Lints" => "`lints`".to_owned(),
        "Allow" => "`allow`".to_owned(),
        camel => {
            let mut words = String::new();
            for c in camel.chars() {
                if c.is_uppercase() && !words.is_empty() {
                    words.push(' ');
                }
                words.extend(c.to_lowercase());
            }
            words
        }
    }
}

/// The same with an article, where it takes one.
pub(super) fn a(definition: &str) -> String {
    let noun = noun(definition);
    match noun.chars().next() {
        Some('`') => noun,
        Some('a' | 'e' | 'i' | 'o' | 'u') => format!("an {noun}"),
        _ => format!("a {noun}"),
    }
}

/// The definition that stands at a place.
pub(super) fn this(definition: &str) -> String {
    let noun = noun(definition);
    if noun.starts_with('`') {
        noun
    } else {
        format!("this {noun}")
    }
}

/// Names in one line.
pub(super) fn names<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let all: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match all.get(..MOST_NAMES) {
        Some(first) if all.len() > MOST_NAMES => format!("{}, ...", first.join(", ")),
        _ => all.join(", "),
    }
}
