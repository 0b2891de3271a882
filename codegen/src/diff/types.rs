//! Types at a place, and what they name.
//!
//! A format or a schema that both sides name alike is compared once for each way in which messages
//! carry it, and told of by its name; what stands at one place alone is told of there.

use serde_json::Value as Json;

use super::exchange::{Answer, Extra, Spot};
use super::relation::{Relation, Wire, relation, same_format};
use super::rules::Rule;
use super::scene::{Comparison, Flow, Scene, Shown};
use crate::model::{
    EnumValue, ErrorId, FormatId, Rejection, SchemaKind, Tag, Type, Value, Variant,
};
use crate::values::along::along;
use crate::values::domain::{self, Domain, Use};
use crate::values::sample::no_value;
use crate::values::{Put, Step};

impl<'a> Comparison<'a> {
    /// What a place holds. Whether it may be absent is the caller's matter.
    pub(super) fn value(&mut self, scene: &Scene<'a>, old: &'a Value, new: &'a Value) {
        self.default(scene, old, new);
        if old.nullable != new.nullable {
            let (lost, gained) = if old.nullable {
                (Some(Json::Null), None)
            } else {
                (None, Some(Json::Null))
            };
            self.relate(scene, &Relation::Values { lost, gained });
        }
        let (old, new) = (Use::of(self.old, old), Use::of(self.new, new));
        self.ty(scene, &old, &new);
    }

    fn default(&mut self, scene: &Scene<'a>, old: &Value, new: &Value) {
        let absent = Shown::taken(Put::Absent);
        let text = |json: &Json| format!("`{json}`");
        match (&old.default, &new.default) {
            (Some(before), Some(after)) if before != after => {
                let detail = format!("it was {} and is {}", text(before), text(after));
                self.tell(Rule::DefaultChanged, scene, detail, &absent);
            }
            (None, Some(after)) if old.optional => {
                self.tell(Rule::DefaultAdded, scene, text(after), &absent);
            }
            (Some(before), None) if new.optional => {
                self.tell(Rule::DefaultRemoved, scene, text(before), &absent);
            }
            _ => {}
        }
    }

    /// Two types at one place.
    pub(super) fn ty(&mut self, scene: &Scene<'a>, old: &Use<'a>, new: &Use<'a>) {
        let is_plain = old.constraints == new.constraints && old.constant == new.constant;
        match (old.ty, new.ty) {
            (Type::Format(before), Type::Format(after))
                if is_plain && self.old[*before].name == self.new[*after].name =>
            {
                self.format(scene, *before, *after);
            }
            (Type::List(before), Type::List(after)) => {
                self.counts(scene, old, new);
                let inner = scene.step(Step::Item, None);
                self.ty(
                    &inner,
                    &Use::new(self.old, before),
                    &Use::new(self.new, after),
                );
            }
            (Type::Map(before), Type::Map(after)) => {
                self.counts(scene, old, new);
                let inner = scene.step(Step::Entry, None);
                self.ty(
                    &inner,
                    &Use::new(self.old, before),
                    &Use::new(self.new, after),
                );
            }
            (Type::Schema(before), Type::Schema(after)) if is_plain => {
                self.schema(scene, *before, *after);
            }
            (Type::Url(before), Type::Url(after)) if is_plain => {
                let names = (&self.old[*before].name, &self.new[*after].name);
                let pair = (Some(*before), Some(*after));
                if names.0 != names.1 && !self.pairs().contains(&pair) {
                    let detail = format!("it was a URL of {} and is one of {}", names.0, names.1);
                    let rule = match scene.flow {
                        Flow::Request => Rule::RequestValueChanged,
                        Flow::Response => Rule::ResponseValueChanged,
                    };
                    self.tell(rule, scene, detail, &Shown::taken(Put::Nothing));
                }
            }
            // Most values stay what they are; automata are not made for these.
            (Type::Builtin(before), Type::Builtin(after)) if is_plain && before == after => {}
            _ => self.scalars(scene, old, new),
        }
    }

    fn scalars(&mut self, scene: &Scene<'a>, old: &Use<'a>, new: &Use<'a>) {
        let wire = if scene.is_text() {
            Wire::Text
        } else {
            Wire::Json
        };
        let any = |used: &Use<'_>| matches!(used.domain(), Some(Domain::Any));
        let relation = match (old.domain(), new.domain()) {
            (Some(old), Some(new)) => relation(&old, &new, wire),
            (None, Some(_)) if any(new) => Relation::Values {
                lost: None,
                gained: Some(Json::Bool(true)),
            },
            (Some(_), None) if any(old) => Relation::Values {
                lost: Some(Json::Bool(true)),
                gained: None,
            },
            _ => Relation::Different,
        };
        self.relate(scene, &with_urls(relation, old, new));
    }

    fn counts(&mut self, scene: &Scene<'a>, old: &Use<'a>, new: &Use<'a>) {
        let least = u64::from(scene.has_no_empty_list());
        let bounds = |used: &Use<'_>| {
            (
                used.constraints.min_items.unwrap_or(0).max(least),
                used.constraints.max_items,
            )
        };
        let (before, after) = (bounds(old), bounds(new));
        let some = |used: &Use<'a>, count: Option<u64>| count.map(|count| items(used, count));
        let relation = Relation::Values {
            lost: some(old, count_beyond(before, after)),
            gained: some(new, count_beyond(after, before)),
        };
        self.relate(scene, &relation);
    }

    /// Tells how the values of a place have changed.
    pub(super) fn relate(&mut self, scene: &Scene<'a>, relation: &Relation) {
        let (lost_rule, gained_rule, changed) = match scene.flow {
            Flow::Request => (
                Rule::RequestValueNarrowed,
                Rule::RequestValueWidened,
                Rule::RequestValueChanged,
            ),
            Flow::Response => (
                Rule::ResponseValueNarrowed,
                Rule::ResponseValueWidened,
                Rule::ResponseValueChanged,
            ),
        };
        match relation {
            Relation::Different => {
                let shown = Comparison::refusal(scene, Json::Null);
                let put = |shown: Shown| match scene.flow {
                    Flow::Request => Shown {
                        put: Put::Nothing,
                        ..shown
                    },
                    Flow::Response => Shown::taken(Put::Nothing),
                };
                let (clients, servers) = (put(shown.0), put(shown.1));
                self.tell_both(changed, scene, "", (&clients, &servers));
            }
            Relation::Values { lost, gained } => {
                for (rule, witness) in [(lost_rule, lost), (gained_rule, gained)] {
                    if let Some(witness) = witness {
                        let (clients, servers) = Comparison::refusal(scene, witness.clone());
                        let detail = format!("`{}`", shortened(witness));
                        self.tell_both(rule, scene, detail, (&clients, &servers));
                    }
                }
            }
        }
    }

    /// With which code a value is refused, where it stands for itself; in a body it is a part of that.
    fn format_code(&mut self, scene: &Scene<'a>, old: FormatId, new: FormatId) {
        let is_own = scene.flow == Flow::Request && scene.is_text();
        if !is_own || !self.seen_codes.insert((old, new)) {
            return;
        }
        let (before, after) = (&self.old[old], &self.new[new]);
        let code = |api: &crate::model::Api, id: Option<crate::model::ErrorId>| {
            id.map(|id| api[id].code.clone())
        };
        let (old_code, new_code) = (
            code(self.old, before.invalid),
            code(self.new, after.invalid),
        );
        if old_code == new_code {
            return;
        }
        let name = |code: Option<String>| code.unwrap_or_else(|| "that of the envelope".to_owned());
        let detail = format!("it was {} and is {}", name(old_code), name(new_code));
        let bad = bad_value(&domain::format(self.old, old));
        let (clients, servers) = Comparison::refusal(scene, bad);
        self.tell_both(
            Rule::RejectionCodeChanged,
            scene,
            detail,
            (&clients, &servers),
        );
    }

    fn format(&mut self, scene: &Scene<'a>, old: FormatId, new: FormatId) {
        let mut scene = scene.within(format!("format {}", self.old[old].name));
        if scene.is_text() {
            let refused = |code: Option<ErrorId>| Answer::Refused(Rejection::BadRequest, code);
            scene.refusal = (
                refused(self.new[new].invalid),
                refused(self.old[old].invalid),
            );
        }
        self.format_code(&scene, old, new);
        if !self.seen_formats.insert((scene.flow, old, new)) {
            return;
        }
        if same_format((self.old, old), (self.new, new)) {
            return;
        }
        let wire = if scene.is_text() {
            Wire::Text
        } else {
            Wire::Json
        };
        let related = relation(
            &domain::format(self.old, old),
            &domain::format(self.new, new),
            wire,
        );
        self.relate(&scene, &related);
    }

    pub(super) fn schema(
        &mut self,
        scene: &Scene<'a>,
        old: crate::model::SchemaId,
        new: crate::model::SchemaId,
    ) {
        if !self.seen_schemas.insert((scene.flow, old, new)) {
            return;
        }
        let (before, after) = (&self.old[old], &self.new[new]);
        let scene = scene.within(format!("schema {}", before.name));
        match (&before.kind, &after.kind) {
            (
                SchemaKind::Object {
                    fields: old,
                    reject_unknown: old_rejects,
                    rest: old_rest,
                },
                SchemaKind::Object {
                    fields: new,
                    reject_unknown: new_rejects,
                    rest: new_rest,
                },
            ) => {
                self.fields(&scene, (old, *old_rejects), (new, *new_rejects));
                self.other_keys(
                    &scene,
                    (*old_rejects, old_rest.as_ref()),
                    (*new_rejects, new_rest.as_ref()),
                );
            }
            (
                SchemaKind::Enum {
                    values: old,
                    open: old_open,
                },
                SchemaKind::Enum {
                    values: new,
                    open: new_open,
                },
            ) => {
                let names = |values: &'a [EnumValue]| {
                    values.iter().map(|value| value.wire.as_str()).collect()
                };
                self.opened(&scene, *old_open, *new_open, Json::from("something else"));
                self.enum_values(&scene, (names(old), *old_open), (names(new), *new_open));
            }
            (
                SchemaKind::Union {
                    tag: old_tag,
                    variants: old,
                },
                SchemaKind::Union {
                    tag: new_tag,
                    variants: new,
                },
            ) => self.union(&scene, (old_tag.as_ref(), old), (new_tag.as_ref(), new)),
            (SchemaKind::Object { .. } | SchemaKind::Enum { .. } | SchemaKind::Union { .. }, _) => {
                self.relate(&scene, &Relation::Different);
            }
        }
    }

    fn opened(&mut self, scene: &Scene<'a>, old: bool, new: bool, unknown: Json) {
        let rule = match (scene.flow, old, new) {
            (Flow::Response, false, true) if scene.is_stream => Rule::EventsOpened,
            (Flow::Response, true, false) if scene.is_stream => Rule::EventsClosed,
            (Flow::Request, false, true) => Rule::RequestOpened,
            (Flow::Request, true, false) => Rule::RequestClosed,
            (Flow::Response, false, true) => Rule::ResponseOpened,
            (Flow::Response, true, false) => Rule::ResponseClosed,
            _ => return,
        };
        let (clients, servers) = Comparison::refusal(scene, unknown);
        self.tell_both(rule, scene, "", (&clients, &servers));
    }

    fn enum_values(
        &mut self,
        scene: &Scene<'a>,
        (old, old_open): (Vec<&'a str>, bool),
        (new, new_open): (Vec<&'a str>, bool),
    ) {
        let (added, removed) = match scene.flow {
            Flow::Request => (Rule::RequestEnumValueAdded, Rule::RequestEnumValueRemoved),
            Flow::Response => (Rule::ResponseEnumValueAdded, Rule::ResponseEnumValueRemoved),
        };
        let removed = if new_open {
            Rule::OpenValueUnnamed
        } else {
            removed
        };
        let added = if old_open {
            Rule::OpenValueNamed
        } else {
            added
        };
        for (rule, values, others) in [(removed, &old, &new), (added, &new, &old)] {
            for value in values.iter().filter(|value| !others.contains(value)) {
                let (clients, servers) = Comparison::refusal(scene, Json::from(*value));
                self.tell_both(rule, scene, format!("`{value}`"), (&clients, &servers));
            }
        }
    }

    fn union(
        &mut self,
        scene: &Scene<'a>,
        (old_tag, old): (Option<&'a Tag>, &'a [Variant]),
        (new_tag, new): (Option<&'a Tag>, &'a [Variant]),
    ) {
        let shape = |tag: Option<&'a Tag>| tag.map(|tag| (&tag.key, &tag.content));
        if shape(old_tag) != shape(new_tag) {
            self.relate(scene, &Relation::Different);
            return;
        }
        let is_open = |tag: Option<&Tag>| tag.is_some_and(|tag| tag.open);
        let (old_open, new_open) = (is_open(old_tag), is_open(new_tag));
        if let Some(tag) = old_tag {
            let unknown =
                serde_json::Map::from_iter([(tag.key.clone(), Json::from("something else"))]);
            self.opened(scene, old_open, new_open, Json::Object(unknown));
            self.unknown_tag(scene, old_tag, new_tag);
        }
        let (added, removed) = match scene.flow {
            Flow::Response if scene.is_stream => (Rule::EventAdded, Rule::EventRemoved),
            Flow::Request => (Rule::RequestVariantAdded, Rule::RequestVariantRemoved),
            Flow::Response => (Rule::ResponseVariantAdded, Rule::ResponseVariantRemoved),
        };
        let removed = if new_open {
            Rule::OpenValueUnnamed
        } else {
            removed
        };
        let added = if old_open {
            Rule::OpenValueNamed
        } else {
            added
        };
        for before in old {
            let inner = scene.step(
                Step::Variant(before.wire.clone()),
                Some(&format!("variant {}", before.wire)),
            );
            match new.iter().find(|after| after.wire == before.wire) {
                Some(after) => {
                    self.ty(
                        &inner,
                        &Use::new(self.old, &before.ty),
                        &Use::new(self.new, &after.ty),
                    );
                }
                None => self.variant(removed, &inner),
            }
        }
        for after in new {
            if !old.iter().any(|before| before.wire == after.wire) {
                let inner = scene.step(
                    Step::Variant(after.wire.clone()),
                    Some(&format!("variant {}", after.wire)),
                );
                self.variant(added, &inner);
            }
        }
    }

    fn variant(&mut self, rule: Rule, scene: &Scene<'a>) {
        let refusal = |answer: &Answer| match scene.flow {
            Flow::Request => Shown::answered(Put::Nothing, answer.clone()),
            Flow::Response => Shown::taken(Put::Nothing),
        };
        let (clients, servers) = (refusal(&scene.refusal.0), refusal(&scene.refusal.1));
        self.tell_both(rule, scene, "", (&clients, &servers));
    }

    fn unknown_tag(&mut self, scene: &Scene<'a>, old: Option<&'a Tag>, new: Option<&'a Tag>) {
        let code = |api: &'a crate::model::Api, tag: Option<&Tag>| {
            tag.and_then(|tag| tag.unknown)
                .map(|code| api[code].code.as_str())
        };
        let (before, after) = (code(self.old, old), code(self.new, new));
        if scene.flow == Flow::Request && before != after {
            let name = |code: Option<&str>| code.unwrap_or("that of the body").to_owned();
            let detail = format!(
                "an unknown tag: it was {} and is {}",
                name(before),
                name(after)
            );
            let key = old.map_or_else(String::new, |tag| tag.key.clone());
            let unknown = serde_json::Map::from_iter([(key, Json::from("something else"))]);
            let (clients, servers) = Comparison::refusal(scene, Json::Object(unknown));
            self.tell_both(
                Rule::RejectionCodeChanged,
                scene,
                detail,
                (&clients, &servers),
            );
        }
    }

    /// Bytes that are no value of the body.
    pub(super) fn broken_body(scene: &Scene<'a>) -> (Shown, Shown) {
        let shown = |answer: &Answer| match scene.flow {
            Flow::Request => Shown::special(Extra::Bytes, answer.clone()),
            Flow::Response => Shown::taken(Put::Value(no_value())),
        };
        (shown(&scene.refusal.0), shown(&scene.refusal.1))
    }
}

/// A length that is within the first bounds and not within the others.
fn count_beyond(
    (min, max): (u64, Option<u64>),
    (other_min, other_max): (u64, Option<u64>),
) -> Option<u64> {
    let above = other_max
        .map(|most| most.saturating_add(1).max(min))
        .filter(|count| max.is_none_or(|max| *count <= max));
    let below = (min < other_min).then(|| max.map_or(other_min - 1, |max| max.min(other_min - 1)));
    above.or(below)
}

/// Of any texts a URL of an operation is one: who follows it cannot follow the others.
fn with_urls(relation: Relation, old: &Use<'_>, new: &Use<'_>) -> Relation {
    let is_url = |used: &Use<'_>| matches!(used.ty, Type::Url(_));
    let text = |is_any: bool| is_any.then(|| Json::from("text"));
    match relation {
        Relation::Values { lost, gained } => Relation::Values {
            lost: lost.or_else(|| text(is_url(new) && !is_url(old))),
            gained: gained.or_else(|| text(is_url(old) && !is_url(new))),
        },
        Relation::Different => Relation::Different,
    }
}

/// A list, or a map, of so many items, as far as a person would read them.
fn items(used: &Use<'_>, count: u64) -> Json {
    let count = usize::try_from(count.min(20)).unwrap_or(20);
    match along(used, &[], &Put::Nothing) {
        Json::Array(items) => {
            let item = items.into_iter().next().unwrap_or_default();
            Json::Array(vec![item; count])
        }
        Json::Object(entries) => {
            let value = entries
                .into_iter()
                .next()
                .map(|entry| entry.1)
                .unwrap_or_default();
            (0..count)
                .map(|index| (format!("key{index}"), value.clone()))
                .collect()
        }
        other => other,
    }
}

/// A value that the set does not hold.
fn bad_value(domain: &Domain) -> Json {
    match relation(&Domain::Any, domain, Wire::Text) {
        Relation::Values {
            lost: Some(lost), ..
        } => lost,
        _ => Json::from(""),
    }
}

/// A value as a report shows it.
fn shortened(json: &Json) -> String {
    const MOST: usize = 60;
    let text = json.to_string();
    let count = text.chars().count();
    if count <= MOST {
        return text;
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{start}… ({count} characters)")
}

/// Whether a place of this kind is part of a body.
pub(super) fn is_in_body(spot: &Spot) -> bool {
    match spot {
        Spot::Body(_) | Spot::Detail(..) => true,
        Spot::Whole | Spot::Path(_) | Spot::Query(_) | Spot::Header(_) => false,
    }
}
