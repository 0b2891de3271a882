//! A tree as the runtime has it, made without the compiler, so that tests can search in any table.

use api_codegen::model::{Route, RouteId, Segment};
use api_codegen::route::tree::{Leaf, Node};
use api_codegen::route::value::Text;
use api_codegen::route::{Match, Tree};

/// The root of a tree of the runtime; it lives as long as the tests run.
#[derive(Debug)]
pub(super) struct Live(&'static api_runtime::Node);

fn leak<T>(items: Vec<T>) -> &'static [T] {
    Box::leak(items.into_boxed_slice())
}

fn text(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

impl Live {
    pub(super) fn new(tree: &Tree, routes: &[Route]) -> Self {
        Self(Box::leak(Box::new(node(tree, routes, &tree.root))))
    }

    /// The runtime's search, with its values decoded.
    pub(super) fn find(&self, path: &str) -> Option<Match> {
        let (route, captures) = api_runtime::find(self.0, path)?;
        let values = captures
            .values()
            .map(|value| percent_decode(value.as_bytes()))
            .collect();
        Some(Match {
            route: RouteId(route),
            values,
        })
    }
}

fn node(tree: &Tree, routes: &[Route], from: &Node) -> api_runtime::Node {
    let child = |from: &Node| node(tree, routes, from);
    let boxed = |from: &Option<Box<Node>>| -> Option<&'static api_runtime::Node> {
        from.as_ref().map(|from| &*Box::leak(Box::new(child(from))))
    };
    let mut literals: Vec<_> = from
        .literals
        .iter()
        .map(|(literal, next)| (text(literal), child(next)))
        .collect();
    literals.sort_by_key(|(literal, _)| literal.len());
    api_runtime::Node {
        literals: leak(literals),
        affixes: leak(
            from.affixes
                .iter()
                .map(|affix| (text(&affix.before), text(&affix.after), child(&affix.node)))
                .collect(),
        ),
        parameter: boxed(&from.parameter),
        many: boxed(&from.many),
        leaves: leak(
            from.leaves
                .iter()
                .map(|from| leaf(tree, routes, from))
                .collect(),
        ),
    }
}

fn leaf(tree: &Tree, routes: &[Route], from: &Leaf) -> api_runtime::Leaf {
    let formats = routes[from.route.0]
        .segments
        .iter()
        .filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Parameter { format, .. } => Some(*format),
            Segment::Many { format, .. } => Some(Some(*format)),
        });
    let checks = formats
        .filter(|_| from.is_checked)
        .map(|format| leak(tree.values.get(format).iter().map(texts).collect()));
    api_runtime::Leaf {
        before: text(&from.before),
        after: text(&from.after),
        checks: leak(checks.collect()),
        ..api_runtime::Leaf::new(from.route.0)
    }
}

fn texts(from: &Text) -> api_runtime::Texts {
    let transitions = from
        .dfa
        .transitions
        .iter()
        .flat_map(|state| state.to_le_bytes())
        .collect();
    let pattern = api_runtime::Dfa {
        classes: Box::leak(from.dfa.classes.clone()),
        class_count: u16::try_from(from.dfa.class_count).expect("at most 256"),
        transitions: leak(transitions),
        accepting: leak(
            from.dfa
                .accepting
                .iter()
                .map(|accepting| u8::from(*accepting))
                .collect(),
        ),
    };
    let bound = |bound: u64| usize::try_from(bound).expect("bounds of the tests are small");
    api_runtime::Texts {
        pattern: Box::leak(Box::new(pattern)),
        min: bound(from.min),
        max: from.max.map_or(usize::MAX, bound),
    }
}

/// A `%` without two digits stands for itself.
fn percent_decode(value: &[u8]) -> Vec<u8> {
    let Some((first, rest)) = value.split_first() else {
        return Vec::new();
    };
    let digits = rest.get(..2).filter(|_| *first == b'%');
    let digits = digits.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
    let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let rest = if byte.is_some() { &rest[2..] } else { rest };
    [vec![byte.unwrap_or(*first)], percent_decode(rest)].concat()
}
