//! Values of types, for whoever talks to a server by the model: contract tests and mocks.
//!
//! What a type accepts is decided where the literals of a descriptor are checked, and a value of it is made
//! where the difference of two descriptors is shown. This is the way there from outside, with what lies
//! near the bounds of a type besides.

use serde_json::{Number, Value as Json};

use crate::check::literals::Types;
use crate::diff::language::{Language, Texts};
pub use crate::diff::sample::{Put, Step};
use crate::diff::values::{Domain, Use};
use crate::diff::{exchange, sample};
use crate::model::{Api, Constraints, ErrorCode, Parameter, Template, Type, Value};
use crate::pattern::{DEAD, Dfa, START};
use crate::wire;

/// Most alternatives of a type whose bounds are looked for.
const ALTERNATIVES: usize = 4;

/// Longest text that is made.
const LONGEST: u64 = 4096;

/// Most states of an automaton whose longest text is looked for.
const STATES: usize = 512;

/// The values of the types of one API.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    api: &'a Api,
}

impl<'a> Values<'a> {
    /// Those of `api`.
    pub fn new(api: &'a Api) -> Self {
        Self { api }
    }

    /// A value for a place that is filled: what the author gives as one, or else a small one.
    pub fn sample(self, value: &Value) -> Json {
        sample::value(self.api, value)
    }

    /// A value of a type with only what is required, and `put` at the end of `steps`.
    pub fn along(self, ty: &Type, steps: &[Step], put: &Put) -> Json {
        sample::along(&Use::new(self.api, ty), steps, put)
    }

    /// Whether `json` is of type `ty`.
    pub fn check(self, ty: &Type, json: &Json) -> Result<(), String> {
        self.types().json(ty, &Constraints::default(), json, 0)
    }

    /// Whether `json`, an array for a list, can stand in a path, a query or a header.
    pub fn check_parameter(self, parameter: &Parameter, json: &Json) -> Result<(), String> {
        if let Some(constant) = &parameter.value.constant
            && wire::text(constant) != wire::text(json)
        {
            return Err(format!("the only value is `{}`", wire::text(constant)));
        }
        self.types()
            .parameter(&parameter.value, parameter.style, json)
    }

    /// Values at the bounds of a type and right behind them; what they are tells a check.
    pub fn near(self, ty: &Type, constraints: &Constraints) -> Vec<Json> {
        let used = Use {
            api: self.api,
            ty,
            constraints,
            constant: None,
        };
        match used.domain() {
            Some(Domain::Text(language)) => near_texts(&language),
            Some(Domain::Whole(min, max)) => [min - 1, min, max, max + 1].map(number).into(),
            Some(Domain::Number(min, max)) => [min.map(|min| min - 1), min, max]
                .into_iter()
                .chain([max.map(|max| max + 1)])
                .flatten()
                .map(number)
                .collect(),
            Some(Domain::Boolean(..)) => vec![Json::Bool(false), Json::Bool(true)],
            Some(Domain::Only(json)) => vec![json],
            Some(Domain::Any) | None => Vec::new(),
        }
    }

    /// The body of a failure with one error; nothing for a key without a value.
    pub fn failure(self, template: &Template, status: u16, code: &ErrorCode) -> Option<Json> {
        let detail = code.detail.map(|id| {
            let ty = Type::Schema(id);
            sample::along(&Use::new(self.api, &ty), &[], &Put::Nothing)
        });
        // A detail without any field is none.
        let detail = detail.filter(|detail| detail.as_object().is_none_or(|map| !map.is_empty()));
        exchange::filled(template, (status, code), detail.as_ref())
    }

    fn types(self) -> Types<'a> {
        Types::of(self.api)
    }
}

/// Whether an absent value is an error.
pub fn is_required(value: &Value) -> bool {
    sample::is_required(value)
}

/// A value as it stands in a path, a query or a header.
pub fn text(json: &Json) -> String {
    wire::text(json)
}

/// A number; a text where JSON cannot hold it.
fn number(number: i128) -> Json {
    Number::from_i128(number).map_or_else(|| Json::from(number.to_string()), Json::Number)
}

/// Of each alternative the shortest and the longest text, and what would be shorter or longer.
fn near_texts(language: &Language) -> Vec<Json> {
    let mut near = Vec::new();
    for texts in language.0.iter().take(ALTERNATIVES) {
        let own = |length: u64| Texts {
            dfa: texts.dfa.clone(),
            min: length,
            max: Some(length),
        };
        let longest = texts
            .max
            .or_else(|| longest(&texts.dfa))
            .filter(|max| *max < LONGEST);
        // The pattern may ask for more characters than the constraint does.
        let shortest = Language(vec![texts.clone()]).shortest();
        let least = shortest
            .as_ref()
            .map_or(0, |text| text.chars().count() as u64);
        near.extend(shortest);
        near.extend(longest.and_then(|length| Language(vec![own(length)]).shortest()));
        let beyond = [least.checked_sub(1), longest.map(|length| length + 1)];
        for length in beyond.into_iter().flatten() {
            let others = |texts| Language(vec![texts]).beyond(language).ok().flatten();
            let any = || Language::any().0.into_iter().next();
            let of_any = || {
                let texts = any()?;
                others(Texts {
                    min: length,
                    max: Some(length),
                    ..texts
                })
            };
            near.extend(others(own(length)).or_else(of_any));
        }
    }
    near.into_iter().map(Json::from).collect()
}

/// The length of the longest text of an automaton, where there is one.
fn longest(dfa: &Dfa) -> Option<u64> {
    let states = dfa.accepting.len();
    if states > STATES {
        return None;
    }
    let mut here = vec![false; states];
    here[usize::from(START)] = true;
    let mut longest = None;
    // A text of as many bytes as there are states passes through one of them twice.
    for length in 0..=states as u64 {
        let is_end = here
            .iter()
            .zip(&dfa.accepting)
            .any(|(here, end)| *here && *end);
        if is_end {
            longest = Some(length);
        }
        let mut next = vec![false; states];
        for (state, _) in here.iter().enumerate().filter(|(_, here)| **here) {
            let row = &dfa.transitions[state * dfa.class_count..(state + 1) * dfa.class_count];
            for to in row.iter().filter(|to| **to != DEAD) {
                next[usize::from(*to)] = true;
            }
        }
        if next.iter().all(|here| !here) {
            return longest;
        }
        here = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn near(constraints: &str) -> Vec<Json> {
        let text = format!(
            "spec: 1\napi: {{name: x, title: X, version: '1'}}\nerrors: {{e: {{status: 500, message: e}}}}\n\
             envelopes: {{none: {{type: none, rejections: {{no_route: e, no_method: e, bad_request: e, internal: e}}}}}}\n\
             formats: {{it: {constraints}}}\n"
        );
        let text = format!(
            "{text}routes: [{{path: '/{{it}}', name: a, entity: A, group: g, methods: {{GET: [{{request: A, \
             operation: a, success: [{{status: 204}}]}}]}}}}]\ngroups: {{g: {{title: G}}}}\n"
        );
        let loaded = crate::load_str("x.yaml", &text).unwrap_or_else(|failure| panic!("{failure}"));
        let ty = Type::Format(crate::model::FormatId(0));
        Values::new(&loaded.api).near(&ty, &Constraints::default())
    }

    #[test]
    fn a_text_has_a_shortest_and_a_longest_neighbour_on_both_sides() {
        assert_eq!(
            near("{pattern: '[a-z]+', min_length: 2, max_length: 4}"),
            [json!("aa"), json!("aaaa"), json!("a"), json!("aaaaa")]
        );
        assert_eq!(
            near("{pattern: '[a-z]{0,2}x'}")[..2],
            [json!("x"), json!("aax")]
        );
    }

    #[test]
    fn the_length_of_a_pattern_that_ends_is_a_bound() {
        assert_eq!(longest(&Dfa::compile("a{1,31}").unwrap()), Some(31));
        assert_eq!(longest(&Dfa::compile("a+").unwrap()), None);
        assert_eq!(longest(&Dfa::compile("").unwrap()), Some(0));
    }

    #[test]
    fn a_number_has_its_bounds_and_the_next_ones() {
        assert_eq!(
            near("{type: uint32, min: 1, max: 9}"),
            [json!(0), json!(1), json!(9), json!(10)]
        );
    }
}
