//! Envelopes: templates, and the codes of what the server answers by itself.
//!
//! Rules: placeholders are known, the media type is one of JSON, a text is one of two, `rejections` names kinds of answers and codes, and the default
//! envelope names a code for every answer that can occur. `{type: json, body: {error: $cod}}` fails.

use super::bodies::is_media_type;
use super::names::demand_snake;
use super::scope::{Kind, Scope, items};
use super::suggest::nearest;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Envelope, EnvelopeKind, ErrorId, Rejection, Template};
use crate::spec;

pub(super) const PLACEHOLDERS: [&str; 6] = [
    "$code",
    "$status",
    "$message",
    "$detail",
    "$docs",
    "$request_id",
];

/// The media type of JSON of no kind in particular.
const JSON: &str = "application/json";

/// An envelope as written: rejections that it does not name are still missing.
pub(super) struct Draft {
    name: String,
    kind: EnvelopeKind,
    rejections: Vec<(Rejection, ErrorId)>,
    /// All that it names is known.
    is_sound: bool,
    path: Path,
}

/// All envelopes in the order of the descriptor.
pub(super) fn drafts(scope: &mut Scope<'_, '_>) -> Vec<Draft> {
    let spec = scope.spec;
    spec.envelopes
        .iter()
        .map(|(name, written)| {
            draft(
                scope,
                name,
                written,
                &Path::root().key("envelopes").key(name),
            )
        })
        .collect()
}

fn draft(scope: &mut Scope<'_, '_>, name: &str, written: &spec::Envelope, path: &Path) -> Draft {
    demand_snake(scope, name, At::key(path), "an envelope");
    let kind = match written {
        spec::Envelope::Json {
            body, media_type, ..
        } => {
            let body_path = path.key("body");
            let template = template(scope, body, &body_path);
            if !matches!(template, Template::Object(_)) {
                scope.error(
                    Id::BadEnvelope,
                    &body_path,
                    "the body of an envelope is a map", "write the document as it is on the wire, such as `{error: $code, message: $message}`");
            }
            let media_type = media_type.as_ref().map(|written| {
                demand_json(scope, written, &path.key("media_type"));
                written.to_lowercase()
            });
            EnvelopeKind::Json {
                template,
                media_type: media_type.unwrap_or_else(|| JSON.to_owned()),
            }
        }
        spec::Envelope::Text { body, .. } => {
            EnvelopeKind::Text(text(scope, body, &path.key("body")))
        }
        spec::Envelope::None { .. } => EnvelopeKind::None,
    };
    let rejections = rejections(scope, written.rejections(), &path.key("rejections"));
    Draft {
        name: name.to_owned(),
        kind,
        is_sound: rejections.len() == written.rejections().len(),
        rejections,
        path: path.clone(),
    }
}

/// Checks that a media type is one of JSON: others know what they read by it.
fn demand_json(scope: &mut Scope<'_, '_>, written: &str, path: &Path) {
    let is_json = is_media_type(written)
        && !written.contains('*')
        && (written.eq_ignore_ascii_case(JSON) || written.to_lowercase().ends_with("+json"));
    if is_json {
        return;
    }
    scope.push(
        Diagnostic::error(
            Id::BadEnvelope,
            path,
            format!("`{written}` is no media type of JSON"),
        )
        .help(
            "write `application/json`, or a type whose name ends with `+json`, without parameters",
        ),
    );
}

/// The one placeholder that a text is made of: what else it said could not be found in it again.
fn text(scope: &mut Scope<'_, '_>, written: &str, path: &Path) -> Template {
    match written {
        "$message" => Template::Message,
        "$code" => Template::Code,
        _ => {
            scope.push(
                Diagnostic::error(
                    Id::BadEnvelope,
                    path,
                    format!("an envelope of text cannot be `{written}`"),
                )
                .help("write `$message` or `$code`"),
            );
            // Nothing is to follow from this.
            Template::Code
        }
    }
}

fn rejections(
    scope: &mut Scope<'_, '_>,
    written: &spec::Rejections,
    path: &Path,
) -> Vec<(Rejection, ErrorId)> {
    let mut out = Vec::new();
    for (kind, code) in written {
        let at = path.key(kind);
        let rejection = Rejection::ALL
            .into_iter()
            .find(|known| known.name() == kind);
        if rejection.is_none() {
            let diagnostic = Diagnostic::error(
                Id::UnknownName,
                At::key(&at),
                format!("the server gives no answer of the kind `{kind}`"),
            );
            let known = Rejection::ALL.map(Rejection::name);
            scope.push(match nearest(kind, known) {
                Some(near) => diagnostic
                    .help(format!("did you mean `{near}`?"))
                    .replace(near),
                None => diagnostic.help(format!("there are `{}`", known.join("`, `"))),
            });
        }
        let error = scope.find(Kind::Error, code, &at).map(ErrorId);
        out.extend(rejection.zip(error));
    }
    out
}

fn template(scope: &mut Scope<'_, '_>, written: &serde_yaml::Value, path: &Path) -> Template {
    match written {
        serde_yaml::Value::Mapping(entries) => Template::Object(
            entries
                .iter()
                .map(|(key, value)| {
                    let key = key.as_str().unwrap_or_default();
                    (key.to_owned(), template(scope, value, &path.key(key)))
                })
                .collect(),
        ),
        serde_yaml::Value::Sequence(values) => Template::Array(
            values
                .iter()
                .zip(items(path))
                .map(|(value, path)| template(scope, value, &path))
                .collect(),
        ),
        serde_yaml::Value::String(text) if text.starts_with('$') => placeholder(scope, text, path),
        other => Template::Json(serde_json::to_value(other).unwrap_or_default()),
    }
}

fn placeholder(scope: &mut Scope<'_, '_>, text: &str, path: &Path) -> Template {
    match text {
        "$code" => Template::Code,
        "$status" => Template::Status,
        "$message" => Template::Message,
        "$detail" => Template::Detail,
        "$docs" => Template::Docs,
        "$request_id" => Template::RequestId,
        other => match other
            .strip_prefix("$detail.")
            .filter(|field| !field.is_empty())
        {
            Some(field) => {
                check_field(scope, field, path);
                Template::DetailField(field.to_owned())
            }
            None => unknown_placeholder(scope, text, path),
        },
    }
}

/// Complains about a field that no detail of an error code has: it would never be there.
fn check_field(scope: &mut Scope<'_, '_>, field: &str, path: &Path) {
    let spec = scope.spec;
    let details = spec
        .errors
        .values()
        .filter_map(|error| error.detail.as_ref());
    let mut known: Vec<&str> = Vec::new();
    for detail in details {
        let own = detail.fields.as_ref().or_else(|| {
            let spec::TypeTerm::Name(name) = &detail.schema.as_ref()?.term else {
                return None;
            };
            match spec.schemas.get(name)? {
                spec::Schema::Object {
                    fields, rest: None, ..
                } => Some(fields),
                _ => None,
            }
        });
        // A schema may take all fields. What is broken, or of a schema that is none, is told of elsewhere.
        let Some(own) = own else { return };
        known.extend(own.keys().map(String::as_str));
    }
    if known.contains(&field) {
        return;
    }
    let message = format!("no error code has a detail with a field `{field}`");
    let problem = Diagnostic::error(Id::BadEnvelope, path, message);
    scope.push(match nearest(field, known.iter().copied()) {
        Some(near) => problem
            .help(format!("did you mean `$detail.{near}`?"))
            .replace(format!("$detail.{near}")),
        None => {
            problem.help("declare it under `detail` of the codes that have it, or take it away")
        }
    });
}

fn unknown_placeholder(scope: &mut Scope<'_, '_>, text: &str, path: &Path) -> Template {
    let diagnostic = Diagnostic::error(
        Id::BadEnvelope,
        path,
        format!("there is no placeholder `{text}`"),
    );
    scope.push(match nearest(text, PLACEHOLDERS) {
        Some(near) => diagnostic
            .help(format!("did you mean `{near}`?"))
            .replace(near),
        None => diagnostic.help(format!(
            "there are `{}` and `$detail.FIELD`",
            PLACEHOLDERS.join("`, `")
        )),
    });
    // Nothing is to follow from a code that is only misspelt.
    Template::Code
}

/// Whether a template says the code.
pub(super) fn has_code(template: &Template) -> bool {
    match template {
        Template::Code => true,
        Template::Object(entries) => entries.iter().any(|(_, value)| has_code(value)),
        Template::Array(values) => values.iter().any(has_code),
        _ => false,
    }
}

/// Index of the default envelope.
pub(super) fn default(scope: &mut Scope<'_, '_>) -> Option<usize> {
    let api = Path::root().key("api");
    if let Some(name) = &scope.spec.api.envelope {
        return scope.find(Kind::Envelope, name, &api.key("envelope"));
    }
    match scope.spec.envelopes.len() {
        1 => {
            let (name, _) = scope.spec.envelopes.get_index(0)?;
            scope.get(Kind::Envelope, name)
        }
        0 => {
            scope.push(
                Diagnostic::error(
                    Id::BadEnvelope,
                    &api,
                    "no envelope says how errors are written",
                )
                .help("define one under `envelopes`; `{type: none}` is one without a body"),
            );
            None
        }
        _ => {
            scope.push(
                Diagnostic::error(
                    Id::BadEnvelope,
                    &api,
                    "there are several envelopes and none is the default",
                )
                .help("name one by `envelope`"),
            );
            None
        }
    }
}

/// Completes the envelopes: `reachable` answers must be named by the default one, from which the others
/// take what they do not name. Answers that cannot occur have the code of `internal`.
pub(super) fn complete(
    scope: &mut Scope<'_, '_>,
    drafts: Vec<Draft>,
    default: usize,
    reachable: &[(Rejection, String)],
) -> Vec<Envelope> {
    let Some(first) = drafts.get(default) else {
        return Vec::new();
    };
    let missing: Vec<&(Rejection, String)> = reachable
        .iter()
        .filter(|(kind, _)| find(&first.rejections, *kind).is_none())
        .collect();
    if first.is_sound && !missing.is_empty() {
        let names: Vec<String> = missing
            .iter()
            .map(|(kind, _)| format!("`{}`", kind.name()))
            .collect();
        let reasons: Vec<String> = missing
            .iter()
            .map(|(kind, reason)| format!("`{}` {reason}", kind.name()))
            .collect();
        let message = format!("the server has no code for {}", names.join(", "));
        scope.push(
            Diagnostic::error(Id::MissingRejection, At::key(&first.path), message).help(format!(
                "name codes under `rejections`: {}",
                reasons.join("; ")
            )),
        );
    }
    let Some(fallback) = find(&first.rejections, Rejection::Internal)
        .or_else(|| first.rejections.first().map(|(_, error)| *error))
    else {
        return Vec::new();
    };
    let inherited = first.rejections.clone();
    let mut drafts = drafts;
    let first = drafts.remove(default);
    std::iter::once(first)
        .chain(drafts)
        .map(|draft| Envelope {
            name: draft.name,
            kind: draft.kind,
            rejections: Rejection::ALL
                .into_iter()
                .map(|kind| {
                    let own = find(&draft.rejections, kind).or_else(|| find(&inherited, kind));
                    (kind, own.unwrap_or(fallback))
                })
                .collect(),
            reachable: reachable.iter().map(|(kind, _)| *kind).collect(),
        })
        .collect()
}

fn find(rejections: &[(Rejection, ErrorId)], kind: Rejection) -> Option<ErrorId> {
    rejections
        .iter()
        .find(|(known, _)| *known == kind)
        .map(|(_, error)| *error)
}

/// The place of the envelope `index` in the model, where the default one comes first.
pub(super) fn position(index: usize, default: usize) -> usize {
    match index.cmp(&default) {
        std::cmp::Ordering::Less => index + 1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => index,
    }
}

/// The code that the envelope in `position` has for an answer of the server, so far as it is written.
pub(super) fn code(
    drafts: &[Draft],
    default: usize,
    place: usize,
    kind: Rejection,
) -> Option<ErrorId> {
    let own = (0..drafts.len()).find(|index| position(*index, default) == place);
    own.and_then(|index| find(&drafts[index].rejections, kind))
        .or_else(|| find(&drafts.get(default)?.rejections, kind))
}
