//! What there was against what an example says.

use std::borrow::Cow;

use http::HeaderMap;

use super::{Content, Example, Mismatch, events};
use crate::Json;
use crate::percent::decode_component;

/// A comparison, and how its side of the exchange is called.
pub(super) struct Compare<'a> {
    pub(super) example: &'a Example,
    pub(super) side: &'static str,
    pub(super) varies: &'static [&'static str],
}

impl Compare<'_> {
    pub(super) fn differs(
        &self,
        what: &str,
        expected: impl std::fmt::Display,
        got: impl std::fmt::Display,
    ) -> Mismatch {
        Mismatch::new(
            self.example,
            format!("{}: {what}", self.side),
            expected,
            got,
        )
    }

    /// Path and query. Order, and what need not have been percent-encoded, mean nothing.
    pub(super) fn target(&self, expected: &str, got: &str) -> Result<(), Mismatch> {
        if parts(expected) == parts(got) {
            return Ok(());
        }
        Err(self.differs("path and query", expected, got))
    }

    /// The headers that the example names.
    pub(super) fn headers(
        &self,
        expected: &[(&str, &str)],
        got: &HeaderMap,
    ) -> Result<(), Mismatch> {
        for (name, value) in expected {
            let all: Vec<_> = got
                .get_all(*name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            let is_free = self.varies.iter().any(|place| {
                let header = place.strip_prefix("headers/");
                header.is_some_and(|header| header.eq_ignore_ascii_case(name))
            });
            let wanted: Vec<&str> = expected
                .iter()
                .filter(|(other, _)| other.eq_ignore_ascii_case(name))
                .map(|(_, value)| *value)
                .collect();
            // The items of a list stand in one header or in several.
            let is_same = all.join(",").replace(", ", ",") == wanted.join(",").replace(", ", ",");
            if all.is_empty() || !(is_same || is_free) {
                let got = if all.is_empty() {
                    "none".to_owned()
                } else {
                    all.join(", ")
                };
                return Err(self.differs(&format!("the header `{name}`"), value, got));
            }
        }
        Ok(())
    }

    /// The body.
    pub(super) fn body(&self, expected: Content, got: &[u8]) -> Result<(), Mismatch> {
        let is_free = self.varies.contains(&"body");
        match expected {
            Content::Unsaid => Ok(()),
            Content::Json(text) => self.documents(text, got, Objects::Same),
            Content::Failure { says, .. } => self.documents(says, got, Objects::More),
            Content::Lines(text) => {
                let got = String::from_utf8_lossy(got);
                let (mut wanted, mut had) = (text.lines(), got.lines());
                loop {
                    match (wanted.next(), had.next()) {
                        (None, None) => return Ok(()),
                        (Some(wanted), Some(had)) => {
                            self.documents(wanted, had.as_bytes(), Objects::Same)?;
                        }
                        (wanted, had) => {
                            let shown = |line: Option<&str>| line.unwrap_or("no line").to_owned();
                            return Err(self.differs("the body", shown(wanted), shown(had)));
                        }
                    }
                }
            }
            Content::Form(text) => {
                let got = String::from_utf8_lossy(got);
                if pairs(text) == pairs(&got) || is_free {
                    return Ok(());
                }
                Err(self.differs("the body", text, got))
            }
            Content::Events(text) => self.events(text, &String::from_utf8_lossy(got)),
            Content::Bytes(bytes) if bytes == got || is_free => Ok(()),
            Content::Bytes(bytes) => Err(self.differs(
                "the body",
                String::from_utf8_lossy(bytes),
                String::from_utf8_lossy(got),
            )),
        }
    }

    /// The events of an example, in their order. What it does not say of one is not compared.
    fn events(&self, expected: &str, got: &str) -> Result<(), Mismatch> {
        let had = events::whole(got);
        for (index, wanted) in events::whole(expected).iter().enumerate() {
            let place = format!("body/{index}");
            let Some(had) = had.get(index) else {
                let wanted = Json::Object(wanted.clone());
                return Err(self.differs(&place, wanted, "no event"));
            };
            for (field, wanted) in wanted {
                let place = format!("{place}/{field}");
                let had = had.get(field).unwrap_or(&Json::Null);
                self.values(wanted, had, &place, Objects::Same)?;
            }
        }
        Ok(())
    }

    fn documents(&self, expected: &str, got: &[u8], objects: Objects) -> Result<(), Mismatch> {
        let wanted: Json = serde_json::from_str(expected)
            .map_err(|error| self.differs("the example", "JSON", error))?;
        let had: Json = serde_json::from_slice(got)
            .map_err(|_| self.differs("the body", expected, String::from_utf8_lossy(got)))?;
        self.values(&wanted, &had, "body", objects)
    }

    fn values(
        &self,
        expected: &Json,
        got: &Json,
        place: &str,
        objects: Objects,
    ) -> Result<(), Mismatch> {
        let differs = || Err(self.differs(place, expected, got));
        if self.varies.contains(&place) {
            let is_same_kind = std::mem::discriminant(expected) == std::mem::discriminant(got);
            return if is_same_kind { Ok(()) } else { differs() };
        }
        match (expected, got) {
            (Json::Object(wanted), Json::Object(had)) => {
                if let Some(key) = had.keys().find(|key| !wanted.contains_key(*key))
                    && objects == Objects::Same
                {
                    let place = format!("{place}/{key}");
                    return Err(self.differs(&place, "nothing", &had[key]));
                }
                for (key, wanted) in wanted {
                    let place = format!("{place}/{key}");
                    match had.get(key) {
                        Some(had) => self.values(wanted, had, &place, objects)?,
                        None => return Err(self.differs(&place, wanted, "nothing")),
                    }
                }
                Ok(())
            }
            // Details that nothing is said of.
            (Json::Array(wanted), Json::Array(_))
                if wanted.is_empty() && objects == Objects::More =>
            {
                Ok(())
            }
            (Json::Array(wanted), Json::Array(had)) if wanted.len() == had.len() => {
                for (index, (wanted, had)) in wanted.iter().zip(had).enumerate() {
                    self.values(wanted, had, &format!("{place}/{index}"), objects)?;
                }
                Ok(())
            }
            (wanted, had) if wanted == had => Ok(()),
            _ => differs(),
        }
    }
}

/// What becomes of keys that the example does not have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Objects {
    Same,
    More,
}

type Pair<'t> = (Cow<'t, str>, Cow<'t, str>);

fn parts(target: &str) -> (Vec<Cow<'_, str>>, Vec<Pair<'_>>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (path.split('/').map(decoded).collect(), pairs(query))
}

/// Keys and values, by key; those of one key in their order.
fn pairs(text: &str) -> Vec<Pair<'_>> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<Pair<'_>> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect();
    pairs.sort_by(|one, other| one.0.cmp(&other.0));
    pairs
}

/// A broken escape stays as it is: it equals nothing else.
fn decoded(text: &str) -> Cow<'_, str> {
    decode_component(text).unwrap_or(Cow::Borrowed(text))
}
