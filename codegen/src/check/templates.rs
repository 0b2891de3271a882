//! Path templates.
//!
//! Rules: a segment is literal text or one parameter with text before or after it; no
//! segment but the last is empty, and none is `.` or `..`, which clients take out. `/{a}-{b}` fails, and so
//! does `/:a` where `a` is a format or has a type.

use super::scope::Scope;
use crate::diag::{Diagnostic, Id, Path};
use crate::route::{MAX_PARAMETERS, MAX_SEGMENTS};
use crate::spec;

/// A segment as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Literal(String),
    Parameter {
        before: String,
        name: String,
        after: String,
    },
}

/// The segments of a template, without the empty one before the first slash.
/// `typed` are the types of its parameters.
pub(super) fn pieces(
    scope: &mut Scope<'_, '_>,
    template: &str,
    typed: &spec::Map<spec::Value>,
    path: &Path,
) -> Option<Vec<Piece>> {
    if template.is_empty() {
        return Some(Vec::new());
    }
    let Some(rest) = template.strip_prefix('/') else {
        let problem = Diagnostic::error(Id::BadPath, path, "a path begins with `/`");
        scope.push(if template.contains("://") {
            problem.help("scheme and host stand in a `url` under `servers` of `api`")
        } else {
            problem
                .help("begin it with `/`")
                .replace(format!("/{template}"))
        });
        return None;
    };
    let texts: Vec<&str> = rest.split('/').collect();
    if texts.len() > MAX_SEGMENTS {
        let problem = format!("a path has at most {MAX_SEGMENTS} segments");
        scope.error(Id::BadPath, path, problem, "shorten it");
        return None;
    }
    let mut pieces = Vec::new();
    for index in 0..texts.len() {
        match segment(scope, path, typed, &texts, index) {
            Ok(piece) => pieces.push(piece),
            Err(problem) => {
                scope.push(*problem);
                return None;
            }
        }
    }
    let is_parameter = |piece: &&Piece| matches!(piece, Piece::Parameter { .. });
    if pieces.iter().filter(is_parameter).count() > MAX_PARAMETERS {
        let problem = format!("a path has at most {MAX_PARAMETERS} parameters");
        scope.error(
            Id::BadPath,
            path,
            problem,
            "put some of them into the query",
        );
        return None;
    }
    Some(pieces)
}

/// One of the segments of a template.
fn segment(
    scope: &Scope<'_, '_>,
    path: &Path,
    typed: &spec::Map<spec::Value>,
    texts: &[&str],
    index: usize,
) -> Result<Piece, Box<Diagnostic>> {
    let text = texts[index];
    let problem = |message: String, help: &str| {
        Box::new(Diagnostic::error(Id::BadPath, path, message).help(help))
    };
    if text.is_empty() && index + 1 < texts.len() {
        let message = "two slashes in a row: a segment is empty".to_owned();
        return Err(problem(message, "take one of them away"));
    }
    if matches!(text, "." | "..") {
        let message = format!("no client sends the segment `{text}`: it is resolved before");
        return Err(problem(message, "write the path that is meant"));
    }
    if let Some(problem) = meant_as_parameter(scope, path, typed, texts, index) {
        return Err(Box::new(problem));
    }
    piece(text).map_err(|what| {
        let help = "a segment is literal text, or one `{parameter}` with text before or after it";
        problem(format!("in the segment `{text}`: {what}"), help)
    })
}

/// A word behind a colon is text; one that is the name of a format or has a type was hardly meant so. In
/// angle brackets a word is nothing at all.
fn meant_as_parameter(
    scope: &Scope<'_, '_>,
    path: &Path,
    typed: &spec::Map<spec::Value>,
    texts: &[&str],
    index: usize,
) -> Option<Diagnostic> {
    let text = texts[index];
    let in_angles = text
        .strip_prefix('<')
        .and_then(|text| text.strip_suffix('>'));
    let name = in_angles.or_else(|| text.strip_prefix(':'))?;
    let is_format = scope.spec.formats.contains_key(name);
    let what = if is_format {
        "a format"
    } else if typed.contains_key(name) {
        "a parameter"
    } else {
        return None;
    };
    let parameter = format!("{{{name}}}");
    let mut meant = texts.to_vec();
    meant[index] = &parameter;
    let problem = format!("`{text}` is text here, and `{name}` is {what}");
    Some(
        Diagnostic::error(Id::BadPath, path, problem)
            .help(format!("a parameter is written `{parameter}`"))
            // Braces are in quotes wherever the path stands.
            .replace(format!("'/{}'", meant.join("/"))),
    )
}

fn piece(text: &str) -> Result<Piece, &'static str> {
    let is_literal = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c))
    };
    let problem = "only unreserved characters and `!$&'()*+,;=:@` stand in literal text";
    let Some((before, rest)) = text.split_once('{') else {
        return if is_literal(text) {
            Ok(Piece::Literal(text.to_owned()))
        } else {
            Err(problem)
        };
    };
    let (name, after) = rest.split_once('}').ok_or("a brace is not closed")?;
    if after.contains('{') {
        return Err("there is more than one parameter");
    }
    if !is_literal(before) || !is_literal(after) {
        return Err(problem);
    }
    let is_name = !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    if !is_name {
        return Err(
            "the name of the parameter is missing or has other characters than letters, digits, `_`, `-`, `.`",
        );
    }
    Ok(Piece::Parameter {
        before: before.to_owned(),
        name: name.to_owned(),
        after: after.to_owned(),
    })
}

/// A name for a route, made from its path: `/repos/{owner}/issues` becomes `repos-owner-issues`.
pub(super) fn name(template: &str) -> String {
    let words: Vec<String> = template
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() {
        "root".to_owned()
    } else {
        words.join("-")
    }
}

#[cfg(test)]
mod tests {
    use super::{Piece, name, piece};

    #[test]
    fn a_segment_is_text_or_one_parameter_between_texts() {
        assert_eq!(piece("list"), Ok(Piece::Literal("list".to_owned())));
        let cancel = Piece::Parameter {
            before: String::new(),
            name: "name".to_owned(),
            after: ":cancel".to_owned(),
        };
        assert_eq!(piece("{name}:cancel"), Ok(cancel));
        for bad in ["{a}{b}", "{a", "a}", "{}", "a b", "ü", "{a b}", "{a}}"] {
            assert!(piece(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_route_is_named_after_its_path() {
        assert_eq!(name("/repos/{owner}/issues"), "repos-owner-issues");
        assert_eq!(name("/"), "root");
    }
}
