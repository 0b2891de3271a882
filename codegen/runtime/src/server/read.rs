//! Reads the parameters of one request.
//!
//! Each method yields a value, or notes what is wrong and yields nothing, so that glue reads on and all
//! that is wrong is answered at once. What is wrong is said without the value, which may be secret.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Answer, Call, Place, Refusal};
use crate::query::Query;
use crate::{ErrorInfo, Invalid, Param, RejectionKind, Scalar, WireError};

/// Reads the parameters of one request.
#[derive(Debug)]
pub struct Read<'c> {
    call: &'c Call,
    query: Query<'c>,
    wrong: Vec<(Option<&'static ErrorInfo>, WireError)>,
}

impl<'c> Read<'c> {
    pub(super) fn new(call: &'c Call) -> Self {
        // Checked when the request came in.
        let query = Query::parse(call.head.uri.query()).unwrap_or_default();
        Self {
            call,
            query,
            wrong: Vec::new(),
        }
    }

    /// The parameter at `index` of the path.
    pub fn path<V: Scalar>(&mut self, index: usize, param: &'static Param) -> Option<V> {
        let text = self.call.values.get(&self.call.head.uri, index);
        let text = text.unwrap_or_else(|| Err(missing()));
        let value = text.and_then(|text| param.parse(&text));
        self.keep(param, value)
    }

    /// A parameter that must be there.
    pub fn required<V: Scalar>(&mut self, place: Place, param: &'static Param) -> Option<V> {
        let value = self
            .one(place, param)
            .and_then(|value| value.ok_or_else(missing));
        self.keep(param, value)
    }

    /// A parameter that may be there.
    pub fn optional<V: Scalar>(
        &mut self,
        place: Place,
        param: &'static Param,
    ) -> Option<Option<V>> {
        let value = self.one(place, param);
        self.keep(param, value)
    }

    /// A list that must be there.
    pub fn list<V: Scalar>(&mut self, place: Place, param: &'static Param) -> Option<Vec<V>> {
        let values = self
            .many(place, param)
            .and_then(|values| values.ok_or_else(missing));
        self.keep(param, values)
    }

    /// A list that may be there.
    pub fn list_optional<V: Scalar>(
        &mut self,
        place: Place,
        param: &'static Param,
    ) -> Option<Option<Vec<V>>> {
        let values = self.many(place, param);
        self.keep(param, values)
    }

    /// A parameter that has one value only.
    pub fn constant(&mut self, place: Place, param: &'static Param, text: &str) -> Option<()> {
        let value = self
            .one::<String>(place, param)
            .and_then(|value| value.ok_or_else(missing));
        let value = value.and_then(|value| equal(&value, text));
        self.keep(param, value)
    }

    /// A parameter that has one value only and may be absent.
    pub fn constant_optional(
        &mut self,
        place: Place,
        param: &'static Param,
        text: &str,
    ) -> Option<()> {
        let value = self.one::<String>(place, param);
        let value = value.and_then(|value| value.map_or(Ok(()), |value| equal(&value, text)));
        self.keep(param, value)
    }

    /// A key without a value: whether it is there.
    pub fn flag(&mut self, place: Place, param: &'static Param) -> Option<bool> {
        let value = self
            .texts(place, param)
            .and_then(|texts| match texts.as_slice() {
                [] => Ok(false),
                [text] if text.is_empty() => Ok(true),
                [_] => Err(Invalid::new("has a value, and takes none")),
                _ => Err(repeated()),
            });
        self.keep(param, value)
    }

    /// All parameters whose names begin with `before` and end with `after`, by what is between.
    pub fn prefix<V: Scalar>(
        &mut self,
        place: Place,
        param: &'static Param,
        before: &str,
        after: &str,
    ) -> Option<BTreeMap<String, V>> {
        let all = match place {
            Place::Query => self
                .query
                .pairs()
                .map(|(name, value)| (name.into_owned(), Ok(value.into_owned())))
                .collect(),
            Place::Header => self.headers(),
        };
        // Names of headers have no case; here they are in lower case.
        let (before, after) = match place {
            Place::Query => (before.to_owned(), after.to_owned()),
            Place::Header => (before.to_ascii_lowercase(), after.to_ascii_lowercase()),
        };
        let between = |name: &str| {
            let name = name.strip_prefix(before.as_str())?;
            Some(name.strip_suffix(after.as_str())?.to_owned())
        };
        let mut values = Ok(BTreeMap::new());
        for (name, text) in all {
            let Some(key) = between(&name) else { continue };
            let value = text.and_then(|text| param.parse(&text));
            values = match (values, value) {
                (Ok(mut values), Ok(value)) => match values.insert(key, value) {
                    None => Ok(values),
                    Some(_) => Err(repeated()),
                },
                (Err(invalid), _) | (_, Err(invalid)) => Err(invalid),
            };
        }
        let values = values.and_then(|values| {
            param.check_items(values.len())?;
            Ok(values)
        });
        self.keep(param, values)
    }

    /// The answer to all that was wrong. Its status is that of the first.
    pub fn refusal(self) -> Refusal {
        let envelope = self.call.operation.envelope;
        let bad_request = RejectionKind::BadRequest;
        let status = match self.wrong.first() {
            Some((Some(info), _)) => info.status,
            _ => bad_request.status(),
        };
        let errors = self.wrong.into_iter().map(|(_, error)| error).collect();
        Answer::new(status).failure(envelope, errors).into()
    }

    fn headers(&self) -> Vec<(String, Result<String, Invalid>)> {
        let headers = self.call.head.headers.iter();
        headers
            .map(|(name, value)| {
                let value = text(value.as_bytes()).map(Cow::into_owned);
                (name.as_str().to_owned(), value)
            })
            .collect()
    }

    fn texts(&self, place: Place, param: &Param) -> Result<Vec<Cow<'c, str>>, Invalid> {
        match place {
            Place::Query => Ok(self.query.all(param.name).collect()),
            Place::Header => {
                let lines = self.call.head.headers.get_all(param.name).iter();
                lines.map(|line| text(line.as_bytes())).collect()
            }
        }
    }

    fn one<V: Scalar>(&self, place: Place, param: &Param) -> Result<Option<V>, Invalid> {
        match self.texts(place, param)?.as_slice() {
            [] => Ok(None),
            [text] => match param.parse(text) {
                Err(invalid) if place == Place::Query && text.contains(' ') => Err(plus(&invalid)),
                parsed => parsed.map(Some),
            },
            _ => Err(repeated()),
        }
    }

    fn many<V: Scalar>(&self, place: Place, param: &Param) -> Result<Option<Vec<V>>, Invalid> {
        if let Place::Query = place {
            let mut values = self.query.raw(param.name).peekable();
            let is_there = values.peek().is_some();
            return is_there.then(|| param.parse_list(values)).transpose();
        }
        let lines = self.texts(place, param)?;
        let is_there = !lines.is_empty();
        is_there.then(|| param.parse_header_list(lines)).transpose()
    }

    fn keep<V>(&mut self, param: &'static Param, value: Result<V, Invalid>) -> Option<V> {
        match value {
            Ok(value) => Some(value),
            Err(invalid) => {
                let kind = RejectionKind::BadRequest;
                let code = invalid.code().or(param.invalid);
                let info = code.unwrap_or_else(|| self.call.operation.envelope.rejection(kind));
                let error = WireError::rejection(info, Some(param.name), Some(invalid.reason()));
                self.wrong.push((code, error));
                None
            }
        }
    }
}

/// Header values are UTF-8 here, as everything else is.
fn text(bytes: &[u8]) -> Result<Cow<'_, str>, Invalid> {
    let text = std::str::from_utf8(bytes).map_err(|_| Invalid::new("is not valid UTF-8"))?;
    Ok(Cow::Borrowed(text.trim_matches([' ', '\t'])))
}

fn equal(value: &str, text: &str) -> Result<(), Invalid> {
    if value == text {
        Ok(())
    } else {
        Err(Invalid::new(format!("is not `{text}`")))
    }
}

/// `+` in a query is a space. Whoever wrote one where none fits may not know that.
fn plus(invalid: &Invalid) -> Invalid {
    let reason = format!(
        "{}; `+` in a query is a space, and `%2B` is `+`",
        invalid.reason()
    );
    let explained = Invalid::new(reason);
    match invalid.code() {
        Some(code) => explained.with_code(code),
        None => explained,
    }
}

fn missing() -> Invalid {
    Invalid::new("is missing")
}

fn repeated() -> Invalid {
    Invalid::new("is there more than once")
}
