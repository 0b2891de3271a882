//! Sets of scalar values, and how a new one lies to an old one.
//!
//! In a path, a query or a header everything is text, so that `uint32` is a part of `string`; in JSON a
//! number and a text have nothing in common.

use serde_json::{Number, Value as Json};

use super::language::{Language, Texts, Undecided};
use crate::model::{Api, Builtin, Constraints, FormatId, FormatKind, SchemaKind, Type};

/// A type at a place where it is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use<'a> {
    pub(crate) api: &'a Api,
    pub(crate) ty: &'a Type,
    pub(crate) constraints: &'a Constraints,
    pub(crate) constant: Option<&'a Json>,
}

/// Whether values stand in texts or in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    Text,
    Json,
}

/// A set of scalar values.
#[derive(Clone, Debug)]
pub(crate) enum Domain {
    Text(Language),
    /// Whole numbers between two, both included.
    Whole(i128, i128),
    /// Numbers between two, both included.
    Number(Option<i128>, Option<i128>),
    /// `false`, `true`.
    Boolean(bool, bool),
    /// One value of any other kind.
    Only(Json),
    Any,
}

/// How a new set lies to an old one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Relation {
    /// What the old one had and the new one lacks, and the other way round.
    Values {
        lost: Option<Json>,
        gained: Option<Json>,
    },
    /// They have nothing in common, or nobody can tell.
    Different,
}

impl<'a> Use<'a> {
    pub(crate) fn new(api: &'a Api, ty: &'a Type) -> Self {
        static NONE: Constraints = Constraints {
            min: None,
            max: None,
            min_length: None,
            max_length: None,
            min_items: None,
            max_items: None,
            pattern: None,
        };
        Self {
            api,
            ty,
            constraints: &NONE,
            constant: None,
        }
    }

    /// Its values, where it is a scalar.
    pub(crate) fn domain(&self) -> Option<Domain> {
        let own = self.bare()?;
        Some(match self.constant {
            None => own,
            Some(Json::String(text)) => {
                Domain::Text(Language::literals([text.as_str()].into_iter()))
            }
            Some(Json::Bool(value)) => Domain::Boolean(!value, *value),
            Some(Json::Number(number)) => match number.as_i128() {
                Some(number) => Domain::Whole(number, number),
                None => Domain::Only(Json::Number(number.clone())),
            },
            Some(other) => Domain::Only(other.clone()),
        })
    }

    fn bare(&self) -> Option<Domain> {
        Some(match self.ty {
            Type::Builtin(builtin) => builtin_domain(*builtin, self.constraints),
            Type::Format(id) => bounded(format(self.api, *id), self.constraints),
            Type::Schema(id) => match &self.api[*id].kind {
                SchemaKind::Enum { open: true, .. } => Domain::Text(Language::any()),
                SchemaKind::Enum { values, .. } => Domain::Text(Language::literals(
                    values.iter().map(|value| value.wire.as_str()),
                )),
                SchemaKind::Object { .. } | SchemaKind::Union { .. } => return None,
            },
            Type::Url(_) | Type::Challenge(_) => Domain::Text(Language::any()),
            Type::List(_) | Type::Map(_) => return None,
        })
    }
}

/// The values of a format.
pub(super) fn format(api: &Api, id: FormatId) -> Domain {
    match &api[id].kind {
        FormatKind::Scalar { base, constraints } => {
            builtin_domain(Builtin::from(*base), constraints)
        }
        FormatKind::AnyOf(ids) => {
            let parts = ids.iter().map(|id| texts(&format(api, *id)));
            Domain::Text(Language(parts.flat_map(|part| part.0).collect()))
        }
    }
}

/// Whether two formats are written alike, so that their values need not be compared.
pub(super) fn same_format(
    (old_api, old): (&Api, FormatId),
    (new_api, new): (&Api, FormatId),
) -> bool {
    match (&old_api[old].kind, &new_api[new].kind) {
        (
            FormatKind::Scalar { base, constraints },
            FormatKind::Scalar {
                base: other_base,
                constraints: other,
            },
        ) => base == other_base && constraints == other,
        (FormatKind::AnyOf(olds), FormatKind::AnyOf(news)) => {
            olds.len() == news.len()
                && olds
                    .iter()
                    .zip(news)
                    .all(|(old, new)| same_format((old_api, *old), (new_api, *new)))
        }
        (FormatKind::Scalar { .. } | FormatKind::AnyOf(_), _) => false,
    }
}

fn builtin_domain(builtin: Builtin, constraints: &Constraints) -> Domain {
    let text = |pattern| Domain::Text(Language::own(pattern));
    let whole = |min: i128, max: i128| Domain::Whole(min, max);
    let domain = match builtin {
        Builtin::String => Domain::Text(Language::any()),
        Builtin::Boolean => Domain::Boolean(true, true),
        Builtin::Integer | Builtin::UnixTime => whole(i64::MIN.into(), i64::MAX.into()),
        Builtin::Int32 => whole(i32::MIN.into(), i32::MAX.into()),
        Builtin::Uint32 => whole(0, u32::MAX.into()),
        Builtin::Uint64 => whole(0, u64::MAX.into()),
        Builtin::Number => Domain::Number(None, None),
        Builtin::Any => Domain::Any,
        // Days that every month has: what is no date here is none anywhere.
        Builtin::Date => text("[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"),
        Builtin::DateTime => text(
            "[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][01][0-9]:[0-5][0-9])",
        ),
        Builtin::HttpDate => text(
            "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [12][0-9]{3} [0-2][0-9]:[0-5][0-9]:[0-5][0-9] GMT",
        ),
        Builtin::Uuid => text("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
        Builtin::Uri => text("[A-Za-z][A-Za-z0-9+.-]*:[!-~]+"),
        Builtin::Base64 => text("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"),
        Builtin::Flag => text(""),
        Builtin::Etag => text("(W/)?\"[!#-~]*\""),
    };
    bounded(domain, constraints)
}

/// A domain within the bounds of the place where it is used.
fn bounded(domain: Domain, constraints: &Constraints) -> Domain {
    match domain {
        Domain::Whole(min, max) => Domain::Whole(
            constraints.min.map_or(min, |own| own.max(min)),
            constraints.max.map_or(max, |own| own.min(max)),
        ),
        Domain::Number(min, max) => {
            Domain::Number(constraints.min.or(min), constraints.max.or(max))
        }
        Domain::Text(language) => Domain::Text(Language(
            language
                .0
                .into_iter()
                .map(|texts| Texts {
                    // A pattern at a use stands beside that of a format; then its own is the narrower one.
                    dfa: constraints
                        .pattern
                        .as_ref()
                        .map_or(texts.dfa, |(_, dfa)| dfa.clone()),
                    min: constraints
                        .min_length
                        .map_or(texts.min, |min| min.max(texts.min)),
                    max: match (texts.max, constraints.max_length) {
                        (Some(own), Some(other)) => Some(own.min(other)),
                        (own, other) => own.or(other),
                    },
                })
                .collect(),
        )),
        other => other,
    }
}

/// How values are written as texts.
pub(super) fn texts(domain: &Domain) -> Language {
    match domain {
        Domain::Text(language) => language.clone(),
        Domain::Whole(min, max) if max.saturating_sub(*min) < 200 => {
            let all: Vec<String> = (*min..=*max).map(|number| number.to_string()).collect();
            Language::literals(all.iter().map(String::as_str))
        }
        Domain::Whole(min, max) => {
            let digits = min
                .to_string()
                .trim_start_matches('-')
                .len()
                .max(max.to_string().len());
            let sign = if *min < 0 { "-?" } else { "" };
            Language::of_pattern(&format!("{sign}(0|[1-9][0-9]{{0,{}}})", digits - 1))
        }
        Domain::Number(..) => Language::own("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?"),
        Domain::Boolean(no, yes) => {
            let words = [("false", *no), ("true", *yes)];
            Language::literals(words.into_iter().filter(|word| word.1).map(|word| word.0))
        }
        Domain::Only(json) => Language::literals([json.to_string().as_str()].into_iter()),
        Domain::Any => Language::any(),
    }
}

/// How the new set lies to the old one.
pub(super) fn relation(old: &Domain, new: &Domain, wire: Wire) -> Relation {
    if let (Domain::Any, Domain::Any) = (old, new) {
        return Relation::Values {
            lost: None,
            gained: None,
        };
    }
    if wire == Wire::Json && !may_meet(old, new) {
        return Relation::Different;
    }
    match (beyond(old, new, wire), beyond(new, old, wire)) {
        (Ok(lost), Ok(gained)) => Relation::Values { lost, gained },
        _ => Relation::Different,
    }
}

fn may_meet(old: &Domain, new: &Domain) -> bool {
    let kind = |domain: &Domain| match domain {
        Domain::Text(_) => Some(0),
        Domain::Whole(..) | Domain::Number(..) => Some(1),
        Domain::Boolean(..) => Some(2),
        Domain::Only(json) if json.is_number() => Some(1),
        Domain::Only(_) | Domain::Any => None,
    };
    match (kind(old), kind(new)) {
        (Some(old), Some(new)) => old == new,
        _ => true,
    }
}

/// A value of `left` that `right` lacks.
fn beyond(left: &Domain, right: &Domain, wire: Wire) -> Result<Option<Json>, Undecided> {
    Ok(match (left, right) {
        (_, Domain::Any) => None,
        (Domain::Any, _) if wire == Wire::Text => {
            Language::any().beyond(&texts(right))?.map(Json::from)
        }
        (Domain::Any, Domain::Boolean(..)) => Some(Json::from("text")),
        (Domain::Any, _) => Some(Json::Bool(true)),
        (Domain::Whole(min, max), Domain::Whole(other_min, other_max)) => outside(
            (Some(*min), Some(*max)),
            (Some(*other_min), Some(*other_max)),
        ),
        (Domain::Whole(min, max), Domain::Number(other_min, other_max)) => {
            outside((Some(*min), Some(*max)), (*other_min, *other_max))
        }
        (Domain::Number(min, max), Domain::Number(other_min, other_max)) => {
            outside((*min, *max), (*other_min, *other_max))
        }
        (Domain::Number(min, _), Domain::Whole(..)) => {
            #[expect(clippy::cast_precision_loss, reason = "any fraction will do")]
            let fraction = min.unwrap_or(0) as f64 + 0.5;
            Number::from_f64(fraction).map(Json::Number)
        }
        (Domain::Boolean(no, yes), Domain::Boolean(other_no, other_yes)) => {
            let lost = [(false, *no && !other_no), (true, *yes && !other_yes)];
            lost.into_iter()
                .find(|lost| lost.1)
                .map(|lost| Json::from(lost.0))
        }
        (Domain::Only(one), Domain::Only(other)) => (one != other).then(|| one.clone()),
        (Domain::Only(one), _) if wire == Wire::Json => Some(one.clone()),
        (left, right) => texts(left).beyond(&texts(right))?.map(Json::from),
    })
}

/// A whole number between the bounds, as small as may be, that is not between the others.
fn outside(
    (min, max): (Option<i128>, Option<i128>),
    (other_min, other_max): (Option<i128>, Option<i128>),
) -> Option<Json> {
    let above = other_max
        .and_then(|most| most.checked_add(1))
        .filter(|number| max.is_none_or(|max| *number <= max))
        .map(|number| min.map_or(number, |min| number.max(min)));
    let below = other_min
        .and_then(|least| least.checked_sub(1))
        .filter(|number| min.is_none_or(|min| *number >= min))
        .map(|number| max.map_or(number, |max| number.min(max)));
    above.or(below).map(number)
}

/// A number as JSON; as a text where JSON cannot hold it.
fn number(number: i128) -> Json {
    Number::from_i128(number).map_or_else(|| Json::from(number.to_string()), Json::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bounds_of_numbers_have_the_next_number_as_witness() {
        let relation = |old, new| relation(&old, &new, Wire::Json);
        assert_eq!(
            relation(Domain::Whole(1, 100), Domain::Whole(1, 50)),
            Relation::Values {
                lost: Some(json!(51)),
                gained: None
            }
        );
        assert_eq!(
            relation(Domain::Whole(1, 100), Domain::Whole(0, 200)),
            Relation::Values {
                lost: None,
                gained: Some(json!(101))
            }
        );
        assert_eq!(
            relation(Domain::Whole(1, 5), Domain::Whole(7, 9)),
            Relation::Values {
                lost: Some(json!(5)),
                gained: Some(json!(7))
            }
        );
        assert_eq!(
            relation(Domain::Number(None, None), Domain::Whole(0, 9)),
            Relation::Values {
                lost: Some(json!(0.5)),
                gained: None
            }
        );
    }

    #[test]
    fn a_number_is_a_text_in_a_query_and_none_in_json() {
        let (number, text) = (Domain::Whole(0, 9), Domain::Text(Language::any()));
        assert_eq!(relation(&number, &text, Wire::Json), Relation::Different);
        assert_eq!(
            relation(&number, &text, Wire::Text),
            Relation::Values {
                lost: None,
                gained: Some(json!("a"))
            }
        );
    }
}
