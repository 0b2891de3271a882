//! Bodies to choose from by media type.
//!
//! Rules: a choice is of two bodies or more, each of media types of its own, without wildcards; none is a
//! choice again. `{type: choice, of: [{type: json}, {type: json, verbatim: true}]}` fails: both are
//! `application/json`. An operation has one choice at most among its answers.

use std::collections::BTreeMap;

use super::bodies::{self, Owner};
use super::names::{Taken, camel};
use super::scope::{Scope, items};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Alternative, BodyKind};
use crate::spec;

/// The choice whose bodies are `written` below the key `of` at `path`. `name` is that of its enum.
pub(super) fn choice(
    scope: &mut Scope<'_, '_>,
    written: &[spec::Body],
    path: &Path,
    (owner, name): (Owner, &str),
) -> BodyKind {
    let list = path.key("of");
    if written.len() < 2 {
        scope.error(
            Id::BadBody,
            &list,
            "a choice is of two bodies or more",
            "add one, or write the one body without a choice",
        );
    }
    let mut taken = Taken::default();
    let mut seen: BTreeMap<String, Path> = BTreeMap::new();
    let mut of = Vec::new();
    for (written, path) in written.iter().zip(items(&list)) {
        if let spec::Body::Choice { .. } = written {
            scope.error(
                Id::BadBody,
                &path,
                "a choice has no choice within",
                "list its bodies in this one",
            );
            continue;
        }
        let variant = variant(written);
        let body = bodies::body(scope, written, &path, owner, &format!("{name}{variant}"));
        let help = "the first media type of each names it in code: begin with another one";
        taken.enter_type(scope, &variant, At::value(&path), help);
        if let BodyKind::Stream { ranges: true, .. } = body.kind {
            let message = "ranges are of a body that is always the same";
            scope.error(
                Id::BadBody,
                &path.key("ranges"),
                message,
                "take the key away, or write the body without a choice",
            );
        }
        if body.has_wildcard() {
            let message = "what is chosen by its media type has no wildcard";
            scope.error(
                Id::BadBody,
                &path.key("media_types"),
                message,
                "list the media types that there are",
            );
        }
        for media_type in &body.media_types {
            if let Some(first) = seen.insert(media_type.clone(), path.clone()) {
                let message = format!("`{media_type}` is of two bodies of this choice");
                scope.push(
                    Diagnostic::error(Id::BadBody, &path, message)
                        .help("give each of them media types of its own")
                        .label(&first, "the first one"),
                );
            }
        }
        of.push(Alternative { variant, body });
    }
    BodyKind::Choice {
        type_name: name.to_owned(),
        of,
    }
}

/// The name in code: that of its kind where it has the media type of its kind, else the second half of
/// its first media type.
fn variant(written: &spec::Body) -> String {
    let kind = match written {
        spec::Body::Json { .. } => "Json",
        spec::Body::Form { .. } => "Form",
        spec::Body::Text { .. } => "Text",
        spec::Body::Bytes { .. } => "Bytes",
        spec::Body::JsonLines { .. } => "JsonLines",
        spec::Body::Events { .. } => "Events",
        spec::Body::Stream { .. } | spec::Body::Choice { .. } => "Stream",
    };
    let (media_types, own) = bodies::written_media_types(written);
    let subtype = media_types
        .first()
        .filter(|media_type| *media_type != own)
        .and_then(|media_type| media_type.split_once('/'))
        .map(|(_, subtype)| camel(subtype.strip_prefix("x-").unwrap_or(subtype)));
    match subtype {
        // What is empty is no media type, and that has been told.
        Some(name) if !matches!(name.as_str(), "" | "Self") => name,
        _ => kind.to_owned(),
    }
}
