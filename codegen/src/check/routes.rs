//! Routes: templates with their parameters, and the requests of each method.
//!
//! Rules: template and `path_parameters` agree, at most one parameter of a template spans segments, names of routes are unique, methods are known.
//! `{path: '/x/{y}', path_parameters: {z: string}}` fails: the template has no `{z}`.

use std::collections::BTreeMap;

use super::envelopes;
use super::extensions;
use super::head;
use super::literals;
use super::requests::{self, Common, Draft, Origin};
use super::scope::{Kind, Scope, items};
use super::suggest::nearest;
use super::templates::{self, Piece};
use super::values::{self, Place};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{EnvelopeId, FormatId, GroupId, Parameter, Route, Segment, Type};
use crate::spec;

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// A route without its methods, and whether its template is fit for the table of routes.
#[derive(Debug)]
pub(super) struct Shell {
    pub(super) route: Route,
    pub(super) is_sound: bool,
}

/// All routes and their requests.
pub(super) fn routes<'s>(
    scope: &mut Scope<'s, '_>,
    common: &Common,
    default_envelope: usize,
) -> (Vec<Shell>, Vec<Draft<'s>>) {
    let spec = scope.spec;
    let list = Path::root().key("routes");
    let mut names: BTreeMap<String, (&spec::Route, Path)> = BTreeMap::new();
    let (mut shells, mut drafts) = (Vec::new(), Vec::new());
    for (index, (written, path)) in spec.routes.iter().zip(items(&list)).enumerate() {
        let (shell, parameters) = shell(scope, written, &path, default_envelope);
        // What a broken path would be called is of no account.
        let is_named = shell.is_sound || written.name.is_some();
        let first = is_named
            .then(|| names.insert(shell.route.name.clone(), (written, path.clone())))
            .flatten();
        // Of one path that stands twice both names come: the overlap is what is told.
        let is_same = |other: &spec::Route| {
            written.name.is_none() && other.name.is_none() && written.path == other.path
        };
        if let Some((_, first)) = first.filter(|(other, _)| !is_same(other)) {
            let message = format!("two routes are called `{}`", shell.route.name);
            scope.push(
                Diagnostic::error(Id::NameClash, &path.key("name"), message)
                    .label(&first.key("name"), "the first one")
                    .help("give each a `name`"),
            );
        }
        if written.methods.is_empty() {
            scope.error(
                Id::MissingKey,
                &path.key("methods"),
                "a route has at least one method",
                "write one, or take the route away",
            );
        }
        for (method, requests) in &written.methods {
            let at = path.key("methods").key(method);
            check_method(scope, method, requests, &at);
            for (request, path) in requests.iter().zip(items(&at)) {
                let origin = Origin {
                    route: index,
                    method,
                    path_parameters: &parameters,
                };
                drafts.push(requests::request(scope, common, request, path, origin));
            }
        }
        shells.push(shell);
    }
    (shells, drafts)
}

fn check_method(scope: &mut Scope<'_, '_>, method: &str, requests: &[spec::Request], at: &Path) {
    if method == "HEAD" {
        scope.push(
            Diagnostic::error(
                Id::BadBehaviour,
                At::key(at),
                "HEAD is not written: it follows from GET",
            )
            .help("write `head: true` in the requests of GET that answer it"),
        );
    } else if !METHODS.contains(&method) {
        let mut diagnostic = Diagnostic::error(
            Id::UnknownName,
            At::key(at),
            format!("there is no method `{method}`"),
        );
        diagnostic = match nearest(method, METHODS) {
            Some(near) => diagnostic
                .help(format!("did you mean `{near}`?"))
                .replace(near),
            None => diagnostic.help(format!(
                "there are {}, and HEAD by `head: true`",
                METHODS.join(", ")
            )),
        };
        scope.push(diagnostic);
    }
    if requests.is_empty() {
        scope.error(
            Id::MissingKey,
            at,
            "a method has at least one request",
            "write one, or take the method away",
        );
    }
}

fn shell(
    scope: &mut Scope<'_, '_>,
    written: &spec::Route,
    path: &Path,
    default_envelope: usize,
) -> (Shell, Vec<Parameter>) {
    let pieces = templates::pieces(
        scope,
        &written.path,
        &written.path_parameters,
        &path.key("path"),
    );
    let mut is_sound = pieces.is_some();
    let pieces = pieces.unwrap_or_default();
    let parameters = parameters(scope, written, &pieces, path, is_sound);
    let segments = segments(scope, &pieces, &parameters, &path.key("path"));
    is_sound &= segments.is_some();
    let envelope = match &written.envelope {
        Some(name) => scope
            .find(Kind::Envelope, name, &path.key("envelope"))
            .unwrap_or(default_envelope),
        None => default_envelope,
    };
    let group = scope
        .find(Kind::Group, &written.group, &path.key("group"))
        .unwrap_or_default();
    let name = match &written.name {
        Some(name) => {
            check_name(scope, name, &path.key("name"));
            name.clone()
        }
        None => templates::name(&written.path),
    };
    let route = Route {
        entity: written
            .entity
            .as_deref()
            .map_or_else(|| title_of(&name), head::title),
        name,
        path: written.path.clone(),
        segments: segments.unwrap_or_default(),
        slash_optional: written.trailing_slash == Some(spec::TrailingSlash::Optional),
        group: GroupId(group),
        description: written.description.clone(),
        envelope: EnvelopeId(envelopes::position(envelope, default_envelope)),
        methods: Vec::new(),
        extensions: extensions(&written.x),
    };
    (Shell { route, is_sound }, parameters)
}

/// `issue-comments` becomes `Issue comments`.
fn title_of(name: &str) -> String {
    let text = name.replace('-', " ");
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

fn check_name(scope: &mut Scope<'_, '_>, name: &str, path: &Path) {
    let is_kebab = super::names::is_snake(&name.replace('-', "_")) && !name.contains('_');
    if !is_kebab {
        let proper = super::names::proper(name, super::names::snake).replace('_', "-");
        let problem = Diagnostic::error(Id::BadName, path, "the name of a route is `kebab-case`");
        scope.push(if proper.is_empty() {
            problem.help("write lower-case words of letters a to z and digits, joined by `-`")
        } else {
            problem.help(format!("write `{proper}`")).replace(proper)
        });
    }
}

/// The parameters of a template in its order.
fn parameters(
    scope: &mut Scope<'_, '_>,
    written: &spec::Route,
    pieces: &[Piece],
    path: &Path,
    is_sound: bool,
) -> Vec<Parameter> {
    let list = path.key("path_parameters");
    let misnamed = misnamed(scope, written, pieces).filter(|_| is_sound);
    let mut out: Vec<Parameter> = Vec::new();
    for piece in pieces {
        let Piece::Parameter { name, .. } = piece else {
            continue;
        };
        if out.iter().any(|known| known.wire == *name) {
            scope.error(
                Id::PathParameter,
                &path.key("path"),
                format!("`{{{name}}}` stands twice in the template"),
                "give one of them another name",
            );
            continue;
        }
        match written.path_parameters.get(name) {
            Some(value) => out.push(values::parameter(
                scope,
                name,
                value,
                &list.key(name),
                Place::Path,
            )),
            None if misnamed.is_some() => {}
            None => out.extend(of_format(scope, name, path)),
        }
    }
    for name in written.path_parameters.keys().filter(|_| is_sound) {
        if !is_in(pieces, name) {
            if let Some(meant) = misnamed {
                tell_misnamed(scope, name, meant, path);
                continue;
            }
            let message = format!("the template has no `{{{name}}}`");
            scope.push(
                Diagnostic::error(Id::PathParameter, At::key(&list.key(name)), message)
                    .help("put it into the template, or take it away here")
                    .label(&path.key("path"), "the template"),
            );
        }
    }
    out
}

fn is_in(pieces: &[Piece], name: &str) -> bool {
    pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Parameter { name: known, .. } if known == name))
}

/// The parameter of the template that has no type, where there is one such and one type for none: both are
/// meant to be the same.
fn misnamed<'p>(
    scope: &Scope<'_, '_>,
    written: &spec::Route,
    pieces: &'p [Piece],
) -> Option<&'p str> {
    let untyped = |piece: &'p Piece| match piece {
        Piece::Parameter { name, .. }
            if !written.path_parameters.contains_key(name)
                && !scope.spec.formats.contains_key(name) =>
        {
            Some(name.as_str())
        }
        _ => None,
    };
    let mut untyped = pieces.iter().filter_map(untyped);
    let mut unused = written
        .path_parameters
        .keys()
        .filter(|name| !is_in(pieces, name));
    let one = untyped.next().filter(|_| untyped.next().is_none())?;
    unused.next()?;
    unused.next().is_none().then_some(one)
}

fn tell_misnamed(scope: &mut Scope<'_, '_>, name: &str, meant: &str, path: &Path) {
    let at = At::key(&path.key("path_parameters").key(name));
    let message = format!("the template has no `{{{name}}}`, and its `{{{meant}}}` has no type");
    scope.push(
        Diagnostic::error(Id::PathParameter, at, message)
            .help(format!("did you mean `{meant}`?"))
            .replace(meant)
            .label(&path.key("path"), "the template"),
    );
}

/// A parameter that is not listed is of the format that bears its name.
fn of_format(scope: &mut Scope<'_, '_>, name: &str, path: &Path) -> Option<Parameter> {
    let Some(expression) = scope
        .spec
        .formats
        .contains_key(name)
        .then(|| spec::TypeExpr::try_from(name.to_owned()).ok())
        .flatten()
    else {
        scope.push(
            Diagnostic::error(
                Id::PathParameter,
                &path.key("path"),
                format!("`{{{name}}}` has no type"),
            )
            .help(format!(
                "give it one under `path_parameters`, or define a format `{name}`"
            )),
        );
        return None;
    };
    let value = spec::Value::of(expression);
    Some(values::parameter(
        scope,
        name,
        &value,
        &path.key("path"),
        Place::Path,
    ))
}

/// The segments of the model; `None` where the template cannot be matched.
fn segments(
    scope: &mut Scope<'_, '_>,
    pieces: &[Piece],
    parameters: &[Parameter],
    path: &Path,
) -> Option<Vec<Segment>> {
    let mut many: Option<&str> = None;
    let mut segments = Vec::new();
    for piece in pieces {
        let (before, name, after) = match piece {
            Piece::Literal(text) => {
                segments.push(Segment::Literal(text.clone()));
                continue;
            }
            Piece::Parameter {
                before,
                name,
                after,
            } => (before, name, after),
        };
        let parameter = parameters
            .iter()
            .find(|parameter| parameter.wire == *name)?;
        let format = match parameter.value.ty {
            Type::Format(id) => Some(id),
            _ => None,
        };
        let Some(format) = format.filter(|id| is_many(scope, *id)) else {
            segments.push(Segment::Parameter {
                before: before.clone(),
                name: name.clone(),
                format,
                after: after.clone(),
            });
            continue;
        };
        if let Some(first) = many.replace(name) {
            let message = format!("`{{{first}}}` and `{{{name}}}` may both span segments");
            let problem = Diagnostic::error(Id::BadPath, path, message).help(
                "no path says where one ends and the other begins: one of them at most may do so",
            );
            scope.push(literals::beside_type(scope, problem, &parameter.value.ty));
            return None;
        }
        segments.push(Segment::Many {
            before: before.clone(),
            name: name.clone(),
            format,
            after: after.clone(),
        });
    }
    Some(segments)
}

fn is_many(scope: &Scope<'_, '_>, id: FormatId) -> bool {
    let spec = scope.spec;
    spec.formats
        .get_index(id.0)
        .is_some_and(|(name, _)| super::formats::is_many(scope, name, 0))
}
