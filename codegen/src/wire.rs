//! Values as texts, as they stand in a path, a query, a header and a form.
//!
//! Whoever shows a message by the model writes it by this: documents, examples and the exchanges of a
//! difference. What the runtime sends is apart from it, so that an example tests one against the other.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::model::{ListStyle, Parameter};

/// Characters that stand for themselves in a value of a query, since people read it.
const READABLE: &str = ":/,@";

/// A value as a text; one that has no other is JSON.
pub(crate) fn text(json: &Json) -> String {
    json.as_str()
        .map_or_else(|| json.to_string(), str::to_owned)
}

/// Percent-encodes all but the unreserved characters and those of `also`.
pub(crate) fn encoded(text: &str, also: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-._~".contains(c) || (byte.is_ascii() && also.contains(c))
        {
            out.push(c);
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The entries of an object of scalars or lists of scalars; a list yields an entry for each item.
pub(crate) fn entries(object: &Json) -> Vec<(String, String)> {
    let entries = object.as_object().into_iter().flatten();
    let texts = entries.flat_map(|(name, value)| {
        let items = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        items.iter().map(|item| (name.clone(), text(item)))
    });
    texts.collect()
}

/// The fields of a form.
pub(crate) fn form(object: &Json) -> String {
    let fields = entries(object).into_iter();
    let fields =
        fields.map(|(key, value)| format!("{}={}", encoded(&key, ""), encoded(&value, "")));
    fields.collect::<Vec<_>>().join("&")
}

/// The pairs of a query that a value of `parameter` yields under `name`, their values percent-encoded. A flag
/// has no value, and of a list its style says whether it is one text: what separates items is not part of one.
pub(crate) fn pairs(
    name: &str,
    parameter: Option<&Parameter>,
    value: &Json,
) -> Vec<(String, Option<String>)> {
    let pair = |value| (name.to_owned(), value);
    if parameter.is_some_and(|parameter| parameter.value.is_flag()) {
        let is_set = *value != Json::Bool(false);
        return is_set.then(|| pair(None)).into_iter().collect();
    }
    let style = parameter.map(|parameter| parameter.style);
    match (value, style.and_then(ListStyle::separator)) {
        (Json::Array(items), None) => items
            .iter()
            .map(|item| pair(Some(self::value(&text(item)))))
            .collect(),
        (Json::Array(items), Some(separator)) => {
            let also: String = READABLE
                .chars()
                .filter(|c| !separator.contains(*c))
                .collect();
            let items: Vec<String> = items
                .iter()
                .map(|item| encoded(&text(item), &also))
                .collect();
            vec![pair(Some(items.join(&encoded(separator, READABLE))))]
        }
        (value, _) => vec![pair(Some(self::value(&text(value))))],
    }
}

/// A value of a query, percent-encoded.
pub(crate) fn value(text: &str) -> String {
    encoded(text, READABLE)
}

/// The query that an example gives, an object of values, with what is constant.
pub(crate) fn given(parameters: &[Parameter], values: &Json) -> String {
    let named = |name: &str| parameters.iter().find(|one| one.wire == name);
    let own = values.as_object().into_iter().flatten();
    let own = own.flat_map(|(name, value)| pairs(name, named(name), value));
    let constants = parameters.iter().filter_map(|parameter| {
        let constant = parameter.value.constant.as_ref()?;
        let is_given = values.get(&parameter.wire).is_some();
        (!is_given).then(|| (parameter.wire.clone(), Some(value(&text(constant)))))
    });
    query(own.chain(constants))
}

/// A query of pairs, whose values are percent-encoded, with its `?`; without any it is empty.
pub(crate) fn query(pairs: impl IntoIterator<Item = (String, Option<String>)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        out.push(if out.is_empty() { '?' } else { '&' });
        out.push_str(&encoded(&name, "[]"));
        if let Some(value) = value {
            out.push('=');
            out.push_str(&value);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Builtin, Constraints, Type, Value};

    fn parameter(builtin: Builtin, style: ListStyle) -> Parameter {
        Parameter {
            wire: "it".to_owned(),
            ident: "it".to_owned(),
            value: Value {
                ty: Type::Builtin(builtin),
                optional: true,
                nullable: false,
                constraints: Constraints::default(),
                default: None,
                constant: None,
                description: String::new(),
                example: None,
                secret: false,
                deprecated: None,
            },
            style,
            prefix: None,
            managed: false,
        }
    }

    #[test]
    fn what_is_not_unreserved_is_percent_encoded() {
        assert_eq!(encoded("a/b:c d%é", "/:"), "a/b:c%20d%25%C3%A9");
        assert_eq!(encoded("a/b", ""), "a%2Fb");
    }

    #[test]
    fn a_list_becomes_an_entry_for_each_item() {
        let entries = entries(&json!({"tag": ["a", "b"], "n": 2, "ok": true}));
        let expected = [("tag", "a"), ("tag", "b"), ("n", "2"), ("ok", "true")];
        assert_eq!(
            entries,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(
            form(&json!({"a b": "c&d", "e": [1, 2]})),
            "a%20b=c%26d&e=1&e=2"
        );
    }

    #[test]
    fn a_list_in_a_query_is_written_as_its_style_says() {
        for (style, expected) in [
            (ListStyle::Repeat, "?it=a&it=b%20c"),
            (ListStyle::Comma, "?it=a,b%20c"),
            (ListStyle::Space, "?it=a%20b%20c"),
            (ListStyle::Pipe, "?it=a%7Cb%20c"),
        ] {
            let parameters = [parameter(Builtin::String, style)];
            assert_eq!(given(&parameters, &json!({"it": ["a", "b c"]})), expected);
        }
        for (style, expected) in [
            (ListStyle::Repeat, "?it=a,b"),
            (ListStyle::Comma, "?it=a%2Cb"),
        ] {
            let parameters = [parameter(Builtin::String, style)];
            assert_eq!(given(&parameters, &json!({"it": ["a,b"]})), expected);
        }
    }

    #[test]
    fn a_flag_has_no_value_and_is_left_out_where_it_is_not_set() {
        let parameters = [parameter(Builtin::Flag, ListStyle::Repeat)];
        assert_eq!(given(&parameters, &json!({"it": true})), "?it");
        assert_eq!(given(&parameters, &json!({"it": false})), "");
    }

    #[test]
    fn what_is_constant_is_there_without_being_given() {
        let mut constant = parameter(Builtin::String, ListStyle::Repeat);
        constant.value.constant = Some(json!("x/y"));
        assert_eq!(given(&[constant.clone()], &Json::Null), "?it=x/y");
        assert_eq!(given(&[constant], &json!({"it": "x/y"})), "?it=x/y");
    }
}
