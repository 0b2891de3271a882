//! Parameters at their bounds and behind them, missing, repeated, malformed; and `Accept`.

use api_codegen::model::{Builtin, Constraints, ErrorId, FormatKind, Parameter, Type, Value};
use api_codegen::values::{is_required, text};
use serde_json::Value as Json;

use super::Case;
use crate::contract::Contract;
use crate::draft::{Draft, Pins, spelt};

/// Most values that are tried of one parameter, of those that fit and of those that do not.
const WITHIN: usize = 6;
const BEYOND: usize = 6;

/// Longest value that is put into a path, a query or a header: many servers take no longer ones.
const LONGEST: usize = 3000;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Path(usize),
    Query,
    Header,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Path(_) => "path",
            Self::Query => "query",
            Self::Header => "header",
        }
    }
}

/// All cases of the parameters of a form.
pub(super) fn cases(contract: &Contract<'_>, least: &Draft<'_>, pins: &Pins) -> Vec<Case> {
    let request = least.form.request;
    let mut cases = Vec::new();
    for (index, parameter) in request.path.iter().enumerate() {
        cases.extend(near(contract, least, (Place::Path(index), parameter), pins));
        cases.extend(escaped(least, index, parameter));
    }
    for parameter in request.query.iter().filter(|query| !query.managed) {
        cases.extend(near(contract, least, (Place::Query, parameter), pins));
        cases.extend(presence(least, (Place::Query, parameter), pins));
    }
    for parameter in request.headers.iter().filter(|header| !header.managed) {
        cases.extend(near(contract, least, (Place::Header, parameter), pins));
        cases.extend(presence(least, (Place::Header, parameter), pins));
    }
    cases.extend(query_as_a_whole(least));
    cases
}

/// Values near the bounds of a parameter.
fn near(
    contract: &Contract<'_>,
    least: &Draft<'_>,
    (place, parameter): (Place, &Parameter),
    pins: &Pins,
) -> Vec<Case> {
    let (mut within, mut beyond) = (0, 0);
    let mut cases = Vec::new();
    for items in candidates(contract, least, parameter, pins) {
        let json = match items.as_slice() {
            [one] => Json::from(one.as_str()),
            items => Json::from(items.to_vec()),
        };
        let is_within = contract.values.check_parameter(parameter, &json).is_ok();
        let count = if is_within { &mut within } else { &mut beyond };
        let most = if is_within { WITHIN } else { BEYOND };
        if *count >= most || !fits(place, &items) {
            continue;
        }
        *count += 1;
        let mut draft = least.clone();
        put(&mut draft, (place, parameter), &items);
        let shown = items.iter().map(|item| format!("`{item}`"));
        let about = format!(
            "{} `{}`: {}",
            place.name(),
            parameter.wire,
            crate::message::shortened(&shown.collect::<Vec<_>>().join(", "))
        );
        let mut case = Case::new(about, draft.render());
        if is_within {
            case.probed = probed(contract, parameter);
        }
        cases.push(case);
    }
    cases
}

/// By which answers a server says that this parameter is malformed.
fn probed(contract: &Contract<'_>, parameter: &Parameter) -> Vec<(u16, ErrorId)> {
    let item = match &parameter.value.ty {
        Type::List(item) => item,
        ty => ty,
    };
    let Type::Format(id) = item else {
        return Vec::new();
    };
    let format = &contract.api[*id];
    let mut codes = vec![format.invalid];
    if let FormatKind::AnyOf(parts) = &format.kind {
        codes.extend(parts.iter().map(|part| contract.api[*part].invalid));
    }
    let pair = |code: ErrorId| (contract.api[code].status, code);
    codes.into_iter().flatten().map(pair).collect()
}

/// What is tried for a parameter: each is the items of a list, or one value.
fn candidates(
    contract: &Contract<'_>,
    least: &Draft<'_>,
    parameter: &Parameter,
    pins: &Pins,
) -> Vec<Vec<String>> {
    let value = &parameter.value;
    let none = Constraints::default();
    let (ty, constraints) = match &value.ty {
        Type::Builtin(Builtin::Flag) => return vec![vec!["true".to_owned()]],
        Type::List(item) => (item.as_ref(), &none),
        ty => (ty, &value.constraints),
    };
    let near = contract.values.near(ty, constraints);
    let mut texts: Vec<String> = near.iter().map(text).collect();
    if let Type::Format(id) = ty {
        texts.extend(contract.api[*id].examples.iter().cloned());
    }
    if let Type::Schema(_) = ty {
        texts.extend(values_of_enum(contract, ty));
    }
    texts.extend(around(&sample(contract, least, parameter, pins)));
    let mut lists: Vec<Vec<String>> = Vec::new();
    for text in texts {
        if !lists.iter().any(|known| known[..] == [text.clone()]) {
            lists.push(vec![text]);
        }
    }
    if matches!(value.ty, Type::List(_)) {
        lists.extend(counts(value, &sample(contract, least, parameter, pins)));
    }
    lists
}

fn values_of_enum(contract: &Contract<'_>, ty: &Type) -> Vec<String> {
    let Type::Schema(id) = ty else {
        return Vec::new();
    };
    match &contract.api[*id].kind {
        api_codegen::model::SchemaKind::Enum { values, .. } => {
            values.iter().map(|value| value.wire.clone()).collect()
        }
        _ => Vec::new(),
    }
}

/// A good value of a parameter, or of an item of it.
fn sample(
    contract: &Contract<'_>,
    least: &Draft<'_>,
    parameter: &Parameter,
    pins: &Pins,
) -> String {
    if let Some(pinned) = pins.get(&parameter.wire) {
        return pinned.clone();
    }
    let index = least
        .form
        .request
        .path
        .iter()
        .position(|own| own.wire == parameter.wire);
    if let Some(value) = index.and_then(|index| least.path.get(index)) {
        return value.clone();
    }
    match contract.values.sample(&parameter.value) {
        Json::Array(items) => items.first().map(text).unwrap_or_default(),
        json => text(&json),
    }
}

/// Texts that differ from a good one in one thing.
fn around(good: &str) -> Vec<String> {
    let shorter = || {
        let mut text = good.to_owned();
        text.pop();
        text
    };
    vec![
        "verify-unknown".to_owned(),
        String::new(),
        format!("{good}!"),
        format!("-{good}"),
        good.to_uppercase(),
        shorter(),
        format!("{good} x"),
        format!("{good}\u{e9}"),
        format!("{good}\u{0}"),
    ]
}

/// Lists of as many items as are allowed, and of one more or less.
fn counts(value: &Value, item: &str) -> Vec<Vec<String>> {
    let bounds = &value.constraints;
    let around = |count: u64| [count.saturating_sub(1), count, count + 1];
    let counts = [bounds.min_items, bounds.max_items].into_iter().flatten();
    counts
        .flat_map(around)
        .filter(|count| (1..=100).contains(count))
        .filter_map(|count| usize::try_from(count).ok())
        .map(|count| vec![item.to_owned(); count])
        .collect()
}

/// Whether values can be sent at this place at all.
fn fits(place: Place, items: &[String]) -> bool {
    let length: usize = items.iter().map(String::len).sum();
    let in_header = |text: &String| {
        let is_plain = |c: char| c == ' ' || c.is_ascii_graphic();
        !text.is_empty() && text.trim() == text && text.chars().all(is_plain)
    };
    // Commas in a header, and slashes at the ends of a path, make another request of it.
    let in_path = |text: &String| !text.is_empty() && text != "." && text != "..";
    length <= LONGEST
        && match place {
            Place::Path(_) => items.iter().all(in_path),
            Place::Query => true,
            Place::Header => items.iter().all(in_header),
        }
}

fn put(draft: &mut Draft<'_>, (place, parameter): (Place, &Parameter), items: &[String]) {
    match place {
        Place::Path(index) => {
            if let Some(value) = draft.path.get_mut(index) {
                *value = items.concat();
            }
        }
        Place::Query => draft.put_query(parameter, items),
        Place::Header => draft.put_header(&spelt(parameter), items.join(", ")),
    }
}

/// Missing, and there twice.
fn presence(least: &Draft<'_>, (place, parameter): (Place, &Parameter), pins: &Pins) -> Vec<Case> {
    let (mut without, mut twice) = (least.clone(), least.clone());
    let name = spelt(parameter);
    match place {
        Place::Path(_) => return Vec::new(),
        Place::Query => {
            without.query.retain(|(own, _)| *own != name);
            twice.query.retain(|(own, _)| *own != name);
            twice.add_query(parameter, pins);
            let again: Vec<_> = twice
                .query
                .iter()
                .filter(|(own, _)| *own == name)
                .cloned()
                .collect();
            twice.query.extend(again);
        }
        Place::Header => {
            without.remove_header(&name);
            twice.remove_header(&name);
            twice.add_header(parameter, pins);
            let again: Vec<_> = twice.headers.last().cloned().into_iter().collect();
            twice.headers.extend(again);
        }
    }
    let mut cases = Vec::new();
    if is_required(&parameter.value) && parameter.prefix.is_none() {
        let about = format!("{} `{}` is missing", place.name(), parameter.wire);
        cases.push(Case::new(about, without.render()));
    }
    // Proxies unite the lines of a header, so that nobody can tell of some.
    if !parameter.value.secret {
        let about = format!("{} `{}` is there twice", place.name(), parameter.wire);
        cases.push(Case::new(about, twice.render()));
    }
    cases
}

/// Escapes in a path that are none, or no UTF-8.
fn escaped(least: &Draft<'_>, index: usize, parameter: &Parameter) -> Vec<Case> {
    const MARK: &str = "verifymark";
    let mut draft = least.clone();
    if let Some(value) = draft.path.get_mut(index) {
        MARK.clone_into(value);
    }
    let request = draft.render();
    ["%zz", "%ff", "a%"]
        .iter()
        .map(|escape| {
            let mut request = request.clone();
            request.target = request.target.replacen(MARK, escape, 1);
            Case::new(format!("path `{}`: {escape}", parameter.wire), request)
        })
        .collect()
}

/// What does not belong to any parameter.
fn query_as_a_whole(least: &Draft<'_>) -> Vec<Case> {
    let case = |about: &str, raw: &str| {
        let mut draft = least.clone();
        raw.clone_into(&mut draft.raw_query);
        Case::new(about, draft.render())
    };
    vec![
        case("a query parameter that nobody knows", "x-verify-unknown=1"),
        case("a malformed escape in the query", "x-verify-unknown=%zz"),
        case(
            "an escape in the query that is not UTF-8",
            "x-verify-unknown=%ff",
        ),
    ]
}

/// Media types that can be answered, and one that cannot.
pub(super) fn accept(least: &Draft<'_>) -> Vec<Case> {
    let Some((_, of)) = least.form.operation().choice() else {
        return Vec::new();
    };
    let media = of.iter().filter_map(|one| one.body.media_types.first());
    let accepted = media.map(String::as_str).chain([
        "application/x-verify",
        "application/x-verify, */*;q=0.1",
        "*/*;q=0",
    ]);
    accepted
        .map(|accept| {
            let mut draft = least.clone();
            draft.put_header("Accept", accept.to_owned());
            Case::new(format!("`Accept: {accept}`"), draft.render())
        })
        .collect()
}
