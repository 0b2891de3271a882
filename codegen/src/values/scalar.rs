//! Samples of scalars: an example of the format, or else a small value that people can read.

use serde_json::{Map, Value as Json};

use super::domain::{Domain, Use};
use crate::check::literals::Types;
use crate::model::{
    Api, Base, Builtin, FormatId, FormatKind, SecurityScheme, SecuritySchemeKind, Type,
};

/// Longest text that is made of a word.
const LONGEST: u64 = 4096;

/// A scalar of this type within its bounds; `None` where there is none.
pub(super) fn of(used: &Use<'_>) -> Option<Json> {
    let types = Types::of(used.api);
    let fits = |json: &Json| types.json(used.ty, used.constraints, json, 0).is_ok();
    let samples = samples(used.api, used.ty);
    if let Some(own) = samples.iter().find(|json| fits(json)) {
        return Some(own.clone());
    }
    let domain = used.domain()?;
    let mut fitted = samples.iter().filter_map(|json| fitted(json, &domain));
    let fitted = fitted.find(|json| fits(json));
    fitted.or_else(|| of_domain(&domain))
}

/// What a type looks like, the best first. Not each of them is within its bounds.
fn samples(api: &Api, ty: &Type) -> Vec<Json> {
    match ty {
        Type::Builtin(builtin) => vec![of_builtin(*builtin)],
        Type::Format(id) => of_format(api, *id),
        _ => Vec::new(),
    }
}

fn of_format(api: &Api, id: FormatId) -> Vec<Json> {
    let format = &api[id];
    let examples = format.examples.iter();
    match &format.kind {
        FormatKind::AnyOf(ids) => {
            let own = examples.map(|text| Json::from(text.as_str()));
            own.chain(ids.iter().flat_map(|id| of_format(api, *id)))
                .collect()
        }
        FormatKind::Scalar {
            base: Base::String, ..
        } => {
            let texts = examples.chain([&format.name]);
            let texts = texts.map(|text| Json::from(text.as_str()));
            texts.chain([of_builtin(Builtin::String)]).collect()
        }
        FormatKind::Scalar { base, .. } => {
            let numbers = examples.filter_map(|text| serde_json::from_str(text).ok());
            numbers.chain([of_builtin(Builtin::from(*base))]).collect()
        }
    }
}

fn of_builtin(builtin: Builtin) -> Json {
    Json::from(match builtin {
        Builtin::String => "text",
        // A flag that is there.
        Builtin::Boolean | Builtin::Flag => return Json::Bool(true),
        Builtin::Integer | Builtin::Int32 | Builtin::Uint32 | Builtin::Uint64 => {
            return Json::from(1);
        }
        Builtin::Number => return Json::from(1.5),
        Builtin::Any => return Json::Object(Map::new()),
        Builtin::Date => "2026-11-24",
        Builtin::DateTime => "2026-11-24T09:30:00Z",
        Builtin::HttpDate => "Tue, 24 Nov 2026 09:30:00 GMT",
        Builtin::UnixTime => return Json::from(1_795_512_600),
        Builtin::Uuid => "0c4a1b6e-5f5d-4c0e-9f6b-3b1f6d0a7c11",
        Builtin::Uri => "https://example.com/",
        Builtin::Base64 => "AAEC",
        Builtin::Etag => "\"v1\"",
    })
}

/// A challenge of a scheme.
pub(super) fn challenge(scheme: &SecurityScheme) -> Json {
    Json::from(match &scheme.kind {
        SecuritySchemeKind::Basic { realm } => {
            format!(
                "Basic realm=\"{}\"",
                realm.as_deref().unwrap_or(&scheme.name)
            )
        }
        _ => format!("Bearer realm=\"{}\"", scheme.name),
    })
}

/// The same, as long or as large as the bounds ask for.
fn fitted(json: &Json, domain: &Domain) -> Option<Json> {
    match (json, domain) {
        (Json::String(text), Domain::Text(language)) => {
            let texts = language.0.first()?;
            let length = text.chars().count() as u64;
            let length = length.max(texts.min).min(texts.max.unwrap_or(u64::MAX));
            let length = usize::try_from(length.min(LONGEST)).ok()?;
            let text: String = text.chars().cycle().take(length).collect();
            Some(Json::from(text))
        }
        (Json::Number(number), Domain::Whole(min, max)) => {
            number_of(number.as_i128()?.max(*min).min(*max))
        }
        (Json::Number(_), Domain::Number(min, max)) => number_of(min.or(*max)?),
        _ => None,
    }
}

/// A value of a set; `None` of one that has none.
fn of_domain(domain: &Domain) -> Option<Json> {
    match domain {
        Domain::Text(language) => language.shortest().map(Json::from),
        Domain::Whole(min, max) if min > max => None,
        Domain::Whole(min, max) => number_of(1_i128.clamp(*min, *max)),
        Domain::Number(min, max) => number_of(min.or(*max).unwrap_or(1)),
        Domain::Boolean(_, yes) => Some(Json::Bool(*yes)),
        Domain::Only(json) => Some(json.clone()),
        Domain::Any => Some(Json::Object(Map::new())),
    }
}

fn number_of(number: i128) -> Option<Json> {
    serde_json::Number::from_i128(number).map(Json::Number)
}
