//! The same rules by regular expressions: one for the shape of each route, and one for each format.
//!
//! Slow and plain. What is encoded in a path is decoded between the slashes first; an encoded slash
//! becomes a byte that no path of the tests has otherwise.

use api_codegen::model::{Format, FormatKind, Route, Segment};
use regex::bytes::Regex;

/// Stands for a slash within a segment.
const INNER_SLASH: u8 = 2;

/// A table of regular expressions.
#[derive(Debug)]
pub(super) struct Reference {
    /// For each route two, if its last slash is optional.
    shapes: Vec<Vec<Regex>>,
    escape: Regex,
    /// For each route the formats of its parameters, and of each format the alternatives.
    values: Vec<Vec<Vec<Value>>>,
}

/// Pattern and most characters.
#[derive(Clone, Debug)]
struct Value(Regex, u64);

/// What the reference says of a path.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// Routes whose shape it has, with the decoded values.
    pub(super) shaped: Vec<(usize, Vec<Vec<u8>>)>,
    /// Those of them that accept the values.
    pub(super) accepted: Vec<(usize, Vec<Vec<u8>>)>,
}

impl Reference {
    pub(super) fn new(routes: &[Route], formats: &[Format]) -> Self {
        Self {
            shapes: routes.iter().map(shapes).collect(),
            escape: Regex::new("(?-u)%([0-9a-fA-F]{2})").expect("a legal pattern"),
            values: routes.iter().map(|route| values(route, formats)).collect(),
        }
    }

    pub(super) fn judge(&self, path: &str) -> Verdict {
        let mut verdict = Verdict::default();
        let text = self.decoded(path);
        let shapes = self.shapes.iter().enumerate();
        let shapes =
            shapes.flat_map(|(route, shapes)| shapes.iter().map(move |shape| (route, shape)));
        for (route, shape) in shapes {
            let Some(captures) = shape.captures(&text) else {
                continue;
            };
            let values = captures.iter().skip(1).flatten();
            let values: Vec<Vec<u8>> = values.map(|value| with_slashes(value.as_bytes())).collect();
            let accepts = |(formats, value): (&Vec<Value>, &Vec<u8>)| {
                formats.iter().any(|format| format.accepts(value))
            };
            if self.values[route].iter().zip(&values).all(accepts) {
                verdict.accepted.push((route, values.clone()));
            }
            verdict.shaped.push((route, values));
        }
        verdict
    }

    /// The path with what is encoded between its slashes decoded.
    fn decoded(&self, path: &str) -> Vec<u8> {
        let replace = |captures: &regex::bytes::Captures<'_>| {
            let digits = std::str::from_utf8(&captures[1]).expect("two digits");
            let byte = u8::from_str_radix(digits, 16).expect("two digits");
            vec![if byte == b'/' { INNER_SLASH } else { byte }]
        };
        self.escape
            .replace_all(path.as_bytes(), replace)
            .into_owned()
    }
}

impl Verdict {
    /// The routes that accept the path, each once.
    pub(super) fn routes(&self) -> Vec<usize> {
        let mut routes: Vec<usize> = self.accepted.iter().map(|(route, _)| *route).collect();
        routes.dedup();
        routes
    }
}

impl Value {
    fn accepts(&self, value: &[u8]) -> bool {
        let chars = std::str::from_utf8(value).map(|text| text.chars().count() as u64);
        self.0.is_match(value) && chars.is_ok_and(|chars| self.1 == 0 || chars <= self.1)
    }
}

fn shapes(route: &Route) -> Vec<Regex> {
    let mut pattern = r"(?s-u)\A".to_owned();
    for segment in &route.segments {
        let (before, value, after) = match segment {
            Segment::Literal(text) => (text, "", ""),
            Segment::Parameter { before, after, .. } => (before, "([^/]+)", after.as_str()),
            Segment::Many { before, after, .. } => (before, "(.+)", after.as_str()),
        };
        let (before, after) = (regex::escape(before), regex::escape(after));
        pattern.extend(["/", &before, value, &after]);
    }
    let other = pattern
        .strip_suffix('/')
        .map_or_else(|| format!("{pattern}/"), str::to_owned);
    let has_other = route.slash_optional || route.segments.is_empty();
    let patterns = [pattern, other]
        .into_iter()
        .take(1 + usize::from(has_other));
    let legal = |pattern: String| Regex::new(&format!(r"{pattern}\z")).expect("a legal pattern");
    patterns.map(legal).collect()
}

fn values(route: &Route, formats: &[Format]) -> Vec<Vec<Value>> {
    let any = || {
        vec![Value(
            Regex::new(r"\A(?s:.+)\z").expect("a legal pattern"),
            0,
        )]
    };
    let of_segment = |segment: &Segment| match segment {
        Segment::Literal(_) => None,
        Segment::Parameter { format, .. } => {
            Some(format.map_or_else(any, |id| alternatives(formats, id.0)))
        }
        Segment::Many { format, .. } => Some(alternatives(formats, format.0)),
    };
    route.segments.iter().filter_map(of_segment).collect()
}

fn alternatives(formats: &[Format], index: usize) -> Vec<Value> {
    let format = &formats[index];
    match &format.kind {
        FormatKind::AnyOf(parts) => parts
            .iter()
            .flat_map(|part| alternatives(formats, part.0))
            .collect(),
        FormatKind::Scalar { constraints, .. } => {
            let (pattern, _) = constraints
                .pattern
                .as_ref()
                .expect("formats of the tests have one");
            // A pattern that holds no slash is that of one segment.
            let whole = if format.many_segments && !pattern.contains('/') {
                format!(r"\A(?:{pattern})(?:/(?:{pattern}))*\z")
            } else {
                format!(r"\A(?:{pattern})\z")
            };
            vec![Value(
                Regex::new(&whole).expect("a legal pattern"),
                constraints.max_length.unwrap_or(0),
            )]
        }
    }
}

fn with_slashes(value: &[u8]) -> Vec<u8> {
    value
        .iter()
        .map(|byte| if *byte == INNER_SLASH { b'/' } else { *byte })
        .collect()
}
