//! Events as an example has them: lines of fields, and an empty line between events (HTML, section 9.2).
//!
//! It is read more strictly than clients read: what they would pass over is a slip of the pen here. The empty line
//! behind the last event may be missing, as YAML takes it away.

use serde_json::{Value as Json, json};

use crate::check::literals::Types;
use crate::model::{Constraints, SchemaKind, Type};

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EventText {
    id: Option<String>,
    retry: Option<u64>,
    name: Option<String>,
    data: Option<String>,
}

/// The events of a text.
pub(crate) fn read(text: &str) -> Result<Vec<EventText>, String> {
    let lines: Vec<&str> = text.lines().collect();
    let blocks = lines.split(|line| line.is_empty());
    // What has nothing but comments is no event.
    let blocks = blocks.filter(|block| block.iter().any(|line| !line.starts_with(':')));
    blocks.map(EventText::read).collect()
}

impl EventText {
    fn read(lines: &[&str]) -> Result<Self, String> {
        let mut event = Self::default();
        for line in lines.iter().filter(|line| !line.starts_with(':')) {
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match (field, &mut event.data) {
                ("event", _) => event.name = Some(value.to_owned()),
                ("id", _) => event.id = Some(value.to_owned()),
                ("retry", _) => {
                    let millis = value.parse().ok();
                    let millis = millis.ok_or("`retry` is a number of milliseconds")?;
                    event.retry = Some(millis);
                }
                ("data", Some(data)) => {
                    data.push('\n');
                    data.push_str(value);
                }
                ("data", none) => *none = Some(value.to_owned()),
                _ => return Err(format!("`{field}` is no field of an event")),
            }
        }
        if event.data.is_none() {
            return Err("an event without a line of data is none".to_owned());
        }
        Ok(event)
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("message")
    }

    fn data(&self) -> &str {
        self.data.as_deref().unwrap_or_default()
    }

    /// As a value of the union of its stream, of the type `ty`.
    pub(crate) fn value(&self, types: Types<'_>, ty: &Type) -> Result<Json, String> {
        let known = match ty {
            Type::Schema(id) => types.schemas.get(id.0).map(|schema| &schema.kind),
            _ => None,
        };
        let data = match known {
            Some(SchemaKind::Union { variants, .. }) => {
                let own = variants
                    .iter()
                    .find(|variant| variant.wire == self.name())
                    .filter(|variant| !types.is_text(&variant.ty));
                match own {
                    Some(_) => serde_json::from_str(self.data())
                        .map_err(|_| format!("the data of `{}` is no JSON", self.name()))?,
                    None => Json::from(self.data()),
                }
            }
            _ => Json::from(self.data()),
        };
        let value = json!({"event": self.name(), "data": data});
        types.json(ty, &Constraints::default(), &value, 0)?;
        Ok(value)
    }

    /// The value with what else there is to say of the event.
    pub(crate) fn told(&self, types: Types<'_>, ty: &Type) -> Result<Json, String> {
        let value = self.value(types, ty)?;
        Ok(json!({"event": value, "id": self.id, "retry": self.retry}))
    }

    /// As it is sent.
    pub(crate) fn write(&self) -> String {
        let mut text = String::new();
        let mut line = |field: &str, value: &str| {
            text.push_str(field);
            text.push_str(": ");
            text.push_str(value);
            text.push('\n');
        };
        if let Some(id) = &self.id {
            line("id", id);
        }
        if let Some(retry) = &self.retry {
            line("retry", &retry.to_string());
        }
        if let Some(name) = &self.name {
            line("event", name);
        }
        for data in self.data().split('\n') {
            line("data", data);
        }
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_and_written_as_they_are_sent() {
        let text = ": hello\n\nid: 1\nretry: 20\nevent: a\ndata: x\ndata:  y\n\ndata\n: bye";
        let events = read(text).expect("two events");
        let written: Vec<String> = events.iter().map(EventText::write).collect();
        let expected = [
            "id: 1\nretry: 20\nevent: a\ndata: x\ndata:  y\n\n",
            "data: \n\n",
        ];
        assert_eq!(written, expected);
    }

    #[test]
    fn what_a_client_would_pass_over_is_refused() {
        for (text, problem) in [
            ("date: x", "`date` is no field of an event"),
            ("event: a", "an event without a line of data is none"),
            (
                "retry: soon\ndata: x",
                "`retry` is a number of milliseconds",
            ),
        ] {
            assert_eq!(read(text), Err(problem.to_owned()));
        }
    }
}
