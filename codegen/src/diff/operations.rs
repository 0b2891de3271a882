//! Operations: which of the one side is which of the other, and where they are found.
//!
//! An operation is known by its id; where no other has the id, by its method, route and conditions, so
//! that a new id is told as such and not as two operations.

use std::collections::BTreeSet;

use super::exchange::{Answer, End, Extra, Spot};
use super::fields::Place;
use super::rules::Rule;
use super::scene::{Comparison, Scene, Shown};
use crate::model::{
    Api, Condition, Operation, OperationId, Rejection, Request, Route, Segment, Test,
};
use crate::values::Put;

impl<'a> Comparison<'a> {
    /// All operations.
    pub(super) fn operations(&mut self) {
        let pairs = self.pairs();
        for (old, new) in &pairs {
            match (old, new) {
                (Some(old), Some(new)) => self.operation(*old, *new),
                (Some(old), None) => {
                    let forms = forms(self.old, *old);
                    let end = forms.first().map(|request| end(self.old, *old, request));
                    let scene = Scene::new(named(self.old, *old), end, None);
                    let shown = missing(self.new, (self.old, *old));
                    self.tell(
                        Rule::OperationRemoved,
                        &scene,
                        address(self.old, *old),
                        &shown,
                    );
                }
                (None, Some(new)) => {
                    let forms = forms(self.new, *new);
                    let end = forms.first().map(|request| end(self.new, *new, request));
                    let scene = Scene::new(named(self.new, *new), None, end);
                    let shown = missing(self.old, (self.new, *new));
                    self.tell(
                        Rule::OperationAdded,
                        &scene,
                        address(self.new, *new),
                        &shown,
                    );
                }
                (None, None) => {}
            }
        }
    }

    /// The operations of both sides side by side, the old ones first.
    pub(super) fn pairs(&self) -> Vec<(Option<OperationId>, Option<OperationId>)> {
        let ids = |api: &Api| (0..api.operations.len()).map(OperationId);
        let by_name = |api: &Api, name: &str| ids(api).find(|id| api[*id].name == name);
        let mut taken: BTreeSet<OperationId> = BTreeSet::new();
        let mut pairs = Vec::new();
        for old in ids(self.old) {
            let new = by_name(self.new, &self.old[old].name).or_else(|| {
                let place = place(self.old, old);
                ids(self.new).find(|new| {
                    by_name(self.old, &self.new[*new].name).is_none()
                        && !taken.contains(new)
                        && self::place(self.new, *new) == place
                })
            });
            taken.extend(new);
            pairs.push((Some(old), new));
        }
        let added = ids(self.new).filter(|new| !taken.contains(new));
        pairs.extend(added.map(|new| (None, Some(new))));
        pairs
    }

    fn operation(&mut self, old: OperationId, new: OperationId) {
        let (before, after) = (&self.old[old], &self.new[new]);
        let (old_forms, new_forms) = (forms(self.old, old), forms(self.new, new));
        let (Some(first), Some(second)) = (old_forms.first(), new_forms.first()) else {
            return;
        };
        let scene = Scene::new(
            named(self.old, old),
            Some(end(self.old, old, first)),
            Some(end(self.new, new, second)),
        );
        if before.name != after.name {
            let detail = format!("{} is {}", before.name, after.name);
            self.tell(
                Rule::OperationRenamed,
                &scene,
                detail,
                &Shown::taken(Put::Nothing),
            );
        }
        let is_moved = self.moved(&scene, (old, before), (new, after));
        if before.head != after.head {
            let rule = if after.head {
                Rule::HeadAdded
            } else {
                Rule::HeadRemoved
            };
            let shown = Shown::special(
                Extra::Method("HEAD"),
                Answer::Refused(Rejection::NoMethod, None),
            );
            self.tell(rule, &scene, "", &shown);
        }
        self.security(&scene, before, after);
        self.behaviours(&scene, before, after);
        let pairs = matched(&old_forms, &new_forms);
        for (index, request) in old_forms.iter().enumerate() {
            if !pairs.iter().any(|(old, _)| *old == index) {
                self.form(
                    Rule::RequestFormRemoved,
                    &scene,
                    (request, Some(end(self.old, old, request)), None),
                );
            }
        }
        for (index, request) in new_forms.iter().enumerate() {
            if !pairs.iter().any(|(_, new)| *new == index) {
                self.form(
                    Rule::RequestFormAdded,
                    &scene,
                    (request, None, Some(end(self.new, new, request))),
                );
            }
        }
        for (first, second) in pairs {
            let old = end(self.old, old, old_forms[first]);
            let new = end(self.new, new, new_forms[second]);
            self.request(&scene.owner, is_moved, old, new);
        }
    }

    fn form(
        &mut self,
        rule: Rule,
        scene: &Scene<'a>,
        (request, old, new): (&'a Request, Option<End<'a>>, Option<End<'a>>),
    ) {
        let mut scene = scene.at(Spot::Whole, "request");
        (scene.old, scene.new) = (old, new);
        let shown = Shown::refused(Rejection::BadRequest);
        self.tell(rule, &scene, format!("`{}`", request.title), &shown);
    }

    /// Whether the route is another one.
    fn moved(
        &mut self,
        scene: &Scene<'a>,
        (old, before): (OperationId, &Operation),
        (new, after): (OperationId, &Operation),
    ) -> bool {
        let (from, to) = (&self.old[before.route], &self.new[after.route]);
        if before.method != after.method || skeleton(from) != skeleton(to) {
            let detail = format!("{} is {}", address(self.old, old), address(self.new, new));
            let clients = missing(self.new, (self.old, old));
            let servers = missing(self.old, (self.new, new));
            self.tell_both(Rule::OperationMoved, scene, detail, (&clients, &servers));
            return true;
        }
        if from.slash_optional != to.slash_optional {
            let rule = if to.slash_optional {
                Rule::TrailingSlashAccepted
            } else {
                Rule::TrailingSlashRefused
            };
            let extra = Extra::Slash(!from.path.ends_with('/'));
            let shown = Shown::special(extra, Answer::Refused(Rejection::NoRoute, None));
            self.tell(rule, scene, from.path.clone(), &shown);
        }
        for (left, right) in before.path.iter().zip(&after.path) {
            if left.wire != right.wire {
                let here = scene.at(Spot::Whole, format!("path {}", left.wire));
                let detail = format!("it is {}", right.wire);
                self.tell(
                    Rule::PathParameterRenamed,
                    &here,
                    detail,
                    &Shown::taken(Put::Nothing),
                );
            }
        }
        false
    }

    /// One form of request on both sides.
    fn request(&mut self, owner: &str, is_moved: bool, old: End<'a>, new: End<'a>) {
        let scene = Scene::new(owner.to_owned(), Some(old), Some(new));
        self.conditions(&scene, &old.request.when, &new.request.when);
        if !is_moved {
            let (before, after) = (&old.request.path, &new.request.path);
            for (index, (left, right)) in before.iter().zip(after).enumerate() {
                let here = scene.at(Spot::Path(index), format!("path {}", left.wire));
                self.value(&here, &left.value, &right.value);
            }
        }
        self.parameters(
            &scene,
            Place::Query,
            (&old.request.query, &new.request.query),
        );
        self.parameters(
            &scene,
            Place::Header,
            (&old.request.headers, &new.request.headers),
        );
        self.body(&scene, old.request.body.as_ref(), new.request.body.as_ref());
        self.access(&scene, old.request, new.request);
        self.responses(&scene, old, new);
        self.envelope(&scene, old, new);
    }

    fn conditions(&mut self, scene: &Scene<'a>, old: &[Condition], new: &[Condition]) {
        let all_hold = |wanted: &[Condition], given: &[Condition]| {
            wanted
                .iter()
                .all(|wanted| given.iter().any(|given| implies(given, wanted)))
        };
        let rule = match (all_hold(new, old), all_hold(old, new)) {
            (true, true) => return,
            (true, false) => Rule::ConditionWidened,
            (false, true) => Rule::ConditionNarrowed,
            (false, false) => Rule::ConditionChanged,
        };
        let here = scene.at(Spot::Whole, "condition");
        self.tell(rule, &here, "", &Shown::refused(Rejection::BadRequest));
    }
}

/// How `api` answers a request of an operation that it has not.
fn missing(api: &Api, (other, id): (&Api, OperationId)) -> Shown {
    let operation = &other[id];
    let place = skeleton(&other[operation.route]);
    let routes = || api.routes.iter().filter(|route| skeleton(route) == place);
    let mut methods = routes().flat_map(|route| &route.methods);
    Shown::refused(if methods.any(|entry| entry.method == operation.method) {
        Rejection::BadRequest
    } else if routes().next().is_some() {
        Rejection::NoMethod
    } else {
        Rejection::NoRoute
    })
}

/// Whether what the first condition lets pass the second one does.
fn implies(given: &Condition, wanted: &Condition) -> bool {
    if given.place != wanted.place || given.name != wanted.name {
        return false;
    }
    match (&given.test, &wanted.test) {
        (Test::Is(given), Test::Is(wanted)) => given.iter().all(|value| wanted.contains(value)),
        (Test::Present | Test::Is(_), Test::Present) | (Test::Absent, Test::Absent) => true,
        (Test::Present | Test::Absent, _) | (Test::Is(_), Test::Absent) => false,
    }
}

/// The requests that call an operation, those of HEAD not counted.
pub(super) fn forms(api: &Api, id: OperationId) -> Vec<&Request> {
    let operation = &api[id];
    let methods = api[operation.route].methods.iter();
    methods
        .filter(|entry| entry.method == operation.method)
        .flat_map(|entry| &entry.requests)
        .filter(|request| request.operation == id)
        .collect()
}

/// Forms that belong together: by their conditions, then by their titles, then the two that are left.
fn matched(old: &[&Request], new: &[&Request]) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let when =
        |left: &Request, right: &Request| left.when == right.when && left.title == right.title;
    let conditions = |left: &Request, right: &Request| left.when == right.when;
    let title = |left: &Request, right: &Request| left.title == right.title;
    let tests: [fn(&Request, &Request) -> bool; 3] = [when, conditions, title];
    for test in tests {
        for (first, left) in old.iter().enumerate() {
            let is_free = |second: &usize| !pairs.iter().any(|pair| pair.1 == *second);
            if pairs.iter().any(|pair| pair.0 == first) {
                continue;
            }
            let found = (0..new.len())
                .filter(is_free)
                .find(|second| test(left, new[*second]));
            pairs.extend(found.map(|second| (first, second)));
        }
    }
    let left: Vec<usize> = (0..old.len())
        .filter(|index| !pairs.iter().any(|pair| pair.0 == *index))
        .collect();
    let right: Vec<usize> = (0..new.len())
        .filter(|index| !pairs.iter().any(|pair| pair.1 == *index))
        .collect();
    if let ([left], [right]) = (left.as_slice(), right.as_slice()) {
        pairs.push((*left, *right));
    }
    pairs.sort_unstable();
    pairs
}

pub(super) fn end<'a>(api: &'a Api, id: OperationId, request: &'a Request) -> End<'a> {
    End {
        api,
        operation: &api[id],
        request,
        response: None,
    }
}

fn named(api: &Api, id: OperationId) -> String {
    format!("operation {}", api[id].name)
}

fn address(api: &Api, id: OperationId) -> String {
    format!("{} {}", api[id].method, api[api[id].route].path)
}

/// A template with the names of its parameters forgotten.
fn skeleton(route: &Route) -> Vec<String> {
    let part = |segment: &Segment| match segment {
        Segment::Literal(text) => text.clone(),
        // What a parameter may hold is its format's matter.
        Segment::Parameter { before, after, .. } | Segment::Many { before, after, .. } => {
            format!("{before}{{}}{after}")
        }
    };
    route.segments.iter().map(part).collect()
}

/// Where an operation is found: method, template and conditions.
fn place(api: &Api, id: OperationId) -> (String, Vec<String>, String) {
    let operation = &api[id];
    let whens: Vec<_> = forms(api, id).iter().map(|request| &request.when).collect();
    (
        operation.method.clone(),
        skeleton(&api[operation.route]),
        format!("{whens:?}"),
    )
}
