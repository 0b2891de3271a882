//! Sets of scalar values.

use serde_json::Value as Json;

use super::language::{Language, Texts};
use crate::model::{Api, Builtin, Constraints, FormatId, FormatKind, SchemaKind, Type, Value};

/// A type at a place where it is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use<'a> {
    pub(crate) api: &'a Api,
    pub(crate) ty: &'a Type,
    pub(crate) constraints: &'a Constraints,
    pub(crate) constant: Option<&'a Json>,
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

    /// The type of a value with its bounds.
    pub(crate) fn of(api: &'a Api, value: &'a Value) -> Self {
        Self {
            api,
            ty: &value.ty,
            constraints: &value.constraints,
            constant: value.constant.as_ref(),
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
pub(crate) fn format(api: &Api, id: FormatId) -> Domain {
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
            Domain::Number(constraints.min.max(min), min_of(constraints.max, max))
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
                    max: min_of(texts.max, constraints.max_length),
                })
                .collect(),
        )),
        other => other,
    }
}

/// The smaller of two bounds, where there are any.
fn min_of<N: Ord>(one: Option<N>, other: Option<N>) -> Option<N> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// How values are written as texts.
pub(crate) fn texts(domain: &Domain) -> Language {
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
