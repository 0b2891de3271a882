//! Formats: named scalars.
//!
//! Rules: a pattern compiles and matches something; examples are accepted by their own format; members
//! of `any_of` are texts. `tag: {pattern: '[a-z]+', examples: [A]}` fails: the example does not match.

use super::deprecations;
use super::literals::Types;
use super::names::{camel, demand_snake};
use super::scope::{Kind, Scope, items};
use super::suggest::nearest;
use super::types::{builtin, elsewhere, tell_elsewhere};
use super::values::{check_order, check_reach, compile};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Base, Constraints, ErrorId, Format, FormatId, FormatKind};
use crate::pattern::Dfa;
use crate::spec;

/// All formats.
pub(super) fn formats(scope: &mut Scope<'_, '_>) -> Vec<Format> {
    let spec = scope.spec;
    spec.formats
        .iter()
        .map(|(name, written)| format(scope, name, written, &Path::root().key("formats").key(name)))
        .collect()
}

fn format(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Format, path: &Path) -> Format {
    demand_snake(scope, name, At::key(path), "a format");
    let invalid = written
        .invalid
        .as_ref()
        .and_then(|code| scope.find(Kind::Error, code, &path.key("invalid")))
        .map(ErrorId);
    let kind = match &written.any_of {
        Some(members) => any_of(scope, written, members, path),
        None => scalar(scope, written, path),
    };
    deprecations::check(scope, written.deprecated.as_ref(), path);
    Format {
        name: name.to_owned(),
        type_name: camel(name),
        description: written.description.clone(),
        kind,
        many_segments: is_many(scope, name, 0),
        invalid,
        examples: written.examples.clone(),
        deprecated: written.deprecated.as_ref().map(deprecations::deprecation),
    }
}

/// Whether a value of the format may span segments; one of several may, if a member may.
pub(super) fn is_many(scope: &Scope<'_, '_>, name: &str, depth: usize) -> bool {
    let Some(format) = scope.spec.formats.get(name) else {
        return false;
    };
    match &format.any_of {
        Some(members) if depth < 8 => members
            .iter()
            .any(|member| is_many(scope, member, depth + 1)),
        Some(_) => false,
        None => format.segments == Some(spec::Segments::Many),
    }
}

fn any_of(
    scope: &mut Scope<'_, '_>,
    written: &spec::Format,
    members: &[String],
    path: &Path,
) -> FormatKind {
    let others = [
        ("type", written.base.is_some()),
        ("pattern", written.pattern.is_some()),
        ("segments", written.segments.is_some()),
        ("min", written.min.is_some()),
        ("max", written.max.is_some()),
        ("min_length", written.min_length.is_some()),
        ("max_length", written.max_length.is_some()),
    ];
    for (key, _) in others.into_iter().filter(|(_, is_there)| *is_there) {
        let message = format!("`{key}` does not go with `any_of`: the members have their own");
        scope.error(
            Id::BadConstraint,
            &path.key(key),
            message,
            "take the key away",
        );
    }
    let list = path.key("any_of");
    if members.len() < 2 {
        scope.error(
            Id::BadType,
            &list,
            "`any_of` chooses between two formats or more",
            "list another one, or use the one format itself",
        );
    }
    let mut ids = Vec::new();
    for (member, path) in members.iter().zip(items(&list)) {
        let Some(id) = scope.find(Kind::Format, member, &path).map(FormatId) else {
            continue;
        };
        let is_text = scope.spec.formats.get(member).is_some_and(|format| {
            format.any_of.is_none() && matches!(format.base.as_deref(), None | Some("string"))
        });
        if !is_text {
            let message = format!("`{member}` is no text with a pattern of its own");
            scope.push(
                Diagnostic::error(Id::BadType, &path, message)
                    .label(
                        At::key(&Path::root().key("formats").key(member)),
                        "the format",
                    )
                    .help("list formats of the type `string` without `any_of`"),
            );
        }
        if ids.contains(&id) {
            let first = members.iter().position(|known| known == member);
            let first = list.index(first.unwrap_or_default());
            scope.push(
                Diagnostic::error(Id::NameClash, &path, format!("`{member}` stands twice"))
                    .label(&first, "here for the first time")
                    .help("take one of them away"),
            );
        } else {
            ids.push(id);
        }
    }
    FormatKind::AnyOf(ids)
}

fn scalar(scope: &mut Scope<'_, '_>, written: &spec::Format, path: &Path) -> FormatKind {
    let base = base(
        scope,
        written.base.as_deref().unwrap_or("string"),
        &path.key("type"),
    );
    // What the bounds of an unknown base would be nobody can say.
    if let Some(base) = base {
        check_constraints(scope, written, base, path);
    }
    let base = base.unwrap_or(Base::String);
    let is_many = written.segments == Some(spec::Segments::Many);
    let pattern = written
        .pattern
        .as_ref()
        .filter(|_| base == Base::String)
        .and_then(|pattern| {
            let at = path.key("pattern");
            let dfa = compile(scope, pattern, &at, Dfa::compile)?;
            if !is_many {
                return Some((pattern.clone(), dfa));
            }
            let is_whole = dfa.accepts_slash();
            let dfa = compile(scope, pattern, &at, |_| dfa.clone().segments())?;
            let whole = if is_whole {
                pattern.clone()
            } else {
                format!("({pattern})(/({pattern}))*")
            };
            Some((whole, dfa))
        });
    FormatKind::Scalar {
        base,
        constraints: Constraints {
            min: written.min.map(i128::from),
            max: written.max.map(i128::from),
            min_length: written.min_length,
            max_length: written.max_length,
            min_items: None,
            max_items: None,
            pattern,
        },
    }
}

fn base(scope: &mut Scope<'_, '_>, name: &str, path: &Path) -> Option<Base> {
    const BASES: [(&str, Base); 6] = [
        ("string", Base::String),
        ("integer", Base::Integer),
        ("int32", Base::Int32),
        ("uint32", Base::Uint32),
        ("uint64", Base::Uint64),
        ("number", Base::Number),
    ];
    let of = |name: &str| {
        let mut bases = BASES.iter();
        bases
            .find(|(known, _)| *known == name)
            .map(|(_, base)| *base)
    };
    if let Some(base) = of(name) {
        return Some(base);
    }
    let noun = "base of a format";
    let known = BASES.map(|(known, _)| known);
    let meant = elsewhere(name).unwrap_or(name);
    if builtin(meant).is_some() && of(meant).is_none() {
        let message = format!("there is no {noun} `{name}`");
        let help = format!(
            "`{meant}` is a type as it is; a format refines one of `{}`",
            known.join("`, `")
        );
        scope.error(Id::UnknownName, path, message, help);
        return None;
    }
    if !tell_elsewhere(scope, (noun, name), path) {
        scope.unknown(noun, name, &known, path);
    }
    // What follows is checked with what is probably meant.
    of(meant).or_else(|| of(nearest(name, known)?))
}

fn check_constraints(scope: &mut Scope<'_, '_>, written: &spec::Format, base: Base, path: &Path) {
    let is_text = base == Base::String;
    let constraints = [
        ("pattern", written.pattern.is_some(), true),
        ("segments", written.segments.is_some(), true),
        ("min_length", written.min_length.is_some(), true),
        ("max_length", written.max_length.is_some(), true),
        ("min", written.min.is_some(), false),
        ("max", written.max.is_some(), false),
    ];
    for (key, is_there, wants_text) in constraints {
        if is_there && wants_text != is_text {
            let what = if wants_text { "a text" } else { "a number" };
            scope.push(
                Diagnostic::error(
                    Id::BadConstraint,
                    &path.key(key),
                    format!("`{key}` is for {what}, and this is none"),
                )
                .label(
                    At::key(&path.key("type")),
                    format!(
                        "it is of the type `{}`",
                        written.base.as_deref().unwrap_or("string")
                    ),
                )
                .help("take the key away, or give the format another `type`"),
            );
        }
    }
    let name = written.base.as_deref().unwrap_or_default();
    check_reach(scope, name, written.min, written.max, path);
    check_order(scope, "min", written.min, "max", written.max, path);
    check_order(
        scope,
        "min_length",
        written.min_length,
        "max_length",
        written.max_length,
        path,
    );
}

/// Checks the examples of all formats.
pub(super) fn check_examples(scope: &mut Scope<'_, '_>, types: Types<'_>) {
    for format in types.formats {
        let list = Path::root()
            .key("formats")
            .key(&format.name)
            .key("examples");
        for (example, path) in format.examples.iter().zip(items(&list)) {
            if let Err(problem) = types.format(format, example, 0) {
                scope.push(
                    Diagnostic::error(Id::BadExample, &path, problem)
                        .label(
                            At::key(&Path::root().key("formats").key(&format.name)),
                            "the format",
                        )
                        .help("give an example that the format accepts"),
                );
            }
        }
    }
}
