//! What objects and messages are made of: fields, parameters and headers, by their names on the wire.

use serde_json::Value as Json;

use super::exchange::{Answer, Extra, Spot};
use super::relation::Relation;
use super::rules::Rule;
use super::scene::{Comparison, Flow, Scene, Shown};
use crate::model::{Api, Field, ListStyle, Parameter, Type, Value};
use crate::values::along::along;
use crate::values::domain::{Domain, Use, texts};
use crate::values::language::Language;
use crate::values::{Put, Step, is_required};
use crate::wire;

/// Where a list of parameters stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Query,
    Header,
}

impl<'a> Comparison<'a> {
    /// The fields of an object.
    pub(super) fn fields(
        &mut self,
        scene: &Scene<'a>,
        (old, old_rejects): (&'a [Field], bool),
        (new, new_rejects): (&'a [Field], bool),
    ) {
        let inner =
            |key: &str| scene.step(Step::Field(key.to_owned()), Some(&format!("field {key}")));
        for before in old {
            let scene = inner(&before.wire);
            let Some(after) = new.iter().find(|after| after.wire == before.wire) else {
                self.field_removed(&scene, &before.value);
                if scene.flow == Flow::Response && new_rejects {
                    self.tell(
                        Rule::ClosedFieldRemoved,
                        &scene,
                        "",
                        &Shown::taken(Put::Nothing),
                    );
                }
                continue;
            };
            self.presence(&scene, &before.value, &after.value);
            self.value(&scene, &before.value, &after.value);
        }
        for after in new {
            if old.iter().any(|before| before.wire == after.wire) {
                continue;
            }
            let scene = inner(&after.wire);
            self.field_added(&scene, &after.value);
            if scene.flow == Flow::Response && old_rejects {
                self.tell(
                    Rule::ClosedFieldAdded,
                    &scene,
                    "",
                    &Shown::taken(Put::Nothing),
                );
            }
        }
    }

    fn field_added(&mut self, scene: &Scene<'a>, value: &Value) {
        let rule = match (scene.flow, is_required(value)) {
            (Flow::Request, true) => Rule::RequestRequiredFieldAdded,
            (Flow::Request, false) => Rule::RequestFieldAdded,
            (Flow::Response, true) => Rule::ResponseRequiredFieldAdded,
            (Flow::Response, false) => Rule::ResponseFieldAdded,
        };
        self.tell_both(
            rule,
            scene,
            "",
            (&absent(scene), &Shown::taken(Put::Nothing)),
        );
    }

    fn field_removed(&mut self, scene: &Scene<'a>, value: &Value) {
        let rule = match (scene.flow, is_required(value)) {
            (Flow::Request, true) => Rule::RequestRequiredFieldRemoved,
            (Flow::Request, false) => Rule::RequestFieldRemoved,
            (Flow::Response, true) => Rule::ResponseRequiredFieldRemoved,
            (Flow::Response, false) => Rule::ResponseFieldRemoved,
        };
        self.tell_both(
            rule,
            scene,
            "",
            (&Shown::taken(Put::Nothing), &missing(scene)),
        );
    }

    /// Whether a place may be empty.
    fn presence(&mut self, scene: &Scene<'a>, old: &Value, new: &Value) {
        let in_body = super::types::is_in_body(&scene.spot);
        let rule = match (scene.flow, is_required(old), is_required(new)) {
            (Flow::Request, false, true) if in_body => Rule::RequestFieldNowRequired,
            (Flow::Request, true, false) if in_body => Rule::RequestFieldNowOptional,
            (Flow::Request, false, true) => Rule::RequestParameterNowRequired,
            (Flow::Request, true, false) => Rule::RequestParameterNowOptional,
            (Flow::Response, true, false) if in_body => Rule::ResponseFieldNowOptional,
            (Flow::Response, false, true) if in_body => Rule::ResponseFieldNowRequired,
            (Flow::Response, true, false) => Rule::ResponseHeaderNowOptional,
            (Flow::Response, false, true) => Rule::ResponseHeaderNowRequired,
            (_, true, true) | (_, false, false) => return,
        };
        self.tell_both(rule, scene, "", (&absent(scene), &missing(scene)));
    }

    /// What becomes of the keys that an object does not name.
    pub(super) fn other_keys(
        &mut self,
        scene: &Scene<'a>,
        (old_rejects, old): (bool, Option<&'a Type>),
        (new_rejects, new): (bool, Option<&'a Type>),
    ) {
        let scene = scene.step(Step::Entry, Some("other keys"));
        let (old_rejects, new_rejects) =
            (old_rejects && old.is_none(), new_rejects && new.is_none());
        let (clients, servers) = Comparison::refusal(&scene, Json::from("text"));
        let refused = match (scene.flow, old_rejects, new_rejects) {
            (Flow::Request, false, true) => Some(Rule::RequestKeysRefused),
            (Flow::Request, true, false) => Some(Rule::RequestKeysAccepted),
            (Flow::Response, false, true) => Some(Rule::ResponseKeysRefused),
            (Flow::Response, true, false) => Some(Rule::ResponseKeysAccepted),
            (_, true, true) | (_, false, false) => None,
        };
        if let Some(rule) = refused {
            self.tell_both(rule, &scene, "", (&clients, &servers));
        }
        let kept = match (scene.flow, old, new) {
            (Flow::Request, None, Some(_)) if !old_rejects => Rule::RequestKeysKept,
            (Flow::Request, Some(_), None) if !new_rejects => Rule::RequestKeysDropped,
            (Flow::Response, None, Some(_)) if !old_rejects => Rule::ResponseKeysKept,
            (Flow::Response, Some(_), None) if !new_rejects => Rule::ResponseKeysDropped,
            (_, Some(before), Some(after)) => {
                let (before, after) = (Use::new(self.old, before), Use::new(self.new, after));
                self.ty(&scene, &before, &after);
                return;
            }
            _ => return,
        };
        self.tell(
            kept,
            &scene,
            "",
            &Shown::taken(Put::Value(Json::from("text"))),
        );
        // A key that was ignored whatever its value was must be of a type now, or the other way round.
        let (lost, gained) = match (old, new) {
            (None, Some(ty)) => (refused_by(&Use::new(self.new, ty)), None),
            (Some(ty), None) => (None, refused_by(&Use::new(self.old, ty))),
            _ => (None, None),
        };
        self.relate(&scene, &Relation::Values { lost, gained });
    }

    /// The parameters of a query, or the headers of a request or of an answer.
    pub(super) fn parameters(
        &mut self,
        scene: &Scene<'a>,
        place: Place,
        (old, new): (&'a [Parameter], &'a [Parameter]),
    ) {
        let is_own = |parameter: &&'a Parameter| !parameter.managed;
        for before in old.iter().filter(is_own) {
            let here = scene.at(spot(place, before), part(place, before));
            match new.iter().find(|after| is_same(place, before, after)) {
                Some(after) if after.managed => {}
                Some(after) => self.parameter(&here, place, (before, after)),
                None => self.parameter_gone(&here, before),
            }
        }
        for after in new.iter().filter(is_own) {
            if !old.iter().any(|before| is_same(place, before, after)) {
                let here = scene.at(spot(place, after), part(place, after));
                self.parameter_new(&here, after);
            }
        }
    }

    /// One parameter on both sides.
    pub(super) fn parameter(
        &mut self,
        scene: &Scene<'a>,
        place: Place,
        (old, new): (&'a Parameter, &'a Parameter),
    ) {
        if old.prefix.is_none() {
            self.presence(scene, &old.value, &new.value);
        }
        let is_list = |parameter: &Parameter| matches!(parameter.value.ty, Type::List(_));
        // A header is read in one way whatever its style is.
        if place == Place::Query && is_list(old) && is_list(new) && old.style != new.style {
            let clients = misread(scene, (self.old, old), (self.new, new), &scene.refusal.0);
            let servers = misread(scene, (self.new, new), (self.old, old), &scene.refusal.1);
            let detail = format!("it was {} and is {}", style(old.style), style(new.style));
            self.tell_both(
                Rule::ParameterStyleChanged,
                scene,
                detail,
                (&clients, &servers),
            );
        }
        self.value(scene, &old.value, &new.value);
    }

    fn parameter_new(&mut self, scene: &Scene<'a>, parameter: &Parameter) {
        let is_required = is_required(&parameter.value) && parameter.prefix.is_none();
        let rule = match (scene.flow, is_required) {
            (Flow::Request, true) => Rule::RequestRequiredParameterAdded,
            (Flow::Request, false) => Rule::RequestParameterAdded,
            (Flow::Response, true) => Rule::ResponseRequiredHeaderAdded,
            (Flow::Response, false) => Rule::ResponseHeaderAdded,
        };
        self.tell_both(
            rule,
            scene,
            "",
            (&absent(scene), &Shown::taken(Put::Nothing)),
        );
    }

    fn parameter_gone(&mut self, scene: &Scene<'a>, parameter: &Parameter) {
        let is_required = is_required(&parameter.value) && parameter.prefix.is_none();
        let rule = match (scene.flow, is_required) {
            (Flow::Request, true) => Rule::RequestRequiredParameterRemoved,
            (Flow::Request, false) => Rule::RequestParameterRemoved,
            (Flow::Response, true) => Rule::ResponseRequiredHeaderRemoved,
            (Flow::Response, false) => Rule::ResponseHeaderRemoved,
        };
        self.tell_both(
            rule,
            scene,
            "",
            (&Shown::taken(Put::Nothing), &missing(scene)),
        );
    }
}

/// Nothing is at the place where a new server wants something.
fn absent(scene: &Scene<'_>) -> Shown {
    match scene.flow {
        Flow::Request => Shown::answered(Put::Absent, scene.refusal.0.clone()),
        Flow::Response => Shown::taken(Put::Absent),
    }
}

/// Nothing is at the place where an old server wants something.
fn missing(scene: &Scene<'_>) -> Shown {
    match scene.flow {
        Flow::Request => Shown {
            put: Put::Absent,
            extra: Extra::Nothing,
            answer: scene.refusal.1.clone(),
        },
        Flow::Response => Shown::taken(Put::Absent),
    }
}

/// A value that a type refuses.
fn refused_by(ty: &Use<'_>) -> Option<Json> {
    match ty.domain() {
        Some(Domain::Any) => None,
        Some(Domain::Boolean(..)) => Some(Json::from("text")),
        _ => Some(Json::Bool(true)),
    }
}

/// Two items as `sent` writes them, and what becomes of them where they are `read` in another style.
fn misread(
    scene: &Scene<'_>,
    (api, sent): (&Api, &Parameter),
    (reader, read): (&Api, &Parameter),
    refusal: &Answer,
) -> Shown {
    let item = along(&Use::new(api, &sent.value.ty), &[Step::Item], &Put::Nothing);
    let item = item.as_array().and_then(|items| items.first()).cloned();
    let item = item.unwrap_or_default();
    let text = wire::text(&item);
    // What is sent in one text is one item, unless it holds what separates them.
    let texts = match sent.style.separator() {
        None => vec![text],
        Some(separator) => vec![[text.as_str(), &text].join(separator)],
    };
    let mut texts = texts.iter().flat_map(|text| match read.style.separator() {
        None => vec![text.as_str()],
        Some(separator) => text.split(separator).collect(),
    });
    let put = Put::Value(Json::Array(vec![item.clone(), item]));
    let Type::List(of) = &read.value.ty else {
        return Shown::taken(put);
    };
    let known = Use::new(reader, of).domain();
    let is_read = texts.all(|text| known.as_ref().is_none_or(|known| holds(known, text)));
    if scene.flow == Flow::Response || is_read {
        Shown::taken(put)
    } else {
        Shown::answered(put, refusal.clone())
    }
}

/// Whether a set has this text; where nobody can tell it does.
fn holds(domain: &Domain, text: &str) -> bool {
    let one = Language::literals([text].into_iter());
    !matches!(one.beyond(&texts(domain)), Ok(Some(_)))
}

fn is_same(place: Place, left: &Parameter, right: &Parameter) -> bool {
    match place {
        Place::Query => left.wire == right.wire,
        Place::Header => left.wire.eq_ignore_ascii_case(&right.wire),
    }
}

fn spot(place: Place, parameter: &Parameter) -> Spot {
    match place {
        Place::Query => Spot::Query(parameter.wire.clone()),
        Place::Header => Spot::Header(parameter.wire.clone()),
    }
}

fn part(place: Place, parameter: &Parameter) -> String {
    match place {
        Place::Query => format!("query {}", parameter.wire),
        Place::Header => format!("header {}", parameter.wire),
    }
}

fn style(style: ListStyle) -> &'static str {
    match style {
        ListStyle::Repeat => "repeat",
        ListStyle::Comma => "comma",
        ListStyle::Space => "space",
        ListStyle::Pipe => "pipe",
    }
}
