//! Bodies of requests and of answers: kinds, media types, limits, and what they hold.
//!
//! A choice is several bodies, and every other body is a choice of one: each old one is held against the
//! new one that shares a media type with it.

use super::exchange::{Answer, Extra, Spot};
use super::rules::Rule;
use super::scene::{Comparison, Flow, Scene, Shown};
use crate::model::{Api, Body, BodyKind, ErrorId, Rejection, Type};
use crate::values::Put;
use crate::values::domain::Use;

/// What a body is on the wire.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Content<'a> {
    Json(&'a Type),
    Form(&'a Type),
    Lines(&'a Type),
    Events(&'a Type),
    Text,
    Raw,
}

fn content(body: &Body) -> Content<'_> {
    match &body.kind {
        BodyKind::Json { ty, .. } => Content::Json(ty),
        BodyKind::Form(ty) => Content::Form(ty),
        BodyKind::JsonLines(ty) => Content::Lines(ty),
        BodyKind::Events(ty) => Content::Events(ty),
        BodyKind::Text => Content::Text,
        // A choice is never asked; its bodies are.
        BodyKind::Bytes(_) | BodyKind::Stream { .. } | BodyKind::Choice { .. } => Content::Raw,
    }
}

impl<'a> Comparison<'a> {
    /// The bodies of one message.
    pub(super) fn body(&mut self, scene: &Scene<'a>, old: Option<&'a Body>, new: Option<&'a Body>) {
        let mut scene = scene.at(Spot::Body(Vec::new()), "body");
        let refusal = |body: Option<&Body>| {
            Answer::Refused(Rejection::BadBody, body.and_then(|body| body.invalid))
        };
        scene.refusal = (refusal(new), refusal(old));
        match (old, new) {
            (None, None) => {}
            (None, Some(body)) => self.body_added(&scene, body),
            (Some(body), None) => self.body_removed(&scene, body),
            (Some(old), Some(new)) => self.bodies(&scene, old, new),
        }
    }

    fn body_added(&mut self, scene: &Scene<'a>, body: &Body) {
        let rule = match scene.flow {
            Flow::Request if body.may_be_empty() => Rule::RequestBytesAdded,
            Flow::Request => Rule::RequestBodyAdded,
            Flow::Response => Rule::ResponseBodyAdded,
        };
        let without = Shown::special(Extra::NoBody, scene.refusal.0.clone());
        self.tell_both(rule, scene, "", (&without, &Shown::taken(Put::Nothing)));
    }

    fn body_removed(&mut self, scene: &Scene<'a>, body: &Body) {
        let rule = match scene.flow {
            Flow::Request if body.may_be_empty() => Rule::RequestBytesRemoved,
            Flow::Request => Rule::RequestBodyRemoved,
            Flow::Response => Rule::ResponseBodyRemoved,
        };
        let without = Shown::special(Extra::NoBody, scene.refusal.1.clone());
        self.tell_both(rule, scene, "", (&Shown::taken(Put::Nothing), &without));
    }

    fn bodies(&mut self, scene: &Scene<'a>, old: &'a Body, new: &'a Body) {
        let is_single = |body: &Body| !matches!(body.kind, BodyKind::Choice { .. });
        let both_single = is_single(old) && is_single(new);
        let is_other = both_single && !shares(old, new) && !is_read_alike(old, new);
        // Of a body of another kind the media type is a part.
        if !is_other {
            self.media_types(scene, old, new);
        }
        for before in old.alternatives() {
            let after = new
                .alternatives()
                .find(|after| both_single || shares(before, after));
            if let Some(after) = after {
                self.alternative(scene, before, after);
            }
        }
        if scene.flow == Flow::Request {
            self.refusals(scene, old, new);
        }
    }

    /// Two bodies that are sent in one place.
    fn alternative(&mut self, scene: &Scene<'a>, old: &'a Body, new: &'a Body) {
        self.limit(scene, old, new);
        self.stream(scene, &old.kind, &new.kind);
        let (parsed, unparsed, changed) = match scene.flow {
            Flow::Request => (
                Rule::RequestBodyParsed,
                Rule::RequestBodyUnparsed,
                Rule::RequestBodyKindChanged,
            ),
            Flow::Response => (
                Rule::ResponseBodyParsed,
                Rule::ResponseBodyUnparsed,
                Rule::ResponseBodyKindChanged,
            ),
        };
        let rule = match (content(old), content(new)) {
            (Content::Json(before), Content::Json(after))
            | (Content::Form(before), Content::Form(after))
            | (Content::Lines(before), Content::Lines(after))
            | (Content::Events(before), Content::Events(after)) => {
                let mut scene = scene.clone();
                scene.is_stream = matches!(old.kind, BodyKind::Events(_));
                self.ty(
                    &scene,
                    &Use::new(self.old, before),
                    &Use::new(self.new, after),
                );
                return;
            }
            (Content::Text, Content::Text) | (Content::Raw, Content::Raw) => return,
            _ if !shares(old, new) => changed,
            (Content::Raw, _) => parsed,
            (_, Content::Raw) => unparsed,
            _ => changed,
        };
        let (clients, servers) = if shares(old, new) {
            Comparison::broken_body(scene)
        } else {
            let shown = match scene.flow {
                Flow::Request => Shown::refused(Rejection::MediaType),
                Flow::Response => Shown::taken(Put::Nothing),
            };
            (shown.clone(), shown)
        };
        let detail = format!("it was {} and is {}", kind(&old.kind), kind(&new.kind));
        self.tell_both(rule, scene, detail, (&clients, &servers));
    }

    fn limit(&mut self, scene: &Scene<'a>, old: &Body, new: &Body) {
        let most = |body: &Body| body.limit.unwrap_or(u64::MAX);
        if most(old) == most(new) {
            return;
        }
        let rule = match (scene.flow, most(new) < most(old)) {
            (Flow::Request, true) => Rule::RequestLimitLowered,
            (Flow::Request, false) => Rule::RequestLimitRaised,
            (Flow::Response, true) => Rule::ResponseLimitLowered,
            (Flow::Response, false) => Rule::ResponseLimitRaised,
        };
        let text = |body: &Body| {
            body.limit
                .map_or_else(|| "not said".to_owned(), |limit| format!("{limit} bytes"))
        };
        let detail = format!("it was {} and is {}", text(old), text(new));
        let shown = |limit: &Body| match scene.flow {
            Flow::Request => Shown::special(
                Extra::Length(most(limit).saturating_add(1)),
                Answer::Refused(Rejection::TooLarge, limit.too_large),
            ),
            Flow::Response => Shown::taken(Put::Nothing),
        };
        self.tell_both(rule, scene, detail, (&shown(new), &shown(old)));
    }

    /// What streams alone have.
    fn stream(&mut self, scene: &Scene<'a>, old: &BodyKind, new: &BodyKind) {
        let facts = |kind: &BodyKind| match kind {
            BodyKind::Stream {
                ranges,
                length_required,
            } => (*ranges, *length_required),
            BodyKind::Json { .. }
            | BodyKind::Form(_)
            | BodyKind::Text
            | BodyKind::Bytes(_)
            | BodyKind::JsonLines(_)
            | BodyKind::Events(_)
            | BodyKind::Choice { .. } => (false, false),
        };
        let ((old_ranges, old_length), (new_ranges, new_length)) = (facts(old), facts(new));
        if old_ranges != new_ranges {
            let rule = if new_ranges {
                Rule::RangesAdded
            } else {
                Rule::RangesRemoved
            };
            let header = Extra::Header("Range: bytes=0-0".to_owned());
            self.tell(rule, scene, "", &Shown::special(header, Answer::Taken));
        }
        if old_length != new_length {
            let rule = if new_length {
                Rule::LengthNowRequired
            } else {
                Rule::LengthNowOptional
            };
            let header = Extra::Header("Transfer-Encoding: chunked".to_owned());
            let answer = Answer::Refused(Rejection::LengthRequired, None);
            self.tell(rule, scene, "", &Shown::special(header, answer));
        }
    }

    fn media_types(&mut self, scene: &Scene<'a>, old: &'a Body, new: &'a Body) {
        let is_choice = |body: &Body| matches!(body.kind, BodyKind::Choice { .. });
        let chosen = scene.flow == Flow::Response && (is_choice(old) || is_choice(new));
        let (added, removed) = match scene.flow {
            Flow::Request => (Rule::RequestMediaTypeAdded, Rule::RequestMediaTypeRemoved),
            Flow::Response if chosen => (Rule::ChoiceAdded, Rule::ChoiceRemoved),
            Flow::Response => (Rule::ResponseMediaTypeAdded, Rule::ResponseMediaTypeRemoved),
        };
        for (rule, own, others) in [(removed, old, new), (added, new, old)] {
            let is_known =
                |media: &String| others.media_types.iter().any(|other| covers(other, media));
            for media in own.media_types.iter().filter(|media| !is_known(media)) {
                let shown = match scene.flow {
                    Flow::Request => Shown::special(
                        Extra::Header(format!("Content-Type: {}", media.replace('*', "example"))),
                        Answer::Refused(Rejection::MediaType, None),
                    ),
                    Flow::Response => Shown::special(
                        Extra::Header(format!("Accept: {media}")),
                        if chosen {
                            Answer::Refused(Rejection::NotAcceptable, None)
                        } else {
                            Answer::Taken
                        },
                    ),
                };
                self.tell(rule, scene, format!("`{media}`"), &shown);
            }
        }
        let first = |body: &'a Body| {
            body.alternatives()
                .next()
                .and_then(|body| body.media_types.first())
        };
        let is_default_moved = match (first(old), first(new)) {
            (Some(before), Some(after)) => !covers(before, after) && !covers(after, before),
            _ => false,
        };
        if chosen && is_default_moved {
            self.tell(
                Rule::DefaultChoiceChanged,
                scene,
                "",
                &Shown::taken(Put::Nothing),
            );
        }
    }

    /// The codes of bodies that are refused.
    fn refusals(&mut self, scene: &Scene<'a>, old: &'a Body, new: &'a Body) {
        let code = |api: &'a Api, id: Option<ErrorId>| id.map(|id| api[id].code.as_str());
        let codes = [
            ("a broken one", Rejection::BadBody, old.invalid, new.invalid),
            (
                "a long one",
                Rejection::TooLarge,
                old.too_large,
                new.too_large,
            ),
        ];
        for (what, rejection, before, after) in codes {
            let (before_code, after_code) = (code(self.old, before), code(self.new, after));
            if before_code == after_code {
                continue;
            }
            let name = |code: Option<&str>| code.unwrap_or("that of the envelope").to_owned();
            let detail = format!(
                "{what}: the code was {} and is {}",
                name(before_code),
                name(after_code)
            );
            let shown = |id, body: &Body| {
                let extra = match rejection {
                    Rejection::TooLarge => {
                        Extra::Length(body.limit.unwrap_or(u64::MAX - 1).saturating_add(1))
                    }
                    _ => Extra::Bytes,
                };
                Shown::special(extra, Answer::Refused(rejection, id))
            };
            let (clients, servers) = (shown(after, new), shown(before, old));
            self.tell_both(
                Rule::RejectionCodeChanged,
                scene,
                detail,
                (&clients, &servers),
            );
        }
    }
}

fn kind(kind: &BodyKind) -> &'static str {
    match kind {
        BodyKind::Json { .. } => "json",
        BodyKind::Form(_) => "form",
        BodyKind::Text => "text",
        BodyKind::Bytes(_) => "bytes",
        BodyKind::Stream { .. } => "stream",
        BodyKind::JsonLines(_) => "json_lines",
        BodyKind::Events(_) => "events",
        BodyKind::Choice { .. } => "choice",
    }
}

/// Whether there is a media type that both have.
fn shares(left: &Body, right: &Body) -> bool {
    let is_both = |own: &String, other: &String| covers(own, other) || covers(other, own);
    let mut all = left.media_types.iter();
    all.any(|own| right.media_types.iter().any(|other| is_both(own, other)))
}

/// Whether the bytes of both are read in one way.
fn is_read_alike(left: &Body, right: &Body) -> bool {
    std::mem::discriminant(&content(left)) == std::mem::discriminant(&content(right))
}

/// Whether a media type, or a pattern of some, takes all of another.
fn covers(pattern: &str, media: &str) -> bool {
    let same = |own: &str, other: &str| own == "*" || own == other;
    match (pattern.split_once('/'), media.split_once('/')) {
        (Some((kind, sub)), Some((other, other_sub))) => same(kind, other) && same(sub, other_sub),
        _ => pattern == media,
    }
}
