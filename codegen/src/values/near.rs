//! Values at the bounds of a type and right behind them.

use serde_json::{Number, Value as Json};

use super::domain::{Domain, Use};
use super::language::{Language, Texts};
use crate::pattern::{DEAD, Dfa, START};

/// Most alternatives of a type whose bounds are looked for.
const ALTERNATIVES: usize = 4;

/// Longest text that is made.
const LONGEST: u64 = 4096;

/// Most states of an automaton whose longest text is looked for.
const STATES: usize = 512;

/// Values at the bounds of a type and right behind them; what they are tells a check.
pub(super) fn near(used: &Use<'_>) -> Vec<Json> {
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
    use crate::model::{Constraints, FormatId, Type};
    use crate::values::Values;

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
        let ty = Type::Format(FormatId(0));
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
