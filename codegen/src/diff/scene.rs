//! What is compared, seen from both sides, and where the findings go.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::exchange::{self, Answer, End, Extra, Spot};
use super::rules::{Audience, Rule};
use super::{Change, Exchange};
use crate::model::{Api, FormatId, ListStyle, Rejection, SchemaId};
use crate::values::{Put, Step};

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Flow {
    Request,
    Response,
}

/// A place that both descriptors have, or that one of them has.
#[derive(Clone, Debug)]
pub(super) struct Scene<'a> {
    pub(super) old: Option<End<'a>>,
    pub(super) new: Option<End<'a>>,
    pub(super) flow: Flow,
    pub(super) spot: Spot,
    /// Whose it is: an operation, a schema.
    pub(super) owner: String,
    /// Which part of it; empty for the whole.
    pub(super) part: String,
    /// The code with which a bad value here is refused, in the new descriptor and in the old one.
    pub(super) refusal: (Answer, Answer),
    /// Whether it is the union of a stream's events, of which a client passes over what it does not know.
    pub(super) is_stream: bool,
}

/// What a client sends that shows the break, and how the server answers.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) put: Put,
    pub(super) extra: Extra,
    pub(super) answer: Answer,
}

/// The comparison: both descriptors, and what was found.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    pub(super) old: &'a Api,
    pub(super) new: &'a Api,
    pub(super) changes: Vec<Change>,
    pub(super) seen_schemas: BTreeSet<(Flow, SchemaId, SchemaId)>,
    pub(super) seen_formats: BTreeSet<(Flow, FormatId, FormatId)>,
    /// Formats whose codes were compared.
    pub(super) seen_codes: BTreeSet<(FormatId, FormatId)>,
}

impl Shown {
    /// `put` is there, and it is taken or read.
    pub(super) fn taken(put: Put) -> Self {
        Self {
            put,
            extra: Extra::Nothing,
            answer: Answer::Taken,
        }
    }

    /// `put` is there, and the answer is this.
    pub(super) fn answered(put: Put, answer: Answer) -> Self {
        Self {
            put,
            extra: Extra::Nothing,
            answer,
        }
    }

    /// A request with something special.
    pub(super) fn special(extra: Extra, answer: Answer) -> Self {
        Self {
            put: Put::Nothing,
            extra,
            answer,
        }
    }

    /// The request is refused.
    pub(super) fn refused(rejection: Rejection) -> Self {
        Self::answered(Put::Nothing, Answer::Refused(rejection, None))
    }
}

impl<'a> Scene<'a> {
    pub(super) fn new(owner: String, old: Option<End<'a>>, new: Option<End<'a>>) -> Self {
        let refusal = Answer::Refused(Rejection::BadRequest, None);
        Self {
            old,
            new,
            flow: Flow::Request,
            spot: Spot::Whole,
            owner,
            part: String::new(),
            refusal: (refusal.clone(), refusal),
            is_stream: false,
        }
    }

    /// The same at another place.
    pub(super) fn at(&self, spot: Spot, part: impl Into<String>) -> Self {
        Self {
            spot,
            part: part.into(),
            ..self.clone()
        }
    }

    /// One step further into a value; `part` names the way, where it has a name.
    pub(super) fn step(&self, step: Step, part: Option<&str>) -> Self {
        let mut scene = self.clone();
        scene.is_stream = false;
        match &mut scene.spot {
            Spot::Body(steps) | Spot::Detail(_, steps) => steps.push(step),
            Spot::Whole | Spot::Path(_) | Spot::Query(_) | Spot::Header(_) => {}
        }
        if let Some(part) = part {
            scene.part = [scene.part.as_str(), part]
                .iter()
                .filter(|part| !part.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
        }
        scene
    }

    /// The same part of a value of its own name.
    pub(super) fn within(&self, owner: String) -> Self {
        Self {
            owner,
            part: String::new(),
            ..self.clone()
        }
    }

    /// Whether values here stand in texts.
    pub(super) fn is_text(&self) -> bool {
        match self.spot {
            Spot::Path(_) | Spot::Query(_) | Spot::Header(_) => true,
            Spot::Whole | Spot::Body(_) | Spot::Detail(..) => false,
        }
    }

    /// Whether no empty list can stand here: one whose items are repeated is not there without any.
    pub(super) fn has_no_empty_list(&self) -> bool {
        let Spot::Query(name) = &self.spot else {
            return false;
        };
        let is_repeated = |end: &End<'_>| {
            let mut query = end.request.query.iter();
            query.any(|one| one.wire == *name && one.style == ListStyle::Repeat)
        };
        [self.old, self.new].iter().flatten().all(is_repeated)
    }
}

impl<'a> Comparison<'a> {
    /// Says that something has changed. For each side that breaks the same is shown, as far as a side is
    /// to refuse it.
    pub(super) fn tell(
        &mut self,
        rule: Rule,
        scene: &Scene<'a>,
        detail: impl Into<String>,
        shown: &Shown,
    ) {
        self.tell_both(rule, scene, detail, (shown, shown));
    }

    /// The same, with what an old client gets from a new server, and what a new one gets from an old one.
    pub(super) fn tell_both(
        &mut self,
        rule: Rule,
        scene: &Scene<'a>,
        detail: impl Into<String>,
        (for_clients, for_servers): (&Shown, &Shown),
    ) {
        let exchanges = rule
            .breaks()
            .iter()
            .filter_map(|audience| match audience {
                Audience::Clients => Some(self.exchange(scene, *audience, for_clients)),
                Audience::Servers => Some(self.exchange(scene, *audience, for_servers)),
                Audience::Code => None,
            })
            .collect();
        let change = Change {
            rule,
            owners: vec![scene.owner.clone()],
            part: scene.part.clone(),
            detail: detail.into(),
            exchanges,
        };
        self.push(change);
    }

    /// Something that is on no wire.
    pub(super) fn tell_quietly(
        &mut self,
        rule: Rule,
        owner: &str,
        part: &str,
        detail: impl Into<String>,
    ) {
        self.push(Change {
            rule,
            owners: vec![owner.to_owned()],
            part: part.to_owned(),
            detail: detail.into(),
            exchanges: Vec::new(),
        });
    }

    /// What several owners have alike is one change.
    pub(super) fn push(&mut self, change: Change) {
        let same = self.changes.iter_mut().find(|known| {
            known.rule == change.rule
                && known.part == change.part
                && known.detail == change.detail
                && (!change.part.is_empty()
                    || !change.detail.is_empty()
                    || known.owners == change.owners)
        });
        match same {
            Some(known) => {
                let new = change
                    .owners
                    .into_iter()
                    .filter(|owner| !known.owners.contains(owner));
                let new: Vec<String> = new.collect();
                known.owners.extend(new);
            }
            None => self.changes.push(change),
        }
    }

    fn exchange(&self, scene: &Scene<'a>, breaks: Audience, shown: &Shown) -> Exchange {
        let (sender, answerer, api) = match breaks {
            Audience::Clients | Audience::Code => (&scene.old, &scene.new, self.new),
            Audience::Servers => (&scene.new, &scene.old, self.old),
        };
        let (nowhere, nothing) = (Spot::Whole, Put::Nothing);
        let ((sent_spot, sent), (read_spot, read)) = match scene.flow {
            Flow::Request => ((&scene.spot, &shown.put), (&nowhere, &nothing)),
            Flow::Response => ((&nowhere, &nothing), (&scene.spot, &shown.put)),
        };
        let request = sender
            .as_ref()
            .or(answerer.as_ref())
            .map_or_else(String::new, |end| {
                exchange::request(end, sent_spot, sent, &shown.extra)
            });
        let response = exchange::answer(answerer.as_ref(), api, read_spot, read, &shown.answer);
        Exchange {
            breaks,
            request,
            response,
        }
    }

    /// How a value here is refused by the side that answers.
    pub(super) fn refusal(scene: &Scene<'a>, put: Json) -> (Shown, Shown) {
        let put = Put::Value(put);
        match scene.flow {
            Flow::Request => (
                Shown::answered(put.clone(), scene.refusal.0.clone()),
                Shown::answered(put, scene.refusal.1.clone()),
            ),
            Flow::Response => (Shown::taken(put.clone()), Shown::taken(put)),
        }
    }
}
