//! Where a call goes: base URL, prefix, and the place that a server named.
//!
//! A URL is the operation's path behind the base, or a location that an earlier answer gave, whose path
//! and query are then kept as they are. The hazards: libraries fold `.` and `..` out of paths, so a path
//! with such a segment would reach another operation and is refused; and a location may lead to another
//! host, which must get nothing that was meant for this one.

use std::fmt;

use reqwest::Url;

use super::{TransportError, TransportErrorKind};

/// The root of an API: scheme, host, port, and the path before the API's own.
#[derive(Clone)]
pub(super) struct Base {
    url: Url,
    prefix: String,
}

impl Base {
    /// Parses `http://host[:port][/prefix]`.
    pub(super) fn parse(text: &str) -> Result<Self, TransportError> {
        let url = Url::parse(text).map_err(unsendable)?;
        let problem = if !is_http(&url) {
            "a base URL begins with http:// or https://"
        } else if !url.username().is_empty() || url.password().is_some() {
            "credentials do not belong into a base URL"
        } else if url.query().is_some() || url.fragment().is_some() {
            "a base URL has neither query nor fragment"
        } else {
            let prefix = url.path().trim_end_matches('/').to_owned();
            return Ok(Self { url, prefix });
        };
        Err(unsendable(problem))
    }

    /// The URL of an operation's path and query behind this base.
    pub(super) fn operation(&self, path_and_query: &str) -> Result<Url, TransportError> {
        let (path, query) = split(path_and_query);
        refuse_dots(path)?;
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.prefix));
        url.set_query(query);
        Ok(url)
    }

    /// The URL of a location that a server named: absolute, or relative to this base's host.
    pub(super) fn location(&self, text: &str) -> Result<Url, TransportError> {
        resolve(&self.url, text)
    }

    /// Whether `url` has this base's scheme, host and port.
    pub(super) fn is_home(&self, url: &Url) -> bool {
        same_origin(&self.url, url)
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

/// `url` with the query of `path_and_query` added; a parameter of the same name in `url` gives way.
pub(super) fn with_query_of(mut url: Url, path_and_query: &str) -> Url {
    let (_, Some(query)) = split(path_and_query) else {
        return url;
    };
    let ours: Vec<&str> = query.split('&').collect();
    let kept = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !ours.iter().any(|our| same_key(our, pair)));
    let query = kept
        .chain(ours.iter().copied())
        .collect::<Vec<_>>()
        .join("&");
    url.set_query(Some(&query));
    url
}

/// Resolves a reference that came with an answer from `from`. Only http and https are accepted, and
/// credentials in it are dropped.
pub(super) fn resolve(from: &Url, reference: &str) -> Result<Url, TransportError> {
    let mut url = from.join(reference).map_err(unsendable)?;
    if !is_http(&url) {
        return Err(unsendable("a location begins with http:// or https://"));
    }
    url.set_fragment(None);
    // Both can fail only for URLs without a host, which http does not have.
    let dropped = url.set_username("").and_then(|()| url.set_password(None));
    dropped.map_err(|()| unsendable("a location has a host"))?;
    Ok(url)
}

/// Whether two URLs have the same scheme, host and port.
pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    one.origin() == other.origin()
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn split(path_and_query: &str) -> (&str, Option<&str>) {
    match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    }
}

fn same_key(one: &str, other: &str) -> bool {
    let key = |pair: &str| {
        let key = pair.split('=').next().unwrap_or_default().replace('+', " ");
        percent_encoding::percent_decode_str(&key).collect::<Vec<u8>>()
    };
    key(one) == key(other)
}

fn refuse_dots(path: &str) -> Result<(), TransportError> {
    let is_dots = |segment: &str| {
        let plain: Vec<u8> = percent_encoding::percent_decode_str(segment).collect();
        plain == b"." || plain == b".."
    };
    // A backslash is a separator to the URL library, and is always encoded here.
    if path.split('/').any(is_dots) || path.contains('\\') {
        return Err(unsendable(
            "`.` and `..` cannot be sent as a segment of a path",
        ));
    }
    Ok(())
}

fn unsendable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Request, source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Base {
        Base::parse(text).expect("a good base")
    }

    fn operation(base_url: &str, path: &str) -> String {
        base(base_url)
            .operation(path)
            .expect("a good path")
            .to_string()
    }

    #[test]
    fn an_operation_lies_behind_the_prefix_of_the_base() {
        assert_eq!(operation("http://h:1", "/v1/a?n=1"), "http://h:1/v1/a?n=1");
        assert_eq!(operation("http://h:1/", "/v1/a"), "http://h:1/v1/a");
        assert_eq!(operation("https://h/x/y/", "/v1/"), "https://h/x/y/v1/");
    }

    #[test]
    fn percent_encoding_survives_as_it_is() {
        assert_eq!(
            operation("http://h", "/v1/a%2Fb%25/c?q=%26%2B"),
            "http://h/v1/a%2Fb%25/c?q=%26%2B"
        );
    }

    #[test]
    fn dot_segments_are_refused_in_every_spelling() {
        for path in [
            "/v1/../x",
            "/v1/./x",
            "/v1/%2e%2E/x",
            "/v1/.%2e",
            "/v1/%2E",
            "/v1/..\\x",
        ] {
            assert!(base("http://h").operation(path).is_err(), "{path}");
        }
        assert_eq!(
            operation("http://h", "/v1/.../a..b"),
            "http://h/v1/.../a..b"
        );
    }

    #[test]
    fn a_base_with_anything_but_scheme_host_and_path_is_refused() {
        for text in [
            "",
            "h:80",
            "ftp://h",
            "http://u@h",
            "http://u:p@h",
            "http://h?q",
            "http://h#f",
        ] {
            assert!(Base::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn our_parameters_join_those_of_a_location_and_win() {
        let merged = |location: &str, ours: &str| {
            with_query_of(
                base("http://h")
                    .location(location)
                    .expect("a good location"),
                ours,
            )
            .to_string()
        };
        assert_eq!(
            merged("/u/1?s=x", "/u/1?digest=d"),
            "http://h/u/1?s=x&digest=d"
        );
        assert_eq!(merged("/u/1?s=x", "/u/1"), "http://h/u/1?s=x");
        assert_eq!(merged("/u?n=2&last=a", "/u?n=3"), "http://h/u?last=a&n=3");
        assert_eq!(merged("/u?%6E=2", "/u?n=3"), "http://h/u?n=3");
        assert_eq!(merged("http://other/u", "/u?n=3"), "http://other/u?n=3");
    }

    #[test]
    fn a_location_is_resolved_against_where_it_came_from() {
        let from = Url::parse("http://h:1/a/b?c").expect("a URL");
        let resolved = |reference| resolve(&from, reference).map(|url| url.to_string()).ok();
        assert_eq!(resolved("/x").as_deref(), Some("http://h:1/x"));
        assert_eq!(resolved("x?y").as_deref(), Some("http://h:1/a/x?y"));
        assert_eq!(resolved("//other/x").as_deref(), Some("http://other/x"));
        assert_eq!(
            resolved("https://u:p@o/x#f").as_deref(),
            Some("https://o/x")
        );
        assert_eq!(resolved("file:///etc/passwd"), None);
        assert_eq!(resolved("javascript:x"), None);
    }

    #[test]
    fn only_scheme_host_and_port_make_an_origin() {
        let base = base("https://h/x");
        let home = |text| base.is_home(&Url::parse(text).expect("a URL"));
        assert!(home("https://h:443/other"));
        assert!(!home("http://h/x"));
        assert!(!home("https://h:444/x"));
        assert!(!home("https://h.evil/x"));
    }
}
