//! No path belongs to two routes.
//!
//! Rule: no path is accepted by the templates of two routes, formats counted. `/x/{tag}` beside
//! `/x/{digest}` fails where some text is both a tag and a digest.

use std::collections::BTreeSet;

use super::routes::Shell;
use super::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Format, FormatId, FormatKind, Route, Segment};
use crate::route::proof;

/// Checks the table of routes. Those whose templates or patterns are broken are left out: that has been
/// told.
pub(super) fn check(scope: &mut Scope<'_, '_>, shells: &[Shell], formats: &[Format]) {
    let broken = broken(scope, formats);
    let sound: Vec<(usize, &Route)> = shells
        .iter()
        .enumerate()
        .filter(|(_, shell)| shell.is_sound && !uses(&shell.route, &broken))
        .map(|(index, shell)| (index, &shell.route))
        .collect();
    let routes: Vec<Route> = sound.iter().map(|(_, route)| (*route).clone()).collect();
    let list = Path::root().key("routes");
    match proof::overlaps(&routes, formats) {
        Ok(overlaps) => {
            for overlap in overlaps {
                let (first, second) = (sound[overlap.first.0], sound[overlap.second.0]);
                let message = format!(
                    "`{}` belongs to this route and to `{}`",
                    overlap.witness, first.1.path
                );
                scope.push(
                    Diagnostic::error(
                        Id::RouteOverlap,
                        At::value(&list.index(second.0).key("path")),
                        message,
                    )
                    .label(
                        At::value(&list.index(first.0).key("path")),
                        "the other route",
                    )
                    .help("change a path, or the pattern of a format, so that no text fits both"),
                );
            }
        }
        Err(error) => scope.error(
            Id::RouteOverlap,
            &list,
            error.to_string(),
            "split the API into several descriptors",
        ),
    }
}

/// Formats whose patterns could not be compiled.
fn broken(scope: &Scope<'_, '_>, formats: &[Format]) -> BTreeSet<FormatId> {
    let has_lost_pattern = |id: usize| match (scope.spec.formats.get_index(id), &formats[id].kind) {
        (Some((_, written)), FormatKind::Scalar { constraints, .. }) => {
            written.pattern.is_some() && constraints.pattern.is_none()
        }
        _ => false,
    };
    let scalars: BTreeSet<FormatId> = (0..formats.len())
        .filter(|id| has_lost_pattern(*id))
        .map(FormatId)
        .collect();
    let any_of = (0..formats.len()).filter(|id| match &formats[*id].kind {
        FormatKind::AnyOf(members) => {
            members.is_empty() || members.iter().any(|member| scalars.contains(member))
        }
        FormatKind::Scalar { .. } => false,
    });
    scalars
        .iter()
        .copied()
        .chain(any_of.map(FormatId))
        .collect()
}

fn uses(route: &Route, formats: &BTreeSet<FormatId>) -> bool {
    route.segments.iter().any(|segment| match segment {
        Segment::Literal(_) => false,
        Segment::Parameter { format, .. } => format.is_some_and(|format| formats.contains(&format)),
        Segment::Many { format, .. } => formats.contains(format),
    })
}
