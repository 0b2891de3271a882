//! How a new set of scalar values lies to an old one.
//!
//! In a path, a query or a header everything is text, so that `uint32` is a part of `string`; in JSON a
//! number and a text have nothing in common.

use serde_json::{Number, Value as Json};

use crate::model::{Api, FormatId, FormatKind};
use crate::values::domain::{Domain, texts};
use crate::values::language::{Language, Undecided};

/// Whether values stand in texts or in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    Text,
    Json,
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
