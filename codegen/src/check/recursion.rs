//! Schemas that contain themselves, directly or through others.
//!
//! Rule: a value of each schema can end. `Node: {type: object, fields: {next: Node}}` fails: behind each node
//! there would have to be another one. What may be absent or null ends, and so do lists and maps that may be empty,
//! open unions, and unions of which one variant ends. Fields through which an object comes back to itself have no size in code,
//! so they are marked: code keeps them apart. A variant has no such mark: a union is no variant of itself.
//! Whether the defaults of fields end is for `defaults` to say.

use std::collections::VecDeque;

use super::scope::Scope;
use crate::diag::{At, Diagnostic, Id, Path};
use crate::model::{Field, Schema, SchemaId, SchemaKind, Type};

/// Complains about schemas whose values cannot end, and marks the fields that have no size.
pub(super) fn resolved(scope: &mut Scope<'_, '_>, mut schemas: Vec<Schema>) -> Vec<Schema> {
    let ends = ends(&schemas);
    check_ends(scope, &schemas, &ends);
    check_variants(scope, &schemas, &ends);
    let all = components(&edges(&schemas, itself));
    // What may be absent is kept apart first: then most of what must be there has a size already.
    let demanded = components(&edges(&schemas, |field| {
        itself(field).filter(|_| must_be(field))
    }));
    for (index, schema) in schemas.iter_mut().enumerate() {
        let SchemaKind::Object { fields, .. } = &mut schema.kind else {
            continue;
        };
        for field in fields {
            let of = if must_be(field) { &demanded } else { &all };
            let target = itself(field).and_then(|target| of.get(target));
            field.boxed = target == Some(&of[index]);
        }
    }
    schemas
}

/// Whether a value of the field's own type is there in any case.
fn must_be(field: &Field) -> bool {
    !(field.value.optional || field.value.nullable)
}

/// The schema that a value of the field is itself.
fn itself(field: &Field) -> Option<usize> {
    target(&field.value.ty)
}

/// The schema of which each value of the field holds one: it is one itself, or it may not be empty.
fn held(field: &Field) -> Option<usize> {
    let value = &field.value;
    let held = match &value.ty {
        Type::List(item) | Type::Map(item) if value.constraints.min_items > Some(0) => target(item),
        ty => target(ty),
    };
    held.filter(|_| must_be(field))
}

/// The schema that a value of the type is itself.
fn target(ty: &Type) -> Option<usize> {
    match ty {
        Type::Schema(SchemaId(id)) => Some(*id),
        _ => None,
    }
}

/// For each schema those that its values hold: `of_field`, or as a variant.
fn edges(schemas: &[Schema], of_field: impl Fn(&Field) -> Option<usize>) -> Vec<Vec<usize>> {
    let of = |schema: &Schema| -> Vec<usize> {
        let targets: Vec<Option<usize>> = match &schema.kind {
            SchemaKind::Enum { .. } => Vec::new(),
            SchemaKind::Object { fields, .. } => fields.iter().map(&of_field).collect(),
            SchemaKind::Union { variants, .. } => {
                variants.iter().map(|variant| target(&variant.ty)).collect()
            }
        };
        let known = targets.into_iter().flatten();
        known.filter(|target| *target < schemas.len()).collect()
    };
    schemas.iter().map(of).collect()
}

/// Complains about each cycle that no value can leave, at the first of its members.
fn check_ends(scope: &mut Scope<'_, '_>, schemas: &[Schema], ends: &[bool]) {
    let mut edges = edges(schemas, held);
    for (index, targets) in edges.iter_mut().enumerate() {
        targets.retain(|target| !ends[index] && !ends[*target]);
    }
    for names in cycles(schemas, &edges, ends.to_vec()) {
        let message = format!("no value of `{}` can end: {}", names[0], way(&names));
        let help = "make a field on the way `optional`, or put a `list<..>` or a `map<..>` between that may be empty";
        tell(scope, &names, message, help);
    }
}

/// Complains about unions that are variants of themselves, where their values end nevertheless.
fn check_variants(scope: &mut Scope<'_, '_>, schemas: &[Schema], ends: &[bool]) {
    let edges = edges(schemas, |_| None);
    let endless = ends.iter().map(|ends| !ends).collect();
    for names in cycles(schemas, &edges, endless) {
        let message = format!("`{}` is a variant of itself: {}", names[0], way(&names));
        tell(
            scope,
            &names,
            message,
            "put an object with a field of it between",
        );
    }
}

/// The cycles of a graph by the names of their members, each once; those that begin at what was `told` are left out.
fn cycles<'s>(
    schemas: &'s [Schema],
    edges: &[Vec<usize>],
    mut told: Vec<bool>,
) -> Vec<Vec<&'s str>> {
    let mut cycles = Vec::new();
    for start in 0..schemas.len() {
        if told[start] {
            continue;
        }
        let Some(cycle) = cycle_through(edges, start) else {
            continue;
        };
        for member in &cycle {
            told[*member] = true;
        }
        cycles.push(cycle.iter().map(|id| schemas[*id].name.as_str()).collect());
    }
    cycles
}

/// The members of a cycle, one after the other, back to the first.
fn way(names: &[&str]) -> String {
    format!("{} → {}", names.join(" → "), names[0])
}

/// Which schemas have values that end.
fn ends(schemas: &[Schema]) -> Vec<bool> {
    let mut ends = vec![false; schemas.len()];
    let has_end = |ends: &[bool], target: Option<usize>| {
        let target = target.and_then(|target| ends.get(target));
        target.copied().unwrap_or(true)
    };
    loop {
        let mut changed = false;
        for (index, schema) in schemas.iter().enumerate() {
            if ends[index] {
                continue;
            }
            ends[index] = match &schema.kind {
                SchemaKind::Enum { .. } => true,
                SchemaKind::Object { fields, .. } => {
                    fields.iter().all(|field| has_end(&ends, held(field)))
                }
                SchemaKind::Union { tag, variants } => {
                    tag.as_ref().is_some_and(|tag| tag.open)
                        || variants.is_empty()
                        || variants
                            .iter()
                            .any(|variant| has_end(&ends, target(&variant.ty)))
                }
            };
            changed |= ends[index];
        }
        if !changed {
            return ends;
        }
    }
}

fn tell(scope: &mut Scope<'_, '_>, names: &[&str], message: String, help: &str) {
    let schemas = Path::root().key("schemas");
    let place = At::key(&schemas.key(names[0]));
    let mut problem = Diagnostic::error(Id::EndlessDefinition, place, message).help(help);
    for name in &names[1..] {
        problem = problem.label(At::key(&schemas.key(*name)), "on the way");
    }
    scope.push(problem);
}

/// A shortest way from `start` back to itself.
pub(super) fn cycle_through(edges: &[Vec<usize>], start: usize) -> Option<Vec<usize>> {
    let mut from: Vec<Option<usize>> = vec![None; edges.len()];
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for next in &edges[node] {
            if *next == start {
                let mut cycle = vec![node];
                let mut at = node;
                while at != start {
                    at = from[at]?;
                    cycle.push(at);
                }
                cycle.reverse();
                return Some(cycle);
            }
            if from[*next].is_none() {
                from[*next] = Some(node);
                queue.push_back(*next);
            }
        }
    }
    None
}

/// A number for each node; two have the same one where each can be reached from the other. (Kosaraju: the
/// nodes in the order in which a walk leaves them, then from the last of these on against the edges.)
fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut back = vec![Vec::new(); edges.len()];
    for (node, targets) in edges.iter().enumerate() {
        for target in targets {
            back[*target].push(node);
        }
    }
    let mut component = vec![usize::MAX; edges.len()];
    for start in left(edges).into_iter().rev() {
        let mut stack = vec![start];
        while let Some(node) = stack.pop() {
            if component[node] == usize::MAX {
                component[node] = start;
                stack.extend(&back[node]);
            }
        }
    }
    component
}

/// All nodes in the order in which a walk, deep first, leaves them.
fn left(edges: &[Vec<usize>]) -> Vec<usize> {
    let mut order = Vec::with_capacity(edges.len());
    let mut seen = vec![false; edges.len()];
    for start in 0..edges.len() {
        let mut stack = vec![(start, 0)];
        while let Some((node, next)) = stack.pop() {
            if next == 0 && std::mem::replace(&mut seen[node], true) {
                continue;
            }
            match edges[node].get(next) {
                Some(target) => stack.extend([(node, next + 1), (*target, 0)]),
                None => order.push(node),
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn nodes_that_reach_each_other_are_of_one_component() {
        // 0 → 1 → 2 → 0, 2 → 3, 3 → 4 → 3, 5 → 5, 6 → 0.
        let edges = [&[1][..], &[2], &[0, 3], &[4], &[3], &[5], &[0]];
        let edges: Vec<Vec<usize>> = edges.iter().map(|targets| targets.to_vec()).collect();
        let found = components(&edges);
        let same = |one: usize, other: usize| found[one] == found[other];
        assert!(same(0, 1) && same(1, 2) && same(3, 4));
        assert!(!same(2, 3) && !same(4, 5) && !same(5, 6) && !same(6, 0));
        assert!(components(&[]).is_empty());
    }
}
