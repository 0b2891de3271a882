//! The head of an answer: its status, and headers as the types that the API declares for them.

use std::collections::BTreeMap;
use std::fmt;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use reqwest::Url;

use super::DecodeError;
use super::target::resolve;
use crate::{Invalid, Location, Param, Scalar, Style, link};

/// Status and headers of an answer.
#[derive(Clone)]
pub struct Head {
    status: u16,
    headers: HeaderMap,
    url: Url,
    foreign: bool,
}

impl Head {
    pub(super) fn new(status: u16, headers: HeaderMap, url: Url, foreign: bool) -> Self {
        Self {
            status,
            headers,
            url,
            foreign,
        }
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers as they were sent.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The URL that answered, behind all redirects.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Another host than the API's answered, because the API's sent us there.
    pub fn is_foreign(&self) -> bool {
        self.foreign
    }

    /// How long the body is, or would be to GET where this answers HEAD.
    pub fn content_length(&self) -> Option<u64> {
        self.headers
            .get(CONTENT_LENGTH)?
            .to_str()
            .ok()
            .and_then(|text| u64::parse(text).ok())
    }

    /// The media type of the body.
    pub fn content_type(&self) -> Result<String, DecodeError> {
        self.header(CONTENT_TYPE.as_str())
    }

    /// Which body it is by its media type: an index into `of`. One without a media type is the first.
    pub fn choice(&self, of: &[&[&str]]) -> Result<usize, DecodeError> {
        let name = CONTENT_TYPE.as_str();
        let Some(content_type) = self.header_optional::<String>(name)? else {
            return Ok(0);
        };
        of.iter()
            .position(|media_types| crate::media::is_one_of(&content_type, media_types))
            .ok_or_else(|| {
                let reason = format!("it is none of {}", of.concat().join(", "));
                DecodeError::new(self.status, name, Invalid::new(reason))
            })
    }

    /// Whether all these headers are there.
    pub fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.headers.contains_key(*name))
    }

    /// A header that must be there.
    pub fn header<V: Scalar>(&self, name: &'static str) -> Result<V, DecodeError> {
        self.header_optional(name)?
            .ok_or_else(|| self.missing(name))
    }

    /// A header that may be there. Of several lines the first counts.
    pub fn header_optional<V: Scalar>(&self, name: &'static str) -> Result<Option<V>, DecodeError> {
        let Some(line) = self.lines(name).next() else {
            return Ok(None);
        };
        line.and_then(V::parse)
            .map(Some)
            .map_err(|invalid| self.invalid(name, invalid))
    }

    /// A list that must be there.
    pub fn header_list<V: Scalar>(
        &self,
        name: &'static str,
        style: Style,
    ) -> Result<Vec<V>, DecodeError> {
        self.header_list_optional(name, style)?
            .ok_or_else(|| self.missing(name))
    }

    /// A list that may be there, in one line or several.
    pub fn header_list_optional<V: Scalar>(
        &self,
        name: &'static str,
        style: Style,
    ) -> Result<Option<Vec<V>>, DecodeError> {
        let invalid = |invalid| self.invalid(name, invalid);
        let lines = self
            .lines(name)
            .collect::<Result<Vec<_>, _>>()
            .map_err(invalid)?;
        if lines.is_empty() {
            return Ok(None);
        }
        let param = Param {
            name,
            invalid: None,
            style,
            checks: &[],
        };
        param.parse_header_list(lines).map(Some).map_err(invalid)
    }

    /// The headers whose names begin with `before` and end with `after`, by what is between.
    pub fn header_prefix<V: Scalar>(
        &self,
        before: &'static str,
        after: &'static str,
    ) -> Result<BTreeMap<String, V>, DecodeError> {
        let mut values = BTreeMap::new();
        for (name, value) in &self.headers {
            // Names of received headers are in lower case.
            let rest = name.as_str().strip_prefix(&before.to_ascii_lowercase());
            let Some(key) = rest.and_then(|rest| rest.strip_suffix(&after.to_ascii_lowercase()))
            else {
                continue;
            };
            let value = value.to_str().map_err(|_| no_text()).and_then(V::parse);
            values.insert(
                key.to_owned(),
                value.map_err(|invalid| self.invalid(before, invalid))?,
            );
        }
        Ok(values)
    }

    /// The URL in a header that must be there.
    pub fn location<U>(&self, name: &'static str) -> Result<Location<U>, DecodeError> {
        self.location_optional(name)?
            .ok_or_else(|| self.missing(name))
    }

    /// The URL in a header that may be there.
    pub fn location_optional<U>(
        &self,
        name: &'static str,
    ) -> Result<Option<Location<U>>, DecodeError> {
        let location = self.header_optional::<Location<U>>(name)?;
        location
            .map(|location| self.kept(name, location.as_str()))
            .transpose()
    }

    /// The target of the link with the relation `rel`.
    pub fn link<U>(&self, name: &'static str, rel: &str) -> Result<Location<U>, DecodeError> {
        self.link_optional(name, rel)?
            .ok_or_else(|| self.missing(name))
    }

    /// The target of the link with the relation `rel`, where there is one.
    pub fn link_optional<U>(
        &self,
        name: &'static str,
        rel: &str,
    ) -> Result<Option<Location<U>>, DecodeError> {
        let lines: Vec<&str> = self.lines(name).filter_map(Result::ok).collect();
        link::find(lines, rel)
            .map(|target| self.kept(name, target))
            .transpose()
    }

    /// The absolute URL of the link with the relation `rel`.
    pub(super) fn next(&self, rel: &str) -> Result<Option<Url>, DecodeError> {
        let lines: Vec<&str> = self.lines("link").filter_map(Result::ok).collect();
        let Some(target) = link::find(lines, rel) else {
            return Ok(None);
        };
        resolve(&self.url, target)
            .map(Some)
            .map_err(|error| DecodeError::new(self.status, "Link", error))
    }

    /// A URL as it was sent, unless only this answer knows what it is relative to.
    fn kept<U>(&self, name: &'static str, text: &str) -> Result<Location<U>, DecodeError> {
        let is_rooted = text.starts_with('/') && !text.starts_with("//") && !self.foreign;
        if is_rooted {
            return Ok(Location::from_text(text));
        }
        let url =
            resolve(&self.url, text).map_err(|error| DecodeError::new(self.status, name, error))?;
        let is_absolute = Url::parse(text).is_ok();
        Ok(Location::from_text(if is_absolute {
            text
        } else {
            url.as_str()
        }))
    }

    fn lines(&self, name: &str) -> impl Iterator<Item = Result<&str, Invalid>> {
        let values = self.headers.get_all(name).into_iter();
        values.map(|value| {
            std::str::from_utf8(value.as_bytes())
                .map(str::trim)
                .map_err(|_| no_text())
        })
    }

    fn missing(&self, name: &'static str) -> DecodeError {
        DecodeError::new(self.status, name, "is not there")
    }

    fn invalid(&self, name: &'static str, invalid: Invalid) -> DecodeError {
        DecodeError::new(self.status, name, invalid)
    }
}

fn no_text() -> Invalid {
    Invalid::new("is no text")
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may be secret, and so may a signed URL.
        f.debug_struct("Head")
            .field("status", &self.status)
            .field("foreign", &self.foreign)
            .finish_non_exhaustive()
    }
}
