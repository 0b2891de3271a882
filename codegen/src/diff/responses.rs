//! Answers: successes with their headers and bodies, failures with their codes.

use super::exchange::{Answer, End, Spot};
use super::fields::Place;
use super::rules::Rule;
use super::scene::{Comparison, Flow, Scene, Shown};
use crate::model::{Api, CLASS, ErrorCode, ErrorId, Parameter, Response, of_status};
use crate::values::Put;

/// A code with the answer that carries it.
type Failure<'a> = (&'a Response, &'a str);

impl<'a> Comparison<'a> {
    /// The answers of one form of request.
    pub(super) fn responses(&mut self, scene: &Scene<'a>, old: End<'a>, new: End<'a>) {
        let mut scene = scene.clone();
        scene.flow = Flow::Response;
        self.successes(&scene, old, new);
        self.failures(&scene, old, new);
    }

    fn successes(&mut self, scene: &Scene<'a>, old: End<'a>, new: End<'a>) {
        let own = |end: End<'a>| -> Vec<&'a Response> {
            end.request
                .successes
                .iter()
                .filter(|success| !success.managed)
                .collect()
        };
        let (befores, mut afters) = (own(old), own(new));
        let mut alone = Vec::new();
        for before in befores {
            let alike = |after: &&Response| after.rank() == before.rank();
            let same = |after: &&Response| alike(after) && after.variant == before.variant;
            let found = afters
                .iter()
                .position(&same)
                .or_else(|| afters.iter().position(&alike));
            match found {
                Some(index) => self.success(scene, (old, before), (new, afters.remove(index))),
                None => alone.push(before),
            }
        }
        self.of_class(scene, (old, &mut alone), (new, &mut afters));
        for before in alone {
            let is_pair =
                afters.len() == 1 && old.request.successes.len() == new.request.successes.len();
            let named = afters
                .iter()
                .position(|after| after.variant == before.variant);
            if let Some(index) = named.or(is_pair.then_some(0)) {
                let after = afters.remove(index);
                let here = Self::answered(scene, (old, before), (new, after));
                let detail = format!("it was {} and is {}", before.label(), after.label());
                let shown = (&answer(after, old), &answer(before, new));
                self.tell_both(Rule::SuccessStatusChanged, &here, detail, shown);
                self.success(scene, (old, before), (new, after));
            } else {
                let here = Self::answered(scene, (old, before), (new, before));
                self.tell(Rule::SuccessRemoved, &here, "", &answer(before, new));
            }
        }
        for after in afters {
            let here = Self::answered(scene, (old, after), (new, after));
            self.tell(Rule::SuccessAdded, &here, "", &answer(after, old));
        }
    }

    /// Takes those out of the successes of one side alone that are of a class on the other, and tells of them.
    fn of_class(
        &mut self,
        scene: &Scene<'a>,
        (old, befores): (End<'a>, &mut Vec<&'a Response>),
        (new, afters): (End<'a>, &mut Vec<&'a Response>),
    ) {
        let of = |end: End<'a>, success: &Response| {
            let mut classes = end.request.successes.iter().filter(|one| one.class);
            classes.find(|class| !success.class && class.covers(success.status))
        };
        let gone = take(befores, |before| of(new, before).is_some());
        let come = take(afters, |after| of(old, after).is_some());
        let [gone, come] = [
            (gone, Rule::SuccessNowUnknown, Rule::SuccessNowOfClass),
            (come, Rule::SuccessNowKnown, Rule::SuccessNowByItself),
        ]
        .map(|(list, demanding, other)| list.into_iter().map(move |one| (one, demanding, other)));
        for (success, demanding, other) in gone.chain(come) {
            let rule = if demands(success) { demanding } else { other };
            let here = Self::answered(scene, (old, success), (new, success));
            let shown = Shown::answered(Put::Nothing, Answer::Status(success.status));
            self.tell(rule, &here, "", &shown);
        }
    }

    /// The scene of one answer.
    fn answered(
        scene: &Scene<'a>,
        (old, before): (End<'a>, &'a Response),
        (new, after): (End<'a>, &'a Response),
    ) -> Scene<'a> {
        let mut scene = scene.at(Spot::Whole, format!("answer {}", before.label()));
        // An answer that one side alone has is never drawn for the other.
        scene.old = Some(End {
            response: Some(before),
            ..old
        });
        scene.new = Some(End {
            response: Some(after),
            ..new
        });
        scene
    }

    fn success(
        &mut self,
        scene: &Scene<'a>,
        old: (End<'a>, &'a Response),
        new: (End<'a>, &'a Response),
    ) {
        let scene = Self::answered(scene, old, new);
        self.headers(&scene, &old.1.headers, &new.1.headers);
        let before = self.changes.len();
        self.body(&scene, old.1.body.as_ref(), new.1.body.as_ref());
        // Parts of the body are told of as parts of this answer.
        let part = scene.part.clone();
        for change in &mut self.changes[before..] {
            if change.part == "body" || change.part.starts_with("body,") {
                change.part = format!("{part}, {}", change.part);
            }
        }
    }

    fn headers(&mut self, scene: &Scene<'a>, old: &'a [Parameter], new: &'a [Parameter]) {
        // What every answer carries is compared once.
        let is_common = |api: &Api, header: &Parameter| {
            let name = |(name, _): &(String, String)| name.eq_ignore_ascii_case(&header.wire);
            header.value.constant.is_some() && api.constant_headers.iter().any(name)
        };
        let common: Vec<&str> = old
            .iter()
            .filter(|header| is_common(self.old, header))
            .chain(new.iter().filter(|header| is_common(self.new, header)))
            .map(|header| header.wire.as_str())
            .collect();
        let part = scene.part.clone();
        let before = self.changes.len();
        self.parameters(scene, Place::Header, (old, new));
        let mut index = 0;
        self.changes.retain(|change| {
            index += 1;
            let name = change.part.strip_prefix("header ");
            index <= before || !name.is_some_and(|name| common.contains(&name))
        });
        for change in self.changes.iter_mut().skip(before) {
            if change.part.starts_with("header ") {
                change.part = format!("{part}, {}", change.part);
            }
        }
    }

    fn failures(&mut self, scene: &Scene<'a>, old: End<'a>, new: End<'a>) {
        let (befores, afters) = (codes(old), codes(new));
        self.failures_gone(scene, (old, &befores), (new, &afters));
        for (response, code) in &afters {
            // With another status it was told of already, unless the old status is there still.
            let is_known = befores.iter().any(|(before, own)| {
                own == code
                    && (before.status == response.status
                        || !afters
                            .iter()
                            .any(|(after, known)| known == own && after.status == before.status))
            });
            if !is_known {
                let here = Self::failed(scene, response.status, code);
                self.tell(Rule::FailureAdded, &here, "", &Shown::taken(Put::Nothing));
            }
        }
        for (before, code) in befores {
            let Some((after, _)) = afters.iter().find(|(_, own)| *own == code) else {
                continue;
            };
            if let (Some(left), Some(right)) = (error(self.old, code), error(self.new, code)) {
                let mut here = scene.clone();
                here.old = Some(End {
                    response: Some(before),
                    ..old
                });
                here.new = Some(End {
                    response: Some(after),
                    ..new
                });
                self.error(&here, (left, right));
            }
        }
    }

    /// Old failures: those that have stayed, have moved, or are gone.
    fn failures_gone(
        &mut self,
        scene: &Scene<'a>,
        (old, befores): (End<'a>, &[Failure<'a>]),
        (new, afters): (End<'a>, &[Failure<'a>]),
    ) {
        for (response, code) in befores {
            let is_same =
                |(other, after): &&Failure<'a>| after == code && other.status == response.status;
            if let Some((after, _)) = afters.iter().find(is_same) {
                let here = Self::answered(scene, (old, response), (new, after));
                self.headers(&here, &response.headers, &after.headers);
                continue;
            }
            let here = Self::failed(scene, response.status, code);
            let moved = afters.iter().find(|(after, own)| {
                own == code
                    && !befores
                        .iter()
                        .any(|(other, known)| known == own && other.status == after.status)
            });
            if let Some((after, _)) = moved {
                let detail = format!("it was {} and is {}", response.status, after.status);
                let shown = |api: &'a Api, status| {
                    let found =
                        error(api, code).map_or(Answer::Taken, |id| Answer::Failed(status, id));
                    Shown::answered(Put::Nothing, found)
                };
                let (clients, servers) = (
                    shown(self.new, after.status),
                    shown(self.old, response.status),
                );
                let here = scene.at(Spot::Whole, format!("code {code}"));
                self.tell_both(
                    Rule::FailureStatusChanged,
                    &here,
                    detail,
                    (&clients, &servers),
                );
            } else {
                self.tell(Rule::FailureRemoved, &here, "", &Shown::taken(Put::Nothing));
            }
        }
    }

    fn failed(scene: &Scene<'a>, status: u16, code: &str) -> Scene<'a> {
        scene.at(Spot::Whole, format!("answer {status}, code {code}"))
    }

    /// What an error answer of this code holds.
    fn error(&mut self, scene: &Scene<'a>, (old, new): (ErrorId, ErrorId)) {
        let (before, after): (&ErrorCode, &ErrorCode) = (&self.old[old], &self.new[new]);
        let mut scene = scene.within(format!("error {}", before.code));
        scene.spot = Spot::Detail(before.code.clone(), Vec::new());
        let shown = Shown::taken(Put::Nothing);
        if before.repeats != after.repeats {
            let rule = if after.repeats {
                Rule::ErrorNowRepeats
            } else {
                Rule::ErrorRepeatsNoMore
            };
            self.tell(rule, &scene, "", &shown);
        }
        match (before.detail, after.detail) {
            (None, None) => {}
            (None, Some(_)) => self.tell(Rule::ErrorDetailAdded, &scene, "", &shown),
            (Some(_), None) => self.tell(Rule::ErrorDetailRemoved, &scene, "", &shown),
            (Some(before), Some(after)) => self.schema(&scene, before, after),
        }
    }
}

/// How a success is shown that the `other` side does not know: one of a class by a status of which that is so.
fn answer(success: &Response, other: End<'_>) -> Shown {
    let known = &other.request.successes;
    let is_unknown = |status: &u16| of_status(known, *status).is_empty();
    let shown = match CLASS.into_iter().find(is_unknown) {
        Some(status) if success.class => Answer::Status(status),
        _ => Answer::Taken,
    };
    Shown::answered(Put::Nothing, shown)
}

/// Whether who reads a success cannot do with its status alone.
fn demands(success: &Response) -> bool {
    let is_required = |header: &Parameter| !header.value.optional && header.prefix.is_none();
    success.body.is_some() || success.fields().any(is_required)
}

/// The successes of a list that are meant, which it loses.
fn take<'a>(
    successes: &mut Vec<&'a Response>,
    is_meant: impl Fn(&Response) -> bool,
) -> Vec<&'a Response> {
    let (meant, others) = successes.iter().partition(|success| is_meant(success));
    *successes = others;
    meant
}

/// The codes of all failures with the answers that carry them.
fn codes(end: End<'_>) -> Vec<Failure<'_>> {
    let failures = end
        .request
        .failures
        .iter()
        .filter(|failure| !failure.managed);
    failures
        .flat_map(|failure| {
            failure
                .codes
                .iter()
                .map(move |code| (failure, end.api[*code].code.as_str()))
        })
        .collect()
}

fn error(api: &Api, code: &str) -> Option<ErrorId> {
    api.errors
        .iter()
        .position(|error| error.code == code)
        .map(ErrorId)
}
