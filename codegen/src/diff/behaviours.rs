//! What holds for an operation as a whole: who may call it, its behaviours, the shape of its failures.

use std::collections::BTreeSet;

use super::exchange::{Answer, End, Extra, Spot};
use super::rules::Rule;
use super::scene::{Comparison, Flow, Scene, Shown};
use crate::model::{
    Access, AccessPart, Api, Conditional, Envelope, EnvelopeKind, Operation, Pagination, Rejection,
    Request, SecuritySchemeKind, SecurityUse, Template,
};
use crate::values::Put;
use crate::values::sample::{self, Extent};
use crate::wire;

/// How descriptors say that nobody need authenticate.
const ANONYMOUS: &str = "anonymous";

impl<'a> Comparison<'a> {
    pub(super) fn security(&mut self, scene: &Scene<'a>, old: &Operation, new: &Operation) {
        let scene = scene.at(Spot::Whole, "security");
        let (mut before, mut after) = (schemes(self.old, old), schemes(self.new, new));
        for (gone, come) in self.renamed() {
            if before.contains(gone) && after.contains(come) {
                before.remove(gone);
                after.remove(come);
                let owner = format!("security {gone}");
                self.tell_quietly(Rule::DocumentationChanged, &owner, "name", come);
            }
        }
        for (rule, unneeded, own, others) in [
            (
                Rule::SecurityRemoved,
                Rule::OptionalSecurityRemoved,
                &before,
                &after,
            ),
            (
                Rule::SecurityAdded,
                Rule::OptionalSecurityAdded,
                &after,
                &before,
            ),
        ] {
            // Who answers everybody answers those, too, whose credentials it does not know.
            let rule = if others.contains(ANONYMOUS) {
                unneeded
            } else {
                rule
            };
            for name in own.difference(others) {
                let shown = Shown::special(
                    Extra::Credentials((*name).to_owned()),
                    Answer::Refused(Rejection::Unauthenticated, None),
                );
                self.tell(rule, &scene, *name, &shown);
            }
        }
        for name in before.intersection(&after) {
            self.scheme(&scene, name);
        }
    }

    /// Schemes with other names, which are on no wire: each is one that the other side has under no name it knows.
    fn renamed(&self) -> Vec<(&'a str, &'a str)> {
        let unknown = |own: &'a Api, other: &'a Api| {
            let is_known = |name: &str| other.security.iter().any(|scheme| scheme.name == name);
            own.security
                .iter()
                .filter(move |scheme| !is_known(&scheme.name))
        };
        let mut come: Vec<_> = unknown(self.new, self.old).collect();
        let pairs = unknown(self.old, self.new).filter_map(|gone| {
            let at = come.iter().position(|come| come.kind == gone.kind)?;
            Some((gone.name.as_str(), come.remove(at).name.as_str()))
        });
        pairs.collect()
    }

    /// A scheme that both sides name alike.
    fn scheme(&mut self, scene: &Scene<'a>, name: &str) {
        let find = |api: &'a Api| api.security.iter().find(|scheme| scheme.name == name);
        let (Some(old), Some(new)) = (find(self.old), find(self.new)) else {
            return;
        };
        let mut here = scene.at(Spot::Whole, "");
        here.owner = format!("security {name}");
        let shown = Shown::special(
            Extra::Credentials(name.to_owned()),
            Answer::Refused(Rejection::Unauthenticated, None),
        );
        match (&old.kind, &new.kind) {
            (
                SecuritySchemeKind::Basic { realm: before },
                SecuritySchemeKind::Basic { realm: after },
            ) if before != after => {
                self.tell_quietly(Rule::DocumentationChanged, &here.owner, "realm", "");
            }
            (SecuritySchemeKind::Basic { .. }, SecuritySchemeKind::Basic { .. }) => {}
            (
                SecuritySchemeKind::Oauth2 {
                    flows: old_flows,
                    scopes: old_scopes,
                },
                SecuritySchemeKind::Oauth2 {
                    flows: new_flows,
                    scopes: new_scopes,
                },
            ) => {
                let flows = |flows: &[crate::model::Flow]| -> BTreeSet<String> {
                    flows
                        .iter()
                        .map(|flow| format!("the flow {}", flow_text(flow)))
                        .collect()
                };
                let scopes = |scopes: &[(String, String)]| -> BTreeSet<String> {
                    scopes
                        .iter()
                        .map(|(scope, _)| format!("the scope {scope}"))
                        .collect()
                };
                let before: BTreeSet<String> = &flows(old_flows) | &scopes(old_scopes);
                let after: BTreeSet<String> = &flows(new_flows) | &scopes(new_scopes);
                for lost in before.difference(&after) {
                    self.tell(Rule::SecuritySchemeReduced, &here, lost.as_str(), &shown);
                }
                for gained in after.difference(&before) {
                    self.tell(Rule::SecuritySchemeExtended, &here, gained.as_str(), &shown);
                }
            }
            (before, after) if before != after => {
                self.tell(Rule::SecuritySchemeChanged, &here, "", &shown);
            }
            _ => {}
        }
    }

    pub(super) fn access(&mut self, scene: &Scene<'a>, old: &Request, new: &Request) {
        let scene = scene.at(Spot::Whole, "access");
        let texts = |request: &Request| -> BTreeSet<String> {
            request.access.iter().map(access_text).collect()
        };
        let (before, after) = (texts(old), texts(new));
        let shown = Shown::refused(Rejection::Forbidden);
        for text in before.difference(&after) {
            self.tell(Rule::AccessRemoved, &scene, format!("`{text}`"), &shown);
        }
        for text in after.difference(&before) {
            self.tell(Rule::AccessAdded, &scene, format!("`{text}`"), &shown);
        }
    }

    /// What the runtime does for an operation.
    pub(super) fn behaviours(&mut self, scene: &Scene<'a>, old: &Operation, new: &Operation) {
        let header = |conditional: Option<Conditional>| {
            Extra::Header(match conditional {
                Some(Conditional::Write) => "If-Match: \"v1\"".to_owned(),
                Some(Conditional::Read) | None => "If-None-Match: \"v1\"".to_owned(),
            })
        };
        let rule = match (old.conditional, new.conditional) {
            (None, Some(_)) => Some(Rule::ConditionalAdded),
            (Some(_), None) => Some(Rule::ConditionalRemoved),
            (Some(before), Some(after)) if before != after => Some(Rule::ConditionalChanged),
            _ => None,
        };
        if let Some(rule) = rule {
            let clients = Shown::special(header(old.conditional), Answer::Taken);
            let servers = Shown::special(header(new.conditional), Answer::Taken);
            self.tell_both(rule, scene, "", (&clients, &servers));
        }
        self.idempotency(
            scene,
            old.idempotency.as_deref(),
            new.idempotency.as_deref(),
        );
        self.pagination(scene, old.pagination.as_ref(), new.pagination.as_ref());
    }

    fn idempotency(&mut self, scene: &Scene<'a>, old: Option<&str>, new: Option<&str>) {
        let rule = match (old, new) {
            (None, Some(_)) => Rule::IdempotencyAdded,
            (Some(_), None) => Rule::IdempotencyRemoved,
            (Some(before), Some(after)) if !before.eq_ignore_ascii_case(after) => {
                Rule::IdempotencyChanged
            }
            _ => return,
        };
        let shown = |end: &Option<End<'a>>, header: Option<&str>| {
            let header = header.unwrap_or_default();
            let declared = end.as_ref().and_then(|end| {
                let mut headers = end.request.headers.iter();
                let own = headers.find(|own| own.wire.eq_ignore_ascii_case(header))?;
                Some(wire::text(&sample::value(
                    end.api,
                    &own.value,
                    Extent::Least,
                )))
            });
            let key = declared.unwrap_or_else(|| "1".to_owned());
            Shown::special(Extra::Header(format!("{header}: {key}")), Answer::Taken)
        };
        let detail = [old, new]
            .map(|header| header.unwrap_or("no header"))
            .join(" is ");
        self.tell_both(
            rule,
            scene,
            detail,
            (&shown(&scene.old, old), &shown(&scene.new, new)),
        );
    }

    fn pagination(
        &mut self,
        scene: &Scene<'a>,
        old: Option<&Pagination>,
        new: Option<&Pagination>,
    ) {
        let rule = match (old, new) {
            (None, Some(_)) => Rule::PaginationAdded,
            (Some(_), None) => Rule::PaginationRemoved,
            (Some(before), Some(after)) if before != after => Rule::PaginationChanged,
            _ => return,
        };
        let text = |pagination: Option<&Pagination>| match pagination {
            None => "none".to_owned(),
            Some(Pagination::Link { rel }) => format!("link {rel}"),
            Some(Pagination::Token { query, next, items }) => {
                format!("token: {next} goes into {query}, {items} are the items")
            }
            Some(Pagination::LastItem {
                query,
                items,
                key,
                more,
            }) => format!("last_item: {key} of {items} goes into {query} while {more}"),
        };
        let detail = format!("it was {} and is {}", text(old), text(new));
        self.tell(rule, scene, detail, &Shown::taken(Put::Nothing));
    }

    /// The shape of failures, and the codes of what is refused.
    pub(super) fn envelope(&mut self, scene: &Scene<'a>, old: End<'a>, new: End<'a>) {
        let (before, after) = (
            &self.old[old.operation.envelope],
            &self.new[new.operation.envelope],
        );
        let mut scene = scene.at(Spot::Whole, "");
        scene.flow = Flow::Response;
        // Where the operation only uses another one, that is the operation's matter.
        if before.name == after.name {
            scene.owner = format!("envelope {}", before.name);
        } else {
            "envelope".clone_into(&mut scene.part);
        }
        let shown = Shown::refused(Rejection::BadRequest);
        if let Some(rule) = shape(before, after) {
            self.tell(rule, &scene, "", &shown);
        }
        for kind in Rejection::ALL {
            let code = |api: &'a Api, envelope: &Envelope| {
                let known = envelope.rejections.iter().find(|(own, _)| *own == kind);
                known.map(|(_, code)| api[*code].code.as_str())
            };
            let codes = (code(self.old, before), code(self.new, after));
            let (Some(first), Some(second)) = codes else {
                continue;
            };
            if first != second {
                let here = scene.at(Spot::Whole, scene.part.clone());
                let detail = format!("{}: it was {first} and is {second}", kind.name());
                self.tell(
                    Rule::RejectionCodeChanged,
                    &here,
                    detail,
                    &Shown::refused(kind),
                );
            }
        }
    }
}

fn flow_text(flow: &crate::model::Flow) -> String {
    let urls = [
        flow.authorization_url.as_ref(),
        Some(&flow.token_url),
        flow.refresh_url.as_ref(),
    ];
    let urls: Vec<&str> = urls.into_iter().flatten().map(String::as_str).collect();
    format!("{} at {}", flow.kind.name(), urls.join(", "))
}

/// The schemes of which any one will do.
fn schemes<'a>(api: &'a Api, operation: &Operation) -> BTreeSet<&'a str> {
    let names = operation.security.iter().map(|used| match used {
        SecurityUse::Scheme(id) => api[*id].name.as_str(),
        SecurityUse::Anonymous => ANONYMOUS,
    });
    let names: BTreeSet<&str> = names.collect();
    if names.is_empty() {
        BTreeSet::from([ANONYMOUS])
    } else {
        names
    }
}

fn access_text(access: &Access) -> String {
    let part = |part: &AccessPart| match part {
        AccessPart::Literal(text) => text.clone(),
        AccessPart::Parameter { ident, .. } => format!("{{{ident}}}"),
    };
    access.parts.iter().map(part).collect()
}

/// How the shape of failures has changed.
fn shape(old: &Envelope, new: &Envelope) -> Option<Rule> {
    match (&old.kind, &new.kind) {
        (EnvelopeKind::None, EnvelopeKind::None) => None,
        (EnvelopeKind::Text(before), EnvelopeKind::Text(after)) => {
            (before != after).then_some(Rule::EnvelopeChanged)
        }
        (EnvelopeKind::Json { .. }, EnvelopeKind::Json { .. })
            if old.media_type() != new.media_type() =>
        {
            Some(Rule::EnvelopeChanged)
        }
        (
            EnvelopeKind::Json {
                template: before, ..
            },
            EnvelopeKind::Json {
                template: after, ..
            },
        ) => match (holds(after, before), holds(before, after)) {
            (true, true) => None,
            (true, false) => Some(Rule::EnvelopeExtended),
            (false, true) => Some(Rule::EnvelopeReduced),
            (false, false) => Some(Rule::EnvelopeChanged),
        },
        (EnvelopeKind::None, _) => Some(Rule::EnvelopeExtended),
        (_, EnvelopeKind::None) => Some(Rule::EnvelopeReduced),
        (EnvelopeKind::Json { .. } | EnvelopeKind::Text(_), _) => Some(Rule::EnvelopeChanged),
    }
}

/// Whether a shape has all that another one has.
fn holds(whole: &Template, part: &Template) -> bool {
    match (whole, part) {
        (Template::Object(whole), Template::Object(part)) => part.iter().all(|(key, part)| {
            let own = whole.iter().find(|(own, _)| own == key);
            own.is_some_and(|(_, whole)| holds(whole, part))
        }),
        (Template::Array(whole), Template::Array(part)) => {
            whole.len() == part.len()
                && whole
                    .iter()
                    .zip(part)
                    .all(|(whole, part)| holds(whole, part))
        }
        (whole, part) => whole == part,
    }
}
