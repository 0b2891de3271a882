//! Values as texts for people to read, in the order that the descriptor has.

use serde_json::Value as Json;

/// Columns up to which a value stays in one line.
const WIDTH: usize = 100;

/// As text, in one line or in several.
pub(super) fn write(json: &Json) -> String {
    let mut out = String::new();
    write_at(json, 0, &mut out);
    out
}

/// As the fields of a form, not encoded, so that they can be read.
pub(super) fn form(json: &Json) -> String {
    let field = |(key, value): (Option<&str>, &Json)| {
        let value = in_line(value);
        format!("{}={}", key.unwrap_or_default(), value.trim_matches('"'))
    };
    let fields = entries(json).into_iter().map(field);
    fields.collect::<Vec<_>>().join("&")
}

/// As an event: its fields are lines.
pub(super) fn event(json: &Json) -> String {
    let line = |(field, value): (Option<&str>, &Json)| {
        let text = value.as_str().map_or_else(|| in_line(value), str::to_owned);
        format!(
            "{}: {}",
            field.unwrap_or_default(),
            text.replace('\n', "\ndata: ")
        )
    };
    let lines = entries(json).into_iter().map(line);
    lines.collect::<Vec<_>>().join("\n")
}

fn write_at(json: &Json, indent: usize, out: &mut String) {
    let line = in_line(json);
    let entries = entries(json);
    if indent + line.len() <= WIDTH || entries.is_empty() {
        out.push_str(&line);
        return;
    }
    let (open, close) = if json.is_object() {
        ('{', '}')
    } else {
        ('[', ']')
    };
    out.push(open);
    let mut first = true;
    for (key, value) in entries {
        out.push_str(if first { "\n" } else { ",\n" });
        first = false;
        out.push_str(&" ".repeat(indent + 2));
        if let Some(key) = key {
            out.push_str(&Json::from(key).to_string());
            out.push_str(": ");
        }
        write_at(value, indent + 2, out);
    }
    out.push('\n');
    out.push_str(&" ".repeat(indent));
    out.push(close);
}

fn entries(json: &Json) -> Vec<(Option<&str>, &Json)> {
    match json {
        Json::Object(fields) => fields
            .iter()
            .map(|(key, value)| (Some(key.as_str()), value))
            .collect(),
        Json::Array(items) => items.iter().map(|item| (None, item)).collect(),
        _ => Vec::new(),
    }
}

/// As text in one line.
pub(super) fn in_line(json: &Json) -> String {
    match json {
        Json::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", Json::from(key.as_str()), in_line(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Json::Array(items) => {
            let items = items.iter().map(in_line);
            format!("[{}]", items.collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_stays_in_one_line_where_it_fits() {
        let short = json!({"a": [1, "b"], "c": {}});
        assert_eq!(write(&short), r#"{"a": [1, "b"], "c": {}}"#);
    }

    #[test]
    fn a_longer_value_has_a_line_for_each_entry() {
        let text = "x".repeat(60);
        let long = json!({"a": [text, text], "b": 1});
        let expected =
            format!("{{\n  \"a\": [\n    \"{text}\",\n    \"{text}\"\n  ],\n  \"b\": 1\n}}");
        assert_eq!(write(&long), expected);
    }
}
