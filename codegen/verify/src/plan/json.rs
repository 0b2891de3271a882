//! Values of JSON that differ from a good one in one place.

use api_codegen::model::{Constraints, SchemaKind, Type};
use api_codegen::values::{Put, Step};
use serde_json::{Value as Json, json};

use crate::contract::Contract;
use crate::draft::spelt_steps;
use crate::message::shortened;

/// Levels of nesting that are looked into.
const DEPTH: usize = 4;

/// Most values that are made of one body.
const MOST: usize = 120;

/// Values of a type, or nearly: each with what is special about it.
pub(super) fn variations(contract: &Contract<'_>, ty: &Type) -> Vec<(String, Json)> {
    let mut places = Vec::new();
    walk(contract, (ty, &Constraints::default()), &[], &mut places);
    let mut all: Vec<(String, Json)> = Vec::new();
    for (steps, put, about) in places {
        let json = contract.values.along(ty, &steps, &put);
        if all.len() < MOST && !all.iter().any(|(_, known)| *known == json) {
            all.push((about, json));
        }
    }
    all
}

type Place = (Vec<Step>, Put, String);

/// What can be tried at a place and below it.
fn walk(
    contract: &Contract<'_>,
    (ty, constraints): (&Type, &Constraints),
    steps: &[Step],
    places: &mut Vec<Place>,
) {
    if steps.len() > DEPTH {
        return;
    }
    let name = spelt_steps(steps);
    let mut put = |json: Json| {
        let shown = shortened(&json.to_string());
        let about = format!("{} = {shown}", if name.is_empty() { "all" } else { &name });
        places.push((steps.to_vec(), Put::Value(json), about));
    };
    contract
        .values
        .near(ty, constraints)
        .into_iter()
        .for_each(&mut put);
    for wrong in [
        Json::Null,
        json!([]),
        json!({}),
        json!("verify"),
        json!(7),
        json!(true),
        json!(1.5),
    ] {
        put(wrong);
    }
    if let Some(most) = constraints.max_items.filter(|most| *most <= 200) {
        let Type::List(item) = ty else { return };
        let item = contract.values.along(item, &[], &Put::Nothing);
        for count in [most, most + 1] {
            put((0..count).map(|_| item.clone()).collect());
        }
    }
    match ty {
        Type::List(item) => inside(contract, item, (steps, Step::Item), places),
        Type::Map(item) => inside(contract, item, (steps, Step::Entry), places),
        Type::Schema(id) => schema(contract, &contract.api[*id].kind, steps, places),
        _ => {}
    }
}

fn inside(
    contract: &Contract<'_>,
    ty: &Type,
    (steps, step): (&[Step], Step),
    places: &mut Vec<Place>,
) {
    let steps = [steps, &[step]].concat();
    walk(contract, (ty, &Constraints::default()), &steps, places);
}

fn schema(contract: &Contract<'_>, kind: &SchemaKind, steps: &[Step], places: &mut Vec<Place>) {
    match kind {
        SchemaKind::Object { fields, rest, .. } => {
            for field in fields {
                let steps = [steps, &[Step::Field(field.wire.clone())]].concat();
                let name = spelt_steps(&steps);
                places.push((steps.clone(), Put::Absent, format!("without {name}")));
                places.push((steps.clone(), Put::Nothing, format!("with {name}")));
                let value = &field.value;
                walk(contract, (&value.ty, &value.constraints), &steps, places);
            }
            let other = [steps, &[Step::Entry]].concat();
            places.push((
                other.clone(),
                Put::Value(json!("verify")),
                "a key that nobody knows".to_owned(),
            ));
            if let Some(ty) = rest {
                walk(contract, (ty, &Constraints::default()), &other, places);
            }
        }
        SchemaKind::Union { tag, variants } => {
            for variant in variants {
                inside(
                    contract,
                    &variant.ty,
                    (steps, Step::Variant(variant.wire.clone())),
                    places,
                );
            }
            if let Some(tag) = tag {
                let unknown = json!({ tag.key.as_str(): "verify-unknown" });
                let about = format!("an unknown `{}`", tag.key);
                places.push((steps.to_vec(), Put::Value(unknown), about));
            }
        }
        SchemaKind::Enum { values, .. } => {
            for value in values {
                let about = format!("{} = {}", spelt_steps(steps), value.wire);
                places.push((steps.to_vec(), Put::Value(json!(value.wire)), about));
            }
        }
    }
}
