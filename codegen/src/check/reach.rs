//! Which answers the generated server can come to give by itself.

use super::requests::Draft;
use crate::model::{Body, BodyKind, Rejection, SecurityUse};

/// The kinds that can occur, each with the reason.
pub(super) fn rejections(drafts: &[Draft<'_>]) -> Vec<(Rejection, String)> {
    let first = |holds: &dyn Fn(&Draft<'_>) -> bool| drafts.iter().find(|draft| holds(draft));
    let mut out: Vec<(Rejection, String)> = Vec::new();
    let always = [
        (
            Rejection::NoRoute,
            "answers paths that are none of this API",
        ),
        (
            Rejection::NoMethod,
            "answers methods that a path does not have",
        ),
        (
            Rejection::BadRequest,
            "answers parameters that are missing, malformed or in a combination of no request",
        ),
        (Rejection::Internal, "answers faults of the server"),
    ];
    out.extend(always.map(|(kind, reason)| (kind, reason.to_owned())));
    let mut add = |kind: Rejection, reason: &str, draft: Option<&Draft<'_>>| {
        if let Some(draft) = draft {
            out.push((
                kind,
                format!("answers {reason}, as `{}` may", draft.written.operation),
            ));
        }
    };
    add(
        Rejection::BadBody,
        "bodies that cannot be read",
        first(&has_parsed_body),
    );
    add(
        Rejection::TooLarge,
        "bodies over their limit",
        // What is read into memory has a limit of the server's where the API has none.
        first(&|draft| {
            let has_limit = bodies(draft).any(|body| body.limit.is_some());
            has_limit || has_parsed_body(draft)
        }),
    );
    add(
        Rejection::MediaType,
        "bodies of other media types",
        first(&|draft| {
            draft
                .body
                .as_ref()
                .is_some_and(|body| !body.media_types.iter().any(|media| media == "*/*"))
        }),
    );
    add(
        Rejection::NotAcceptable,
        "callers who want a form of the answer that there is not",
        first(&|draft| {
            draft.successes.iter().any(|answer| {
                let kind = answer.response.body.as_ref().map(|body| &body.kind);
                matches!(kind, Some(BodyKind::Choice { .. }))
            })
        }),
    );
    add(
        Rejection::LengthRequired,
        "bodies of unknown length",
        first(&|draft| {
            bodies(draft).any(|body| {
                matches!(
                    body.kind,
                    BodyKind::Stream {
                        length_required: true,
                        ..
                    }
                )
            })
        }),
    );
    add(
        Rejection::Range,
        "ranges beyond the end",
        first(&|draft| {
            draft.successes.iter().any(|answer| {
                let kind = answer.response.body.as_ref().map(|body| &body.kind);
                matches!(kind, Some(BodyKind::Stream { ranges: true, .. }))
            })
        }),
    );
    add(
        Rejection::Precondition,
        "conditions that do not hold",
        first(&|draft| draft.written.conditional.is_some()),
    );
    let has_scheme = |draft: &Draft<'_>| {
        draft
            .security
            .iter()
            .any(|one| matches!(one, SecurityUse::Scheme(_)))
    };
    add(
        Rejection::Unauthenticated,
        "callers who do not say who they are",
        first(&has_scheme),
    );
    add(
        Rejection::Forbidden,
        "callers who may not",
        first(&|draft| !draft.written.access.is_empty()),
    );
    add(
        Rejection::Timeout,
        "bodies that stop arriving",
        first(&|draft| draft.body.is_some()),
    );
    add(
        Rejection::Unavailable,
        "while nobody can tell what a caller may",
        first(&has_scheme),
    );
    out
}

fn has_parsed_body(draft: &Draft<'_>) -> bool {
    bodies(draft).any(|body| {
        matches!(
            body.kind,
            BodyKind::Json { .. } | BodyKind::Form(_) | BodyKind::Text | BodyKind::JsonLines(_)
        )
    })
}

/// What the body of a request can be.
fn bodies<'d>(draft: &'d Draft<'_>) -> impl Iterator<Item = &'d Body> {
    draft.body.iter().flat_map(Body::alternatives)
}
