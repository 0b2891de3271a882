//! The table of routes: a path finds the route that a slow search of all templates finds.

use api_runtime::{RouteInfo, percent};
use registry_protocol::server::{ROUTES, find_route};
use registry_protocol::{Digest, Name, Reference, UploadId};

/// Looks for the route of a path.
pub fn router(bytes: &[u8]) {
    let path = String::from_utf8_lossy(bytes);
    let shaped: Vec<Candidate<'_>> = ROUTES
        .iter()
        .filter_map(|route| shape(route, &path))
        .collect();
    let accepted: Vec<&Candidate<'_>> = shaped.iter().filter(|it| it.is_accepted()).collect();
    assert!(accepted.len() <= 1, "{path:?} has the routes {accepted:?}");
    let Some((route, captures)) = find_route(&path) else {
        let is_too_long = path.len() >= 64 * 1024;
        assert!(
            is_too_long || shaped.is_empty(),
            "{path:?} has no route, but {shaped:?}"
        );
        return;
    };
    let found = Candidate {
        name: route.name,
        parameters: route.parameters,
        values: captures.values().collect(),
    };
    // Whether an encoded slash parts a name is for its route to say.
    if accepted.is_empty() || path.to_ascii_lowercase().contains("%2f") {
        assert!(shaped.contains(&found), "{path:?} {found:?} {shaped:?}");
    } else {
        assert_eq!([&found], accepted[..], "{path:?}");
    }
}

/// A route that a path may have, and its values, still encoded.
#[derive(Debug, PartialEq, Eq)]
struct Candidate<'p> {
    name: &'static str,
    parameters: &'static [&'static str],
    values: Vec<&'p str>,
}

impl Candidate<'_> {
    /// Whether each value is one of its parameter.
    fn is_accepted(&self) -> bool {
        let mut pairs = self.parameters.iter().zip(&self.values);
        pairs.all(|(parameter, value)| {
            let Ok(value) = percent::decode(value) else {
                return false;
            };
            match *parameter {
                "name" => Name::parse(&value).is_ok(),
                "reference" => Reference::parse(&value).is_ok(),
                "digest" => Digest::parse(&value).is_ok(),
                "uuid" => UploadId::parse(&value).is_ok(),
                other => unreachable!("no route has the parameter {other}"),
            }
        })
    }
}

/// The values of a path that has the shape of a route's template: as many segments as that, with what is
/// left for the name, which alone may have several.
fn shape<'p>(route: &RouteInfo, path: &'p str) -> Option<Candidate<'p>> {
    // The routes that end in a slash are those whose slash is optional.
    let template = route.template.trim_end_matches('/');
    let path = match path.strip_suffix('/') {
        Some(short) if template.len() < route.template.len() => short,
        _ => path,
    };
    let wanted: Vec<&str> = template.split('/').collect();
    let mut rest: Vec<&str> = path.split('/').collect();
    let many = (rest.len() + 1).checked_sub(wanted.len())?;
    let mut values = Vec::new();
    for segment in wanted {
        let count = if segment == "{name}" { many } else { 1 };
        if count == 0 || count > rest.len() {
            return None;
        }
        let own: Vec<&str> = rest.drain(..count).collect();
        if segment.starts_with('{') {
            let value = spanned(path, &own)?;
            values.push(value);
        } else if percent::decode(own[0]).ok()? != segment {
            return None;
        }
    }
    rest.is_empty().then_some(Candidate {
        name: route.name,
        parameters: route.parameters,
        values,
    })
}

/// The piece of the path from the first of some segments to the last, unless it is empty.
fn spanned<'p>(path: &'p str, segments: &[&'p str]) -> Option<&'p str> {
    let (first, last) = (segments.first()?, segments.last()?);
    let start = first.as_ptr() as usize - path.as_ptr() as usize;
    let end = last.as_ptr() as usize - path.as_ptr() as usize + last.len();
    path.get(start..end).filter(|value| !value.is_empty())
}
