//! The proof that a table is unambiguous: no path is accepted by two routes.
//!
//! Only routes whose shapes meet are looked at, and their automata are intersected. The work is
//! bounded; a table for which that is not enough is refused, so that generating never hangs.

use std::collections::{BTreeMap, BTreeSet};

use super::product::{Blocks, Budget, Exhausted, common_path};
use super::value::Values;
use super::{MAX_SEGMENTS, shape};
use crate::model::{Format, Route, RouteId, Segment};

/// Most steps of all searches for common paths.
const MAX_WORK: u64 = 1 << 21;

/// Two routes that accept one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The one that stands first.
    pub first: RouteId,
    /// The other one.
    pub second: RouteId,
    /// A shortest path that both accept, percent-encoded.
    pub witness: String,
}

/// The table has too many routes that might meet, or its patterns are too large together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl std::fmt::Display for TooLarge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "too many routes have templates alike to prove that no path belongs to two of them",
        )
    }
}

impl std::error::Error for TooLarge {}

impl From<Exhausted> for TooLarge {
    fn from(_: Exhausted) -> Self {
        Self
    }
}

/// The routes that accept a path which an earlier route accepts, each once, with the first such route.
///
/// # Errors
/// Where that would take too long to find out, or a template has more than [`MAX_SEGMENTS`] segments.
pub fn overlaps(api_routes: &[Route], formats: &[Format]) -> Result<Vec<Overlap>, TooLarge> {
    let meetings = meetings(api_routes)?;
    let values = Values::of(formats);
    let mut budget = Budget(MAX_WORK);
    let mut rivals: BTreeMap<RouteId, Vec<RouteId>> = BTreeMap::new();
    for (first, second) in &meetings.pairs {
        rivals.entry(*second).or_default().push(*first);
    }
    let mut out = Vec::new();
    for (second, firsts) in rivals {
        for first in firsts {
            match common(
                &api_routes[first.0],
                &api_routes[second.0],
                &values,
                &mut budget,
            ) {
                Ok(None) => {}
                Ok(Some(witness)) => {
                    out.push(Overlap {
                        first,
                        second,
                        witness,
                    });
                    break;
                }
                Err(Exhausted) if out.is_empty() => return Err(TooLarge),
                // What was found is to be mended before the rest can be judged.
                Err(Exhausted) => return Ok(out),
            }
        }
    }
    if meetings.is_cut && out.is_empty() {
        Err(TooLarge)
    } else {
        Ok(out)
    }
}

fn meetings(routes: &[Route]) -> Result<shape::Meetings, TooLarge> {
    if routes
        .iter()
        .any(|route| route.segments.len() > MAX_SEGMENTS)
    {
        return Err(TooLarge);
    }
    Ok(shape::meetings(
        routes
            .iter()
            .enumerate()
            .map(|(index, route)| (RouteId(index), route)),
    ))
}

fn common(
    first: &Route,
    second: &Route,
    values: &Values,
    budget: &mut Budget,
) -> Result<Option<String>, Exhausted> {
    let seconds = shape::variants(second);
    for left in shape::variants(first) {
        for right in &seconds {
            let (left, right) = (Blocks::valid(&left, values), Blocks::valid(right, values));
            if let Some(path) = common_path(&left, &right, budget)? {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// The routes whose values must be looked at to find the route of a path; shape decides of all others.
///
/// `is_before` tells of two variants of routes that meet whether the first is tried first: if so, and
/// the first route can have the shape of a path that the second one accepts, shape does not decide.
pub(super) fn contested(
    routes: &[Route],
    values: &Values,
    is_before: impl Fn((RouteId, usize), (RouteId, usize)) -> bool,
) -> Result<BTreeSet<RouteId>, TooLarge> {
    let meetings = meetings(routes)?;
    if meetings.is_cut {
        return Err(TooLarge);
    }
    let mut budget = Budget(MAX_WORK);
    let mut out = BTreeSet::new();
    for (index, route) in routes.iter().enumerate() {
        // Its last slash may be part of the value.
        let is_loose = route.slash_optional && ends_in_many(&route.segments);
        let id = RouteId(index);
        if is_loose && shadows(routes, values, (id, id), &is_before, &mut budget)? {
            out.insert(id);
        }
    }
    for (left, right) in &meetings.pairs {
        for (first, second) in [(*left, *right), (*right, *left)] {
            if shadows(routes, values, (first, second), &is_before, &mut budget)? {
                out.insert(first);
            }
        }
    }
    // All routes whose shape one path has must be judged alike.
    let mut neighbours: BTreeMap<RouteId, Vec<RouteId>> = BTreeMap::new();
    for (left, right) in meetings.pairs {
        neighbours.entry(left).or_default().push(right);
        neighbours.entry(right).or_default().push(left);
    }
    let mut waiting: Vec<RouteId> = out.iter().copied().collect();
    while let Some(route) = waiting.pop() {
        let new = neighbours
            .get(&route)
            .into_iter()
            .flatten()
            .filter(|other| out.insert(**other));
        waiting.extend(new);
    }
    Ok(out)
}

/// Whether the last segment that is not empty may be many.
fn ends_in_many(segments: &[Segment]) -> bool {
    let is_empty = |segment: &&Segment| **segment == Segment::Literal(String::new());
    matches!(
        segments.iter().rev().find(|segment| !is_empty(segment)),
        Some(Segment::Many { .. })
    )
}

/// Whether some path that the second route accepts has the shape of the first, which is tried before.
fn shadows(
    routes: &[Route],
    values: &Values,
    (first, second): (RouteId, RouteId),
    is_before: &impl Fn((RouteId, usize), (RouteId, usize)) -> bool,
    budget: &mut Budget,
) -> Result<bool, Exhausted> {
    let accepted = shape::variants(&routes[second.0]);
    for (index, variant) in shape::variants(&routes[first.0]).iter().enumerate() {
        for (other, accepted) in accepted.iter().enumerate() {
            let (shape, valid) = (
                Blocks::shape(variant, values),
                Blocks::valid(accepted, values),
            );
            if is_before((first, index), (second, other))
                && common_path(&shape, &valid, budget)?.is_some()
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
