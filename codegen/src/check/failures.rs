//! Failures of an operation as their envelope shows them.
//!
//! Rules: an envelope that does not show the code has one code for each status of an operation; no
//! failure is called `Internal` in code, and none has the name of a code. With
//! `{type: json, body: {message: $message}}`, `failure: [{status: 404, codes: [GONE, LOST]}]` fails.

use std::collections::BTreeMap;

use super::requests::Draft;
use super::responses::Answer;
use super::scope::Scope;
use super::{envelopes, names};
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Api, EnvelopeKind, ErrorId};

/// Checks the failures of all operations.
pub(super) fn check(scope: &mut Scope<'_, '_>, api: &Api, drafts: &[Draft<'_>]) {
    for draft in drafts {
        let Some(operation) = api.operations.get(draft.operation.0) else {
            continue;
        };
        let shows_code = match api
            .envelopes
            .get(operation.envelope.0)
            .map(|envelope| &envelope.kind)
        {
            Some(EnvelopeKind::Json { template, .. } | EnvelopeKind::Text(template)) => {
                envelopes::has_code(template)
            }
            Some(EnvelopeKind::None) => false,
            None => true,
        };
        if !shows_code {
            one_code(scope, api, draft);
        }
        for answer in &draft.failures {
            check_names(scope, api, draft, answer);
        }
    }
}

fn one_code(scope: &mut Scope<'_, '_>, api: &Api, draft: &Draft<'_>) {
    let mut codes: BTreeMap<u16, (ErrorId, &Answer)> = BTreeMap::new();
    for answer in &draft.failures {
        for code in &answer.response.codes {
            let status = answer.response.status;
            let (first, other) = *codes.entry(status).or_insert((*code, answer));
            if first != *code {
                let (first, second) = (&api[first].code, &api[*code].code);
                let message =
                    format!("nobody can tell `{second}` from `{first}`: both are {status}");
                scope.push(
                    Diagnostic::error(Id::BadEnvelope, &answer.path, message)
                        .label(&other.path, format!("`{first}` is here"))
                        .help("the envelope does not show the code: put `$code` into it, or list one code for each status"),
                );
                return;
            }
        }
    }
}

/// A failure with fields of its own is a variant by its own name, all others by their codes.
fn check_names(scope: &mut Scope<'_, '_>, api: &Api, draft: &Draft<'_>, answer: &Answer) {
    let response = &answer.response;
    if response.managed {
        return;
    }
    if !response.has_fields() {
        let internal = response
            .codes
            .iter()
            .find(|code| api[**code].type_name == "Internal");
        if let Some(code) = internal {
            let message = format!(
                "`{}` is `Internal` in code, as is every fault that nobody declared",
                api[*code].code
            );
            scope.push(
                Diagnostic::error(Id::NameClash, &answer.path, message).label(At::key(&Path::root().key("errors").key(scope.spec.errors.get_index(code.0).map_or("", |(key, _)| key))), "the code")
                    .help("give the code another name by `as`; or leave it out here: it is answered where a handler fails"),
            );
        }
        return;
    }
    let same = draft
        .failures
        .iter()
        .filter(|other| !other.response.has_fields())
        .flat_map(|other| other.response.codes.iter().map(move |code| (other, code)))
        .find(|(_, code)| api[**code].type_name == response.variant);
    if let Some((other, code)) = same {
        let message = format!(
            "this failure and the code `{}` are `{}` in code",
            api[*code].code, response.variant
        );
        scope.push(
            Diagnostic::error(Id::NameClash, &answer.path, message)
                .label(&other.path, "the code is here")
                .help("name the failure by `as`"),
        );
    } else if response.variant == names::camel("internal") {
        scope.error(
            Id::NameClash,
            &answer.path,
            "`internal` is the name of every fault that nobody declared",
            "name the failure otherwise by `as`",
        );
    }
}
