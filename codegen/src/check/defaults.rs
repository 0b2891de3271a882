//! What defaults leave out, and what becomes of it.
//!
//! Rules: it has an end. `Node: {type: object, fields: {children: {type: list<Node>, default: [{}]}}}` fails: the
//! node in the default has no children, so it gets the default, and so on. And it does not grow without measure:
//! where each default leaves out two others, thirty of them are more values than a server has memory for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::literals::Types;
use super::recursion::cycle_through;
use super::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Field, SchemaKind, Type, Variant};

/// Deepest nesting that is looked into, of values within a literal, and of defaults within each other. Deeper
/// literals are an error of their own.
const DEPTH: usize = 64;

/// Most values that one default may be with all that it leaves out, as many as a sample has.
const MOST: u64 = 4096;

/// The defaults of one descriptor.
struct Defaults<'m> {
    types: Types<'m>,
    /// The schema of each, and its field.
    fields: Vec<(usize, &'m Field)>,
    /// By the schema and the key on the wire.
    numbers: BTreeMap<(usize, &'m str), usize>,
}

/// Complains about each default that leaves out what has the default itself, at the first on the way, or
/// else about those that are too large.
pub(super) fn check(scope: &mut Scope<'_, '_>, types: Types<'_>) {
    let defaults = Defaults::of(types);
    let edges: Vec<Vec<usize>> = (0..defaults.fields.len())
        .map(|number| defaults.left_out(number))
        .collect();
    let mut told = vec![false; edges.len()];
    for start in 0..edges.len() {
        if told[start] {
            continue;
        }
        if let Some(cycle) = cycle_through(&edges, start) {
            for member in &cycle {
                told[*member] = true;
            }
            tell_cycle(scope, &defaults, &cycle);
        }
    }
    if !told.contains(&true) {
        check_sizes(scope, &defaults, &edges);
    }
}

/// Complains about each default that is too large although none of those that it leaves out is. There are no
/// cycles.
fn check_sizes(scope: &mut Scope<'_, '_>, defaults: &Defaults<'_>, edges: &[Vec<usize>]) {
    let sizes = sizes(defaults, edges);
    for (number, own) in sizes.iter().enumerate() {
        if own.fits() || edges[number].iter().any(|part| !sizes[*part].fits()) {
            continue;
        }
        let Some(place) = defaults.place(scope, number) else {
            continue;
        };
        let (id, what) = if own.values > MOST {
            (Id::TooManyNodes, format!("more than {MOST} values"))
        } else {
            (Id::NestedTooDeep, format!("nested more than {DEPTH} deep"))
        };
        let message = format!("with the defaults that it leaves out, this is {what}");
        let mut problem = Diagnostic::error(id, &place, message).help(
            "write out in a default what it leaves out, or make fields on the way `optional`",
        );
        let parts: BTreeSet<usize> = edges[number].iter().copied().collect();
        for part in parts {
            if let Some(place) = defaults.place(scope, part) {
                problem = problem.label(At::value(&place), "left out");
            }
        }
        scope.push(problem);
    }
}

/// How large a default is, with all that it leaves out.
#[derive(Clone, Copy, Default)]
struct Size {
    values: u64,
    /// Defaults within each other.
    depth: usize,
}

impl Size {
    fn fits(self) -> bool {
        self.values <= MOST && self.depth <= DEPTH
    }
}

/// The sizes of all defaults, those first that leave nothing out.
fn sizes(defaults: &Defaults<'_>, edges: &[Vec<usize>]) -> Vec<Size> {
    let mut users = vec![Vec::new(); edges.len()];
    for (number, parts) in edges.iter().enumerate() {
        for part in parts {
            users[*part].push(number);
        }
    }
    let mut open: Vec<usize> = edges.iter().map(Vec::len).collect();
    let mut ready: Vec<usize> = (0..edges.len())
        .filter(|number| open[*number] == 0)
        .collect();
    let mut sizes = vec![Size::default(); edges.len()];
    while let Some(number) = ready.pop() {
        let (_, field) = defaults.fields[number];
        let written = field.value.default.as_ref().map_or(0, count);
        let parts = edges[number].iter().map(|part| sizes[*part]);
        sizes[number] = parts.fold(
            Size {
                values: written,
                depth: 1,
            },
            |size, part| Size {
                values: size.values.saturating_add(part.values),
                depth: size.depth.max(part.depth + 1),
            },
        );
        for user in &users[number] {
            open[*user] -= 1;
            if open[*user] == 0 {
                ready.push(*user);
            }
        }
    }
    sizes
}

/// How many values there are in a literal.
fn count(json: &Json) -> u64 {
    1 + match json {
        Json::Array(items) => items.iter().map(count).sum(),
        Json::Object(entries) => entries.values().map(count).sum(),
        _ => 0,
    }
}

fn tell_cycle(scope: &mut Scope<'_, '_>, defaults: &Defaults<'_>, cycle: &[usize]) {
    let places: Vec<Path> = cycle
        .iter()
        .filter_map(|number| defaults.place(scope, *number))
        .collect();
    let Some((first, others)) = places.split_first() else {
        return;
    };
    let names: Vec<String> = cycle.iter().map(|number| defaults.name(*number)).collect();
    let message = format!(
        "this default contains itself: {} → {}",
        names.join(" → "),
        names[0]
    );
    let mut problem = Diagnostic::error(Id::EndlessDefinition, first, message)
        .help("write out in a default what it leaves out, or make the field `optional`");
    for other in others {
        problem = problem.label(At::value(other), "on the way");
    }
    scope.push(problem);
}

impl<'m> Defaults<'m> {
    fn of(types: Types<'m>) -> Self {
        let mut fields = Vec::new();
        let mut numbers = BTreeMap::new();
        for (schema, definition) in types.schemas.iter().enumerate() {
            let SchemaKind::Object { fields: all, .. } = &definition.kind else {
                continue;
            };
            for field in all.iter().filter(|field| field.value.default.is_some()) {
                numbers.insert((schema, field.wire.as_str()), fields.len());
                fields.push((schema, field));
            }
        }
        Self {
            types,
            fields,
            numbers,
        }
    }

    fn name(&self, number: usize) -> String {
        let (schema, field) = self.fields[number];
        format!("{}.{}", self.types.schemas[schema].name, field.wire)
    }

    /// Where a default is written. Only named schemas refer to each other.
    fn place(&self, scope: &Scope<'_, '_>, number: usize) -> Option<Path> {
        let (schema, field) = self.fields[number];
        let (name, _) = scope.spec.schemas.get_index(schema)?;
        let schema = Path::root().key("schemas").key(name);
        Some(schema.key("fields").key(&field.wire).key("default"))
    }

    /// The defaults of the fields that a default leaves out.
    fn left_out(&self, number: usize) -> Vec<usize> {
        let (_, field) = self.fields[number];
        let mut found = Vec::new();
        if let Some(json) = &field.value.default {
            self.of_type(&field.value.ty, json, 0, &mut found);
        }
        found
    }

    fn of_type(&self, ty: &Type, json: &Json, depth: usize, found: &mut Vec<usize>) {
        if depth > DEPTH {
            return;
        }
        match (ty, json) {
            (Type::List(item), Json::Array(items)) => {
                for json in items {
                    self.of_type(item, json, depth + 1, found);
                }
            }
            (Type::Map(item), Json::Object(entries)) => {
                for json in entries.values() {
                    self.of_type(item, json, depth + 1, found);
                }
            }
            (Type::Schema(id), json) => self.of_schema(id.0, json, depth, found),
            _ => {}
        }
    }

    fn of_schema(&self, schema: usize, json: &Json, depth: usize, found: &mut Vec<usize>) {
        match self.types.schemas.get(schema).map(|schema| &schema.kind) {
            Some(SchemaKind::Object { fields, rest, .. }) => {
                let Json::Object(object) = json else {
                    return;
                };
                for field in fields {
                    match object.get(&field.wire) {
                        Some(json) => self.of_type(&field.value.ty, json, depth + 1, found),
                        None => found.extend(self.numbers.get(&(schema, field.wire.as_str()))),
                    }
                }
                let is_other = |key: &String| fields.iter().all(|field| field.wire != *key);
                for (_, json) in object.iter().filter(|(key, _)| is_other(key)) {
                    if let Some(ty) = rest {
                        self.of_type(ty, json, depth + 1, found);
                    }
                }
            }
            Some(SchemaKind::Union { tag, variants }) => {
                if let Some((variant, json)) = Variant::chosen(tag.as_ref(), variants, json) {
                    self.of_type(&variant.ty, json, depth + 1, found);
                }
            }
            Some(SchemaKind::Enum { .. }) | None => {}
        }
    }
}
